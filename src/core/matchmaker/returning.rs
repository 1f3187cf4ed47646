//! Who lost the connection, who comes back in time, and whose time is over.

use super::{Matchmaker, Member};
use crate::core::person::Person;
use crate::core::{
    ConnId, Effect, Millis, Notice, PersonId, Place, Registration, Role, SessionHash, TokenHash,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What it takes to let one registration go, if to tell one client of it is one. Its mailbox may hold thousands
/// of lines that go back to whoever wrote them.
const WORK: usize = 64;
/// How much of that is done in one entry, but one registration at least. Other entries come between.
const MOST_WORK: usize = 2_048;

/// How many tokens may be in doubt: a client that does not show which one it has keeps the newest.
const SPARES: usize = 4;

impl Member {
    /// Keeps a token that the client may still have, and returns the one that makes room for it.
    pub(super) fn keep_spare(&mut self, spare: TokenHash) -> Option<TokenHash> {
        if spare != self.token {
            self.spares.push(spare);
        }
        (self.spares.len() > SPARES).then(|| self.spares.remove(0))
    }

    /// All tokens that work.
    pub(super) fn tokens(&self) -> impl Iterator<Item = TokenHash> {
        self.spares.iter().chain([&self.token]).copied()
    }
}

impl Matchmaker {
    /// A registration has no connection any more. It keeps its id, session, queue place and chat for a while.
    pub(super) fn go_away(&mut self, conn: ConnId, effects: &mut Vec<Effect>) {
        if self.rules.grace == Millis(0) {
            return self.leave(conn, effects);
        }
        let now = self.now;
        let Some(member) = self.members.get_mut(&conn).filter(|member| member.away.is_none()) else { return };
        member.away = Some(now);
        let (person, role) = (member.person, member.role);
        self.absent.add(now, conn);
        if role == Role::Bridge {
            effects.push(Effect::Link { bridge: conn, is_up: false });
        }
        self.note_presence(person, effects);
    }

    /// A registration goes on from another connection: with all it had, and under a new token.
    pub(super) fn resume(&mut self, from: ConnId, to: ConnId, new: Registration, effects: &mut Vec<Effect>) {
        let Some(before) = self.members.remove(&from) else { return };
        if let Some(since) = before.away {
            self.absent.remove(since, from);
        }
        // The token that was shown is the one that the client has, until it is known to have the new one.
        let shown = new.resume.as_ref().map(|resume| resume.token).filter(|shown| *shown != new.token);
        for token in before.tokens() {
            self.tokens.remove(&token);
        }
        for token in shown.into_iter().chain([new.token]) {
            self.tokens.insert(token, to);
        }
        self.clients.insert(before.client, to);
        if let Some(session) = self.sessions.get_mut(&before.session) {
            session.members.remove(&from);
            session.members.insert(to);
        }
        let (id, session, role) = (before.person, before.session, before.role);
        let spares = shown.into_iter().collect();
        self.members.insert(to, Member { token: new.token, spares, away: None, ..before });
        if let Some(person) = self.people.get_mut(&id)
            && let Some(nickname) = new.resume.and_then(|resume| resume.nickname)
        {
            person.nickname = nickname;
        }
        self.reseat(id, from, to, effects);
        self.make_known(to, session, effects);
        if from.node != to.node {
            self.acquaint_with(to, session, effects);
        }
        if role == Role::Bridge {
            self.lay_bridge(to, session);
            effects.push(Effect::Link { bridge: to, is_up: true });
        }
        // It may have changed while nobody was there, and what told so may be lost.
        effects.extend(self.sessions.get(&session).and_then(|session| session.shared_with(to)));
        self.note_presence(id, effects);
    }

    /// A person's line is another one now, in the place of the old.
    fn reseat(&mut self, id: PersonId, from: ConnId, to: ConnId, effects: &mut Vec<Effect>) {
        let Some(person) = self.people.get_mut(&id) else { return };
        if let Some(line) = person.lines.iter_mut().find(|line| **line == from) {
            *line = to;
        }
        let call = match person.place {
            Place::Talking { pair, partner } => {
                person.turn = person.turn.saturating_add(1);
                Some((pair, partner))
            }
            Place::Waiting(_) | Place::Idle => None,
        };
        let is_here = person.line() == Some(to);
        let pair = call.filter(|_| is_here).map(|(pair, _)| pair);
        let (nickname, masking) = (person.nickname.clone(), person.masking);
        effects.push(Effect::Resume { from, to, nickname, masking, pair });
        if let Some((_, partner)) = call {
            self.connect(id, false, effects);
            self.connect(partner, false, effects);
        }
    }

    /// Whether the line of somebody's chat has a connection decides whether they are away. Their partner hears
    /// when that changes, and who comes back is matched like one who just came.
    pub(super) fn note_presence(&mut self, id: PersonId, effects: &mut Vec<Effect>) {
        let line = self.people.get(&id).and_then(Person::line);
        let away = line.is_some_and(|line| self.is_away(line));
        if self.people.get(&id).is_none_or(|person| person.away == away) {
            return;
        }
        self.unlist(id);
        let Some(person) = self.people.get_mut(&id) else { return };
        person.away = away;
        let place = person.place;
        self.list(id);
        match place {
            Place::Talking { partner, .. } => {
                let notice = if away { Notice::PartnerAway } else { Notice::PartnerBack };
                self.tell(partner, notice, effects);
            }
            Place::Waiting(_) if !away => self.match_waiting(id, effects),
            Place::Waiting(_) | Place::Idle => {}
        }
    }

    /// Lets those go whose grace is over, and who is away longest of too many: no more at once than others can
    /// wait for. The rest go with the next entry. They are not told of each other.
    pub(super) fn review_absent(&mut self, effects: &mut Vec<Effect>) {
        let Some(last) = self.absent.last_to_go(self.now, &self.rules) else { return };
        let mut staying = BTreeMap::new();
        let mut work = 0;
        while work < MOST_WORK
            && let Some((since, conn)) = self.absent.take_first(last)
        {
            let Some(session) = self.members.get(&conn).map(|member| member.session) else { continue };
            let to = staying.entry(session).or_insert_with(|| self.staying(session, last)).clone();
            work += WORK + to.len();
            self.crowded_out += u64::from(since.plus(self.rules.grace) > self.now);
            self.leave_telling(conn, to, effects);
        }
    }

    /// The clients of a session but those who went by then.
    fn staying(&self, session: SessionHash, gone: (Millis, ConnId)) -> Arc<[ConnId]> {
        let stays = |conn: &ConnId| {
            let away = self.members.get(conn).and_then(|member| member.away);
            away.is_none_or(|since| (since, *conn) > gone)
        };
        let members = self.sessions.get(&session).into_iter().flat_map(|session| &session.members);
        members.copied().filter(stays).collect()
    }

    /// The client has the newest token.
    pub(super) fn settle(&mut self, conn: ConnId) {
        let spares = self.members.get_mut(&conn).map(|member| std::mem::take(&mut member.spares));
        for spare in spares.into_iter().flatten() {
            self.tokens.remove(&spare);
        }
    }

    /// Whether a registration has no connection.
    pub(super) fn is_away(&self, conn: ConnId) -> bool {
        self.members.get(&conn).is_some_and(|member| member.away.is_some())
    }

    /// Whose token this is.
    pub(super) fn holder(&self, token: TokenHash) -> Option<(ConnId, &Member)> {
        let conn = *self.tokens.get(&token)?;
        self.members.get(&conn).map(|member| (conn, member))
    }
}
