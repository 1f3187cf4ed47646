//! The operator's own patterns, hidden on top of phone numbers.
//!
//! Owns their compiling, with limits on what a pattern may cost. It must never know what a phone number is.

use std::borrow::Cow;
use std::fmt;

use regex::{Regex, RegexBuilder};

use super::PLACEHOLDER;

/// Bytes a compiled pattern, and its cache while matching, may take.
const PATTERN_BYTES: usize = 1 << 20;

/// A pattern that cannot be used, and why.
#[derive(Debug)]
pub struct PatternError {
    pattern: String,
    why: regex::Error,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the pattern `{}` cannot be used: {}", self.pattern, self.why)
    }
}

impl std::error::Error for PatternError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.why)
    }
}

/// Compiled patterns, in the order given.
#[derive(Debug, Default)]
pub(super) struct Patterns(Vec<Regex>);

impl Patterns {
    pub(super) fn new(patterns: &[String]) -> Result<Self, PatternError> {
        let compiled = patterns
            .iter()
            .map(|pattern| compile(pattern).map_err(|why| PatternError { pattern: pattern.clone(), why }));
        compiled.collect::<Result<_, _>>().map(Self)
    }

    /// Hides every match in `text`.
    pub(super) fn hide<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        self.0.iter().fold(text, |text, pattern| {
            match pattern.replace_all(&text, regex::NoExpand(PLACEHOLDER)) {
                Cow::Borrowed(_) => text,
                Cow::Owned(hidden) => Cow::Owned(hidden),
            }
        })
    }
}

fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).size_limit(PATTERN_BYTES).dfa_size_limit(PATTERN_BYTES).build()
}
