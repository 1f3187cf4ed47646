//! What docs/operating.md and docs/privacy.md say of defaults, complaints and masking.

use crate::document::{Document, code_words, root};
use crate::settle;
use regex::Regex;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use strowger::config::Settings;
use strowger::core::mask::Masker;

const OPERATING: &str = "docs/operating.md";
const PRIVACY: &str = "docs/privacy.md";
const AI: &str = "docs/ai.md";

/// The binary in an empty directory, with one variable and no other, until it ends by itself.
fn run(arguments: &[&str], (name, value): (&str, &str), input: &str) -> Output {
    let room = Path::new(env!("CARGO_TARGET_TMPDIR")).join("running/operating");
    fs::create_dir_all(&room).expect("an empty directory");
    let mut command = Command::new(env!("CARGO_BIN_EXE_strowger"));
    command.args(arguments).current_dir(&room).env_clear().env(name, value);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("the binary starts");
    child.stdin.take().expect("an input").write_all(input.as_bytes()).expect("an input that is read");
    child.wait_with_output().expect("an end")
}

/// Rows that begin with a setting, and have its default next to it.
#[test]
fn its_defaults_are_the_defaults() {
    let nowhere = Path::new("/nonexistent");
    let defaults = Settings::load([], std::iter::empty(), nowhere).expect("the defaults").values;
    let mut complaints = Vec::new();
    for (path, least) in [(OPERATING, 6), (AI, 5)] {
        let (document, mut seen) = (Document::read(path), 0);
        for (line, row) in document.lines().filter(|(_, line)| line.starts_with("| `")) {
            let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
            let key = cells[0].trim_matches('`');
            if let Some(value) = defaults.iter().find(|value| value.key == key) {
                seen += 1;
                if value.value.trim_matches('"') != cells[1].trim_matches(['`', '"']) {
                    complaints.push(format!(
                        "{}: the default of {key} is {}",
                        document.at(line),
                        value.value
                    ));
                }
            }
        }
        assert!(seen >= least, "{path} has a table of settings");
    }
    settle(&complaints);
}

/// Each line of the log that the code has, with its level.
#[test]
fn every_log_line_is_told_as_it_is() {
    let operating = Document::read(OPERATING);
    let call =
        Regex::new(r#"(?s)tracing::(error|warn|info|debug|trace)!\(.*?"([^"]+)"\s*\);"#).expect("a pattern");
    let (mut complaints, mut seen) = (Vec::new(), 0);
    for (path, code) in sources(&root().join("src")) {
        for found in call.captures_iter(&code) {
            seen += 1;
            // Some say what a constant says.
            if found[2].starts_with('{') {
                continue;
            }
            let row = format!("| {} | {}", found[1].to_uppercase(), &found[2]);
            if !operating.text.contains(&row) {
                complaints.push(format!("{OPERATING}: the table of the log lacks {row:?} ({path})"));
            }
        }
    }
    assert!(seen > 10, "{seen} log lines were found in the code");
    settle(&complaints);
}

/// All sources below a folder.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources.extend(self::sources(&path));
        } else {
            sources.push((path.display().to_string(), fs::read_to_string(&path).expect("a source")));
        }
    }
    sources
}

/// A line as `strowger: environment: NAME: why` is what that variable ends the start with.
#[test]
fn its_complaints_are_the_real_ones() {
    let mut complaints = Vec::new();
    for document in Document::all() {
        for (line, text) in document.lines() {
            let Some(rest) = text.strip_prefix("strowger: environment: ") else { continue };
            let name = rest.split(':').next().unwrap_or_default();
            let output = run(&[], (name, "1"), "");
            let says = String::from_utf8_lossy(&output.stderr);
            if output.status.code() != Some(2) || says.trim() != text {
                complaints.push(format!("{}: the hub says {:?}", document.at(line), says.trim()));
            }
        }
    }
    settle(&complaints);
}

/// The table of texts and what is shown of them, and the sentence about what is left.
#[test]
fn what_is_said_of_masking_holds() {
    let (privacy, masker) = (Document::read(PRIVACY), Masker::default());
    let (mut complaints, mut in_table, mut in_left, mut seen) = (Vec::new(), false, false, 0);
    for (line, text) in privacy.lines() {
        in_table = text == "| text | shown |" || (in_table && text.starts_with('|'));
        in_left = text.starts_with("It leaves") || (in_left && !text.is_empty());
        let cells: Vec<&str> = text.trim_matches('|').split('|').collect();
        let shown = cells.get(1).and_then(|cell| code_words(cell).next());
        for typed in code_words(cells[0]).filter(|_| in_left || (in_table && shown.is_some())) {
            seen += 1;
            let (masked, shown) = (masker.mask(typed), shown.unwrap_or(typed));
            if masked != shown {
                complaints.push(format!("{}: {typed:?} is shown as {masked:?}", privacy.at(line)));
            }
        }
    }
    assert!(seen > 8, "{PRIVACY} shows what is masked and what is not");
    settle(&complaints);
}

/// `echo 'TEXT' | strowger mask`, with what it prints in the next block.
#[test]
fn its_masking_can_be_tried() {
    let privacy = Document::read(PRIVACY);
    let blocks = privacy.blocks();
    let mut complaints = Vec::new();
    let mut seen = 0;
    for (command, printed) in blocks.iter().zip(blocks.iter().skip(1)) {
        let Some(rest) = command.text.strip_prefix("echo '") else { continue };
        let Some((text, "strowger mask")) = rest.trim().split_once("' | ") else { continue };
        seen += 1;
        let output = run(&["mask"], ("LANG", "C.UTF-8"), &format!("{text}\n"));
        let says = String::from_utf8_lossy(&output.stdout);
        if says != printed.text {
            complaints.push(format!("{}: it prints {says:?}", privacy.at(printed.first)));
        }
    }
    assert!(seen > 0, "{PRIVACY} shows how to try it");
    settle(&complaints);
}
