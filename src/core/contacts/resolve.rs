//! Whom a typed name means: somebody called so, or in part, or nearly. Never one of several.
//!
//! It must never know: what is wanted from whoever is found.

use super::fold::{fold, phone_digits, unaccented};
use super::people::{Key, People};
use super::spelling::{FEW, allowed, letters_of, slips};
use super::{Contact, ContactId, ContactName, Contacts, Supplied};
use crate::core::Private;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The longest name that is looked for, in characters.
pub const LONGEST: usize = 256;
/// Letters of a part up to which it is looked for inside of names, and not only at their beginning.
const LONG: usize = 64;
/// How many of several that could be meant are named.
const NAMED: usize = 5;

/// Somebody who was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Their id, given or made here: nobody else's.
    pub id: ContactId,
    /// Their name, in full.
    pub contact: ContactName,
    /// The number that was typed, else one of theirs.
    pub phone: Option<Private>,
    pub how: How,
}

/// How a typed name meant somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// It is their name or number.
    Exact,
    /// It is a part of their name, or their name but for accents.
    Part,
    /// It is nearly their name.
    Spelling,
}

/// Why a typed name means nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unresolved {
    Unknown,
    /// Some of those it could mean, the likeliest first: each by something that means nobody else.
    Ambiguous(Vec<ContactName>),
}

/// The names that may be typed: those of a session's contacts, and more for one command.
pub struct Names<'c> {
    people: &'c People,
    extra: People,
    /// Who of the people somebody in `extra` is.
    same: Vec<Option<usize>>,
}

/// Somebody who could be meant: of the people, or of those in extra only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Known(usize),
    Extra(usize),
}

/// Those who could be meant, perhaps several times: how long the name is that fits, and who has it.
type Candidates = Vec<(usize, Who)>;

/// What was typed, and what of it is compared.
struct Typed {
    folded: Box<str>,
    /// Without accents too.
    plain: Box<str>,
    /// Of the plain name.
    letters: Vec<char>,
    letter_set: u64,
}

impl Typed {
    /// `None` of what is no name: nothing, or too long.
    fn of(typed: &str) -> Option<Self> {
        if typed.chars().nth(LONGEST).is_some() {
            return None;
        }
        let folded = fold(typed);
        let plain = unaccented(&folded);
        let (letters, letter_set) = (plain.chars().collect(), letters_of(&plain));
        (!folded.is_empty()).then_some(Self { folded, plain, letters, letter_set })
    }

    /// Whether only the whole of a name or number can be meant: a part of a number is nobody's.
    fn is_number(&self) -> bool {
        let has = |is: fn(char) -> bool| self.folded.contains(is);
        has(char::is_numeric) && !has(char::is_alphabetic)
    }

    /// Whether a name has the same digits: another one is no slip.
    fn has_digits_of(&self, name: &str) -> bool {
        let digits = |c: &char| c.is_numeric();
        self.letters.iter().copied().filter(digits).eq(name.chars().filter(digits))
    }
}

impl<'c> Names<'c> {
    /// Those of the contacts, and those in `extra`, of whom some may be contacts.
    pub fn new(contacts: &'c Contacts, extra: &[Supplied]) -> Self {
        let people = contacts.people();
        let news = extra.iter().filter(|one| !people.knows(one)).cloned();
        let extra = People::of(&news.map(Supplied::without_made_id).collect::<Vec<_>>(), &[]);
        let mut names = Self { people, same: Vec::new(), extra };
        let same: Vec<_> = (0..names.extra.len()).map(|one| people.same_as(&names.extra, one)).collect();
        let mut times: BTreeMap<usize, usize> = BTreeMap::new();
        for known in same.iter().flatten() {
            *times.entry(*known).or_default() += 1;
        }
        // Two with numbers of their own can't both be one of whom none is known.
        let is_one =
            |known: &usize| times.get(known) == Some(&1) || people.get(*known).is_some_and(has_number);
        names.same = same.into_iter().map(|known| known.filter(is_one)).collect();
        names
    }

    /// Whom a typed name or number means.
    ///
    /// # Errors
    ///
    /// When it means nobody, or several.
    pub fn resolve(&self, typed: &str) -> Result<Found, Unresolved> {
        let (how, mut candidates) = self.candidates(typed).ok_or(Unresolved::Unknown)?;
        candidates.sort_unstable();
        let mut nearest = Vec::new();
        for (_, who) in candidates {
            if nearest.len() < NAMED && !nearest.contains(&who) {
                nearest.push(who);
            }
        }
        match nearest.as_slice() {
            [who] => self.found(*who, typed, how).ok_or(Unresolved::Unknown),
            several => {
                let told = several.iter().filter_map(|who| self.told_apart(*who));
                Err(Unresolved::Ambiguous(told.collect()))
            }
        }
    }

    /// Whether nobody is known.
    pub fn is_empty(&self) -> bool {
        self.lists().all(|(people, _)| people.len() == 0)
    }

    /// Whether it is somebody's name or number.
    pub fn is_exact(&self, typed: &str) -> bool {
        Typed::of(typed).is_some_and(|typed| !self.exact(&typed.folded).is_empty())
    }

    /// Whether it is somebody's name but for accents or a slip or two, be it a part of a name or not.
    pub fn is_nearly(&self, typed: &str) -> bool {
        Typed::of(typed)
            .is_some_and(|typed| !self.alike(&typed).is_empty() || !self.misspelled(&typed).is_empty())
    }

    /// Whether somebody is called exactly so; the name has to be folded.
    pub fn has(&self, folded: &str) -> bool {
        self.lists().any(|(people, _)| people.named(folded).next().is_some())
    }

    /// Whether somebody's name begins with this; it has to be folded.
    pub fn has_beginning(&self, folded: &str) -> bool {
        self.lists().any(|(people, _)| {
            let start = people.keys().partition_point(|key| *key.folded < *folded);
            people.keys().get(start).is_some_and(|key| key.folded.starts_with(folded))
        })
    }

    /// Whether somebody has this for a first name, and another name behind it; it has to be folded.
    pub fn has_surname(&self, folded: &str) -> bool {
        let first = format!("{folded} ");
        self.lists().any(|(people, _)| {
            let start = people.keys().partition_point(|key| *key.folded < *first);
            let mut rests =
                people.keys().iter().skip(start).map_while(|key| key.folded.strip_prefix(&*first));
            rests.any(|rest| rest.contains(char::is_alphabetic))
        })
    }

    /// Whether somebody's name begins with this word and goes on; the word has to be folded.
    pub fn has_first(&self, folded: &str) -> bool {
        self.has_beginning(&format!("{folded} "))
    }

    fn candidates(&self, typed: &str) -> Option<(How, Candidates)> {
        let typed = Typed::of(typed)?;
        let found = |how, candidates: Candidates| (!candidates.is_empty()).then_some((how, candidates));
        let exact = found(How::Exact, self.exact(&typed.folded));
        if exact.is_some() || typed.is_number() {
            return exact;
        }
        found(How::Part, self.alike(&typed))
            .or_else(|| found(How::Part, self.parts(&typed)))
            .or_else(|| found(How::Spelling, self.misspelled(&typed)))
    }

    fn exact(&self, folded: &str) -> Candidates {
        let digits = phone_digits(folded);
        let mut candidates = Candidates::new();
        for (people, is_extra) in self.lists() {
            let named = people.named(folded).map(|key| key.person);
            let numbered = digits.as_ref().and_then(|digits| people.numbered(digits));
            candidates.extend(named.chain(numbered).map(|person| (0, self.who(person, is_extra))));
        }
        if candidates.is_empty() { self.marked(folded) } else { candidates }
    }

    /// One of several of a name, with the number or id in brackets that tells them apart.
    fn marked(&self, folded: &str) -> Candidates {
        let marked = folded.strip_suffix(')').and_then(|marked| marked.rsplit_once(" ("));
        let Some((name, mark)) = marked else { return Candidates::new() };
        let digits = phone_digits(mark);
        let mut candidates = Candidates::new();
        for (people, is_extra) in self.lists() {
            let has_mark = |contact: &Contact| {
                let mut ids = std::iter::once(&contact.id).chain(&contact.other_ids);
                digits.is_some() && digits_of(contact) == digits || ids.any(|id| *fold(id.as_str()) == *mark)
            };
            let named = people.named(name).map(|key| key.person);
            let marked = named.filter(|person| people.get(*person).is_some_and(has_mark));
            candidates.extend(marked.map(|person| (0, self.who(person, is_extra))));
        }
        candidates
    }

    /// Those whose name it is but for accents.
    fn alike(&self, typed: &Typed) -> Candidates {
        self.nearest(|key| (key.plain == typed.plain).then_some(0))
    }

    /// Those of whose name it is whole words, or how it begins; if there are none, any part.
    fn parts(&self, typed: &Typed) -> Candidates {
        if typed.folded.chars().all(|c| c.is_ascii_punctuation()) {
            return Candidates::new();
        }
        self.nearest(|key| {
            let is_less = typed.letters.len() < key.letters && !key.is_number;
            let may_hold = is_less && typed.letter_set & !key.letter_set == 0;
            may_hold.then(|| part(&key.plain, &typed.plain, typed.letters.len() <= LONG)).flatten()
        })
    }

    fn misspelled(&self, typed: &Typed) -> Candidates {
        if typed.letters.len() <= FEW || allowed(typed.letters.len()) == 0 {
            return Candidates::new();
        }
        let mut letters = Vec::new();
        let nearest = self.nearest(|key| {
            let most = allowed(key.letters);
            let differing = (typed.letter_set ^ key.letter_set).count_ones() as usize;
            let is_far = key.letters.abs_diff(typed.letters.len()) > most || differing > 2 * most;
            if is_far || key.is_number || !typed.has_digits_of(&key.plain) {
                return None;
            }
            letters.clear();
            letters.extend(key.plain.chars());
            slips(&typed.letters, &letters, most)
        });
        // A short name may be meant as well as a longer one, but never alone.
        let is_any_long = nearest.iter().any(|(letters, _)| *letters > FEW);
        if is_any_long { nearest } else { Candidates::new() }
    }

    /// Those who are as near as anybody, by what `distance` says of their names.
    fn nearest(&self, mut distance: impl FnMut(&Key) -> Option<usize>) -> Candidates {
        let mut candidates = Candidates::new();
        let mut least = usize::MAX;
        for (people, is_extra) in self.lists() {
            for key in people.keys() {
                let Some(distance) = distance(key).filter(|distance| *distance <= least) else { continue };
                if distance < least {
                    least = distance;
                    candidates.clear();
                }
                candidates.push((key.letters, self.who(key.person, is_extra)));
            }
        }
        candidates
    }

    /// Both lists, and whether it is that of the command.
    fn lists(&self) -> impl Iterator<Item = (&People, bool)> {
        [(self.people, false), (&self.extra, true)].into_iter()
    }

    fn who(&self, person: usize, is_extra: bool) -> Who {
        match self.same.get(person).copied().flatten() {
            Some(same) if is_extra => Who::Known(same),
            _ if is_extra => Who::Extra(person),
            _ => Who::Known(person),
        }
    }

    fn find(&self, who: Who) -> (&People, usize) {
        match who {
            Who::Known(person) => (self.people, person),
            Who::Extra(person) => (&self.extra, person),
        }
    }

    fn contact(&self, who: Who) -> Option<&Contact> {
        let (people, person) = self.find(who);
        people.get(person)
    }

    fn found(&self, who: Who, typed: &str, how: How) -> Option<Found> {
        let contact = self.contact(who)?;
        let of_both = || {
            let mut extra = self.same.iter().zip(0..).filter(|(same, _)| same.map(Who::Known) == Some(who));
            extra.find_map(|(_, person)| self.extra.get(person)?.phone.clone())
        };
        let digits = phone_digits(typed).filter(|digits| self.is_number_of(digits, who));
        let phone = match digits {
            Some(digits) if digits_of(contact).as_ref() != Some(&digits) => Some(Private::from(typed.trim())),
            _ => contact.phone.clone().or_else(of_both),
        };
        Some(Found { id: self.id(who)?, contact: contact.name.clone(), phone, how })
    }

    fn is_number_of(&self, digits: &str, who: Who) -> bool {
        let mut owners =
            self.lists().filter_map(|(people, is_extra)| Some((people.numbered(digits)?, is_extra)));
        owners.any(|(person, is_extra)| self.who(person, is_extra) == who)
    }

    /// The id of somebody in extra may not be one that was made for a namesake.
    fn id(&self, who: Who) -> Option<ContactId> {
        let contact = self.contact(who)?;
        let is_taken = matches!(who, Who::Extra(_)) && self.people.place_of(&contact.id).is_some();
        let digits = digits_of(contact).filter(|_| is_taken);
        Some(digits.map_or_else(|| contact.id.clone(), |digits| ContactId::of_number(&digits)))
    }

    /// The name, or where that could be another too, with the number or id in brackets: what means just this one.
    fn told_apart(&self, who: Who) -> Option<ContactName> {
        let contact = self.contact(who)?;
        let name = contact.name.as_str();
        let marked = |mark: &str| format!("{name} ({mark})");
        let digits = digits_of(contact);
        let written = contact.phone.as_ref().filter(|_| digits.is_some());
        let ways = [
            Some(name.to_owned()),
            written.map(|phone| marked(phone.as_str())),
            digits.map(|digits| marked(&digits)),
            self.id(who).map(|id| marked(id.as_str())),
        ];
        let way = ways.into_iter().flatten().find(|way| self.means_just(way, who));
        Some(ContactName::new(way.unwrap_or_else(|| name.to_owned())))
    }

    fn means_just(&self, typed: &str, who: Who) -> bool {
        let candidates = Typed::of(typed).map(|typed| self.exact(&typed.folded)).unwrap_or_default();
        !candidates.is_empty() && candidates.iter().all(|(_, other)| *other == who)
    }
}

fn digits_of(contact: &Contact) -> Option<Cow<'_, str>> {
    contact.phone.as_ref().and_then(|phone| phone_digits(phone.as_str()))
}

fn has_number(contact: &Contact) -> bool {
    digits_of(contact).is_some()
}

/// How well a part fits a name: 0 as whole words or its beginning, 1 anywhere else, if that is looked at. Digits
/// are not cut: the 7 of Agent 77 is no part of that name. Nor do few letters inside of a word mean anybody, in
/// scripts that have words: Ed is not Fred.
fn part(name: &str, part: &str, looks_inside: bool) -> Option<usize> {
    let places = looks_inside.then(|| name.match_indices(part)).into_iter().flatten().map(|(at, _)| at);
    let start = (!looks_inside && name.starts_with(part)).then_some(0);
    places.chain(start).filter_map(|at| fit(name, at, part)).min()
}

/// How well a part fits at a place in a name.
fn fit(name: &str, at: usize, part: &str) -> Option<usize> {
    let before = name.get(..at).and_then(|text| text.chars().next_back());
    let after = name.get(at + part.len()..).and_then(|text| text.chars().next());
    let (first, last) = (part.chars().next(), part.chars().next_back());
    let goes_on = |one: Option<char>, other: Option<char>, is: fn(char) -> bool| {
        one.is_some_and(is) && other.is_some_and(is)
    };
    let is_inside = goes_on(before, first, char::is_lowercase);
    if goes_on(before, first, char::is_numeric)
        || goes_on(last, after, char::is_numeric)
        || is_inside && part.chars().nth(FEW).is_none()
    {
        return None;
    }
    let is_edge = |neighbour: Option<char>| !neighbour.is_some_and(char::is_alphanumeric);
    Some(usize::from(at > 0 && !(is_edge(before) && is_edge(after))))
}
