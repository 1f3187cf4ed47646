//! What the hub says, read.
//!
//! A frame or field that this version does not know is no error: it reads as [`Said::Else`], and its text is there.
//!
//! It must never know: what it is shown as.

use serde::Deserialize;
use std::fmt;

/// A frame of the hub.
#[derive(Clone)]
pub struct Frame {
    text: String,
    heading: Heading,
    said: Box<Said>,
}

#[derive(Clone, Default, Deserialize)]
struct Heading {
    request_id: Option<String>,
    pos: Option<String>,
}

/// What a frame says, by its `type`.
#[derive(Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Said {
    RegistrationConfirmed(Confirmation),
    Error(Refusal),
    Response(Response),
    ChatEvent(ChatEvent),
    ChatMessage(ChatMessage),
    ChatMessageFailed(Failed),
    ContactListBroadcast(ContactList),
    WhatsappMessage(WhatsappMessage),
    WhatsappStatus(WhatsappStatus),
    SessionStatus(Status),
    AiDelta(Delta),
    WhatsappAction(Action),
    ClientJoined(Member),
    ClientLeft(Member),
    #[serde(other)]
    Else,
}

/// How the hub knows a client.
#[derive(Clone, Deserialize)]
pub struct Confirmation {
    pub client_id: String,
    pub session: String,
    pub nickname: String,
    #[serde(default)]
    pub resume_token: String,
    #[serde(default)]
    pub recovered: bool,
    /// `Some(None)` is a `null`: nobody knows how many.
    #[serde(default, deserialize_with = "there")]
    pub missed: Option<Option<u64>>,
}

/// What could not be taken at all.
#[derive(Clone, Deserialize)]
pub struct Refusal {
    pub code: String,
    pub error: String,
    pub retry_after_ms: Option<u64>,
}

/// The answer to a request that was understood.
#[derive(Clone, Deserialize)]
pub struct Response {
    pub response_type: String,
    pub content: Box<Content>,
}

/// What an answer holds. Each kind has some of the fields.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Content {
    pub success: bool,
    pub code: Option<String>,
    pub text: Option<String>,
    /// Of a command of the random chat: `idle`, `waiting` or `paired`; of a send, how far it got.
    pub state: Option<String>,
    pub command: Option<String>,
    pub partner: Option<String>,
    pub position: Option<u64>,
    pub expected_wait_ms: Option<u64>,
    pub masking: Option<bool>,
    pub delivered: Option<bool>,
    pub queued: Option<bool>,
    pub retry_after_ms: Option<u64>,
    pub action: Option<String>,
    pub contact: Option<String>,
    pub message: Option<String>,
    pub id: Option<String>,
    pub messages: Vec<Sent>,
    pub contacts: ManyOrCount,
    pub total_count: Option<u64>,
    pub after: Option<String>,
    pub candidates: Vec<String>,
    pub confirm: Option<String>,
    pub maybe_sent: Option<bool>,
    pub suggestions: Vec<String>,
    pub message_count: Option<u64>,
    pub service: Option<String>,
    pub truncated: Option<bool>,
    pub auto_reply: Option<bool>,
    pub session: Option<String>,
    pub clients: Option<u64>,
    pub whatsapp: Option<String>,
    pub ai: Option<String>,
    pub last_contact: Option<String>,
}

/// `contacts`: names in a list, and in a status their number.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum ManyOrCount {
    Names(Vec<String>),
    Count(u64),
}

/// A message of the shared line, in a list.
#[derive(Clone, Deserialize)]
pub struct Sent {
    #[serde(default)]
    pub contact: Option<String>,
    pub direction: String,
    pub text: String,
    #[serde(default)]
    pub state: Option<String>,
    #[serde(default)]
    pub timestamp: Option<String>,
}

/// What happened to this client because of another, or of time.
#[derive(Clone, Deserialize)]
pub struct ChatEvent {
    pub event: String,
    #[serde(default)]
    pub partner: Option<String>,
    #[serde(default)]
    pub active: Option<bool>,
    #[serde(default)]
    pub text: String,
}

/// A text of the partner.
#[derive(Clone, Deserialize)]
pub struct ChatMessage {
    pub from: String,
    pub message: String,
}

/// A text that was accepted and could not be shown.
#[derive(Clone, Deserialize)]
pub struct Failed {
    pub message: String,
    pub code: String,
}

/// The first names of the session's contacts, and how many there are.
#[derive(Clone, Deserialize)]
pub struct ContactList {
    pub contacts: Vec<String>,
    pub total_count: u64,
}

/// A message of the shared line, sent or received.
#[derive(Clone, Deserialize)]
pub struct WhatsappMessage {
    pub id: String,
    pub direction: String,
    pub contact: String,
    pub message: String,
    #[serde(default)]
    pub state: Option<String>,
}

/// A message got further, or did not.
#[derive(Clone, Deserialize)]
pub struct WhatsappStatus {
    pub id: String,
    #[serde(default)]
    pub request_id: Option<String>,
    pub state: String,
    #[serde(default)]
    pub text: Option<String>,
}

/// How the shared line stands.
#[derive(Clone, Deserialize)]
pub struct Status {
    #[serde(default)]
    pub clients: Option<u64>,
    #[serde(default)]
    pub whatsapp: Option<String>,
    #[serde(default)]
    pub ai: Option<String>,
    #[serde(default)]
    pub auto_reply: Option<bool>,
    #[serde(default)]
    pub last_contact: Option<String>,
}

/// More of what an AI says, or its end.
#[derive(Clone, Deserialize)]
pub struct Delta {
    pub id: String,
    pub delta: String,
    #[serde(default)]
    pub done: bool,
    #[serde(default)]
    pub code: Option<String>,
}

/// For a bridge: carry this out, and say what became of it with [`super::Request::action_result`].
#[derive(Clone, Deserialize)]
pub struct Action {
    pub request_id: String,
    pub action: serde_json::Value,
}

/// Another client of the session.
#[derive(Clone, Deserialize)]
pub struct Member {
    pub client_id: String,
    pub client_name: String,
}

impl Frame {
    /// Reads a frame. What it does not understand is kept as text.
    pub fn read(text: String) -> Self {
        let heading = serde_json::from_str(&text).unwrap_or_default();
        let said = Box::new(serde_json::from_str(&text).unwrap_or(Said::Else));
        Self { text, heading, said }
    }

    /// The frame as the hub wrote it: one line of JSON.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it says.
    pub fn said(&self) -> &Said {
        &self.said
    }

    /// What a response holds.
    pub fn content(&self) -> Option<&Content> {
        match self.said() {
            Said::Response(response) => Some(&response.content),
            _ => None,
        }
    }

    /// Whether this is the answer to a request that the hub did what it was asked for.
    pub fn is_success(&self) -> bool {
        match self.said() {
            Said::Response(response) => response.content.success,
            Said::Error(_) => false,
            _ => true,
        }
    }

    /// The request that it answers, or that it has to do with.
    pub fn request_id(&self) -> Option<&str> {
        self.heading.request_id.as_deref()
    }

    pub(super) fn pos(&self) -> Option<&str> {
        self.heading.pos.as_deref()
    }
}

impl Content {
    /// The names, if these are contacts.
    pub fn names(&self) -> &[String] {
        match &self.contacts {
            ManyOrCount::Names(names) => names,
            ManyOrCount::Count(_) => &[],
        }
    }
}

impl Default for ManyOrCount {
    fn default() -> Self {
        Self::Names(Vec::new())
    }
}

/// Tells a `null` from what is not there.
fn there<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Option<u64>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// The type, never what was said.
impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Frame(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_kept_as_it_came() {
        for text in [
            r#"{"type":"from_the_future","pos":"7"}"#,
            r#"{"type":"chat_message","from":3,"pos":"7"}"#,
            r#"{"pos":"7"}"#,
        ] {
            let frame = Frame::read(text.to_owned());
            assert!(matches!(frame.said(), Said::Else), "{text}");
            assert_eq!((frame.pos(), frame.text()), (Some("7"), text));
        }
        assert!(Frame::read("no json".to_owned()).pos().is_none());
    }

    #[test]
    fn a_null_is_told_from_nothing() {
        let missed = |rest: &str| {
            let text = format!(
                r#"{{"type":"registration_confirmed","client_id":"a","session":"s","nickname":"n"{rest}}}"#
            );
            match *Frame::read(text).said {
                Said::RegistrationConfirmed(confirmation) => confirmation.missed,
                _ => panic!("a confirmation"),
            }
        };
        assert_eq!(missed(""), None);
        assert_eq!(missed(r#","missed":null"#), Some(None));
        assert_eq!(missed(r#","missed":7"#), Some(Some(7)));
    }

    #[test]
    fn contacts_are_names_or_a_number() {
        let content = |rest: &str| {
            let text = format!(
                r#"{{"type":"response","response_type":"x","content":{{"success":true,"contacts":{rest}}}}}"#
            );
            Frame::read(text).content().unwrap().clone()
        };
        assert_eq!(content(r#"["John"]"#).names(), ["John"]);
        assert!(content("150").names().is_empty());
    }
}
