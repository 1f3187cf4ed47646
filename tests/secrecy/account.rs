//! The account that a session shares, what it is told, and what it wants done.

use crate::{SECRET, check};
use strowger::core::account::{
    Account, Answer, Asker, Event, Incoming, Moment, News, OrderId, Progress, Refusal, Request, Rules,
    Settings, Wish,
};
use strowger::core::contacts::Supplied;
use strowger::core::{Action, ContactId, ContactName, Contacts, Millis};

#[test]
fn an_account_and_what_it_is_told_print_nothing() {
    let rules = Rules { patience: Millis(0), auto_reply: SECRET.into() };
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
    let request_id = Some(SECRET.into());
    check(&format!(
        "{:?}",
        News::Progress { id: OrderId(1), request_id, progress: Progress::Sent, why: None, at: 0 }
    ));
}
