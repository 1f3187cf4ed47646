//! The examples that are programs in Rust.

use crate::bridge;
use crate::network::Network;
use crate::running::{Program, RunningHub, python};
use crate::test_client::TestClient;
use std::path::PathBuf;
use std::process::Command;

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

#[test]
fn where_a_token_is_asked_for_they_take_it_from_the_environment() {
    let (token, admin) = ("a-token-of-thirty-two-characters", "another-one-of-many-characters");
    let settings = [format!("auth.token={token}"), format!("auth.admin_token={admin}")];
    let flags = ["--set", "auth.mode=token", "--set", &settings[0], "--set", &settings[1]];
    let hub = RunningHub::with("examples_token", &flags);
    let run = |token: Option<&str>| {
        let mut command = Command::new(built("two_strangers"));
        command
            .arg(hub.url())
            .env_remove("STROWGER_TOKEN")
            .envs(token.map(|token| ("STROWGER_TOKEN", token)));
        Program::start("two_strangers", &mut command).ends_well()
    };
    assert!(!run(None) && run(Some(token)));
    let Some(python) = python("examples/bridge.py") else { return };
    let mut command = Command::new(python);
    command.arg(crate::example("bridge.py")).args(["team", "--url", &hub.url()]);
    let mut bridge =
        Program::start("the bridge", command.env("STROWGER_TOKEN", admin).env("PYTHONUNBUFFERED", "1"));
    bridge.until("team");
    assert!(!bridge.seen.iter().any(|line| line.contains("does not let")), "{bridge}");
}

/// What the clients of a session see, if its account is in this state and says this of each send.
fn session_of(whatsapp: &str, sent: &str) -> String {
    format!(
        "    \
    phone is registered
    laptop is registered
    phone sees: laptop joined
laptop shares its contacts
    laptop is answered: John, Sarah, Mike (3 contacts)
    phone sees: John, Sarah, Mike (3 contacts)
phone says: send john a message saying hello
    phone is answered: {sent} to John
    phone sees: to John: hello
    laptop sees: to John: hello
laptop sends an action
    laptop is answered: {sent} to Sarah
    phone sees: to Sarah: Lunch at noon?
    laptop sees: to Sarah: Lunch at noon?
phone says: tell her I am late
    phone is answered: {sent} to Sarah
    phone sees: to Sarah: I am late
    laptop sees: to Sarah: I am late
laptop looks back
    laptop is answered: to John: hello | to Sarah: Lunch at noon? | to Sarah: I am late
laptop searches for lunch
    laptop is answered: to Sarah: Lunch at noon?
laptop asks how things stand
    laptop is answered: WhatsApp is {whatsapp}, last contact Sarah
    tablet is registered
    tablet sees: John, Sarah, Mike (3 contacts)
    tablet sees: WhatsApp is {whatsapp}
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
User_B: the connection broke, so let's try again
User_B is back, and nothing is lost
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

/// Somebody who meets the bot at this hub, and is greeted.
async fn stranger(hub: &RunningHub, name: &str) -> TestClient {
    let mut stranger = TestClient::join(&hub.url(), name).await;
    // The bot may be about to search itself.
    if stranger.ask("#meet").await["state"] == "waiting" {
        assert_eq!(stranger.expect("chat_event").await["partner"], "Greeter");
    }
    assert_eq!(stranger.hear().await, "Hello! I'm a bot that greets strangers. How are you?");
    stranger
}

/// Waits for this event, whatever comes before it.
async fn sees(stranger: &mut TestClient, event: &str) {
    while stranger.next().await["event"] != event {}
}

fn greeter(url: &str) -> Program {
    let mut greeter = Program::start("greeter", Command::new(built("greeter")).arg(url));
    greeter.until("Here as Greeter.");
    greeter
}

#[tokio::test]
async fn the_bot_greets_one_stranger_after_the_other_and_answers() {
    let hub = RunningHub::start("greeter");
    let mut greeter = greeter(&hub.url());
    let mut anna = stranger(&hub, "Anna").await;
    anna.say("Fine. Who are you?").await;
    assert_eq!(anna.hear().await, "I don't know, I'm only a bot. What do you think?");
    anna.say("I have no idea.").await;
    assert_eq!(anna.hear().await, "I see. Tell me more, or say bye.");
    anna.ask("#bye").await;
    let mut bob = stranger(&hub, "Bob").await;
    bob.say("Good bye!").await;
    assert_eq!(bob.hear().await, "Goodbye!");
    sees(&mut bob, "partner_left").await;
    greeter.until("Met somebody.");
    greeter.until("Met somebody.");
    assert!(!greeter.to_string().contains("idea"), "it shows nothing of what was written: {greeter}");
}

#[tokio::test]
async fn the_bot_comes_back_to_its_stranger() {
    let hub = RunningHub::start("greeter_returns");
    let network = Network::to(hub.port);
    let mut greeter = greeter(&network.url());
    let mut anna = stranger(&hub, "Anna").await;
    for _ in 0..3 {
        network.cut();
        sees(&mut anna, "partner_away").await;
        anna.say("Are you still there?").await;
        network.mend();
        assert_eq!(anna.hear().await, "I don't know, I'm only a bot. What do you think?");
        greeter.until("Trying again in ");
    }
    anna.ask("#bye").await;
    stranger(&hub, "Bob").await;
}

#[tokio::test]
async fn whoever_floods_the_bot_does_not_stop_it() {
    let hub = RunningHub::start("greeter_flood");
    let _greeter = greeter(&hub.url());
    let mut anna = stranger(&hub, "Anna").await;
    for _ in 0..2_000 {
        anna.say("Are you there?").await;
    }
    assert_eq!(anna.hear().await, "I don't know, I'm only a bot. What do you think?");
    anna.ask("#bye").await;
    stranger(&hub, "Bob").await;
}

#[tokio::test]
async fn two_bots_part_and_are_there_for_others() {
    let hub = RunningHub::start("greeter_twice");
    let mut bots = [greeter(&hub.url()), greeter(&hub.url())];
    for bot in &mut bots {
        bot.until("Met somebody.");
    }
    let (_anna, _bob) = (stranger(&hub, "Anna").await, stranger(&hub, "Bob").await);
}

#[cfg(unix)]
#[tokio::test]
async fn the_bot_says_goodbye_when_it_is_stopped() {
    let hub = RunningHub::start("greeter_stops");
    let mut greeter = greeter(&hub.url());
    let mut anna = stranger(&hub, "Anna").await;
    greeter.interrupt();
    sees(&mut anna, "partner_left").await;
    assert!(greeter.ends_well(), "{greeter}");
}
