//! Who never meets whom again: blocks and reports, as hashes with an expiry.

use super::{Millis, PersonId};
use std::collections::{BTreeMap, BTreeSet};

/// The most people somebody can avoid; past it the oldest entry makes room.
pub const MOST: usize = 256;

/// The most entries of all people together; past it the one that would expire first makes room.
pub const MOST_OF_ALL: usize = 262_144;

/// How long a block or report holds.
pub const HOLDS: Millis = Millis::seconds(30 * 24 * 60 * 60);

/// Why somebody is avoided. `#unblock` lifts blocks, never reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    Block,
    Report,
}

/// The list of everyone's blocks and reports.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Avoided {
    entries: BTreeMap<(PersonId, PersonId), (Millis, Reason)>,
    expiries: BTreeSet<(Millis, PersonId, PersonId)>,
}

impl Avoided {
    /// Whether either of the two avoids the other.
    pub fn apart(&self, a: PersonId, b: PersonId) -> bool {
        self.entries.contains_key(&(a, b)) || self.entries.contains_key(&(b, a))
    }

    /// Notes that `who` avoids `whom` from now on. A report is never weakened to a block.
    pub fn add(&mut self, now: Millis, who: PersonId, whom: PersonId, reason: Reason) {
        let before = self.remove(who, whom).map_or(reason, |(_, before)| before);
        if self.of(who).count() >= MOST {
            let oldest = self.of(who).min_by_key(|(whom, (until, _))| (*until, *whom)).map(|(whom, _)| whom);
            oldest.and_then(|oldest| self.remove(who, oldest));
        }
        if self.entries.len() >= MOST_OF_ALL
            && let Some((_, who, whom)) = self.expiries.first().copied()
        {
            self.remove(who, whom);
        }
        let until = now.plus(HOLDS);
        self.entries.insert((who, whom), (until, reason.max(before)));
        self.expiries.insert((until, who, whom));
    }

    /// Lifts the blocks of `who`, not the reports. Returns whether there were any.
    pub fn unblock(&mut self, who: PersonId) -> bool {
        let blocked: Vec<_> = self.of(who).filter(|(_, (_, reason))| *reason == Reason::Block).collect();
        for (whom, _) in &blocked {
            self.remove(who, *whom);
        }
        !blocked.is_empty()
    }

    /// Forgets everything that somebody noted.
    pub fn forget(&mut self, who: PersonId) {
        let all: Vec<_> = self.of(who).map(|(whom, _)| whom).collect();
        for whom in all {
            self.remove(who, whom);
        }
    }

    /// When the next entry expires.
    pub fn next_expiry(&self) -> Option<Millis> {
        self.expiries.first().map(|(until, ..)| *until)
    }

    /// Removes one expired entry and says whose it was.
    pub fn take_expired(&mut self, now: Millis) -> Option<PersonId> {
        let (_, who, whom) = self.expiries.first().copied().filter(|(until, ..)| *until <= now)?;
        self.remove(who, whom);
        Some(who)
    }

    fn of(&self, who: PersonId) -> impl Iterator<Item = (PersonId, (Millis, Reason))> {
        let all = (who, PersonId(0))..=(who, PersonId(u128::MAX));
        self.entries.range(all).map(|((_, whom), entry)| (*whom, *entry))
    }

    fn remove(&mut self, who: PersonId, whom: PersonId) -> Option<(Millis, Reason)> {
        let entry = self.entries.remove(&(who, whom))?;
        self.expiries.remove(&(entry.0, who, whom));
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: PersonId = PersonId(1);
    const NOW: Millis = Millis(7);

    #[test]
    fn a_block_holds_both_ways_until_lifted() {
        let mut avoided = Avoided::default();
        avoided.add(NOW, ME, PersonId(2), Reason::Block);
        avoided.add(NOW, ME, PersonId(3), Reason::Report);
        avoided.add(NOW, ME, PersonId(3), Reason::Block);
        assert!(avoided.apart(PersonId(2), ME) && avoided.apart(ME, PersonId(2)));
        avoided.unblock(ME);
        assert!(!avoided.apart(ME, PersonId(2)));
        assert!(avoided.apart(ME, PersonId(3)), "a report stays");
    }

    #[test]
    fn the_oldest_makes_room_and_everything_expires() {
        let mut avoided = Avoided::default();
        for n in 0..=MOST as u64 {
            avoided.add(Millis(n), ME, PersonId(100 + u128::from(n)), Reason::Block);
        }
        assert_eq!(avoided.of(ME).count(), MOST);
        assert!(!avoided.apart(ME, PersonId(100)));
        assert_eq!(avoided.next_expiry(), Some(Millis(1).plus(HOLDS)));
        while avoided.take_expired(Millis(u64::MAX)).is_some() {}
        assert_eq!(avoided, Avoided::default());
    }

    #[test]
    fn forgetting_somebody_leaves_nothing_of_theirs() {
        let mut avoided = Avoided::default();
        avoided.add(NOW, ME, PersonId(2), Reason::Report);
        avoided.forget(ME);
        assert_eq!(avoided, Avoided::default());
    }
}
