//! docs/session.md is a story: its conversations are held with a real hub, its bridge is run, its simulator's script
//! is played, and its sentences and names mean what it says.

use crate::document::{Block, Document, code_words, root};
use crate::running::{Program, RunningHub, python};
use crate::settle;
use crate::story::Story;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use strowger::core::ContactName;
use strowger::core::contacts::{Contacts, Names, Supplied, Unresolved};
use strowger::core::plain::{self, Book, Meant};

const PATH: &str = "docs/session.md";
/// The address that people find in the document.
const ADDRESS: &str = "ws://localhost:8002";

/// The story as far as it was told, and whom it is told with.
#[derive(Default)]
struct Stage {
    story: Story,
    hub: Option<RunningHub>,
    hubs: usize,
    bridge: Option<Program>,
}

fn room() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("session")
}

impl Stage {
    /// A hub of its own for what follows, with the settings that its command names.
    async fn starts_a_hub(&mut self, document: &Document, command: &str) {
        self.story.nobody_heard_more(document).await;
        let words: Vec<&str> = command.split_whitespace().collect();
        let set = words.iter().zip(words.iter().skip(1)).filter(|(flag, _)| **flag == "--set");
        let here = |setting: &str| match setting.split_once('=') {
            Some((key, file)) if room().join(file).exists() => {
                format!("{key}={}", room().join(file).display())
            }
            _ => setting.to_owned(),
        };
        let flags: Vec<String> =
            set.flat_map(|(flag, setting)| [(*flag).to_owned(), here(setting)]).collect();
        (self.bridge, self.hub) = (None, None);
        self.hubs += 1;
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        self.hub = Some(RunningHub::with(&format!("session_{}", self.hubs), &flags));
    }

    fn url(&self) -> String {
        self.hub.as_ref().expect("a conversation comes after `cargo run`").url()
    }

    /// Runs what the document calls a whole bridge. `false`: there is no Python to do so.
    fn starts_the_bridge(&mut self, block: &Block) -> bool {
        assert!(block.text.contains(ADDRESS), "{PATH}:{}: it connects to {ADDRESS}", block.first);
        let Some(python) = python("the bridge in docs/session.md") else { return false };
        let mut command = Command::new(python);
        command.args(["-c", &block.text.replace(ADDRESS, &self.url())]);
        self.bridge = Some(Program::start("the bridge in the document", &mut command));
        true
    }
}

#[tokio::test]
async fn its_conversations_are_held() {
    let document = Document::read(PATH);
    let mut stage = Stage::default();
    let mut held = 0;
    fs::create_dir_all(room()).expect("a directory");
    for block in document.blocks() {
        match block.language.as_str() {
            "sh" if block.text.starts_with("cargo run") => {
                stage.starts_a_hub(&document, block.text.trim()).await;
            }
            "json" => {
                let name = block.above.trim_start_matches("<!-- ").trim_end_matches(" -->");
                fs::write(room().join(name), &block.text).expect("a script");
            }
            // Without a Python that can run it the story ends here.
            "python" if !stage.starts_the_bridge(&block) => break,
            "text" => {
                held += 1;
                let url = stage.url();
                stage.story.holds(&document, &block, &url).await;
            }
            _ => {}
        }
    }
    stage.story.nobody_heard_more(&document).await;
    assert!(held > 5, "{PATH} has conversations");
    settle(&stage.story.complaints);
}

/// The rows of the table with this head, as cells, with their lines.
fn rows<'d>(document: &'d Document, head: &str) -> Vec<(usize, Vec<&'d str>)> {
    let from = document.lines().skip_while(|(_, text)| *text != head).skip(2);
    let rows = from.take_while(|(_, text)| text.starts_with('|'));
    let rows: Vec<_> =
        rows.map(|(at, row)| (at, row.trim_matches('|').split('|').map(str::trim).collect())).collect();
    assert!(rows.len() > 5, "{PATH} has a table {head}");
    rows
}

fn contacts(names: &[&str]) -> Contacts {
    let mut contacts = Contacts::default();
    contacts.replace_supplied(names.iter().map(|name| Supplied::named(name)));
    contacts
}

#[test]
fn its_sentences_mean_what_it_says() {
    let document = Document::read(PATH);
    let (contacts, last) = (contacts(&["John", "Mike", "Sarah Jones"]), ContactName::new("John"));
    let names = Names::new(&contacts, &[]);
    let book = Book { names: &names, last: Some(&last), wrote_else: false };
    let mut complaints = Vec::new();
    for (line, cells) in rows(&document, "| action | sentences like |") {
        let meant = code_words(cells[0]).next().expect("an action");
        for sentence in code_words(cells[1]) {
            let is = match plain::read(sentence, &book) {
                Ok(Meant::Act { action, .. }) => action.name(),
                Ok(Meant::Help) => "help",
                Err(_) => "ai_parse_error",
            };
            if is != meant {
                complaints.push(format!("{}: {sentence:?} is {is}", document.at(line)));
            }
        }
    }
    settle(&complaints);
}

#[test]
fn its_names_mean_whom_it_says() {
    let document = Document::read(PATH);
    let mut complaints = Vec::new();
    for (line, cells) in rows(&document, "| typed | contacts | means |") {
        let names: Vec<&str> = code_words(cells[1]).collect();
        let typed = code_words(cells[0]).next().expect("a name");
        let means = match contacts(&names).resolve(typed, &[]) {
            Ok(found) => found.contact.as_str().to_owned(),
            Err(Unresolved::Ambiguous(_)) => "ambiguous_contact".to_owned(),
            Err(Unresolved::Unknown) => "not_found".to_owned(),
        };
        if code_words(cells[2]).next() != Some(&means) {
            complaints.push(format!("{}: {typed:?} means {means}", document.at(line)));
        }
    }
    settle(&complaints);
}

/// Every type of frame about the account is in one of the conversations or is named.
#[test]
fn it_leaves_out_no_frame_of_the_account() {
    let document = Document::read(PATH);
    let sources =
        fs::read_to_string(root().join("src/wire/client.rs")).expect("the frames that clients send");
    let from_clients = sources.split('"').filter(|word| word.starts_with("whatsapp_"));
    let from_hub = [
        "session_status",
        "whatsapp_message",
        "whatsapp_status",
        "whatsapp_action",
        "whatsapp_action_cancelled",
    ];
    let untold = from_clients.chain(from_hub).filter(|word| !document.text.contains(word));
    settle(&untold.map(|word| format!("{PATH}: say what {word} is for")).collect::<Vec<_>>());
}
