//! Amounts: grouped numbers, decimals, prices.

use super::Row;
use crate::core::mask::glyph::Marks;
use crate::core::mask::lexicon::Label;
use crate::core::mask::run::Atom;

impl Row<'_> {
    /// `12.50`, `1.48185606`, `41.666669%`.
    pub(super) fn decimal(&self, first: usize) -> Option<usize> {
        let [whole, part] = self.joined(first, Marks::DOT)?;
        let named = first == 0 && matches!(self.label, Label::Coordinate | Label::Money);
        let measured = self.gap_after(first + 1).marks.any(Marks::PERCENT.with(Marks::DEGREE))
            || self.is_priced(first, 2);
        if named || measured {
            return (whole.digits <= 4 || whole.digits <= 6 && part.digits == 2).then_some(2);
        }
        let short = whole.digits <= 4 && part.digits <= 2 && self.stands_apart(first, 2);
        // One digit before the dot, and ten after it: a number with its country code.
        let long = whole.digits == 1 && ((3..=9).contains(&part.digits) || part.digits > 12)
            || whole.digits <= 2 && (3..=5).contains(&part.digits);
        let fraction = whole.value == 0 && whole.digits == 1;
        (fraction && self.stands_apart(first, 2) || !self.phone && (short || long)).then_some(2)
    }

    /// `7,289,756,608`, `83,17,738`, `€5.186.357`, `1,250.00`.
    pub(super) fn grouped(&self, first: usize) -> Option<usize> {
        let (head, next) = (self.atoms.get(first)?, self.atoms.get(first + 1)?);
        let mark = next.gap.marks;
        if !next.is_chunk_of(2..=3) || head.digits > 3 || first > 0 && head.gap.is_just(mark) {
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

    /// `1920×1080`, with something else after it.
    pub(super) fn size(&self, first: usize) -> Option<usize> {
        let [width, height] = self.joined(first, Marks::TIMES)?;
        (width.digits <= 4 && height.digits <= 4 && !self.phone).then_some(2)
    }

    fn is_cents(&self, index: usize, grouping: Marks) -> bool {
        let other = if grouping == Marks::DOT { Marks::COMMA } else { Marks::DOT };
        self.atoms.get(index).is_some_and(|atom| atom.is_chunk_of(1..=2) && atom.gap.is_just(other))
    }

    /// Whether a currency or a counted thing stands beside these atoms.
    pub(in crate::core::mask) fn is_priced(&self, first: usize, count: usize) -> bool {
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
