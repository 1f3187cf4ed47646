//! What a contact is called, and by what it is told from others.
//!
//! It must never know: who that is, or how a name is typed.

use std::fmt;

/// A contact's name as it was given or typed. Its `Debug` prints nothing of it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContactName(Box<str>);

impl ContactName {
    /// Takes the name as it is.
    pub fn new(name: impl Into<Box<str>>) -> Self {
        Self(name.into())
    }

    /// The name, for the clients of its session only.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ContactName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContactName(…)")
    }
}

/// What a contact is told from all others by. Only whoever gave it knows what is in it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContactId(Box<str>);

/// What the ids that are made here begin with: of nobody else's.
const OF_NAME: &str = "name:";
const OF_NUMBER: &str = "number:";
const OF_SENDER: &str = "sender:";

impl ContactId {
    /// Takes the id as it is.
    pub fn new(id: impl Into<Box<str>>) -> Self {
        Self(id.into())
    }

    /// The id of somebody of whom only the name is known.
    pub fn of_name(name: &ContactName) -> Self {
        Self(format!("{OF_NAME}{}", super::fold(name.as_str())).into())
    }

    /// The id of one of several of that name of whom a number is known, by its digits.
    pub fn of_number(digits: &str) -> Self {
        Self(format!("{OF_NUMBER}{digits}").into())
    }

    /// An id that no contact has, for whoever wrote under a name that is nobody's or several people's.
    pub fn of_sender(name: &ContactName) -> Self {
        Self(format!("{OF_SENDER}{}", super::fold(name.as_str())).into())
    }

    /// Whether it was made here, or is written as if it was.
    pub fn is_made(&self) -> bool {
        [OF_NAME, OF_NUMBER, OF_SENDER].iter().any(|made| self.0.starts_with(made))
    }

    /// The digits of which it was made, if so it was.
    pub fn number(&self) -> Option<&str> {
        self.0.strip_prefix(OF_NUMBER)
    }

    /// The id, for the clients of its session and the account's backend only.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ContactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContactId(…)")
    }
}
