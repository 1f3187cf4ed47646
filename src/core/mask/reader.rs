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
        match self.text.as_bytes().get(self.at..) {
            Some(&[first, second, ..]) => [first, second],
            Some(&[last]) => [last, b' '],
            _ => [b' '; 2],
        }
    }

    /// Goes on after `bytes` more bytes, which must end between two characters.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.text.len());
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Whether a plain visible character comes next, or none at all.
    #[inline]
    fn plain_ahead(&self) -> bool {
        self.byte().is_none_or(|byte| matches!(byte, b' '..=b'~'))
    }

    /// The next glyph and where it ends, without going there.
    #[inline]
    fn peek(&self) -> Option<(Glyph, usize)> {
        let byte = self.byte()?;
        if byte.is_ascii() { Some((glyph::fold_ascii(byte), self.at + 1)) } else { self.peek_further() }
    }

    fn peek_further(&self) -> Option<(Glyph, usize)> {
        let c = self.rest().chars().next()?;
        Some((glyph::fold(c), self.at + c.len_utf8()))
    }

    /// The next token; what is invisible belongs to what stands before it.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Option<Token> {
        loop {
            match self.byte()? {
                b'0'..=b'9' => return Some(Token::Chunk(self.chunk())),
                b'a'..=b'z' | b'A'..=b'Z' => return Some(Token::Word(self.plain_word())),
                _ => {}
            }
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

    #[inline]
    fn chunk(&mut self) -> Chunk {
        let start = self.at;
        let mut chunk = Chunk { span: Span { start, end: start }, digits: 0, value: 0, leading_zero: false };
        loop {
            // Nearly every digit is one of these.
            while let Some(byte @ b'0'..=b'9') = self.byte() {
                chunk.push(byte - b'0');
                self.at += 1;
            }
            if self.plain_ahead() {
                break;
            }
            match self.peek() {
                Some((Glyph::Digit(digit), end)) => {
                    chunk.push(digit);
                    self.at = end;
                }
                Some((Glyph::Invisible, end)) => self.at = end,
                _ => break,
            }
        }
        chunk.span.end = self.at;
        chunk
    }

    /// A word that starts with a plain letter.
    #[inline]
    fn plain_word(&mut self) -> Span {
        let start = self.at;
        self.skip_plain_letters();
        if !self.plain_ahead() {
            self.read_word_on(false);
        }
        Span { start, end: self.at }
    }

    fn word(&mut self) -> Span {
        let start = self.at;
        self.read_word_on(self.ideograph_ahead());
        Span { start, end: self.at }
    }

    fn read_word_on(&mut self, ideographs: bool) {
        loop {
            match self.peek() {
                Some((Glyph::Letter, end)) if self.ideograph_ahead() == ideographs => self.at = end,
                Some((Glyph::Invisible, end)) => self.at = end,
                _ => return,
            }
            if !ideographs {
                self.skip_plain_letters();
            }
            if self.plain_ahead() {
                return;
            }
        }
    }

    #[inline]
    fn skip_plain_letters(&mut self) {
        let mut at = self.at;
        while self.text.as_bytes().get(at).is_some_and(u8::is_ascii_alphabetic) {
            at += 1;
        }
        self.at = at;
    }
}

impl Chunk {
    fn push(&mut self, digit: u8) {
        self.leading_zero |= self.digits == 0 && digit == 0;
        self.digits = self.digits.saturating_add(1);
        self.value = if self.digits > 18 { u64::MAX } else { self.value * 10 + u64::from(digit) };
    }
}
