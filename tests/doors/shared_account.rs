//! One account, many clients, with nothing configured: the built-in simulator, and what all of a session see.

use crate::team::{ask, command, heard, member, member_as, response, sentence, share};
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use serde_json::{Value, json};

/// Two clients of a session that know three contacts.
async fn two(server: &TestServer) -> (TestClient, TestClient) {
    let (mut laptop, mut phone) =
        (member(&server.url(), "laptop").await, member(&server.url(), "phone").await);
    share(&mut laptop, json!(["John", "Sarah", "Mike"])).await;
    heard(&mut phone, "contact_list_broadcast").await;
    (laptop, phone)
}

/// Without what differs from run to run.
fn plain(mut frame: Value, volatile: &[&str]) -> Value {
    for name in volatile {
        let removed = frame.as_object_mut().and_then(|frame| frame.remove(*name));
        assert!(removed.is_some(), "{name} is missing in {frame}");
    }
    frame
}

/// The conversation that started it all, word for word.
#[tokio::test]
async fn the_guide_works_word_for_word_with_nothing_configured() {
    let server = TestServer::start().await;
    let mut one = TestClient::connect(&server.url()).await;
    one.send(
        json!({"type": "register", "client_id": "whatsapp_ai_abc123", "client_name": "whatsapp_client"}),
    )
    .await;
    let confirmed = one.expect("registration_confirmed").await;
    assert_eq!(confirmed["client_id"], "whatsapp_ai_abc123");
    let mut other = TestClient::connect(&server.url()).await;
    other.send(json!({"type": "register", "client_id": "terminal", "client_name": "terminal"})).await;
    other.expect("registration_confirmed").await;

    one.send(json!({"type": "contact_list_update", "contacts": ["John", "Sarah", "Mike"]})).await;
    for client in [&mut one, &mut other] {
        let frame = heard(client, "contact_list_broadcast").await;
        assert_eq!(frame["contacts"], json!(["John", "Sarah", "Mike"]));
        assert_eq!(frame["total_count"], 3);
    }

    one.send(json!({
        "type": "whatsapp_ai_command",
        "command": "send john a message saying hello",
        "context": {"last_contact": "Sarah", "contact_list": ["John", "Sarah", "Mike"]},
    }))
    .await;
    let answer = heard(&mut one, "response").await;
    assert_eq!(answer["response_type"], "whatsapp_command_result");
    assert_eq!(
        plain(answer["content"].clone(), &["id"]),
        json!({
            "success": true, "action": "send", "contact": "John", "message": "hello", "state": "simulated",
        })
    );

    one.send(json!({
        "type": "whatsapp_command", "command": {"action": "send", "contact": "John", "message": "Hello!"},
    }))
    .await;
    let answer = heard(&mut one, "response").await;
    assert_eq!(answer["response_type"], "whatsapp_command_result");
    assert_eq!(
        plain(answer["content"].clone(), &["id"]),
        json!({
            "success": true, "action": "send", "contact": "John", "message": "Hello!", "state": "simulated",
        })
    );

    for text in ["hello", "Hello!"] {
        let frame = heard(&mut other, "whatsapp_message").await;
        assert_eq!(
            plain(frame, &["id", "pos", "timestamp"]),
            json!({
                "type": "whatsapp_message", "direction": "outgoing", "contact": "John", "message": text,
                "state": "simulated",
            })
        );
    }
    let history = ask(&mut other, json!({"type": "get_history"}), "h").await;
    assert_eq!(history["response_type"], "history");
    let texts: Vec<_> = history["content"]["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .map(|message| (message["contact"].as_str(), message["text"].as_str(), message["direction"].as_str()))
        .collect();
    let sent = |text| (Some("John"), Some(text), Some("outgoing"));
    assert_eq!(texts, [sent("hello"), sent("Hello!")]);
}

#[tokio::test]
async fn what_one_client_sends_every_client_sees_its_sender_too() {
    let server = TestServer::start().await;
    let (mut laptop, mut phone) = two(&server).await;
    let sent = command(&mut laptop, json!({"action": "send", "contact": "mike", "message": "hi"}), "1").await;
    assert_eq!((&sent["success"], &sent["contact"]), (&json!(true), &json!("Mike")));
    let frame = heard(&mut phone, "whatsapp_message").await;
    assert_eq!(
        (&frame["contact"], &frame["message"], &frame["id"]),
        (&json!("Mike"), &json!("hi"), &sent["id"])
    );
    // The sender's own copy may come before the answer or behind it.
    let messages = ask(&mut laptop, json!({"type": "whatsapp_get_messages", "contact": "Mike"}), "2").await;
    assert_eq!(messages["response_type"], "messages");
    assert_eq!(messages["content"]["messages"][0]["text"], "hi");
}

#[tokio::test]
async fn him_is_whom_another_client_spoke_of() {
    let server = TestServer::start().await;
    let (mut laptop, mut phone) = two(&server).await;
    sentence(&mut laptop, "send sarah a message saying hello", "1").await;
    let status = heard(&mut phone, "session_status").await;
    assert_eq!(status["last_contact"], "Sarah");
    let sent = sentence(&mut phone, "tell her I am late", "2").await;
    assert_eq!(
        (&sent["content"]["contact"], &sent["content"]["message"]),
        (&json!("Sarah"), &json!("I am late"))
    );
}

#[tokio::test]
async fn who_comes_late_gets_contacts_and_the_state_of_things() {
    let server = TestServer::start().await;
    let (mut laptop, _phone) = two(&server).await;
    command(&mut laptop, json!({"action": "auto_on"}), "1").await;
    let mut late = member(&server.url(), "late").await;
    let contacts = heard(&mut late, "contact_list_broadcast").await;
    assert_eq!(contacts["contacts"], json!(["John", "Sarah", "Mike"]));
    let mut late = member(&server.url(), "later").await;
    let status = heard(&mut late, "session_status").await;
    assert_eq!((&status["auto_reply"], &status["whatsapp"]), (&json!(true), &json!("simulated")));
}

#[tokio::test]
async fn another_session_hears_nothing() {
    let server = TestServer::start().await;
    let (mut laptop, _phone) = two(&server).await;
    let mut stranger = TestClient::join(&server.url(), "Stranger").await;
    command(&mut laptop, json!({"action": "send", "contact": "John", "message": "hi"}), "1").await;
    let history = ask(&mut stranger, json!({"type": "get_history"}), "h").await;
    assert_eq!(history["content"]["messages"], json!([]));
}

#[tokio::test]
async fn each_direct_command_is_answered() {
    let server = TestServer::start().await;
    let (mut laptop, _phone) = two(&server).await;
    for text in ["one", "two", "three"] {
        let send = json!({"action": "send", "contact": "John", "message": text});
        assert_eq!(command(&mut laptop, send, text).await["state"], "simulated");
    }
    let list = command(&mut laptop, json!({"action": "list"}), "l").await;
    assert_eq!((&list["contacts"], &list["total_count"]), (&json!(["John", "Sarah", "Mike"]), &json!(3)));
    let texts = |content: &Value| -> Vec<String> {
        let messages = content["messages"].as_array().expect("messages");
        messages.iter().map(|message| message["text"].as_str().expect("a text").to_owned()).collect()
    };
    let read = command(&mut laptop, json!({"action": "read", "contact": "John", "count": 2}), "r").await;
    assert_eq!(texts(&read), ["two", "three"]);
    let last = json!({"action": "read", "contact": "John", "query_type": "last_from_me"});
    assert_eq!(texts(&command(&mut laptop, last, "m").await), ["three"]);
    let theirs = json!({"action": "read", "contact": "John", "query_type": "last_from_contact"});
    assert_eq!(texts(&command(&mut laptop, theirs, "t").await), [""; 0]);
    for action in ["summary", "suggest"] {
        let content = command(&mut laptop, json!({"action": action, "contact": "John"}), action).await;
        assert_eq!((&content["success"], &content["code"]), (&json!(false), &json!("ai_unavailable")));
    }
    let status = command(&mut laptop, json!({"action": "status"}), "s").await;
    assert_eq!((&status["clients"], &status["whatsapp"]), (&json!(2), &json!("simulated")));
    for (action, is_on) in [("auto_on", true), ("auto_off", false)] {
        assert_eq!(command(&mut laptop, json!({"action": action}), action).await["auto_reply"], is_on);
    }
}

#[tokio::test]
async fn what_is_incomplete_names_the_field() {
    let server = TestServer::start().await;
    let mut laptop = member(&server.url(), "laptop").await;
    for (command, field) in [
        (json!({"action": "send", "message": "hi"}), "contact"),
        (json!({"action": "send", "contact": "John"}), "message"),
        (json!({"action": "read"}), "contact"),
        (json!({"action": "fly"}), "action"),
        (json!({}), "action"),
        (json!("send"), "command"),
    ] {
        laptop.send(json!({"type": "whatsapp_command", "command": command, "request_id": "r"})).await;
        let error = laptop.expect("error").await;
        assert_eq!(
            (&error["code"], &error["request_id"]),
            (&json!("invalid_message"), &json!("r")),
            "{error}"
        );
        assert!(error["error"].as_str().expect("a text").contains(field), "{field} in {error}");
    }
}

#[tokio::test]
async fn nothing_is_sent_to_one_of_several() {
    let server = TestServer::start().await;
    let mut laptop = member(&server.url(), "laptop").await;
    share(&mut laptop, json!(["John Smith", "John Brown"])).await;
    let answer = sentence(&mut laptop, "send john a message saying hello", "1").await;
    let content = &answer["content"];
    assert_eq!((&content["success"], &content["code"]), (&json!(false), &json!("ambiguous_contact")));
    assert_eq!(content["candidates"], json!(["John Smith", "John Brown"]));
    let history = ask(&mut laptop, json!({"type": "get_history"}), "h").await;
    assert_eq!(history["content"]["messages"], json!([]));
}

#[tokio::test]
async fn what_means_nothing_is_a_parse_error() {
    let server = TestServer::start().await;
    let mut laptop = member(&server.url(), "laptop").await;
    let answer = sentence(&mut laptop, "gibberish", "1").await;
    assert_eq!(answer["response_type"], "ai_parse_error");
    assert_eq!(
        (&answer["content"]["success"], &answer["content"]["code"]),
        (&json!(false), &json!("ai_parse_error"))
    );
    assert!(answer["content"]["text"].as_str().expect("a text").starts_with("Could not understand: "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_equal_requests_at_once_are_one_send() {
    let server = TestServer::start().await;
    let (mut laptop, mut phone) = two(&server).await;
    let send = json!({"type": "whatsapp_command", "request_id": "same",
        "command": {"action": "send", "contact": "John", "message": "once"}});
    for _ in 0..100 {
        laptop.send(send.clone()).await;
    }
    let first = response(&mut laptop, "same").await;
    for _ in 1..100 {
        let next = response(&mut laptop, "same").await;
        assert_eq!(next["content"], first["content"]);
    }
    command(&mut laptop, json!({"action": "send", "contact": "John", "message": "and again"}), "2").await;
    let seen: Vec<_> =
        [heard(&mut phone, "whatsapp_message").await, heard(&mut phone, "whatsapp_message").await]
            .map(|frame| frame["message"].clone())
            .into();
    assert_eq!(seen, ["once", "and again"]);
    let other = json!({"action": "send", "contact": "John", "message": "something else"});
    let conflict = command(&mut laptop, other, "same").await;
    assert_eq!((&conflict["success"], &conflict["code"]), (&json!(false), &json!("conflict")));
}

#[tokio::test]
async fn a_request_that_is_repeated_after_coming_back_is_the_same_request() {
    let server = TestServer::start().await;
    let mut laptop = TestClient::connect(&server.url()).await;
    laptop.send(json!({"type": "register", "session": "team", "client_id": "laptop"})).await;
    let confirmed = laptop.expect("registration_confirmed").await;
    let send = json!({"action": "send", "contact": "John", "message": "once"});
    let first = command(&mut laptop, send.clone(), "same").await;
    drop(laptop);
    let token = json!({"resume_token": confirmed["resume_token"]});
    let mut laptop = member_as(&server.url(), "laptop", token).await;
    assert_eq!(command(&mut laptop, send, "same").await, first);
    let history = ask(&mut laptop, json!({"type": "get_history"}), "h").await;
    assert_eq!(history["content"]["messages"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn history_is_read_page_by_page_and_found_by_its_words() {
    let server = TestServer::start().await;
    let (mut laptop, _phone) = two(&server).await;
    for number in 0..7 {
        let text = format!("number {number}");
        let contact = if number % 2 == 0 { "John" } else { "Sarah" };
        command(&mut laptop, json!({"action": "send", "contact": contact, "message": text}), &text).await;
    }
    let (mut seen, mut before) = (Vec::new(), Value::Null);
    loop {
        let mut request = json!({"type": "get_history", "count": 3});
        if !before.is_null() {
            request["before"] = before;
        }
        let content = ask(&mut laptop, request, "h").await["content"].clone();
        let page: Vec<_> =
            content["messages"].as_array().expect("messages").iter().map(|m| m["text"].clone()).collect();
        seen.splice(0..0, page);
        before = content["before"].clone();
        if before.is_null() {
            break;
        }
    }
    let expected: Vec<_> = (0..7).map(|number| json!(format!("number {number}"))).collect();
    assert_eq!(seen, expected);
    let found = ask(&mut laptop, json!({"type": "search", "query": "number 4"}), "s").await;
    assert_eq!(found["response_type"], "search_results");
    assert_eq!(found["content"]["count"], 1);
    assert_eq!(found["content"]["messages"][0]["contact"], "John");
}

#[tokio::test]
async fn contacts_are_read_page_by_page() {
    let server = TestServer::start().await;
    let mut laptop = member(&server.url(), "laptop").await;
    let names: Vec<_> = (0..250).map(|number| format!("Contact {number}")).collect();
    share(&mut laptop, json!(names)).await;
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    while seen.len() < 250 {
        let mut request = json!({"type": "whatsapp_get_contacts"});
        if !after.is_null() {
            request["after"] = after;
        }
        let content = ask(&mut laptop, request, "c").await["content"].clone();
        assert_eq!(content["total_count"], 250);
        assert_eq!(content["details"][0]["name"], content["contacts"][0]);
        seen.extend(content["contacts"].as_array().expect("contacts").clone());
        after = content["after"].clone();
    }
    assert_eq!(json!(seen), json!(names));
}

#[tokio::test]
async fn what_takes_an_ai_says_so() {
    let server = TestServer::start().await;
    let mut laptop = member(&server.url(), "laptop").await;
    let answer = ask(&mut laptop, json!({"type": "get_summary", "contact": "John"}), "1").await;
    assert_eq!(
        (&answer["response_type"], &answer["content"]["code"]),
        (&json!("summary"), &json!("ai_unavailable"))
    );
}

#[tokio::test]
async fn the_simulator_plays_its_file() {
    let file = std::env::temp_dir().join(format!("strowger-play-{}.json", std::process::id()));
    let play = json!({
        "contacts": [{"name": "Echo", "phone": "+15550100"}, {"name": "Nobody"}],
        "replies": [{"contact": "Echo", "say": "You said: {message}", "after_ms": 2_000}],
        "faults": [{"contact": "Nobody", "what": "not_found", "text": "No such number."}],
        "delay_ms": 500,
    });
    std::fs::write(&file, play.to_string()).expect("a file");
    let server = TestServer::with(&[&format!("whatsapp.simulator={}", file.display())]).await;
    std::fs::remove_file(&file).expect("it was read");
    let mut laptop = member(&server.url(), "laptop").await;
    assert_eq!(heard(&mut laptop, "contact_list_broadcast").await["contacts"], json!(["Echo", "Nobody"]));
    let send = json!({"type": "whatsapp_command", "request_id": "1",
        "command": {"action": "send", "contact": "Echo", "message": "hi"}});
    laptop.send(send).await;
    // It is on its way once a later question is answered.
    ask(&mut laptop, json!({"type": "get_status"}), "2").await;
    server.step(std::time::Duration::from_millis(500));
    assert_eq!(response(&mut laptop, "1").await["content"]["state"], "simulated");
    server.step(std::time::Duration::from_secs(2));
    let reply = loop {
        let frame = heard(&mut laptop, "whatsapp_message").await;
        if frame["direction"] == "incoming" {
            break frame;
        }
    };
    assert_eq!((&reply["contact"], &reply["message"]), (&json!("Echo"), &json!("You said: hi")));
    laptop
        .send(json!({"type": "whatsapp_command", "request_id": "3",
            "command": {"action": "send", "contact": "Nobody", "message": "hi"}}))
        .await;
    ask(&mut laptop, json!({"type": "get_status"}), "4").await;
    server.step(std::time::Duration::from_millis(500));
    let content = response(&mut laptop, "3").await["content"].clone();
    assert_eq!((&content["success"], &content["code"]), (&json!(false), &json!("not_found")));
}

#[tokio::test]
async fn a_search_in_a_session_of_which_nothing_is_known_is_answered() {
    let server = TestServer::start().await;
    let mut laptop = member(&server.url(), "laptop").await;
    for _ in 0..2 {
        let search = json!({"type": "whatsapp_command", "command": {"action": "search", "query": "hello"}});
        laptop.send(search).await;
        let answer = laptop.expect("response").await;
        assert_eq!((&answer["content"]["success"], &answer["content"]["count"]), (&json!(true), &json!(0)));
    }
}

#[tokio::test]
async fn a_place_in_the_contacts_that_is_gone_is_not_the_end_of_them() {
    let server = TestServer::start().await;
    let mut laptop = member(&server.url(), "laptop").await;
    share(&mut laptop, json!(["Ann", "Bob", "Carl"])).await;
    let first = ask(&mut laptop, json!({"type": "whatsapp_get_contacts", "count": 1}), "1").await;
    share(&mut laptop, json!(["Bob", "Carl"])).await;
    let next = json!({"type": "whatsapp_get_contacts", "after": first["content"]["after"]});
    let content = ask(&mut laptop, next, "2").await["content"].clone();
    assert_eq!((&content["success"], &content["code"]), (&json!(false), &json!("not_found")));
}

#[tokio::test]
async fn a_list_that_was_emptied_is_not_shown_to_who_comes() {
    let server = TestServer::start().await;
    let mut laptop = member(&server.url(), "laptop").await;
    share(&mut laptop, json!(["John"])).await;
    share(&mut laptop, json!([])).await;
    command(&mut laptop, json!({"action": "auto_on"}), "1").await;
    let mut late = member(&server.url(), "late").await;
    assert_eq!(late.next().await["type"], "session_status");
}

#[tokio::test]
async fn a_list_given_on_the_way_out_is_the_sessions() {
    let server = TestServer::start().await;
    for number in 0..50 {
        let session = json!({"session": format!("s{number}")});
        let mut stays = member_as(&server.url(), &format!("stays {number}"), session.clone()).await;
        let mut leaves = member_as(&server.url(), &format!("leaves {number}"), session).await;
        leaves.send(json!({"type": "contact_list_update", "contacts": ["John"]})).await;
        leaves.close().await;
        assert_eq!(heard(&mut stays, "contact_list_broadcast").await["contacts"], json!(["John"]));
    }
}

#[tokio::test]
async fn a_flood_of_one_client_is_answered_in_order_and_holds_up_nobody() {
    let server = TestServer::start().await;
    let mut flooder = member_as(&server.url(), "flooder", json!({"session": "flood"})).await;
    for number in 0..300 {
        let command = format!("tell John that this is {number}");
        let frame =
            json!({"type": "whatsapp_ai_command", "command": command, "request_id": number.to_string()});
        flooder.send(frame).await;
    }
    let mut phone = member(&server.url(), "phone").await;
    let answer = ask(&mut phone, json!({"type": "get_status"}), "1").await;
    assert_eq!(answer["content"]["success"], true);
    for number in 0..300 {
        let answer = response(&mut flooder, &number.to_string()).await;
        assert_eq!(answer["content"]["message"], format!("this is {number}"), "{answer}");
    }
}

#[tokio::test]
async fn who_sends_and_says_goodbye_at_once_is_obeyed() {
    let server = TestServer::start().await;
    let mut hasty = member(&server.url(), "hasty").await;
    let command = json!({"action": "send", "contact": "John", "message": "hello"});
    let mut phone = member(&server.url(), "phone").await;
    for _ in 0..20 {
        hasty.send(json!({"type": "get_history"})).await;
    }
    hasty.send(json!({"type": "whatsapp_command", "command": command})).await;
    hasty.close().await;
    assert_eq!(heard(&mut phone, "whatsapp_message").await["message"], "hello");
}
