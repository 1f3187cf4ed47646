//! Two strangers meet on a running hub, talk, and part.
//!
//! ```sh
//! cargo run --release &
//! cargo run --example two_strangers
//! cargo run --example two_strangers -- ws://192.168.1.100:8002
//! ```
//!
//! A client is a WebSocket that sends and receives JSON objects. It registers, and from then on everything that
//! the person types goes into `chat_message`: commands like `#meet`, and texts for the partner.

#![allow(clippy::indexing_slicing, reason = "a field that a frame does not have reads as null")]

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::error::Error;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use uuid::Uuid;

type Failure = Box<dyn Error>;

/// Whoever waits longer for an answer is not alone on the hub, and has met somebody else.
const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "ws://localhost:8002".to_owned());
    let mut a = Stranger::join(&url, "User_A").await?;
    let mut b = Stranger::join(&url, "User_B").await?;

    a.types("#meet").await?;
    a.sees().await?;
    b.types("#meet").await?;
    b.sees().await?;
    a.sees().await?;

    a.types("Hello! How are you?").await?;
    b.sees().await?;
    b.types("I'm good, thanks! Where are you from?").await?;
    a.sees().await?;

    a.types("#who").await?;
    a.sees().await?;
    a.types("#bye").await?;
    a.sees().await?;
    b.sees().await?;

    a.socket.close(Some(goodbye())).await?;
    b.socket.close(Some(goodbye())).await?;
    Ok(())
}

/// One of the two, with their connection.
struct Stranger {
    name: &'static str,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Stranger {
    /// Connects and says who it is. The hub says nothing before that.
    async fn join(url: &str, name: &'static str) -> Result<Self, Failure> {
        let (socket, _) = connect_async(url).await.map_err(|error| format!("{url}: {error}"))?;
        let mut stranger = Self { name, socket };
        stranger
            .send(json!({"type": "register", "nickname": name, "session": Uuid::new_v4().to_string()}))
            .await?;
        let answer = stranger.receive().await?;
        if answer["type"] != "registration_confirmed" {
            return Err(format!("{name} was not registered: {answer}").into());
        }
        Ok(stranger)
    }

    async fn types(&mut self, line: &str) -> Result<(), Failure> {
        println!("{}: {line}", self.name);
        self.send(json!({"type": "chat_message", "message": line})).await
    }

    /// Waits for the next thing to show, and shows it.
    async fn sees(&mut self) -> Result<(), Failure> {
        loop {
            let frame = self.receive().await?;
            if let Some(text) = shown(&frame) {
                // What a stranger writes comes as it is, so nothing in it may steer this terminal.
                let text: String = text.chars().filter(|c| !c.is_control()).collect();
                println!("    {} sees: {text}", self.name);
                return Ok(());
            }
        }
    }

    async fn send(&mut self, frame: Value) -> Result<(), Failure> {
        Ok(self.socket.send(Message::text(frame.to_string())).await?)
    }

    async fn receive(&mut self) -> Result<Value, Failure> {
        let late = || format!("{} waits in vain: is somebody else on this hub?", self.name);
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await.map_err(|_| late())?;
            match message.ok_or("the hub closed the connection")?? {
                Message::Text(text) => return Ok(serde_json::from_str(&text)?),
                Message::Close(frame) => return Err(format!("the hub closed: {frame:?}").into()),
                _ => {} // Pings: the library answers them.
            }
        }
    }
}

/// What a person sees of a frame. Types that a client does not know it passes over.
fn shown(frame: &Value) -> Option<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match frame["type"].as_str()? {
        "response" => text(&frame["content"]["text"]),
        "chat_event" => text(&frame["text"]),
        "chat_message" => Some(format!("{}: {}", text(&frame["from"])?, text(&frame["message"])?)),
        "error" => text(&frame["error"]),
        _ => None,
    }
}

/// 1000 tells the others at once that we are gone; after any other end the hub waits for us to come back.
fn goodbye() -> CloseFrame {
    CloseFrame { code: CloseCode::Normal, reason: "".into() }
}
