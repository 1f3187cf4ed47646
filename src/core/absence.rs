//! Those who lost their connection, longest away first, until they come back, their grace is over, or others
//! need the room.

use super::{ConnId, Millis, NodeId, Rules};
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

    /// When the first of them has to go. Long ago if there are too many.
    pub fn next_end(&self, rules: &Rules) -> Option<Millis> {
        let first = self.0.first().map(|(since, _)| since.plus(rules.grace));
        if self.surplus(rules) > 0 { Some(Millis(0)) } else { first }
    }

    /// The last one who has to go now: all before have to go as well.
    pub fn last_to_go(&self, now: Millis, rules: &Rules) -> Option<(Millis, ConnId)> {
        let last = ConnId { node: NodeId(u64::MAX), serial: u64::MAX };
        let until = now.0.checked_sub(rules.grace.0).map(Millis);
        let ended = until.and_then(|until| self.0.range(..=(until, last)).next_back());
        let surplus = self.surplus(rules).checked_sub(1).and_then(|place| self.0.iter().nth(place));
        ended.max(surplus).copied()
    }

    /// Takes the one who is away longest, if they went no later than this.
    pub fn take_first(&mut self, until: (Millis, ConnId)) -> Option<(Millis, ConnId)> {
        let first = *self.0.first().filter(|first| **first <= until)?;
        self.0.remove(&first);
        Some(first)
    }

    /// All of them, longest away first.
    pub fn iter(&self) -> impl Iterator<Item = (Millis, ConnId)> {
        self.0.iter().copied()
    }

    /// How many are away.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// How many too many they are.
    fn surplus(&self, rules: &Rules) -> usize {
        if rules.most_away == 0 { 0 } else { self.0.len().saturating_sub(rules.most_away) }
    }
}
