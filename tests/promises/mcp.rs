//! The calls of curl in docs/mcp.md are made as they stand there, and answered as it says.

use crate::document::Document;
use crate::http_client::{HttpClient, Reply};
use crate::settle;
use crate::test_server::TestServer;
use serde_json::Value;
use std::process::Command;

const PATH: &str = "docs/mcp.md";
const ADDRESS: &str = "http://localhost:8086";
const TOKEN: &str = "a-token-of-thirty-two-characters";

/// What curl is asked for, word by word: the shell reads the document, and this takes the place of curl.
const CURL: &str = r#"curl() { printf '%s\037' "$@"; printf '\036'; }"#;

/// One call of curl.
#[derive(Debug, Default)]
struct Call {
    method: String,
    path: String,
    headers: String,
    body: String,
}

impl Call {
    /// From curl's words.
    fn read(words: &str) -> Self {
        let mut call =
            Self { method: "GET".to_owned(), headers: "Accept: */*\r\n".to_owned(), ..Self::default() };
        let mut words = words.split_terminator('\u{1f}');
        while let Some(word) = words.next() {
            let mut value = || words.next().expect("a value behind its option");
            match word {
                "-s" => {}
                "-X" => call.method = value().to_owned(),
                "-H" => call.headers.push_str(&format!("{}\r\n", value())),
                "-d" => call.body = value().to_owned(),
                url => {
                    let path = url.strip_prefix(ADDRESS).unwrap_or_else(|| panic!("{PATH}: {url:?}"));
                    call.path = path.to_owned();
                }
            }
        }
        call
    }

    async fn send(&self, port: u16) -> Reply {
        HttpClient::new(port).send(&self.method, &self.path, &self.headers, &self.body).await
    }
}

/// All calls of a script.
fn calls(script: &str) -> Vec<Call> {
    let mut shell = Command::new("sh");
    shell.args(["-euc", &format!("{CURL}\n{script}")]).env_clear().env("AUTH_TOKEN", TOKEN);
    let output = shell.output().expect("a shell");
    assert!(output.status.success(), "{PATH}: {}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).expect("text");
    said.split_terminator('\u{1e}').map(Call::read).collect()
}

async fn house() -> TestServer {
    TestServer::with(&[&format!("auth.token={TOKEN}")]).await
}

/// Whether all of one value is in the other, which may have more fields.
fn holds(all: &Value, part: &Value) -> bool {
    match (all, part) {
        (Value::Object(all), Value::Object(part)) => {
            part.iter().all(|(name, part)| all.get(name).is_some_and(|all| holds(all, part)))
        }
        (Value::Array(all), Value::Array(part)) => {
            all.len() == part.len() && all.iter().zip(part).all(|(all, part)| holds(all, part))
        }
        _ => all == part,
    }
}

/// Each call whose answer stands in the next block.
#[tokio::test]
async fn its_bare_calls_are_answered_as_it_shows() {
    let document = Document::read(PATH);
    let blocks = document.blocks();
    let server = house().await;
    let (mut complaints, mut seen) = (Vec::new(), 0);
    for (call, shown) in blocks.iter().zip(blocks.iter().skip(1)) {
        if !call.text.starts_with("curl ") || shown.language != "json" {
            continue;
        }
        seen += 1;
        let expected: Value = serde_json::from_str(&shown.text).expect("JSON");
        for call in calls(&call.text) {
            let reply = call.send(server.mcp_port()).await;
            if reply.status != 200 || !holds(&reply.body, &expected) {
                complaints.push(format!("{}: the hub answers {reply:?}", document.at(shown.first)));
            }
        }
    }
    assert!(seen > 0, "{PATH} shows a call and its answer");
    settle(&complaints);
}

/// The calls of MCP proper, one after the other in one shell, as somebody would type them.
#[tokio::test]
async fn its_calls_of_mcp_proper_work() {
    let document = Document::read(PATH);
    let blocks = document.blocks();
    let first = blocks.iter().position(|block| block.text.starts_with("mcp() {")).expect("its function");
    let scripts = blocks[first..].iter().filter(|block| block.language == "sh");
    let script: String = scripts.map(|block| block.text.as_str()).collect();
    let made = calls(&script);
    assert!(made.len() > 5, "{PATH} shows both eras: {made:?}");
    let server = house().await;
    let mut complaints = Vec::new();
    for call in made {
        let reply = call.send(server.mcp_port()).await;
        let asked: Value = serde_json::from_str(&call.body).expect("JSON");
        let is_fine = match asked.get("id") {
            None => reply.status == 202 && reply.body == "",
            Some(id) => {
                let result = &reply.body["result"];
                reply.status == 200
                    && reply.body["id"] == *id
                    && result.is_object()
                    && result.get("isError").is_none_or(|is_error| is_error == false)
            }
        };
        if !is_fine {
            complaints.push(format!("{PATH}: {} is answered with {reply:?}", call.body));
        }
    }
    settle(&complaints);
}
