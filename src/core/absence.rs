//! Those who lost their connection, longest away first, until they come back or their grace is over.

use super::{ConnId, Millis};
use std::collections::BTreeSet;

/// The absent, by the time when they went.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Absent(BTreeSet<(Millis, ConnId)>);

impl Absent {
    /// Somebody lost the connection.
    pub fn add(&mut self, since: Millis, conn: ConnId) {
        self.0.insert((since, conn));
    }

    /// Somebody is back, or gone for good.
    pub fn remove(&mut self, since: Millis, conn: ConnId) {
        self.0.remove(&(since, conn));
    }

    /// When the grace of the first of them is over.
    pub fn next_end(&self, grace: Millis) -> Option<Millis> {
        self.0.first().map(|(since, _)| since.plus(grace))
    }

    /// The next one whose grace is over.
    pub fn take_ended(&mut self, now: Millis, grace: Millis) -> Option<ConnId> {
        let (since, conn) = *self.0.first().filter(|(since, _)| since.plus(grace) <= now)?;
        self.0.remove(&(since, conn));
        Some(conn)
    }

    /// All of them, longest away first.
    pub fn iter(&self) -> impl Iterator<Item = (Millis, ConnId)> {
        self.0.iter().copied()
    }

    /// How many are away.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}
