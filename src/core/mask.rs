//! Finds phone numbers in a text, however they are written, and hides them.
//!
//! Owns what a phone number is and is not. It must never know who writes, who reads, or why: texts go in,
//! texts come out, and nothing of them is kept. One pass over the text, and another one only where something
//! was hidden; the time is linear in its length, and nothing is allocated when there is nothing to hide.
//!
//! The steps: `reader` reads, by the tables of `glyph`; `scan` gathers what reads as digits, with the words
//! of `lexicon`, into a `run`; `shape` splits off what is provably something else; `verdict` decides;
//! `redaction` writes.

use std::borrow::Cow;
use std::fmt;

pub use patterns::PatternError;
pub use trail::Trail;

use glance::Glance;
use lexicon::Lexicon;
use patterns::Patterns;
use scan::{Hide, Scan};
use trail::Sight;

mod glance;
mod glued;
mod glyph;
mod lexicon;
mod patterns;
mod reader;
mod redaction;
mod run;
mod scan;
mod shape;
mod talk;
mod token;
mod trail;
mod verdict;

/// What stands where a phone number stood. It holds no digits, so hiding twice changes nothing.
pub const PLACEHOLDER: &str = "[hidden]";

/// Finds phone numbers and hides them. Built once, shared by all.
pub struct Masker {
    glance: Glance,
    lexicon: Lexicon,
    also: Patterns,
}

impl Masker {
    /// How often a text is read at most: once, and again after something was hidden, since what is left may
    /// look different without it.
    const READINGS: usize = 8;

    /// A masker that hides what the patterns in `also` match as well.
    ///
    /// # Errors
    ///
    /// When a pattern is no regular expression, or takes more than 1 MiB once compiled.
    pub fn new(also: &[String]) -> Result<Self, PatternError> {
        Ok(Self { glance: Glance::new(), lexicon: Lexicon::new(), also: Patterns::new(also)? })
    }

    /// One text on its own: a nickname, a tag, a line. Borrowed when there was nothing to hide.
    #[must_use]
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.also.hide(self.hide_numbers(text).0)
    }

    /// One text in a row of texts by one sender to one partner. `trail` counts what the last ones showed, so
    /// that a number split over several of them is hidden from the text on that would complete it.
    pub fn mask_next<'t>(&self, trail: &mut Trail, text: &'t str) -> Cow<'t, str> {
        let (masked, sight) = self.hide_numbers(text);
        let masked = if trail.completes(&sight) { self.scan(text, Hide::AllDigits).0 } else { masked };
        self.also.hide(masked)
    }

    /// Hides until nothing is left to hide, so that masking what is masked changes nothing.
    fn hide_numbers<'t>(&self, text: &'t str) -> (Cow<'t, str>, Sight) {
        match self.glance.sight(text, &self.lexicon) {
            Some(sight) => (Cow::Borrowed(text), sight),
            None => self.read(text),
        }
    }

    fn read<'t>(&self, text: &'t str) -> (Cow<'t, str>, Sight) {
        let (mut masked, mut sight) = self.scan(text, Hide::Numbers);
        for _ in 1..Self::READINGS {
            let Cow::Owned(read) = &masked else { break };
            let (again, seen) = self.scan(read, Hide::Numbers);
            sight = seen;
            let Cow::Owned(more) = again else { break };
            masked = Cow::Owned(more);
        }
        (masked, sight)
    }

    fn scan<'t>(&self, text: &'t str, hide: Hide) -> (Cow<'t, str>, Sight) {
        Scan::new(text, &self.lexicon, hide).run()
    }
}

impl fmt::Debug for Masker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Masker({:?})", self.lexicon)
    }
}

impl Default for Masker {
    fn default() -> Self {
        Self { glance: Glance::new(), lexicon: Lexicon::new(), also: Patterns::default() }
    }
}

#[cfg(test)]
mod tests;
