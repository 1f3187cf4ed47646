//! What hands do: Tab, arrows, Ctrl-C, Ctrl-Z, and what is remembered of it.

use crate::running::RunningHub;
use crate::terminal::{Terminal, has_tmux};
use std::fs;

const BINARY: &str = env!("CARGO_BIN_EXE_strowger");

#[test]
fn tab_completes_commands_and_names() {
    if !has_tmux("Tab in a terminal") {
        return;
    }
    let hub = RunningHub::start("talk_tab");
    let a = Terminal::start("tab", &[BINARY, "talk", &hub.url()]);
    a.until("Connected");
    a.types("/send Sarah-Jane hello");
    a.until("To Sarah-Jane: hello");
    a.writes("/re");
    a.press(&["Tab"]);
    a.until("> /read");
    a.writes("sar");
    a.press(&["Tab"]);
    a.until("> /read Sarah-Jane");
    a.press(&["Enter"]);
    a.until_so("it again", |screen| screen.matches("To Sarah-Jane: hello").count() == 2);
    a.writes("/read sa");
    a.press(&["Tab"]);
    a.until("> /read Sarah-Jane");
    a.press(&["C-u"]);
    a.writes("#b");
    a.press(&["Tab"]);
    a.until("* #block   #bye");
}

#[test]
fn the_arrows_bring_back_and_the_file_holds_commands_only() {
    if !has_tmux("the arrows in a terminal") {
        return;
    }
    let hub = RunningHub::start("talk_history");
    let a = Terminal::start("history", &[BINARY, "talk", &hub.url()]);
    a.until("Connected");
    for line in ["#meet", "a text that is secret", "#report a secret reason", "#bye"] {
        a.types(line);
    }
    a.until("You're not currently in a chat.");
    a.press(&["Up", "Up", "Up"]);
    a.until("> a text that is secret");
    a.press(&["C-c"]);
    a.until_so("an empty line", |screen| !screen.lines().last().unwrap_or_default().contains("secret"));
    a.press(&["C-c"]);
    a.until("Ctrl-C once more leaves.");
    a.press(&["C-c"]);
    assert_eq!(a.until_over(), 0);
    let file = a.home().join("strowger/talk_history");
    assert_eq!(fs::read_to_string(file).expect("a history"), "#meet\n#bye\n");
    for entry in fs::read_dir(a.home().join("strowger")).expect("a folder") {
        let kept = fs::read(entry.expect("a file").path()).expect("a file");
        assert!(!String::from_utf8_lossy(&kept).contains("secret"));
    }
}

#[test]
fn colours_are_there_and_no_color_is_honoured() {
    if !has_tmux("colours in a terminal") {
        return;
    }
    let hub = RunningHub::start("talk_colours");
    let a = Terminal::start("colours", &[BINARY, "talk", &hub.url()]);
    a.until("in no chat");
    assert!(a.colours().contains('\x1b'));
    let b = Terminal::with("no_colours", &[("NO_COLOR", "1")], &[BINARY, "talk", &hub.url()]);
    b.until("in no chat");
    assert!(!b.colours().contains('\x1b'), "{:?}", b.colours());
}

#[test]
fn the_terminal_is_given_back_as_it_was() {
    if !has_tmux("a terminal that is given back") {
        return;
    }
    let hub = RunningHub::start("talk_given_back");
    // The shell says how the terminal is set, before and after.
    let script = format!(
        "stty -g > before; {BINARY} talk {} --no-history; stty -g > after; cat after; sleep 1000",
        hub.url()
    );
    let shell = Terminal::start("given_back", &["sh", "-c", &format!("cd \"$HOME\"; {script}")]);
    shell.until("in no chat");
    shell.press(&["C-d"]);
    shell.until("500:5:bf");
    let read = |file: &str| fs::read_to_string(shell.home().join(file)).expect("settings of a terminal");
    assert_eq!(read("before"), read("after"));
}

#[test]
fn it_can_be_put_aside_and_taken_up() {
    if !has_tmux("Ctrl-Z in a terminal") {
        return;
    }
    let hub = RunningHub::start("talk_aside");
    let shell = Terminal::with("aside", &[("PS1", "shell$ ")], &["sh", "-i"]);
    shell.until("shell$");
    shell.types(&format!("{BINARY} talk {}", hub.url()));
    shell.until("in no chat");
    shell.press(&["C-z"]);
    shell.until("Stopped");
    shell.types("echo here I $((20 + 22))");
    shell.until("here I 42");
    shell.types("fg");
    shell.until_so("the status again", |screen| {
        screen.lines().rev().take(3).any(|row| row.contains("in no chat"))
    });
    shell.types("/status");
    shell.until("Session default: 1 client");
}

#[test]
fn what_is_pasted_waits_for_enter() {
    if !has_tmux("pasting into a terminal") {
        return;
    }
    let hub = RunningHub::start("talk_paste");
    let a = Terminal::start("paste", &[BINARY, "talk", &hub.url()]);
    a.until("Connected");
    a.pastes("/send john one\n/send john two\n");
    let screen = a.until("> /send john one⏎/send john two");
    assert!(!screen.contains("To john"), "{screen}");
    a.press(&["Enter"]);
    a.until("To john: one ⏎ /send john two (simulated");
}

#[test]
fn narrow_and_dumb_terminals_are_made_do_with() {
    if !has_tmux("a narrow terminal") {
        return;
    }
    let hub = RunningHub::start("talk_narrow");
    let a = Terminal::start("narrow", &[BINARY, "talk", &hub.url()]);
    a.until("Connected");
    a.resizes(20);
    a.types("/send john a text that takes several rows");
    let screen = a.until("gets it)");
    let rows: Vec<&str> = screen.lines().collect();
    let at = rows.iter().position(|row| row.starts_with("To john:")).expect("a message");
    assert!(rows[at + 1].starts_with("  ") && rows[at + 2].starts_with("  "), "{screen}");
    let dumb = Terminal::start("dumb", &["env", "TERM=dumb", BINARY, "talk", &hub.url()]);
    dumb.until("Connected");
    dumb.types("/status");
    let screen = dumb.until("Session default");
    assert!(!screen.contains("in no chat"), "lines, and no status: {screen}");
}
