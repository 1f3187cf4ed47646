//! A hub that a test plays by hand.

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// How long a client may take to come back.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client's connection.
pub type Socket = WebSocketStream<TcpStream>;

/// See the module.
pub struct Double {
    listener: TcpListener,
}

impl Double {
    pub async fn open() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("ws://{}", listener.local_addr().expect("an address"));
        (Self { listener }, url)
    }

    /// Takes the next client in, up to its registration.
    pub async fn registers(&self) -> Socket {
        self.registers_with().await.0
    }

    /// The same, with what the client registers with.
    pub async fn registers_with(&self) -> (Socket, Value) {
        let (stream, _) = within(self.listener.accept()).await.expect("a client");
        let mut socket = within(tokio_tungstenite::accept_async(stream)).await.expect("a WebSocket");
        let frame = sent(&mut socket).await;
        assert_eq!(frame["type"], "register");
        let mut answer = json!({"type": "registration_confirmed", "nickname": frame["nickname"],
            "client_id": "client_1234abcd", "resume_token": "token", "recovered": false});
        if !frame["resume_token"].is_null() {
            answer["missed"] = Value::Null;
        }
        say(&mut socket, answer).await;
        (socket, frame)
    }
}

/// To the client.
pub async fn say(socket: &mut Socket, frame: Value) {
    socket.send(Message::text(frame.to_string())).await.expect("a client that reads");
}

/// What the client sends next.
pub async fn sent(socket: &mut Socket) -> Value {
    match within(socket.next()).await {
        Some(Ok(Message::Text(text))) => serde_json::from_str(&text).expect("JSON"),
        other => panic!("a frame, and not {other:?}"),
    }
}

pub async fn close(mut socket: Socket, code: u16, reason: &'static str) {
    let frame = CloseFrame { code: code.into(), reason: reason.into() };
    socket.close(Some(frame)).await.expect("a client that reads");
    while let Some(Ok(_)) = within(socket.next()).await {}
}

/// Waits until the client says goodbye, or goes in another way: its close code, if it had one.
pub async fn goes(mut socket: Socket) -> Option<u16> {
    loop {
        match within(socket.next()).await {
            Some(Ok(Message::Close(frame))) => {
                // Reading on sends the answer.
                while let Some(Ok(_)) = within(socket.next()).await {}
                return frame.map(|frame| frame.code.into());
            }
            Some(Ok(_)) => {}
            _ => return None,
        }
    }
}

pub async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.expect("something happens in time")
}
