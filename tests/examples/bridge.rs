//! The bridge between the real hub and a fake phone.

use crate::double::{Double, close, goes, say, sent};
use crate::network::Network;
use crate::running::{Program, RunningHub, python};
use crate::test_client::TestClient;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// The bridge of the session "team".
pub fn start(python: &Path, url: &str, options: &[&str]) -> Program {
    let mut command = Command::new(python);
    command
        .arg(crate::example("bridge.py"))
        .args(["team", "--url", url])
        .args(options)
        .env("PYTHONIOENCODING", "utf-8");
    Program::start("the bridge", &mut command)
}

/// What a session sees when its bridge came, with contacts.
const PRESENT: [(&str, &str); 2] = [("whatsapp", "connected"), ("type", "contact_list_broadcast")];

/// What the phone was made to send.
fn sent_by(bridge: &Program) -> Vec<&str> {
    bridge.seen.iter().filter_map(|line| line.strip_prefix("To ")).collect()
}

/// A client of the session that the bridge works for.
struct Member(TestClient);

impl Member {
    async fn join(url: &str) -> Self {
        let mut client = TestClient::connect(url).await;
        client.send(json!({"type": "register", "client_name": "laptop", "session": "team"})).await;
        client.expect("registration_confirmed").await;
        Self(client)
    }

    /// The next frame of this kind, in which these fields are so. Others are passed over.
    async fn sees(&mut self, kind: &str, fields: Value) -> Value {
        let wanted = fields.as_object().expect("fields");
        loop {
            let frame = self.0.next().await;
            if frame["type"] == kind && wanted.iter().all(|(field, value)| frame[field] == *value) {
                return frame;
            }
        }
    }

    /// The bridge is there, or is not, as far as the session knows.
    async fn sees_link(&mut self, whatsapp: &str) {
        self.sees("session_status", json!({"whatsapp": whatsapp})).await;
    }

    /// Frames in which these fields are so, in any order.
    async fn sees_all(&mut self, fields: &[(&str, &str)]) {
        let mut open = fields.to_vec();
        while !open.is_empty() {
            let frame = self.0.next().await;
            open.retain(|(field, value)| frame[field] != *value);
        }
    }

    async fn says(&mut self, request_id: &str, sentence: &str) {
        let frame = json!({"type": "whatsapp_ai_command", "command": sentence, "request_id": request_id});
        self.0.send(frame).await;
    }

    /// What the request with this number is answered.
    async fn answer(&mut self, request_id: &str) -> Value {
        self.sees("response", json!({"request_id": request_id})).await["content"].clone()
    }

    async fn history(&mut self) -> Vec<String> {
        self.0.send(json!({"type": "get_history", "request_id": "history"})).await;
        let content = self.answer("history").await;
        let messages = content["messages"].as_array().expect("messages");
        let text = |message: &Value| message["text"].as_str().expect("a text").to_owned();
        messages.iter().map(text).collect()
    }
}

#[tokio::test]
async fn what_a_client_says_is_sent_and_the_contact_answers() {
    let Some(python) = python("examples/bridge.py") else { return };
    let hub = RunningHub::start("bridge_sends");
    let mut laptop = Member::join(&hub.url()).await;
    let mut bridge = start(&python, &hub.url(), &["John", "Sarah", "--pace", "0.05"]);
    laptop.sees_all(&PRESENT).await;
    laptop.says("1", "send John a message saying hello").await;
    let answer = laptop.answer("1").await;
    assert_eq!(
        (&answer["success"], &answer["state"], &answer["contact"]),
        (&json!(true), &json!("sent"), &json!("John")),
        "{answer}"
    );
    for state in ["delivered", "read"] {
        let status = laptop.0.expect("whatsapp_status").await;
        assert_eq!((&status["state"], &status["request_id"]), (&json!(state), &json!("1")));
        assert_eq!(status["id"], answer["id"]);
    }
    let echo = laptop.0.expect("whatsapp_message").await;
    assert_eq!((&echo["direction"], &echo["contact"]), (&json!("incoming"), &json!("John")));
    assert_eq!(echo["message"], "You said: hello");
    bridge.until("From John: You said: hello");
    assert_eq!(sent_by(&bridge), ["John: hello"]);
}

#[tokio::test]
async fn who_sends_hears_what_the_phone_refused_and_what_it_kept_silent_about() {
    let Some(python) = python("examples/bridge.py") else { return };
    let hub = RunningHub::with("bridge_fails", &["--set", "whatsapp.timeout=200ms"]);
    let mut laptop = Member::join(&hub.url()).await;
    let _bridge =
        start(&python, &hub.url(), &["--fail", "Mike", "--silent", "Sarah", "John", "Mike", "Sarah"]);
    laptop.sees_all(&PRESENT).await;
    laptop.says("1", "send Mike a message saying hello").await;
    let answer = laptop.answer("1").await;
    assert_eq!((&answer["success"], &answer["code"]), (&json!(false), &json!("not_found")), "{answer}");
    assert_eq!(answer["text"], "Mike is not on WhatsApp.");
    laptop.says("2", "send Sarah a message saying hello").await;
    let answer = laptop.answer("2").await;
    assert_eq!(
        (&answer["success"], &answer["code"]),
        (&json!(false), &json!("whatsapp_timeout")),
        "{answer}"
    );
    assert_eq!(answer["maybe_sent"], true);
}

#[tokio::test]
async fn a_bridge_that_was_killed_and_starts_again_sends_nothing_a_second_time() {
    let Some(python) = python("examples/bridge.py") else { return };
    let hub = RunningHub::start("bridge_killed");
    let mut laptop = Member::join(&hub.url()).await;
    let mut bridge = start(&python, &hub.url(), &["--silent", "Sarah", "--id", "secret"]);
    laptop.sees_link("connected").await;
    laptop.says("1", "send John a message saying hello").await;
    let first = laptop.answer("1").await;
    assert_eq!(first["state"], "sent", "{first}");
    laptop.says("2", "send Sarah a message saying hello").await;
    bridge.until("To Sarah: hello");
    drop(bridge);
    let answer = laptop.answer("2").await;
    assert_eq!((&answer["code"], &answer["maybe_sent"]), (&json!("whatsapp_unavailable"), &json!(true)));
    laptop.says("3", "send John a message saying anybody?").await;
    let answer = laptop.answer("3").await;
    assert_eq!((&answer["code"], &answer["maybe_sent"]), (&json!("whatsapp_unavailable"), &json!(false)));

    let mut bridge = start(&python, &hub.url(), &["--pace", "0.05", "--id", "secret"]);
    laptop.sees_link("connected").await;
    laptop.says("1", "send John a message saying hello").await;
    assert_eq!(laptop.answer("1").await, first, "the same request has the same answer");
    laptop.says("4", "send Sarah a message saying good to have you back").await;
    assert_eq!(laptop.answer("4").await["state"], "sent");
    bridge.until("From Sarah: You said: good to have you back");
    assert_eq!(sent_by(&bridge), ["Sarah: good to have you back"]);
}

#[tokio::test]
async fn the_session_hears_when_its_bridge_is_gone() {
    let Some(python) = python("examples/bridge.py") else { return };
    let hub = RunningHub::start("bridge_gone");
    let mut laptop = Member::join(&hub.url()).await;
    let bridge = start(&python, &hub.url(), &["--id", "secret"]);
    laptop.sees_link("connected").await;
    drop(bridge);
    laptop.sees_link("unavailable").await;
    let _bridge = start(&python, &hub.url(), &["--id", "secret"]);
    laptop.sees_link("connected").await;
}

#[tokio::test]
async fn what_the_phone_did_while_the_hub_was_out_of_reach_is_told_once_after_the_return() {
    let Some(python) = python("examples/bridge.py") else { return };
    let hub = RunningHub::start("bridge_returns");
    let network = Network::to(hub.port);
    let mut laptop = Member::join(&hub.url()).await;
    let mut bridge = start(&python, &network.url(), &["--pace", "0.2"]);
    laptop.sees_link("connected").await;
    laptop.says("1", "send John a message saying hello").await;
    assert_eq!(laptop.answer("1").await["success"], true);
    network.cut();
    bridge.until_all(&["From John: You said: hello", "Trying again in "]);
    network.mend();
    let told = [
        ("whatsapp", "unavailable"),
        ("whatsapp", "connected"),
        ("state", "read"),
        ("direction", "incoming"),
    ];
    laptop.sees_all(&told).await;
    // Another loss: everything is told again, and the hub knows it.
    network.cut();
    laptop.sees_link("unavailable").await;
    network.mend();
    laptop.sees_link("connected").await;
    laptop.says("2", "send John a message saying bye").await;
    laptop.sees("whatsapp_message", json!({"message": "You said: bye"})).await;
    bridge.until("From John: You said: bye");
    assert_eq!(laptop.history().await, ["hello", "You said: hello", "bye", "You said: bye"]);
    assert_eq!(sent_by(&bridge), ["John: hello", "John: bye"]);
}

#[test]
fn a_second_bridge_says_that_the_session_has_one_and_ends() {
    let Some(python) = python("examples/bridge.py") else { return };
    let hub = RunningHub::start("bridge_twice");
    let mut first = start(&python, &hub.url(), &[]);
    first.until("Here for team.");
    let mut second = start(&python, &hub.url(), &[]);
    assert!(!second.ends_well());
    assert!(
        second.has_said("The hub does not let this bridge in: This session has a bridge already."),
        "{second}"
    );
}

#[tokio::test]
async fn a_session_that_has_another_bridge_is_left_to_it() {
    let Some(python) = python("examples/bridge.py") else { return };
    let hub = RunningHub::start("bridge_other");
    let mut other = TestClient::connect(&hub.url()).await;
    other.send(json!({"type": "register", "role": "bridge", "session": "team"})).await;
    other.expect("registration_confirmed").await;
    let mut bridge = start(&python, &hub.url(), &[]);
    assert!(!bridge.ends_well());
    assert!(
        bridge.has_said("The hub does not let this bridge in: This session has a bridge already."),
        "{bridge}"
    );
}

/// A send that the hub gives the bridge.
fn action(request_id: &str, message: &str) -> Value {
    let action = json!({"action": "send", "contact": "John", "contact_id": "name:john", "message": message});
    json!({"type": "whatsapp_action", "request_id": request_id, "action": action, "pos": "1"})
}

#[tokio::test]
async fn no_action_is_begun_twice_nor_after_it_was_cancelled() {
    let Some(python) = python("examples/bridge.py") else { return };
    let (hub, url) = Double::open().await;
    let mut bridge = start(&python, &url, &["--pace", "600"]);
    let mut socket = hub.registers().await;
    say(&mut socket, action("one", "hello")).await;
    let told = sent(&mut socket).await;
    assert_eq!(told["request_id"], "one");
    assert_eq!(told["content"], json!({"success": true, "state": "sent"}));
    drop(socket);

    let mut socket = hub.registers().await;
    assert_eq!(sent(&mut socket).await, told, "it may have got lost, so it is told again");
    say(&mut socket, action("one", "hello")).await;
    say(&mut socket, json!({"type": "whatsapp_action_cancelled", "request_id": "two", "pos": "2"})).await;
    say(&mut socket, action("two", "too late")).await;
    say(&mut socket, action("three", "bye")).await;
    assert_eq!(sent(&mut socket).await["request_id"], "three");
    close(socket, 4501, "a newer connection took over").await;
    assert!(!bridge.ends_well());
    assert_eq!(sent_by(&bridge), ["John: hello", "John: bye"]);
    assert!(
        bridge.has_said("The hub does not let this bridge in: a newer connection took over."),
        "{bridge}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn whoever_stops_a_bridge_by_hand_lets_it_say_goodbye() {
    let Some(python) = python("examples/bridge.py") else { return };
    let (hub, url) = Double::open().await;
    let mut bridge = start(&python, &url, &[]);
    let socket = hub.registers().await;
    bridge.until("Here for team.");
    bridge.interrupt();
    assert_eq!(goes(socket).await, Some(1000));
    bridge.ends_well();
}
