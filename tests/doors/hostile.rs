//! Peers that mean harm: crowds at the door, bytes that drip, foreign pages, frames that nobody may send. Each is
//! cut off, and nobody else notices.

use crate::patiently;
use crate::privacy::port_in;
use crate::process::{Process, Room};
use crate::raw_client::{
    BINARY, CLOSE, PING, PONG, RawClient, TEXT, TEXT_BEGINS, TEXT_ENDS, dial_with_little_room, frame,
};
use crate::test_client::{PATIENCE, TestClient, couple};
use crate::test_server::TestServer;
use crate::web::{self, HANDSHAKE, dial, upgrade};
use futures::FutureExt;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const SECOND: Duration = Duration::from_secs(1);

/// Files that are no connection's: those of the test itself and of a few good clients.
const OWN_FILES: usize = 100;

/// As many connections as this process may have, and no more than wanted.
fn affordable(wanted: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    let files = getrlimit(Resource::Nofile).current.and_then(|files| usize::try_from(files).ok());
    files.map_or(wanted, |files| wanted.min(files.saturating_sub(OWN_FILES)))
}

/// What one of a crowd sends before it falls silent, by its number.
fn beginning(n: usize) -> Vec<u8> {
    match n % 3 {
        0 => Vec::new(),
        1 => b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n".to_vec(),
        _ => format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}", "x".repeat(8_000)).into_bytes(),
    }
}

/// A crowd opens connections and completes no request, while a couple talks and others come.
async fn a_crowd_comes(wanted: usize, handshake: Duration) {
    let size = affordable(wanted);
    let room = Room::new();
    let limit = format!("limits.handshake={}ms", handshake.as_millis());
    let house = Process::start(&room, &["--port", "0", "--set", &limit], &[]);
    let port = port_in(&house.line());
    let url = format!("ws://127.0.0.1:{port}/");
    let (mut a, mut b) = couple(&url).await;
    #[cfg(target_os = "linux")]
    let before = house.memory();

    let mut crowd: Vec<TcpStream> = Vec::with_capacity(size);
    for n in 0..size {
        let mut stream = dial(port).await;
        let _ = stream.write_all(&beginning(n)).await;
        crowd.push(stream);
        if n % (size / 10) == 0 {
            let start = Instant::now();
            let mut newcomer = TestClient::join(&url, "Newcomer").await;
            assert_eq!(newcomer.ask("#who").await["state"], "idle");
            a.say("hello").await;
            assert_eq!(b.hear().await, "hello");
            assert!(start.elapsed() < 2 * SECOND, "behind {n} others it took {:?}", start.elapsed());
            newcomer.close().await;
        }
    }
    // Two buffers of 8 KiB and the rest of HTTP, for a time.
    #[cfg(target_os = "linux")]
    assert!(
        house.memory() - before < 24 * size as u64 + 16_384,
        "{} KiB for {size}",
        house.memory() - before
    );
    for mut stream in crowd {
        let mut rest = Vec::new();
        let _ =
            tokio::time::timeout(handshake + PATIENCE, stream.read_to_end(&mut rest)).await.expect("an end");
        assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 408"), "{rest:?}");
    }
    b.say("bye").await;
    assert_eq!(a.hear().await, "bye");
    let page = web::get(port, "/metrics").await.body;
    let cut = page.lines().find_map(|line| line.strip_prefix("strowger_cut_total{reason=\"request\"} "));
    assert_eq!(cut.and_then(|cut| cut.parse().ok()), Some(size), "each of them is counted");
}

#[tokio::test]
async fn a_thousand_half_open_handshakes_hold_up_nobody() {
    a_crowd_comes(1_000, 2 * SECOND).await;
}

/// `scripts/test crowd` runs it by this name.
#[tokio::test]
#[ignore = "takes ten thousand files and some seconds"]
async fn a_crowd_at_the_door() {
    assert_eq!(affordable(10_000), 10_000, "raise the limit on open files: ulimit -n 10200");
    a_crowd_comes(10_000, 10 * SECOND).await;
}

#[tokio::test]
async fn a_head_of_any_shape_that_is_too_large_is_refused_at_once() {
    // Without a limit of time.
    let server = TestServer::with(&["limits.handshake=0"]).await;
    let mut bystander = TestClient::join(&server.url(), "Bystander").await;
    let long = "x".repeat(64 * 1_024);
    for (what, bytes) in [
        ("a header of 64 KiB", format!("GET / HTTP/1.1\r\nHost: x\r\nX: {long}\r\n\r\n")),
        ("a name of 64 KiB", format!("GET / HTTP/1.1\r\nHost: x\r\n{long}: x\r\n\r\n")),
        ("a path of 64 KiB", format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n")),
        ("a method of 64 KiB", format!("{long} / HTTP/1.1\r\nHost: x\r\n\r\n")),
        ("a key of 64 KiB", format!("GET / HTTP/1.1\r\nHost: x\r\n{HANDSHAKE}Cookie: {long}\r\n\r\n")),
        ("10,000 short headers", format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "a: b\r\n".repeat(10_000))),
        ("no end", format!("GET / HTTP/1.1\r\nHost: x\r\nX: {long}")),
        ("nothing but lines", "\r\n".repeat(32 * 1_024) + &long),
    ] {
        let mut stream = dial(server.port()).await;
        // It may close before it has read all of that.
        let _ = patiently(stream.write_all(bytes.as_bytes())).await;
        let mut rest = Vec::new();
        let _ = patiently(stream.read_to_end(&mut rest)).await;
        let answer = String::from_utf8_lossy(&rest);
        let refused = ["", "HTTP/1.1 400", "HTTP/1.1 414", "HTTP/1.1 431"];
        assert!(refused.iter().any(|status| answer.get(..12).unwrap_or("") == *status), "{what}: {answer}");
        assert_eq!(bystander.ask("#who").await["state"], "idle", "{what}");
    }
    assert_eq!(server.metric("strowger_sockets"), 1);
}

/// Who is closed for a message that drips, while others do not notice.
async fn closed_for_dripping(mut dripping: RawClient, server: &TestServer, code: u16) {
    assert_eq!(dripping.close_code().await, Some(code));
    assert_eq!(server.metric_of(&format!("strowger_closes_total{{code=\"{code}\"}}")), 1);
    assert_eq!(server.metric("strowger_closes_total"), 1);
}

#[tokio::test]
async fn a_frame_that_drips_is_cut_when_the_time_of_a_message_is_over() {
    let server = TestServer::with(&["limits.ping=0"]).await;
    let (mut a, mut b) = couple(&server.url()).await;
    let mut dripping = RawClient::join(server.port(), "Dripping").await;
    // It is silent first, which is no message.
    server.step(100 * SECOND);
    let text = frame(TEXT, &[b' '; 100]);
    dripping.write(&text[..1]).await;
    // The others are asked behind it, so that its byte was read when they have their answers.
    for byte in &text[1..30] {
        assert_eq!(a.ask("#who").await["state"], "paired");
        server.step(SECOND);
        dripping.write(&[*byte]).await;
    }
    assert_eq!(b.ask("#who").await["state"], "paired");
    assert_eq!(server.metric("strowger_closes_total"), 0);
    server.step(2 * SECOND);
    closed_for_dripping(dripping, &server, 4003).await;
}

#[tokio::test]
async fn a_frame_that_drips_leaves_no_room_to_answer_a_ping() {
    let server = TestServer::with(&["limits.message=0"]).await;
    let mut dripping = RawClient::join(server.port(), "Dripping").await;
    let text = frame(TEXT, &[b' '; 100]);
    for byte in &text[..25] {
        dripping.write(&[*byte]).await;
        server.step(SECOND);
    }
    assert_eq!(dripping.next_frame().await, Some((PING, b"last_pos=0".to_vec())));
    dripping.write(&text[25..30]).await;
    server.step(10 * SECOND);
    closed_for_dripping(dripping, &server, 4002).await;
}

#[tokio::test]
async fn fragments_that_drip_are_cut_whatever_comes_between_them() {
    let server = TestServer::start().await;
    let mut dripping = RawClient::join(server.port(), "Dripping").await;
    dripping.write(&frame(TEXT_BEGINS, b" ")).await;
    for n in 0..14 {
        // With a sign of life between them, which is answered, so that all of it was read.
        dripping.write(&[frame(0x00, b" "), frame(PONG, b""), frame(PING, b"?")].concat()).await;
        assert_eq!(dripping.next_frame().await, Some((PONG, b"?".to_vec())), "fragment {n}");
        server.step(2 * SECOND);
    }
    server.step(2 * SECOND);
    closed_for_dripping(dripping, &server, 4003).await;
}

#[tokio::test]
async fn who_completes_each_message_may_take_its_time_for_the_next() {
    let server = TestServer::start().await;
    let mut slow = RawClient::join(server.port(), "Slow").await;
    let (beginning, end) = (frame(TEXT_BEGINS, br#"{"type":"#), frame(TEXT_ENDS, br#""ping"}"#));
    slow.write(&beginning).await;
    for n in 0..10 {
        slow.write(&frame(PING, b"?")).await;
        assert_eq!(slow.next_frame().await, Some((PONG, b"?".to_vec())));
        server.step(20 * SECOND);
        // The next one begins in the same piece in which this one ends.
        slow.write(&[&end[..], &beginning].concat()).await;
        assert_eq!(slow.next().await["type"], "pong", "message {n}");
    }
    assert_eq!(server.metric("strowger_closes_total"), 0);
}

#[tokio::test]
async fn a_registration_that_drips_is_cut_as_if_it_had_not_begun() {
    let server = TestServer::start().await;
    let mut dripping = RawClient::connect(server.port()).await;
    dripping.write(&frame(PING, b"here")).await;
    assert_eq!(dripping.next_frame().await, Some((PONG, b"here".to_vec())));
    let register = frame(TEXT_BEGINS, br#"{"type":"#);
    for byte in &register[..10] {
        dripping.write(&[*byte]).await;
        server.step(SECOND);
    }
    assert_eq!(dripping.close_code().await, Some(4502));
}

#[tokio::test]
async fn pages_of_others_are_refused_however_they_are_called() {
    let server = TestServer::with(&["http.public_url=https://app.example.com"]).await;
    let port = server.port();
    let foreign = [
        "null",
        "",
        " ",
        "*",
        "app.example.com",
        "https://app.example.com:8443",
        "http://app.example.com",
        "wss://app.example.com",
        "https://app.example.com.evil.test",
        "https://evilapp.example.com",
        "https://evil-app.example.com",
        "https://example.com",
        "https://sub.app.example.com",
        "https://app.example.com@evil.test",
        "https://user:word@app.example.com",
        "https://app.example.com.",
        "https://app.example.com/",
        "https://app.example.com/chat",
        "https://app.example.com?x",
        "https://APP.EXAMPLE.COM",
        "HTTPS://app.example.com",
        "https://app.exаmple.com",
        "https://xn--app-7cd.example.com",
        "https://app.example.com, https://evil.test",
        "https://app.example.com https://evil.test",
        "https://app%2eexample.com",
        "https://appxexample.com",
        "file://",
        "data:text/html,x",
        "chrome-extension://abcdefghijklmnop",
        "http://localhost.evil.test",
        "http://localhost:8002@evil.test",
        "http://localhost:8002.evil.test",
        "http://127.0.0.1.evil.test",
        "http://192.0.2.7:8002",
        "http://evil.test:8002",
    ];
    for (n, origin) in foreign.iter().enumerate() {
        let answer = upgrade(port, "/ws", &format!("Origin: {origin}\r\n")).await;
        assert_eq!(answer.status, 403, "{origin:?}");
        assert_eq!(server.metric_of("strowger_turned_away_total{reason=\"origin\"}"), n as u64 + 1);
    }
    for two in [
        "Origin: https://app.example.com\r\nOrigin: https://evil.test\r\n",
        "Origin: https://evil.test\r\norigin: https://app.example.com\r\n",
        "Origin: https://app.example.com\r\nOrigin: https://app.example.com\r\n",
    ] {
        assert_eq!(upgrade(port, "/", two).await.status, 403, "{two:?}");
    }
    let own = format!("http://127.0.0.1:{port}");
    // Programs that are no browser name none.
    for ours in ["https://app.example.com", "http://localhost:3000", "http://[::1]:1", &own] {
        assert_eq!(upgrade(port, "/", &format!("Origin: {ours}\r\n")).await.status, 101, "{ours:?}");
    }
    assert_eq!(upgrade(port, "/", "").await.status, 101);
}

#[tokio::test]
async fn compression_and_subprotocols_are_offered_in_vain() {
    let server = TestServer::start().await;
    for offer in [
        "Sec-WebSocket-Extensions: permessage-deflate\r\n",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits; server_max_window_bits=10\r\n",
        "Sec-WebSocket-Extensions: x-webkit-deflate-frame, permessage-deflate, bbf-usp-protocol\r\n",
        "Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Extensions: permessage-bzip2\r\n",
        "Sec-WebSocket-Protocol: chat, superchat\r\n",
    ] {
        let mut stream = dial(server.port()).await;
        let request = format!("GET / HTTP/1.1\r\nHost: x\r\n{HANDSHAKE}{offer}\r\n");
        let answer = web::ask(&mut stream, &request).await;
        assert_eq!(answer.status, 101, "{offer}");
        for header in ["sec-websocket-extensions", "sec-websocket-protocol"] {
            assert_eq!(answer.header(header), None, "{offer}");
        }
        // What a client sends that took its offer for granted.
        let mut client = RawClient { stream };
        client
            .write(&frame(TEXT | 0x40, &[0xAA, 0x56, 0x2A, 0xA9, 0x2C, 0x48, 0x55, 0xB2, 0x02, 0x00]))
            .await;
        assert_eq!(client.close_code().await, Some(1002), "{offer}");
    }
    assert_eq!(server.metric_of("strowger_closes_total{code=\"1002\"}"), 5);
}

#[tokio::test]
async fn frames_that_nobody_may_send_end_their_sender_and_nobody_else() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server.url()).await;
    let mut expected = 0;
    let reserved = [3_u8, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF].map(|opcode| frame(0x80 | opcode, b"x"));
    let bits = [0x10, 0x20, 0x30, 0x70].map(|bits| frame(PING | bits, b""));
    let unmasked = [vec![PING, 0], vec![CLOSE, 2, 3, 0xE8], vec![TEXT_BEGINS, 1, b'{'], vec![BINARY, 1, 0]];
    let long = [frame(PONG, &[0; 126]), frame(CLOSE, &[3; 126]), frame(PING, &[0; 70_000])];
    for bytes in reserved.iter().chain(&bits).chain(&unmasked).chain(&long) {
        let mut broken = RawClient::join(server.port(), "Broken").await;
        broken.write(bytes).await;
        assert_eq!(broken.close_code().await, Some(1002), "{:02x?}", &bytes[..bytes.len().min(16)]);
        expected += 1;
    }
    assert_eq!(server.metric_of("strowger_closes_total{code=\"1002\"}"), expected);
    assert_eq!(server.metric("strowger_closes_total"), expected);
    a.say("did you notice?").await;
    assert_eq!(b.hear().await, "did you notice?");
}

#[tokio::test]
async fn a_goodbye_with_an_impossible_code_or_reason_is_a_broken_stream() {
    let server = TestServer::start().await;
    for code in [0_u16, 1, 999, 1004, 1005, 1006, 1015, 1016, 2_000, 2_999] {
        let mut client = RawClient::join(server.port(), "Anna").await;
        client.write(&frame(CLOSE, &code.to_be_bytes())).await;
        assert_eq!(client.close_code().await, Some(1002), "{code}");
    }
    assert_eq!(server.metric_of("strowger_closes_total{code=\"1002\"}"), 10);
    for code in [1_000_u16, 1_001, 1_002, 1_007, 3_000, 4_999] {
        let mut client = RawClient::join(server.port(), "Anna").await;
        client.write(&frame(CLOSE, &[&code.to_be_bytes()[..], b"bye"].concat())).await;
        assert_eq!(client.close_code().await, Some(code), "its own code comes back");
    }
    assert_eq!(server.metric("strowger_closes_total"), 10, "it is the client who closed");
    let mut client = RawClient::join(server.port(), "Anna").await;
    client.write(&frame(CLOSE, b"\x03\xE8\xFF\xFE")).await;
    assert!([Some(1002), Some(1007)].contains(&client.close_code().await));
}

/// Its pongs wait for it: no more of them than fit into a bound, and none is lost.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn who_pings_and_does_not_read_the_pongs_takes_no_memory() {
    let room = Room::new();
    let house = Process::start(&room, &["--port", "0"], &[]);
    let port = port_in(&house.line());
    let (mut a, mut b) = couple(&format!("ws://127.0.0.1:{port}/")).await;
    let stream = dial_with_little_room(port).await;
    let pinging = RawClient::upgraded(stream, port).await.registered("Pinging").await;
    let (mut reader, mut writer) = pinging.stream.into_split();
    let count = 200_000;
    let pings = frame(PING, &[b'x'; 125]).repeat(count);
    let before = house.memory();
    // It is stalled if the house takes nothing from it any more while it does a hundred things for others.
    let (mut written, mut others) = (0, 0);
    while others < 100 {
        assert!(written < pings.len(), "the house reads on from somebody who does not read");
        match writer.write(&pings[written..]).now_or_never() {
            Some(taken) => {
                written += taken.expect("the house reads");
                others = 0;
            }
            None => {
                a.say("did you notice?").await;
                assert_eq!(b.hear().await, "did you notice?");
                others += 1;
            }
        }
    }
    assert!(house.memory() < before + 8_192, "it holds {} KiB", house.memory() - before);

    let writing = async { writer.write_all(&pings[written..]).await.expect("the house reads") };
    let reading = async {
        let mut pongs = vec![0; count * (2 + 125)];
        reader.read_exact(&mut pongs).await.expect("all the pongs");
    };
    patiently(futures::future::join(writing, reading)).await;
}

#[tokio::test]
async fn who_fills_the_port_of_mcp_keeps_nobody_from_the_hub() {
    let changes = ["limits.connections=10", "limits.handshake=1h", "limits.connections_per_address=20"];
    let server = TestServer::with(&changes).await;
    let mut silent = Vec::new();
    for _ in 0..300 {
        silent.push(web::dial(server.mcp_port()).await);
    }
    assert_eq!(web::get(server.port(), "/health").await.status, 200);
    let _client = TestClient::join(&server.url(), "Anna").await;
    // Their places are free again when they go.
    drop(silent);
    assert_eq!(web::get(server.mcp_port(), "/health").await.status, 200);
}
