//! Requests that take too long: their head, their body, and the reading of the answer. HTTP's time is real, so
//! these houses have short limits.

use crate::mcp_client::{Mcp, OLD, body_of, house};
use crate::raw_client::dial_with_little_room;
use crate::test_server::TestServer;
use crate::{patiently, web};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const LIMIT: &str = "limits.handshake=1s";
/// Shorter than the limit: each byte is in time, and all of them together are not.
const DRIP: Duration = Duration::from_millis(50);
/// What a busy machine may add.
const LATE: Duration = Duration::from_secs(3);

const PAGE: &str = "GET /pages/chat/chat.js HTTP/1.1\r\nHost: x\r\n\r\n";

/// Sends a byte now and then until the house has had enough, and returns how long that took.
async fn drip(stream: &mut TcpStream, bytes: &[u8]) -> Duration {
    let start = Instant::now();
    for byte in bytes {
        let sent = stream.write_all(&[*byte]).await;
        let ended = timeout(DRIP, stream.read_u8()).await.is_ok_and(|read| read.is_err());
        if ended || sent.is_err() {
            return start.elapsed();
        }
    }
    panic!("after {:?} it still listens", start.elapsed());
}

fn head() -> Vec<u8> {
    format!("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: {}", "x".repeat(10_000)).into_bytes()
}

#[tokio::test]
async fn a_head_that_drips_is_cut_when_its_time_is_over() {
    let server = TestServer::with(&[LIMIT]).await;
    let mut stream = web::dial(server.port()).await;
    let took = drip(&mut stream, &head()).await;
    assert!(took > Duration::from_millis(900) && took < LATE, "{took:?}");
    assert_eq!(server.metric_of("strowger_cut_total{reason=\"request\"}"), 1);
}

#[tokio::test]
async fn a_head_that_drips_is_cut_at_the_port_of_mcp_as_well() {
    let server = TestServer::with(&[LIMIT]).await;
    let mut stream = web::dial(server.mcp_port()).await;
    let took = drip(&mut stream, &head()).await;
    assert!(took > Duration::from_millis(900) && took < LATE, "{took:?}");
    assert_eq!(server.metric_of("strowger_cut_total{reason=\"request\"}"), 1);
}

/// It is read for ten seconds of real time, and what comes meanwhile buys no more of it.
#[tokio::test]
async fn a_body_that_drips_is_given_up_however_often_something_comes() {
    let server = house().await;
    let text = Mcp::of(&server).written(OLD, &" ".repeat(10_000));
    let (head, body) = text.split_once("\r\n\r\n").expect("a body");
    let mut stream = web::dial(server.mcp_port()).await;
    patiently(stream.write_all(format!("{head}\r\n\r\n").as_bytes())).await.expect("the house reads");
    let start = Instant::now();
    let mut bytes = body.as_bytes().iter();
    while timeout(DRIP, stream.readable()).await.is_err() {
        let byte = bytes.next().unwrap_or_else(|| panic!("after {:?} it still reads", start.elapsed()));
        patiently(stream.write_all(&[*byte])).await.expect("the house reads");
    }
    let answer = web::answer(&mut stream).await;
    assert_eq!((answer.status, body_of(&answer)["error"]["code"].as_i64()), (408, Some(-32600)));
    let (took, limit) = (start.elapsed(), Duration::from_secs(10));
    assert!(took > limit - LATE && took < limit + LATE, "{took:?}");
}

#[tokio::test]
async fn a_second_head_that_drips_is_cut_as_well() {
    let server = TestServer::with(&[LIMIT]).await;
    let mut stream = web::dial(server.port()).await;
    assert_eq!(web::ask(&mut stream, PAGE).await.status, 200);
    let took = drip(&mut stream, &head()).await;
    assert!(took < LATE, "{took:?}");
    assert_eq!(server.metric_of("strowger_cut_total{reason=\"request\"}"), 1);
}

#[tokio::test]
async fn who_asks_and_does_not_read_is_cut() {
    let server = TestServer::with(&[LIMIT]).await;
    let mut stream = dial_with_little_room(server.port()).await;
    let asks = PAGE.repeat(100);
    let start = Instant::now();
    // Writing fails once the house has cut it. Before, it waits for the house, which waits for a reader.
    patiently(async { while stream.write_all(asks.as_bytes()).await.is_ok() {} }).await;
    assert!(start.elapsed() < 2 * LATE, "{:?}", start.elapsed());
    assert_eq!(server.metric_of("strowger_cut_total{reason=\"answer\"}"), 1);
    assert_eq!(web::get(server.port(), "/health").await.status, 200);
}

#[tokio::test]
async fn who_reads_a_byte_now_and_then_is_cut_as_well() {
    let server = TestServer::with(&[LIMIT]).await;
    let (mut reader, mut writer) = dial_with_little_room(server.port()).await.into_split();
    let asks = PAGE.repeat(100);
    let writing = async { while writer.write_all(asks.as_bytes()).await.is_ok() {} };
    let reading = async {
        let mut few = [0; 64];
        while reader.read(&mut few).await.is_ok_and(|read| read > 0) {
            // Nothing ends this but the time.
            let _ = timeout(DRIP, std::future::pending::<()>()).await;
        }
    };
    patiently(async {
        tokio::select! {
            () = writing => {}
            () = reading => {}
        }
    })
    .await;
    assert_eq!(server.metric_of("strowger_cut_total{reason=\"answer\"}"), 1);
}

#[tokio::test]
async fn who_asks_much_and_reads_it_gets_all_of_it() {
    let server = TestServer::with(&[LIMIT]).await;
    let (mut reader, mut writer) = web::dial(server.port()).await.into_split();
    let requests = 1_000;
    let asks =
        format!("{}{}", PAGE.repeat(requests - 1), PAGE.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
    let one = web::get(server.port(), "/pages/chat/chat.js").await.body.len();
    let mut page = Vec::new();
    let (asked, read) =
        patiently(futures::future::join(writer.write_all(asks.as_bytes()), reader.read_to_end(&mut page)))
            .await;
    asked.expect("the house reads");
    assert!(read.expect("a good end") > requests * one);
    assert_eq!(server.metric("strowger_cut_total"), 0);
}

#[tokio::test]
async fn nobody_waits_for_a_body() {
    // Without any limit of time: it is not needed.
    let server = TestServer::with(&["limits.handshake=0"]).await;
    for more in [
        "Content-Length: 1000000000\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Content-Length: 9\r\nExpect: 100-continue\r\n",
    ] {
        for path in ["/", "/metrics", "/ws"] {
            let mut stream = web::dial(server.port()).await;
            let post = format!("POST {path} HTTP/1.1\r\nHost: x\r\n{more}\r\n");
            let status = web::ask(&mut stream, &post).await.status;
            assert!([404, 405].contains(&status), "{path} {more}: {status}");
            drip(&mut stream, &[b'1'; 1_000]).await;
        }
    }
}
