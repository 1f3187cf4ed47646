//! Somebody who answers in a provider's place, as a script says, and notes what was asked.

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use strowger::ai::{Ai, Budget, Provider, Question, Rules, Service};
use strowger::metrics::Metrics;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};
use tokio_util::task::TaskTracker;

/// What one request is answered with.
#[derive(Clone, Debug)]
pub enum Line {
    /// This text, in two pieces, and what it took.
    Says(&'static str),
    /// What it makes of a request, in two pieces.
    Thinks(fn(&Value) -> String),
    /// The first piece of it, and the rest once this is told.
    Waits(&'static str, Arc<Notify>),
    /// The first piece of it, and then the connection ends.
    Cut(&'static str),
    /// A status, a header, and a body.
    Status(u16, &'static str, Value),
    /// These events, as they stand, and then the connection ends.
    Raw(&'static str),
    /// So many short pieces, each of which takes a permit.
    Pieces(usize, Arc<Semaphore>),
    /// What is no answer of this provider.
    Nonsense,
    /// It will not answer.
    Declines,
    /// Nothing, for ever.
    Silence,
    /// The first piece of it, and then nothing for ever.
    Stops(&'static str),
}

/// What was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    pub head: Vec<(String, String)>,
    pub body: Value,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// See the module.
pub struct StandIn {
    pub service: Service,
    pub port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    _server: tokio::task::JoinHandle<()>,
}

impl StandIn {
    /// One that says these lines, one for each request, and the last one again and again.
    pub async fn of(service: Service, lines: impl IntoIterator<Item = Line>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a stand-in that works");
        let port = listener.local_addr().expect("a stand-in that works").port();
        let (asked, lines) =
            (Arc::default(), Arc::new(Mutex::new(lines.into_iter().collect::<VecDeque<_>>())));
        let noted = Arc::clone(&asked);
        let _server = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.expect("a stand-in that works");
                tokio::spawn(serve(service, stream, lines.clone(), Arc::clone(&noted)));
            }
        });
        Self { service, port, asked, _server }
    }

    /// All that was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("a stand-in that works").clone()
    }

    pub fn url(&self) -> String {
        let path = if self.service == Service::Gemini { "v1beta" } else { "v1" };
        format!("http://127.0.0.1:{}/{path}/", self.port)
    }

    pub fn provider(&self) -> Provider {
        Provider::new(self.service, "a-model", Some("a-key"), Some(&self.url()))
            .expect("a stand-in that works")
    }
}

/// An AI that asks these.
pub fn ai(stand_ins: &[&StandIn], rules: Rules) -> Ai {
    ai_counted(stand_ins, rules, Metrics::new())
}

/// The same, whose calls are counted here.
pub fn ai_counted(stand_ins: &[&StandIn], rules: Rules, metrics: Metrics) -> Ai {
    let providers = stand_ins.iter().map(|stand_in| stand_in.provider()).collect();
    Ai::new(providers, rules, metrics, TaskTracker::new())
}

pub const RULES: Rules = Rules { at_once: 4, budget: Budget { calls: 0, tokens: 0 } };
pub const WITHIN: Duration = Duration::from_secs(20);

pub fn question(text: &str) -> Question {
    Question {
        task: "Answer.",
        examples: &[],
        text: text.into(),
        schema: None,
        most_tokens: 100,
        in_background: false,
    }
}

async fn serve(
    service: Service,
    stream: TcpStream,
    lines: Arc<Mutex<VecDeque<Line>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let request = read(&mut stream).await?;
        let body = request.body.clone();
        asked.lock().expect("a stand-in that works").push(request);
        let line = {
            let mut lines = lines.lock().expect("a stand-in that works");
            let next = lines.pop_front().expect("a line");
            if lines.is_empty() {
                lines.push_back(next.clone());
            }
            next
        };
        answer(service, &body, line, stream.get_mut()).await?;
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Asked> {
    let (mut first, mut head) = (String::new(), Vec::new());
    stream.read_line(&mut first).await.ok().filter(|read| *read > 0)?;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        head.push((name.to_owned(), value.to_owned()));
    }
    let length = head.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().expect("a stand-in that works"))];
    stream.read_exact(&mut body).await.ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    Some(Asked { path, head, body: serde_json::from_slice(&body).unwrap_or(Value::Null) })
}

/// A whole answer in two pieces. Without a length its end is that of the connection.
async fn say(service: Service, text: &str, stream: &mut TcpStream) -> Option<()> {
    let middle = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
    let (one, other) = text.split_at(middle);
    let events = [begin(service), piece(service, one), piece(service, other), end(service)].concat();
    stream.write_all(events_of(&events).as_bytes()).await.ok()?;
    None
}

/// `None`: the connection ends.
async fn answer(service: Service, asked: &Value, line: Line, stream: &mut TcpStream) -> Option<()> {
    match line {
        Line::Says(text) => say(service, text, stream).await,
        Line::Waits(text, go_on) => {
            let (one, other) = text.split_at(text.len() / 2);
            let events = [begin(service), piece(service, one)].concat();
            stream.write_all(events_of(&events).as_bytes()).await.ok()?;
            go_on.notified().await;
            stream.write_all([piece(service, other), end(service)].concat().as_bytes()).await.ok()?;
            None
        }
        Line::Thinks(about) => say(service, &about(asked), stream).await,
        Line::Cut(text) => {
            let events = [begin(service), piece(service, text)].concat();
            stream.write_all(events_of(&events).as_bytes()).await.ok()?;
            None
        }
        Line::Stops(text) => {
            let events = [begin(service), piece(service, text)].concat();
            stream.write_all(events_of(&events).as_bytes()).await.ok()?;
            std::future::pending().await
        }
        Line::Status(status, header, body) => {
            let body = body.to_string();
            let head = format!(
                "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{header}\r\n",
                body.len()
            );
            stream.write_all(format!("{head}{body}").as_bytes()).await.ok()
        }
        Line::Raw(events) => {
            stream.write_all(events_of(events).as_bytes()).await.ok()?;
            None
        }
        Line::Pieces(count, permits) => {
            stream.write_all(events_of(&begin(service)).as_bytes()).await.ok()?;
            for n in 0..count {
                permits.acquire().await.ok()?.forget();
                // Each in a packet of its own, or nearly so.
                stream.write_all(piece(service, &format!("{n} ")).as_bytes()).await.ok()?;
                stream.flush().await.ok()?;
                tokio::task::yield_now().await;
            }
            stream.write_all(end(service).as_bytes()).await.ok()?;
            None
        }
        Line::Nonsense => {
            stream.write_all(events_of("data: <html>\n\n").as_bytes()).await.ok()?;
            None
        }
        Line::Declines => {
            stream
                .write_all(events_of(&[begin(service), declines(service)].concat()).as_bytes())
                .await
                .ok()?;
            None
        }
        Line::Silence => std::future::pending().await,
    }
}

fn events_of(events: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n{events}")
}

fn event(kind: Option<&str>, data: &Value) -> String {
    kind.map_or_else(|| format!("data: {data}\n\n"), |kind| format!("event: {kind}\ndata: {data}\n\n"))
}

fn begin(service: Service) -> String {
    match service {
        Service::Gemini => String::new(),
        Service::OpenAi => event(
            None,
            &json!({"id": "1", "object": "chat.completion.chunk", "choices":
                [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": null}]}),
        ),
        Service::Anthropic => [
            event(
                Some("message_start"),
                &json!({"type": "message_start", "message": {"id": "1", "type": "message", "role": "assistant",
                    "content": [], "model": "a-model", "stop_reason": null, "usage":
                    {"input_tokens": 8, "output_tokens": 1}}}),
            ),
            event(
                Some("content_block_start"),
                &json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
            ),
        ]
        .concat(),
    }
}

fn piece(service: Service, text: &str) -> String {
    match service {
        Service::Gemini => event(
            None,
            &json!({"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}]}),
        ),
        Service::OpenAi => event(
            None,
            &json!({"id": "1", "object": "chat.completion.chunk", "choices":
                [{"index": 0, "delta": {"content": text}, "finish_reason": null}]}),
        ),
        Service::Anthropic => event(
            Some("content_block_delta"),
            &json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}),
        ),
    }
}

fn end(service: Service) -> String {
    finish(service, ["STOP", "stop", "end_turn"])
}

fn declines(service: Service) -> String {
    finish(service, ["SAFETY", "content_filter", "refusal"])
}

fn finish(service: Service, [gemini, openai, anthropic]: [&str; 3]) -> String {
    match service {
        Service::Gemini => event(
            None,
            &json!({"candidates": [{"content": {"role": "model", "parts": [{"text": ""}]}, "finishReason": gemini,
                "index": 0}], "usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 13,
                "totalTokenCount": 21}}),
        ),
        Service::OpenAi => [
            event(
                None,
                &json!({"id": "1", "object": "chat.completion.chunk", "choices":
                    [{"index": 0, "delta": {}, "finish_reason": openai}]}),
            ),
            event(
                None,
                &json!({"id": "1", "object": "chat.completion.chunk", "choices": [], "usage":
                    {"prompt_tokens": 8, "completion_tokens": 13, "total_tokens": 21}}),
            ),
            "data: [DONE]\n\n".to_owned(),
        ]
        .concat(),
        Service::Anthropic => [
            event(Some("content_block_stop"), &json!({"type": "content_block_stop", "index": 0})),
            event(
                Some("message_delta"),
                &json!({"type": "message_delta", "delta": {"stop_reason": anthropic, "stop_sequence": null},
                    "usage": {"output_tokens": 13}}),
            ),
            event(Some("message_stop"), &json!({"type": "message_stop"})),
        ]
        .concat(),
    }
}
