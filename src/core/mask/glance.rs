//! A first look at a text: most texts can't hold a phone number, and that is seen at once.
//!
//! Owns a bound, never a verdict: it says "harmless" only where the whole reading would hide nothing and
//! remember nothing, and when in doubt it says nothing.

use super::glyph::{self, Glyph};
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
        let key = word.iter().take(3).fold(0, |key, &byte| key * LETTERS + letter(char::from(byte)));
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
        let mut word = Word::default();
        for (at, c) in text.char_indices() {
            match fold(c) {
                Glyph::Letter => word.push(c),
                // Something unseen within a word may hide which word it is.
                Glyph::Invisible if word.length > 0 => return false,
                Glyph::Invisible => {}
                glyph => {
                    // A digit may stand for more than one: letters beside it can pass for digits.
                    seen.digits += if matches!(glyph, Glyph::Digit(_)) { 2 } else { 0 };
                    self.close(&mut word, text.get(..at), &mut seen, lexicon);
                }
            }
        }
        self.close(&mut word, Some(text), &mut seen, lexicon);
        seen.is_harmless()
    }

    /// Judges the word with which `read` ends, if it ends with one.
    fn close(&self, word: &mut Word, read: Option<&str>, seen: &mut Seen, lexicon: &Lexicon) {
        if word.length == 0 {
            return;
        }
        let Word { key, length, bytes, is_plain } = std::mem::take(word);
        match self.flags(key, length) {
            flags if flags & TELLING > 0 || !is_plain || length >= LONG_WORD => {
                let start = read.map_or(0, |read| read.len() - bytes);
                seen.look_up(read.and_then(|read| read.get(start..)).unwrap_or_default(), lexicon);
            }
            flags => seen.speaks |= flags == 0 && length >= 3,
        }
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

/// The word that is being read.
#[derive(Default)]
struct Word {
    key: usize,
    length: usize,
    bytes: usize,
    /// Made of plain letters only, so that its key says how it begins.
    is_plain: bool,
}

impl Word {
    fn push(&mut self, c: char) {
        let plain = letter(c);
        self.is_plain = plain > 0 && (self.is_plain || self.length == 0);
        if self.length < 3 {
            self.key = self.key * LETTERS + plain;
        }
        self.length += 1;
        self.bytes += c.len_utf8();
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

/// As the table folds it, and without the table for what most text is made of.
fn fold(c: char) -> Glyph {
    u8::try_from(c).ok().filter(u8::is_ascii).map_or_else(|| glyph::fold(c), glyph::fold_ascii)
}

/// 1 to 26 for a plain letter in either case, else 0.
fn letter(c: char) -> usize {
    let lower = c.to_ascii_lowercase();
    if lower.is_ascii_lowercase() { lower as usize - 'a' as usize + 1 } else { 0 }
}
