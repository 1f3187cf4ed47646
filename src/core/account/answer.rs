//! What somebody who asked hears, and what a message is made of.

use super::order::{Direction, OrderId, Progress};
use super::{Link, Target};
use crate::core::contacts::{Contact, ContactId};
use crate::core::{ContactName, Millis, Private, Which};

/// An answer. The door writes it out under the name of what was asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The backend took it.
    Sent {
        target: Target,
        message: Private,
        id: OrderId,
        progress: Progress,
    },
    /// The first contacts, and how many there are.
    Listed {
        contacts: Vec<ContactName>,
        total: usize,
    },
    /// Messages with one contact, oldest first.
    Read {
        name: ContactName,
        which: Which,
        messages: Vec<Message>,
    },
    AutoReply(bool),
    Status(Status),
    /// What can be said in plain words.
    Help,
    /// A part of the contacts, and where the next part begins.
    Contacts {
        contacts: Vec<Contact>,
        total: usize,
        after: Option<ContactId>,
    },
    Messages {
        name: ContactName,
        messages: Vec<Message>,
    },
    History {
        conversation: Option<ContactId>,
        messages: Vec<Message>,
        before: Option<Box<str>>,
    },
    Found {
        query: Private,
        messages: Vec<Message>,
        /// An action looks for contacts too.
        contacts: Option<Vec<ContactName>>,
    },
    /// What an AI said.
    Said {
        text: Private,
        service: &'static str,
        /// Of the question and of the answer, as far as the service counts them.
        tokens: [u64; 2],
        /// It was longer than it may be, and ends in the middle.
        is_cut: bool,
    },
    /// What so many messages were about: with one contact, or at all.
    Summary {
        with: Option<ContactName>,
        text: Private,
        messages: usize,
    },
    /// What could be answered.
    Suggested {
        name: ContactName,
        replies: Vec<Private>,
    },
    /// What was asked under this `request_id` is not answered any more.
    Recalled {
        target: Private,
    },
    /// A message that came in was taken.
    Taken {
        id: OrderId,
    },
    /// It was not done.
    Refused {
        action: Option<&'static str>,
        /// Of a send: to whom.
        contact: Option<ContactName>,
        why: Refusal,
    },
}

/// Why something was not done, or why nobody knows whether it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Several contacts may be meant.
    Ambiguous { typed: ContactName, candidates: Vec<ContactName> },
    /// No contact is called so.
    NotFound { typed: ContactName },
    /// "Him", and nobody was spoken of.
    WhichContact,
    /// The sentence means nothing.
    NotUnderstood,
    /// The sentence names nobody who is known.
    UnknownName,
    /// A sentence brings more contacts than so many.
    TooManyContacts { most: usize },
    /// The sentence could mean one text or another, or one contact or another.
    TwoWays,
    /// The bridge speaks of a send that it was not given.
    NoSuchAction,
    /// Nothing is under way that was asked under that `request_id`.
    NoSuchQuestion,
    /// The list does not go on from there: whoever stood there is gone.
    NoSuchPlace,
    /// There is nothing to send.
    Empty,
    /// The text is longer than so many characters.
    TooLong { longest: usize },
    /// The bridge can't be reached. `maybe`: it had been given the message before, and may have sent it.
    Unavailable { maybe: bool },
    /// The bridge did not say in time whether it sent the message: it may have.
    TimedOut,
    /// The backend says no, with its own code and words.
    Backend { code: Private, text: Private },
    /// An AI made this of a sentence that does not name the contact. A send is confirmed by the code.
    Unconfirmed { code: Option<Private>, message: Option<Private> },
    /// What is confirmed is another send, or was proposed too long ago.
    NotProposed,
    /// There are no messages to speak of.
    NoMessages,
    /// It takes an AI, and there is none.
    NoAi,
    /// The AI did not answer.
    NoAnswer(NoAnswer),
    /// The `request_id` belongs to another request.
    OtherRequest,
    /// Too much is under way.
    Overloaded,
}

/// Why an AI did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// There is no such service, or it is not set up.
    NoSuchService,
    /// It can't be reached, or has a fault of its own.
    Unavailable,
    /// It takes no more questions for so long.
    Busy(Millis),
    /// It does not know the key or the model that the operator gave.
    NotSetUp,
    /// It would not answer this.
    Declined,
    /// It does not take what it was asked.
    NotTaken,
    /// What it said broke off, or is no answer.
    Broken,
    /// It failed again and again, and is left alone for so long.
    Resting(Millis),
    /// It took too long.
    TooLate,
    /// The operator's account with it has nothing left.
    OutOfQuota,
    /// What a day may cost is spent.
    Spent,
    /// Somebody took the question back.
    Cancelled,
}

/// How a send ended for who asked for it.
pub type Outcome = Result<Progress, Refusal>;

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: OrderId,
    pub direction: Direction,
    pub name: ContactName,
    pub text: Private,
    /// How far an outgoing one got.
    pub progress: Option<Progress>,
    /// Milliseconds since 1970.
    pub at: u64,
}

/// What is told of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub link: Link,
    pub auto_reply: bool,
    pub last: Option<ContactName>,
    pub contacts: usize,
    /// Which AI is asked first, if there is any.
    pub ai: Option<&'static str>,
}

impl Answer {
    /// What is in it weighs, in bytes.
    pub fn weight(&self) -> usize {
        match self {
            Self::Sent { target, message, .. } => target.weight() + message.as_str().len(),
            Self::Listed { contacts, .. } => names(contacts),
            Self::Contacts { contacts, .. } => contacts.iter().map(Contact::weight).sum(),
            Self::Read { messages, .. }
            | Self::Messages { messages, .. }
            | Self::History { messages, .. } => messages.iter().map(Message::weight).sum(),
            Self::Found { query, messages, contacts } => {
                let messages: usize = messages.iter().map(Message::weight).sum();
                query.as_str().len() + messages + contacts.as_deref().map_or(0, names)
            }
            Self::Refused { contact, why, .. } => contact.as_ref().map_or(0, name) + why.weight(),
            Self::Status(status) => status.weight(),
            Self::Said { text, .. } => text.as_str().len(),
            Self::Summary { with, text, .. } => with.as_ref().map_or(0, name) + text.as_str().len(),
            Self::Suggested { name: of, replies } => {
                name(of) + replies.iter().map(|reply| reply.as_str().len()).sum::<usize>()
            }
            Self::Recalled { target } => target.as_str().len(),
            Self::AutoReply(_) | Self::Help | Self::Taken { .. } => 0,
        }
    }
}

impl Refusal {
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Ambiguous { typed, candidates } => name(typed) + names(candidates),
            Self::NotFound { typed } => name(typed),
            Self::Backend { code, text } => code.as_str().len() + text.as_str().len(),
            Self::Unconfirmed { code, message } => {
                code.as_ref().map_or(0, |code| code.as_str().len())
                    + message.as_ref().map_or(0, |message| message.as_str().len())
            }
            _ => 0,
        }
    }
}

impl Message {
    /// What it weighs, in bytes.
    pub fn weight(&self) -> usize {
        size_of::<Self>() + name(&self.name) + self.text.as_str().len()
    }
}

impl Status {
    /// What it weighs, in bytes.
    pub fn weight(&self) -> usize {
        self.last.as_ref().map_or(0, name)
    }
}

fn names(names: &[ContactName]) -> usize {
    names.iter().map(|one| size_of::<ContactName>() + name(one)).sum()
}

fn name(name: &ContactName) -> usize {
    name.as_str().len()
}
