//! What is put into mailboxes, and what clients come back with.

use crate::{SECRET, check};
use std::sync::{Arc, OnceLock};
use strowger::core::mask::Masker;
use strowger::core::{ContactHead, Nickname, Notice};
use strowger::hub::{
    Ask, Broadcast, Card, Introduction, Letter, Pending, Receipt, Refused, Returning, Shared, Token, Unshown,
};

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
        token,
        names_client: true,
        names_session: true,
        nickname: Some(nickname.clone()),
        seen: None,
    };
    let introduction = Introduction { card: card(), nickname: nickname.clone(), returning: Some(returning) };
    check(&format!("{:?}", Ask::Register(Box::new(introduction))));
    check(&format!("{:?}", Ask::Rename { card: Some(card()), nickname }));
}
