//! The frames in docs/protocol.md: what it lets clients send is taken, and what it lets the hub send is sent.

use crate::document::{Block, Document, code_words};
use crate::every_frame::every_frame;
use crate::settle;
use crate::shape::{kind, misfits};
use serde_json::Value;
use std::collections::BTreeSet;
use strowger::wire::{Code, Frame};

const PATH: &str = "docs/protocol.md";

/// What clients may send that is answered.
const REQUESTS: [&str; 17] = [
    "register",
    "ping",
    "chat_message",
    "chat_typing",
    "contact_list_update",
    "whatsapp_command",
    "whatsapp_ai_command",
    "whatsapp_get_contacts",
    "whatsapp_get_messages",
    "get_history",
    "search",
    "get_summary",
    "get_status",
    "ai_request",
    "ai_cancel",
    "whatsapp_action_result",
    "whatsapp_incoming",
];

/// A frame in the document, and who sends it.
struct Shown {
    at: String,
    by_client: bool,
    text: String,
    frame: Value,
}

fn shown(document: &Document) -> Vec<Shown> {
    let frames = document.blocks().into_iter().filter(|block| block.language == "json");
    let frames: Vec<Shown> = frames.map(|block| read(document, block)).collect();
    assert!(!frames.is_empty(), "{PATH} shows no frames");
    frames
}

fn read(document: &Document, block: Block) -> Shown {
    let at = document.at(block.first);
    let by_client = match block.above.as_str() {
        "<!-- client -->" => true,
        "<!-- server -->" => false,
        other => panic!("{at}: the line above a frame is <!-- client --> or <!-- server -->, not {other:?}"),
    };
    let frame = serde_json::from_str(&block.text).unwrap_or_else(|error| panic!("{at}: no JSON: {error}"));
    Shown { at, by_client, text: block.text, frame }
}

/// A frame that is shown to be refused stands right before the `error` that refuses it; or its subject is not
/// served, and the document says so.
#[test]
fn what_clients_are_told_to_send_is_taken() {
    let document = Document::read(PATH);
    let frames = shown(&document);
    let mut complaints = Vec::new();
    for (place, shown) in frames.iter().enumerate().filter(|(_, shown)| shown.by_client) {
        let Err(rejection) = Frame::read(&shown.text) else { continue };
        let code = serde_json::to_value(rejection.code).expect("a word");
        let next = frames.get(place + 1).filter(|next| !next.by_client);
        let is_answered = next.is_some_and(|next| next.frame["code"] == code);
        let is_known = rejection.code == Code::Unsupported
            && rejection.request_type.as_deref().is_some_and(|kind| document.names(kind));
        if !is_answered && !is_known {
            complaints.push(format!("{}: the hub answers {code}: {}", shown.at, rejection.text));
        }
    }
    settle(&complaints);
}

/// Types with the code that they are answered with: rows that end with it, and the list of what is not served.
fn refused(document: &Document) -> Vec<(usize, &str, &str)> {
    let mut found = Vec::new();
    let mut in_list = false;
    for (number, line) in document.lines() {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let row = cells.last().and_then(|last| match *last {
            "`unsupported`" => Some("unsupported"),
            "`unknown_type`" => Some("unknown_type"),
            _ => None,
        });
        if let Some(code) = row.filter(|_| line.starts_with('|')) {
            found.extend(code_words(cells[0]).map(|name| (number, name, code)));
        }
        if in_list {
            let listed = line.split(['.', ';']).next().unwrap_or_default();
            found.extend(code_words(listed).map(|name| (number, name, "unsupported")));
        }
        let goes_on = in_list && !line.contains(['.', ';']) && !line.starts_with('#');
        in_list = line.ends_with("`unsupported`:") || goes_on;
    }
    found
}

#[test]
fn what_is_said_to_be_refused_is() {
    let document = Document::read(PATH);
    let refused = refused(&document);
    assert!(refused.len() > 7, "{PATH} says what is not served");
    let complaint = |(line, name, said): (usize, &str, &str)| {
        let frame = serde_json::json!({"type": name}).to_string();
        let code = Frame::read(&frame).err().map(|rejection| serde_json::json!(rejection.code));
        let at = document.at(line);
        (code != Some(said.into()))
            .then(|| format!("{at}: `{name}` is answered with {code:?}, not with {said}"))
    };
    settle(&refused.into_iter().filter_map(complaint).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_the_hub_is_said_to_send_it_sends() {
    let frames = shown(&Document::read(PATH));
    let sent = every_frame().await;
    let mut complaints = Vec::new();
    for shown in frames.iter().filter(|shown| !shown.by_client) {
        let like: Vec<&Value> = sent.iter().filter(|sent| kind(sent) == kind(&shown.frame)).collect();
        let found = misfits(&shown.frame, &like);
        complaints.extend(found.iter().map(|misfit| format!("{}: {misfit}", shown.at)));
    }
    settle(&complaints);
}

#[tokio::test]
async fn every_type_of_frame_is_shown() {
    let frames = shown(&Document::read(PATH));
    let name = |frame: &Value| {
        let words = ["type", "response_type", "event"].into_iter().filter_map(|field| frame[field].as_str());
        words.collect::<Vec<_>>().join(" ")
    };
    let types = |by_client: bool| -> BTreeSet<String> {
        frames.iter().filter(|shown| shown.by_client == by_client).map(|shown| name(&shown.frame)).collect()
    };
    let (asked, told) = (types(true), types(false));
    let requests = REQUESTS.iter().filter(|name| !asked.contains(**name));
    let mut complaints: Vec<String> =
        requests.map(|name| format!("{PATH}: show a {name} that a client sends")).collect();
    let sent: BTreeSet<String> = every_frame().await.iter().map(name).collect();
    complaints.extend(sent.difference(&told).map(|name| format!("{PATH}: show a {name} that the hub sends")));
    settle(&complaints);
}
