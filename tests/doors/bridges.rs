//! A client that carries out what its session sends, and what everybody hears when it can't.

use crate::team::{
    action, ask, bridge, command, heard, incoming, member, member_as, response, result, sentence, share,
};
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use crate::web::get;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A session with a client and a bridge, both knowing of each other.
async fn two(server: &TestServer) -> (TestClient, TestClient) {
    let mut client = member(&server.url(), "laptop").await;
    let bridge = bridge(&server.url()).await;
    while heard(&mut client, "session_status").await["whatsapp"] != "connected" {}
    (client, bridge)
}

/// The client asks for a send, and does not wait.
async fn sends(client: &mut TestClient, contact: &str, message: &str, request_id: &str) {
    let command = json!({"action": "send", "contact": contact, "message": message});
    client.send(json!({"type": "whatsapp_command", "command": command, "request_id": request_id})).await;
}

/// The next error, passing over what is pushed.
async fn error(client: &mut TestClient) -> Value {
    loop {
        let frame = client.next().await;
        if frame["type"] == "error" {
            return frame;
        }
    }
}

#[tokio::test]
async fn a_bridge_carries_out_and_everybody_sees_how_far_it_got() {
    let server = TestServer::start().await;
    let (mut client, mut bridge) = two(&server).await;
    sends(&mut client, "John", "hello", "1").await;
    let (id, contact, message) = action(&mut bridge).await;
    assert_eq!((contact.as_str(), message.as_str()), ("John", "hello"));
    result(&mut bridge, &id, json!({"success": true, "state": "sent"})).await;
    let content = response(&mut client, "1").await["content"].clone();
    assert_eq!(
        (&content["success"], &content["state"], &content["id"]),
        (&json!(true), &json!("sent"), &json!(id))
    );
    for state in ["delivered", "read"] {
        result(&mut bridge, &id, json!({"success": true, "state": state})).await;
        let status = heard(&mut client, "whatsapp_status").await;
        assert_eq!(
            (&status["id"], &status["request_id"], &status["state"]),
            (&json!(id), &json!("1"), &json!(state))
        );
    }
    incoming(&mut bridge, "John", "hello yourself").await;
    let message = heard(&mut client, "whatsapp_message").await;
    assert_eq!((&message["direction"], &message["message"]), (&json!("incoming"), &json!("hello yourself")));
    let read = sentence(&mut client, "what did John say last", "2").await;
    assert_eq!(read["content"]["messages"][0]["text"], "hello yourself", "{read}");
}

#[tokio::test]
async fn a_bridge_that_fails_says_why() {
    let server = TestServer::start().await;
    let (mut client, mut bridge) = two(&server).await;
    sends(&mut client, "John", "hello", "1").await;
    let (id, ..) = action(&mut bridge).await;
    let why = json!({"success": false, "code": "not_on_whatsapp", "text": "No such number."});
    result(&mut bridge, &id, why).await;
    let content = response(&mut client, "1").await["content"].clone();
    assert_eq!((&content["success"], &content["code"]), (&json!(false), &json!("not_on_whatsapp")));
    let history = ask(&mut client, json!({"type": "get_history"}), "h").await;
    assert_eq!(history["content"]["messages"], json!([]));
}

/// The hub's clock stands still: it waits for nothing.
#[tokio::test]
async fn when_the_link_is_cut_every_client_hears_it_before_anything_else_fails() {
    link_is_cut().await;
}

/// By the clock on the wall, which other programs on the machine may hold up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures; `scripts/test --all` runs it"]
async fn when_the_link_is_cut_every_client_hears_it_within_200_ms() {
    let took = link_is_cut().await;
    assert!(took < Duration::from_millis(200), "after {took:?}");
}

/// How long it took until all clients had heard it, and an answer.
async fn link_is_cut() -> Duration {
    let server = TestServer::start().await;
    let (mut first, bridge) = two(&server).await;
    let mut others = vec![member(&server.url(), "terminal").await, member(&server.url(), "robot").await];
    share(&mut first, json!(["John"])).await;
    let cut = Instant::now();
    drop(bridge);
    others.push(first);
    for (number, client) in others.iter_mut().enumerate() {
        while heard(client, "session_status").await["whatsapp"] != "unavailable" {}
        let send = json!({"action": "send", "contact": "John", "message": "hello"});
        let content = command(client, send, &number.to_string()).await;
        assert_eq!((&content["success"], &content["code"]), (&json!(false), &json!("whatsapp_unavailable")));
        assert_eq!(content["maybe_sent"], false);
    }
    cut.elapsed()
}

#[tokio::test]
async fn what_a_lost_bridge_had_in_hand_is_never_handed_to_the_next() {
    let server = TestServer::with(&["chat.grace=0s"]).await;
    let (mut client, mut first) = two(&server).await;
    sends(&mut client, "John", "one", "1").await;
    sends(&mut client, "John", "two", "2").await;
    let (id, ..) = action(&mut first).await;
    drop(first);
    let content = response(&mut client, "1").await["content"].clone();
    assert_eq!((&content["code"], &content["maybe_sent"]), (&json!("whatsapp_unavailable"), &json!(true)));
    let content = response(&mut client, "2").await["content"].clone();
    assert_eq!((&content["code"], &content["maybe_sent"]), (&json!("whatsapp_unavailable"), &json!(false)));
    let mut second = bridge(&server.url()).await;
    while heard(&mut client, "session_status").await["whatsapp"] != "connected" {}
    sends(&mut client, "John", "three", "3").await;
    let (_, _, message) = action(&mut second).await;
    assert_eq!(message, "three");
    // What the lost one had sent after all is told by the next.
    result(&mut second, &id, json!({"success": true, "state": "delivered"})).await;
    let message = heard(&mut client, "whatsapp_message").await;
    assert_eq!((&message["id"], &message["message"]), (&json!(id), &json!("one")));
    let status = heard(&mut client, "whatsapp_status").await;
    assert_eq!((&status["request_id"], &status["state"]), (&json!("1"), &json!("delivered")));
}

#[tokio::test]
async fn a_bridge_that_comes_back_is_told_what_not_to_carry_out() {
    let server = TestServer::start().await;
    let mut client = member(&server.url(), "laptop").await;
    let mut first = TestClient::connect(&server.url()).await;
    first.send(json!({"type": "register", "session": "team", "client_id": "phone", "role": "bridge"})).await;
    let confirmed = first.expect("registration_confirmed").await;
    while heard(&mut client, "session_status").await["whatsapp"] != "connected" {}
    sends(&mut client, "John", "one", "1").await;
    let (id, ..) = action(&mut first).await;
    drop(first);
    assert_eq!(response(&mut client, "1").await["content"]["maybe_sent"], true);
    let back = json!({"role": "bridge", "resume_token": confirmed["resume_token"], "last_pos": "0"});
    let mut second = TestClient::connect(&server.url()).await;
    let mut register = json!({"type": "register", "session": "team", "client_id": "phone"});
    register.as_object_mut().expect("an object").extend(back.as_object().cloned().expect("an object"));
    second.send(register).await;
    assert_eq!(second.expect("registration_confirmed").await["recovered"], true);
    while heard(&mut client, "session_status").await["whatsapp"] != "connected" {}
    sends(&mut client, "John", "two", "2").await;
    loop {
        let frame = second.next().await;
        match frame["type"].as_str() {
            Some("whatsapp_action_cancelled") => assert_eq!(frame["request_id"], json!(id)),
            Some("whatsapp_action") => {
                assert_eq!(frame["action"]["message"], "two", "{frame}");
                break;
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn who_waits_too_long_hears_that_nobody_knows() {
    let server = TestServer::start().await;
    let (mut client, mut bridge) = two(&server).await;
    sends(&mut client, "John", "hello", "1").await;
    let (id, ..) = action(&mut bridge).await;
    server.step(Duration::from_secs(30));
    let content = response(&mut client, "1").await["content"].clone();
    assert_eq!((&content["code"], &content["maybe_sent"]), (&json!("whatsapp_timeout"), &json!(true)));
    // It may have been sent all the same, and the bridge may say so later.
    result(&mut bridge, &id, json!({"success": true, "state": "sent"})).await;
    assert_eq!(heard(&mut client, "whatsapp_status").await["state"], "sent");
}

#[tokio::test]
async fn a_session_has_one_bridge() {
    let server = TestServer::start().await;
    let (_client, _bridge) = two(&server).await;
    let mut second = TestClient::connect(&server.url()).await;
    second
        .send(json!({"type": "register", "session": "team", "client_id": "second", "role": "bridge", "request_id": "r"}))
        .await;
    let error = second.expect("error").await;
    assert_eq!((&error["code"], &error["request_id"]), (&json!("conflict"), &json!("r")));
    second.send(json!({"type": "register", "session": "team", "client_id": "second"})).await;
    second.expect("registration_confirmed").await;
    let mut elsewhere =
        member_as(&server.url(), "third", json!({"session": "other", "role": "bridge"})).await;
    elsewhere.send(json!({"type": "ping"})).await;
    heard(&mut elsewhere, "pong").await;
}

#[tokio::test]
async fn only_the_bridge_may_speak_for_the_phone() {
    let server = TestServer::start().await;
    let (mut client, mut bridge) = two(&server).await;
    sends(&mut client, "John", "hello", "1").await;
    let (id, ..) = action(&mut bridge).await;
    for frame in [
        json!({"type": "whatsapp_action_result", "request_id": id, "content": {"success": true}}),
        json!({"type": "whatsapp_incoming", "contact": "John", "message": "hi", "request_id": "i"}),
    ] {
        client.send(frame).await;
        assert_eq!(error(&mut client).await["code"], "forbidden");
    }
    result(&mut bridge, "0123456789abcdef0123456789abcdef", json!({"success": true})).await;
    assert_eq!(error(&mut bridge).await["code"], "not_found");
}

#[tokio::test]
async fn auto_reply_goes_through_the_bridge_and_stops() {
    let server = TestServer::with(&["session.auto_reply=Away."]).await;
    let (mut client, mut bridge) = two(&server).await;
    command(&mut client, json!({"action": "auto_on"}), "1").await;
    incoming(&mut bridge, "John", "are you there?").await;
    let (id, contact, message) = action(&mut bridge).await;
    assert_eq!((contact.as_str(), message.as_str()), ("John", "Away."));
    result(&mut bridge, &id, json!({"success": true, "state": "sent"})).await;
    incoming(&mut bridge, "John", "hello?").await;
    // The next thing the bridge hears of is what a person wrote.
    share(&mut client, json!(["John", "Sarah"])).await;
    sends(&mut client, "Sarah", "by hand", "2").await;
    let (_, contact, message) = action(&mut bridge).await;
    assert_eq!((contact.as_str(), message.as_str()), ("Sarah", "by hand"));
}

#[tokio::test]
async fn a_message_that_the_bridge_reports_twice_came_once() {
    let server = TestServer::start().await;
    let (mut client, mut bridge) = two(&server).await;
    for message in ["first", "first", "second"] {
        let id = format!("wamid.{message}");
        let frame = json!({"type": "whatsapp_incoming", "contact": "John", "message": message, "id": id});
        bridge.send(frame).await;
    }
    let heard = [heard(&mut client, "whatsapp_message").await, heard(&mut client, "whatsapp_message").await];
    assert_eq!(heard.map(|frame| frame["message"].clone()), [json!("first"), json!("second")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sees_a_bridge_come_may_use_it_at_once() {
    let server = TestServer::start().await;
    for number in 0..100 {
        let session = json!({"session": format!("s{number}")});
        let mut client = member_as(&server.url(), &format!("laptop {number}"), session.clone()).await;
        let joining = json!({"session": session["session"], "role": "bridge"});
        let url = server.url();
        let bridge = tokio::spawn(async move { member_as(&url, &format!("phone {number}"), joining).await });
        heard(&mut client, "client_joined").await;
        sends(&mut client, "John", "hello", "1").await;
        let mut bridge = bridge.await.expect("a bridge");
        let (id, ..) = action(&mut bridge).await;
        result(&mut bridge, &id, json!({"success": true, "state": "sent"})).await;
        assert_eq!(response(&mut client, "1").await["content"]["state"], "sent");
    }
}

#[tokio::test]
async fn a_message_that_is_reported_again_is_answered_as_the_first_time() {
    let server = TestServer::start().await;
    let (mut client, mut bridge) = two(&server).await;
    let arrival = json!({"type": "whatsapp_incoming", "contact": "John", "message": "hello", "id": "w1"});
    let first = ask(&mut bridge, arrival.clone(), "1").await["content"].clone();
    let again = ask(&mut bridge, arrival, "2").await["content"].clone();
    assert_eq!(first, again);
    assert_eq!(heard(&mut client, "whatsapp_message").await["id"], first["id"]);
}

#[tokio::test]
async fn who_asks_whether_the_hub_is_ready_hears_of_its_bridges() {
    let server = TestServer::start().await;
    let (mut client, bridge) = two(&server).await;
    let ready = get(server.port(), "/ready").await;
    assert_eq!(
        (ready.status, &*ready.body),
        (200, "ready\nstore: working\nbridges: 1 connected, 0 unavailable\n")
    );
    drop(bridge);
    while heard(&mut client, "session_status").await["whatsapp"] != "unavailable" {}
    let ready = get(server.port(), "/ready").await;
    assert_eq!(
        (ready.status, &*ready.body),
        (200, "ready\nstore: working\nbridges: 0 connected, 1 unavailable\n")
    );
    assert_eq!(server.metric_of("strowger_bridges{state=\"unavailable\"}"), 1);
}

#[tokio::test]
async fn what_becomes_of_sends_is_counted() {
    let server = TestServer::start().await;
    let (mut client, mut bridge) = two(&server).await;
    sends(&mut client, "John", "one", "1").await;
    let (id, ..) = action(&mut bridge).await;
    result(&mut bridge, &id, json!({"success": true, "state": "sent"})).await;
    response(&mut client, "1").await;
    sends(&mut client, "John", "two", "2").await;
    action(&mut bridge).await;
    server.step(Duration::from_secs(30));
    response(&mut client, "2").await;
    for (fate, count) in [("handed", 2), ("acknowledged", 1), ("unknown", 1)] {
        assert_eq!(server.metric_of(&format!("strowger_sends_total{{fate=\"{fate}\"}}")), count, "{fate}");
    }
}

#[tokio::test]
async fn a_bridge_says_by_number_or_id_which_of_two_namesakes_wrote() {
    let server = TestServer::with(&["session.auto_reply=Away."]).await;
    let (mut client, mut bridge) = two(&server).await;
    let sarahs = json!([{"name": "Sarah", "phone": "+15550001"}, {"name": "Sarah", "phone": "+15550002"}]);
    share(&mut client, sarahs).await;
    command(&mut client, json!({"action": "auto_on"}), "1").await;
    let listed = ask(&mut client, json!({"type": "whatsapp_get_contacts"}), "2").await["content"].clone();
    let second = listed["details"][1]["id"].clone();
    incoming(&mut bridge, "Sarah", "one of us").await;
    bridge
        .send(json!({"type": "whatsapp_incoming", "contact": "Sarah", "contact_id": second, "message": "me"}))
        .await;
    // The first of them has no answer, so the next thing that the bridge is given is for the second.
    let frame = heard(&mut bridge, "whatsapp_action").await;
    assert_eq!((&frame["action"]["contact_id"], &frame["action"]["phone"]), (&second, &json!("+15550002")));
    for (id, texts) in [(&second, vec!["me"]), (&listed["details"][0]["id"], vec![])] {
        let history = json!({"type": "get_history", "conversation_id": id});
        let content = ask(&mut client, history, "h").await["content"].clone();
        let found: Vec<_> =
            content["messages"].as_array().expect("messages").iter().map(|m| m["text"].clone()).collect();
        assert_eq!(found, texts, "{id}");
    }
}

#[tokio::test]
async fn a_bridge_that_does_not_say_why_still_gives_a_text() {
    let server = TestServer::start().await;
    let (mut client, mut bridge) = two(&server).await;
    sends(&mut client, "John", "hello", "1").await;
    let (id, ..) = action(&mut bridge).await;
    result(&mut bridge, &id, json!({"success": false, "code": "x".repeat(65)})).await;
    let content = response(&mut client, "1").await["content"].clone();
    assert_eq!((&content["success"], &content["code"]), (&json!(false), &json!("internal")));
    assert_eq!(content["text"], "It was not sent. The bridge did not say why.");
}

#[tokio::test]
async fn without_a_limit_a_bridge_may_take_its_time() {
    let server = TestServer::with(&["whatsapp.timeout=0s"]).await;
    let (mut client, mut bridge) = two(&server).await;
    sends(&mut client, "John", "hello", "1").await;
    let (id, ..) = action(&mut bridge).await;
    server.step(Duration::from_secs(86_400));
    ask(&mut client, json!({"type": "get_status"}), "2").await;
    result(&mut bridge, &id, json!({"success": true, "state": "sent"})).await;
    assert_eq!(response(&mut client, "1").await["content"]["state"], "sent");
}

#[tokio::test]
async fn a_number_reaches_the_bridge_and_no_namesakes_does() {
    let server = TestServer::start().await;
    let (mut client, mut bridge) = two(&server).await;
    let sarahs =
        json!([{"name": "Sarah", "phone": "+44 1111111"}, {"name": "Sarah", "phone": "+44 2222222"}, "John"]);
    share(&mut client, sarahs).await;
    let command = json!({"action": "send", "contact": "Sarah", "message": "hi"});
    let content = crate::team::command(&mut client, command, "2").await;
    let candidates = content["candidates"].as_array().expect("candidates");
    assert_eq!(candidates, &[json!("Sarah (+44 1111111)"), json!("Sarah (+44 2222222)")]);
    for (request, contact) in [("3", "+44 2222222"), ("4", "Sarah (+44 2222222)"), ("5", "number:442222222")]
    {
        sends(&mut client, contact, "hi", request).await;
        let frame = heard(&mut bridge, "whatsapp_action").await;
        assert_eq!(frame["action"]["phone"], "+44 2222222", "{contact}: {frame}");
        let id = frame["request_id"].as_str().expect("an id").to_owned();
        result(&mut bridge, &id, json!({"success": true, "state": "sent"})).await;
        assert_eq!(response(&mut client, request).await["content"]["success"], true);
    }
}

#[tokio::test]
async fn a_send_that_failed_after_all_is_told_and_stands_so_in_the_history() {
    let server = TestServer::start().await;
    let (mut client, mut bridge) = two(&server).await;
    sends(&mut client, "John", "hello", "1").await;
    let (id, ..) = crate::team::action(&mut bridge).await;
    result(&mut bridge, &id, json!({"success": true})).await;
    let first = response(&mut client, "1").await;
    result(&mut bridge, &id, json!({"success": false, "code": "expired", "text": "Nobody took it."})).await;
    let status = heard(&mut client, "whatsapp_status").await;
    assert_eq!(
        (&status["id"], &status["state"], &status["request_id"]),
        (&json!(id), &json!("failed"), &json!("1"))
    );
    assert_eq!((&status["code"], &status["text"]), (&json!("expired"), &json!("Nobody took it.")));
    let history = crate::team::ask(&mut client, json!({"type": "get_history"}), "2").await;
    assert_eq!(history["content"]["messages"][0]["state"], "failed", "{history}");
    sends(&mut client, "John", "hello", "1").await;
    assert_eq!(response(&mut client, "1").await["content"], first["content"]);
}
