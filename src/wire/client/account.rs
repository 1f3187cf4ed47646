//! What clients want from the shared account, and what a bridge reports, before it is understood.

use super::contacts::Contact;
use super::object::{object, object_if_any};
use super::whole::whole;
use super::{LIMIT_CONTACT, Rejection, is_blank};
use crate::wire::Code;
use serde::Deserialize;
use serde_json::Value;

/// The most messages or contacts that one request may ask for.
const MOST: u64 = 500;
/// The longest sentence or search, in bytes.
const LIMIT_SENTENCE: usize = 16 * 1_024;
/// The longest id of a message or conversation, and the longest cursor, in bytes.
pub(super) const LIMIT_OPAQUE: usize = 256;
/// The furthest back that a single message is asked for: so many a chat keeps.
const FURTHEST: u64 = 100_000;

/// `whatsapp_command`: an action object.
#[derive(Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct WhatsappCommand {
    #[serde(deserialize_with = "object")]
    #[cfg_attr(feature = "server", schema(value_type = super::needs::Action))]
    pub command: ActionObject,
}

/// An action, as an object. Which fields it needs depends on the action.
#[derive(Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ActionObject {
    pub action: ActionName,
    /// For `send`, `read`, `summary` and `suggest`: a name, or the id of a contact. At most 1,024 bytes.
    #[cfg_attr(feature = "server", schema(max_length = 1024, pattern = r"\S"))]
    pub contact: Option<String>,
    /// For `send`: the text.
    pub message: Option<String>,
    /// For `send`: the code of a `confirmation_required`, if there was one. What is no string counts as absent.
    pub confirm: Option<Value>,
    /// For `read`: how many messages, 100 at most.
    #[serde(default, deserialize_with = "whole")]
    pub count: Option<u64>,
    /// For `read`: which messages.
    pub query_type: Option<QueryType>,
    /// For `position_from_contact`: 1 is the last one.
    #[serde(default, deserialize_with = "whole")]
    #[cfg_attr(feature = "server", schema(minimum = 1, maximum = 100000))]
    pub position: Option<u64>,
    /// For `search`: what to look for. At most 16 KiB.
    #[cfg_attr(feature = "server", schema(max_length = 16384))]
    pub query: Option<String>,
}

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ActionName {
    Send,
    List,
    Read,
    Summary,
    Suggest,
    AutoOn,
    AutoOff,
    Status,
    Search,
}

/// Which messages a `read` wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum QueryType {
    All,
    LastFromContact,
    LastFromMe,
    PositionFromContact,
}

/// `whatsapp_ai_command`: a sentence.
#[derive(Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "server", schema(as = Sentence))]
pub struct WhatsappAiCommand {
    /// What to do, in words. At most 16 KiB.
    #[cfg_attr(feature = "server", schema(max_length = 16384, pattern = r"\S"))]
    pub command: String,
    #[serde(default, deserialize_with = "object_if_any")]
    pub context: Option<CommandContext>,
}

/// What counts for one sentence only.
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CommandContext {
    /// Whom "him" and "her" mean. At most 1,024 bytes.
    #[cfg_attr(feature = "server", schema(max_length = 1024, pattern = r"\S"))]
    pub last_contact: Option<String>,
    /// Further contacts, at most 10,000.
    #[cfg_attr(feature = "server", schema(max_items = 10000))]
    #[serde(default)]
    pub contact_list: Option<Vec<Contact>>,
}

/// `whatsapp_get_contacts`.
#[derive(Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct GetContacts {
    pub query: Option<String>,
    pub after: Option<String>,
    #[serde(default, deserialize_with = "whole")]
    count: Option<u64>,
}

/// `whatsapp_get_messages`.
#[derive(Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct GetMessages {
    pub contact: String,
    #[serde(default, deserialize_with = "whole")]
    count: Option<u64>,
}

/// `get_history`.
#[derive(Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct GetHistory {
    pub conversation_id: Option<String>,
    pub before: Option<String>,
    #[serde(default, deserialize_with = "whole")]
    count: Option<u64>,
}

/// `search`.
#[derive(Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Search {
    pub query: String,
    #[serde(default, deserialize_with = "whole")]
    count: Option<u64>,
}

/// `whatsapp_action_result`, from a bridge.
#[derive(Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ActionResult {
    pub request_id: String,
    #[serde(deserialize_with = "object")]
    pub content: ActionOutcome,
}

/// What became of an action.
#[derive(Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ActionOutcome {
    pub success: bool,
    pub state: Option<ReportedState>,
    pub code: Option<String>,
    pub text: Option<String>,
}

/// How far a bridge says that a message got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub enum ReportedState {
    Accepted,
    Sent,
    Delivered,
    Read,
}

/// `whatsapp_incoming`, from a bridge.
#[derive(Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct WhatsappIncoming {
    pub contact: String,
    pub phone: Option<String>,
    pub contact_id: Option<String>,
    pub message: String,
    pub id: Option<String>,
}

impl WhatsappCommand {
    pub(super) fn checked(self) -> Result<Self, Box<Rejection>> {
        let command = &self.command;
        name("command.contact", command.contact.as_deref())?;
        text("command.query", command.query.as_deref(), LIMIT_SENTENCE)?;
        if command.position.is_some_and(|position| !(1..=FURTHEST).contains(&position)) {
            return Err(Rejection::field(
                "command.position",
                &format!("a whole number from 1 to {FURTHEST} is expected"),
            ));
        }
        let (contact, message) = (("contact", &command.contact), ("message", &command.message));
        let required = match command.action {
            ActionName::Send => vec![contact, message],
            ActionName::Read | ActionName::Summary | ActionName::Suggest => vec![contact],
            ActionName::Search => vec![("query", &command.query)],
            _ => Vec::new(),
        };
        match required.iter().find(|(_, value)| value.as_ref().is_none_or(|value| value.trim().is_empty())) {
            Some((field, _)) => {
                Err(Rejection::field(&format!("command.{field}"), "a string that is not empty is required"))
            }
            None => Ok(self),
        }
    }
}

impl WhatsappAiCommand {
    pub(super) fn checked(self) -> Result<Self, Box<Rejection>> {
        if self.command.trim().is_empty() {
            return Err(Rejection::field("command", "a sentence is required"));
        }
        text("command", Some(&self.command), LIMIT_SENTENCE)?;
        if let Some(context) = &self.context {
            name("context.last_contact", context.last_contact.as_deref())?;
            super::check_contacts(
                "context.contact_list",
                context.contact_list.as_deref().unwrap_or_default(),
            )?;
        }
        Ok(self)
    }
}

impl GetContacts {
    pub(super) fn checked(self) -> Result<Self, Box<Rejection>> {
        text("query", self.query.as_deref(), LIMIT_CONTACT)?;
        text("after", self.after.as_deref(), LIMIT_OPAQUE)?;
        count(self.count)?;
        Ok(self)
    }

    /// How many are wanted.
    pub fn count(&self) -> usize {
        wanted(self.count, 100)
    }
}

impl GetMessages {
    pub(super) fn checked(self) -> Result<Self, Box<Rejection>> {
        name("contact", Some(&self.contact))?;
        count(self.count)?;
        Ok(self)
    }

    /// How many are wanted.
    pub fn count(&self) -> usize {
        wanted(self.count, 10)
    }
}

impl GetHistory {
    pub(super) fn checked(self) -> Result<Self, Box<Rejection>> {
        text("conversation_id", self.conversation_id.as_deref(), LIMIT_OPAQUE)?;
        text("before", self.before.as_deref(), LIMIT_OPAQUE)?;
        if self.before.as_ref().is_some_and(|before| !is_cursor(before)) {
            return Err(Rejection::field("before", "the `before` of an answer is expected"));
        }
        count(self.count)?;
        Ok(self)
    }

    /// How many are wanted.
    pub fn count(&self) -> usize {
        wanted(self.count, 50)
    }
}

impl Search {
    pub(super) fn checked(self) -> Result<Self, Box<Rejection>> {
        if self.query.trim().is_empty() {
            return Err(Rejection::field("query", "a string that is not empty is required"));
        }
        text("query", Some(&self.query), LIMIT_SENTENCE)?;
        count(self.count)?;
        Ok(self)
    }

    /// How many are wanted.
    pub fn count(&self) -> usize {
        wanted(self.count, 20)
    }
}

impl WhatsappIncoming {
    pub(super) fn checked(self) -> Result<Self, Box<Rejection>> {
        name("contact", Some(&self.contact))?;
        text("phone", self.phone.as_deref(), LIMIT_CONTACT)?;
        text("contact_id", self.contact_id.as_deref(), LIMIT_CONTACT)?;
        text("id", self.id.as_deref(), LIMIT_OPAQUE)?;
        Ok(self)
    }
}

/// Whether it is the place of a message, as far as can be seen.
fn is_cursor(before: &str) -> bool {
    let digits = before.strip_prefix('-').unwrap_or(before);
    (1..=18).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn wanted(count: Option<u64>, default: usize) -> usize {
    count.and_then(|count| usize::try_from(count).ok()).unwrap_or(default)
}

fn count(count: Option<u64>) -> Result<(), Box<Rejection>> {
    match count {
        Some(count) if !(1..=MOST).contains(&count) => {
            Err(Rejection::field("count", &format!("a whole number from 1 to {MOST} is expected")))
        }
        _ => Ok(()),
    }
}

pub(super) fn name(field: &str, name: Option<&str>) -> Result<(), Box<Rejection>> {
    match name {
        Some(name) if name.len() > LIMIT_CONTACT || is_blank(name) => {
            Err(Rejection::field(field, "a name of 1 to 1,024 bytes is expected"))
        }
        _ => Ok(()),
    }
}

pub(super) fn text(field: &str, text: Option<&str>, limit: usize) -> Result<(), Box<Rejection>> {
    match text {
        Some(text) if text.len() > limit => {
            Err(Rejection::new(Code::TooLarge, &format!("{field}: at most {limit} bytes are taken")))
        }
        _ => Ok(()),
    }
}
