//! When two names, or two phone numbers, are written alike.
//!
//! Owns what does not matter in a name: case, the shape of quotes, how wide a space is, characters that nobody
//! sees, and, if nobody is called so to the letter, accents. It must never know: whose name it is.

use std::borrow::Cow;

/// Fewest and most digits of a phone number: an extension of an office, and the longest that E.164 allows.
const DIGITS: std::ops::RangeInclusive<usize> = 3..=15;
/// Digits from which on a number without a plus is one that can be called, and no extension or other count.
const FULL: usize = 7;

/// The name as it is compared: without case, with plain quotes and single spaces.
pub fn fold(name: &str) -> Box<str> {
    let mut folded = String::with_capacity(name.len());
    for c in name.chars() {
        if !c.is_whitespace() {
            fold_char(c, |c| folded.push(c));
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end().len());
    folded.into()
}

/// Hands out what a character is compared as: nothing, itself, or several.
pub fn fold_char(c: char, mut put: impl FnMut(char)) {
    match c {
        _ if c.is_ascii() => put(c.to_ascii_lowercase()),
        '‘' | '’' | '‚' | 'ʼ' | '´' => put('\''),
        '“' | '”' | '„' => put('"'),
        _ if is_unseen(c) => {}
        // By way of the capitals, since some letters have two small forms and some capitals are two letters.
        _ => c.to_uppercase().flat_map(char::to_lowercase).for_each(put),
    }
}

/// A folded name without its accents, be they parts of the letters or signs of their own.
pub fn unaccented(folded: &str) -> Box<str> {
    let plain = |c: char| match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ĥ' | 'ħ' => 'h',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => 'i',
        'ĵ' => 'j',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ŧ' | 'ț' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ŵ' => 'w',
        'ý' | 'ÿ' | 'ŷ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        _ => c,
    };
    folded.chars().filter(|c| !('\u{300}'..='\u{36F}').contains(c)).map(plain).collect()
}

/// Directions, joiners and the choice between a picture and a sign.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

/// The digits of a phone number, written in E.164 or as digits, perhaps in groups; `None` of anything else.
pub fn phone_digits(typed: &str) -> Option<Cow<'_, str>> {
    let typed = typed.trim();
    let number = typed.strip_prefix('+').unwrap_or(typed);
    let is_grouping = |c: char| matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{A0}');
    let digits = if number.bytes().all(|b| b.is_ascii_digit()) {
        Cow::Borrowed(number)
    } else {
        if !number.chars().all(|c| c.is_ascii_digit() || is_grouping(c)) {
            return None;
        }
        Cow::Owned(number.chars().filter(char::is_ascii_digit).collect())
    };
    DIGITS.contains(&digits.len()).then_some(digits)
}

/// Whether it is a number that can be called: with a plus, or of seven digits and more.
pub fn is_number(typed: &str) -> bool {
    phone_digits(typed).is_some_and(|digits| digits.len() >= FULL || typed.trim().starts_with('+'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_what_does_not_matter() {
        for (one, other) in [
            ("JOHN", "john"),
            ("  Anna \t\n Maria ", "anna maria"),
            ("Straße", "STRASSE"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
            ("O’Neil", "o'neil"),
            ("“Bob”", "\"bob\""),
            ("❤\u{FE0F}", "❤"),
            ("\u{200F}أحمد\u{200E}", "أحمد"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} and {other}");
        }
        assert_ne!(fold("John"), fold("Jon"));
        assert_eq!(&*fold(" \u{200B} "), "");
    }

    #[test]
    fn accents_go_only_where_that_is_asked_for() {
        for (one, other) in
            [("Zoë", "zoe"), ("Zoe\u{308}", "ZOË"), ("Łukasz Żak", "lukasz zak"), ("José", "Jose")]
        {
            assert_ne!(fold(one), fold(other), "{one} and {other}");
            assert_eq!(unaccented(&fold(one)), unaccented(&fold(other)), "{one} and {other}");
        }
        assert_ne!(unaccented("май"), unaccented("маи"), "another letter");
    }

    #[test]
    fn a_number_can_be_called() {
        for typed in ["+49 170 1234567", "+112", "555-123-4567", "5551234"] {
            assert!(is_number(typed), "{typed}");
        }
        for typed in ["5551", "007", "12:30", "Anna", "+12"] {
            assert!(!is_number(typed), "{typed}");
        }
    }

    #[test]
    fn phone_numbers_are_their_digits() {
        for typed in ["+49 170 1234567", "491701234567", " +49-170-123.45.67 ", "+49(170)1234567"] {
            assert_eq!(phone_digits(typed).as_deref(), Some("491701234567"), "{typed}");
        }
        for typed in ["", "+", "12", "1234567890123456", "+49 anna", "++49170123", "49+170123"] {
            assert_eq!(phone_digits(typed), None, "{typed}");
        }
    }
}
