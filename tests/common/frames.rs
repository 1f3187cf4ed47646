//! Every frame of the hub that a test sees is one that `/asyncapi.json` describes, and has no field that is not.

use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::OnceLock;

/// One validator for each type of frame.
fn validators() -> &'static HashMap<String, Validator> {
    static VALIDATORS: OnceLock<HashMap<String, Validator>> = OnceLock::new();
    VALIDATORS.get_or_init(|| {
        let document = strowger::http::asyncapi();
        let sent = document["operations"]["send"]["messages"].as_array().expect("messages");
        let names = sent.iter().filter_map(|message| message["$ref"].as_str()?.rsplit('/').next());
        let kind = |name: &str| name.strip_prefix("hub.").expect("the hub's").to_owned();
        names.map(|name| (kind(name), validator(&document, name))).collect()
    })
}

/// What a message of this name has to be.
pub fn validator(document: &Value, name: &str) -> Validator {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "allOf": [{"$ref": format!("#/components/messages/{name}/payload")}],
        "unevaluatedProperties": false,
        "components": document["components"],
    });
    jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Panics if the hub does not say that it sends such a frame.
pub fn check(frame: &Value) {
    let kind = frame["type"].as_str().unwrap_or_default();
    let validator = validators().get(kind).unwrap_or_else(|| panic!("not described: {frame}"));
    if let Err(error) = validator.validate(frame) {
        panic!("{kind}: {error} at {}: {frame}", error.instance_path());
    }
}
