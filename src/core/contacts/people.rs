//! Makes people of what was given: who has the same id, the same number, or only the same name.
//!
//! One id is one person, and so is one phone number. A name joins only what cannot be two people: somebody of
//! whom no more than the name is known, or an id without a number and a number without an id, if there is but one
//! of each. It must never know: who asks.

use super::fold::{fold, is_number, phone_digits, unaccented};
use super::spelling::letters_of;
use super::{Contact, ContactId, MOST, Source, Supplied};
use crate::core::Private;
use std::collections::{BTreeMap, BTreeSet};

mod newcomer;

/// Something under which a person is found by name.
#[derive(Clone)]
pub struct Key {
    /// Without what does not matter in a name.
    pub folded: Box<str>,
    /// Without accents too.
    pub plain: Box<str>,
    /// Of the plain name.
    pub letters: usize,
    pub letter_set: u64,
    /// Whether it is a number, which is nobody's in part or nearly.
    pub is_number: bool,
    pub person: usize,
}

/// Everybody, in order, and by what they are found.
#[derive(Clone, Default)]
pub struct People {
    contacts: Vec<Contact>,
    /// In the order of the names.
    keys: Vec<Key>,
    /// In their own order, as the ids are.
    numbers: Vec<(Box<str>, usize)>,
    ids: Vec<(ContactId, usize)>,
    /// Whose id was made here.
    without_id: BTreeSet<usize>,
    /// Who was given several times.
    several: BTreeSet<usize>,
}

/// One contact as it was given, and what of it is compared.
struct Fact<'a> {
    given: &'a Supplied,
    source: Source,
    folded: Box<str>,
    number: Option<Box<str>>,
}

impl People {
    /// Whoever has no name to be seen is left out.
    pub fn of(supplied: &[Supplied], learned: &[Supplied]) -> Self {
        let supplied = supplied.iter().map(|given| Fact::of(given, Source::Client));
        let learned = learned.iter().map(|given| Fact::of(given, Source::Backend));
        let facts: Vec<_> = supplied.chain(learned).filter(|fact| !fact.folded.is_empty()).collect();
        let mut people = Self::default();
        for persons_facts in persons(&facts).iter().take(MOST) {
            people.add(persons_facts);
        }
        people.ids.sort_unstable();
        people.make_ids();
        people.numbers.sort_unstable();
        people.keys.sort_by(|a, b| a.folded.cmp(&b.folded));
        people
    }

    pub fn contacts(&self) -> impl Iterator<Item = &Contact> {
        self.contacts.iter()
    }

    pub fn len(&self) -> usize {
        self.contacts.len()
    }

    pub fn get(&self, person: usize) -> Option<&Contact> {
        self.contacts.get(person)
    }

    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    pub fn place_of(&self, id: &ContactId) -> Option<usize> {
        let at = self.ids.binary_search_by(|(known, _)| known.cmp(id)).ok()?;
        self.ids.get(at).map(|(_, person)| *person)
    }

    /// Who has exactly this folded name: each once for each of their names.
    pub fn named(&self, folded: &str) -> impl Iterator<Item = &Key> {
        let start = self.keys.partition_point(|key| *key.folded < *folded);
        self.keys.iter().skip(start).take_while(move |key| *key.folded == *folded)
    }

    /// Whether it says no more than the name of somebody.
    pub fn knows(&self, given: &Supplied) -> bool {
        let is_bare = given.phone.is_none() && given.id.as_ref().is_none_or(ContactId::is_made);
        is_bare && self.named(&fold(given.name.as_str())).next().is_some()
    }

    pub fn numbered(&self, digits: &str) -> Option<usize> {
        let at = self.numbers.binary_search_by(|(known, _)| (**known).cmp(digits)).ok()?;
        self.numbers.get(at).map(|(_, person)| *person)
    }

    /// The id that was given for a person, not one that was made here.
    pub fn given_id(&self, person: usize) -> Option<&ContactId> {
        self.get(person).map(|contact| &contact.id).filter(|_| !self.without_id.contains(&person))
    }

    /// Who of these people a person of another list is.
    pub fn same_as(&self, other: &Self, person: usize) -> Option<usize> {
        let contact = other.get(person)?;
        let ids = other.given_id(person).into_iter().chain(&contact.other_ids);
        let number = contact.phone.as_ref().and_then(|phone| phone_digits(phone.as_str()));
        let by_id = ids.into_iter().find_map(|id| self.place_of(id));
        let by_number = || number.as_ref().and_then(|digits| self.numbered(digits));
        let by_name = || {
            let folded = fold(contact.name.as_str());
            let (mut named, has_id) =
                (self.named(&folded).map(|key| key.person), other.given_id(person).is_some());
            let first = named.next()?;
            let is_bare = !has_id && number.is_none();
            let has_number = |place| self.get(place).is_some_and(|contact| contact.phone.is_some());
            let may_be_two =
                has_id && self.given_id(first).is_some() || number.is_some() && has_number(first);
            (is_bare || !may_be_two && named.all(|place| place == first)).then_some(first)
        };
        by_id.or_else(by_number).or_else(by_name)
    }

    fn add(&mut self, facts: &[&Fact<'_>]) {
        let person = self.contacts.len();
        if facts.len() > 1 {
            self.several.insert(person);
        }
        let Some(name) = facts.first().map(|fact| fact.given.name.clone()) else { return };
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut names = Vec::new();
        for fact in facts.iter().filter(|fact| seen.insert(&fact.folded)) {
            names.push(fact.given.name.clone());
            self.keys.push(Key::of(&fact.folded, person));
        }
        let backend_first = || {
            facts.iter().filter(|f| f.source == Source::Backend).chain(facts.iter()).map(|fact| fact.given)
        };
        let ids = distinct(backend_first().filter_map(|given| given.id.as_ref()));
        self.ids.extend(ids.iter().map(|id| (id.clone(), person)));
        self.numbers.extend(facts.iter().filter_map(|fact| Some((fact.number.clone()?, person))));
        let is_backends = facts.iter().any(|fact| fact.source == Source::Backend);
        let mut ids = ids.into_iter();
        let id = ids.next().unwrap_or_else(|| {
            self.without_id.insert(person);
            ContactId::new("")
        });
        self.contacts.push(Contact {
            id,
            name,
            phone: backend_first().find_map(phone_of),
            source: if is_backends { Source::Backend } else { Source::Client },
            aliases: names.into_iter().skip(1).collect(),
            other_ids: ids.collect(),
        });
    }

    /// Gives an id to those who came without: by the name, or by the number if several are called so. The order
    /// in which they came says nothing, for the next list may have another.
    fn make_ids(&mut self) {
        let mut called: BTreeMap<Box<str>, usize> = BTreeMap::new();
        for contact in self.without_id.iter().filter_map(|person| self.contacts.get(*person)) {
            *called.entry(fold(contact.name.as_str())).or_default() += 1;
        }
        let mut made = Vec::new();
        for person in &self.without_id {
            let Some(contact) = self.contacts.get_mut(*person) else { continue };
            let is_alone = called.get(&fold(contact.name.as_str())) == Some(&1);
            contact.id = ContactId::made(contact, is_alone);
            made.push((contact.id.clone(), *person));
        }
        self.ids.append(&mut made);
        self.ids.sort_unstable();
    }
}

impl ContactId {
    /// By the name, or by the number if others are called so.
    fn made(contact: &Contact, is_alone: bool) -> Self {
        let digits = contact.phone.as_ref().and_then(|phone| phone_digits(phone.as_str()));
        match digits.filter(|_| !is_alone) {
            Some(digits) => Self::of_number(&digits),
            None => Self::of_name(&contact.name),
        }
    }
}

/// The number as it was given, or a name that is one.
fn phone_of(given: &Supplied) -> Option<Private> {
    let name = given.name.as_str();
    given.phone.clone().or_else(|| is_number(name).then(|| Private::from(name)))
}

impl Key {
    fn of(folded: &str, person: usize) -> Self {
        let plain = unaccented(folded);
        Self {
            letters: plain.chars().count(),
            letter_set: letters_of(&plain),
            is_number: phone_digits(folded).is_some(),
            folded: folded.into(),
            plain,
            person,
        }
    }
}

impl<'a> Fact<'a> {
    fn of(given: &'a Supplied, source: Source) -> Self {
        let phone = phone_of(given);
        let number = phone.as_ref().and_then(|phone| phone_digits(phone.as_str()));
        Self {
            given,
            source,
            folded: fold(given.name.as_str()),
            number: number.map(|digits| (*digits).into()),
        }
    }

    fn known(&self) -> Known {
        Known { id: self.given.id.is_some(), number: self.number.is_some() }
    }
}

/// Each id once, in order.
fn distinct<'a>(ids: impl Iterator<Item = &'a ContactId>) -> Vec<ContactId> {
    let mut seen = BTreeSet::new();
    ids.filter(|id| seen.insert(*id)).cloned().collect()
}

/// The facts of each person, in the order of their first ones.
fn persons<'f, 'a>(facts: &'f [Fact<'a>]) -> Vec<Vec<&'f Fact<'a>>> {
    let mut groups = Groups { parents: (0..facts.len()).collect() };
    groups.join_same(facts.iter().map(|fact| fact.given.id.as_ref()));
    groups.join_same(facts.iter().map(|fact| fact.number.as_ref()));
    join_names(facts, &mut groups);
    let mut firsts: Vec<_> =
        facts.iter().enumerate().map(|(at, fact)| (groups.first_of(at), at, fact)).collect();
    firsts.sort_unstable_by_key(|(first, at, _)| (*first, *at));
    firsts.chunk_by(|a, b| a.0 == b.0).map(|person| person.iter().map(|(.., fact)| *fact).collect()).collect()
}

/// Joins those of one name of whom it is plain that they are one.
fn join_names(facts: &[Fact<'_>], groups: &mut Groups) {
    let mut known = vec![Known::default(); facts.len()];
    for (at, fact) in facts.iter().enumerate() {
        if let Some(known) = known.get_mut(groups.first_of(at)) {
            *known = known.and(fact.known());
        }
    }
    let mut named: Vec<(&str, usize)> = facts.iter().zip(0..).map(|(fact, at)| (&*fact.folded, at)).collect();
    named.sort_unstable();
    for same in named.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
        let mut firsts: Vec<usize> = same.iter().map(|(_, at)| groups.first_of(*at)).collect();
        firsts.sort_unstable();
        firsts.dedup();
        join_namesakes(&firsts, &mut known, groups);
    }
}

/// Joins those who can't be two people, given the first fact of each.
fn join_namesakes(firsts: &[usize], known: &mut [Known], groups: &mut Groups) {
    let of = |known: &[Known], at: usize| known.get(at).copied().unwrap_or_default();
    let count = |has: fn(Known) -> bool| firsts.iter().filter(|at| has(of(known, **at))).count();
    let is_one = count(|known| known.id) <= 1 && count(|known| known.number) <= 1;
    let Some((&first, rest)) = firsts.split_first() else { return };
    for &other in rest {
        let both = (of(known, first), of(known, other));
        if is_one || both.0 == Known::default() || both.1 == Known::default() {
            groups.join(first, other);
            if let Some(known) = known.get_mut(first) {
                *known = both.0.and(both.1);
            }
        }
    }
}

/// What is known of a person beside the name.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Known {
    id: bool,
    number: bool,
}

impl Known {
    fn and(self, more: Self) -> Self {
        Self { id: self.id || more.id, number: self.number || more.number }
    }
}

/// Which facts are of one person: each points to an earlier one, the first to itself.
struct Groups {
    parents: Vec<usize>,
}

impl Groups {
    fn first_of(&mut self, mut at: usize) -> usize {
        loop {
            let parent = self.parent(at);
            if parent == at {
                return at;
            }
            let grandparent = self.parent(parent);
            if let Some(pointer) = self.parents.get_mut(at) {
                *pointer = grandparent;
            }
            at = parent;
        }
    }

    fn parent(&self, at: usize) -> usize {
        self.parents.get(at).copied().unwrap_or(at)
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.first_of(one), self.first_of(other));
        let (first, later) = (one.min(other), one.max(other));
        if let Some(pointer) = self.parents.get_mut(later) {
            *pointer = first;
        }
    }

    /// Joins all that have the same mark.
    fn join_same<M: Ord>(&mut self, marks: impl Iterator<Item = Option<M>>) {
        let mut marks: Vec<(M, usize)> = marks.zip(0..).filter_map(|(mark, at)| Some((mark?, at))).collect();
        marks.sort_unstable();
        for pair in marks.windows(2) {
            if let [(one, first), (other, later)] = pair
                && one == other
            {
                self.join(*first, *later);
            }
        }
    }
}
