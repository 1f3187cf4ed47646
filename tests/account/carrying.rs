//! What becomes of a send: acknowledged, refused, given up, or nobody knows.

use crate::line::{Line, PATIENCE, send};
use strowger::core::Millis;
use strowger::core::account::{Answer, Direction, Event, News, Progress, Record, Refusal, Report};

#[test]
fn nothing_is_sent_before_somebody_says_so() {
    let mut line = Line::bridged();
    let ask = line.sends("John", "hello");
    assert!(line.answers.is_empty());
    assert!(
        line.shown_texts().is_empty()
            && line.kept.iter().all(|record| !matches!(record, Record::Message { .. }))
    );
    line.reached(line.carried[0].id, Progress::Accepted);
    assert_eq!(line.sent(ask), Progress::Accepted);
    assert_eq!(line.shown_texts(), [("John".into(), "hello".into())]);
}

#[test]
fn a_refusal_is_passed_on_and_nobody_is_shown_anything() {
    let mut line = Line::bridged();
    let ask = line.sends("John", "hello");
    let why = Refusal::Backend { code: "not_on_whatsapp".into(), text: "No such number.".into() };
    line.happens(Event::Reported { order: line.carried[0].id, report: Report::Refused(why.clone()) });
    assert_eq!(*line.refusal(ask), why);
    assert!(line.shown_texts().is_empty());
}

#[test]
fn sends_of_one_chat_go_one_after_the_other_and_chats_side_by_side() {
    let mut line = Line::bridged().knowing(&["John", "Sarah"]);
    line.sends("John", "one");
    line.sends("John", "two");
    line.sends("Sarah", "three");
    let texts = |line: &Line| line.carried.iter().map(|carried| carried.message.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&line), ["one", "three"]);
    line.reached(line.carried[0].id, Progress::Sent);
    assert_eq!(texts(&line), ["one", "three", "two"]);
}

#[test]
fn one_that_is_refused_does_not_hold_up_the_next() {
    let mut line = Line::bridged();
    line.sends("John", "one");
    line.sends("John", "two");
    let why = Refusal::Backend { code: "internal".into(), text: "".into() };
    line.happens(Event::Reported { order: line.carried[0].id, report: Report::Refused(why) });
    assert_eq!(line.carried[1].message, "two");
}

#[test]
fn who_waits_too_long_hears_that_nobody_knows() {
    let mut line = Line::bridged();
    let ask = line.sends("John", "hello");
    line.passes(Millis(PATIENCE.0 - 1));
    assert!(line.answers.is_empty());
    line.passes(Millis(1));
    assert_eq!(*line.refusal(ask), Refusal::TimedOut);
    assert_eq!(line.withdrawn, [line.carried[0].id]);
}

#[test]
fn what_is_heard_late_is_shown_to_everybody() {
    let mut line = Line::bridged();
    line.sends("John", "hello");
    line.passes(PATIENCE);
    line.reached(line.carried[0].id, Progress::Delivered);
    assert_eq!(line.shown_texts(), [("John".into(), "hello".into())]);
    assert!(
        line.shown.iter().any(|news| matches!(news, News::Progress { progress: Progress::Delivered, .. }))
    );
    assert_eq!(line.carried.len(), 1);
}

#[test]
fn progress_only_grows() {
    let mut line = Line::bridged();
    line.sends("John", "hello");
    let id = line.carried[0].id;
    for progress in [Progress::Sent, Progress::Read, Progress::Delivered, Progress::Read] {
        line.reached(id, progress);
    }
    let told: Vec<_> = line
        .shown
        .iter()
        .filter_map(|news| if let News::Progress { progress, .. } = news { Some(*progress) } else { None })
        .collect();
    assert_eq!(told, [Progress::Read]);
}

#[test]
fn a_bridge_that_goes_leaves_nobody_waiting() {
    let mut line = Line::bridged();
    let handed = line.sends("John", "one");
    let waiting = line.sends("John", "two");
    line.happens(Event::BridgeDown);
    assert_eq!(*line.refusal(handed), Refusal::Unavailable { maybe: true });
    assert_eq!(*line.refusal(waiting), Refusal::Unavailable { maybe: false });
    line.happens(Event::BridgeUp);
    assert_eq!(line.carried.len(), 1, "nothing is handed over twice");
}

#[test]
fn a_bridge_that_takes_over_is_given_nothing_of_before() {
    let mut line = Line::bridged();
    let ask = line.sends("John", "one");
    line.happens(Event::BridgeUp);
    assert_eq!(*line.refusal(ask), Refusal::Unavailable { maybe: true });
    assert_eq!((line.carried.len(), line.withdrawn.len()), (1, 1));
}

#[test]
fn what_was_never_handed_over_cannot_be_reported() {
    let mut line = Line::bridged();
    line.sends("John", "one");
    let ask = line.sends("John", "two");
    let unknown = strowger::core::account::OrderId(2_000);
    assert!(!line.account.knows(unknown));
    line.reached(unknown, Progress::Sent);
    assert!(!line.answers.contains_key(&ask));
    assert!(line.shown_texts().is_empty());
}

#[test]
fn a_session_has_room_for_a_thousand_sends() {
    let mut line = Line::bridged();
    let asks: Vec<_> = (0..1_025).map(|number| line.sends("John", &number.to_string())).collect();
    assert_eq!(*line.refusal(asks[1_024]), Refusal::Overloaded);
    for number in 0..1_024 {
        assert_eq!(line.carried[number].message, number.to_string());
        line.reached(line.carried[number].id, Progress::Sent);
    }
    let messages = line.kept.iter().filter(|record| match record {
        Record::Message { message, .. } => message.direction == Direction::Outgoing,
        _ => false,
    });
    assert_eq!(messages.count(), 1_024);
}

#[test]
fn what_waits_weighs_no_more_than_four_mebibytes() {
    let mut line = Line::bridged();
    let text = "x".repeat(60_000);
    let asks: Vec<_> = (0..80).map(|_| line.sends("John", &text)).collect();
    let refused = |line: &Line| {
        let answers = asks.iter().filter_map(|ask| line.answers.get(ask));
        answers.filter(|answer| matches!(***answer, Answer::Refused { why: Refusal::Overloaded, .. })).count()
    };
    assert!((10..15).contains(&refused(&line)), "{} of 80", refused(&line));
    line.reached(line.carried[0].id, Progress::Sent);
    let more = line.sends("John", &text);
    assert!(!line.answers.contains_key(&more), "there is room again");
}

fn not_sent() -> Refusal {
    Refusal::Backend { code: "not_found".into(), text: "No such number.".into() }
}

fn refused(line: &mut Line, number: usize) {
    let order = line.carried[number].id;
    line.happens(Event::Reported { order, report: Report::Refused(not_sent()) });
}

fn told(line: &Line) -> Vec<(Progress, Option<Refusal>)> {
    let told = line.shown.iter().filter_map(|news| match news {
        News::Progress { progress, why, .. } => Some((*progress, why.clone())),
        _ => None,
    });
    told.collect()
}

#[test]
fn a_no_after_a_yes_is_told_and_kept_and_the_last_word() {
    let mut line = Line::bridged();
    line.asks(1, Some("r"), send("John", "hello"));
    line.reached(line.carried[0].id, Progress::Accepted);
    refused(&mut line, 0);
    assert_eq!(told(&line), [(Progress::Failed, Some(not_sent()))]);
    let id = line.carried[0].id;
    assert!(line.kept.contains(&Record::Progress { id, progress: Progress::Failed }));
    refused(&mut line, 0);
    line.reached(id, Progress::Read);
    assert_eq!(told(&line).len(), 1, "nothing gets further that failed");
    let again = line.asks(1, Some("r"), send("John", "hello"));
    assert_eq!(line.sent(again), Progress::Accepted, "the same request has the first answer");
}

#[test]
fn a_late_no_ends_the_doubt_for_everybody() {
    let mut line = Line::bridged();
    let ask = line.asks(1, Some("r"), send("John", "hello"));
    line.passes(PATIENCE);
    assert_eq!(*line.refusal(ask), Refusal::TimedOut);
    refused(&mut line, 0);
    refused(&mut line, 0);
    assert_eq!(told(&line), [(Progress::Failed, Some(not_sent()))]);
    assert!(line.shown_texts().is_empty());
    let again = line.asks(1, Some("r"), send("John", "hello"));
    assert_eq!(*line.refusal(again), not_sent(), "what is true by now");
    assert_eq!(line.carried.len(), 1);
}

#[test]
fn a_no_that_is_told_again_is_no_news() {
    let mut line = Line::bridged();
    line.sends("John", "hello");
    refused(&mut line, 0);
    refused(&mut line, 0);
    assert!(told(&line).is_empty());
}
