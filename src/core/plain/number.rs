//! A phone number at the start of words: where it ends, if that can be said.
//!
//! It must never know: whose number it is.

use super::slot::{Kind, Slot};
use crate::core::contacts::{is_number, phone_digits};

/// The longest part of a number without white space, in bytes.
const LONGEST: usize = 64;
/// Digits from which on a number may be whole, and what follows it a text.
const WHOLE: usize = 10;
/// The same where numbers are shorter, or of any length.
const SHORT: usize = 8;
/// Most digits that are rather the beginning of a text than the end of such a number: "15 minutes".
const COUNT: usize = 2;

/// The number that `text` begins with: with a plus, or of seven digits and more. With a plus it may go on behind
/// spaces; then, where a text may begin with digits, there are two. One that `is_known` is the one.
pub fn phones<'t>(text: &'t str, is_known: impl Fn(&str) -> bool) -> Vec<Slot<'t>> {
    let mut ends = ends(text);
    if let Some(known) = ends.iter().rev().find(|number| is_known(number)).copied() {
        ends = vec![known];
    }
    let slot = |number: &&'t str| {
        let rest = text.strip_prefix(number)?;
        Some(Slot { typed: number, kind: Kind::Phone, rest })
    };
    ends.iter().filter_map(slot).collect()
}

/// The number as far as it may go, and before it the shorter one that is as likely.
fn ends(text: &str) -> Vec<&str> {
    let Some(first) = group(text).filter(|first| first.starts_with(['+', '(']) || is_number(first)) else {
        return Vec::new();
    };
    let mut numbers = vec![first];
    if first.starts_with('+') && count(first) < WHOLE {
        while let Some(longer) = numbers.last().and_then(|number| longer(text, number)) {
            numbers.push(longer);
        }
    }
    numbers.retain(|number| is_number(number));
    let Some(longest) = numbers.pop() else { return Vec::new() };
    let is_whole = |before: &&str| {
        let more = count(longest).saturating_sub(count(before));
        let is_short = count(before) >= SHORT && more <= COUNT && may_be_short(first);
        count(before) >= WHOLE || more == 1 || is_short
    };
    numbers.pop().filter(is_whole).into_iter().chain([longest]).collect()
}

/// Whether numbers of so few digits are usual behind this: small countries have codes of three digits, and in
/// Germany and Austria they may have any length.
fn may_be_short(first: &str) -> bool {
    count(first) == 3 || matches!(first, "+49" | "+43")
}

/// The number and the next digits behind a space.
fn longer<'t>(text: &'t str, number: &str) -> Option<&'t str> {
    let rest = text.get(number.len()..)?;
    let behind = rest.strip_prefix([' ', '\u{A0}'])?;
    let more = group(behind).filter(|more| !more.starts_with('+'))?;
    let end = number.len() + (rest.len() - behind.len()) + more.len();
    text.get(..end).filter(|longer| phone_digits(longer).is_some())
}

/// Digits with what groups them, up to white space; a sign behind them is none of theirs.
fn group(text: &str) -> Option<&str> {
    let near = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or(text);
    let end = near.find(char::is_whitespace).or_else(|| (near.len() == text.len()).then_some(text.len()))?;
    let word = text.get(..end)?.trim_end_matches([',', ':', '.', '!', '?', '-']);
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | '(' | ')' | '/');
    (word.chars().all(is_part) && word.contains(|c: char| c.is_ascii_digit())).then_some(word)
}

fn count(number: &str) -> usize {
    number.bytes().filter(u8::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<&str> {
        phones(text, |_| false).iter().map(|slot| slot.typed).collect()
    }

    #[test]
    fn a_number_goes_on_behind_spaces_and_dashes() {
        for (text, number) in [
            ("+44 20 7946 0958 hi", "+44 20 7946 0958"),
            ("+33 6 12 34 56 78, hi", "+33 6 12 34 56 78"),
            ("+353 87 123 4567 hi", "+353 87 123 4567"),
            ("+45 12 34 56 78 hi", "+45 12 34 56 78"),
            ("555-123-4567 5 minutes", "555-123-4567"),
            ("+442079460958 5 minutes", "+442079460958"),
            ("+44 20 7946 0958: 5 minutes", "+44 20 7946 0958"),
            ("4915112345: hi", "4915112345"),
            ("+49 (0)170 1234567", "+49 (0)170 1234567"),
        ] {
            assert_eq!(numbers(text), [number], "{text}");
        }
        for text in ["5551 hi", "12:30 works", "020 7946 0958 hi", "- 5551234", "+ hi", "5pm-ish"] {
            assert_eq!(numbers(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn where_it_may_end_twice_there_are_two() {
        assert_eq!(numbers("+44 20 7946 0958 5 minutes"), ["+44 20 7946 0958", "+44 20 7946 0958 5"]);
        assert_eq!(numbers("+299 12 34 56 5 minutes"), ["+299 12 34 56", "+299 12 34 56 5"]);
        assert_eq!(numbers("+299 12 34 56 15 minutes"), ["+299 12 34 56", "+299 12 34 56 15"]);
        assert_eq!(numbers("+298 123456 20 eggs"), ["+298 123456", "+298 123456 20"]);
        assert_eq!(numbers("+49 7123 4567 10 euros"), ["+49 7123 4567", "+49 7123 4567 10"]);
        let known = phones("+44 20 7946 0958 5 minutes", |number| number == "+44 20 7946 0958");
        assert_eq!(known.iter().map(|slot| slot.rest).collect::<Vec<_>>(), [" 5 minutes"]);
    }
}
