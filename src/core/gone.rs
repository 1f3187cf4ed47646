//! What principals used up who left a moment ago: who leaves and comes again is no more patient than before.

use super::{Bucket, Millis, PersonId};
use std::collections::{BTreeMap, VecDeque};

/// How long it is kept. By then there is nothing left of what was used up.
const KEPT: Millis = Millis::seconds(60);
/// Of how many people it is kept; past it the one who left first is forgotten.
const MOST: usize = 65_536;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Gone {
    people: BTreeMap<PersonId, (Millis, Bucket)>,
    /// Those who left, the first one first, with those who came again since.
    order: VecDeque<(Millis, PersonId)>,
}

impl Gone {
    /// Somebody left, and had used up so much.
    pub fn keep(&mut self, now: Millis, who: PersonId, used: Bucket) {
        self.people.insert(who, (now, used));
        self.order.push_back((now, who));
        while let Some((left, who)) = self.order.front().copied()
            && (self.order.len() > MOST || left.plus(KEPT) <= now)
        {
            self.order.pop_front();
            if self.people.get(&who).is_some_and(|(since, _)| *since == left) {
                self.people.remove(&who);
            }
        }
    }

    /// Somebody comes again: what they had used up.
    pub fn take(&mut self, who: PersonId) -> Option<Bucket> {
        self.people.remove(&who).map(|(_, used)| used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_for_a_minute_and_given_back_once() {
        let mut gone = Gone::default();
        for second in 0..100 {
            gone.keep(Millis::seconds(second), PersonId(second.into()), Bucket::default());
        }
        assert_eq!(gone.order.len(), 60);
        assert_eq!(gone.take(PersonId(39)), None);
        assert_eq!(gone.take(PersonId(40)), Some(Bucket::default()));
        assert_eq!(gone.take(PersonId(40)), None);
    }
}
