//! Which words of a sentence are its speaker's own: what is passed on may be anybody's.

use crate::core::contacts::{fold, unaccented};
use regex::Regex;
use std::sync::LazyLock;

/// The longest sentence that is taken for somebody's own, in bytes: who says more passes something on.
const LONGEST: usize = 1_024;

/// A sentence that is its speaker's own from end to end: one sentence, with no signs in it but those within it.
/// `None`: something in it may be somebody else's, as behind a colon, in quotes or in brackets, after a dash, on a line
/// of its own, or in a second sentence.
pub fn own_words(sentence: &str) -> Option<&str> {
    let own = sentence.trim().trim_end_matches(['.', '!', '?']);
    let mut before = None;
    let mut rest = own.chars().peekable();
    while let Some(c) = rest.next() {
        if !is_within(before, c, rest.peek().copied()) {
            return None;
        }
        before = Some(c);
    }
    (own.len() <= LONGEST).then_some(own)
}

/// Whether a sign stands within a sentence, and begins nothing new.
fn is_within(before: Option<char>, c: char, behind: Option<char>) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match c {
        ' ' | ',' | '&' | '@' | '%' | '$' | '€' | '£' => true,
        // In a word or number, or before one that is wanted whole.
        '\'' | '\u{2019}' | '-' | '.' => is_word(before) && is_word(behind),
        '+' | '#' => is_word(behind),
        // Letters by name, and signs of their own by their looks.
        '\u{1c0}'..='\u{1c3}' | '\u{2b0}'..='\u{2ff}' => is_word(before) && is_word(behind),
        // What belongs to the letter or sign before it.
        '\u{fe0f}' | '\u{200d}' => before.is_some(),
        c if is_mark(c) => before.is_some_and(|before| before != ' '),
        c => c.is_alphanumeric() || is_picture(c),
    }
}

/// A combining mark, like an accent or the vowel sign of a script that writes vowels so.
fn is_mark(c: char) -> bool {
    static MARK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\p{M}$").ok());
    !c.is_ascii() && MARK.as_ref().is_some_and(|mark| mark.is_match(c.encode_utf8(&mut [0; 4])))
}

/// An emoji, and none of the ornaments among them that are quotes, brackets, arrows or ends of sentences.
fn is_picture(c: char) -> bool {
    let is_ornament = matches!(u32::from(c), 0x1f5e8..=0x1f5ea | 0x1f650..=0x1f67f | 0x1f700..=0x1f8ff);
    let is_old =
        matches!(u32::from(c), 0x2600..=0x26ff | 0x2705 | 0x2708..=0x270d | 0x2728 | 0x2744 | 0x2764);
    is_old || (matches!(u32::from(c), 0x1f300..=0x1faff) && !is_ornament)
}

/// Whether these words stand in a text, one after the other and whole, in whatever case and with or without accents.
pub fn has_words(text: &str, words: &str) -> bool {
    let [text, words] = [text, words].map(|text| unaccented(&fold(text)));
    let is_inside = |one: Option<char>, other: Option<char>| {
        let goes_on = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !is_spaceless(c));
        goes_on(one) && goes_on(other)
    };
    !words.is_empty()
        && text.match_indices(&*words).any(|(at, found)| {
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            let behind = text.get(at + found.len()..).and_then(|text| text.chars().next());
            !is_inside(before, found.chars().next()) && !is_inside(found.chars().next_back(), behind)
        })
}

/// A letter of a script that puts no spaces between words: Thai, Lao, Burmese, Khmer, Chinese and Japanese.
fn is_spaceless(c: char) -> bool {
    matches!(u32::from(c), 0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3040..=0x30ff | 0x3400..=0x9fff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_something_on_is_not_all_the_speakers_own() {
        for passes_on in [
            "pass on to john: text eve",
            "tell john \u{201c}hi\u{201d}",
            "tell john\ntext eve",
            "somebody wrote 'text eve'",
            "what of this (text eve)",
            "what of this [text eve]",
            "what of this - text eve",
            "what of this \u{2014} text eve",
            "what of this > text eve",
            "what of this | text eve",
            "what of this\rtext eve",
            "what of this\u{85}text eve",
            "what of this\u{2028}text eve",
            "what of this\u{ff1a}text eve",
            "what of this \u{ff02}text eve\u{ff02}",
            "what of this \u{2039}text eve\u{203a}",
            "what of this \u{300e}text eve\u{300f}",
            "what of this \u{2019}text eve\u{2019}",
            "what of this; text eve",
            "what of this. Text eve",
            "what of this? Text eve",
            "what of this\u{3002}text eve",
            "what of this... text eve",
            "what of this\u{202e}text eve",
            "what of this\u{61c}text eve",
            "यह क्या है। text eve",
            "यह क्या है॥ text eve",
            "ما هذا؟ text eve",
            "ما هذا؛ text eve",
            "یہ کیا ہے۔ text eve",
            "ဒါဘာလဲ။ text eve",
            "នេះជាអ្វី។ text eve",
            "នេះជាអ្វី៖ text eve",
            "מה זה־text eve",
            "מה זה׃ text eve",
            "what of this ״text eve״",
            "what of this \u{275b}text eve\u{275c}",
            "what of this \u{275d}text eve\u{275e}",
            "what of this \u{2768}text eve\u{2769}",
            "what of this \u{276e}text eve\u{276f}",
            "what of this \u{2772}text eve\u{2773}",
            "what of this \u{279c} text eve",
            "what of this \u{1f676}text eve\u{1f677}",
            "what of this\u{2d0} text eve",
            "what of this \u{2ee}text eve\u{2ee}",
        ] {
            assert_eq!(own_words(passes_on), None, "{passes_on:?}");
        }
        assert_eq!(own_words(&"word ".repeat(300)), None, "nobody says so much in one sentence");
    }

    #[test]
    fn one_sentence_is_the_speakers_own() {
        for own in [
            "let john know I'm late",
            "would you, if you please, call Anne-Marie O\u{2019}Hara",
            "send 3.50 \u{20ac} to +44 20 7946 0958, 50% of it for Tom & Ann",
            "dis à José que je suis en retard",
            "请告诉小明我晚点到",
            "राम को बताओ कि मैं देर से आऊँगा",
            "say hi to mom \u{1f600}\u{fe0f}",
            "I \u{2764}\u{fe0f} mom, tell her so \u{1f469}\u{200d}\u{1f680}",
            "أخبر يوسف أنني سأتأخر قليلًا",
            "สวัสดีบอกจอห์นด้วยนะ",
            "dis à Jose\u{301} que je suis là",
        ] {
            assert_eq!(own_words(&format!("  {own}?! ")), Some(own));
        }
    }

    #[test]
    fn words_are_whole_in_whatever_case() {
        for (text, words) in [
            ("would you ask JOHN to call", "John"),
            ("john's late", "john"),
            ("ask Jose Ruiz", "josé  ruiz"),
            ("ring +1 555 0100 up", "+1 555 0100"),
            ("请告诉小明我晚点到", "小明"),
        ] {
            assert!(has_words(text, words), "{text}: {words}");
        }
        for (text, words) in [("ask johnny", "john"), ("ask john", ""), ("eve", "steve"), ("steve", "eve")] {
            assert!(!has_words(text, words), "{text}: {words}");
        }
    }
}
