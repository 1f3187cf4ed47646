//! Requests that are no WebSocket, by the door they came in by and how they were answered. Paths are not counted: they
//! hold names.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// What a request came for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Pages, descriptions and probes, and what does not exist.
    Page,
    Rest,
    Mcp,
}

impl Door {
    const ALL: [Self; 3] = [Self::Page, Self::Rest, Self::Mcp];

    /// Requests by door and status.
    pub(super) fn all_counts(requests: &Requests) -> Vec<(&'static str, &'static str, u64)> {
        let each = Self::ALL.into_iter().flat_map(|door| CLASSES.map(|class| (door, class)));
        each.map(|(door, class)| (door.name(), class, requests.0.get_or_create(&labels(door, class)).get()))
            .collect()
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Rest => "rest",
            Self::Mcp => "mcp",
        }
    }
}

/// The kinds of answers. What is informed of (1xx) is not ours.
const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

type Labels = [(&'static str, &'static str); 2];

/// The counts, shown before the first request.
pub(super) struct Requests(Family<Labels, Counter>);

impl Requests {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let family = Family::<Labels, Counter>::default();
        for door in Door::ALL {
            for class in CLASSES {
                drop(family.get_or_create(&labels(door, class)));
            }
        }
        let help = "Requests that were answered and are no WebSocket, by door and status";
        registry.register("requests", help, family.clone());
        Self(family)
    }

    pub(super) fn count(&self, door: Door, status: u16) {
        let class = match status {
            ..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            500.. => "5xx",
        };
        self.0.get_or_create(&labels(door, class)).inc();
    }
}

const fn labels(door: Door, class: &'static str) -> Labels {
    [("door", door.name()), ("status", class)]
}
