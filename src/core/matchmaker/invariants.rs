//! What must hold after every input. Tests look after each step; a broken one is named.

use super::Matchmaker;
use crate::core::{ConnId, Place, Role};
use std::collections::{BTreeMap, BTreeSet};

/// An invariant in words, and whether it holds.
type Check = (&'static str, fn(&Matchmaker) -> bool);

impl Matchmaker {
    /// The first invariant that does not hold, in words. Takes time with the square of those who wait.
    pub fn broken_invariant(&self) -> Option<&'static str> {
        let checks: [Check; 10] = [
            ("waiting means queued exactly once", Self::waiting_is_queued),
            ("who waits and is here is found by what they like, and nobody else", Self::who_is_here_is_found),
            ("pairs are mutual and never with oneself", Self::pairs_are_mutual),
            ("the counters equal a recount", Self::counters_are_right),
            ("no two people who may be matched are both waiting", Self::nobody_waits_in_vain),
            ("every person has a line, and every line its person", Self::lines_lead_to_people),
            ("every client is in its session once", Self::sessions_hold_members),
            ("a session's bridge is its one member in that role", Self::bridges_are_members),
            ("every registration has its tokens, and every token its registration", Self::tokens_lead_home),
            ("who lost the connection is away, and nobody else", Self::the_absent_are_away),
        ];
        checks.into_iter().find(|(_, holds)| !holds(self)).map(|(name, _)| name)
    }

    fn waiting_is_queued(&self) -> bool {
        let waits = |(id, since)| {
            let place = self.people.get(&id).map(|person| person.place);
            matches!(place, Some(Place::Waiting(ticket)) if ticket.since == since)
        };
        let waiting = self.people.values().filter(|person| matches!(person.place, Place::Waiting(_)));
        self.queue.iter().all(waits) && waiting.count() == self.queue.len()
    }

    fn who_is_here_is_found(&self) -> bool {
        let here =
            self.people.values().filter(|person| !person.away).filter_map(|person| match person.place {
                Place::Waiting(ticket) => Some((ticket, &person.tags)),
                Place::Idle | Place::Talking { .. } => None,
            });
        self.queue.shows(here, self.now, &self.rules)
    }

    fn pairs_are_mutual(&self) -> bool {
        self.people.iter().all(|(id, person)| match person.place {
            Place::Talking { pair, partner } => {
                let back = self.people.get(&partner).map(|partner| partner.place);
                partner != *id && back == Some(Place::Talking { pair, partner: *id })
            }
            Place::Idle | Place::Waiting(_) => true,
        })
    }

    fn counters_are_right(&self) -> bool {
        let talking = self.people.values().filter(|person| matches!(person.place, Place::Talking { .. }));
        talking.count() == 2 * self.pairs && self.clients.len() == self.members.len()
    }

    fn nobody_waits_in_vain(&self) -> bool {
        let waiting: Vec<_> = self.queue.iter().collect();
        waiting.iter().all(|one| waiting.iter().all(|other| !self.may_meet(*one, *other)))
    }

    fn lines_lead_to_people(&self) -> bool {
        let lines: BTreeSet<_> = self
            .people
            .iter()
            .flat_map(|(id, person)| person.lines.iter().map(|line| (*line, *id)))
            .collect();
        let members: BTreeSet<_> = self.members.iter().map(|(conn, member)| (*conn, member.person)).collect();
        lines == members && self.people.values().all(|person| !person.lines.is_empty())
    }

    fn bridges_are_members(&self) -> bool {
        self.sessions.values().all(|session| {
            let role = |conn: &ConnId| self.members.get(conn).map(|member| member.role);
            let bridges: Vec<_> =
                session.members.iter().filter(|conn| role(conn) == Some(Role::Bridge)).copied().collect();
            bridges.len() <= 1 && bridges.first().copied() == session.bridge
        })
    }

    fn tokens_lead_home(&self) -> bool {
        let tokens =
            self.members.iter().flat_map(|(conn, member)| member.tokens().map(|token| (token, *conn)));
        tokens.collect::<BTreeMap<_, _>>() == self.tokens
    }

    fn the_absent_are_away(&self) -> bool {
        let away = self.members.iter().filter_map(|(conn, member)| Some((member.away?, *conn)));
        let away: BTreeSet<_> = away.collect();
        let line_is_away = |line| self.is_away(line);
        self.absent.iter().eq(away)
            && self.people.values().all(|person| person.away == person.line().is_some_and(line_is_away))
    }

    fn sessions_hold_members(&self) -> bool {
        let inside: usize = self.sessions.values().map(|session| session.members.len()).sum();
        let found = self.members.iter().all(|(conn, member)| {
            self.sessions.get(&member.session).is_some_and(|session| session.members.contains(conn))
        });
        found
            && inside == self.members.len()
            && self.sessions.values().all(|session| !session.members.is_empty())
    }
}
