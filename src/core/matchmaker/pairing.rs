//! Who may meet whom, who meets whom, and how two part.

use super::Matchmaker;
use crate::core::person::{JUST_PARTED, Parted, Person};
use crate::core::present::Wish;
use crate::core::{Call, ConnId, Effect, Millis, Notice, PairId, PersonId, Place};

impl Matchmaker {
    /// Whether two people, waiting since then, may be matched now. It does not matter which is named first.
    pub(super) fn may_meet(
        &self,
        (a, since_a): (PersonId, Millis),
        (b, since_b): (PersonId, Millis),
    ) -> bool {
        let (Some(one), Some(other)) = (self.people.get(&a), self.people.get(&b)) else { return false };
        let longer = self.now.since(since_a.min(since_b));
        let shorter = self.now.since(since_a.max(since_b));
        let just_parted = one.just_left(b) || other.just_left(a);
        a != b
            && !one.away
            && !other.away
            && !self.avoided.apart(a, b)
            && (one.tags.agree(&other.tags) || longer >= self.rules.tags_give_way)
            && (!just_parted || shorter >= self.rules.rematch_after)
    }

    /// The longest-waiting person whom somebody, waiting since then, may meet.
    pub(super) fn partner_for(&self, who: PersonId, since: Millis) -> Option<PersonId> {
        let tags = &self.people.get(&who).filter(|person| !person.away)?.tags;
        let patient = self.now.0.checked_sub(self.rules.tags_give_way.0).map(Millis);
        let takes_anybody = tags.is_empty() || patient.is_some_and(|limit| since <= limit);
        let wish = Wish { tags, patient: if takes_anybody { Some(self.now) } else { patient } };
        let mut found = self.queue.wished_for(wish);
        found.find(|other| self.may_meet((who, since), *other)).map(|(other, _)| other)
    }

    /// Lets others find somebody, if they wait and are here.
    pub(super) fn list(&mut self, id: PersonId) {
        let Some(person) = self.people.get(&id).filter(|person| !person.away) else { return };
        if let Place::Waiting(ticket) = person.place {
            self.queue.show(ticket, &person.tags, self.now, &self.rules);
        }
    }

    /// Lets nobody find somebody who waits. To be called before they have other tags.
    pub(super) fn unlist(&mut self, id: PersonId) {
        let Some(person) = self.people.get(&id) else { return };
        if let Place::Waiting(ticket) = person.place {
            self.queue.hide(ticket, &person.tags, &self.rules);
        }
    }

    /// Takes somebody out of the queue. Returns since when they waited.
    fn take_out(&mut self, id: PersonId) -> Option<Millis> {
        let person = self.people.get(&id)?;
        let Place::Waiting(ticket) = person.place else { return None };
        self.queue.leave(ticket, &person.tags, &self.rules);
        Some(ticket.since)
    }

    /// Lets somebody wait, and forgets whom they parted from unless that was just now.
    pub(super) fn enqueue(&mut self, id: PersonId) {
        let Some(person) = self.people.get_mut(&id) else { return };
        person.parted = person.parted.filter(|parted| self.now.since(parted.at) <= JUST_PARTED);
        person.place = Place::Waiting(self.queue.join(self.now, id));
        self.list(id);
    }

    /// Takes somebody out of the queue and learns how long it took, if they had to wait at all.
    fn dequeue(&mut self, id: PersonId, effects: &mut Vec<Effect>) {
        let Some(since) = self.take_out(id) else { return };
        let waited = self.now.since(since);
        let line = self.people.get(&id).and_then(Person::line);
        effects.extend(line.map(|of| Effect::CountWait { of, waited }));
        if waited > Millis(0) {
            let typical = self
                .typical_wait
                .map_or(waited.0, |before| before.0.saturating_mul(7).saturating_add(waited.0) / 8);
            self.typical_wait = Some(Millis(typical));
        }
    }

    /// Makes two people partners.
    pub(super) fn pair(&mut self, a: PersonId, b: PersonId, effects: &mut Vec<Effect>) {
        self.dequeue(a, effects);
        self.dequeue(b, effects);
        self.pairs += 1;
        self.pairs_made += 1;
        let pair = PairId(self.pairs_made);
        for (who, partner) in [(a, b), (b, a)] {
            if let Some(person) = self.people.get_mut(&who) {
                person.place = Place::Talking { pair, partner };
                person.parted = None;
            }
        }
    }

    /// Ends somebody's chat or search. The partner hears that they left. Returns whether there was any.
    pub(super) fn put_away(&mut self, id: PersonId, effects: &mut Vec<Effect>) -> bool {
        match self.people.get(&id).map(|person| person.place) {
            None | Some(Place::Idle) => false,
            Some(Place::Waiting(_)) => {
                self.take_out(id);
                self.set_idle(id, None);
                true
            }
            Some(Place::Talking { pair, partner }) => {
                self.pairs -= 1;
                self.disconnect(partner, pair, effects);
                self.tell(partner, Notice::PartnerLeft, effects);
                self.disconnect(id, pair, effects);
                self.set_idle(partner, Some(id));
                self.set_idle(id, Some(partner));
                true
            }
        }
    }

    fn set_idle(&mut self, id: PersonId, parted_from: Option<PersonId>) {
        let Some(person) = self.people.get_mut(&id) else { return };
        person.place = Place::Idle;
        person.turn = 0;
        person.parted = parted_from.map(|from| Parted { from, at: self.now }).or(person.parted);
    }

    /// Lets a person's client reach the partner, wherever that one is now.
    pub(super) fn connect(&self, id: PersonId, is_news: bool, effects: &mut Vec<Effect>) {
        let Some(person) = self.people.get(&id) else { return };
        let Place::Talking { pair, partner } = person.place else { return };
        let partner = self.people.get(&partner);
        if let (Some(to), Some(partner)) = (person.line(), partner)
            && let Some(line) = partner.line()
        {
            let (nickname, turn, masking) = (partner.nickname.clone(), person.turn, person.masking);
            let call = Call { pair, partner: line, nickname, is_news, turn, masking };
            effects.push(Effect::Connect { to, call });
        }
    }

    fn disconnect(&self, id: PersonId, pair: PairId, effects: &mut Vec<Effect>) {
        if let Some(to) = self.people.get(&id).and_then(Person::line) {
            effects.push(Effect::Disconnect { to, pair, moved: false });
        }
    }

    /// A person's chat goes on at another of their lines, which hears so unless they just asked there.
    pub(super) fn move_call(
        &mut self,
        id: PersonId,
        before: Option<ConnId>,
        is_news: bool,
        effects: &mut Vec<Effect>,
    ) {
        let Some(person) = self.people.get_mut(&id) else { return };
        if person.line() == before {
            return;
        }
        if let Place::Talking { pair, partner } = person.place {
            person.turn = person.turn.saturating_add(1);
            effects.extend(before.map(|to| Effect::Disconnect { to, pair, moved: true }));
            if is_news {
                self.introduce(id, effects);
            } else {
                self.connect(id, false, effects);
            }
            self.connect(partner, false, effects);
        }
    }

    /// Looks again for everyone for whom a rule gave way by now: those who waited long, those no longer blocked.
    pub(super) fn review(&mut self, effects: &mut Vec<Effect>) {
        self.review_absent(effects);
        while let Some(id) = self.queue.take_review(self.now) {
            self.match_waiting(id, effects);
        }
        while let Some(id) = self.avoided.take_expired(self.now) {
            self.match_waiting(id, effects);
        }
    }

    /// Matches somebody who waits, if anybody else who waits may be matched with them.
    pub(super) fn match_waiting(&mut self, id: PersonId, effects: &mut Vec<Effect>) {
        while let Some((one, other)) = self.first_served(id) {
            self.pair(one, other, effects);
            self.introduce(other, effects);
            self.introduce(one, effects);
        }
    }

    /// Two who may meet and have nobody before each other, found from somebody who may meet anybody at all.
    fn first_served(&self, id: PersonId) -> Option<(PersonId, PersonId)> {
        let mut one = id;
        loop {
            let other = self.longest_waiting_for(one)?;
            let before = self.longest_waiting_for(other)?;
            if before == one {
                return Some((one, other));
            }
            one = before;
        }
    }

    fn longest_waiting_for(&self, id: PersonId) -> Option<PersonId> {
        let Place::Waiting(ticket) = self.people.get(&id)?.place else { return None };
        self.partner_for(id, ticket.since)
    }

    /// Connects somebody who was just paired, and tells them with whom.
    pub(super) fn introduce(&self, id: PersonId, effects: &mut Vec<Effect>) {
        self.connect(id, true, effects);
        if let Some(nickname) = self.partner_name(id) {
            self.tell(id, Notice::Connected(nickname), effects);
        }
    }
}
