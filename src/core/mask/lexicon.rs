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
        if word.is_ascii() { Self::of_ascii(word) } else { Self::of_letters(word) }
    }

    #[inline]
    fn of_ascii(word: &str) -> Option<Self> {
        let mut folded = Self { bytes: [0; Self::LONGEST], len: word.len() };
        folded.bytes.get_mut(..word.len())?.copy_from_slice(word.as_bytes());
        folded.bytes.make_ascii_lowercase();
        Some(folded)
    }

    #[inline]
    fn of_letters(word: &str) -> Option<Self> {
        let mut folded = Self { bytes: [0; Self::LONGEST], len: 0 };
        for plain in word.chars().filter_map(plain_letter) {
            for &byte in plain.encode_utf8(&mut [0; 4]).as_bytes() {
                *folded.bytes.get_mut(folded.len)? = byte;
                folded.len += 1;
            }
        }
        Some(folded)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn is(&self, other: &Self) -> bool {
        // After the last byte there are noughts.
        self.len == other.len && self.bytes == other.bytes
    }

    /// Spreads words over places. The words are known beforehand, so there is nothing to gain from making
    /// them collide.
    fn hash(&self) -> u64 {
        self.bytes.as_chunks::<8>().0.iter().fold(0, |hash: u64, &eight| {
            (hash.rotate_left(23) ^ u64::from_le_bytes(eight)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        })
    }
}

/// `c` in lower case and without its accent; nothing when it is invisible.
fn plain_letter(c: char) -> Option<char> {
    // From Hebrew to Georgian and from China to Korea no script has cases, and asking takes long. Alef is
    // often written without its hamza.
    if matches!(c, '\u{590}'..'\u{1c80}' | '\u{2e80}'..'\u{a640}' | '\u{ac00}'..'\u{d7a4}') {
        let plain = if matches!(c, 'أ' | 'إ' | 'آ') { 'ا' } else { c };
        return (glyph::fold(c) != Glyph::Invisible).then_some(plain);
    }
    if matches!(c, 'a'..='z' | 'α'..='ω' | 'а'..='џ') {
        return Some(c);
    }
    let is_lower = matches!(c, 'ß'..='ÿ');
    let lower = if is_lower { c } else { c.to_lowercase().next().unwrap_or(c) };
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
        _ if !is_lower && glyph::fold(lower) == Glyph::Invisible => return None,
        _ => lower,
    })
}

fn from_alphabet(index: u32) -> char {
    u8::try_from(index).map_or('?', |index| char::from(b'a' + index % 26))
}

/// Bytes of the longest word that may stand without spaces.
pub(super) const LONGEST_GLUED: usize = 31;

/// A word that may stand without spaces, and the digits it adds.
struct Glued {
    word: Box<[u8]>,
    digits: u16,
    /// The first eight bytes in lower case, and which of them there are.
    head: u64,
    mask: u64,
}

impl Glued {
    fn new(word: &[u8], digits: u16) -> Self {
        let head = head(word);
        let mask = head.to_le_bytes().map(|byte| if byte == 0 { 0 } else { u8::MAX });
        Self { word: word.into(), digits, head, mask: u64::from_le_bytes(mask) }
    }

    /// Whether `text`, of which this is the head, starts with it in either case.
    #[inline]
    fn starts(&self, text: &[u8], head: u64) -> bool {
        let starts_alike = (head ^ self.head) & self.mask == 0;
        starts_alike && (self.word.len() <= 8 || self.starts_as_a_whole(text))
    }

    fn starts_as_a_whole(&self, text: &[u8]) -> bool {
        text.get(..self.word.len()).is_some_and(|start| start.eq_ignore_ascii_case(&self.word))
    }
}

/// The first eight bytes in lower case, noughts where there are fewer.
fn head(text: &[u8]) -> u64 {
    let mut eight = text.first_chunk().copied().unwrap_or_else(|| {
        let mut bytes = text.iter().copied();
        std::array::from_fn(|_| bytes.next().unwrap_or_default())
    });
    eight.make_ascii_lowercase();
    u64::from_le_bytes(eight)
}

/// The glued words with one `pair`.
#[derive(Clone, Copy, Default)]
struct SamePair {
    start: u16,
    end: u16,
    /// With which third bytes they go on, a bit for each 32nd of them.
    thirds: u32,
}

impl SamePair {
    fn new(words: &[Glued], start: usize) -> Self {
        let end = start + words.len();
        let [start, end] = [start, end].map(|at| u16::try_from(at).unwrap_or(u16::MAX));
        let thirds = words.iter().map(|known| match &*known.word {
            [_, _, _, ..] => third(&known.word),
            _ => u32::MAX,
        });
        Self { start, end, thirds: thirds.fold(0, |all, one| all | one) }
    }
}

/// A bit that is the same for either case of the third letter.
fn third(text: &[u8]) -> u32 {
    1 << (text.get(2).copied().unwrap_or_default() % 32)
}

/// All words known, for look-up.
pub(super) struct Lexicon {
    words: Vec<(Folded, Meaning)>,
    /// Where each word is, by its hash; a word whose place is taken is in the next free one.
    places: Box<[Option<u16>]>,
    /// How long the words are that begin with the same two letters: a bit for each length.
    lengths: Box<[u32]>,
    /// Number words that may stand without spaces and the digits each adds, sorted by `pair`.
    glued: Vec<Glued>,
    /// The glued words with each `pair`.
    pairs: Box<[SamePair]>,
}

impl fmt::Debug for Lexicon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lexicon({} words)", self.words.len())
    }
}

impl Lexicon {
    /// Places for words by their hash: a power of two, several times their number.
    const PLACES: usize = 4096;
    /// Ways in which two letters begin a word.
    const BEGINNINGS: usize = 1024;
    /// Places for glued words by their first two bytes.
    const PAIRS: usize = 1024;

    pub(super) fn new() -> Self {
        let (glued, pairs) = index_glued(known());
        let (places, lengths) = (vec![None; Self::PLACES].into(), vec![0; Self::BEGINNINGS].into());
        let mut lexicon = Self { words: Vec::new(), places, lengths, glued, pairs };
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
        let (beginning, length) = beginning(folded.as_bytes());
        if let Some(lengths) = self.lengths.get_mut(beginning) {
            *lengths |= length;
        }
    }

    /// Where a word is, or would be.
    fn place(&self, word: &Folded) -> usize {
        // The high bits are the well mixed ones.
        let mut place = usize::try_from(word.hash() >> 32).unwrap_or_default() % Self::PLACES;
        while let Some(&Some(at)) = self.places.get(place) {
            if self.words.get(usize::from(at)).is_some_and(|(known, _)| known.is(word)) {
                break;
            }
            place = (place + 1) % Self::PLACES;
        }
        place
    }

    /// What `word` means, if anything.
    pub(super) fn meaning(&self, word: &str) -> Option<Meaning> {
        self.known(word).or_else(|| words::speaks_of_phone(word).then_some(Meaning::Phone))
    }

    fn known(&self, word: &str) -> Option<Meaning> {
        // Nearly every word that means nothing is told by its beginning and its length.
        if word.is_ascii() {
            return if self.may_know(word.as_bytes()) { self.get(&Folded::of_ascii(word)?) } else { None };
        }
        let folded = Folded::of_letters(word)?;
        if self.may_know(folded.as_bytes()) { self.get(&folded) } else { None }
    }

    /// Whether some word begins alike and is as long.
    #[inline]
    fn may_know(&self, word: &[u8]) -> bool {
        let (beginning, length) = beginning(word);
        self.lengths.get(beginning).is_some_and(|lengths| lengths & length > 0)
    }

    fn get(&self, word: &Folded) -> Option<Meaning> {
        let at = (*self.places.get(self.place(word))?)?;
        self.words.get(usize::from(at)).map(|&(_, meaning)| meaning)
    }

    /// Whether `text` may start with a number word: a quick no for most.
    #[inline]
    pub(super) fn may_be_glued(&self, text: &[u8]) -> bool {
        self.same_pair(text).is_some()
    }

    #[inline]
    fn same_pair(&self, text: &[u8]) -> Option<&SamePair> {
        self.pairs.get(pair(text)).filter(|same| same.thirds & third(text) > 0)
    }

    /// The number words with which `text` starts: the bytes of each, and the digits it adds.
    pub(super) fn glued<'l>(&'l self, text: &'l [u8]) -> impl Iterator<Item = (usize, u16)> + 'l {
        let bucket = self.same_pair(text).and_then(|same| self.glued.get(same.start.into()..same.end.into()));
        let bucket = bucket.unwrap_or_default();
        let head = if bucket.is_empty() { 0 } else { head(text) };
        let found = bucket.iter().filter(move |known| known.starts(text, head));
        found.map(|known| (known.word.len(), known.digits))
    }
}

/// Every word there is, and what it means; where a word comes twice, the first meaning holds.
pub(super) fn known() -> impl Iterator<Item = (&'static str, Meaning)> {
    words::KNOWN.iter().flat_map(|&(meaning, list)| list.split_whitespace().map(move |word| (word, meaning)))
}

/// A small number that words which begin with the same two letters share, in either case, and a bit for the
/// length.
fn beginning(word: &[u8]) -> (usize, u32) {
    let letter = |at: usize| usize::from(word.get(at).copied().unwrap_or_default() % 32);
    (letter(0) * 32 + letter(1), 1 << word.len().min(31))
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

/// The number words that may stand without spaces, sorted by `pair`, and those with each pair.
fn index_glued<'w>(known: impl Iterator<Item = (&'w str, Meaning)>) -> (Vec<Glued>, Box<[SamePair]>) {
    let mut glued: Vec<Glued> = Vec::new();
    for (word, digits) in known.filter_map(|(word, meaning)| Some((word, digits_when_glued(meaning)?))) {
        // They are compared as they are written, so that both spellings are kept.
        glued.push(Glued::new(word.as_bytes(), digits));
        glued.extend(Folded::new(word).map(|folded| Glued::new(folded.as_bytes(), digits)));
    }
    glued.retain(|known| (2..=LONGEST_GLUED).contains(&known.word.len()));
    glued.sort_by_cached_key(|known| (pair(&known.word), known.word.clone()));
    glued.dedup_by(|later, earlier| later.word == earlier.word);
    let mut pairs = vec![SamePair::default(); Lexicon::PAIRS];
    let mut start = 0;
    for words in glued.chunk_by(|a, b| pair(&a.word) == pair(&b.word)) {
        if let Some(same) = words.first().and_then(|first| pairs.get_mut(pair(&first.word))) {
            *same = SamePair::new(words, start);
        }
        start += words.len();
    }
    (glued, pairs.into())
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
