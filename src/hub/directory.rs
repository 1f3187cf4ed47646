//! Who is where on this node: each client's mailbox and card, and the cards of clients on other nodes whose
//! session has somebody here.

use super::Card;
use super::letter::{Broadcast, Letter, Shared};
use super::mailbox::{Mailbox, Refused, Taken};
use super::sync::{Mutex, MutexGuard, lock};
use crate::core::{ConnId, Millis, NodeId, PairId, Presence};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

/// One client of this node.
#[derive(Clone)]
pub struct Line {
    pub mailbox: Arc<Mailbox>,
    pub card: Arc<Card>,
    /// Whether the matchmaker took it in. Until then its session tells it nothing.
    pub is_member: bool,
    /// Who it is if it goes on with the registration that it names, while that is not known yet.
    pub former: Option<Arc<Card>>,
}

impl Line {
    fn cards(&self) -> impl Iterator<Item = &Card> {
        [Some(&self.card), self.former.as_ref()].into_iter().flatten().map(Arc::as_ref)
    }

    /// Whether others may be told of it: whoever has a socket has a name too.
    fn is_shown(&self) -> bool {
        !self.card.client_name.is_empty()
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

/// Clients put themselves in, ahead of their first input; the matchmaker takes them in and out, and the postman and
/// the accounts look things up.
#[derive(Clone, Default)]
pub struct Directory(Arc<Mutex<Inner>>);

/// So many registrations that went on are known by their next address. It is asked for only while what became of
/// their texts is under way.
const MOVED: usize = 4_096;

#[derive(Default)]
struct Inner {
    lines: HashMap<ConnId, Line>,
    /// Where registrations went on, for the other nodes.
    moved: BTreeMap<ConnId, ConnId>,
    sessions: HashMap<String, Audience>,
    /// Clients on other nodes. They are kept as long as somebody here shares their session.
    strangers: BTreeMap<ConnId, Arc<Card>>,
}

/// Who of a session is here, and elsewhere, as far as their cards came.
#[derive(Default)]
struct Audience {
    here: Vec<ConnId>,
    /// How many of those here are members.
    members: usize,
    elsewhere: BTreeSet<ConnId>,
}

impl Directory {
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

    /// A client is a member of its session from here on.
    pub fn admit(&self, conn: ConnId) {
        let mut inner = self.lock();
        let Inner { lines, sessions, .. } = &mut *inner;
        let Some(line) = lines.get_mut(&conn).filter(|line| !line.is_member) else { return };
        line.is_member = true;
        if let Some(audience) = sessions.get_mut(&line.card.session) {
            audience.members += 1;
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
        let goes_on = inner.lines.get(&to).cloned().map(|Line { mailbox: own, card, former, .. }| {
            let inherited = before.as_ref().zip(reader);
            let inherited = inherited.map(|(before, reader)| (before.mailbox.clone(), reader));
            let card = before.as_ref().map(|before| before.card.clone()).or(former).unwrap_or(card);
            GoesOn { own, inherited, card }
        });
        if let Some(GoesOn { own, inherited, card }) = &goes_on {
            let mailbox = inherited.as_ref().map_or(own, |(mailbox, _)| mailbox).clone();
            inner.put(to, Line { mailbox, card: card.clone(), is_member: true, former: None });
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

    /// Puts a letter into a client's mailbox. `false` means that the reader is gone or about to be closed: its task
    /// will say so itself.
    pub fn send(&self, to: ConnId, letter: Letter) -> bool {
        self.push(to, letter).is_some_and(|outcome| outcome.is_ok())
    }

    /// Shows all members of a session here the same, but for one. Nobody goes on at another connection meanwhile.
    pub fn tell_session(&self, session: &str, but: Option<ConnId>, what: Broadcast) {
        let inner = self.lock();
        inner.show(what, inner.members(session).filter(|conn| Some(*conn) != but));
    }

    /// Shows a client the same, wherever it went on meanwhile.
    pub fn tell(&self, conn: ConnId, what: Broadcast) {
        let inner = self.lock();
        let there = std::iter::successors(Some(conn), |conn| inner.moved.get(conn).copied()).take(MOVED);
        inner.show(what, there.filter(|conn| inner.lines.contains_key(conn)).take(1));
    }

    /// How many members of a session there are, as far as this node knows.
    pub fn count(&self, session: &str) -> usize {
        let inner = self.lock();
        inner.sessions.get(session).map_or(0, |audience| audience.members + audience.elsewhere.len())
    }

    /// The sessions that have members, from behind this name on, each with how many it has. People without a socket have
    /// one of their own each, and are not told of.
    pub fn sessions(&self, after: Option<&str>) -> Vec<(String, usize)> {
        let inner = self.lock();
        let is_shared = |audience: &Audience| {
            let mut here = audience.here.iter().filter_map(|conn| inner.lines.get(conn));
            here.any(Line::is_shown)
        };
        let wanted = inner.sessions.iter().filter(|(name, audience)| {
            after.is_none_or(|after| name.as_str() > after) && audience.members > 0 && is_shared(audience)
        });
        wanted.map(|(name, audience)| (name.clone(), audience.members + audience.elsewhere.len())).collect()
    }

    /// Who is in a session, as far as this node knows.
    pub fn cards(&self, session: &str) -> Vec<Arc<Card>> {
        let inner = self.lock();
        let here = inner.members(session).filter_map(|conn| inner.lines.get(&conn));
        let here = here.filter(|line| line.is_shown()).map(|line| line.card.clone());
        let audience = inner.sessions.get(session);
        let elsewhere = audience.into_iter().flat_map(|audience| &audience.elsewhere);
        here.chain(elsewhere.filter_map(|conn| inner.strangers.get(conn).cloned())).collect()
    }

    /// Every member here whom others may be told of, and when it last did something.
    pub fn everybody(&self) -> Vec<(Arc<Card>, Option<Millis>)> {
        let inner = self.lock();
        let shown = inner.lines.values().filter(|line| line.is_member && line.is_shown());
        shown.map(|line| (line.card.clone(), line.mailbox.activity.last())).collect()
    }

    /// The client of this id, if it is on this node.
    pub fn find(&self, session: &str, client_id: &str) -> Option<(ConnId, Line)> {
        let inner = self.lock();
        let mut members = inner.members(session);
        let conn = members.find(|conn| {
            inner.lines.get(conn).is_some_and(|line| line.is_shown() && line.card.client_id == client_id)
        })?;
        inner.lines.get(&conn).map(|line| (conn, line.clone()))
    }

    /// How many clients here did something since then.
    pub fn active_since(&self, since: Millis) -> usize {
        let inner = self.lock();
        let last = inner.lines.values().filter_map(|line| line.mailbox.activity.last());
        last.filter(|last| *last >= since).count()
    }

    /// Lets all clients here know that who did nothing for so long is idle, and returns how many these are.
    pub fn sweep(&self, now: Millis, idle_for: Millis) -> usize {
        let inner = self.lock();
        let idle = inner
            .lines
            .values()
            .filter(|line| line.mailbox.activity.last().is_some_and(|last| last.plus(idle_for) <= now));
        idle.filter(|line| line.mailbox.push(Letter::Sweep(idle_for)).is_ok()).count()
    }

    /// Shows many clients of this node the same.
    pub fn broadcast(&self, what: Broadcast, to: impl Iterator<Item = ConnId>) {
        self.lock().show(what, to);
    }

    /// Tells clients of this node who of their session came or went.
    pub fn announce(&self, card: Arc<Card>, presence: Presence, to: impl Iterator<Item = ConnId>) {
        let what = match presence {
            Presence::Joined => Broadcast::Joined(card),
            Presence::Left => Broadcast::Left(card),
        };
        self.broadcast(what, to);
    }

    /// Somebody on another node has this card. It may come when the last one who could hear of it is gone.
    pub fn meet_stranger(&self, conn: ConnId, card: Arc<Card>) {
        let mut inner = self.lock();
        if let Some(audience) = inner.sessions.get_mut(&card.session) {
            audience.elsewhere.insert(conn);
            inner.strangers.insert(conn, card);
        }
    }

    /// The card of somebody on another node, who is gone.
    pub fn forget_stranger(&self, conn: ConnId) -> Option<Arc<Card>> {
        let mut inner = self.lock();
        let card = inner.strangers.remove(&conn)?;
        if let Some(audience) = inner.sessions.get_mut(&card.session) {
            audience.elsewhere.remove(&conn);
        }
        Some(card)
    }

    /// Nobody can be reached here any more: the node was given up by the others.
    pub fn close(&self, node: NodeId) {
        let mut inner = self.lock();
        inner.strangers.clear();
        inner.sessions.clear();
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
    fn members(&self, session: &str) -> impl Iterator<Item = ConnId> {
        let here = self.sessions.get(session).into_iter().flat_map(|audience| audience.here.iter().copied());
        here.filter(move |conn| {
            self.lines.get(conn).is_some_and(|line| line.is_member && line.card.session == session)
        })
    }

    fn show(&self, what: Broadcast, to: impl Iterator<Item = ConnId>) {
        let shared = Arc::new(Shared { what, frame: OnceLock::new() });
        for line in to.filter_map(|conn| self.lines.get(&conn)) {
            let _ = line.mailbox.push(Letter::Shared(shared.clone()));
        }
    }

    fn put(&mut self, conn: ConnId, line: Line) {
        // First the new one, as the session may be the same.
        self.enter(conn, &line);
        if let Some(before) = self.lines.insert(conn, line) {
            self.leave(conn, &before);
        }
    }

    fn take(&mut self, conn: ConnId) -> Option<Line> {
        let line = self.lines.remove(&conn)?;
        self.leave(conn, &line);
        Some(line)
    }

    fn note_move(&mut self, from: ConnId, to: ConnId) {
        self.moved.insert(from, to);
        if self.moved.len() > MOVED {
            self.moved.pop_first();
        }
    }

    fn enter(&mut self, conn: ConnId, line: &Line) {
        for card in line.cards() {
            self.sessions.entry(card.session.clone()).or_default().here.push(conn);
        }
        if let Some(audience) = self.sessions.get_mut(&line.card.session) {
            audience.members += usize::from(line.is_member);
        }
    }

    /// One place of a client in its session is free.
    fn leave(&mut self, conn: ConnId, line: &Line) {
        if let Some(audience) = self.sessions.get_mut(&line.card.session) {
            audience.members -= usize::from(line.is_member);
        }
        for card in line.cards() {
            self.leave_one(conn, card.session.as_str());
        }
    }

    fn leave_one(&mut self, conn: ConnId, session: &str) {
        let Some(audience) = self.sessions.get_mut(session) else { return };
        if let Some(place) = audience.here.iter().position(|other| *other == conn) {
            audience.here.swap_remove(place);
        }
        if audience.here.is_empty() {
            let strangers = self.sessions.remove(session).map(|audience| audience.elsewhere);
            strangers.into_iter().flatten().for_each(|conn| drop(self.strangers.remove(&conn)));
        }
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
        let directory = Directory::default();
        let mailbox = Arc::new(Mailbox::new(MailboxLimits { letters: 0, bytes: 0 }));
        let put = |serial, session| {
            let line = Line { mailbox: mailbox.clone(), card: card(session), is_member: false, former: None };
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
        assert!(inner.strangers.is_empty() && inner.sessions.is_empty());
    }
}
