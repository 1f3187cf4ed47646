//! What docs/talk.md and the README say of `strowger talk` is so: flags, exit codes, commands, and what its scripts print.

use crate::document::{Block, Document, code_words};
use crate::running::RunningHub;
use crate::settle;
use std::io::Write;
use std::process::{Command, Output, Stdio};

const PATH: &str = "docs/talk.md";
const BINARY: &str = env!("CARGO_BIN_EXE_strowger");

/// What it is called in the documents.
const CALLS: [&str; 2] = ["| cargo run --release -- talk", "| strowger talk"];

/// The commands of a block that feed it, with the hub of the test.
fn scripts(blocks: &[Block], hub: &RunningHub) -> Vec<(usize, String)> {
    let lines = blocks.iter().flat_map(Block::lines).filter(|(_, line)| line.starts_with("printf"));
    let fed = |line: &str| {
        CALLS
            .iter()
            .fold(line.to_owned(), |line, call| line.replace(call, &format!("| {BINARY} talk {}", hub.url())))
    };
    lines.map(|(at, line)| (at, fed(line))).collect()
}

fn shell(line: &str) -> Output {
    let mut command = Command::new("sh");
    let room = env!("CARGO_TARGET_TMPDIR");
    command.args(["-c", line]).current_dir(room).env("HOME", room).env_remove("STROWGER_TOKEN");
    command.stdin(Stdio::null()).output().expect("a shell")
}

#[test]
fn its_scripts_print_what_it_shows() {
    let document = Document::read(PATH);
    let blocks = document.blocks();
    let hub = RunningHub::start("talk_scripts");
    let shown = &blocks.iter().find(|block| block.language == "text").expect("what a script prints").text;
    let scripts = scripts(&blocks, &hub);
    let output = shell(&scripts[0].1);
    assert!(output.status.success(), "{}: {output:?}", document.at(scripts[0].0));
    assert_eq!(&String::from_utf8_lossy(&output.stdout), shown, "{}", document.at(scripts[0].0));
    let json = scripts.iter().find(|(_, line)| line.contains("--json")).expect("a script with frames");
    let output = String::from_utf8(shell(&json.1).stdout).expect("UTF-8");
    let kinds: Vec<serde_json::Value> =
        output.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(kinds[0]["type"], "connected");
    assert!(kinds.iter().any(|frame| frame["request_id"] == "mine"), "{output}");
}

#[test]
fn its_scripts_meet() {
    let document = Document::read(PATH);
    let hub = RunningHub::start("talk_scripts_meet");
    let blocks = document.blocks();
    let script = scripts(&blocks, &hub)
        .into_iter()
        .find(|(_, line)| line.contains("/wait"))
        .expect("a script that waits")
        .1;
    let script = script.replace("--stay 30s", "--stay 0s");
    let other = format!(
        "printf '#meet\\n/wait\\n/say Hello from the other\\n' | {BINARY} talk {} --session b",
        hub.url()
    );
    let other = std::thread::spawn(move || shell(&other));
    let said = shell(&script);
    assert!(said.status.success(), "{said:?}");
    assert!(String::from_utf8_lossy(&said.stdout).contains("You: Hello from a script"));
    assert!(other.join().expect("an end").status.success());
}

#[test]
fn the_readme_feeds_it_as_well() {
    let readme = Document::read("README.md");
    let hub = RunningHub::start("talk_readme");
    let scripts = scripts(&readme.blocks(), &hub);
    assert!(!scripts.is_empty(), "the README shows a script");
    for (at, line) in scripts {
        let output = shell(&line);
        assert!(output.status.success(), "{}: {output:?}", readme.at(at));
    }
}

#[test]
fn its_flags_are_all_and_have_their_defaults() {
    let document = Document::read(PATH);
    let output = Command::new(BINARY).args(["talk", "--help"]).output().expect("the binary");
    let help = String::from_utf8(output.stdout).expect("UTF-8");
    let own = help.split("\nSettings:").next().unwrap_or_default();
    let flags = own.split_whitespace().filter_map(|word| word.strip_prefix("--"));
    let flags: Vec<&str> =
        flags.map(|flag| flag.trim_end_matches([',', ']', '.'])).filter(|flag| *flag != "help").collect();
    assert!(flags.len() > 5, "{help}");
    let is_told = |flag: &str| {
        code_words(&document.text).any(|code| code.split(' ').any(|word| word == format!("--{flag}")))
    };
    let untold =
        flags.iter().filter(|flag| !is_told(flag)).map(|flag| format!("{PATH}: --{flag} is not told"));
    let told =
        code_words(&document.text).flat_map(str::split_whitespace).filter_map(|word| word.strip_prefix("--"));
    let invented =
        told.filter(|flag| !flags.contains(flag)).map(|flag| format!("{PATH}: there is no --{flag}"));
    settle(&untold.chain(invented).collect::<Vec<_>>());
}

#[test]
fn its_commands_are_those_that_it_knows() {
    let document = Document::read(PATH);
    let hub = RunningHub::start("talk_commands");
    let words = code_words(&document.text)
        .filter_map(|code| code.split(' ').next())
        .filter(|word| word.starts_with('/'));
    let lines: String =
        words.map(|word| format!("{word} on\n")).filter(|line| !line.starts_with("/wait")).collect();
    assert!(lines.lines().count() > 15, "{lines}");
    let mut talk = Command::new(BINARY);
    talk.args(["talk", &hub.url()]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut talk = talk.current_dir(env!("CARGO_TARGET_TMPDIR")).spawn().expect("the binary");
    talk.stdin.take().expect("an input").write_all(lines.as_bytes()).expect("it reads");
    let output = talk.wait_with_output().expect("an end");
    let answers =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    // Behind some nothing may stand; those are known all the same.
    let bare = ["/help", "/yes", "/stop", "/quit", "/history"];
    let unknown = answers
        .lines()
        .filter(|line| line.contains("is not known") && !bare.iter().any(|word| line.starts_with(word)));
    settle(&unknown.map(str::to_owned).collect::<Vec<_>>());
    assert!(answers.contains("Auto-reply is on."), "/auto on is answered:\n{answers}");
    assert_eq!(output.status.code(), Some(1), "some of them make no sense so");
}
