//! REST: every operation of the description is seen to do what it is for, and every status in it is seen somewhere.

use crate::http_client::{HttpClient, template};
use crate::stand_in::{Line, StandIn};
use crate::team;
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use crate::web;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use strowger::ai::Service;
use tokio::io::AsyncWriteExt;

const SETTINGS: [&str; 3] =
    ["whatsapp.timeout=0s", "auth.token=the-token-of-users", "auth.admin_token=the-token-of-admins"];
const TEAM: &str = "/api/v1/sessions/team";

/// What no request brings about: a fault of the hub's own.
const NEVER: [&str; 1] = ["500"];

/// Somebody who notes which operation answered what. Each answer is held against the description as well.
struct Trip {
    server: TestServer,
    _model: StandIn,
    client: HttpClient,
    seen: BTreeSet<(String, String)>,
}

impl Trip {
    async fn asks(&mut self, method: &str, path: &str, body: Option<Value>, status: u16) -> Value {
        let reply = self.client.ask(method, path, body).await;
        assert_eq!(reply.status, status, "{method} {path}: {reply:?}");
        self.note(method, path, status).await;
        reply.body
    }

    async fn note(&mut self, method: &str, path: &str, status: u16) {
        let (template, _) = template(self.client.description().await, path).expect("it is described");
        self.seen.insert((format!("{method} {template}"), status.to_string()));
    }

    async fn sends(&mut self, message: Value, status: u16) -> Value {
        self.asks("POST", &format!("{TEAM}/commands"), Some(message), status).await
    }

    /// What each operation is for.
    async fn does_everything(&mut self) {
        let contacts = Some(json!({"contacts": ["John Smith", "John Miller", "Sarah"]}));
        self.asks("PUT", &format!("{TEAM}/contacts"), contacts, 200).await;
        self.asks("GET", &format!("{TEAM}/contacts"), None, 200).await;
        self.sends(send("Sarah"), 200).await;
        self.asks("POST", &format!("{TEAM}/ai-commands"), Some(json!({"command": "send sarah hello"})), 200)
            .await;
        self.asks("GET", &format!("{TEAM}/messages"), None, 200).await;
        self.asks("POST", "/api/v1/chat/anna/messages", Some(json!({"message": "#help"})), 200).await;
        self.asks("GET", "/api/v1/chat/anna/messages", None, 200).await;
        self.asks("GET", "/api/v1/stats", None, 200).await;
        self.asks("POST", "/api/v1/tickets", None, 201).await;
        self.asks("POST", "/api/v1/ai", Some(json!({"prompt": "hello"})), 200).await;
        let of_nobody = json!({"prompt": "hello", "service": "gemini"});
        self.asks("POST", "/api/v1/ai", Some(of_nobody), 503).await;
        let mut events = self.client.events(&format!("{TEAM}/events")).await;
        self.note("GET", &format!("{TEAM}/events"), 200).await;
        let reader = events.expect("registration_confirmed").await.data["client_id"].clone();
        self.asks("GET", "/api/v1/sessions", None, 200).await;
        let clients = self.asks("GET", &format!("{TEAM}/clients"), None, 200).await;
        assert_eq!(clients["clients"][0]["client_id"], reader);
        let everybody = self.asks("GET", "/api/v1/admin/clients?like=team", None, 200).await;
        assert_eq!(everybody["clients"][0]["client_id"], reader);
        self.client.events("/api/v1/admin/live").await.expect("hour").await;
        self.note("GET", "/api/v1/admin/live", 200).await;
        let reader = format!("{TEAM}/clients/{}", reader.as_str().expect("an id"));
        self.asks("DELETE", &reader, None, 204).await;
    }

    /// What may go wrong.
    async fn does_everything_wrong(&mut self) {
        self.sends(json!({"action": "dance"}), 400).await;
        let admin = std::mem::replace(&mut self.client, HttpClient::new(self.server.port()));
        self.asks("GET", "/api/v1/sessions", None, 401).await;
        self.client = self.client.token("the-token-of-users");
        self.asks("GET", "/api/v1/sessions", None, 403).await;
        self.client = admin.clone();
        self.asks("DELETE", &format!("{TEAM}/clients/nobody"), None, 404).await;
        self.sends(send("John"), 409).await;
        self.sends(json!({"action": "send", "contact": "Sarah", "message": "x".repeat(70_000)}), 413).await;
        let path = format!("{TEAM}/commands");
        let text = self.client.send("POST", &path, "Content-Type: text/plain\r\n", "{}").await;
        assert_eq!(text.problem(), (415, "unsupported"));
        self.note("POST", &path, 415).await;
        let nonsense = Some(json!({"command": "colourless green ideas"}));
        self.asks("POST", &format!("{TEAM}/ai-commands"), nonsense, 422).await;
        self.guesses().await;
        self.client = admin;
        self.asks_a_bridge().await;
        self.keeps_a_body().await;
    }

    async fn guesses(&mut self) {
        let guesser = HttpClient::new(self.server.port()).token("wrong");
        for _ in 0..20 {
            guesser.get("/api/v1/stats").await;
        }
        self.client = guesser;
        self.asks("GET", "/api/v1/stats", None, 429).await;
    }

    /// One that says no, and then nothing at all.
    async fn asks_a_bridge(&mut self) {
        let mut bridge = team::member_as(
            &self.server.url(),
            "phone",
            json!({"role": "bridge", "token": "the-token-of-admins"}),
        )
        .await;
        let says_no = async {
            let (id, ..) = team::action(&mut bridge).await;
            team::result(&mut bridge, &id, json!({"success": false, "code": "no_such_number"})).await;
        };
        let path = format!("{TEAM}/commands");
        let client = self.client.clone();
        let (refused, ()) = futures::join!(client.post(&path, send("Sarah")), says_no);
        assert_eq!(refused.status, 502, "{refused:?}");
        self.note("POST", &path, 502).await;
        let says_nothing = async {
            team::action(&mut bridge).await;
            self.server.step(Duration::from_secs(60));
        };
        let (late, ()) = futures::join!(client.post(&path, send("Sarah")), says_nothing);
        assert_eq!(late.problem(), (504, "whatsapp_timeout"));
        assert_eq!(late.body["maybe_sent"], true, "the bridge had it: {late:?}");
        self.note("POST", &path, 504).await;
    }

    /// After ten seconds of real time: the network's time is not the house's.
    async fn keeps_a_body(&mut self) {
        let path = format!("{TEAM}/commands");
        let mut stream = web::dial(self.server.port()).await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer the-token-of-admins\r\n\
             Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{"
        );
        crate::patiently(stream.write_all(head.as_bytes())).await.expect("the house reads");
        assert_eq!(web::answer(&mut stream).await.status, 408);
        self.note("POST", &path, 408).await;
    }

    /// What the description has and nobody saw.
    fn unseen(&self, description: &Value) -> (Vec<String>, BTreeSet<String>) {
        let (mut operations, mut statuses) = (Vec::new(), BTreeSet::new());
        for (path, item) in description["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("methods") {
                let name = format!("{} {path}", method.to_uppercase());
                let described: BTreeSet<&String> =
                    operation["responses"].as_object().expect("responses").keys().collect();
                let fine = described.iter().filter(|status| status.starts_with('2'));
                let unseen = fine.filter(|status| !self.seen.contains(&(name.clone(), (**status).clone())));
                operations.extend(unseen.map(|status| format!("{name} answers {status}")));
                if !self.seen.iter().any(|(seen, _)| *seen == name) {
                    operations.push(name);
                }
                statuses.extend(described.into_iter().cloned());
            }
        }
        statuses.retain(|status| !NEVER.contains(&status.as_str()));
        statuses.retain(|status| !self.seen.iter().any(|(_, seen)| seen == status));
        (operations, statuses)
    }
}

fn send(contact: &str) -> Value {
    json!({"action": "send", "contact": contact, "message": "hello"})
}

#[tokio::test]
async fn every_operation_and_every_status_is_seen() {
    let model = StandIn::of(Service::OpenAi, [Line::Says("Hello!")]).await;
    let ai = [format!("openai.url={}", model.url()), "openai.model=a-model".to_owned()];
    let settings: Vec<_> = SETTINGS.into_iter().chain(ai.iter().map(String::as_str)).collect();
    let server = TestServer::with(&settings).await;
    let client = HttpClient::new(server.port()).token("the-token-of-admins");
    let mut trip = Trip { server, _model: model, client, seen: BTreeSet::new() };
    trip.does_everything().await;
    trip.does_everything_wrong().await;
    trip.client = HttpClient::new(trip.server.port()).token("the-token-of-admins");
    let mut socket = TestClient::join(&trip.server.url(), "Anna").await;
    trip.asks("POST", "/api/v1/admin/drain", None, 202).await;
    assert_eq!(socket.ended().await.1, Some(1012));
    let (operations, statuses) = trip.unseen(trip.client.description().await);
    assert!(operations.is_empty() && statuses.is_empty(), "never seen: {operations:?}, and {statuses:?}");
}
