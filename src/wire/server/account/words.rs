//! Why something was not done, and what can be said: the codes and the sentences.

use crate::core::ContactName;
use crate::core::account::{NoAnswer, Refusal};
use crate::wire::Code;
use serde::Serialize;
use std::borrow::Cow;

/// The code of a refusal: one of ours, or the word of whoever carries out what is sent.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Word<'a> {
    Ours(Code),
    Backends(&'a str),
}

/// The code of a refusal.
pub fn code(why: &Refusal) -> Word<'_> {
    Word::Ours(match why {
        Refusal::Ambiguous { .. } | Refusal::WhichContact => Code::AmbiguousContact,
        Refusal::NotFound { .. } | Refusal::NoSuchAction | Refusal::NoSuchPlace | Refusal::NoSuchQuestion => {
            Code::NotFound
        }
        Refusal::NotUnderstood | Refusal::UnknownName | Refusal::TwoWays => Code::AiParseError,
        Refusal::Empty => Code::InvalidMessage,
        Refusal::TooLong { .. } | Refusal::TooManyContacts { .. } => Code::TooLarge,
        Refusal::Unavailable { .. } => Code::WhatsappUnavailable,
        Refusal::TimedOut => Code::WhatsappTimeout,
        Refusal::Backend { code, .. } => return Word::Backends(code.as_str()),
        Refusal::Unconfirmed { .. } => Code::ConfirmationRequired,
        Refusal::NotProposed => Code::Conflict,
        Refusal::NoMessages => Code::NotFound,
        Refusal::NoAi => Code::AiUnavailable,
        Refusal::NoAnswer(NoAnswer::TooLate) => Code::AiTimeout,
        Refusal::NoAnswer(NoAnswer::Cancelled) => Code::Conflict,
        Refusal::NoAnswer(NoAnswer::Busy(_) | NoAnswer::Resting(_)) => Code::Overloaded,
        Refusal::NoAnswer(_) => Code::AiUnavailable,
        Refusal::OtherRequest => Code::Conflict,
        Refusal::Overloaded => Code::Overloaded,
    })
}

/// The same for people.
pub fn words(why: &Refusal) -> Cow<'_, str> {
    let text = match why {
        Refusal::Ambiguous { candidates, .. } => {
            let names: Vec<_> = candidates.iter().map(ContactName::as_str).collect();
            return format!("Who is meant: {}?", names.join(", ")).into();
        }
        Refusal::NotFound { typed } => return format!("No contact is called {}.", typed.as_str()).into(),
        Refusal::TooLong { longest } => return format!("At most {longest} characters can be sent.").into(),
        Refusal::TooManyContacts { most } => {
            return format!("A sentence may bring at most {most} contacts that the session does not have.")
                .into();
        }
        Refusal::Backend { text, .. } => return text.as_str().into(),
        Refusal::WhichContact => "Who is meant? Name the contact.",
        Refusal::NotUnderstood => {
            "Could not understand: say it like \"send John a message saying hello\", \"list contacts\" or \"help\"."
        }
        Refusal::UnknownName => {
            "Could not understand: no contact is called so. \"list contacts\" tells who is known."
        }
        Refusal::TwoWays => {
            "Could not understand: this can be read in two ways. Put the text in quotes, or name the contact in full."
        }
        Refusal::NoSuchAction => "There is no such action.",
        Refusal::NoSuchQuestion => "Nothing is under way that you asked under this request_id.",
        Refusal::NoSuchPlace => "That place in the list is gone. Begin at the first page.",
        Refusal::Empty => "There is nothing to send.",
        Refusal::Unavailable { maybe: false } => "WhatsApp can't be reached. Nothing was sent.",
        Refusal::Unavailable { maybe: true } => {
            "The connection to WhatsApp broke before it answered. The message may have been sent or not."
        }
        Refusal::TimedOut => "WhatsApp did not answer in time. The message may have been sent or not.",
        Refusal::Unconfirmed { code: Some(_), .. } => {
            "Is that what you want to send, and to whom? The sentence alone does not say so for certain: send it again with this confirm."
        }
        Refusal::Unconfirmed { code: None, .. } => "Is this who is meant? Then say so by the name.",
        Refusal::NotProposed => "This confirm is for another send, or came too late. Nothing was sent.",
        Refusal::NoMessages => "There are no messages there.",
        Refusal::NoAi => "This needs an AI, and none is set up.",
        Refusal::NoAnswer(why) => no_answer(*why),
        Refusal::OtherRequest => "This request_id was used for another request.",
        Refusal::Overloaded => "Too much is under way. Try again in a second.",
    };
    text.into()
}

const fn no_answer(why: NoAnswer) -> &'static str {
    match why {
        NoAnswer::NoSuchService => "No AI of this name is set up here.",
        NoAnswer::Unavailable => "The AI can't be reached. Try again later.",
        NoAnswer::Busy(_) => "The AI takes no more questions for now. Try again later.",
        NoAnswer::Resting(_) => {
            "The AI failed several times, and is left alone for a while. Try again later."
        }
        NoAnswer::Broken => "The answer of the AI broke off, or made no sense. Try again.",
        NoAnswer::NotTaken => {
            "The AI did not take this question: it may be too long, or this hub asks in a way that the AI does not know."
        }
        NoAnswer::NotSetUp => {
            "The AI does not take the key or the model that this hub gives it: tell the operator."
        }
        NoAnswer::Declined => "The AI would not answer this.",
        NoAnswer::TooLate => "The AI did not answer in time.",
        NoAnswer::OutOfQuota => "Nothing is left on this hub's account with the AI: tell the operator.",
        NoAnswer::Spent => "What the AI may cost in a day is spent. Tomorrow it answers again.",
        NoAnswer::Cancelled => "This was cancelled.",
    }
}

/// What can be said in plain words.
pub const HELP: &str = "Say it like this: send John a message saying hello · read the last 5 messages from Sarah · what \
                    did Mike say last · list contacts · search invoice · turn auto-reply on · status";
