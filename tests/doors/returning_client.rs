//! A client that comes back: it keeps its token and the position of the last frame that it has seen.

use crate::patiently;
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use serde_json::{Value, json};

/// See the module.
pub struct Returning {
    pub client: TestClient,
    pub token: String,
    pub pos: Option<String>,
}

impl Returning {
    /// Registers under this nickname, in a session of its own.
    pub async fn join(url: &str, nickname: &str) -> Self {
        let mut client = TestClient::connect(url).await;
        let session = format!("of {nickname}");
        client
            .send(
                json!({"type": "register", "client_id": nickname, "nickname": nickname, "session": session}),
            )
            .await;
        let confirmation = client.expect("registration_confirmed").await;
        let token = confirmation["resume_token"].as_str().expect("a token").to_owned();
        Self { client, token, pos: None }
    }

    /// The next frame, whose position is kept.
    pub async fn next(&mut self) -> Value {
        let frame = self.client.next().await;
        if let Some(pos) = frame["pos"].as_str() {
            self.pos = Some(pos.to_owned());
        }
        frame
    }

    /// The next text, passing over whatever else comes before it.
    pub async fn hear(&mut self) -> String {
        loop {
            let frame = self.next().await;
            if frame["type"] == "chat_message" {
                return frame["message"].as_str().expect("a text").to_owned();
            }
        }
    }

    /// The connection is gone without a goodbye, and the hub has noticed.
    pub async fn lose(&mut self, server: &TestServer) {
        let away = server.metric("strowger_away");
        // Any other one will do: what it had read is known by position.
        let spare = TestClient::connect(&server.url()).await;
        drop(std::mem::replace(&mut self.client, spare));
        until(server, "strowger_away", away + 1).await;
    }

    /// Comes back by a new connection, and returns the confirmation.
    pub async fn come_back(&mut self, url: &str) -> Value {
        let frame = json!({"type": "register", "resume_token": self.token, "last_pos": self.pos});
        self.register(url, frame).await
    }

    /// Sends this `register` by a new connection, and returns the confirmation.
    pub async fn register(&mut self, url: &str, frame: Value) -> Value {
        self.client = TestClient::connect(url).await;
        self.client.send(frame).await;
        let confirmation = self.client.expect("registration_confirmed").await;
        self.token = confirmation["resume_token"].as_str().expect("a token").to_owned();
        confirmation
    }
}

/// Two who have met: the one who waited, and the one who came.
pub async fn couple(server: &TestServer) -> (Returning, Returning) {
    let url = server.url();
    let (mut a, mut b) = (Returning::join(&url, "User_A").await, Returning::join(&url, "User_B").await);
    assert_eq!(a.client.ask("#meet").await["state"], "waiting");
    assert_eq!(b.client.ask("#meet").await["state"], "paired");
    assert_eq!(a.next().await["event"], "matched");
    (a, b)
}

/// Waits until a metric has this value.
pub async fn until(server: &TestServer, metric: &str, value: u64) {
    patiently(async {
        while server.metric(metric) != value {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
