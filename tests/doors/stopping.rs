//! How the house closes: everybody gets what is theirs, then 1012, and it does not take longer than allowed.

use crate::raw_client::RawClient;
use crate::test_client::{TestClient, couple};
use crate::test_server::TestServer;
use crate::{patiently, web};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;

/// What a busy machine may add to `server.stop_within` before it counts as longer.
const TOLERANCE: Duration = Duration::from_millis(900);

/// Closes a house that may take this long, and checks that it did not take longer.
async fn close_in_time(server: TestServer, stop_within: Duration) {
    let start = Instant::now();
    patiently(server.close()).await;
    let took = start.elapsed();
    assert!(took < stop_within + TOLERANCE, "to stop took {took:?}, of {stop_within:?}");
}

#[tokio::test]
async fn everybody_gets_what_is_in_the_mailbox_and_then_1012() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server.url()).await;
    for n in 0..500 {
        a.send(json!({"type": "chat_message", "message": format!("line {n}"), "request_id": "r"})).await;
    }
    for _ in 0..500 {
        // Delivered means: in the partner's outbox.
        assert_eq!(a.expect("response").await["content"]["delivered"], true);
    }
    let ((), (heard, code), (nothing, code_of_a)) = tokio::join!(server.close(), b.ended(), a.ended());
    let expected: Vec<_> = (0..500).map(|n| json!(format!("line {n}"))).collect();
    assert_eq!(heard.iter().map(|frame| frame["message"].clone()).collect::<Vec<_>>(), expected);
    assert_eq!((code, code_of_a), (Some(1012), Some(1012)));
    assert_eq!(nothing, [] as [serde_json::Value; 0], "nobody's partner left: the house did");
}

#[tokio::test]
async fn clients_of_a_session_do_not_hear_each_other_leave_because_of_the_stop() {
    let server = TestServer::start().await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = TestClient::connect(&server.url()).await;
        client.send(json!({"type": "register", "session": "family"})).await;
        client.expect("registration_confirmed").await;
        clients.push(client);
    }
    // Also somebody who never registered is told.
    clients.push(TestClient::connect(&server.url()).await);
    clients[3].send(json!({"type": "ping"})).await;
    clients[3].expect("pong").await;
    let everybody = futures::future::join_all(clients.iter_mut().map(TestClient::ended));
    let ((), ends) = tokio::join!(server.close(), everybody);
    for (frames, code) in ends {
        assert_eq!(code, Some(1012));
        assert!(frames.iter().all(|frame| frame["type"] == "client_joined"), "{frames:?}");
    }
}

#[tokio::test]
async fn a_house_without_visitors_closes_at_once_and_leaves_the_port() {
    let server = TestServer::start().await;
    let port = server.port();
    let client = TestClient::join(&server.url(), "Anna").await;
    client.close().await;
    close_in_time(server, Duration::ZERO).await;

    let again = TestServer::with(&[&format!("server.port={port}")]).await;
    assert_eq!(again.port(), port);
    let mut client = TestClient::join(&again.url(), "Anna").await;
    assert_eq!(client.ask("#who").await["state"], "idle");
}

#[tokio::test]
async fn a_client_that_does_not_read_does_not_hold_up_the_stop() {
    let server = TestServer::with(&["server.stop_within=1s"]).await;
    let mut slow = RawClient::join_with_little_room(server.port(), "Slow").await;
    let mut talker = TestClient::join(&server.url(), "Talker").await;
    slow.say("#meet").await;
    assert_eq!(slow.next().await["content"]["state"], "waiting");
    assert_eq!(talker.ask("#meet").await["state"], "paired");
    for _ in 0..200 {
        talker.say(&"x".repeat(4_000)).await;
    }
    talker.send(json!({"type": "ping"})).await;
    talker.expect("pong").await;
    tokio::join!(close_in_time(server, Duration::from_secs(1)), talker.ended());
}

#[tokio::test]
async fn a_client_that_does_not_close_its_side_does_not_hold_up_the_stop() {
    let server = TestServer::with(&["server.stop_within=1s"]).await;
    let _silent = RawClient::join(server.port(), "Silent").await;
    close_in_time(server, Duration::from_secs(1)).await;
}

#[tokio::test]
async fn a_connection_that_asked_nothing_yet_does_not_hold_up_the_stop() {
    let server = TestServer::with(&["server.stop_within=1s", "limits.handshake=0"]).await;
    let _silent = web::dial(server.port()).await;
    let mut half = web::dial(server.port()).await;
    patiently(half.write_all(b"GET /health HTTP/1.1\r\n")).await.expect("the house reads");
    // A later visitor is served, so the earlier ones were let in.
    assert_eq!(web::get(server.port(), "/health").await.status, 200);
    close_in_time(server, Duration::from_secs(1)).await;
}

#[tokio::test]
async fn a_connection_that_may_ask_for_more_does_not_hold_up_the_stop() {
    let server = TestServer::start().await;
    let mut browser = web::dial(server.port()).await;
    patiently(browser.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")).await.expect("the house reads");
    assert_eq!(web::answer(&mut browser).await.status, 200);
    close_in_time(server, Duration::ZERO).await;
}

#[tokio::test]
async fn a_house_that_closes_is_not_ready() {
    let server = TestServer::start().await;
    let port = server.port();
    assert_eq!(web::get(port, "/ready").await.status, 200);
    let mut late = web::dial(port).await;
    patiently(late.write_all(b"GET /ready HTTP/1.1\r\nHost: x\r\n")).await.expect("the house reads");
    assert_eq!(web::get(port, "/health").await.status, 200);
    let asking = async {
        // `join!` polls the close first, so the doors have begun to close.
        patiently(late.write_all(b"\r\n")).await.expect("the house reads");
        web::answer(&mut late).await.status
    };
    let ((), status) = tokio::join!(server.close(), asking);
    assert_eq!(status, 503);
}

#[tokio::test]
async fn a_house_that_closes_lets_nobody_in() {
    let server = TestServer::start().await;
    let port = server.port();
    let mut client = TestClient::join(&server.url(), "Anna").await;
    let ((), (_, code)) = tokio::join!(server.close(), client.ended());
    assert_eq!(code, Some(1012));
    assert!(patiently(tokio::net::TcpStream::connect(("127.0.0.1", port))).await.is_err());
}
