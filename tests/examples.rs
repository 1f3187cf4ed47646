//! Every example does what it says, against the real binary.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "examples/bridge.rs"]
mod bridge;
#[path = "common/network.rs"]
mod network;
// Other tests use more of these.
#[allow(dead_code)]
#[path = "common/running.rs"]
mod running;
#[allow(dead_code)]
#[path = "common/test_client.rs"]
mod test_client;

use futures::{SinkExt, StreamExt};
use network::Network;
use running::{Program, RunningHub, python};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// How long a client may take to come back.
const PATIENCE: Duration = Duration::from_secs(30);

/// Cargo puts examples beside the folder of test programs.
fn built(name: &str) -> PathBuf {
    let here = std::env::current_exe().expect("a path");
    let folder = here.ancestors().nth(2).expect("the folder of everything built");
    let path = folder.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "{} is not built: cargo build --examples", path.display());
    path
}

fn transcript(hub: &RunningHub, example: &str, more: &[&str]) -> String {
    let mut program = Program::start(example, Command::new(built(example)).arg(hub.url()).args(more));
    let is_content = program.ends_well();
    assert!(is_content, "{example} failed:\n{program}and the hub said:\n{}", hub.said());
    program.seen.join("\n")
}

#[test]
fn two_strangers_meet_talk_and_part() {
    let hub = RunningHub::start("two_strangers");
    let expected = "\
User_A: #meet
    User_A sees: 🔍 Looking for someone to chat with... Please wait while we find you a partner!
User_B: #meet
    User_B sees: 🎉 Connected! You're now chatting with User_A. Say hello!
    User_A sees: 🎉 Connected! You're now chatting with User_B. Say hello!
User_A: Hello! How are you?
    User_B sees: User_A: Hello! How are you?
User_B: I'm good, thanks! Where are you from?
    User_A sees: User_B: I'm good, thanks! Where are you from?
User_A: #who
    User_A sees: 👤 You're chatting with: User_B
User_A: #bye
    User_A sees: 👋 Chat ended. Use #meet to connect with someone new!
    User_B sees: Your partner left the chat. Use #meet to find a new one.";
    assert_eq!(transcript(&hub, "two_strangers", &[]), expected);
}

/// What the clients of a session see, if its account is in this state and says this of each send.
fn session_of(whatsapp: &str, sent: &str) -> String {
    format!(
        "    \
    phone sees: registered
    laptop sees: registered
    phone sees: laptop joined
laptop shares its contacts
    laptop sees: John, Sarah, Mike (3 contacts)
    phone sees: John, Sarah, Mike (3 contacts)
phone: send john a message saying hello
    phone is answered: {sent} to John
    laptop sees: to John: hello
laptop sends an action
    laptop is answered: {sent} to Sarah
    phone sees: to Sarah: Lunch at noon?
phone: tell her I am late
    phone is answered: {sent} to Sarah
    laptop sees: to Sarah: I am late
laptop looks back
    laptop is answered: to John: hello | to Sarah: Lunch at noon? | to Sarah: I am late
    laptop is answered: to Sarah: Lunch at noon?
    laptop is answered: WhatsApp is {whatsapp}, last contact Sarah
    tablet sees: registered
    tablet sees: John, Sarah, Mike (3 contacts)
    tablet sees: WhatsApp is {whatsapp}, last contact Sarah
    phone sees: tablet joined
laptop leaves
    phone sees: laptop left
    tablet sees: laptop left
phone leaves
tablet leaves"
    )
}

#[test]
fn a_session_shares_its_account() {
    let hub = RunningHub::start("shared_session");
    assert_eq!(transcript(&hub, "shared_session", &[]), session_of("simulated", "simulated"));
}

#[test]
fn a_session_with_a_bridge_shares_what_is_really_sent() {
    let Some(python) = python("examples/bridge.py") else { return };
    let hub = RunningHub::start("shared_session_bridge");
    // Contacts that take their time do not come between.
    let mut bridge = bridge::start(&python, &hub.url(), &["--pace", "600"]);
    bridge.until("Here for team.");
    assert_eq!(transcript(&hub, "shared_session", &["team"]), session_of("connected", "sent"));
}

#[test]
fn who_loses_the_connection_comes_back() {
    let hub = RunningHub::start("come_back");
    let expected = "\
User_A: #meet
    User_A sees: 🔍 Looking for someone to chat with... Please wait while we find you a partner!
User_B: #meet
    User_B sees: 🎉 Connected! You're now chatting with User_A. Say hello!
    User_A sees: 🎉 Connected! You're now chatting with User_B. Say hello!
User_A: Can you hear me?
    User_A sees: delivered
    User_B sees: User_A: Can you hear me?
User_B loses the connection
    User_A sees: ⏳ Your partner lost the connection. Waiting for them to come back...
User_A: Hello?
    User_A sees: held until the partner is back
User_A: I'll just go on.
    User_A sees: held until the partner is back
User_B comes back
    User_B sees: User_A: Hello?
    User_B sees: User_A: I'll just go on.
    User_A sees: Your partner is back.";
    assert_eq!(transcript(&hub, "come_back", &[]), expected);
}

#[test]
fn an_example_without_a_hub_says_which_it_looked_for() {
    for example in ["two_strangers", "shared_session", "come_back"] {
        let nowhere = "ws://127.0.0.1:1";
        let mut program = Program::start(example, Command::new(built(example)).arg(nowhere));
        assert!(!program.ends_well());
        assert!(program.seen.iter().any(|line| line.contains(nowhere)), "{program}");
    }
}

/// The terminal client, under this nickname.
fn terminal(python: &Path, url: &str, nickname: &str) -> Program {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/client.py");
    let mut command = Command::new(python);
    command.arg(script).args([url, "--nickname", nickname]).env("PYTHONIOENCODING", "utf-8");
    Program::start(nickname, &mut command)
}

#[test]
fn two_people_talk_in_their_terminals() {
    let Some(python) = python("examples/client.py") else { return };
    let hub = RunningHub::start("client_py");
    let mut a = terminal(&python, &hub.url(), "User_A");
    let mut b = terminal(&python, &hub.url(), "User_B");
    assert_eq!(a.next().as_deref(), Some("Registered as User_A. Type #meet to find somebody."));
    a.types("#meet");
    a.until("🔍 Looking for someone to chat with... Please wait while we find you a partner!");
    b.types("#meet");
    b.until("🎉 Connected! You're now chatting with User_A. Say hello!");
    a.until("🎉 Connected! You're now chatting with User_B. Say hello!");
    a.types("Hello! How are you?");
    b.until("User_A: Hello! How are you?");
    b.types("Good, \u{1b}[31mthanks! 👩‍🚀");
    assert_eq!(a.until("User_B: "), "User_B: Good, [31mthanks! 👩‍🚀", "nobody steers another's terminal");
    a.end_input();
    assert!(a.ends_well(), "{a}");
    b.until("Your partner left the chat. Use #meet to find a new one.");
    b.end_input();
    assert!(b.ends_well(), "{b}");
}

/// What this person has read from their partner.
fn read(person: &Program, partner: &str) -> Vec<String> {
    let beginning = format!("{partner}: ");
    person.seen.iter().filter_map(|line| line.strip_prefix(&beginning)).map(str::to_owned).collect()
}

#[test]
fn the_terminal_comes_back_to_its_chat_with_every_line_once() {
    let Some(python) = python("examples/client.py") else { return };
    let hub = RunningHub::start("client_py_returns");
    let network = Network::to(hub.port);
    let mut a = terminal(&python, &hub.url(), "User_A");
    let mut b = terminal(&python, &network.url(), "User_B");
    b.until("Registered as User_B.");
    a.types("#meet");
    a.until("🔍 Looking for someone");
    b.types("#meet");
    b.until("🎉 Connected!");
    a.until("🎉 Connected!");
    for round in 1..=3 {
        a.types(&format!("{round}, before"));
        b.until(&format!("User_A: {round}, before"));
        network.cut();
        a.until("⏳ Your partner lost the connection.");
        b.until("Trying again in ");
        for n in 1..=3 {
            a.types(&format!("{round}, meanwhile {n}"));
            a.until(&format!("Held until your partner is back: {round}, meanwhile {n}"));
            b.types(&format!("{round}, from afar {n}"));
        }
        network.mend();
        b.until("Back as User_B. Nothing is lost.");
        a.until("Your partner is back.");
        b.until(&format!("User_A: {round}, meanwhile 3"));
        a.until(&format!("User_B: {round}, from afar 3"));
    }
    let sent_by_a = (1..=3).flat_map(|round| {
        let meanwhile = (1..=3).map(move |n| format!("{round}, meanwhile {n}"));
        std::iter::once(format!("{round}, before")).chain(meanwhile)
    });
    assert_eq!(read(&b, "User_A"), sent_by_a.collect::<Vec<_>>());
    let sent_by_b = (1..=3).flat_map(|round| (1..=3).map(move |n| format!("{round}, from afar {n}")));
    assert_eq!(read(&a, "User_B"), sent_by_b.collect::<Vec<_>>());
    b.end_input();
    assert!(b.ends_well(), "{b}");
    a.until("Your partner left the chat.");
}

#[test]
fn the_terminal_says_when_there_is_nothing_to_come_back_to() {
    let Some(python) = python("examples/client.py") else { return };
    let hub = RunningHub::with("client_py_too_late", &["--set", "chat.grace=200ms"]);
    let network = Network::to(hub.port);
    let mut a = terminal(&python, &hub.url(), "User_A");
    let mut b = terminal(&python, &network.url(), "User_B");
    b.until("Registered as User_B.");
    a.types("#meet");
    a.until("🔍 Looking for someone");
    b.types("#meet");
    a.until("🎉 Connected!");
    network.cut();
    a.until("Your partner left the chat.");
    network.mend();
    b.until("What went on is over. Registered as User_B.");
}

/// A hub that a test plays by hand.
struct Double {
    listener: TcpListener,
}

impl Double {
    async fn open() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("ws://{}", listener.local_addr().expect("an address"));
        (Self { listener }, url)
    }

    /// Takes the next client in, up to its registration.
    async fn registers(&self) -> WebSocketStream<TcpStream> {
        let (stream, _) = within(self.listener.accept()).await.expect("a client");
        let mut socket = within(tokio_tungstenite::accept_async(stream)).await.expect("a WebSocket");
        let Some(Ok(Message::Text(text))) = within(socket.next()).await else { panic!("a frame") };
        let frame: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(frame["type"], "register");
        let mut answer = json!({"type": "registration_confirmed", "nickname": frame["nickname"],
            "client_id": "client_1234abcd", "resume_token": "token", "recovered": false});
        if !frame["resume_token"].is_null() {
            answer["missed"] = Value::Null;
        }
        socket.send(Message::text(answer.to_string())).await.expect("a client that reads");
        socket
    }
}

async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.expect("something happens in time")
}

async fn close(mut socket: WebSocketStream<TcpStream>, code: u16, reason: &'static str) {
    let frame = CloseFrame { code: code.into(), reason: reason.into() };
    socket.close(Some(frame)).await.expect("a client that reads");
    while let Some(Ok(_)) = within(socket.next()).await {}
}

#[tokio::test]
async fn the_terminal_comes_back_when_the_close_code_says_so_and_only_then() {
    let Some(python) = python("examples/client.py") else { return };
    let (hub, url) = Double::open().await;
    let mut client = terminal(&python, &url, "User_A");
    for (code, reason) in [(1012, "the server restarts"), (4001, "too slow"), (4499, "whatever")] {
        let socket = hub.registers().await;
        close(socket, code, reason).await;
        client.until(&format!("The connection ended: {reason} ({code})."));
        client.until("Trying again in ");
    }
    drop(hub.registers().await);
    client.until("The connection ended: it was lost.");
    close(hub.registers().await, 4500, "not authorized").await;
    assert!(!client.ends_well());
    assert_eq!(
        client.seen.last().map(String::as_str),
        Some("The hub does not let this client in: not authorized (4500).")
    );
}

#[tokio::test]
async fn the_terminal_tells_a_position_that_is_unknown_from_a_chat_that_is_over() {
    let Some(python) = python("examples/client.py") else { return };
    let (hub, url) = Double::open().await;
    let mut client = terminal(&python, &url, "User_A");
    drop(hub.registers().await);
    client.until("Registered as User_A.");
    // The same client_id again, which the hub has made: the registration lives.
    drop(hub.registers().await);
    client.until("Back as User_A. How much is lost is not known.");
    close(hub.registers().await, 4500, "enough").await;
    assert!(!client.ends_well());
}

/// What a client sends next.
async fn sent(socket: &mut WebSocketStream<TcpStream>) -> Value {
    match within(socket.next()).await {
        Some(Ok(Message::Text(text))) => serde_json::from_str(&text).expect("JSON"),
        other => panic!("a frame, and not {other:?}"),
    }
}

#[tokio::test]
async fn of_a_line_without_an_answer_the_terminal_claims_nothing_and_the_next_one_waits() {
    let Some(python) = python("examples/client.py") else { return };
    let (hub, url) = Double::open().await;
    let mut client = terminal(&python, &url, "User_A");
    let mut socket = hub.registers().await;
    client.types("first");
    client.types("second");
    assert_eq!(sent(&mut socket).await["message"], "first");
    drop(socket);
    let mut socket = hub.registers().await;
    client.until("Not known whether it arrived: first");
    let frame = sent(&mut socket).await;
    assert_eq!(frame["message"], "second");
    let content = json!({"success": true, "delivered": true});
    let answer = json!({"type": "response", "request_id": frame["request_id"],
        "response_type": "chat_message_result", "content": content});
    socket.send(Message::text(answer.to_string())).await.expect("a client that reads");
    client.end_input();
    while let Some(Ok(_)) = within(socket.next()).await {}
    drop(socket);
    assert!(client.ends_well(), "{client}");
}

#[tokio::test]
async fn the_terminal_waits_longer_each_time() {
    let Some(python) = python("examples/client.py") else { return };
    let (hub, url) = Double::open().await;
    drop(hub);
    let mut client = terminal(&python, &url, "User_A");
    for longest in [0.5, 1.0, 2.0] {
        let line = client.until("Trying again in ");
        let pause = line.split(' ').nth(3).and_then(|pause| pause.parse::<f64>().ok());
        let pause = pause.unwrap_or_else(|| panic!("a pause: {line}"));
        // Shown with one digit after the point.
        assert!((longest / 2.0 - 0.05..=longest + 0.05).contains(&pause), "{line}");
    }
}
