//! What is kept: rows of the store's own, plain and without behaviour.
//!
//! Their `Debug` prints nothing of a text, a name, a phone number or an id. They must never know which types the
//! exchange has for the same things, so that a file on disk is not bound to them.

use std::fmt;

/// One thing to keep.
#[derive(Clone, PartialEq, Eq)]
pub enum Record {
    /// A message. If its session has one with this id already, that one stays as it is.
    Message(Message),
    /// A later step of a message; of one that is not kept, nothing.
    State { session: String, id: String, state: MessageState },
    /// All contacts that clients of a session gave, in place of those they gave before.
    Supplied { session: String, rows: Vec<ContactRow> },
    /// A contact that the backend of a session told of, in place of what it told before under this mark. A phone
    /// number that it leaves out stays.
    Learned { session: String, mark: String, row: ContactRow },
    /// All settings of a session, in place of those it had.
    Settings { session: String, row: SettingsRow },
}

/// A message, as it was said.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    pub session: String,
    /// Once in its session.
    pub id: String,
    pub contact_id: String,
    /// What the contact was called then.
    pub contact_name: String,
    pub direction: Direction,
    pub text: String,
    pub state: MessageState,
    /// Milliseconds since the Unix epoch.
    pub at: i64,
}

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    Incoming,
    Outgoing,
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageState {
    Accepted,
    Sent,
    Delivered,
    Read,
    Failed,
    /// Nobody was there to carry it out.
    Simulated,
    /// It may have been sent or not.
    Unknown,
}

/// A contact of a session.
#[derive(Clone, PartialEq, Eq)]
pub struct ContactRow {
    pub name: String,
    pub phone: Option<String>,
    pub id: Option<String>,
}

/// What a session goes by.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SettingsRow {
    pub last_contact: Option<String>,
    pub auto_reply: bool,
    pub has_bridge: bool,
}

/// What a session had before the restart.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Loaded {
    /// By clients, in the order in which they were given.
    pub supplied: Vec<ContactRow>,
    /// By the backend, in the order in which they were told of.
    pub learned: Vec<ContactRow>,
    pub settings: SettingsRow,
}

/// What a record weighs beside its texts: about the size of its type.
const RECORD_WEIGHT: usize = 192;

impl Record {
    /// What it takes of the store's memory while it waits, in bytes.
    pub(super) fn weight(&self) -> usize {
        let texts = match self {
            Self::Message(message) => message.weight(),
            Self::State { session, id, .. } => session.len() + id.len(),
            Self::Supplied { session, rows } => {
                session.len() + rows.iter().map(ContactRow::weight).sum::<usize>()
            }
            Self::Learned { session, mark, row } => session.len() + mark.len() + row.weight(),
            Self::Settings { session, row } => {
                session.len() + row.last_contact.as_ref().map_or(0, String::len)
            }
        };
        RECORD_WEIGHT + texts
    }

    /// Whether it says all of its kind, however much was said before.
    pub(super) fn is_whole_list(&self) -> bool {
        matches!(self, Self::Supplied { .. })
    }

    /// Whether a newer record says all that this one does.
    pub(super) fn gives_way_to(&self, newer: &Self) -> bool {
        match (self, newer) {
            (Self::Supplied { session, .. }, Self::Supplied { session: same, .. }) => session == same,
            _ => false,
        }
    }

    pub(super) fn is_message(&self) -> bool {
        matches!(self, Self::Message(_))
    }
}

impl Message {
    /// What it takes of memory beside its own size, in bytes.
    pub(super) fn weight(&self) -> usize {
        let Self { session, id, contact_id, contact_name, text, .. } = self;
        [session, id, contact_id, contact_name, text].into_iter().map(String::len).sum()
    }
}

impl ContactRow {
    fn weight(&self) -> usize {
        let Self { name, phone, id } = self;
        let texts = [name].into_iter().chain(phone).chain(id);
        size_of::<Self>() + texts.map(String::len).sum::<usize>()
    }
}

impl Direction {
    pub const ALL: [Self; 2] = [Self::Incoming, Self::Outgoing];

    /// As it is written into the file, for whoever looks into it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Incoming => "incoming",
            Self::Outgoing => "outgoing",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|direction| direction.name() == name)
    }
}

impl MessageState {
    pub const ALL: [Self; 7] = [
        Self::Accepted,
        Self::Sent,
        Self::Delivered,
        Self::Read,
        Self::Failed,
        Self::Simulated,
        Self::Unknown,
    ];

    /// As it is written into the file, for whoever looks into it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
            Self::Simulated => "simulated",
            Self::Unknown => "unknown",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// Only of what kind it is.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Message(_) => "Message(..)",
            Self::State { .. } => "State(..)",
            Self::Supplied { .. } => "Supplied(..)",
            Self::Learned { .. } => "Learned(..)",
            Self::Settings { .. } => "Settings(..)",
        })
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { direction, state, .. } = self;
        f.debug_struct("Message").field("direction", direction).field("state", state).finish_non_exhaustive()
    }
}

impl fmt::Debug for ContactRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContactRow(..)")
    }
}

impl fmt::Debug for SettingsRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { auto_reply, has_bridge, .. } = self;
        let mut shown = f.debug_struct("SettingsRow");
        shown.field("auto_reply", auto_reply).field("has_bridge", has_bridge).finish_non_exhaustive()
    }
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let contacts = self.supplied.len() + self.learned.len();
        f.debug_struct("Loaded").field("contacts", &contacts).finish_non_exhaustive()
    }
}
