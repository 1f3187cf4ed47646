//! A client of a hub, for programs: it registers, asks and hears, and comes back by itself when the connection breaks.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use strowger::client::{Client, Happening, Options, Request, Said};
//!
//! let mut client = Client::new(Options::to("ws://localhost:8002")?.nickname("Ada"));
//! client.send(Request::line("#meet"))?;
//! while let Some(happening) = client.next().await {
//!     if let Happening::Pushed(frame) = happening
//!         && let Said::ChatMessage(text) = frame.said()
//!     {
//!         println!("{}: {}", text.from, text.message);
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! It owns one registration, however many connections that takes. There is no task behind it: a [`Client`] lives while
//! somebody waits for [`Client::next`], and a hub closes whoever does not read for long. What is decided is in
//! [`Dialogue`], which has no socket and no clock.
//!
//! It must never know: who uses it, and what is shown to anybody. Nothing here prints what people wrote.

mod backoff;
mod connection;
mod dialogue;
mod ends;
mod frame;
mod happening;
mod options;
mod request;

pub use backoff::Backoff;
pub use dialogue::Dialogue;
pub use ends::End;
pub use frame::{
    Action, ChatEvent, ChatMessage, Confirmation, ContactList, Content, Delta, Failed, Frame, ManyOrCount,
    Member, Refusal, Response, Said, Sent, Status, WhatsappMessage, WhatsappStatus,
};
pub use happening::{Act, Full, Happening, Loss, Patience, Registration, Return, Ticket};
pub use options::{InvalidUrl, Options};
pub use request::Request;

use connection::{Connection, Event};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep, timeout};

/// What may be told and not yet taken while [`Client::ask`] waits for its answer; past that it gives up.
const MOST_UNTAKEN: usize = 10_000;
/// Frames that the network has not taken; past that nothing more is asked for.
const MOST_UNWRITTEN: usize = 1_024;
/// The longest that a hub, or whatever stands before it, can have a client wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);
/// How long a goodbye may take.
const GOODBYE_WITHIN: Duration = Duration::from_secs(3);

/// A registration with a hub. Dropping it is a lost connection: [`Client::leave`] says goodbye.
pub struct Client {
    dialogue: Dialogue,
    backoff: Backoff,
    link: Link,
    alarm: Pin<Box<Sleep>>,
    told: VecDeque<Happening>,
    end: Option<End>,
}

/// Where the connection is.
enum Link {
    /// Waits until the alarm for another attempt.
    Resting,
    Dialling(BoxFuture<'static, Result<Box<Connection>, End>>),
    Up(Box<Connection>),
    Over,
}

/// What happens to a client.
enum Step {
    Dialled(Result<Box<Connection>, End>),
    Frame(String),
    /// Something came that says nothing, but that the hub is alive.
    Alive,
    Ended(End),
    Alarm,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// Too much is waiting to be sent: nothing was asked.
    Full,
    /// The connection broke: whether the hub carried it out is not known.
    Unknown,
    /// It was not sent and won't be, see [`Happening::Unsent`].
    Unsent,
    /// The client is over, see [`Client::end`]; the request was not answered.
    Over,
    /// Too much else came meanwhile, and waits to be taken by [`Client::next`].
    Overrun,
}

impl Client {
    /// A client that begins to connect as soon as somebody waits for it.
    pub fn new(options: Options) -> Self {
        let (backoff, tag) = (options.backoff(), format!("{:08x}-", dice() >> 32));
        let dialogue = Dialogue::new(options, tag);
        let link = dial(&dialogue);
        Self {
            dialogue,
            backoff,
            link,
            alarm: Box::pin(sleep(Duration::ZERO)),
            told: VecDeque::new(),
            end: None,
        }
    }

    /// Asks for something. It goes out as soon as it can, which is told by [`Happening::Answered`] with this ticket, or
    /// by [`Happening::Unanswered`].
    ///
    /// # Errors
    /// [`NoAnswer::Full`] if too much waits already, [`NoAnswer::Over`] if the client is over.
    pub fn send(&mut self, request: Request) -> Result<Ticket, NoAnswer> {
        match &self.link {
            Link::Over => return Err(NoAnswer::Over),
            Link::Up(connection) if connection.backlog() >= MOST_UNWRITTEN => return Err(NoAnswer::Full),
            _ => {}
        }
        let mut acts = Vec::new();
        let ticket = self.dialogue.ask(request, &mut acts).map_err(|Full| NoAnswer::Full)?;
        self.perform(acts);
        Ok(ticket)
    }

    /// Asks for something and waits for the answer, through broken connections, for as long as it takes: without a hub
    /// that is for ever, unless [`Options::with_backoff`] has a bound. What else happens meanwhile is there for
    /// [`Client::next`] afterwards. If this is dropped, the answer will be there, too.
    ///
    /// # Errors
    /// If there is no answer, and then why.
    pub async fn ask(&mut self, request: Request) -> Result<Frame, NoAnswer> {
        let ticket = self.send(request)?;
        loop {
            if let Some(outcome) = self.take_outcome(ticket) {
                return outcome;
            }
            match self.link {
                Link::Over => return Err(NoAnswer::Over),
                _ if self.told.len() > MOST_UNTAKEN => return Err(NoAnswer::Overrun),
                _ => self.advance().await,
            }
        }
    }

    /// What happens next; `None` when it is over. May be dropped and called again: nothing is lost.
    pub async fn next(&mut self) -> Option<Happening> {
        loop {
            if let Some(happening) = self.told.pop_front() {
                return Some(happening);
            }
            if matches!(self.link, Link::Over) {
                return None;
            }
            self.advance().await;
        }
    }

    /// Why it is over, if it is.
    pub fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// How the hub knows this client, once it is registered.
    pub fn registration(&self) -> Option<&Registration> {
        self.dialogue.registration()
    }

    /// Whether everything that was asked has been answered or given up.
    pub fn is_settled(&self) -> bool {
        self.dialogue.is_settled()
    }

    /// The `request_id` under which the session hears of a request.
    pub fn request_id(&self, ticket: Ticket) -> String {
        self.dialogue.request_id(ticket)
    }

    /// Whether the hub hears what is sent now.
    pub fn is_here(&self) -> bool {
        self.dialogue.is_here()
    }

    /// The token for further registrations, where the one so far has expired.
    pub fn set_token(&mut self, token: Option<String>) {
        self.dialogue.set_token(token);
    }

    /// Tries to connect now instead of after the pause.
    pub fn hurry(&mut self) {
        if matches!(self.link, Link::Resting) {
            self.alarm.as_mut().reset(Instant::now());
        }
    }

    /// Says goodbye: the partner and the session hear at once that this client is gone. What went out already goes
    /// before it; what still waited, or waits for a connection, is dropped ([`Client::is_settled`]).
    pub async fn leave(mut self) {
        if let Link::Up(connection) = &mut self.link {
            connection.goodbye();
            // Whoever does not take a goodbye in time has lost us.
            let _ = timeout(GOODBYE_WITHIN, connection.ended()).await;
        }
    }

    fn take_outcome(&mut self, ticket: Ticket) -> Option<Result<Frame, NoAnswer>> {
        let is_it = |told: &Happening| match told {
            Happening::Answered(of, _) | Happening::Unanswered(of) | Happening::Unsent(of) => *of == ticket,
            _ => false,
        };
        let at = self.told.iter().position(is_it)?;
        match self.told.remove(at)? {
            Happening::Answered(_, frame) => Some(Ok(frame)),
            Happening::Unsent(_) => Some(Err(NoAnswer::Unsent)),
            _ => Some(Err(NoAnswer::Unknown)),
        }
    }

    /// One event: picked, decided, performed.
    async fn advance(&mut self) {
        let step = std::future::poll_fn(|context| self.pick(context)).await;
        let mut acts = Vec::new();
        self.decide(step, &mut acts);
        self.perform(acts);
    }

    fn pick(&mut self, context: &mut Context<'_>) -> Poll<Step> {
        let step = match &mut self.link {
            Link::Dialling(dialling) => dialling.poll_unpin(context).map(Step::Dialled),
            Link::Up(connection) => connection.poll(context).map(|event| match event {
                Event::Text(text) => Step::Frame(text),
                Event::Alive => Step::Alive,
                Event::Ended(end) => Step::Ended(end),
            }),
            Link::Resting | Link::Over => Poll::Pending,
        };
        if step.is_ready() || matches!(self.link, Link::Dialling(_)) {
            return step;
        }
        self.alarm.poll_unpin(context).map(|()| Step::Alarm)
    }

    fn decide(&mut self, step: Step, acts: &mut Vec<Act>) {
        match step {
            Step::Dialled(Ok(connection)) => {
                self.link = Link::Up(connection);
                if let Some(token) = self.dialogue.options().token_now() {
                    self.dialogue.set_token(Some(token));
                }
                self.dialogue.opened(acts);
            }
            Step::Frame(text) => self.dialogue.hear(text, acts),
            Step::Alive => self.dialogue.heard_of(),
            Step::Dialled(Err(end)) | Step::Ended(end) => acts.push(Act::Close(end)),
            Step::Alarm => match self.link {
                Link::Resting => self.link = dial(&self.dialogue),
                _ => self.dialogue.silent(acts),
            },
        }
        if let Link::Up(_) = self.link {
            self.alarm.as_mut().reset(Instant::now() + self.dialogue.patience().limit());
        }
    }

    fn perform(&mut self, acts: Vec<Act>) {
        for act in acts {
            match (act, &mut self.link) {
                (Act::Send(text), Link::Up(connection)) => connection.send(text),
                (Act::Send(_), _) => {}
                (Act::Tell(happening), _) => self.tell(happening),
                (Act::Close(end), _) => self.lose(end),
            }
        }
    }

    fn tell(&mut self, happening: Happening) {
        if matches!(happening, Happening::Registered(_)) {
            self.backoff.begin_anew();
        }
        self.told.push_back(happening);
    }

    /// The connection is gone; whether there is to be another depends on why.
    fn lose(&mut self, end: End) {
        let mut acts = Vec::new();
        let end = self.dialogue.lost(end, &mut acts);
        self.perform(acts);
        let asked = end.retry_after().max(self.dialogue.take_retry_after());
        let pause = self.backoff.pause(dice()).max(asked.unwrap_or_default().min(LONGEST_PAUSE));
        if end.is_final() || self.backoff.is_spent() {
            self.link = Link::Over;
            self.end = Some(end);
            return;
        }
        self.link = Link::Resting;
        self.alarm.as_mut().reset(Instant::now() + pause);
        let loss = Loss { end, retry_in: pause, attempt: self.backoff.attempts() };
        self.told.push_back(Happening::Lost(loss));
    }
}

fn dial(dialogue: &Dialogue) -> Link {
    Link::Dialling(connection::dial(dialogue.options().url().to_owned()).boxed())
}

/// Random bits for a pause.
fn dice() -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().1
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "too much is waiting to be sent",
            Self::Unknown => "the connection broke, and whether it was carried out is not known",
            Self::Unsent => "a command before it got lost, so it was not sent",
            Self::Over => "the hub is gone for good",
            Self::Overrun => "too much else came, and nobody took it",
        })
    }
}

impl std::error::Error for NoAnswer {}
