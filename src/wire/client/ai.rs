//! What clients put to an AI, before it is understood.

use super::account::{LIMIT_OPAQUE, name, text};
use super::{LIMIT_REQUEST_ID, Rejection, is_blank};
use serde::Deserialize;

/// The longest question for an AI, in bytes.
const LIMIT_PROMPT: usize = 64 * 1_024;

/// `ai_request`: a question for an AI.
#[derive(Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AiRequest {
    /// At most 64 KiB.
    #[cfg_attr(feature = "server", schema(max_length = 65536, pattern = r"\S"))]
    pub prompt: String,
    /// What the question is about: the AI is shown it as material, not as a question. At most 64 KiB.
    #[cfg_attr(feature = "server", schema(max_length = 65536))]
    pub context: Option<String>,
    /// Whom to ask: `gemini`, `openai` or `anthropic`. Without it, whomever the hub asks first.
    #[cfg_attr(feature = "server", schema(max_length = 256))]
    pub service: Option<String>,
    /// Whether every client of the session hears the answer as it comes, in frames `ai_delta`.
    pub stream: Option<bool>,
}

/// `ai_cancel`: takes back what was asked.
#[derive(Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AiCancel {
    /// The `request_id` of the `ai_request`.
    #[cfg_attr(feature = "server", schema(min_length = 1, max_length = 128))]
    pub target: String,
}

/// `get_summary`: of what was said with one contact, or in the session at all.
#[derive(Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct GetSummary {
    /// A name, or the id of a contact. At most 1,024 bytes.
    #[cfg_attr(feature = "server", schema(max_length = 1024, pattern = r"\S"))]
    pub contact: Option<String>,
    /// The same by the `conversation_id` of a history. One of the two, at most.
    #[cfg_attr(feature = "server", schema(max_length = 256))]
    pub conversation_id: Option<String>,
}

impl AiRequest {
    pub(super) fn checked(self) -> Result<Self, Box<Rejection>> {
        if is_blank(&self.prompt) {
            return Err(Rejection::field("prompt", "a question is required"));
        }
        text("prompt", Some(&self.prompt), LIMIT_PROMPT)?;
        text("context", self.context.as_deref(), LIMIT_PROMPT)?;
        text("service", self.service.as_deref(), LIMIT_OPAQUE)?;
        Ok(self)
    }
}

impl AiCancel {
    pub(super) fn checked(self) -> Result<Self, Box<Rejection>> {
        if self.target.is_empty() {
            return Err(Rejection::field("target", "the request_id of an ai_request is required"));
        }
        text("target", Some(&self.target), LIMIT_REQUEST_ID)?;
        Ok(self)
    }
}

impl GetSummary {
    pub(super) fn checked(self) -> Result<Self, Box<Rejection>> {
        name("contact", self.contact.as_deref())?;
        text("conversation_id", self.conversation_id.as_deref(), LIMIT_OPAQUE)?;
        if self.contact.is_some() && self.conversation_id.is_some() {
            return Err(Rejection::field("conversation_id", "contact says already what is meant"));
        }
        Ok(self)
    }
}
