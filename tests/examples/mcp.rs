//! `examples/mcp_client.py`.

use crate::running::{Program, RunningHub, python_with};
use std::path::Path;
use std::process::Command;

const SCRIPT: &str = "examples/mcp_client.py";
const TOKEN: &str = "a-token-of-thirty-two-characters";

fn start(python: &Path, url: &str, token: &str) -> Program {
    let mut command = Command::new(python);
    command.arg(crate::example("mcp_client.py")).arg(url);
    command.env("AUTH_TOKEN", token).env("PYTHONIOENCODING", "utf-8");
    Program::start(SCRIPT, &mut command)
}

#[test]
fn two_users_of_a_host_meet() {
    let Some(python) = python_with("mcp", "mcp.client.streamable_http, httpx2", SCRIPT) else { return };
    let hub = RunningHub::with("mcp_client", &["--set", &format!("auth.token={TOKEN}")]);
    let url = format!("http://localhost:{}/mcp", hub.port);
    let mut client = start(&python, &url, TOKEN);
    assert!(client.ends_well(), "{client}");
    let expected = "\
Anna: #meet
    Anna is shown: 🔍 Looking for someone to chat with... Please wait while we find you a partner!
Bob: #meet
    Bob is shown: 🎉 Connected! You're now chatting with Anna. Say hello!
Bob: Hello Anna!
    Bob is shown: 📤 Message sent.
Anna: Hello Bob! How are you?
    Anna is shown: 🎉 Connected! You're now chatting with Bob. Say hello!
    Anna is shown: 📤 Message sent to your partner from Bob: Hello Anna!
    Anna is shown: 📤 Message sent.
Bob: Fine, but I have to go.
    Bob is shown: 📤 Message sent to your partner from Anna: Hello Bob! How are you?
    Bob is shown: 📤 Message sent.
Bob: #bye
    Bob is shown: 👋 Chat ended. Use #meet to connect with someone new!
Anna: Too bad!
    Anna is shown: 📤 Message sent to your partner from Bob: Fine, but I have to go.
    Anna is shown: Your partner left the chat. Use #meet to find a new one.
    Anna is shown: No partner found. Use #meet to connect.";
    assert_eq!(client.seen.join("\n"), expected);

    for (url, token) in
        [(url.as_str(), "a-wrong-token-of-some-characters"), ("http://localhost:1/mcp", TOKEN)]
    {
        let mut client = start(&python, url, token);
        assert!(!client.ends_well());
        assert!(client.seen.iter().any(|line| line.contains(url)), "{client}");
        assert!(!client.to_string().contains(token), "nobody sees a token: {client}");
    }
}
