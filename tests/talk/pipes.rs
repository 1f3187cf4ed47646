//! Talking in scripts: what goes in, what comes out where, and how it ends.

use crate::running::RunningHub;
use serde_json::Value;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

fn talk(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_strowger"));
    let nowhere = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    command.arg("talk").args(arguments).current_dir(nowhere).env_clear().env("HOME", nowhere);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn feed(mut child: Child, input: &str) -> Child {
    let mut pipe = child.stdin.take().expect("an input");
    pipe.write_all(input.as_bytes()).expect("it reads");
    child
}

/// Runs it with this input to its end.
fn run(arguments: &[&str], input: &str) -> (String, String, Option<i32>) {
    let child = talk(arguments).spawn().expect("the binary");
    let Output { status, stdout, stderr } = feed(child, input).wait_with_output().expect("an end");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (text(stdout), text(stderr), status.code())
}

#[test]
fn answers_go_to_standard_output_and_the_rest_to_standard_error() {
    let hub = RunningHub::start("pipe_answers");
    let (out, err, code) = run(&[&hub.url()], "/send john hello\n\n  /contacts\n#who\n");
    // Who asks who they talk with while they don't is told no.
    assert_eq!(code, Some(1), "{out}{err}");
    assert_eq!(
        out,
        "To john: hello (simulated: nobody gets it)\nThere are no contacts.\nYou're not currently in a chat. Use \
         #meet to connect!\n"
    );
    assert!(err.starts_with("* Connected to ws://localhost:"), "{err}");
}

#[test]
fn a_line_that_can_not_be_read_holds_up_no_other() {
    let hub = RunningHub::start("pipe_unread");
    let mut child = talk(&[&hub.url()]).spawn().expect("the binary");
    let mut pipe = child.stdin.take().expect("an input");
    pipe.write_all(b"/send john one\r\n/send john caf\xe9\n/send john three\n").expect("it reads");
    drop(pipe);
    let Output { status, stdout, stderr } = child.wait_with_output().expect("an end");
    let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(out.contains("To john: one (") && out.contains("To john: three ("), "{out}");
    assert!(status.code() == Some(1) && err.contains("not UTF-8"), "{err}");
    let input = "{broken\n{\"type\":\"get_status\",\"request_id\":\"b\"}\n";
    let (out, err, code) = run(&[&hub.url(), "--json"], input);
    assert!(
        code == Some(1) && out.contains("\"request_id\":\"b\"") && err.contains("no frame"),
        "{out}{err}"
    );
}

#[test]
fn the_exit_code_says_how_it_went() {
    let hub = RunningHub::start("pipe_codes");
    let nobody =
        TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").to_string();
    let url = hub.url();
    for (arguments, input, expected) in [
        (vec![url.as_str()], "/send john hello\n", 0),
        (vec![&url], "", 0),
        (vec![&url], "/fly\n", 1),
        (vec![&url], "hello there, this is no sentence\n", 1),
        (vec![&url, "--standalone"], "", 2),
        (vec!["ftp://localhost"], "", 2),
        (vec![&url, "--stay", "soon"], "", 2),
        (vec![&url, "--token-file", "/nonexistent"], "", 2),
        (vec![&nobody], "/status\n", 3),
        (vec!["--standalone"], "/send john hello\n", 0),
    ] {
        let (out, err, code) = run(&arguments, input);
        assert_eq!(code, Some(expected), "{arguments:?} {input:?}\n{out}{err}");
    }
    let setting = "auth.token=let-me-in-0123456789abcdef";
    let closed = RunningHub::with("pipe_refused", &["--set", "auth.mode=token", "--set", setting]);
    let (_, err, code) = run(&[&closed.url()], "/status\n");
    assert_eq!(code, Some(4), "{err}");
}

#[test]
fn two_scripts_meet() {
    let hub = RunningHub::start("pipe_scripts");
    let url = hub.url();
    let flags =
        |name: &'static str| [url.clone(), "--name".into(), name.into(), "--session".into(), name.into()];
    let start = |name, input| {
        let flags = flags(name);
        let flags: Vec<&str> = flags.iter().map(String::as_str).chain(["--stay", "20s"]).collect();
        feed(talk(&flags).spawn().expect("the binary"), input)
    };
    let a = start("Ann", "#meet\n/wait\nHello from a script\n");
    let b = start("Bob", "#meet\n/wait\nHello from another\n/quit\n");
    let b = b.wait_with_output().expect("an end");
    // The other one stays until there is nothing to hear.
    let mut a = Reading::of(a);
    a.until("Hello from another");
    a.until("Your partner left the chat");
    assert!(b.status.success());
    assert!(String::from_utf8_lossy(&b.stdout).contains("You: Hello from another"));
}

#[test]
fn frames_go_in_and_out_as_json() {
    let hub = RunningHub::start("pipe_json");
    let input =
        "{\"type\":\"get_status\",\"request_id\":\"mine\"}\n/send john hello\n{\"type\":\"nonsense\"}\n";
    let (out, _, code) = run(&[&hub.url(), "--json", "--session", "s"], input);
    let frames: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(frames[0]["type"], "connected");
    assert_eq!(frames[0]["session"], "s");
    let status = frames.iter().find(|frame| frame["request_id"] == "mine").expect("an answer");
    assert_eq!(status["response_type"], "status");
    let sent = |frame: &&Value| frame["content"]["action"] == "send";
    assert_eq!(frames.iter().find(sent).expect("an answer")["content"]["state"], "simulated");
    assert!(frames.iter().any(|frame| frame["code"] == "unknown_type"));
    assert_eq!(code, Some(1), "one of them made no sense");
    let (_, err, code) = run(&[&hub.url(), "--json"], "{\"type\":\n");
    assert!(code == Some(1) && err.contains("no frame"), "{err}");
}

#[test]
fn frames_without_an_answer_are_not_waited_for() {
    let hub = RunningHub::start("pipe_hints");
    let long = format!("{{\"type\":\"get_status\",\"request_id\":\"{}\"}}", "x".repeat(129));
    let input = format!(
        "{{\"type\":\"chat_typing\",\"active\":true}}\n{{\"type\":\"whatsapp_action_result\",\"request_id\":\"0\",\
         \"content\":{{\"success\":true}}}}\n{{\"type\":\"get_status\",\"request_id\":\"last\"}}\n{long}\n"
    );
    let (out, err, code) = run(&[&hub.url(), "--json"], &input);
    assert!(out.contains("\"request_id\":\"last\""), "{out}");
    assert!(code == Some(1) && err.contains("no frame"), "no answer could name it: {err}");
}

#[test]
fn what_the_client_says_about_itself_is_on_standard_error() {
    let hub = RunningHub::start("pipe_own_words");
    for flags in [vec![], vec!["--json"]] {
        let url = hub.url();
        let (out, err, code) = run(&[&[url.as_str()], flags.as_slice()].concat(), "/fly\n");
        assert_eq!(code, Some(1));
        assert!(err.contains("/fly is not known") && !out.contains("/fly"), "{flags:?} {out} {err}");
    }
}

#[test]
fn json_holds_nothing_that_steers_a_terminal() {
    let hub = RunningHub::start("pipe_steering");
    let url = hub.url();
    let hostile = "\u{9b}31m\u{9d}2;owned\u{9c}\u{7f}\u{202e}";
    let flags = [url.as_str(), "--json", "--session", "a", "--stay", "20s"];
    let mut reading = Reading::of(feed(talk(&flags).spawn().expect("the binary"), "#meet\n"));
    reading.until("waiting");
    let (out, _, code) = run(&[&url], &format!("#meet\n/wait\n{hostile}\n"));
    assert_eq!(code, Some(0), "{out}");
    let line = reading.line("\"type\":\"chat_message\"");
    assert!(!line.chars().any(|c| c.is_control() || c == '\u{202e}'), "{line:?}");
    let frame: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(frame["message"], hostile);
}

#[test]
fn a_hub_of_its_own_lets_nobody_else_in() {
    let mut own = talk(&["--standalone", "--json", "--stay", "60s"]).spawn().expect("the binary");
    own = feed(own, "/send mum my secret\n");
    let connected = Path::new("/proc").join(own.id().to_string()).join("net/tcp");
    let mut reading = Reading::of(own);
    reading.until("simulated");
    // Every port that listens on loopback is knocked at: one of them is it.
    let Ok(table) = std::fs::read_to_string(connected) else { return };
    let ports = table.lines().filter(|line| line.contains("0100007F:") && line.contains(" 0A "));
    let ports = ports.filter_map(|line| u16::from_str_radix(line.split(':').nth(2)?.get(..4)?, 16).ok());
    let mut refused = 0;
    for port in ports {
        let (out, _, code) = run(&[&format!("127.0.0.1:{port}")], "/history\n");
        assert!(!out.contains("my secret"), "port {port}");
        refused += usize::from(code == Some(4));
    }
    assert!(refused > 0, "it is there, and says no");
}

#[test]
fn a_token_that_is_renewed_in_its_file_goes_on_with_the_same_client() {
    let secret = "auth.jwt_secret=0123456789abcdefghijklmnopqrstuv";
    let settings = ["--set", "auth.mode=jwt", "--set", secret, "--set", "auth.jwt_leeway=0s"];
    let hub = RunningHub::with("pipe_renewed", &settings);
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pipe_renewed_token");
    let renew = |expires: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_strowger"));
        command.args([
            "token",
            "--subject",
            "ann",
            "--expires",
            expires,
            "--set",
            "auth.mode=jwt",
            "--set",
            secret,
        ]);
        let made = command.current_dir(env!("CARGO_TARGET_TMPDIR")).output().expect("the binary");
        assert!(made.status.success(), "{made:?}");
        std::fs::write(&file, made.stdout).expect("a file");
    };
    renew("2s");
    let (url, path) = (hub.url(), file.display().to_string());
    let flags = [url.as_str(), "--json", "--token-file", &path, "--stay", "60s"];
    let mut reading = Reading::of(feed(talk(&flags).spawn().expect("the binary"), ""));
    reading.until("\"how\":\"first\"");
    // It tries with the old one first, and is told again that it expired.
    reading.until("4005");
    reading.until("4005");
    renew("1h");
    reading.until("\"how\":\"whole\"");
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let hub = RunningHub::start("pipe_closed");
    let mut child = talk(&[&hub.url()]).spawn().expect("the binary");
    drop(child.stdout.take());
    let status = feed(child, "/status\n/status\n").wait().expect("an end");
    assert_eq!(status.code(), Some(0));
}

/// A program whose output is read as it comes.
struct Reading {
    child: Child,
    lines: std::io::Lines<std::io::BufReader<std::process::ChildStdout>>,
}

impl Reading {
    fn of(mut child: Child) -> Self {
        let out = child.stdout.take().expect("an output");
        Self { child, lines: std::io::BufRead::lines(std::io::BufReader::new(out)) }
    }

    /// Reads on; it ends by itself at the latest.
    fn until(&mut self, part: &str) {
        self.line(part);
    }

    /// The next line that holds this.
    fn line(&mut self, part: &str) -> String {
        let found = self.lines.by_ref().map_while(Result::ok).find(|line| line.contains(part));
        found.unwrap_or_else(|| panic!("it ended without {part:?}"))
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
