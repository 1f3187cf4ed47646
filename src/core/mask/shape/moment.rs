//! Dates and times of day.

use super::Row;
use crate::core::mask::glyph::Marks;
use crate::core::mask::run::Atom;

impl Row<'_> {
    /// `12/08/2025`, `2025-08-12`, `12.8.25`.
    pub(super) fn date(&self, first: usize) -> Option<usize> {
        let mark = self.atoms.get(first + 1)?.gap.marks;
        let [a, b, c] = self.joined(first, mark)?;
        let little_end = is_day_and_month(a, b) && (c.is_year() || c.is_chunk_of(2..=2));
        let big_end = a.is_year() && is_day_and_month(b, c);
        (little_end || big_end).then_some(3)
    }

    /// `12 / 08 / 2025`, `12 08 2025`.
    pub(super) fn spaced_date(&self, first: usize) -> Option<usize> {
        let [a, b, c] = self.atoms.get(first..first + 3)?.first_chunk()?;
        if !c.is_year() {
            return None;
        }
        let marks = b.gap.marks;
        let apart = marks == c.gap.marks
            && marks.only(Marks::SPACE.with(Marks::SLASH).with(Marks::DASH).with(Marks::DOT));
        (apart && !self.phone && is_day_and_month(a, b)).then_some(3)
    }

    /// `12/12 - 22/12`, and the `12-22, 2025` of a month that was named.
    pub(super) fn day_range(&self, first: usize) -> Option<usize> {
        let [a, b, c, ..] = self.atoms.get(first..)? else { return None };
        let is_day = |atom: &Atom| atom.is_chunk_of(1..=2) && (1..=31).contains(&atom.value);
        let comma = c.gap.marks == Marks::COMMA.with(Marks::SPACE);
        if b.gap.is_just(Marks::DASH) && is_day(a) && is_day(b) && a.value < b.value && comma && c.is_year() {
            return (!self.phone).then_some(3);
        }
        let d = self.atoms.get(first + 3)?;
        let dashed = c.gap.marks.any(Marks::DASH) && c.gap.marks.only(Marks::DASH.with(Marks::SPACE));
        let slashed = b.gap.is_just(Marks::SLASH) && d.gap.is_just(Marks::SLASH);
        let fits = is_day_and_month(a, b) && is_day_and_month(c, d) && self.atoms.len() == first + 4;
        (dashed && slashed && fits && !self.phone).then_some(4)
    }

    /// `20250812`, alone or with the time of day after it.
    pub(super) fn compact_date(&self, first: usize) -> Option<usize> {
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
    pub(super) fn time(&self, first: usize) -> Option<usize> {
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
}

fn is_day_and_month(a: &Atom, b: &Atom) -> bool {
    let fits = |day: &Atom, month: &Atom| (1..=31).contains(&day.value) && (1..=12).contains(&month.value);
    a.is_chunk_of(1..=2) && b.is_chunk_of(1..=2) && (fits(a, b) || fits(b, a))
}

fn is_time_of_day(hour: &Atom, minute: &Atom) -> bool {
    hour.is_chunk_of(1..=2) && hour.value <= 24 && minute.is_chunk_of(2..=2) && minute.value < 60
}
