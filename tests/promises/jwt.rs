//! What docs/operating.md shows of JWTs is done as it stands there: secrets, keys and tokens, and a hub that takes them.

use crate::document::Document;
use crate::http_client::HttpClient;
use crate::test_server::TestServer;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PATH: &str = "docs/operating.md";
const ADDRESS: &str = "http://localhost:8002";

/// Prints the settings that a hub would be started with, and the words that curl would be; the rest is done.
const STUBS: &str = r#"
    strowger() { case "$1" in --set) printf 'serve\037%s\036' "$*" ;; *) "$STROWGER" "$@" ;; esac; }
    curl() { printf 'curl'; printf '\037%s' "$@"; printf '\036'; }
"#;

/// The block that begins with this line, and those behind it, as many as are wanted.
fn blocks(first: &str, count: usize) -> String {
    let document = Document::read(PATH);
    let all: Vec<_> = document.blocks().into_iter().filter(|block| block.language == "sh").collect();
    let at = all.iter().position(|block| block.text.starts_with(first));
    let at = at.unwrap_or_else(|| panic!("{PATH}: no block begins with {first:?}"));
    all[at..at + count].iter().map(|block| block.text.as_str()).collect()
}

fn room(name: &str) -> PathBuf {
    let room = Path::new(env!("CARGO_TARGET_TMPDIR")).join("running").join(name);
    let _ = fs::remove_dir_all(&room);
    fs::create_dir_all(&room).expect("an empty directory");
    room
}

/// What a shell prints that is given these commands.
fn done(room: &Path, script: &str) -> String {
    let mut shell = Command::new("sh");
    shell.args(["-euc", &format!("{STUBS}\n{script}")]).current_dir(room).env_clear();
    shell.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let output = shell.env("STROWGER", env!("CARGO_BIN_EXE_strowger")).output().expect("a shell");
    assert!(output.status.success(), "{PATH}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// A hub with the settings that stand behind `strowger`.
async fn hub(serve: &str, more: &[&str]) -> TestServer {
    let settings: Vec<&str> = serve.split(' ').filter(|word| *word != "--set").collect();
    assert!(settings.contains(&"auth.mode=jwt"), "{PATH}: {serve}");
    TestServer::with(&[&settings[..], more].concat()).await
}

#[tokio::test]
async fn a_token_that_is_made_with_the_secret_opens_the_hub() {
    let script = format!(
        "{}\nprintf '%s' $STROWGER__AUTH__JWT_SECRET",
        blocks("export STROWGER__AUTH__JWT_SECRET", 2)
    );
    let said = done(&room("jwt_secret"), &script);
    let parts: Vec<&str> = said.split('\u{1e}').collect();
    let [serve, curl, secret] = parts[..] else { panic!("{PATH}: {said:?}") };
    let serve = serve.strip_prefix("serve\u{1f}").expect("a hub that is started first");
    let server = hub(serve, &[&format!("auth.jwt_secret={secret}")]).await;
    let words: Vec<&str> = curl.split('\u{1f}').collect();
    let ["curl", "-H", header, url] = words[..] else { panic!("{PATH}: {words:?}") };
    let (name, value) = header.split_once(": ").expect("a header");
    let path = url.strip_prefix(ADDRESS).expect("the usual address");
    let client = HttpClient::new(server.port());
    client.with(name, value).get(path).await.fine();
    assert_eq!(client.get(path).await.status, 401);
}

#[tokio::test]
async fn a_token_that_is_made_with_a_private_key_opens_the_hub() {
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("There is no openssl to make keys with: this was not tried");
        return;
    }
    let room = room("jwt_keys");
    let said = done(&room, &blocks("openssl genpkey", 1));
    let (token, serve) = said.split_once("serve\u{1f}").expect("a token, and a hub");
    let serve = serve.trim_end_matches('\u{1e}');
    let key = room.join("issuer.pub");
    let serve = serve.replace("issuer.pub", key.to_str().expect("UTF-8"));
    let server = hub(&serve, &[]).await;
    HttpClient::new(server.port()).token(token.trim()).get("/api/v1/stats").await.fine();
}

/// Shells and `man` find what they look for.
#[test]
fn completions_and_pages_are_where_it_puts_them() {
    let room = room("pages");
    done(&room, &format!("HOME=$PWD\n{}", blocks("mkdir -p ~/.local/share/bash-completion", 1)));
    let written = |path: &str| fs::read_to_string(room.join(".local/share").join(path)).expect("a file");
    assert!(written("bash-completion/completions/strowger").contains("complete -F _strowger"));
    assert!(written("man/man1/strowger.1").contains(".SH NAME"));
    assert!(written("man/man1/strowger-token.1").contains("subject"));
}
