//! Reads a text from front to back: digits side by side, words, single marks.
//!
//! Owns the position in the text. It must never know what a word means or what becomes of a number.

use super::glyph::{self, Glyph, Marks};

/// A place in a text.
#[derive(Clone, Copy)]
pub(super) struct Reader<'t> {
    text: &'t str,
    at: usize,
}

/// What was read next.
pub(super) enum Token {
    Chunk(Chunk),
    Word(Span),
    Mark(Marks),
}

/// Byte offsets of something read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Digits side by side, with nothing visible between them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk {
    pub(super) span: Span,
    pub(super) digits: u16,
    /// What up to 18 digits say; greater numbers are `u64::MAX`.
    pub(super) value: u64,
    pub(super) leading_zero: bool,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// The byte offset of what comes next.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    /// The text still ahead.
    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Whether a Chinese or Japanese sign starts at `at`: these are written without spaces beside other letters.
    pub(super) fn is_ideograph(&self, at: usize) -> bool {
        self.text.as_bytes().get(at).is_some_and(|lead| glyph::IDEOGRAPHS.contains(lead))
    }

    /// Whether an ASCII digit comes next.
    pub(super) fn digit_ahead(&self) -> bool {
        self.text.as_bytes().get(self.at).is_some_and(u8::is_ascii_digit)
    }

    /// The next two bytes; blanks where the text ends.
    pub(super) fn two_ahead(&self) -> [u8; 2] {
        let bytes = self.text.as_bytes();
        [self.at, self.at + 1].map(|at| bytes.get(at).copied().unwrap_or(b' '))
    }

    /// Goes on after `bytes` more bytes, which must end between two characters.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.text.len());
    }

    /// The next glyph and where it ends, without going there.
    #[inline]
    fn peek(&self) -> Option<(Glyph, usize)> {
        let byte = *self.text.as_bytes().get(self.at)?;
        if byte.is_ascii() {
            return Some((glyph::fold_ascii(byte), self.at + 1));
        }
        let c = self.rest().chars().next()?;
        Some((glyph::fold(c), self.at + c.len_utf8()))
    }

    /// The next token; what is invisible belongs to what stands before it.
    pub(super) fn next(&mut self) -> Option<Token> {
        loop {
            let (glyph, end) = self.peek()?;
            match glyph {
                Glyph::Digit(_) => return Some(Token::Chunk(self.chunk())),
                Glyph::Letter => return Some(Token::Word(self.word())),
                Glyph::Mark(mark) => {
                    self.at = end;
                    return Some(Token::Mark(mark));
                }
                Glyph::Invisible => self.at = end,
            }
        }
    }

    fn ideograph_ahead(&self) -> bool {
        self.is_ideograph(self.at)
    }

    fn chunk(&mut self) -> Chunk {
        let start = self.at;
        let mut chunk = Chunk { span: Span { start, end: start }, digits: 0, value: 0, leading_zero: false };
        while let Some((glyph, end)) = self.peek() {
            match glyph {
                Glyph::Digit(digit) => chunk.push(digit),
                Glyph::Invisible => {}
                Glyph::Letter | Glyph::Mark(_) => break,
            }
            self.at = end;
        }
        chunk.span.end = self.at;
        chunk
    }

    fn word(&mut self) -> Span {
        let start = self.at;
        let ideographs = self.ideograph_ahead();
        loop {
            if !ideographs {
                let letters =
                    self.text.as_bytes().iter().skip(self.at).take_while(|byte| byte.is_ascii_alphabetic());
                self.at += letters.count();
            }
            match self.peek() {
                Some((Glyph::Letter, end)) if self.ideograph_ahead() == ideographs => self.at = end,
                Some((Glyph::Invisible, end)) => self.at = end,
                _ => return Span { start, end: self.at },
            }
        }
    }
}

impl Chunk {
    fn push(&mut self, digit: u8) {
        self.leading_zero |= self.digits == 0 && digit == 0;
        self.digits = self.digits.saturating_add(1);
        self.value = if self.digits > 18 { u64::MAX } else { self.value * 10 + u64::from(digit) };
    }
}
