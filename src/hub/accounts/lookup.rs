//! What the store is asked for a client, and the answer that comes of it.

use super::rows;
use crate::core::Which;
use crate::core::account::{Answer, Look, Message, Refusal, Target};
use crate::core::contacts::ContactId;
use crate::store::{Cursor, Direction, Page, Store, Unanswered, Wanted};

/// Looks it up. While the store fails, that is the answer.
pub async fn look_up(store: Store, session: String, look: Look) -> Answer {
    let action = look.is_an_action().then_some(match look {
        Look::Search { .. } => "search",
        _ => "read",
    });
    let found = match look {
        Look::Read { target, which, count } => read(&store, &session, target, which, count).await,
        Look::Messages { target, count } => {
            let page = store.history(Wanted::of(&session).with(target.chat.as_str()), count).await;
            page.map(|page| Answer::Messages { name: target.name, messages: messages(page) })
        }
        Look::History { conversation, before, count } => {
            history(&store, &session, conversation, before, count).await
        }
        Look::Search { query, count, contacts } => {
            let found = store.search(&session, query.as_str(), count).await;
            found.map(|rows| Answer::Found {
                query,
                messages: rows.into_iter().map(rows::message).collect(),
                contacts,
            })
        }
    };
    found.unwrap_or(Answer::Refused { action, contact: None, why: Refusal::Overloaded })
}

async fn read(
    store: &Store,
    session: &str,
    target: Target,
    which: Which,
    count: usize,
) -> Result<Answer, Unanswered> {
    let wanted = Wanted::of(session).with(target.chat.as_str());
    let messages = match which {
        Which::All => messages(store.history(wanted, count).await?),
        Which::LastFromContact => one(store, wanted.going(Direction::Incoming), 1).await?,
        Which::LastFromMe => one(store, wanted.going(Direction::Outgoing), 1).await?,
        Which::PositionFromContact(position) => {
            one(store, wanted.going(Direction::Incoming), position).await?
        }
    };
    Ok(Answer::Read { name: target.name, which, messages })
}

async fn one(store: &Store, wanted: Wanted, position: usize) -> Result<Vec<Message>, Unanswered> {
    Ok(store.last(wanted, position).await?.into_iter().map(rows::message).collect())
}

async fn history(
    store: &Store,
    session: &str,
    conversation: Option<ContactId>,
    before: Option<Box<str>>,
    count: usize,
) -> Result<Answer, Unanswered> {
    // What is no place in a history has nothing before it.
    let before: Option<Cursor> = match before.as_deref().map(str::parse) {
        Some(Err(_)) => return Ok(Answer::History { conversation, messages: Vec::new(), before: None }),
        Some(Ok(cursor)) => Some(cursor),
        None => None,
    };
    let wanted = Wanted::of(session).before(before);
    let wanted = match &conversation {
        Some(contact) => wanted.with(contact.as_str()),
        None => wanted,
    };
    let page = store.history(wanted, count).await?;
    let before = page.older.map(|cursor| cursor.to_string().into());
    Ok(Answer::History { conversation, messages: messages(page), before })
}

fn messages(page: Page) -> Vec<Message> {
    page.messages.into_iter().map(rows::message).collect()
}
