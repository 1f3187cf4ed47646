//! What clients hear of the shared account: answers, and what is pushed to all of a session.

mod parts;
mod words;

pub use parts::{ActionBody, ContactBody, Hex, MessageBody, StatusBody, Surroundings};

use super::{Content, ServerFrame};
use crate::core::account::{Answer, Message, News, NoAnswer, Refusal};
use crate::core::{ContactId, ContactName, Millis, Private, Which};
use crate::wire::Timestamp;
use parts::{direction, state, time};
use serde::Serialize;
use std::borrow::Cow;
pub use words::Word;
use words::{HELP, code, words};

/// When a request that found too much under way may come again, in milliseconds.
const RETRY_OVERLOADED: u64 = 1_000;

/// What was asked for, which names the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    Command,
    Contacts,
    Messages,
    History,
    Search,
    Summary,
    Status,
    Ai,
    Recall,
    /// A bridge said what became of a send.
    Report,
    /// A bridge brought a message.
    Incoming,
}

/// The body of an answer.
#[derive(Default, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "server", schema(as = AccountAnswer))]
pub struct AccountResult<'a> {
    pub success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>))]
    code: Option<Word<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>))]
    id: Option<Hex>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<Vec<MessageBody<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contacts: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Vec<ContactBody<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_reply: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    candidates: Option<Vec<&'a str>>,
    /// Of a send that failed: whether it may have been sent all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    maybe_sent: Option<bool>,
    /// With this in `confirm` the same send goes through.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirm: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestions: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(ignore))]
    status: Option<StatusBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Cow<'a, str>>,
    /// The request that is not answered any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'a str>,
    /// Which AI answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<TokensBody>,
    /// The answer was longer than it may be, and ends in the middle.
    #[serde(skip_serializing_if = "Option::is_none")]
    truncated: Option<bool>,
}

/// What a question and its answer took, as far as the AI counts it.
#[derive(Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
struct TokensBody {
    prompt: u64,
    completion: u64,
}

impl<'a> Content<'a> {
    /// The answer to what was asked.
    pub fn of_account(asked: Asked, answer: &'a Answer, around: Surroundings<'a>) -> Self {
        let is_misread = matches!(
            answer,
            Answer::Refused { action: None, why: Refusal::NotUnderstood | Refusal::TwoWays, .. }
        );
        let mut result = Box::new(AccountResult::of(answer, around));
        // Only an action has a name.
        result.action = result.action.filter(|_| asked == Asked::Command);
        match asked {
            Asked::Command if is_misread => Self::AiParseError(result),
            Asked::Command => Self::WhatsappCommandResult(result),
            Asked::Contacts => Self::Contacts(result),
            Asked::Messages => Self::Messages(result),
            Asked::History => Self::History(result),
            Asked::Search => Self::SearchResults(result),
            Asked::Summary => Self::Summary(result),
            Asked::Status => Self::Status(result),
            Asked::Ai => Self::AiResponse(result),
            Asked::Recall => Self::AiCancelled(result),
            Asked::Report => Self::WhatsappActionResult(result),
            Asked::Incoming => Self::WhatsappIncomingResult(result),
        }
    }
}

impl<'a> AccountResult<'a> {
    fn done() -> Self {
        Self { success: true, ..Self::default() }
    }

    fn of(answer: &'a Answer, around: Surroundings<'a>) -> Self {
        match answer {
            Answer::Sent { target, message, id, progress } => Self {
                action: Some("send"),
                contact: Some(target.name.as_str()),
                message: Some(message.as_str()),
                id: Some(Hex(*id)),
                state: Some(state(*progress)),
                ..Self::done()
            },
            Answer::Listed { contacts, total } => Self {
                action: Some("list"),
                contacts: Some(contacts.iter().map(ContactName::as_str).collect()),
                total_count: Some(*total),
                ..Self::done()
            },
            Answer::Read { name, which, messages } => Self::read(name, *which, messages),
            Answer::AutoReply(on) => Self {
                action: Some(if *on { "auto_on" } else { "auto_off" }),
                auto_reply: Some(*on),
                ..Self::done()
            },
            Answer::Status(status) => {
                Self { action: Some("status"), status: Some(StatusBody::of(status, around)), ..Self::done() }
            }
            Answer::Said { .. } | Answer::Summary { .. } | Answer::Suggested { .. } => Self::by_ai(answer),
            Answer::Help => Self { action: Some("help"), text: Some(HELP.into()), ..Self::done() },
            Answer::Contacts { contacts, total, after } => Self {
                contacts: Some(contacts.iter().map(|contact| contact.name.as_str()).collect()),
                details: Some(contacts.iter().map(ContactBody::of).collect()),
                total_count: Some(*total),
                after: after.as_ref().map(ContactId::as_str),
                ..Self::done()
            },
            Answer::Messages { name, messages } => {
                Self { contact: Some(name.as_str()), messages: Some(bodies(messages)), ..Self::done() }
            }
            Answer::History { conversation, messages, before } => Self {
                conversation_id: conversation.as_ref().map(ContactId::as_str),
                messages: Some(bodies(messages)),
                before: before.as_deref(),
                ..Self::done()
            },
            Answer::Found { query, messages, contacts } => Self {
                action: contacts.is_some().then_some("search"),
                contacts: contacts.as_ref().map(|names| names.iter().map(ContactName::as_str).collect()),
                query: Some(query.as_str()),
                messages: Some(bodies(messages)),
                count: Some(messages.len()),
                ..Self::done()
            },
            Answer::Recalled { target } => Self { target: Some(target.as_str()), ..Self::done() },
            Answer::Taken { id } => Self { id: Some(Hex(*id)), ..Self::done() },
            Answer::Refused { action, contact, why } => Self::refused(*action, contact.as_ref(), why),
        }
    }

    /// What an AI said.
    fn by_ai(answer: &'a Answer) -> Self {
        match answer {
            Answer::Said { text, service, tokens: [prompt, completion], is_cut } => Self {
                truncated: is_cut.then_some(true),
                text: Some(text.as_str().into()),
                service: Some(service),
                tokens: Some(TokensBody { prompt: *prompt, completion: *completion }),
                ..Self::done()
            },
            Answer::Summary { with, text, messages } => Self {
                action: Some("summary"),
                contact: with.as_ref().map(ContactName::as_str),
                text: Some(text.as_str().into()),
                message_count: Some(*messages),
                ..Self::done()
            },
            Answer::Suggested { name, replies } => Self {
                action: Some("suggest"),
                contact: Some(name.as_str()),
                suggestions: Some(replies.iter().map(Private::as_str).collect()),
                ..Self::done()
            },
            _ => Self::done(),
        }
    }

    fn read(name: &'a ContactName, which: Which, messages: &'a [Message]) -> Self {
        let (query_type, position) = match which {
            Which::All => ("all", None),
            Which::LastFromContact => ("last_from_contact", None),
            Which::LastFromMe => ("last_from_me", None),
            Which::PositionFromContact(position) => ("position_from_contact", Some(position)),
        };
        Self {
            action: Some("read"),
            contact: Some(name.as_str()),
            query_type: Some(query_type),
            position,
            messages: Some(bodies(messages)),
            count: Some(messages.len()),
            ..Self::done()
        }
    }

    fn refused(action: Option<&'static str>, to: Option<&'a ContactName>, why: &'a Refusal) -> Self {
        let (contact, candidates) = match why {
            Refusal::Ambiguous { typed, candidates } => {
                (Some(typed), Some(candidates.iter().map(ContactName::as_str).collect()))
            }
            Refusal::NotFound { typed } => (Some(typed), None),
            _ => (to, None),
        };
        Self {
            code: Some(code(why)),
            action,
            contact: contact.map(ContactName::as_str),
            candidates,
            message: match why {
                Refusal::Unconfirmed { message, .. } => message.as_ref().map(Private::as_str),
                _ => None,
            },
            confirm: match why {
                Refusal::Unconfirmed { code, .. } => code.as_ref().map(Private::as_str),
                _ => None,
            },
            maybe_sent: match why {
                Refusal::Unavailable { maybe } => Some(*maybe),
                Refusal::TimedOut => Some(true),
                _ => None,
            },
            retry_after_ms: retry_after(why),
            text: Some(words(why)),
            ..Self::default()
        }
    }
}

impl<'a> ServerFrame<'a> {
    /// What all clients of a session are pushed.
    pub fn of_news(news: &'a News, around: Surroundings<'a>, now: Timestamp) -> Self {
        match news {
            News::Message { name, message } => Self::WhatsappMessage {
                id: Hex(message.id),
                direction: direction(message.direction),
                contact: name.as_str(),
                message: message.text.as_str(),
                state: message.progress.map(state),
                timestamp: time(message.at),
                pos: None,
            },
            News::Progress { id, request_id, progress, why, at } => Self::WhatsappStatus {
                id: Hex(*id),
                request_id: request_id.as_deref(),
                state: state(*progress),
                code: why.as_ref().map(code),
                text: why.as_ref().map(words),
                timestamp: time(*at),
                pos: None,
            },
            News::Delta { request_id, answer, delta, end } => Self::AiDelta {
                request_id: request_id.as_deref(),
                id: Hex(*answer),
                delta: delta.as_str(),
                done: end.is_some().then_some(true),
                code: end.as_ref().and_then(|end| end.as_ref().err()).map(code),
                pos: None,
            },
            News::Status(status) => {
                Self::SessionStatus { status: StatusBody::of(status, around), timestamp: now, pos: None }
            }
        }
    }
}

/// When the same may be asked again, in milliseconds, if it is only that there is too much of it.
fn retry_after(why: &Refusal) -> Option<u64> {
    match why {
        Refusal::Overloaded => Some(RETRY_OVERLOADED),
        Refusal::NoAnswer(NoAnswer::Busy(Millis(wait)) | NoAnswer::Resting(Millis(wait))) => {
            Some((*wait).max(RETRY_OVERLOADED))
        }
        _ => None,
    }
}

fn bodies(messages: &[Message]) -> Vec<MessageBody<'_>> {
    messages.iter().map(MessageBody::of).collect()
}
