//! What single words mean to a reader of numbers.
//!
//! Owns the folding of a word and the look-up. It must never know where in a text a word stands.

use std::fmt;

use super::glyph::{self, Glyph, Marks};

mod words;

/// How surely a word is a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// Hardly ever anything else.
    Strong,
    /// An everyday word as well ("no", "do", "oh"): counts only among real numbers.
    Weak,
    /// Digits with letters among them that pass for digits: `8O2`.
    Dressed,
    /// Only sounds like one ("to", "for", "ate"): counts only among number words.
    Homophone,
}

/// How a number word joins the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Zero,
    Unit,
    /// Takes a following unit as its last digit: "twenty one".
    Tens,
    /// Two digits that take no other.
    Pair,
}

/// What the word beside a row of digits says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    None,
    Money,
    /// What is counted: "people", "views".
    Count,
    /// A book: "ISBN".
    Book,
    /// "lat", "lon".
    Coordinate,
    Version,
    /// Two capitals, as before a postal code.
    State,
    /// Numbers that are no phone's: "order", "invoice", "room".
    Reference,
}

/// What one word means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Number {
        role: Role,
        weight: Weight,
    },
    /// "double", "triple".
    Times(u8),
    /// Joins two numbers, as this kind of mark does.
    Joins(Marks),
    /// Speaks of a phone.
    Phone,
    /// Speaks of a phone when "me" follows: "reach", "hit".
    Reach,
    Me,
    /// Adds nothing: "is", "at".
    Idle,
    /// Takes back what was said before: "wrong", "oops".
    Correction,
    Label(Label),
}

/// A word as it is compared: lower case, without accents and invisible characters.
#[derive(Clone, Copy)]
pub(super) struct Folded {
    bytes: [u8; Folded::LONGEST],
    len: usize,
}

impl Folded {
    /// Bytes of the longest word worth comparing.
    const LONGEST: usize = 32;

    /// Nothing when the word is too long to mean anything.
    pub(super) fn new(word: &str) -> Option<Self> {
        let mut folded = Self { bytes: [0; Self::LONGEST], len: 0 };
        if word.is_ascii() {
            folded.push(word.as_bytes())?;
            folded.bytes.make_ascii_lowercase();
        } else {
            for plain in word.chars().filter_map(plain_letter) {
                folded.push(plain.encode_utf8(&mut [0; 4]).as_bytes())?;
            }
        }
        Some(folded)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn push(&mut self, bytes: &[u8]) -> Option<()> {
        self.bytes.get_mut(self.len..self.len + bytes.len())?.copy_from_slice(bytes);
        self.len += bytes.len();
        Some(())
    }

    /// Spreads words over places. The words are known beforehand, so there is nothing to gain from making
    /// them collide.
    fn hash(&self) -> u64 {
        let eights = self.bytes.as_chunks::<8>().0.iter().take(self.len.div_ceil(8));
        eights.fold(0, |hash: u64, &eight| {
            (hash.rotate_left(23) ^ u64::from_le_bytes(eight)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        })
    }
}

/// `c` in lower case and without its accent; nothing when it is invisible.
fn plain_letter(c: char) -> Option<char> {
    // From Hebrew to Georgian no script has cases, and asking takes long. Alef is often written without its
    // hamza.
    if ('\u{590}'..'\u{1c80}').contains(&c) {
        let plain = if matches!(c, 'أ' | 'إ' | 'آ') { 'ا' } else { c };
        return (glyph::fold(c) != Glyph::Invisible).then_some(plain);
    }
    let lower = c.to_lowercase().next().unwrap_or(c);
    Some(match lower {
        'à'..='å' => 'a',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        'ａ'..='ｚ' => from_alphabet(u32::from(lower) - u32::from('ａ')),
        'ⓐ'..='ⓩ' => from_alphabet(u32::from(lower) - u32::from('ⓐ')),
        '\u{1d400}'..='\u{1d6a3}' => from_alphabet((u32::from(lower) - 0x1d400) % 26),
        _ if glyph::fold(lower) == Glyph::Invisible => return None,
        _ => lower,
    })
}

fn from_alphabet(index: u32) -> char {
    u8::try_from(index).map_or('?', |index| char::from(b'a' + index % 26))
}

/// Bytes of the longest word that may stand without spaces.
pub(super) const LONGEST_GLUED: usize = 31;

/// A word that may stand without spaces, and the digits it adds.
type Glued = (Box<[u8]>, u16);

/// All words known, for look-up.
pub(super) struct Lexicon {
    words: Vec<(Folded, Meaning)>,
    /// Where each word is, by its hash; a word whose place is taken is in the next free one.
    places: Box<[Option<u16>]>,
    /// Number words that may stand without spaces and the digits each adds, sorted by `pair`.
    glued: Vec<Glued>,
    /// Where the glued words with each `pair` start.
    glued_starts: Box<[u16]>,
}

impl fmt::Debug for Lexicon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lexicon({} words)", self.words.len())
    }
}

impl Lexicon {
    /// Places for words by their hash: a power of two, several times their number.
    const PLACES: usize = 4096;
    /// Places for glued words by their first two bytes.
    const PAIRS: usize = 1024;

    pub(super) fn new() -> Self {
        let (glued, glued_starts) = index_glued(known());
        let mut lexicon =
            Self { words: Vec::new(), places: vec![None; Self::PLACES].into(), glued, glued_starts };
        for (word, meaning) in known() {
            lexicon.add(word, meaning);
        }
        lexicon
    }

    /// Adds a word; the first meaning given to it is the one that stays.
    fn add(&mut self, word: &str, meaning: Meaning) {
        let Some(folded) = Folded::new(word) else { return };
        let place = self.place(&folded);
        if let Some(free @ None) = self.places.get_mut(place) {
            *free = u16::try_from(self.words.len()).ok();
            self.words.push((folded, meaning));
        }
    }

    /// Where a word is, or would be.
    fn place(&self, word: &Folded) -> usize {
        // The high bits are the well mixed ones.
        let mut place = usize::try_from(word.hash() >> 32).unwrap_or_default() % Self::PLACES;
        while let Some(&Some(at)) = self.places.get(place) {
            if self.words.get(usize::from(at)).is_some_and(|(known, _)| known.as_bytes() == word.as_bytes()) {
                break;
            }
            place = (place + 1) % Self::PLACES;
        }
        place
    }

    /// What `word` means, if anything.
    pub(super) fn meaning(&self, word: &str) -> Option<Meaning> {
        let known = Folded::new(word).and_then(|folded| self.get(&folded));
        known.or_else(|| words::speaks_of_phone(word).then_some(Meaning::Phone))
    }

    fn get(&self, word: &Folded) -> Option<Meaning> {
        let at = (*self.places.get(self.place(word))?)?;
        self.words.get(usize::from(at)).map(|&(_, meaning)| meaning)
    }

    /// The number words with which `text` starts: the bytes of each, and the digits it adds.
    pub(super) fn glued<'l>(&'l self, text: &'l [u8]) -> impl Iterator<Item = (usize, u16)> + 'l {
        let pair = pair(text);
        let range = self.glued_starts.get(pair).zip(self.glued_starts.get(pair + 1));
        let bucket = range
            .and_then(|(&start, &end)| self.glued.get(usize::from(start)..usize::from(end)))
            .unwrap_or_default();
        let starts_with =
            |word: &[u8]| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        bucket.iter().filter(move |(word, _)| starts_with(word)).map(|(word, digits)| (word.len(), *digits))
    }
}

/// Every word there is, and what it means; where a word comes twice, the first meaning holds.
pub(super) fn known() -> impl Iterator<Item = (&'static str, Meaning)> {
    words::KNOWN.iter().flat_map(|&(meaning, list)| list.split_whitespace().map(move |word| (word, meaning)))
}

/// A small number that words which start alike share: with the same two letters, or one letter of another
/// script.
fn pair(text: &[u8]) -> usize {
    match text {
        [lead @ 0xe0..=0xff, next, last, ..] => {
            (usize::from(*lead) + usize::from(*next) * 64 + usize::from(*last)) % Lexicon::PAIRS
        }
        [first, second, ..] => {
            let letter = |byte: &u8| usize::from(byte.to_ascii_lowercase());
            (letter(first) * 37 + letter(second)) % Lexicon::PAIRS
        }
        _ => 0,
    }
}

/// The number words that may stand without spaces, sorted by `pair`, and where each pair starts.
fn index_glued<'w>(known: impl Iterator<Item = (&'w str, Meaning)>) -> (Vec<Glued>, Box<[u16]>) {
    let mut glued: Vec<Glued> = Vec::new();
    for (word, digits) in known.filter_map(|(word, meaning)| Some((word, digits_when_glued(meaning)?))) {
        // They are compared as they are written, so that both spellings are kept.
        glued.push((word.as_bytes().into(), digits));
        glued.extend(Folded::new(word).map(|folded| (folded.as_bytes().into(), digits)));
    }
    glued.retain(|(word, _)| (2..=LONGEST_GLUED).contains(&word.len()));
    glued.sort_by(|(a, _), (b, _)| (pair(a), a).cmp(&(pair(b), b)));
    glued.dedup_by(|(later, _), (earlier, _)| later == earlier);
    let before = |pair_wanted: usize| glued.partition_point(|(word, _)| pair(word) < pair_wanted);
    let starts = (0..=Lexicon::PAIRS).map(|pair| u16::try_from(before(pair)).unwrap_or(u16::MAX)).collect();
    (glued, starts)
}

/// The digits a word adds among others without spaces, if it may stand there.
fn digits_when_glued(meaning: Meaning) -> Option<u16> {
    match meaning {
        Meaning::Number { weight: Weight::Homophone, .. } => None,
        Meaning::Number { role: Role::Tens | Role::Pair, .. } => Some(2),
        Meaning::Number { .. } | Meaning::Times(_) => Some(1),
        _ => None,
    }
}
