//! The clients of one session share a WhatsApp account: contacts, what is sent and received, and its history.
//!
//! ```sh
//! cargo run --release &
//! cargo run --example shared_session
//! cargo run --example shared_session -- ws://192.168.1.100:8002
//! ```
//!
//! By itself the hub sends nothing, and says so: `simulated`. With a bridge in the session messages get
//! further:
//!
//! ```sh
//! python examples/bridge.py team &
//! cargo run --example shared_session -- ws://localhost:8002 team
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
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "ws://localhost:8002".to_owned());
    // Whoever names the same session is in it, so it takes a name that nobody guesses.
    let session = arguments.next().unwrap_or_else(|| format!("team {}", Uuid::new_v4()));

    let mut phone = Device::join(&url, &session, "phone").await?;
    let mut laptop = Device::join(&url, &session, "laptop").await?;
    phone.sees("client_joined").await?;

    share_contacts(&mut phone, &mut laptop).await?;
    send(&mut phone, &mut laptop).await?;
    look_back(&mut laptop).await?;

    // Who comes later hears how things stand.
    let mut tablet = Device::join(&url, &session, "tablet").await?;
    tablet.sees("contact_list_broadcast").await?;
    tablet.sees("session_status").await?;
    phone.sees("client_joined").await?;

    laptop.leave().await?;
    phone.sees("client_left").await?;
    tablet.sees("client_left").await?;
    phone.leave().await?;
    tablet.leave().await
}

/// One gives the contacts, all get them. To the one who gave them it is the answer.
async fn share_contacts(phone: &mut Device, laptop: &mut Device) -> Result<(), Failure> {
    println!("laptop shares its contacts");
    laptop.send(json!({"type": "contact_list_update", "contacts": ["John", "Sarah", "Mike"]})).await?;
    laptop.sees("contact_list_broadcast").await?;
    phone.sees("contact_list_broadcast").await
}

/// A message in plain words and one as an action. Whoever sends, all see it.
async fn send(phone: &mut Device, laptop: &mut Device) -> Result<(), Failure> {
    println!("phone: send john a message saying hello");
    let sentence = "send john a message saying hello";
    phone.asks(json!({"type": "whatsapp_ai_command", "command": sentence})).await?;
    laptop.sees("whatsapp_message").await?;

    println!("laptop sends an action");
    let action = json!({"action": "send", "contact": "Sarah", "message": "Lunch at noon?"});
    laptop.asks(json!({"type": "whatsapp_command", "command": action})).await?;
    phone.sees("whatsapp_message").await?;

    // The whole session speaks of the same person, so this goes to Sarah.
    println!("phone: tell her I am late");
    phone.asks(json!({"type": "whatsapp_ai_command", "command": "tell her I am late"})).await?;
    laptop.sees("whatsapp_message").await
}

/// What the session remembers, for any of its clients.
async fn look_back(laptop: &mut Device) -> Result<(), Failure> {
    println!("laptop looks back");
    laptop.asks(json!({"type": "get_history", "count": 3})).await?;
    laptop.asks(json!({"type": "search", "query": "lunch"})).await?;
    laptop.asks(json!({"type": "get_status"})).await
}

/// A client of the session.
struct Device {
    name: &'static str,
    /// Numbers the requests: the answer to each carries its number.
    requests: u64,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Device {
    async fn join(url: &str, session: &str, name: &'static str) -> Result<Self, Failure> {
        let (socket, _) = connect_async(url).await.map_err(|error| format!("{url}: {error}"))?;
        let mut device = Self { name, requests: 0, socket };
        // The name is what the others read. Without a client_id the hub makes one of it.
        device.send(json!({"type": "register", "client_name": name, "session": session})).await?;
        device.sees("registration_confirmed").await?;
        Ok(device)
    }

    async fn send(&mut self, frame: Value) -> Result<(), Failure> {
        Ok(self.socket.send(Message::text(frame.to_string())).await?)
    }

    /// Asks for something, and shows the answer, which has to be a good one.
    async fn asks(&mut self, mut request: Value) -> Result<(), Failure> {
        self.requests += 1;
        // The same number with the same request again would be the same request: nothing is sent twice.
        let id = json!(self.requests.to_string());
        request["request_id"] = id.clone();
        self.send(request).await?;
        // News of how far a message got names its request too, and another device has the same numbers.
        let is_answer = |frame: &Value| frame["type"] == "response" && frame["request_id"] == id;
        let answer = self.wait_for(is_answer).await?;
        if answer["content"]["success"] != true {
            return Err(format!("{} is refused: {}", self.name, text(&answer["content"]["text"])).into());
        }
        println!("    {} is answered: {}", self.name, shown(&answer));
        Ok(())
    }

    /// Waits for something of this type that others did, and shows it.
    async fn sees(&mut self, kind: &str) -> Result<(), Failure> {
        let frame = self.wait_for(|frame| frame["type"] == kind).await?;
        println!("    {} sees: {}", self.name, shown(&frame));
        Ok(())
    }

    /// Passes over what else comes: any client and any contact of the session may do something meanwhile.
    async fn wait_for(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Result<Value, Failure> {
        loop {
            let frame = self.receive().await?;
            if frame["type"] == "error" {
                return Err(format!("{}: {}", self.name, frame["error"]).into());
            }
            if is_wanted(&frame) {
                return Ok(frame);
            }
        }
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

fn shown(frame: &Value) -> String {
    let content = &frame["content"];
    let text = match text(&frame["type"]) {
        "registration_confirmed" => "registered".to_owned(),
        "client_joined" => format!("{} joined", text(&frame["client_name"])),
        "client_left" => format!("{} left", text(&frame["client_name"])),
        // At most twenty names come with it; total_count counts all.
        "contact_list_broadcast" => {
            let names: Vec<_> = frame["contacts"].as_array().into_iter().flatten().map(text).collect();
            format!("{} ({} contacts)", names.join(", "), frame["total_count"])
        }
        "whatsapp_message" => message(frame, "message"),
        "session_status" => status(frame),
        _ => match text(&frame["response_type"]) {
            "whatsapp_command_result" => {
                format!("{} to {}", text(&content["state"]), text(&content["contact"]))
            }
            "status" => status(content),
            _ => {
                let messages = content["messages"].as_array().into_iter().flatten();
                messages.map(|found| message(found, "text")).collect::<Vec<_>>().join(" | ")
            }
        },
    };
    // What others write comes as it is, so nothing in it may steer this terminal.
    text.chars().filter(|c| !c.is_control()).collect()
}

fn message(message: &Value, field: &str) -> String {
    let way = if message["direction"] == "incoming" { "from" } else { "to" };
    format!("{way} {}: {}", text(&message["contact"]), text(&message[field]))
}

fn status(status: &Value) -> String {
    format!("WhatsApp is {}, last contact {}", text(&status["whatsapp"]), text(&status["last_contact"]))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// 1000 tells the others at once that we are gone; after any other end the hub waits for us to come back.
fn goodbye() -> CloseFrame {
    CloseFrame { code: CloseCode::Normal, reason: "".into() }
}
