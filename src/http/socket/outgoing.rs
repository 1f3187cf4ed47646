//! Frames on their way to the client: first decided, then with the codec, then with the network.

use crate::wire::Pos;
use std::collections::VecDeque;
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// The lists below are kept up to so many.
const KEPT: usize = 16;

/// Frames to send, in order, each with the position that it has if it is a pushed one.
#[derive(Default)]
pub struct Outgoing(Vec<(Utf8Bytes, Option<Pos>)>);

impl Outgoing {
    /// Sends an answer.
    pub fn push(&mut self, frame: Utf8Bytes) {
        self.0.push((frame, None));
    }

    /// Sends a pushed frame.
    pub fn push_at(&mut self, pos: Pos, frame: Utf8Bytes) {
        self.0.push((frame, Some(pos)));
    }

    /// Takes them all.
    pub fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    /// Gives each to the codec.
    pub fn drain(&mut self) -> impl Iterator<Item = (Utf8Bytes, Option<Pos>)> {
        self.0.drain(..)
    }

    /// The list is empty, and serves again unless it grew too large.
    pub fn put_back(&mut self, list: Self) {
        if list.0.capacity() <= KEPT {
            *self = list;
        }
    }
}

/// Answers.
impl Extend<Utf8Bytes> for Outgoing {
    fn extend<I: IntoIterator<Item = Utf8Bytes>>(&mut self, frames: I) {
        self.0.extend(frames.into_iter().map(|frame| (frame, None)));
    }
}

/// What the codec was given: which messages of the stream are pushed frames that the network may not have yet.
#[derive(Default)]
pub struct UnderWay {
    messages: u64,
    pushed: VecDeque<(u64, Pos)>,
}

impl UnderWay {
    /// The codec has one more.
    pub fn add(&mut self, pos: Option<Pos>) {
        self.messages += 1;
        self.pushed.extend(pos.map(|pos| (self.messages, pos)));
    }

    /// How many there were in all.
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// The network has so many. Returns the last pushed frame among them, if one is new.
    pub fn taken(&mut self, messages: u64) -> Option<Pos> {
        let mut last = None;
        while let Some((_, pos)) = self.pushed.pop_front_if(|(message, _)| *message <= messages) {
            last = Some(pos);
        }
        if self.pushed.is_empty() && self.pushed.capacity() > KEPT {
            self.pushed = VecDeque::new();
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pushed_frame_is_with_the_network_when_its_message_is() {
        let mut under_way = UnderWay::default();
        for pos in [None, Some(Pos(7)), None, Some(Pos(8)), Some(Pos(9))] {
            under_way.add(pos);
        }
        assert_eq!(under_way.messages(), 5);
        let taken: Vec<_> = [1, 2, 3, 5, 5].map(|messages| under_way.taken(messages)).into();
        assert_eq!(taken, [None, Some(Pos(7)), None, Some(Pos(9)), None]);
    }
}
