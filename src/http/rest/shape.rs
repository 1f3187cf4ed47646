//! What goes in and out beside what other doors have too, and what may go wrong where.

use super::problem::{Document, PROBLEM};
use crate::core::State;
use crate::hub::Card;
use crate::inbox::{Line, Page};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

/// A line that somebody typed.
#[derive(Deserialize, Hash, ToSchema)]
pub struct Said {
    /// A text for the partner, or a command.
    #[schema(pattern = r"\S")]
    pub message: String,
    /// What the partner is to see.
    pub nickname: Option<String>,
}

/// What came of it, and what waited to be read.
#[derive(Serialize, ToSchema)]
pub struct Chat {
    pub success: bool,
    /// The answer in words; none for one who only reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    #[serde(flatten)]
    pub waiting: Waiting,
}

/// What waited to be read, and where the person is.
#[derive(Serialize, ToSchema)]
pub struct Waiting {
    /// `idle`, `waiting` or `paired`.
    #[schema(pattern = "^(idle|waiting|paired)$")]
    state: &'static str,
    /// The nickname of the partner.
    #[serde(skip_serializing_if = "Option::is_none")]
    partner: Option<String>,
    /// The place in the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_wait_ms: Option<u64>,
    /// Oldest first. Each is shown once.
    messages: Vec<ChatLine>,
    /// How many lines had to give way to these.
    dropped: u64,
}

/// One line.
#[derive(Serialize, ToSchema)]
pub struct ChatLine {
    /// Its place: `after` asks for what came behind it.
    pos: String,
    /// What it tells of.
    #[schema(pattern = "^(message|matched|partner_left|partner_away|partner_back|expired|failed)$")]
    event: &'static str,
    /// Who wrote it, if somebody did.
    from: Option<String>,
    /// The line as text doors show it.
    text: String,
}

impl From<Line> for ChatLine {
    fn from(line: Line) -> Self {
        let from = line.from.map(|name| name.as_str().to_owned());
        Self { pos: line.pos.0.to_string(), event: line.event.name(), from, text: line.text.into() }
    }
}

impl From<Page> for Waiting {
    fn from(page: Page) -> Self {
        let (state, partner, position, wait) = match page.state {
            State::Idle => ("idle", None, None, None),
            State::Waiting { position, expected_wait } => ("waiting", None, Some(position), expected_wait),
            State::Paired(partner) => ("paired", Some(partner.as_str().to_owned()), None, None),
        };
        let messages = page.lines.into_iter().map(ChatLine::from).collect();
        let expected_wait_ms = wait.map(|wait| wait.0);
        Self { state, partner, position, expected_wait_ms, messages, dropped: page.dropped }
    }
}

/// Sessions that have clients on this node, by name.
#[derive(Serialize, ToSchema)]
pub struct Sessions {
    pub sessions: Vec<Session>,
    /// For the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Session {
    pub session: String,
    pub clients: usize,
}

/// The clients of a session, by id.
#[derive(Serialize, ToSchema)]
pub struct Clients {
    pub clients: Vec<Client>,
    /// For the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Client {
    pub client_id: String,
    pub client_name: String,
    pub session: String,
}

impl Client {
    pub fn of(card: &Card) -> Self {
        Self {
            client_id: card.client_id.clone(),
            client_name: card.client_name.clone(),
            session: card.session.clone(),
        }
    }
}

/// Clients of all sessions, by id.
#[derive(Serialize, ToSchema)]
pub struct Everybody {
    pub clients: Vec<Guest>,
    /// For the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// A client, and for how long it did nothing.
#[derive(Serialize, ToSchema)]
pub struct Guest {
    #[serde(flatten)]
    pub client: Client,
    /// Since its last text, command or typing hint; null if there was none, or if it was found idle.
    pub idle_seconds: Option<u64>,
}

/// For a browser's socket.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"ticket": "0f5c…", "expires_in": 30}))]
pub struct Ticket {
    /// To be sent once as `?ticket=`, to open a socket or to read events.
    pub ticket: String,
    /// In seconds.
    pub expires_in: u64,
}

/// The doors close.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"status": "draining"}))]
pub struct Draining {
    pub status: &'static str,
}

/// What may go wrong everywhere.
pub struct Failures;

/// What may go wrong with a body.
pub struct WithBody;

impl IntoResponses for Failures {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[
            ("400", "Something in the request is not valid"),
            ("401", "A token is needed, and there is none, or a wrong one"),
            ("403", "The token does not allow it, or the page that asks is not the hub's own"),
            ("404", "There is no such thing"),
            ("409", "It contradicts how things stand"),
            ("413", "The body, or something in it, is too large"),
            ("422", "The sentence was not understood"),
            ("429", "Too fast: Retry-After says when to come again"),
            ("500", "Something went wrong in the hub"),
            ("502", "The bridge says no, in its own words"),
            ("503", "Not now"),
            ("504", "No answer came in time: it may have been done"),
        ])
    }
}

impl IntoResponses for WithBody {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[("408", "The body did not come in time"), ("415", "The body has to be application/json")])
    }
}

fn problems(all: &[(&str, &str)]) -> BTreeMap<String, RefOr<Response>> {
    let document = || Content::new(Some(Ref::from_schema_name(Document::name())));
    let response = |text: &str| ResponseBuilder::new().description(text).content(PROBLEM, document()).build();
    all.iter().map(|(status, text)| ((*status).to_owned(), response(text).into())).collect()
}
