//! Whom a question is put to. The library knows how each of them is spoken to; which one, where, with which key and
//! which model is the operator's to say.

use super::answering::Tokens;
use super::{Question, Trouble};
use futures::{Stream, StreamExt};
use genai::adapter::AdapterKind;
use genai::chat::{
    ChatMessage, ChatOptions, ChatRequest, ChatResponseFormat, ChatStreamEvent, JsonSpec, StopReason,
    StreamEnd, Usage,
};
use genai::resolver::{AuthData, Endpoint};
use genai::{Client, ModelIden, WebConfig};
use reqwest::redirect::Policy;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

/// How long it may take to reach a provider.
const CONNECT: Duration = Duration::from_secs(2);

/// Who there is to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// Google's, by its own API.
    Gemini,
    /// Whoever speaks the chat completions of OpenAI: GPT, Ollama, vLLM, LiteLLM and more.
    OpenAi,
    /// Anthropic's, by its own API.
    Anthropic,
}

impl Service {
    /// All of them, in the order in which they are asked.
    pub const ALL: [Self; 3] = [Self::Gemini, Self::OpenAi, Self::Anthropic];

    /// Its name, in settings and in frames.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gemini => "gemini",
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
        }
    }

    /// The one with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }

    const fn adapter(self) -> AdapterKind {
        match self {
            Self::Gemini => AdapterKind::Gemini,
            Self::OpenAi => AdapterKind::OpenAI,
            Self::Anthropic => AdapterKind::Anthropic,
        }
    }
}

/// One of them, and how to reach it. Its `Debug` prints no key and no address.
pub struct Provider {
    service: Service,
    model: String,
    client: Client,
}

/// What comes of a call.
pub enum Event {
    Text(String),
    /// Nothing came from there yet.
    Nothing,
    /// It lives, and has nothing to show.
    Life,
    End {
        tokens: Tokens,
        /// It was longer than it may be.
        is_cut: bool,
    },
}

/// It can't be set up like that; the words are for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotSetUp(pub String);

impl fmt::Display for NotSetUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotSetUp {}

impl Provider {
    /// A provider at this address, or at its own if there is none.
    pub fn new(
        service: Service,
        model: &str,
        key: Option<&str>,
        url: Option<&str>,
    ) -> Result<Self, NotSetUp> {
        // Some have no use for a key; the library wants one.
        let auth = AuthData::from_single(key.unwrap_or("none"));
        let endpoint = url.map(|url| Endpoint::from_owned(with_slash(url)));
        let impossible = |error: String| NotSetUp(format!("{} can't be set up: {error}", service.name()));
        let client = Client::builder()
            .with_adapter_kind(service.adapter())
            .with_reqwest(web(url).map_err(|error| impossible(in_full(&error)))?)
            .append_provider_config(service.adapter(), (endpoint, Some(auth)))
            .build()
            .map_err(|error| impossible(in_full(&error)))?;
        Ok(Self { service, model: model.to_owned(), client })
    }

    pub fn service(&self) -> Service {
        self.service
    }

    /// Puts a question. The answer comes in pieces, and ends with its tokens.
    pub async fn ask(
        &self,
        question: &Question,
    ) -> Result<impl Stream<Item = Result<Event, Trouble>> + Send + Unpin + use<>, Trouble> {
        let examples = question.examples.iter();
        let request =
            ChatRequest::from_system(question.task)
                .append_messages(examples.flat_map(|(asked, answered)| {
                    [ChatMessage::user(*asked), ChatMessage::assistant(*answered)]
                }))
                .append_message(ChatMessage::user(question.text.as_str()));
        let mut options =
            ChatOptions::default().with_max_tokens(question.most_tokens).with_capture_usage(true);
        if let Some(schema) = question.schema {
            let schema: serde_json::Value = serde_json::from_str(schema).map_err(|_| Trouble::Declined)?;
            options =
                options.with_response_format(ChatResponseFormat::JsonSpec(JsonSpec::new("action", schema)));
        }
        let service = self.service;
        let model = ModelIden::new(service.adapter(), self.model.as_str());
        let answer = self.client.exec_chat_stream(model, request, Some(&options)).await;
        let of = move |error| trouble(service, &error);
        let answer = answer.map_err(of)?;
        Ok(answer.stream.map(move |event| event.map_err(of).and_then(|event| read(service, event))))
    }
}

/// How a provider is reached: whoever is on this machine never by way of a proxy, and nobody who sends us elsewhere is
/// followed there with a key.
fn web(url: Option<&str>) -> reqwest::Result<reqwest::Client> {
    let builder = reqwest::Client::builder().redirect(Policy::none());
    let builder = WebConfig::default().with_connect_timeout(CONNECT).apply_to_builder(builder);
    if url.is_some_and(is_near) { builder.no_proxy().build() } else { builder.build() }
}

/// An error and what it comes from, in one line.
fn in_full(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |words, cause| format!("{words}: {cause}"))
}

fn is_near(url: &str) -> bool {
    let url = reqwest::Url::parse(url).ok();
    let host = url.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// What an error comes to. What the provider wrote is nobody's to read, but the number that it gave is.
fn trouble(service: Service, error: &genai::Error) -> Trouble {
    let trouble = Trouble::of(error);
    if let Some(status) = Trouble::status(error) {
        tracing::info!(service = service.name(), status, "An AI answered with an error");
    }
    trouble
}

fn read(service: Service, event: ChatStreamEvent) -> Result<Event, Trouble> {
    match event {
        ChatStreamEvent::Chunk(chunk) if !chunk.content.is_empty() => Ok(Event::Text(chunk.content)),
        ChatStreamEvent::End(end) => ended(service, end),
        // Who only says that it is there may say no more.
        ChatStreamEvent::Start | ChatStreamEvent::Heartbeat | ChatStreamEvent::Chunk(_) => Ok(Event::Nothing),
        _ => Ok(Event::Life),
    }
}

fn ended(service: Service, end: StreamEnd) -> Result<Event, Trouble> {
    let is_cut = match end.captured_stop_reason {
        Some(StopReason::ContentFilter(_)) => return Err(Trouble::Declined),
        Some(StopReason::MaxTokens(_)) => true,
        // Nobody said why it ended: it was cut off. Of those that say when a stream is through, that is enough.
        None if service != Service::OpenAi => return Err(Trouble::Malformed),
        _ => false,
    };
    let tokens = end.captured_usage.as_ref().map(tokens).unwrap_or_default();
    Ok(Event::End { tokens, is_cut })
}

fn tokens(usage: &Usage) -> Tokens {
    let count = |tokens: Option<i32>| tokens.and_then(|tokens| u64::try_from(tokens).ok()).unwrap_or(0);
    Tokens { prompt: count(usage.prompt_tokens), completion: count(usage.completion_tokens) }
}

/// The library puts what it asks for behind it.
fn with_slash(url: &str) -> String {
    if url.ends_with('/') { url.to_owned() } else { format!("{url}/") }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Provider({})", self.service.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_on_this_machine_is_near() {
        for near in
            ["http://localhost:1/v1/", "http://127.0.0.1/", "http://127.9.9.9:80/", "http://[::1]:8080/"]
        {
            assert!(is_near(near), "{near}");
        }
        for far in ["https://localhost.example.org/", "http://10.0.0.1/", "http://[2001:db8::1]/", "nonsense"]
        {
            assert!(!is_near(far), "{far}");
        }
    }

    #[test]
    fn it_prints_neither_key_nor_address() {
        let provider =
            Provider::new(Service::OpenAi, "a-model", Some("marzipan"), Some("http://marzipan/v1/"));
        assert_eq!(format!("{:?}", provider.expect("a provider")), "Provider(openai)");
    }
}
