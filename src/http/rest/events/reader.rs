//! One reader of events: a task that is its client at the hub, and hands frames on as fast as the network takes them.

use super::{EventId, Problem};
use crate::auth::Principal;
use crate::core::{Answer, Millis};
use crate::http::Services;
use crate::http::socket::{confirmed, error, pushed, pushed_again};
use crate::hub::{Ask, Client, Clock, Comeback, Incoming, Introduction, Letter, Pending, Token, Told};
use crate::wire::{CloseCode, Code, Pos};
use bytes::Bytes;
use futures::FutureExt;
use futures::future::poll_fn;
use std::panic::AssertUnwindSafe;
use tokio::sync::{mpsc, oneshot};
use tokio::task::coop::consume_budget;
use tokio_util::sync::CancellationToken;

/// How often a comment shows that the connection lives.
const COMMENTS: Millis = Millis::seconds(15);
const COMMENT: Bytes = Bytes::from_static(b":\n\n");
/// When a browser tries again, in milliseconds.
const BEGINNING: Bytes = Bytes::from_static(b"retry: 2000\n\n");

/// Why a reader ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The connection is gone: it may come back.
    Lost,
    /// The house closes.
    Stopped,
    /// We close, as a socket would be closed with this code.
    Ours(CloseCode),
}

/// What the task was woken by.
enum Event {
    Incoming(Incoming),
    /// The network takes something again.
    Room,
    /// The reader hung up.
    Gone,
    Stop,
    /// A comment is due, or the client is to be attended to.
    Due,
}

/// Where to say whether there is a registration.
type Begun = oneshot::Sender<Result<(), Problem>>;

/// See the module.
pub struct Reader {
    client: Client,
    clock: Clock,
    events: mpsc::Sender<Bytes>,
    begun: Option<Begun>,
    /// The id of the last event, once there is a registration.
    last: Option<EventId>,
    /// Up to here frames are shown again.
    again: Pos,
    comment_at: Millis,
    /// When the time of the reader's token is over.
    token_ends: Option<Millis>,
}

impl Reader {
    /// Somebody who just came.
    pub fn new(services: &Services, who: Principal, events: mpsc::Sender<Bytes>, begun: Begun) -> Self {
        let (client, clock) = (services.hub.client(), services.hub.clock().clone());
        let comment_at = clock.now().plus(COMMENTS);
        let token_ends = who.until.and_then(|until| clock.at(until));
        let (begun, last, again) = (Some(begun), None, Pos(0));
        Self { client, clock, events, begun, last, again, comment_at, token_ends }
    }

    /// Registers, says how that ended, and reads until one side has had enough.
    pub async fn live(mut self, says: Introduction, stop: CancellationToken) {
        let end = AssertUnwindSafe(self.run(says, &stop)).catch_unwind().await;
        // Also after a panic: the others must hear that this client is gone.
        match end {
            Ok(End::Stopped) => {
                while let Some(letter) = self.client.next_letter() {
                    self.open(letter);
                }
                self.hand_on();
                self.client.fall_silent();
            }
            Ok(End::Lost) => self.client.go_away().await,
            Ok(End::Ours(code)) => {
                let was_refused = self.turn_away(code.last_error().unwrap_or(Code::Internal), code.reason());
                self.say_goodbye(code);
                match code {
                    CloseCode::Removed => self.client.leave().await,
                    // Another one goes on with the registration, which this one never had: it lost nothing.
                    CloseCode::TakenOver if was_refused => self.client.fall_silent(),
                    _ => self.client.go_away().await,
                }
            }
            Err(_) => {
                self.turn_away(Code::Internal, "Something went wrong in the hub.");
                self.client.leave().await;
            }
        }
    }

    async fn run(&mut self, says: Introduction, stop: &CancellationToken) -> End {
        self.client.await_answer(None);
        self.client.ask(Ask::Register(Box::new(says))).await;
        loop {
            self.hand_on();
            let event = self.pick(stop).await;
            if let Some(end) = self.decide(event).await {
                return end;
            }
            // Letters cost no budget of the runtime's own, and a burst of them must not keep others waiting.
            consume_budget().await;
        }
    }

    async fn pick(&mut self, stop: &CancellationToken) -> Event {
        let (is_behind, has_more) = (self.client.is_behind(), self.has_more());
        let due = self.client.due_at().into_iter().chain(self.token_ends);
        let due = due.fold(self.comment_at, Millis::min);
        let (events, client, clock) = (&self.events, &mut self.client, &self.clock);
        let incoming = poll_fn(|cx| match is_behind {
            true => client.poll_trouble(cx),
            false => client.poll_incoming(cx),
        });
        tokio::select! {
            biased;
            () = stop.cancelled() => Event::Stop,
            () = events.closed() => Event::Gone,
            incoming = incoming => Event::Incoming(incoming),
            _ = events.reserve(), if has_more => Event::Room,
            () = clock.until(due) => Event::Due,
        }
    }

    async fn decide(&mut self, event: Event) -> Option<End> {
        match event {
            Event::Incoming(Incoming::Letter(letter)) => self.open(letter),
            Event::Incoming(Incoming::Inherited(desk, lost)) => {
                if let Some(Comeback { pending, gap }) = self.client.take_over(*desk, lost) {
                    self.again = self.client.last_pushed();
                    self.confirm(&pending, Pos(gap.from.0.saturating_sub(1)), gap.missed);
                }
            }
            Event::Incoming(Incoming::Overflown) => return Some(End::Ours(CloseCode::TooSlow)),
            Event::Incoming(Incoming::Superseded) => return Some(End::Ours(CloseCode::TakenOver)),
            Event::Incoming(Incoming::TurnedOut) => return Some(End::Ours(CloseCode::Removed)),
            Event::Room => {}
            Event::Gone => return Some(End::Lost),
            Event::Stop => return Some(End::Stopped),
            Event::Due if self.token_ends.is_some_and(|at| at <= self.clock.now()) => {
                return Some(End::Ours(CloseCode::TokenExpired));
            }
            Event::Due => self.attend().await,
        }
        None
    }

    async fn attend(&mut self) {
        let now = self.clock.now();
        if self.client.due_at().is_some_and(|at| at <= now) {
            self.client.attend().await;
        }
        if self.comment_at <= now {
            self.comment_at = now.plus(COMMENTS);
            // Where there is no room for it, there is something else to show that the connection lives.
            let _ = self.events.try_send(COMMENT);
        }
    }

    /// Opens one letter. What is pushed waits in the client's memory until the network takes it.
    fn open(&mut self, letter: Letter) {
        match self.client.open(letter) {
            Told::Answer(answer, pending) => match &*answer {
                Answer::Registered(_) => self.confirm(&pending, Pos(0), None),
                refused => self.refuse(refused),
            },
            Told::Lost(pending) => {
                let nothing = self.client.last_pushed();
                self.confirm(&pending, nothing, None);
            }
            _ => {}
        }
    }

    /// There is a registration: what is pushed behind this position is shown.
    fn confirm(&mut self, pending: &Pending, seen: Pos, missed: Option<u64>) {
        let Some(card) = self.client.card() else { return };
        // The token is in the ids.
        let Some(frame) = confirmed(&self.client, pending, missed, "") else { return };
        let id = EventId::of(pending.token.as_ref().map(Token::secret).unwrap_or_default(), card, seen);
        let event = written(&frame, Some(&id));
        self.last = Some(id);
        let _ = self.events.try_send(BEGINNING);
        let _ = self.events.try_send(event);
        // Whoever does not wait for it any more has hung up.
        let _ = self.begun.take().map(|begun| begun.send(Ok(())));
    }

    fn refuse(&mut self, answer: &Answer) {
        let (code, text) = match answer {
            Answer::OtherSession => (Code::Conflict, "Last-Event-ID is of another session."),
            Answer::ClientIdTaken => (Code::ClientIdTaken, "Somebody is connected under this client_id."),
            _ => (Code::Conflict, "Last-Event-ID is of another registration."),
        };
        // And with its answer the request ends, and so does this.
        self.turn_away(code, text);
    }

    /// Says why there is no registration, unless there is one. Whether there is none.
    fn turn_away(&mut self, code: Code, text: &'static str) -> bool {
        let Some(begun) = self.begun.take() else { return false };
        tracing::debug!(client = self.client.log_name(), code = ?code, "A reader of events was refused");
        // Whoever does not wait for it any more has hung up.
        let _ = begun.send(Err(Problem::new(code, text)));
        true
    }

    fn has_more(&self) -> bool {
        self.last.as_ref().is_some_and(|last| last.pos < self.client.last_pushed())
    }

    /// Hands on what was pushed, as much as there is room for.
    fn hand_on(&mut self) {
        let Some(last) = &mut self.last else { return };
        let before = last.pos;
        for (pos, push) in self.client.pushed_from(Pos(before.0.saturating_add(1))) {
            let frame = if pos <= self.again { pushed_again(push, pos) } else { pushed(push, pos) };
            let mut id = last.clone();
            id.pos = pos;
            // What has no words here is passed over.
            let event = frame.map(|frame| written(&frame, Some(&id)));
            if event.is_some_and(|event| self.events.try_send(event).is_err()) {
                break;
            }
            *last = id;
        }
        let now = last.pos;
        if now > before {
            self.client.written(now);
        }
    }

    fn say_goodbye(&mut self, code: CloseCode) {
        if let Some(last) = code.last_error() {
            let frame = error(last, code.reason(), None, None);
            let _ = self.events.try_send(written(&frame, None));
        }
    }
}

/// A frame as an event of its type.
fn written(frame: &str, id: Option<&EventId>) -> Bytes {
    let kind = frame.strip_prefix("{\"type\":\"").and_then(|rest| rest.split_once('"')).map(|(kind, _)| kind);
    let kind = kind.unwrap_or("message");
    match id {
        Some(id) => format!("event: {kind}\nid: {id}\ndata: {frame}\n\n").into(),
        None => format!("event: {kind}\ndata: {frame}\n\n").into(),
    }
}
