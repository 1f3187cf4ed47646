//! What is put into mailboxes, and what clients come back with.

use crate::{SECRET, check};
use std::sync::{Arc, OnceLock};
use strowger::core::account::{Answer, News, OrderId, Progress, Wish};
use strowger::core::mask::Masker;
use strowger::core::{ContactHead, ContactName, Nickname, Notice, Role};
use strowger::hub::accounts::Reply;
use strowger::hub::{
    AccountNews, Ask, Broadcast, Card, Introduction, Letter, Pending, Receipt, Refused, Returning, Shared,
    Token, Unshown,
};
use strowger::wire::Asked;

fn card() -> Card {
    let secret = || SECRET.to_owned();
    Card { client_id: secret(), client_name: secret(), session: secret(), log_name: "5a1c0de5".to_owned() }
}

fn shared(what: Broadcast) -> Letter {
    let frame = OnceLock::new();
    frame.set(format!(r#"{{"contacts":["{SECRET}"]}}"#).into()).expect("it is empty");
    Letter::Shared(Arc::new(Shared { what, frame }))
}

#[test]
fn letters_print_only_what_kind_they_are() {
    let secret = || Some(SECRET.into());
    let outcome = Err(Refused::Full);
    for letter in [
        shared(Broadcast::Contacts(ContactHead::of([SECRET].into_iter()))),
        shared(Broadcast::Joined(Arc::new(card()))),
        shared(Broadcast::Left(Arc::new(card()))),
        shared(Broadcast::Account(AccountNews {
            session: SECRET.into(),
            clients: 1,
            news: News::Progress {
                id: OrderId(1),
                request_id: Some(SECRET.into()),
                progress: Progress::Sent,
                why: None,
                at: 0,
            },
        })),
        Letter::Account(Box::new(Reply {
            asked: Asked::Incoming,
            request_id: Some(SECRET.into()),
            answer: Arc::new(Answer::Taken { id: OrderId(1) }),
            session: SECRET.into(),
            clients: 1,
        })),
        Letter::Failed(Box::new(Unshown { request_id: secret(), text: SECRET.into(), why: Refused::Full })),
        Letter::Receipt(Box::new(Receipt { request_id: secret(), outcome })),
        Letter::Tell(Box::new(Notice::Connected(
            Nickname::clean(SECRET, &Masker::default()).expect("a nickname"),
        ))),
    ] {
        check(&format!("{letter:?}"));
    }
}

#[test]
fn tokens_and_requests_print_nothing() {
    let nickname = Nickname::clean(SECRET, &Masker::default()).expect("a nickname");
    let token = Token::from(SECRET.to_owned()).with_names(&card());
    assert!(token.as_str().starts_with(SECRET));
    check(&format!("{token:?}"));
    let pending =
        Pending { request_id: Some(SECRET.into()), token: Some(token.clone()), ..Pending::default() };
    check(&format!("{pending:?}"));
    let returning = Returning {
        person: None,
        token,
        names_client: true,
        names_session: true,
        names_role: true,
        nickname: Some(nickname.clone()),
        seen: None,
    };
    let introduction = Introduction {
        person: None,
        card: card(),
        nickname: nickname.clone(),
        is_chosen: true,
        only_reads: false,
        role: Role::Client,
        returning: Some(returning),
    };
    check(&format!("{:?}", Ask::Register(Box::new(introduction))));
    check(&format!("{:?}", Ask::Rename { card: Some(card()), nickname }));
    let (asked, wish, request_id) = (
        Asked::Summary,
        Box::new(Wish::Summary { contact: Some(ContactName::new(SECRET)), conversation: None }),
        Some(SECRET.into()),
    );
    check(&format!("{:?}", Ask::Account { asked, wish, request_id }));
}
