//! Numbers split over several texts.
//!
//! Owns what is remembered from one text of a sender to the next: counts, never text or digits.

use std::fmt;

use super::glyph::Marks;
use super::lexicon::Meaning;
use super::run::Atom;
use super::verdict::FEWEST_DIGITS;

/// How many digits the last ten texts of one sender to one partner showed. Small, of constant size, and
/// without content.
#[derive(Clone, Default)]
pub struct Trail {
    /// The last texts, the newest first.
    shown: [Shown; Trail::TEXTS],
}

impl fmt::Debug for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trail")
    }
}

/// What one text showed that may be part of a number.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Shown {
    digits: u8,
    kind: Kind,
    /// Nothing but digits.
    bare: bool,
    /// A phone is spoken of.
    phone: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Digits,
    /// Nothing but years, round sums and scores, which say more than digits.
    Tame,
    /// A country code alone, which asks for a number to follow.
    CountryCode,
}

impl Trail {
    /// Texts remembered.
    const TEXTS: usize = 10;
    /// Digits of single digits sent one by one, from which on the next is hidden.
    const SINGLES: u16 = 4;
    /// Digits of texts of one or two digits, from which on they are hidden.
    const PAIRS: u16 = 6;
    /// Digits from which on the next is hidden where a phone is spoken of, or one after the other and bare.
    const HALVES: u16 = 6;

    /// Whether a text that shows `sight` would complete a number; if not, remembers it.
    pub(super) fn completes(&mut self, sight: &Sight) -> bool {
        if sight.corrections > 0 {
            *self = Self::default();
        }
        let now = sight.shown();
        if now.digits > 0 && self.is_completed_by(now) {
            return true;
        }
        self.shown.rotate_right(1);
        if let Some(newest) = self.shown.first_mut() {
            *newest = now;
        }
        false
    }

    #[cfg(test)]
    pub(super) fn remembers_as(&self, other: &Self) -> bool {
        self.shown == other.shown
    }

    fn is_completed_by(&self, now: Shown) -> bool {
        let before = || self.shown.iter().filter(|shown| shown.digits > 0);
        if before().any(|shown| shown.kind == Kind::CountryCode) {
            return now.digits > 1 || before().count() > 1;
        }
        if now.kind == Kind::Tame && before().all(|shown| shown.kind == Kind::Tame) {
            return false;
        }
        let sum: u16 = before().map(|shown| u16::from(shown.digits)).sum();
        let total = sum + u16::from(now.digits);
        let most = before().map(|shown| shown.digits).fold(now.digits, u8::max);
        // Two texts are halves only when both are: five digits and a two are more often two things.
        let halves = now.digits >= 3 || before().count() > 1;
        let one_by_one = most == 1 && sum >= Self::SINGLES;
        let two_by_two = most == 2 && before().count() > 1 && total >= Self::PAIRS;
        let bare = |shown: &Shown| shown.bare && shown.digits > 1 && shown.kind == Kind::Digits;
        let in_a_row = now.digits >= 3 && bare(&now) && self.shown.first().is_some_and(bare);
        let spoken_of = now.digits >= 3 && self.shown.iter().any(|shown| shown.phone);
        let fewest = if in_a_row || spoken_of { Self::HALVES } else { FEWEST_DIGITS };
        one_by_one || two_by_two || halves && total >= fewest
    }
}

/// What is to be seen of numbers in one text after masking.
#[derive(Default)]
pub(super) struct Sight {
    digits: u16,
    pieces: u8,
    tame: u8,
    country_code: bool,
    /// Words that say something else, that speak of a phone, of oneself, and that take something back.
    other_words: u16,
    phone_words: u16,
    own_words: u16,
    idle_words: u16,
    corrections: u16,
}

impl Sight {
    pub(super) fn hear(&mut self, meaning: Option<Meaning>) {
        let count = match meaning {
            Some(Meaning::Joins(_) | Meaning::Idle) => &mut self.idle_words,
            Some(Meaning::Phone | Meaning::Reach) => &mut self.phone_words,
            Some(Meaning::Me) => &mut self.own_words,
            Some(Meaning::Correction) => &mut self.corrections,
            _ => &mut self.other_words,
        };
        *count = count.saturating_add(1);
    }

    /// Notes atoms that stay readable and are nothing that is known, and the marks after them.
    pub(super) fn see(&mut self, atoms: &[Atom], after: Marks) {
        let scored = is_score(atoms);
        for atom in atoms {
            self.digits = self.digits.saturating_add(atom.digits);
            self.pieces = self.pieces.saturating_add(1);
            self.tame = self.tame.saturating_add(u8::from(scored || atom.is_year() || is_round(atom)));
            self.country_code |= atom.gap.last == Marks::PLUS && atom.is_chunk_of(1..=3);
            self.other_words =
                self.other_words.saturating_add(u16::from(atom.gap.marks.any(Marks::CURRENCY)));
        }
        let measured = !atoms.is_empty() && after.any(Marks::PERCENT.with(Marks::DEGREE));
        self.other_words = self.other_words.saturating_add(u16::from(measured));
    }

    fn shown(&self) -> Shown {
        let phone = self.phone_words > 0 && self.other_words == 0;
        // What one says of oneself is about a phone only where a phone is spoken of.
        if self.other_words > 0 || self.own_words > 0 && self.phone_words == 0 {
            return Shown::default();
        }
        let kind = match self.pieces {
            1 if self.country_code => Kind::CountryCode,
            pieces if pieces > 0 && self.tame == pieces => Kind::Tame,
            _ => Kind::Digits,
        };
        let bare = self.digits > 0 && self.phone_words + self.own_words + self.idle_words == 0;
        Shown { digits: u8::try_from(self.digits).unwrap_or(u8::MAX), kind, bare, phone }
    }
}

/// `500`, `2250`, `98000`: sums of money, more often than halves of a number.
fn is_round(atom: &Atom) -> bool {
    let step = if atom.digits <= 4 { 10 } else { 1000 };
    atom.is_chunk_of(3..=6) && !atom.leading_zero && atom.value.is_multiple_of(step)
}

/// `2-1`, `172/6`, `14/5`: scores and days, of few digits.
fn is_score(atoms: &[Atom]) -> bool {
    let [home, away] = atoms else { return false };
    let mark = away.gap.marks;
    let marked = away.gap.is_just(mark)
        && mark.any(Marks::DASH.with(Marks::SLASH).with(Marks::COLON).with(Marks::STAR).with(Marks::PLUS));
    let day = mark == Marks::SLASH && home.value <= 31 && away.value <= 12;
    marked
        && home.is_chunk_of(1..=3)
        && away.is_chunk_of(1..=2)
        && (home.digits + away.digits < 4 || away.digits == 1 || day)
}
