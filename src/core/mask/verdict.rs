//! Judges a row of digits: which parts of it are phone numbers.
//!
//! Owns the line between a phone number and a list, a score or a sum. It must never know how text is read or
//! written.

use super::glyph::Marks;
use super::lexicon::Label;
use super::run::Atom;
use super::shape::{Row, has_needless_zero};

/// Fewest digits that make a phone number.
pub(super) const FEWEST_DIGITS: u16 = 7;

/// Fewest digits of a number that somebody says is theirs.
pub(super) const FEWEST_OWN_DIGITS: u16 = 5;

/// Atoms from `first` up to `end` of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) first: usize,
    pub(super) end: usize,
}

impl Row<'_> {
    /// Splits the row at everything that is provably something else, up to atom `limit`, and hands over each
    /// piece between. Returns where the last piece starts, which is not handed over.
    pub(super) fn pieces(&self, limit: usize, mut piece: impl FnMut(Piece)) -> usize {
        let (mut first, mut at, mut digits) = (0, 0, 0_u16);
        while at < limit {
            if at > first && !self.reads_on(at) {
                piece(Piece { first, end: at });
                (first, digits) = (at, 0);
            }
            let dialled = digits < FEWEST_DIGITS && self.is_dialled(first);
            if let Some(length) = if dialled { None } else { self.shape(at) } {
                piece(Piece { first, end: at });
                at += length;
                (first, digits) = (at, 0);
            } else {
                digits = self.atoms.get(at).map_or(digits, |atom| digits.saturating_add(atom.digits));
                at += 1;
            }
        }
        first
    }

    /// Whether a plus sign before the atom at `first` says that a number follows.
    fn is_dialled(&self, first: usize) -> bool {
        let led = |atom: &Atom| led_by_plus(atom) && !(first > 0 && atom.gap.is_spaced(Marks::PLUS));
        self.atoms.get(first).is_some_and(led)
    }

    /// Whether a reader reads on from the atom before the one at `at`, over the words between them.
    #[inline]
    fn reads_on(&self, at: usize) -> bool {
        const TELLING: Marks = Marks::LETTER.with(Marks::AND).with(Marks::THEN);
        // Nearly every atom is short and has nothing but marks before it.
        let plain = |atom: &Atom| atom.digits < 10 && !atom.gap.marks.any(TELLING);
        at > 0 && self.atoms.get(at).is_some_and(plain) || self.reads_on_over_words(at)
    }

    #[inline(never)]
    fn reads_on_over_words(&self, at: usize) -> bool {
        let (Some(before), Some(atom)) = (self.atoms.get(at - 1), self.atoms.get(at)) else { return false };
        let marks = atom.gap.marks;
        let single = |atom: &Atom| atom.digits == 1 || atom.is_word();
        // "Room 203, 98765…": a whole number after a comma needs nothing from before it.
        let whole = atom.is_chunk() && atom.digits >= 10 && marks == Marks::COMMA.with(Marks::SPACE);
        if whole && at == 1 && before.is_chunk_of(1..=3) && before.gap.last != Marks::PLUS {
            return false;
        }
        if marks.any(Marks::LETTER) {
            let same = before.gap.letter == atom.gap.letter || !before.gap.marks.any(Marks::LETTER);
            return before.is_chunk_of(1..=1) && atom.is_chunk_of(1..=1) && same;
        }
        if !marks.any(Marks::AND.with(Marks::THEN)) || single(before) && single(atom) {
            return true;
        }
        let halves =
            before.is_chunk_of(4..=8) && atom.is_chunk_of(4..=8) && !(before.is_year() && atom.is_year());
        halves && (self.phone || marks.any(Marks::THEN) && before.digits + atom.digits >= 9)
    }

    /// The part of a piece that is a phone number.
    #[inline]
    pub(super) fn phone_number(&self, piece: Piece) -> Option<Piece> {
        let enough = digits(self.atoms.get(piece.first..piece.end)?) >= FEWEST_OWN_DIGITS;
        if enough { self.phone_number_within(piece) } else { None }
    }

    #[inline(never)]
    fn phone_number_within(&self, piece: Piece) -> Option<Piece> {
        let piece = self.trimmed(piece);
        let atoms = self.atoms.get(piece.first..piece.end)?;
        let plain = atoms.iter().skip(1).all(|atom| atom.is_chunk() && atom.gap.is_just(Marks::SPACE));
        let fewest =
            if self.own_number && piece.first == 0 && plain { FEWEST_OWN_DIGITS } else { FEWEST_DIGITS };
        let is_number = digits(atoms) >= fewest
            && !self.is_book_number(piece, atoms)
            && !self.is_something_else(piece, atoms);
        is_number.then_some(piece)
    }

    /// Without one or two words beside a number that is complete without them: "two 98765 43210".
    fn trimmed(&self, piece: Piece) -> Piece {
        let atoms = self.atoms.get(piece.first..piece.end).unwrap_or_default();
        let front = atoms.iter().take_while(|atom| atom.is_word()).count();
        let back = atoms.iter().skip(front).rev().take_while(|atom| atom.is_word()).count();
        let core = atoms.get(front..atoms.len() - back).unwrap_or_default();
        let glued = [front, atoms.len() - back]
            .iter()
            .any(|&edge| edge > 0 && atoms.get(edge).is_some_and(|atom| atom.gap.is_empty()));
        let complete = !glued
            && !core.iter().any(Atom::is_word)
            && core.iter().any(|atom| atom.digits >= 3)
            && digits(core) >= FEWEST_DIGITS;
        let idle = |words: &[Atom]| words.len() <= 2 && digits(words) < FEWEST_DIGITS;
        let around =
            atoms.get(..front).is_some_and(idle) && atoms.get(atoms.len() - back..).is_some_and(idle);
        if complete && around { Piece { first: piece.first + front, end: piece.end - back } } else { piece }
    }

    /// `978-4-8083-1144-5` after "ISBN": thirteen digits from 978 or 979 on, nine and an X, or ten in groups
    /// or with the right check digit.
    fn is_book_number(&self, piece: Piece, atoms: &[Atom]) -> bool {
        // "ISBN-13: 978…" says first which kind it is.
        let atoms = match atoms {
            [kind, rest @ ..] if !rest.is_empty() && matches!(kind.value, 10 | 13) => rest,
            _ => atoms,
        };
        let Some(head) = atoms.first() else { return false };
        let fits = match digits(atoms) {
            8 => head.digits == 4,
            9 => true,
            10 => head.digits == 1 || head.is_chunk_of(10..=10) && has_check_digit(head.value),
            13 if head.digits == 13 => matches!(head.value / 10_000_000_000, 978 | 979),
            13 => matches!(head.value, 978 | 979),
            _ => false,
        };
        piece.first == 0 && self.label == Label::Book && fits
    }

    /// Whether it is a list, a score, a sum or the like, and nobody speaks of a phone.
    fn is_something_else(&self, piece: Piece, atoms: &[Atom]) -> bool {
        if self.is_serial(piece, atoms) {
            return true;
        }
        let short = atoms.iter().all(|atom| atom.is_chunk_of(1..=FEWEST_DIGITS - 1));
        if !short || atoms.first().is_some_and(led_by_plus) {
            return false;
        }
        let looks = || {
            is_years(atoms)
                || is_list(atoms, self.label)
                || is_part(atoms)
                || is_score(atoms)
                || is_enumeration(atoms)
        };
        let named = self.is_sum(piece, atoms) || self.is_code(piece, atoms);
        named || !self.phone && (looks() || self.is_range(piece, atoms))
    }

    /// `590 + 262 = 2480`, `(128+440)*4978`, `507×608×48`.
    fn is_sum(&self, piece: Piece, atoms: &[Atom]) -> bool {
        let gaps = || atoms.iter().skip(1).map(|atom| atom.gap.marks);
        let operators =
            Marks::PLUS.with(Marks::STAR).with(Marks::SLASH).with(Marks::CARET).with(Marks::TIMES);
        let brackets = Marks::OPEN.with(Marks::CLOSE);
        let signs = operators.with(brackets).with(Marks::SPACE).with(Marks::DASH).with(Marks::EQUALS);
        let operates = gaps().any(|marks| marks.any(operators));
        let bracketed = operates && gaps().any(|marks| marks.any(brackets) && marks.any(operators));
        let sized = atoms.len() <= 3
            && gaps().all(|marks| marks.only(Marks::TIMES.with(Marks::SPACE)) && marks.any(Marks::TIMES));
        let sides = gaps().filter(|marks| marks.any(Marks::EQUALS)).count();
        let before = atoms.first().is_some_and(|atom| atom.gap.marks.any(Marks::EQUALS.with(Marks::CARET)));
        let after = self.gap_after(piece.end.saturating_sub(1)).marks.any(Marks::EQUALS);
        let spaced = gaps().all(|marks| marks.any(Marks::SPACE));
        let one = atoms.len() == 1;
        let equals = sides == 1 && (operates || spaced)
            || sides == 0 && operates && after
            || before && (one || operates && spaced);
        let muddled = gaps().any(|marks| marks.any(Marks::EQUALS) && marks.any(operators));
        let several = sides > 1 && operates && !self.phone;
        let parted = if several { signs.with(Marks::COMMA) } else { signs };
        sized && !self.phone
            || gaps().all(|marks| marks.only(parted)) && !muddled && (equals || bracketed || several)
    }

    /// `4000-13000`, `1200-1500 rupees`: from one amount to another.
    fn is_range(&self, piece: Piece, atoms: &[Atom]) -> bool {
        let [low, high] = atoms else { return false };
        let round = low.value % 100 == 0 && high.value % 100 == 0 && low.value < high.value;
        let dash = Marks::DASH.with(Marks::SPACE).with(Marks::CURRENCY);
        let dashed = high.gap.marks.any(Marks::DASH) && high.gap.marks.only(dash);
        let digits = low.digits + high.digits;
        let priced = digits <= 9 && self.is_priced(piece.first, atoms.len());
        let named = digits <= 8 && piece.first == 0 && self.label == Label::Reference;
        dashed && (priced || !has_needless_zero(low) && (round || named))
    }

    /// `KB9864846`: two capitals with a few digits right after them.
    fn is_serial(&self, piece: Piece, atoms: &[Atom]) -> bool {
        let glued = matches!(atoms, [only] if only.gap.is_empty() && only.is_chunk_of(1..=FEWEST_DIGITS));
        piece.first == 0 && glued && self.label == Label::State
    }

    /// `CVE-2021-44228`, `NY 10001-1234`: a number that its word makes a code.
    fn is_code(&self, piece: Piece, atoms: &[Atom]) -> bool {
        let Some((head, last)) = atoms.first().zip(atoms.last()) else { return false };
        let postal = matches!(atoms, [a, b] if a.digits == 5 && b.digits < 5 && b.gap.is_just(Marks::DASH));
        let dated = head.is_year() && head.gap.is_just(Marks::DASH);
        let slashes = atoms.iter().skip(1).filter(|atom| atom.gap.marks.any(Marks::SLASH)).count();
        let of_house = !self.phone
            && slashes == 1
            && last.digits == 1
            && last.gap.is_just(Marks::SLASH)
            && head.digits > 1
            && digits(atoms) <= 8;
        // A number of a substance or a standard.
        let checked = matches!(atoms, [_, b, c] if b.digits == 2 && c.digits == 1
            && b.gap.is_just(Marks::DASH) && c.gap.is_just(Marks::DASH));
        let named = dated || self.label == Label::State && postal || self.label == Label::Reference && postal;
        piece.first == 0 && named || of_house || !self.phone && (checked || is_issued(atoms))
    }
}

fn digits(atoms: &[Atom]) -> u16 {
    atoms.iter().fold(0, |sum, atom| sum.saturating_add(atom.digits))
}

/// Whether ten digits end in the check digit of a book's number.
fn has_check_digit(value: u64) -> bool {
    let weighted = (1..=10).scan(value, |rest, weight| {
        let digit = *rest % 10;
        *rest /= 10;
        Some(digit * weight)
    });
    weighted.sum::<u64>() % 11 == 0
}

/// Whether a plus sign says that a whole number follows; after a closing bracket it may only add.
fn led_by_plus(atom: &Atom) -> bool {
    atom.gap.last == Marks::PLUS && !atom.gap.marks.any(Marks::CLOSE)
}

/// `6734-5:1998`: what ends in the year in which it was issued.
fn is_issued(atoms: &[Atom]) -> bool {
    atoms.len() > 1 && atoms.last().is_some_and(|year| year.is_year() && year.gap.is_just(Marks::COLON))
}

fn is_years(atoms: &[Atom]) -> bool {
    atoms.len() > 1 && atoms.iter().all(Atom::is_year)
}

/// `45482/98`, `83034-39`, `389/7076`, `834 < 7429`: no number is made of two such parts.
fn is_part(atoms: &[Atom]) -> bool {
    let [_, part] = atoms else { return false };
    let slash = part.gap.is_just(Marks::SLASH);
    let small =
        digits(atoms) <= FEWEST_DIGITS && (slash || part.gap.is_just(Marks::DASH) && part.digits <= 2);
    let plain = atoms.iter().all(|atom| atom.is_chunk() && !has_needless_zero(atom));
    plain && (small || part.gap.is_spaced(Marks::OPEN))
}

/// `22, 36, 4, 42, 29`: counted things, not digits read out one by one. Also `13% 25% 40%`.
fn is_list(atoms: &[Atom], label: Label) -> bool {
    let comma = Marks::COMMA.with(Marks::SPACE);
    let semicolon = Marks::SEMICOLON.with(Marks::SPACE);
    let percent = Marks::PERCENT.with(Marks::SPACE);
    let percents = comma.with(percent);
    let listed =
        atoms.iter().skip(1).all(|atom| [comma, semicolon, percent, percents].contains(&atom.gap.marks));
    // Three small numbers in brackets, as of a colour.
    if let [red, _, _] = atoms
        && red.gap.marks.any(Marks::OPEN)
        && atoms.iter().skip(1).all(|atom| atom.gap.is_just(Marks::COMMA))
    {
        return atoms.iter().all(|atom| atom.value < 256 && !has_needless_zero(atom));
    }
    let halves = atoms.len() == 2 && label != Label::Reference && atoms.iter().all(|atom| atom.digits >= 4);
    let read_out = atoms.iter().all(|atom| atom.digits == 1);
    listed && !halves && !read_out && !atoms.iter().any(has_needless_zero)
}

/// `3-6 8-14 17-11`, `370/2 & 361/6`: pairs of small numbers.
fn is_score(atoms: &[Atom]) -> bool {
    let parting = Marks::SPACE.with(Marks::COMMA).with(Marks::OTHER);
    let mut bracketed = false;
    let mut games = atoms.iter().filter(|atom| {
        let marks = atom.gap.marks;
        bracketed = marks.any(Marks::OPEN) || bracketed && !marks.any(Marks::CLOSE);
        !bracketed
    });
    let Some(mark) = atoms.get(1).map(|atom| atom.gap.marks) else { return false };
    let (mut pairs, mut fits) = (0, [Marks::DASH, Marks::SLASH, Marks::COLON].contains(&mark));
    while let Some(home) = games.next() {
        fits &= pairs == 0 || home.gap.marks.only(parting.with(Marks::CLOSE)) && home.gap.marks.any(parting);
        fits &= games.next().is_some_and(|away| away.gap.is_just(mark));
        pairs += 1;
    }
    fits && pairs > 1 && atoms.iter().all(|atom| atom.digits <= 3 && !has_needless_zero(atom))
}

/// `1. 17 2. 42 3. 59`.
fn is_enumeration(atoms: &[Atom]) -> bool {
    let numbers = || atoms.iter().step_by(2);
    let counts = numbers().zip(1..).all(|(atom, count)| atom.value == count);
    let dotted = atoms.iter().skip(1).step_by(2).all(|atom| atom.gap.marks == Marks::DOT.with(Marks::SPACE));
    atoms.len() > 3 && counts && dotted && numbers().skip(1).all(|atom| atom.gap.marks.is_blank())
}
