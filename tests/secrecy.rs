//! What people write, who they are, and what they come back with cannot be printed by accident: `Debug` shows none
//! of it.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::sync::{Arc, OnceLock};
use strowger::core::mask::Masker;
use strowger::core::{
    Answer, ContactHead, Effect, Input, Line, Nickname, NodeId, Notice, Reply, State, Tags, TokenHash, Verb,
};
use strowger::core::{Call, ConnId, PairId};
use strowger::hub::{
    Ask, Broadcast, Card, Introduction, Letter, Pending, Receipt, Refused, Returning, Shared, Token, Unshown,
};
use strowger::wire::Frame;

const SECRET: &str = "marzipan";

fn check(shown: &str) {
    assert!(!shown.contains(SECRET), "{shown}");
}

fn conn() -> ConnId {
    ConnId { node: NodeId(1), serial: 7 }
}

#[test]
fn frames_print_only_their_kind() {
    for frame in [
        r#"{"type":"chat_message","message":"marzipan","request_id":"marzipan"}"#,
        r#"{"type":"register","client_id":"marzipan","client_name":"marzipan","nickname":"marzipan"}"#,
        r#"{"type":"contact_list_update","contacts":["marzipan",{"name":"marzipan"}]}"#,
    ] {
        check(&format!("{:?}", Frame::read(frame).expect("a good frame")));
    }
}

#[test]
fn rejections_print_only_their_code() {
    for frame in [
        r#"{"type":"marzipan"}"#,
        r#"{"type":"chat_typing","active":"marzipan"}"#,
        r#"{"type":"marzipan" x}"#,
    ] {
        check(&format!("{:?}", Frame::read(frame).expect_err("a bad frame")));
    }
}

#[test]
fn typed_lines_print_only_what_kind_they_are() {
    let masker = Masker::default();
    for line in ["#meet marzipan", "#report marzipan", "marzipan", "#bye marzipan"] {
        check(&format!("{:?}", Line::read(line, &masker)));
    }
}

#[test]
fn names_tags_and_contacts_print_nothing_in_inputs_and_effects() {
    let masker = Masker::default();
    let nickname = Nickname::clean(SECRET, &masker).expect("a nickname");
    let contacts = ContactHead::of([SECRET].into_iter());
    let tags = Tags::parse(SECRET, &masker).expect("tags");
    check(&format!("{tags:?}"));
    check(&format!("{:?}", Input::Renamed { conn: conn(), nickname: nickname.clone(), token: TokenHash(7) }));
    check(&format!("{:?}", Input::ContactsReplaced { conn: conn(), contacts: contacts.clone() }));
    let call = Call { pair: PairId(1), partner: conn(), nickname: nickname.clone(), is_news: true, turn: 0 };
    let reply = Reply {
        verb: Verb::Who,
        notice: Notice::Partner(nickname.clone()),
        state: State::Paired(nickname.clone()),
    };
    for effect in [
        Effect::Connect { to: conn(), call },
        Effect::Tell { to: conn(), notice: Notice::Connected(nickname) },
        Effect::Answer { to: conn(), answer: Answer::Command(reply) },
        Effect::Share { to: vec![conn()], contacts },
    ] {
        check(&format!("{effect:?}"));
    }
}

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
