//! A conversation, step by step, without a hub.

use super::*;
use crate::client::{Dialogue, Frame, Options};

/// A conversation and a client that is connected to nothing.
struct Play {
    conversation: Conversation,
    client: Dialogue,
    /// What was shown, and what was sent, in a line each.
    seen: Vec<String>,
    tickets: Vec<Ticket>,
}

impl Play {
    fn begun() -> Self {
        let mut play = Self {
            conversation: Conversation::new("ws://hub", false),
            client: Dialogue::new(Options::to("hub").unwrap(), ""),
            seen: Vec::new(),
            tickets: Vec::new(),
        };
        play.registers(Return::First);
        play.seen.clear();
        play
    }

    fn registers(&mut self, how: Return) {
        let (client_id, session, nickname) = ("c".to_owned(), "s".to_owned(), "Ada".to_owned());
        self.happens(Happening::Registered(Registration { client_id, session, nickname, how }));
    }

    fn types(&mut self, line: &str) {
        let mut effects = Vec::new();
        self.conversation.typed(line, &mut effects);
        self.perform(effects);
    }

    fn happens(&mut self, happening: Happening) {
        let mut effects = Vec::new();
        self.conversation.happened(happening, &mut effects);
        self.perform(effects);
    }

    fn moves(&mut self, link: Link) {
        let mut effects = Vec::new();
        self.conversation.moves("ws://other", link, &mut effects);
        self.perform(effects);
    }

    fn hears(&mut self, frame: &str) {
        self.happens(Happening::Pushed(Frame::read(frame.to_owned())));
    }

    fn event(&mut self, event: &str) {
        self.hears(&format!(r#"{{"type":"chat_event","event":"{event}","partner":"Bob","text":"{event}"}}"#));
    }

    /// Answers the oldest request.
    fn answer(&mut self, content: &str) {
        let ticket = self.tickets.remove(0);
        let text = format!(r#"{{"type":"response","response_type":"x","content":{content}}}"#);
        self.happens(Happening::Answered(ticket, Frame::read(text)));
    }

    fn command_answer(&mut self, command: &str, state: &str) {
        self.answer(&format!(
            r#"{{"success":true,"command":"{command}","state":"{state}","partner":"Bob","text":"{command} done"}}"#
        ));
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Show(line) => self.seen.push(line.plain()),
                Effect::Leave => self.seen.push("leave".to_owned()),
                Effect::Ask(request, about) => {
                    self.seen.push(format!("> {} {}", request.kind(), request.words().unwrap_or_default()));
                    let ticket = self.client.ask(request, &mut Vec::new()).unwrap();
                    self.conversation.asked(ticket, self.client.request_id(ticket), about);
                    self.tickets.push(ticket);
                }
            }
        }
    }

    fn seen(&mut self) -> Vec<String> {
        std::mem::take(&mut self.seen)
    }

    fn paired() -> Self {
        let mut play = Self::begun();
        play.types("#meet");
        play.command_answer("meet", "paired");
        play.seen();
        play
    }
}

#[test]
fn a_line_is_a_sentence_until_there_is_a_chat() {
    let mut play = Play::begun();
    play.types("send john hello");
    assert_eq!(play.seen(), ["> whatsapp_ai_command send john hello"]);
    play.answer(
        r#"{"success":true,"action":"send","contact":"John","message":"hello","id":"1","state":"simulated"}"#,
    );
    assert_eq!(play.seen(), ["To John: hello (simulated: nobody gets it)"]);
    let mut play = Play::paired();
    play.types("send john hello");
    assert_eq!(play.seen(), ["> chat_message send john hello"]);
    assert!(play.conversation.standing().prompt().starts_with("Bob"));
}

#[test]
fn what_is_typed_behind_a_command_waits_for_its_answer() {
    let mut play = Play::begun();
    for line in ["#meet", "hello", "#bye", "send john hi"] {
        play.types(line);
    }
    assert_eq!(play.seen(), ["> chat_message #meet"]);
    play.command_answer("meet", "paired");
    assert_eq!(play.seen(), ["meet done", "> chat_message hello", "> chat_message #bye"]);
    play.answer(r#"{"success":true,"delivered":true}"#);
    play.command_answer("bye", "idle");
    assert_eq!(play.seen(), ["You: hello", "bye done", "> whatsapp_ai_command send john hi"]);
}

#[test]
fn a_line_that_comes_too_late_for_the_partner_is_no_sentence() {
    let mut play = Play::paired();
    play.event("partner_left");
    play.types("tell mum I love her");
    let seen = play.seen();
    assert_eq!((seen[0].as_str(), seen[2].as_str()), ("partner_left", "> chat_message tell mum I love her"));
    assert!(seen[1].contains("for nobody now"), "{seen:?}");
    play.answer(r#"{"success":false,"code":"not_paired","text":"No partner found."}"#);
    assert_eq!(play.seen(), ["Not delivered: tell mum I love her", "No partner found."]);
    assert_eq!(play.conversation.standing().prompt(), "nobody> ");
    // The same where the hub forgot the chat.
    play.registers(Return::Anew);
    play.types("tell mum");
    assert!(play.seen().contains(&"> chat_message tell mum".to_owned()));
}

#[test]
fn with_a_mark_it_goes_where_the_mark_says() {
    let mut play = Play::paired();
    play.types("/do tell john hi");
    play.types("/read sarah 5");
    play.types("/say /quit");
    assert_eq!(
        play.seen(),
        ["> whatsapp_ai_command tell john hi", "> whatsapp_ai_command /read sarah 5", "> chat_message /quit"]
    );
    play.types("/say #bye");
    play.types("/say #love it");
    assert_eq!(play.seen(), ["This is a command: it can't be said.", "> chat_message #love it"]);
}

#[test]
fn nothing_is_shown_as_said_before_it_is() {
    let mut play = Play::paired();
    play.types("one");
    play.types("two");
    play.types("three");
    play.seen();
    play.answer(r#"{"success":true,"queued":true}"#);
    let ticket = play.tickets.remove(0);
    play.happens(Happening::Unanswered(ticket));
    play.answer(r#"{"success":false,"code":"rate_limited","text":"Slow down."}"#);
    assert_eq!(
        play.seen(),
        [
            "You: one (held until they read it)",
            "Not known whether it arrived: two",
            "Not delivered: three",
            "Slow down."
        ]
    );
    assert_eq!(play.conversation.failures(), 2);
    assert!(play.conversation.is_settled());
}

#[test]
fn a_send_is_shown_once_whichever_comes_first() {
    let news = r#"{"type":"whatsapp_message","id":"7","direction":"outgoing","contact":"John","message":"hi","state":"accepted"}"#;
    let answer =
        r#"{"success":true,"action":"send","contact":"John","message":"hi","id":"7","state":"accepted"}"#;
    let line = "To John: hi (accepted)";
    for answer_first in [true, false] {
        let mut play = Play::begun();
        play.types("/send john hi");
        play.seen();
        if answer_first {
            play.answer(answer);
            play.hears(news);
        } else {
            play.hears(news);
            play.answer(answer);
        }
        assert_eq!(play.seen(), [line]);
        play.hears(r#"{"type":"whatsapp_status","id":"7","state":"failed","text":"No such number."}"#);
        assert_eq!(play.seen(), ["Not sent to John: No such number."]);
    }
}

#[test]
fn a_proposal_is_confirmed_by_yes_and_once() {
    let mut play = Play::begun();
    play.types("write to my sister that I am late");
    play.seen();
    play.answer(
        r#"{"success":false,"code":"confirmation_required","action":"send","contact":"Sarah","message":"I am late","confirm":"k","text":"Is that so?"}"#,
    );
    assert_eq!(play.seen(), ["Is that so?", "To Sarah: I am late", "/yes sends it."]);
    play.types("/yes");
    assert_eq!(play.seen(), ["> whatsapp_command "]);
    play.types("/yes");
    assert_eq!(play.seen(), ["There is nothing to say yes to."]);
}

#[test]
fn an_answer_of_an_ai_is_seen_as_it_comes_and_told_once() {
    let mut play = Play::begun();
    play.types("/ai why?");
    play.seen();
    let delta = |request: &str, text: &str, done: bool| {
        format!(
            r#"{{"type":"ai_delta","request_id":"{request}","id":"a{request}","delta":"{text}","done":{done}}}"#
        )
    };
    play.hears(&delta("1", "Be", false));
    assert_eq!(play.conversation.live().as_deref(), Some("Be"));
    play.hears(&delta("1", "cause.", true));
    assert_eq!(play.conversation.live(), None);
    play.answer(r#"{"success":true,"text":"Because.","service":"gemini"}"#);
    assert_eq!(play.seen(), ["AI: Because."]);
    play.hears(&delta("another's", "Hello", false));
    play.hears(&delta("another's", "!", true));
    assert_eq!(play.seen(), ["AI, asked by another: Hello!"]);
    play.types("/stop");
    assert_eq!(play.seen(), ["No answer is under way."]);
}

#[test]
fn what_waits_for_a_hub_waits_while_there_is_another() {
    let mut play = Play::paired();
    play.types("hello");
    play.types("#bye");
    play.types("later");
    play.seen();
    play.moves(Link::Own);
    assert_eq!(play.seen(), ["* What you typed before waits for the other hub: 3."]);
    play.types("tell john hi");
    assert_eq!(play.seen(), ["> chat_message tell john hi"], "it may have been for the partner");
    let own = play.tickets.pop().unwrap();
    play.types("#meet");
    play.types("to nobody");
    play.seen();
    play.moves(Link::Here);
    assert_eq!(
        play.seen(),
        [
            "Not known whether it arrived: tell john hi",
            "Not known whether it was done: #meet",
            "Not sent: to nobody"
        ]
    );
    play.tickets.retain(|ticket| *ticket < own);
    play.registers(Return::Anew);
    play.seen();
    play.answer(r#"{"success":false,"code":"not_paired","text":"No partner found."}"#);
    play.command_answer("bye", "idle");
    assert_eq!(
        play.seen(),
        ["Not delivered: hello", "No partner found.", "bye done", "> whatsapp_ai_command later"]
    );
}

#[test]
fn a_command_in_doubt_is_asked_after_and_what_stood_behind_it_goes_nowhere() {
    let mut play = Play::paired();
    play.types("#bye");
    play.types("tell john hi");
    play.types("/status");
    play.seen();
    let ticket = play.tickets.remove(0);
    play.happens(Happening::Unanswered(ticket));
    assert_eq!(
        play.seen(),
        ["Not known whether it was done: #bye", "Not sent: tell john hi", "> chat_message #who"]
    );
    play.command_answer("who", "paired");
    assert_eq!(play.seen(), ["> whatsapp_ai_command /status"]);
}

#[test]
fn what_was_typed_for_somebody_is_not_sent_to_the_next() {
    let mut play = Play::paired();
    play.types("#again");
    play.seen();
    let ticket = play.tickets.remove(0);
    play.happens(Happening::Unanswered(ticket));
    play.seen();
    // Who is asked for is Bob, as the prompt says.
    for line in ["Goodbye, my dear Bob!", "#report he was rude", "/do tell john hi"] {
        play.types(line);
    }
    play.answer(r#"{"success":true,"command":"who","state":"paired","partner":"Carl","text":"Carl"}"#);
    assert_eq!(
        play.seen(),
        [
            "Not sent, since it was for somebody who is gone: Goodbye, my dear Bob!",
            "Not sent, since it was for somebody who is gone: #report he was rude",
            "> whatsapp_ai_command tell john hi",
        ]
    );
    play.types("Hello, Carl!");
    assert_eq!(play.seen(), ["> chat_message Hello, Carl!"]);
}

#[test]
fn what_stands_behind_a_refused_meet_is_no_sentence() {
    let mut play = Play::begun();
    play.types("#meet");
    play.types("tell john that I love you");
    play.seen();
    play.answer(
        r#"{"success":false,"command":"meet","state":"idle","code":"rate_limited","text":"Slow down."}"#,
    );
    assert_eq!(play.seen(), ["Slow down.", "> chat_message tell john that I love you"]);
}

#[test]
fn a_line_that_only_looks_like_a_command_is_a_text() {
    let mut play = Play::paired();
    play.types("#love this song");
    play.seen();
    let ticket = play.tickets.remove(0);
    let text = r#"{"type":"response","response_type":"chat_message_result","content":{"success":true,"delivered":true}}"#;
    play.happens(Happening::Answered(ticket, Frame::read(text.to_owned())));
    assert_eq!(play.seen(), ["You: #love this song"]);
    assert!(play.conversation.is_settled());
}

#[test]
fn what_was_not_sent_is_told() {
    let mut play = Play::paired();
    play.types("one");
    play.seen();
    let ticket = play.tickets.remove(0);
    play.happens(Happening::Unsent(ticket));
    assert_eq!(play.seen(), ["Not sent: one"]);
}

#[test]
fn whoever_leaves_hears_what_has_no_answer() {
    let mut play = Play::paired();
    for line in ["#again", "two", "/send mum hi"] {
        play.types(line);
    }
    play.types("/quit");
    play.seen();
    let mut effects = Vec::new();
    play.conversation.gives_up(&mut effects);
    play.perform(effects);
    assert_eq!(
        play.seen(),
        ["Not known whether it was done: #again", "Not sent: two", "Not sent: /send mum hi"]
    );
    assert!(play.conversation.is_settled());
}

#[test]
fn names_are_asked_for_once_however_often_they_change() {
    let mut play = Play::begun();
    play.conversation.has_status = true;
    let changed = r#"{"type":"contact_list_broadcast","contacts":["John"],"total_count":2}"#;
    for _ in 0..500 {
        play.hears(changed);
    }
    assert_eq!(play.seen(), ["> whatsapp_get_contacts "]);
    play.answer(r#"{"success":true,"contacts":["John"],"total_count":2,"after":"x"}"#);
    assert_eq!(play.seen(), ["> whatsapp_get_contacts "], "the rest of it");
    play.answer(r#"{"success":true,"contacts":["Mary"],"total_count":2}"#);
    assert_eq!(play.seen(), ["> whatsapp_get_contacts "], "it changed meanwhile");
    play.answer(r#"{"success":true,"contacts":["John","Mary"],"total_count":2}"#);
    assert!(play.seen().is_empty());
    assert_eq!(play.conversation.standing().names().collect::<Vec<_>>(), ["John", "Mary"]);
}

#[test]
fn whoever_waits_for_somebody_goes_on_when_they_are_there() {
    let mut play = Play::begun();
    for line in ["#meet", "/wait", "hello"] {
        play.types(line);
    }
    play.command_answer("meet", "waiting");
    assert_eq!(play.seen(), ["> chat_message #meet", "meet done"]);
    assert!(!play.conversation.is_settled());
    play.event("matched");
    assert_eq!(play.seen(), ["matched", "> chat_message hello"]);
}

#[test]
fn nobody_waits_for_nothing() {
    let said = "/wait waits for nobody: #meet looks for somebody.";
    let mut play = Play::begun();
    play.types("/wait");
    assert_eq!(play.seen(), [said]);
    // Refused.
    play.types("#meet");
    play.types("/wait");
    play.types("hello");
    play.seen();
    play.answer(
        r#"{"success":false,"command":"meet","state":"idle","code":"rate_limited","text":"Slow down."}"#,
    );
    assert_eq!(play.seen(), ["Slow down.", said, "> chat_message hello"]);
    play.answer(r#"{"success":true,"delivered":true}"#);
    // Expired, or forgotten by the hub.
    for forgotten in [false, true] {
        play.types("#meet");
        play.types("/wait");
        play.types("hello");
        play.command_answer("meet", "waiting");
        play.seen();
        if forgotten {
            play.registers(Return::Anew);
        } else {
            play.event("expired");
        }
        assert!(play.seen().ends_with(&[said.to_owned(), "> chat_message hello".to_owned()]));
        play.answer(r#"{"success":true,"delivered":true}"#);
    }
    // Who does something else does not wait any more.
    play.types("#meet");
    play.types("/wait");
    play.command_answer("meet", "waiting");
    play.seen();
    play.types("#bye");
    assert_eq!(play.seen(), ["> chat_message #bye"]);
}

#[test]
fn half_an_answer_is_not_there_for_good() {
    let mut play = Play::begun();
    play.types("/ai why?");
    play.hears(r#"{"type":"ai_delta","request_id":"1","id":"a","delta":"half an answ"}"#);
    assert!(play.conversation.live().is_some());
    play.registers(Return::Missed(3));
    assert!(play.conversation.live().is_none());
    assert!(play.seen().contains(&"> chat_message #who".to_owned()), "the chat may have ended meanwhile");
    play.hears(r#"{"type":"ai_delta","request_id":"1","id":"a","delta":"more"}"#);
    play.answer(r#"{"success":true,"text":"Because.","service":"gemini"}"#);
    assert!(play.conversation.live().is_none());
}

#[test]
fn what_others_write_can_not_steer() {
    let mut play = Play::paired();
    play.hears(
        "{\"type\":\"chat_message\",\"from\":\"E\\u001b[2Jve\",\"message\":\"\\u001b]0;x\\u0007\\nYou: hi\"}",
    );
    play.hears("{\"type\":\"chat_event\",\"event\":\"matched\",\"partner\":\"\\u009b31m\",\"text\":\"t\"}");
    let standing = play.conversation.standing();
    for text in [standing.prompt(), play.conversation.status()].iter().chain(&play.seen) {
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
}

#[test]
fn the_client_itself_answers_without_a_hub() {
    let mut play = Play::begun();
    play.types("#meet");
    play.seen();
    play.types("/help");
    assert_eq!(play.seen().len(), words::HELP.len());
    play.types("/quit");
    assert_eq!(play.seen(), ["leave"]);
}

#[test]
fn every_word_of_the_help_is_one() {
    for word in
        words::HELP.iter().flat_map(|line| line.split_whitespace()).filter(|word| word.starts_with('/'))
    {
        let line = format!("{word} on");
        let is_known =
            [word, line.as_str()].iter().any(|line| !matches!(Typed::read(line), Typed::Unknown(_)));
        assert!(is_known, "{word}");
    }
}
