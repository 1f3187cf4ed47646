//! Programs written for the first hub: they put their id and the time into every frame, wait for the `response` that
//! has their `request_id`, and look at nothing else meanwhile.

use crate::test_client::TestClient;
use crate::test_server::TestServer;
use serde_json::{Value, json};

/// A program of that kind.
struct FirstClient {
    client: TestClient,
    id: String,
    asked: u32,
    contacts: Vec<String>,
    last_contact: Option<String>,
}

impl FirstClient {
    /// Connects, takes whatever greets it, and registers.
    async fn connect(server: &TestServer, id: &str) -> Self {
        let client = TestClient::connect(&server.url()).await;
        let mut first = Self { client, id: id.into(), asked: 0, contacts: Vec::new(), last_contact: None };
        first.send(json!({"type": "register", "client_name": "whatsapp_client"})).await;
        while first.client.next().await["type"] != "registration_confirmed" {}
        first
    }

    async fn send(&mut self, mut frame: Value) {
        frame["client_id"] = json!(self.id);
        frame["timestamp"] = json!("2025-08-12T10:11:12.131415");
        self.client.send(frame).await;
    }

    /// Sends, and waits for the one frame that wakes it.
    async fn send_and_wait(&mut self, mut frame: Value) -> Value {
        self.asked += 1;
        let request_id = format!("{}-{}", self.id, self.asked);
        frame["request_id"] = json!(request_id);
        self.send(frame).await;
        loop {
            let frame = self.client.next().await;
            assert_ne!(frame["type"], "error", "{frame}");
            if frame["type"] == "response" && frame["request_id"] == *request_id {
                return frame;
            }
        }
    }

    /// What it prints for a line that its user typed.
    async fn types(&mut self, line: &str) -> String {
        let context = json!({"last_contact": self.last_contact, "contact_list": self.contacts});
        let answer = self
            .send_and_wait(json!({"type": "whatsapp_ai_command", "command": line, "context": context}))
            .await;
        if answer["response_type"] == "ai_parse_error" {
            return "Could not understand command. Try: 'Send John a message' or 'List contacts'".into();
        }
        let content = &answer["content"];
        let contact = content["contact"].as_str().unwrap_or_default();
        if !contact.is_empty() {
            self.last_contact = Some(contact.to_owned());
        }
        let texts = |name: &str| -> Vec<String> {
            let list = content[name].as_array().cloned().unwrap_or_default();
            let text =
                |value: &Value| value.get("text").unwrap_or(value).as_str().expect("a text").to_owned();
            list.iter().map(text).collect()
        };
        match (content["success"].as_bool(), content["action"].as_str()) {
            (Some(true), Some("send")) => {
                format!("Sent to {contact}: {}", content["message"].as_str().unwrap_or(""))
            }
            (Some(true), Some("list")) => format!("Your Contacts: {}", texts("contacts").join(", ")),
            (Some(true), Some("read")) => {
                format!("Messages with {contact}: {}", texts("messages").join(", "))
            }
            (Some(true), Some("auto_on")) => "Auto-reply ON".into(),
            (Some(true), Some("auto_off")) => "Auto-reply OFF".into(),
            (_, Some(action @ ("summary" | "suggest"))) => format!("{action}: {}", content["code"]),
            other => panic!("it prints nothing for {other:?}: {answer}"),
        }
    }
}

#[tokio::test]
async fn what_they_type_gives_what_they_print() {
    let server = TestServer::start().await;
    let mut first = FirstClient::connect(&server, "whatsapp_ai_abc123").await;
    first.contacts = ["John", "Sarah", "Mike"].map(String::from).into();
    for (line, printed) in [
        ("list contacts", "Your Contacts: John, Sarah, Mike"),
        ("send john a message saying hello", "Sent to John: hello"),
        ("Send John a message saying how are you?", "Sent to John: how are you?"),
        ("tell him I am late", "Sent to John: I am late"),
        ("read John messages", "Messages with John: hello, how are you?, I am late"),
        ("read Mike messages", "Messages with Mike: "),
        ("summarize chat with John", "summary: \"ai_unavailable\""),
        ("suggest a reply to John", "suggest: \"ai_unavailable\""),
        ("turn on auto-reply", "Auto-reply ON"),
        ("turn off auto-reply", "Auto-reply OFF"),
        ("gibberish", "Could not understand command. Try: 'Send John a message' or 'List contacts'"),
    ] {
        assert_eq!(first.types(line).await, printed, "{line}");
    }
}

#[tokio::test]
async fn both_kinds_of_command_wake_them() {
    let server = TestServer::start().await;
    let mut first = FirstClient::connect(&server, "one").await;
    let send = json!({"action": "send", "contact": "John", "message": "Hello!"});
    let answer = first.send_and_wait(json!({"type": "whatsapp_command", "command": send})).await;
    assert_eq!(answer["response_type"], "whatsapp_command_result");
    assert_eq!(answer["content"]["success"], true);
    let contacts = first.send_and_wait(json!({"type": "whatsapp_get_contacts"})).await;
    assert_eq!(
        (&contacts["response_type"], &contacts["content"]["success"]),
        (&json!("contacts"), &json!(true))
    );
    let messages =
        first.send_and_wait(json!({"type": "whatsapp_get_messages", "contact": "John", "count": 10})).await;
    assert_eq!(messages["response_type"], "messages");
    assert_eq!(messages["content"]["messages"][0]["text"], "Hello!");
}

#[tokio::test]
async fn the_contacts_of_one_reach_the_other_and_its_list() {
    let server = TestServer::start().await;
    let mut first = FirstClient::connect(&server, "one").await;
    let mut other = FirstClient::connect(&server, "two").await;
    first.send(json!({"type": "contact_list_update", "contacts": ["John", "Sarah"]})).await;
    let heard = loop {
        let frame = other.client.next().await;
        if frame["type"] == "contact_list_broadcast" {
            break frame;
        }
    };
    assert_eq!(heard["contacts"], json!(["John", "Sarah"]));
    let contacts = other.send_and_wait(json!({"type": "whatsapp_get_contacts"})).await;
    assert_eq!(contacts["content"]["contacts"], json!(["John", "Sarah"]));
    other.send(json!({"type": "ping"})).await;
    while other.client.next().await["type"] != "pong" {}
}
