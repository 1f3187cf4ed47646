//! What others wrote, as it may go to a terminal: one line, and nothing in it that steers.
//!
//! A hub cleans nicknames and leaves texts as they are, so it is here, at the last step, that a stranger's escape
//! sequences end: CWE-150. Nothing reaches a terminal but through a [`Line`](super::shown::Line), which calls this.
//!
//! It must never know: who wrote it.

use unicode_width::UnicodeWidthChar;

/// Where a line broke, which only this client may do.
const BREAK: &str = " ⏎ ";
/// Where something was that could have steered the terminal.
const STEERING: char = '\u{FFFD}';
/// So many marks in a row, which take no place of their own, are the most that any script needs.
const MOST_MARKS: usize = 8;

/// The text without line breaks, control characters (C0, DEL, C1), direction characters, and such as nobody sees.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut marks = 0;
    let text = text.replace("\r\n", "\n");
    for c in text.trim_end_matches('\n').chars() {
        marks = if c.width() == Some(0) { marks + 1 } else { 0 };
        match c {
            '\n' | '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => cleaned.push_str(BREAK),
            '\t' => cleaned.push(' '),
            c if c.is_control() => steering(&mut cleaned),
            c if is_unseen(c) || marks > MOST_MARKS => {}
            c => cleaned.push(c),
        }
    }
    cleaned
}

/// JSON that says the same, in which nothing could steer a terminal: RFC 8259, section 7, lets any character be written by
/// its number.
pub fn harmless(json: &str) -> String {
    let mut harmless = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_control() || is_unseen(c) {
            let mut units = [0; 2];
            harmless.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            harmless.push(c);
        }
    }
    harmless
}

/// A row of them is one.
fn steering(cleaned: &mut String) {
    if !cleaned.ends_with(STEERING) {
        cleaned.push(STEERING);
    }
}

/// Direction characters (Unicode TR 9, section 2), fillers, tags and other characters without a shape. Those that hold
/// letters and emoji together, U+200C and U+200D, and variation selectors stay.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180E}'
        | '\u{200B}' | '\u{200E}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_steers_is_marked_and_what_nobody_sees_goes() {
        for (written, cleaned) in [
            ("plain", "plain"),
            ("\x1b]0;owned\x07hi", "\u{FFFD}]0;owned\u{FFFD}hi"),
            ("\x1b\x1b\u{9b}31mred", "\u{FFFD}31mred"),
            ("two\r\nlines\nand\u{2028}more\n", "two ⏎ lines ⏎ and ⏎ more"),
            ("over\rwrite", "over ⏎ write"),
            ("a\u{202E}b\u{2066}c\u{200F}d", "abcd"),
            ("back\x08space\x7f", "back\u{FFFD}space\u{FFFD}"),
            ("a\tb", "a b"),
            ("👩\u{200D}🚀 क्ष नमस्ते", "👩\u{200D}🚀 क्ष नमस्ते"),
        ] {
            assert_eq!(clean(written), cleaned);
        }
        assert_eq!(clean(&format!("a{}b", "\u{0301}".repeat(500))).chars().count(), 2 + MOST_MARKS);
    }

    #[test]
    fn json_says_the_same_without_what_steers() {
        let written = "{\"text\":\"a\u{9b}31m\u{7f}\u{202e}\u{e0041}👩\u{200D}🚀\"}";
        let escaped = harmless(written);
        assert!(!escaped.chars().any(|c| c.is_control() || is_unseen(c)), "{escaped}");
        let read = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap();
        assert_eq!(read(&escaped), read(written));
    }

    proptest! {
        #[test]
        fn nothing_that_steers_is_left(written in any::<String>(), steering in "[\\x00-\\x1f\\x7f-\\u{9f}\\u{202a}-\\u{202e}]{0,9}") {
            let cleaned = clean(&(written + &steering));
            prop_assert!(!cleaned.chars().any(|c| c.is_control() || is_unseen(c)));
            prop_assert_eq!(clean(&cleaned), cleaned);
        }
    }
}
