//! People without a socket: whoever calls by MCP, REST or WhatsApp, and reads what came when they come by.
//!
//! Each of them has a task, which is their client at the hub and keeps what is sent to them until they read it. The
//! same person is served by the same task, whichever door they come by. It must never know a door, a protocol or a
//! token.

mod line;
mod person;
mod shelf;

pub use line::{Event, Line};

use crate::core::{Nickname, PersonId, Private, State};
use crate::hub::Hub;
use crate::wire::{Code, Pos};
use person::{Message, Person};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How often an errand is handed over that finds its task ending: more than that, and something is wrong with it.
const TRIES: usize = 3;

/// How many calls may wait for one person's task. They wait for room.
const QUEUE: usize = 16;

/// Who comes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    pub person: PersonId,
    /// Whether it may be anybody, under as many names as they like: all of these together have half of the room.
    pub is_anybody: bool,
}

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Errand {
    /// They typed this: a text, a command, `#m` or `#r text`.
    Say(Private),
    /// They look what came.
    Read,
    /// They look what came after this, once more what they may have seen already.
    ReadAfter(Pos),
}

/// What somebody gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// What came in, oldest first.
    pub lines: Vec<Line>,
    /// How many lines had to give way to newer ones.
    pub dropped: u64,
    /// What the errand itself came to; nothing for one who only reads.
    pub reply: Option<Reply>,
    pub state: State,
}

/// What an errand came to.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    pub text: Cow<'static, str>,
    /// Why it was not done, if it was not.
    pub refused: Option<Refusal>,
}

/// It may name somebody, or hold a word that they typed.
impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reply(…, {:?})", self.refused)
    }
}

/// Why an errand was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    pub code: Code,
    /// When another try makes sense, in milliseconds.
    pub retry_after: Option<u64>,
}

/// How waiting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    /// Something came.
    Came,
    /// Nothing came in time.
    InVain,
    /// Somebody else waits for the same person now.
    Superseded,
}

/// Nobody more can be served now: there are too many people, or the house closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRoom;

/// A handle on all of them. Cloning it is cheap.
#[derive(Clone)]
pub struct Inboxes(Arc<Shared>);

struct Shared {
    hub: Hub,
    /// How many people there may be.
    most: usize,
    people: Mutex<People>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

#[derive(Default)]
struct People {
    here: HashMap<PersonId, mpsc::Sender<Message>>,
    /// How many of them may be anybody.
    anybodies: usize,
}

impl People {
    fn has_room(&self, caller: Caller, most: usize) -> bool {
        self.here.len() < most && (!caller.is_anybody || self.anybodies < most.div_ceil(2))
    }

    fn come_in(&mut self, caller: Caller, sender: mpsc::Sender<Message>) {
        self.anybodies += usize::from(caller.is_anybody);
        // Whoever was here under this name goes, and counts until then.
        self.here.insert(caller.person, sender);
    }

    /// Unless they came in anew by now.
    fn leave(&mut self, caller: Caller) {
        self.anybodies -= usize::from(caller.is_anybody);
        if self.here.get(&caller.person).is_some_and(mpsc::Sender::is_closed) {
            self.here.remove(&caller.person);
        }
    }
}

impl Inboxes {
    /// Nobody is here yet. Each who comes becomes a task of `tasks`, which `stop` ends; `most` may be here at a time.
    pub fn new(hub: Hub, most: usize, tasks: TaskTracker, stop: CancellationToken) -> Self {
        Self(Arc::new(Shared { hub, most, people: Mutex::default(), tasks, stop }))
    }

    /// The exchange.
    pub fn hub(&self) -> &Hub {
        &self.0.hub
    }

    /// How many people are here.
    pub fn count(&self) -> usize {
        self.people().here.len()
    }

    /// Does what somebody wants. Who is not here yet comes in if they say something. `nickname` is what they would be
    /// called; without one they keep theirs.
    pub async fn call(
        &self,
        who: Caller,
        nickname: Option<Nickname>,
        errand: Errand,
    ) -> Result<Page, NoRoom> {
        let comes_in = matches!(errand, Errand::Say(_));
        let answer = self.ask(who, comes_in, true, |answer| Message::Errand {
            errand: errand.clone(),
            nickname: nickname.clone(),
            answer,
        });
        Ok(answer.await?.unwrap_or(Page { lines: Vec::new(), dropped: 0, reply: None, state: State::Idle }))
    }

    /// Waits until there is something to read. Whoever is not here yet comes in: they may be matched meanwhile.
    pub async fn wait(&self, who: Caller, at_most: Duration) -> Result<Waited, NoRoom> {
        // Who leaves meanwhile does not come in again unasked.
        let waited = self.ask(who, true, false, |answer| Message::Wait { answer });
        let clock = self.0.hub.clock();
        tokio::select! {
            waited = waited => Ok(waited?.unwrap_or(Waited::InVain)),
            () = clock.until(clock.now().plus(at_most.into())) => Ok(Waited::InVain),
        }
    }

    /// Hands a message to the person's task and waits for its answer. Who left at that moment comes in anew if they
    /// try again. `None`: nobody is here.
    async fn ask<T>(
        &self,
        who: Caller,
        comes_in: bool,
        tries_again: bool,
        message: impl Fn(oneshot::Sender<T>) -> Message,
    ) -> Result<Option<T>, NoRoom> {
        for _ in 0..TRIES {
            let Some(person) = self.person(who, comes_in)? else { return Ok(None) };
            let (sender, receiver) = oneshot::channel();
            if person.send(message(sender)).await.is_ok()
                && let Ok(answer) = receiver.await
            {
                return Ok(Some(answer));
            }
            if !tries_again {
                return if self.0.stop.is_cancelled() { Err(NoRoom) } else { Ok(None) };
            }
        }
        Err(NoRoom)
    }

    fn person(&self, who: Caller, comes_in: bool) -> Result<Option<mpsc::Sender<Message>>, NoRoom> {
        let mut people = self.people();
        if let Some(person) = people.here.get(&who.person).filter(|person| !person.is_closed()) {
            return Ok(Some(person.clone()));
        }
        // Who was here until just now is not to hear that they are idle.
        if self.0.stop.is_cancelled() {
            return Err(NoRoom);
        }
        if !comes_in {
            return Ok(None);
        }
        if !people.has_room(who, self.0.most) {
            return Err(NoRoom);
        }
        let (sender, receiver) = mpsc::channel(QUEUE);
        people.come_in(who, sender.clone());
        let person = Person::new(&self.0.hub, who.person, receiver);
        let (shared, stop) = (self.clone(), self.0.stop.clone());
        self.0.tasks.spawn(async move {
            Box::pin(person.live(stop)).await;
            shared.people().leave(who);
        });
        Ok(Some(sender))
    }

    fn people(&self) -> MutexGuard<'_, People> {
        self.0.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
