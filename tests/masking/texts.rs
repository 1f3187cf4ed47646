//! Makes texts: of everything that numbers are written with, hidden among, or mistaken for.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::ops::Range;

/// Zeros of scripts and styles whose other digits follow.
const ZEROS: &[char] = &['0', '0', '0', '٠', '۰', '०', '๐', '０', '𝟎', '𝟬'];
const OTHER_DIGITS: &[&str] = &["⑦", "⁷", "₇", "➐", "Ⅶ", "７", "1️⃣", "½", "一", "〇"];
const SEPARATORS: &[&str] = &[
    " ", " ", " ", "-", ".", ",", "/", ":", ";", "(", ")", "[", "]", "+", "*", "=", "%", "$", "€", "_", "|",
    "\"", "\n", "\t", "…", "·", "–", "°", "×",
];
const UNSEEN: &[&str] =
    &["\u{200b}", "\u{ad}", "\u{2060}", "\u{200d}", "\u{20e3}", "\u{fe0f}", "\u{336}", "\u{3164}", "\u{1}"];
const NUMBER_WORDS: &[&str] = &[
    "one",
    "two",
    "seven",
    "EIGHT",
    "nine",
    "oh",
    "zero",
    "twenty",
    "ninety",
    "double",
    "triple",
    "no",
    "to",
    "for",
    "ate",
    "won",
    "nau",
    "saat",
    "do",
    "सात",
    "siete",
    "três",
    "zwei",
    "null",
    "سبعة",
    "nineeight",
];
const FILLERS: &[&str] = &["and", "then", "uh", "um", "dash", "dot", "aur", "phir", "plus", "wrong", "oops"];
const LABELS: &[&str] = &[
    "call", "my", "number", "is", "phone", "reach", "me", "order", "ISBN", "version", "rupees", "am",
    "people", "lat", "room", "CVE",
];
const LETTERS: &[&str] = &["x", "o", "O", "l", "I", "S", "a", "b", "e", "0x", "é", "ß", "क", "س"];
const EMOJI: &[&str] = &["😊", "👩‍🚀", "❤️", "🇩🇪", "👍🏽"];
const HIDDEN: &[&str] = &["[hidden]", "[hidden", "hidden]", "hidden"];

/// What looks like a part of a number, or is provably something else.
const SHAPES: &[&str] = &[
    "24/12/2025",
    "2025-12-24",
    "20251224",
    "18:30",
    "9.30",
    "12,345",
    "$12,345,678",
    "1.234.567,89",
    "192.168.0.1",
    "1998",
    "2004",
    "1920×1080",
    "6-4",
    "370/2",
    "52.520008",
    "12.34",
    "978-0-306-40615-7",
    "0x7f71",
    "1e:04:b4",
    "1e:04:b4:b2:8a:d7",
    "13%",
    "12 * 345 =",
    "1. 17 2. 42",
    "98765 43210",
    "+44",
    "555-0123",
    "(020)",
    "1200-1500",
];

/// Words that have nothing to do with numbers, phones or what is counted.
const WORDS: &[&str] = &[
    "so",
    "we",
    "talked",
    "about",
    "music",
    "she",
    "laughed",
    "green",
    "garden",
    "window",
    "rain",
    "tomorrow",
    "perhaps",
    "bonjour",
    "schön",
    "люблю",
    "दोस्त",
];

/// A word from such a list.
fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(words).prop_map(str::to_owned)
}

/// Some digits of one script.
fn digits(count: Range<usize>) -> impl Strategy<Value = String> {
    (select(ZEROS), vec(0..10_u32, count)).prop_map(|(zero, digits)| {
        let show = |digit| char::from_u32(u32::from(zero) + digit).expect("a digit");
        digits.into_iter().map(show).collect()
    })
}

/// Anything that a text is made of.
fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => digits(1..2),
        3 => digits(2..6),
        1 => digits(6..20),
        3 => one_of(SHAPES),
        1 => one_of(OTHER_DIGITS),
        8 => one_of(SEPARATORS),
        2 => one_of(UNSEEN),
        4 => one_of(NUMBER_WORDS),
        2 => one_of(FILLERS),
        2 => one_of(LABELS),
        2 => one_of(LETTERS),
        1 => one_of(EMOJI),
        1 => one_of(HIDDEN),
        1 => one_of(WORDS),
        1 => any::<char>().prop_map(String::from),
    ]
}

/// A nasty text.
pub fn text() -> impl Strategy<Value = String> {
    vec(part(), 0..40).prop_map(|parts| parts.concat())
}

/// A text without a digit, and without a word that could be one.
pub fn wordy_text() -> impl Strategy<Value = String> {
    let mark = prop_oneof![4 => Just(" ".to_owned()), 2 => one_of(SEPARATORS), 1 => one_of(EMOJI)];
    vec((one_of(WORDS), mark), 0..12)
        .prop_map(|parts| parts.into_iter().flat_map(<[String; 2]>::from).collect())
}

/// One such word.
pub fn word() -> impl Strategy<Value = String> {
    one_of(WORDS)
}

/// Digits as everybody types them.
pub fn plain_digits(count: Range<usize>) -> impl Strategy<Value = String> {
    vec(select(&b"0123456789"[..]), count).prop_map(|bytes| bytes.into_iter().map(char::from).collect())
}

/// A text with the placeholder in it, and where that stands.
pub fn text_with_placeholders() -> impl Strategy<Value = String> {
    vec((wordy_text(), Just(super::properties::HIDDEN)), 1..5)
        .prop_map(|parts| parts.into_iter().map(|(text, hidden)| text + hidden).collect())
}
