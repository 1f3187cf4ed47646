//! What docs/troubleshooting.md says that the doctor and a start say, and that the tokens in documents open nothing.

use crate::document::{Document, code_words, root};
use crate::settle;
use regex::Regex;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use strowger::config::{Flag, Settings};

const TROUBLESHOOTING: &str = "docs/troubleshooting.md";

/// What only another user is told, or on another system.
const NOT_TRIED: [&str; 2] = ["this user may not", "can't be written by this user"];

/// Flags and variables, with what they lead to.
struct Trial {
    what: &'static str,
    flags: &'static [&'static str],
    variables: &'static [(&'static str, &'static str)],
}

const fn flags(what: &'static str, flags: &'static [&'static str]) -> Trial {
    Trial { what, flags, variables: &[] }
}

const fn variables(what: &'static str, variables: &'static [(&'static str, &'static str)]) -> Trial {
    Trial { what, flags: &[], variables }
}

const GOOD: &str = "f3a9c05e7b1d4862";

const SECRET: &str = "auth.jwt_secret=f3a9c05e7b1d4862f3a9c05e7b1d4862";

/// Public keys of Ed25519 and of RSA, the second with 1024 bits.
const KEY: &str = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
const SHORT: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC4J05vpqDsG0yYsBA6KcJXV6obRT1Qk76nTWTbWiAIeG5OGAnRMcRPIXAZ\
    5et+CGLHerkPl/fd0QCV3Q099U+xgFXvUfj46ViYp2KR2c/LlQoRcFczYEijlM7mVfkf6pti2Ttzq9UpZAlxPSKoaW/mrPBE8RWDOzOmtLfMDkzcbQIDAQAB";
/// What a private key of Ed25519 begins with.
const PRIVATE: &str = "MC4CAQAwBQYDK2VwBCIEI";

const TRIALS: &[Trial] = &[
    flags("nothing is set", &[]),
    flags("the port is taken", &["--port", "TAKEN"]),
    flags("no address of ours", &["--port", "8002", "--host", "192.0.2.1"]),
    flags("no name", &["--port", "8002", "--host", "nowhere.invalid"]),
    flags("both have one port", &["--port", "FREE", "--mcp-port", "FREE"]),
    flags("whoever reaches it", &["--host", "0.0.0.0"]),
    flags("the folder is a file", &["--set", "data.dir=file"]),
    flags("a file of the folder is a folder", &["--set", "data.dir=old"]),
    flags("in memory", &["--set", "session.store=memory"]),
    flags("no folder for the log", &["--set", "log.file=no/hub.log"]),
    flags("no script", &["--set", "whatsapp.simulator=no.json"]),
    flags("a public address without https", &["--set", "http.public_url=http://hub.lan.example:8002"]),
    flags("a kept token that can be guessed", &["--set", "data.dir=short"]),
    flags("a kept token that can't be read", &["--set", "data.dir=unreadable"]),
    flags("a kept token that others can read", &["--set", "data.dir=open"]),
    flags("JWTs without a key", &["--set", "auth.mode=jwt"]),
    flags(
        "JWTs with two",
        &["--set", "auth.mode=jwt", "--set", SECRET, "--set", "auth.jwt_public_key=key.pub"],
    ),
    flags("a key that is not there", &["--set", "auth.mode=jwt", "--set", "auth.jwt_public_key=none.pub"]),
    flags("a key that is none", &["--set", "auth.mode=jwt", "--set", "auth.jwt_public_key=file"]),
    flags("a private key", &["--set", "auth.mode=jwt", "--set", "auth.jwt_public_key=private"]),
    flags("a short key", &["--set", "auth.mode=jwt", "--set", "auth.jwt_public_key=short.pub"]),
    flags("a key for everybody", &["--set", "auth.mode=jwt", "--set", "auth.jwt_public_key=key.pub"]),
    flags("a secret for nothing", &["--set", SECRET]),
    flags("a key for nothing", &["--set", "auth.jwt_public_key=key.pub"]),
    flags("a short secret", &["--set", "auth.jwt_secret=short"]),
    flags("no such mode", &["--set", "auth.mode=yes"]),
    flags("an AI without a model", &["--set", "gemini.key=a-key"]),
    flags("an AI without a key", &["--set", "openai.model=a-model"]),
    flags("an AI that is not set up", &["--set", "ai.order=anthropic"]),
    flags("no such AI", &["--set", "ai.order=nobody"]),
    flags("no such setting", &["--set", "chat.idle=1h"]),
    flags("no port", &["--port", "http"]),
    variables("guessed", &[("AUTH_TOKEN", "short"), ("ADMIN_TOKEN", "aaaaaaaaaaaaaaaaaaaaaaaa")]),
    variables("the same", &[("AUTH_TOKEN", GOOD), ("ADMIN_TOKEN", GOOD)]),
    variables("a sample", &[("AUTH_TOKEN", "YOUR_TOKEN")]),
    variables("no number", &[("MY_NUMBER", "+919876543210")]),
    variables("what nobody reads", &[("REDIS_URL", "redis://127.0.0.1")]),
];

/// Lines that the doctor says, those of a start that it refuses among them.
fn said() -> Vec<String> {
    let room = room();
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let free = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let number = |listener: &TcpListener| listener.local_addr().expect("an address").port().to_string();
    let (taken_port, free_port) = (number(&taken), number(&free));
    drop(free);
    let mut all = Vec::new();
    for trial in TRIALS {
        let named = |flag: &&str| flag.replace("TAKEN", &taken_port).replace("FREE", &free_port);
        let mut command = Command::new(env!("CARGO_BIN_EXE_strowger"));
        command.args(["doctor", "--set", "data.dir=data"]).args(trial.flags.iter().map(named));
        command.current_dir(&room).env_clear().env("MCP_SERVER_PORT", "0").env("MCP_HTTP_PORT", "0");
        let output = command.envs(trial.variables.iter().copied()).stdin(Stdio::null()).output();
        let output = output.unwrap_or_else(|error| panic!("{}: {error}", trial.what));
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let as_usual = text.replace(&taken_port, "8002").replace(&free_port, "8002");
        all.extend(as_usual.lines().map(str::to_owned));
    }
    all
}

/// A directory with folders in it that are no good.
fn room() -> PathBuf {
    let room = Path::new(env!("CARGO_TARGET_TMPDIR")).join("running/doctor");
    let _ = fs::remove_dir_all(&room);
    for folder in ["old/strowger.db", "unreadable/auth_token", "short", "open"] {
        fs::create_dir_all(room.join(folder)).expect("a folder");
    }
    let pem = |kind: &str, digits: &str| format!("-----BEGIN {kind}-----\n{digits}\n-----END {kind}-----\n");
    let (key, short) = (pem("PUBLIC KEY", KEY), pem("PUBLIC KEY", SHORT));
    let private = pem("PRIVATE KEY", &format!("{PRIVATE}{}", "A".repeat(64 - PRIVATE.len())));
    let keys = [("key.pub", key.as_str()), ("short.pub", &short), ("private", &private)];
    let files = [("file", ""), ("short/auth_token", "short"), ("open/auth_token", GOOD)];
    for (file, text) in files.into_iter().chain(keys) {
        fs::write(room.join(file), text).expect("a file");
    }
    #[cfg(unix)]
    fs::set_permissions(room.join("open/auth_token"), std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .expect("a mode");
    room
}

/// What a row quotes: the beginning of a line, with `…` for what differs.
fn pattern(quoted: &str) -> Regex {
    let parts: Vec<_> = quoted.split('…').map(regex::escape).collect();
    Regex::new(&format!("^{}", parts.join(".*"))).expect("a pattern")
}

/// Every row is said, and everything bad that is said has its row.
#[test]
fn what_the_doctor_says_is_what_the_document_says() {
    let document = Document::read(TROUBLESHOOTING);
    let is_said =
        |quoted: &&str| ["WRONG ", "note ", "strowger: "].iter().any(|word| quoted.starts_with(word));
    let first = |row: &str| row.trim_start_matches('|').split('|').next().map(str::to_owned);
    let mut quotes = Vec::new();
    for (line, row) in document.lines().filter(|(_, line)| line.starts_with("| `")) {
        let cell = first(row).unwrap_or_default();
        quotes.extend(code_words(&cell).take(1).filter(is_said).map(|quoted| (line, quoted.to_owned())));
    }
    assert!(quotes.len() > 15, "{TROUBLESHOOTING} quotes the doctor");
    let said = said();
    let mut complaints = Vec::new();
    for (line, quoted) in &quotes {
        let is_tried = !NOT_TRIED.iter().any(|words| quoted.contains(words));
        if is_tried && !said.iter().any(|found| pattern(quoted).is_match(found)) {
            complaints.push(format!("{}: nobody says {quoted:?}", document.at(*line)));
        }
    }
    let is_bad = |line: &&String| !line.starts_with("fine ");
    for found in said.iter().filter(is_bad) {
        if !quotes.iter().any(|(_, quoted)| pattern(quoted).is_match(found)) {
            complaints.push(format!("{TROUBLESHOOTING}: it lacks {found:?}"));
        }
    }
    complaints.dedup();
    settle(&complaints);
}

/// Who copies a command gets no token that all other readers have.
#[test]
fn no_token_in_a_document_opens_a_hub() {
    let shown =
        Regex::new(r#"(?:(?:AUTH|ADMIN)_TOKEN=|Bearer |/mcp connect \S+ )([^\s`"']+)"#).expect("a pattern");
    let defaults = Document {
        path: "config/default.toml".to_owned(),
        text: fs::read_to_string(root().join("config/default.toml")).expect("the defaults"),
    };
    let (mut complaints, mut seen) = (Vec::new(), 0);
    for document in Document::all().into_iter().chain([defaults]) {
        for (line, text) in document.lines() {
            for token in shown.captures_iter(text).map(|found| found[1].to_owned()) {
                // What a command makes is nobody else's.
                if token.starts_with('$') {
                    continue;
                }
                seen += 1;
                let flag = Flag::new("--set", "auth.token", &token);
                if Settings::load([flag], std::iter::empty(), Path::new("/nonexistent")).is_ok() {
                    complaints.push(format!("{}: {token:?} could be a real token", document.at(line)));
                }
            }
        }
    }
    assert!(seen > 2, "documents show where a token belongs");
    settle(&complaints);
}
