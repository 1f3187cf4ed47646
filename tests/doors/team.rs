//! Clients of one session that share an account.

use crate::test_client::TestClient;
use serde_json::{Value, json};

/// A client of the session `team`, with its confirmation read.
pub async fn member(url: &str, client_id: &str) -> TestClient {
    member_as(url, client_id, json!({})).await
}

/// The bridge of the session `team`.
pub async fn bridge(url: &str) -> TestClient {
    member_as(url, "phone", json!({"role": "bridge"})).await
}

/// A client that says more of itself.
pub async fn member_as(url: &str, client_id: &str, more: Value) -> TestClient {
    let mut client = TestClient::connect(url).await;
    let mut register = json!({"type": "register", "session": "team", "client_id": client_id});
    let more = more.as_object().cloned().expect("an object");
    register.as_object_mut().expect("an object").extend(more);
    client.send(register).await;
    client.expect("registration_confirmed").await;
    client
}

/// The next frame of this type, passing over what else is pushed.
pub async fn heard(client: &mut TestClient, kind: &str) -> Value {
    loop {
        let frame = client.next().await;
        if frame["type"] == kind {
            return frame;
        }
        assert_ne!(frame["type"], "error", "{frame}");
    }
}

/// The `response` to this request, passing over what is pushed.
pub async fn response(client: &mut TestClient, request_id: &str) -> Value {
    loop {
        let frame = client.next().await;
        if frame["request_id"] == request_id && frame["type"] != "whatsapp_status" {
            assert_eq!(frame["type"], "response", "{frame}");
            return frame;
        }
    }
}

/// Asks, and returns the response.
pub async fn ask(client: &mut TestClient, mut frame: Value, request_id: &str) -> Value {
    frame["request_id"] = json!(request_id);
    client.send(frame).await;
    response(client, request_id).await
}

/// An action as an object; returns the `content` of its answer.
pub async fn command(client: &mut TestClient, command: Value, request_id: &str) -> Value {
    let frame = ask(client, json!({"type": "whatsapp_command", "command": command}), request_id).await;
    assert_eq!(frame["response_type"], "whatsapp_command_result", "{frame}");
    frame["content"].clone()
}

/// A command in plain words; returns its answer.
pub async fn sentence(client: &mut TestClient, sentence: &str, request_id: &str) -> Value {
    ask(client, json!({"type": "whatsapp_ai_command", "command": sentence}), request_id).await
}

/// Shares contacts, and waits until the session has them.
pub async fn share(client: &mut TestClient, contacts: Value) {
    client.send(json!({"type": "contact_list_update", "contacts": contacts, "request_id": "share"})).await;
    while heard(client, "contact_list_broadcast").await["request_id"] != "share" {}
}

/// What the bridge is to send next: under which id, to whom, what.
pub async fn action(bridge: &mut TestClient) -> (String, String, String) {
    let frame = heard(bridge, "whatsapp_action").await;
    assert_eq!(frame["action"]["action"], "send", "{frame}");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    (text(&frame["request_id"]), text(&frame["action"]["contact"]), text(&frame["action"]["message"]))
}

/// The bridge says what became of it.
pub async fn result(bridge: &mut TestClient, request_id: &str, content: Value) {
    bridge
        .send(json!({"type": "whatsapp_action_result", "request_id": request_id, "content": content}))
        .await;
}

/// A message comes in.
pub async fn incoming(bridge: &mut TestClient, contact: &str, message: &str) {
    bridge.send(json!({"type": "whatsapp_incoming", "contact": contact, "message": message})).await;
}
