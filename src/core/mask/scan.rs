//! The one pass over a text: reads it, gathers rows of digits and has each judged.
//!
//! Owns what is remembered from word to word. It must never keep anything longer than one text.

use std::borrow::Cow;

use super::glued;
use super::glyph::Marks;
use super::lexicon::{Label, Lexicon, Meaning, Role, Weight};
use super::reader::{Chunk, Reader, Span, Token};
use super::redaction::Redaction;
use super::run::{Atom, Form, Gap, Run};
use super::talk::Talk;
use super::token::{self, Opening};
use super::trail::Sight;

mod rows;

/// A "double" that waits for its digit.
#[derive(Clone, Copy)]
struct Multiplier {
    start: usize,
    times: u8,
    gap: Gap,
}

/// What is hidden.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hide {
    Numbers,
    /// Every row of digits, since it would complete a number that was begun before.
    AllDigits,
}

pub(super) struct Scan<'t, 'l> {
    reader: Reader<'t>,
    lexicon: &'l Lexicon,
    hide: Hide,
    redaction: Redaction<'t>,
    run: Run,
    /// What was read since the last atom or, outside a row, since the last word.
    gap: Gap,
    multiplier: Option<Multiplier>,
    /// Up to where no mixed token starts, or every byte could be looked at many times.
    looked_ahead: usize,
    /// Whether the last atom takes a unit as its last digit.
    open_tens: bool,
    talk: Talk,
    sight: Sight,
}

impl<'t, 'l> Scan<'t, 'l> {
    pub(super) fn new(text: &'t str, lexicon: &'l Lexicon, hide: Hide) -> Self {
        Self {
            reader: Reader::new(text),
            lexicon,
            hide,
            redaction: Redaction::new(text),
            run: Run::new(),
            gap: Gap::default(),
            multiplier: None,
            looked_ahead: 0,
            open_tens: false,
            talk: Talk::default(),
            sight: Sight::default(),
        }
    }

    /// Reads the whole text. Returns it with what is to be hidden hidden, and what is still to be seen.
    pub(super) fn run(&mut self) -> (Cow<'t, str>, Sight) {
        // Only where a word or number starts may one of the mixed tokens start; not right after something
        // hidden.
        let mut starts = true;
        loop {
            let may_start = starts && self.reader.at() >= self.looked_ahead;
            if may_start && self.mixed_token() {
                starts = false;
                continue;
            }
            let Some(token) = self.reader.next() else { break };
            match token {
                Token::Chunk(chunk) => {
                    starts = false;
                    self.chunk(chunk);
                }
                Token::Word(word) => {
                    starts = self.reader.is_ideograph(word.start);
                    self.word(word);
                }
                Token::Mark(mark) => {
                    starts = mark != Marks::CLOSE;
                    self.gap.push(mark);
                }
            }
        }
        self.judge(self.gap, None);
        (self.redaction.finish(), std::mem::take(&mut self.sight))
    }

    /// Reads a token of letters and digits that is one thing. Returns false when there is none.
    #[inline]
    fn mixed_token(&mut self) -> bool {
        let opening = Opening::of(self.reader.two_ahead());
        !opening.is_none() && self.token_opened_by(opening)
    }

    fn token_opened_by(&mut self, opening: Opening) -> bool {
        let rest = self.reader.rest();
        let start = self.reader.at();
        let hexadecimal = if opening.is_hexadecimal() { token::hexadecimal(rest) } else { Err(0) };
        if let Ok(length) = hexadecimal {
            self.other_word(None);
            self.reader.skip(length);
            return true;
        }
        let dressed_up = if opening.is_dressed() { token::dressed_up(rest) } else { Err(0) };
        let (length, digits) = match dressed_up {
            Ok(found) => found,
            Err(looked_at) => {
                self.looked_ahead = start + hexadecimal.unwrap_or_else(|looked_at| looked_at).max(looked_at);
                return false;
            }
        };
        self.reader.skip(length);
        self.add_word(Span { start, end: start + length }, digits, Weight::Dressed);
        true
    }

    fn chunk(&mut self, chunk: Chunk) {
        self.open_tens = false;
        let Chunk { span, digits, value, leading_zero } = chunk;
        self.add(Atom {
            gap: self.gap,
            start: span.start,
            end: span.end,
            digits,
            value,
            leading_zero,
            form: Form::Chunk,
        });
    }

    fn word(&mut self, span: Span) {
        if let Some(letter) = self.letter_between_digits(span) {
            // An `o` is a nought.
            return match letter {
                b'o' => self.number_word(span, Role::Zero, Weight::Weak),
                _ => self.gap.push_letter(letter),
            };
        }
        let word = self.reader.text().get(span.start..span.end).unwrap_or_default();
        match self.lexicon.meaning(word) {
            Some(Meaning::Number { .. }) if self.is_short_for_number(word) => {
                self.other_word(Some(Meaning::Phone));
            }
            Some(Meaning::Number { role, weight }) => self.number_word(span, role, weight),
            Some(Meaning::Times(times)) if self.multiplier.is_none() => {
                self.multiplier = Some(Multiplier { start: span.start, times, gap: self.gap });
                self.gap = Gap::default();
            }
            Some(Meaning::Joins(mark)) if !self.run.is_empty() && self.multiplier.is_none() => {
                self.gap.push_word(mark);
            }
            None => self.unknown_word(span, word),
            meaning => self.other_word(meaning),
        }
    }

    /// "no" in "my no" and "roll no", which is a nine elsewhere.
    fn is_short_for_number(&self, word: &str) -> bool {
        self.run.is_empty() && self.talk.names_number() && word.eq_ignore_ascii_case("no")
    }

    /// `x` in `7x1`.
    #[inline]
    fn letter_between_digits(&mut self, span: Span) -> Option<u8> {
        if span.end - span.start > 1 || !self.gap.is_empty() || !self.reader.digit_ahead() {
            return None;
        }
        let after_digit = self.run.last_mut().is_some_and(|last| last.end == span.start);
        let letter = self.reader.text().as_bytes().get(span.start).filter(|_| after_digit)?;
        Some(letter.to_ascii_lowercase())
    }

    fn unknown_word(&mut self, span: Span, word: &str) {
        let mut from = 0;
        while let Some(found) = glued::stretch(word, from, self.lexicon) {
            if found.span.start > from {
                self.other_word(None);
            }
            from = found.span.end;
            self.add_word(
                Span { start: span.start + found.span.start, end: span.start + from },
                found.digits,
                Weight::Strong,
            );
        }
        if from < word.len() {
            let is_state = word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_uppercase());
            self.other_word(is_state.then_some(Meaning::Label(Label::State)));
        }
    }

    fn number_word(&mut self, span: Span, role: Role, weight: Weight) {
        let completes =
            self.open_tens && role == Role::Unit && self.gap.marks.only(Marks::SPACE.with(Marks::DASH));
        match self.run.last_mut() {
            Some(last) if completes => {
                last.end = span.end;
                self.gap = Gap::default();
                self.open_tens = false;
            }
            _ => {
                self.add_word(span, if matches!(role, Role::Tens | Role::Pair) { 2 } else { 1 }, weight);
                self.open_tens = role == Role::Tens;
            }
        }
    }

    fn add_word(&mut self, span: Span, digits: u16, weight: Weight) {
        self.open_tens = false;
        let form = Form::Word(weight);
        self.add(Atom {
            gap: self.gap,
            start: span.start,
            end: span.end,
            digits,
            value: u64::MAX,
            leading_zero: false,
            form,
        });
    }

    /// A word that is no part of a number: ends the row, and may say what the next one is.
    fn other_word(&mut self, meaning: Option<Meaning>) {
        self.judge(self.gap, meaning);
        self.multiplier = None;
        self.gap = Gap::default();
        self.talk.hear(meaning);
        self.sight.hear(meaning);
    }
}
