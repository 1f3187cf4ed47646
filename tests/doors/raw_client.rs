//! A client that writes its frames by hand, so that it can send what no library would.

use crate::patiently;
use crate::web::{self, HANDSHAKE};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// The first byte of a whole frame: FIN and the opcode (RFC 6455 section 5.2).
pub const TEXT: u8 = 0x81;
pub const BINARY: u8 = 0x82;
pub const CLOSE: u8 = 0x88;
pub const PING: u8 = 0x89;
pub const PONG: u8 = 0x8A;
/// The same without FIN: more is to come.
pub const TEXT_BEGINS: u8 = 0x01;
/// The last part of such a message.
pub const TEXT_ENDS: u8 = 0x80;

/// Any mask will do.
const MASK: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

/// A frame as a client has to write it: masked, with this first byte.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = head(first, payload.len());
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// What stands before the payload of a masked frame of this length.
pub fn head(first: u8, length: usize) -> Vec<u8> {
    let mut bytes = vec![first];
    match length {
        0..=125 => bytes.push(0x80 | length as u8),
        126..=0xFFFF => {
            bytes.push(0x80 | 126);
            bytes.extend((length as u16).to_be_bytes());
        }
        _ => {
            bytes.push(0x80 | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes
}

/// A connection with little room for what it does not read.
pub async fn dial_with_little_room(port: u16) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4_096).expect("a small buffer");
    patiently(socket.connect(([127, 0, 0, 1], port).into())).await.expect("somebody listens")
}

/// See the module. It answers nothing by itself.
pub struct RawClient {
    pub stream: TcpStream,
}

impl RawClient {
    /// Upgraded, and not registered.
    pub async fn connect(port: u16) -> Self {
        Self::upgraded(web::dial(port).await, port).await
    }

    /// Registered under this nickname.
    pub async fn join(port: u16, nickname: &str) -> Self {
        Self::connect(port).await.registered(nickname).await
    }

    /// Registered, and with little room for what it does not read.
    pub async fn join_with_little_room(port: u16, nickname: &str) -> Self {
        Self::upgraded(dial_with_little_room(port).await, port).await.registered(nickname).await
    }

    /// Makes a WebSocket of a connection.
    pub async fn upgraded(stream: TcpStream, port: u16) -> Self {
        Self::upgraded_with(stream, port, "").await.unwrap_or_else(|answer| panic!("{answer:?}"))
    }

    /// The same with more lines in the request's head, each with its end; or what it was answered instead.
    pub async fn upgraded_with(mut stream: TcpStream, port: u16, head: &str) -> Result<Self, web::Answer> {
        let request = format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{HANDSHAKE}{head}\r\n");
        patiently(stream.write_all(request.as_bytes())).await.expect("the house reads");
        let answer = web::answer(&mut stream).await;
        if answer.status == 101 { Ok(Self { stream }) } else { Err(answer) }
    }

    /// Registers, in a session of its own.
    pub async fn registered(mut self, nickname: &str) -> Self {
        let register = serde_json::json!({"type": "register", "nickname": nickname, "session": nickname});
        self.send(&register.to_string()).await;
        assert_eq!(self.next().await["type"], "registration_confirmed");
        self
    }

    /// Writes bytes. That the other side may have closed by now is no matter: what it said before is.
    pub async fn write(&mut self, bytes: &[u8]) {
        let _ = patiently(self.stream.write_all(bytes)).await;
    }

    /// Sends a text frame.
    pub async fn send(&mut self, text: &str) {
        self.write(&frame(TEXT, text.as_bytes())).await;
    }

    /// Types a line.
    pub async fn say(&mut self, line: &str) {
        self.send(&serde_json::json!({"type": "chat_message", "message": line}).to_string()).await;
    }

    /// The next text frame.
    pub async fn next(&mut self) -> Value {
        let (first, payload) = self.next_frame().await.expect("a frame");
        assert_eq!(first, TEXT);
        serde_json::from_slice(&payload).expect("JSON")
    }

    /// The next frame: its first byte and its payload. `None` if the connection ended.
    pub async fn next_frame(&mut self) -> Option<(u8, Vec<u8>)> {
        patiently(self.read_frame()).await.ok()
    }

    async fn read_frame(&mut self) -> std::io::Result<(u8, Vec<u8>)> {
        let first = self.stream.read_u8().await?;
        let length = match self.stream.read_u8().await? {
            126 => u64::from(self.stream.read_u16().await?),
            127 => self.stream.read_u64().await?,
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(length).expect("a server does not mask")];
        self.stream.read_exact(&mut payload).await?;
        Ok((first, payload))
    }

    /// Reads to the end of the connection. The code of the close frame, if one came.
    pub async fn close_code(&mut self) -> Option<u16> {
        let mut code = None;
        while let Some((first, payload)) = self.next_frame().await {
            if first == CLOSE {
                code = Some(u16::from_be_bytes([payload[0], payload[1]]));
                self.write(&frame(CLOSE, &payload[..2])).await;
            }
        }
        code
    }
}
