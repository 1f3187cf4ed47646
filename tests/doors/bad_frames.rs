//! Streams that break RFC 6455 or the limits: each ends with its close code, and the partner hears so.

use crate::patiently;
use crate::raw_client::{BINARY, CLOSE, PING, PONG, RawClient, TEXT, TEXT_BEGINS, TEXT_ENDS, frame, head};
use crate::test_client::{TestClient, couple};
use crate::test_server::TestServer;
use futures::SinkExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

/// The close code that a registered client gets for these bytes.
async fn code_for(bytes: &[u8]) -> Option<u16> {
    let server = TestServer::start().await;
    let mut client = RawClient::join(server.port(), "Anna").await;
    client.write(bytes).await;
    client.close_code().await
}

#[tokio::test]
async fn binary_frames_are_1003() {
    assert_eq!(code_for(&frame(BINARY, br#"{"type":"ping"}"#)).await, Some(1003));
    assert_eq!(code_for(&frame(BINARY, b"")).await, Some(1003));
}

#[tokio::test]
async fn text_that_is_not_utf_8_is_1007() {
    for bytes in [&b"{\"type\":\"\xFF\"}"[..], b"\xED\xA0\x80", b"\xC0\xAF", b"\xF0\x9F\x8E"] {
        assert_eq!(code_for(&frame(TEXT, bytes)).await, Some(1007), "{bytes:?}");
    }
}

#[tokio::test]
async fn a_broken_stream_is_1002() {
    let unmasked = [&[TEXT, 15][..], br#"{"type":"ping"}"#].concat();
    let interrupted = [frame(TEXT_BEGINS, b"{"), frame(TEXT, b"{}")].concat();
    for (what, bytes) in [
        ("an unmasked frame", unmasked),
        ("a reserved bit", frame(TEXT | 0x40, b"{}")),
        ("another reserved bit", frame(TEXT | 0x10, b"{}")),
        ("an unknown opcode", frame(0x83, b"{}")),
        ("an unknown control frame", frame(0x8B, b"")),
        ("a fragmented ping", frame(0x09, b"")),
        ("a fragmented close", frame(0x08, b"")),
        ("a ping that is too long", frame(PING, &[0; 126])),
        ("an end without a beginning", frame(TEXT_ENDS, b"{}")),
        ("a message within a message", interrupted),
        ("a close of one byte", frame(CLOSE, b"\x03")),
    ] {
        assert_eq!(code_for(&bytes).await, Some(1002), "{what}");
    }
}

#[tokio::test]
async fn a_frame_over_the_limit_is_1009_at_its_first_bytes() {
    assert_eq!(code_for(&head(TEXT, 1_048_577)).await, Some(1009));
    assert_eq!(code_for(&head(TEXT, usize::MAX >> 1)).await, Some(1009));
}

#[tokio::test]
async fn fragments_that_add_up_over_the_limit_are_1009() {
    let server = TestServer::with(&["limits.frame=1KiB"]).await;
    let mut client = RawClient::join(server.port(), "Anna").await;
    client.write(&frame(TEXT_BEGINS, &[b' '; 1_000])).await;
    client.write(&frame(TEXT_ENDS, &[b' '; 25])).await;
    assert_eq!(client.close_code().await, Some(1009));
}

#[tokio::test]
async fn a_client_that_sends_all_of_a_frame_over_the_limit_still_learns_why_it_is_closed() {
    let server = TestServer::start().await;
    let mut client = TestClient::join(&server.url(), "Anna").await;
    // The send may fail on the way, since nobody has to read such a frame.
    let _ = patiently(client.socket.send(Message::text(" ".repeat(8 << 20)))).await;
    assert_eq!(client.ended().await.1, Some(1009));
}

#[tokio::test]
async fn a_frame_of_just_the_limit_is_taken() {
    let server = TestServer::start().await;
    let mut client = TestClient::join(&server.url(), "Anna").await;
    let mut ping = json!({"type": "ping", "padding": ""}).to_string();
    ping.extend(std::iter::repeat_n(' ', (1 << 20) - ping.len()));
    client.send_text(&ping).await;
    client.expect("pong").await;
}

#[tokio::test]
async fn the_partner_of_a_broken_stream_is_told() {
    let server = TestServer::start().await;
    for bytes in [frame(BINARY, b"x"), frame(TEXT, b"\xFF"), head(TEXT, 2 << 20), vec![TEXT, 1, b'x']] {
        let mut broken = RawClient::join(server.port(), "Broken").await;
        let mut partner = TestClient::join(&server.url(), "Partner").await;
        broken.say("#meet").await;
        assert_eq!(broken.next().await["content"]["state"], "waiting");
        assert_eq!(partner.ask("#meet").await["state"], "paired");
        broken.write(&bytes).await;
        assert_eq!(partner.expect("chat_event").await["event"], "partner_away");
        partner.close().await;
    }
}

#[tokio::test]
async fn a_message_may_come_in_fragments_with_a_ping_between_them() {
    let server = TestServer::start().await;
    let mut client = RawClient::connect(server.port()).await;
    let text = r#"{"type":"ping","request_id":"é"}"#.as_bytes();
    // Cut in the middle of a character, which only has to be whole at the end of the message.
    let cut = text.len() - 3;
    client.write(&frame(TEXT_BEGINS, &text[..cut])).await;
    client.write(&frame(PING, b"between")).await;
    assert_eq!(client.next_frame().await, Some((PONG, b"between".to_vec())));
    client.write(&frame(TEXT_ENDS, &text[cut..])).await;
    assert_eq!(client.next().await["request_id"], "é");
}

#[tokio::test]
async fn a_goodbye_is_answered_and_the_partner_hears_it() {
    let server = TestServer::start().await;
    let (a, mut b) = couple(&server.url()).await;
    a.close().await;
    assert_eq!(b.expect("chat_event").await["event"], "partner_left");

    let mut client = RawClient::join(server.port(), "Anna").await;
    client.write(&frame(CLOSE, &1000_u16.to_be_bytes())).await;
    assert_eq!(client.close_code().await, Some(1000));
}

#[tokio::test]
async fn frames_that_come_with_the_handshake_are_not_lost() {
    let server = TestServer::start().await;
    let mut stream = crate::web::dial(server.port()).await;
    let head = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", crate::web::HANDSHAKE);
    let pings = frame(TEXT, br#"{"type":"ping"}"#).repeat(500);
    let bytes = [head.as_bytes(), &frame(TEXT, br#"{"type":"register"}"#), &pings].concat();
    patiently(tokio::io::AsyncWriteExt::write_all(&mut stream, &bytes)).await.expect("the house reads");
    assert_eq!(crate::web::answer(&mut stream).await.status, 101);
    let mut client = RawClient { stream };
    assert_eq!(client.next().await["type"], "registration_confirmed");
    for _ in 0..500 {
        assert_eq!(client.next().await["type"], "pong");
    }
}
