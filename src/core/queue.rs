//! Those who wait, longest first, and when somebody's wait changes whom they may meet.

use super::{Millis, PersonId, Rules};
use std::collections::{BTreeMap, BTreeSet};

/// A place in the queue: the lower number waits longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket {
    pub number: u64,
    pub since: Millis,
}

/// The queue. Tickets are never used twice.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Queue {
    waiting: BTreeMap<u64, (Millis, PersonId)>,
    /// When to look again for a partner for whom: rules that keep people apart end with waiting.
    reviews: BTreeSet<(Millis, u64)>,
    next: u64,
}

impl Queue {
    /// Lets somebody wait, and notes when the rules will give way for them.
    pub fn join(&mut self, now: Millis, person: PersonId, rules: &Rules) -> Ticket {
        let ticket = Ticket { number: self.next, since: now };
        self.next += 1;
        self.waiting.insert(ticket.number, (now, person));
        self.reviews.insert((now.plus(rules.tags_give_way), ticket.number));
        self.reviews.insert((now.plus(rules.rematch_after), ticket.number));
        ticket
    }

    /// Plans the reviews of everyone who waits anew, by other rules.
    pub fn replan(&mut self, rules: &Rules) {
        self.reviews.clear();
        for (number, (since, _)) in &self.waiting {
            let later = [rules.tags_give_way, rules.rematch_after].map(|wait| (since.plus(wait), *number));
            self.reviews.extend(later);
        }
    }

    /// Takes somebody out. Their reviews stay behind and find nobody.
    pub fn leave(&mut self, ticket: Ticket) {
        self.waiting.remove(&ticket.number);
        if self.waiting.is_empty() {
            self.reviews.clear();
        }
    }

    /// The waiting, longest first, each with the time since when.
    pub fn iter(&self) -> impl Iterator<Item = (PersonId, Millis)> {
        self.waiting.values().map(|(since, person)| (*person, *since))
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// The place of a ticket; 1 is the front.
    pub fn position(&self, ticket: Ticket) -> usize {
        self.waiting.range(..=ticket.number).count()
    }

    /// When the next review is due.
    pub fn next_review(&self) -> Option<Millis> {
        self.reviews.first().map(|(at, _)| *at)
    }

    /// The next person whose review is due, if they still wait.
    pub fn take_review(&mut self, now: Millis) -> Option<Option<PersonId>> {
        let first = self.reviews.first().copied().filter(|(at, _)| *at <= now)?;
        self.reviews.remove(&first);
        Some(self.waiting.get(&first.1).map(|(_, person)| *person))
    }
}
