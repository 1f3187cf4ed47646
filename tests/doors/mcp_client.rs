//! A client of MCP as simple as can be: one request a connection, whatever the protocol's era.

use crate::patiently;
use crate::test_server::TestServer;
use crate::web::{self, Answer};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const TOKEN: &str = "a-token-of-thirty-two-characters";
pub const ADMIN: &str = "another-token-for-the-operator-:";
/// What the first clients send: they say nothing of a version.
pub const OLD: &str = "Accept: application/json, text/event-stream\r\n";

/// A house with both tokens and a number.
pub async fn house() -> TestServer {
    house_with(&[]).await
}

/// The same with some settings changed.
pub async fn house_with(changes: &[&str]) -> TestServer {
    let token = format!("auth.token={TOKEN}");
    let admin = format!("auth.admin_token={ADMIN}");
    let own = [token.as_str(), admin.as_str(), "mcp.my_number=919876543210"];
    TestServer::with(&[&own, changes].concat()).await
}

/// Somebody with a token.
#[derive(Clone, Copy)]
pub struct Mcp {
    pub port: u16,
    pub token: &'static str,
}

impl Mcp {
    pub fn of(server: &TestServer) -> Self {
        Self { port: server.mcp_port(), token: TOKEN }
    }

    /// The same with the token that opens everything.
    pub fn admin_of(server: &TestServer) -> Self {
        Self { port: server.mcp_port(), token: ADMIN }
    }

    /// The head and body of a request.
    pub fn written(&self, headers: &str, body: &str) -> String {
        let Self { port, token } = self;
        let length = body.len();
        format!(
            "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        )
    }

    /// Posts a body with these headers beside the usual ones.
    pub async fn post(&self, headers: &str, body: &str) -> Answer {
        web::request(self.port, &self.written(headers, body)).await
    }

    /// A request of the era before 2026.
    pub async fn ask(&self, method: &str, params: Value) -> Value {
        let request = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
        let answer = self.post(OLD, &request.to_string()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        body_of(&answer)
    }

    /// A request as the protocol of 2026 has it. The name is that of a tool.
    pub async fn ask_anew(&self, method: &str, name: Option<&str>, params: Value) -> Answer {
        let (headers, request) = anew(method, name, params);
        self.post(&headers, &request.to_string()).await
    }

    /// The result of a tool.
    pub async fn call(&self, tool: &str, arguments: Value) -> Value {
        let answer = self.ask("tools/call", json!({"name": tool, "arguments": arguments})).await;
        assert_eq!(answer["id"], 7, "{answer}");
        answer["result"].clone()
    }

    /// What somebody is told who typed this.
    pub async fn say(&self, who: &str, message: &str) -> Said {
        let arguments = json!({"message": message, "puch_user_id": who, "user_nickname": who});
        Said(self.call("handle_message", arguments).await)
    }

    /// The bare form.
    pub async fn bare(&self, body: Value) -> Answer {
        self.post("Accept: */*\r\n", &body.to_string()).await
    }

    /// Begins a wait, and leaves it under way.
    pub async fn begin_wait(&self, who: &str, seconds: u64, token: Option<&str>) -> Waiting {
        let mut params = json!({"name": "wait_for_messages", "arguments": {"puch_user_id": who, "timeout_seconds": seconds}});
        if let Some(token) = token {
            params["_meta"] = json!({"progressToken": token});
        }
        let request = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params});
        let mut stream = web::dial(self.port).await;
        let text = self.written(OLD, &request.to_string());
        patiently(stream.write_all(text.as_bytes())).await.expect("the house reads");
        Waiting { stream, read: Vec::new() }
    }
}

/// The headers and the message of a request of 2026.
pub fn anew(method: &str, name: Option<&str>, mut params: Value) -> (String, Value) {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let name = name.map(|name| format!("Mcp-Name: {name}\r\n")).unwrap_or_default();
    let headers = format!("{OLD}MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: {method}\r\n{name}");
    (headers, json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params}))
}

/// What `handle_message` gives.
pub struct Said(pub Value);

impl Said {
    /// What the person is shown.
    pub fn text(&self) -> &str {
        text_of(&self.0)
    }

    pub fn lines(&self) -> Vec<&str> {
        self.text().lines().collect()
    }

    /// What programs are given.
    pub fn content(&self) -> &Value {
        &self.0["structuredContent"]
    }
}

pub fn text_of(result: &Value) -> &str {
    assert_eq!(result["content"].as_array().map(Vec::len), Some(1), "{result}");
    result["content"][0]["text"].as_str().expect("a text")
}

/// The body as JSON.
pub fn body_of(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), Some("application/json"), "{answer:?}");
    serde_json::from_str(&answer.body).expect("JSON")
}

/// A call that is not answered yet.
pub struct Waiting {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Waiting {
    /// The next event of a stream of events.
    pub async fn event(&mut self) -> Value {
        loop {
            let text = String::from_utf8_lossy(&self.read).into_owned();
            if let Some((event, rest)) = text.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data:"));
                let data = data.map(str::trim).filter(|data| !data.is_empty()).map(str::to_owned);
                self.read = rest.as_bytes().to_vec();
                match data {
                    Some(data) => return serde_json::from_str(&data).expect("JSON"),
                    None => continue,
                }
            }
            let some = patiently(self.stream.read_buf(&mut self.read)).await.expect("the house writes");
            assert!(some > 0, "the stream ended: {text}");
        }
    }

    /// The result, where it comes as plain JSON.
    pub async fn result(mut self) -> Value {
        let answer = web::answer(&mut self.stream).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        body_of(&answer)["result"].clone()
    }

    /// The rest of the stream, which has to end.
    pub async fn rest(mut self) -> String {
        patiently(self.stream.shutdown()).await.expect("a connection");
        patiently(self.stream.read_to_end(&mut self.read)).await.expect("an end");
        String::from_utf8(self.read).expect("text")
    }
}
