//! `/asyncapi.json`: what it says of frames is what the hub takes, and the other way round. That what the hub sends is
//! described is looked at wherever a test reads a frame: `common/frames.rs`.

use crate::test_client::frames::validator;
use crate::test_server::TestServer;
use crate::web::get;
use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use strowger::wire::{Described, Frame, described};

fn kinds() -> Vec<&'static str> {
    described().iter().map(|Described { kind, .. }| *kind).collect()
}

#[tokio::test]
async fn the_description_is_served_and_each_message_of_it_can_be_followed() {
    let server = TestServer::start().await;
    let answer = get(server.port(), "/asyncapi.json").await;
    assert_eq!(answer.status, 200);
    let document: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!((&document, &document["asyncapi"]), (&strowger::http::asyncapi(), &json!("3.0.0")));
    let messages = document["components"]["messages"].as_object().expect("messages");
    let of_channel = document["channels"]["hub"]["messages"].as_object().expect("messages");
    assert_eq!(messages.keys().collect::<Vec<_>>(), of_channel.keys().collect::<Vec<_>>());
    let of = |way: &str| document["operations"][way]["messages"].as_array().expect("messages").len();
    assert_eq!((of("receive"), of("receive") + of("send")), (kinds().len(), messages.len()));
    for name in messages.keys() {
        let _: Validator = validator(&document, name);
    }
}

/// What docs/protocol.md shows of clients' frames is what the description allows.
#[test]
fn what_the_protocol_shows_of_clients_is_described() {
    let document = strowger::http::asyncapi();
    let text = include_str!("../../docs/protocol.md");
    let mut seen = BTreeSet::new();
    for block in text.split("<!-- client -->\n```json\n").skip(1) {
        let block = block.split("\n```").next().expect("a block");
        for line in block.lines().filter(|line| line.starts_with('{')) {
            let frame: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            let Some(kind) = frame["type"].as_str().filter(|kind| kinds().contains(kind)) else { continue };
            let is_taken = Frame::read(line).is_ok();
            assert_eq!(validator_of(&document, kind).is_valid(&frame), is_taken, "{line}");
            seen.insert(kind.to_owned());
        }
    }
    assert!(seen.len() > 10, "{seen:?}");
}

/// Frames of clients may hold fields that nobody knows.
fn validator_of(document: &Value, name: &str) -> Validator {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": format!("#/components/messages/client.{name}/payload"),
        "components": document["components"],
    });
    jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn what_is_wrong_for_the_hub_is_wrong_for_the_description() {
    let document = strowger::http::asyncapi();
    for frame in [
        json!({"type": "register", "client_id": 5}),
        json!({"type": "register", "role": "king"}),
        json!({"type": "chat_message"}),
        json!({"type": "chat_message", "message": ""}),
        json!({"type": "chat_typing", "active": "yes"}),
        json!({"type": "contact_list_update", "contacts": "John"}),
        json!({"type": "contact_list_update", "contacts": [{"phone": "+123456789"}]}),
        json!({"type": "whatsapp_command", "command": {"action": "dance"}}),
        json!({"type": "whatsapp_command", "command": {"action": "send", "contact": "John"}}),
        json!({"type": "whatsapp_command", "command": {"action": "send", "contact": "\u{200b}", "message": "hi"}}),
        json!({"type": "whatsapp_command", "command": {"action": "read", "contact": null}}),
        json!({"type": "whatsapp_command", "command": {"action": "search", "query": " "}}),
        json!({"type": "whatsapp_command", "command": {"action": "list", "count": 0.5}}),
        json!({"type": "whatsapp_ai_command", "command": ""}),
        json!({"type": "whatsapp_ai_command", "command": " "}),
        json!({"type": "contact_list_update", "contacts": [{"name": "John", "phone": "call me"}]}),
        json!({"type": "contact_list_update", "contacts": ["\u{feff}"]}),
        json!({"type": "whatsapp_get_messages"}),
        json!({"type": "search", "count": 3}),
        json!({"type": "whatsapp_action_result", "request_id": "x", "content": {}}),
        json!({"type": "whatsapp_incoming", "contact": "John"}),
        json!({"type": "ping", "request_id": 5}),
    ] {
        let kind = frame["type"].as_str().expect("a type");
        assert!(Frame::read(&frame.to_string()).is_err(), "{frame}");
        assert!(!validator_of(&document, kind).is_valid(&frame), "{frame}");
    }
}

#[test]
fn what_the_hub_takes_is_right_for_the_description() {
    let document = strowger::http::asyncapi();
    for frame in [
        json!({"type": "whatsapp_command", "command": {"action": "list", "contact": null, "count": 5.0}}),
        json!({"type": "whatsapp_command", "command": {"action": "read", "contact": "John", "count": 1e30}}),
        json!({"type": "whatsapp_command", "command": {"action": "send", "contact": "\u{a0}J", "message": " hi"}}),
        json!({"type": "contact_list_update", "contacts": [{"name": "John", "phone": " +1 (555) 010-0/1 "}]}),
        json!({"type": "contact_list_update", "contacts": [{"name": "John", "phone": ""}, "Sarah"]}),
    ] {
        let kind = frame["type"].as_str().expect("a type");
        assert!(Frame::read(&frame.to_string()).is_ok(), "{frame}");
        assert!(validator_of(&document, kind).is_valid(&frame), "{frame}");
    }
}
