//! What outlives the process: what a session shares. And what does not: everything that strangers say.

use crate::mcp_client::Mcp;
use crate::privacy::port_in;
use crate::process::{Process, Room};
use crate::team::{ask, bridge, command, heard, incoming, member, share};
use crate::test_client::{TestClient, couple};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Starts it with a directory of its own to keep things in.
fn start(room: &Room) -> (Process, u16, String) {
    let arguments =
        ["--port", "0", "--set", "data.dir=kept", "--set", "log.file=hub.log", "--set", "log.level=TRACE"];
    let process = Process::start(room, &arguments, &[("STROWGER__SESSION__STORE", "disk")]);
    let port = port_in(&process.line());
    (process, port, format!("ws://127.0.0.1:{port}/"))
}

fn kill(process: Process) {
    process.signal(Signal::KILL);
    process.ended();
}

/// Every file below this directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The files that have this in them, in any case, as text in UTF-8.
fn files_with(room: &Room, mark: &str) -> Vec<PathBuf> {
    let has = |path: &PathBuf| {
        let bytes = std::fs::read(path).expect("a file").to_ascii_lowercase();
        bytes.windows(mark.len()).any(|window| window == mark.to_ascii_lowercase().as_bytes())
    };
    files(room.path()).into_iter().filter(has).collect()
}

fn texts(history: &Value) -> Vec<String> {
    let messages = history["content"]["messages"].as_array().expect("messages");
    messages.iter().map(|message| message["text"].as_str().expect("a text").to_owned()).collect()
}

#[tokio::test]
async fn a_session_goes_on_after_a_restart() {
    let room = Room::new();
    let (process, _, url) = start(&room);
    let mut client = member(&url, "laptop").await;
    share(&mut client, json!(["John", {"name": "Sarah", "phone": "+15550100", "id": "s1"}])).await;
    command(&mut client, json!({"action": "send", "contact": "Sarah", "message": "hello"}), "1").await;
    command(&mut client, json!({"action": "auto_on"}), "2").await;
    process.signal(Signal::TERM);
    assert!(process.ended().status.success());

    let (process, _, url) = start(&room);
    let mut client = member(&url, "laptop").await;
    assert_eq!(heard(&mut client, "contact_list_broadcast").await["contacts"], json!(["John", "Sarah"]));
    let status = ask(&mut client, json!({"type": "get_status"}), "s").await["content"].clone();
    assert_eq!((&status["auto_reply"], &status["last_contact"]), (&json!(true), &json!("Sarah")));
    assert_eq!(texts(&ask(&mut client, json!({"type": "get_history"}), "h").await), ["hello"]);
    let contacts = ask(&mut client, json!({"type": "whatsapp_get_contacts"}), "c").await["content"].clone();
    assert_eq!(contacts["details"][1]["id"], "s1");
    kill(process);
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_kill() {
    let room = Room::new();
    let (process, _, url) = start(&room);
    let mut client = member(&url, "laptop").await;
    command(&mut client, json!({"action": "send", "contact": "John", "message": "hello"}), "1").await;
    // The store has written it once it answers a question.
    assert_eq!(texts(&ask(&mut client, json!({"type": "get_history"}), "h").await), ["hello"]);
    kill(process);
    let (process, _, url) = start(&room);
    let mut client = member(&url, "laptop").await;
    assert_eq!(texts(&ask(&mut client, json!({"type": "get_history"}), "h").await), ["hello"]);
    kill(process);
}

#[tokio::test]
async fn nothing_of_what_strangers_say_is_in_any_file() {
    const MARKS: [&str; 4] = ["Wolpertinger", "taradiddle", "9014769239", "User_A"];
    let room = Room::new();
    let (process, _, url) = start(&room);
    let (mut a, mut b) = couple(&url).await;
    a.say("Wolpertinger, says the taradiddle").await;
    b.hear().await;
    assert_eq!(b.ask("#hide").await["masking"], false);
    b.say("call 9014769239").await;
    assert_eq!(a.hear().await, "call 9014769239");
    // The search would find it: what a session sends is kept, and that is the control.
    let mut team = member(&url, "laptop").await;
    command(&mut team, json!({"action": "send", "contact": "John", "message": "a kept snollygoster"}), "1")
        .await;
    ask(&mut team, json!({"type": "get_history"}), "h").await;
    assert!(!files_with(&room, "snollygoster").is_empty());
    kill(process);
    for mark in MARKS {
        assert_eq!(files_with(&room, mark), Vec::<PathBuf>::new(), "{mark}");
    }

    let (process, _, url) = start(&room);
    let mut a = TestClient::join(&url, "User_A").await;
    assert_eq!(a.ask("#who").await["state"], "idle");
    process.signal(Signal::TERM);
    assert!(process.ended().status.success());
    for mark in MARKS {
        assert_eq!(files_with(&room, mark), Vec::<PathBuf>::new(), "{mark} after a restart");
    }
    assert!(!files_with(&room, "snollygoster").is_empty());
}

#[tokio::test]
async fn who_chats_by_mcp_begins_anew_after_a_kill_with_the_token_they_have() {
    let room = Room::new();
    let (process, port, _) = start(&room);
    let token = || std::fs::read_to_string(room.path().join("kept/auth_token")).expect("a token");
    let kept: &'static str = token().trim().to_owned().leak();
    let mcp = Mcp { port, token: kept };
    mcp.say("Quetzalcoatl", "#meet").await;
    assert_eq!(mcp.say("Wolpertinger", "#meet").await.content()["state"], "paired");
    mcp.say("Wolpertinger", "the taradiddle").await;
    kill(process);

    let (process, port, _) = start(&room);
    assert_eq!(token().trim(), kept);
    let mcp = Mcp { port, ..mcp };
    // Nobody greets, and the house asks for no greeting.
    for who in ["Quetzalcoatl", "Wolpertinger"] {
        let said = mcp.say(who, "#who").await;
        assert_eq!((&said.content()["state"], said.content().get("partner")), (&json!("idle"), None));
        assert_eq!(said.content()["messages"], json!([]));
    }
    assert_eq!(mcp.say("Quetzalcoatl", "#meet").await.content()["state"], "waiting");
    kill(process);
    for mark in ["Quetzalcoatl", "Wolpertinger", "taradiddle"] {
        assert_eq!(files_with(&room, mark), Vec::<PathBuf>::new(), "{mark}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_kept_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let room = Room::new();
    let (process, _, url) = start(&room);
    let mut client = member(&url, "laptop").await;
    command(&mut client, json!({"action": "send", "contact": "John", "message": "hello"}), "1").await;
    ask(&mut client, json!({"type": "get_history"}), "h").await;
    let kept = files(&room.path().join("kept"));
    assert!(!kept.is_empty());
    for path in kept {
        let mode = std::fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} is {mode:o}", path.display());
    }
    kill(process);
}

#[tokio::test]
async fn who_is_who_is_the_same_after_a_restart() {
    let room = Room::new();
    let (process, _, url) = start(&room);
    let mut client = member(&url, "laptop").await;
    let mut phone = bridge(&url).await;
    incoming(&mut phone, "Jane", "hello").await;
    while heard(&mut client, "contact_list_broadcast").await["total_count"] != 1 {}
    share(&mut client, json!([{"name": "Mike", "phone": "+15550102", "id": "crm-2"}])).await;
    incoming(&mut phone, "Mike", "me too").await;
    let contacts = ask(&mut client, json!({"type": "whatsapp_get_contacts"}), "c").await["content"].clone();
    assert_eq!(texts(&ask(&mut client, json!({"type": "get_history"}), "h").await), ["hello", "me too"]);
    kill(process);

    let (process, _, url) = start(&room);
    let mut client = member(&url, "laptop").await;
    let again = ask(&mut client, json!({"type": "whatsapp_get_contacts"}), "c").await["content"].clone();
    assert_eq!(again, contacts);
    // She had no id of anybody's, so she is whom the client knows more of.
    share(&mut client, json!([{"name": "Jane", "phone": "+15550101", "id": "crm-1"}])).await;
    let contacts = ask(&mut client, json!({"type": "whatsapp_get_contacts"}), "d").await["content"].clone();
    assert_eq!((&contacts["total_count"], &contacts["details"][0]["id"]), (&json!(1), &json!("crm-1")));
    // And what a client took back is not the backend's.
    share(&mut client, json!([])).await;
    let contacts = ask(&mut client, json!({"type": "whatsapp_get_contacts"}), "e").await["content"].clone();
    assert_eq!(contacts["contacts"], json!(["Jane"]));
    assert_eq!(contacts["details"][0]["phone"], Value::Null);
    kill(process);
}
