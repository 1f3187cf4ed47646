//! Clients that stop reading or vanish: they are closed, and nobody else notices.

use crate::raw_client::{RawClient, TEXT, frame};
use crate::test_client::{PATIENCE, TestClient};
use crate::test_server::TestServer;
use crate::{patiently, web};
use serde_json::json;
use std::time::{Duration, Instant};

/// More than a slow answer takes on a busy machine, and far less than anybody who waits for a slow reader.
const QUICK: Duration = Duration::from_millis(1_500);

/// How often this house closed a WebSocket with this code, as its page of figures says.
async fn closes(server: &TestServer, code: u16) -> u64 {
    let page = web::get(server.port(), "/metrics").await.body;
    let name = format!("strowger_closes_total{{code=\"{code}\"}} ");
    page.lines().find_map(|line| line.strip_prefix(&name)?.parse().ok()).unwrap_or(0)
}

/// Waits until the house has closed somebody with this code; meanwhile others use it.
async fn until_closed(server: &TestServer, code: u16, bystander: &mut TestClient) {
    let start = Instant::now();
    while closes(server, code).await == 0 {
        assert!(start.elapsed() < PATIENCE, "nobody was closed with {code}");
        quick_answer(bystander).await;
    }
}

async fn quick_answer(client: &mut TestClient) {
    let start = Instant::now();
    client.send(json!({"type": "chat_message", "message": "#who", "request_id": "quick"})).await;
    assert_eq!(client.expect("response").await["request_id"], "quick");
    assert!(start.elapsed() < QUICK, "an answer took {:?}", start.elapsed());
}

/// Pairs somebody who will not read any more with somebody who talks.
async fn slow_couple(server: &TestServer) -> (RawClient, TestClient) {
    let mut slow = RawClient::join_with_little_room(server.port(), "Slow").await;
    let mut talker = TestClient::join(&server.url(), "Talker").await;
    slow.say("#meet").await;
    assert_eq!(slow.next().await["content"]["state"], "waiting");
    assert_eq!(talker.ask("#meet").await["state"], "paired");
    (slow, talker)
}

/// Talks until told that nobody listens. How many texts were taken, and how many of these came back.
async fn talk_to_the_end(talker: &mut TestClient) -> (usize, usize) {
    let (mut taken, mut failed) = (0, 0);
    let text = "x".repeat(4_000);
    for sent in 0_u32.. {
        assert!(sent < 100_000, "the slow reader is never closed");
        talker.send(json!({"type": "chat_message", "message": text, "request_id": "t"})).await;
        loop {
            let frame = talker.next().await;
            match (frame["type"].as_str(), frame["content"]["success"].as_bool()) {
                (Some("chat_message_failed"), _) => failed += 1,
                (Some("chat_event"), _) => return (taken, failed),
                (_, Some(true)) => taken += 1,
                (_, _) => assert_eq!(frame["content"]["success"], false, "{frame}"),
            }
            if frame["type"] == "response" {
                break;
            }
        }
    }
    unreachable!("the loop ends by itself")
}

#[tokio::test]
async fn who_stops_reading_is_closed_with_4001_while_others_get_quick_answers() {
    let server = TestServer::with(&["chat.grace=0s", "limits.outbox_frames=64"]).await;
    let mut bystander = TestClient::join(&server.url(), "Bystander").await;
    let (mut slow, mut talker) = slow_couple(&server).await;
    let (talk, ()) = tokio::join!(talk_to_the_end(&mut talker), until_closed(&server, 4001, &mut bystander));
    assert!(talk.0 > 64, "{talk:?}");
    assert_eq!(closes(&server, 4001).await, 1);

    // Whoever reads on after all learns why.
    let mut last = None;
    let code = loop {
        match slow.next_frame().await {
            Some((TEXT, payload)) => last = Some(payload),
            Some((_, payload)) => break u16::from_be_bytes([payload[0], payload[1]]),
            None => panic!("no close frame"),
        }
    };
    assert_eq!(code, 4001);
    let last: serde_json::Value = serde_json::from_slice(&last.expect("a frame")).expect("JSON");
    assert_eq!((&last["type"], &last["code"]), (&json!("error"), &json!("overloaded")));
}

#[tokio::test]
async fn what_a_slow_reader_left_comes_back_to_its_sender_who_stays() {
    for _ in 0..2 {
        let server = TestServer::with(&["chat.grace=0s", "limits.outbox_frames=64"]).await;
        let mut bystander = TestClient::join(&server.url(), "Bystander").await;
        let (_slow, mut talker) = slow_couple(&server).await;
        // With others at the exchange the news that the reader left may come right behind the texts.
        let (talk, ()) =
            tokio::join!(talk_to_the_end(&mut talker), until_closed(&server, 4001, &mut bystander));
        let (taken, failed) = talk;
        assert!(failed >= 64, "{failed} of {taken} came back: those in the mailbox should");
        assert_eq!(talker.ask("#who").await["state"], "idle");
    }
}

#[tokio::test]
async fn a_sender_who_reads_nothing_either_gets_no_more_than_its_own_share() {
    let server = TestServer::with(&["chat.grace=0s", "limits.outbox_frames=64"]).await;
    let (_slow, mut talker) = slow_couple(&server).await;
    // Without a request_id nothing is answered until the reader is closed: then all of it comes back at once.
    let text = json!({"type": "chat_message", "message": "x".repeat(4_000)}).to_string();
    while server.metric("strowger_closes_total") == 0 {
        talker.send_text(&text).await;
    }
    talker.send(json!({"type": "ping"})).await;
    patiently(async { while talker.next().await["type"] != "pong" {} }).await;
    assert_eq!(server.metric("strowger_closes_total"), 1, "only the slow reader is closed");
}

#[tokio::test]
async fn who_does_not_read_the_broadcasts_of_its_session_is_closed_with_4001() {
    let server = TestServer::with(&["chat.grace=0s", "limits.outbox_frames=64"]).await;
    let mut bystander = TestClient::join(&server.url(), "Bystander").await;
    let _slow = RawClient::join_with_little_room(server.port(), "of Anna").await;
    let mut anna = TestClient::join(&server.url(), "Anna").await;
    let contacts: Vec<_> = (0..20).map(|number| format!("{number}{}", "x".repeat(1_000))).collect();
    let update = json!({"type": "contact_list_update", "contacts": contacts, "request_id": "u"});
    let start = Instant::now();
    while server.metric("strowger_closes_total") == 0 {
        assert!(start.elapsed() < PATIENCE, "the slow reader is never closed");
        anna.send(update.clone()).await;
        anna.expect("contact_list_broadcast").await;
        quick_answer(&mut bystander).await;
    }
    assert_eq!(closes(&server, 4001).await, 1);
    anna.expect("client_left").await;
}

#[tokio::test]
async fn bytes_count_as_well_as_frames() {
    let server =
        TestServer::with(&["chat.grace=0s", "limits.outbox_frames=0", "limits.outbox_bytes=64KiB"]).await;
    let (_slow, mut talker) = slow_couple(&server).await;
    let (taken, failed) = talk_to_the_end(&mut talker).await;
    // 64 KiB in the mailbox, and as much that the socket had and the network did not take.
    assert!((1..=33).contains(&failed), "{failed} of {taken}");
    assert_eq!(closes(&server, 4001).await, 1);
}

/// A burst that arrives in one piece, from somebody whose partner reads all the time.
async fn burst(frames: usize, frame_of: impl Fn(usize) -> serde_json::Value, changes: &[&str]) -> usize {
    let server = TestServer::with(changes).await;
    let mut a = RawClient::join(server.port(), "User_A").await;
    let mut b = TestClient::join(&server.url(), "User_B").await;
    a.say("#meet").await;
    assert_eq!(a.next().await["content"]["state"], "waiting");
    assert_eq!(b.ask("#meet").await["state"], "paired");
    let who = json!({"type": "chat_message", "message": "#bye"});
    let frames = (0..frames).map(frame_of).chain([who]);
    let bytes: Vec<u8> = frames.flat_map(|text| frame(TEXT, text.to_string().as_bytes())).collect();
    let reading = async {
        for heard in 0.. {
            let frame = b.next().await;
            assert_ne!(frame["type"], "error", "who reads is not too slow: {frame}");
            if frame["event"] == "partner_left" {
                return heard;
            }
        }
        unreachable!("the partner leaves")
    };
    tokio::join!(a.write(&bytes), reading).1
}

#[tokio::test]
async fn a_partner_who_reads_is_not_closed_by_a_burst_of_lines() {
    let line = |n| json!({"type": "chat_message", "message": format!("line {n}")});
    assert!(burst(10_000, line, &[]).await >= 4_096);
}

#[tokio::test]
async fn a_partner_who_reads_is_not_closed_by_a_burst_of_hints() {
    let hint = |n| json!({"type": "chat_typing", "active": n % 2 == 0});
    assert!(burst(1_000, hint, &["limits.outbox_frames=64"]).await >= 1);
}

#[tokio::test]
async fn who_takes_nothing_for_as_long_as_a_pong_may_take_is_closed_with_4001() {
    let server = TestServer::with(&[
        "chat.grace=0s",
        "limits.outbox_frames=0",
        "limits.outbox_bytes=64MiB",
        "limits.ping=0",
    ])
    .await;
    let (_slow, mut talker) = slow_couple(&server).await;
    assert_eq!(talker.ask("#hide").await["masking"], false, "to look for numbers takes time");
    // More than the system's own buffers take.
    for _ in 0..3_000 {
        talker.say(&"x".repeat(4_000)).await;
    }
    assert_eq!(talker.ask("#who").await["state"], "paired");
    assert_eq!(server.metric("strowger_closes_total"), 0);
    let start = Instant::now();
    while closes(&server, 4001).await == 0 {
        assert!(start.elapsed() < PATIENCE, "the slow reader is never closed");
        server.step(Duration::from_secs(10));
    }
    patiently(async { while talker.next().await["event"] != "partner_left" {} }).await;
}

#[tokio::test]
async fn who_vanishes_in_a_burst_takes_no_frame_with_them() {
    let server = TestServer::with(&["chat.grace=0s"]).await;
    let url = server.url();
    let (mut a, mut b) = crate::test_client::couple(&url).await;
    let mut vanishing = Vec::new();
    for n in 0..20 {
        let mut client = RawClient::join(server.port(), "of User_A").await;
        client.say(&format!("#meet tag {n}")).await;
        vanishing.push(client);
    }
    for n in 0..200 {
        a.say(&format!("line {n}")).await;
        if n % 10 == 5
            && let Some(mut client) = vanishing.pop()
        {
            // A frame half-written, and gone.
            client.write(&[TEXT, 0x80 | 100, 1, 2, 3, 4, b'{']).await;
            drop(client);
        }
    }
    for n in 0..200 {
        assert_eq!(b.hear().await, format!("line {n}"));
    }
    let mut left = 0;
    while left < 20 {
        let frame = a.next().await;
        left += usize::from(frame["type"] == "client_left");
    }
}
