//! A client that knows the frames: sends, and waits for what should come.

#[path = "frames.rs"]
pub mod frames;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long anything may take before a test gives up on it.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// One WebSocket to the hub.
pub struct TestClient {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl TestClient {
    /// Connects and says nothing.
    pub async fn connect(url: &str) -> Self {
        let (socket, _) = connect_async(url).await.expect("the hub takes the connection");
        Self { socket }
    }

    /// Connects and registers under this nickname, in a session of its own.
    pub async fn join(url: &str, nickname: &str) -> Self {
        let mut client = Self::connect(url).await;
        client
            .send(json!({"type": "register", "nickname": nickname, "session": format!("of {nickname}")}))
            .await;
        client.expect("registration_confirmed").await;
        client
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: Value) {
        self.send_text(&frame.to_string()).await;
    }

    /// Sends text that may be no frame at all.
    pub async fn send_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.expect("the hub reads");
    }

    /// Types a line.
    pub async fn say(&mut self, line: &str) {
        self.send(json!({"type": "chat_message", "message": line})).await;
    }

    /// Types a command and returns the `content` of its answer.
    pub async fn ask(&mut self, line: &str) -> Value {
        self.send(json!({"type": "chat_message", "message": line, "request_id": line})).await;
        loop {
            let frame = self.next().await;
            if frame["request_id"] == line {
                return frame["content"].clone();
            }
        }
    }

    /// The next frame.
    pub async fn next(&mut self) -> Value {
        match self.next_message().await {
            Some(Message::Text(text)) => {
                let frame = serde_json::from_str(&text).expect("every frame is JSON");
                frames::check(&frame);
                frame
            }
            other => panic!("a frame was expected and {other:?} came"),
        }
    }

    /// The next frame, which has this type.
    pub async fn expect(&mut self, kind: &str) -> Value {
        let frame = self.next().await;
        assert_eq!(frame["type"], kind, "{frame}");
        frame
    }

    /// The next frame, which was pushed: what it says without its position.
    pub async fn pushed(&mut self) -> Value {
        let mut frame = self.next().await;
        let pos = frame.as_object_mut().and_then(|frame| frame.remove("pos"));
        let pos = pos.as_ref().and_then(Value::as_str).unwrap_or_default();
        assert!((1..=64).contains(&pos.len()), "a pushed frame has a position: {frame}");
        frame
    }

    /// The next text from the partner, passing over whatever else comes before it.
    pub async fn hear(&mut self) -> String {
        loop {
            let frame = self.next().await;
            if frame["type"] == "chat_message" {
                return frame["message"].as_str().expect("a text").to_owned();
            }
        }
    }

    /// Waits for the end of the connection: the frames before it, and the close code if there was one.
    pub async fn ended(&mut self) -> (Vec<Value>, Option<u16>) {
        let (mut frames, mut code) = (Vec::new(), None);
        loop {
            match self.next_message().await {
                Some(Message::Text(text)) => {
                    let frame = serde_json::from_str(&text).expect("JSON");
                    frames::check(&frame);
                    frames.push(frame);
                }
                // Only reading on sends the answer to it.
                Some(Message::Close(frame)) => code = frame.map(|frame| frame.code.into()),
                Some(_) => {}
                None => return (frames, code),
            }
        }
    }

    /// Says goodbye.
    pub async fn close(mut self) {
        let goodbye = CloseFrame { code: CloseCode::Normal, reason: "".into() };
        self.socket.close(Some(goodbye)).await.expect("the hub hears the goodbye");
        self.ended().await;
    }

    async fn next_message(&mut self) -> Option<Message> {
        loop {
            let message =
                tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("something comes in time");
            match message {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(message)) => return Some(message),
                Some(Err(_)) | None => return None,
            }
        }
    }
}

/// Two clients who have just met: the one who waited, and the one who came.
pub async fn couple(url: &str) -> (TestClient, TestClient) {
    let (mut a, mut b) = (TestClient::join(url, "User_A").await, TestClient::join(url, "User_B").await);
    assert_eq!(a.ask("#meet").await["state"], "waiting");
    assert_eq!(b.ask("#meet").await["state"], "paired");
    assert_eq!(a.expect("chat_event").await["event"], "matched");
    (a, b)
}
