//! A client for REST: each request on a connection of its own, and each answer held against the description.

use crate::patiently;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    head: Vec<(String, String)>,
    pub body: Value,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The code of a problem, which has to be one.
    pub fn problem(&self) -> (u16, &str) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        assert_eq!(self.body["status"], self.status, "{self:?}");
        let code = self.body["code"].as_str().expect("a code");
        assert_eq!(self.body["type"], format!("urn:strowger:problem:{code}"));
        (self.status, code)
    }

    /// The body of an answer that says that it went well.
    pub fn fine(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.body
    }
}

/// Somebody who asks.
#[derive(Clone)]
pub struct HttpClient {
    port: u16,
    headers: String,
}

impl HttpClient {
    pub fn new(port: u16) -> Self {
        Self { port, headers: String::new() }
    }

    /// The same with another header.
    pub fn with(&self, name: &str, value: &str) -> Self {
        Self { headers: format!("{}{name}: {value}\r\n", self.headers), ..self.clone() }
    }

    /// The same with a token.
    pub fn token(&self, token: &str) -> Self {
        self.with("Authorization", &format!("Bearer {token}"))
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, None).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.ask("DELETE", path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.ask("POST", path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.ask("PUT", path, Some(body)).await
    }

    /// A request whose answer is held against the description.
    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Reply {
        let text = body.as_ref().map(Value::to_string).unwrap_or_default();
        let kind = if body.is_some() { "Content-Type: application/json\r\n" } else { "" };
        let reply = self.send(method, path, kind, &text).await;
        self.hold_against_description(method, path, body.as_ref(), &reply).await;
        reply
    }

    /// A request as it is, with these headers besides.
    pub async fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> Reply {
        let mut stream = self.open(method, path, headers, body).await;
        let (status, head) = read_head(&mut stream).await;
        let length = head.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let length = length.map_or(0, |(_, length)| length.parse().expect("a length"));
        let mut bytes = vec![0; if method == "HEAD" { 0 } else { length }];
        patiently(stream.read_exact(&mut bytes)).await.expect("the whole body");
        let text = String::from_utf8(bytes).expect("text");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Reply { status, head, body }
    }

    async fn open(&self, method: &str, path: &str, headers: &str, body: &str) -> BufReader<TcpStream> {
        let Self { port, headers: own } = self;
        let mut stream = patiently(TcpStream::connect(("127.0.0.1", *port))).await.expect("somebody listens");
        let length =
            if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{own}{headers}{length}\r\n{body}");
        // One that is refused by its head may be closed before all of it was read.
        let _ = patiently(stream.write_all(head.as_bytes())).await;
        BufReader::new(stream)
    }

    /// Posts something, and returns the connection on which the answer would come: whoever drops it hangs up.
    pub async fn begin(&self, path: &str, body: &Value) -> BufReader<TcpStream> {
        self.open("POST", path, "Content-Type: application/json\r\n", &body.to_string()).await
    }

    /// Reads what a session is told.
    pub async fn events(&self, path: &str) -> Events {
        let mut stream = self.open("GET", path, "", "").await;
        let (status, head) = read_head(&mut stream).await;
        let kind = head.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        assert_eq!((status, kind.map(|(_, kind)| kind.as_str())), (200, Some("text/event-stream")));
        Events { stream, text: String::new() }
    }

    /// The description of all paths.
    pub async fn description(&self) -> &'static Value {
        static DESCRIPTION: OnceCell<Value> = OnceCell::const_new();
        DESCRIPTION
            .get_or_init(async || Self::new(self.port).send("GET", "/openapi.json", "", "").await.body)
            .await
    }

    async fn hold_against_description(&self, method: &str, path: &str, body: Option<&Value>, reply: &Reply) {
        let description = self.description().await;
        let Some(operation) = operation(description, method, path) else {
            assert!(matches!(reply.status, 401 | 404 | 405), "{method} {path} is not described: {reply:?}");
            return;
        };
        let status = reply.status.to_string();
        let response = &operation["responses"][&status];
        assert!(response.is_object() || reply.status == 405, "{method} {path}: {status} is not described");
        let kind = reply.header("content-type").unwrap_or_default();
        let schema = &response["content"][kind]["schema"];
        if schema.is_object() {
            let is_problem = kind != "application/json";
            hold(description, schema, &reply.body, !is_problem, &format!("{method} {path} answers"));
        } else {
            assert!(
                matches!(reply.status, 204 | 405),
                "{method} {path}: {status} with {kind} is not described"
            );
        }
        if let Some(body) = body.filter(|_| reply.status < 300) {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            hold(description, schema, body, false, &format!("{method} {path} takes"));
        }
    }
}

/// The described path that a path is one of, and what is described there.
pub fn template<'d>(description: &'d Value, path: &str) -> Option<(&'d String, &'d Value)> {
    let path = path.split('?').next().unwrap_or_default();
    let fits = |template: &str| {
        let (template, path) = (template.split('/'), path.split('/'));
        template.clone().count() == path.clone().count()
            && template.zip(path).all(|(wanted, found)| wanted.starts_with('{') || wanted == found)
    };
    let paths = description["paths"].as_object().expect("paths");
    paths.iter().find(|(template, _)| fits(template))
}

/// What the description says of a method at a path.
pub fn operation<'d>(description: &'d Value, method: &str, path: &str) -> Option<&'d Value> {
    template(description, path)?.1.get(method.to_lowercase())
}

/// Holds a value against a schema. A strict one knows every field of the value.
pub fn hold(description: &Value, schema: &Value, value: &Value, strict: bool, what: &str) {
    let mut schema = schema.clone();
    schema["components"] = description["components"].clone();
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    if strict {
        schema["unevaluatedProperties"] = json!(false);
    }
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let complaints: Vec<String> = validator.iter_errors(value).map(|error| error.to_string()).collect();
    assert!(complaints.is_empty(), "{what} {value}: {complaints:?}");
}

async fn read_head(stream: &mut BufReader<TcpStream>) -> (u16, Vec<(String, String)>) {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        patiently(stream.read_line(&mut line)).await.expect("a head");
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let status = lines.first().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
    let headers = lines.iter().skip(1).filter_map(|line| line.split_once(": "));
    (status, headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// A stream of events.
pub struct Events {
    stream: BufReader<TcpStream>,
    text: String,
}

/// One event.
#[derive(Debug)]
pub struct Told {
    pub event: String,
    pub id: String,
    pub data: Value,
}

impl Events {
    /// The next block of lines, comments included; `None` at the end.
    pub async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            let mut size = String::new();
            let read = patiently(self.stream.read_line(&mut size)).await.ok()?;
            let size =
                usize::from_str_radix(size.trim_end(), 16).ok().filter(|size| *size > 0 && read > 0)?;
            let mut chunk = vec![0; size + 2];
            patiently(self.stream.read_exact(&mut chunk)).await.ok()?;
            chunk.truncate(size);
            self.text.push_str(&String::from_utf8(chunk).expect("text"));
        }
    }

    /// The next event; `None` at the end.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            let block = self.block().await?;
            let field =
                |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            let (event, id, data) = (field("event: "), field("id: "), field("data: "));
            if !event.is_empty() {
                let data: Value = serde_json::from_str(data).expect("a frame");
                assert_eq!(data["type"], event);
                assert!(id.len() <= 64);
                return Some(Told { event: event.to_owned(), id: id.to_owned(), data });
            }
        }
    }

    /// The next event, which is of this type.
    pub async fn expect(&mut self, event: &str) -> Told {
        let told = self.next().await.expect("an event");
        assert_eq!(told.event, event, "{told:?}");
        told
    }
}
