//! Why the start was refused, in one line: the setting, the place, what is wrong there.
//!
//! It must never hold more than one line, since that is what an operator finds in a log.

use std::fmt;

/// A setting that is not known or can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// `section.name`, if the trouble is with one setting's value.
    pub key: Option<String>,
    /// `config/local.toml`, `environment: PORT`, `flag --set` and the like.
    pub place: String,
    pub problem: String,
}

impl SettingsError {
    pub(super) fn of_place(place: impl fmt::Display, problem: impl Into<String>) -> Self {
        Self { key: None, place: place.to_string(), problem: problem.into() }
    }

    pub(super) fn of_key(key: &str, place: impl fmt::Display, problem: impl Into<String>) -> Self {
        Self { key: Some(key.to_owned()), ..Self::of_place(place, problem) }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "{key} ({}): {}", self.place, self.problem),
            None => write!(f, "{}: {}", self.place, self.problem),
        }
    }
}

impl std::error::Error for SettingsError {}
