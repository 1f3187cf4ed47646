//! A first look at a text: most texts can't hold a phone number, and that is seen at once.
//!
//! Owns a bound, never a verdict: it says "harmless" only where the whole reading would hide nothing and
//! remember nothing, and when in doubt it says nothing.

use super::glyph::{self, Glyph};
use super::lexicon::{self, Folded, Lexicon, Meaning, Role, Weight};
use super::trail::Sight;
use super::verdict::{FEWEST_DIGITS, FEWEST_OWN_DIGITS};

/// What a letter counts for in a key: 1 to 26; 0 where a word ends before its third letter.
const LETTERS: usize = 27;
/// One entry for each beginning of up to three letters.
const KEYS: usize = LETTERS * LETTERS * LETTERS;
/// Words this long may hold numbers anywhere.
const LONG_WORD: usize = 20;
/// Digits from which on a token may hold letters that stand for digits.
const FEWEST_DRESSED: usize = 4;
/// Letters a digit takes at least in a word that is all numbers.
const LETTERS_A_DIGIT: usize = 3;

/// Classes of bytes: 0 to 25 for a plain letter in either case, and these.
const BREAK: u8 = 26;
const DIGIT: u8 = 27;
/// Said only by a whole character, or by nothing to be seen.
const OTHER: u8 = 28;
/// Classes of characters beyond ASCII: a letter, and what takes no room of its own.
const FOREIGN: u8 = 29;
const UNSEEN: u8 = 30;

static CLASSES: [u8; 256] = {
    let mut classes = [OTHER; 256];
    let mut rest: &mut [u8] = &mut classes;
    let mut byte = 0;
    while let Some((class, more)) = rest.split_first_mut() {
        *class = match byte {
            b'a'..=b'z' => byte - b'a',
            b'A'..=b'Z' => byte - b'A',
            b'0'..=b'9' => DIGIT,
            b'\t'..=b'\r' | b' '..=b'~' => BREAK,
            _ => OTHER,
        };
        rest = more;
        byte = byte.wrapping_add(1);
    }
    classes
};

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

    /// What is to be seen in a text that surely holds no number, no part of one, and some word that has nothing
    /// to do with any; `None` if it has to be read.
    pub(super) fn sight(&self, text: &str, lexicon: &Lexicon) -> Option<Sight> {
        let mut seen = Seen::default();
        let mut word = Word::default();
        let mut at = 0;
        while let Some(&byte) = text.as_bytes().get(at) {
            let class = CLASSES.get(usize::from(byte)).copied().unwrap_or(OTHER);
            if class < BREAK {
                word.push(class);
                at += 1;
                continue;
            }
            let (class, length) = if class == OTHER { beyond(text, at) } else { (class, 1) };
            match class {
                FOREIGN => {
                    let ideograph = glyph::IDEOGRAPHS.contains(&byte);
                    let letter_ahead = text.as_bytes().get(at + length).is_some_and(u8::is_ascii_alphabetic);
                    // A word ends where the writing changes.
                    if ideograph && letter_ahead || word.length > 0 && word.ideographs != ideograph {
                        return None;
                    }
                    word.ideographs = ideograph;
                    word.push_foreign(length);
                }
                // Something unseen within a word may hide which word it is.
                UNSEEN if word.length > 0 => return None,
                UNSEEN => {}
                _ => {
                    self.close(&mut word, text.get(..at), &mut seen, lexicon);
                    if class == DIGIT {
                        seen.digit()
                    } else {
                        seen.token = 0
                    }
                    if seen.has_to_be_read() {
                        return None;
                    }
                }
            }
            at += length;
        }
        self.close(&mut word, Some(text), &mut seen, lexicon);
        seen.is_harmless().then_some(seen.sight)
    }

    /// Judges the word with which `read` ends, if it ends with one.
    #[inline]
    fn close(&self, word: &mut Word, read: Option<&str>, seen: &mut Seen, lexicon: &Lexicon) {
        if word.length == 0 {
            return;
        }
        let flags = self.flags(word.key, word.length);
        if flags & TELLING > 0 || word.is_foreign || word.length >= LONG_WORD {
            let start = read.map_or(0, |read| read.len() - word.bytes);
            seen.look_up(read.and_then(|read| read.get(start..)).unwrap_or_default(), lexicon);
        } else {
            seen.speaks |= flags == 0 && word.length >= 3;
        }
        *word = Word::default();
    }

    #[inline]
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
    /// Has letters beyond the alphabet, so that its key does not say how it begins.
    is_foreign: bool,
    ideographs: bool,
}

impl Word {
    /// Another plain letter, 0 for the first of the alphabet.
    fn push(&mut self, letter: u8) {
        if self.length < 3 {
            self.key = self.key * LETTERS + usize::from(letter) + 1;
        }
        self.length += 1;
        self.bytes += 1;
    }

    /// A letter beyond the alphabet, of so many bytes.
    fn push_foreign(&mut self, bytes: usize) {
        self.is_foreign = true;
        self.length += 1;
        self.bytes += bytes;
    }
}

/// What was seen of a text so far.
#[derive(Default)]
struct Seen {
    digits: usize,
    /// Digits of the token at hand, letters between them not counted.
    token: usize,
    sounds: usize,
    sight: Sight,
    /// A phone is spoken of: fewer digits make a number.
    phone: bool,
    /// There was a word that has nothing to do with numbers.
    speaks: bool,
    doubt: bool,
}

impl Seen {
    fn digit(&mut self) {
        self.digits += 1;
        self.token += 1;
        // From here on letters beside the digits can pass for digits too.
        self.doubt |= self.token >= FEWEST_DRESSED;
    }

    #[inline(never)]
    fn look_up(&mut self, word: &str, lexicon: &Lexicon) {
        match lexicon.meaning(word) {
            Some(Meaning::Number { weight: Weight::Homophone, .. }) => self.sounds += 1,
            Some(Meaning::Number { role: Role::Tens | Role::Pair, .. }) => self.digits += 2,
            Some(Meaning::Number { weight, .. }) => {
                self.digits += 1;
                // "no" may be short for "number".
                self.phone |= weight == Weight::Weak;
            }
            Some(Meaning::Times(_)) => self.doubt = true,
            Some(meaning @ Meaning::Correction) => self.sight.hear(Some(meaning)),
            Some(Meaning::Phone | Meaning::Reach) => self.phone = true,
            Some(_) => {}
            None if word.len() >= LONG_WORD => self.doubt = true,
            None if lexicon.glued(word.as_bytes()).next().is_some() => {
                self.digits += word.len() / LETTERS_A_DIGIT
            }
            None => self.speaks |= word.len() >= 3,
        }
    }

    /// Whether nothing that follows can make it harmless.
    fn has_to_be_read(&self) -> bool {
        self.doubt || self.digits >= usize::from(FEWEST_DIGITS)
    }

    fn is_harmless(&self) -> bool {
        let sounds = if self.digits > 0 { self.sounds } else { 0 };
        let fewest = if self.phone { FEWEST_OWN_DIGITS } else { FEWEST_DIGITS };
        self.speaks && !self.doubt && self.digits + sounds < usize::from(fewest)
    }
}

fn flags(meaning: Meaning) -> u8 {
    match meaning {
        Meaning::Number { .. } | Meaning::Times(_) => KNOWN | TELLING,
        Meaning::Correction | Meaning::Phone | Meaning::Reach => KNOWN | TELLING,
        _ => KNOWN,
    }
}

/// 1 to 26 for a plain letter in either case, else 0.
fn letter(byte: u8) -> usize {
    CLASSES.get(usize::from(byte)).filter(|class| **class < BREAK).map_or(0, |class| usize::from(*class) + 1)
}

/// The class of the character at `at` that no byte tells alone, and its bytes.
fn beyond(text: &str, at: usize) -> (u8, usize) {
    let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { return (UNSEEN, 1) };
    let class = match glyph::fold(c) {
        Glyph::Letter => FOREIGN,
        Glyph::Digit(_) => DIGIT,
        Glyph::Invisible => UNSEEN,
        Glyph::Mark(_) => BREAK,
    };
    (class, c.len_utf8())
}
