//! Frames that are no requests: each gets its error, and the connection goes on.

use crate::test_client::{TestClient, couple};
use crate::test_server::TestServer;
use serde_json::{Value, json};

/// Sends something that can't be taken, and returns the error that it gets. The connection goes on after it.
async fn error_for(client: &mut TestClient, text: &str) -> Value {
    client.send_text(text).await;
    let error = client.expect("error").await;
    assert!(error["error"].as_str().is_some_and(|text| !text.is_empty()), "{error}");
    assert!(error["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')), "{error}");
    client.send(json!({"type": "ping", "request_id": "still there"})).await;
    assert_eq!(client.expect("pong").await["request_id"], "still there", "after {error}");
    error
}

async fn somebody() -> (TestServer, TestClient) {
    let server = TestServer::start().await;
    let client = TestClient::join(&server.url(), "Anna").await;
    (server, client)
}

#[tokio::test]
async fn what_is_not_json_is_invalid_json() {
    let (_server, mut client) = somebody().await;
    let deep = "[".repeat(50_000);
    let deep_inside = format!("{{\"type\":\"ping\",\"x\":{deep}");
    let lone_surrogate = r#"{"type":"chat_message","message":"\ud800"}"#;
    for text in [
        "",
        " ",
        "{",
        "nonsense",
        "{'type':'ping'}",
        r#"{"type":"ping"} x"#,
        &deep,
        &deep_inside,
        lone_surrogate,
    ] {
        let error = error_for(&mut client, text).await;
        assert_eq!(error["code"], "invalid_json", "{error}");
    }
}

#[tokio::test]
async fn json_that_is_no_object_with_a_type_is_an_invalid_message() {
    let (_server, mut client) = somebody().await;
    for text in ["[]", "5", "null", "true", "\"ping\"", "{}", r#"[{"type":"ping"}]"#] {
        assert_eq!(error_for(&mut client, text).await["code"], "invalid_message", "{text}");
    }
    for text in [r#"{"type":5}"#, r#"{"type":null}"#, r#"{"type":["ping"]}"#, r#"{"request_id":"1"}"#] {
        let error = error_for(&mut client, text).await;
        assert_eq!(error["code"], "invalid_message", "{error}");
        assert!(error["error"].as_str().is_some_and(|says| says.contains("type")), "{error}");
    }
}

#[tokio::test]
async fn an_unknown_type_is_named() {
    let (_server, mut client) = somebody().await;
    let mut error = error_for(&mut client, r#"{"type":"foo","request_id":"7"}"#).await;
    error.as_object_mut().and_then(|error| error.remove("timestamp")).expect("a timestamp");
    let expected = json!({
        "type": "error", "code": "unknown_type", "error": "Unknown message type: foo",
        "request_type": "foo", "request_id": "7",
    });
    assert_eq!(error, expected);
}

#[tokio::test]
async fn an_unknown_type_of_any_length_is_answered_shortly() {
    let (_server, mut client) = somebody().await;
    let error = error_for(&mut client, &json!({"type": "é".repeat(100_000)}).to_string()).await;
    assert_eq!(error["code"], "unknown_type");
    assert!(error.to_string().len() < 1_000);
}

#[tokio::test]
async fn a_type_that_is_not_served_is_unsupported() {
    let (_server, mut client) = somebody().await;
    for kind in ["start_conversation", "end_conversation"] {
        let error = error_for(&mut client, &json!({"type": kind, "request_id": "r"}).to_string()).await;
        assert_eq!(error["code"], "unsupported", "{error}");
        assert_eq!((&error["request_type"], &error["request_id"]), (&json!(kind), &json!("r")));
    }
}

#[tokio::test]
async fn an_error_says_what_it_answers_as_far_as_that_can_be_read() {
    let (_server, mut client) = somebody().await;
    let bad_pos = json!({"type": "chat_message", "message": "x", "last_pos": 7, "request_id": "r7"});
    let error = error_for(&mut client, &bad_pos.to_string()).await;
    assert_eq!((&error["request_type"], &error["request_id"]), (&json!("chat_message"), &json!("r7")));
    for id in [json!(7), json!("x".repeat(129))] {
        let bad_id = json!({"type": "chat_message", "message": "x", "request_id": id});
        let error = error_for(&mut client, &bad_id.to_string()).await;
        assert_eq!((&error["request_type"], error.get("request_id")), (&json!("chat_message"), None));
    }
}

#[tokio::test]
async fn a_field_of_the_wrong_kind_is_named() {
    let (_server, mut client) = somebody().await;
    let long = "x".repeat(193);
    for (frame, field) in [
        (json!({"type": "chat_message"}), "message"),
        (json!({"type": "chat_message", "message": null}), "message"),
        (json!({"type": "chat_message", "message": 5}), "message"),
        (json!({"type": "chat_message", "message": ["#meet"]}), "message"),
        (json!({"type": "chat_typing"}), "active"),
        (json!({"type": "chat_typing", "active": "yes"}), "active"),
        (json!({"type": "ping", "request_id": 5}), "request_id"),
        (json!({"type": "ping", "request_id": {"id": 5}}), "request_id"),
        (json!({"type": "ping", "request_id": long}), "request_id"),
        (json!({"type": "register", "client_id": 5}), "client_id"),
        (json!({"type": "register", "client_id": ""}), "client_id"),
        (json!({"type": "register", "client_id": long}), "client_id"),
        (json!({"type": "register", "client_name": true}), "client_name"),
        (json!({"type": "register", "session": []}), "session"),
        (json!({"type": "register", "nickname": 5}), "nickname"),
        (json!({"type": "register", "role": "king"}), "role"),
        (json!({"type": "register", "role": 5}), "role"),
        (json!({"type": "register", "resume_token": 5}), "resume_token"),
        (json!({"type": "contact_list_update"}), "contacts"),
        (json!({"type": "contact_list_update", "contacts": "John"}), "contacts"),
        (json!({"type": "contact_list_update", "contacts": ["John", 5]}), "contacts[1]"),
        (json!({"type": "contact_list_update", "contacts": [{"phone": "1"}]}), "name"),
        (json!({"type": "contact_list_update", "contacts": [{"name": 5}]}), "name"),
        (json!({"type": "contact_list_update", "contacts": [{"name": "John", "phone": 5}]}), "contacts[0]"),
        (json!({"type": "whatsapp_command"}), "command"),
        (json!({"type": "whatsapp_command", "command": "send"}), "command"),
        (json!({"type": "whatsapp_command", "command": {"action": "shout"}}), "command.action"),
        (json!({"type": "whatsapp_command", "command": {"action": "send"}}), "command.contact"),
        (
            json!({"type": "whatsapp_command", "command": {"action": "send", "contact": " "}}),
            "command.contact",
        ),
        (
            json!({"type": "whatsapp_command", "command": {"action": "send", "contact": "x"}}),
            "command.message",
        ),
        (json!({"type": "whatsapp_command", "command": {"action": "search"}}), "command.query"),
        (json!({"type": "whatsapp_ai_command"}), "command"),
        (json!({"type": "whatsapp_ai_command", "command": " "}), "command"),
        (json!({"type": "whatsapp_ai_command", "command": "x", "context": []}), "context"),
        (json!({"type": "whatsapp_get_contacts", "count": 0}), "count"),
        (json!({"type": "whatsapp_get_contacts", "count": 501}), "count"),
        (json!({"type": "whatsapp_get_messages"}), "contact"),
        (json!({"type": "get_history", "count": -1}), "count"),
        (json!({"type": "get_history", "before": 7}), "before"),
        (json!({"type": "search"}), "query"),
        (json!({"type": "search", "query": " "}), "query"),
        (json!({"type": "whatsapp_action_result"}), "request_id"),
        (json!({"type": "whatsapp_action_result", "request_id": "r"}), "content"),
        (json!({"type": "whatsapp_incoming", "message": "x"}), "contact"),
        (json!({"type": "whatsapp_incoming", "contact": "x"}), "message"),
    ] {
        let error = error_for(&mut client, &frame.to_string()).await;
        assert_eq!(error["code"], "invalid_message", "{frame}: {error}");
        assert!(error["error"].as_str().is_some_and(|says| says.contains(field)), "{frame}: {error}");
    }
}

#[tokio::test]
async fn more_contacts_than_the_limit_are_too_large() {
    let (_server, mut client) = somebody().await;
    let contacts = vec!["x"; 10_001];
    let frame = json!({"type": "contact_list_update", "contacts": contacts, "request_id": "many"});
    let error = error_for(&mut client, &frame.to_string()).await;
    assert_eq!((&error["code"], &error["request_id"]), (&json!("too_large"), &json!("many")));
}

#[tokio::test]
async fn unknown_fields_null_fields_and_any_order_are_taken() {
    let server = TestServer::start().await;
    let mut client = TestClient::connect(&server.url()).await;
    let register = r#"{"nickname":null,"role":null,"token":null,"resume_token":null,"last_pos":null,"session":null,
        "client_name":null,"client_id":null,"request_id":null,"timestamp":"now","colour":{"deep":[1,2]},"type":"register"}"#;
    client.send_text(register).await;
    let confirmed = client.expect("registration_confirmed").await;
    assert_eq!((&confirmed["session"], confirmed.get("request_id")), (&json!("default"), None));

    let mut meet = json!({"type": "chat_message", "message": "#meet", "request_id": "1"});
    for (field, value) in
        [("client_id", json!("x")), ("timestamp", json!(5)), ("conversation_id", json!("y"))]
    {
        meet[field] = value;
    }
    client.send(meet).await;
    assert_eq!(client.expect("response").await["content"]["state"], "waiting");
}

#[tokio::test]
async fn a_thousand_bad_frames_disturb_nobody() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server.url()).await;
    for _ in 0..1_000 {
        a.send_text("{").await;
    }
    a.say("here I am").await;
    assert_eq!(b.hear().await, "here I am");
    for _ in 0..1_000 {
        assert_eq!(a.expect("error").await["code"], "invalid_json");
    }
}
