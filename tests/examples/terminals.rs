//! The clients for the terminal, in Python and in JavaScript: what the one does, the other does.

use crate::double::{Double, Socket, close, goes, say, sent};
use crate::network::Network;
use crate::running::{Program, RunningHub, node, python};
use crate::test_client::TestClient;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

/// One of the two clients.
struct Terminal {
    name: &'static str,
    /// What starts it.
    words: Vec<OsString>,
}

impl Terminal {
    fn in_python() -> Option<Self> {
        let name = "client.py";
        let python = python(&format!("examples/{name}"))?;
        Some(Self { name, words: vec![python.into(), crate::example(name).into()] })
    }

    fn in_javascript() -> Option<Self> {
        let name = "client.mjs";
        let mut words = node(&format!("examples/{name}"))?;
        words.push(crate::example(name).into());
        Some(Self { name, words })
    }

    /// Under this nickname.
    fn start(&self, url: &str, nickname: &str) -> Program {
        self.start_with(url, nickname, &[])
    }

    fn start_with(&self, url: &str, nickname: &str, options: &[&str]) -> Program {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).args([url, "--nickname", nickname]).args(options);
        command.env("PYTHONIOENCODING", "utf-8");
        Program::start(&format!("{nickname} in {}", self.name), &mut command)
    }

    /// With a name that no other test has.
    fn hub(&self, test: &str) -> RunningHub {
        RunningHub::start(&format!("{}_{test}", self.name))
    }
}

/// Each of these for each client.
macro_rules! for_each_terminal {
    ($($test:ident)*) => {
        mod in_python {
            $(#[tokio::test]
            async fn $test() {
                if let Some(terminal) = super::Terminal::in_python() {
                    super::$test(terminal).await;
                }
            })*
        }

        mod in_javascript {
            $(#[tokio::test]
            async fn $test() {
                if let Some(terminal) = super::Terminal::in_javascript() {
                    super::$test(terminal).await;
                }
            })*
        }
    };
}

for_each_terminal! {
    two_people_talk
    it_comes_back_to_its_chat_with_every_line_once
    no_line_is_lost_nor_comes_twice_when_the_network_breaks_in_mid_sentence
    it_says_when_there_is_nothing_to_come_back_to
    it_comes_back_when_the_close_code_says_so_and_only_then
    it_comes_back_with_a_new_token_when_its_own_expired
    it_tells_a_position_that_is_unknown_from_a_chat_that_is_over
    of_a_line_without_an_answer_it_claims_nothing_and_the_next_one_waits
    what_was_for_somebody_else_is_not_sent_to_the_next
    it_waits_longer_each_time
    it_waits_as_long_as_the_hub_asks_for
}

async fn two_people_talk(terminal: Terminal) {
    let hub = terminal.hub("talks");
    let mut a = terminal.start(&hub.url(), "User_A");
    let mut b = terminal.start(&hub.url(), "User_B");
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

/// Two who talk: `a` over a network that holds, `b` over the other.
fn couple(terminal: &Terminal, hub: &RunningHub, network: &Network) -> (Program, Program) {
    let mut a = terminal.start(&hub.url(), "User_A");
    let mut b = terminal.start(&network.url(), "User_B");
    b.until("Registered as User_B.");
    a.types("#meet");
    a.until("🔍 Looking for someone");
    b.types("#meet");
    b.until("🎉 Connected!");
    a.until("🎉 Connected!");
    (a, b)
}

/// What this person has read that begins so.
fn read(person: &Program, beginning: &str) -> Vec<String> {
    person.seen.iter().filter_map(|line| line.strip_prefix(beginning)).map(str::to_owned).collect()
}

async fn it_comes_back_to_its_chat_with_every_line_once(terminal: Terminal) {
    let hub = terminal.hub("returns");
    let network = Network::to(hub.port);
    let (mut a, mut b) = couple(&terminal, &hub, &network);
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
    assert_eq!(read(&b, "User_A: "), sent_by_a.collect::<Vec<_>>());
    let sent_by_b = (1..=3).flat_map(|round| (1..=3).map(move |n| format!("{round}, from afar {n}")));
    assert_eq!(read(&a, "User_B: "), sent_by_b.collect::<Vec<_>>());
    b.end_input();
    assert!(b.ends_well(), "{b}");
    a.until("Your partner left the chat.");
}

/// Somebody who talks all the time, and what they hear.
struct Talker {
    client: TestClient,
    heard: Vec<String>,
}

impl Talker {
    /// Waits for the answer.
    async fn says(&mut self, text: &str) -> Value {
        self.client.send(json!({"type": "chat_message", "message": text, "request_id": text})).await;
        loop {
            let frame = self.next().await;
            if frame["type"] == "response" {
                return frame["content"].clone();
            }
        }
    }

    async fn next(&mut self) -> Value {
        let frame = self.client.next().await;
        if frame["type"] == "chat_message" {
            self.heard.push(frame["message"].as_str().expect("a text").to_owned());
        }
        frame
    }
}

/// A number of its own for each line, in letters: digits could come together to a phone number, and be hidden.
fn in_letters(number: u32) -> String {
    let letter = |digit| char::from(b'a' + u8::try_from(digit).expect("a digit"));
    [number / 100, number / 10 % 10, number % 10].map(letter).iter().collect()
}

async fn no_line_is_lost_nor_comes_twice_when_the_network_breaks_in_mid_sentence(terminal: Terminal) {
    let hub = terminal.hub("breaks");
    let network = Network::to(hub.port);
    let mut a = Talker { client: TestClient::join(&hub.url(), "User_A").await, heard: Vec::new() };
    let mut b = terminal.start(&network.url(), "User_B");
    b.until("Registered as User_B.");
    assert_eq!(a.says("#meet").await["state"], "waiting");
    b.types("#meet");
    b.until("🎉 Connected!");
    let (mut by_a, mut by_b) = (Vec::new(), Vec::new());
    // Fewer lines a round than the hub keeps for whoever is away.
    for number in 0..200 {
        let line = in_letters(number);
        let answer = a.says(&line).await;
        assert_eq!(answer["success"], true, "{answer}");
        by_a.push(line.clone());
        if number % 3 == 0 {
            b.types(&line);
            by_b.push(line.clone());
        }
        match number % 40 {
            10 => network.cut(),
            20 => network.mend(),
            39 => drop(b.until(&format!("User_A: {line}"))),
            _ => {}
        }
    }
    b.types("the last");
    while a.heard.last().is_none_or(|last| last != "the last") {
        a.next().await;
    }
    assert_eq!(read(&b, "User_A: "), by_a);
    by_b.push("the last".to_owned());
    let in_doubt = read(&b, "Not known whether it arrived: ");
    assert!(in_doubt.len() <= 5, "one a loss at most: {b}");
    by_b.retain(|line| !in_doubt.contains(line) || a.heard.contains(line));
    assert_eq!(a.heard, by_b, "{b}");
}

async fn it_says_when_there_is_nothing_to_come_back_to(terminal: Terminal) {
    let name = format!("{}_too_late", terminal.name);
    let hub = RunningHub::with(&name, &["--set", "chat.grace=200ms"]);
    let network = Network::to(hub.port);
    let (mut a, mut b) = couple(&terminal, &hub, &network);
    network.cut();
    a.until("Your partner left the chat.");
    b.types("Are you still there?");
    network.mend();
    b.until("What went on is over. Registered as User_B.");
    b.until("Not sent, as that chat is over: Are you still there?");
}

async fn it_comes_back_when_the_close_code_says_so_and_only_then(terminal: Terminal) {
    let (hub, url) = Double::open().await;
    let mut client = terminal.start(&url, "User_A");
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
    assert!(client.has_said("The hub does not let this client in: not authorized (4500)."), "{client}");
}

async fn it_comes_back_with_a_new_token_when_its_own_expired(terminal: Terminal) {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("token_of_{}", terminal.name));
    fs::write(&file, "the first\n").expect("a file");
    let (hub, url) = Double::open().await;
    let mut client = terminal.start_with(&url, "User_A", &["--token-file", file.to_str().expect("UTF-8")]);
    let (socket, frame) = hub.registers_with().await;
    assert_eq!(frame["token"], "the first");
    close(socket, 4005, "token expired").await;
    client.until("The connection ended: token expired (4005).");
    client.until("still holds the token that expired.");
    fs::write(&file, "the second\n").expect("a file");
    let (mut socket, frame) = hub.registers_with().await;
    assert_eq!((&frame["token"], &frame["resume_token"]), (&json!("the second"), &json!("token")));
    assert_eq!(sent(&mut socket).await["message"], "#who", "{client}");
    assert!(!client.seen.iter().any(|line| line.contains("the first")), "nobody sees a token: {client}");
}

async fn it_tells_a_position_that_is_unknown_from_a_chat_that_is_over(terminal: Terminal) {
    let (hub, url) = Double::open().await;
    let mut client = terminal.start(&url, "User_A");
    drop(hub.registers().await);
    client.until("Registered as User_A.");
    // The same client_id again, which the hub has made: the registration lives.
    drop(hub.registers().await);
    client.until("Back as User_A. How much is lost is not known.");
    close(hub.registers().await, 4500, "enough").await;
    assert!(!client.ends_well());
}

/// Takes a line of the client, and answers with this content.
async fn answer(socket: &mut Socket, line: &str, content: Value) {
    let frame = sent(socket).await;
    assert_eq!(frame["message"], line);
    let kind = if line.starts_with('#') { "chat_command_result" } else { "chat_message_result" };
    let answer = json!({"type": "response", "request_id": frame["request_id"], "response_type": kind,
        "content": content});
    say(socket, answer).await;
}

async fn of_a_line_without_an_answer_it_claims_nothing_and_the_next_one_waits(terminal: Terminal) {
    let (hub, url) = Double::open().await;
    let mut client = terminal.start(&url, "User_A");
    let mut socket = hub.registers().await;
    client.types("first");
    client.types("second");
    assert_eq!(sent(&mut socket).await["message"], "first");
    drop(socket);
    let mut socket = hub.registers().await;
    client.until("Not known whether it arrived: first");
    answer(&mut socket, "#who", json!({"success": false, "state": "idle", "text": "Nobody asked."})).await;
    answer(&mut socket, "second", json!({"success": true, "delivered": true})).await;
    client.end_input();
    assert_eq!(goes(socket).await, Some(1000));
    assert!(client.ends_well(), "{client}");
    assert!(!client.seen.iter().any(|line| line.contains("Nobody asked.")), "{client}");
}

async fn what_was_for_somebody_else_is_not_sent_to_the_next(terminal: Terminal) {
    let (hub, url) = Double::open().await;
    let mut client = terminal.start(&url, "User_A");
    let mut socket = hub.registers().await;
    client.types("#meet");
    let paired =
        |partner: &str| json!({"success": true, "state": "paired", "partner": partner, "text": partner});
    let mut met = paired("User_B");
    met["command"] = json!("meet");
    answer(&mut socket, "#meet", met).await;
    client.until("User_B");
    client.types("#again");
    assert_eq!(sent(&mut socket).await["message"], "#again");
    drop(socket);
    client.until("Not known whether it arrived: #again");
    for line in ["Goodbye, my dear!", "#report he was rude", "#hide"] {
        client.types(line);
    }
    let mut socket = hub.registers().await;
    answer(&mut socket, "#who", paired("User_C")).await;
    answer(&mut socket, "#hide", paired("User_C")).await;
    client.until("Not sent, as that chat is over: Goodbye, my dear!");
    client.until("Not sent, as that chat is over: #report he was rude");
    client.until("User_C");
    client.types("Hello!");
    assert_eq!(sent(&mut socket).await["message"], "Hello!");
}

/// How long it says that it will wait, in seconds.
fn pause(client: &mut Program) -> f64 {
    let line = client.until("Trying again in ");
    let pause = line.split(' ').nth(3).and_then(|pause| pause.parse().ok());
    pause.unwrap_or_else(|| panic!("a pause: {line}"))
}

async fn it_waits_longer_each_time(terminal: Terminal) {
    let (hub, url) = Double::open().await;
    drop(hub);
    let mut client = terminal.start(&url, "User_A");
    assert!(client.next().is_some_and(|line| line.contains(&url)), "{client}");
    for longest in [0.5, 1.0, 2.0] {
        let pause = pause(&mut client);
        // Shown with one digit after the point.
        assert!((longest / 2.0 - 0.05..=longest + 0.05).contains(&pause), "{pause} s, at most {longest}");
    }
}

async fn it_waits_as_long_as_the_hub_asks_for(terminal: Terminal) {
    let (hub, url) = Double::open().await;
    let mut client = terminal.start(&url, "User_A");
    let mut socket = hub.registers().await;
    let error = json!({"type": "error", "code": "overloaded", "error": "Too much.", "retry_after_ms": 7500});
    say(&mut socket, error).await;
    close(socket, 4001, "too slow").await;
    client.until("Too much.");
    assert_eq!(pause(&mut client), 7.5);
}

/// The library for Python does this by itself.
#[tokio::test]
async fn silence_is_asked_about_and_then_a_loss() {
    let Some(terminal) = Terminal::in_javascript() else { return };
    let (hub, url) = Double::open().await;
    let mut client = terminal.start_with(&url, "User_A", &["--quiet", "2"]);
    let mut socket = hub.registers().await;
    for _ in 0..2 {
        assert_eq!(sent(&mut socket).await["type"], "ping");
        say(&mut socket, json!({"type": "pong"})).await;
    }
    assert_eq!(sent(&mut socket).await["type"], "ping");
    client.until("The connection ended: it was lost.");
    let (_socket, frame) = hub.registers_with().await;
    assert_eq!(frame["resume_token"], "token");
}

#[cfg(unix)]
#[tokio::test]
async fn whoever_stops_it_by_hand_says_goodbye() {
    for terminal in [Terminal::in_python(), Terminal::in_javascript()].into_iter().flatten() {
        let (hub, url) = Double::open().await;
        let mut client = terminal.start(&url, "User_A");
        let socket = hub.registers().await;
        client.until("Registered as User_A.");
        client.interrupt();
        assert_eq!(goes(socket).await, Some(1000), "{}", terminal.name);
        client.ends_well();
    }
}
