//! The clients of this node: where their letters go, and what their session may call them.
//!
//! It performs the machine's effects. It decides nothing: a letter that finds no room makes its reader too slow,
//! which the reader sees for itself.

use super::letter::{Broadcast, Call, Inheritance, Letter, Shared};
use super::{Mailbox, give_back};
use crate::core::{self, Answer, ConnId, Effect, Nickname, NodeId, PairId, Presence};
use crate::metrics::Metrics;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// What the clients of a session are told about one of them. Its `Debug` prints only the name for logs.
pub struct Card {
    pub client_id: String,
    pub client_name: String,
    pub session: String,
    /// Eight digits of a keyed hash: enough to follow a client through a log, and nothing else.
    pub log_name: String,
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Card({})", self.log_name)
    }
}

struct Line {
    mailbox: Arc<Mailbox>,
    card: Arc<Card>,
}

/// See the module.
pub struct Switchboard {
    node: NodeId,
    lines: HashMap<ConnId, Line>,
    metrics: Metrics,
}

impl Switchboard {
    /// Without clients.
    pub fn new(node: NodeId, metrics: Metrics) -> Self {
        Self { node, lines: HashMap::new(), metrics }
    }

    /// A client of this node is there.
    pub fn attach(&mut self, conn: ConnId, mailbox: Arc<Mailbox>, card: Arc<Card>) {
        self.lines.insert(conn, Line { mailbox, card });
    }

    /// Does what the machine wants, if it is this node's to do.
    pub fn perform(&mut self, effect: Effect) {
        if effect.node().is_some_and(|node| node != self.node) {
            return;
        }
        match effect {
            Effect::Answer { to, answer } => self.answer(to, answer),
            Effect::Tell { to, notice } => self.send(to, Letter::Tell(Box::new(notice))),
            Effect::Connect { to, call } => self.connect(to, call),
            Effect::Disconnect { to, pair } => {
                tracing::debug!(client = self.log_name(to), pair = pair.0, "A call is over");
                self.send(to, Letter::Disconnect(pair));
            }
            Effect::Announce { about, presence, to } => self.announce(about, presence, &to),
            Effect::Share { to, contacts } => self.broadcast(Broadcast::Contacts(contacts), &to),
            Effect::Resume { from, to, nickname, pair } => self.resume(from, to, nickname, pair),
            Effect::Forget { client } => self.forget(client),
        }
    }

    /// A registration goes on at another connection, which gets its mailbox. Whoever still reads it is ended.
    fn resume(&mut self, from: ConnId, to: ConnId, nickname: Nickname, pair: Option<PairId>) {
        let before = self.lines.remove(&from);
        let Some(line) = self.lines.get_mut(&to) else { return };
        let inherited =
            before.and_then(|before| before.mailbox.hand_over(pair).map(|reader| (before, reader)));
        let mailbox = inherited.as_ref().map(|(before, reader)| (before.mailbox.clone(), *reader));
        // If this connection is gone too by now, its task says so to the matchmaker.
        let _ = line.mailbox.push(Letter::Inherit(Box::new(Inheritance { nickname, mailbox })));
        if let Some((before, _)) = inherited {
            *line = before;
        }
    }

    /// A client is gone for good. What it did not read goes back to those who wrote it.
    fn forget(&mut self, client: ConnId) {
        let Some(line) = self.lines.remove(&client) else { return };
        let unread = line.mailbox.close(None);
        unread.into_iter().flat_map(super::mailbox::Unread::into_texts).for_each(|text| {
            give_back(text, &self.metrics);
        });
    }

    fn connect(&self, to: ConnId, call: core::Call) {
        let Some(partner) = self.lines.get(&call.partner) else { return };
        tracing::debug!(client = self.log_name(to), pair = call.pair.0, "A client is on a call");
        let partner = partner.mailbox.clone();
        let call = Call { pair: call.pair, nickname: call.nickname, partner, is_news: call.is_news };
        self.send(to, Letter::Connect(Box::new(call)));
    }

    fn log_name(&self, client: ConnId) -> &str {
        self.lines.get(&client).map_or("unknown", |line| &line.card.log_name)
    }

    fn answer(&mut self, to: ConnId, answer: Answer) {
        // Whom the matchmaker did not take in is no client of the switchboard either.
        let is_stranger =
            matches!(answer, Answer::ClientIdTaken | Answer::NotRegistered | Answer::OtherSession);
        self.send(to, Letter::Answer(Box::new(answer)));
        if is_stranger {
            self.lines.remove(&to);
        }
    }

    fn announce(&self, about: ConnId, presence: Presence, to: &[ConnId]) {
        let Some(card) = self.lines.get(&about).map(|line| line.card.clone()) else { return };
        let what = match presence {
            Presence::Joined => Broadcast::Joined(card),
            Presence::Left => Broadcast::Left(card),
        };
        self.broadcast(what, to);
    }

    fn broadcast(&self, what: Broadcast, to: &[ConnId]) {
        let shared = Arc::new(Shared { what, frame: OnceLock::new() });
        for conn in to.iter().filter(|conn| conn.node == self.node) {
            self.send(*conn, Letter::Shared(shared.clone()));
        }
    }

    fn send(&self, to: ConnId, letter: Letter) {
        if let Some(line) = self.lines.get(&to) {
            // Refused means that the reader is gone or about to be closed: its task will say so itself.
            let _ = line.mailbox.push(letter);
        }
    }
}
