//! Rows of digits: what was read as digits, and what stands between.
//!
//! Owns the fixed buffer in which a row waits until it can be judged. It must never look at the text or
//! judge.

use super::glyph::Marks;
use super::lexicon::{Label, Weight};

/// What stands between two atoms, or before the first one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gap {
    /// Every kind of mark in it.
    pub(super) marks: Marks,
    /// The last mark that is not blank.
    pub(super) last: Marks,
    /// Marks one after the other, blanks included.
    count: u16,
    /// Marks that are not blank; repeats of one mark count once.
    visible: u16,
    /// Joining words.
    words: u8,
    /// The letter of `Marks::LETTER`.
    pub(super) letter: u8,
}

impl Gap {
    /// Visible marks over which a reader still reads on.
    const WIDEST: u16 = 6;
    /// Joining words over which a reader still reads on.
    const MOST_WORDS: u8 = 6;

    pub(super) fn push(&mut self, mark: Marks) {
        let repeated = self.last == mark;
        self.marks = self.marks.with(mark);
        self.count = self.count.saturating_add(1);
        if !mark.is_blank() {
            self.last = mark;
            self.visible = self.visible.saturating_add(u16::from(!repeated));
        }
    }

    pub(super) fn push_word(&mut self, mark: Marks) {
        self.marks = self.marks.with(mark);
        self.words = self.words.saturating_add(1);
        self.count = self.count.saturating_add(1);
        self.last = Marks::NONE;
    }

    pub(super) fn push_letter(&mut self, letter: u8) {
        self.push(Marks::LETTER);
        self.letter = letter;
    }

    /// Whether a reader reads on across it.
    pub(super) fn joins(&self) -> bool {
        self.visible <= Self::WIDEST && self.words <= Self::MOST_WORDS
    }

    /// Whether it is one mark of this kind and nothing else.
    pub(super) fn is_just(&self, mark: Marks) -> bool {
        self.marks == mark && self.count == 1
    }

    /// Whether it is one such mark with a space on either side, as between the terms of a sum.
    pub(super) fn is_spaced(&self, mark: Marks) -> bool {
        self.marks == mark.with(Marks::SPACE) && self.count == 3 && self.visible == 1
    }

    /// Whether it starts with `/-`, which ends a price in South Asia.
    pub(super) fn is_price_mark(&self) -> bool {
        self.marks.any(Marks::SLASH) && self.marks.any(Marks::DASH) && self.count <= 3
    }

    /// Whether nothing at all stands there.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// How an atom is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Digits side by side.
    Chunk,
    /// A word, or glued words.
    Word(Weight),
}

/// One unit that reads as digits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Atom {
    pub(super) gap: Gap,
    /// Byte offsets into the text.
    pub(super) start: usize,
    pub(super) end: usize,
    /// How many digits it stands for.
    pub(super) digits: u16,
    /// What up to 18 digits say; greater numbers are `u64::MAX`.
    pub(super) value: u64,
    pub(super) leading_zero: bool,
    pub(super) form: Form,
}

impl Atom {
    pub(super) const EMPTY: Self = Self {
        gap: Gap { marks: Marks::NONE, last: Marks::NONE, count: 0, visible: 0, words: 0, letter: 0 },
        start: 0,
        end: 0,
        digits: 0,
        value: 0,
        leading_zero: false,
        form: Form::Chunk,
    };

    pub(super) fn is_chunk(&self) -> bool {
        self.form == Form::Chunk
    }

    /// Whether it is a word that is a number.
    pub(super) fn is_word(&self) -> bool {
        !matches!(self.form, Form::Chunk | Form::Word(Weight::Dressed))
    }

    /// Whether it is digits side by side, this many of them.
    pub(super) fn is_chunk_of(&self, digits: std::ops::RangeInclusive<u16>) -> bool {
        self.is_chunk() && digits.contains(&self.digits)
    }

    /// Whether it may be the year of a date or an event.
    pub(super) fn is_year(&self) -> bool {
        self.is_chunk_of(4..=4) && (1900..2100).contains(&self.value)
    }
}

/// A row of atoms that a reader may read as one number.
pub(super) struct Run {
    atoms: [Atom; Run::CAPACITY],
    len: usize,
    /// What the word before the row says about it.
    pub(super) label: Label,
    /// Whether a phone is spoken of just before it.
    pub(super) phone_before: bool,
    /// Whether somebody says just before it that the number is theirs.
    pub(super) own_number: bool,
}

impl Run {
    /// Atoms kept; a longer row is judged in parts.
    const CAPACITY: usize = 32;

    pub(super) const fn new() -> Self {
        Self {
            atoms: [Atom::EMPTY; Self::CAPACITY],
            len: 0,
            label: Label::None,
            phone_before: false,
            own_number: false,
        }
    }

    pub(super) fn atoms(&self) -> &[Atom] {
        self.atoms.get(..self.len).unwrap_or_default()
    }

    pub(super) fn last_mut(&mut self) -> Option<&mut Atom> {
        self.len.checked_sub(1).and_then(|last| self.atoms.get_mut(last))
    }

    /// How many digits the whole row stands for.
    pub(super) fn digits(&self) -> u16 {
        self.atoms().iter().fold(0, |sum, atom| sum.saturating_add(atom.digits))
    }

    /// Whether everyday words that may be numbers are read as such here, among enough real ones.
    pub(super) fn reads_weak_words(&self) -> bool {
        let (mut strong, mut weak, mut homophones, mut single) = (0, 0, 0, 0);
        for atom in self.atoms() {
            match atom.form {
                Form::Word(Weight::Strong) => strong += 1,
                Form::Word(Weight::Weak) => weak += 1,
                Form::Word(Weight::Homophone) => homophones += 1,
                Form::Chunk if atom.digits == 1 => single += 1,
                Form::Word(Weight::Dressed) | Form::Chunk => {}
            }
        }
        strong >= 2 || homophones == 0 && single + strong >= 4 && weak <= single
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn is_full(&self) -> bool {
        self.len == Self::CAPACITY
    }

    /// Adds an atom; when the row is full, nothing happens.
    pub(super) fn push(&mut self, atom: Atom) {
        if let Some(slot) = self.atoms.get_mut(self.len) {
            *slot = atom;
            self.len += 1;
        }
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
        self.label = Label::None;
        self.phone_before = false;
        self.own_number = false;
    }

    /// Forgets the first `count` atoms.
    pub(super) fn drop_front(&mut self, count: usize) {
        let count = count.min(self.len);
        self.atoms.copy_within(count..self.len, 0);
        self.len -= count;
        self.label = Label::None;
    }

    /// Makes one atom of the first `count`, all of them read as one number.
    pub(super) fn merge_front(&mut self, count: usize) {
        let Some((first, rest)) = self.atoms.get(..count.min(self.len)).and_then(|front| front.split_first())
        else {
            return;
        };
        let digits = rest.iter().fold(first.digits, |sum, atom| sum.saturating_add(atom.digits));
        let end = rest.last().map_or(first.end, |last| last.end);
        let merged = Atom { end, digits, value: u64::MAX, form: Form::Chunk, ..*first };
        let label = self.label;
        self.drop_front(count - 1);
        self.label = label;
        if let Some(slot) = self.atoms.first_mut() {
            *slot = merged;
        }
    }
}
