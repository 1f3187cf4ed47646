//! What keeps the AI on a short leash: who is asked next, what is asked once, and when nobody is.

use crate::stand_in::{Line, RULES, StandIn, WITHIN, ai, ai_counted, question};
use futures::future::join_all;
use serde_json::json;
use std::time::Duration;
use strowger::ai::{Budget, Piece, Question, Rules, Service, Trouble};
use strowger::core::Millis;
use strowger::metrics::Metrics;

const TEXT: &str = "Hello, and welcome!";

fn fault() -> Line {
    Line::Status(500, "", json!({"error": {"message": "oops"}}))
}

#[tokio::test]
async fn if_one_cannot_the_next_one_is_asked_but_never_after_a_word() {
    let (down, up) = (
        StandIn::of(Service::Gemini, [fault()]).await,
        StandIn::of(Service::OpenAi, [Line::Says(TEXT)]).await,
    );
    let (text, whole) =
        ai(&[&down, &up], RULES).put(question("?"), None, WITHIN).whole().await.expect("an answer");
    assert_eq!((text.as_str(), whole.service), (TEXT, Service::OpenAi));
    let half = StandIn::of(Service::Gemini, [Line::Cut("Hel")]).await;
    let up = StandIn::of(Service::OpenAi, [Line::Says(TEXT)]).await;
    let answer = ai(&[&half, &up], RULES).put(question("?"), None, WITHIN).whole().await;
    assert_eq!((answer.map(drop), up.asked().len()), (Err(Trouble::Malformed), 0));
}

#[tokio::test]
async fn whoever_is_named_is_asked_and_nobody_else() {
    let one = StandIn::of(Service::Gemini, [Line::Says(TEXT)]).await;
    let other = StandIn::of(Service::OpenAi, [fault()]).await;
    let ai = ai(&[&one, &other], RULES);
    let put = async |service| {
        ai.put(question("?"), Some(service), WITHIN).whole().await.map(|(_, whole)| whole.service)
    };
    assert_eq!(put(Service::OpenAi).await, Err(Trouble::Unavailable));
    assert_eq!(one.asked().len(), 0);
    assert_eq!(put(Service::Gemini).await, Ok(Service::Gemini));
    assert_eq!(put(Service::Anthropic).await, Err(Trouble::NoProvider));
}

#[tokio::test]
async fn ten_who_ask_the_same_are_one_call_and_who_comes_late_hears_it_all() {
    let stand_in = StandIn::of(Service::OpenAi, [Line::Says(TEXT)]).await;
    let ai = ai(&[&stand_in], RULES);
    let all = join_all((0..10).map(|_| ai.put(question("?"), None, WITHIN).whole())).await;
    assert!(all.iter().all(|answer| answer.as_ref().is_ok_and(|(text, _)| text == TEXT)));
    assert_eq!(stand_in.asked().len(), 1);
    // Once it is answered, it is another question.
    ai.put(question("?"), None, WITHIN).whole().await.expect("an answer");
    ai.put(question("!"), None, WITHIN).whole().await.expect("an answer");
    assert_eq!(stand_in.asked().len(), 3);
}

#[tokio::test]
async fn nobody_is_asked_past_the_budget_of_the_day() {
    let stand_in = StandIn::of(Service::OpenAi, [Line::Says(TEXT)]).await;
    // 21 tokens a call.
    for budget in [Budget { calls: 2, tokens: 0 }, Budget { calls: 0, tokens: 22 }] {
        let before = stand_in.asked().len();
        let ai = ai(&[&stand_in], Rules { budget, ..RULES });
        for n in 0..4 {
            let answer = ai.put(question(&n.to_string()), None, WITHIN).whole().await;
            assert_eq!(answer.map(drop), if n < 2 { Ok(()) } else { Err(Trouble::Spent) });
        }
        assert_eq!(stand_in.asked().len() - before, 2);
    }
}

#[tokio::test]
async fn what_was_said_before_it_broke_off_counts() {
    let broken = concat!(
        r#"data: {"id": "1", "choices": [{"index": 0, "delta": {"content": "a long answer that never ends"}}]}"#,
        "\n\n",
        r#"data: {"error": {"message": "oops", "code": 500}}"#,
        "\n\n"
    );
    let stand_in = StandIn::of(Service::OpenAi, [Line::Raw(broken), Line::Says(TEXT)]).await;
    // Seven for what was said.
    let ai = ai(&[&stand_in], Rules { budget: Budget { calls: 0, tokens: 7 }, ..RULES });
    let answers = [
        ai.put(question("one"), None, WITHIN).whole().await.map(drop),
        ai.put(question("two"), None, WITHIN).whole().await.map(drop),
    ];
    assert_eq!(answers, [Err(Trouble::Unavailable), Err(Trouble::Spent)]);
}

#[tokio::test]
async fn who_fails_again_and_again_is_left_alone() {
    let stand_in = StandIn::of(Service::OpenAi, [fault()]).await;
    let ai = ai(&[&stand_in], RULES);
    for n in 0..5 {
        assert!(ai.put(question(&n.to_string()), None, WITHIN).whole().await.is_err());
    }
    assert_eq!(stand_in.asked().len(), 5, "of ten that there could have been");
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_any_more_gives_its_place_free() {
    let stand_in = StandIn::of(Service::OpenAi, [Line::Stops("Hel"), Line::Says(TEXT)]).await;
    let ai = ai(&[&stand_in], Rules { at_once: 1, ..RULES });
    let mut forgotten = ai.put(question("one"), None, WITHIN);
    assert_eq!(forgotten.next().await, Some(Piece::Text("Hel".to_owned())));
    drop(forgotten);
    ai.put(question("two"), None, WITHIN).whole().await.expect("there is a place");
}

#[tokio::test]
async fn who_finds_no_place_in_time_is_told() {
    let stand_in = StandIn::of(Service::OpenAi, [Line::Silence]).await;
    let ai = ai(&[&stand_in], Rules { at_once: 1, ..RULES });
    let _first = ai.put(question("one"), None, WITHIN);
    let second = ai.put(question("two"), None, Duration::from_millis(50)).whole().await;
    assert_eq!(second.map(drop), Err(Trouble::Busy(None)));
}

#[tokio::test]
async fn whoever_has_nothing_left_or_no_time_is_passed_over_at_once() {
    let busy = Line::Status(429, "Retry-After: 15\r\n", json!({"error": {"message": "slow down"}}));
    let no_money = Line::Status(429, "", json!({"error": {"code": "insufficient_quota"}}));
    for line in [busy, no_money] {
        let first = StandIn::of(Service::Gemini, [line]).await;
        let second = StandIn::of(Service::OpenAi, [Line::Says(TEXT)]).await;
        let answer = ai(&[&first, &second], RULES).put(question("?"), None, Duration::from_secs(10)).whole();
        assert_eq!(answer.await.map(|(_, whole)| whole.service), Ok(Service::OpenAi));
        assert_eq!(first.asked().len(), 1);
    }
}

#[tokio::test]
async fn whoever_says_nothing_is_passed_over_while_there_is_time() {
    let silent = StandIn::of(Service::Gemini, [Line::Silence]).await;
    let other = StandIn::of(Service::OpenAi, [Line::Says(TEXT)]).await;
    let answer = ai(&[&silent, &other], RULES).put(question("?"), None, WITHIN).whole().await;
    assert_eq!(answer.map(|(_, whole)| whole.service), Ok(Service::OpenAi));
    let alone = ai(&[&silent], RULES).put(question("?"), None, Duration::from_millis(5_500)).whole();
    let nobody_better = tokio::time::timeout(Duration::from_millis(5_200), alone).await;
    assert!(nobody_better.is_err(), "whoever is alone has all the time there is");
}

#[tokio::test]
async fn whoever_wants_to_rest_is_left_alone_and_it_is_said_for_how_long() {
    let busy = Line::Status(429, "Retry-After: 3600\r\n", json!({"error": {"message": "slow down"}}));
    let stand_in = StandIn::of(Service::OpenAi, [busy]).await;
    let ai = ai(&[&stand_in], RULES);
    for n in ["1", "2"] {
        let trouble = ai.put(question(n), None, WITHIN).whole().await.map(drop).expect_err("it rests");
        let Trouble::Busy(Some(Millis(wait))) = trouble else { panic!("{trouble:?}") };
        assert!((3_500_000..=3_600_000).contains(&wait), "{wait}");
    }
    assert_eq!(stand_in.asked().len(), 1);
}

#[tokio::test]
async fn whoever_watches_sees_which_service_rests_and_when_it_is_back() {
    let busy = Line::Status(429, "Retry-After: 3600\r\n", json!({"error": {"message": "slow down"}}));
    let declines = Line::Status(500, "", json!({"error": {"message": "oh"}}));
    let (first, second) = (
        StandIn::of(Service::OpenAi, [busy]).await,
        StandIn::of(Service::Gemini, [declines.clone(), declines, Line::Says(TEXT)]).await,
    );
    let metrics = Metrics::new();
    let ai = ai_counted(&[&first, &second], RULES, metrics.clone());
    let seen = || -> Vec<_> {
        let services = metrics.overview().services.into_iter();
        services.map(|service| (service.name, service.rests, service.answered, service.failed)).collect()
    };
    assert_eq!(seen(), [("gemini", false, 0, 0), ("openai", false, 0, 0)], "before anybody asks");
    assert!(ai.put(question("1"), None, WITHIN).whole().await.is_err());
    assert_eq!(seen(), [("gemini", false, 0, 2), ("openai", true, 0, 1)]);
    let answer = ai.put(question("2"), None, WITHIN).whole().await;
    assert_eq!(answer.map(|(_, whole)| whole.service), Ok(Service::Gemini));
    assert_eq!(seen(), [("gemini", false, 1, 2), ("openai", true, 0, 1)]);
    assert!(metrics.page().contains("strowger_ai_resting{service=\"openai\"} 1\n"));
    assert!(metrics.page().contains("strowger_ai_resting{service=\"gemini\"} 0\n"));
}

#[tokio::test]
async fn whoever_has_no_time_left_says_nothing_of_a_provider() {
    let stand_in = StandIn::of(Service::OpenAi, [Line::Silence]).await;
    let ai = ai(&[&stand_in], RULES);
    for n in 0..6 {
        let answer = ai.put(question(&n.to_string()), None, Duration::from_millis(20)).whole().await;
        assert_eq!(answer.map(drop), Err(Trouble::TooLate));
    }
    assert_eq!(stand_in.asked().len(), 6, "it is not left alone");
}

#[tokio::test]
async fn what_nobody_waits_for_leaves_half_of_the_places_to_others() {
    let lines = [Line::Silence, Line::Silence, Line::Says(TEXT)];
    let stand_in = StandIn::of(Service::OpenAi, lines).await;
    let ai = ai(&[&stand_in], RULES);
    let behind = |n: usize| Question { in_background: true, ..question(&n.to_string()) };
    let _hanging: Vec<_> = (0..10).map(|n| ai.put(behind(n), None, WITHIN)).collect();
    while stand_in.asked().len() < 2 {
        tokio::task::yield_now().await;
    }
    ai.put(question("now"), None, WITHIN).whole().await.expect("there is a place");
    assert_eq!(stand_in.asked().len(), 3);
}

#[tokio::test]
async fn a_call_that_was_taken_back_counts_too() {
    let stand_in =
        StandIn::of(Service::OpenAi, [Line::Stops("Hello, and more of it, and more"), Line::Says(TEXT)])
            .await;
    let ai = ai(&[&stand_in], Rules { budget: Budget { calls: 0, tokens: 5 }, ..RULES });
    let mut forgotten = ai.put(question("one"), None, WITHIN);
    forgotten.next().await.expect("a piece");
    drop(forgotten);
    let answer = loop {
        let answer = ai.put(question("two"), None, WITHIN).whole().await;
        if answer.is_err() {
            break answer;
        }
    };
    assert_eq!(answer.map(drop), Err(Trouble::Spent));
}
