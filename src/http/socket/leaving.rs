//! How a conversation ends: what was shown by then is settled, the others are told, then the client.

use super::{End, Socket, WireCode, dialogue};
use crate::wire::CloseCode;
use futures::{SinkExt, StreamExt};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// How long a closing handshake may take before the connection is dropped.
const FAREWELL: Duration = Duration::from_secs(2);

impl Socket {
    /// Ends it: the others are told first, then the client. `None` stands for a panic, after which nothing can
    /// be gone on with.
    pub async fn leave(&mut self, end: Option<End>) {
        let code = match end {
            Some(End::Ours(code)) => Some(code),
            Some(End::Goodbye | End::Lost) => None,
            None => Some(CloseCode::Internal),
        };
        let number = code.map(CloseCode::number);
        tracing::debug!(client = self.dialogue.client.log_name(), code = number, "A connection ended");
        if end == Some(End::Ours(CloseCode::Restart)) {
            self.read_out();
            let _ = tokio::time::timeout(FAREWELL, self.stream.flush()).await;
        }
        self.let_go(end.is_some());
        match end {
            Some(End::Ours(CloseCode::Restart)) => self.dialogue.client.fall_silent(),
            Some(End::Goodbye | End::Ours(CloseCode::Removed)) | None => self.dialogue.client.leave().await,
            Some(End::Lost | End::Ours(_)) => self.dialogue.client.go_away().await,
        }
        if let Some(code) = code {
            self.dialogue.client.hub().metrics().closed(code);
            self.say_goodbye(code);
        }
        // A client that does not take its leave in time is left.
        let _ = tokio::time::timeout(FAREWELL, self.farewell()).await;
    }

    /// Sends what is in the mailbox already.
    fn read_out(&mut self) {
        while let Some(letter) = self.dialogue.client.next_letter() {
            self.dialogue.open(letter, &mut self.out);
        }
        self.perform();
    }

    /// What the network takes at once still goes out, and counts as shown. What it does not take goes back, or to
    /// the next connection, and so never out from here; but of a message that has begun to go out the rest follows,
    /// or nothing else could.
    fn let_go(&mut self, is_sound: bool) {
        let flushed =
            if is_sound { self.poll_flush(&mut Context::from_waker(Waker::noop())) } else { Poll::Pending };
        if flushed.is_pending() {
            let (_, begun) = self.stream.get_ref().sent();
            self.taken(begun);
        }
        self.stream.get_mut().let_go(self.under_way.messages());
    }

    fn say_goodbye(&mut self, code: CloseCode) {
        if let Some(last) = code.last_error() {
            self.put(Message::Text(dialogue::error(last, code.reason(), None, None)));
        }
        let frame =
            CloseFrame { code: WireCode::from(code.number()), reason: Utf8Bytes::from_static(code.reason()) };
        self.put(Message::Close(Some(frame)));
    }

    /// Writes everything out and reads on until the other side closes too (RFC 6455 section 7.1.1).
    async fn farewell(&mut self) {
        if self.stream.flush().await.is_ok() {
            while let Some(Ok(_)) = self.stream.next().await {}
        }
    }
}
