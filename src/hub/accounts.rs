//! The shared accounts at work: one actor that owns the account of every session, and whoever carries out for them.
//!
//! It picks (the only await), lets the account decide, and performs: answers and news go to mailboxes, records to the
//! store, sends to a bridge or to the simulator. It never waits for a client, a bridge or a disk. It must never know
//! JSON or sockets, nor anything of the random chat.

mod actor;
mod consult;
mod feed;
mod lookup;
mod plans;
mod prompts;
mod rows;
mod turns;

pub use actor::Asking;
pub use feed::{Bridge, Feed};
pub use turns::{Places, SharedPlaces};

use super::Clock;
use super::directory::Directory;
use super::key::Key;
use super::log::Pen;
use super::mailbox::{Mailbox, Refused};
use crate::core::account::{Answer, Incoming, OrderId, Report, Request, Rules, Target};
use crate::core::contacts::Supplied;
use crate::core::{ConnId, Private};
use crate::metrics::Metrics;
use crate::store::{Store, Unanswered};
use crate::whatsapp::Simulator;
use crate::wire::Asked;
use actor::{Actor, Setting};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc;
use turns::Waiting;

/// How many requests may be on their way to the actor, which then lets them wait by session. Past it clients wait for
/// room before they ask.
const QUEUE: usize = 1_024;

/// Where a client of an account is, and how it is told something.
#[derive(Clone)]
pub struct Caller {
    pub session: Arc<str>,
    pub conn: ConnId,
    /// The registration; it stays the same when the client comes back.
    pub registration: u64,
    pub mailbox: Arc<Mailbox>,
    pub request_id: Option<Arc<str>>,
}

/// What reaches the actor.
pub enum Call {
    Ask {
        caller: Caller,
        asked: Asked,
        request: Request,
    },
    /// Another contact list; the matchmaker answers. `number` is that of the request, if there is no room for it.
    Supply {
        caller: Caller,
        list: Vec<Supplied>,
        number: u32,
    },
    /// Another contact list from somebody who is no client. The answer holds the first of it.
    Replace {
        caller: Caller,
        list: Vec<Supplied>,
    },
    /// From a bridge: what became of a send. It hears if there is no such send.
    Report {
        caller: Caller,
        order: OrderId,
        report: Report,
    },
    /// From a bridge: a message came in. It hears so if it wants to.
    Receive {
        caller: Caller,
        incoming: Incoming,
    },
}

impl Call {
    fn caller(&self) -> &Caller {
        match self {
            Self::Ask { caller, .. }
            | Self::Supply { caller, .. }
            | Self::Replace { caller, .. }
            | Self::Report { caller, .. }
            | Self::Receive { caller, .. } => caller,
        }
    }

    /// Whether nothing would come of it: it only asks, and whoever asked is gone for good. What was to be done is done.
    fn is_in_vain(&self) -> bool {
        match self {
            Self::Ask { caller, request, .. } => {
                request.wish.only_asks() && caller.mailbox.why_closed() == Some(Refused::Closed)
            }
            _ => false,
        }
    }
}

/// A handle on the accounts. Cloning it is cheap.
#[derive(Clone)]
pub struct Accounts {
    sender: mpsc::Sender<Waiting>,
    feed: Feed,
}

/// The actor's end.
pub struct Inbox {
    pub(super) calls: mpsc::Receiver<Waiting>,
    pub(super) feed: Feed,
}

impl Accounts {
    /// A handle, and what its actor reads from.
    pub fn new() -> (Self, Inbox) {
        let (sender, calls) = mpsc::channel(QUEUE);
        let feed = Feed::default();
        (Self { sender, feed: feed.clone() }, Inbox { calls, feed })
    }

    /// Hands the actor something; waits for one of the client's places and for room, never for the answer. After the
    /// actor ended nobody is left to answer.
    pub async fn call(&self, call: Call, places: &Places) {
        if let Some(place) = places.take().await {
            let _ = self.sender.send(Waiting { call, place }).await;
        }
    }

    /// The same for somebody without a registration: waits for one of the session's places among those of all.
    pub async fn call_of(&self, session: &Arc<str>, call: Call, places: &SharedPlaces) {
        if let Some(place) = places.take(session).await {
            let _ = self.sender.send(Waiting { call, place }).await;
        }
    }

    /// Where the switchboard says who came and which bridge is there.
    pub fn feed(&self) -> &Feed {
        &self.feed
    }
}

/// The accounts before they are opened: what they are to work with on this node.
pub struct Unopened {
    pub(super) inbox: Inbox,
    pub(super) clock: Clock,
    pub(super) directory: Directory,
    pub(super) pen: Pen,
    pub(super) key: Key,
    pub(super) metrics: Metrics,
}

impl Unopened {
    /// Takes up what the store kept; a store that can't be read is no reason to begin anew. The returned future is
    /// the actor: it ends when every handle is gone.
    pub async fn open(
        self,
        rules: Rules,
        simulator: Simulator,
        store: Store,
        ai: Asking,
    ) -> Result<impl Future<Output = ()> + Send + 'static, Unanswered> {
        let Self { inbox, clock, directory, pen, key, metrics } = self;
        let setting = Setting { rules, simulator, store, ai, clock, directory, pen, key, metrics };
        Ok(Actor::restore(setting, &inbox).await?.run(inbox))
    }
}

/// A send that a bridge is to carry out.
pub struct Job {
    pub id: OrderId,
    pub target: Target,
    pub message: Private,
    withdrawn: AtomicBool,
}

impl Job {
    fn new(id: OrderId, target: Target, message: Private) -> Self {
        Self { id, target, message, withdrawn: AtomicBool::new(false) }
    }

    /// What it weighs, in bytes.
    pub(super) fn weight(&self) -> usize {
        self.target.weight() + self.message.as_str().len()
    }

    /// Whoever was not given it yet is not to carry it out.
    fn withdraw(&self) {
        self.withdrawn.store(true, Ordering::Release);
    }

    /// Whether it is not to be carried out any more.
    pub fn is_withdrawn(&self) -> bool {
        self.withdrawn.load(Ordering::Acquire)
    }
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Job(…)")
    }
}

/// An answer on its way to who asked.
pub struct Reply {
    pub asked: Asked,
    pub request_id: Option<Arc<str>>,
    pub answer: Arc<Answer>,
    pub session: Arc<str>,
    /// How many clients the session had.
    pub clients: usize,
}

/// Only to what.
impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reply({:?})", self.asked)
    }
}

#[cfg(test)]
mod tests;
