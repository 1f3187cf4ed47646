//! What is counted, for Prometheus. Labels are a small fixed set: never a user, number, address or name.

mod ai;
mod labels;
mod overview;
mod requests;
mod spread;

pub use labels::{Comeback, Cut, Fate, Outcome, Refusal};
pub use overview::{Overview, Service};
pub use requests::Door;
pub use spread::Spread;

use crate::core::account::Link;
use crate::core::{Counts, Millis};
use crate::wire::CloseCode;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use requests::Requests;
use std::sync::Arc;
use std::time::Duration;

/// Steps of how long people wait for a partner, in microseconds: from a tenth of a second to ten minutes.
const WAITS: &[u64] = &[
    100_000,
    500_000,
    1_000_000,
    2_000_000,
    5_000_000,
    10_000_000,
    30_000_000,
    60_000_000,
    300_000_000,
    600_000_000,
];
/// Steps of how long a text takes, in microseconds: from a tenth of a millisecond to ten seconds.
const DELIVERIES: &[u64] =
    &[100, 250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 100_000, 1_000_000, 10_000_000];

type Label<T> = [(&'static str, T); 1];
type Kinds = Family<Label<&'static str>, Counter>;

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
    crowded_out: Counter,
    delivered: Counter,
    held: Counter,
    refused: Counter,
    failed: Counter,
    closes: Family<Label<u16>, Counter>,
    turned_away: Kinds,
    cut: Kinds,
    not_accepted: Counter,
    requests: Requests,
    ai: ai::Ai,
    comebacks: Kinds,
    records_kept: Counter,
    records_refused: Counter,
    store_failing: Gauge,
    sends: Kinds,
    bridges_up: Gauge,
    bridges_down: Gauge,
    wait: Spread,
    delivery: Spread,
}

impl Inner {
    fn register(&self, registry: &mut Registry) {
        registry.register("closes", "WebSockets closed by the hub, by close code", self.closes.clone());
        registry.register("pairs_made", "Conversations begun since the start", self.pairs_made.clone());
        registry.register(
            "crowded_out",
            "Registered clients that were let go before their time because too many were away",
            self.crowded_out.clone(),
        );
        registry.register("turned_away", "Upgrades refused, by reason", self.turned_away.clone());
        registry.register("cut", "Connections cut before an upgrade, by reason", self.cut.clone());
        registry.register(
            "comebacks",
            "Clients that wanted to go on with a registration, by what became of it",
            self.comebacks.clone(),
        );
        registry.register("sends", "What sessions send, by how far it got", self.sends.clone());
        let help = "How long people waited for the partner they got, in seconds";
        registry.register("wait_seconds", help, self.wait.clone());
        let help = "How long texts took from their sender until the partner's network took them, in seconds";
        registry.register("delivery_seconds", help, self.delivery.clone());
    }
}

/// What people do, and did since the hub started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Registered clients that are here.
    pub online: u64,
    pub waiting: u64,
    pub pairs: u64,
    pub pairs_made: u64,
    /// Texts that a partner was sent or has waiting.
    pub texts: u64,
}

impl Metrics {
    /// Everything at zero.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("strowger");
        let (texts, records) = (Kinds::default(), Kinds::default());
        let bridges: Family<Label<&'static str>, Gauge> = Family::default();
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
            crowded_out: Counter::default(),
            delivered: texts.get_or_create_owned(&[("outcome", "delivered")]),
            held: texts.get_or_create_owned(&[("outcome", "held")]),
            refused: texts.get_or_create_owned(&[("outcome", "refused")]),
            failed: texts.get_or_create_owned(&[("outcome", "failed")]),
            closes: Family::default(),
            turned_away: counted("reason", &Refusal::ALL.map(Refusal::name)),
            cut: counted("reason", &Cut::ALL.map(Cut::name)),
            comebacks: counted("outcome", &Comeback::ALL.map(Comeback::name)),
            not_accepted: counter(
                &mut registry,
                "not_accepted",
                "Connections that the system could not hand over",
            ),
            requests: Requests::new(&mut registry),
            ai: ai::Ai::new(&mut registry),
            records_kept: records.get_or_create_owned(&[("outcome", "kept")]),
            records_refused: records.get_or_create_owned(&[("outcome", "refused")]),
            store_failing: gauge(&mut registry, "store_failing", "Whether the store can't write: 1 or 0"),
            sends: counted("fate", &Fate::ALL.map(Fate::name)),
            bridges_up: bridges.get_or_create_owned(&[("state", "connected")]),
            bridges_down: bridges.get_or_create_owned(&[("state", "unavailable")]),
            wait: Spread::over(WAITS),
            delivery: Spread::over(DELIVERIES),
            registry: Registry::default(),
        };
        inner.register(&mut registry);
        registry.register("texts", "Texts between partners, by what became of them", texts);
        registry.register("bridges", "Sessions with a bridge, by whether it is there", bridges);
        registry.register("store_records", "What sessions keep, by what became of it", records);
        Self(Arc::new(Inner { registry, ..inner }))
    }

    /// The state of the exchange.
    pub fn show(&self, counts: Counts) {
        set(&self.0.clients, counts.clients);
        set(&self.0.away, counts.away);
        set(&self.0.waiting, counts.waiting);
        set(&self.0.pairs, counts.pairs);
        set(&self.0.sessions, counts.sessions);
        catch_up(&self.0.pairs_made, counts.pairs_made);
        catch_up(&self.0.crowded_out, counts.crowded_out);
    }

    /// A WebSocket opened.
    pub fn socket_opened(&self) {
        self.0.sockets.inc();
    }

    /// A WebSocket ended.
    pub fn socket_ended(&self) {
        self.0.sockets.dec();
    }

    /// The hub closed a WebSocket.
    pub fn closed(&self, code: CloseCode) {
        self.0.closes.get_or_create(&[("code", code.number())]).inc();
    }

    /// An upgrade was refused.
    pub fn turned_away(&self, reason: Refusal) {
        self.0.turned_away.get_or_create(&[("reason", reason.name())]).inc();
    }

    /// A connection was cut that was no WebSocket.
    pub fn cut(&self, reason: Cut) {
        self.0.cut.get_or_create(&[("reason", reason.name())]).inc();
    }

    /// The system had no connection for us, though somebody asks for one.
    pub fn not_accepted(&self) {
        self.0.not_accepted.inc();
    }

    /// A request was answered.
    pub fn answered(&self, door: Door, status: u16) {
        self.0.requests.count(door, status);
    }

    /// A service of language models was called, and it ended like this.
    pub fn ai_called(&self, service: &'static str, outcome: &'static str) {
        self.0.ai.called(service, outcome);
    }

    /// A question and its answer took so many tokens.
    pub fn ai_took(&self, service: &'static str, prompt_and_completion: [u64; 2]) {
        self.0.ai.took(service, prompt_and_completion);
    }

    /// A call that broke off took about so many tokens.
    pub fn ai_guessed(&self, service: &'static str, count: u64) {
        self.0.ai.guessed(service, count);
    }

    /// A question had its answer by the call of another.
    pub fn ai_call_saved(&self) {
        self.0.ai.saved();
    }

    /// Somebody wanted to go on with a registration.
    pub fn came_back(&self, how: Comeback) {
        self.0.comebacks.get_or_create(&[("outcome", how.name())]).inc();
    }

    /// What people do, and did since the hub started.
    pub fn tally(&self) -> Tally {
        Tally {
            online: count(&self.0.clients).saturating_sub(count(&self.0.away)),
            waiting: count(&self.0.waiting),
            pairs: count(&self.0.pairs),
            pairs_made: self.0.pairs_made.get(),
            texts: self.0.delivered.get() + self.0.held.get(),
        }
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

    /// Somebody waited so long for the partner they just got.
    pub fn waited(&self, waited: Millis) {
        self.0.wait.note(Duration::from_millis(waited.0));
    }

    /// A text was shown so long after it was said.
    pub fn shown_after(&self, took: Duration) {
        self.0.delivery.note(took);
    }

    /// A service of language models is left alone from now on, or is not.
    pub fn ai_rests(&self, service: &'static str, rests: bool) {
        self.0.ai.rests(service, rests);
    }

    /// The store wrote so many records.
    pub fn records_kept(&self, count: usize) {
        self.0.records_kept.inc_by(count as u64);
    }

    /// The store did not take so many records, or gave them up.
    pub fn records_refused(&self, count: usize) {
        self.0.records_refused.inc_by(count as u64);
    }

    /// Whether the store can't write, from now on.
    pub fn store_fails(&self, fails: bool) {
        self.0.store_failing.set(i64::from(fails));
    }

    /// A send of a shared account got so far.
    pub fn send(&self, fate: Fate) {
        self.0.sends.get_or_create(&[("fate", fate.name())]).inc();
    }

    /// A session is served by somebody else than before.
    pub fn link_changed(&self, before: Link, after: Link) {
        let gauge = |link| match link {
            Link::Simulated => None,
            Link::Up => Some(&self.0.bridges_up),
            Link::Down => Some(&self.0.bridges_down),
        };
        gauge(before).into_iter().for_each(|gauge| {
            gauge.dec();
        });
        gauge(after).into_iter().for_each(|gauge| {
            gauge.inc();
        });
    }

    /// How many sessions have their bridge, and how many lack it.
    pub fn bridges(&self) -> (i64, i64) {
        (self.0.bridges_up.get(), self.0.bridges_down.get())
    }

    /// Whether the store can't write.
    pub fn store_is_failing(&self) -> bool {
        self.0.store_failing.get() > 0
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

fn counter(registry: &mut Registry, name: &str, help: &str) -> Counter {
    let counter = Counter::default();
    registry.register(name, help, counter.clone());
    counter
}

/// A counter for each of these reasons, shown before the first of them happens.
fn counted(label: &'static str, values: &[&'static str]) -> Kinds {
    let family = Family::<Label<&'static str>, Counter>::default();
    for value in values {
        drop(family.get_or_create(&[(label, *value)]));
    }
    family
}

/// A counter of what somebody else counts.
fn catch_up(counter: &Counter, value: u64) {
    counter.inc_by(value.saturating_sub(counter.get()));
}

fn count(gauge: &Gauge) -> u64 {
    u64::try_from(gauge.get()).unwrap_or(0)
}

fn set(gauge: &Gauge, value: usize) {
    gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
}
