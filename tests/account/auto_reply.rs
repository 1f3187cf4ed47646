//! What the account says by itself, and what keeps two such accounts from talking for ever.

use crate::line::{AWAY, Line, PATIENCE};
use strowger::core::account::{Event, Incoming, News, Progress, Record};
use strowger::core::contacts::{ContactId, Supplied};
use strowger::core::{ContactName, Millis};

const HOUR: Millis = Millis::seconds(3_600);

fn line() -> Line {
    let mut line = Line::bridged().knowing(&["John", "Sarah"]);
    line.says("turn auto-reply on");
    line
}

#[test]
fn whoever_writes_is_answered_once_an_hour() {
    let mut line = line();
    line.hears("John", "are you there?");
    assert_eq!(line.carried.len(), 1);
    assert_eq!((line.carried[0].name.as_str(), line.carried[0].message.as_str()), ("John", AWAY));
    line.reached(line.carried[0].id, Progress::Sent);
    line.hears("John", "hello?");
    assert_eq!(line.carried.len(), 1);
    line.passes(HOUR);
    line.hears("John", "HELLO?");
    assert_eq!(line.carried.len(), 2);
}

#[test]
fn everybody_has_an_hour_of_their_own() {
    let mut line = line();
    line.hears("John", "are you there?");
    line.hears("Sarah", "are you there?");
    assert_eq!(line.carried.len(), 2);
}

#[test]
fn no_machine_speaks_where_a_person_just_did() {
    let mut line = line();
    line.sends("John", "I am here");
    line.reached(line.carried[0].id, Progress::Sent);
    line.hears("John", "good");
    assert_eq!(line.carried.len(), 1);
}

#[test]
fn nothing_is_said_while_it_is_off() {
    let mut line = line();
    line.says("turn auto-reply off");
    line.hears("John", "are you there?");
    assert!(line.carried.is_empty());
}

#[test]
fn two_accounts_that_answer_each_other_stop() {
    let (mut ours, mut theirs) = (line(), line());
    theirs.hears("John", "a first word");
    for _ in 0..10 {
        let (said, answered) = (theirs.carried.len(), ours.carried.len());
        if let Some(carried) = theirs.carried.get(answered) {
            let text = carried.message.clone();
            ours.hears("John", &text);
        }
        if let Some(carried) = ours.carried.get(said) {
            let text = carried.message.clone();
            theirs.hears("John", &text);
        }
    }
    assert!(ours.carried.len() + theirs.carried.len() <= 2);
}

#[test]
fn a_reply_that_nobody_acknowledges_is_not_said_again() {
    let mut line = line();
    line.hears("John", "are you there?");
    line.passes(PATIENCE);
    line.happens(Event::BridgeDown);
    line.happens(Event::BridgeUp);
    line.hears("John", "hello?");
    assert_eq!(line.carried.len(), 1);
}

#[test]
fn a_message_that_is_reported_twice_came_once() {
    let mut line = line();
    for _ in 0..2 {
        let incoming = Incoming {
            contact: Supplied::named("John"),
            message: "hello".into(),
            id: Some("wamid.1".into()),
            fresh: 77,
        };
        line.happens(Event::Received(incoming));
    }
    assert_eq!(line.shown_texts().iter().filter(|(_, text)| text == "hello").count(), 1);
}

fn contact(name: &str, phone: Option<&str>, id: Option<&str>) -> Supplied {
    Supplied { name: ContactName::new(name), phone: phone.map(Into::into), id: id.map(ContactId::new) }
}

/// A message of somebody of whom the bridge says so much; under which chat it is kept.
fn writes(line: &mut Line, contact: Supplied) -> String {
    let fresh = 5_000_000 + line.kept.len() as u128 * 16;
    line.happens(Event::Received(Incoming { contact, message: "hello".into(), id: None, fresh }));
    let kept = line.kept.iter().rev().find_map(|record| match record {
        Record::Message { chat, .. } => Some(chat.as_str().to_owned()),
        _ => None,
    });
    kept.expect("a message")
}

/// Two contacts of one name, and a line that answers by itself.
fn two_sarahs() -> Line {
    let mut line = line();
    let list = ["+15550001", "+15550002"].map(|phone| contact("Sarah", Some(phone), None));
    line.happens(Event::Supplied(list.into()));
    line
}

#[test]
fn who_could_be_one_of_several_is_nobody_of_them_and_gets_no_answer() {
    let mut line = two_sarahs();
    let chat = writes(&mut line, contact("Sarah", None, None));
    assert!(line.account.contacts().get(&ContactId::new(chat)).is_none());
    assert!(line.carried.is_empty());
    assert_eq!(line.account.contacts().len(), 2);
}

#[test]
fn a_number_says_which_of_several_it_is() {
    for (phone, place) in [("+1 555 0001", 0), ("15550002", 1)] {
        let mut line = two_sarahs();
        let chat = writes(&mut line, contact("Sarah", Some(phone), None));
        let expected = line.account.contacts().iter().nth(place).expect("a Sarah").id.clone();
        assert_eq!(chat, expected.as_str());
        assert_eq!(line.carried.len(), 1, "{phone}");
    }
}

#[test]
fn an_id_says_which_of_several_it_is() {
    let mut line = two_sarahs();
    let second = line.account.contacts().iter().nth(1).expect("a Sarah").id.clone();
    let chat = writes(&mut line, contact("Sarah", None, Some(second.as_str())));
    assert_eq!((chat.as_str(), line.carried.len()), (second.as_str(), 1));
    let chat = writes(&mut line, contact("Sarah", None, Some("wa-3")));
    assert_eq!((chat.as_str(), line.carried.len()), ("wa-3", 2), "a third one");
    assert_eq!(line.account.contacts().len(), 3);
}

#[test]
fn a_number_is_the_same_person_however_it_is_written() {
    let mut line = Line::bridged();
    let numbers = ["+15551234567", "+1 555 123 4567", "15551234567", "+1 (555) 123-4567"];
    let chats: Vec<_> = numbers.map(|number| writes(&mut line, contact(number, None, None))).into();
    assert!(chats.iter().all(|chat| *chat == chats[0]), "{chats:?}");
    let contacts: Vec<_> = line.account.contacts().iter().collect();
    assert_eq!(contacts.len(), 1);
    assert_eq!(contacts[0].phone, Some("+15551234567".into()));
}

#[test]
fn each_new_contact_is_kept_by_itself_and_once() {
    let mut line = Line::bridged();
    line.kept.clear();
    for name in ["John", "Sarah", "John", "john"] {
        line.hears(name, "hello");
    }
    let learned = |record: &&Record| matches!(record, Record::Learned(_));
    let lists = |record: &&Record| matches!(record, Record::Supplied(_));
    assert_eq!(line.kept.iter().filter(learned).count(), 2);
    assert_eq!(line.kept.iter().filter(lists).count(), 0);
    let mut line = two_sarahs();
    line.kept.clear();
    for _ in 0..3 {
        line.hears("Sarah", "hello");
    }
    assert_eq!(line.kept.len(), 3, "the messages, and nothing of contacts");
}

#[test]
fn what_a_simulator_made_up_is_neither_kept_nor_given_to_a_bridge() {
    let mut line = Line::simulated();
    line.hears("Echo", "hello");
    assert!(!line.kept.iter().any(|record| matches!(record, Record::Learned(_))));
    line = line.knowing(&["John"]);
    line.happens(Event::BridgeUp);
    let names: Vec<_> = line.account.contacts().iter().map(|contact| contact.name.as_str()).collect();
    assert_eq!(names, ["John"]);
    line.hears("Jane", "hello");
    line.happens(Event::BridgeDown);
    line.happens(Event::BridgeUp);
    assert_eq!(line.account.contacts().len(), 2, "what a bridge brought stays");
    assert!(line.shown.iter().any(|news| matches!(news, News::Status(_))));
}

#[test]
fn who_is_known_by_a_made_id_is_not_who_has_the_name_by_now() {
    let mut line = two_sarahs();
    let first = line.account.contacts().iter().next().expect("a Sarah").id.clone();
    line.happens(Event::Supplied(vec![contact("Sarah", Some("+15550002"), None)]));
    let chat = writes(&mut line, contact("Sarah", None, Some(first.as_str())));
    let of = |line: &Line, phone: &str| {
        let mut contacts = line.account.contacts().iter();
        let found =
            contacts.find(|one| one.phone.as_ref().is_some_and(|known| known.as_str().contains(phone)));
        found.expect("a Sarah").id.clone()
    };
    assert_ne!(chat, of(&line, "15550002").as_str());
    assert_eq!(chat, of(&line, "15550001").as_str(), "somebody else, who is a contact from then on");
    assert_eq!(line.carried[0].phone.as_deref(), Some("15550001"));
}

#[test]
fn who_has_several_numbers_is_answered_where_they_wrote_from() {
    for wrote_from in ["+1 555 0001", "+1 555 0002"] {
        let mut line = line();
        let list = ["+1 555 0001", "+1 555 0002"].map(|phone| contact("Ann", Some(phone), Some("crm-1")));
        line.happens(Event::Supplied(list.into()));
        writes(&mut line, contact("Ann", Some(wrote_from), None));
        assert_eq!(line.account.contacts().len(), 1);
        assert_eq!(line.carried[0].phone.as_deref(), Some(wrote_from));
    }
}

#[test]
fn what_is_no_number_makes_nobody_somebody_else() {
    let mut line = line();
    let chat = writes(&mut line, contact("Eve", Some("John"), None));
    assert_eq!(chat, "name:eve", "not John, who is called as her number is");
    assert_eq!(writes(&mut line, contact("Eve", Some("John"), None)), chat, "she has a chat of her own");
    assert_ne!(writes(&mut line, contact("Eve", Some("another"), None)), chat);
    writes(&mut line, contact("007", None, None));
    let agent = line.account.contacts().iter().last().expect("a contact");
    assert_eq!((agent.name.as_str(), &agent.phone), ("007", &None), "three digits are no number to call");
}

#[test]
fn nobody_has_the_id_of_those_who_could_be_several() {
    let mut line = two_sarahs();
    let chat = writes(&mut line, contact("Sarah", None, None));
    let mut list: Vec<_> = ["+15550001", "+15550002"].map(|phone| contact("Sarah", Some(phone), None)).into();
    list.push(contact("Eve", None, Some(&chat)));
    line.happens(Event::Supplied(list));
    assert!(line.account.contacts().get(&ContactId::new(chat)).is_none());
}
