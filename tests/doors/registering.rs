//! The first frame, and what a registration is: an id while it lives, a session, a nickname.

use crate::test_client::{TestClient, couple};
use crate::test_server::TestServer;
use serde_json::{Value, json};

/// Registers with these fields beside the type, and returns what comes first.
async fn register(client: &mut TestClient, mut fields: Value) -> Value {
    fields["type"] = json!("register");
    client.send(fields).await;
    client.next().await
}

/// The nickname that the house makes of this one.
async fn nickname_for(server: &TestServer, typed: &str) -> String {
    let mut client = TestClient::connect(&server.url()).await;
    let confirmed = register(&mut client, json!({"nickname": typed, "session": "of one"})).await;
    let nickname = confirmed["nickname"].as_str().expect("a nickname").to_owned();
    client.close().await;
    nickname
}

/// Whether it is `User_` and four letters or digits.
fn is_random(nickname: &str) -> bool {
    let tag = nickname.strip_prefix("User_").unwrap_or_default();
    tag.len() == 4 && tag.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// Whether it is written `2026-01-02T03:04:05.678Z`.
fn is_timestamp(value: &Value) -> bool {
    let pattern = "dddd-dd-ddTdd:dd:dd.dddZ";
    let fits = |(c, p): (char, char)| if p == 'd' { c.is_ascii_digit() } else { c == p };
    value
        .as_str()
        .is_some_and(|time| time.len() == pattern.len() && time.chars().zip(pattern.chars()).all(fits))
}

#[tokio::test]
async fn the_first_frame_is_the_confirmation() {
    let server = TestServer::start().await;
    let mut client = TestClient::connect(&server.url()).await;
    let register_frame =
        json!({"client_id": "whatsapp_ai_abc123", "client_name": "whatsapp_client", "request_id": "1"});
    let confirmed = register(&mut client, register_frame).await;
    assert_eq!(confirmed["type"], "registration_confirmed");
    assert_eq!(confirmed["client_id"], "whatsapp_ai_abc123", "a given id is echoed");
    assert_eq!((&confirmed["session"], &confirmed["recovered"]), (&json!("default"), &json!(false)));
    assert_eq!(confirmed["request_id"], "1");
    assert!(is_random(confirmed["nickname"].as_str().expect("a nickname")), "{confirmed}");
    assert!(!confirmed["resume_token"].as_str().expect("a token").is_empty());
    assert!(is_timestamp(&confirmed["timestamp"]), "{confirmed}");
    assert_eq!(confirmed.get("missed"), None, "nothing was to be resumed");
}

#[tokio::test]
async fn who_gives_no_id_gets_one_made_of_the_name() {
    let server = TestServer::start().await;
    for (fields, name) in [(json!({"client_name": "terminal"}), "terminal_"), (json!({}), "client_")] {
        let mut client = TestClient::connect(&server.url()).await;
        let confirmed = register(&mut client, fields).await;
        let id = confirmed["client_id"].as_str().expect("an id");
        let digits = id.strip_prefix(name).expect("the name first");
        assert!(digits.len() == 8 && digits.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')), "{id}");
        client.close().await;
    }
}

#[tokio::test]
async fn an_id_is_taken_while_its_client_lives_and_free_afterwards() {
    let server = TestServer::start().await;
    let (mut first, mut second) =
        (TestClient::connect(&server.url()).await, TestClient::connect(&server.url()).await);
    let fields = json!({"client_id": "anna", "request_id": "r"});
    assert_eq!(register(&mut first, fields.clone()).await["type"], "registration_confirmed");
    let refused = register(&mut second, fields.clone()).await;
    assert_eq!((&refused["type"], &refused["code"]), (&json!("error"), &json!("client_id_taken")));
    assert_eq!((&refused["request_type"], &refused["request_id"]), (&json!("register"), &json!("r")));
    let elsewhere = register(&mut second, json!({"client_id": "anna", "session": "another"})).await;
    assert_eq!(elsewhere["code"], "client_id_taken", "ids are of the whole house");
    // Refused means not registered.
    second.say("#who").await;
    assert_eq!(second.expect("error").await["code"], "not_registered");

    first.close().await;
    assert_eq!(register(&mut second, fields).await["type"], "registration_confirmed");
}

#[tokio::test]
async fn who_was_refused_an_id_may_take_another() {
    let server = TestServer::start().await;
    let (mut first, mut second) =
        (TestClient::connect(&server.url()).await, TestClient::connect(&server.url()).await);
    register(&mut first, json!({"client_id": "anna"})).await;
    register(&mut second, json!({"client_id": "anna"})).await;
    assert_eq!(register(&mut second, json!({"client_id": "anna2"})).await["client_id"], "anna2");
    assert_eq!(first.expect("client_joined").await["client_id"], "anna2");
    assert_eq!(second.ask("#meet").await["state"], "waiting");
    assert_eq!(first.ask("#meet").await["state"], "paired");
}

#[tokio::test]
async fn a_second_register_gives_another_nickname() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server.url()).await;
    let renamed = register(&mut a, json!({"nickname": "Anna", "request_id": "again"})).await;
    assert_eq!((&renamed["type"], &renamed["nickname"]), (&json!("registration_confirmed"), &json!("Anna")));
    assert_eq!(renamed["request_id"], "again");
    assert_eq!(b.ask("#who").await["text"], "👤 You're chatting with: Anna");
    a.say("hello").await;
    assert_eq!(b.next().await["from"], "Anna");
    let kept = register(&mut a, json!({})).await;
    assert_eq!(kept["nickname"], "Anna", "who names none keeps the one in force");
}

#[tokio::test]
async fn a_second_register_gives_another_name() {
    let server = TestServer::start().await;
    let (mut a, mut b) = (TestClient::connect(&server.url()).await, TestClient::connect(&server.url()).await);
    register(&mut a, json!({"client_id": "a", "client_name": "before"})).await;
    register(&mut b, json!({"client_id": "b"})).await;
    assert_eq!(a.expect("client_joined").await["client_id"], "b");
    assert_eq!(register(&mut a, json!({"client_name": "after"})).await["client_id"], "a");
    a.close().await;
    assert_eq!(b.expect("client_left").await["client_name"], "after");
}

#[tokio::test]
async fn a_second_register_with_another_id_or_session_is_a_conflict() {
    let server = TestServer::start().await;
    let mut client = TestClient::connect(&server.url()).await;
    let same = json!({"client_id": "anna", "session": "family", "role": "client"});
    register(&mut client, same.clone()).await;
    for other in
        [json!({"client_id": "bert", "request_id": "r"}), json!({"session": "work", "request_id": "r"})]
    {
        let conflict = register(&mut client, other).await;
        assert_eq!((&conflict["type"], &conflict["code"]), (&json!("error"), &json!("conflict")));
        assert_eq!((&conflict["request_type"], &conflict["request_id"]), (&json!("register"), &json!("r")));
    }
    assert_eq!(register(&mut client, same).await["type"], "registration_confirmed");
}

#[tokio::test]
async fn only_a_ping_comes_before_the_registration() {
    let server = TestServer::start().await;
    let mut client = TestClient::connect(&server.url()).await;
    for frame in [
        json!({"type": "chat_message", "message": "#meet", "request_id": "r"}),
        json!({"type": "chat_message", "message": "hello", "request_id": "r"}),
        json!({"type": "chat_typing", "active": true, "request_id": "r"}),
        json!({"type": "contact_list_update", "contacts": ["John"], "request_id": "r"}),
    ] {
        client.send(frame.clone()).await;
        let error = client.expect("error").await;
        assert_eq!(
            (&error["code"], &error["request_id"]),
            (&json!("not_registered"), &json!("r")),
            "{frame}"
        );
    }
    client.send(json!({"type": "ping"})).await;
    let pong = client.expect("pong").await;
    assert!(is_timestamp(&pong["timestamp"]), "{pong}");
    assert_eq!(register(&mut client, json!({})).await["type"], "registration_confirmed");
}

#[tokio::test]
async fn an_error_before_the_registration_names_the_type_of_its_request() {
    let server = TestServer::start().await;
    let mut client = TestClient::connect(&server.url()).await;
    for kind in ["chat_message", "chat_typing", "contact_list_update"] {
        client.send(json!({"type": kind, "message": "hello", "active": true, "contacts": []})).await;
        let error = client.expect("error").await;
        assert_eq!((&error["code"], &error["request_type"]), (&json!("not_registered"), &json!(kind)));
    }
}

#[tokio::test]
async fn an_id_that_the_house_made_can_be_given_back_to_it() {
    let server = TestServer::start().await;
    for length in [1, 128] {
        let mut client = TestClient::connect(&server.url()).await;
        let confirmed = register(&mut client, json!({"client_name": "x".repeat(length)})).await;
        let same = register(&mut client, json!({"client_id": confirmed["client_id"]})).await;
        assert_eq!(same["type"], "registration_confirmed", "{same}");
    }
}

#[tokio::test]
async fn an_unknown_resume_token_makes_a_new_registration() {
    let server = TestServer::start().await;
    let mut client = TestClient::connect(&server.url()).await;
    let confirmed =
        register(&mut client, json!({"resume_token": "from another life", "last_pos": "7"})).await;
    assert_eq!((&confirmed["recovered"], confirmed.get("missed")), (&json!(false), Some(&Value::Null)));
    assert_ne!(confirmed["resume_token"], "from another life");
}

#[tokio::test]
async fn last_pos_without_a_token_is_ignored() {
    let server = TestServer::start().await;
    let mut client = TestClient::connect(&server.url()).await;
    let confirmed = register(&mut client, json!({"last_pos": "7"})).await;
    assert_eq!((&confirmed["recovered"], confirmed.get("missed")), (&json!(false), None));
}

#[tokio::test]
async fn every_confirmation_brings_a_token_of_its_own() {
    let server = TestServer::start().await;
    let mut client = TestClient::connect(&server.url()).await;
    let first = register(&mut client, json!({})).await["resume_token"].clone();
    let second = register(&mut client, json!({})).await["resume_token"].clone();
    assert!(first.is_string() && second.is_string() && first != second);
}

#[tokio::test]
async fn a_session_has_one_bridge() {
    let server = TestServer::start().await;
    let mut bridge = TestClient::connect(&server.url()).await;
    assert_eq!(register(&mut bridge, json!({"role": "bridge"})).await["type"], "registration_confirmed");

    let mut second = TestClient::connect(&server.url()).await;
    let error = register(&mut second, json!({"role": "bridge", "request_id": "r"})).await;
    assert_eq!((&error["code"], &error["request_id"]), (&json!("conflict"), &json!("r")));
    let elsewhere = register(&mut second, json!({"role": "bridge", "session": "of another line"})).await;
    assert_eq!(elsewhere["type"], "registration_confirmed", "{elsewhere}");

    bridge.close().await;
    let mut third = TestClient::connect(&server.url()).await;
    assert_eq!(register(&mut third, json!({"role": "bridge"})).await["type"], "registration_confirmed");
}

#[tokio::test]
async fn a_registration_keeps_its_role() {
    let server = TestServer::start().await;
    for (first, other) in [("client", "bridge"), ("bridge", "client")] {
        let mut client = TestClient::connect(&server.url()).await;
        let confirmed = register(&mut client, json!({"role": first, "session": first})).await;
        assert_eq!(confirmed["type"], "registration_confirmed");
        let error = register(&mut client, json!({"role": other, "request_id": "r"})).await;
        assert_eq!((&error["code"], &error["request_id"]), (&json!("conflict"), &json!("r")));
        assert_eq!(register(&mut client, json!({"role": first})).await["type"], "registration_confirmed");
    }
}

#[tokio::test]
async fn nicknames_are_cleaned() {
    let server = TestServer::start().await;
    assert_eq!(nickname_for(&server, "Call 9876543210").await, "Call [hidden]");
    assert_eq!(nickname_for(&server, "+49 171 2345678").await, "[hidden]");
    assert_eq!(nickname_for(&server, " An\u{0}na\u{7}\u{202E} \t\n Maria ").await, "Anna Maria");
    assert_eq!(nickname_for(&server, &"é".repeat(100)).await, "é".repeat(32));
    for typed in ["", " ", "\u{200B}", "System", "SYSTEM", "ѕуѕtеm", "s y s t e m"] {
        let nickname = nickname_for(&server, typed).await;
        assert!(is_random(&nickname), "{typed:?} became {nickname:?}");
    }
}

#[tokio::test]
async fn a_default_nickname_says_nothing_about_the_id() {
    let server = TestServer::start().await;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..5 {
        let mut client = TestClient::connect(&server.url()).await;
        let confirmed = register(&mut client, json!({"client_id": "anna"})).await;
        seen.insert(confirmed["nickname"].to_string());
        client.close().await;
    }
    assert!(seen.len() > 1, "{seen:?}");
}

#[tokio::test]
async fn an_answer_has_the_request_id_of_its_request_or_none() {
    let server = TestServer::start().await;
    let mut client = TestClient::connect(&server.url()).await;
    let longest = "x".repeat(128);
    for id in [json!("1"), json!(""), json!("é\n\"\\"), json!(longest), Value::Null] {
        for mut frame in [
            json!({"type": "ping"}),
            json!({"type": "register"}),
            json!({"type": "chat_message", "message": "#who"}),
            json!({"type": "chat_message", "message": "#meat"}),
            json!({"type": "chat_message", "message": "to nobody"}),
            json!({"type": "chat_message", "message": 5}),
            json!({"type": "contact_list_update", "contacts": []}),
            json!({"type": "foo"}),
            json!({"type": "get_status"}),
        ] {
            let plain = frame.clone();
            frame["request_id"] = id.clone();
            client.send(frame).await;
            assert_eq!(
                client.next().await.get("request_id"),
                Some(&id).filter(|id| !id.is_null()),
                "{plain}"
            );
            client.send(plain.clone()).await;
            assert_eq!(client.next().await.get("request_id"), None, "{plain}");
        }
    }
}
