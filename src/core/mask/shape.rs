//! Rows of digits that are provably something else: dates, times, addresses of machines, amounts, coordinates.
//!
//! Owns what each of these looks like, in lengths, ranges and marks. It must never see the text: a shape that only the
//! words beside it can tell from a phone number asks the row whether a phone is spoken of.

use super::glyph::Marks;
use super::lexicon::{Label, Weight};
use super::run::{Atom, Form, Gap};

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
    pub(super) fn shape(&self, first: usize) -> Option<usize> {
        let atoms = self.atoms.get(first..)?;
        let head = atoms.first()?;
        match head.form {
            Form::Word(Weight::Weak | Weight::Homophone) if !self.weak_words => return Some(1),
            Form::Word(_) => return None,
            Form::Chunk => {}
        }
        let sized = match atoms.get(1).map(|next| next.gap.marks) {
            None => None,
            Some(marks) if marks == Marks::COLON => self.time(first),
            Some(marks) if marks == Marks::DOT => self.dotted(first),
            Some(marks) if marks == Marks::DASH || marks == Marks::SLASH => self.date(first),
            Some(marks) if marks == Marks::DEGREE => self.angle(first),
            Some(_) => None,
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

    /// `12/08/2025`, `2025-08-12`, `12.8.25`.
    fn date(&self, first: usize) -> Option<usize> {
        let mark = self.atoms.get(first + 1)?.gap.marks;
        let [a, b, c] = self.joined(first, mark)?;
        let little_end = is_day_and_month(a, b) && (c.is_year() || c.is_chunk_of(2..=2));
        let big_end = a.is_year() && is_day_and_month(b, c);
        (little_end || big_end).then_some(3)
    }

    /// `12 / 08 / 2025`, `12 08 2025`.
    fn spaced_date(&self, first: usize) -> Option<usize> {
        let [a, b, c] = self.atoms.get(first..first + 3)?.first_chunk()?;
        let marks = b.gap.marks;
        let apart = marks == c.gap.marks
            && marks.only(Marks::SPACE.with(Marks::SLASH).with(Marks::DASH).with(Marks::DOT));
        (apart && !self.phone && is_day_and_month(a, b) && c.is_year()).then_some(3)
    }

    /// `20250812`, alone or with the time of day after it.
    fn compact_date(&self, first: usize) -> Option<usize> {
        let head = self.atoms.get(first)?;
        let (year, month, day) = (head.value / 10_000, head.value / 100 % 100, head.value % 100);
        let is_date = (1900..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
        let with_time = self.atoms.get(first + 1).is_some_and(|next| {
            next.is_chunk_of(6..=6)
                && !next.gap.marks.is_blank()
                && next.value < 240_000
                && next.value / 100 % 100 < 60
        });
        match with_time {
            _ if !is_date => None,
            true => Some(2),
            false => (!self.phone).then_some(1),
        }
    }

    /// `10:30`, `10.30`, `23:59:59.123`; and from one such time to another.
    fn time(&self, first: usize) -> Option<usize> {
        let mark = self.atoms.get(first + 1)?.gap.marks;
        if let Some([hour, minute, second]) = self.joined(first, mark) {
            let fits = is_time_of_day(hour, minute) && second.is_chunk_of(2..=2) && second.value < 61;
            return fits.then(|| 3 + usize::from(self.is_fraction(first + 3)));
        }
        let [hour, minute] = self.joined(first, mark)?;
        // With a dot it is a time only where it stands by itself or beside another one.
        let fits = is_time_of_day(hour, minute) && (mark == Marks::COLON || self.stands_apart(first, 2));
        fits.then_some(2)
    }

    /// Whether the atom at `index` is the fraction of a second.
    fn is_fraction(&self, index: usize) -> bool {
        self.atoms.get(index).is_some_and(|atom| {
            atom.is_chunk_of(1..=9) && (atom.gap.is_just(Marks::DOT) || atom.gap.is_just(Marks::COMMA))
        })
    }

    /// `192.168.0.1`, with a port or a prefix length.
    fn address(&self, first: usize) -> Option<usize> {
        let octets: [&Atom; 4] = self.joined(first, Marks::DOT)?;
        let fits = octets.iter().all(|octet| {
            octet.is_chunk_of(1..=3) && octet.value < 256 && !(octet.leading_zero && octet.digits > 1)
        });
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
        if first > 0 && self.atoms.get(first)?.gap.is_just(Marks::DOT) {
            return None;
        }
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

    /// `12.50`, `1.48185606`, `41.666669%`.
    fn decimal(&self, first: usize) -> Option<usize> {
        let [whole, part] = self.joined(first, Marks::DOT)?;
        let named = first == 0 && matches!(self.label, Label::Coordinate | Label::Money);
        let measured = self.gap_after(first + 1).marks.any(Marks::PERCENT.with(Marks::DEGREE))
            || self.is_priced(first, 2);
        if named || measured {
            return (whole.digits <= 4 || whole.digits <= 6 && part.digits == 2).then_some(2);
        }
        let short = whole.digits <= 4 && part.digits <= 2 && self.stands_apart(first, 2);
        // One digit before the dot, and ten after it: a number with its country code.
        let long = whole.digits == 1 && (3..=9).contains(&part.digits)
            || whole.digits <= 2 && (3..=5).contains(&part.digits);
        let fraction = whole.value == 0 && whole.digits == 1;
        (fraction && self.stands_apart(first, 2) || !self.phone && (short || long)).then_some(2)
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

    /// `7,289,756,608`, `83,17,738`, `€5.186.357`, `1,250.00`.
    fn grouped(&self, first: usize) -> Option<usize> {
        let (head, mark) = (self.atoms.get(first)?, self.atoms.get(first + 1)?.gap.marks);
        if first > 0 && head.gap.is_just(mark) {
            return None;
        }
        let is_group = |atom: &&Atom| atom.is_chunk_of(2..=3) && atom.gap.is_just(mark);
        let groups = 1 + self.atoms.get(first + 1..)?.iter().take_while(is_group).count();
        let goes_on = self.atoms.get(first + groups).is_some_and(|next| next.gap.is_just(mark));
        let atoms = self.atoms.get(first..first + groups)?;
        if goes_on || !is_grouped(atoms) {
            return None;
        }
        let cents = usize::from(self.is_cents(first + groups, mark));
        let counted = self.is_priced(first, groups + cents);
        let plain = mark == Marks::COMMA && !self.phone;
        (counted || plain).then_some(groups + cents)
    }

    fn is_cents(&self, index: usize, grouping: Marks) -> bool {
        let other = if grouping == Marks::DOT { Marks::COMMA } else { Marks::DOT };
        self.atoms.get(index).is_some_and(|atom| atom.is_chunk_of(1..=2) && atom.gap.is_just(other))
    }

    /// Whether a currency or a counted thing stands beside these atoms.
    pub(super) fn is_priced(&self, first: usize, count: usize) -> bool {
        let signed = self.atoms.get(first).is_some_and(|atom| atom.gap.marks.any(Marks::CURRENCY));
        let named = first == 0 && matches!(self.label, Label::Money | Label::Count);
        let last = first + count == self.atoms.len();
        let after = self.gap_after(first + count - 1);
        let tail = last && matches!(self.tail, Label::Money | Label::Count) && after.marks.is_blank();
        signed
            || named
            || tail
            || (last && after.marks.any(Marks::CURRENCY))
            || (last && after.is_price_mark())
    }

    /// Whether blanks, commas or brackets part these atoms from their neighbours, or a dash leads to the same again.
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

fn is_day_and_month(a: &Atom, b: &Atom) -> bool {
    let fits = |day: &Atom, month: &Atom| (1..=31).contains(&day.value) && (1..=12).contains(&month.value);
    a.is_chunk_of(1..=2) && b.is_chunk_of(1..=2) && (fits(a, b) || fits(b, a))
}

fn is_time_of_day(hour: &Atom, minute: &Atom) -> bool {
    hour.is_chunk_of(1..=2) && hour.value <= 24 && minute.is_chunk_of(2..=2) && minute.value < 60
}

/// Whether it starts with a zero that no count or measure would have.
pub(super) fn has_needless_zero(atom: &Atom) -> bool {
    atom.leading_zero && atom.digits > 1
}

/// Whether the groups are those of one large number: threes, or the Indian twos with a three at the end.
fn is_grouped(atoms: &[Atom]) -> bool {
    let Some((head, rest)) = atoms.split_first() else { return false };
    let Some((last, middle)) = rest.split_last() else { return false };
    let whole = head.is_chunk_of(1..=3) && !head.leading_zero && last.digits == 3;
    let western = middle.iter().all(|atom| atom.digits == 3);
    let indian = head.digits <= 2 && middle.iter().all(|atom| atom.digits == 2);
    whole && (western || indian)
}
