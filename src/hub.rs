//! The exchange at work: one matchmaker actor, a mailbox for each registration, and direct texts.
//!
//! Clients hold a [`Hub`], a handle with verbs. It knows tasks, channels and time; it must never know JSON,
//! HTTP or sockets, and it never awaits a client.

mod ask;
mod client;
mod clock;
mod desk;
mod key;
mod letter;
mod log;
mod mailbox;
mod matchmaker;
mod replay;
mod switchboard;

pub use ask::{Ask, Comeback, Heard, Incoming, Introduction, Returning};
pub use client::Client;
pub use clock::{Alarm, Clock, millis};
pub use desk::{Desk, Pending, Told};
pub use letter::{Broadcast, Letter, Shared, Text};
pub use mailbox::{Mailbox, MailboxLimits, Taken};
pub use replay::{Gap, Push};
pub use switchboard::Card;

use crate::core::mask::Masker;
use crate::core::{ClientHash, ConnId, Input, Millis, NodeId, PersonId, Rate, Rules, SessionHash, TokenHash};
use crate::metrics::{Metrics, Outcome};
use key::Key;
use log::{Arrival, InputLog, Pen};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// How many inputs may wait for the matchmaker. It handles one in about a microsecond, so this many are gone in
/// a millisecond; past it, clients wait for room before they ask.
const QUEUE: usize = 1_024;

/// What the hub goes by.
#[derive(Debug, Clone)]
pub struct House {
    pub rules: Rules,
    pub mailbox: MailboxLimits,
    /// How fast a person may write.
    pub texts: Rate,
    /// The longest text, in characters; 0 for any.
    pub longest_text: usize,
    /// After this time without anything from a person they leave queue and chat; 0 for never.
    pub idle_after: Millis,
}

/// A handle on the exchange. Cloning it is cheap.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    node: NodeId,
    pen: Pen,
    clock: Clock,
    masker: Masker,
    house: House,
    metrics: Metrics,
    key: Key,
    next_serial: AtomicU64,
}

impl Hub {
    /// Starts an exchange. The returned future is the matchmaker: it ends when every handle is gone.
    pub fn start(
        house: House,
        masker: Masker,
        clock: Clock,
        metrics: Metrics,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (pen, log) = InputLog::local(QUEUE);
        let node = NodeId(1);
        let actor = matchmaker::run(node, house.rules, log, clock.clone(), metrics.clone());
        let inner = Inner {
            node,
            pen,
            clock,
            masker,
            house,
            metrics,
            key: Key::random(),
            next_serial: AtomicU64::new(0),
        };
        (Self(Arc::new(inner)), actor)
    }

    /// A new client, not yet registered, with an empty mailbox.
    pub fn client(&self) -> Client {
        let serial = self.0.next_serial.fetch_add(1, Ordering::Relaxed);
        let conn = ConnId { node: self.0.node, serial };
        Client::new(self.clone(), conn, Arc::new(Mailbox::new(self.0.house.mailbox)))
    }

    /// Hands the matchmaker one input; waits for room in its queue, never for its answer.
    pub async fn append(&self, input: Input) {
        self.0.pen.write(Arrival::Input(input)).await;
    }

    /// Makes a client's mailbox and names known ahead of its first input.
    pub async fn attach(&self, conn: ConnId, mailbox: Arc<Mailbox>, card: Arc<Card>) {
        self.0.pen.write(Arrival::Client { conn, mailbox, card }).await;
    }

    /// The hub's time.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// What hides phone numbers.
    pub fn masker(&self) -> &Masker {
        &self.0.masker
    }

    fn longest_text(&self) -> usize {
        self.0.house.longest_text
    }

    fn client_hash(&self, client_id: &str) -> ClientHash {
        ClientHash(self.0.key.hash("client", client_id))
    }

    fn session_hash(&self, session: &str) -> SessionHash {
        SessionHash(self.0.key.hash("session", session))
    }

    fn token_hash(&self, token: &str) -> TokenHash {
        TokenHash(self.0.key.hash("token", token))
    }

    /// Without authentication a registration is a person of its own.
    fn new_person(&self) -> PersonId {
        PersonId(Uuid::new_v4().as_u128())
    }
}

/// Tells the sender of a line that it could not be shown.
fn give_back(text: Text, metrics: &Metrics) {
    metrics.text(Outcome::Failed);
    let sender = text.sender.clone();
    // A sender who is gone needs no news.
    let _ = sender.push(Letter::Failed(Box::new(text)));
}
