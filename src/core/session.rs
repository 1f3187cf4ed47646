//! A session: the clients that share contacts, and the head of their contact list.

use super::{ConnId, Effect};
use std::collections::BTreeSet;
use std::fmt;

/// How many names a broadcast shows.
pub const SHOWN: usize = 20;

/// A contact's name as clients gave it. Its `Debug` prints nothing of it.
#[derive(Clone, PartialEq, Eq, Hash)]
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

/// The first names of a session's contact list, in the order given, and how many there are in all.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ContactHead {
    pub first: Vec<ContactName>,
    pub total: usize,
}

impl ContactHead {
    /// Keeps the first twenty names and counts all.
    pub fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut head = Self::default();
        for name in names {
            if head.first.len() < SHOWN {
                head.first.push(ContactName::new(name));
            }
            head.total += 1;
        }
        head
    }
}

/// The clients that share one line, and what they share.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Session {
    pub members: BTreeSet<ConnId>,
    pub contacts: Option<ContactHead>,
}

impl Session {
    /// What somebody is shown who comes, if there is anything.
    pub fn shared_with(&self, to: ConnId) -> Option<Effect> {
        self.contacts.clone().map(|contacts| Effect::Share { to: vec![to], contacts })
    }

    /// Everyone in the session but one.
    pub fn others(&self, than: ConnId) -> impl Iterator<Item = ConnId> {
        self.members.iter().copied().filter(move |member| *member != than)
    }
}
