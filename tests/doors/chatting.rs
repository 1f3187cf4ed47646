//! The random chat between real sockets: the sentences, and what becomes of commands and texts.

use crate::test_client::{TestClient, couple};
use crate::test_server::TestServer;
use serde_json::{Value, json};
use std::time::Duration;

const SEARCHING: &str = "🔍 Looking for someone to chat with... Please wait while we find you a partner!";
const SEARCHING_ANEW: &str = "🔍 Looking for a new chat partner... Please wait!";
const LEFT: &str = "Your partner left the chat. Use #meet to find a new one.";
const NO_CHAT: &str = "You're not currently in a chat.";

fn connected(name: &str) -> String {
    format!("🎉 Connected! You're now chatting with {name}. Say hello!")
}

/// The text of the answer to a command.
async fn reply(client: &mut TestClient, line: &str) -> String {
    client.ask(line).await["text"].as_str().expect("a text").to_owned()
}

/// The event that comes next, and its text.
async fn event(client: &mut TestClient) -> (String, String) {
    let frame = client.expect("chat_event").await;
    let text = |field: &str| frame[field].as_str().expect("a text").to_owned();
    (text("event"), text("text"))
}

async fn hears_that_the_partner_left(client: &mut TestClient) {
    assert_eq!(event(client).await, ("partner_left".to_owned(), LEFT.to_owned()));
}

#[tokio::test]
async fn the_conversation_of_the_readme_goes_word_for_word() {
    let server = TestServer::start().await;
    let mut a = TestClient::join(&server.url(), "User_A").await;
    let mut b = TestClient::join(&server.url(), "User_B").await;
    let mut c = TestClient::join(&server.url(), "User_C").await;

    assert_eq!(reply(&mut a, "#meet").await, SEARCHING);
    assert_eq!(reply(&mut b, "#meet").await, connected("User_A"));
    assert_eq!(event(&mut a).await, ("matched".to_owned(), connected("User_B")));
    a.say("Hello! How are you?").await;
    let heard = json!({"type": "chat_message", "from": "User_A", "message": "Hello! How are you?"});
    assert_eq!(b.pushed().await, heard);
    b.say("I'm good, thanks! Where are you from?").await;
    let heard =
        json!({"type": "chat_message", "from": "User_B", "message": "I'm good, thanks! Where are you from?"});
    assert_eq!(a.pushed().await, heard);
    assert_eq!(reply(&mut a, "#who").await, "👤 You're chatting with: User_B");

    assert_eq!(reply(&mut c, "#meet").await, SEARCHING);
    assert_eq!(
        reply(&mut b, "#again").await,
        "🔄 New connection! You're now chatting with User_C. Say hello!"
    );
    assert_eq!(event(&mut c).await, ("matched".to_owned(), connected("User_B")));
    hears_that_the_partner_left(&mut a).await;

    assert_eq!(reply(&mut b, "#hide").await, "🔒 Phone number masking is now OFF.");
    b.say("My number is 9876543210").await;
    assert_eq!(c.hear().await, "My number is 9876543210");
    assert_eq!(reply(&mut b, "#hide").await, "🔒 Phone number masking is now ON.");
    b.say("Call me at 9876543210").await;
    assert_eq!(c.hear().await, "Call me at [hidden]");

    assert_eq!(reply(&mut b, "#bye").await, "👋 Chat ended. Use #meet to connect with someone new!");
    hears_that_the_partner_left(&mut c).await;
}

#[tokio::test]
async fn the_answers_to_meet_say_where_one_is() {
    let server = TestServer::start().await;
    let mut a = TestClient::join(&server.url(), "User_A").await;
    let mut b = TestClient::join(&server.url(), "User_B").await;
    let waiting =
        json!({"success": true, "command": "meet", "state": "waiting", "position": 1, "text": SEARCHING});
    assert_eq!(a.ask("#meet").await, waiting);
    assert_eq!(a.ask("#MEET").await, waiting, "asked again, the place stays");
    server.step(Duration::from_secs(4));
    let paired = json!({
        "success": true, "command": "meet", "state": "paired", "partner": "User_A", "text": connected("User_A"),
    });
    assert_eq!(b.ask("#meet").await, paired);
    let matched =
        json!({"type": "chat_event", "event": "matched", "partner": "User_B", "text": connected("User_B")});
    assert_eq!(a.pushed().await, matched);
    let again = a.ask("#meet").await;
    let text = "You're already in a chat! Use #bye to end it first, or #again to find a new partner.";
    assert_eq!(
        (&again["text"], &again["state"], &again["partner"]),
        (&json!(text), &json!("paired"), &json!("User_B"))
    );

    let mut c = TestClient::join(&server.url(), "User_C").await;
    let next = c.ask("#meet").await;
    assert_eq!((&next["position"], &next["expected_wait_ms"]), (&json!(1), &json!(4_000)));
}

#[tokio::test]
async fn who_waited_longest_is_met_first_and_asking_again_keeps_the_place() {
    let server = TestServer::start().await;
    let mut waiting = Vec::new();
    for (n, tag) in ["a", "b", "c"].into_iter().enumerate() {
        let mut client = TestClient::join(&server.url(), &format!("User_{n}")).await;
        assert_eq!(client.ask(&format!("#meet {tag}")).await["position"], n + 1);
        waiting.push(client);
    }
    assert_eq!(waiting[0].ask("#meet a").await["position"], 1);
    let again = waiting[1].ask("#again").await;
    assert_eq!((&again["text"], &again["position"]), (&json!(SEARCHING_ANEW), &json!(2)));
    for (n, first) in waiting.iter_mut().enumerate() {
        let mut client = TestClient::join(&server.url(), "User_X").await;
        assert_eq!(client.ask("#meet").await["partner"], format!("User_{n}"));
        assert_eq!(event(first).await.0, "matched");
    }
}

#[tokio::test]
async fn bye_says_what_it_ended() {
    let server = TestServer::start().await;
    let mut a = TestClient::join(&server.url(), "User_A").await;
    let idle = a.ask("#bye").await;
    let expected =
        json!({"success": false, "code": "not_paired", "command": "bye", "state": "idle", "text": NO_CHAT});
    assert_eq!(idle, expected);
    a.ask("#meet").await;
    assert_eq!(reply(&mut a, "#bye").await, "👋 Search cancelled. Use #meet to start again!");
    let (mut a, mut b) = couple(&server.url()).await;
    let ended = a.ask("#bye").await;
    let text = "👋 Chat ended. Use #meet to connect with someone new!";
    assert_eq!(ended, json!({"success": true, "command": "bye", "state": "idle", "text": text}));
    hears_that_the_partner_left(&mut b).await;
}

#[tokio::test]
async fn again_without_anybody_else_waits() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server.url()).await;
    assert_eq!(reply(&mut a, "#again").await, SEARCHING_ANEW);
    hears_that_the_partner_left(&mut b).await;
    assert_eq!(reply(&mut b, "#again").await, SEARCHING_ANEW, "who just parted does not meet at once");
    server.step(Duration::from_secs(10));
    assert_eq!(event(&mut a).await, ("matched".to_owned(), connected("User_B")));
    assert_eq!(event(&mut b).await, ("matched".to_owned(), connected("User_A")));
}

#[tokio::test]
async fn blocked_and_reported_people_do_not_meet_again() {
    let server = TestServer::start().await;
    for (line, text) in [
        ("#block", "🚫 Blocked. You won't meet again. Use #meet to find someone new."),
        ("#report was rude", "🚩 Reported. Thank you. You won't meet again."),
    ] {
        let (mut a, mut b) = couple(&server.url()).await;
        assert_eq!(reply(&mut a, line).await, text);
        hears_that_the_partner_left(&mut b).await;
        assert_eq!(a.ask("#meet").await["state"], "waiting");
        assert_eq!(b.ask("#meet").await["state"], "waiting");
        server.step(Duration::from_secs(11));
        assert_eq!(b.ask("#meet").await["state"], "waiting");
        assert_eq!(reply(&mut a, "#unblock").await, "Your block list is empty now.");
        let expected = if line == "#block" { "paired" } else { "waiting" };
        assert_eq!(a.ask("#who").await["state"], expected, "a block is lifted, a report is not");
        a.close().await;
        b.close().await;
    }
}

#[tokio::test]
async fn commands_that_need_a_partner_say_so() {
    let server = TestServer::start().await;
    let mut a = TestClient::join(&server.url(), "User_A").await;
    for (line, text) in [
        ("#who", "You're not currently in a chat. Use #meet to connect!"),
        ("#block", NO_CHAT),
        ("#report", NO_CHAT),
    ] {
        let refused = a.ask(line).await;
        assert_eq!((&refused["text"], &refused["code"]), (&json!(text), &json!("not_paired")));
    }
    let help = "Commands: #meet, #bye, #again, #hide, #who, #block, #report, #help";
    assert_eq!(
        a.ask("#help").await,
        json!({"success": true, "command": "help", "state": "idle", "text": help})
    );
}

#[tokio::test]
async fn a_slip_is_answered_with_a_hint_and_not_sent_on() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server.url()).await;
    for (line, text) in [
        ("#meat", "Unknown command #meat. Did you mean #meet?"),
        ("#byee", "Unknown command #byee. Did you mean #bye?"),
    ] {
        a.say(line).await;
        let hint = a.expect("response").await;
        assert_eq!((&hint["content"]["text"], &hint["content"]["success"]), (&json!(text), &json!(false)));
    }
    for line in ["#meeting", "#bye see you", "#who are you?", "look: #bye", "#music"] {
        a.say(line).await;
        assert_eq!(b.next().await["message"], line, "is a text");
    }
}

#[tokio::test]
async fn the_sender_hears_of_a_text_if_it_asked_or_if_it_failed() {
    let server = TestServer::start().await;
    let mut alone = TestClient::join(&server.url(), "Alone").await;
    let refused =
        json!({"success": false, "code": "not_paired", "text": "No partner found. Use #meet to connect."});
    for request_id in [Value::Null, json!("7")] {
        alone.send(json!({"type": "chat_message", "message": "hello?", "request_id": request_id})).await;
        let frame = alone.expect("response").await;
        assert_eq!((&frame["response_type"], &frame["content"]), (&json!("chat_message_result"), &refused));
        assert_eq!(frame.get("request_id"), Some(&request_id).filter(|id| !id.is_null()));
    }

    let (mut a, mut b) = couple(&server.url()).await;
    a.say("unasked").await;
    a.send(json!({"type": "chat_message", "message": "asked", "request_id": "1"})).await;
    let frame = a.expect("response").await;
    assert_eq!((&frame["response_type"], &frame["request_id"]), (&json!("chat_message_result"), &json!("1")));
    assert_eq!(frame["content"], json!({"success": true, "delivered": true}));
    assert_eq!((b.hear().await, b.hear().await), ("unasked".to_owned(), "asked".to_owned()));
}

#[tokio::test]
async fn a_text_arrives_as_it_was_typed() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server.url()).await;
    for text in [
        " ",
        "  two spaces  ",
        "two\nlines\r\n",
        "\"quoted\" \\ back",
        "\u{0}\u{1B}[31m",
        "مرحبا \u{202E}👩‍🚀",
        "<b>&amp;",
    ] {
        a.say(text).await;
        assert_eq!(b.hear().await, text);
    }
}

#[tokio::test]
async fn tags_that_are_too_many_or_too_long_are_refused() {
    let server = TestServer::start().await;
    let mut a = TestClient::join(&server.url(), "User_A").await;
    for line in ["#meet a,b,c,d,e,f,g,h,i,j,k".to_owned(), format!("#meet {}", "x".repeat(31))] {
        let refused = a.ask(&line).await;
        assert_eq!((&refused["success"], &refused["code"]), (&json!(false), &json!("invalid_message")));
    }
    assert_eq!(a.ask("#who").await["state"], "idle");
    assert_eq!(a.ask(&format!("#meet a,b,c,d,e,f,g,h,i,{}", "é".repeat(30))).await["state"], "waiting");
}

#[tokio::test]
async fn typing_is_shown_to_the_partner_and_to_nobody_else() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server.url()).await;
    for active in [true, false] {
        a.send(json!({"type": "chat_typing", "active": active, "request_id": "unanswered"})).await;
        assert_eq!(b.pushed().await, json!({"type": "chat_event", "event": "typing", "active": active}));
    }
    assert_eq!(b.ask("#bye").await["state"], "idle");
    hears_that_the_partner_left(&mut a).await;
    a.send(json!({"type": "chat_typing", "active": true})).await;
    assert_eq!(a.ask("#who").await["state"], "idle");
    assert_eq!(b.ask("#who").await["state"], "idle");
}
