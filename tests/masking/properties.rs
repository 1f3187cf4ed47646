//! Properties of a text by itself.

use crate::checks::{self, is_redaction};
use crate::{holds, texts};
use proptest::prelude::*;
use std::borrow::Cow;
use strowger::core::mask::{Masker, PLACEHOLDER, Trail};

pub const HIDDEN: &str = PLACEHOLDER;

#[test]
fn what_is_not_hidden_stays_as_it_was() {
    let masker = Masker::default();
    holds(texts::text(), |text| {
        let masked = masker.mask(&text);
        prop_assert!(is_redaction(&masked, &text), "{masked:?}");
        prop_assert!(matches!(masked, Cow::Owned(_)) == (masked != text.as_str()), "copied for nothing");
        Ok(())
    });
}

#[test]
fn masking_twice_changes_nothing() {
    let masker = Masker::default();
    holds(texts::text(), |text| {
        let once = masker.mask(&text);
        let twice = masker.mask(&once);
        prop_assert_eq!(&twice, &once);
        prop_assert!(matches!(twice, Cow::Borrowed(_)), "what is masked needs no copy");
        Ok(())
    });
}

/// Whether eight digits are a day, as in `20251224`: those stay.
fn is_day(number: &str) -> bool {
    let part = |from: usize, to: usize| number[from..to].parse::<u32>().unwrap_or_default();
    number.len() == 8
        && (1900..2100).contains(&part(0, 4))
        && (1..=12).contains(&part(4, 6))
        && (1..=31).contains(&part(6, 8))
}

#[test]
fn seven_digits_in_a_row_are_hidden() {
    let masker = Masker::default();
    let number = texts::plain_digits(7..20).prop_filter("a day stays", |number| !is_day(number));
    holds((texts::word(), number, texts::word()), |(before, number, after)| {
        let alone = masker.mask(&number);
        prop_assert_eq!(alone, HIDDEN);
        let text = format!("{before} {number} {after}");
        prop_assert_eq!(masker.mask(&text), format!("{before} {HIDDEN} {after}"));
        Ok(())
    });
}

#[test]
fn fewer_than_five_digits_stay() {
    let masker = Masker::default();
    holds((texts::word(), texts::plain_digits(1..5), texts::word()), |(before, number, after)| {
        let text = format!("{before} {number} {after}");
        prop_assert!(matches!(masker.mask(&text), Cow::Borrowed(_)));
        Ok(())
    });
}

#[test]
fn a_text_without_numbers_is_not_copied() {
    let masker = Masker::default();
    holds(texts::wordy_text(), |text| {
        prop_assert!(matches!(masker.mask(&text), Cow::Borrowed(same) if same == text));
        Ok(())
    });
}

#[test]
fn what_was_hidden_before_stays_hidden() {
    let masker = Masker::default();
    holds(texts::text_with_placeholders(), |text| {
        prop_assert!(matches!(masker.mask(&text), Cow::Borrowed(same) if same == text));
        Ok(())
    });
    holds((texts::text(), texts::text()), |(before, after)| {
        let text = format!("{before}{HIDDEN}{after}");
        prop_assert!(masker.mask(&text).contains(HIDDEN));
        Ok(())
    });
}

#[test]
fn the_placeholder_holds_no_digit() {
    assert!(!HIDDEN.chars().any(char::is_numeric));
    let masker = Masker::default();
    for between in ["", " ", "-", "+", ", ", "\u{200b}"] {
        let many = [HIDDEN; 20].join(between);
        assert!(matches!(masker.mask(&many), Cow::Borrowed(_)), "{many}");
        let digits = [HIDDEN; 20].join(&format!("{between}7{between}"));
        assert!(is_redaction(&masker.mask(&digits), &digits), "{digits}");
    }
}

/// Beside rows of digits that a text alone may show as something else, say a list: in a row of texts even the
/// first may not show seven digits and nothing besides.
#[test]
fn the_first_text_in_a_row_is_as_one_alone() {
    let masker = Masker::default();
    holds(texts::text(), |text| {
        let (first, alone) = (masker.mask_next(&mut Trail::default(), &text), masker.mask(&text));
        let digits = alone.chars().filter(|c| c.is_numeric()).count();
        prop_assert!(
            first == alone || first.contains(HIDDEN) && digits > 0,
            "{first:?}, and alone {alone:?}"
        );
        Ok(())
    });
    holds((texts::wordy_text(), texts::text()), |(before, after)| {
        let text = format!("{before} talked {after}");
        prop_assert_eq!(masker.mask_next(&mut Trail::default(), &text), masker.mask(&text));
        Ok(())
    });
}

#[test]
fn the_next_text_shows_no_more_than_it_would_alone() {
    let masker = Masker::default();
    holds(proptest::collection::vec(texts::text(), 1..6), |row| {
        let mut trail = Trail::default();
        for text in &row {
            let masked = masker.mask_next(&mut trail, text);
            prop_assert!(is_redaction(&masked, text), "{text:?} became {masked:?}");
        }
        Ok(())
    });
}

/// What the fuzzers look for, so that both look for the same.
#[test]
fn the_checks_of_the_fuzzer_hold() {
    let masker = Masker::default();
    holds(texts::text(), |text| {
        checks::check(&masker, &text);
        Ok(())
    });
}

#[test]
fn a_redaction_is_told_from_anything_else() {
    for (text, masked) in [
        ("", ""),
        ("a", "a"),
        ("call 98765 or 43210!", "call [hidden] or [hidden]!"),
        ("1a1", "[hidden]a[hidden]"),
        ("aXa", "a[hidden]a"),
        ("é7", "é[hidden]"),
        ("a [hidden] b 7", "a [hidden] b [hidden]"),
    ] {
        assert!(is_redaction(masked, text), "{masked} of {text}");
    }
    for (text, masked) in [
        ("a", "b"),
        ("ab", "a"),
        ("a", "a[hidden]"),
        ("aa", "a[hidden]a"),
        ("a7b", "[hidden]a"),
        ("7ab7", "[hidden]ba[hidden]"),
        ("7a", "[hidden]aa"),
        ("a7", "aa[hidden]"),
    ] {
        assert!(!is_redaction(masked, text), "{masked} of {text}");
    }
}
