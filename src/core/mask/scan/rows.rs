//! From atoms to rows, and from rows to what is hidden.

use super::{Hide, Scan};
use crate::core::mask::lexicon::{Label, Meaning};
use crate::core::mask::redaction::Redaction;
use crate::core::mask::run::{Atom, Gap, Run};
use crate::core::mask::shape::Row;
use crate::core::mask::talk::Talk;
use crate::core::mask::trail::Sight;
use crate::core::mask::verdict::{FEWEST_OWN_DIGITS, Piece};

impl Scan<'_, '_> {
    /// Adds an atom to the row, or begins a new row with it.
    pub(super) fn add(&mut self, mut atom: Atom) {
        if let Some(multiplier) = self.multiplier.take() {
            atom.start = multiplier.start;
            atom.digits = atom.digits.saturating_mul(u16::from(multiplier.times));
            atom.gap = multiplier.gap;
        }
        if !atom.gap.joins() {
            self.judge(atom.gap, None);
        }
        if self.run.is_empty() {
            self.run.label = self.talk.label();
            self.run.phone_before = self.talk.of_phone();
            self.run.own_number = self.talk.of_own_number();
        }
        if self.run.is_full() {
            self.settle_front();
        }
        self.run.push(atom);
        self.gap = Gap::default();
        self.talk.number();
    }

    /// Judges the row, hides what is to be hidden of it and forgets it.
    #[inline(always)]
    pub(super) fn judge(&mut self, after: Gap, ended_by: Option<Meaning>) {
        if !self.run.is_empty() {
            self.judge_row(after, ended_by);
        }
    }

    #[inline(never)]
    fn judge_row(&mut self, after: Gap, ended_by: Option<Meaning>) {
        let digits = self.run.digits();
        if digits == 0 {
            return;
        }
        if self.hide == Hide::AllDigits {
            self.hide_all();
        } else {
            let phone = digits >= FEWEST_OWN_DIGITS
                && (self.run.phone_before || Talk::turns_to_phone(self.reader, ended_by, self.lexicon));
            let tail = if let Some(Meaning::Label(label)) = ended_by { label } else { Label::None };
            let row = row(&self.run, after, tail, phone);
            let end = row.atoms.len();
            let mut settle = |piece| settle(&row, piece, &mut self.redaction, &mut self.sight);
            let first = row.pieces(end, &mut settle);
            settle(Piece { first, end });
        }
        self.run.clear();
    }

    fn hide_all(&mut self) {
        let atoms = self.run.atoms();
        if let Some((first, last)) = atoms.first().zip(atoms.last()) {
            self.redaction.hide_number(first.start, last.end);
        }
    }

    /// Makes room in a full row, so that a row of any length is judged in constant memory.
    #[inline(never)]
    fn settle_front(&mut self) {
        // A shape that reaches over the end of the buffer must not be cut.
        let limit = self.run.atoms().len().saturating_sub(Row::LONGEST_SHAPE);
        if self.hide == Hide::AllDigits {
            return self.run.merge_front(limit);
        }
        let row = row(&self.run, Gap::default(), Label::None, self.run.phone_before);
        let first = row.pieces(limit, |piece| settle(&row, piece, &mut self.redaction, &mut self.sight));
        if first > 0 {
            self.run.drop_front(first);
        } else if row.phone_number(Piece { first: 0, end: limit }).is_some() {
            self.run.merge_front(limit);
        } else {
            self.run.drop_front(limit);
        }
    }
}

fn row(run: &Run, after: Gap, tail: Label, phone: bool) -> Row<'_> {
    Row {
        atoms: run.atoms(),
        after,
        label: run.label,
        tail,
        phone,
        own_number: run.own_number,
        weak_words: run.reads_weak_words(),
    }
}

/// Hides the phone number in a piece, or notes what it shows.
fn settle(row: &Row<'_>, piece: Piece, redaction: &mut Redaction<'_>, sight: &mut Sight) {
    if piece.first == piece.end {
        return;
    }
    let atoms = |piece: Piece| row.atoms.get(piece.first..piece.end).unwrap_or_default();
    match row.phone_number(piece).map(atoms) {
        Some([first, .., last]) => redaction.hide_number(first.start, last.end),
        Some([only]) => redaction.hide_number(only.start, only.end),
        Some([]) | None => {
            let last = piece.end.saturating_sub(1);
            sight.see(atoms(piece), row.gap_after(last).marks);
        }
    }
}
