//! The figures as they go over the wire.

use super::hour::{Hour, STEP};
use crate::hub;
use crate::metrics::{Overview, Service, Spread};
use crate::wire::{CloseCode, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

const MICROS: f64 = 1e6;

type Counts = BTreeMap<&'static str, u64>;

/// How the house stands. What is counted is counted since it started.
#[derive(Serialize, ToSchema)]
pub struct Figures {
    timestamp: Timestamp,
    uptime_seconds: u64,
    people: People,
    doors: Doors,
    /// Chats begun.
    chats: u64,
    /// Texts, by what became of them: `delivered`, `held`, `refused`, `failed`.
    #[schema(value_type = BTreeMap<String, u64>)]
    texts: Counts,
    /// How long people waited for the partner they got.
    wait: Histogram,
    /// How long texts took from their sender until the partner's network took them.
    delivery: Histogram,
    /// WebSockets that the hub closed. A code appears with its first close.
    closes: Vec<Close>,
    line: Line,
    /// The services of language models; none if none is set up.
    ai: Vec<AiService>,
    /// Whether the store writes what it is to keep.
    store: &'static str,
}

/// Who is there.
#[derive(Serialize, ToSchema)]
struct People {
    /// Registered and here, on any door.
    online: u64,
    /// Registered, without a connection, and may come back.
    away: u64,
    /// Did something within `chat.idle_after`.
    active: usize,
    waiting: u64,
    pairs: u64,
    sessions: u64,
}

/// Where they came in.
#[derive(Serialize, ToSchema)]
struct Doors {
    /// Open WebSockets.
    sockets: u64,
    /// People without one, by MCP or REST.
    callers: usize,
    requests: Vec<Requests>,
    /// Upgrades refused, by reason.
    #[schema(value_type = BTreeMap<String, u64>)]
    turned_away: Counts,
}

/// Requests of a door, by status.
#[derive(Serialize, ToSchema)]
struct Requests {
    door: &'static str,
    status: &'static str,
    count: u64,
}

/// How long things took.
#[derive(Serialize, ToSchema)]
struct Histogram {
    /// The longest of each step, in seconds.
    up_to: Vec<f64>,
    /// How many fell into each step, and last how many took longer.
    counts: Vec<u64>,
}

/// Sockets closed with one code.
#[derive(Serialize, ToSchema)]
struct Close {
    code: u16,
    reason: &'static str,
    count: u64,
}

/// The WhatsApp lines of the sessions.
#[derive(Serialize, ToSchema)]
struct Line {
    /// Sessions whose bridge is there, and those that lack the one they had. All others are simulated.
    bridges_connected: u64,
    bridges_unavailable: u64,
    /// What was sent, by how far it got: `handed`, `acknowledged`, `unknown`.
    #[schema(value_type = BTreeMap<String, u64>)]
    sends: Counts,
}

/// A service of language models.
#[derive(Serialize, ToSchema)]
struct AiService {
    service: &'static str,
    /// Whether it is left alone, since it failed or asked for that.
    rests: bool,
    answered: u64,
    failed: u64,
}

/// The last hour, oldest first: each list has a number for every ten seconds.
#[derive(Serialize, ToSchema)]
pub struct Hours {
    /// The time from a number to the next.
    every_seconds: u64,
    /// Texts that were taken in that time.
    texts: Vec<u64>,
    /// How many there were at its end.
    online: Vec<u64>,
    waiting: Vec<u64>,
    pairs: Vec<u64>,
}

impl Figures {
    pub fn of(timestamp: Timestamp, figures: hub::Figures, counted: Overview, callers: usize) -> Self {
        let requests = counted.requests.iter().copied();
        Self {
            timestamp,
            uptime_seconds: figures.uptime.0 / 1_000,
            people: People {
                online: counted.tally.online,
                away: counted.away,
                active: figures.active_users,
                waiting: counted.tally.waiting,
                pairs: counted.tally.pairs,
                sessions: counted.sessions,
            },
            doors: Doors {
                sockets: counted.sockets,
                callers,
                requests: requests.map(|(door, status, count)| Requests { door, status, count }).collect(),
                turned_away: counted.turned_away.into_iter().collect(),
            },
            chats: counted.tally.pairs_made,
            texts: counted.texts.into_iter().collect(),
            wait: Histogram::of(&counted.wait),
            delivery: Histogram::of(&counted.delivery),
            closes: counted.closes.into_iter().map(Close::of).collect(),
            line: Line {
                bridges_connected: counted.bridges_up,
                bridges_unavailable: counted.bridges_down,
                sends: counted.sends.into_iter().collect(),
            },
            ai: counted.services.into_iter().map(AiService::from).collect(),
            store: if counted.store_fails { "failing" } else { "writing" },
        }
    }
}

impl Histogram {
    fn of(spread: &Spread) -> Self {
        let up_to = spread.steps().iter().map(|micros| *micros as f64 / MICROS).collect();
        Self { up_to, counts: spread.counts() }
    }
}

impl Close {
    fn of((code, count): (CloseCode, u64)) -> Self {
        Self { code: code.number(), reason: code.reason(), count }
    }
}

impl From<Service> for AiService {
    fn from(Service { name, rests, answered, failed }: Service) -> Self {
        Self { service: name, rests, answered, failed }
    }
}

impl Hours {
    pub fn of(hour: &Hour) -> Self {
        Self {
            every_seconds: STEP.0 / 1_000,
            texts: hour.points().map(|point| point.texts).collect(),
            online: hour.points().map(|point| point.online).collect(),
            waiting: hour.points().map(|point| point.waiting).collect(),
            pairs: hour.points().map(|point| point.pairs).collect(),
        }
    }
}
