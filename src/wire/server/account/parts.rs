//! What answers and news about the account are made of: messages, contacts, the state of things.

use crate::core::ContactName;
use crate::core::account::{Direction, Link, Message, OrderId, Progress, Status, Target};
use crate::core::contacts::{Contact, Source};
use crate::wire::{Code, Timestamp};
use serde::Serialize;
use serde::ser::Serializer;

/// One message.
#[derive(Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "server", schema(as = Message))]
pub struct MessageBody<'a> {
    #[cfg_attr(feature = "server", schema(value_type = String))]
    id: Hex,
    contact: &'a str,
    direction: &'static str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[cfg_attr(feature = "server", schema(value_type = String))]
    timestamp: Timestamp,
}

/// One contact, with all that is told of it.
#[derive(Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "server", schema(as = Contact))]
pub struct ContactBody<'a> {
    name: &'a str,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<&'a str>,
    source: &'static str,
}

/// How a session's account stands.
#[derive(Clone, Copy, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "server", schema(as = Status))]
pub struct StatusBody<'a> {
    session: &'a str,
    clients: usize,
    whatsapp: &'static str,
    ai: &'static str,
    auto_reply: bool,
    last_contact: Option<&'a str>,
    contacts: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Code>,
}

/// What a bridge is to carry out.
#[derive(Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "server", schema(as = BridgeAction))]
pub struct ActionBody<'a> {
    action: &'static str,
    contact: &'a str,
    contact_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
    message: &'a str,
}

/// An id of ours, as it is written.
#[derive(Clone, Copy)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "server", schema(value_type = String))]
pub struct Hex(pub OrderId);

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Where an account is, for its status.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    pub session: &'a str,
    pub clients: usize,
}

impl<'a> MessageBody<'a> {
    pub fn of(message: &'a Message) -> Self {
        Self {
            id: Hex(message.id),
            contact: message.name.as_str(),
            direction: direction(message.direction),
            text: message.text.as_str(),
            state: message.progress.map(state),
            timestamp: time(message.at),
        }
    }
}

impl<'a> ContactBody<'a> {
    pub fn of(contact: &'a Contact) -> Self {
        Self {
            name: contact.name.as_str(),
            id: contact.id.as_str(),
            phone: contact.phone.as_ref().map(|phone| phone.as_str()),
            aliases: contact.aliases.iter().map(|alias| alias.as_str()).collect(),
            source: match contact.source {
                Source::Client => "client",
                Source::Backend => "backend",
            },
        }
    }
}

impl<'a> StatusBody<'a> {
    pub fn of(status: &'a Status, around: Surroundings<'a>) -> Self {
        Self {
            session: around.session,
            clients: around.clients,
            whatsapp: link(status.link),
            ai: status.ai.unwrap_or("rules"),
            auto_reply: status.auto_reply,
            last_contact: status.last.as_ref().map(ContactName::as_str),
            contacts: status.contacts,
            code: (status.link == Link::Down).then_some(Code::WhatsappUnavailable),
        }
    }
}

impl<'a> ActionBody<'a> {
    /// A send.
    pub fn send(target: &'a Target, message: &'a str) -> Self {
        Self {
            action: "send",
            contact: target.name.as_str(),
            contact_id: target.chat.as_str(),
            phone: target.phone.as_ref().map(|phone| phone.as_str()),
            message,
        }
    }
}

pub fn time(at: u64) -> Timestamp {
    Timestamp(i64::try_from(at).unwrap_or(i64::MAX))
}

pub fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Incoming => "incoming",
        Direction::Outgoing => "outgoing",
    }
}

pub fn state(progress: Progress) -> &'static str {
    match progress {
        Progress::Simulated => "simulated",
        Progress::Accepted => "accepted",
        Progress::Sent => "sent",
        Progress::Delivered => "delivered",
        Progress::Read => "read",
        Progress::Failed => "failed",
    }
}

fn link(link: Link) -> &'static str {
    match link {
        Link::Simulated => "simulated",
        Link::Up => "connected",
        Link::Down => "unavailable",
    }
}
