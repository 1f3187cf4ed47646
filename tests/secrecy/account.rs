//! The account that a session shares, what it is told, and what it wants done.

use crate::{SECRET, check};
use strowger::core::account::{
    Account, Answer, Asker, Context, Event, Incoming, Moment, News, OrderId, Progress, Refusal, Request,
    Rules, Settings, Wish,
};
use strowger::core::contacts::Supplied;
use strowger::core::{Action, ContactId, ContactName, Contacts, Millis};

#[test]
fn an_account_and_what_it_is_told_print_nothing() {
    let rules = Rules { patience: Millis(0), auto_reply: SECRET.into(), ai: None };
    let mut account = Account::new(rules, Contacts::default(), Settings::default());
    let contact = Supplied::named(SECRET);
    let incoming = Incoming { contact, message: SECRET.into(), id: Some(SECRET.into()), fresh: 1 };
    let by = Asker { registration: 1, ask: 1, request_id: Some(SECRET.into()) };
    let send = Action::Send { contact: ContactName::new(SECRET), message: SECRET.into(), confirm: None };
    let request = Request { wish: Wish::Act(send), body: 1, fresh: 2 };
    let mut deeds = Vec::new();
    for event in [Event::BridgeUp, Event::Received(incoming), Event::Asked { by, request }, Event::BridgeDown]
    {
        check(&format!("{event:?}"));
        account.handle(Moment { now: Millis(1), wall: 1 }, event, &mut deeds);
    }
    check(&format!("{account:?} {deeds:?}"));
    let id = || Some(ContactId::new(SECRET));
    check(&format!("{:?}", Answer::History { conversation: id(), messages: Vec::new(), before: None }));
    check(&format!("{:?}", Answer::Contacts { contacts: Vec::new(), total: 0, after: id() }));
    check(&format!("{:?}", Refusal::Backend { code: SECRET.into(), text: SECRET.into() }));
    check(&format!("{:?}", Refusal::Unconfirmed { code: Some(SECRET.into()), message: Some(SECRET.into()) }));
    let request_id = Some(SECRET.into());
    check(&format!(
        "{:?}",
        News::Progress { id: OrderId(1), request_id, progress: Progress::Sent, why: None, at: 0 }
    ));
}

#[test]
fn what_an_ai_is_asked_and_says_prints_nothing() {
    let rules = Rules { patience: Millis(0), auto_reply: SECRET.into(), ai: Some("openai") };
    let mut account = Account::new(rules, Contacts::default(), Settings::default());
    let context = Context { last_contact: Some(ContactName::new(SECRET)), contacts: Vec::new() };
    let mut deeds = Vec::new();
    for wish in [
        Wish::Ask {
            prompt: SECRET.into(),
            context: Some(SECRET.into()),
            service: Some(SECRET.into()),
            streams: true,
        },
        Wish::Plain { sentence: SECRET.into(), context },
        Wish::Summary { contact: None, conversation: Some(ContactId::new(SECRET)) },
        Wish::Act(Action::Suggest { contact: ContactName::new(SECRET) }),
        Wish::Recall { target: SECRET.into() },
    ] {
        check(&format!("{wish:?}"));
        let by = Asker { registration: 1, ask: 1, request_id: None };
        let request = Request { wish, body: 1, fresh: 2 };
        account.handle(Moment { now: Millis(1), wall: 1 }, Event::Asked { by, request }, &mut deeds);
    }
    assert_eq!(deeds.len(), 5);
    check(&format!("{deeds:?}"));
    let name = ContactName::new(SECRET);
    for answer in [
        Answer::Said { text: SECRET.into(), service: "openai", tokens: [1, 2], is_cut: false },
        Answer::Summary { with: Some(name.clone()), text: SECRET.into(), messages: 1 },
        Answer::Suggested { name, replies: vec![SECRET.into()] },
        Answer::Recalled { target: SECRET.into() },
    ] {
        check(&format!("{answer:?}"));
    }
    check(&format!(
        "{:?}",
        News::Delta { request_id: Some(SECRET.into()), answer: OrderId(1), delta: SECRET.into(), end: None }
    ));
}
