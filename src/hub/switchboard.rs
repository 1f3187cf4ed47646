//! The clients of this node: where their letters go, and what their session may call them.
//!
//! It performs the machine's effects, on this node. It decides nothing: a letter that finds no room makes its
//! reader too slow, which the reader sees for itself.

use super::accounts::{Bridge, Feed};
use super::directory::{Directory, GoesOn};
use super::letter::{Broadcast, Call, Inheritance, Letter, Way};
use super::mailbox::{Mailbox, Refused, Unread};
use super::post::{Post, What};
use super::{give_back_unread, hand_on};
use crate::core::{self, Answer, ConnId, Effect, Nickname, NodeId, PairId, Presence};
use crate::metrics::Metrics;
use std::collections::BTreeSet;

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

/// See the module.
pub struct Switchboard {
    node: NodeId,
    directory: Directory,
    post: Post,
    metrics: Metrics,
    accounts: Feed,
    /// The accounts are to hear of something.
    has_tidings: bool,
    is_lost: bool,
}

impl Switchboard {
    /// For the clients in this directory.
    pub fn new(node: NodeId, directory: Directory, post: Post, metrics: Metrics, accounts: Feed) -> Self {
        Self { node, directory, post, metrics, accounts, has_tidings: false, is_lost: false }
    }

    /// Whether the other nodes gave this one up.
    pub fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// All that came of one event is done: the accounts hear of it behind the clients.
    pub fn finish(&mut self) {
        if std::mem::take(&mut self.has_tidings) {
            self.accounts.ring();
        }
    }

    /// Does what the machine wants, if it is this node's to do.
    pub fn perform(&mut self, effect: Effect) {
        if effect.node().is_some_and(|node| node != self.node) || self.is_lost {
            return;
        }
        match effect {
            Effect::Answer { to, answer } => self.answer(to, answer),
            Effect::Tell { to, notice } => drop(self.directory.send(to, Letter::Tell(Box::new(notice)))),
            Effect::Connect { to, call } => self.connect(to, call),
            Effect::Disconnect { to, pair, moved } => {
                tracing::debug!(client = self.log_name(to), pair = pair.0, moved, "A call is over");
                self.directory.send(to, Letter::Disconnect { pair, moved });
            }
            Effect::Announce { about, presence, to } => self.announce(about, presence, &to),
            Effect::Acquaint { about, nodes } => self.acquaint(about, &nodes),
            Effect::Share { to, contacts } => {
                self.directory.broadcast(Broadcast::Contacts(contacts), to.into_iter());
            }
            Effect::Resume { from, to, nickname, masking, pair } => {
                self.resume((from, to), nickname, masking, pair);
            }
            Effect::Link { bridge, is_up } => self.link(bridge, is_up),
            Effect::CountWait { waited, .. } => self.metrics.waited(waited),
            Effect::Forget { client } => self.forget(client),
            Effect::CutOff { node } => self.cut_off(node),
        }
    }

    /// A registration goes on at another connection, which gets its mailbox. Whoever still reads it is ended.
    fn resume(
        &mut self,
        (from, to): (ConnId, ConnId),
        nickname: Nickname,
        masking: bool,
        pair: Option<PairId>,
    ) {
        // Whoever knew the old address of somebody elsewhere is told the new one.
        self.directory.forget_stranger(from);
        if to.node != self.node {
            self.move_away(from, to, pair);
            return;
        }
        let Some(GoesOn { own, inherited, card }) = self.directory.go_on(from, to, pair) else { return };
        if let Some((mailbox, reader)) = &inherited {
            // Its partner may have heard of it first: what came to its own is next in the other.
            let unread = own.retire().into_letters().collect();
            hand_on(unread, (mailbox, *reader), &self.metrics, &self.post);
        }
        // If this connection is gone too by now, its task says so to the matchmaker.
        own.push_last(Letter::Inherit(Box::new(Inheritance { nickname, masking, card, mailbox: inherited })));
    }

    /// A registration goes on on another node, with what is said from now on. What nobody read here is not lost.
    fn move_away(&self, from: ConnId, to: ConnId, pair: Option<PairId>) {
        let Some(line) = self.directory.go_away(from, to) else { return };
        line.mailbox.hand_over(pair);
        let unread = line.mailbox.close_for(to);
        self.give_back(unread, &line.mailbox, Refused::OutOfReach);
    }

    /// A client is gone for good. What it did not read goes back to those who wrote it.
    fn forget(&mut self, client: ConnId) {
        let Some(line) = self.directory.take(client) else { return };
        self.accounts.left(client, &line.card.session);
        self.give_back(line.mailbox.close(None), &line.mailbox, Refused::Closed);
    }

    fn give_back(&self, unread: Option<Unread>, mailbox: &Mailbox, why: Refused) {
        let letters = unread.into_iter().flat_map(Unread::into_letters);
        give_back_unread(letters, (mailbox, why), &self.metrics, &self.post);
    }

    /// A node is lost. If it is this one, it has to be silent from here on.
    fn cut_off(&mut self, node: NodeId) {
        if node == self.node {
            self.is_lost = true;
            self.directory.close(node);
        } else {
            self.post.lose(node, &self.directory);
        }
    }

    fn connect(&self, to: ConnId, call: core::Call) {
        let partner = match self.directory.line(call.partner) {
            Some(line) => Way::Here(line.mailbox),
            None if call.partner.node != self.node => Way::There(call.partner),
            None => return,
        };
        if call.is_news {
            tracing::debug!(client = self.log_name(to), pair = call.pair.0, "A client is on a call");
        }
        let core::Call { pair, nickname, is_news, turn, masking, .. } = call;
        let call = Call { pair, nickname, partner, is_news, turn, masking };
        self.directory.send(to, Letter::Connect(Box::new(call)));
    }

    fn log_name(&self, client: ConnId) -> String {
        self.directory.line(client).map_or_else(|| "unknown".to_owned(), |line| line.card.log_name.clone())
    }

    fn answer(&mut self, to: ConnId, answer: Answer) {
        // Whom the matchmaker did not take in is no client of the switchboard either.
        let is_stranger = matches!(
            answer,
            Answer::ClientIdTaken
                | Answer::NotRegistered
                | Answer::OtherClient
                | Answer::OtherSession
                | Answer::OtherRole
                | Answer::BridgeTaken
        );
        let is_new = matches!(answer, Answer::Registered(_))
            && self.directory.line(to).is_some_and(|line| !line.is_member);
        if matches!(answer, Answer::Registered(_)) {
            self.directory.begin(to);
        }
        // Before it hears so, as it may try again at once.
        let line = if is_stranger { self.directory.take(to) } else { self.directory.line(to) };
        if let Some(line) = line {
            // Refused means that the reader is gone or about to be closed: its task will say so itself.
            let _ = line.mailbox.push(Letter::Answer(Box::new(answer)));
            if is_new {
                self.directory.admit(to);
                self.accounts.came(to, &line.card.session);
                self.has_tidings = true;
            }
        }
    }

    /// Tells the clients of this node, and the nodes of the others. Of somebody whose node is lost each node tells
    /// its own, as far as it was told of them.
    fn announce(&self, about: ConnId, presence: Presence, to: &[ConnId]) {
        let here = to.iter().copied().filter(|conn| conn.node == self.node);
        if about.node != self.node {
            if self.post.has_lost(about.node)
                && let Some(card) = self.directory.forget_stranger(about)
            {
                self.directory.announce(card, presence, here);
            }
            return;
        }
        let Some(card) = self.directory.line(about).map(|line| line.card) else { return };
        let nodes: BTreeSet<NodeId> =
            to.iter().map(|conn| conn.node).filter(|node| *node != self.node).collect();
        for node in nodes {
            let to = to.iter().copied().filter(|conn| conn.node == node).collect();
            self.post.send(node, What::Announce { about, card: card.clone(), presence, to });
        }
        self.directory.announce(card, presence, here);
    }

    /// The accounts hear which bridge is there.
    fn link(&mut self, conn: ConnId, is_up: bool) {
        if let Some(line) = self.directory.line(conn) {
            self.accounts.bridge(&line.card.session, Bridge { conn, is_up });
            self.has_tidings = true;
        }
    }

    fn acquaint(&self, about: ConnId, nodes: &[NodeId]) {
        let Some(card) = self.directory.line(about).map(|line| line.card) else { return };
        for node in nodes {
            self.post.send(*node, What::Name { about, card: card.clone() });
        }
    }
}
