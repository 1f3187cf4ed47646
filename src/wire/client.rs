//! Reads what a client sends. A frame that cannot be taken becomes a [`Rejection`] that says why.

mod account;
mod ai;
mod body;
mod contacts;
#[cfg(feature = "server")]
mod described;
#[cfg(feature = "server")]
mod needs;
mod object;
mod whole;
mod wish;

pub use account::{
    ActionObject, ActionResult, GetContacts, GetHistory, GetMessages, Search, WhatsappAiCommand,
    WhatsappCommand, WhatsappIncoming,
};
pub use ai::{AiCancel, AiRequest, GetSummary};
pub use body::read_object;
pub use contacts::Contact;
#[cfg(feature = "server")]
pub use described::{Described, described};
#[cfg(feature = "server")]
pub use needs::Action as DescribedAction;
pub use wish::proposed;

use super::lax::Lax;
use super::{Code, Pos};
use crate::core::contacts::fold;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::borrow::Cow;
use std::fmt;

/// The longest `request_id`, in bytes.
const LIMIT_REQUEST_ID: usize = 128;
/// The longest `client_name` or `session`, in bytes.
const LIMIT_NAME: usize = 128;
/// The longest `client_id`, in bytes: one that the hub made of the longest name can be given back to it.
const LIMIT_ID: usize = 192;
/// The most contacts in one update.
pub const LIMIT_CONTACTS: usize = 10_000;
/// The longest name of a contact, in bytes: twenty of them go to every client of a session.
const LIMIT_CONTACT: usize = 1_024;

/// A request, and the name under which its sender wants the answer.
pub struct Frame<'f> {
    pub request_id: Option<Cow<'f, str>>,
    /// The last pushed frame that the client has dealt with, if it says so.
    pub last_pos: Option<Pos>,
    pub request: Request<'f>,
}

/// What a client asks for.
pub enum Request<'f> {
    Register(Box<Register>),
    Ping,
    ChatMessage(ChatMessage<'f>),
    ChatTyping { active: bool },
    ContactListUpdate(ContactListUpdate),
    WhatsappCommand(Box<WhatsappCommand>),
    WhatsappAiCommand(Box<WhatsappAiCommand>),
    GetContacts(GetContacts),
    GetMessages(GetMessages),
    GetHistory(GetHistory),
    Search(Search),
    GetSummary(GetSummary),
    GetStatus,
    AiRequest(AiRequest),
    AiCancel(AiCancel),
    ActionResult(Box<ActionResult>),
    Incoming(Box<WhatsappIncoming>),
}

/// Says who the client is. Everything is optional.
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Register {
    pub client_id: Option<String>,
    pub client_name: Option<String>,
    pub session: Option<String>,
    pub nickname: Option<String>,
    pub resume_token: Option<String>,
    pub role: Option<RoleName>,
    /// What it may come in by, where that is asked for.
    pub token: Option<String>,
}

/// What a client is in its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub enum RoleName {
    Client,
    Bridge,
}

/// A line that a person typed: a text for the partner, or a command.
pub struct ChatMessage<'f> {
    pub message: Cow<'f, str>,
}

/// The session's contacts from now on.
#[derive(Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "server", schema(as = NewContacts))]
pub struct ContactListUpdate {
    /// At most 10,000.
    pub contacts: Vec<Contact>,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
struct ChatTyping {
    active: bool,
}

/// Why a frame was not taken; becomes an `error` frame.
#[derive(PartialEq, Eq)]
pub struct Rejection {
    pub code: Code,
    pub text: String,
    pub request_type: Option<String>,
    pub request_id: Option<String>,
}

/// The fields that the commonest frame needs, found in one pass.
#[derive(Deserialize)]
struct Envelope<'f> {
    #[serde(borrow, default, rename = "type")]
    kind: Lax<'f>,
    #[serde(borrow, default)]
    request_id: Lax<'f>,
    #[serde(borrow, default)]
    message: Lax<'f>,
    #[serde(borrow, default)]
    last_pos: Lax<'f>,
}

/// What names a request.
#[derive(Deserialize)]
struct Heading<'f> {
    #[serde(borrow, default, rename = "type")]
    kind: Lax<'f>,
    #[serde(borrow, default)]
    request_id: Lax<'f>,
}

impl<'f> Frame<'f> {
    /// Reads one frame.
    pub fn read(text: &'f str) -> Result<Self, Box<Rejection>> {
        let envelope = envelope(text)?;
        let named = request_id(envelope.request_id).and_then(|id| Ok((id, last_pos(envelope.last_pos)?)));
        let (request_id, last_pos) = named.map_err(|rejection| address(rejection, text))?;
        let Lax::Text(kind) = envelope.kind else {
            return Err(Rejection::field("type", "a string is required").with(None, request_id));
        };
        match request(&kind, envelope.message, text) {
            Ok(request) => Ok(Self { request_id, last_pos, request }),
            Err(rejection) => Err(rejection.with(Some(&kind), request_id)),
        }
    }
}

impl Request<'_> {
    /// The `type` of its frame.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Register(_) => "register",
            Self::Ping => "ping",
            Self::ChatMessage(_) => "chat_message",
            Self::ChatTyping { .. } => "chat_typing",
            Self::ContactListUpdate(_) => "contact_list_update",
            Self::WhatsappCommand(_) => "whatsapp_command",
            Self::WhatsappAiCommand(_) => "whatsapp_ai_command",
            Self::GetContacts(_) => "whatsapp_get_contacts",
            Self::GetMessages(_) => "whatsapp_get_messages",
            Self::GetHistory(_) => "get_history",
            Self::Search(_) => "search",
            Self::GetSummary(_) => "get_summary",
            Self::AiRequest(_) => "ai_request",
            Self::AiCancel(_) => "ai_cancel",
            Self::GetStatus => "get_status",
            Self::ActionResult(_) => "whatsapp_action_result",
            Self::Incoming(_) => "whatsapp_incoming",
        }
    }
}

fn envelope(text: &str) -> Result<Envelope<'_>, Box<Rejection>> {
    if !text.trim_start().starts_with('{') {
        let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
        return Err(if is_json {
            Rejection::new(Code::InvalidMessage, "A frame is one JSON object.")
        } else {
            Rejection::new(Code::InvalidJson, "This is not JSON.")
        });
    }
    serde_json::from_str(text).map_err(|error| {
        let rejection = if error.is_data() {
            Rejection::new(Code::InvalidMessage, &error.to_string())
        } else {
            Rejection::new(Code::InvalidJson, &format!("This is not JSON: {error}"))
        };
        address(rejection, text)
    })
}

/// Names the request that a frame was meant to be, where its other fields leave that to be read.
fn address(rejection: Box<Rejection>, text: &str) -> Box<Rejection> {
    let Ok(heading) = serde_json::from_str::<Heading<'_>>(text) else { return rejection };
    let kind = if let Lax::Text(kind) = &heading.kind { Some(kind.as_ref()) } else { None };
    rejection.with(kind, request_id(heading.request_id).ok().flatten())
}

fn request_id(field: Lax<'_>) -> Result<Option<Cow<'_, str>>, Box<Rejection>> {
    match field {
        Lax::Absent => Ok(None),
        Lax::Text(id) if id.len() <= LIMIT_REQUEST_ID => Ok(Some(id)),
        _ => Err(Rejection::field("request_id", "a string of at most 128 bytes is expected")),
    }
}

/// A position that was never given out is one that nothing has reached.
fn last_pos(field: Lax<'_>) -> Result<Option<Pos>, Box<Rejection>> {
    match field {
        Lax::Absent => Ok(None),
        Lax::Text(pos) => Ok(Some(Pos::read(&pos).unwrap_or(Pos(u64::MAX)))),
        Lax::Other => Err(Rejection::field("last_pos", "a string is expected")),
    }
}

fn request<'f>(kind: &str, message: Lax<'f>, text: &str) -> Result<Request<'f>, Box<Rejection>> {
    match kind {
        "chat_message" => match message {
            Lax::Text(message) if !message.is_empty() => Ok(Request::ChatMessage(ChatMessage { message })),
            _ => Err(Rejection::field("message", "a string that is not empty is required")),
        },
        "chat_typing" => fields::<ChatTyping>(text).map(|frame| Request::ChatTyping { active: frame.active }),
        "ping" => Ok(Request::Ping),
        "register" => fields::<Register>(text)?.checked().map(|frame| Request::Register(Box::new(frame))),
        "contact_list_update" => fields::<ContactListUpdate>(text)?.checked().map(Request::ContactListUpdate),
        "whatsapp_command" => {
            fields::<WhatsappCommand>(text)?.checked().map(|frame| Request::WhatsappCommand(Box::new(frame)))
        }
        "whatsapp_ai_command" => fields::<WhatsappAiCommand>(text)?
            .checked()
            .map(|frame| Request::WhatsappAiCommand(Box::new(frame))),
        "whatsapp_get_contacts" => fields::<GetContacts>(text)?.checked().map(Request::GetContacts),
        "whatsapp_get_messages" => fields::<GetMessages>(text)?.checked().map(Request::GetMessages),
        "get_history" => fields::<GetHistory>(text)?.checked().map(Request::GetHistory),
        "search" => fields::<Search>(text)?.checked().map(Request::Search),
        "get_summary" => fields::<GetSummary>(text)?.checked().map(Request::GetSummary),
        "get_status" => Ok(Request::GetStatus),
        "ai_cancel" => fields::<AiCancel>(text)?.checked().map(Request::AiCancel),
        "ai_request" => fields::<AiRequest>(text)?.checked().map(Request::AiRequest),
        "whatsapp_action_result" => {
            fields::<ActionResult>(text).map(|frame| Request::ActionResult(Box::new(frame)))
        }
        "whatsapp_incoming" => {
            fields::<WhatsappIncoming>(text)?.checked().map(|frame| Request::Incoming(Box::new(frame)))
        }
        other if LATER.contains(&other) => {
            Err(Rejection::new(Code::Unsupported, &format!("This hub does not serve {other}.")))
        }
        other => {
            let shown: String = other.chars().take(64).collect();
            Err(Rejection::new(Code::UnknownType, &format!("Unknown message type: {shown}")))
        }
    }
}

/// Frames of the contract whose subject this hub does not serve.
const LATER: [&str; 2] = ["start_conversation", "end_conversation"];

/// Reads a frame's own fields. An error names the field by its path.
fn fields<T: DeserializeOwned>(text: &str) -> Result<T, Box<Rejection>> {
    let mut json = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let reason = error.inner().to_string();
        // What follows " at line" is about the text, not about the field.
        let reason = reason.split(" at line").next().unwrap_or_default();
        let reason = &plainly(reason);
        if path == "." {
            Rejection::new(Code::InvalidMessage, reason)
        } else {
            Rejection::field(&path, reason)
        }
    })
}

/// What is expected, in the words of JSON.
fn plainly(reason: &str) -> String {
    // Of whatever stands where one of a few words has to, the JSON being sound.
    if reason == "expected value" {
        return "a string is expected, with one of the words for this field".to_owned();
    }
    let Some((before, expected)) = reason.rsplit_once(", expected ") else { return reason.to_owned() };
    let expected = match expected {
        "u64" => "a whole number",
        "a sequence" => "a list",
        "string or map" => "a string",
        other => other,
    };
    format!("{before}, expected {expected}")
        .replace("unknown variant", "unknown word")
        .replace("invalid type: sequence", "invalid type: list")
        .replace("invalid type: map", "invalid type: object")
}

impl Register {
    fn checked(self) -> Result<Self, Box<Rejection>> {
        let names = [
            ("client_id", &self.client_id, LIMIT_ID),
            ("client_name", &self.client_name, LIMIT_NAME),
            ("session", &self.session, LIMIT_NAME),
        ];
        for (field, name, limit) in names {
            if name.as_ref().is_some_and(|name| name.is_empty() || name.len() > limit) {
                return Err(Rejection::field(field, &format!("1 to {limit} bytes are expected")));
            }
        }
        Ok(self)
    }
}

impl ContactListUpdate {
    fn checked(self) -> Result<Self, Box<Rejection>> {
        check_contacts("contacts", &self.contacts)?;
        Ok(self)
    }
}

/// Whether a list of contacts is short enough, and so are their names, numbers and ids.
fn check_contacts(field: &str, contacts: &[Contact]) -> Result<(), Box<Rejection>> {
    if contacts.len() > LIMIT_CONTACTS {
        let text = format!("{field}: at most {LIMIT_CONTACTS} are taken");
        return Err(Rejection::new(Code::TooLarge, &text));
    }
    match contacts.iter().enumerate().find_map(|(at, contact)| Some((at, contact.problem()?))) {
        Some((at, (part, problem))) => Err(Rejection::field(&format!("{field}[{at}]{part}"), problem)),
        None => Ok(()),
    }
}

/// Whether nobody can be called so: nothing of it can be seen.
fn is_blank(name: &str) -> bool {
    fold(name).is_empty()
}

impl Rejection {
    fn new(code: Code, text: &str) -> Box<Self> {
        Box::new(Self { code, text: text.to_owned(), request_type: None, request_id: None })
    }

    fn field(name: &str, problem: &str) -> Box<Self> {
        Self::new(Code::InvalidMessage, &format!("{name}: {problem}"))
    }

    fn with(mut self: Box<Self>, kind: Option<&str>, request_id: Option<Cow<'_, str>>) -> Box<Self> {
        self.request_type = kind.map(|kind| kind.chars().take(64).collect());
        self.request_id = request_id.map(Cow::into_owned);
        self
    }
}

/// The kind of request, never what it says.
impl fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame({})", self.request.kind())
    }
}

/// The code only: the text may quote what was sent.
impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rejection({:?})", self.code)
    }
}

#[cfg(test)]
mod tests;
