//! Who lost the connection goes on where they were: nothing is shown twice, and nothing is missing in silence.

use crate::raw_client::{CLOSE, PING, PONG, RawClient, frame};
use crate::returning_client::{Returning, couple, until};
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, frame::coding::CloseCode};

/// The default of `chat.grace`.
const GRACE: Duration = Duration::from_secs(60);

fn text(message: &str, request_id: &str) -> Value {
    json!({"type": "chat_message", "message": message, "request_id": request_id})
}

/// Reads on until a ping of the hub was read, and its answer is at the hub.
async fn answer_the_ping(client: &mut TestClient) {
    for _ in 0..2 {
        client.send(json!({"type": "ping"})).await;
        client.expect("pong").await;
    }
}

#[tokio::test]
async fn what_came_after_the_last_position_is_shown_again_and_nothing_else() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server).await;
    for n in 0..10 {
        a.client.say(&format!("line {n}")).await;
    }
    // Five are read; the other five are on the wire when it breaks.
    for n in 0..5 {
        assert_eq!(b.hear().await, format!("line {n}"));
    }
    assert_eq!(a.client.ask("#who").await["state"], "paired");
    b.lose(&server).await;
    assert_eq!(a.next().await["event"], "partner_away");
    let confirmation = b.come_back(&server.url()).await;
    assert_eq!(confirmation["recovered"], true, "{confirmation}");
    assert_eq!(confirmation["client_id"], "User_B");
    assert_eq!(confirmation.get("missed"), None);
    for n in 5..10 {
        assert_eq!(b.hear().await, format!("line {n}"));
    }
    assert_eq!(a.next().await["event"], "partner_back");
    a.client.say("and on").await;
    assert_eq!(b.hear().await, "and on");
}

#[tokio::test]
async fn texts_for_somebody_who_is_away_wait_and_say_so() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server).await;
    b.lose(&server).await;
    assert_eq!(a.next().await["event"], "partner_away");
    for n in 0..3 {
        a.client.send(text(&format!("line {n}"), "7")).await;
        let answer = a.next().await;
        assert_eq!(answer["content"], json!({"success": true, "queued": true}));
    }
    assert_eq!(b.come_back(&server.url()).await["recovered"], true);
    for n in 0..3 {
        assert_eq!(b.hear().await, format!("line {n}"));
    }
}

#[tokio::test]
async fn texts_for_somebody_who_stays_away_come_back() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server).await;
    b.lose(&server).await;
    assert_eq!(a.next().await["event"], "partner_away");
    a.client.send(text("Hello?", "7")).await;
    assert_eq!(a.next().await["content"]["queued"], true);
    server.step(GRACE);
    let failed = a.next().await;
    assert_eq!((&failed["type"], &failed["message"]), (&json!("chat_message_failed"), &json!("Hello?")));
    assert_eq!(failed["request_id"], "7");
    assert_eq!(a.next().await["event"], "partner_left");

    let confirmation = b.come_back(&server.url()).await;
    assert_eq!((&confirmation["recovered"], &confirmation["missed"]), (&json!(false), &Value::Null));
    assert!(confirmation.as_object().is_some_and(|frame| frame.contains_key("missed")));
    assert_eq!(b.client.ask("#who").await["state"], "idle");
}

#[tokio::test]
async fn without_a_position_only_what_was_never_written_is_shown() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server).await;
    a.client.say("read").await;
    assert_eq!(b.hear().await, "read");
    b.lose(&server).await;
    a.client.say("held").await;
    b.pos = None;
    assert_eq!(b.come_back(&server.url()).await["recovered"], true);
    assert_eq!(b.hear().await, "held");
}

#[tokio::test]
async fn what_was_forgotten_is_counted() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server).await;
    a.client.say("line 0").await;
    assert_eq!(b.hear().await, "line 0");
    for n in 1..=150 {
        a.client.say(&format!("line {n}")).await;
        b.client.next().await;
    }
    b.lose(&server).await;
    let confirmation = b.come_back(&server.url()).await;
    assert_eq!((&confirmation["recovered"], &confirmation["missed"]), (&json!(false), &json!(50)));
    for n in 51..=150 {
        assert_eq!(b.hear().await, format!("line {n}"));
    }
    assert_eq!(b.client.ask("#who").await["state"], "paired", "but for that, all is as it was");
}

#[tokio::test]
async fn a_position_that_was_never_given_out_is_not_believed() {
    let server = TestServer::start().await;
    for pos in ["999", "nonsense"] {
        let mut client = Returning::join(&server.url(), &format!("with {pos}")).await;
        client.lose(&server).await;
        client.pos = Some(pos.to_owned());
        let confirmation = client.come_back(&server.url()).await;
        assert_eq!((&confirmation["recovered"], &confirmation["missed"]), (&json!(false), &Value::Null));
    }
}

#[tokio::test]
async fn who_names_a_position_that_was_never_given_out_goes_on_and_positions_begin_anew() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server).await;
    a.client.say("before").await;
    assert_eq!(b.hear().await, "before");
    b.lose(&server).await;
    b.pos = Some("999".to_owned());
    let confirmation = b.come_back(&server.url()).await;
    assert_eq!(
        (&confirmation["recovered"], &confirmation["missed"], &confirmation["client_id"]),
        (&json!(false), &Value::Null, &json!("User_B"))
    );
    assert_eq!(server.metric_of("strowger_comebacks_total{outcome=\"unknown\"}"), 1);
    assert_eq!(b.client.ask("#who").await["state"], "paired", "nothing is over");
    a.client.say("after").await;
    assert_eq!(b.hear().await, "after");
    // It begins at 0 from there: nothing from before is shown again, and nothing since is missing.
    b.lose(&server).await;
    b.pos = Some("0".to_owned());
    assert_eq!(b.come_back(&server.url()).await["recovered"], true);
    assert_eq!(b.hear().await, "after");
}

#[tokio::test]
async fn with_a_dead_token_the_rest_of_the_frame_makes_the_new_registration() {
    let server = TestServer::start().await;
    let mut client = Returning::join(&server.url(), "Anna").await;
    let frame = json!({"type": "register", "client_id": "Anna again", "session": "of Anna", "nickname": "Anna",
        "resume_token": "dead", "last_pos": "3"});
    let confirmation = client.register(&server.url(), frame).await;
    assert_eq!((&confirmation["recovered"], &confirmation["missed"]), (&json!(false), &Value::Null));
    for (field, value) in [("client_id", "Anna again"), ("session", "of Anna"), ("nickname", "Anna")] {
        assert_eq!(confirmation[field], value);
    }
    assert_eq!(client.client.ask("#who").await["state"], "idle");
}

#[tokio::test]
async fn a_token_of_another_client_id_is_a_conflict_and_harms_nobody() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server).await;
    b.lose(&server).await;
    assert_eq!(a.next().await["event"], "partner_away");
    let mut other = TestClient::connect(&server.url()).await;
    let frame = json!({"type": "register", "client_id": "somebody else", "resume_token": b.token});
    other.send(frame).await;
    let error = other.expect("error").await;
    assert_eq!((&error["code"], &error["request_type"]), (&json!("conflict"), &json!("register")));
    // It may try again as whom it likes, and whoever has the token may still come back.
    other.send(json!({"type": "register", "client_id": "somebody else"})).await;
    assert_eq!(other.expect("registration_confirmed").await["client_id"], "somebody else");
    assert_eq!(b.come_back(&server.url()).await["recovered"], true);
    assert_eq!(a.next().await["event"], "partner_back");
}

#[tokio::test]
async fn what_was_held_is_shown_before_the_end_of_the_chat_and_its_writer_hears_no_more_of_it() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server).await;
    b.lose(&server).await;
    assert_eq!(a.next().await["event"], "partner_away");
    a.client.send(text("see you", "7")).await;
    assert_eq!(a.next().await["content"], json!({"success": true, "queued": true}));
    assert_eq!(a.client.ask("#bye").await["state"], "idle");
    assert_eq!(b.come_back(&server.url()).await["recovered"], true);
    assert_eq!(b.next().await["message"], "see you");
    assert_eq!(b.next().await["event"], "partner_left");
    assert_eq!(b.client.ask("#who").await["state"], "idle");
    a.client.send(json!({"type": "ping", "request_id": "next"})).await;
    assert_eq!(a.next().await["request_id"], "next");
}

#[tokio::test]
async fn who_is_away_longest_is_let_go_when_too_many_are() {
    let server = TestServer::with(&["limits.away=2"]).await;
    let (mut a, mut b) = couple(&server).await;
    b.lose(&server).await;
    assert_eq!(a.next().await["event"], "partner_away");
    let mut others = Vec::new();
    for name in ["Cat", "Dan"] {
        server.step(Duration::from_secs(1));
        others.push(Returning::join(&server.url(), name).await);
    }
    others[0].lose(&server).await;
    drop(others.pop());
    assert_eq!(a.next().await["event"], "partner_left");
    assert_eq!((server.metric("strowger_away"), server.metric("strowger_crowded_out_total")), (2, 1));
    assert_eq!(b.come_back(&server.url()).await["recovered"], false);
    assert_eq!(others[0].come_back(&server.url()).await["recovered"], true);
}

#[tokio::test]
async fn who_said_what_it_has_seen_need_not_be_shown_it_again() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server).await;
    for n in 0..3 {
        a.client.say(&format!("line {n}")).await;
        assert_eq!(b.hear().await, format!("line {n}"));
    }
    let seen = b.pos.clone();
    b.client.send(json!({"type": "ping", "last_pos": seen})).await;
    b.client.expect("pong").await;
    // An older position than was said before: what lies between is gone, and that is no secret.
    b.lose(&server).await;
    b.pos = Some("1".to_owned());
    let confirmation = b.come_back(&server.url()).await;
    assert_eq!((&confirmation["recovered"], &confirmation["missed"]), (&json!(false), &json!(2)));
}

#[tokio::test]
async fn a_newer_connection_takes_over_from_one_that_lives() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server).await;
    let mut old = std::mem::replace(&mut b.client, TestClient::connect(&server.url()).await);
    assert_eq!(b.come_back(&server.url()).await["recovered"], true);
    let (frames, code) = old.ended().await;
    assert_eq!(code, Some(4501));
    assert_eq!((frames.len(), &frames[0]["code"]), (1, &json!("conflict")));
    a.client.say("still there?").await;
    assert_eq!(b.hear().await, "still there?");
    b.client.say("yes").await;
    assert_eq!(a.next().await["message"], "yes", "and the partner heard nothing of it");
}

#[tokio::test]
async fn a_token_is_good_for_one_return() {
    let server = TestServer::start().await;
    let mut client = Returning::join(&server.url(), "Anna").await;
    let first = client.token.clone();
    client.lose(&server).await;
    assert_eq!(client.come_back(&server.url()).await["recovered"], true);
    assert_ne!(client.token, first);
    // Until the answer comes to the ping behind the confirmation, its token may have been lost.
    answer_the_ping(&mut client.client).await;
    let mut thief = TestClient::connect(&server.url()).await;
    thief.send(json!({"type": "register", "client_id": "Anna", "resume_token": first})).await;
    assert_eq!(thief.expect("error").await["code"], "client_id_taken");
    thief.send(json!({"type": "register", "resume_token": first})).await;
    let confirmation = thief.expect("registration_confirmed").await;
    assert_eq!((&confirmation["recovered"], &confirmation["missed"]), (&json!(false), &Value::Null));
    assert_ne!(confirmation["client_id"], "Anna");

    // A second register brings another token, too.
    client.client.send(json!({"type": "register", "nickname": "Ann"})).await;
    let second = client.client.expect("registration_confirmed").await["resume_token"].clone();
    answer_the_ping(&mut client.client).await;
    client.lose(&server).await;
    assert_eq!(client.come_back(&server.url()).await["recovered"], false);
    client.token = second.as_str().expect("a token").to_owned();
    let confirmation = client.come_back(&server.url()).await;
    assert_eq!((&confirmation["recovered"], &confirmation["nickname"]), (&json!(true), &json!("Ann")));
}

#[tokio::test]
async fn a_session_can_not_be_changed_on_the_way_back_but_a_nickname_can() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server).await;
    b.lose(&server).await;
    assert_eq!(a.next().await["event"], "partner_away");
    let mut client = TestClient::connect(&server.url()).await;
    client.send(json!({"type": "register", "session": "another", "resume_token": b.token})).await;
    assert_eq!(client.expect("error").await["code"], "conflict");
    let frame = json!({"type": "register", "nickname": "Bertha", "resume_token": b.token});
    assert_eq!(b.register(&server.url(), frame).await["nickname"], "Bertha");
    assert_eq!(a.next().await["event"], "partner_back");
    assert_eq!(a.client.ask("#who").await["partner"], "Bertha");
}

#[tokio::test]
async fn the_id_of_somebody_who_is_away_is_free_and_ends_what_they_had() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server).await;
    let mut other = TestClient::connect(&server.url()).await;
    other.send(json!({"type": "register", "client_id": "User_B"})).await;
    assert_eq!(other.expect("error").await["code"], "client_id_taken");
    b.lose(&server).await;
    assert_eq!(a.next().await["event"], "partner_away");
    other.send(json!({"type": "register", "client_id": "User_B"})).await;
    let confirmation = other.expect("registration_confirmed").await;
    assert_eq!((&confirmation["client_id"], confirmation.get("missed")), (&json!("User_B"), None));
    assert_eq!(a.next().await["event"], "partner_left");
    assert_eq!(b.come_back(&server.url()).await["recovered"], false);
}

#[tokio::test]
async fn only_1000_is_a_goodbye() {
    let server = TestServer::start().await;
    for (code, event) in
        [(Some(1000_u16), "partner_left"), (Some(1001), "partner_away"), (None, "partner_away")]
    {
        let mut leaver = RawClient::join(server.port(), "Leaver").await;
        let mut partner = TestClient::join(&server.url(), "Partner").await;
        leaver.say("#meet").await;
        assert_eq!(leaver.next().await["content"]["state"], "waiting");
        assert_eq!(partner.ask("#meet").await["state"], "paired");
        let payload = code.map(|code| code.to_be_bytes().to_vec()).unwrap_or_default();
        leaver.write(&frame(CLOSE, &payload)).await;
        assert_eq!(partner.expect("chat_event").await["event"], event, "{code:?}");
        partner.close().await;
    }
}

#[tokio::test]
async fn nothing_is_kept_where_there_is_no_grace() {
    let server = TestServer::with(&["chat.grace=0s"]).await;
    let (mut a, b) = couple(&server).await;
    drop(b.client);
    assert_eq!(a.next().await["event"], "partner_left");
    assert_eq!(server.metric("strowger_away"), 0);
}

#[tokio::test]
async fn what_is_held_for_somebody_is_bounded_and_who_writes_more_hears_so() {
    let server = TestServer::with(&["limits.outbox_frames=8"]).await;
    let (mut a, mut b) = couple(&server).await;
    b.lose(&server).await;
    assert_eq!(a.next().await["event"], "partner_away");
    for n in 0..20 {
        a.client.send(text(&format!("line {n}"), "7")).await;
        let content = a.next().await["content"].clone();
        assert_eq!(content["success"], n < 8, "{content}");
        assert!(n < 8 || content["code"] == "overloaded", "{content}");
    }
    assert_eq!(a.client.ask("#bye").await["state"], "idle");
    assert_eq!(b.come_back(&server.url()).await["recovered"], true, "what was refused was never theirs");
    for n in 0..8 {
        assert_eq!(b.hear().await, format!("line {n}"));
    }
    assert_eq!(b.next().await["event"], "partner_left", "what the house says gets in");
}

#[tokio::test]
async fn who_writes_too_fast_is_warned_and_then_closed_with_4004() {
    let server = TestServer::with(&["limits.texts_per_second=1", "limits.texts_burst=3"]).await;
    let (mut a, mut b) = couple(&server).await;
    for n in 0..3 {
        a.client.say(&format!("line {n}")).await;
    }
    for n in 0..60 {
        a.client.say("too much").await;
        let content = a.next().await["content"].clone();
        assert_eq!(
            (&content["code"], &content["retry_after_ms"]),
            (&json!("rate_limited"), &json!(1000)),
            "{n}"
        );
        assert_eq!(content["text"], "Slow down a little: try again in 1 s.");
    }
    a.client.say("too much").await;
    let (frames, code) = a.client.ended().await;
    assert_eq!(code, Some(4004));
    let last = frames.last().expect("an error goes before");
    assert_eq!((&last["code"], &last["retry_after_ms"]), (&json!("rate_limited"), &json!(1000)));
    for n in 0..3 {
        assert_eq!(b.hear().await, format!("line {n}"));
    }
    assert_eq!(b.next().await["event"], "partner_away", "who was closed for it may come back");
    a.client = TestClient::connect(&server.url()).await;
    server.step(Duration::from_secs(2));
    assert_eq!(a.come_back(&server.url()).await["recovered"], true);
    a.client.say("calmer").await;
    assert_eq!(b.hear().await, "calmer");
}

#[tokio::test]
async fn a_pong_says_nothing_of_what_a_program_dealt_with() {
    // Libraries answer pings by themselves, and some send pongs without one, while the program does not read.
    is_shown_again_after(|ping| ping).await;
    is_shown_again_after(|_| Vec::new()).await;
    is_shown_again_after(|_| b"1".to_vec()).await;
}

/// Anna is shown again what was written before a ping, if this is what she answered it with.
async fn is_shown_again_after(pong: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    let server = TestServer::start().await;
    let mut partner = TestClient::join(&server.url(), "Partner").await;
    let mut raw = RawClient::connect(server.port()).await;
    raw.send(&json!({"type": "register", "client_id": "Anna"}).to_string()).await;
    let token = raw.next().await["resume_token"].clone();
    assert_eq!(partner.ask("#meet").await["state"], "waiting");
    raw.say("#meet").await;
    assert_eq!(raw.next().await["content"]["state"], "paired");
    partner.say("are you there?").await;
    assert_eq!(partner.ask("#who").await["state"], "paired");
    server.step(Duration::from_secs(25));
    let ping = loop {
        if let (PING, payload) = raw.next_frame().await.expect("a ping comes") {
            break payload;
        }
    };
    raw.write(&frame(PONG, &pong(ping))).await;
    drop(raw);
    until(&server, "strowger_away", 1).await;
    let mut client = TestClient::connect(&server.url()).await;
    client.send(json!({"type": "register", "resume_token": token, "last_pos": "0"})).await;
    assert_eq!(client.expect("registration_confirmed").await["recovered"], true);
    assert_eq!(client.hear().await, "are you there?");
}

#[tokio::test]
async fn a_goodbye_that_meets_a_return_leaves_nobody_deaf() {
    let server = TestServer::with(&["limits.meets_per_minute=0"]).await;
    for _ in 0..20 {
        let (mut a, mut b) = couple(&server).await;
        let mut old = std::mem::replace(&mut b.client, TestClient::connect(&server.url()).await);
        // Both at once: whichever the hub sees first, the two must not disagree.
        b.client.send(json!({"type": "register", "resume_token": b.token, "last_pos": b.pos})).await;
        let goodbye = CloseFrame { code: CloseCode::Normal, reason: "".into() };
        old.socket.close(Some(goodbye)).await.expect("the hub hears the goodbye");
        let client_id = b.client.expect("registration_confirmed").await["client_id"].clone();
        a.client.send(text("Hello?", "7")).await;
        while a.next().await["request_id"] != "7" {}
        let is_paired = a.client.ask("#who").await["state"] == "paired";
        if is_paired {
            assert_eq!(client_id, "User_B", "who goes on is who they were");
            assert_eq!(b.hear().await, "Hello?");
        }
        assert_eq!(b.client.ask("#who").await["state"] == "paired", is_paired);
        a.client.close().await;
        b.client.close().await;
        until(&server, "strowger_clients", 0).await;
    }
}
