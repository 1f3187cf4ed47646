//! Somebody loses the connection in the middle of a chat, and goes on where they were: nothing is lost, nothing
//! comes twice.
//!
//! ```sh
//! cargo run --release &
//! cargo run --example come_back
//! cargo run --example come_back -- ws://192.168.1.100:8002
//! ```
//!
//! It takes two things to come back: the `resume_token` of the last confirmation says who it is, the `pos` of the
//! last pushed frame says how far they have come.

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
type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Whoever waits longer for an answer is not alone on the hub, and has met somebody else.
const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "ws://localhost:8002".to_owned());
    let mut a = Person::join(&url, "User_A").await?;
    let mut b = Person::join(&url, "User_B").await?;
    a.types("#meet").await?;
    a.sees().await?;
    b.types("#meet").await?;
    b.sees().await?;
    a.sees().await?;
    a.types("Can you hear me?").await?;
    a.sees().await?;
    b.sees().await?;

    println!("User_B loses the connection");
    let lost = b.lose();
    a.sees().await?;
    for line in ["Hello?", "I'll just go on."] {
        a.types(line).await?;
        a.sees().await?;
    }

    println!("User_B comes back");
    let mut b = lost.come_back(&url).await?;
    for _ in 0..2 {
        b.sees().await?;
    }
    a.sees().await?;
    a.leave().await?;
    b.leave().await
}

/// What outlives a connection.
struct Place {
    name: &'static str,
    session: String,
    /// Good for one return.
    token: Option<String>,
    /// Of the last pushed frame that was dealt with.
    pos: String,
}

/// Somebody who is connected.
struct Person {
    place: Place,
    socket: Socket,
}

impl Place {
    /// Registers by a new connection; with a token, this goes on with the registration that there was.
    async fn come_back(self, url: &str) -> Result<Person, Failure> {
        let (socket, _) = connect_async(url).await.map_err(|error| format!("{url}: {error}"))?;
        let mut person = Person { place: self, socket };
        let Place { name, session, token, pos } = &person.place;
        let (is_return, name) = (token.is_some(), *name);
        let frame = json!({"type": "register", "nickname": name, "session": session,
            "resume_token": token, "last_pos": pos});
        person.send(frame).await?;
        let answer = person.receive().await?;
        let token = answer["resume_token"].as_str().ok_or_else(|| format!("{name} was refused: {answer}"))?;
        person.place.token = Some(token.to_owned());
        if is_return && answer["recovered"] != true {
            return Err(format!("{name} missed something: {}", answer["missed"]).into());
        }
        Ok(person)
    }
}

impl Person {
    async fn join(url: &str, name: &'static str) -> Result<Self, Failure> {
        // A registration begins at 0.
        let (session, pos) = (Uuid::new_v4().to_string(), "0".to_owned());
        Place { name, session, token: None, pos }.come_back(url).await
    }

    /// Drops the connection without a goodbye, as a network does.
    fn lose(self) -> Place {
        self.place
    }

    async fn types(&mut self, line: &str) -> Result<(), Failure> {
        println!("{}: {line}", self.place.name);
        // Who gives a request an id hears what became of it.
        self.send(json!({"type": "chat_message", "message": line, "request_id": line})).await
    }

    /// Waits for the next frame, and shows it.
    async fn sees(&mut self) -> Result<(), Failure> {
        let frame = self.receive().await?;
        // What a stranger writes comes as it is, so nothing in it may steer this terminal.
        let text: String = shown(&frame).chars().filter(|c| !c.is_control()).collect();
        println!("    {} sees: {text}", self.place.name);
        Ok(())
    }

    async fn send(&mut self, frame: Value) -> Result<(), Failure> {
        Ok(self.socket.send(Message::text(frame.to_string())).await?)
    }

    async fn receive(&mut self) -> Result<Value, Failure> {
        let late = || format!("{} waits in vain: is somebody else on this hub?", self.place.name);
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await.map_err(|_| late())?;
            match message.ok_or("the hub closed the connection")?? {
                Message::Text(text) => {
                    let frame: Value = serde_json::from_str(&text)?;
                    // Answers have no position.
                    if let Some(pos) = frame["pos"].as_str() {
                        self.place.pos = pos.to_owned();
                    }
                    return Ok(frame);
                }
                Message::Close(frame) => return Err(format!("the hub closed: {frame:?}").into()),
                _ => {} // Pings: the library answers them.
            }
        }
    }

    /// 1000 tells the partner at once that we are gone; after any other end the hub waits for us to come back.
    async fn leave(mut self) -> Result<(), Failure> {
        Ok(self.socket.close(Some(CloseFrame { code: CloseCode::Normal, reason: "".into() })).await?)
    }
}

fn shown(frame: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let content = &frame["content"];
    match frame["type"].as_str() {
        Some("response") if content["delivered"] == true => "delivered".to_owned(),
        Some("response") if content["queued"] == true => "held until the partner is back".to_owned(),
        Some("response") => text(&content["text"]),
        Some("chat_event") => text(&frame["text"]),
        Some("chat_message") => format!("{}: {}", text(&frame["from"]), text(&frame["message"])),
        _ => frame.to_string(),
    }
}
