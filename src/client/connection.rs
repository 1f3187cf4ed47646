//! One WebSocket: texts out, texts in, and how it ended.
//!
//! It must never know: what the texts say.

use super::ends::End;
use futures::{Sink, Stream};
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::http::{Response, header};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// For the name, the TCP connection, TLS and the upgrade together.
const DIAL_WITHIN: Duration = Duration::from_secs(10);
/// The largest frame that is taken, in bytes: a hub sends answers of 500 messages, which are smaller.
const LARGEST: usize = 64 << 20;
/// What is read at once, in bytes: one chat frame needs 200.
const READ_BUFFER: usize = 8 << 10;

pub(super) struct Connection {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    outgoing: VecDeque<Message>,
    is_flushed: bool,
}

/// What comes over a connection.
pub(super) enum Event {
    Text(String),
    Alive,
    Ended(End),
}

/// Opens a WebSocket.
pub(super) async fn dial(url: String) -> Result<Box<Connection>, End> {
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_message_size(Some(LARGEST))
        .max_frame_size(Some(LARGEST));
    let connecting = connect_async_with_config(url.as_str(), Some(config), true);
    let late = |_| End::Unreachable(format!("nothing came within {} s", DIAL_WITHIN.as_secs()));
    let (socket, _) = timeout(DIAL_WITHIN, connecting).await.map_err(late)?.map_err(not_opened)?;
    Ok(Box::new(Connection { socket, outgoing: VecDeque::new(), is_flushed: true }))
}

fn not_opened(error: Error) -> End {
    match error {
        Error::Http(response) => {
            End::NoUpgrade { status: response.status().as_u16(), retry_after: retry_after(&response) }
        }
        Error::Io(error) => End::Unreachable(error.to_string()),
        other => End::Unreachable(other.to_string()),
    }
}

/// `Retry-After` in seconds: RFC 9110, section 10.2.3. A date is not understood.
fn retry_after<T>(response: &Response<T>) -> Option<Duration> {
    response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.parse().map(Duration::from_secs).ok()
}

impl Connection {
    pub(super) fn send(&mut self, text: String) {
        self.outgoing.push_back(Message::text(text));
    }

    /// How many frames are still to be written.
    pub(super) fn backlog(&self) -> usize {
        self.outgoing.len()
    }

    /// Behind what is to be sent, closes with 1000.
    pub(super) fn goodbye(&mut self) {
        let goodbye = CloseFrame { code: CloseCode::Normal, reason: "".into() };
        self.outgoing.push_back(Message::Close(Some(goodbye)));
    }

    /// Waits for the end; what comes before is dropped.
    pub(super) async fn ended(&mut self) {
        while !matches!(std::future::poll_fn(|context| self.poll(context)).await, Event::Ended(_)) {}
    }

    /// Writes what can be written, and reads.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Event> {
        if let Poll::Ready(Err(error)) = self.poll_write(context) {
            // A connection that was closed by the other side tells why when it is read.
            if !matches!(error, Error::ConnectionClosed | Error::AlreadyClosed | Error::Protocol(_)) {
                return Poll::Ready(Event::Ended(End::Lost));
            }
        }
        Poll::Ready(match ready!(Pin::new(&mut self.socket).poll_next(context)) {
            Some(Ok(Message::Text(text))) => Event::Text(text.as_str().to_owned()),
            Some(Ok(Message::Close(frame))) => Event::Ended(closed(frame)),
            Some(Ok(_)) => Event::Alive,
            Some(Err(_)) | None => Event::Ended(End::Lost),
        })
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        while !self.outgoing.is_empty() {
            ready!(Pin::new(&mut self.socket).poll_ready(context))?;
            if let Some(message) = self.outgoing.pop_front() {
                Pin::new(&mut self.socket).start_send(message)?;
                self.is_flushed = false;
            }
        }
        if !self.is_flushed {
            ready!(Pin::new(&mut self.socket).poll_flush(context))?;
            self.is_flushed = true;
        }
        Poll::Ready(Ok(()))
    }
}

fn closed(frame: Option<CloseFrame>) -> End {
    frame.map_or(End::Lost, |frame| End::Closed {
        code: frame.code.into(),
        reason: frame.reason.as_str().to_owned(),
    })
}
