//! A first look at a text: most texts can't hold a phone number, and that is seen at once.
//!
//! Owns a bound, never a verdict: it says "harmless" only where the whole reading would hide nothing and
//! remember nothing, and when in doubt it says nothing.

use super::lexicon::{self, Folded, Lexicon, Meaning, Role, Weight};
use super::verdict::FEWEST_OWN_DIGITS;

/// What a letter counts for in a key: 1 to 26; 0 where a word ends before its third letter.
const LETTERS: usize = 27;
/// One entry for each beginning of up to three letters.
const KEYS: usize = LETTERS * LETTERS * LETTERS;
/// Words this long may hold numbers anywhere.
const LONG_WORD: usize = 20;
/// Letters a digit takes at least in a word that is all numbers.
const LETTERS_A_DIGIT: usize = 3;

/// Some known word begins like this.
const KNOWN: u8 = 1;
/// Some word begins like this that may add digits, or takes back what was said: it has to be looked up.
const TELLING: u8 = 2;

/// What the beginnings of words tell.
pub(super) struct Glance {
    starts: Box<[u8]>,
}

impl Glance {
    pub(super) fn new() -> Self {
        let mut glance = Self { starts: vec![0; KEYS].into() };
        for (word, meaning) in lexicon::known() {
            if let Some(folded) = Folded::new(word).filter(|folded| folded.as_bytes().is_ascii()) {
                glance.learn(folded.as_bytes(), flags(meaning));
            }
        }
        glance
    }

    fn learn(&mut self, word: &[u8], flags: u8) {
        let key = word.iter().take(3).fold(0, |key, &byte| key * LETTERS + letter(byte));
        let missing = 3 - word.len().min(3);
        let key = key * LETTERS.pow(u32::try_from(missing).unwrap_or_default());
        // A word of two letters may begin a longer one that is all numbers.
        let same = if missing == 1 { LETTERS } else { 1 };
        for entry in self.starts.iter_mut().skip(key).take(same) {
            *entry |= flags;
        }
    }

    /// Whether the text surely holds no number, no part of one, and some word that has nothing to do with any.
    pub(super) fn is_harmless(&self, text: &str, lexicon: &Lexicon) -> bool {
        let mut seen = Seen::default();
        let (mut key, mut length) = (0, 0);
        for (at, &byte) in text.as_bytes().iter().chain(b" ").enumerate() {
            let letter = letter(byte);
            if letter > 0 {
                if length < 3 {
                    key = key * LETTERS + letter;
                }
                length += 1;
                continue;
            }
            if !byte.is_ascii() {
                return false;
            }
            // A digit may stand for more than one: letters beside it can pass for digits.
            seen.digits += if byte.is_ascii_digit() { 2 } else { 0 };
            if length > 0 {
                let word = text.get(at - length..at).unwrap_or_default();
                match self.flags(key, length) {
                    flags if flags & TELLING > 0 || length >= LONG_WORD => seen.look_up(word, lexicon),
                    flags => seen.speaks |= flags == 0 && length >= 3,
                }
                (key, length) = (0, 0);
            }
        }
        seen.is_harmless()
    }

    fn flags(&self, key: usize, length: usize) -> u8 {
        let key = match length {
            1 => key * LETTERS * LETTERS,
            2 => key * LETTERS,
            _ => key,
        };
        self.starts.get(key).copied().unwrap_or(TELLING)
    }
}

/// What was seen of a text so far.
#[derive(Default)]
struct Seen {
    digits: usize,
    sounds: usize,
    /// There was a word that has nothing to do with numbers.
    speaks: bool,
    doubt: bool,
}

impl Seen {
    fn look_up(&mut self, word: &str, lexicon: &Lexicon) {
        match Folded::new(word).and_then(|folded| lexicon.get(&folded)) {
            Some(Meaning::Number { weight: Weight::Homophone, .. }) => self.sounds += 1,
            Some(Meaning::Number { role: Role::Tens | Role::Pair, .. }) => self.digits += 2,
            Some(Meaning::Number { .. }) => self.digits += 1,
            Some(Meaning::Times(_) | Meaning::Correction) => self.doubt = true,
            Some(_) => {}
            None if word.len() >= LONG_WORD => self.doubt = true,
            None if lexicon.glued(word.as_bytes()).next().is_some() => {
                self.digits += word.len() / LETTERS_A_DIGIT
            }
            None => self.speaks |= word.len() >= 3,
        }
    }

    fn is_harmless(&self) -> bool {
        let sounds = if self.digits > 0 { self.sounds } else { 0 };
        self.speaks && !self.doubt && self.digits + sounds < usize::from(FEWEST_OWN_DIGITS)
    }
}

fn flags(meaning: Meaning) -> u8 {
    match meaning {
        Meaning::Number { .. } | Meaning::Times(_) | Meaning::Correction => KNOWN | TELLING,
        _ => KNOWN,
    }
}

/// 1 to 26 for a letter in either case, else 0.
fn letter(byte: u8) -> usize {
    let lower = byte | 0x20;
    if lower.is_ascii_lowercase() { usize::from(lower - b'a') + 1 } else { 0 }
}
