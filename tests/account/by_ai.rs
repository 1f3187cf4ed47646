//! What an AI says of a sentence or a conversation, and how little comes of it.

use crate::line::{AWAY, Line, send};
use strowger::core::account::{Answer, Context, Event, NoAnswer, Progress, Prompt, Proposed, Refusal, Wish};
use strowger::core::contacts::ContactId;
use strowger::core::{Action, ContactName, Millis};

const HOUR: Millis = Millis::seconds(3_600);

fn line() -> Line {
    Line::thoughtful().knowing(&["John Smith", "Eve +15550100", "Will"])
}

fn proposal(contact: &str, message: &str) -> Action {
    Action::Send { contact: ContactName::new(contact), message: message.into(), confirm: None }
}

/// Somebody says what no rule knows, and an AI proposes this.
fn proposed(line: &mut Line, sentence: &str, action: Option<Action>) -> u64 {
    let ask = line.says(sentence);
    let Some((Some(by), Prompt::Sentence(sentence))) = line.consulted.pop() else {
        panic!("no AI is asked what {sentence:?} means")
    };
    assert_eq!(by.ask, ask);
    let proposal = action.map_or(Proposed::Nothing, Proposed::Action);
    line.happens(Event::Proposed { by, sentence, proposal });
    ask
}

/// An AI would send something, and whoever asked has to confirm it; returns the code.
fn unconfirmed(line: &Line, ask: u64) -> String {
    assert!(line.carried.is_empty(), "nothing is sent");
    match line.refusal(ask) {
        Refusal::Unconfirmed { code: Some(code), message: Some(_) } => code.as_str().to_owned(),
        other => panic!("{other:?}"),
    }
}

fn confirms(name: &str, message: &str, code: &str) -> Wish {
    let (contact, message) = (ContactName::new(name), message.into());
    Wish::Act(Action::Send { contact, message, confirm: Some(code.into()) })
}

#[test]
fn what_the_rules_understand_is_put_to_nobody() {
    let mut line = line();
    line.says("send john a message saying hello");
    assert_eq!((line.carried.len(), line.consulted.len()), (1, 0));
    line.says("/nonsense");
    line.says("send him a message saying hello");
    assert_eq!(line.consulted.len(), 0, "what begins with a slash is no sentence, and John was spoken of");
}

#[test]
fn without_an_ai_the_rules_say_no() {
    let mut line = Line::bridged().knowing(&["John"]);
    let ask = line.says("would somebody give john a shout about dinner");
    assert_eq!(*line.refusal(ask), Refusal::NotUnderstood);
    assert!(line.consulted.is_empty());
}

#[test]
fn a_contact_that_the_sentence_names_is_written_to() {
    for (sentence, contact) in [
        ("would you be so kind and give john a shout that dinner is ready", "john"),
        ("would you be so kind and give JOHN a shout that dinner is ready", "John Smith"),
        ("could smith be told somehow that dinner is ready, if you please", "Smith"),
        ("get a word to +1 555 0100 somehow that dinner is ready", "+1 555 0100"),
    ] {
        let mut line = line();
        proposed(&mut line, sentence, Some(proposal(contact, "Dinner is ready.")));
        let names: Vec<_> = line.carried.iter().map(|carried| carried.name.as_str()).collect();
        let expected = if contact.starts_with('+') { "Eve" } else { "John Smith" };
        assert_eq!(names, [expected], "{sentence}");
        assert_eq!(line.carried[0].message, "Dinner is ready.");
    }
}

#[test]
fn a_contact_that_the_sentence_does_not_name_has_to_be_confirmed() {
    for sentence in [
        "would you be so kind and give my brother a shout that dinner is ready",
        "whatever you do with johnny's dinner, do it now",
        "what do you make of this: give john a shout that dinner is ready",
        "and this \u{201c}give john a shout that dinner is ready\u{201d}, what of it",
        "make something of this\ngive john a shout that dinner is ready",
    ] {
        let mut line = line();
        let ask = proposed(&mut line, sentence, Some(proposal("John", "Dinner is ready.")));
        let code = unconfirmed(&line, ask);
        let ask = line.asks(1, None, confirms("John Smith", "Dinner is ready.", &code));
        line.reached(line.carried[0].id, Progress::Sent);
        assert_eq!(line.sent(ask), Progress::Sent, "{sentence}");
    }
}

#[test]
fn no_part_of_a_word_and_no_pronoun_is_a_name() {
    for (contact, sentence) in [
        ("to", "see to it that dinner is served"),
        ("joh", "whatever joh is, see to it that dinner is served"),
        ("him", "have him know by some means that dinner is ready"),
    ] {
        let mut line = Line::thoughtful().knowing(&["Tom Jones", "John Smith"]);
        line.says("read john messages");
        let ask = proposed(&mut line, sentence, Some(proposal(contact, "Dinner is ready.")));
        unconfirmed(&line, ask);
    }
}

#[test]
fn only_what_was_proposed_is_confirmed_by_whom_it_was_proposed_to_and_in_time() {
    let sentence = "would you be so kind and give my brother a shout that dinner is ready";
    let mut line = line();
    let ask = proposed(&mut line, sentence, Some(proposal("John", "Dinner is ready.")));
    let code = unconfirmed(&line, ask);
    for wish in [
        confirms("Eve", "Dinner is ready.", &code),
        confirms("John Smith", "Dinner is cold.", &code),
        confirms("John Smith", "Dinner is ready.", "another"),
    ] {
        let ask = line.asks(1, None, wish);
        assert_eq!(*line.refusal(ask), Refusal::NotProposed);
    }
    let ask = line.asks(2, None, confirms("John Smith", "Dinner is ready.", &code));
    assert_eq!(*line.refusal(ask), Refusal::NotProposed, "somebody else");
    line.passes(Millis::seconds(600));
    let ask = line.asks(1, None, confirms("John Smith", "Dinner is ready.", &code));
    assert_eq!(*line.refusal(ask), Refusal::NotProposed, "too late");
    assert!(line.carried.is_empty());
    line.asks(1, None, send("John Smith", "Dinner is ready."));
    assert_eq!(line.carried.len(), 1, "what is asked for as an object needs no code");
}

#[test]
fn who_is_unknown_or_could_be_several_is_written_nothing() {
    let mut line = line();
    line.supplies(&["Ann Lee", "Ann Ruiz"]);
    let ask = proposed(&mut line, "would somebody give ann a shout", Some(proposal("Ann", "hi")));
    assert!(matches!(line.refusal(ask), Refusal::Ambiguous { .. }));
    let ask = proposed(&mut line, "would somebody give zoe a shout", Some(proposal("Zoe", "hi")));
    assert!(matches!(line.refusal(ask), Refusal::NotFound { .. }));
    assert!(line.carried.is_empty());
}

#[test]
fn what_only_shows_something_is_for_whom_the_sentence_names_too() {
    let mut line = line();
    let read = |name: &str| Action::Summary { contact: ContactName::new(name) };
    let ask = proposed(&mut line, "how did it go with my brother then", Some(read("John")));
    assert_eq!(*line.refusal(ask), Refusal::Unconfirmed { code: None, message: None });
    proposed(&mut line, "how did it go with john then", Some(read("John")));
    let (_, prompt) = line.consulted.pop().expect("a question");
    assert!(
        matches!(prompt, Prompt::Summary { with: Some(target), .. } if target.name.as_str() == "John Smith")
    );
}

#[test]
fn answering_by_itself_is_not_for_an_ai_to_begin_or_end() {
    let mut line = line();
    for on in [true, false] {
        let ask =
            proposed(&mut line, "be so good and answer people in my place", Some(Action::AutoReply(on)));
        assert_eq!(*line.refusal(ask), Refusal::NotUnderstood);
    }
}

#[test]
fn a_sentence_that_nobody_could_read_may_come_again() {
    let mut line = line();
    let wish = || Wish::Plain { sentence: "give john a shout somehow".into(), context: Context::default() };
    for times in 1..3 {
        let ask = line.asks(1, Some("a"), wish());
        assert_eq!(line.consulted.len(), times, "it is put again");
        let Some((Some(by), Prompt::Sentence(sentence))) = line.consulted.last().cloned() else {
            panic!("no sentence")
        };
        line.happens(Event::Proposed { by, sentence, proposal: Proposed::NoAnswer });
        assert_eq!(*line.refusal(ask), Refusal::NotUnderstood);
    }
}

#[test]
fn who_was_brought_along_with_a_sentence_can_be_confirmed() {
    let mut line = line();
    let ask = line.says_with("give my sister a shout that dinner is ready", &["Zoe +15550177 #crm-9"]);
    let Some((Some(by), Prompt::Sentence(sentence))) = line.consulted.pop() else { panic!("no sentence") };
    let proposal = Proposed::Action(proposal("Zoe", "Dinner is ready."));
    line.happens(Event::Proposed { by, sentence, proposal });
    let code = unconfirmed(&line, ask);
    line.asks(1, None, confirms("Zoe", "Dinner is ready.", &code));
    assert_eq!(line.carried[0].phone.as_deref(), Some("+15550177"));
    let again = line.asks(1, None, confirms("Zoe", "Dinner is ready.", &code));
    assert_eq!(*line.refusal(again), Refusal::NotProposed, "once");
}

#[test]
fn what_could_not_be_sent_may_be_confirmed_again() {
    let mut line = line();
    let sentence = "would you be so kind and give my brother a shout that dinner is ready";
    let ask = proposed(&mut line, sentence, Some(proposal("John", "Dinner is ready.")));
    let code = unconfirmed(&line, ask);
    line.happens(Event::BridgeDown);
    let ask = line.asks(1, Some("a"), confirms("John", "Dinner is ready.", &code));
    assert_eq!(*line.refusal(ask), Refusal::Unavailable { maybe: false });
    line.happens(Event::BridgeUp);
    line.asks(1, Some("b"), confirms("John", "Dinner is ready.", &code));
    assert_eq!(line.carried.len(), 1);
    let again = line.asks(1, Some("c"), confirms("John", "Dinner is ready.", &code));
    assert_eq!(*line.refusal(again), Refusal::NotProposed, "once");
}

#[test]
fn what_was_proposed_or_thought_over_with_the_simulator_is_no_bridges() {
    let mut line = Line::simulated_thoughtful();
    let sentence = "would you be so kind and give my brother a shout that dinner is ready";
    let ask = proposed(&mut line, sentence, Some(proposal("Zoe", "Dinner is ready.")));
    let code = unconfirmed(&line, ask);
    line.says("turn auto-reply on");
    let reply = hears(&mut line, "Eve +15550100").expect("a question");
    line.happens(Event::BridgeUp);
    line.happens(reply);
    let ask = line.asks(1, None, confirms("Zoe", "Dinner is ready.", &code));
    assert_eq!(*line.refusal(ask), Refusal::NotProposed);
    assert!(line.carried.is_empty(), "{:?}", line.carried);
    let reply = hears(&mut line, "Eve").expect("another question");
    line.happens(reply);
    assert_eq!(line.carried.len(), 1, "what a bridge brings is answered");
}

#[test]
fn whom_an_ai_looks_at_unasked_is_not_him_from_then_on() {
    let mut line = line();
    line.says("read john messages");
    let read = Action::Summary { contact: ContactName::new("Eve") };
    proposed(&mut line, "what could it be that this wants", Some(read));
    line.says("send him a message saying hello");
    assert_eq!(line.carried[0].name, "John Smith");
}

#[test]
fn a_long_name_and_a_long_sentence_cost_little() {
    let name = vec!["ab"; 80].join(" ");
    let mut line = Line::thoughtful().knowing(&[&name]);
    let sentence = "ab ".repeat(5_000);
    let ask = proposed(&mut line, &sentence, Some(proposal(&name, "hi")));
    unconfirmed(&line, ask);
}

#[test]
fn if_the_ai_makes_nothing_of_it_the_rules_have_the_last_word() {
    let mut line = line();
    let ask = proposed(&mut line, "colourless green ideas sleep furiously", None);
    assert_eq!(*line.refusal(ask), Refusal::NotUnderstood);
}

#[test]
fn the_same_request_is_put_once_and_answered_twice() {
    let mut line = line();
    let wish = || Wish::Summary { contact: Some(ContactName::new("Eve")), conversation: None };
    let asks = [line.asks(1, Some("a"), wish()), line.asks(1, Some("a"), wish())];
    assert_eq!(line.consulted.len(), 1);
    let (by, _) = line.consulted.remove(0);
    let summary = Answer::Summary { with: None, text: "They met.".into(), messages: 2 };
    line.happens(Event::LookedUp { by: by.expect("somebody asked"), answer: summary.clone() });
    let later = line.asks(1, Some("a"), wish());
    assert!(asks.into_iter().chain([later]).all(|ask| *line.answer(ask) == summary));
    assert!(line.consulted.is_empty());
}

#[test]
fn without_an_ai_there_are_no_summaries_and_no_suggestions() {
    let mut line = Line::bridged().knowing(&["John"]);
    for sentence in ["summarize my chat with john", "what should i reply to john"] {
        let ask = line.says(sentence);
        assert_eq!(*line.refusal(ask), Refusal::NoAi);
    }
    let ask = line.asks(1, None, Wish::Summary { contact: None, conversation: Some(ContactId::new("x")) });
    assert_eq!(*line.refusal(ask), Refusal::NoAi);
}

/// Somebody writes, and an AI is asked what to answer.
fn hears(line: &mut Line, name: &str) -> Option<Event> {
    line.hears(name, "are you there?");
    match line.consulted.pop()? {
        (None, Prompt::Reply { with, fresh }) => {
            Some(Event::Composed { with, fresh, text: Some("I'll tell them.".into()) })
        }
        (_, other) => panic!("{other:?}"),
    }
}

fn answering() -> Line {
    let mut line = line();
    line.says("turn auto-reply on");
    line
}

#[test]
fn an_ai_says_what_is_answered_and_only_to_whom_who_wrote() {
    let mut line = answering();
    let reply = hears(&mut line, "Eve").expect("a question");
    assert!(line.carried.is_empty());
    line.happens(reply);
    let carried = &line.carried[0];
    assert_eq!((carried.name.as_str(), carried.message.as_str()), ("Eve", "I'll tell them."));
}

#[test]
fn if_the_ai_has_no_answer_there_is_the_usual_one_once() {
    for text in [None, Some("x".repeat(100_000).as_str().into())] {
        let mut line = answering();
        let Some(Event::Composed { with, fresh, .. }) = hears(&mut line, "Eve") else {
            panic!("no question")
        };
        line.happens(Event::Composed { with, fresh, text });
        assert_eq!(line.carried[0].message, AWAY);
    }
    let mut line = answering();
    for _ in 0..5 {
        let Some(Event::Composed { with, fresh, .. }) = hears(&mut line, "Eve") else { continue };
        line.happens(Event::Composed { with, fresh, text: None });
        line.carried.iter().for_each(|carried| assert_eq!(carried.message, AWAY));
        let last = line.carried.last().expect("a reply").id;
        line.reached(last, Progress::Sent);
    }
    assert_eq!(line.carried.len(), 1, "in an hour");
}

#[test]
fn two_machines_that_answer_each_other_stop() {
    let mut line = answering();
    let mut questions = 0;
    for _ in 0..20 {
        let Some(reply) = hears(&mut line, "Eve") else { continue };
        questions += 1;
        line.happens(reply);
        let last = line.carried.last().expect("a reply").id;
        line.reached(last, Progress::Sent);
    }
    assert_eq!((questions, line.carried.len()), (5, 5), "in an hour");
    line.passes(HOUR);
    assert!(hears(&mut line, "Eve").is_some());
}

#[test]
fn while_it_is_thought_over_nobody_is_asked_again_and_a_person_who_answers_is_heard_alone() {
    let mut line = answering();
    let reply = hears(&mut line, "Eve").expect("a question");
    assert!(hears(&mut line, "Eve").is_none());
    line.sends("Eve", "I am here");
    line.happens(reply);
    assert_eq!(line.carried.len(), 1, "what the person said");
    line.reached(line.carried[0].id, Progress::Sent);
    assert!(hears(&mut line, "Eve").is_none(), "for an hour");
    line.passes(HOUR);
    assert!(hears(&mut line, "Eve").is_some());
}

#[test]
fn what_was_thought_over_as_it_was_turned_off_is_not_said() {
    let mut line = answering();
    let reply = hears(&mut line, "Eve").expect("a question");
    line.says("turn auto-reply off");
    line.happens(reply);
    assert!(line.carried.is_empty());
}

#[test]
fn who_could_be_several_gets_no_answer_of_an_ai() {
    let mut line = answering();
    line.supplies(&["Sam +15550001", "Sam +15550002"]);
    assert!(hears(&mut line, "Sam").is_none());
}

#[test]
fn a_question_that_was_taken_back_is_answered_so() {
    let mut line = line();
    let ask = line.asks(
        1,
        Some("a"),
        Wish::Ask { prompt: "?".into(), context: None, service: None, streams: false },
    );
    let (by, _) = line.consulted.pop().expect("a question");
    let why = Refusal::NoAnswer(NoAnswer::Cancelled);
    let answer = Answer::Refused { action: None, contact: None, why: why.clone() };
    line.happens(Event::LookedUp { by: by.expect("somebody asked"), answer });
    assert_eq!(*line.refusal(ask), why);
}
