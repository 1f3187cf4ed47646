//! Every kind of frame that the hub sends, from real conversations. Those that take a broken network to see are
//! built by the types that write them.

use crate::test_client::TestClient;
use crate::test_server::TestServer;
use serde_json::{Value, json};
use std::time::Duration;
use strowger::core::{Millis, Notice};
use strowger::wire::{Code, Content, LIMIT_CONTACTS, Pos, ServerFrame, TextResult, Timestamp};

const COMMANDS: [&str; 9] =
    ["#meet", "#again", "#bye", "#hide", "#who", "#help", "#block", "#unblock", "#report"];

/// All that was sent.
#[derive(Default)]
pub struct Album {
    pub frames: Vec<Value>,
}

/// All of them, as they came.
pub async fn every_frame() -> Vec<Value> {
    let mut album = Album::default();
    album.strangers_to_the_hub().await;
    album.registrations().await;
    album.a_session().await;
    for state in ["idle", "waiting", "paired"] {
        for command in COMMANDS {
            album.a_command(state, command).await;
        }
    }
    album.a_search().await;
    album.a_conversation().await;
    album.limits().await;
    album.a_return().await;
    album.a_shared_account().await;
    album.built();
    album.frames
}

impl Album {
    /// Sends a frame without and with a `request_id`, and keeps both answers.
    async fn asks(&mut self, client: &mut TestClient, frame: Value) {
        self.asks_once(client, frame.clone()).await;
        let mut named = frame;
        named["request_id"] = json!("7");
        self.asks_once(client, named).await;
    }

    pub async fn asks_once(&mut self, client: &mut TestClient, frame: Value) {
        client.send(frame).await;
        self.sees(client).await;
    }

    async fn says(&mut self, client: &mut TestClient, line: &str) {
        self.asks_once(client, chat(line)).await;
    }

    /// Keeps the next frame that comes.
    async fn sees(&mut self, client: &mut TestClient) {
        self.frames.push(client.next().await);
    }

    async fn strangers_to_the_hub(&mut self) {
        let server = TestServer::start().await;
        let mut client = TestClient::connect(&server.url()).await;
        for text in ["{", "[]"] {
            client.send_text(text).await;
            self.sees(&mut client).await;
        }
        let contacts = vec!["x"; LIMIT_CONTACTS + 1];
        for frame in [
            json!({"type": "ping"}),
            json!({"message": "a frame without a type"}),
            json!({"type": "foo"}),
            json!({"type": "get_status"}),
            json!({"type": "chat_typing"}),
            json!({"type": "contact_list_update", "contacts": contacts}),
            chat("#meet"),
        ] {
            self.asks(&mut client, frame).await;
        }
        server.step(Duration::from_secs(11));
        self.frames.extend(client.ended().await.0);
    }

    async fn registrations(&mut self) {
        let server = TestServer::start().await;
        let mut client = TestClient::connect(&server.url()).await;
        self.asks(&mut client, json!({"type": "register", "client_id": "phone"})).await;
        self.asks(&mut client, json!({"type": "register", "resume_token": "…"})).await;
        self.asks(&mut client, json!({"type": "register", "session": "another"})).await;
        for frame in [
            json!({"type": "ai_request"}),
            json!({"type": "start_conversation"}),
            json!({"type": "chat_typing"}),
            json!({"type": "contact_list_update", "contacts": [5]}),
            json!({"type": "contact_list_update", "contacts": vec!["x"; LIMIT_CONTACTS + 1]}),
        ] {
            self.asks(&mut client, frame).await;
        }
        let mut second = TestClient::connect(&server.url()).await;
        self.asks(&mut second, json!({"type": "register", "client_id": "phone"})).await;
    }

    async fn a_session(&mut self) {
        let server = TestServer::start().await;
        let mut phone = TestClient::connect(&server.url()).await;
        let mut laptop = TestClient::connect(&server.url()).await;
        self.asks_once(&mut phone, json!({"type": "register"})).await;
        self.asks_once(&mut laptop, json!({"type": "register"})).await;
        self.sees(&mut phone).await;
        let update = json!({"type": "contact_list_update", "contacts": ["John", {"name": "Sarah"}]});
        self.asks(&mut phone, update).await;
        self.sees(&mut laptop).await;
        phone.close().await;
        self.sees(&mut laptop).await;
        self.sees(&mut laptop).await;
    }

    /// One command in one state, in a hub of its own: nobody else is there to be met.
    async fn a_command(&mut self, state: &str, command: &str) {
        for id in [Value::Null, json!("7")] {
            let server = TestServer::start().await;
            let mut client = TestClient::join(&server.url(), "User_A").await;
            let mut other = TestClient::join(&server.url(), "User_B").await;
            if state != "idle" {
                self.says(&mut client, "#meet").await;
            }
            if state == "paired" {
                self.says(&mut other, "#meet").await;
                self.sees(&mut client).await;
            }
            let frame = json!({"type": "chat_message", "message": command, "request_id": id});
            self.asks_once(&mut client, frame).await;
        }
    }

    async fn a_search(&mut self) {
        let server = TestServer::start().await;
        let url = server.url();
        let mut people = Vec::new();
        for name in ["User_A", "User_B", "User_C"] {
            people.push(TestClient::join(&url, name).await);
        }
        let [a, b, c] = people.as_mut_slice() else { panic!("three people") };
        self.says(a, "#meet").await;
        server.step(Duration::from_secs(4));
        self.asks_once(b, json!({"type": "chat_message", "message": "#meet", "request_id": "7"})).await;
        self.sees(a).await;
        self.says(c, "#meet").await;
        self.asks_once(a, json!({"type": "chat_message", "message": "#again", "request_id": "7"})).await;
        for line in ["#meat", "#meet a, b, c, d, e, f, g, h, i, j, k"] {
            self.asks(a, chat(line)).await;
        }
        self.sees(c).await;
        self.sees(b).await;
    }

    async fn a_conversation(&mut self) {
        let server = TestServer::with(&["chat.idle_after=5s", "limits.text=100"]).await;
        let mut a = TestClient::join(&server.url(), "User_A").await;
        let mut b = TestClient::join(&server.url(), "User_B").await;
        self.asks(&mut a, chat("Hello?")).await;
        self.says(&mut a, "#meet").await;
        self.says(&mut b, "#meet").await;
        self.sees(&mut a).await;
        self.asks_once(&mut a, json!({"type": "chat_message", "message": "Hello!", "request_id": "7"})).await;
        self.sees(&mut b).await;
        for active in [true, false] {
            a.send(json!({"type": "chat_typing", "active": active})).await;
            self.sees(&mut b).await;
        }
        self.asks(&mut a, chat(&"x".repeat(101))).await;
        self.says(&mut b, "#hide").await;
        server.step(Duration::from_secs(5));
        self.sees(&mut a).await;
        self.sees(&mut b).await;
    }

    async fn a_return(&mut self) {
        let server = TestServer::start().await;
        let mut a = TestClient::join(&server.url(), "User_A").await;
        let mut b = TestClient::connect(&server.url()).await;
        b.send(json!({"type": "register"})).await;
        let mut token = b.expect("registration_confirmed").await["resume_token"].clone();
        self.says(&mut a, "#meet").await;
        self.says(&mut b, "#meet").await;
        self.sees(&mut a).await;
        for pos in ["0", "nonsense"] {
            drop(b);
            self.sees(&mut a).await;
            let frame = json!({"type": "chat_message", "message": "Hello?", "request_id": "7"});
            self.asks_once(&mut a, frame).await;
            b = TestClient::connect(&server.url()).await;
            b.send(json!({"type": "register", "resume_token": token, "last_pos": pos, "request_id": "r"}))
                .await;
            let confirmation = b.expect("registration_confirmed").await;
            token = confirmation["resume_token"].clone();
            self.frames.push(confirmation);
            self.sees(&mut b).await;
            self.sees(&mut a).await;
        }
    }

    async fn limits(&mut self) {
        let server = TestServer::with(&["limits.meets_per_minute=1"]).await;
        let mut client = TestClient::join(&server.url(), "User_A").await;
        for line in ["#meet", "#bye"] {
            self.says(&mut client, line).await;
        }
        for line in ["#meet", "#again"] {
            self.asks(&mut client, chat(line)).await;
        }
    }

    fn built(&mut self) {
        let timestamp = Timestamp(1_767_323_045_678);
        for request_id in [None, Some("7")] {
            for (code, retry_after_ms) in [(Code::NotPaired, None), (Code::Overloaded, Some(1_000))] {
                let (message, pos) = ("Hello!", Some(Pos(7)));
                self.keeps(&ServerFrame::ChatMessageFailed {
                    request_id,
                    message,
                    code,
                    retry_after_ms,
                    pos,
                });
            }
            for notice in [Notice::PartnerTooSlow, Notice::PartnerLeft, Notice::TooFast(Millis::seconds(1))] {
                let content = Content::ChatMessageResult(TextResult::refused(&notice));
                self.keeps(&ServerFrame::Response { request_id, content, timestamp });
            }
        }
        let (code, error) = (Code::Overloaded, "too slow: what was sent to you was not read".into());
        let (retry_after_ms, request_type, request_id) = (None, None, None);
        self.keeps(&ServerFrame::Error { code, retry_after_ms, error, request_type, request_id, timestamp });
    }

    fn keeps(&mut self, frame: &ServerFrame<'_>) {
        let mut written = Vec::new();
        frame.write(&mut written).expect("memory takes everything");
        self.frames.push(serde_json::from_slice(&written).expect("JSON"));
    }
}

fn chat(line: &str) -> Value {
    json!({"type": "chat_message", "message": line})
}
