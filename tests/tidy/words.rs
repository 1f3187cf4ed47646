//! Names that say nothing, and words that have no place here.

use std::path::Path;

use crate::settle;
use crate::source::{Source, has_word, sources};

const EVERYWHERE: &[&str] = &["src", "tests", "benches", "examples", "fuzz/checks", "fuzz/fuzz_targets"];

/// A file that could be called so is a drawer for everything.
const EMPTY_NAMES: &[&str] = &["utils", "util", "common", "helpers", "helper", "types", "manager", "misc"];

/// What may not stand in code that is not a test, and what to write instead.
const UNWANTED: &[(&str, &str)] = &[
    (".unwrap()", "say what happens otherwise: `?`, `let … else`, or a default"),
    (".expect(", "say what happens otherwise: `?`, `let … else`, or a default"),
    ("todo!(", "leave out what is not there yet, and answer `unsupported`"),
    ("unimplemented!(", "leave out what is not there yet, and answer `unsupported`"),
    ("dbg!(", "use tracing, without texts, numbers and ids"),
];

/// A task that nobody holds is a task that nobody stops.
const LOOSE_TASKS: &[&str] =
    &["tokio::spawn(", "task::spawn(", "thread::spawn(", "thread::Builder::", "spawn_blocking("];

/// The files that start tasks and threads of their own accord, and keep what they get for it.
const TASK_OWNERS: &[&str] = &["src/cli/mask/pool.rs", "src/store.rs"];

#[test]
fn files_have_telling_names() {
    let mut complaints = Vec::new();
    for Source { path, .. } in sources(&["src"]) {
        let parts: Vec<_> = path.trim_end_matches(".rs").split('/').collect();
        if parts.contains(&"mod") {
            complaints
                .push(format!("{path}: name it after its folder and put it beside that: foo.rs and foo/"));
        }
        for part in parts.iter().filter(|part| EMPTY_NAMES.contains(part)) {
            complaints.push(format!("{path}: `{part}` could hold anything: name it after what it owns"));
        }
    }
    settle(&complaints);
}

#[test]
fn every_file_says_what_it_owns() {
    let silent = |source: &Source| {
        let advice = "begin with //! and say what it owns, and what it must never know";
        let mute = !source.begins_with_module_docs() && source.lines().next().is_some();
        mute.then(|| format!("{}: {advice}", source.path))
    };
    settle(
        &sources(&["src", "examples", "benches", "fuzz/checks", "fuzz/fuzz_targets"])
            .iter()
            .filter_map(silent)
            .collect::<Vec<_>>(),
    );
}

#[test]
fn nothing_is_unsafe_or_without_bound() {
    let mut complaints = Vec::new();
    for source in sources(EVERYWHERE) {
        for (line, code) in source.code.iter().enumerate() {
            if has_word(code, "unsafe") {
                complaints
                    .push(format!("{}: `unsafe`: find the crate that has done it already", source.at(line)));
            }
            if code.contains("unbounded") {
                complaints
                    .push(format!("{}: unbounded: give it a capacity, and a reason for it", source.at(line)));
            }
        }
    }
    settle(&complaints);
}

#[test]
fn nothing_unwanted_outside_tests() {
    let mut complaints = Vec::new();
    for source in sources(&["src"]) {
        for (line, code) in source.lines() {
            for (word, instead) in UNWANTED.iter().filter(|(word, _)| code.contains(word)) {
                complaints.push(format!("{}: `{word}`: {instead}", source.at(line)));
            }
        }
    }
    settle(&complaints);
}

#[test]
fn every_task_has_an_owner() {
    let mut complaints = Vec::new();
    for source in sources(&["src"]).iter().filter(|source| !TASK_OWNERS.contains(&source.path.as_str())) {
        for (line, code) in source.lines() {
            for call in LOOSE_TASKS.iter().filter(|call| code.contains(*call)) {
                let instead =
                    "spawn it on a TaskTracker, or name this file as its owner in tests/tidy/words.rs";
                complaints.push(format!("{}: `{call}`: {instead}", source.at(line)));
            }
        }
    }
    settle(&complaints);
}

#[test]
fn the_locks_of_the_hub_are_seen_by_its_races() {
    let mut complaints = Vec::new();
    for source in sources(&["src/hub"]).iter().filter(|source| source.path != "src/hub/sync.rs") {
        let locks = |code: &str| ["Mutex", "RwLock", "Condvar"].iter().any(|lock| has_word(code, lock));
        for (line, code) in source.lines().filter(|(_, code)| locks(code) && code.contains("std::sync")) {
            let instead = "take it from hub/sync.rs, where the tests in hub/races/ can exchange it";
            complaints.push(format!("{}: `{}`: {instead}", source.at(line), code.trim()));
        }
    }
    settle(&complaints);
}

/// What somebody wrote, or a name, or a token, in a field.
const READABLE: &[&str] = &["str", "String", "Utf8Bytes", "Bytes", "Value"];

#[test]
fn what_the_hub_passes_on_does_not_print_itself() {
    let mut complaints = Vec::new();
    for source in sources(&["src/hub", "src/client", "src/talk"]) {
        let lines: Vec<(usize, &str)> = source.lines().collect();
        for (at, (line, code)) in lines.iter().enumerate() {
            if !(code.contains("#[derive(") && has_word(code, "Debug")) {
                continue;
            }
            let fields = lines[at + 1..].iter().map(|(_, code)| *code).take_while(|code| *code != "}");
            if let Some(field) =
                fields.into_iter().find(|code| READABLE.iter().any(|word| has_word(code, word)))
            {
                let instead =
                    "write its `Debug` by hand, without what people wrote, and name it in tests/secrecy.rs";
                complaints.push(format!(
                    "{}: derives `Debug`, and has {}: {instead}",
                    source.at(*line),
                    field.trim()
                ));
            }
        }
    }
    settle(&complaints);
}

#[test]
fn owners_of_tasks_exist() {
    let gone = TASK_OWNERS.iter().filter(|path| !Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists());
    settle(
        &gone
            .map(|path| format!("tests/tidy/words.rs: {path} is gone: take it off the list"))
            .collect::<Vec<_>>(),
    );
}

/// Waiting for a time to pass, in any of its forms.
const WAITS: &[&str] = &["sleep(", "sleep_until("];

/// Where tests play in real time, since what they measure is how long things take.
const REAL_TIME: &[&str] = &["tests/endurance/"];

#[test]
fn tests_wait_for_events() {
    let mut complaints = Vec::new();
    for source in sources(&["src", "tests"]) {
        if REAL_TIME.iter().any(|folder| source.path.starts_with(folder)) {
            continue;
        }
        for (line, code) in source.test_lines() {
            if WAITS.iter().any(|wait| code.contains(wait)) {
                let instead = "wait for what it is that happens, or pause tokio's clock and advance it";
                complaints
                    .push(format!("{}: a test that sleeps is slow or wrong: {instead}", source.at(line)));
            }
        }
    }
    settle(&complaints);
}
