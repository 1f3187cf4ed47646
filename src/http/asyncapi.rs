//! The description of the WebSocket, as AsyncAPI 3.0: made from the types that read and write its frames.

use crate::wire::{AccountResult, Described, ServerFrame, StatusBody, described};
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use bytes::Bytes;
use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

/// `/asyncapi.json`.
pub fn routes() -> Router {
    let text = Bytes::from(document().to_string());
    Router::new().route(
        "/asyncapi.json",
        get(async move || ([(CONTENT_TYPE, "application/json; charset=utf-8")], text)),
    )
}

/// The whole document.
pub fn document() -> Value {
    let (sent, received) = (sent_by_clients(), sent_by_the_hub());
    let mut schemas = parts();
    schemas.insert("Heading".to_owned(), heading());
    let names = |messages: &Map<String, Value>| -> Vec<Value> {
        messages.keys().map(|name| json!({"$ref": format!("#/channels/hub/messages/{name}")})).collect()
    };
    let operations = json!({
        "receive": {"action": "receive", "channel": {"$ref": "#/channels/hub"}, "messages": names(&sent),
            "summary": "What the hub takes from clients"},
        "send": {"action": "send", "channel": {"$ref": "#/channels/hub"}, "messages": names(&received),
            "summary": "What the hub sends to clients"},
    });
    let messages: Map<String, Value> = sent.into_iter().chain(received).collect();
    let of_channel: Map<String, Value> = messages
        .keys()
        .map(|name| (name.clone(), json!({"$ref": format!("#/components/messages/{name}")})))
        .collect();
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Strowger",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "One JSON object per text frame, on one WebSocket. The first frame of a client is \
                `register`. What the hub pushes carries `pos`.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"hub": {"host": "localhost:8002", "protocol": "ws", "pathname": "/",
            "security": [{"$ref": "#/components/securitySchemes/bearer"}]}},
        "channels": {"hub": {"address": "/", "messages": of_channel,
            "description": "`/ws` is the same. A browser's ticket goes into `?ticket=`."}},
        "operations": operations,
        "components": {
            "messages": messages,
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer",
                "description": "Only where `auth.mode` is `token` or `jwt`; or the token comes with `register`."}},
        },
    })
}

/// What every frame of a client may hold. Keys of messages begin with who sends them, since both have a `chat_message`.
fn heading() -> Value {
    json!({
        "type": "object",
        "required": ["type"],
        "properties": {
            "type": {"type": "string"},
            "request_id": {"type": ["string", "null"], "maxLength": 128,
                "description": "Comes back with the answer."},
            "last_pos": {"type": ["string", "null"],
                "description": "The `pos` of the last frame that was dealt with."},
            "client_id": {"description": "After the registration it is ignored."},
            "timestamp": {"description": "It is ignored."},
        },
    })
}

fn sent_by_clients() -> Map<String, Value> {
    described().into_iter().map(|frame| (format!("client.{}", frame.kind), taken(&frame))).collect()
}

/// The message for a frame that the hub takes.
fn taken(frame: &Described) -> Value {
    let kind = json!({"type": "object", "required": ["type"], "properties": {"type": {"const": frame.kind}}});
    let mut all = vec![json!({"$ref": "#/components/schemas/Heading"}), kind];
    all.extend(frame.fields.iter().map(plain));
    json!({"name": frame.kind, "summary": frame.summary, "payload": {"allOf": all}})
}

/// One message for each type of frame that the hub writes.
fn sent_by_the_hub() -> Map<String, Value> {
    let frames = plain(&ServerFrame::schema());
    let variants = frames.get("oneOf").and_then(Value::as_array).cloned().unwrap_or_default();
    let named = variants.into_iter().filter_map(|frame| Some((kind_of(&frame)?.to_owned(), frame)));
    named.map(|(kind, frame)| (format!("hub.{kind}"), json!({"name": kind, "payload": frame}))).collect()
}

/// The one word that `type` may be in a frame, wherever that is said.
fn kind_of(frame: &Value) -> Option<&str> {
    let own = || frame.pointer("/properties/type/enum/0").and_then(Value::as_str);
    own().or_else(|| frame.get("allOf")?.as_array()?.iter().find_map(kind_of))
}

/// All that the messages refer to.
fn parts() -> Map<String, Value> {
    let mut parts = Vec::new();
    ServerFrame::schemas(&mut parts);
    parts.extend(described().into_iter().flat_map(|frame| frame.parts));
    let mut parts: Map<String, Value> =
        parts.into_iter().map(|(name, schema)| (name, plain(&schema))).collect();
    add_status(&mut parts);
    parts
}

/// The answer to `status` has the fields of a status among its own, and no other answer has. What is called alike is
/// either.
fn add_status(parts: &mut Map<String, Value>) {
    let status =
        parts.get(&*StatusBody::name()).and_then(|status| status.get("properties")?.as_object()).cloned();
    let answer = parts
        .get_mut(&*AccountResult::name())
        .and_then(|answer| answer.get_mut("properties")?.as_object_mut());
    let (Some(status), Some(answer)) = (status, answer) else { return };
    for (name, schema) in status {
        let both = match answer.remove(&name) {
            Some(own) => json!({"anyOf": [own, schema]}),
            None => schema,
        };
        answer.insert(name, both);
    }
}

/// A schema as JSON. What can't be written as such would be no schema.
fn plain<S: serde::Serialize>(schema: &S) -> Value {
    serde_json::to_value(schema).unwrap_or_default()
}
