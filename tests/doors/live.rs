//! REST: what an operator watches, live, and whom they may send away.

use crate::http_client::{Events, HttpClient};
use crate::privacy::port_in;
use crate::process::{Process, Room};
use crate::test_client::{TestClient, couple};
use crate::test_server::TestServer;
use serde_json::{Value, json};
use std::time::Duration;

const LIVE: &str = "/api/v1/admin/live";
const CLIENTS: &str = "/api/v1/admin/clients";
const USER: &str = "the-token-of-users";
const ADMIN: &str = "the-token-of-admins";

async fn house() -> (TestServer, HttpClient) {
    let server =
        TestServer::with(&[&format!("auth.token={USER}"), &format!("auth.admin_token={ADMIN}")]).await;
    let admin = HttpClient::new(server.port()).token(ADMIN);
    (server, admin)
}

/// The next event of this kind.
async fn next(events: &mut Events, kind: &str) -> Value {
    loop {
        let told = events.next().await.expect("an event");
        if told.event == kind {
            return told.data;
        }
    }
}

/// The figures once they are so.
async fn figures(events: &mut Events, server: &TestServer, are: impl Fn(&Value) -> bool) -> Value {
    loop {
        server.step(Duration::from_secs(1));
        let figures = next(events, "figures").await;
        if are(&figures) {
            return figures;
        }
    }
}

fn sum(counts: &Value) -> u64 {
    counts.as_array().expect("a list").iter().filter_map(Value::as_u64).sum()
}

#[tokio::test]
async fn who_watches_sees_who_is_there_who_talks_and_how_long_it_takes() {
    let (server, admin) = house().await;
    let mut events = admin.events(LIVE).await;
    let hour = events.expect("hour").await.data;
    assert_eq!((hour["every_seconds"].as_u64(), &hour["texts"]), (Some(10), &json!([])));
    let first = events.expect("figures").await.data;
    assert_eq!((&first["people"]["online"], &first["store"]), (&json!(0), &json!("writing")));
    assert_eq!(sum(&first["wait"]["counts"]), 0);

    let mut anna = TestClient::join(&server.url(), "Anna").await;
    assert_eq!(anna.ask("#meet").await["state"], "waiting");
    let waiting = figures(&mut events, &server, |figures| figures["people"]["waiting"] == 1).await;
    assert_eq!(waiting["people"]["online"], 1);
    server.step(Duration::from_secs(3));
    let mut ben = TestClient::join(&server.url(), "Ben").await;
    assert_eq!(ben.ask("#meet").await["state"], "paired");
    anna.expect("chat_event").await;
    ben.say("hello").await;
    anna.expect("chat_message").await;

    let paired = figures(&mut events, &server, |figures| sum(&figures["delivery"]["counts"]) == 1).await;
    assert_eq!((&paired["people"]["pairs"], &paired["chats"]), (&json!(1), &json!(1)));
    assert_eq!((&paired["texts"]["delivered"], &paired["doors"]["sockets"]), (&json!(1), &json!(2)));
    // Ben found somebody at once; Anna waited for more than 2 s, and at most 5.
    let wait = &paired["wait"];
    let step =
        wait["up_to"].as_array().expect("steps").iter().position(|up_to| *up_to == json!(5.0)).expect("5 s");
    assert_eq!((sum(&wait["counts"]), &wait["counts"][step], &wait["counts"][0]), (2, &json!(1), &json!(1)));

    server.step(Duration::from_secs(10));
    let hour = next(&mut events, "hour").await;
    assert_eq!(
        (sum(&hour["texts"]), hour["pairs"].as_array().and_then(|pairs| pairs.last())),
        (1, Some(&json!(1)))
    );
}

#[tokio::test]
async fn who_watches_sees_requests_closes_and_who_was_turned_away() {
    let (server, admin) = house().await;
    let mut events = admin.events(LIVE).await;
    crate::web::get(server.port(), "/nothing").await;
    crate::web::upgrade(server.port(), "/", "Origin: https://evil.test\r\n").await;
    let mut binary = crate::raw_client::RawClient::connect(server.port()).await;
    binary.write(&crate::raw_client::frame(0x82, b"x")).await;
    let seen = figures(&mut events, &server, |figures| {
        figures["closes"].as_array().is_some_and(|all| !all.is_empty())
    })
    .await;
    assert_eq!((&seen["closes"][0]["code"], &seen["closes"][0]["count"]), (&json!(1003), &json!(1)));
    assert_eq!(seen["doors"]["turned_away"]["origin"], 1);
    let asked = seen["doors"]["requests"].as_array().expect("a list");
    let lost =
        asked.iter().find(|asked| asked["door"] == "page" && asked["status"] == "4xx").expect("counted");
    assert_eq!(lost["count"], 1);
}

#[tokio::test]
async fn only_administrators_watch() {
    let (server, admin) = house().await;
    let nobody = HttpClient::new(server.port());
    for path in [LIVE, CLIENTS] {
        assert_eq!(nobody.get(path).await.problem(), (401, "unauthorized"), "{path}");
        assert_eq!(nobody.token(USER).get(path).await.problem(), (403, "forbidden"), "{path}");
    }
    let head = admin.ask("HEAD", LIVE, None).await;
    assert_eq!(head.status, 405);
}

#[tokio::test]
async fn the_house_closes_though_somebody_watches() {
    let (server, admin) = house().await;
    let mut events = admin.events(LIVE).await;
    next(&mut events, "figures").await;
    let rest = async { while events.next().await.is_some() {} };
    crate::patiently(futures::future::join(server.close(), rest)).await;
}

#[tokio::test]
async fn everybody_with_a_name_is_listed_page_by_page_and_found_by_any_of_their_words() {
    let (server, admin) = house().await;
    let mut clients = Vec::new();
    for id in ["one", "two", "three"] {
        let mut client = TestClient::connect(&server.url()).await;
        client.send(json!({"type": "register", "client_id": id, "client_name": "Phone", "session": format!("team {id}")})).await;
        client.expect("registration_confirmed").await;
        clients.push(client);
    }
    let ids = |page: &Value| -> Vec<String> {
        let all = page["clients"].as_array().expect("a list").iter();
        all.map(|client| client["client_id"].as_str().expect("an id").to_owned()).collect()
    };
    let first = admin.get(&format!("{CLIENTS}?count=2")).await.fine();
    assert_eq!((ids(&first), &first["after"]), (vec!["one".to_owned(), "three".to_owned()], &json!("three")));
    let second = admin.get(&format!("{CLIENTS}?count=2&after=three")).await.fine();
    assert_eq!((ids(&second), second.get("after")), (vec!["two".to_owned()], None));
    for (like, found) in [("PHONE", 3), ("TEAM%20TWO", 1), ("thre", 1), ("nobody", 0)] {
        assert_eq!(ids(&admin.get(&format!("{CLIENTS}?like={like}")).await.fine()).len(), found, "{like}");
    }
    let [one, ..] = &mut clients[..] else { panic!("there are three") };
    one.say("#who").await;
    one.expect("response").await;
    server.step(Duration::from_secs(90));
    let page = admin.get(CLIENTS).await.fine();
    assert_eq!(
        (&page["clients"][0]["idle_seconds"], &page["clients"][0]["session"]),
        (&json!(90), &json!("team one"))
    );

    let too_long = format!("{CLIENTS}?like={}", "x".repeat(193));
    assert_eq!(admin.get(&too_long).await.problem(), (400, "invalid_message"));
    assert_eq!(admin.delete("/api/v1/sessions/team%20one/clients/one").await.status, 204);
    assert_eq!(one.ended().await.1, Some(4503));
    assert_eq!(ids(&admin.get(CLIENTS).await.fine()), ["three", "two"]);
}

#[tokio::test]
async fn the_end_of_the_log_is_told_and_names_nobody() {
    let room = Room::new();
    let arguments = ["--port", "0", "--log-level", "DEBUG", "--set", "session.store=memory"];
    let house = Process::start(&room, &arguments, &[("AUTH_TOKEN", USER), ("ADMIN_TOKEN", ADMIN)]);
    let port = port_in(&house.line());
    let admin = HttpClient::new(port).token(ADMIN);
    let mut events = admin.events(LIVE).await;
    let (mut anna, mut ben) = couple(&format!("ws://127.0.0.1:{port}/")).await;
    anna.say("meet me at 0123 456789").await;
    ben.expect("chat_message").await;
    drop(ben);
    anna.expect("chat_event").await;
    let mut told = Vec::new();
    // Each of the two came, and was on the call.
    let count = |told: &[Value], words: &str| {
        told.iter().filter(|line| line["text"].as_str().is_some_and(|text| text.starts_with(words))).count()
    };
    while count(&told, "A client is on a call") < 2 {
        told.push(next(&mut events, "log").await);
    }
    assert_eq!(count(&told, "A client registered"), 2, "{told:?}");
    let lines = serde_json::to_string(&told).expect("JSON");
    for secret in ["meet me", "456789", "hidden", USER, ADMIN] {
        assert!(!lines.contains(secret), "{secret} in {lines}");
    }
    assert!(told.iter().any(
        |line| line["level"] == "DEBUG" && line["timestamp"].as_str().is_some_and(|at| at.ends_with('Z'))
    ));
}
