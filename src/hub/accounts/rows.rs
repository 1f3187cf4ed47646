//! From what the accounts know to what the store keeps, and back.

use crate::core::account::{Direction, Message, OrderId, Progress, Record, Settings};
use crate::core::contacts::{ContactId, Contacts, Supplied, fold};
use crate::core::{ContactName, Private};
use crate::store;

/// What the store keeps of a record.
pub fn row(session: &str, record: Record) -> store::Record {
    let session = session.to_owned();
    match record {
        Record::Message { chat, name, message } => store::Record::Message(store::Message {
            session,
            id: message.id.to_string(),
            contact_id: chat.as_str().to_owned(),
            contact_name: name.as_str().to_owned(),
            direction: match message.direction {
                Direction::Incoming => store::Direction::Incoming,
                Direction::Outgoing => store::Direction::Outgoing,
            },
            text: message.text.as_str().to_owned(),
            state: message.progress.map_or(store::MessageState::Delivered, state),
            at: i64::try_from(message.at).unwrap_or(i64::MAX),
        }),
        Record::Progress { id, progress } => {
            store::Record::State { session, id: id.to_string(), state: state(progress) }
        }
        Record::Supplied(contacts) => {
            store::Record::Supplied { session, rows: contacts.into_iter().map(contact_row).collect() }
        }
        Record::Learned(contact) => {
            store::Record::Learned { session, mark: mark(&contact), row: contact_row(contact) }
        }
        Record::Settings(settings) => store::Record::Settings {
            session,
            row: store::SettingsRow {
                last_contact: settings.last.map(|name| name.as_str().to_owned()),
                auto_reply: settings.auto_reply,
                has_bridge: settings.has_bridge,
            },
        },
    }
}

/// What a session goes on with.
pub fn restored(loaded: store::Loaded) -> (Contacts, Settings) {
    let mut contacts = Contacts::default();
    contacts.replace_supplied(loaded.supplied.into_iter().map(supplied));
    let row = loaded.settings;
    // Where there never was a bridge, only a simulator can have made them up.
    let learned = loaded.learned.into_iter().filter(|_| row.has_bridge);
    learned.map(supplied).for_each(|contact| {
        let _ = contacts.learn(contact);
    });
    let last = row.last_contact.map(|name| ContactName::new(name.as_str()));
    (contacts, Settings { last, auto_reply: row.auto_reply, has_bridge: row.has_bridge })
}

/// A message as it was kept.
pub fn message(row: store::Message) -> Message {
    let direction = match row.direction {
        store::Direction::Incoming => Direction::Incoming,
        store::Direction::Outgoing => Direction::Outgoing,
    };
    Message {
        id: OrderId::read(&row.id).unwrap_or(OrderId(0)),
        direction,
        name: ContactName::new(row.contact_name.as_str()),
        text: Private::from(row.text),
        progress: progress(row.state).filter(|_| direction == Direction::Outgoing),
        at: u64::try_from(row.at).unwrap_or(0),
    }
}

fn contact_row(contact: Supplied) -> store::ContactRow {
    store::ContactRow {
        name: contact.name.as_str().to_owned(),
        phone: contact.phone.map(|phone| phone.as_str().to_owned()),
        id: contact.id.map(|id| id.as_str().to_owned()),
    }
}

fn supplied(row: store::ContactRow) -> Supplied {
    Supplied {
        name: ContactName::new(row.name),
        phone: row.phone.map(Private::from),
        id: row.id.map(ContactId::new),
    }
}

/// What the backend tells its contacts from each other by.
fn mark(contact: &Supplied) -> String {
    let phone = || contact.phone.as_ref().map_or("", Private::as_str);
    match &contact.id {
        Some(id) => format!("id:{}", id.as_str()),
        None => format!("name:{}:{}", fold(contact.name.as_str()), phone()),
    }
}

fn state(progress: Progress) -> store::MessageState {
    match progress {
        Progress::Simulated => store::MessageState::Simulated,
        Progress::Accepted => store::MessageState::Accepted,
        Progress::Sent => store::MessageState::Sent,
        Progress::Delivered => store::MessageState::Delivered,
        Progress::Read => store::MessageState::Read,
        Progress::Failed => store::MessageState::Failed,
    }
}

fn progress(state: store::MessageState) -> Option<Progress> {
    Some(match state {
        store::MessageState::Simulated => Progress::Simulated,
        store::MessageState::Accepted => Progress::Accepted,
        store::MessageState::Sent => Progress::Sent,
        store::MessageState::Delivered => Progress::Delivered,
        store::MessageState::Read => Progress::Read,
        store::MessageState::Failed => Progress::Failed,
        store::MessageState::Unknown => return None,
    })
}
