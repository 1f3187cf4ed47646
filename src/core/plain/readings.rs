//! Weighs the ways to read one sentence as a text for somebody, and settles for one, or for none.
//!
//! It must never know: the words of the sentence.

use super::slot::{Kind, Reader, Slot};
use super::words::{is_announcement, is_over, message};
use super::{Meant, NotUnderstood, oddity};
use crate::core::contacts::fold;
use crate::core::{Action, ContactName};

/// How plainly a sentence says where the name ends and the text begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// By a "saying", a colon or quotes.
    Said,
    /// By a "message" between them.
    Between,
    /// Not at all, but the name is known.
    Bare,
    /// By a "to" before a known name, at the end.
    ToEnd,
    /// By a "saying" or "message" behind a longer name than the known one.
    Longer,
    /// Not at all, or by a "saying", and the name is not known.
    Guessed,
}

/// One way to read a sentence.
struct Reading<'t> {
    slot: Slot<'t>,
    text: &'t str,
    form: Form,
    /// Whether a "saying", a "that", a colon or quotes say where the text begins: then it may be any.
    is_clear: bool,
    /// What stands between the name and the text, if the text is behind it.
    between: Option<&'t str>,
}

/// All ways to read a sentence.
pub struct Readings<'t, 'r, 'b> {
    reader: &'r Reader<'b>,
    all: Vec<Reading<'t>>,
}

impl<'t, 'r, 'b> Readings<'t, 'r, 'b> {
    pub fn new(reader: &'r Reader<'b>) -> Self {
        Self { reader, all: Vec::new() }
    }

    /// Adds a way, if there is a text.
    pub fn add(&mut self, form: Form, slot: Slot<'t>, text: &'t str) {
        let Some(kept) = message(text) else { return };
        let is_quoted = kept.len() < text.trim().len();
        let between = slot.rest.trim_end().strip_suffix(text.trim());
        let is_clear = is_quoted || between.map_or(form == Form::Said, oddity::is_clear);
        if is_clear {
            return self.all.push(Reading { slot, text: kept, form, is_clear, between });
        }
        let courteous = oddity::courteous(kept);
        let (text, is_clear) = (courteous.unwrap_or(kept), courteous.is_some());
        if is_clear || !oddity::is_unfinished(text) {
            self.all.push(Reading { slot, text, form, is_clear, between });
        }
    }

    /// Adds the text behind a name without anything between them.
    pub fn add_bare(&mut self, form: Form, slot: Slot<'t>) {
        if slot.rest.starts_with(char::is_whitespace) && !is_over(slot.rest) {
            self.add(form, slot, slot.rest);
        }
    }

    /// Adds the text behind each name that is known, for a longer one may be meant as well as a shorter one.
    pub fn add_each(&mut self, slots: &[Slot<'t>]) {
        let Some(longest) = slots.iter().min_by_key(|slot| slot.rest.len()) else { return };
        if is_over(longest.rest) {
            return;
        }
        let is_one = |slot: &&Slot<'_>| {
            slot.rest.len() == longest.rest.len() || matches!(slot.kind, Kind::Known | Kind::Phone)
        };
        slots.iter().filter(is_one).for_each(|slot| self.add_bare(Form::Bare, *slot));
    }

    /// Whether nothing was found that it could mean.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The one way that is meant.
    pub fn settle(self) -> Result<Meant, NotUnderstood> {
        let of = |forms: &[Form]| self.all.iter().filter(|r| forms.contains(&r.form)).collect::<Vec<_>>();
        let (plain, bare, guessed) = (
            of(&[Form::Said, Form::Between]),
            of(&[Form::Bare, Form::ToEnd, Form::Longer]),
            of(&[Form::Guessed]),
        );
        let first = plain.first().or(bare.first()).or(guessed.first()).ok_or(NotUnderstood::Unknown)?;
        let rivals = if !plain.is_empty() {
            let is_rival = |other: &&&Reading<'_>| match other.form {
                Form::Bare => other.reach() < first.reach(),
                Form::Longer => false,
                _ => first.form == Form::Between,
            };
            plain.iter().chain(bare.iter().filter(is_rival)).copied().collect()
        } else if bare.iter().any(|reading| reading.form == Form::ToEnd) || bare.is_empty() {
            bare.iter().chain(&guessed).copied().collect()
        } else {
            bare.clone()
        };
        if first.is_odd(self.reader) || rivals.iter().any(|rival| !self.is_same(first, rival)) {
            return Err(NotUnderstood::TwoWays);
        }
        let (contact, names_contact) = self.reader.contact(first.slot)?;
        let action = Action::Send { contact, message: first.text.into(), confirm: None };
        Ok(Meant::Act { action, names_contact })
    }

    fn is_same(&self, one: &Reading<'_>, other: &Reading<'_>) -> bool {
        let name = |reading: &Reading<'_>| match reading.slot.kind {
            Kind::Last => self.reader.last.map(ContactName::as_str).map(fold),
            _ => Some(fold(reading.slot.typed)),
        };
        one.text == other.text && name(one) == name(other)
    }
}

impl Reading<'_> {
    /// Whether it may as well be a text for others, or for nobody.
    fn is_odd(&self, reader: &Reader<'_>) -> bool {
        if self.slot.kind == Kind::Words && oddity::is_several(self.slot.typed, reader) {
            return true;
        }
        if self.is_clear {
            return false;
        }
        let is_of_form = match (self.form, self.between) {
            (Form::Bare | Form::Guessed, Some(_)) => {
                is_announcement(self.text)
                    || oddity::begins_with_a_mark(self.text)
                    || oddity::goes_on(&self.slot, self.text)
            }
            (Form::Bare | Form::Guessed | Form::ToEnd, _) => {
                is_announcement(self.text) || oddity::dangles(self.text)
            }
            (Form::Between, _) => oddity::begins_later(self.text),
            (Form::Said, between) => {
                let is_list = between.is_some_and(|between| between.contains(','));
                is_announcement(self.text) || is_list && oddity::begins_with_a_mark(self.text)
            }
            (Form::Longer, _) => false,
        };
        let is_words = self.slot.kind == Kind::Words;
        is_of_form
            || is_words && oddity::is_somebodys(self.slot.typed, reader)
            || is_words
                && self.between.is_some()
                && oddity::lacks_a_surname(self.slot.typed, self.text, reader)
            || oddity::names_another(self.text, reader)
            || self.between.is_some_and(|between| oddity::lists_pronouns(between, self.text))
    }

    /// What is left behind the name: less, if the name is longer.
    fn reach(&self) -> usize {
        self.slot.rest.len()
    }
}
