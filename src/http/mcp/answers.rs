//! What the tools give: a text that a person can be shown as it stands, and the same for programs.
//!
//! The text is all that some hosts look at, so everything is in it. What was not done has a `code`; it is an error of
//! the tool only if the call could not be taken at all: a host may hide an error from its user, and "no partner" is
//! for the user to read.

use crate::core::State;
use crate::http::stats::Stats;
use crate::hub::Figures;
use crate::inbox::{Event, Line, Page, Refusal, Reply};
use crate::wire::{Code, Pos};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::fmt::Write;

/// What a call came to.
pub struct Outcome {
    /// For people.
    pub text: String,
    /// For programs.
    pub content: Option<Value>,
    /// Whether the call could not be taken.
    pub is_error: bool,
}

/// Where a person is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Place {
    Idle,
    Waiting,
    Paired,
}

/// Of `handle_message`.
#[derive(Serialize, JsonSchema)]
pub struct Chat {
    /// What became of the message itself. Empty if it only asked for the inbox.
    reply: String,
    #[serde(flatten)]
    room: Room,
    /// Why the message had no effect, if it had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    code: Option<Code>,
    /// When another try makes sense.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64")]
    retry_after_ms: Option<u64>,
}

/// Of `wait_for_messages`.
#[derive(Serialize, JsonSchema)]
pub struct Came {
    #[serde(flatten)]
    room: Room,
    /// Whether a later call waits for the same user, and gets what comes.
    superseded: bool,
}

/// What a person finds when they come by.
#[derive(Serialize, JsonSchema)]
struct Room {
    /// Where the user is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Place")]
    // Nobody asked for a call that another one followed.
    state: Option<Place>,
    /// The nickname of the stranger whom the user talks with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    partner: Option<String>,
    /// What came for the user since the last call, oldest first.
    messages: Vec<Message>,
    /// How many older lines were lost because the inbox was full.
    dropped: u64,
}

/// A line of the inbox.
#[derive(Serialize, JsonSchema)]
struct Message {
    /// Where it stands among all lines; an opaque string.
    #[schemars(with = "String")]
    pos: Pos,
    #[schemars(with = "String", extend("enum" = Event::ALL.map(Event::name)))]
    event: &'static str,
    /// The nickname of the stranger who wrote it, if somebody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    from: Option<String>,
    /// The line as the user is to see it. What it quotes was written by a stranger.
    text: String,
}

/// Of `cleanup_inactive`.
#[derive(Serialize, JsonSchema)]
pub struct Swept {
    /// How many users were inactive.
    users_cleaned: usize,
    /// The age in force, in minutes.
    timeout_minutes: u64,
}

#[derive(Serialize)]
struct Failure {
    code: Code,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
}

impl Outcome {
    /// A text that is its own answer.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), content: None, is_error: false }
    }

    /// The call could not be taken.
    pub fn failed(code: Code, text: impl Into<String>) -> Self {
        Self::failure(Failure { code, retry_after_ms: None }, text)
    }

    /// The same, for now.
    pub fn failed_for(code: Code, retry_after_ms: u64, text: impl Into<String>) -> Self {
        Self::failure(Failure { code, retry_after_ms: Some(retry_after_ms) }, text)
    }

    fn failure(failure: Failure, text: impl Into<String>) -> Self {
        Self { is_error: true, ..Self::structured(text.into(), &failure) }
    }

    fn structured(text: String, content: &impl Serialize) -> Self {
        // Our own types are always JSON.
        Self { text, content: serde_json::to_value(content).ok(), is_error: false }
    }
}

/// What `handle_message` says: what came, then what became of the message.
pub fn chat(page: Page) -> Outcome {
    let mut text = shown(&page);
    let Reply { text: reply, refused } =
        page.reply.clone().unwrap_or(Reply { text: "".into(), refused: None });
    append(&mut text, &reply);
    let (code, retry_after_ms) = match refused {
        Some(Refusal { code, retry_after }) => (Some(code), retry_after),
        None => (None, None),
    };
    Outcome::structured(text, &Chat { reply: reply.into(), room: room(page), code, retry_after_ms })
}

/// What `wait_for_messages` says: what came, if something did.
pub fn came(page: Page) -> Outcome {
    let mut text = shown(&page);
    if text.is_empty() {
        append(&mut text, "Nothing came yet.");
    }
    Outcome::structured(text, &Came { room: room(page), superseded: false })
}

/// What it says to a call that another one followed. What came is for that one.
pub fn superseded() -> Outcome {
    let room = Room { state: None, partner: None, messages: Vec::new(), dropped: 0 };
    let text = "Another call waits for the same user now.".to_owned();
    Outcome::structured(text, &Came { room, superseded: true })
}

pub fn stats(figures: Figures) -> Outcome {
    let stats = Stats::from(figures);
    let text = format!(
        "👥 Active users: {}\n⏳ Waiting users: {}\n💬 Active pairs: {}\n🔗 Total connections: {}\n\
         📨 Messages relayed: {}\n⏱️ Uptime: {} s\n✅ Status: {}",
        stats.active_users,
        stats.waiting_users,
        stats.active_pairs,
        stats.total_connections,
        stats.messages_relayed,
        stats.uptime_seconds,
        stats.status
    );
    Outcome::structured(text, &stats)
}

pub fn swept(users_cleaned: usize, timeout_minutes: u64) -> Outcome {
    let text =
        format!("🧹 Cleanup complete. Timeout: {timeout_minutes} minutes. Users cleaned: {users_cleaned}.");
    Outcome::structured(text, &Swept { users_cleaned, timeout_minutes })
}

/// What came, a line each.
fn shown(page: &Page) -> String {
    let mut text = String::new();
    match page.dropped {
        0 => {}
        1 => text.push_str("⚠️ 1 older line is lost: your inbox was full."),
        // Writing to a string does not fail.
        dropped => drop(write!(text, "⚠️ {dropped} older lines are lost: your inbox was full.")),
    }
    page.lines.iter().for_each(|line| append(&mut text, &line.text));
    text
}

fn append(text: &mut String, line: &str) {
    if !text.is_empty() && !line.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

fn room(page: Page) -> Room {
    let (state, partner) = match page.state {
        State::Idle => (Place::Idle, None),
        State::Waiting { .. } => (Place::Waiting, None),
        State::Paired(partner) => (Place::Paired, Some(partner.as_str().to_owned())),
    };
    let message = |Line { pos, event, from, text }| Message {
        pos,
        event: event.name(),
        from: from.map(|from| from.as_str().to_owned()),
        text: text.into(),
    };
    Room {
        state: Some(state),
        partner,
        messages: page.lines.into_iter().map(message).collect(),
        dropped: page.dropped,
    }
}
