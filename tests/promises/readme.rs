//! What the README shows is what a new user gets: its conversation, commands, frames and its Python.

use crate::document::{Block, Document, root};
use crate::running::{Program, RunningHub, python};
use crate::settle;
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use strowger::wire::Frame;

const PATH: &str = "README.md";
const CONVERSATION: &str = "tests/scenarios/the_conversation_in_the_readme.txt";

/// The address that people find in the README.
const ADDRESS: &str = "ws://localhost:8002";

#[test]
fn its_conversation_is_the_one_that_is_held() {
    let held = fs::read_to_string(root().join(CONVERSATION)).expect("the scenario");
    let held = held.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("# "));
    let held: Vec<&str> = held.collect();
    let readme = Document::read(PATH);
    let blocks = readme.blocks();
    let block = blocks.iter().find(|block| block.text.starts_with(held[0]));
    let block = block.unwrap_or_else(|| panic!("{PATH}: no block begins with {:?}", held[0]));
    let shown: Vec<(usize, &str)> = block.lines().collect();
    let mut pairs = shown.iter().zip(&held);
    let first = pairs.find(|((_, shown), held)| shown != *held);
    let differ = |((line, shown), held): (&(usize, &str), &&str)| {
        format!("{}: {shown:?} is {held:?} in {CONVERSATION}", readme.at(*line))
    };
    let mut complaints: Vec<String> = first.map(differ).into_iter().collect();
    if shown.len() != held.len() {
        let (here, there) = (shown.len(), held.len());
        complaints.push(format!("{}: {here} lines, and {there} in {CONVERSATION}", readme.at(block.first)));
    }
    settle(&complaints);
}

#[test]
fn its_frames_are_taken() {
    let readme = Document::read(PATH);
    let blocks = readme.blocks();
    let lines: Vec<(usize, &str)> =
        blocks.iter().flat_map(Block::lines).filter(|(_, line)| line.trim().starts_with("{\"")).collect();
    assert!(!lines.is_empty(), "{PATH} shows what to type into websocat");
    let complaint = |(line, text): (usize, &str)| {
        let rejection = Frame::read(text).err()?;
        Some(format!("{}: the hub answers {:?}: {}", readme.at(line), rejection.code, rejection.text))
    };
    settle(&lines.into_iter().filter_map(complaint).collect::<Vec<_>>());
}

#[test]
fn the_hub_starts_with_its_lines() {
    let readme = Document::read(PATH);
    let blocks = readme.blocks();
    let block = blocks.iter().find(|block| block.text.contains(&format!("running on {ADDRESS}")));
    let block = block.unwrap_or_else(|| panic!("{PATH} shows the start lines"));
    // The log has another output in the terminal, but not here.
    let mut hub = RunningHub::with("start_lines", &["--log-level", "ERROR"]);
    let mut complaints = Vec::new();
    for (place, (line, shown)) in block.lines().enumerate() {
        let said = usual_ports(&hub.line(place).replace(&format!(":{}", hub.port), ":8002"));
        if said != shown {
            complaints.push(format!("{}: the hub says {said:?}", readme.at(line)));
        }
    }
    settle(&complaints);
}

/// The line as it is where MCP has its usual port.
fn usual_ports(line: &str) -> String {
    match line.strip_suffix("/mcp").and_then(|line| line.rsplit_once(':')) {
        Some((before, _)) => format!("{before}:8086/mcp"),
        None => line.to_owned(),
    }
}

/// What is typed into one terminal is done, and seen in another that registered with the same line.
#[tokio::test]
async fn its_shared_line_is_shared() {
    let readme = Document::read(PATH);
    let blocks = readme.blocks();
    let block = blocks.iter().find(|block| block.text.contains("whatsapp_ai_command"));
    let block = block.unwrap_or_else(|| panic!("{PATH} shows how to share a line"));
    let server = TestServer::start().await;
    let mut other = TestClient::connect(&server.url()).await;
    other.send_text(block.lines().next().expect("a register").1).await;
    let mut client = TestClient::connect(&server.url()).await;
    for (line, text) in block.lines() {
        client.send_text(text).await;
        let frame: Value = serde_json::from_str(text).expect("JSON");
        while let Some(request_id) = frame.get("request_id") {
            let answer = client.next().await;
            if answer.get("request_id") == Some(request_id) {
                assert_eq!(answer["content"]["success"], true, "{}: {answer}", readme.at(line));
                break;
            }
        }
    }
    loop {
        let seen = other.next().await;
        if seen["type"] == "whatsapp_message" {
            assert_eq!((&seen["contact"], &seen["state"]), (&json!("John"), &json!("simulated")));
            break;
        }
    }
}

/// The client in the README, at the hub of the test.
fn client(python: &Path, code: &str, url: &str) -> Program {
    let mut command = Command::new(python);
    command.args(["-c", &code.replace(ADDRESS, url)]);
    // Printed to a pipe, lines would wait for each other.
    command.env("PYTHONUNBUFFERED", "1").env("PYTHONIOENCODING", "utf-8");
    Program::start("the client in the README", &mut command)
}

#[test]
fn its_python_meets_somebody() {
    let block = Document::read(PATH).first("python");
    assert!(block.text.contains(ADDRESS), "{PATH}:{}: it connects to {ADDRESS}", block.first);
    let Some(python) = python("the Python client in README.md") else { return };
    let hub = RunningHub::start("readme_python");
    let mut first = client(&python, &block.text, &hub.url());
    first.until("🔍 Looking for someone to chat with... Please wait while we find you a partner!");
    let mut second = client(&python, &block.text, &hub.url());
    for client in [&mut first, &mut second] {
        // A text may be faster than the news of the match.
        client.until_all(&["🎉 Connected! You're now chatting with ", "'type': 'chat_message'"]);
    }
}

/// Each line that sets something is run, and `strowger config` shows it.
#[cfg(unix)]
#[test]
fn its_settings_are_understood() {
    let readme = Document::read(PATH);
    let mut complaints = Vec::new();
    for block in readme.blocks().iter().filter(|block| block.language == "sh") {
        // What `talk` is shown to do is in promises/talk.rs.
        let elsewhere = ["git clone", "-- talk"];
        let lines = block.lines().filter(|(_, line)| !elsewhere.iter().any(|part| line.contains(part)));
        for (number, line) in
            lines.filter(|(_, line)| line.contains("--") || line.contains("config/local.toml"))
        {
            let room = Path::new(env!("CARGO_TARGET_TMPDIR")).join("running/readme_settings");
            let _ = fs::remove_dir_all(&room);
            fs::create_dir_all(&room).expect("an empty directory");
            let script = shows_settings(line);
            let mut shell = Command::new("sh");
            shell.args(["-ec", &script]).current_dir(&room).env_clear();
            shell.env("PATH", std::env::var_os("PATH").unwrap_or_default());
            let output = shell.env("STROWGER", env!("CARGO_BIN_EXE_strowger")).output().expect("a shell");
            let (says, errors) =
                (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            if !output.status.success() {
                complaints.push(format!("{}: {}", readme.at(number), errors.trim()));
            } else if line.contains("1h") && !says.contains("1h") {
                complaints.push(format!("{}: sets nothing", readme.at(number)));
            }
        }
    }
    settle(&complaints);
}

/// The same line, but instead of serving it shows the settings in force.
#[cfg(unix)]
fn shows_settings(line: &str) -> String {
    let line = line
        .split(" #")
        .next()
        .unwrap_or_default()
        .replace("cargo run --release -- config", "cargo run --release");
    let show = "\"$STROWGER\" config";
    match line.contains("cargo run --release") {
        true => line.replace("cargo run --release --", show).replace("cargo run --release", show),
        false => format!("{line}; {show}"),
    }
}
