//! Those who wait, longest first, and when somebody's wait changes whom they may meet.

use super::present::{Present, Wish};
use super::{Millis, PersonId, Rules, Tags};
use std::collections::{BTreeMap, BTreeSet};

/// A place in the queue: the lower number waits longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket {
    pub number: u64,
    pub since: Millis,
}

/// The queue. Tickets are never used twice. Who is away keeps the place, and is not found by anybody.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Queue {
    waiting: BTreeMap<u64, (Millis, PersonId)>,
    present: Present,
    /// When to look again for a partner for whom: rules that keep people apart end with waiting.
    reviews: BTreeSet<(Millis, u64)>,
    next: u64,
}

/// When the rules give way for somebody who waits.
fn reviews(number: u64, since: Millis, rules: &Rules) -> [(Millis, u64); 2] {
    [rules.tags_give_way, rules.rematch_after].map(|wait| (since.plus(wait), number))
}

impl Queue {
    /// Lets somebody wait. Nobody finds them before they are shown.
    pub fn join(&mut self, now: Millis, person: PersonId) -> Ticket {
        let ticket = Ticket { number: self.next, since: now };
        self.next += 1;
        self.waiting.insert(ticket.number, (now, person));
        ticket
    }

    /// Somebody who waits is here and can be met. Notes when the rules will give way for them; where they do
    /// already, whoever shows them has to look.
    pub fn show(&mut self, ticket: Ticket, tags: &Tags, now: Millis, rules: &Rules) {
        let Ticket { number, since } = ticket;
        self.present.add(number, since, tags);
        self.reviews.extend(reviews(number, since, rules).into_iter().filter(|(at, _)| *at > now));
    }

    /// Somebody who waits is away, or about to have other tags.
    pub fn hide(&mut self, ticket: Ticket, tags: &Tags, rules: &Rules) {
        self.present.remove(ticket.number, tags);
        for review in reviews(ticket.number, ticket.since, rules) {
            self.reviews.remove(&review);
        }
    }

    /// Plans the reviews of everyone who is here anew, by other rules.
    pub fn replan(&mut self, rules: &Rules) {
        self.reviews =
            self.present.iter().flat_map(|(number, since)| reviews(number, since, rules)).collect();
    }

    /// Takes somebody out.
    pub fn leave(&mut self, ticket: Ticket, tags: &Tags, rules: &Rules) {
        self.hide(ticket, tags, rules);
        self.waiting.remove(&ticket.number);
    }

    /// The waiting, longest first, each with the time since when.
    pub fn iter(&self) -> impl Iterator<Item = (PersonId, Millis)> {
        self.waiting.values().map(|(since, person)| (*person, *since))
    }

    /// Those of them who are here and whom tags do not keep from somebody who wishes for this.
    pub fn wished_for<'q>(&'q self, wish: Wish<'q>) -> impl Iterator<Item = (PersonId, Millis)> + 'q {
        let mut from = 0;
        std::iter::from_fn(move || {
            let number = self.present.next(from, wish)?;
            from = number + 1;
            self.waiting.get(&number).map(|(since, person)| (*person, *since))
        })
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// The place of a ticket; 1 is the front. Counts from whichever end is nearer.
    pub fn position(&self, ticket: Ticket) -> usize {
        let mut before = self.waiting.range(..ticket.number);
        let mut behind = self.waiting.range(ticket.number..).skip(1);
        let mut steps = 0;
        loop {
            match (before.next_back(), behind.next()) {
                (None, _) => return steps + 1,
                (_, None) => return self.waiting.len() - steps,
                _ => steps += 1,
            }
        }
    }

    /// When the next review is due.
    pub fn next_review(&self) -> Option<Millis> {
        self.reviews.first().map(|(at, _)| *at)
    }

    /// The next person whose review is due.
    pub fn take_review(&mut self, now: Millis) -> Option<PersonId> {
        let first = self.reviews.first().copied().filter(|(at, _)| *at <= now)?;
        self.reviews.remove(&first);
        self.waiting.get(&first.1).map(|(_, person)| *person)
    }

    /// Whether it shows these, and nobody else, and will look again for each of them.
    pub fn shows<'t>(
        &self,
        these: impl Iterator<Item = (Ticket, &'t Tags)>,
        now: Millis,
        rules: &Rules,
    ) -> bool {
        let mut due = Self { waiting: self.waiting.clone(), next: self.next, ..Self::default() };
        these.for_each(|(ticket, tags)| due.show(ticket, tags, now, rules));
        due == *self
    }
}
