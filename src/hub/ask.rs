//! What a client wants, what became of it, and what comes in for it: the words between a door and its
//! [`Client`](super::Client).

use super::desk::{Desk, Pending};
use super::letter::Letter;
use super::mailbox::{Found, Taken};
use super::replay::Gap;
use super::{Card, Token};
use crate::core::account::{Incoming as Arrived, OrderId, Report, Wish};
use crate::core::contacts::Supplied;
use crate::core::{Command, Nickname, Notice, PersonId, Role, TagError, Verb};
use crate::wire::{Asked, Pos};

/// What a client wants from the matchmaker or the shared account. Each has one answer, which comes by mailbox.
pub enum Ask {
    Register(Box<Introduction>),
    /// Other names for a client that is registered: the card is a new one where the client's name changed.
    Rename {
        card: Option<Card>,
        nickname: Nickname,
    },
    Command(Command),
    Contacts(Vec<Supplied>),
    /// Something of the shared account. Its answer comes when it comes: further frames do not wait for it.
    Account {
        asked: Asked,
        wish: Box<Wish>,
        request_id: Option<Box<str>>,
    },
    /// From a bridge: what became of a send.
    Report {
        order: OrderId,
        report: Report,
        request_id: Option<Box<str>>,
    },
    /// From a bridge: a message came in.
    Arrival {
        incoming: Box<Arrived>,
        request_id: Option<Box<str>>,
    },
}

/// Only of what kind it is.
impl std::fmt::Debug for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Register(introduction) => write!(f, "Register({introduction:?})"),
            Self::Rename { .. } => f.write_str("Rename(…)"),
            Self::Command(command) => write!(f, "Command({command:?})"),
            Self::Contacts(_) => f.write_str("Contacts(…)"),
            Self::Account { asked, .. } => write!(f, "Account({asked:?})"),
            Self::Report { .. } => f.write_str("Report(…)"),
            Self::Arrival { .. } => f.write_str("Arrival(…)"),
        }
    }
}

/// Who registers, and as whom.
#[derive(Debug)]
pub struct Introduction {
    pub card: Card,
    /// Whom a principal names; without one, nobody but this registration.
    pub person: Option<PersonId>,
    pub nickname: Nickname,
    /// Whether they chose the nickname. One that nobody chose gives way to what the person is called already.
    pub is_chosen: bool,
    /// Whether they only read: the chat of a person who is here already stays where it is.
    pub only_reads: bool,
    pub role: Role,
    pub returning: Option<Returning>,
}

/// What a client says about the registration that it wants to go on with.
#[derive(Debug)]
pub struct Returning {
    pub token: Token,
    /// Whose registration it is, if a principal says so.
    pub person: Option<PersonId>,
    /// Whether it named its `client_id` and its session itself.
    pub names_client: bool,
    pub names_session: bool,
    pub names_role: bool,
    pub nickname: Option<Nickname>,
    /// The last frame that it has seen there.
    pub seen: Option<Pos>,
}

/// What became of a typed line.
pub enum Heard<'t> {
    /// It is a command for the matchmaker.
    Command(Command),
    /// It is nearly a command, and was not sent on.
    Slip { word: &'t str, meant: Verb },
    /// It is `#meet` with impossible tags.
    BadTags(TagError),
    /// It is a text, and in the partner's mailbox; or on its way to another node, which will say what became of
    /// it.
    Text(Option<Taken>),
    /// It is a text, and the call may be at another line of the person: it can come here first.
    Elsewhere,
    /// It is a text, and was not taken.
    Refused(Notice),
}

/// What comes in for a client.
pub enum Incoming {
    Letter(Letter),
    /// The desk of the registration that it goes on with, and how many letters were lost meanwhile.
    Inherited(Box<Desk>, u64),
    /// More came than it read.
    Overflown,
    /// Another connection goes on with its registration.
    Superseded,
    /// The operator wants it gone.
    TurnedOut,
}

/// A registration went on.
pub struct Comeback {
    /// The request that asked for it.
    pub pending: Pending,
    /// What to show again, and what is lost.
    pub gap: Gap,
}

impl From<Found> for Incoming {
    fn from(found: Found) -> Self {
        match found {
            Found::Letter(letter) => Self::Letter(letter),
            Found::Overflown => Self::Overflown,
            Found::Superseded => Self::Superseded,
            Found::TurnedOut => Self::TurnedOut,
        }
    }
}
