//! What the clients of a session share, and what nobody else hears.

use crate::raw_client::RawClient;
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use serde_json::{Value, json};

/// A client of this session, with its first frame read.
async fn member(server: &TestServer, session: &str, client_id: &str) -> TestClient {
    let mut client = TestClient::connect(&server.url()).await;
    let name = format!("name of {client_id}");
    let register =
        json!({"type": "register", "session": session, "client_id": client_id, "client_name": name});
    client.send(register).await;
    assert_eq!(client.expect("registration_confirmed").await["session"], session);
    client
}

async fn share(client: &mut TestClient, contacts: Value) {
    client.send(json!({"type": "contact_list_update", "contacts": contacts, "request_id": "u"})).await;
}

/// The names and the number of all of them in the broadcast that comes next, which must have this request_id.
async fn contacts(client: &mut TestClient, request_id: Option<&str>) -> (Value, Value) {
    let frame = client.expect("contact_list_broadcast").await;
    assert_eq!(frame.get("request_id").and_then(Value::as_str), request_id, "{frame}");
    assert!(frame["timestamp"].is_string());
    (frame["contacts"].clone(), frame["total_count"].clone())
}

/// Nothing has come for this client before the answer to what it asks now.
async fn hears_nothing(client: &mut TestClient) {
    client.send(json!({"type": "chat_message", "message": "#help", "request_id": "nothing"})).await;
    assert_eq!(client.next().await["request_id"], "nothing");
}

#[tokio::test]
async fn contacts_are_shared_with_the_session_and_with_nobody_else() {
    let server = TestServer::start().await;
    let mut anna = member(&server, "family", "anna").await;
    let mut bert = member(&server, "family", "bert").await;
    let mut other = member(&server, "work", "carl").await;
    anna.expect("client_joined").await;

    share(&mut anna, json!(["John", {"name": "Sarah", "phone": "+491712345678", "id": "7"}, "Mike"])).await;
    let expected = (json!(["John", "Sarah", "Mike"]), json!(3));
    assert_eq!(contacts(&mut anna, Some("u")).await, expected, "the updater's copy is the answer");
    assert_eq!(contacts(&mut bert, None).await, expected);
    hears_nothing(&mut other).await;

    share(&mut bert, json!(["Zoë"])).await;
    let expected = (json!(["Zoë"]), json!(1));
    assert_eq!(contacts(&mut bert, Some("u")).await, expected, "it replaces what was there");
    assert_eq!(contacts(&mut anna, None).await, expected);
    hears_nothing(&mut other).await;
}

#[tokio::test]
async fn of_many_contacts_the_first_twenty_are_shown() {
    let server = TestServer::start().await;
    let mut anna = member(&server, "family", "anna").await;
    let names: Vec<_> = (0..10_000).map(|n| format!("Contact {n}")).collect();
    share(&mut anna, json!(names)).await;
    assert_eq!(contacts(&mut anna, Some("u")).await, (json!(names[..20]), json!(10_000)));
}

#[tokio::test]
async fn who_comes_late_gets_the_contacts_after_the_confirmation() {
    let server = TestServer::start().await;
    let mut anna = member(&server, "family", "anna").await;
    share(&mut anna, json!(["John"])).await;
    contacts(&mut anna, Some("u")).await;
    let mut bert = member(&server, "family", "bert").await;
    assert_eq!(contacts(&mut bert, None).await, (json!(["John"]), json!(1)));
    let mut other = member(&server, "work", "carl").await;
    hears_nothing(&mut other).await;
}

#[tokio::test]
async fn an_empty_list_is_a_list() {
    let server = TestServer::start().await;
    let mut anna = member(&server, "family", "anna").await;
    share(&mut anna, json!(["John"])).await;
    contacts(&mut anna, Some("u")).await;
    share(&mut anna, json!([])).await;
    assert_eq!(contacts(&mut anna, Some("u")).await, (json!([]), json!(0)));
}

#[tokio::test]
async fn who_joins_and_leaves_is_named_inside_the_session() {
    let server = TestServer::with(&["chat.grace=0s"]).await;
    let mut anna = member(&server, "family", "anna").await;
    let mut other = member(&server, "work", "carl").await;
    for say_goodbye in [true, false] {
        let bert = if say_goodbye {
            Some(member(&server, "family", "bert").await)
        } else {
            let mut bert = RawClient::connect(server.port()).await;
            let register = json!({"type": "register", "session": "family", "client_id": "bert", "client_name": "name of bert"});
            bert.send(&register.to_string()).await;
            assert_eq!(bert.next().await["type"], "registration_confirmed");
            None
        };
        if let Some(bert) = bert {
            bert.close().await;
        }
        for kind in ["client_joined", "client_left"] {
            let mut frame = anna.pushed().await;
            frame.as_object_mut().and_then(|frame| frame.remove("timestamp")).expect("a timestamp");
            let expected = json!({"type": kind, "client_id": "bert", "client_name": "name of bert", "session": "family"});
            assert_eq!(frame, expected);
        }
    }
    hears_nothing(&mut other).await;
}

#[tokio::test]
async fn the_random_chat_is_one_crowd_whatever_the_session() {
    let server = TestServer::start().await;
    let mut anna = member(&server, "family", "anna").await;
    let mut carl = member(&server, "work", "carl").await;
    assert_eq!(anna.ask("#meet").await["state"], "waiting");
    assert_eq!(carl.ask("#meet").await["state"], "paired");
    assert_eq!(anna.expect("chat_event").await["event"], "matched");
    carl.say("only for anna").await;
    assert_eq!(anna.hear().await, "only for anna");
}

#[tokio::test]
async fn a_session_goes_on_when_its_last_client_left() {
    let server = TestServer::start().await;
    let mut anna = member(&server, "family", "anna").await;
    share(&mut anna, json!(["John"])).await;
    contacts(&mut anna, Some("u")).await;
    anna.close().await;
    let mut bert = member(&server, "family", "bert").await;
    assert_eq!(contacts(&mut bert, None).await, (json!(["John"]), json!(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn updates_from_two_sides_end_with_the_same_list_for_all() {
    const UPDATES: usize = 100;
    let server = TestServer::start().await;
    let mut anna = member(&server, "family", "anna").await;
    let mut bert = member(&server, "family", "bert").await;
    anna.expect("client_joined").await;
    for n in 0..UPDATES {
        share(&mut anna, json!([format!("from anna {n}")])).await;
        share(&mut bert, json!([format!("from bert {n}")])).await;
    }
    let (mut one, mut other) = (Vec::new(), Vec::new());
    for _ in 0..2 * UPDATES {
        one.push(anna.expect("contact_list_broadcast").await["contacts"].clone());
        other.push(bert.expect("contact_list_broadcast").await["contacts"].clone());
    }
    assert_eq!(one, other, "all see the same lists in the same order");
}
