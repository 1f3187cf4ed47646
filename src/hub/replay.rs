//! What a client was pushed lately, for the case that it comes back and has not seen all of it.
//!
//! Every pushed frame has a position, one above that of the frame before. What is kept is bounded; what was
//! forgotten is counted by its position, so that a gap is never silent.

use super::accounts::Job;
use super::letter::{Letter, Shared, Text, Unshown};
use crate::core::{Nickname, Notice};
use crate::wire::Pos;
use std::collections::VecDeque;
use std::sync::Arc;

/// How many pushed frames are kept for a client that comes back.
const KEPT: usize = 100;
/// And how many bytes of text, at most.
const KEPT_BYTES: usize = 128 * 1_024;

/// Something that a client is pushed, and that counts.
pub enum Push {
    Notice(Box<Notice>),
    /// A line from the partner of this name.
    Text {
        from: Nickname,
        text: Text,
    },
    /// A text of one's own that could not be shown.
    Failed(Box<Unshown>),
    Shared(Arc<Shared>),
    /// For a bridge: a send to carry out.
    Job(Arc<Job>),
}

impl Push {
    fn weight(&self) -> usize {
        match self {
            Self::Text { text, .. } => text.text.len(),
            Self::Failed(text) => text.text.len(),
            Self::Notice(_) => 0,
            Self::Shared(shared) => shared.what.weight(),
            Self::Job(job) => job.weight(),
        }
    }
}

/// The frames that a registration was pushed.
#[derive(Default)]
pub struct Replay {
    /// The position before the first one.
    base: u64,
    last: u64,
    /// The last one that the network took.
    written: u64,
    /// The newest ones, up to `last`.
    kept: VecDeque<Push>,
    bytes: usize,
    /// How many of these bytes the network did not take yet.
    unwritten: usize,
    /// How many frames never got here, and so have no position, that the client was not told of for sure.
    lost: u64,
}

/// What is left to show to somebody who comes back, and what is lost.
#[derive(Debug, PartialEq, Eq)]
pub struct Gap {
    /// The first frame to show again.
    pub from: Pos,
    /// How many before it are lost; `None` where that cannot be known.
    pub missed: Option<u64>,
}

impl Replay {
    /// One whose positions start behind `base`: what stands for a frame that somebody else was pushed, on another
    /// node or before all was lost, stands for none here.
    pub fn behind(base: u64) -> Self {
        Self { base, last: base, written: base, ..Self::default() }
    }

    /// So many frames were turned away before they got here.
    pub fn add_lost(&mut self, frames: u64) {
        self.lost += frames;
    }

    /// The client knows what it missed.
    pub fn told_of_lost(&mut self) {
        self.lost = 0;
    }

    /// Keeps a frame, and gives it its position. Older ones make room for it, but none that is not written yet:
    /// nobody has seen it.
    pub fn push(&mut self, push: Push) -> Pos {
        self.last += 1;
        self.bytes += push.weight();
        self.unwritten += push.weight();
        self.kept.push_back(push);
        while (self.kept.len() > KEPT || self.bytes > KEPT_BYTES) && self.first() <= self.written {
            self.forget_first();
        }
        Pos(self.last)
    }

    /// Takes out the newest frame, for somebody who keeps it elsewhere.
    pub fn take_newest(&mut self) -> Option<Push> {
        let push = self.kept.pop_back()?;
        self.bytes -= push.weight();
        if self.written < self.last {
            self.unwritten -= push.weight();
            self.written = self.last;
        }
        Some(push)
    }

    /// The position of the newest frame.
    pub fn last(&self) -> Pos {
        Pos(self.last)
    }

    /// A frame that is still kept.
    pub fn get(&self, at: Pos) -> Option<&Push> {
        self.index(at).and_then(|index| self.kept.get(index))
    }

    /// The frames from a position on, as far as they are kept.
    pub fn from(&self, first: Pos) -> impl Iterator<Item = (Pos, &Push)> {
        let first = first.0.max(self.first());
        (first..=self.last).filter_map(|at| Some((Pos(at), self.get(Pos(at))?)))
    }

    /// The client says that it has dealt with everything up to here.
    pub fn handled(&mut self, up_to: Pos) {
        // What was never pushed is not believed.
        if up_to.0 <= self.last {
            while self.first() <= up_to.0 && !self.kept.is_empty() {
                self.forget_first();
            }
        }
    }

    /// Everything up to here was written. Returns what was not known to be before.
    pub fn written(&mut self, up_to: Pos) -> impl Iterator<Item = &Push> {
        let now = if up_to.0 <= self.last { up_to.0.max(self.written) } else { self.written };
        let before = std::mem::replace(&mut self.written, now);
        let weight: usize = (before + 1..=now).filter_map(|at| self.get(Pos(at))).map(Push::weight).sum();
        self.unwritten -= weight;
        (before + 1..=now).filter_map(|at| self.get(Pos(at)))
    }

    /// Whether as much is not written yet as is kept: nothing could make room for what came on top.
    pub fn is_behind(&self) -> bool {
        self.last - self.written >= KEPT as u64 || self.unwritten >= KEPT_BYTES
    }

    /// Where somebody goes on who dealt with everything up to `seen`. Who does not say is taken to have what
    /// the network took.
    pub fn gap(&mut self, seen: Option<Pos>) -> Gap {
        let claim = match seen {
            // Nothing was seen yet.
            Some(Pos(0)) => self.base,
            Some(Pos(seen)) => seen,
            None => self.written,
        };
        if claim > self.last || claim < self.base {
            // Nothing is known of what was written; the client begins there, and anew.
            self.handled(Pos(self.written));
            self.base = self.written;
            return Gap { from: Pos(self.written + 1), missed: None };
        }
        let from = (claim + 1).max(self.first());
        Gap { from: Pos(from), missed: Some(from - claim - 1 + self.lost) }
    }

    /// The partner's lines that no network took, oldest first: they were never shown. Among them the client's own
    /// that came back, which it was not told.
    pub fn into_unwritten(self) -> impl Iterator<Item = Letter> {
        let skip = usize::try_from((self.written + 1).saturating_sub(self.first())).unwrap_or(usize::MAX);
        self.kept.into_iter().skip(skip).filter_map(|push| match push {
            Push::Text { text, .. } => Some(Letter::Text(text)),
            Push::Failed(text) => Some(Letter::Failed(text)),
            Push::Notice(_) | Push::Shared(_) | Push::Job(_) => None,
        })
    }

    /// The position of the oldest frame kept, or that of the next one.
    fn first(&self) -> u64 {
        self.last + 1 - u64::try_from(self.kept.len()).unwrap_or(0)
    }

    fn index(&self, at: Pos) -> Option<usize> {
        at.0.checked_sub(self.first()).and_then(|index| usize::try_from(index).ok())
    }

    fn forget_first(&mut self) {
        let is_written = self.first() <= self.written;
        if let Some(push) = self.kept.pop_front() {
            self.bytes -= push.weight();
            self.unwritten -= if is_written { 0 } else { push.weight() };
        }
        if self.kept.is_empty() {
            self.kept = VecDeque::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{NodeId, PairId};
    use crate::hub::letter::Origin;

    fn replay(frames: u64) -> Replay {
        let mut replay = Replay::default();
        for _ in 0..frames {
            replay.push(Push::Notice(Box::new(Notice::PartnerLeft)));
        }
        replay
    }

    fn text(length: usize) -> Push {
        let sender = Origin::There { node: NodeId(2), kept: 0 };
        let text = "x".repeat(length).into();
        let text = Text { pair: PairId(1), turn: 0, said: None, sender, request_id: None, text };
        Push::Text { from: Nickname::random(1), text }
    }

    fn shown(replay: &Replay, gap: &Gap) -> Vec<u64> {
        replay.from(gap.from).map(|(pos, _)| pos.0).collect()
    }

    #[test]
    fn who_comes_back_gets_what_came_after() {
        let mut replay = replay(5);
        let gap = replay.gap(Some(Pos(3)));
        assert_eq!((gap.missed, shown(&replay, &gap)), (Some(0), vec![4, 5]));
        let gap = replay.gap(Some(Pos(5)));
        assert_eq!((gap.missed, shown(&replay, &gap)), (Some(0), vec![]));
    }

    #[test]
    fn what_was_forgotten_is_counted() {
        let mut replay = replay(0);
        for at in 1..=250 {
            assert_eq!(replay.push(Push::Notice(Box::new(Notice::PartnerLeft))), Pos(at));
            assert_eq!(replay.written(Pos(at)).count(), 1);
        }
        let gap = replay.gap(Some(Pos(40)));
        assert_eq!((gap.missed, shown(&replay, &gap).len()), (Some(110), KEPT));
        assert_eq!(shown(&replay, &gap).first(), Some(&151));
    }

    #[test]
    fn a_position_of_somebody_else_is_not_believed() {
        let mut replay = replay(5);
        replay.handled(Pos(6));
        let gap = replay.gap(Some(Pos(6)));
        assert_eq!((gap.missed, shown(&replay, &gap)), (None, vec![1, 2, 3, 4, 5]));
    }

    #[test]
    fn positions_from_another_node_stand_for_nothing_here() {
        let mut replay = Replay::behind(1_000);
        for _ in 0..3 {
            replay.push(Push::Notice(Box::new(Notice::PartnerLeft)));
        }
        let gap = replay.gap(Some(Pos(37)));
        assert_eq!((gap.missed, shown(&replay, &gap)), (None, vec![1_001, 1_002, 1_003]));
        let gap = replay.gap(Some(Pos(0)));
        assert_eq!((gap.missed, shown(&replay, &gap)), (Some(0), vec![1_001, 1_002, 1_003]));
        let gap = replay.gap(Some(Pos(1_002)));
        assert_eq!((gap.missed, shown(&replay, &gap)), (Some(0), vec![1_003]));
    }

    #[test]
    fn what_never_got_here_is_told_until_the_client_knows() {
        let mut replay = replay(3);
        replay.add_lost(2);
        assert_eq!(replay.gap(Some(Pos(3))).missed, Some(2));
        assert_eq!(replay.gap(Some(Pos(3))).missed, Some(2), "the confirmation may have been lost");
        replay.told_of_lost();
        assert_eq!(replay.gap(Some(Pos(3))).missed, Some(0));
    }

    #[test]
    fn who_names_no_position_gets_what_was_not_written() {
        let mut replay = replay(3);
        assert_eq!(replay.written(Pos(3)).count(), 3);
        replay.push(Push::Notice(Box::new(Notice::PartnerLeft)));
        let gap = replay.gap(None);
        assert_eq!((gap.missed, shown(&replay, &gap)), (Some(0), vec![4]));
    }

    #[test]
    fn what_nobody_took_yet_makes_room_for_nothing() {
        let mut replay = replay(2 * KEPT as u64);
        assert!(replay.is_behind());
        assert_eq!(replay.kept.len(), 2 * KEPT);
        assert_eq!(replay.written(Pos(KEPT as u64 + 1)).count(), KEPT + 1);
        assert!(!replay.is_behind());
        replay.push(text(1));
        assert_eq!(replay.kept.len(), KEPT);
    }

    #[test]
    fn a_text_is_kept_however_large_it_is_until_another_comes() {
        let mut replay = replay(1);
        assert_eq!(replay.written(Pos(1)).count(), 1);
        let large = replay.push(text(2 * KEPT_BYTES));
        assert!(replay.get(large).is_some() && replay.is_behind());
        assert_eq!(replay.push(text(1)), Pos(3));
        assert!(replay.get(large).is_some(), "it is not written yet");
        assert_eq!(replay.written(Pos(3)).count(), 2);
        assert!(!replay.is_behind());
        assert_eq!(replay.push(text(1)), Pos(4));
        assert_eq!((replay.kept.len(), replay.bytes, replay.unwritten), (2, 2, 1));
    }

    #[test]
    fn what_was_dealt_with_is_not_kept() {
        let mut replay = replay(4);
        replay.handled(Pos(3));
        assert_eq!(replay.kept.len(), 1);
        let gap = replay.gap(Some(Pos(1)));
        assert_eq!((gap.missed, shown(&replay, &gap)), (Some(2), vec![4]));
    }
}
