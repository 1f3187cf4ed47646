//! Who is where on this node: each client's mailbox and card, and the cards of clients on other nodes whose
//! session has somebody here.

use super::Card;
use super::letter::{Broadcast, Letter, Shared};
use super::mailbox::{Mailbox, Refused, Taken};
use super::sync::{Mutex, MutexGuard, lock};
use crate::core::{ConnId, NodeId, PairId, Presence};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

/// One client of this node.
#[derive(Clone)]
pub struct Line {
    pub mailbox: Arc<Mailbox>,
    pub card: Arc<Card>,
    /// Who it is if it goes on with the registration that it names, while that is not known yet.
    pub former: Option<Arc<Card>>,
}

impl Line {
    fn cards(&self) -> impl Iterator<Item = &Card> {
        [Some(&self.card), self.former.as_ref()].into_iter().flatten().map(Arc::as_ref)
    }
}

/// A connection that goes on with a registration.
pub struct GoesOn {
    /// Its own mailbox, for the answer to its `register`.
    pub own: Arc<Mailbox>,
    /// That of the registration, and which number its next reader has. `None` if it is lost.
    pub inherited: Option<(Arc<Mailbox>, u32)>,
    pub card: Arc<Card>,
}

/// Clients put themselves in, ahead of their first input; the matchmaker takes them out, and the postman looks
/// things up.
#[derive(Clone)]
pub struct Directory(Arc<Mutex<Inner>>);

/// So many registrations that went on are known by their next address. It is asked for only while what became of
/// their texts is under way.
const MOVED: usize = 4_096;

#[derive(Default)]
struct Inner {
    lines: HashMap<ConnId, Line>,
    /// Where registrations went on, for one node of many.
    moved: BTreeMap<ConnId, ConnId>,
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
        self.lock().put(conn, line);
    }

    /// A client goes by its own card: there is no other registration that it goes on with.
    pub fn begin(&self, conn: ConnId) {
        if let Some(line) = self.line(conn).filter(|line| line.former.is_some()) {
            self.put(conn, Line { former: None, ..line });
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
        self.lock().take(conn)
    }

    /// A registration goes on at another connection of this node, which gets its mailbox. What came to the old address
    /// is read by the last reader or stands before the next one's mark, and what comes to the new one from here on
    /// stands behind it.
    pub fn go_on(&self, from: ConnId, to: ConnId, pair: Option<PairId>) -> Option<GoesOn> {
        let mut inner = self.lock();
        let before = inner.lines.get(&from).cloned();
        let reader = before.as_ref().and_then(|before| before.mailbox.hand_over(pair));
        let goes_on = inner.lines.get(&to).cloned().map(|Line { mailbox: own, card, former }| {
            let inherited = before.as_ref().zip(reader);
            let inherited = inherited.map(|(before, reader)| (before.mailbox.clone(), reader));
            let card = before.as_ref().map(|before| before.card.clone()).or(former).unwrap_or(card);
            GoesOn { own, inherited, card }
        });
        if let Some(GoesOn { own, inherited, card }) = &goes_on {
            let mailbox = inherited.as_ref().map_or(own, |(mailbox, _)| mailbox).clone();
            inner.put(to, Line { mailbox, card: card.clone(), former: None });
        }
        // Last, as others of the session are known here as long as it has somebody.
        inner.take(from);
        inner.note_move(from, to);
        goes_on
    }

    /// A registration goes on on another node.
    pub fn go_away(&self, from: ConnId, to: ConnId) -> Option<Line> {
        let mut inner = self.lock();
        let line = inner.take(from)?;
        inner.note_move(from, to);
        Some(line)
    }

    /// Where a client's registration went on.
    pub fn moved(&self, conn: ConnId) -> Option<ConnId> {
        self.lock().moved.get(&conn).copied()
    }

    /// Who a client is.
    pub fn line(&self, conn: ConnId) -> Option<Line> {
        self.lock().lines.get(&conn).cloned()
    }

    /// Puts a letter into a client's mailbox, while nobody gives the client another one. `None`: there is no such client.
    pub fn push(&self, to: ConnId, letter: Letter) -> Option<Result<Taken, Refused>> {
        let inner = self.lock();
        inner.lines.get(&to).map(|line| line.mailbox.push(letter).map_err(|(refused, _)| refused))
    }

    /// Puts a letter into a client's mailbox. Refused means that the reader is gone or about to be closed: its
    /// task will say so itself.
    pub fn send(&self, to: ConnId, letter: Letter) {
        let _ = self.push(to, letter);
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

impl Inner {
    fn put(&mut self, conn: ConnId, line: Line) {
        let before = self.lines.insert(conn, line.clone());
        if let Some(strangers) = &mut self.strangers {
            // First the new one, as the session may be the same.
            line.cards().for_each(|card| strangers.add_one_here(card));
            before.iter().flat_map(Line::cards).for_each(|card| strangers.one_less_here(card));
        }
    }

    fn take(&mut self, conn: ConnId) -> Option<Line> {
        let line = self.lines.remove(&conn)?;
        if let Some(strangers) = &mut self.strangers {
            line.cards().for_each(|card| strangers.one_less_here(card));
        }
        Some(line)
    }

    fn note_move(&mut self, from: ConnId, to: ConnId) {
        if self.strangers.is_some() {
            self.moved.insert(from, to);
        }
        if self.moved.len() > MOVED {
            self.moved.pop_first();
        }
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
            let line = Line { mailbox: mailbox.clone(), card: card(session), former: None };
            directory.put(conn(1, serial), line);
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
