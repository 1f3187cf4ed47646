//! What the account wants done.

use super::{Answer, Asker, Context, Message, OrderId, Progress, Refusal, Status};
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
    /// Put this to an AI. What it says goes through the machine, which knows who else waits for it. Nobody asked for
    /// what the account says by itself.
    Consult {
        to: Option<Asker>,
        prompt: Prompt,
    },
    /// Whoever asks takes back what they had put to an AI under this `request_id`.
    Recall {
        by: Asker,
        target: Private,
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
    /// More of what an AI says.
    Delta {
        request_id: Option<Arc<str>>,
        /// The number of the answer, which no other one has.
        answer: OrderId,
        delta: Private,
        /// Of the last one: whether that was all of it.
        end: Option<Result<(), Refusal>>,
    },
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
            Self::Delta { request_id, delta, .. } => {
                request_id.as_ref().map_or(0, |id| id.len()) + delta.as_str().len()
            }
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
            Self::Delta { .. } => f.write_str("Delta(…)"),
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

/// What an AI is asked. Only of a sentence, which is a client's own words, an action can come; of all else a text.
#[derive(Debug, Clone)]
pub enum Prompt {
    /// A question of a client, of whichever service or of this one.
    Question {
        text: Private,
        /// What it is about, which may be anybody's words.
        context: Option<Private>,
        service: Option<Private>,
        /// Every client of the session hears the answer as it comes.
        streams: bool,
    },
    /// What this sentence wants done.
    Sentence(Box<Sentence>),
    /// What was said: with one contact, or at all.
    Summary { with: Option<Target>, conversation: Option<ContactId> },
    /// What a client could answer a contact.
    Suggestions { with: Target },
    /// What the account could answer a contact by itself. `fresh` is what the id is made of.
    Reply { with: Target, fresh: u128 },
}

impl Prompt {
    /// What it weighs, in bytes.
    pub fn weight(&self) -> usize {
        match self {
            Self::Question { text, context, .. } => {
                text.as_str().len() + context.as_ref().map_or(0, |context| context.as_str().len())
            }
            Self::Sentence(sentence) => {
                let brought: usize = sentence.context.contacts.iter().map(Supplied::weight).sum();
                sentence.text.as_str().len() + brought
            }
            Self::Summary { .. } | Self::Suggestions { .. } | Self::Reply { .. } => 0,
        }
    }
}

/// A sentence that the rules do not understand, and all that it takes to carry it out.
#[derive(Debug, Clone)]
pub struct Sentence {
    pub text: Private,
    pub context: Context,
    pub fresh: OrderId,
    /// What is said if nobody understands it.
    pub why: Refusal,
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
