//! What makes a text odd: more names in it, or before it what no text begins with.
//!
//! It must never know: for whom the text is, if for one.

use super::send::{SEND, TELL};
use super::slot::{Kind, Reader, Slot, begins_a_text, is_pronoun};
use super::words::{ANNOUNCING, IT, a_message, any, many, maybe, quoted, saying};
use crate::core::contacts::fold;

/// What joins another contact to one.
const JOINING: &[&str] =
    &["to", "and", "or", "not", "&", "+", "instead of", "as well as", "then", "plus", "nor"];
/// Those behind which another order may begin.
const FURTHER: &[&str] = &["and", "then", "and then", "and also"];
/// What may stand before another order behind the end of a sentence.
const BEFORE_AN_ORDER: &[&str] = &["and then", "and also", "and", "then", "also", "please", "pls", "now"];
/// What else an order may begin with.
const ORDERS: &[&str] =
    &["let", "write to", "reply to", "write", "reply", "read", "show", "summarize", "summarise"];
/// Those with which no text begins.
const LISTING: &[&str] = &["and", "or", "&", "+", "nor", "instead of", "as well as"];
/// What a text does not end with before a "to".
const DANGLING: &[&str] =
    &["and", "or", "not", "then", "but", "nor", "&", "+", "plus", "also", "instead of", "as well as"];
/// What goes on behind a "them".
const ALL: &[&str] = &["both", "all", "two", "three"];
/// What stands for a text that is not there.
const SAME: &[&str] = &[
    "the same",
    "the same message",
    "the same thing",
    "the same text",
    "same",
    "saying",
    "that says",
    "with",
];
/// How many joining words are looked behind; a text with more in it is odd.
const MOST: usize = 500;
/// How often it is looked for a name behind them; a text with more that are nearly names is odd.
const LOOKS: usize = 2_000;
/// The longest end of a text that is compared, in bytes.
const END: usize = 200;
/// Words of a text among which nothing says that the text begins.
const FIRST: usize = 5;

/// Whether there is no text: it stands for something said before, or its quotes are empty or never end.
pub fn is_unfinished(text: &str) -> bool {
    let words = text.trim_end_matches(['.', '!', '?', ',', '…']);
    let folded = if words.len() <= END { fold(words) } else { words.into() };
    let is_known = IT.iter().chain(SAME).chain(DANGLING).any(|it| **it == *folded);
    let open = text.chars().next().filter(|open| matches!(open, '"' | '“' | '„' | '«'));
    let is_open = open.is_some_and(|open| {
        let inside = text.strip_prefix(open).unwrap_or_default();
        inside.trim().is_empty() || !inside.contains(['"', '”', '“', '»'])
    });
    let is_empty = matches!(&*folded, "\"\"" | "''" | "«»" | "‹›");
    is_known || is_open || is_empty
}

/// Whether the text goes on naming people, or names another one behind a "to" or "and".
pub fn names_another(text: &str, reader: &Reader<'_>) -> bool {
    if any(text, LISTING).is_some() {
        return true;
    }
    let mut looks = LOOKS;
    let mut is_named = |text: &str| reader.is_named(text, &mut looks);
    let behind_words = words(text).filter_map(|rest| {
        let order = any(rest, FURTHER).and_then(|rest| any(rest, SEND).or_else(|| any(rest, TELL)));
        let order = order.or_else(|| ends_a_sentence(text, rest).then(|| another_order(rest)).flatten());
        order.or_else(|| any(rest, JOINING))
    });
    let behind_commas = text.match_indices([',', '+', '&', '/']).filter_map(|(at, _)| text.get(at + 1..));
    let mut behind = behind_words.chain(behind_commas);
    is_named(text) || behind.by_ref().take(MOST).any(is_named) || behind.next().is_some() || looks == 0
}

/// Whether a sentence ends right before what is left of a text.
fn ends_a_sentence(text: &str, rest: &str) -> bool {
    let before = text.get(..text.len().saturating_sub(rest.len())).unwrap_or_default();
    let words = before.trim_end_matches(|c: char| c.is_whitespace() && c != '\n' || c == '(');
    words.ends_with(['.', '!', '?', ';', '…', '\n'])
}

/// What is left behind an order, where a contact is named.
fn another_order(rest: &str) -> Option<&str> {
    let rest = many(rest, BEFORE_AN_ORDER);
    let behind = any(rest, SEND).or_else(|| any(rest, TELL)).or_else(|| any(rest, ORDERS))?;
    let behind = a_message(behind).and_then(|rest| any(rest, &["to"])).unwrap_or(behind);
    Some(maybe(behind, &["my"]))
}

/// What is left from each word on, without what opens a bracket before it.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut is_start = true;
    let starts = text.char_indices().filter_map(move |(at, c)| {
        let is_first = is_start && !c.is_whitespace() && c != '(';
        is_start = c.is_whitespace() || is_start && c == '(';
        is_first.then_some(at)
    });
    starts.filter_map(|at| text.get(at..))
}

/// Whether words that are to be one name are rather several.
pub fn is_several(name: &str, reader: &Reader<'_>) -> bool {
    let joins =
        |rest: &str| any(rest, JOINING).is_some() || rest.trim_start().starts_with([',', '+', '&', '/']);
    let is_first = reader.sure(name).iter().any(|slot| slot.kind == Kind::Known && joins(slot.rest));
    let starts = name.match_indices(char::is_whitespace).filter_map(|(at, _)| name.get(at..));
    let behind = starts.filter_map(|rest| any(rest, JOINING));
    let commas = name.match_indices([',', '+', '&', '/']).filter_map(|(at, _)| name.get(at + 1..));
    is_first || behind.chain(commas).any(|rest| !reader.sure(rest).is_empty())
}

/// Whether the name rather goes on: a capital behind it, or what somebody has behind "her".
pub fn goes_on(slot: &Slot<'_>, text: &str) -> bool {
    let is_letter = text.starts_with(char::is_alphabetic);
    match slot.kind {
        Kind::Known | Kind::Words => text.starts_with(char::is_uppercase) && !begins_a_text(text),
        Kind::Last if slot.typed.eq_ignore_ascii_case("her") => is_letter && !begins_a_text(text),
        Kind::Last if !slot.typed.is_empty() => any(text, ALL).is_some(),
        _ => false,
    }
}

/// Whether it is but a first name of somebody, behind which another surname may stand.
pub fn lacks_a_surname(name: &str, text: &str, reader: &Reader<'_>) -> bool {
    let begins_with_letter = text.starts_with(char::is_alphabetic);
    begins_with_letter && !begins_a_text(text) && reader.names.has_surname(&fold(name))
}

/// Whether it begins with a word and a colon: then that word is rather none of it.
pub fn begins_with_a_mark(text: &str) -> bool {
    text.split_whitespace().next().is_some_and(|word| word.len() > 1 && word.ends_with(':'))
}

/// Whether it is a known name and an "s": then it may be something of theirs.
pub fn is_somebodys(name: &str, reader: &Reader<'_>) -> bool {
    fold(name).strip_suffix('s').is_some_and(|name| reader.names.has(name))
}

/// Whether it is left open for whom else the text is, or not.
pub fn dangles(text: &str) -> bool {
    let folded = fold(text.get(text.floor_char_boundary(text.len().saturating_sub(END))..).unwrap_or(text));
    let ends = |end: &&str| {
        folded.strip_suffix(*end).is_some_and(|rest| rest.is_empty() || rest.ends_with([' ', ',']))
    };
    DANGLING.iter().any(ends)
}

/// Whether the text is said to begin only later.
pub fn begins_later(text: &str) -> bool {
    let starts = std::iter::once(0).chain(text.match_indices(char::is_whitespace).map(|(at, _)| at));
    let mut rests = starts.take(FIRST).filter_map(|at| text.get(at..));
    rests.any(|rest| {
        let word = rest.split_whitespace().next().unwrap_or_default();
        any(rest, ANNOUNCING).is_some() || word.len() > 1 && word.ends_with(':')
    })
}

/// Whether another "him" or name follows the sign that ended the name.
pub fn lists_pronouns(between: &str, text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    between.contains(',') && is_pronoun(&fold(first))
}

/// Whether what stands between a name and a text leaves no doubt where the text begins.
pub fn is_clear(between: &str) -> bool {
    // "Tell John that, and …" has said already what is meant.
    let is_said = between.trim_end().ends_with(',') && any(between, &["that"]).is_some();
    let mut words = between.split_whitespace();
    let is_announced =
        between.contains(':') || words.any(|word| any(word, &["saying", "says", "that"]).is_some());
    is_announced && !is_said
}

/// The text in quotes, if only courtesy follows them.
pub fn courteous(text: &str) -> Option<&str> {
    let (inside, rest) = quoted(text)?;
    (!inside.trim().is_empty() && super::words::is_over(rest) && saying(rest).is_none()).then_some(inside)
}
