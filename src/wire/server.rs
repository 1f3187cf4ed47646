//! Writes what clients are sent.

mod account;

pub use account::{AccountResult, ActionBody, Asked, Hex, StatusBody, Surroundings, Word};

use super::{Code, Pos, Timestamp, sentence};
use crate::core::{ContactHead, Notice, Reply, State};
use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};
use std::borrow::Cow;

/// One frame from the hub. `timestamp` may be left out of chat frames.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub enum ServerFrame<'a> {
    RegistrationConfirmed {
        #[serde(skip_serializing_if = "Option::is_none")]
        request_id: Option<&'a str>,
        client_id: &'a str,
        session: &'a str,
        nickname: &'a str,
        #[serde(skip_serializing_if = "str::is_empty")]
        resume_token: &'a str,
        recovered: bool,
        /// For a client that wanted to go on and could not, or not without a gap: how many frames it missed, or
        /// `null` where that cannot be known.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "server", schema(value_type = Option<u64>))]
        missed: Option<Option<u64>>,
        timestamp: Timestamp,
    },
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        request_id: Option<&'a str>,
        timestamp: Timestamp,
    },
    Error {
        code: Code,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
        error: Cow<'a, str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        request_type: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        request_id: Option<&'a str>,
        timestamp: Timestamp,
    },
    Response {
        #[serde(skip_serializing_if = "Option::is_none")]
        request_id: Option<&'a str>,
        #[serde(flatten)]
        content: Content<'a>,
        timestamp: Timestamp,
    },
    ChatEvent(ChatEvent<'a>),
    ChatMessage {
        from: &'a str,
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        pos: Option<Pos>,
    },
    ChatMessageFailed {
        #[serde(skip_serializing_if = "Option::is_none")]
        request_id: Option<&'a str>,
        message: &'a str,
        code: Code,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pos: Option<Pos>,
    },
    ContactListBroadcast {
        #[serde(skip_serializing_if = "Option::is_none")]
        request_id: Option<&'a str>,
        #[serde(serialize_with = "names")]
        #[cfg_attr(feature = "server", schema(value_type = Vec<String>))]
        contacts: &'a ContactHead,
        total_count: usize,
        timestamp: Timestamp,
        #[serde(skip_serializing_if = "Option::is_none")]
        pos: Option<Pos>,
    },
    /// A message of the shared account, sent or received.
    WhatsappMessage {
        id: Hex,
        direction: &'static str,
        contact: &'a str,
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        state: Option<&'static str>,
        timestamp: Timestamp,
        #[serde(skip_serializing_if = "Option::is_none")]
        pos: Option<Pos>,
    },
    /// A message got further, or was not sent after all; then why.
    WhatsappStatus {
        id: Hex,
        #[serde(skip_serializing_if = "Option::is_none")]
        request_id: Option<&'a str>,
        state: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "server", schema(value_type = Option<String>))]
        code: Option<Word<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<Cow<'a, str>>,
        timestamp: Timestamp,
        #[serde(skip_serializing_if = "Option::is_none")]
        pos: Option<Pos>,
    },
    /// The shared account stands otherwise than before.
    SessionStatus {
        #[serde(flatten)]
        status: StatusBody<'a>,
        timestamp: Timestamp,
        #[serde(skip_serializing_if = "Option::is_none")]
        pos: Option<Pos>,
    },
    /// More of what an AI says, or its end.
    AiDelta {
        #[serde(skip_serializing_if = "Option::is_none")]
        request_id: Option<&'a str>,
        id: Hex,
        delta: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        done: Option<bool>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "server", schema(value_type = Option<String>))]
        code: Option<Word<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pos: Option<Pos>,
    },
    /// For a bridge: carry this out.
    WhatsappAction {
        request_id: Hex,
        action: ActionBody<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pos: Option<Pos>,
    },
    /// For a bridge: if this was not carried out yet, it is not to be.
    WhatsappActionCancelled {
        request_id: Hex,
        #[serde(skip_serializing_if = "Option::is_none")]
        pos: Option<Pos>,
    },
    ClientJoined {
        client_id: &'a str,
        client_name: &'a str,
        session: &'a str,
        timestamp: Timestamp,
        #[serde(skip_serializing_if = "Option::is_none")]
        pos: Option<Pos>,
    },
    ClientLeft {
        client_id: &'a str,
        client_name: &'a str,
        session: &'a str,
        timestamp: Timestamp,
        #[serde(skip_serializing_if = "Option::is_none")]
        pos: Option<Pos>,
    },
}

/// The body of a response, under the name of its kind.
#[derive(Serialize)]
#[serde(tag = "response_type", content = "content", rename_all = "snake_case")]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub enum Content<'a> {
    ChatCommandResult(CommandResult<'a>),
    ChatMessageResult(TextResult<'a>),
    WhatsappCommandResult(Box<AccountResult<'a>>),
    AiParseError(Box<AccountResult<'a>>),
    AiResponse(Box<AccountResult<'a>>),
    AiCancelled(Box<AccountResult<'a>>),
    Contacts(Box<AccountResult<'a>>),
    Messages(Box<AccountResult<'a>>),
    History(Box<AccountResult<'a>>),
    SearchResults(Box<AccountResult<'a>>),
    Summary(Box<AccountResult<'a>>),
    Status(Box<AccountResult<'a>>),
    WhatsappActionResult(Box<AccountResult<'a>>),
    WhatsappIncomingResult(Box<AccountResult<'a>>),
}

/// What became of a command.
#[derive(Default, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CommandResult<'a> {
    pub success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_wait_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masking: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    pub text: Cow<'a, str>,
}

/// What became of a text.
#[derive(Default, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct TextResult<'a> {
    pub success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Cow<'a, str>>,
}

/// What happened to somebody because of another or of time.
#[derive(Default, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ChatEvent<'a> {
    pub event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub text: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pos: Option<Pos>,
}

impl ServerFrame<'_> {
    /// Appends the frame as JSON. Fails only if `out` does.
    pub fn write(&self, out: impl std::io::Write) -> Result<(), serde_json::Error> {
        serde_json::to_writer(out, self)
    }
}

impl<'a> CommandResult<'a> {
    /// What an answer of the matchmaker says.
    pub fn of(reply: &'a Reply) -> Self {
        let code = refusal(&reply.notice);
        let result = Self {
            success: code.is_none(),
            code,
            command: Some(reply.verb.word()),
            masking: if let Notice::Masking(on) = reply.notice { Some(on) } else { None },
            retry_after_ms: retry_after(&reply.notice),
            text: sentence(&reply.notice),
            ..Self::default()
        };
        result.in_state(&reply.state)
    }

    fn in_state(self, state: &'a State) -> Self {
        match state {
            State::Idle => Self { state: Some("idle"), ..self },
            State::Waiting { position, expected_wait } => Self {
                state: Some("waiting"),
                position: Some(*position),
                expected_wait_ms: expected_wait.map(|wait| wait.0),
                ..self
            },
            State::Paired(partner) => Self { state: Some("paired"), partner: Some(partner.as_str()), ..self },
        }
    }

    /// A line that was no command but nearly, or held tags that cannot be.
    pub fn misunderstood(text: String) -> Self {
        Self { code: Some(Code::InvalidMessage), text: text.into(), ..Self::default() }
    }
}

impl<'a> TextResult<'a> {
    /// It is in the partner's outbox.
    pub fn delivered() -> Self {
        Self { success: true, delivered: Some(true), ..Self::default() }
    }

    /// It waits for a partner who is away.
    pub fn queued() -> Self {
        Self { success: true, queued: Some(true), ..Self::default() }
    }

    /// It was not taken.
    pub fn refused(notice: &Notice) -> Self {
        let (code, retry_after_ms) = (refusal(notice), retry_after(notice));
        Self { code, retry_after_ms, text: Some(sentence(notice)), ..Self::default() }
    }
}

impl<'a> ChatEvent<'a> {
    /// The event for a notice, if it is one.
    pub fn of(notice: &'a Notice, pos: Option<Pos>) -> Option<Self> {
        let (event, partner, active) = match notice {
            Notice::Connected(name) | Notice::ConnectedAnew(name) => ("matched", Some(name.as_str()), None),
            Notice::PartnerLeft => ("partner_left", None, None),
            Notice::PartnerAway => ("partner_away", None, None),
            Notice::PartnerBack => ("partner_back", None, None),
            Notice::Expired => ("expired", None, None),
            Notice::Typing(active) => ("typing", None, Some(*active)),
            _ => return None,
        };
        Some(Self { event, partner, active, text: sentence(notice), pos })
    }
}

/// The code of a notice that says no.
fn refusal(notice: &Notice) -> Option<Code> {
    match notice {
        Notice::AlreadyTalking => Some(Code::Conflict),
        Notice::NotTalking | Notice::NobodyToName | Notice::NoPartner | Notice::PartnerLeft => {
            Some(Code::NotPaired)
        }
        Notice::TooFast(_) => Some(Code::RateLimited),
        Notice::TooLong(_) => Some(Code::TooLarge),
        Notice::PartnerTooSlow | Notice::PartnerOutOfReach => Some(Code::Overloaded),
        _ => None,
    }
}

/// How long a partner's full mailbox is given before another try makes sense, in milliseconds.
const RETRY_SLOW_PARTNER: u64 = 1_000;

fn retry_after(notice: &Notice) -> Option<u64> {
    match notice {
        Notice::TooFast(wait) => Some(wait.0),
        Notice::PartnerTooSlow | Notice::PartnerOutOfReach => Some(RETRY_SLOW_PARTNER),
        _ => None,
    }
}

fn names<S: Serializer>(head: &&ContactHead, serializer: S) -> Result<S::Ok, S::Error> {
    let mut seq = serializer.serialize_seq(Some(head.first.len()))?;
    for name in &head.first {
        seq.serialize_element(name.as_str())?;
    }
    seq.end()
}
