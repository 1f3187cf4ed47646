//! HTTP by hand: a request as it goes over the wire, and the answer to it.

use crate::patiently;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// What a WebSocket handshake needs beside its request line and `Host` (RFC 6455 section 4.1).
pub const HANDSHAKE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// An answer with its body, if its length was given.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// A header's value; its name is looked for without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        headers.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// Opens a connection to a house on this machine.
pub async fn dial(port: u16) -> TcpStream {
    patiently(TcpStream::connect(("127.0.0.1", port))).await.expect("somebody listens")
}

/// The same from another address: on Linux all of 127.0.0.0/8 is this machine.
pub async fn dial_from(last: u8, port: u16) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, last], 0).into()).expect("an address of this machine");
    patiently(socket.connect(([127, 0, 0, 1], port).into())).await.expect("somebody listens")
}

/// Asks for a page.
pub async fn get(port: u16, path: &str) -> Answer {
    request(port, &format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")).await
}

/// Asks to upgrade at this path, with these headers beside those of every handshake.
pub async fn upgrade(port: u16, path: &str, headers: &str) -> Answer {
    request(port, &format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{HANDSHAKE}{headers}\r\n")).await
}

/// Sends a whole request on a connection of its own.
pub async fn request(port: u16, text: &str) -> Answer {
    ask(&mut dial(port).await, text).await
}

/// Sends a whole request on an open connection.
pub async fn ask(stream: &mut TcpStream, text: &str) -> Answer {
    patiently(stream.write_all(text.as_bytes())).await.expect("the house reads");
    answer(stream).await
}

/// Reads one answer, byte by byte up to its body, so that nothing behind it is taken.
pub async fn answer(stream: &mut TcpStream) -> Answer {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(patiently(stream.read_u8()).await.expect("a head to its end"));
    }
    let head = String::from_utf8(head).expect("a head is text");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let mut answer = Answer { status, head, body: String::new() };
    let length = answer.header("content-length").map_or(0, |length| length.parse().expect("a length"));
    let mut body = vec![0; length];
    patiently(stream.read_exact(&mut body)).await.expect("the whole body");
    // What is packed is no text.
    answer.body = String::from_utf8_lossy(&body).into_owned();
    answer
}
