//! Whom a name means, and what is answered where nothing is sent.

use crate::line::{Line, send};
use strowger::core::account::{
    Answer, Context, Event, Incoming, Link, News, Progress, Refusal, Settings, Wish,
};
use strowger::core::contacts::{ContactId, Supplied};
use strowger::core::{Action, ContactName, Private};

#[test]
fn the_simulator_takes_an_unknown_name_as_it_is() {
    let mut line = Line::simulated().knowing(&["Sarah"]);
    let ask = line.sends("Somebody New", "hi");
    assert_eq!(line.carried[0].name, "Somebody New");
    line.reached(line.carried[0].id, Progress::Simulated);
    assert_eq!(line.sent(ask), Progress::Simulated);
}

#[test]
fn a_bridge_is_not_asked_for_a_name_that_nobody_knows() {
    let mut line = Line::bridged().knowing(&["Sarah"]);
    let ask = line.sends("Zebedee", "hi");
    assert_eq!(*line.refusal(ask), Refusal::NotFound { typed: ContactName::new("Zebedee") });
    assert!(line.carried.is_empty());
}

#[test]
fn a_bridge_is_asked_where_the_hub_has_no_list_to_look_in() {
    let mut line = Line::bridged();
    line.sends("Zebedee", "hi");
    assert_eq!(line.carried[0].name, "Zebedee");
}

#[test]
fn nothing_is_sent_to_one_of_several() {
    let mut line = Line::bridged().knowing(&["John Smith", "John Brown"]);
    let ask = line.says("send john a message saying hello");
    let Refusal::Ambiguous { candidates, .. } = line.refusal(ask) else { panic!("not ambiguous") };
    assert_eq!(candidates.len(), 2);
    assert!(line.carried.is_empty());
}

#[test]
fn one_slip_is_forgiven() {
    let mut line = Line::bridged().knowing(&["John", "Sarah"]);
    line.says("send jonh a message saying hello");
    assert_eq!(line.carried[0].name, "John");
}

#[test]
fn a_context_adds_contacts_for_one_sentence_only() {
    let mut line = Line::bridged().knowing(&["Sarah"]);
    let context = Context { last_contact: None, contacts: vec![Supplied::named("Zebedee")] };
    let sentence = "send zebedee a message saying hello";
    line.asks(1, None, Wish::Plain { sentence: sentence.into(), context });
    assert_eq!(line.carried[0].name, "Zebedee");
    let ask = line.says(sentence);
    assert_eq!(*line.refusal(ask), Refusal::NotFound { typed: ContactName::new("zebedee") });
}

#[test]
fn him_is_the_last_one_spoken_of_by_anybody() {
    let mut line = Line::bridged().knowing(&["John", "Sarah"]);
    let ask = line.says("tell him I am late");
    assert_eq!(*line.refusal(ask), Refusal::WhichContact);
    line.asks(2, None, send("John", "hello"));
    line.says("tell him I am late");
    assert_eq!(line.account.status().last, Some(ContactName::new("John")));
    line.reached(line.carried[0].id, Progress::Sent);
    assert_eq!((line.carried[1].name.as_str(), line.carried[1].message.as_str()), ("John", "I am late"));
}

#[test]
fn what_takes_an_ai_says_so() {
    let mut line = Line::simulated().knowing(&["John"]);
    for sentence in ["summarize John", "suggest a reply to John"] {
        let ask = line.says(sentence);
        assert_eq!(*line.refusal(ask), Refusal::NoAi, "{sentence}");
    }
    let ask = line.asks(1, None, Wish::Act(Action::Suggest { contact: ContactName::new("John") }));
    assert_eq!(*line.refusal(ask), Refusal::NoAi);
}

#[test]
fn an_empty_message_is_no_message() {
    let mut line = Line::bridged();
    let ask = line.sends("John", "  \n");
    assert_eq!(*line.refusal(ask), Refusal::Empty);
    assert!(line.carried.is_empty());
}

#[test]
fn who_writes_is_a_contact_from_then_on() {
    let mut line = Line::bridged().knowing(&["Sarah"]);
    line.hears("Zebedee", "hello");
    line.says("send zebedee a message saying hi");
    assert_eq!(line.carried[0].name, "Zebedee");
}

#[test]
fn who_writes_is_nobody_else_who_is_called_nearly_so() {
    let mut line = Line::bridged().knowing(&["John", "Sarah Jones"]);
    line.says("turn auto-reply on");
    for name in ["Jon", "Sarah"] {
        line.hears(name, "hello");
        assert_eq!(line.shown_texts().pop(), Some((name.to_owned(), "hello".to_owned())));
        assert_eq!(line.carried.pop().map(|carried| carried.name).as_deref(), Some(name));
    }
    line.hears("JOHN", "hello");
    assert_eq!(line.shown_texts().pop(), Some(("John".to_owned(), "hello".to_owned())));
}

#[test]
fn every_client_hears_of_every_change() {
    let mut line = Line::simulated();
    line.says("turn auto-reply on");
    line.happens(strowger::core::account::Event::BridgeUp);
    line.happens(strowger::core::account::Event::BridgeDown);
    let told: Vec<_> = line
        .shown
        .iter()
        .filter_map(|news| {
            if let News::Status(status) = news { Some((status.link, status.auto_reply)) } else { None }
        })
        .collect();
    assert_eq!(told, [(Link::Simulated, true), (Link::Up, true), (Link::Down, true)]);
}

#[test]
fn a_session_that_had_a_bridge_never_goes_back_to_the_simulator() {
    let mut line = Line::of(Settings { last: None, auto_reply: false, has_bridge: true });
    let ask = line.sends("John", "hello");
    assert_eq!(*line.refusal(ask), Refusal::Unavailable { maybe: false });
    assert!(line.carried.is_empty());
}

#[test]
fn status_is_answered_at_once() {
    let mut line = Line::simulated().knowing(&["John", "Sarah"]);
    let ask = line.says("status");
    let Answer::Status(status) = line.answer(ask) else { panic!("no status") };
    assert_eq!((status.link, status.contacts), (Link::Simulated, 2));
}

#[test]
fn what_is_too_long_for_the_app_is_refused_before_it_is_handed_over() {
    let mut line = Line::bridged();
    let ask = line.sends("John", &"é".repeat(65_537));
    assert_eq!(*line.refusal(ask), Refusal::TooLong { longest: 65_536 });
    assert!(line.carried.is_empty());
    line.sends("John", &"é".repeat(65_536));
    assert_eq!(line.carried.len(), 1);
}

#[test]
fn nothing_is_called_sent_while_nobody_sends() {
    let mut line = Line::simulated();
    let ask = line.sends("John", "hello");
    line.reached(line.carried[0].id, Progress::Delivered);
    assert_eq!(line.sent(ask), Progress::Simulated);
}

#[test]
fn a_number_means_whose_it_is_and_no_namesake() {
    let mut line = Line::bridged().knowing(&["Sarah +442222221", "Sarah +442222222"]);
    for number in ["+442222222", "+442222221"] {
        for wish in [send(number, "hi"), said(&format!("send {number} a message saying hi"))] {
            line.asks(1, None, wish);
            assert_eq!(line.went_to().as_deref(), Some(number));
        }
    }
    let ask = line.sends("Sarah", "hi");
    let Refusal::Ambiguous { candidates, .. } = line.refusal(ask) else { panic!("not ambiguous") };
    assert_eq!(
        candidates.iter().map(ContactName::as_str).collect::<Vec<_>>(),
        ["Sarah (+442222221)", "Sarah (+442222222)"]
    );
    line.sends("Sarah (+442222222)", "hi");
    assert_eq!(line.went_to().as_deref(), Some("+442222222"));
    assert!(line.carried.is_empty());
}

#[test]
fn an_id_of_the_hub_that_comes_back_is_no_claim() {
    let mut line = Line::bridged().knowing(&["Sarah Jones #name:sarah", "Sarah +2222222"]);
    line.sends("Sarah", "hi");
    assert_eq!(line.went_to().as_deref(), Some("+2222222"));
    line.sends("Sarah Jones", "hi");
    assert_eq!(line.went_to().as_deref(), Some("Sarah Jones"));
}

#[test]
fn a_contact_for_one_sentence_has_its_own_number() {
    let mut line = Line::bridged().knowing(&["Zoe +1111111"]);
    line.says_with("send +2222222 a message saying hi", &["Zoe +2222222"]);
    let carried = line.carried.pop().expect("a send");
    assert_eq!((carried.phone.as_deref(), carried.chat.as_str()), (Some("+2222222"), "number:2222222"));
    let ask = line.says_with("send Zoe a message saying hi", &["Zoe +2222222"]);
    assert!(matches!(line.refusal(ask), Refusal::Ambiguous { .. }));
    line.says_with("send Bob a message saying hi", &["Bob +3333333"]);
    assert_eq!(line.went_to().as_deref(), Some("+3333333"));
}

#[test]
fn of_two_numbers_the_typed_one_counts() {
    let mut line = Line::bridged().knowing(&["Anna +1111111 #a", "Anna +2222222 #a"]);
    line.sends("+2222222", "hi");
    assert_eq!(line.went_to().as_deref(), Some("+2222222"));
    line.says("tell her that I am late");
    assert_eq!(line.went_to().as_deref(), Some("+2222222"));
    line.sends("Anna", "hi");
    assert_eq!(line.went_to().as_deref(), Some("+1111111"));
}

#[test]
fn a_number_is_carried_to_nobody_who_has_nearly_the_same() {
    let mut line = Line::bridged().knowing(&["John"]);
    line.hears("+491701234567", "hello");
    for typed in ["+491701234568", "5551", "1", "+49 170 123456"] {
        let ask = line.sends(typed, "hi");
        assert_eq!(*line.refusal(ask), Refusal::NotFound { typed: ContactName::new(typed) });
    }
    assert!(line.carried.is_empty());
    line.sends("+49 170 1234567", "hi");
    assert_eq!(line.went_to().as_deref(), Some("+491701234567"));
}

#[test]
fn him_is_nobody_who_is_only_called_nearly_so() {
    let mut line = Line::bridged().knowing(&["Jon", "Sarah"]);
    line.sends("Jon", "hi");
    line.supplies(&["John", "Jon Snow", "Sarah"]);
    let ask = line.says("tell him that I am late");
    assert_eq!(*line.refusal(ask), Refusal::WhichContact);
    assert_eq!(line.carried.len(), 1);
}

#[test]
fn him_is_no_namesake_with_another_number() {
    let mut line = Line::bridged().knowing(&["Sarah +1111111"]);
    line.sends("Sarah", "hi");
    assert_eq!(line.went_to().as_deref(), Some("+1111111"));
    line.supplies(&["Sarah +2222222"]);
    let ask = line.says("tell her that I am late");
    assert_eq!(*line.refusal(ask), Refusal::WhichContact);
    line.supplies(&["Sarah +2222222", "Sarah +1111111"]);
    line.says("tell her that I am late");
    assert_eq!(line.went_to().as_deref(), Some("+1111111"));
}

#[test]
fn a_last_contact_in_the_context_is_no_slip() {
    let mut line = Line::bridged().knowing(&["John", "Sarah Jones"]);
    let mut says = |last: &str| {
        let context = Context { last_contact: Some(ContactName::new(last)), contacts: Vec::new() };
        let sentence = "tell them that I am late".into();
        let ask = line.asks(1, None, Wish::Plain { sentence, context });
        line.carried.pop().map_or_else(|| Err(line.refusal(ask).clone()), |carried| Ok(carried.name))
    };
    assert_eq!(says("Johm"), Err(Refusal::WhichContact));
    assert_eq!(says("sarah"), Ok("Sarah Jones".to_owned()));
}

#[test]
fn a_reply_to_nobody_is_for_nobody_if_another_one_wrote() {
    let mut line = Line::bridged().knowing(&["John", "Mike"]);
    line.sends("John", "hi");
    assert_eq!(line.went_to().as_deref(), Some("John"));
    line.hears("Mike", "are you there?");
    for sentence in ["reply saying yes", "reply yes"] {
        let ask = line.says(sentence);
        assert_eq!(*line.refusal(ask), Refusal::WhichContact);
    }
    line.says("reply to Mike yes");
    assert_eq!(line.went_to().as_deref(), Some("Mike"));
    line.says("reply saying yes");
    assert_eq!(line.went_to().as_deref(), Some("Mike"));
}

#[test]
fn an_object_may_name_an_id_and_no_pronoun() {
    let mut line = Line::bridged().knowing(&["Bob #b1", "Bob #b2"]);
    line.sends("b2", "hi");
    assert_eq!(line.carried.pop().map(|carried| carried.chat).as_deref(), Some("b2"));
    for name in ["him", "Her", "the same"] {
        let ask = line.sends(name, "hi");
        assert_eq!(*line.refusal(ask), Refusal::WhichContact, "{name}");
    }
    assert!(line.carried.is_empty());
    let mut odd = Line::bridged().knowing(&["Bob #Mike", "Mike"]);
    let ask = odd.sends("Mike", "hi");
    assert!(matches!(odd.refusal(ask), Refusal::Ambiguous { .. }));
}

#[test]
fn who_is_only_asked_about_and_not_known_is_not_him() {
    let mut line = Line::simulated().knowing(&["John"]);
    line.sends("John", "hi");
    for sentence in ["show messages from yesterday", "what did my boss say last?"] {
        line.says(sentence);
        assert_eq!(line.account.status().last, Some(ContactName::new("John")), "{sentence}");
    }
    line.says("read Sarah's messages");
    line.says("send Sarah a message saying hi");
    assert_eq!(line.account.status().last, Some(ContactName::new("Sarah")));
}

#[test]
fn a_sentence_that_names_nobody_says_so() {
    let mut line = Line::bridged().knowing(&["John"]);
    let ask = line.says("text Bob are you there?");
    assert_eq!(*line.refusal(ask), Refusal::UnknownName);
}

#[test]
fn a_sentence_brings_no_more_contacts_than_a_thousand() {
    let names: Vec<String> = (0..1_001).map(|i| format!("Person {i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut line = Line::bridged().knowing(&["John"]);
    let ask = line.says_with("send John a message saying hi", &names);
    assert_eq!(*line.refusal(ask), Refusal::TooManyContacts { most: 1_000 });
    line.supplies(&names);
    line.says_with("send Person 7 a message saying hi", &names);
    assert_eq!(line.went_to().as_deref(), Some("Person 7"), "they are known");
}

fn said(sentence: &str) -> Wish {
    Wish::Plain { sentence: sentence.into(), context: Context::default() }
}

#[test]
fn him_has_no_number_that_the_simulator_made_up() {
    let mut line = Line::simulated();
    let contact = Supplied { phone: Some("+44 20 7946 0958".into()), ..Supplied::named("Mom") };
    line.happens(Event::Received(Incoming { contact, message: "hello".into(), id: None, fresh: 5 }));
    line.says("tell Mom that I am here");
    line.reached(line.carried[0].id, Progress::Simulated);
    line.happens(Event::BridgeUp);
    line.happens(Event::Supplied(vec![Supplied::named("Mom")]));
    line.says("tell her that I am late");
    let carried = line.carried.last().expect("something was handed over");
    assert_eq!((carried.message.as_str(), &carried.phone), ("I am late", &None));
}

#[test]
fn an_answer_weighs_all_that_is_in_it() {
    let long = "x".repeat(1_000);
    let (name, phone) = (ContactName::new(long.as_str()), Some(Private::from(long.as_str())));
    let mut line = Line::simulated();
    let contacts = (0..400).map(|number| Supplied {
        name: ContactName::new(format!("{number} {long}")),
        phone: phone.clone(),
        id: Some(ContactId::new(format!("{number} {long}"))),
    });
    line.happens(Event::Supplied(contacts.collect()));
    let (mut after, mut seen) = (None, 0);
    loop {
        let ask = line.asks(1, None, Wish::Contacts { query: None, after: after.take(), count: 400 });
        let answer = line.answer(ask).clone();
        let weight = answer.weight();
        let Answer::Contacts { contacts, after: next, .. } = answer else { panic!("no contacts") };
        assert!(weight >= contacts.len() * 3_000 && weight <= 256 << 10, "{weight} of {}", contacts.len());
        seen += contacts.len();
        after = next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, 400);
    let refused = |why| Answer::Refused { action: None, contact: None, why };
    let heavy = [
        refused(Refusal::NotFound { typed: name.clone() }),
        refused(Refusal::Ambiguous { typed: ContactName::new("x"), candidates: vec![name.clone()] }),
        Answer::Listed { contacts: vec![name.clone()], total: 1 },
        Answer::Found { query: "x".into(), messages: Vec::new(), contacts: Some(vec![name]) },
    ];
    assert!(heavy.iter().all(|answer| answer.weight() >= 1_000));
}
