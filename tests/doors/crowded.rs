//! How many connections there may be: in the house, and of one address.

use crate::patiently;
use crate::raw_client::RawClient;
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use crate::web::{self, Answer, HANDSHAKE, dial, dial_from};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const UPGRADE: &str = "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
     Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const HEALTH: &str = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n";

/// Asks for an upgrade from this address, and keeps the connection.
async fn knock(last: u8, port: u16) -> (Answer, TcpStream) {
    let mut stream = dial_from(last, port).await;
    (web::ask(&mut stream, UPGRADE).await, stream)
}

async fn until_sockets(server: &TestServer, count: u64) {
    patiently(async {
        while server.metric("strowger_sockets") != count {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn past_its_limit_an_address_is_refused_and_no_other() {
    let server = TestServer::with(&["limits.connections_per_address=2"]).await;
    let port = server.port();
    let mut first = TestClient::join(&server.url(), "Anna").await;
    let mut second = TestClient::join(&server.url(), "Bert").await;
    let (refused, mut stream) = knock(1, port).await;
    assert_eq!((refused.status, refused.header("Retry-After")), (503, Some("5")));
    assert_eq!(server.metric_of("strowger_turned_away_total{reason=\"address\"}"), 1);
    assert_eq!(server.metric("strowger_turned_away_total"), 1);
    assert_eq!(web::ask(&mut stream, HEALTH).await.status, 200, "pages are still there");
    assert_eq!(knock(2, port).await.0.status, 101);

    // Whoever was refused may ask again on the same connection, and is let in once there is room.
    first.close().await;
    until_sockets(&server, 1).await;
    assert_eq!(web::ask(&mut stream, UPGRADE).await.status, 101);
    let (refused, _) = knock(1, port).await;
    assert_eq!(refused.status, 503);
    assert_eq!(second.ask("#who").await["state"], "idle");
    first = TestClient::connect(&format!("ws://[::1]:{port}/")).await;
    first.send(serde_json::json!({"type": "ping"})).await;
    first.expect("pong").await;
}

#[tokio::test]
async fn an_ipv4_address_in_ipv6_clothes_is_counted_as_what_it_is() {
    let changes = ["server.host=::ffff:127.0.0.1", "limits.connections_per_address=1"];
    let server = TestServer::with(&changes).await;
    let mut seated = Vec::new();
    for last in 1..=5 {
        let (answer, stream) = knock(last, server.port()).await;
        assert_eq!(answer.status, 101, "127.0.0.{last} is no neighbour of the others");
        seated.push(stream);
        assert_eq!(knock(last, server.port()).await.0.status, 503);
    }
}

#[tokio::test]
async fn one_address_cannot_take_all_the_spare_connections() {
    let server = TestServer::with(&["limits.connections_per_address=1", "limits.handshake=0"]).await;
    let port = server.port();
    let mut callers = Vec::new();
    let cut = || server.metric_of("strowger_cut_total{reason=\"address\"}");
    while cut() == 0 {
        assert!(callers.len() < 64, "it has taken {} connections", callers.len());
        let mut stream = dial(port).await;
        // Both ends of being let in: an answer, or the end.
        let _ = stream.write_all(HEALTH.as_bytes()).await;
        let _ = patiently(stream.read_u8()).await;
        callers.push(stream);
    }
    assert!(callers.len() > 8, "a browser takes six: {}", callers.len());
    assert_eq!(web::ask(&mut dial_from(2, port).await, HEALTH).await.status, 200);

    callers.clear();
    patiently(async {
        loop {
            let mut stream = dial(port).await;
            let asked = stream.write_all(HEALTH.as_bytes()).await;
            if asked.is_ok() && stream.read_u8().await.is_ok() {
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn who_has_a_websocket_is_no_caller_any_more() {
    let server = TestServer::with(&["limits.connections_per_address=300"]).await;
    let mut clients = Vec::new();
    for n in 0..100 {
        clients.push(RawClient::join(server.port(), &format!("Client {n}")).await);
    }
    assert_eq!(server.metric("strowger_cut_total"), 0);
    assert_eq!(server.metric("strowger_sockets"), 100);
}

#[tokio::test]
async fn a_refused_upgrade_leaves_the_seat_to_others() {
    let server = TestServer::with(&["limits.connections=2", "limits.connections_per_address=1"]).await;
    let (first, _here) = knock(1, server.port()).await;
    assert_eq!(first.status, 101);
    for _ in 0..5 {
        assert_eq!(knock(1, server.port()).await.0.status, 503);
        assert_eq!(server.metric("strowger_sockets"), 1);
    }
    let (second, _there) = knock(2, server.port()).await;
    assert_eq!(second.status, 101);
    assert_eq!(knock(3, server.port()).await.0.status, 503);
    assert_eq!(server.metric_of("strowger_turned_away_total{reason=\"full\"}"), 1);
    assert_eq!(server.metric_of("strowger_turned_away_total{reason=\"address\"}"), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_once_exactly_as_many_get_in_as_there_are_seats() {
    let server = TestServer::with(&["limits.connections=10"]).await;
    let port = server.port();
    for _ in 0..10 {
        let knocks = futures::future::join_all((0..60).map(|_| knock(1, port))).await;
        let seated = knocks.iter().filter(|(answer, _)| answer.status == 101).count();
        assert_eq!(seated, 10);
        drop(knocks);
        until_sockets(&server, 0).await;
    }
}

#[tokio::test]
async fn why_an_upgrade_was_refused_is_counted() {
    let server = TestServer::start().await;
    let port = server.port();
    assert_eq!(web::upgrade(port, "/", "Origin: https://evil.test\r\n").await.status, 403);
    let old = HANDSHAKE.replace("Version: 13", "Version: 8");
    let answer = web::request(port, &format!("GET / HTTP/1.1\r\nHost: x\r\n{old}\r\n")).await;
    assert_eq!((answer.status, answer.header("sec-websocket-version")), (426, Some("13")));
    for reason in ["origin", "handshake"] {
        let series = format!("strowger_turned_away_total{{reason=\"{reason}\"}}");
        assert_eq!(server.metric_of(&series), 1, "{reason}");
    }
}
