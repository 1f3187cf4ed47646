//! What is counted, for Prometheus. Labels are a small fixed set: never a user, number, address or name.

use crate::core::Counts;
use crate::wire::CloseCode;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::sync::Arc;

type Label<T> = [(&'static str, T); 1];

/// A handle on all counters. Cloning it is cheap.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    sockets: Gauge,
    clients: Gauge,
    away: Gauge,
    waiting: Gauge,
    pairs: Gauge,
    sessions: Gauge,
    pairs_made: Counter,
    delivered: Counter,
    held: Counter,
    refused: Counter,
    failed: Counter,
    closes: Family<Label<u16>, Counter>,
    turned_away: Counter,
    recovered: Counter,
    missed: Counter,
    unknown: Counter,
}

/// What became of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// In the partner's mailbox.
    Delivered,
    /// Kept for a partner who is away.
    Held,
    /// Not taken; its sender was told at once.
    Refused,
    /// Taken and not shown; its sender was told later.
    Failed,
}

/// What became of somebody who wanted to go on with a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comeback {
    /// They did, and missed nothing.
    Recovered,
    /// They did, and some frames were lost.
    Missed,
    /// Nothing is known of what they want to go on with.
    Unknown,
}

impl Metrics {
    /// Everything at zero.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("strowger");
        let texts: Family<Label<&'static str>, Counter> = Family::default();
        let comebacks: Family<Label<&'static str>, Counter> = Family::default();
        let inner = Inner {
            sockets: gauge(&mut registry, "sockets", "Open WebSockets"),
            clients: gauge(&mut registry, "clients", "Registered clients"),
            away: gauge(
                &mut registry,
                "away",
                "Registered clients that lost the connection and may come back",
            ),
            waiting: gauge(&mut registry, "waiting", "People who look for a partner"),
            pairs: gauge(&mut registry, "pairs", "Conversations under way"),
            sessions: gauge(&mut registry, "sessions", "Sessions with at least one client"),
            pairs_made: Counter::default(),
            delivered: texts.get_or_create_owned(&[("outcome", "delivered")]),
            held: texts.get_or_create_owned(&[("outcome", "held")]),
            refused: texts.get_or_create_owned(&[("outcome", "refused")]),
            failed: texts.get_or_create_owned(&[("outcome", "failed")]),
            closes: Family::default(),
            turned_away: Counter::default(),
            recovered: comebacks.get_or_create_owned(&[("outcome", "recovered")]),
            missed: comebacks.get_or_create_owned(&[("outcome", "missed")]),
            unknown: comebacks.get_or_create_owned(&[("outcome", "unknown")]),
            registry: Registry::default(),
        };
        registry.register("texts", "Texts between partners, by what became of them", texts);
        registry.register("closes", "WebSockets closed by the hub, by close code", inner.closes.clone());
        registry.register("pairs_made", "Conversations begun since the start", inner.pairs_made.clone());
        registry.register(
            "comebacks",
            "Clients that wanted to go on with a registration, by what became of it",
            comebacks,
        );
        registry.register(
            "turned_away",
            "Connections refused because the house is full",
            inner.turned_away.clone(),
        );
        Self(Arc::new(Inner { registry, ..inner }))
    }

    /// The state of the exchange.
    pub fn show(&self, counts: Counts) {
        set(&self.0.clients, counts.clients);
        set(&self.0.away, counts.away);
        set(&self.0.waiting, counts.waiting);
        set(&self.0.pairs, counts.pairs);
        set(&self.0.sessions, counts.sessions);
        self.0.pairs_made.inc_by(counts.pairs_made.saturating_sub(self.0.pairs_made.get()));
    }

    /// A WebSocket opened. Returns how many there are now, this one included.
    pub fn socket_opened(&self) -> usize {
        usize::try_from(self.0.sockets.inc() + 1).unwrap_or(0)
    }

    /// A WebSocket ended.
    pub fn socket_ended(&self) {
        self.0.sockets.dec();
    }

    /// The hub closed a WebSocket.
    pub fn closed(&self, code: CloseCode) {
        self.0.closes.get_or_create(&[("code", code.number())]).inc();
    }

    /// Somebody was refused because the house is full.
    pub fn turned_away(&self) {
        self.0.turned_away.inc();
    }

    /// Somebody wanted to go on with a registration.
    pub fn came_back(&self, how: Comeback) {
        match how {
            Comeback::Recovered => self.0.recovered.inc(),
            Comeback::Missed => self.0.missed.inc(),
            Comeback::Unknown => self.0.unknown.inc(),
        };
    }

    /// A text was taken or not.
    pub fn text(&self, outcome: Outcome) {
        match outcome {
            Outcome::Delivered => self.0.delivered.inc(),
            Outcome::Held => self.0.held.inc(),
            Outcome::Refused => self.0.refused.inc(),
            Outcome::Failed => self.0.failed.inc(),
        };
    }

    /// All of it in the OpenMetrics text format.
    pub fn page(&self) -> String {
        let mut page = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut page, &self.0.registry);
        page
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

fn gauge(registry: &mut Registry, name: &str, help: &str) -> Gauge {
    let gauge = Gauge::default();
    registry.register(name, help, gauge.clone());
    gauge
}

fn set(gauge: &Gauge, value: usize) {
    gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
}
