//! REST: what a session is told, as server-sent events.

use crate::http_client::{Events, HttpClient};
use crate::privacy::port_in;
use crate::process::{Process, Room};
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::time::Duration;

const EVENTS: &str = "/api/v1/sessions/default/events";

async fn speaker(server: &TestServer) -> TestClient {
    let mut socket = TestClient::connect(&server.url()).await;
    socket.send(json!({"type": "register", "client_id": "speaker"})).await;
    socket.expect("registration_confirmed").await;
    socket
}

async fn contacts(client: &HttpClient, name: &str) {
    client.put("/api/v1/sessions/default/contacts", json!({"contacts": [name]})).await.fine();
}

/// Reads up to the contact list with this name, and returns its id.
async fn until(events: &mut Events, name: &str) -> String {
    let told = events.expect("contact_list_broadcast").await;
    assert_eq!(told.data["contacts"], json!([name]));
    told.id
}

/// A reader who comes back with this id.
async fn back(client: &HttpClient, id: &str) -> (Events, Value) {
    let mut events = client.with("Last-Event-ID", id).events(EVENTS).await;
    let confirmed = events.expect("registration_confirmed").await.data;
    (events, confirmed)
}

#[tokio::test]
async fn a_reader_hears_what_the_session_is_told_and_the_session_hears_of_it() {
    let server = TestServer::start().await;
    let client = HttpClient::new(server.port());
    let mut socket = speaker(&server).await;
    let mut events = client.events(EVENTS).await;
    let confirmed = events.expect("registration_confirmed").await;
    assert!(confirmed.data.get("resume_token").is_none() && confirmed.data.get("missed").is_none());
    assert!(!confirmed.id.is_empty());
    let joined = socket.expect("client_joined").await;
    assert_eq!(
        (&joined["client_id"], &joined["client_name"]),
        (&confirmed.data["client_id"], &json!("events"))
    );
    socket.send(json!({"type": "whatsapp_command", "command": {"action": "send", "contact": "John", "message": "hi"}})).await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        seen.push(events.next().await.expect("an event"));
    }
    let message = seen.iter().find(|told| told.event == "whatsapp_message").expect("the message");
    assert_eq!((&message.data["contact"], &message.data["message"]), (&json!("John"), &json!("hi")));
    assert!(message.id.ends_with(&format!(".{}", message.data["pos"].as_str().expect("a position"))));
}

#[tokio::test]
async fn the_id_of_an_event_alone_goes_on_behind_it() {
    let server = TestServer::start().await;
    let client = HttpClient::new(server.port());
    let mut events = client.events(EVENTS).await;
    let first = events.expect("registration_confirmed").await;
    contacts(&client, "one").await;
    let one = until(&mut events, "one").await;
    contacts(&client, "two").await;
    until(&mut events, "two").await;
    drop(events);
    contacts(&client, "three").await;
    let (mut events, confirmed) = back(&client, &one).await;
    assert_eq!((&confirmed["recovered"], &confirmed["client_id"]), (&json!(true), &first.data["client_id"]));
    until(&mut events, "two").await;
    let three = until(&mut events, "three").await;
    // Whoever heard nothing of the last return has the id from before it, and that is as good.
    let (mut newer, confirmed) = back(&client, &one).await;
    assert_eq!(confirmed["recovered"], true);
    let told = loop {
        let told = events.next().await.expect("an event");
        if told.event == "error" {
            break told;
        }
    };
    assert_eq!(told.data["code"], "conflict");
    assert!(events.next().await.is_none());
    until(&mut newer, "two").await;
    drop(newer);
    // An id from before is dead once one of a later connection was shown.
    let (events, confirmed) = back(&client, &three).await;
    assert_eq!((&confirmed["recovered"], &confirmed["missed"]), (&json!(false), &Value::Null), "{confirmed}");
    drop(events);
}

#[tokio::test]
async fn an_id_that_is_unknown_or_too_old_begins_anew_and_says_so() {
    let server = TestServer::start().await;
    let client = HttpClient::new(server.port());
    let mut events = client.events(EVENTS).await;
    let confirmed = events.expect("registration_confirmed").await;
    contacts(&client, "one").await;
    let one = until(&mut events, "one").await;
    let mut socket = speaker(&server).await;
    events.expect("client_joined").await;
    drop(events);
    crate::returning_client::until(&server, "strowger_away", 1).await;
    server.step(Duration::from_secs(60));
    while socket.next().await["type"] != "client_left" {}
    for id in [one.as_str(), "nonsense", "7"] {
        let (_, again) = back(&client, id).await;
        assert_eq!((&again["recovered"], again.get("missed")), (&json!(false), Some(&Value::Null)));
        assert_ne!(again["client_id"], confirmed.data["client_id"]);
    }
}

#[tokio::test]
async fn an_id_of_another_session_is_a_conflict() {
    let server = TestServer::start().await;
    let client = HttpClient::new(server.port());
    let mut events = client.events(EVENTS).await;
    let id = events.expect("registration_confirmed").await.id;
    let reply = client.with("Last-Event-ID", &id).get("/api/v1/sessions/other/events").await;
    assert_eq!(reply.problem(), (409, "conflict"));
    contacts(&client, "still here").await;
    until(&mut events, "still here").await;
}

#[tokio::test]
async fn who_is_refused_lost_no_connection() {
    let room = Room::new();
    let house = Process::start(&room, &["--port", "0"], &[("LOG_LEVEL", "DEBUG"), ("NO_COLOR", "1")]);
    let client = HttpClient::new(port_in(&house.line()));
    let mut events = client.events(EVENTS).await;
    let id = events.expect("registration_confirmed").await.id;
    let reply = client.with("Last-Event-ID", &id).get("/api/v1/sessions/other/events").await;
    assert_eq!(reply.problem(), (409, "conflict"));
    house.signal(Signal::TERM);
    while events.next().await.is_some() {}
    let said = house.ended().stderr;
    let lines = |text: &str| said.iter().filter(|line| line.contains(text)).count();
    assert_eq!(lines("A reader of events was refused"), 1, "{said:?}");
    assert_eq!(lines("A client registered"), 1, "{said:?}");
    assert_eq!(lines("A client lost its connection"), 0, "{said:?}");
}

#[tokio::test]
async fn frames_that_are_lost_are_told() {
    let server = TestServer::start().await;
    let client = HttpClient::new(server.port());
    let mut events = client.events(EVENTS).await;
    let first = events.expect("registration_confirmed").await.id;
    for n in 0..130 {
        contacts(&client, &format!("n{n}")).await;
        until(&mut events, &format!("n{n}")).await;
    }
    drop(events);
    let (mut events, confirmed) = back(&client, &first).await;
    assert_eq!((&confirmed["recovered"], &confirmed["missed"]), (&json!(false), &json!(30)), "{confirmed}");
    until(&mut events, "n30").await;
}

#[tokio::test]
async fn a_comment_comes_every_fifteen_seconds() {
    let server = TestServer::start().await;
    let mut events = HttpClient::new(server.port()).events(EVENTS).await;
    events.expect("registration_confirmed").await;
    for _ in 0..3 {
        server.step(Duration::from_secs(15));
        assert_eq!(events.block().await.as_deref(), Some(":"));
    }
}

#[tokio::test]
async fn a_reader_that_does_not_read_is_dropped_and_delays_nobody() {
    let server = TestServer::with(&["limits.outbox_frames=200"]).await;
    let client = HttpClient::new(server.port());
    let mut slow = client.events(EVENTS).await;
    slow.expect("registration_confirmed").await;
    let mut socket = speaker(&server).await;
    let long = "x".repeat(1_000);
    for n in 0..700 {
        let contacts: Vec<String> = (0..20).map(|name| format!("{n} {name} {long}")).collect();
        socket.send(json!({"type": "contact_list_update", "contacts": contacts})).await;
        while socket.next().await["type"] != "contact_list_broadcast" {}
    }
    // It ends, with as much as the network had taken by then.
    while slow.next().await.is_some() {}
}

#[tokio::test]
async fn a_reader_that_is_removed_hears_why() {
    let server = TestServer::with(&["auth.admin_token=the-token-of-admins"]).await;
    let client = HttpClient::new(server.port());
    let mut events = client.events(EVENTS).await;
    let confirmed = events.expect("registration_confirmed").await;
    let id = confirmed.data["client_id"].as_str().expect("an id");
    let path = format!("/api/v1/sessions/default/clients/{id}");
    assert_eq!(client.token("the-token-of-admins").delete(&path).await.status, 204);
    assert_eq!(events.expect("error").await.data["code"], "forbidden");
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn however_many_stay_others_are_answered() {
    let server = TestServer::start().await;
    let client = HttpClient::new(server.port());
    let stays = async |n: usize| {
        let mut stream = crate::web::dial(server.port()).await;
        let get = format!("GET /api/v1/sessions/s{n}/events HTTP/1.1\r\nHost: x\r\n\r\n");
        (crate::web::ask(&mut stream, &get).await.status, stream)
    };
    let mut readers = Vec::new();
    let refused = loop {
        match stays(readers.len()).await {
            (200, stream) => readers.push(stream),
            (status, _) => break status,
        }
        assert!(readers.len() <= 128, "half of all that are no sockets");
    };
    assert_eq!((refused, readers.is_empty()), (503, false));
    let waits = client.get("/api/v1/chat/anna/messages?wait=50").await;
    assert_eq!((waits.problem(), waits.header("retry-after")), ((503, "overloaded"), Some("1")));
    client.get("/api/v1/chat/anna/messages").await.fine();
    client.get("/api/v1/stats").await.fine();
    let room = readers.len();
    drop(readers.pop());
    crate::patiently(async { while stays(room).await.0 != 200 {} }).await;
}

#[tokio::test]
async fn a_reader_is_no_user_of_the_chat() {
    let server = TestServer::start().await;
    let client = HttpClient::new(server.port());
    let mut events = client.events(EVENTS).await;
    events.expect("registration_confirmed").await;
    assert_eq!(client.get("/api/v1/stats").await.fine()["active_users"], 0);
}

/// A ticket of somebody who has the token.
async fn ticket(user: &HttpClient) -> String {
    let reply = user.send("POST", "/api/v1/tickets", "", "").await;
    format!("?ticket={}", reply.fine()["ticket"].as_str().expect("a ticket"))
}

const GUARDED: [&str; 2] = ["auth.mode=token", "auth.token=the-token-of-users"];

#[tokio::test]
async fn who_can_send_no_token_reads_with_a_ticket() {
    let server = TestServer::with(&GUARDED).await;
    let nobody = HttpClient::new(server.port());
    let user = nobody.token("the-token-of-users");
    assert_eq!(nobody.get(EVENTS).await.problem(), (401, "unauthorized"), "without");
    assert_eq!(nobody.get(&format!("{EVENTS}?ticket=")).await.problem(), (401, "unauthorized"));
    let (ticket, late) = (ticket(&user).await, ticket(&user).await);
    let mut events = nobody.events(&format!("{EVENTS}{ticket}")).await;
    events.expect("registration_confirmed").await;
    contacts(&user, "one").await;
    until(&mut events, "one").await;
    let again = nobody.get(&format!("{EVENTS}{ticket}")).await;
    assert_eq!(again.problem(), (401, "unauthorized"), "it is of use once");
    assert_eq!(again.header("www-authenticate"), Some("Bearer realm=\"strowger\", error=\"invalid_token\""));
    let upgraded = crate::web::upgrade(server.port(), &format!("/{ticket}"), "").await;
    assert_eq!(upgraded.status, 401, "on whatever door");
    server.step(Duration::from_secs(30));
    let reply = nobody.get(&format!("{EVENTS}{late}")).await;
    assert_eq!(reply.problem(), (401, "unauthorized"), "it is too late");
    user.events(EVENTS).await.expect("registration_confirmed").await;
}

#[tokio::test]
async fn a_ticket_opens_nothing_else_and_is_kept_until_it_is_used() {
    let server = TestServer::with(&GUARDED).await;
    let nobody = HttpClient::new(server.port());
    let ticket = ticket(&nobody.token("the-token-of-users")).await;
    for path in
        ["/api/v1/stats", "/api/v1/sessions/s/contacts", "/api/v1/events", "/api/v1/sessions/s/clients"]
    {
        assert_eq!(nobody.get(&format!("{path}{ticket}")).await.problem(), (401, "unauthorized"), "{path}");
    }
    let client = format!("/api/v1/sessions/s/clients/events{ticket}");
    assert_eq!(nobody.delete(&client).await.problem(), (401, "unauthorized"));
    let page = nobody.with("Origin", "http://evil.test");
    assert_eq!(page.get(&format!("{EVENTS}{ticket}")).await.problem(), (403, "forbidden"));
    let head = nobody.send("HEAD", &format!("{EVENTS}{ticket}"), "", "").await;
    assert_eq!(head.status, 405);
    nobody.events(&format!("{EVENTS}{ticket}")).await.expect("registration_confirmed").await;
}

#[tokio::test]
async fn a_ticket_is_kept_where_there_was_no_room_to_read() {
    let server = TestServer::with(&GUARDED).await;
    let nobody = HttpClient::new(server.port());
    let user = nobody.token("the-token-of-users");
    let stays = async |query: &str, header: &str| {
        let mut stream = crate::web::dial(server.port()).await;
        let get = format!("GET {EVENTS}{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n{header}\r\n");
        (crate::web::ask(&mut stream, &get).await.status, stream)
    };
    let mut readers = Vec::new();
    while let (200, stream) = stays("", "Authorization: Bearer the-token-of-users\r\n").await {
        readers.push(stream);
    }
    let ticket = ticket(&user).await;
    assert_eq!(stays(&ticket, "").await.0, 503);
    drop(readers.pop());
    let with_room = async || {
        crate::patiently(async {
            loop {
                match stays(&ticket, "").await.0 {
                    503 => {}
                    status => break status,
                }
            }
        })
        .await
    };
    assert_eq!(with_room().await, 200, "it was kept");
    assert_eq!(with_room().await, 401, "and used");
}
