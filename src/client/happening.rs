//! What a client is told, and what it has to do.
//!
//! It must never know: how it came to that.

use super::ends::End;
use super::frame::Frame;
use std::fmt;
use std::time::Duration;

/// What is to be done.
pub enum Act {
    /// Send this text over the connection.
    Send(String),
    /// Tell this to whoever has the client.
    Tell(Happening),
    /// End the connection, for this reason.
    Close(End),
}

/// What happens to a client.
#[derive(Debug)]
pub enum Happening {
    /// The hub knows this client, for the first time or again.
    Registered(Registration),
    /// The hub says something that was not asked.
    Pushed(Frame),
    /// The answer to a request.
    Answered(Ticket, Frame),
    /// The connection broke before the answer: whether the hub carried this out is not known. It is not asked again.
    Unanswered(Ticket),
    /// This was never sent and never will be: it stood behind a command of the chat whose answer got lost, and so may be
    /// for somebody who is not there any more.
    Unsent(Ticket),
    /// The connection broke, or there was none. It is tried again by itself.
    Lost(Loss),
}

/// How the hub knows a client.
#[derive(Clone, PartialEq, Eq)]
pub struct Registration {
    pub client_id: String,
    pub session: String,
    pub nickname: String,
    pub how: Return,
}

/// Names a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub(super) u64);

/// Too much waits to be sent, or nothing can be sent any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// What a registration has to do with the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// There was none.
    First,
    /// The same goes on, and nothing is lost.
    Whole,
    /// The same goes on, and so many pushed frames are lost.
    Missed(u64),
    /// The same goes on, and nobody knows how many pushed frames are lost.
    Unsure,
    /// The one before is over: queue place and chat are gone.
    Anew,
}

/// A broken connection.
#[derive(Debug)]
pub struct Loss {
    pub end: End,
    /// How long until the next attempt.
    pub retry_in: Duration,
    /// How many attempts failed in a row, this one included.
    pub attempt: u32,
}

/// What the hub has to say next, and so how long it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// That it took the registration.
    Confirmation,
    /// Anything.
    Sign,
    /// That it is still there.
    Answer,
}

impl Patience {
    /// For so long nothing may come.
    pub const fn limit(self) -> Duration {
        match self {
            Self::Confirmation | Self::Answer => Duration::from_secs(10),
            // A little longer than a hub needs to ask the same (limits.ping): then the network carries one question.
            Self::Sign => Duration::from_secs(30),
        }
    }
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too much is waiting to be sent")
    }
}

impl std::error::Error for Full {}

/// What kind, and nothing of what is sent.
impl fmt::Debug for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(_) => f.write_str("Send(…)"),
            Self::Tell(happening) => write!(f, "Tell({happening:?})"),
            Self::Close(end) => write!(f, "Close({end:?})"),
        }
    }
}

/// How, and not who.
impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Registration({:?})", self.how)
    }
}
