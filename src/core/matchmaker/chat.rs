//! The commands of the random chat.

use super::{Matchmaker, refuse};
use crate::core::avoid::Reason;
use crate::core::person::Person;
use crate::core::{
    Answer, Command, ConnId, Effect, Nickname, Notice, PersonId, Place, Rate, Reply, State, Tags,
};

impl Matchmaker {
    /// Carries out a command, and answers the connection that asked.
    pub(super) fn command(&mut self, conn: ConnId, command: Command, effects: &mut Vec<Effect>) {
        let Some(id) = self.person_at(conn) else { return refuse(conn, effects) };
        self.speak_here(id, conn, effects);
        let verb = command.verb();
        let notice = match command {
            Command::Meet(tags) => self.meet(id, tags, effects),
            Command::Again => self.again(id, effects),
            Command::Bye => self.bye(id, effects),
            Command::Hide => self.hide(id),
            Command::Who => self.partner_name(id).map_or(Notice::NobodyToName, Notice::Partner),
            Command::Help => Notice::Help,
            Command::Block => self.avoid(id, Reason::Block, effects),
            Command::Report => self.avoid(id, Reason::Report, effects),
            Command::Unblock => self.unblock(id, effects),
        };
        let reply = Reply { verb, notice, state: self.state_of(id) };
        effects.push(Effect::Answer { to: conn, answer: Answer::Command(reply) });
    }

    /// The chat is at the line where the person spoke last.
    fn speak_here(&mut self, id: PersonId, conn: ConnId, effects: &mut Vec<Effect>) {
        let Some(person) = self.people.get_mut(&id) else { return };
        let before = person.line();
        if before != Some(conn) {
            person.lines.retain(|line| *line != conn);
            person.lines.push(conn);
            self.move_call(id, before, false, effects);
            self.note_presence(id, effects);
        }
    }

    fn meet(&mut self, id: PersonId, tags: Tags, effects: &mut Vec<Effect>) -> Notice {
        if matches!(self.place(id), Place::Talking { .. }) {
            return Notice::AlreadyTalking;
        }
        match self.search(id, Some(tags), effects) {
            Ok(Some(nickname)) => Notice::Connected(nickname),
            Ok(None) => Notice::Searching,
            Err(refusal) => refusal,
        }
    }

    fn again(&mut self, id: PersonId, effects: &mut Vec<Effect>) -> Notice {
        match self.search(id, None, effects) {
            Ok(Some(nickname)) => Notice::ConnectedAnew(nickname),
            Ok(None) => Notice::SearchingAnew,
            Err(refusal) => refusal,
        }
    }

    /// Ends a chat that there may be, and finds a partner or waits for one. Who waits already keeps the place,
    /// and may look for other tags from it; without new tags the last ones count.
    fn search(
        &mut self,
        id: PersonId,
        tags: Option<Tags>,
        effects: &mut Vec<Effect>,
    ) -> Result<Option<Nickname>, Notice> {
        let waits = matches!(self.place(id), Place::Waiting(_));
        let tags = tags.filter(|tags| self.people.get(&id).is_some_and(|person| person.tags != *tags));
        if waits && tags.is_none() {
            // Whoever could be met would have been met when they came.
            return Ok(None);
        }
        self.allow_search(id)?;
        if !waits {
            self.put_away(id, effects);
        }
        self.unlist(id);
        if let (Some(person), Some(tags)) = (self.people.get_mut(&id), tags) {
            person.tags = tags;
        }
        if waits {
            self.list(id);
        } else {
            self.enqueue(id);
        }
        Ok(self.find_partner(id, effects))
    }

    /// Pairs somebody who waits with the longest-waiting one who may be met, and tells that one.
    fn find_partner(&mut self, id: PersonId, effects: &mut Vec<Effect>) -> Option<Nickname> {
        let Place::Waiting(ticket) = self.place(id) else { return None };
        let partner = self.partner_for(id, ticket.since)?;
        self.pair(id, partner, effects);
        self.introduce(partner, effects);
        self.connect(id, true, effects);
        self.partner_name(id)
    }

    fn allow_search(&mut self, id: PersonId) -> Result<(), Notice> {
        let Some(person) = self.people.get_mut(&id) else { return Ok(()) };
        person.meets.take(self.now, Rate::per_minute(self.rules.meets_per_minute)).map_err(Notice::TooFast)
    }

    fn bye(&mut self, id: PersonId, effects: &mut Vec<Effect>) -> Notice {
        let notice = match self.place(id) {
            Place::Idle => Notice::NotTalking,
            Place::Waiting(_) => Notice::SearchCancelled,
            Place::Talking { .. } => Notice::Ended,
        };
        self.put_away(id, effects);
        notice
    }

    fn hide(&mut self, id: PersonId) -> Notice {
        let Some(person) = self.people.get_mut(&id) else { return Notice::Masking(true) };
        person.masking = !person.masking;
        Notice::Masking(person.masking)
    }

    fn avoid(&mut self, id: PersonId, reason: Reason, effects: &mut Vec<Effect>) -> Notice {
        let Place::Talking { partner, .. } = self.place(id) else { return Notice::NotTalking };
        self.put_away(id, effects);
        self.avoided.add(self.now, id, partner, reason);
        match reason {
            Reason::Block => Notice::Blocked,
            Reason::Report => Notice::Reported,
        }
    }

    /// Lifts all blocks. Whoever waits and was kept from this person by one of them may be matched at once.
    fn unblock(&mut self, id: PersonId, effects: &mut Vec<Effect>) -> Notice {
        if self.avoided.unblock(id) {
            self.match_waiting(id, effects);
        }
        Notice::BlockListEmptied
    }

    fn place(&self, id: PersonId) -> Place {
        self.people.get(&id).map_or(Place::Idle, |person| person.place)
    }

    /// The nickname of somebody's partner.
    pub(super) fn partner_name(&self, id: PersonId) -> Option<Nickname> {
        let Place::Talking { partner, .. } = self.place(id) else { return None };
        self.people.get(&partner).map(|partner| partner.nickname.clone())
    }

    fn state_of(&self, id: PersonId) -> State {
        match self.people.get(&id).map(|person: &Person| person.place) {
            Some(Place::Waiting(ticket)) => {
                State::Waiting { position: self.queue.position(ticket), expected_wait: self.typical_wait }
            }
            Some(Place::Talking { .. }) => self.partner_name(id).map_or(State::Idle, State::Paired),
            Some(Place::Idle) | None => State::Idle,
        }
    }
}
