//! Any door meets any door: people at WebSockets, by MCP and by REST talk with each other as if there were one door.
//! The page is a WebSocket, and the browser's own tests talk across doors, too.

use crate::mcp_client::{Mcp, house};
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use crate::web;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// Above the default of `chat.rematch_after`.
const A_WHILE: Duration = Duration::from_secs(11);
/// How many lines go each way.
const LINES: usize = 20;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Door {
    Socket,
    Mcp,
    Rest,
}

const DOORS: [Door; 3] = [Door::Socket, Door::Mcp, Door::Rest];

/// Somebody at a door, and what they have heard that they did not look at yet.
struct Somebody {
    name: String,
    way: Way,
    heard: Vec<Heard>,
    /// The positions of lines from the inbox: what was shown is shown once more to who asks again at once.
    seen: BTreeSet<String>,
}

enum Way {
    Socket(Box<TestClient>),
    Mcp(Mcp),
    Rest(u16),
}

#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Matched(String),
    Line(String, String),
    Left,
}

/// What a command is answered with.
struct Told {
    text: String,
    state: String,
}

impl Somebody {
    async fn at(door: Door, server: &TestServer, name: String) -> Self {
        let way = match door {
            Door::Socket => Way::Socket(Box::new(TestClient::join(&server.url(), &name).await)),
            Door::Mcp => Way::Mcp(Mcp::of(server)),
            Door::Rest => Way::Rest(server.port()),
        };
        Self { name, way, heard: Vec::new(), seen: BTreeSet::new() }
    }

    /// Types a command.
    async fn asks(&mut self, command: &str) -> Told {
        let content = match &mut self.way {
            Way::Socket(client) => {
                client.send(json!({"type": "chat_message", "message": command, "request_id": command})).await;
                loop {
                    let frame = client.next().await;
                    if frame["request_id"] == command {
                        break frame["content"].clone();
                    }
                    self.heard.extend(Heard::in_frame(&frame));
                }
            }
            Way::Mcp(mcp) => mcp.say(&self.name, command).await.content().clone(),
            Way::Rest(port) => post(*port, &self.name, command).await,
        };
        self.look(&content);
        let text =
            [&content["text"], &content["reply"], &content["detail"]].into_iter().find_map(Value::as_str);
        let state = content["state"].as_str().unwrap_or_else(|| panic!("{content}"));
        Told { text: text.expect("a text").to_owned(), state: state.to_owned() }
    }

    /// What was in the inbox.
    fn look(&mut self, content: &Value) {
        for line in content["messages"].as_array().into_iter().flatten() {
            if self.seen.insert(line["pos"].as_str().expect("a position").to_owned()) {
                self.heard.extend(Heard::in_line(line));
            }
        }
    }

    /// Types a text that has to be taken.
    async fn says(&mut self, text: &str) {
        if let Way::Socket(client) = &mut self.way {
            client.send(json!({"type": "chat_message", "message": text, "request_id": text})).await;
            loop {
                let frame = client.next().await;
                if frame["request_id"] == text {
                    return assert_eq!(frame["content"]["success"], true, "{frame}");
                }
                self.heard.extend(Heard::in_frame(&frame));
            }
        }
        assert_eq!(self.asks(text).await.text, "📤 Message sent.", "{}: {text}", self.name);
    }

    /// The next thing that happened. At a socket it comes by itself; elsewhere one look is enough.
    async fn hears(&mut self) -> Heard {
        if self.heard.is_empty() {
            match &mut self.way {
                Way::Socket(client) => loop {
                    self.heard.extend(Heard::in_frame(&client.next().await));
                    if !self.heard.is_empty() {
                        break;
                    }
                },
                Way::Mcp(mcp) => {
                    let said = mcp.say(&self.name, "#m").await;
                    self.look(said.content());
                }
                Way::Rest(port) => {
                    let path = format!("/api/v1/chat/{}/messages", self.name);
                    let answer = web::get(*port, &path).await;
                    assert_eq!(answer.status, 200, "{answer:?}");
                    self.look(&serde_json::from_str(&answer.body).expect("JSON"));
                }
            }
        }
        assert!(!self.heard.is_empty(), "{} hears nothing", self.name);
        self.heard.remove(0)
    }
}

async fn post(port: u16, who: &str, message: &str) -> Value {
    let body = json!({"message": message, "nickname": who}).to_string();
    let answer = web::request(
        port,
        &format!(
            "POST /api/v1/chat/{who}/messages HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ),
    )
    .await;
    serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {answer:?}"))
}

impl Heard {
    /// What a frame of a socket says.
    fn in_frame(frame: &Value) -> Option<Self> {
        let text = |field: &str| frame[field].as_str().expect("a text").to_owned();
        match (frame["type"].as_str()?, frame["event"].as_str()) {
            ("chat_message", _) => Some(Self::Line(text("from"), text("message"))),
            ("chat_event", Some("matched")) => Some(Self::Matched(text("partner"))),
            ("chat_event", Some("partner_left")) => Some(Self::Left),
            _ => None,
        }
    }

    fn in_line(line: &Value) -> Option<Self> {
        let shown = line["text"].as_str().expect("a line");
        let behind = |start: &str, end: &str| shown.strip_prefix(start)?.strip_suffix(end).map(str::to_owned);
        match line["event"].as_str()? {
            "message" => {
                let from = line["from"].as_str().expect("a name").to_owned();
                let text = behind(&format!("📤 Message sent to your partner from {from}: "), "")?;
                Some(Self::Line(from, text))
            }
            "matched" => {
                let partner = behind("🎉 Connected! You're now chatting with ", ". Say hello!")
                    .or_else(|| behind("🔄 New connection! You're now chatting with ", ". Say hello!"));
                partner.map(Self::Matched)
            }
            "partner_left" => Some(Self::Left),
            _ => None,
        }
    }
}

/// Lines from one to the other, which have to come in order.
async fn talk(from: &mut Somebody, to: &mut Somebody, lines: impl Iterator<Item = String> + Clone) {
    for line in lines.clone() {
        from.says(&line).await;
    }
    for line in lines {
        assert_eq!(to.hears().await, Heard::Line(from.name.clone(), line));
    }
}

/// A whole conversation, the first of the two being the one who waits.
async fn converse(server: &TestServer, one: &mut Somebody, other: &mut Somebody) {
    assert_eq!(one.asks("#meet").await.state, "waiting");
    let met = other.asks("#meet").await;
    assert_eq!(met.state, "paired");
    assert_eq!(met.text, format!("🎉 Connected! You're now chatting with {}. Say hello!", one.name));
    assert_eq!(one.hears().await, Heard::Matched(other.name.clone()));
    let lines = |of: &str| {
        let of = of.to_owned();
        (1..=LINES).map(move |n| format!("line {n} of {of}, ünï 🙂"))
    };
    talk(one, other, lines(&one.name.clone())).await;
    talk(other, one, lines(&other.name.clone())).await;
    assert_eq!(one.asks("#who").await.text, format!("👤 You're chatting with: {}", other.name));
    assert_eq!(other.asks("#who").await.text, format!("👤 You're chatting with: {}", one.name));
    one.says("call 9876543210").await;
    assert_eq!(other.hears().await, Heard::Line(one.name.clone(), "call [hidden]".into()));
    assert_eq!(one.asks("#hide").await.text, "🔒 Phone number masking is now OFF.");
    one.says("call 9876543210").await;
    assert_eq!(other.hears().await, Heard::Line(one.name.clone(), "call 9876543210".into()));
    assert_eq!(one.asks("#hide").await.text, "🔒 Phone number masking is now ON.");
    other.says("the last line before").await;
    let again = one.asks("#again").await;
    assert_eq!(
        (again.state.as_str(), again.text.as_str()),
        ("waiting", "🔍 Looking for a new chat partner... Please wait!")
    );
    assert_eq!(one.hears().await, Heard::Line(other.name.clone(), "the last line before".into()));
    assert_eq!(other.hears().await, Heard::Left);
    assert_eq!(other.asks("#meet").await.state, "waiting", "they just parted");
    server.step(A_WHILE);
    assert_eq!(one.hears().await, Heard::Matched(other.name.clone()));
    assert_eq!(other.hears().await, Heard::Matched(one.name.clone()));
    talk(one, other, std::iter::once("hello again".to_owned())).await;
    let bye = other.asks("#bye").await;
    assert_eq!(
        (bye.state.as_str(), bye.text.as_str()),
        ("idle", "👋 Chat ended. Use #meet to connect with someone new!")
    );
    assert_eq!(one.hears().await, Heard::Left);
    assert_eq!(one.asks("#who").await.text, "You're not currently in a chat. Use #meet to connect!");
}

#[tokio::test]
async fn people_at_any_two_doors_have_a_whole_conversation() {
    let server = house().await;
    for one in DOORS {
        for other in DOORS {
            let mut first = Somebody::at(one, &server, format!("Ann_{one:?}_{other:?}")).await;
            let mut second = Somebody::at(other, &server, format!("Bob_{one:?}_{other:?}")).await;
            converse(&server, &mut first, &mut second).await;
        }
    }
}
