//! The conversations of a document, held with a real hub: what a client is shown to say is said, what it is shown to
//! hear comes, and nothing else does.

use crate::document::{Block, Document};
use crate::test_client::TestClient;
use serde_json::Value;
use std::collections::BTreeMap;

/// What differs each time.
const ELLIPSIS: &str = "…";
/// What a client gives back as it was given.
const CONFIRM: &str = r#""confirm":"…""#;

/// The conversations as far as they were held.
#[derive(Default)]
pub struct Story {
    clients: BTreeMap<String, TestClient>,
    /// The last code that somebody was asked to confirm by.
    confirm: String,
    pub complaints: Vec<String>,
}

/// What somebody is shown to hear: the line, who, and the frame.
type Awaited<'d> = (usize, &'d str, Value);

/// One line of a conversation: whose, whether they say it, and the frame.
fn line(text: &str) -> Option<(&str, bool, &str)> {
    let (name, rest) = text.split_once(' ')?;
    let (sign, frame) = rest.split_once(' ')?;
    let is_said = match sign {
        ">" => true,
        "<" => false,
        _ => return None,
    };
    frame.starts_with('{').then_some((name, is_said, frame))
}

impl Story {
    /// Holds one conversation. Of several frames for one client in a row the order is not told.
    pub async fn holds(&mut self, document: &Document, block: &Block, url: &str) {
        let mut awaited: Vec<Awaited<'_>> = Vec::new();
        for (number, text) in block.lines() {
            let Some((name, is_said, frame)) = line(text) else {
                self.complaints.push(format!("{}: no line of a conversation", document.at(number)));
                continue;
            };
            if is_said || awaited.first().is_some_and(|(_, before, _)| *before != name) {
                self.hears(document, std::mem::take(&mut awaited)).await;
            }
            if is_said {
                if !self.clients.contains_key(name) {
                    self.clients.insert(name.to_owned(), TestClient::connect(url).await);
                }
                let frame = frame.replace(CONFIRM, &CONFIRM.replace(ELLIPSIS, &self.confirm));
                self.clients.get_mut(name).expect("a client").send_text(&frame).await;
            } else {
                awaited.push((number, name, serde_json::from_str(frame).expect("JSON")));
            }
        }
        self.hears(document, awaited).await;
    }

    async fn hears(&mut self, document: &Document, mut awaited: Vec<Awaited<'_>>) {
        let mut said = String::new();
        while let Some((number, name, shown)) = awaited.first() {
            let client = self.clients.get_mut(*name).expect("somebody who spoke before");
            let came = client.next().await;
            if let Some(confirm) = came["content"]["confirm"].as_str() {
                confirm.clone_into(&mut self.confirm);
            }
            // How an answer falls into pieces is told by nobody.
            if let Some(all) = shown_deltas(&awaited, &came) {
                said.push_str(came["delta"].as_str().expect("a text"));
                if !all.starts_with(&said) {
                    self.complaints.push(format!("{}: an AI says {said:?}", document.at(*number)));
                }
                if said.len() >= all.len() {
                    awaited.retain(|(_, _, shown)| shown["type"] != "ai_delta" || shown["done"] == true);
                }
                continue;
            }
            match awaited.iter().position(|(_, _, shown)| fits(shown, &came)) {
                Some(at) => drop(awaited.remove(at)),
                None => {
                    self.complaints.push(format!("{}: {came} came, not {shown}", document.at(*number)));
                    awaited.remove(0);
                }
            }
        }
    }

    /// What is not shown has not come.
    pub async fn nobody_heard_more(&mut self, document: &Document) {
        for (name, mut client) in std::mem::take(&mut self.clients) {
            client.send_text(r#"{"type":"ping"}"#).await;
            let next = client.next().await;
            if next["type"] != "pong" {
                self.complaints.push(format!("{}: {name} hears this too: {next}", document.path));
            }
        }
    }
}

/// All that the awaited pieces of an answer say, if this is one of them.
fn shown_deltas(awaited: &[Awaited<'_>], came: &Value) -> Option<String> {
    if came["done"] == true {
        return None;
    }
    let is_piece = |shown: &&Value| {
        shown["type"] == "ai_delta"
            && shown["done"].is_null()
            && (&shown["type"], &shown["request_id"]) == (&came["type"], &came["request_id"])
    };
    let pieces = awaited.iter().map(|(_, _, shown)| shown).filter(is_piece);
    let text: String = pieces.filter_map(|shown| shown["delta"].as_str()).collect();
    (!text.is_empty()).then_some(text)
}

/// Whether a frame is the one that is shown, but for what differs each time and its position.
fn fits(shown: &Value, came: &Value) -> bool {
    match (shown, came) {
        (Value::String(text), Value::String(_)) if text == ELLIPSIS => true,
        (Value::Object(shown), Value::Object(came)) => {
            let is_told = |key: &&String| *key != "pos" || shown.contains_key("pos");
            came.keys().filter(is_told).count() == shown.len()
                && shown.iter().all(|(key, value)| came.get(key).is_some_and(|came| fits(value, came)))
        }
        (Value::Array(shown), Value::Array(came)) => {
            shown.len() == came.len() && shown.iter().zip(came).all(|(shown, came)| fits(shown, came))
        }
        _ => shown == came,
    }
}
