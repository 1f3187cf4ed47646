//! What is put into mailboxes.

use super::accounts::{Job, Reply};
use super::clock::Mark;
use super::mailbox::{Mailbox, Refused, Taken};
use crate::core::account::News;
use crate::core::{Answer, ConnId, ContactHead, Millis, Nickname, NodeId, Notice, PairId};
use std::sync::{Arc, OnceLock};
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// What a letter weighs beside its text, in bytes.
pub const ENVELOPE: usize = 64;

/// One thing for a client.
#[derive(Debug)]
pub enum Letter {
    /// The answer to the request that waits for one.
    Answer(Box<Answer>),
    /// Something that happened.
    Tell(Box<Notice>),
    /// From now on texts go here.
    Connect(Box<Call>),
    /// The call is over, or goes on at another line of the person.
    Disconnect { pair: PairId, moved: bool },
    /// A line from the partner.
    Text(Text),
    /// The partner of this pair types, or stopped.
    Typing(PairId, bool),
    /// A text of one's own that could not be shown.
    Failed(Box<Unshown>),
    /// What became of a text of one's own on another node.
    Receipt(Box<Receipt>),
    /// What many clients are sent alike.
    Shared(Arc<Shared>),
    /// An answer of the shared account.
    Account(Box<Reply>),
    /// The request of this number was not carried out: there is no room for what it brings.
    NoRoom { number: u32 },
    /// For a bridge: a send to carry out.
    Job(Arc<Job>),
    /// Whoever did nothing for so long is idle.
    Sweep(Millis),
    /// From here on the registration is served by another connection, and is on this call, if on any.
    Resumed { pair: Option<PairId> },
    /// The answer to a `register` that goes on with another registration.
    Inherit(Box<Inheritance>),
}

/// A registration that goes on here.
#[derive(Debug)]
pub struct Inheritance {
    pub nickname: Nickname,
    /// Whether phone numbers in what its person writes are hidden.
    pub masking: bool,
    pub card: Arc<super::Card>,
    /// Where its letters are, and which number its next reader has. `None` if that is lost.
    pub mailbox: Option<(Arc<Mailbox>, u32)>,
}

/// The way to the partner.
#[derive(Debug)]
pub struct Call {
    pub pair: PairId,
    pub nickname: Nickname,
    pub partner: Way,
    /// Whether the person hears of the call in the next notice or answer.
    pub is_news: bool,
    /// What one's own texts carry.
    pub turn: u32,
    /// Whether phone numbers in one's own texts are hidden.
    pub masking: bool,
}

/// Where a partner is.
#[derive(Debug, Clone)]
pub enum Way {
    /// On this node.
    Here(Arc<Mailbox>),
    /// On another.
    There(ConnId),
}

/// Where a line comes from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// From this node.
    Here(Arc<Mailbox>),
    /// From another, which keeps it under this number.
    There { node: NodeId, kept: u64 },
}

/// What became of a line that went to another node.
#[derive(Clone)]
pub struct Receipt {
    pub request_id: Option<Box<str>>,
    pub outcome: Result<Taken, Refused>,
}

/// A line on its way to the partner of this pair, and to nobody else.
pub struct Text {
    pub pair: PairId,
    /// Which of its sender's connections to this call it is from: a later one has a greater number.
    pub turn: u32,
    /// When it was said, if that was on this node.
    pub said: Option<Mark>,
    /// Where to say that it could not be shown.
    pub sender: Origin,
    pub request_id: Option<Box<str>>,
    pub text: Box<str>,
}

/// A line that comes back to its sender.
#[derive(Clone)]
pub struct Unshown {
    pub request_id: Option<Box<str>>,
    pub text: Box<str>,
    pub why: Refused,
}

/// A notice for many clients, written out once for all of them.
pub struct Shared {
    pub what: Broadcast,
    /// The frame as the first reader wrote it.
    pub frame: OnceLock<Utf8Bytes>,
}

/// What a session is told together.
#[derive(Debug)]
pub enum Broadcast {
    Contacts(ContactHead),
    Joined(Arc<super::Card>),
    Left(Arc<super::Card>),
    Account(AccountNews),
}

/// What is new of a session's account.
pub struct AccountNews {
    pub session: Arc<str>,
    /// How many clients the session has.
    pub clients: usize,
    pub news: News,
}

impl Broadcast {
    /// What it weighs, in bytes.
    pub fn weight(&self) -> usize {
        match self {
            Self::Contacts(head) => head.first.iter().map(|name| name.as_str().len()).sum(),
            Self::Joined(_) | Self::Left(_) => ENVELOPE,
            Self::Account(account) => account.news.weight(),
        }
    }
}

impl Letter {
    /// Whether it takes room. What does not is bounded elsewhere, and must get in. A text that comes back had its
    /// place in another mailbox, and whoever wrote many lines to a slow reader is not slow. A request that was
    /// carried out has its answer, and no client has more than one with the matchmaker. Of sweeps the last counts.
    pub fn counts(&self) -> bool {
        let is_free =
            matches!(self, Self::Failed(_) | Self::Receipt(_) | Self::Answer(_) | Self::Resumed { .. });
        !is_free && !matches!(self, Self::Sweep(_))
    }

    /// Whether it is a matter of one client, told by the matchmaker.
    pub fn is_the_matchmakers(&self) -> bool {
        matches!(self, Self::Tell(_) | Self::Connect(_) | Self::Disconnect { .. } | Self::Inherit(_))
    }

    /// Whether a newer letter says all that this one does: a hint, another nickname of the same partner, or a
    /// further return before anything came of the last.
    pub fn gives_way_to(&self, newer: &Self) -> bool {
        match (self, newer) {
            (Self::Typing(before, _), Self::Typing(after, _)) => before == after,
            (Self::Resumed { .. }, Self::Resumed { .. }) | (Self::Sweep(_), Self::Sweep(_)) => true,
            (Self::Connect(before), Self::Connect(after)) => {
                before.pair == after.pair && !before.is_news && !after.is_news
            }
            _ => false,
        }
    }

    /// What it takes of the bound in bytes.
    pub fn weight(&self) -> usize {
        ENVELOPE
            + match self {
                Self::Text(text) => text.text.len(),
                Self::Shared(shared) => shared.what.weight(),
                Self::Account(reply) => reply.answer.weight(),
                Self::Job(job) => job.weight(),
                _ => 0,
            }
    }
}

impl std::fmt::Debug for AccountNews {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccountNews(…)")
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Text({:?})", self.pair)
    }
}

impl std::fmt::Debug for Unshown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Unshown({:?})", self.why)
    }
}

impl std::fmt::Debug for Receipt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Receipt({:?})", self.outcome)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shared({:?})", self.what)
    }
}
