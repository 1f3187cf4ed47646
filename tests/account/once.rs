//! The same request is one request.

use crate::line::{Line, send};
use strowger::core::account::{Answer, Event, Progress, Refusal, Report, Wish};
use strowger::core::{Action, Millis};

#[test]
fn a_hundred_equal_requests_are_one_send_and_a_hundred_equal_answers() {
    let mut line = Line::bridged();
    let asks: Vec<_> = (0..100).map(|_| line.asks(1, Some("r1"), send("John", "hello"))).collect();
    assert_eq!(line.carried.len(), 1);
    line.reached(line.carried[0].id, Progress::Sent);
    for ask in &asks {
        assert_eq!(line.answer(*ask), line.answer(asks[0]));
    }
    let late = line.asks(1, Some("r1"), send("John", "hello"));
    assert_eq!(line.answer(late), line.answer(asks[0]));
    assert_eq!(line.carried.len(), 1);
}

#[test]
fn a_failure_is_an_answer_too() {
    let mut line = Line::bridged();
    let first = line.asks(1, Some("r1"), send("John", "hello"));
    line.happens(Event::BridgeDown);
    line.happens(Event::BridgeUp);
    let again = line.asks(1, Some("r1"), send("John", "hello"));
    assert_eq!(line.answer(first), line.answer(again));
    assert_eq!(line.carried.len(), 1);
}

#[test]
fn another_body_under_the_same_id_is_a_conflict() {
    let mut line = Line::bridged();
    line.asks(1, Some("r1"), send("John", "hello"));
    let other = line.asks(1, Some("r1"), send("John", "goodbye"));
    assert_eq!(*line.refusal(other), Refusal::OtherRequest);
    assert_eq!(line.carried.len(), 1);
}

#[test]
fn another_registration_has_ids_of_its_own() {
    let mut line = Line::bridged();
    line.asks(1, Some("r1"), send("John", "hello"));
    line.asks(2, Some("r1"), send("Sarah", "hello"));
    assert_eq!(line.carried.len(), 2);
}

#[test]
fn without_an_id_every_request_is_a_new_one() {
    let mut line = Line::bridged();
    line.sends("John", "hello");
    line.reached(line.carried[0].id, Progress::Sent);
    line.sends("John", "hello");
    assert_eq!(line.carried.len(), 2);
}

#[test]
fn after_an_hour_it_is_a_new_request() {
    let mut line = Line::bridged();
    line.asks(1, Some("r1"), send("John", "hello"));
    line.reached(line.carried[0].id, Progress::Sent);
    line.passes(Millis(3_599_999));
    line.asks(1, Some("r1"), send("John", "hello"));
    assert_eq!(line.carried.len(), 1);
    line.passes(Millis(1));
    line.asks(1, Some("r1"), send("John", "hello"));
    assert_eq!(line.carried.len(), 2);
}

#[test]
fn a_switch_is_thrown_once() {
    let mut line = Line::simulated();
    line.asks(1, Some("r1"), Wish::Act(Action::AutoReply(true)));
    line.asks(1, Some("r2"), Wish::Act(Action::AutoReply(false)));
    line.asks(1, Some("r1"), Wish::Act(Action::AutoReply(true)));
    assert!(!line.account.status().auto_reply);
}

#[test]
fn an_account_of_which_nothing_is_left_says_so_after_an_hour() {
    let mut line = Line::simulated();
    line.asks(1, Some("r1"), Wish::Act(Action::AutoReply(false)));
    assert!(!line.account.is_blank());
    let at = line.account.next_deadline().expect("a deadline");
    assert_eq!(at.since(line.now), Millis::seconds(3_600));
    line.passes(Millis::seconds(3_600));
    assert!(line.account.is_blank());
}

#[test]
fn what_was_only_looked_up_is_not_remembered() {
    let mut line = Line::simulated().knowing(&["John"]);
    for wish in [Action::List, Action::Status] {
        let before = line.asks(1, Some("r1"), Wish::Act(wish.clone()));
        line.asks(1, None, Wish::Act(Action::AutoReply(true)));
        let after = line.asks(1, Some("r1"), Wish::Act(wish));
        assert!(matches!(line.answer(before), Answer::Listed { .. } | Answer::Status(_)));
        assert!(matches!(line.answer(after), Answer::Listed { .. } | Answer::Status(_)));
    }
    assert_eq!(line.account.next_deadline(), None, "no answer is kept");
}

#[test]
fn answers_are_forgotten_before_they_weigh_too_much() {
    let mut line = Line::bridged();
    let text = "x".repeat(60_000);
    for number in 0..100 {
        line.asks(1, Some(&format!("r{number}")), send("John", &text));
        line.reached(line.carried[number].id, Progress::Sent);
    }
    line.asks(1, Some("r99"), send("John", &text));
    assert_eq!(line.carried.len(), 100, "the newest are remembered");
    line.asks(1, Some("r0"), send("John", &text));
    assert_eq!(line.carried.len(), 101, "the oldest are not");
    assert!(!line.account.knows(line.carried[0].id));
    assert!(line.account.knows(line.carried[99].id));
}

#[test]
fn what_a_bridge_says_of_a_failure_weighs_too() {
    let mut line = Line::bridged();
    let text = "x".repeat(900_000);
    for number in 0..10 {
        line.asks(1, Some(&format!("r{number}")), send("John", "hello"));
        let why = Refusal::Backend { code: "internal".into(), text: text.as_str().into() };
        let order = line.carried[number].id;
        line.happens(Event::Reported { order, report: Report::Refused(why) });
    }
    line.asks(1, Some("r9"), send("John", "hello"));
    assert_eq!(line.carried.len(), 10, "the newest are remembered");
    line.asks(1, Some("r0"), send("John", "hello"));
    assert_eq!(line.carried.len(), 11, "the oldest are not");
}
