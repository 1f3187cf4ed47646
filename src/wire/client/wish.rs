//! From what clients write to what the account understands.

use super::account::{
    ActionName, ActionObject, ActionOutcome, ActionResult, CommandContext, QueryType, ReportedState,
    WhatsappIncoming,
};
use super::{Contact, Request};
use crate::core::account::{Context, Incoming, OrderId, Progress, Refusal, Report, Wish};
use crate::core::contacts::{ContactId, Supplied, phone_digits};
use crate::core::{Action, ContactName, Private, Which};
use crate::wire::Asked;
use serde_json::{Map, Value};

/// How many messages a `read` shows if it does not say, and at most.
const READ: usize = 10;
const READ_MOST: u64 = 100;
/// The longest code that a bridge may give for a failure, in bytes.
const LIMIT_CODE: usize = 64;
/// What is said of a failure of which the bridge says nothing.
const NO_REASON: &str = "It was not sent. The bridge did not say why.";

impl Request<'_> {
    /// What is asked of the session's account, if it is a matter for it.
    pub fn into_wish(self) -> Option<(Asked, Wish)> {
        Some(match self {
            Self::WhatsappCommand(frame) => (Asked::Command, Wish::Act(action(frame.command))),
            Self::WhatsappAiCommand(frame) => {
                let context = frame.context.map(context).unwrap_or_default();
                (Asked::Command, Wish::Plain { sentence: Private::from(frame.command), context })
            }
            Self::GetContacts(frame) => {
                let count = frame.count();
                let (query, after) = (frame.query.map(Private::from), frame.after.map(ContactId::new));
                (Asked::Contacts, Wish::Contacts { query, after, count })
            }
            Self::GetMessages(frame) => {
                let count = frame.count();
                (Asked::Messages, Wish::Messages { contact: ContactName::new(frame.contact), count })
            }
            Self::GetHistory(frame) => {
                let count = frame.count();
                let conversation = frame.conversation_id.map(ContactId::new);
                let before = frame.before.map(Into::into);
                (Asked::History, Wish::History { conversation, before, count })
            }
            Self::Search(frame) => {
                let count = frame.count();
                (Asked::Search, Wish::Search { query: Private::from(frame.query), count })
            }
            Self::GetSummary(frame) => {
                let (contact, conversation) = (frame.contact, frame.conversation_id);
                let (contact, conversation) =
                    (contact.map(ContactName::new), conversation.map(ContactId::new));
                (Asked::Summary, Wish::Summary { contact, conversation })
            }
            Self::GetStatus => (Asked::Status, Wish::Status),
            Self::AiCancel(frame) => (Asked::Recall, Wish::Recall { target: Private::from(frame.target) }),
            Self::AiRequest(frame) => {
                let (context, service) = (frame.context.map(Private::from), frame.service.map(Private::from));
                let (prompt, streams) = (Private::from(frame.prompt), frame.stream.unwrap_or(false));
                (Asked::Ai, Wish::Ask { prompt, context, service, streams })
            }
            _ => return None,
        })
    }
}

/// The action that a model proposes by an object of its own: read and checked as if a client had sent it, but for what
/// only a client can say. Nothing, if it is none.
pub fn proposed(text: &str) -> Option<Action> {
    let text = text.trim();
    // Some put it in a fence, whatever they are told.
    let bare = text.strip_prefix("```").and_then(|text| text.strip_suffix("```"));
    let bare = bare.map_or(text, |text| text.trim_start_matches("json"));
    let mut object: Map<String, Value> = serde_json::from_str(bare).ok()?;
    object.remove("confirm");
    if object.get("query_type").and_then(Value::as_str) != Some("position_from_contact") {
        object.remove("position");
    }
    let object = Value::Object(object).to_string();
    match Request::body("whatsapp_command", &object).ok()?.into_wish() {
        Some((_, Wish::Act(action))) => Some(action),
        _ => None,
    }
}

impl Contact {
    /// As the account takes it. What a bridge gives for a number and is none is left out: the message counts more.
    pub fn into_supplied(self) -> Supplied {
        Supplied {
            name: ContactName::new(self.name),
            phone: self.phone.filter(|phone| phone_digits(phone).is_some()).map(Private::from),
            id: self.id.filter(|id| !id.is_empty()).map(ContactId::new),
        }
    }
}

impl ActionResult {
    /// What a bridge says became of a send. Nothing, if it names none that there ever was.
    pub fn into_report(self) -> Option<(OrderId, Report)> {
        let order = OrderId::read(&self.request_id)?;
        Some((order, report(self.content)))
    }
}

impl WhatsappIncoming {
    /// A message that came in. `fresh` is what its id is made of.
    pub fn into_incoming(self, fresh: u128) -> Incoming {
        let contact = Contact { name: self.contact, phone: self.phone, id: self.contact_id };
        Incoming {
            contact: contact.into_supplied(),
            message: Private::from(self.message),
            id: self.id.map(Private::from),
            fresh,
        }
    }
}

fn action(object: ActionObject) -> Action {
    let ActionObject { action, contact, message, confirm, count, query_type, position, query } = object;
    let contact = ContactName::new(contact.unwrap_or_default());
    match action {
        ActionName::Send => Action::Send {
            contact,
            message: Private::from(message.unwrap_or_default()),
            confirm: confirm.as_ref().and_then(Value::as_str).map(Into::into),
        },
        ActionName::List => Action::List,
        ActionName::Read => Action::Read {
            contact,
            count: number(count.map(|count| count.min(READ_MOST))).unwrap_or(READ),
            which: which(query_type, number(position)),
        },
        ActionName::Summary => Action::Summary { contact },
        ActionName::Suggest => Action::Suggest { contact },
        ActionName::AutoOn => Action::AutoReply(true),
        ActionName::AutoOff => Action::AutoReply(false),
        ActionName::Status => Action::Status,
        ActionName::Search => Action::Search { query: Private::from(query.unwrap_or_default()) },
    }
}

fn number(number: Option<u64>) -> Option<usize> {
    number.and_then(|number| usize::try_from(number).ok()).map(|number| number.max(1))
}

fn which(query_type: Option<QueryType>, position: Option<usize>) -> Which {
    match query_type {
        None | Some(QueryType::All) => Which::All,
        Some(QueryType::LastFromContact) => Which::LastFromContact,
        Some(QueryType::LastFromMe) => Which::LastFromMe,
        Some(QueryType::PositionFromContact) => Which::PositionFromContact(position.unwrap_or(1)),
    }
}

fn context(context: CommandContext) -> Context {
    Context {
        last_contact: context.last_contact.map(ContactName::new),
        contacts: context.contact_list.unwrap_or_default().into_iter().map(Contact::into_supplied).collect(),
    }
}

fn report(outcome: ActionOutcome) -> Report {
    if outcome.success {
        return Report::Reached(match outcome.state {
            None | Some(ReportedState::Accepted) => Progress::Accepted,
            Some(ReportedState::Sent) => Progress::Sent,
            Some(ReportedState::Delivered) => Progress::Delivered,
            Some(ReportedState::Read) => Progress::Read,
        });
    }
    let code = outcome.code.filter(|code| !code.is_empty() && code.len() <= LIMIT_CODE);
    let text = outcome.text.filter(|text| !text.trim().is_empty());
    Report::Refused(Refusal::Backend {
        code: Private::from(code.unwrap_or_else(|| "internal".to_owned())),
        text: Private::from(text.unwrap_or_else(|| NO_REASON.to_owned())),
    })
}
