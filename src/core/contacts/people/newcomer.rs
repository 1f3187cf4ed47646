//! Adds one more to people who are known already, where nobody else is another person for it.
//!
//! It must give what making all of them anew would give: `tests/plain_words/newcomers.rs` compares the two.

use super::{Fact, Known, People};
use crate::core::contacts::{ContactId, MOST, Source, Supplied, fold, phone_digits};

impl People {
    /// Adds what the backend says of somebody, last of all. `false` if all have to be made anew for that: then
    /// nothing is changed.
    pub fn add_newcomer(&mut self, given: &Supplied) -> bool {
        let fact = Fact::of(given, Source::Backend);
        if fact.folded.is_empty() {
            return true;
        }
        let is_newcomer = self.is_newcomer(&fact);
        if is_newcomer && self.len() < MOST {
            self.add_last(&fact);
        }
        is_newcomer
    }

    /// Whether it is nobody who is known, and no reason to tell apart who was taken for one.
    fn is_newcomer(&self, fact: &Fact<'_>) -> bool {
        let id = fact.given.id.as_ref();
        let is_known = id.is_some_and(|id| self.place_of(id).is_some())
            || fact.number.as_ref().is_some_and(|number| self.numbered(number).is_some());
        let mut namesakes = self.named(&fact.folded).map(|key| key.person);
        let is_apart = match (namesakes.next(), namesakes.next()) {
            (None, _) => true,
            // What keeps these two apart keeps apart whoever else it is said of.
            (Some(_), Some(_)) => fact.known() != Known::default(),
            (Some(one), None) => self.is_apart(one, fact.known()),
        };
        // With a second of them the only one without an id would get another.
        is_apart && !is_known && (id.is_some() || self.without_id_called(&fact.folded) != 1)
    }

    /// Whether somebody with the only name that is as this one's, and of whom this is known, is another.
    fn is_apart(&self, person: usize, known: Known) -> bool {
        let phone = self.get(person).and_then(|contact| contact.phone.as_ref());
        let has_number = phone.is_some_and(|phone| phone_digits(phone.as_str()).is_some());
        let is_other = known.id && self.given_id(person).is_some() || known.number && has_number;
        is_other && !self.several.contains(&person)
    }

    /// How many have this for their first name and no id but one that was made here: none, one, or several.
    fn without_id_called(&self, folded: &str) -> usize {
        let is_called = |person: &usize| {
            self.without_id.contains(person)
                && self.get(*person).is_some_and(|contact| *fold(contact.name.as_str()) == *folded)
        };
        self.named(folded).map(|key| key.person).filter(is_called).take(2).count()
    }

    fn add_last(&mut self, fact: &Fact<'_>) {
        let person = self.len();
        let is_alone = self.without_id_called(&fact.folded) == 0;
        self.add(&[fact]);
        if self.without_id.contains(&person)
            && let Some(contact) = self.contacts.get_mut(person)
        {
            contact.id = ContactId::made(contact, is_alone);
            self.ids.push((contact.id.clone(), person));
        }
        sink(&mut self.ids, |one, last| one <= last);
        sink(&mut self.keys, |one, last| one.folded <= last.folded);
        if fact.number.is_some() {
            sink(&mut self.numbers, |one, last| one <= last);
        }
    }
}

/// Puts the last one where it belongs.
fn sink<T>(sorted: &mut Vec<T>, is_before: impl Fn(&T, &T) -> bool) {
    if let Some(last) = sorted.pop() {
        let place = sorted.partition_point(|one| is_before(one, &last));
        sorted.insert(place, last);
    }
}
