//! The contacts of a session: what its clients supplied and what the account's backend knows, as one list.
//!
//! Owns which of them are the same person (`people`), how a name is typed (`fold`, `spelling`) and whom a typed
//! name means (`resolve`). It must never know: who asks, or what is said to whom.
//!
//! What was given is kept as it came; the list of people is made of it when somebody looks. Then it stays, also
//! where somebody is learned who is nobody in it.

use super::{ContactHead, Private};
use people::People;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

mod fold;
mod name;
mod people;
mod resolve;
mod spelling;

pub use fold::{fold, fold_char, is_number, phone_digits, unaccented};
pub use name::{ContactId, ContactName};
pub use resolve::{Found, How, Names, Unresolved};

/// The most contacts of a session.
pub const MOST: usize = 10_000;

/// Who says that somebody is a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// Only clients do.
    Client,
    /// The account's backend does, and clients may too.
    Backend,
}

/// A contact as it is given.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Supplied {
    pub name: ContactName,
    pub phone: Option<Private>,
    pub id: Option<ContactId>,
}

impl Supplied {
    /// A contact of whom only the name is known.
    pub fn named(name: &str) -> Self {
        Self { name: ContactName::new(name), phone: None, id: None }
    }

    /// What it weighs as a contact, in bytes.
    pub fn weight(&self) -> usize {
        let (id, phone) = (self.id.as_ref().map(ContactId::as_str), self.phone.as_ref().map(Private::as_str));
        size_of::<Contact>() + self.name.as_str().len() + id.map_or(0, str::len) + phone.map_or(0, str::len)
    }

    /// Without an id that only this hub makes: in another list it may have been somebody else's.
    fn without_made_id(self) -> Self {
        Self { id: self.id.filter(|id| !id.is_made()), ..self }
    }
}

/// One person, however many times they were given.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Contact {
    /// As the backend gave it, else as a client did, else made here.
    pub id: ContactId,
    /// As the first client gave it, else as the backend did.
    pub name: ContactName,
    /// As the backend gave it, else as a client did.
    pub phone: Option<Private>,
    pub source: Source,
    /// Other names of this person.
    pub aliases: Vec<ContactName>,
    /// Other ids of this person.
    pub other_ids: Vec<ContactId>,
}

impl Contact {
    /// What it weighs, in bytes.
    pub fn weight(&self) -> usize {
        let Self { id, name, phone, aliases, other_ids, .. } = self;
        let ids = std::iter::once(id).chain(other_ids).map(|id| id.as_str().len());
        let names = std::iter::once(name).chain(aliases).map(|name| name.as_str().len());
        let phone = phone.as_ref().map_or(0, |phone| phone.as_str().len());
        size_of::<Self>() + ids.sum::<usize>() + names.sum::<usize>() + phone
    }
}

/// What the backend tells its contacts from each other by: the id, or without one all that is known.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Learned {
    Id(ContactId),
    Name(Box<str>, Option<Private>),
}

/// All contacts of a session. Its `Debug` prints how many there are.
#[derive(Clone, Default)]
pub struct Contacts {
    supplied: Vec<Supplied>,
    learned: Vec<Supplied>,
    /// Where somebody stands among the learned.
    places: BTreeMap<Learned, usize>,
    people: OnceLock<People>,
}

impl Contacts {
    /// Replaces what clients supplied before. What the backend knows stays.
    pub fn replace_supplied(&mut self, supplied: impl Iterator<Item = Supplied>) {
        self.supplied = supplied.take(MOST).map(Supplied::without_made_id).collect();
        self.people.take();
    }

    /// Adds what the backend says of somebody, or changes it, and says whether that is news. Nobody is added
    /// to a full list.
    pub fn learn(&mut self, told: Supplied) -> bool {
        let (name, told) = (fold(told.name.as_str()), told.without_made_id());
        let key = told.id.clone().map_or_else(|| Learned::Name(name, told.phone.clone()), Learned::Id);
        let place = *self.places.get(&key).unwrap_or(&self.learned.len());
        if let Some(known) = self.learned.get_mut(place) {
            let is_news = update(known, told);
            if is_news {
                self.people.take();
            }
            return is_news;
        }
        if place >= MOST {
            return false;
        }
        if self.people.get_mut().is_some_and(|people| !people.add_newcomer(&told)) {
            self.people.take();
        }
        self.places.insert(key, place);
        self.learned.push(told);
        true
    }

    /// Forgets all that the backend said, since it is another one now. Says whether that was anything.
    pub fn forget_learned(&mut self) -> bool {
        let had_any = !self.learned.is_empty();
        self.learned.clear();
        self.places.clear();
        self.people.take();
        had_any
    }

    /// Everybody: those that clients supplied as they gave them, then whom only the backend knows.
    pub fn iter(&self) -> impl Iterator<Item = &Contact> {
        self.people().contacts()
    }

    /// How many people they are.
    pub fn len(&self) -> usize {
        self.people().len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first names, and how many there are in all.
    pub fn head(&self) -> ContactHead {
        ContactHead::of(self.iter().map(|contact| contact.name.as_str()))
    }

    /// Some of those whose name or number has `query` in it, from behind `after` on, and where to go on. Behind
    /// somebody who is gone there is nobody.
    pub fn page(
        &self,
        query: Option<&str>,
        after: Option<&ContactId>,
        count: usize,
    ) -> (Vec<&Contact>, Option<ContactId>) {
        let start = match after.map(|id| self.people().place_of(id)) {
            None => 0,
            Some(Some(place)) => place + 1,
            Some(None) => self.len(),
        };
        let query = query.map(Query::of);
        let mut rest =
            self.iter().skip(start).filter(|contact| query.as_ref().is_none_or(|q| q.fits(contact)));
        let page: Vec<&Contact> = rest.by_ref().take(count).collect();
        let next = page.last().filter(|_| rest.next().is_some()).map(|contact| contact.id.clone());
        (page, next)
    }

    /// Who has this id, be it one of several.
    pub fn get(&self, id: &ContactId) -> Option<&Contact> {
        self.people().get(self.people().place_of(id)?)
    }

    /// Who has this phone number, be it one of several; by its digits.
    pub fn numbered(&self, digits: &str) -> Option<&Contact> {
        self.people().get(self.people().numbered(digits)?)
    }

    /// All who are called exactly so.
    pub fn called(&self, name: &ContactName) -> impl Iterator<Item = &Contact> {
        let people = self.people();
        let folded = fold(name.as_str());
        people
            .named(&folded)
            .map(|key| key.person)
            .collect::<Vec<_>>()
            .into_iter()
            .filter_map(|at| people.get(at))
    }

    /// How many of these add anything to the contacts: more than a name that is known.
    pub fn news_in(&self, extra: &[Supplied]) -> usize {
        extra.iter().filter(|one| !self.people().knows(one)).count()
    }

    /// Whom a typed name or number means, among the contacts and those in `extra`.
    ///
    /// # Errors
    ///
    /// When it means nobody, or several.
    pub fn resolve(&self, typed: &str, extra: &[Supplied]) -> Result<Found, Unresolved> {
        Names::new(self, extra).resolve(typed)
    }

    fn people(&self) -> &People {
        self.people.get_or_init(|| People::of(&self.supplied, &self.learned))
    }
}

impl fmt::Debug for Contacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contacts({})", self.len())
    }
}

/// Takes over what the backend says of somebody it named before; a number it leaves out stays.
fn update(known: &mut Supplied, told: Supplied) -> bool {
    let told = Supplied { phone: told.phone.or_else(|| known.phone.clone()), ..told };
    let is_news = *known != told;
    *known = told;
    is_news
}

/// What a page of contacts is looked for by.
struct Query {
    text: Box<str>,
    digits: String,
}

impl Query {
    fn of(typed: &str) -> Self {
        let is_number = typed.chars().all(|c| !c.is_alphabetic());
        let digits = typed.chars().filter(|c| is_number && c.is_ascii_digit()).collect();
        Self { text: fold(typed), digits }
    }

    fn fits(&self, contact: &Contact) -> bool {
        let has_name = |name: &ContactName| fold(name.as_str()).contains(&*self.text);
        let has_number = |phone: &Private| {
            phone_digits(phone.as_str()).is_some_and(|digits| digits.contains(&self.digits))
        };
        has_name(&contact.name)
            || contact.aliases.iter().any(has_name)
            || !self.digits.is_empty() && contact.phone.as_ref().is_some_and(has_number)
    }
}

#[cfg(test)]
mod tests;
