//! docs/ai.md: its commands set up what it says, its conversation is held with a hub whose AI says what is shown, and
//! what it says leaves the house does, and nothing else.

use crate::document::Document;
use crate::running::RunningHub;
use crate::settle;
use crate::stand_in::{Line, StandIn};
use crate::story::Story;
use crate::test_client::{TestClient, couple};
use crate::test_server::TestServer;
use regex::Regex;
use serde_json::{Value, json};
use strowger::ai::Service;

const PATH: &str = "docs/ai.md";

/// What the AI says in the document, one for each question that it is asked there.
fn lines() -> [Line; 6] {
    let dinner = r#"{"action": "send", "contact": "John", "message": "Dinner is ready.", "count": null,
        "query_type": null, "position": null, "query": null}"#;
    [
        Line::Says("A switch that turns one step for each pulse."),
        Line::Says(dinner),
        Line::Says(dinner),
        Line::Says("You told John twice that dinner is ready."),
        Line::Says("Are you coming?\nIt is getting cold.\nShall I keep some for you?"),
        Line::Silence,
    ]
}

#[tokio::test]
async fn its_conversation_is_held() {
    let document = Document::read(PATH);
    let stand_in = StandIn::of(Service::OpenAi, lines()).await;
    let url = format!("openai.url={}", stand_in.url());
    let hub = RunningHub::with("ai", &["--set", &url, "--set", "openai.model=a-model"]);
    let (mut story, mut held) = (Story::default(), 0);
    let is_talk = |text: &str| ["phone > ", "laptop > "].iter().any(|name| text.starts_with(name));
    for block in document.blocks().iter().filter(|block| is_talk(&block.text)) {
        held += 1;
        story.holds(&document, block, &hub.url()).await;
    }
    story.nobody_heard_more(&document).await;
    assert!(held > 2, "{PATH} has a conversation");
    settle(&story.complaints);
    assert_eq!(stand_in.asked().len(), lines().len(), "{PATH}: each of these is asked for once");
}

/// Commands that would serve, run as the doctor: it says who is asked, and that nothing is missing.
#[cfg(unix)]
#[test]
fn its_commands_set_up_an_ai() {
    let document = Document::read(PATH);
    let blocks = document.blocks();
    let (mut complaints, mut said, mut seen) = (Vec::new(), Vec::new(), 0);
    for block in blocks.iter().filter(|block| block.text.contains("cargo run --release")) {
        seen += 1;
        let doctor = doctor(&block.text);
        said =
            doctor.lines().filter(|line| line.contains(" is asked for a-model")).map(str::to_owned).collect();
        if said.is_empty() || doctor.contains("the AI ") {
            complaints.push(format!("{}: the doctor says {doctor}", document.at(block.first)));
        }
    }
    assert!(seen > 3, "{PATH} has commands");
    // What it says to the last of them stands there.
    let shown = blocks.iter().find(|block| block.text.starts_with("fine ")).expect("what the doctor says");
    for ((line, shown), said) in shown.lines().zip(&said) {
        if shown.replace('…', "a-model") != *said {
            complaints.push(format!("{}: the doctor says {said:?}", document.at(line)));
        }
    }
    assert_eq!(shown.lines().count(), said.len(), "{PATH}: {said:?}");
    settle(&complaints);
}

/// What the doctor says where the command would serve.
#[cfg(unix)]
fn doctor(command: &str) -> String {
    let room = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("running/ai_commands");
    std::fs::create_dir_all(&room).expect("an empty directory");
    let doctor = "\"$STROWGER\" doctor";
    let script = command.replace("cargo run --release --", doctor).replace("cargo run --release", doctor);
    let mut shell = std::process::Command::new("sh");
    shell.args(["-uc", &script]).current_dir(&room).env_clear();
    shell.envs([("MODEL", "a-model"), ("KEY", "a-key"), ("STROWGER__SESSION__STORE", "memory")]);
    let output = shell.env("STROWGER", env!("CARGO_BIN_EXE_strowger")).output().expect("a shell");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// What is known of Jane, who writes.
const ID: &str = "crm-17";
const PHONE: &str = "+44 20 7946 0958";
/// What is nobody's business but the hub's.
const OURS: [&str; 7] = [
    ID,
    PHONE,
    "laptop-of-anna",
    "phone-of-anna",
    "a-secret-session",
    "Nickname",
    "a text between strangers",
];

async fn member(server: &TestServer, more: Value) -> TestClient {
    let mut client = TestClient::connect(&server.url()).await;
    let mut register = json!({"type": "register", "session": "a-secret-session", "nickname": "Nickname"});
    register.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
    client.send(register).await;
    client.expect("registration_confirmed").await;
    client
}

/// Reads on to a frame of this type, or to the answer to a request of this name.
async fn until(client: &mut TestClient, name: &str) -> Value {
    loop {
        let frame = client.next().await;
        if frame["type"] == name || (frame["type"] == "response" && frame["request_id"] == name) {
            return frame;
        }
    }
}

async fn writes(bridge: &mut TestClient, message: &str) {
    let (kind, request_id) = ("whatsapp_incoming", "i");
    let jane = json!({"type": kind, "contact": "Jane", "phone": PHONE, "contact_id": ID, "message": message,
        "request_id": request_id});
    bridge.send(jane).await;
    until(bridge, request_id).await;
}

/// How many tokens the last answer may take.
fn longest(stand_in: &StandIn) -> u64 {
    let body = stand_in.asked().last().expect("a question").body.clone();
    let longest = ["max_completion_tokens", "max_tokens"].iter().find_map(|name| body[name].as_u64());
    longest.unwrap_or_else(|| panic!("an answer has an end: {body}"))
}

/// What the AI was asked last, without what it is to do.
fn asked(stand_in: &StandIn) -> String {
    let body = stand_in.asked().last().expect("a question").body.clone();
    for ours in OURS {
        assert!(!body.to_string().contains(ours), "{ours} leaves the house: {body}");
    }
    let messages = body["messages"].as_array().expect("messages");
    messages.last().and_then(|message| message["content"].as_str()).expect("a text").to_owned()
}

fn talk(stand_in: &StandIn) -> Value {
    serde_json::from_str(&asked(stand_in)).expect("JSON")
}

#[tokio::test]
async fn what_it_says_leaves_the_house_does_and_nothing_else() {
    let document = Document::read(PATH);
    for promise in ["the last 50 messages", "2,000 characters"] {
        assert!(document.text.contains(promise), "{PATH}: say that it is {promise}");
    }
    let tokens =
        Regex::new(r"answer\s+ends\s+at\s+([\d,]+)\s+tokens[,;][^.]*?\s([\d,]+),").expect("a pattern");
    let tokens = tokens.captures(&document.text).expect("how long answers are");
    let tokens = |at: usize| tokens[at].replace(',', "").parse::<u64>().expect("a number");
    let stand_in = StandIn::of(Service::OpenAi, [Line::Says("I will pass it on.")]).await;
    let url = format!("openai.url={}", stand_in.url());
    let server = TestServer::with(&[&url, "openai.model=a-model"]).await;
    let (mut stranger, mut other) = couple(&server.url()).await;
    stranger.say("a text between strangers").await;
    assert_eq!(other.hear().await, "a text between strangers");
    let mut laptop = member(&server, json!({"client_id": "laptop-of-anna"})).await;
    let mut bridge = member(&server, json!({"client_id": "phone-of-anna", "role": "bridge"})).await;
    for n in 1..60 {
        writes(&mut bridge, &format!("message {n}")).await;
    }
    writes(&mut bridge, &"x".repeat(3_000)).await;

    let mut ask = async |frame: Value| {
        let mut named = frame;
        named["request_id"] = json!(named.to_string().len().to_string());
        let request_id = named["request_id"].as_str().expect("a text").to_owned();
        laptop.send(named).await;
        until(&mut laptop, &request_id).await
    };
    ask(json!({"type": "ai_request", "prompt": "What is new?", "context": "Of trains."})).await;
    assert_eq!(talk(&stand_in), json!({"context": "Of trains.", "question": "What is new?"}));
    assert_eq!(longest(&stand_in), tokens(1), "{PATH}: say it");
    let sentence = "colourless green ideas sleep furiously";
    let context = json!({"last_contact": "Zoe", "contact_list": ["Zoe"]});
    ask(json!({"type": "whatsapp_ai_command", "command": sentence, "context": context})).await;
    assert_eq!(asked(&stand_in), sentence);
    let last = json!({"from": "them", "text": "x".repeat(2_000)});
    for frame in [
        json!({"type": "get_summary", "contact": "Jane"}),
        json!({"type": "whatsapp_command", "command": {"action": "suggest", "contact": "Jane"}}),
    ] {
        ask(frame).await;
        let talk = talk(&stand_in);
        assert_eq!((&talk["contact"], &talk["messages"][0]["text"]), (&json!("Jane"), &json!("message 11")));
        assert_eq!(talk["messages"].as_array().map(Vec::len), Some(50));
        assert_eq!(talk["messages"][49], last);
        assert_eq!(longest(&stand_in), tokens(2), "{PATH}: say it");
    }
    ask(json!({"type": "get_summary"})).await;
    assert_eq!(talk(&stand_in)["messages"][0], json!({"from": "them", "with": "Jane", "text": "message 11"}));
    ask(json!({"type": "whatsapp_command", "command": {"action": "auto_on"}})).await;
    writes(&mut bridge, "Are you there?").await;
    let action = until(&mut bridge, "whatsapp_action").await;
    assert_eq!(action["action"]["message"], "I will pass it on.");
    let said = json!({"from": "them", "text": "Are you there?"});
    assert_eq!(talk(&stand_in)["messages"][49], said);
}
