//! The place in a sentence where a contact stands: a name that is known, a number, quotes, or "him".
//!
//! It must never know: what is wanted from the contact.

use super::NotUnderstood;
use super::number::phones;
use super::words::{a_message, any, endings, is_opening, quoted_within, word};
use crate::core::ContactName;
use crate::core::contacts::{Names, fold, fold_char};

/// Whoever is spoken to, wherever they stand.
const HIM: &[&str] = &["him", "her", "them", "the same person", "the same", "same person"];
/// Those that stand only where something is asked of somebody.
const HE: &[&str] = &["he", "she", "they", "his", "their"];
/// What may stand before a known name, and is no part of it.
const MY: &[&str] = &["my"];
/// Nobody's name begins with these, unless it is known.
const NO_NAME: &[&str] = &[
    "a",
    "about",
    "all",
    "an",
    "and",
    "any",
    "anybody",
    "anyone",
    "are",
    "at",
    "chat",
    "conversation",
    "everybody",
    "everyone",
    "for",
    "from",
    "he",
    "her",
    "here",
    "him",
    "his",
    "how",
    "i",
    "if",
    "in",
    "is",
    "it",
    "its",
    "last",
    "latest",
    "me",
    "message",
    "messages",
    "msg",
    "myself",
    "no",
    "nobody",
    "not",
    "of",
    "on",
    "or",
    "our",
    "please",
    "saying",
    "she",
    "some",
    "somebody",
    "someone",
    "that",
    "the",
    "their",
    "them",
    "there",
    "these",
    "they",
    "this",
    "those",
    "to",
    "us",
    "we",
    "what",
    "when",
    "where",
    "who",
    "why",
    "with",
    "you",
    "your",
    "yourself",
];
/// The longest name that is looked for, in characters as typed.
const LONGEST: usize = 300;
/// The longest name in quotes, in bytes.
const QUOTED: usize = 4 * LONGEST;
/// Characters behind which it is looked whether a name goes on so, if no word has ended.
const STRIDE: usize = 16;
/// The most words of a name that is not known.
const WORDS: usize = 5;

/// What a slot was filled with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The name of a contact.
    Known,
    /// A phone number.
    Phone,
    /// A name in quotes, known or not.
    Quoted,
    /// "Him", or nobody: who was named last.
    Last,
    /// Words that may be a name.
    Words,
}

/// A filled slot, and what is left behind it.
#[derive(Clone, Copy)]
pub struct Slot<'t> {
    pub typed: &'t str,
    pub kind: Kind,
    pub rest: &'t str,
}

/// Who may stand in a slot.
pub struct Reader<'b> {
    pub names: &'b Names<'b>,
    pub last: Option<&'b ContactName>,
    pub wrote_else: bool,
}

impl Reader<'_> {
    /// Whom a slot means, as typed, and whether it names them.
    pub fn contact(&self, slot: Slot<'_>) -> Result<(ContactName, bool), NotUnderstood> {
        match slot.kind {
            Kind::Last if slot.typed.is_empty() && self.wrote_else => Err(NotUnderstood::WhichContact),
            Kind::Last => Ok((self.last.ok_or(NotUnderstood::WhichContact)?.clone(), false)),
            _ => Ok((ContactName::new(slot.typed), true)),
        }
    }

    /// Every way to fill a slot at the start of `text` for sure, shortest names first. "Him" is nobody's name,
    /// unless it is and nobody else can be meant. Where a name is known, quotes and numbers have to be too.
    pub fn sure<'t>(&self, text: &'t str) -> Vec<Slot<'t>> {
        let text = text.trim_start();
        let mut looks = usize::MAX;
        let mut slots = self.known(text, &mut looks);
        if let Some(mine) = any(text, MY).filter(|_| slots.is_empty()) {
            slots = self.known(mine.trim_start(), &mut looks);
        }
        let pronoun = any(text, HIM).map(|rest| Slot::new(text, rest, Kind::Last));
        slots.extend(pronoun.filter(|_| slots.is_empty() || self.last.is_some()));
        let is_known = !slots.is_empty();
        let quoted =
            quoted_within(text, QUOTED).map(|(typed, rest)| Slot { typed, kind: Kind::Quoted, rest });
        let quoted = quoted.filter(|slot| !fold(slot.typed).is_empty());
        let numbers = phones(text, |number| self.names.is_exact(number));
        let marked = quoted.into_iter().chain(numbers);
        slots.extend(marked.filter(|slot| !is_known || self.names.is_exact(slot.typed)));
        slots
    }

    /// Every contact whose name `text` begins with. Each time that it is looked for one costs one of `looks`;
    /// when none is left, it stops.
    fn known<'t>(&self, text: &'t str, looks: &mut usize) -> Vec<Slot<'t>> {
        let mut slots = Vec::new();
        let mut folded = String::new();
        for (count, (at, c)) in text.char_indices().take(LONGEST).enumerate() {
            match c.is_whitespace() {
                true if folded.ends_with(' ') || folded.is_empty() => {}
                true => folded.push(' '),
                false => fold_char(c, |c| folded.push(c)),
            }
            let Some(rest) = text.get(at + c.len_utf8()..) else { break };
            let is_end = !c.is_whitespace() && name_may_end(rest);
            if !is_end && count % STRIDE > 0 {
                continue;
            }
            let Some(left) = looks.checked_sub(1) else { break };
            *looks = left;
            if is_end && self.names.has(folded.trim_end()) {
                slots.push(Slot::new(text, rest, Kind::Known));
            } else if !self.names.has_beginning(folded.trim_end()) {
                break;
            }
        }
        slots
    }

    /// Whether `text` begins with somebody's name or a number, for which it looks so many times at most.
    pub fn is_named(&self, text: &str, looks: &mut usize) -> bool {
        let text = text.trim_start();
        !self.known(text, looks).is_empty()
            || !phones(text, |_| false).is_empty()
            || quoted_within(text, QUOTED).is_some_and(|(name, _)| self.names.is_exact(name))
    }

    /// The words that `text` begins with that are nearly a contact's name, with something behind them.
    pub fn misspelled<'t>(&self, text: &'t str) -> Vec<Slot<'t>> {
        let text = text.trim_start();
        if any(text, NO_NAME).is_some() {
            return Vec::new();
        }
        let starts = word_ends(text).take(WORDS).filter_map(|end| text.get(end..));
        let slots =
            starts.filter(|rest| !rest.trim().is_empty()).map(|rest| Slot::new(text, rest, Kind::Words));
        slots.filter(|slot| self.names.is_nearly(slot.typed)).collect()
    }

    /// The word that `text` begins with, if somebody's name begins with it and goes on.
    pub fn first_name<'t>(&self, text: &'t str) -> Option<Slot<'t>> {
        first_word(text).filter(|slot| self.is_first_name(slot.typed))
    }

    /// Whether somebody's name begins with this word and goes on.
    pub fn is_first_name(&self, word: &str) -> bool {
        self.names.has_first(&fold(word))
    }

    /// Whether somebody is called nearly so, or has it for a first name.
    pub fn is_guessed(&self, name: &str) -> bool {
        self.is_first_name(name) || self.names.is_nearly(name)
    }

    /// Whoever is named by all of `text`, but for courtesy behind it.
    pub fn whole<'t>(&self, text: &'t str) -> Option<Slot<'t>> {
        self.whole_sure(text).or_else(|| {
            let asking = endings(text).find_map(|end| {
                HE.iter().find_map(|he| word(end, he)).filter(|rest| rest.is_empty()).map(|_| end)
            });
            let asking = asking.map(|typed| Slot { typed, kind: Kind::Last, rest: "" });
            asking.or_else(|| endings(text).last().and_then(perhaps_a_name))
        })
    }

    /// The same, if it is sure that somebody is named.
    pub fn whole_sure<'t>(&self, text: &'t str) -> Option<Slot<'t>> {
        endings(text).find_map(|text| {
            if text.chars().nth(LONGEST).is_some() {
                return None;
            }
            let mine = any(text, MY).map(str::trim_start);
            let known = [Some(text), mine].into_iter().flatten().find(|name| self.names.has(&fold(name)));
            if let Some(typed) = known {
                return Some(Slot { typed, kind: Kind::Known, rest: "" });
            }
            self.sure(text).into_iter().find(|slot| slot.kind != Kind::Known && slot.rest.is_empty())
        })
    }

    /// Whoever is named before the first `keyword`, with what is left behind that.
    pub fn before<'t>(
        &self,
        text: &'t str,
        keyword: impl Fn(&'t str) -> Option<&'t str>,
    ) -> Option<(Slot<'t>, &'t str)> {
        let sure = self.sure(text).into_iter().chain(he(text)).rev();
        let mut sure = sure.filter_map(|slot| Some((slot, keyword(slot.rest)?)));
        sure.next().or_else(|| words_before(text, keyword))
    }
}

impl<'t> Slot<'t> {
    /// Whoever was named last.
    pub fn last(rest: &'t str) -> Self {
        Self { typed: "", kind: Kind::Last, rest }
    }

    /// What of `text` is before `rest`.
    fn new(text: &'t str, rest: &'t str, kind: Kind) -> Self {
        Self { typed: text.strip_suffix(rest).unwrap_or(text), kind, rest }
    }
}

/// "He", "his" and the like.
fn he(text: &str) -> Option<Slot<'_>> {
    let text = text.trim_start();
    any(text, HE).map(|rest| Slot::new(text, rest, Kind::Last))
}

/// Words that may be a name, up to a keyword.
pub fn words_before<'t>(
    text: &'t str,
    keyword: impl Fn(&'t str) -> Option<&'t str>,
) -> Option<(Slot<'t>, &'t str)> {
    let text = text.trim_start();
    let mut ends = word_ends(text).take(WORDS).flat_map(|end| {
        let word = text.get(..end).unwrap_or(text);
        let inner = word.trim_end_matches([':', ',']).len();
        let possessive = word.strip_suffix(['s', 'S']).and_then(|word| word.strip_suffix(['\'', '’']));
        [possessive.map(str::len), Some(inner), Some(end)].into_iter().flatten()
    });
    ends.find_map(|end| {
        let (name, rest) = text.split_at_checked(end)?;
        let behind = keyword(rest)?;
        Some((Slot { rest, ..perhaps_a_name(name)? }, behind))
    })
}

/// Whether a folded name means whoever was spoken of.
pub fn is_pronoun(folded: &str) -> bool {
    HIM.iter().chain(HE).any(|he| *he == folded)
}

/// Whether a text may begin so, and hardly a name.
pub fn begins_a_text(text: &str) -> bool {
    any(text, NO_NAME).is_some() || is_me(text) || is_opening(text)
}

/// The first word, if it may be a name.
pub fn first_word(text: &str) -> Option<Slot<'_>> {
    let text = text.trim_start();
    let (name, rest) = text.split_at_checked(word_ends(text).next()?)?;
    Some(Slot { rest, ..perhaps_a_name(name)? })
}

/// Whether these words, behind a known name, rather make another name than begin a text: there are few of them
/// before the text is said to begin, and none that only texts have.
pub fn makes_a_name(more: &str, keyword: &str) -> bool {
    let is_clear =
        any(keyword, &["saying", "that says", "which says"]).is_some() || a_message(keyword).is_some();
    let most = if is_clear || keyword.starts_with(':') { 3 } else { 1 };
    let has_case =
        most > 1 || any(keyword, &["that"]).is_some() || more.trim().starts_with(char::is_uppercase);
    let starts = std::iter::once(0).chain(word_ends(more)).filter_map(|at| more.get(at..));
    let is_texts = starts.into_iter().any(|rest| any(rest, NO_NAME).is_some() || is_me(rest));
    (1..=most).contains(&more.split_whitespace().count()) && has_case && !is_texts
}

/// Whether it says something about whoever speaks.
pub fn begins_with_me(text: &str) -> bool {
    any(text, &["i", "we"]).is_some() || is_me(text)
}

/// "I'm", "it's" and the like.
fn is_me(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    word.split_once(['\'', '’']).is_some_and(|(word, _)| any(word, NO_NAME).is_some_and(str::is_empty))
}

/// A name that nobody is known by, if it may be one at all.
fn perhaps_a_name(text: &str) -> Option<Slot<'_>> {
    let is_short = text.chars().nth(LONGEST).is_none() && word_ends(text).count() <= WORDS;
    let may_be = is_short && any(text, NO_NAME).is_none() && !fold(text).is_empty();
    may_be.then_some(Slot { typed: text, kind: Kind::Words, rest: "" })
}

/// Whether it may be a name and nothing else, but for courtesy behind it.
pub fn is_name(text: &str) -> bool {
    endings(text).last().is_some_and(|text| perhaps_a_name(text).is_some())
}

/// Where each word ends, before the white space behind it.
fn word_ends(text: &str) -> impl Iterator<Item = usize> {
    let mut before = ' ';
    let ends = text.char_indices().filter_map(move |(at, c)| {
        let is_end = c.is_whitespace() && !before.is_whitespace();
        before = c;
        is_end.then_some(at)
    });
    let last = (!text.ends_with(char::is_whitespace) && !text.is_empty()).then_some(text.len());
    ends.chain(last)
}

/// Whether a name may end before this: at white space, a sign, or an 's.
fn name_may_end(rest: &str) -> bool {
    let mut next = rest.chars();
    match next.next() {
        None => true,
        Some(c) if c.is_whitespace() => true,
        Some('\'' | '’') => {
            let behind = next.as_str();
            let behind = behind.strip_prefix(['\'', '’']).unwrap_or(behind);
            any(behind, &["s"]).is_some() || next.next() == Some(' ')
        }
        Some(',' | ':' | ';' | ')') => true,
        Some('.' | '!' | '?' | '-') => next.next().is_none_or(char::is_whitespace),
        Some(_) => false,
    }
}
