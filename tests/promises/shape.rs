//! Whether a frame in a document could be one that the hub sends: the same fields of the same types, and the
//! same sentences.

use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;

/// What is written for something that differs each time.
const ELLIPSIS: &str = "…";

/// What tells frames apart that have different fields.
pub fn kind(frame: &Value) -> String {
    let content = &frame["content"];
    let words = [
        &frame["type"],
        &frame["response_type"],
        &frame["event"],
        &frame["direction"],
        &content["action"],
        &content["command"],
        &content["success"],
        &content["state"],
        &frame["code"],
        &content["code"],
    ];
    let words = words.into_iter().filter(|word| !word.is_null());
    words
        .map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned))
        .collect::<Vec<_>>()
        .join(" ")
}

/// What is wrong with `shown`, going by all that the hub sent of this kind.
pub fn misfits(shown: &Value, sent: &[&Value]) -> Vec<String> {
    let mut found = Vec::new();
    if sent.is_empty() {
        found.push(format!("the hub sends no such frame: {}", kind(shown)));
    } else {
        compare(shown, sent, "", &mut found);
        if !sentence(shown).is_none_or(|says| sent.iter().any(|sent| sentence(sent).as_ref() == Some(&says)))
        {
            let instead: BTreeSet<String> = sent.iter().filter_map(|sent| sentence(sent)).collect();
            found.push(format!("the hub says it otherwise: {instead:?}"));
        }
    }
    found
}

fn compare(shown: &Value, sent: &[&Value], at: &str, found: &mut Vec<String>) {
    match shown {
        Value::Object(fields) if sent.iter().all(|sent| sent.is_object()) => {
            for key in fields.keys() {
                let sent: Vec<&Value> = sent.iter().filter_map(|sent| sent.get(key)).collect();
                if sent.is_empty() {
                    found.push(format!("the hub never sends `{at}{key}`"));
                } else {
                    compare(&shown[key], &sent, &format!("{at}{key}."), found);
                }
            }
            let mut always =
                sent[0].as_object().into_iter().flat_map(|fields| fields.keys()).collect::<Vec<_>>();
            always.retain(|key| sent.iter().all(|sent| sent.get(key).is_some()));
            let missing = always.into_iter().filter(|key| !fields.contains_key(*key));
            found.extend(missing.map(|key| format!("the hub always sends `{at}{key}`, which is missing")));
        }
        Value::Array(items) if sent.iter().all(|sent| sent.is_array()) => {
            let sent: Vec<&Value> = sent.iter().filter_map(|sent| sent.as_array()).flatten().collect();
            for item in items.iter().filter(|_| !sent.is_empty()) {
                compare(item, &sent, at, found);
            }
        }
        _ => compare_single(shown, sent, at.trim_end_matches('.'), found),
    }
}

fn compare_single(shown: &Value, sent: &[&Value], at: &str, found: &mut Vec<String>) {
    let types: BTreeSet<&str> = sent.iter().map(|sent| type_of(sent)).collect();
    if !types.contains(type_of(shown)) {
        found.push(format!("`{at}` is {}, the hub sends {types:?}", type_of(shown)));
    } else if at == "timestamp" && shown != ELLIPSIS && digits_hidden(shown) != digits_hidden(sent[0]) {
        found.push(format!("`timestamp` looks otherwise: {}", sent[0]));
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn digits_hidden(value: &Value) -> String {
    value.to_string().replace(|c: char| c.is_ascii_digit(), "0")
}

/// What it tells people, whatever the names and numbers in it. A slip of the finger may be any word.
fn sentence(frame: &Value) -> Option<String> {
    let text = [&frame["text"], &frame["content"]["text"]].into_iter().find_map(Value::as_str)?;
    let partner = [&frame["partner"], &frame["content"]["partner"]].into_iter().find_map(Value::as_str);
    let text = partner.map_or_else(|| text.to_owned(), |partner| text.replace(partner, "{nickname}"));
    let text = Regex::new("[0-9,]*[0-9]").expect("a pattern").replace_all(&text, "0").into_owned();
    match text.split_once(". Did you mean ") {
        Some(_) => Some("Unknown command {word}. Did you mean {command}?".to_owned()),
        None => Some(text),
    }
}

#[test]
fn a_wrong_frame_is_found_out() {
    let sent: Vec<Value> = [
        r#"{"type":"x","text":"Hi User_A","partner":"User_A","n":[1],"timestamp":"2026-01-02T03:04:05.678Z"}"#,
        r#"{"type":"x","text":"Hi User_B","partner":"User_B","n":[],"more":null,"timestamp":"2026-01-02T03:04:05.678Z"}"#,
    ]
    .iter()
    .map(|text| serde_json::from_str(text).expect("JSON"))
    .collect();
    let sent: Vec<&Value> = sent.iter().collect();
    let check = |text: &str| misfits(&serde_json::from_str(text).expect("JSON"), &sent);
    let rest = r#""partner":"Ann","timestamp":"2026-12-31T00:00:00.000Z""#;
    assert!(check(&format!(r#"{{"type":"x","text":"Hi Ann","n":[7],{rest}}}"#)).is_empty());
    assert!(check(&format!(r#"{{"type":"x","text":"Hi Ann","n":[],"more":null,{rest}}}"#)).is_empty());
    for (text, complaint) in [
        (r#""text":"Ho Ann","n":[7]"#, "the hub says it otherwise"),
        (r#""text":"Hi Ann""#, "the hub always sends `n`"),
        (r#""text":"Hi Ann","n":["7"]"#, "`n` is a string"),
        (r#""text":"Hi Ann","n":[7],"less":0"#, "the hub never sends `less`"),
    ] {
        let found = check(&format!(r#"{{"type":"x",{text},{rest}}}"#));
        assert!(found.len() == 1 && found[0].starts_with(complaint), "{text}: {found:?}");
    }
}
