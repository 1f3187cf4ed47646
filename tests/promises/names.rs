//! The names in the documents: settings, metrics and codes exist, and all that exist are told.

use crate::document::{Document, code_words, root};
use crate::settle;
use regex::Regex;
use std::collections::BTreeSet;
use std::fs;
use strowger::ai::{Service, Trouble};
use strowger::metrics::Metrics;
use strowger::wire::{CloseCode, Code};

const DEFAULTS: &str = include_str!("../../config/default.toml");
const CODES: &str = include_str!("../../src/wire/code.rs");
const SERVER: &str = include_str!("../../src/wire/server.rs");
const OPERATING: &str = "docs/operating.md";
const PROTOCOL: &str = "docs/protocol.md";

/// What looks like a setting and is a file.
const FILES: [&str; 6] = ["rs", "toml", "js", "css", "log", "md"];

fn has_word(text: &str, word: &str) -> bool {
    let pattern = format!(r"\b{}\b", regex::escape(word));
    Regex::new(&pattern).expect("a pattern").is_match(text)
}

fn settings() -> BTreeSet<String> {
    let mut section = "";
    let mut keys = BTreeSet::new();
    for line in DEFAULTS.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name;
        } else if let Some((name, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            keys.insert(format!("{section}.{name}"));
        }
    }
    assert!(keys.contains("chat.idle_after"), "config/default.toml is read");
    keys
}

#[test]
fn every_setting_that_is_named_exists() {
    let settings = settings();
    let sections: BTreeSet<&str> = settings.iter().filter_map(|key| key.split('.').next()).collect();
    let sections = Vec::from_iter(sections).join("|");
    let pattern = format!(r"(?:^|[^\w/.-])((?:{sections})\.[a-z_]+)\b|\bSTROWGER__([A-Z_]+[A-Z])");
    let pattern = Regex::new(&pattern).expect("a pattern");
    let mut complaints = Vec::new();
    for document in Document::all() {
        // What the hub says of a wrong name is not wrong.
        for (line, text) in document.lines().filter(|(_, text)| !text.starts_with("strowger: ")) {
            for found in pattern.captures_iter(text) {
                let variable = |name: &str| name.to_lowercase().replace("__", ".");
                let key = found.get(1).map(|key| key.as_str().to_owned());
                let key =
                    key.or_else(|| found.get(2).map(|name| variable(name.as_str()))).expect("one of two");
                let is_file = FILES.iter().any(|extension| key.ends_with(&format!(".{extension}")));
                if !is_file && key != "section.name" && !settings.contains(&key) {
                    complaints.push(format!("{}: there is no setting {key}", document.at(line)));
                }
            }
        }
    }
    settle(&complaints);
}

#[test]
fn every_setting_is_told() {
    let operating = Document::read(OPERATING);
    let untold = settings().into_iter().filter(|key| !has_word(&operating.text, key));
    settle(&untold.map(|key| format!("{OPERATING}: say what `{key}` is for")).collect::<Vec<_>>());
}

#[test]
fn every_event_is_in_the_table_of_events() {
    let protocol = Document::read(PROTOCOL);
    let event = Regex::new(r#"\("([a-z_]+)", (?:None|Some\(name)"#).expect("a pattern");
    let mut events: Vec<&str> =
        event.captures_iter(SERVER).filter_map(|found| Some(found.get(1)?.as_str())).collect();
    events.push("typing");
    assert!(events.contains(&"matched") && events.contains(&"expired"), "{events:?}");
    let untold = events.iter().filter(|event| !protocol.text.contains(&format!("\n| `{event}` | ")));
    settle(
        &untold.map(|event| format!("{PROTOCOL}: the table of events lacks `{event}`")).collect::<Vec<_>>(),
    );
}

#[test]
fn every_metric_is_told_and_no_other() {
    let metrics = Metrics::new();
    metrics.closed(CloseCode::Restart);
    // Some have no line before something happened.
    metrics.ai_called("openai", "answered");
    metrics.ai_took("openai", [8, 13]);
    metrics.ai_rests("openai", false);
    let page = metrics.page();
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    // A histogram has three lines of its name.
    let parts = ["_bucket", "_sum", "_count"];
    let whole =
        |name: &'_ str| parts.iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name).to_owned();
    let names: BTreeSet<String> = lines.filter_map(|line| line.split(['{', ' ']).next()).map(whole).collect();
    assert!(names.contains("strowger_sockets") && names.contains("strowger_wait_seconds"), "{names:?}");
    let operating = Document::read(OPERATING);
    let untold = names.iter().filter(|name| !has_word(&operating.text, name));
    let mut complaints: Vec<String> =
        untold.map(|name| format!("{OPERATING}: say what `{name}` counts")).collect();
    let pattern = Regex::new(r"\bstrowger_[a-z_]+").expect("a pattern");
    for document in Document::all() {
        for (line, text) in document.lines() {
            let unknown =
                pattern.find_iter(text).map(|found| found.as_str()).filter(|name| !names.contains(*name));
            complaints
                .extend(unknown.map(|name| format!("{}: there is no metric {name}", document.at(line))));
        }
    }
    settle(&complaints);
}

/// How a call of a language model may end; where nobody may be asked, there is none.
const ENDS: [Trouble; 10] = [
    Trouble::Unavailable,
    Trouble::Busy(None),
    Trouble::WrongKey,
    Trouble::WrongModel,
    Trouble::Declined,
    Trouble::NotTaken,
    Trouble::Malformed,
    Trouble::TooLate,
    Trouble::OutOfQuota,
    Trouble::Cancelled,
];

#[test]
fn every_end_of_a_call_of_a_model_is_told() {
    let operating = Document::read(OPERATING);
    let row = operating.lines().find(|(_, line)| line.starts_with("| `strowger_ai_calls_total{"));
    let (line, row) = row.expect("a row for the calls of language models");
    let told: BTreeSet<&str> =
        code_words(row).skip(1).filter(|word| Service::named(word).is_none()).collect();
    let ends = ENDS.iter().map(|end| end.name()).chain(["answered"]).collect();
    assert_eq!(told, ends, "{}", operating.at(line));
}

/// The part of the source from a line to the brace that closes it.
fn item(start: &str) -> &'static str {
    let from = CODES.find(start).unwrap_or_else(|| panic!("src/wire/code.rs: {start:?}"));
    let rest = &CODES[from + start.len()..];
    rest.split("\n}").next().unwrap_or_default()
}

fn codes() -> BTreeSet<String> {
    let variants = item("pub enum Code {").lines().map(str::trim).filter(|line| line.ends_with(','));
    let capital = Regex::new("([a-z])([A-Z])").expect("a pattern");
    let words =
        variants.map(|name| capital.replace_all(name.trim_end_matches(','), "${1}_$2").to_lowercase());
    words.inspect(|word| assert!(is_code(word), "src/wire/code.rs: {word} is read otherwise")).collect()
}

fn is_code(word: &str) -> bool {
    serde_json::from_value::<Code>(word.into()).is_ok()
}

#[test]
fn every_code_is_told() {
    let protocol = Document::read(PROTOCOL);
    let mut names: Vec<String> = codes().into_iter().collect();
    let number = Regex::new(r"=> (\d{4}),").expect("a pattern");
    names.extend(number.captures_iter(CODES).map(|found| found[1].to_owned()));
    assert!(names.iter().any(|name| name == "4502") && names.len() > 15, "{names:?}");
    let untold = names.iter().filter(|name| !has_word(&protocol.text, name));
    settle(&untold.map(|name| format!("{PROTOCOL}: say what {name} means")).collect::<Vec<_>>());
}

/// The documents are told apart from the code by what they would have programs look for.
#[test]
fn every_code_that_is_told_exists() {
    let pattern = Regex::new(r#""code": ?"([a-z_]+)""#).expect("a pattern");
    let mut complaints = Vec::new();
    for document in Document::all() {
        for (line, text) in document.lines() {
            let unknown =
                pattern.captures_iter(text).map(|found| found[1].to_owned()).filter(|word| !is_code(word));
            complaints.extend(unknown.map(|word| format!("{}: there is no code {word}", document.at(line))));
        }
    }
    settle(&complaints);
}

#[test]
fn every_document_that_is_linked_exists() {
    let link = Regex::new(r"\]\(([^)#:]+)(?:#[^)]*)?\)").expect("a pattern");
    let mut complaints = Vec::new();
    for document in Document::all() {
        let folder = root().join(&document.path);
        let folder = folder.parent().expect("a folder");
        for (line, text) in document.lines() {
            let dead = link.captures_iter(text).map(|found| found[1].to_owned());
            let dead = dead.filter(|path| fs::metadata(folder.join(path)).is_err());
            complaints.extend(dead.map(|path| format!("{}: there is no {path}", document.at(line))));
        }
    }
    settle(&complaints);
}
