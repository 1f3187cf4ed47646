//! A session: the clients that share contacts, and the head of their contact list.

use super::{ConnId, ContactName, Effect};
use std::collections::BTreeSet;

/// How many names a broadcast shows.
pub const SHOWN: usize = 20;

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
    /// The one of them that carries out what they send.
    pub bridge: Option<ConnId>,
    pub contacts: Option<ContactHead>,
}

impl Session {
    /// The list as one client is shown it, if there ever was one. It may be empty by now.
    pub fn shared_with(&self, to: ConnId) -> Option<Effect> {
        self.contacts.clone().map(|contacts| Effect::Share { to: vec![to], contacts })
    }

    /// Whether there is a contact to show.
    pub fn has_contacts(&self) -> bool {
        self.contacts.as_ref().is_some_and(|contacts| contacts.total > 0)
    }

    /// Everyone in the session but one.
    pub fn others(&self, than: ConnId) -> impl Iterator<Item = ConnId> {
        self.members.iter().copied().filter(move |member| *member != than)
    }
}
