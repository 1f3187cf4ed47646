//! A registration, step by step, without a network.

use super::*;
use crate::client::happening::*;

struct Play {
    dialogue: Dialogue,
    acts: Vec<Act>,
}

impl Play {
    fn with(options: Options) -> Self {
        Self { dialogue: Dialogue::new(options, ""), acts: Vec::new() }
    }

    fn begun() -> Self {
        let mut play = Self::with(Options::to("ws://hub").unwrap().nickname("Ada"));
        play.connects(r#""recovered":false"#);
        play.acts.clear();
        play
    }

    fn connects(&mut self, how: &str) {
        self.dialogue.opened(&mut self.acts);
        self.hears(&format!(
            r#"{{"type":"registration_confirmed","client_id":"c","session":"s","nickname":"Ada","resume_token":"t",{how}}}"#
        ));
    }

    fn hears(&mut self, text: &str) {
        self.dialogue.hear(text.to_owned(), &mut self.acts);
    }

    fn asks(&mut self, request: Request) -> Ticket {
        self.dialogue.ask(request, &mut self.acts).unwrap()
    }

    fn loses(&mut self) {
        self.loses_by(End::Lost);
    }

    fn loses_by(&mut self, end: End) -> End {
        self.dialogue.lost(end, &mut self.acts)
    }

    /// What was done since the last look, in a line each.
    fn done(&mut self) -> Vec<String> {
        self.acts.drain(..).map(|act| line(&act)).collect()
    }
}

fn line(act: &Act) -> String {
    match act {
        Act::Send(text) => format!("> {text}"),
        Act::Close(end) => format!("close: {end}"),
        Act::Tell(Happening::Registered(registration)) => format!("{:?}", registration.how),
        Act::Tell(Happening::Pushed(frame)) => format!("< {}", frame.text()),
        Act::Tell(Happening::Answered(ticket, _)) => format!("{} answered", ticket.0),
        Act::Tell(Happening::Unanswered(ticket)) => format!("{} unanswered", ticket.0),
        Act::Tell(Happening::Unsent(ticket)) => format!("{} unsent", ticket.0),
        Act::Tell(Happening::Lost(_)) => "lost".to_owned(),
    }
}

fn answer(to: u64) -> String {
    format!(r#"{{"type":"response","request_id":"{to}","response_type":"x","content":{{"success":true}}}}"#)
}

const BACK: &str = r#""recovered":true"#;
const ANEW: &str = r#""recovered":false,"missed":null"#;

#[test]
fn it_registers_first_and_sends_what_waited_then() {
    let mut play = Play::with(Options::to("hub").unwrap().session("s").as_bridge());
    play.asks(Request::status());
    assert!(play.done().is_empty() && !play.dialogue.is_here());
    play.connects(r#""recovered":false"#);
    assert_eq!(
        play.done(),
        [
            r#"> {"type":"register","session":"s","role":"bridge"}"#,
            "First",
            r#"> {"type":"get_status","request_id":"1"}"#
        ]
    );
}

#[test]
fn it_comes_back_with_its_token_and_the_last_position() {
    let mut play = Play::begun();
    play.hears(r#"{"type":"chat_message","from":"B","message":"Hi","pos":"7"}"#);
    play.done();
    play.loses();
    play.connects(BACK);
    assert_eq!(
        play.done(),
        [r#"> {"type":"register","nickname":"Ada","resume_token":"t","last_pos":"7"}"#, "Whole"]
    );
}

#[test]
fn a_position_is_told_once_with_the_next_request() {
    let mut play = Play::begun();
    play.hears(r#"{"type":"client_joined","client_id":"b","client_name":"b","pos":"7"}"#);
    play.done();
    play.asks(Request::status());
    play.asks(Request::history(1));
    let done = play.done();
    assert_eq!(done[0], r#"> {"type":"get_status","request_id":"1","last_pos":"7"}"#);
    assert!(!done[1].contains("last_pos"), "{}", done[1]);
}

#[test]
fn lines_go_out_one_at_a_time_and_other_requests_beside_them() {
    let mut play = Play::begun();
    for line in ["one", "two"] {
        play.asks(Request::line(line));
    }
    play.asks(Request::status());
    let sent = play.done();
    assert_eq!(sent.len(), 2);
    assert!(sent[0].contains("one") && sent[1].contains("get_status"), "{sent:?}");
    play.hears(&answer(1));
    let next = play.done();
    assert!(next[0] == "1 answered" && next[1].contains("two"), "{next:?}");
    for _ in 0..9 {
        play.asks(Request::status());
    }
    assert_eq!(play.done().len(), 7, "one was under way: eight are a hub's limit");
}

#[test]
fn a_line_without_an_answer_is_told_and_never_sent_again() {
    let mut play = Play::begun();
    let (sent, waits) = (play.asks(Request::line("sent")), play.asks(Request::line("waits")));
    play.done();
    play.loses();
    assert_eq!(play.done(), [format!("{} unanswered", sent.0)]);
    play.connects(BACK);
    let done = play.done();
    assert!(done.len() == 3 && done[2].contains("waits"), "{done:?}");
    play.hears(&answer(waits.0));
    assert!(play.dialogue.is_settled());
}

#[test]
fn what_the_hub_knows_again_is_asked_again_in_order() {
    let mut play = Play::begun();
    play.asks(Request::send("John", "Hi"));
    play.asks(Request::status());
    let first = play.done();
    play.loses();
    play.connects(BACK);
    assert_eq!(play.done()[2..], first);
}

#[test]
fn a_new_registration_is_not_asked_again_what_could_happen_twice() {
    let mut play = Play::begun();
    let sent = play.asks(Request::send("John", "Hi"));
    let read = play.asks(Request::status());
    play.done();
    play.loses();
    let never_sent = play.asks(Request::send("John", "Later"));
    play.connects(ANEW);
    let done = play.done();
    assert!(done.contains(&format!("{} unanswered", sent.0)), "{done:?}");
    let again: Vec<_> = done.iter().filter(|line| line.starts_with('>')).skip(1).collect();
    assert!(again.len() == 2 && again[0].contains(&format!("\"{}\"", read.0)), "{done:?}");
    assert!(again[1].contains(&format!("\"{}\"", never_sent.0)), "{done:?}");
}

#[test]
fn the_same_id_says_that_it_is_the_same_unless_it_was_chosen() {
    let way = |options: Options, how| {
        let mut play = Play::with(options);
        play.connects(r#""recovered":false"#);
        play.loses();
        play.connects(how);
        play.dialogue.registration().unwrap().how
    };
    let made = || Options::to("hub").unwrap();
    assert_eq!(way(made(), ANEW), Return::Unsure);
    assert_eq!(way(made().client_id("c"), ANEW), Return::Anew);
    assert_eq!(way(made(), r#""recovered":false,"missed":3"#), Return::Missed(3));
    assert_eq!(way(made(), BACK), Return::Whole);
}

#[test]
fn a_refused_registration_says_whether_to_come_back() {
    let refused = |code: &str| {
        let mut play = Play::with(Options::to("hub").unwrap());
        play.dialogue.opened(&mut play.acts);
        play.hears(&format!(r#"{{"type":"error","code":"{code}","error":"No.","retry_after_ms":1500}}"#));
        match play.acts.pop() {
            Some(Act::Close(end)) => (end.is_final(), end.retry_after()),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused("client_id_taken"), (true, None));
    assert_eq!(refused("overloaded"), (false, Some(Duration::from_millis(1_500))));
}

#[test]
fn the_close_code_says_what_a_wrong_token_comes_to() {
    let after = |code: u16| {
        let mut play = Play::begun();
        play.loses();
        play.dialogue.opened(&mut play.acts);
        play.hears(r#"{"type":"error","code":"unauthorized","error":"No."}"#);
        play.loses_by(End::Closed { code, reason: String::new() })
    };
    assert!(after(4005).is_expiry() && !after(4005).is_final());
    assert!(matches!(after(4500), End::Rejected { code, .. } if code == "unauthorized"));
}

#[test]
fn what_ended_the_connection_is_not_sent_again() {
    let mut play = Play::begun();
    let too_large = play.asks(Request::send("John", "Hi"));
    play.done();
    play.loses_by(End::Closed { code: 1009, reason: String::new() });
    assert_eq!(play.done(), [format!("{} unanswered", too_large.0)]);
    play.connects(BACK);
    assert_eq!(play.done().len(), 2, "nothing but the registration");
}

#[test]
fn lines_behind_a_command_in_doubt_are_not_sent_to_whoever_is_there_then() {
    let mut play = Play::begun();
    let (again, line, other) = (
        play.asks(Request::line(" #again")),
        play.asks(Request::line("Goodbye, B!")),
        play.asks(Request::status()),
    );
    play.done();
    play.loses();
    assert_eq!(play.done(), [format!("{} unsent", line.0), format!("{} unanswered", again.0)]);
    play.connects(BACK);
    assert!(play.done()[2].contains(&format!("\"{}\"", other.0)));
}

#[test]
fn silence_is_asked_about_and_then_the_end() {
    let mut play = Play::begun();
    assert_eq!(play.dialogue.patience(), Patience::Sign);
    play.dialogue.silent(&mut play.acts);
    assert_eq!(play.done(), [r#"> {"type":"ping"}"#]);
    assert_eq!(play.dialogue.patience(), Patience::Answer);
    play.hears(r#"{"type":"pong"}"#);
    assert!(play.done().is_empty() && play.dialogue.patience() == Patience::Sign);
    for _ in 0..2 {
        play.dialogue.silent(&mut play.acts);
    }
    assert_eq!(play.done()[1], "close: the hub says nothing any more");
}

#[test]
fn an_answer_in_pieces_is_no_answer_yet() {
    let mut play = Play::begun();
    play.asks(Request::ai("Why?"));
    play.done();
    let delta = r#"{"type":"ai_delta","request_id":"1","id":"a","delta":"Be","pos":"2"}"#;
    play.hears(delta);
    assert_eq!(play.done(), [format!("< {delta}")]);
    play.hears(&answer(1));
    assert_eq!(play.done(), ["1 answered"]);
}

#[test]
fn a_hint_is_dropped_and_a_report_waits_while_there_is_no_connection() {
    let mut play = Play::begun();
    play.loses();
    play.asks(Request::typing(true));
    play.asks(Request::action_result("abc", json!({"success": true})));
    play.connects(BACK);
    let done = play.done();
    assert!(done.len() == 3 && done[2].contains(r#""request_id":"abc""#), "{done:?}");
    assert!(play.dialogue.is_settled());
}

#[test]
fn no_more_than_a_bound_waits() {
    let mut play = Play::with(Options::to("hub").unwrap());
    for _ in 0..MOST_WAITING {
        play.asks(Request::line("x"));
    }
    assert_eq!(play.dialogue.ask(Request::line("x"), &mut play.acts), Err(Full));
}

#[test]
fn another_nickname_is_kept_for_the_next_return() {
    let mut play = Play::begun();
    let ticket = play.asks(Request::rename("Bea"));
    play.done();
    play.hears(&format!(
        r#"{{"type":"registration_confirmed","request_id":"{}","client_id":"c","session":"s","nickname":"Bea","resume_token":"u","recovered":false}}"#,
        ticket.0
    ));
    assert_eq!(play.done(), [format!("{} answered", ticket.0)]);
    play.loses();
    play.connects(BACK);
    assert!(play.done()[0].contains(r#""nickname":"Bea","resume_token":"u""#));
}

#[test]
fn frames_as_they_are_typed_keep_their_id() {
    let mut play = Play::begun();
    for frame in [r#"{"type":"ping","request_id":"mine"}"#, r#"{"type":"ping"}"#] {
        play.asks(Request::raw(frame).unwrap());
    }
    assert_eq!(play.done()[0], r#"> {"type":"ping","request_id":"mine"}"#);
    play.hears(r#"{"type":"pong","request_id":"mine"}"#);
    play.hears(r#"{"type":"pong","request_id":"2"}"#);
    assert_eq!(play.done(), ["1 answered", "2 answered"]);
    let long = format!(r#"{{"type":"ping","request_id":"{}"}}"#, "x".repeat(129));
    for frame in
        ["", "[]", r#"{"type":3}"#, r#"{"type":"register"}"#, r#"{"type":"ping","request_id":7}"#, &long]
    {
        assert!(Request::raw(frame).is_none(), "{frame}");
    }
}

#[test]
fn a_hub_that_closes_is_left_alone_for_as_long_as_it_said() {
    let mut play = Play::begun();
    play.hears(r#"{"type":"error","code":"rate_limited","error":"Slow.","retry_after_ms":7000}"#);
    assert_eq!(play.dialogue.take_retry_after(), Some(Duration::from_secs(7)));
    play.hears(r#"{"type":"error","code":"rate_limited","error":"Slow.","retry_after_ms":7000}"#);
    play.hears(r#"{"type":"pong"}"#);
    assert_eq!(play.dialogue.take_retry_after(), None, "it went on after that");
}
