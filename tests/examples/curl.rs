//! `examples/curl.sh`.

use crate::running::{Program, RunningHub, has_curl};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

const SCRIPT: &str = "examples/curl.sh";
const TOKEN: &str = "a-token-of-thirty-two-characters";

fn start(url: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg(crate::example("curl.sh")).arg(url);
    command
}

/// The JSON that follows the heading, line by line, events without their names.
fn below<'a>(seen: &'a [String], heading: &'a str) -> Vec<Value> {
    let lines = seen.iter().skip_while(|line| !line.starts_with(heading)).skip(1);
    let json = lines.map_while(|line| Some(&line[line.find('{')?..]));
    json.map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))).collect()
}

#[test]
fn two_talk_and_a_session_is_heard_with_curl_alone() {
    if !has_curl(SCRIPT) {
        return;
    }
    let hub = RunningHub::start("curl");
    let mut script = Program::start(SCRIPT, &mut start(&format!("http://localhost:{}", hub.port)));
    assert!(script.ends_well(), "{script}");
    let seen = &script.seen;

    let replies = ["🔍 Looking", "🎉 Connected!", "📤 Message sent.", "📤 Message sent.", "👋 Chat ended."];
    let said = ["Anna: #meet", "Bob: #meet", "Anna: Hello Bob!", "Bob: Hello Anna! Bye.", "Bob: #bye"];
    for (said, reply) in said.into_iter().zip(replies) {
        let answer = &below(seen, said)[0];
        assert!(answer["reply"].as_str().is_some_and(|text| text.starts_with(reply)), "{said}: {answer}");
    }
    let read = below(seen, "Bob reads");
    assert_eq!(read[0]["messages"][0]["text"], "📤 Message sent to your partner from Anna: Hello Bob!");

    let given = below(seen, "Contacts");
    assert_eq!((&given[0]["total_count"], &given[1]["contacts"]), (&json!(2), &json!(["John", "Sarah"])));
    let sent = below(seen, "A message, as an action.");
    assert_eq!((&sent[0]["state"], &sent[0]), (&json!("simulated"), &sent[1]), "one key is one request");
    let heard = sent.last().expect("an event");
    assert_eq!((&heard["type"], &heard["id"]), (&json!("whatsapp_message"), &sent[0]["id"]));
    let back = below(seen, "With the id of the last event");
    assert_eq!((&back[0]["type"], &back[0]["recovered"]), (&json!("registration_confirmed"), &json!(true)));
    let heard = back.iter().filter(|event| event["type"] == "whatsapp_message").collect::<Vec<_>>();
    assert_eq!(heard.len(), 1, "nothing comes twice: {back:?}");
    assert_eq!(heard[0]["message"], "I am late");
    let kept = &below(seen, "What was sent")[0]["messages"];
    assert_eq!((&kept[0]["text"], &kept[1]["text"]), (&json!("Hello!"), &json!("I am late")));
    assert_eq!(kept.as_array().map(Vec::len), Some(2));
}

#[test]
fn without_a_hub_it_stops() {
    if !has_curl(SCRIPT) {
        return;
    }
    let mut script = Program::start(SCRIPT, &mut start("http://localhost:1"));
    assert!(!script.ends_well());
    assert_eq!(script.seen.iter().filter(|line| line.contains(": #meet")).count(), 1, "{script}");
}

#[test]
fn where_a_token_is_asked_for_curl_finds_it() {
    if !has_curl(SCRIPT) {
        return;
    }
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("curl_home");
    fs::create_dir_all(&home).expect("a folder");
    fs::write(home.join(".curlrc"), format!("oauth2-bearer = \"{TOKEN}\"\n")).expect("a file");
    let hub = RunningHub::with(
        "curl_token",
        &["--set", "auth.mode=token", "--set", &format!("auth.token={TOKEN}")],
    );
    let url = format!("http://localhost:{}", hub.port);
    let mut script = Program::start(SCRIPT, start(&url).env("CURL_HOME", &home));
    assert!(script.ends_well(), "{script}");
    fs::remove_dir_all(home).expect("its end");
    let mut script = Program::start(SCRIPT, &mut start(&url));
    assert!(!script.ends_well());
    assert!(script.seen.iter().any(|line| line.contains("unauthorized")), "{script}");
}
