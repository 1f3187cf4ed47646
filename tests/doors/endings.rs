//! What was shown when a connection ends is settled: it is not told as failed, and not shown again; and what was not
//! shown by then is shown by nobody but the next connection.

use crate::raw_client::{self, BINARY, CLOSE, RawClient, frame};
use crate::returning_client::{couple, until};
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// Somebody whom the hub closes in the moment a text comes for them: their partner, their token, and whether they
/// were shown it.
async fn closed_as_a_text_comes(server: &TestServer) -> (TestClient, Value, bool) {
    let mut partner = TestClient::join(&server.url(), "Partner").await;
    let mut closed = RawClient::connect(server.port()).await;
    closed.send(r#"{"type":"register","session":"own"}"#).await;
    let token = closed.next().await["resume_token"].clone();
    assert_eq!(partner.ask("#meet").await["state"], "waiting");
    closed.say("#meet").await;
    while !closed.next_frame().await.expect("a frame").1.starts_with(br#"{"type":"response""#) {}
    assert_eq!(partner.expect("chat_event").await["event"], "matched");
    // Both are there before the hub reads either.
    partner.say("hello").await;
    closed.write(&frame(BINARY, b"x")).await;
    let mut is_shown = false;
    while let Some((first, payload)) = closed.next_frame().await {
        is_shown |= String::from_utf8_lossy(&payload).contains("hello");
        if first == CLOSE {
            break;
        }
    }
    drop(closed);
    until(server, "strowger_away", 1).await;
    assert_eq!(partner.expect("chat_event").await["event"], "partner_away");
    (partner, token, is_shown)
}

#[tokio::test]
async fn what_went_out_as_a_connection_ended_is_not_told_as_failed() {
    let server = TestServer::start().await;
    let (mut partner, _, is_shown) = closed_as_a_text_comes(&server).await;
    server.step(Duration::from_secs(60));
    let mut is_told = false;
    loop {
        let frame = partner.next().await;
        is_told |= frame["type"] == "chat_message_failed";
        if frame["event"] == "partner_left" {
            break;
        }
    }
    assert_ne!(is_shown, is_told);
}

#[tokio::test]
async fn what_went_out_as_a_connection_ended_is_not_shown_again() {
    let server = TestServer::start().await;
    let (mut partner, token, was_shown) = closed_as_a_text_comes(&server).await;
    let mut back = TestClient::connect(&server.url()).await;
    back.send(json!({"type": "register", "resume_token": token})).await;
    assert_eq!(back.expect("registration_confirmed").await["recovered"], true);
    assert_eq!(partner.expect("chat_event").await["event"], "partner_back");
    partner.say("and on").await;
    let expected: &[&str] = if was_shown { &["and on"] } else { &["hello", "and on"] };
    for text in expected {
        assert_eq!(back.hear().await, *text);
    }
}

/// Which line it is, of a frame that shows one or brings one back.
fn number(frame: &Value) -> u32 {
    let text = frame["message"].as_str().expect("a text");
    text.split(' ').next().and_then(|number| number.parse().ok()).expect("its number")
}

#[tokio::test]
async fn a_slow_reader_who_reads_on_is_shown_what_does_not_come_back() {
    let server = TestServer::with(&["chat.grace=0s", "limits.outbox_frames=64"]).await;
    let mut slow = RawClient::join_with_little_room(server.port(), "Slow").await;
    let mut talker = TestClient::join(&server.url(), "Talker").await;
    slow.say("#meet").await;
    assert_eq!(slow.next().await["content"]["state"], "waiting");
    assert_eq!(talker.ask("#meet").await["state"], "paired");
    let (mut taken, mut failed, mut shown) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    'talk: for n in 0..100_000 {
        let text = format!("{n} {}", "x".repeat(4_000));
        talker.send(json!({"type": "chat_message", "message": text, "request_id": "t"})).await;
        loop {
            let frame = talker.next().await;
            match frame["type"].as_str() {
                Some("chat_message_failed") => assert!(failed.insert(number(&frame))),
                Some("chat_event") => break 'talk,
                _ => {
                    taken.extend((frame["content"]["success"] == true).then_some(n));
                    break;
                }
            }
        }
    }
    let mut code = None;
    while let Some((first, payload)) = slow.next_frame().await {
        if first == CLOSE {
            code = Some(u16::from_be_bytes([payload[0], payload[1]]));
            break;
        }
        let frame: Value = serde_json::from_slice(&payload).expect("JSON");
        if frame["type"] == "chat_message" {
            assert!(shown.insert(number(&frame)));
        }
    }
    assert_eq!(code, Some(4001), "who reads on learns why");
    assert_eq!(shown.intersection(&failed).count(), 0, "shown, or told as failed");
    assert_eq!(shown.union(&failed).count(), taken.len(), "one of the two");
}

#[tokio::test]
async fn a_text_of_any_size_that_was_taken_is_shown() {
    let server = TestServer::with(&["limits.text=0"]).await;
    let (mut a, mut b) = couple(&server).await;
    let large = "x ".repeat(200_000);
    for text in ["small", &large, &large, "small again"] {
        a.client.send(json!({"type": "chat_message", "message": text, "request_id": "7"})).await;
        assert_eq!(a.next().await["content"]["delivered"], true);
    }
    for text in ["small", &large, &large, "small again"] {
        assert!(b.hear().await == text, "each is shown, and in order");
    }
    // The newest is kept for whoever comes back, however large it is.
    let seen = b.pos.clone();
    a.client.say(&large).await;
    assert!(b.hear().await == large);
    b.lose(&server).await;
    b.pos = seen;
    assert_eq!(b.come_back(&server.url()).await["recovered"], true);
    assert!(b.hear().await == large);
}

#[tokio::test]
async fn a_message_has_to_end_however_much_the_partner_says() {
    let server = TestServer::start().await;
    let mut talker = RawClient::join(server.port(), "Talker").await;
    let mut endless = RawClient::join(server.port(), "Endless").await;
    talker.say("#meet").await;
    assert_eq!(talker.next().await["content"]["state"], "waiting");
    endless.say("#meet").await;
    while endless.next().await["type"] != "response" {}
    assert_eq!(talker.next().await["event"], "matched");
    // It begins a message that never ends, answers no ping, and reads all.
    endless.write(&frame(raw_client::TEXT_BEGINS, b"{")).await;
    let line = json!({"type": "chat_message", "message": "y".repeat(600)}).to_string();
    let burst = frame(raw_client::TEXT, line.as_bytes()).repeat(400);
    for _ in 0..10 {
        talker.write(&burst).await;
        let mut heard = 0;
        while heard < 400 {
            let Some((first, payload)) = endless.next_frame().await else { return };
            if first == CLOSE {
                let code = u16::from_be_bytes([payload[0], payload[1]]);
                assert!([4002, 4003].contains(&code), "{code}");
                return;
            }
            heard += usize::from(payload.starts_with(br#"{"type":"chat_message""#));
        }
        server.step(Duration::from_secs(8));
    }
    panic!("80 s: neither a pong nor the end of the message, and it is still open");
}
