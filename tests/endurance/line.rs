//! A WebSocket whose TCP stream can be cut, torn and forgotten.

use futures::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::patiently;

/// A frame of the hub's, as far as it matters here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Heard {
    #[serde(rename = "type")]
    pub kind: String,
    pub request_id: Option<String>,
    pub message: Option<String>,
    pub event: Option<String>,
    pub pos: Option<String>,
    pub code: Option<String>,
    pub resume_token: Option<String>,
    pub client_id: Option<String>,
    pub recovered: bool,
    pub missed: Option<u64>,
    pub content: Content,
}

/// The `content` of a response.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Content {
    pub success: bool,
    pub code: Option<String>,
    pub queued: bool,
    pub state: Option<String>,
}

/// How a connection ended: with this close code, or without one.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended(pub Option<u16>);

/// See the module.
pub struct Line {
    socket: WebSocketStream<TcpStream>,
    code: Option<u16>,
}

impl Line {
    /// Connects and says nothing.
    pub async fn connect(port: u16) -> Self {
        let stream = patiently(TcpStream::connect(("127.0.0.1", port))).await.expect("somebody listens");
        Self::upgrade(stream, port).await
    }

    /// Connects with little room for what it does not read.
    pub async fn connect_with_little_room(port: u16) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4_096).expect("a small buffer");
        let stream =
            patiently(socket.connect(([127, 0, 0, 1], port).into())).await.expect("somebody listens");
        Self::upgrade(stream, port).await
    }

    async fn upgrade(stream: TcpStream, port: u16) -> Self {
        stream.set_nodelay(true).expect("an open socket");
        let (socket, _) = patiently(client_async(format!("ws://127.0.0.1:{port}/"), stream))
            .await
            .expect("the hub takes the connection");
        Self { socket, code: None }
    }

    /// Registers under this nickname, in a session of its own. What the hub confirms.
    pub async fn register(&mut self, nickname: &str) -> Heard {
        self.register_in(&format!("of {nickname}"), nickname).await
    }

    /// Registers under this nickname in this session. What the hub confirms.
    pub async fn register_in(&mut self, session: &str, nickname: &str) -> Heard {
        self.send(&json!({"type": "register", "nickname": nickname, "session": session})).await;
        let confirmation = self.expect().await;
        assert_eq!(confirmation.kind, "registration_confirmed", "{confirmation:?}");
        confirmation
    }

    /// Sends a frame. That the connection may be over by now shows when it is read.
    pub async fn send(&mut self, frame: &Value) {
        let _ = patiently(self.socket.send(Message::text(frame.to_string()))).await;
    }

    /// Types a line.
    pub async fn say(&mut self, line: &str) {
        self.send(&json!({"type": "chat_message", "message": line})).await;
    }

    /// Types a command and returns its answer, passing over all else.
    pub async fn ask(&mut self, command: &str) -> Content {
        self.send(&json!({"type": "chat_message", "message": command, "request_id": command})).await;
        loop {
            let heard = self.expect().await;
            if heard.request_id.as_deref() == Some(command) {
                return heard.content;
            }
        }
    }

    /// The next frame, or the end. Whoever stops waiting for it loses nothing.
    pub async fn next(&mut self) -> Result<Heard, Ended> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    return Ok(serde_json::from_str(&text).expect("every frame is JSON"));
                }
                Some(Ok(Message::Close(frame))) => self.code = frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(Ended(self.code)),
            }
        }
    }

    /// The next frame, which must come.
    pub async fn expect(&mut self) -> Heard {
        patiently(self.next()).await.unwrap_or_else(|ended| panic!("a frame was expected, and not {ended:?}"))
    }

    /// Reads to the end.
    pub async fn ended(&mut self) -> Ended {
        loop {
            if let Err(ended) = patiently(self.next()).await {
                return ended;
            }
        }
    }

    /// Drops the TCP stream with an RST: what is under way in either direction is lost.
    pub fn reset(self) {
        self.socket.get_ref().set_zero_linger().expect("an open socket");
    }

    /// Writes the beginning of this frame, and drops the stream.
    pub async fn tear(mut self, frame: &Value, share: u64) {
        let bytes = masked(frame.to_string().as_bytes());
        let most = bytes.len() - 1;
        let torn = 1 + usize::try_from(share).expect("a small number") % most;
        let _ = patiently(self.socket.get_mut().write_all(&bytes[..torn])).await;
    }
}

/// A text frame as a client has to write it (RFC 6455 section 5.2), up to the length that two bytes can say.
fn masked(payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];
    let length = u16::try_from(payload.len()).expect("a short frame");
    let mut bytes = vec![0x81, 0x80 | 126];
    bytes.extend(length.to_be_bytes());
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}
