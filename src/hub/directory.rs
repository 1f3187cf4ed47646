//! Who is where on this node: each client's mailbox and card, and the cards of clients on other nodes whose
//! session has somebody here.

use super::Card;
use super::letter::{Broadcast, Letter, Shared};
use super::mailbox::Mailbox;
use super::sync::{Mutex, MutexGuard, lock};
use crate::core::{ConnId, NodeId, Presence};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

/// One client of this node.
#[derive(Clone)]
pub struct Line {
    pub mailbox: Arc<Mailbox>,
    pub card: Arc<Card>,
}

/// Clients put themselves in, ahead of their first input; the matchmaker takes them out, and the postman looks
/// things up.
#[derive(Clone)]
pub struct Directory(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    lines: HashMap<ConnId, Line>,
    /// For one node of many.
    strangers: Option<Strangers>,
}

/// Clients on other nodes. They are kept as long as somebody here shares their session.
#[derive(Default)]
struct Strangers {
    cards: BTreeMap<ConnId, Arc<Card>>,
    sessions: HashMap<String, Audience>,
}

/// Who of a session is here, in number, and elsewhere, as far as their cards came.
#[derive(Default)]
struct Audience {
    here: usize,
    elsewhere: BTreeSet<ConnId>,
}

impl Directory {
    /// Of a node that is the only one.
    pub fn alone() -> Self {
        Self(Arc::default())
    }

    /// Of a node that has others.
    pub fn among_others() -> Self {
        Self(Arc::new(Mutex::new(Inner { strangers: Some(Strangers::default()), ..Inner::default() })))
    }

    /// A client is there, or has another card or mailbox.
    pub fn put(&self, conn: ConnId, line: Line) {
        let mut inner = self.lock();
        let card = line.card.clone();
        let before = inner.lines.insert(conn, line);
        if let Some(strangers) = &mut inner.strangers {
            // First the new one, as the session may be the same.
            strangers.add_one_here(&card);
            before.into_iter().for_each(|before| strangers.one_less_here(&before.card));
        }
    }

    /// A client has another name, unless it is gone or went on at another connection. Its session stays.
    pub fn rename(&self, conn: ConnId, card: Arc<Card>) {
        if let Some(line) = self.lock().lines.get_mut(&conn) {
            line.card = card;
        }
    }

    /// A client is gone.
    pub fn take(&self, conn: ConnId) -> Option<Line> {
        let mut inner = self.lock();
        let line = inner.lines.remove(&conn)?;
        if let Some(strangers) = &mut inner.strangers {
            strangers.one_less_here(&line.card);
        }
        Some(line)
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
        if let Some(strangers) = &mut self.lock().strangers {
            strangers.meet(conn, card);
        }
    }

    /// The card of somebody on another node, who is gone.
    pub fn forget_stranger(&self, conn: ConnId) -> Option<Arc<Card>> {
        self.lock().strangers.as_mut()?.forget(conn)
    }

    /// Nobody can be reached here any more: the node was given up by the others.
    pub fn close(&self, node: NodeId) {
        let mut inner = self.lock();
        inner.strangers = None;
        for (conn, line) in inner.lines.drain() {
            if conn.node == node {
                // What was under way went back to its senders when the node was given up.
                let _ = line.mailbox.close(None);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.0)
    }
}

impl Strangers {
    fn add_one_here(&mut self, card: &Card) {
        self.sessions.entry(card.session.clone()).or_default().here += 1;
    }

    fn one_less_here(&mut self, card: &Card) {
        let Some(session) = self.sessions.get_mut(&card.session) else { return };
        session.here -= 1;
        if session.here == 0 {
            let strangers = self.sessions.remove(&card.session).map(|session| session.elsewhere);
            strangers.into_iter().flatten().for_each(|conn| drop(self.cards.remove(&conn)));
        }
    }

    /// A card may come when the last one who could hear of it is gone.
    fn meet(&mut self, conn: ConnId, card: Arc<Card>) {
        if let Some(session) = self.sessions.get_mut(&card.session) {
            session.elsewhere.insert(conn);
            self.cards.insert(conn, card);
        }
    }

    fn forget(&mut self, conn: ConnId) -> Option<Arc<Card>> {
        let card = self.cards.remove(&conn)?;
        if let Some(session) = self.sessions.get_mut(&card.session) {
            session.elsewhere.remove(&conn);
        }
        Some(card)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::MailboxLimits;

    fn card(session: &str) -> Arc<Card> {
        let name = || "anna".to_owned();
        Arc::new(Card {
            client_id: name(),
            client_name: name(),
            session: session.to_owned(),
            log_name: name(),
        })
    }

    fn conn(node: u64, serial: u64) -> ConnId {
        ConnId { node: NodeId(node), serial }
    }

    #[test]
    fn strangers_are_forgotten_with_the_last_one_who_shares_their_session() {
        let directory = Directory::among_others();
        let mailbox = Arc::new(Mailbox::new(MailboxLimits { letters: 0, bytes: 0 }));
        let put = |serial, session| {
            directory.put(conn(1, serial), Line { mailbox: mailbox.clone(), card: card(session) });
        };
        put(1, "family");
        put(2, "family");
        put(2, "family");
        put(3, "club");
        directory.meet_stranger(conn(2, 1), card("family"));
        directory.meet_stranger(conn(2, 2), card("nobody's"));
        directory.take(conn(1, 1));
        assert!(directory.forget_stranger(conn(2, 1)).is_some(), "one who shares it is left");
        directory.meet_stranger(conn(2, 1), card("family"));
        directory.take(conn(1, 2));
        assert!(directory.forget_stranger(conn(2, 1)).is_none());
        assert!(directory.forget_stranger(conn(2, 2)).is_none(), "nobody here shares its session");
        directory.take(conn(1, 3));
        let inner = directory.lock();
        let strangers = inner.strangers.as_ref().expect("kept");
        assert!(strangers.cards.is_empty() && strangers.sessions.is_empty());
    }
}
