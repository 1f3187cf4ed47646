//! The clients of one session share their contacts: one gives them, all get them, also who comes later.
//!
//! ```sh
//! cargo run --release &
//! cargo run --example shared_session
//! cargo run --example shared_session -- ws://192.168.1.100:8002
//! ```

#![allow(clippy::indexing_slicing, reason = "a field that a frame does not have reads as null")]

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::error::Error;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use uuid::Uuid;

type Failure = Box<dyn Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "ws://localhost:8002".to_owned());
    // Whoever names the same session is in it, so it takes a name that nobody guesses.
    let session = format!("team {}", Uuid::new_v4());

    let mut phone = Device::join(&url, &session, "phone").await?;
    let mut laptop = Device::join(&url, &session, "laptop").await?;
    phone.sees("client_joined").await?;

    println!("laptop shares its contacts");
    laptop.send(json!({"type": "contact_list_update", "contacts": ["John", "Sarah", "Mike"]})).await?;
    laptop.sees("contact_list_broadcast").await?;
    phone.sees("contact_list_broadcast").await?;

    let mut tablet = Device::join(&url, &session, "tablet").await?;
    tablet.sees("contact_list_broadcast").await?;
    phone.sees("client_joined").await?;
    laptop.sees("client_joined").await?;

    laptop.leave().await?;
    phone.sees("client_left").await?;
    tablet.sees("client_left").await?;
    phone.leave().await?;
    tablet.leave().await
}

/// A client of the session.
struct Device {
    name: &'static str,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Device {
    async fn join(url: &str, session: &str, name: &'static str) -> Result<Self, Failure> {
        let (socket, _) = connect_async(url).await.map_err(|error| format!("{url}: {error}"))?;
        let mut device = Self { name, socket };
        // The name is what the others read. Without a client_id the hub makes one of it.
        device.send(json!({"type": "register", "client_name": name, "session": session})).await?;
        device.sees("registration_confirmed").await?;
        Ok(device)
    }

    async fn send(&mut self, frame: Value) -> Result<(), Failure> {
        Ok(self.socket.send(Message::text(frame.to_string())).await?)
    }

    /// Waits for the next frame, which has to be of this type, and shows it.
    async fn sees(&mut self, kind: &str) -> Result<(), Failure> {
        let frame = self.receive().await?;
        if frame["type"] != kind {
            return Err(format!("{} expected {kind} and got {frame}", self.name).into());
        }
        println!("    {} sees: {}", self.name, shown(kind, &frame));
        Ok(())
    }

    async fn receive(&mut self) -> Result<Value, Failure> {
        loop {
            match self.socket.next().await.ok_or("the hub closed the connection")?? {
                Message::Text(text) => return Ok(serde_json::from_str(&text)?),
                Message::Close(frame) => return Err(format!("the hub closed: {frame:?}").into()),
                _ => {} // Pings: the library answers them.
            }
        }
    }

    /// Says goodbye, and waits until the hub has said it too: then everybody knows.
    async fn leave(mut self) -> Result<(), Failure> {
        println!("{} leaves", self.name);
        self.socket.close(Some(goodbye())).await?;
        while let Some(Ok(_)) = self.socket.next().await {}
        Ok(())
    }
}

fn shown(kind: &str, frame: &Value) -> String {
    match kind {
        "registration_confirmed" => "registered".to_owned(),
        "client_joined" => format!("{} joined", frame["client_name"].as_str().unwrap_or("somebody")),
        "client_left" => format!("{} left", frame["client_name"].as_str().unwrap_or("somebody")),
        // At most twenty names come with it; total_count counts all.
        "contact_list_broadcast" => {
            let names = frame["contacts"].as_array().into_iter().flatten().filter_map(Value::as_str);
            format!("{} ({} contacts)", names.collect::<Vec<_>>().join(", "), frame["total_count"])
        }
        _ => frame.to_string(),
    }
}

/// 1000 tells the others at once that we are gone; after any other end the hub waits for us to come back.
fn goodbye() -> CloseFrame {
    CloseFrame { code: CloseCode::Normal, reason: "".into() }
}
