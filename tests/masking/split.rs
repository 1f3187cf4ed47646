//! Numbers that are split over several texts in a row.
//!
//! The first parts are through before anything can be known, so not all of a number is hidden. What holds, for
//! ten digits in parts of two or more:
//!
//! - sent in two halves or in pairs, at most half of them are seen;
//! - in parts of two to four, at most six, unless two of the parts could be years;
//! - in any parts, at most eight.
//!
//! Digits one by one are a case of their own: four of them are seen, and none after those.

use crate::{holds, texts};
use proptest::prelude::*;
use strowger::core::mask::{Masker, Trail};

/// Digits of a number.
const DIGITS: usize = 10;

/// How many of the digits somebody sees who is sent them in parts of these lengths.
fn seen(masker: &Masker, number: &str, lengths: &[usize]) -> usize {
    let mut trail = Trail::default();
    let (mut rest, mut seen) = (number, 0);
    for length in lengths {
        let (part, after) = rest.split_at(*length);
        seen += masker.mask_next(&mut trail, part).chars().filter(char::is_ascii_digit).count();
        rest = after;
    }
    assert!(rest.is_empty(), "{lengths:?} are all of {number}");
    seen
}

/// Every way to cut `digits` into up to `parts` parts of two digits at least.
fn cuts(digits: usize, parts: usize) -> Vec<Vec<usize>> {
    let whole = (digits >= 2).then(|| vec![digits]);
    let first = 2..digits.saturating_sub(1);
    let cut = first.filter(|_| parts > 1).flat_map(|first| {
        let after = cuts(digits - first, parts - 1).into_iter();
        after.map(move |rest| [vec![first], rest].concat())
    });
    whole.into_iter().chain(cut).collect()
}

/// Whether two parts could be years.
fn has_years(number: &str, lengths: &[usize]) -> bool {
    let ends = lengths.iter().scan(0, |end, length| {
        *end += length;
        Some(*end)
    });
    let parts = lengths.iter().zip(ends).map(|(length, end)| &number[end - length..end]);
    parts.filter(|part| part.len() == 4 && (part.starts_with("19") || part.starts_with("20"))).count() > 1
}

#[test]
fn a_number_in_parts_is_never_seen_whole() {
    let masker = Masker::default();
    let cuts: Vec<_> = cuts(DIGITS, 5).into_iter().filter(|lengths| lengths.len() > 1).collect();
    assert_eq!(cuts.len(), 33);
    holds((texts::plain_digits(DIGITS..DIGITS + 1), proptest::sample::select(cuts)), |(number, lengths)| {
        let seen = seen(&masker, &number, &lengths);
        let even = lengths.iter().all(|length| *length == lengths[0]);
        let short = lengths.iter().all(|length| *length <= 4) && !has_years(&number, &lengths);
        let most = match () {
            () if even => DIGITS / 2,
            () if short => 6,
            () => 8,
        };
        prop_assert!(seen <= most, "{seen} digits are seen, at most {most} should be");
        Ok(())
    });
}

#[test]
fn of_digits_one_by_one_four_are_seen() {
    let masker = Masker::default();
    holds(texts::plain_digits(DIGITS..DIGITS + 1), |number| {
        prop_assert_eq!(seen(&masker, &number, &[1; DIGITS]), 4);
        Ok(())
    });
}

#[test]
fn small_talk_between_the_parts_does_not_help() {
    let masker = Masker::default();
    let parts = (texts::plain_digits(5..6), texts::plain_digits(5..6));
    holds((parts, prop::collection::vec(texts::word(), 0..8)), |((first, second), between)| {
        let mut trail = Trail::default();
        prop_assert_eq!(masker.mask_next(&mut trail, &first), first.as_str());
        for word in &between {
            prop_assert_eq!(masker.mask_next(&mut trail, word), word.as_str());
        }
        prop_assert_eq!(masker.mask_next(&mut trail, &second), super::properties::HIDDEN);
        Ok(())
    });
}
