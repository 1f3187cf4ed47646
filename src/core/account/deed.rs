//! What the account wants done.

use super::{Answer, Asker, Message, OrderId, Progress, Refusal, Status};
use crate::core::contacts::{Contact, ContactId, Supplied};
use crate::core::{ContactHead, ContactName, Private, Which};
use std::fmt;
use std::sync::Arc;

/// What is to be done.
#[derive(Debug, Clone)]
pub enum Deed {
    Answer {
        to: Asker,
        answer: Arc<Answer>,
    },
    /// Hand this to whoever carries it out.
    Carry {
        order: OrderId,
        target: Target,
        message: Private,
    },
    /// If it was not handed over yet, it is not to be.
    Withdraw {
        order: OrderId,
    },
    /// Show every client of the session.
    Show(News),
    Keep(Record),
    LookUp {
        to: Asker,
        look: Look,
    },
    /// The session's contact list is this now.
    Contacts(ContactHead),
}

/// Whom a send goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub chat: ContactId,
    pub name: ContactName,
    pub phone: Option<Private>,
}

/// What all clients of a session hear.
#[derive(Clone, PartialEq)]
pub enum News {
    Message {
        name: ContactName,
        message: Message,
    },
    /// `why`: of one that failed.
    Progress {
        id: OrderId,
        request_id: Option<Arc<str>>,
        progress: Progress,
        why: Option<Refusal>,
        at: u64,
    },
    Status(Status),
}

impl News {
    /// What it weighs, in bytes.
    pub fn weight(&self) -> usize {
        match self {
            Self::Message { name, message } => name.as_str().len() + message.weight(),
            Self::Progress { request_id, why, .. } => {
                request_id.as_ref().map_or(0, |id| id.len()) + why.as_ref().map_or(0, Refusal::weight)
            }
            Self::Status(status) => status.weight(),
        }
    }
}

/// Only of what kind it is.
impl fmt::Debug for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message { message, .. } => write!(f, "Message({:?})", message.direction),
            Self::Progress { progress, .. } => write!(f, "Progress({progress:?})"),
            Self::Status(status) => write!(f, "{status:?}"),
        }
    }
}

/// What survives a restart.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    Message {
        chat: ContactId,
        name: ContactName,
        message: Message,
    },
    Progress {
        id: OrderId,
        progress: Progress,
    },
    /// All that clients give, in place of what they gave before.
    Supplied(Vec<Supplied>),
    /// What the backend says of somebody: new, or in place of what it said of them before.
    Learned(Supplied),
    Settings(Settings),
}

/// What a client wants to know that is kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    Read {
        target: Target,
        which: Which,
        count: usize,
    },
    Messages {
        target: Target,
        count: usize,
    },
    History {
        conversation: Option<ContactId>,
        before: Option<Box<str>>,
        count: usize,
    },
    /// An action looks for contacts too, and these were found.
    Search {
        query: Private,
        count: usize,
        contacts: Option<Vec<ContactName>>,
    },
}

impl Look {
    /// Whether an action wants it: then the answer goes through the machine, which knows who else waits for it.
    pub fn is_an_action(&self) -> bool {
        matches!(self, Self::Read { .. } | Self::Search { contacts: Some(_), .. })
    }
}

/// What an account remembers beside contacts and messages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    pub last: Option<ContactName>,
    pub auto_reply: bool,
    /// A bridge carried out its sends once, so the simulator never does again.
    pub has_bridge: bool,
}

impl Target {
    /// What it weighs, in bytes.
    pub fn weight(&self) -> usize {
        let phone = self.phone.as_ref().map_or(0, |phone| phone.as_str().len());
        self.chat.as_str().len() + self.name.as_str().len() + phone
    }

    /// Somebody of the contact list.
    pub(super) fn of(contact: &Contact) -> Self {
        Self { chat: contact.id.clone(), name: contact.name.clone(), phone: contact.phone.clone() }
    }

    /// Somebody who is in no contact list: the name is all that is known.
    pub(super) fn unknown(name: &ContactName) -> Self {
        Self { chat: ContactId::of_name(name), name: name.clone(), phone: None }
    }
}
