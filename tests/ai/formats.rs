//! Each provider as it speaks.

use crate::stand_in::{Line, RULES, StandIn, WITHIN, ai, question};
use serde_json::{Value, json};
use std::time::Duration;
use strowger::ai::{Piece, Question, Service, Trouble};

const TEXT: &str = "Hello, and welcome!";

#[tokio::test]
async fn an_answer_comes_in_pieces_and_says_what_it_took() {
    for service in Service::ALL {
        let stand_in = StandIn::of(service, [Line::Says(TEXT)]).await;
        let mut answering = ai(&[&stand_in], RULES).put(question("Say hello."), None, WITHIN);
        let mut text = String::new();
        let end = loop {
            match answering.next().await.expect("an end") {
                Piece::Text(more) => text.push_str(&more),
                Piece::End(end) => break end.expect("an answer"),
            }
        };
        assert_eq!((text.as_str(), end.service), (TEXT, service));
        assert_eq!((end.tokens.prompt, end.tokens.completion), (8, 13), "{service:?}");
        let asked = &stand_in.asked()[0];
        let (path, key) = match service {
            Service::Gemini => ("/v1beta/models/a-model:streamGenerateContent?alt=sse", "x-goog-api-key"),
            Service::OpenAi => ("/v1/chat/completions", "authorization"),
            Service::Anthropic => ("/v1/messages", "x-api-key"),
        };
        assert_eq!(asked.path, path);
        assert!(asked.header(key).is_some_and(|key| key.ends_with("a-key")), "{service:?}: {:?}", asked.head);
        let body = asked.body.to_string();
        assert!(body.contains("Say hello.") && body.contains("Answer."), "{body}");
    }
}

#[tokio::test]
async fn a_shape_is_asked_for_in_each_ones_words() {
    const SCHEMA: &str = r#"{"type": "object", "properties": {"action": {"type": "string"}},
        "required": ["action"], "additionalProperties": false}"#;
    for service in Service::ALL {
        let answers = |asked: &Value| {
            let is_asked = asked.to_string().contains("additionalProperties");
            json!({"action": if is_asked { "list" } else { "none" }}).to_string()
        };
        let stand_in = StandIn::of(service, [Line::Thinks(answers)]).await;
        let question = Question { schema: Some(SCHEMA), ..question("list contacts") };
        let (text, _) = ai(&[&stand_in], RULES).put(question, None, WITHIN).whole().await.expect("an answer");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), json!({"action": "list"}));
        let body = &stand_in.asked()[0].body;
        let schema = match service {
            Service::Gemini => &body["generationConfig"]["responseJsonSchema"],
            Service::OpenAi => &body["response_format"]["json_schema"]["schema"],
            Service::Anthropic => &body["output_config"]["format"]["schema"],
        };
        assert_eq!(schema["properties"]["action"]["type"], "string", "{service:?}: {body}");
    }
}

#[tokio::test]
async fn examples_are_turns_of_the_conversation_before_the_question() {
    for service in Service::ALL {
        let stand_in = StandIn::of(service, [Line::Says("blue")]).await;
        let question = Question { examples: &[("grass?", "green"), ("coal?", "black")], ..question("sky?") };
        ai(&[&stand_in], RULES).put(question, None, WITHIN).whole().await.expect("an answer");
        let body = &stand_in.asked()[0].body;
        let (turns, other) = match service {
            Service::Gemini => (&body["contents"], "model"),
            Service::OpenAi | Service::Anthropic => (&body["messages"], "assistant"),
        };
        let turns = turns.as_array().unwrap().iter().filter(|turn| turn["role"] != "system");
        let roles: Vec<_> = turns.clone().map(|turn| turn["role"].as_str().unwrap_or_default()).collect();
        assert_eq!(roles, ["user", other, "user", other, "user"], "{service:?}: {body}");
        for (turn, text) in turns.zip(["grass?", "green", "coal?", "black", "sky?"]) {
            assert!(turn.to_string().contains(text), "{service:?}: {body}");
        }
    }
}

#[tokio::test]
async fn what_goes_wrong_is_told_in_time_after_the_right_number_of_calls() {
    let error = |text: &str| json!({"error": {"message": text, "type": "x"}});
    let cases: [(Line, Trouble, usize); 10] = [
        (Line::Status(429, "Retry-After: 3600\r\n", error("slow down")), Trouble::Busy(None), 1),
        (Line::Status(429, "", json!({"error": {"code": "insufficient_quota"}})), Trouble::OutOfQuota, 1),
        (Line::Status(500, "", error("oops")), Trouble::Unavailable, 2),
        (Line::Status(401, "", error("who?")), Trouble::WrongKey, 1),
        (Line::Status(404, "", error("no such model")), Trouble::WrongModel, 1),
        (Line::Status(400, "", error("no")), Trouble::NotTaken, 1),
        (Line::Cut("Hel"), Trouble::Malformed, 1),
        (Line::Nonsense, Trouble::Malformed, 2),
        (Line::Declines, Trouble::Declined, 1),
        (Line::Stops("Hel"), Trouble::TooLate, 1),
    ];
    for service in Service::ALL {
        for (line, expected, calls) in &cases {
            let stand_in = StandIn::of(service, [line.clone()]).await;
            let answering = ai(&[&stand_in], RULES).put(question("?"), None, Duration::from_secs(3));
            let trouble = answering.whole().await.expect_err("no answer");
            let is_expected = match expected {
                Trouble::Busy(_) => matches!(trouble, Trouble::Busy(_)),
                expected => trouble == *expected,
            };
            assert!(is_expected, "{service:?}, {line:?}: {trouble:?}");
            assert_eq!(stand_in.asked().len(), *calls, "{service:?}, {line:?}");
        }
    }
}

#[tokio::test]
async fn a_moment_later_it_may_answer() {
    for service in Service::ALL {
        let busy = Line::Status(429, "Retry-After: 0\r\n", json!({"error": {"message": "slow down"}}));
        let stand_in = StandIn::of(service, [busy, Line::Says(TEXT)]).await;
        let (text, _) =
            ai(&[&stand_in], RULES).put(question("?"), None, WITHIN).whole().await.expect("an answer");
        assert_eq!((text.as_str(), stand_in.asked().len()), (TEXT, 2));
    }
}

#[tokio::test]
async fn what_is_told_in_the_middle_of_an_answer_is_what_it_is() {
    let blocked = r#"data: {"promptFeedback": {"blockReason": "SAFETY"}}"#;
    let refused = r#"data: {"error": {"message": "no", "code": 400}}"#;
    let failed = r#"data: {"error": {"message": "oops", "code": 500}}"#;
    let no_key = json!({"error": {"code": 400, "details": [{"reason": "API_KEY_INVALID"}]}});
    for (service, line, trouble, calls) in [
        (Service::Gemini, Line::Raw(concat_lines(blocked)), Trouble::Declined, 1),
        (Service::OpenAi, Line::Raw(concat_lines(refused)), Trouble::NotTaken, 1),
        (Service::OpenAi, Line::Raw(concat_lines(failed)), Trouble::Unavailable, 2),
        (Service::Gemini, Line::Status(400, "", no_key), Trouble::WrongKey, 1),
        (Service::OpenAi, Line::Status(402, "", json!({})), Trouble::OutOfQuota, 1),
    ] {
        let stand_in = StandIn::of(service, [line.clone()]).await;
        let answer = ai(&[&stand_in], RULES).put(question("?"), None, WITHIN).whole().await;
        assert_eq!(answer.map(drop), Err(trouble), "{service:?}: {line:?}");
        assert_eq!(stand_in.asked().len(), calls, "{service:?}: {line:?}");
    }
}

/// An event ends with an empty line.
fn concat_lines(event: &str) -> &'static str {
    Box::leak(format!("{event}\n\n").into_boxed_str())
}

#[tokio::test]
async fn an_answer_ends_as_the_provider_ends_it() {
    let unended = concat!(
        r#"data: {"id": "1", "choices": [{"index": 0, "delta": {"content": "Hello"}, "finish_reason": null}]}"#,
        "\n\ndata: [DONE]\n\n"
    );
    let too_long = concat!(
        r#"data: {"id": "1", "choices": [{"index": 0, "delta": {"content": "Hello"}, "finish_reason": null}]}"#,
        "\n\n",
        r#"data: {"id": "1", "choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]}"#,
        "\n\ndata: [DONE]\n\n"
    );
    for (events, is_cut) in [(unended, false), (too_long, true)] {
        let stand_in = StandIn::of(Service::OpenAi, [Line::Raw(events)]).await;
        let answer = ai(&[&stand_in], RULES).put(question("?"), None, WITHIN).whole().await;
        let (text, whole) = answer.expect("an answer");
        assert_eq!((text.as_str(), whole.is_cut), ("Hello", is_cut));
    }
}
