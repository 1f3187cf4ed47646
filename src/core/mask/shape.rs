//! Rows of digits that are provably something else: dates, times, addresses of machines, amounts,
//! coordinates.
//!
//! Owns what each of these looks like, in lengths, ranges and marks. It must never see the text: a shape that
//! only the words beside it can tell from a phone number asks the row whether a phone is spoken of.

use super::glyph::Marks;
use super::lexicon::{Label, Weight};
use super::run::{Atom, Form, Gap};

mod amount;
mod moment;

/// A whole row of atoms and what is said around it.
pub(super) struct Row<'r> {
    pub(super) atoms: &'r [Atom],
    /// The marks after the last atom.
    pub(super) after: Gap,
    /// What the word before the row says about it.
    pub(super) label: Label,
    /// What the word after the row says about it.
    pub(super) tail: Label,
    /// Whether a phone is spoken of just before or after it.
    pub(super) phone: bool,
    /// Whether somebody says the number is theirs.
    pub(super) own_number: bool,
    /// Whether everyday words that may be numbers are read as numbers.
    pub(super) weak_words: bool,
}

impl Row<'_> {
    /// Atoms that a shape may be made of, and one to see whether it goes on.
    pub(super) const LONGEST_SHAPE: usize = 8;

    /// How many atoms from `first` on are provably something else.
    #[inline]
    pub(super) fn shape(&self, first: usize) -> Option<usize> {
        match self.atoms.get(first)?.form {
            Form::Word(Weight::Weak | Weight::Homophone) if !self.weak_words => Some(1),
            Form::Word(_) => None,
            Form::Chunk if self.is_shapeless(first) => None,
            Form::Chunk => self.shape_of_digits(first),
        }
    }

    /// Whether what follows the digits at `first` makes no shape with them: nearly always so.
    #[inline]
    fn is_shapeless(&self, first: usize) -> bool {
        const SHAPING: Marks = Marks::COLON
            .with(Marks::DOT)
            .with(Marks::DASH)
            .with(Marks::SLASH)
            .with(Marks::UNDERSCORE)
            .with(Marks::OTHER)
            .with(Marks::TIMES)
            .with(Marks::DEGREE);
        let digits = |at: usize| self.atoms.get(at).map_or(0, |atom| atom.digits);
        // Digits one by one are neither groups nor a date, unless a year follows.
        let single = |next: &Atom| next.digits == 1 && !next.gap.marks.any(SHAPING) && digits(first + 2) != 4;
        let lone = |next: &Atom| if next.is_chunk() { single(next) } else { next.gap.marks != Marks::DOT };
        digits(first) != 8 && self.atoms.get(first + 1).is_none_or(lone)
    }

    #[inline(never)]
    fn shape_of_digits(&self, first: usize) -> Option<usize> {
        let atoms = self.atoms.get(first..)?;
        let head = atoms.first()?;
        let sized = match atoms.get(1).map_or(Marks::NONE, |next| next.gap.marks) {
            Marks::COLON => self.time(first),
            Marks::DOT => self.dotted(first),
            Marks::DASH | Marks::SLASH => self.date(first).or_else(|| self.day_range(first)),
            Marks::UNDERSCORE | Marks::OTHER => self.date(first),
            Marks::TIMES => self.size(first),
            Marks::DEGREE => self.angle(first),
            _ => None,
        };
        sized
            .or_else(|| self.grouped(first))
            .or_else(|| self.spaced_date(first))
            .or_else(|| (head.digits == 8).then(|| self.compact_date(first)).flatten())
    }

    fn dotted(&self, first: usize) -> Option<usize> {
        self.coordinates(first)
            .or_else(|| self.date(first))
            .or_else(|| self.address(first))
            .or_else(|| self.version(first))
            .or_else(|| self.time(first))
            .or_else(|| self.decimal(first))
    }

    /// `N` atoms that are digits, joined by one `mark` each and not going on with it on either side.
    fn joined<const N: usize>(&self, first: usize, mark: Marks) -> Option<[&Atom; N]> {
        let went_on = first > 0 && self.atoms.get(first)?.gap.is_just(mark);
        let goes_on = self.atoms.get(first + N).is_some_and(|next| next.gap.is_just(mark));
        if went_on || goes_on {
            return None;
        }
        let atoms = self.atoms.get(first..)?.first_chunk::<N>()?;
        let inside =
            atoms.iter().skip(1).all(|atom| atom.gap.is_just(mark)) && atoms.iter().all(Atom::is_chunk);
        inside.then(|| atoms.each_ref())
    }

    /// `192.168.0.1`, with a port or a prefix length.
    fn address(&self, first: usize) -> Option<usize> {
        let octets: [&Atom; 4] = self.joined(first, Marks::DOT)?;
        let fits = octets
            .iter()
            .all(|octet| octet.is_chunk_of(1..=3) && octet.value < 256 && !has_needless_zero(octet));
        // Four pairs are how many people write their number.
        let pairs = octets.iter().all(|octet| octet.digits == 2);
        // Four single digits are an address only where nothing else is.
        let singles = octets.iter().all(|octet| octet.digits == 1) && self.atoms.len() > 4;
        if !fits || singles || (self.phone && pairs) {
            return None;
        }
        let more = self.atoms.get(first + 4).is_some_and(|next| {
            (next.gap.is_just(Marks::COLON) && next.digits <= 5)
                || (next.gap.is_just(Marks::SLASH) && next.digits <= 2)
        });
        Some(4 + usize::from(more))
    }

    /// `26.1.1663`, `10.75.27.4356`; after "version" any dotted row.
    fn version(&self, first: usize) -> Option<usize> {
        if first > 0 && self.atoms.get(first)?.gap.is_just(Marks::DOT) {
            return None;
        }
        let dotted = 1 + self
            .atoms
            .get(first + 1..)?
            .iter()
            .take_while(|atom| atom.is_chunk() && atom.gap.is_just(Marks::DOT))
            .count();
        let atoms = self.atoms.get(first..first + dotted)?;
        let (last, front) = atoms.split_last()?;
        let short = front.iter().all(|atom| atom.digits <= 2) && last.digits <= 4;
        let named = first == 0 && self.label == Label::Version && atoms.iter().all(|atom| atom.digits <= 5);
        // A nought alone is a version's, never a group of a number.
        let noughts = atoms.iter().any(|atom| atom.value == 0 && atom.digits == 1)
            && atoms.iter().all(|atom| atom.digits <= 5);
        // Single digits with more digits beside them are read out one by one.
        let singles = atoms.iter().all(|atom| atom.digits == 1) && self.atoms.len() > dotted;
        let plain = !singles
            && (3..=4).contains(&dotted)
            && (short || noughts)
            && !self.phone
            && !atoms.iter().any(has_needless_zero);
        (named || plain).then_some(dotted)
    }

    /// `-44.5108, -99.8831`: a latitude and a longitude.
    fn coordinates(&self, first: usize) -> Option<usize> {
        let [lat, lat_part] = self.joined(first, Marks::DOT)?;
        let [lon, lon_part] = self.joined(first + 2, Marks::DOT)?;
        let between = Marks::COMMA.with(Marks::SPACE).with(Marks::DASH).with(Marks::PLUS).with(Marks::SLASH);
        let fits = lat.is_chunk_of(1..=2) && lat.value <= 90 && lon.is_chunk_of(1..=3) && lon.value <= 180;
        let exact =
            lat_part.digits >= 4 && lon_part.digits >= 4 && lat_part.digits.abs_diff(lon_part.digits) <= 2;
        (fits && exact && lon.gap.marks.only(between)).then_some(4)
    }

    /// `2°47'29"`.
    fn angle(&self, first: usize) -> Option<usize> {
        let degrees = self.atoms.get(first).filter(|atom| atom.is_chunk_of(1..=3) && atom.value <= 180)?;
        let is_sixtieth = |index: usize| {
            let fits = self.atoms.get(index).is_some_and(|atom| atom.is_chunk_of(1..=2) && atom.value < 60);
            fits && self.gap_after(index).marks.any(Marks::QUOTE)
        };
        let parts = (first + 1..).take(2).take_while(|&index| is_sixtieth(index)).count();
        (parts > 0 && !has_needless_zero(degrees)).then_some(1 + parts)
    }

    /// Whether blanks, commas or brackets part these atoms from their neighbours, or a dash leads to the same
    /// again.
    fn stands_apart(&self, first: usize, count: usize) -> bool {
        let parting = Marks::SPACE
            .with(Marks::NEWLINE)
            .with(Marks::COMMA)
            .with(Marks::SEMICOLON)
            .with(Marks::OPEN)
            .with(Marks::CLOSE)
            .with(Marks::EQUALS);
        let before = first == 0
            || self
                .atoms
                .get(first)
                .is_some_and(|atom| atom.gap.marks.any(parting) || atom.gap.is_just(Marks::DASH));
        let next = self.atoms.get(first + count);
        before && next.is_none_or(|atom| atom.gap.marks.any(parting) || atom.gap.is_just(Marks::DASH))
    }

    /// The marks after the atom at `index`.
    pub(super) fn gap_after(&self, index: usize) -> Gap {
        self.atoms.get(index + 1).map_or(self.after, |next| next.gap)
    }
}

/// Whether it starts with a zero that no count or measure would have.
pub(super) fn has_needless_zero(atom: &Atom) -> bool {
    atom.leading_zero && atom.digits > 1
}
