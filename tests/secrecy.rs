//! What people write, who they are, and what they come back with cannot be printed by accident: `Debug` shows none
//! of it.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "secrecy/account.rs"]
mod account;
#[cfg(feature = "server")]
#[path = "secrecy/client.rs"]
mod client;
#[cfg(feature = "server")]
#[path = "secrecy/hub.rs"]
mod hub;

use strowger::core::contacts::{Names, Supplied};
use strowger::core::mask::Masker;
use strowger::core::plain::{self, Book};
use strowger::core::{
    Answer, ContactHead, ContactId, Contacts, Effect, Input, Line, Nickname, NodeId, Notice, Reply, State,
    Tags, TokenHash, Verb,
};
use strowger::core::{Call, ConnId, PairId};
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
    let call = Call {
        pair: PairId(1),
        partner: conn(),
        nickname: nickname.clone(),
        is_news: true,
        turn: 0,
        masking: true,
    };
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

#[test]
fn contacts_and_what_is_wanted_of_them_print_nothing() {
    let mut contacts = Contacts::default();
    let supplied =
        Supplied { phone: Some(SECRET.into()), id: Some(ContactId::new(SECRET)), ..Supplied::named(SECRET) };
    check(&format!("{supplied:?}"));
    contacts.replace_supplied(std::iter::once(supplied));
    check(&format!("{contacts:?} {:?} {:?}", contacts.iter().next(), contacts.resolve(SECRET, &[])));
    let names = Names::new(&contacts, &[]);
    let book = Book { names: &names, last: None, wrote_else: false };
    for sentence in
        ["send marzipan a message saying marzipan", "search marzipan", "read marzipan", "marzipan"]
    {
        check(&format!("{:?}", plain::read(sentence, &book)));
    }
}
