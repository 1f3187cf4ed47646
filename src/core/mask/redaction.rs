//! Writes a text with parts of it hidden.
//!
//! Owns the copy, which is made only when something is hidden. It must never decide what is hidden.

use std::borrow::Cow;

use super::PLACEHOLDER;

/// A text with some spans of it replaced; nothing is copied before the first one.
pub(super) struct Redaction<'t> {
    text: &'t str,
    /// Up to which byte the text is written or hidden.
    done: usize,
    masked: Option<String>,
}

impl<'t> Redaction<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, done: 0, masked: None }
    }

    /// Hides the bytes from `start` to `end`, and the plus sign and brackets that belong to them.
    pub(super) fn hide_number(&mut self, start: usize, end: usize) {
        let (start, end) = self.with_brackets(start, end);
        let kept = self.text.get(self.done..start).unwrap_or_default();
        let masked = self.masked.get_or_insert_with(|| String::with_capacity(self.text.len()));
        masked.push_str(kept);
        masked.push_str(PLACEHOLDER);
        self.done = end;
    }

    /// Takes in a plus sign before the first digit, and a bracket that is closed among or after the digits.
    fn with_brackets(&self, start: usize, end: usize) -> (usize, usize) {
        let before = self.text.get(self.done..start).unwrap_or_default();
        let inside = self.text.get(start..end).unwrap_or_default();
        let plus = before.strip_suffix('+').or_else(|| before.strip_suffix("+ ")).unwrap_or(before);
        let (mut from, mut to) = (plus, end);
        // Most numbers have none.
        if !inside.bytes().any(|byte| matches!(byte, b'(' | b')' | b'[' | b']')) {
            return (self.done + from.len(), to);
        }
        let after = self.text.get(end..).unwrap_or_default();
        for (open, close) in [('(', ')'), ('[', ']')] {
            // Closed before another one opens: the first one belongs to the digits. The last one likewise.
            let closes = inside.find(close).is_some_and(|at| inside.find(open).is_none_or(|next| at < next));
            let opens = inside.rfind(open).is_some_and(|at| inside.rfind(close).is_none_or(|last| last < at));
            from = from.strip_suffix(open).filter(|_| closes).unwrap_or(from);
            to += usize::from(opens && to == end && after.starts_with(close));
        }
        (self.done + from.len(), to)
    }

    /// The text as it is to be read, once.
    pub(super) fn finish(&mut self) -> Cow<'t, str> {
        match self.masked.take() {
            None => Cow::Borrowed(self.text),
            Some(mut masked) => {
                masked.push_str(self.text.get(self.done..).unwrap_or_default());
                Cow::Owned(masked)
            }
        }
    }
}
