//! What people see: the conversations of the guides, and a hub that goes and comes back.

use crate::hub::Hub;
use crate::running::RunningHub;
use crate::terminal::{Terminal, has_tmux};

const BINARY: &str = env!("CARGO_BIN_EXE_strowger");

fn talk(name: &str, url: &str, flags: &[&str]) -> Terminal {
    Terminal::start(name, &[&[BINARY, "talk", url], flags].concat())
}

/// The screen without the row of the status and the one that is typed into.
fn said(screen: &str) -> Vec<&str> {
    let rows: Vec<&str> = screen.lines().collect();
    let end = rows.len().saturating_sub(2);
    rows[..end].iter().map(|row| row.trim_end()).collect()
}

#[test]
fn two_terminals_hold_the_conversation_of_the_guide() {
    if !has_tmux("two people at terminals") {
        return;
    }
    let hub = RunningHub::start("talk_guide");
    let a = talk("guide_a", &hub.url(), &["--name", "User_A", "--session", "a"]);
    let b = talk("guide_b", &hub.url(), &["--name", "User_B", "--session", "b"]);
    a.until("Connected");
    b.until("Connected");
    a.types("#meet");
    a.until("Looking for someone");
    b.types("#meet");
    a.until("chatting with User_B");
    b.until("chatting with User_A");
    a.types("Hello! How are you?");
    b.until("<User_A> Hello! How are you?");
    b.types("I'm good, thanks! Where are you from?");
    a.until("<User_B> I'm good");
    a.types("#who");
    a.until("You're chatting with: User_B");
    a.types("#bye");
    let b = b.until("left the chat");
    let a = a.until("Chat ended");
    let greeting = |name: &str| {
        format!("* Connected to {} as {name}. #meet finds somebody, /help shows the rest.", hub.url())
    };
    assert_eq!(
        said(&a),
        [
            &greeting("User_A"),
            "> #meet",
            "🔍 Looking for someone to chat with... Please wait while we find you a partner!",
            "🎉 Connected! You're now chatting with User_B. Say hello!",
            "You: Hello! How are you?",
            "<User_B> I'm good, thanks! Where are you from?",
            "> #who",
            "👤 You're chatting with: User_B",
            "> #bye",
            "👋 Chat ended. Use #meet to connect with someone new!",
        ]
    );
    assert_eq!(
        said(&b),
        [
            &greeting("User_B"),
            "> #meet",
            "🎉 Connected! You're now chatting with User_A. Say hello!",
            "<User_A> Hello! How are you?",
            "You: I'm good, thanks! Where are you from?",
            "Your partner left the chat. Use #meet to find a new one.",
            "* What you type is for nobody now: #meet finds somebody, #bye goes back to the shared",
            "  line.",
        ]
    );
}

#[test]
fn two_terminals_share_a_line() {
    if !has_tmux("two terminals of one session") {
        return;
    }
    let hub = RunningHub::start("talk_shared");
    let a = talk("shared_a", &hub.url(), &["--session", "team"]);
    a.until("Connected");
    let b = talk("shared_b", &hub.url(), &["--session", "team"]);
    a.until("is here, too");
    b.until("2 clients");
    a.types("send john a message saying hello");
    a.until("To john: hello (simulated: nobody gets it)");
    b.until("To john: hello (simulated: nobody gets it)");
    b.types("/send sarah Are you there?");
    a.until("To sarah: Are you there? (simulated");
    a.types("/read john 5");
    a.until_so("it twice", |screen| screen.matches("To john: hello").count() == 2);
    b.types("/contacts");
    b.until("There are no contacts.");
    b.types("/ai are you there?");
    b.until("This needs an AI, and none is set up.");
    b.press(&["C-d"]);
    assert_eq!(b.until_over(), 0);
    a.until("is gone");
}

#[test]
fn a_hub_that_is_killed_is_stood_in_for_and_gone_back_to() {
    if !has_tmux("a hub that is killed under a terminal") {
        return;
    }
    let mut hub = Hub::start("under_talk");
    let a = talk("killed", &hub.url(), &["--session", "team", "--name", "Ann"]);
    a.until("Connected");
    a.types("/send sarah kept well");
    a.until("To sarah: kept well (simulated");
    a.types("#meet");
    a.until("Looking for someone");
    // The chat, the send, and what it is known by.
    hub.keeps(1);
    hub.kill();
    a.until("this one stands alone");
    a.until("in no chat · WhatsApp simulated · Ann, alone");
    a.types("/send sarah only here");
    a.until("To sarah: only here (simulated");
    a.types("is there anybody?");
    a.until("Not delivered: is there anybody?");
    hub.open();
    a.until("answers again");
    a.until("Back as Ann. The hub does not know where you were");
    a.types("/read sarah");
    a.until_so("what was sent before", |screen| screen.matches("To sarah: kept well").count() == 2);
    let screen = a.until("Ann at ws://localhost");
    assert_eq!(screen.matches("To sarah: only here").count(), 1, "{screen}");
}

#[test]
fn a_restart_in_no_time_is_come_back_from_without_a_hub_of_ones_own() {
    if !has_tmux("a hub that restarts under a terminal") {
        return;
    }
    let mut hub = Hub::start("restarts");
    let a = talk("restarts", &hub.url(), &["--name", "Ann"]);
    a.until("Connected");
    hub.kill();
    hub.open();
    let screen = a.until("Back as Ann");
    assert!(!screen.contains("stands alone"), "{screen}");
}

#[test]
fn without_a_hub_there_is_one_of_its_own() {
    if !has_tmux("a terminal without a hub") {
        return;
    }
    let mut hub = Hub::start("late");
    hub.kill();
    let a = talk("alone", &hub.url(), &[]);
    a.until("No hub answers at");
    a.until(", alone");
    hub.open();
    a.until("answers again");
    a.until("Connected to");
    let b = Terminal::start("standalone", &[BINARY, "talk", "--standalone"]);
    b.until("This hub stands alone");
    b.types("#meet");
    b.until("Looking for someone");
}

#[test]
fn a_hub_that_does_not_want_somebody_is_left_with_its_reason() {
    if !has_tmux("a terminal that is refused") {
        return;
    }
    let token = "let-me-in-0123456789abcdef";
    let setting = format!("auth.token={token}");
    let hub = RunningHub::with("talk_token", &["--set", "auth.mode=token", "--set", &setting]);
    let a = talk("refused", &hub.url(), &[]);
    assert_eq!(a.until_over(), 4);
    // tmux scrolls by a row to say that it is over.
    assert!(a.scroll().contains("The hub says: a token"), "{}", a.scroll());
    let b = Terminal::with("let_in", &[("STROWGER_TOKEN", token)], &[BINARY, "talk", &hub.url()]);
    b.until("Connected");
}
