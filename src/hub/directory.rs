//! Who is where on this node: each client's mailbox and card, and the cards of clients on other nodes whose
//! session has somebody here.

use super::Card;
use super::letter::{Broadcast, Letter, Shared};
use super::mailbox::Mailbox;
use crate::core::{ConnId, NodeId, Presence};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// One client of this node.
#[derive(Clone)]
pub struct Line {
    pub mailbox: Arc<Mailbox>,
    pub card: Arc<Card>,
}

/// Shared by the matchmaker, which changes it, and the postman, who looks things up.
#[derive(Clone, Default)]
pub struct Directory(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    lines: HashMap<ConnId, Line>,
    strangers: BTreeMap<ConnId, Arc<Card>>,
}

impl Directory {
    /// A client is there, or has another card or mailbox.
    pub fn put(&self, conn: ConnId, line: Line) {
        self.lock().lines.insert(conn, line);
    }

    /// A client is gone.
    pub fn take(&self, conn: ConnId) -> Option<Line> {
        self.lock().lines.remove(&conn)
    }

    /// Who a client is.
    pub fn line(&self, conn: ConnId) -> Option<Line> {
        self.lock().lines.get(&conn).cloned()
    }

    /// Puts a letter into a client's mailbox. Refused means that the reader is gone or about to be closed: its
    /// task will say so itself.
    pub fn send(&self, to: ConnId, letter: Letter) {
        if let Some(line) = self.lock().lines.get(&to) {
            let _ = line.mailbox.push(letter);
        }
    }

    /// Shows many clients of this node the same.
    pub fn broadcast(&self, what: Broadcast, to: impl Iterator<Item = ConnId>) {
        let shared = Arc::new(Shared { what, frame: OnceLock::new() });
        let inner = self.lock();
        for line in to.filter_map(|conn| inner.lines.get(&conn)) {
            let _ = line.mailbox.push(Letter::Shared(shared.clone()));
        }
    }

    /// Tells clients of this node who of their session came or went.
    pub fn announce(&self, card: Arc<Card>, presence: Presence, to: impl Iterator<Item = ConnId>) {
        let what = match presence {
            Presence::Joined => Broadcast::Joined(card),
            Presence::Left => Broadcast::Left(card),
        };
        self.broadcast(what, to);
    }

    /// Somebody on another node has this card.
    pub fn meet_stranger(&self, conn: ConnId, card: Arc<Card>) {
        self.lock().strangers.insert(conn, card);
    }

    /// The card of somebody on another node, who is gone.
    pub fn forget_stranger(&self, conn: ConnId) -> Option<Arc<Card>> {
        self.lock().strangers.remove(&conn)
    }

    /// Nobody can be reached here any more: the node was given up by the others.
    pub fn close(&self, node: NodeId) {
        let mut inner = self.lock();
        for (conn, line) in inner.lines.drain() {
            if conn.node == node {
                // What was under way went back to its senders when the node was given up.
                let _ = line.mailbox.close(None);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here panics half-way, so what a poisoned lock guards is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
