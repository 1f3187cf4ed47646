//! What the process says of those who use it: nothing. No number, text, nickname or id of theirs.

use crate::process::{Process, Room};
use crate::raw_client::{RawClient, TEXT, frame};
use crate::returning_client::Returning;
use crate::stand_in::{Line, StandIn};
use crate::test_client::TestClient;
use crate::web::{self, get, request};
use rustix::process::Signal;
use serde_json::{Value, json};
use strowger::ai::Service;

/// A number for each place where somebody might put one. No two share six digits in a row.
const CLIENT_ID: &str = "+919876543210";
const NICKNAME: &str = "4917612345678";
const TEXT_MASKED: &str = "9014769239";
const TEXT_PLAIN: &str = "7390582641";
const CONTACT: &str = "+33687415926";
const SESSION: &str = "5550193847";
const BAD_JSON: &str = "8172635490";
const HEADER: &str = "6039481725";
const REQUEST_ID: &str = "2468013579";
const TAG: &str = "3141592653";
const NUMBERS: [&str; 10] =
    [CLIENT_ID, NICKNAME, TEXT_MASKED, TEXT_PLAIN, CONTACT, SESSION, BAD_JSON, HEADER, REQUEST_ID, TAG];

/// Words that stand in nobody's log by chance.
const WORDS: [&str; 9] = [
    "Quetzalcoatl",
    "Xylophonist",
    "zugzwang",
    "syzygy",
    "Wolpertinger",
    "bumfuzzle",
    "kerfuffle",
    "taradiddle",
    "snollygoster",
];

/// How many digits in a row tell one number from another.
const WINDOW: usize = 6;

/// Every marked thing in this text.
fn found_in(text: &str) -> Vec<&'static str> {
    let digits = |number: &'static str| number.trim_start_matches('+');
    let windows = NUMBERS
        .into_iter()
        .map(digits)
        .flat_map(|n| (0..=n.len() - WINDOW).map(move |at| &n[at..at + WINDOW]));
    windows.chain(WORDS).filter(|mark| text.contains(mark)).collect()
}

/// A log line without the time at its beginning, whose fraction could be any six digits.
fn without_time(line: &str) -> &str {
    match line.split_once(' ') {
        Some((time, rest)) if time.starts_with("20") && time.ends_with('Z') => rest,
        _ => line,
    }
}

/// Every frame that carries something of a person's, and a few that no hub understands.
async fn hold_a_conversation(port: u16) {
    let url = format!("ws://127.0.0.1:{port}/");
    let (mut a, mut b) = (TestClient::connect(&url).await, TestClient::connect(&url).await);
    let register = json!({
        "type": "register", "client_id": format!("Quetzalcoatl {CLIENT_ID}"), "client_name": format!("Xylophonist {CLIENT_ID}"),
        "session": format!("zugzwang {SESSION}"), "nickname": format!("syzygy {NICKNAME}"), "request_id": REQUEST_ID,
        "resume_token": REQUEST_ID,
    });
    a.send(register.clone()).await;
    a.expect("registration_confirmed").await;
    b.send(register).await;
    assert_eq!(b.expect("error").await["code"], "client_id_taken");
    b.send(json!({"type": "register", "nickname": "Wolpertinger", "session": format!("zugzwang {SESSION}")}))
        .await;
    b.expect("registration_confirmed").await;

    assert_eq!(a.ask(&format!("#meet {TAG}, taradiddle")).await["state"], "waiting");
    assert_eq!(b.ask("#meet").await["state"], "paired");
    a.say(&format!("bumfuzzle {TEXT_MASKED}")).await;
    assert_eq!(b.hear().await, "bumfuzzle [hidden]");
    assert_eq!(a.ask("#hide").await["masking"], false);
    a.say(&format!("bumfuzzle {TEXT_PLAIN}")).await;
    assert_eq!(b.hear().await, format!("bumfuzzle {TEXT_PLAIN}"));
    let contacts = json!([format!("kerfuffle {CONTACT}"), {"name": "kerfuffle", "phone": CONTACT}]);
    b.send(json!({"type": "contact_list_update", "contacts": contacts})).await;
    b.expect("contact_list_broadcast").await;
    b.send(json!({"type": format!("snollygoster {BAD_JSON}"), "request_id": BAD_JSON})).await;
    assert_eq!(b.expect("error").await["code"], "unknown_type");
    b.send_text(&format!("{{\"type\": \"snollygoster {BAD_JSON}")).await;
    assert_eq!(b.expect("error").await["code"], "invalid_json");
    b.send(json!({"type": "chat_typing", "active": format!("snollygoster {BAD_JSON}")})).await;
    assert_eq!(b.expect("error").await["code"], "invalid_message");
    assert_eq!(a.ask("#report taradiddle").await["state"], "idle");
    a.say(&format!("taradiddle {TEXT_PLAIN}")).await;
    a.close().await;
    break_off(port).await;
    ask_for_pages(port).await;
}

/// Connections that end in every other way than a goodbye.
async fn break_off(port: u16) {
    let register = json!({"type": "register", "client_id": format!("Quetzalcoatl {CLIENT_ID}")}).to_string();
    let not_utf8 = [format!("snollygoster {BAD_JSON}").as_bytes(), b"\xFF"].concat();
    for bytes in [frame(TEXT, &not_utf8), frame(0x82, BAD_JSON.as_bytes()), vec![TEXT, 1, b'x']] {
        let mut client = RawClient::connect(port).await;
        client.send(&register).await;
        assert_eq!(client.next().await["type"], "registration_confirmed");
        client.write(&bytes).await;
        assert!(client.close_code().await.is_some());
    }
}

/// Requests whose heads carry marks: those that are answered, refused and not understood.
async fn ask_for_pages(port: u16) {
    let marked = format!(
        "Cookie: snollygoster={HEADER}\r\nAuthorization: Bearer {HEADER}\r\nX-Forwarded-For: {HEADER}\r\n"
    );
    for start in
        [format!("GET /?q={HEADER}"), format!("GET /snollygoster/{HEADER}"), format!("POST /{HEADER}")]
    {
        let text =
            format!("{start} HTTP/1.1\r\nHost: snollygoster{HEADER}\r\n{marked}Content-Length: 0\r\n\r\n");
        request(port, &text).await;
    }
    assert_eq!(
        web::upgrade(port, "/", &format!("Origin: http://snollygoster{HEADER}.test\r\n")).await.status,
        403
    );
    assert_eq!(request(port, &format!("snollygoster {HEADER}\r\n\r\n")).await.status, 400);
}

/// The port in `MCP server running on ws://localhost:8002`.
pub fn port_in(line: &str) -> u16 {
    let port = line.strip_prefix("MCP server running on ws://localhost:").expect("the start line");
    port.parse().expect("a port")
}

/// Runs a house that logs like this, and returns all that it ever said.
async fn all_that_is_said(arguments: &[&str], log_file: Option<&str>) -> String {
    let room = Room::new();
    let house = Process::start(&room, &[&["--port", "0"], arguments].concat(), &[("LOG_LEVEL", "DEBUG")]);
    let port = port_in(&house.line());
    hold_a_conversation(port).await;
    let figures = get(port, "/metrics").await;
    house.signal(Signal::TERM);
    let ended = house.ended();
    assert!(ended.status.success(), "{:?}", ended.stderr);
    let log = log_file.map(|file| std::fs::read_to_string(room.path().join(file)).expect("a log"));
    let lines = log
        .as_deref()
        .unwrap_or_default()
        .lines()
        .chain(ended.stdout.iter().chain(&ended.stderr).map(String::as_str));
    let said: Vec<_> = lines.map(without_time).collect();
    assert!(said.iter().any(|line| line.contains("A connection ended")), "the log is on: {said:?}");
    // Nothing else is left behind.
    let files = std::fs::read_dir(room.path()).expect("the room").count();
    assert_eq!(files, usize::from(log_file.is_some()));
    said.join("\n") + &figures.body
}

#[tokio::test]
async fn nothing_of_a_conversation_is_on_the_terminal_or_among_the_figures() {
    let said = all_that_is_said(&[], None).await;
    assert_eq!(found_in(&said), [""; 0], "in\n{said}");
}

#[tokio::test]
async fn nothing_of_a_conversation_is_in_a_log_file() {
    let said = all_that_is_said(
        &["--set", "log.file=strowger.log", "--set", "log.level=TRACE"],
        Some("strowger.log"),
    )
    .await;
    assert_eq!(found_in(&said), [""; 0], "in\n{said}");
}

#[tokio::test]
async fn nothing_of_a_conversation_is_in_a_log_for_collectors() {
    let arguments = ["--set", "log.file=strowger.log", "--set", "log.format=json"];
    let said = all_that_is_said(&arguments, Some("strowger.log")).await;
    let line = said.lines().find(|line| line.starts_with('{')).expect("a line of JSON");
    assert!(serde_json::from_str::<Value>(line).is_ok(), "{line}");
    // The time is a field here, with six digits of any kind.
    let times = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let said =
        times.fold(said.clone(), |said, line| said.replace(line["timestamp"].as_str().unwrap_or("\0"), ""));
    assert_eq!(found_in(&said), [""; 0], "in\n{said}");
}

/// Pairs of a line and the client in it, in order.
fn calls_in(said: &[String]) -> Vec<(&'static str, &str)> {
    let lines = ["A client is on a call", "A call is over"];
    let mut calls = Vec::new();
    for text in said {
        let line = lines.into_iter().find(|line| text.contains(line));
        let client = text.split_once("client=").and_then(|(_, rest)| rest.split(' ').next());
        calls.extend(line.zip(client));
    }
    calls
}

#[tokio::test]
async fn each_call_begins_and_ends_once_in_the_log_for_each_of_the_two() {
    let room = Room::new();
    let house = Process::start(&room, &["--port", "0"], &[("LOG_LEVEL", "DEBUG"), ("NO_COLOR", "1")]);
    let url = format!("ws://127.0.0.1:{}/", port_in(&house.line()));
    let (mut a, mut b) = (Returning::join(&url, "A").await, Returning::join(&url, "B").await);
    assert_eq!(a.client.ask("#meet").await["state"], "waiting");
    assert_eq!(b.client.ask("#meet").await["state"], "paired");
    // One comes back, and says goodbye while they talk.
    a.come_back(&url).await;
    a.client.close().await;
    while b.next().await["event"] != "partner_left" {}
    house.signal(Signal::TERM);
    let ended = house.ended();
    let calls = calls_in(&ended.stderr);
    for line in ["A client is on a call", "A call is over"] {
        let mut clients: Vec<_> =
            calls.iter().filter(|(what, _)| *what == line).map(|(_, who)| who).collect();
        assert_eq!(clients.len(), 2, "{line}: {:?}", ended.stderr);
        clients.dedup();
        assert_eq!(clients.len(), 2, "one for each: {:?}", ended.stderr);
    }
}

#[test]
fn the_search_finds_what_it_looks_for() {
    assert_eq!(found_in("a Wolpertinger called 987654"), ["987654", "Wolpertinger"]);
    assert_eq!(without_time("2026-01-02T03:04:05.678901Z DEBUG x"), "DEBUG x");
}

/// What an AI is asked and says is in no line either, whatever goes wrong with it, and its key is nowhere. A proxy that
/// the environment names has no part in what stays on this machine.
#[tokio::test]
async fn what_an_ai_is_asked_and_says_is_in_no_line_of_the_log() {
    for service in Service::ALL {
        says_nothing_of(service).await;
    }
}

async fn says_nothing_of(service: Service) {
    let fault = || Line::Status(500, "", json!({"error": {"message": "snollygoster"}}));
    let lines = [Line::Says("taradiddle"), Line::Cut("taradiddle"), fault(), fault(), Line::Declines];
    let (room, stand_in) = (Room::new(), StandIn::of(service, lines).await);
    let name = service.name();
    let set = [format!("{name}.url={}", stand_in.url()), format!("{name}.model=a-model")];
    let key = format!("{name}.key=Quetzalcoatl");
    let set = set.iter().chain([&key]).flat_map(|setting| ["--set", setting]);
    let nowhere = "http://127.0.0.1:1";
    let environment = [("LOG_LEVEL", "TRACE"), ("http_proxy", nowhere), ("ALL_PROXY", nowhere)];
    let arguments: Vec<_> = ["--port", "0"].into_iter().chain(set).collect();
    let hub = Process::start(&room, &arguments, &environment);
    let url = format!("ws://127.0.0.1:{}/", port_in(&hub.line()));
    let mut client = TestClient::join(&url, "Anna").await;
    for n in 0..4 {
        let (prompt, context) = (format!("bumfuzzle {n}"), "kerfuffle");
        client.send(json!({"type": "ai_request", "prompt": prompt, "context": context})).await;
        let answer = client.expect("response").await;
        assert_eq!(answer["content"]["success"], n == 0, "{answer}");
    }
    hub.signal(Signal::TERM);
    let ended = hub.ended();
    let all = [ended.stdout, ended.stderr].concat();
    assert!(all.iter().any(|line| line.contains("A call of an AI failed")), "{all:?}");
    for line in all {
        assert_eq!(found_in(without_time(&line)), Vec::<&str>::new(), "{line}");
    }
}
