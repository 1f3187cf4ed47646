//! One person of the crowd: where they are, and what they carry along.

use super::queue::Ticket;
use super::{Bucket, ConnId, Millis, Nickname, PairId, PersonId, Tags};

/// A person is in exactly one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    Idle,
    /// In the queue, under this ticket.
    Waiting(Ticket),
    Talking {
        pair: PairId,
        partner: PersonId,
    },
}

/// Whom somebody last talked with, and until when that counts as just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Parted {
    pub from: PersonId,
    pub at: Millis,
}

/// How long after a chat its two people count as having just parted, unless they wait again by then.
pub const JUST_PARTED: Millis = Millis::seconds(60);

/// A principal or, without authentication, one registration.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Person {
    pub place: Place,
    pub nickname: Nickname,
    /// Whether phone numbers in what they write are hidden.
    pub masking: bool,
    /// The tags of their last `#meet`; `#again` searches with them too.
    pub tags: Tags,
    pub parted: Option<Parted>,
    pub meets: Bucket,
    /// Their registrations. The chat is at the last: the one where they came in or spoke last, if not only to read.
    pub lines: Vec<ConnId>,
    /// Whether the line where the chat is lost its connection. Nobody is matched with somebody who is away.
    pub away: bool,
    /// How often their line became another one in this chat: texts of an earlier turn are older.
    pub turn: u32,
}

impl Person {
    /// Somebody new, at one line.
    pub fn new(line: ConnId, nickname: Nickname) -> Self {
        Self {
            place: Place::Idle,
            nickname,
            masking: true,
            tags: Tags::default(),
            parted: None,
            meets: Bucket::default(),
            lines: vec![line],
            away: false,
            turn: 0,
        }
    }

    /// Where the chat is. A person without a line is forgotten, so there always is one.
    pub fn line(&self) -> Option<ConnId> {
        self.lines.last().copied()
    }

    /// Whether these two just parted, as far as this one remembers.
    pub fn just_left(&self, other: PersonId) -> bool {
        self.parted.is_some_and(|parted| parted.from == other)
    }
}
