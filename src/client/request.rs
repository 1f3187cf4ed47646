//! What a client asks for, as a frame.
//!
//! It must never know: when it goes out, and what comes of it.

use serde_json::{Map, Value, json};
use std::fmt;

/// The longest `request_id` that a hub takes, in bytes.
const LONGEST_ID: usize = 128;

/// A request: a frame of the protocol without its `request_id`, which the client gives it.
#[derive(Clone)]
pub struct Request {
    pub(super) frame: Map<String, Value>,
    pub(super) lane: Lane,
    pub(super) again: Again,
}

/// Requests of one lane keep their order, and no more than so many of a lane are under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// A line of the random chat: one, so that no more than one is in doubt when the connection breaks.
    Chat,
    /// What the session shares: as many as a hub takes of one client.
    Account,
    /// A bridge's report: it has no answer, and waits for a connection.
    Report,
    /// It has no answer, and is dropped if it can't go out at once.
    Hint,
}

/// Whether it may be asked again when the connection broke before its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// It changes nothing.
    Always,
    /// The hub knows the same request again, within the same registration.
    SameRegistration,
    /// It could be carried out twice.
    Never,
}

impl Lane {
    pub(super) const fn room(self) -> usize {
        match self {
            Self::Chat => 1,
            Self::Account => 8,
            Self::Report | Self::Hint => usize::MAX,
        }
    }

    pub(super) const fn is_answered(self) -> bool {
        matches!(self, Self::Chat | Self::Account)
    }
}

impl Request {
    /// Whether an answer comes, sooner or later.
    pub fn is_answered(&self) -> bool {
        self.lane.is_answered()
    }

    /// Whether it may change whom the next line is for.
    pub(super) fn is_chat_command(&self) -> bool {
        self.lane == Lane::Chat && self.words().is_some_and(|line| line.trim_start().starts_with('#'))
    }

    /// A line of the random chat: a command, or a text for the partner.
    pub fn line(line: impl Into<String>) -> Self {
        Self::new(json!({"type": "chat_message", "message": line.into()}), Lane::Chat, Again::Never)
    }

    /// The partner may see that somebody is typing. It has no answer.
    pub fn typing(active: bool) -> Self {
        Self::new(json!({"type": "chat_typing", "active": active}), Lane::Hint, Again::Never)
    }

    /// Plain words for the shared line: `send john a message saying hello`.
    pub fn sentence(sentence: impl Into<String>) -> Self {
        let frame = json!({"type": "whatsapp_ai_command", "command": sentence.into()});
        Self::new(frame, Lane::Account, Again::SameRegistration)
    }

    /// An action object for the shared line: `{"action": "send", "contact": …, "message": …}`.
    pub fn action(action: Value) -> Self {
        let frame = json!({"type": "whatsapp_command", "command": action});
        Self::new(frame, Lane::Account, Again::SameRegistration)
    }

    /// Sends a message to a contact of the session.
    pub fn send(contact: &str, message: &str) -> Self {
        Self::action(json!({"action": "send", "contact": contact, "message": message}))
    }

    /// The last messages with a contact, at most 500.
    pub fn read(contact: &str, count: usize) -> Self {
        Self::action(json!({"action": "read", "contact": contact, "count": count}))
    }

    /// The contacts after a cursor, as many as fit into one answer: 500.
    pub fn contacts(query: Option<&str>, after: Option<&str>) -> Self {
        let frame = json!({"type": "whatsapp_get_contacts", "query": query, "after": after, "count": 500});
        Self::new(frame, Lane::Account, Again::Always)
    }

    /// The session's contacts from now on.
    pub fn update_contacts<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let names: Vec<&str> = names.into_iter().collect();
        Self::new(json!({"type": "contact_list_update", "contacts": names}), Lane::Account, Again::Always)
    }

    /// The last messages of the session, whoever with.
    pub fn history(count: usize) -> Self {
        Self::new(json!({"type": "get_history", "count": count}), Lane::Account, Again::Always)
    }

    /// Messages of the session that hold these words.
    pub fn search(query: &str) -> Self {
        Self::new(json!({"type": "search", "query": query}), Lane::Account, Again::Always)
    }

    /// How the session stands.
    pub fn status() -> Self {
        Self::new(json!({"type": "get_status"}), Lane::Account, Again::Always)
    }

    /// A question to the session's AI, whose answer comes in pieces, and then whole.
    pub fn ai(prompt: &str) -> Self {
        let frame = json!({"type": "ai_request", "prompt": prompt, "stream": true});
        Self::new(frame, Lane::Account, Again::SameRegistration)
    }

    /// A bridge says what became of an action of this `request_id`. It has no answer.
    pub fn action_result(request_id: &str, content: Value) -> Self {
        let frame = json!({"type": "whatsapp_action_result", "request_id": request_id, "content": content});
        Self::new(frame, Lane::Report, Again::Always)
    }

    /// A bridge brings a message. With an `id` the hub knows it again.
    pub fn incoming(contact: &str, message: &str, id: Option<&str>) -> Self {
        let frame = json!({"type": "whatsapp_incoming", "contact": contact, "message": message, "id": id});
        let again = if id.is_some() { Again::Always } else { Again::Never };
        Self::new(frame, Lane::Account, again)
    }

    /// Another nickname from now on.
    pub fn rename(nickname: &str) -> Self {
        Self::new(json!({"type": "register", "nickname": nickname}), Lane::Chat, Again::Always)
    }

    /// Stops the answer to the request of this `request_id`, which an AI is giving.
    pub fn cancel(request_id: &str) -> Self {
        let frame = json!({"type": "ai_cancel", "target": request_id});
        Self::new(frame, Lane::Account, Again::Always)
    }

    /// Any frame of the protocol but `register`, with the `request_id` that it has, or else one of the client's. `None`
    /// if it is no object with a `type`, or its `request_id` is none that a hub takes: the answer to that could not be
    /// told. A frame of a type that is not known here is not asked again by itself.
    pub fn raw(frame: &str) -> Option<Self> {
        let frame: Map<String, Value> = serde_json::from_str(frame).ok()?;
        let is_id = |id: &Value| id.as_str().is_some_and(|id| id.len() <= LONGEST_ID);
        if !frame.get("request_id").is_none_or(is_id) {
            return None;
        }
        let (lane, again) = match frame.get("type")?.as_str()? {
            "register" => return None,
            "chat_message" => (Lane::Chat, Again::Never),
            "chat_typing" => (Lane::Hint, Again::Never),
            "whatsapp_action_result" => (Lane::Report, Again::Always),
            "whatsapp_command" | "whatsapp_ai_command" | "ai_request" => {
                (Lane::Account, Again::SameRegistration)
            }
            "ping"
            | "get_status"
            | "get_history"
            | "search"
            | "whatsapp_get_contacts"
            | "whatsapp_get_messages" => (Lane::Account, Again::Always),
            _ => (Lane::Account, Again::Never),
        };
        Some(Self { frame, lane, again })
    }

    fn new(frame: Value, lane: Lane, again: Again) -> Self {
        let Value::Object(mut frame) = frame else { return Self { frame: Map::new(), lane, again } };
        frame.retain(|_, value| !value.is_null());
        Self { frame, lane, again }
    }

    /// What it is called in the protocol.
    pub fn kind(&self) -> &str {
        self.frame.get("type").and_then(Value::as_str).unwrap_or_default()
    }

    /// The words that a person typed into it, if it holds any.
    pub fn words(&self) -> Option<&str> {
        ["message", "command", "prompt", "query"].iter().find_map(|field| self.frame.get(*field)?.as_str())
    }
}

/// The kind of request, never what it says.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({})", self.kind())
    }
}
