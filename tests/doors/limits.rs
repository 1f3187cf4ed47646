//! The limits on what one client may take: of time, connections, words and turns.

use crate::patiently;
use crate::raw_client::{PING, RawClient};
use crate::test_client::{TestClient, couple};
use crate::test_server::TestServer;
use crate::web;
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn who_does_not_register_in_time_is_closed_with_4502() {
    let server = TestServer::start().await;
    let mut client = TestClient::connect(&server.url()).await;
    // An answer shows that the door knows of the connection before its time passes.
    client.send(json!({"type": "ping"})).await;
    client.expect("pong").await;
    server.step(10 * SECOND);
    let (frames, code) = client.ended().await;
    assert_eq!(code, Some(4502));
    assert_eq!((&frames[0]["type"], &frames[0]["code"]), (&json!("error"), &json!("not_registered")));
    assert_eq!(frames.len(), 1);
}

#[tokio::test]
async fn who_registered_may_stay() {
    let server = TestServer::start().await;
    let mut client = TestClient::join(&server.url(), "Anna").await;
    server.step(11 * SECOND);
    assert_eq!(client.ask("#who").await["state"], "idle");
}

#[tokio::test]
async fn who_does_not_answer_a_ping_is_closed_with_4002() {
    let server = TestServer::start().await;
    let mut silent = RawClient::join(server.port(), "Silent").await;
    let mut partner = TestClient::join(&server.url(), "Partner").await;
    silent.say("#meet").await;
    assert_eq!(silent.next().await["content"]["state"], "waiting");
    assert_eq!(partner.ask("#meet").await["state"], "paired");
    assert_eq!(silent.next().await["event"], "matched");

    server.step(25 * SECOND);
    assert_eq!(silent.next_frame().await, Some((PING, b"last_pos=1".to_vec())), "it names the last position");
    // The partner reads, and so answers its own ping.
    assert_eq!(partner.ask("#who").await["state"], "paired");
    server.step(10 * SECOND);
    assert_eq!(silent.close_code().await, Some(4002));
    assert_eq!(partner.expect("chat_event").await["event"], "partner_away");
    partner.send(json!({"type": "ping"})).await;
    partner.expect("pong").await;
}

#[tokio::test]
async fn any_frame_answers_a_ping() {
    let server = TestServer::start().await;
    let mut client = RawClient::join(server.port(), "Anna").await;
    for _ in 0..3 {
        server.step(25 * SECOND);
        assert_eq!(client.next_frame().await, Some((PING, b"last_pos=0".to_vec())));
        client.send(r#"{"type":"ping"}"#).await;
        assert_eq!(client.next().await["type"], "pong");
    }
}

#[tokio::test]
async fn past_the_limit_of_connections_the_house_is_full() {
    let server = TestServer::with(&["limits.connections=1"]).await;
    let only = TestClient::join(&server.url(), "Anna").await;
    let answer = web::upgrade(server.port(), "/", "").await;
    assert_eq!(answer.status, 503);
    let retry: u32 = answer.header("Retry-After").and_then(|retry| retry.parse().ok()).expect("seconds");
    assert!(retry > 0);
    assert_eq!(server.metric("strowger_turned_away_total"), 1);
    assert_eq!(web::get(server.port(), "/health").await.status, 200, "pages are still there");

    only.close().await;
    // The seat is free a moment after the goodbye.
    patiently(async {
        while server.metric("strowger_sockets") > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let mut second = TestClient::join(&server.url(), "Bert").await;
    assert_eq!(second.ask("#who").await["state"], "idle");
}

#[tokio::test]
async fn a_text_over_the_limit_is_too_large() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server.url()).await;
    a.say(&"é".repeat(4_097)).await;
    let refused = a.expect("response").await;
    assert_eq!(refused["response_type"], "chat_message_result");
    let expected = json!({
        "success": false, "code": "too_large", "text": "That message is too long: at most 4096 characters.",
    });
    assert_eq!((&refused["content"], refused.get("request_id")), (&expected, None));

    a.say(&"é".repeat(4_096)).await;
    assert_eq!(b.hear().await.chars().count(), 4_096);
}

#[tokio::test]
async fn the_limit_of_a_text_is_a_setting() {
    let server = TestServer::with(&["limits.text=5"]).await;
    let (mut a, mut b) = couple(&server.url()).await;
    a.say("123456").await;
    let text = a.expect("response").await["content"]["text"].clone();
    assert_eq!(text, "That message is too long: at most 5 characters.");
    a.say("fives").await;
    assert_eq!(b.hear().await, "fives");
}

#[tokio::test]
async fn too_many_searches_in_a_minute_are_rate_limited() {
    let server = TestServer::with(&["limits.meets_per_minute=2"]).await;
    let mut client = TestClient::join(&server.url(), "Anna").await;
    for command in ["#meet", "#again"] {
        assert_eq!(client.ask(command).await["state"], "waiting");
        assert_eq!(client.ask("#meet").await["state"], "waiting", "to ask again while waiting costs nothing");
        assert_eq!(client.ask("#bye").await["state"], "idle");
    }
    let refused = client.ask("#meet").await;
    let expected = json!({
        "success": false, "code": "rate_limited", "command": "meet", "state": "idle", "retry_after_ms": 30_000,
        "text": "Slow down a little: try again in 30 s.",
    });
    assert_eq!(refused, expected);
    server.step(29 * SECOND);
    assert_eq!(client.ask("#again").await["text"], "Slow down a little: try again in 1 s.");
    server.step(SECOND);
    assert_eq!(client.ask("#meet").await["state"], "waiting");
}

#[tokio::test]
async fn who_is_refused_a_search_keeps_the_partner() {
    let server = TestServer::with(&["limits.meets_per_minute=1"]).await;
    let (mut a, mut b) = couple(&server.url()).await;
    let refused = a.ask("#again").await;
    assert_eq!((&refused["code"], &refused["state"]), (&json!("rate_limited"), &json!("paired")));
    a.say("still here").await;
    assert_eq!(b.hear().await, "still here");
}

#[tokio::test]
async fn who_does_nothing_for_long_loses_the_chat_and_not_the_registration() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server.url()).await;
    server.step(29 * 60 * SECOND);
    // Both answer their pings with this. Only what they do themselves counts.
    for client in [&mut a, &mut b] {
        client.send(json!({"type": "ping"})).await;
        client.expect("pong").await;
    }
    b.send(json!({"type": "chat_typing", "active": true})).await;
    assert_eq!(a.expect("chat_event").await["event"], "typing");
    server.step(2 * 60 * SECOND);

    let expired = a.pushed().await;
    let text = "⌛ You were away for a while, so your chat has ended. Use #meet to start again.";
    assert_eq!(expired, json!({"type": "chat_event", "event": "expired", "text": text}));
    let left = b.pushed().await;
    let text = "Your partner left the chat. Use #meet to find a new one.";
    assert_eq!(left, json!({"type": "chat_event", "event": "partner_left", "text": text}));

    assert_eq!(a.ask("#meet").await["state"], "waiting");
    assert_eq!(a.ask("#who").await["state"], "waiting");
}

#[tokio::test]
async fn who_waits_and_does_nothing_for_long_waits_no_more() {
    let server = TestServer::start().await;
    let mut client = TestClient::join(&server.url(), "Anna").await;
    assert_eq!(client.ask("#meet").await["state"], "waiting");
    server.step(31 * 60 * SECOND);
    assert_eq!(client.expect("chat_event").await["event"], "expired");
    assert_eq!(client.ask("#who").await["state"], "idle");
    // Once is enough.
    server.step(31 * 60 * SECOND);
    client.send(json!({"type": "ping"})).await;
    client.expect("pong").await;
}

#[tokio::test]
async fn a_request_whose_head_never_ends_is_closed() {
    let server = TestServer::with(&["limits.handshake=1s"]).await;
    for head in ["", "G", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
        let mut stream = web::dial(server.port()).await;
        patiently(stream.write_all(head.as_bytes())).await.expect("the house reads");
        let mut rest = Vec::new();
        // However it ends: what counts is that it does.
        let _ = patiently(stream.read_to_end(&mut rest)).await;
        let answer = String::from_utf8(rest).expect("text");
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{head:?}: {answer}");
    }
}

#[tokio::test]
async fn a_connection_that_asks_nothing_more_is_closed() {
    let server = TestServer::with(&["limits.handshake=1s"]).await;
    let mut stream = web::dial(server.port()).await;
    patiently(stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")).await.expect("the house reads");
    assert_eq!(web::answer(&mut stream).await.status, 200);
    let mut rest = Vec::new();
    let _ = patiently(stream.read_to_end(&mut rest)).await;
    assert_eq!(rest, b"");
}

#[tokio::test]
async fn a_head_without_end_or_with_too_many_headers_is_refused() {
    let server = TestServer::start().await;
    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "x".repeat(100_000));
    let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-Many: x\r\n".repeat(1_000));
    for head in [long, many] {
        let mut stream = web::dial(server.port()).await;
        // The house may close before it read all of it.
        let _ = patiently(stream.write_all(head.as_bytes())).await;
        assert_eq!(web::answer(&mut stream).await.status, 431);
    }
}
