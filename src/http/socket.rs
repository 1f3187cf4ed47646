//! A client's connection: one task that owns its socket.
//!
//! It picks an event (the only await of the loop), lets the dialogue decide, and performs: frames go out in as few
//! writes as possible, because nothing is flushed while there is more to do.

mod dialogue;
mod encode;
mod leaving;
mod outgoing;
mod progress;
mod scratch;
mod timers;

pub(super) use dialogue::{confirmed, error, pushed, pushed_again};

use super::Door;
use super::connection::Upgraded;
use super::upgrade::Seat;
use crate::auth::Denied;
use crate::hub::{Ask, Incoming};
use crate::wire::CloseCode;
use dialogue::Dialogue;
use futures::future::poll_fn;
use futures::{Sink, SinkExt, StreamExt};
use outgoing::{Outgoing, UnderWay};
use scratch::ScratchStream;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use timers::{Due, Timers};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::coop::{consume_budget, unconstrained};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode as WireCode;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_util::sync::WaitForCancellationFutureOwned;

/// The codec's read buffer: what an idle connection costs most. The large buffer behind it is shared.
const READ_BUFFER: usize = 1_024;
/// What the codec gathers before it writes by itself.
const WRITE_BUFFER: usize = 16 * 1_024;
/// With this much written and not yet taken by the network, nothing more is taken from the mailbox.
const UNFLUSHED: usize = 64 * 1_024;

/// Returns from a poll function if this part of it is ready.
macro_rules! ready_or {
    ($poll:expr) => {
        if let Poll::Ready(event) = $poll {
            return Poll::Ready(event);
        }
    };
}

/// What the task was woken by.
enum Event {
    Message(Message),
    Incoming(Incoming),
    Due,
    Stop,
    /// The stream can't be read any further.
    Broken(Error),
    /// The connection is gone.
    Gone,
}

/// Why a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The client said goodbye, by closing with 1000.
    Goodbye,
    /// The connection ended in any other way: the client may come back.
    Lost,
    /// We close, with this code.
    Ours(CloseCode),
}

/// See the module.
pub struct Socket {
    stream: WebSocketStream<ScratchStream>,
    dialogue: Dialogue,
    timers: Timers,
    stop: Pin<Box<WaitForCancellationFutureOwned>>,
    /// A frame that came while the matchmaker still had another, or the accounts too many.
    held: Option<Utf8Bytes>,
    /// Bytes given to the codec since the last flush.
    unflushed: usize,
    out: Outgoing,
    under_way: UnderWay,
    _seat: Seat,
}

impl Socket {
    /// A conversation on a connection that was just upgraded.
    pub async fn new(door: &Door, upgraded: Upgraded) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(WRITE_BUFFER)
            // Bounded by UNFLUSHED and one frame, which the loop sees to.
            .max_write_buffer_size(usize::MAX)
            .max_message_size(Some(door.limits.frame))
            .max_frame_size(Some(door.limits.frame));
        let stream = ScratchStream::new(upgraded.stream, &upgraded.head);
        Self {
            stream: WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await,
            dialogue: Dialogue::new(door.hub.client(), door.services.gatekeeper.clone(), upgraded.principal),
            timers: Timers::new(door.hub.clock().clone(), door.limits.clone()),
            stop: Box::pin(door.stop.clone().cancelled_owned()),
            held: None,
            unflushed: 0,
            out: Outgoing::default(),
            under_way: UnderWay::default(),
            _seat: upgraded.seat,
        }
    }

    /// The codec alone, as the hub would use it, and the seat that it keeps.
    pub fn into_stream(
        self,
    ) -> (WebSocketStream<impl AsyncRead + AsyncWrite + Unpin + Send + 'static>, Seat) {
        (self.stream, self._seat)
    }

    /// Talks until one side has had enough.
    pub async fn run(&mut self) -> End {
        loop {
            let event = poll_fn(|cx| self.pick(cx)).await;
            match self.decide(event) {
                Decision::GoOn => {}
                // Boxed, as they are rare, and an idle connection keeps room for the largest of them.
                Decision::Ask(ask) => Box::pin(self.dialogue.client.ask(ask)).await,
                Decision::Ping => self.ping(),
                Decision::Settle => Box::pin(self.dialogue.client.settle()).await,
                Decision::Attend => Box::pin(self.dialogue.client.attend()).await,
                Decision::End(end) => return end,
            }
            self.perform();
            // Letters cost no budget of the runtime's own, and a burst of them must not keep others waiting.
            consume_budget().await;
        }
    }

    /// The next thing to do: letters first, then frames, then writing out, then a stop, then the clock.
    fn pick(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        let is_full = self.unflushed > UNFLUSHED || self.dialogue.client.is_behind();
        let is_deaf = is_full
            && match self.poll_flush(cx) {
                Poll::Ready(Err(error)) => return Poll::Ready(Event::Broken(error)),
                flushed => flushed.is_pending(),
            };
        self.timers.be_deaf(is_deaf);
        if is_deaf {
            ready_or!(self.dialogue.client.poll_trouble(cx).map(Event::Incoming));
        } else {
            ready_or!(self.dialogue.client.poll_incoming(cx).map(Event::Incoming));
            ready_or!(self.poll_frame(cx));
            self.timers.under_way(self.stream.get_ref().is_under_way());
            if self.unflushed > 0
                && let Poll::Ready(Err(error)) = self.poll_flush(cx)
            {
                return Poll::Ready(Event::Broken(error));
            }
        }
        ready_or!(self.stop.as_mut().poll(cx).map(|()| Event::Stop));
        self.timers.poll(cx, self.dialogue.deadlines()).map(|()| Event::Due)
    }

    /// The next frame that may be taken now. While an answer is due, or too many requests of the client wait for the
    /// accounts, one is held and no other is read.
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        let client = &mut self.dialogue.client;
        let is_pending = client.is_pending() || client.poll_room(cx).is_pending();
        if let Some(text) = self.held.take_if(|_| !is_pending) {
            return Poll::Ready(Event::Message(Message::Text(text)));
        }
        while self.held.is_none() {
            match ready!(self.stream.poll_next_unpin(cx)) {
                Some(Ok(Message::Text(text))) if is_pending => self.held = Some(text),
                Some(Ok(message)) => return Poll::Ready(Event::Message(message)),
                Some(Err(error)) => return Poll::Ready(Event::Broken(error)),
                None => return Poll::Ready(Event::Gone),
            }
        }
        Poll::Pending
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        // The loop sees to fairness, and a budget that is used up would look like a network that takes nothing.
        let flushing = unconstrained(poll_fn(|cx| self.stream.poll_flush_unpin(cx)));
        let flushed = pin!(flushing).poll(cx);
        let (whole, _) = self.stream.get_ref().sent();
        self.taken(whole);
        if flushed.is_pending() {
            self.timers.blocked(self.stream.get_ref().written());
        } else if let Poll::Ready(Ok(())) = flushed {
            self.unflushed = 0;
            self.timers.flushed();
            // A pushed frame that has no words is in no message.
            self.dialogue.client.written(self.dialogue.client.last_pushed());
        }
        flushed
    }

    /// The network took so many messages.
    fn taken(&mut self, messages: u64) {
        if let Some(pos) = self.under_way.taken(messages) {
            self.dialogue.client.written(pos);
        }
    }

    fn decide(&mut self, event: Event) -> Decision {
        let decision = self.decide_event(event);
        if let Some(denied) = self.dialogue.denied {
            return Decision::End(End::Ours(refusal(denied)));
        }
        if self.dialogue.client.goes_too_far() && matches!(decision, Decision::GoOn) {
            return Decision::End(End::Ours(CloseCode::RateLimited));
        }
        decision
    }

    fn decide_event(&mut self, event: Event) -> Decision {
        match event {
            Event::Incoming(incoming) => self.decide_incoming(incoming),
            Event::Message(message) => {
                self.timers.heard();
                self.decide_message(message)
            }
            Event::Due => self.decide_due(),
            Event::Stop => Decision::End(End::Ours(CloseCode::Restart)),
            Event::Gone => Decision::End(End::Lost),
            Event::Broken(error) => Decision::End(blame(&error)),
        }
    }

    fn decide_incoming(&mut self, incoming: Incoming) -> Decision {
        match incoming {
            Incoming::Letter(letter) => self.dialogue.open(letter, &mut self.out),
            Incoming::Inherited(desk, lost) => self.dialogue.go_on(*desk, lost, &mut self.out),
            Incoming::Overflown => return Decision::End(End::Ours(CloseCode::TooSlow)),
            Incoming::Superseded => return Decision::End(End::Ours(CloseCode::TakenOver)),
            Incoming::TurnedOut => return Decision::End(End::Ours(CloseCode::Removed)),
        }
        Decision::GoOn
    }

    fn decide_message(&mut self, message: Message) -> Decision {
        if message.is_text() || message.is_binary() {
            self.timers.complete();
        }
        match message {
            Message::Text(text) => match self.dialogue.hear(&text, &mut self.out) {
                Some(ask) => Decision::Ask(ask),
                None => Decision::GoOn,
            },
            Message::Binary(_) => Decision::End(End::Ours(CloseCode::Binary)),
            Message::Close(Some(frame)) if frame.code == WireCode::Normal => Decision::End(End::Goodbye),
            Message::Close(Some(frame)) if frame.code == WireCode::Protocol && frame.reason == VIOLATION => {
                Decision::End(End::Ours(CloseCode::ProtocolError))
            }
            Message::Close(_) => Decision::End(End::Lost),
            Message::Pong(payload) => {
                if self.dialogue.ponged(&payload) {
                    Decision::Settle
                } else {
                    Decision::GoOn
                }
            }
            // The codec answers pings by itself.
            Message::Ping(_) | Message::Frame(_) => Decision::GoOn,
        }
    }

    fn decide_due(&mut self) -> Decision {
        let is_registered = self.dialogue.client.card().is_some();
        match self.timers.due(is_registered, self.dialogue.deadlines()) {
            Some(Due::Register) => Decision::End(End::Ours(CloseCode::NotRegisteredInTime)),
            Some(Due::Pong) => Decision::End(End::Ours(CloseCode::NoPong)),
            Some(Due::Unfinished) => Decision::End(End::Ours(CloseCode::Unfinished)),
            Some(Due::Stalled) => Decision::End(End::Ours(CloseCode::TooSlow)),
            Some(Due::Token) => Decision::End(End::Ours(CloseCode::TokenExpired)),
            Some(Due::Ping) => Decision::Ping,
            Some(Due::Client) => Decision::Attend,
            None => Decision::GoOn,
        }
    }

    fn ping(&mut self) {
        self.put(Message::Ping(self.dialogue.ping().into()));
    }

    /// Gives the codec what was decided to send.
    fn perform(&mut self) {
        let mut out = self.out.take();
        for (frame, pos) in out.drain() {
            self.under_way.add(pos);
            self.put(Message::Text(frame));
        }
        self.out.put_back(out);
        if self.dialogue.client.wants_a_ping() {
            self.ping();
        }
    }

    fn put(&mut self, message: Message) {
        // Two bytes of header at least, so that an empty ping counts too.
        self.unflushed += message.len() + 2;
        // What the network does not take now stays in the codec. A broken stream shows at the next read.
        let _ = Pin::new(&mut self.stream).start_send(message);
    }
}

/// The reason that the codec puts in the place of a close code that nobody may send.
const VIOLATION: &str = "Protocol violation";

/// With what somebody is closed whose token is not taken: it may be worth coming back, or not.
fn refusal(denied: Denied) -> CloseCode {
    match denied {
        Denied::Missing | Denied::Unknown => CloseCode::NotAuthorized,
        Denied::Expired => CloseCode::TokenExpired,
    }
}

/// What to do after an event.
enum Decision {
    GoOn,
    Ask(Ask),
    Ping,
    Attend,
    Settle,
    End(End),
}

/// Whose fault it is that a stream can't be read.
fn blame(error: &Error) -> End {
    use tokio_tungstenite::tungstenite::error::ProtocolError;
    match error {
        Error::Capacity(_) => End::Ours(CloseCode::TooBig),
        Error::Utf8(_) => End::Ours(CloseCode::NotUtf8),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => End::Lost,
        Error::Protocol(_) => End::Ours(CloseCode::ProtocolError),
        _ => End::Lost,
    }
}
