//! Every kind of frame about the account that a session shares, from real conversations: with the simulator, with a
//! bridge, with a bridge that loses its connection, and with an AI.

use crate::every_frame::Album;
use crate::stand_in::{Line, StandIn};
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use serde_json::{Value, json};
use std::time::Duration;
use strowger::ai::Service;

/// What is asked of one session, in this order. Each is asked without and with a `request_id`.
fn requests() -> Vec<Value> {
    let act = |command: Value| json!({"type": "whatsapp_command", "command": command});
    let say = |sentence: &str| json!({"type": "whatsapp_ai_command", "command": sentence});
    vec![
        say("tell him that I'm late"),
        act(json!({"action": "send", "contact": "John", "message": "Hello!"})),
        act(json!({"action": "send", "contact": "sarah", "message": "Hello!"})),
        act(json!({"action": "list"})),
        act(json!({"action": "read", "contact": "John"})),
        act(
            json!({"action": "read", "contact": "John", "query_type": "position_from_contact", "position": 2}),
        ),
        act(json!({"action": "summary", "contact": "John"})),
        act(json!({"action": "suggest", "contact": "John"})),
        act(json!({"action": "auto_on"})),
        act(json!({"action": "auto_off"})),
        act(json!({"action": "status"})),
        act(json!({"action": "search", "query": "Hello"})),
        say("send mike a message saying on my way"),
        say("tell sarah that I'm late"),
        say("tell john and mike that I'm late"),
        say("open the pod bay doors"),
        say("help"),
        json!({"type": "whatsapp_get_contacts"}),
        json!({"type": "whatsapp_get_contacts", "count": 2}),
        json!({"type": "whatsapp_get_messages", "contact": "John"}),
        json!({"type": "whatsapp_get_messages", "contact": "sarah"}),
        json!({"type": "get_history"}),
        json!({"type": "get_history", "conversation_id": "name:john", "count": 1}),
        json!({"type": "search", "query": "Hello"}),
        json!({"type": "get_summary", "contact": "John"}),
        json!({"type": "get_status"}),
        json!({"type": "whatsapp_action_result", "request_id": "…", "content": {"success": true}}),
        json!({"type": "whatsapp_command", "command": {"action": "send"}}),
    ]
}

fn send(contact: &str, message: &str, request_id: &str) -> Value {
    let command = json!({"action": "send", "contact": contact, "message": message});
    json!({"type": "whatsapp_command", "command": command, "request_id": request_id})
}

impl Album {
    pub async fn a_shared_account(&mut self) {
        self.a_simulated_account().await;
        self.an_account_with_a_bridge().await;
        self.a_bridge_that_comes_back().await;
        self.an_account_with_an_ai().await;
    }

    async fn a_simulated_account(&mut self) {
        let server = TestServer::start().await;
        let mut phone = self.a_member(&server, json!({})).await;
        let mut laptop = self.a_member(&server, json!({})).await;
        let sarah = json!({"name": "Sarah Jones", "phone": "+44 20 7946 0958", "id": "crm-17"});
        let contacts = json!(["John", sarah, "Sarah Miller", "Mike"]);
        self.asks_through(&mut phone, json!({"type": "contact_list_update", "contacts": contacts})).await;
        for frame in requests() {
            self.asks_through(&mut phone, frame.clone()).await;
            let mut named = frame;
            if named["type"] != "whatsapp_action_result" {
                named["request_id"] = json!(format!("n{}", self.frames.len()));
            }
            self.asks_through(&mut phone, named).await;
        }
        let again = send("John", "Hello?", "again");
        self.asks_through(&mut phone, again).await;
        self.asks_through(&mut phone, send("John", "Hello there?", "again")).await;
        let mut tablet = self.a_member(&server, json!({})).await;
        for client in [&mut laptop, &mut tablet] {
            self.catches_up(client).await;
        }
    }

    async fn an_account_with_a_bridge(&mut self) {
        let server = TestServer::start().await;
        let mut phone = self.a_member(&server, json!({})).await;
        let mut bridge = self.a_member(&server, json!({"role": "bridge"})).await;
        let mut second = TestClient::connect(&server.url()).await;
        self.asks_once(&mut second, json!({"type": "register", "role": "bridge", "request_id": "r"})).await;

        phone.send(send("John", "Hello!", "s1")).await;
        let order = self.is_given(&mut bridge).await;
        for state in ["sent", "delivered"] {
            bridge.send(result(&order, json!({"success": true, "state": state}))).await;
        }
        self.sees_until(&mut phone, |frame| frame["type"] == "whatsapp_status").await;
        bridge
            .send(result(&order, json!({"success": false, "code": "not_found", "text": "No such number."})))
            .await;
        self.sees_until(&mut phone, |frame| frame["state"] == "failed").await;
        self.asks_through(&mut bridge, result("0", json!({"success": true}))).await;

        let sarah = json!({"name": "Sarah Jones", "phone": "+44 20 7946 0958", "id": "crm-17"});
        let update = json!({"type": "contact_list_update", "contacts": ["John", sarah, "Mike"]});
        self.asks_through(&mut phone, update).await;
        self.asks_through(&mut phone, send("Bob", "Hello!", "s2")).await;
        phone.send(send("Sarah Jones", "Hello!", "s3")).await;
        let order = self.is_given(&mut bridge).await;
        bridge
            .send(result(&order, json!({"success": false, "code": "not_found", "text": "No such number."})))
            .await;
        self.sees_until(&mut phone, |frame| frame["request_id"] == "s3").await;

        phone.send(send("John", "Are you there?", "s4")).await;
        self.is_given(&mut bridge).await;
        server.step(Duration::from_secs(30));
        self.sees_until(&mut phone, |frame| frame["request_id"] == "s4").await;

        let incoming =
            json!({"type": "whatsapp_incoming", "contact": "Jane", "message": "Hi", "id": "wamid.7"});
        self.asks_through(&mut bridge, {
            let mut named = incoming;
            named["request_id"] = json!("i1");
            named
        })
        .await;
        self.catches_up(&mut phone).await;
        self.catches_up(&mut bridge).await;
    }

    async fn a_bridge_that_comes_back(&mut self) {
        let server = TestServer::start().await;
        let mut phone = self.a_member(&server, json!({})).await;
        let mut bridge = TestClient::connect(&server.url()).await;
        bridge.send(json!({"type": "register", "role": "bridge"})).await;
        let token = bridge.expect("registration_confirmed").await["resume_token"].clone();
        phone.send(send("John", "Hello!", "s1")).await;
        self.is_given(&mut bridge).await;
        phone.send(send("John", "Are you there?", "s2")).await;
        drop(bridge);
        self.sees_until(&mut phone, |frame| frame["request_id"] == "s2").await;
        self.asks_through(&mut phone, send("John", "Hello?", "s3")).await;
        self.asks_through(&mut phone, json!({"type": "get_status"})).await;
        let mut bridge = TestClient::connect(&server.url()).await;
        let back = json!({"type": "register", "role": "bridge", "resume_token": token, "last_pos": "0"});
        bridge.send(back).await;
        self.sees_until(&mut bridge, |frame| frame["type"] == "whatsapp_action_cancelled").await;
        self.catches_up(&mut phone).await;
    }

    async fn an_account_with_an_ai(&mut self) {
        let dinner =
            json!({"action": "send", "contact": "John", "message": "Dinner is ready.", "count": null,
            "query_type": null, "position": null, "query": null})
            .to_string();
        let dinner: &'static str = dinner.leak();
        let busy = json!({"error": {"message": "slow down"}});
        let lines = [
            Line::Says("A switch that turns one step for each pulse."),
            Line::Says("A switch that turns one step for each pulse."),
            Line::Says(dinner),
            Line::Says("You told John that dinner is ready."),
            Line::Says("Are you coming?\nIt is getting cold."),
            Line::Silence,
            Line::Status(429, "Retry-After: 3600\r\n", busy),
        ];
        let stand_in = StandIn::of(Service::OpenAi, lines).await;
        let url = format!("openai.url={}", stand_in.url());
        let server = TestServer::with(&[&url, "openai.model=a-model"]).await;
        let mut phone = self.a_member(&server, json!({})).await;
        let mut laptop = self.a_member(&server, json!({})).await;
        let question = "What is a step-by-step switch?";
        let asks = |stream: bool, request_id: Option<&str>| json!({"type": "ai_request", "prompt": question, "stream": stream, "request_id": request_id});
        self.asks_through(&mut phone, asks(true, Some("1"))).await;
        self.asks_through(&mut phone, asks(false, None)).await;
        self.asks_through(&mut phone, json!({"type": "contact_list_update", "contacts": ["John"]})).await;
        let sentence = "would you be so kind and give my brother a shout that dinner is ready";
        let say = json!({"type": "whatsapp_ai_command", "command": sentence, "request_id": "2"});
        let to_confirm = self.asks_through(&mut phone, say).await;
        for (request_id, confirm) in
            [("3", json!("another")), ("4", to_confirm["content"]["confirm"].clone())]
        {
            let mut frame = send("John", "Dinner is ready.", request_id);
            frame["command"]["confirm"] = confirm;
            self.asks_through(&mut phone, frame).await;
        }
        let suggest = json!({"action": "suggest", "contact": "John"});
        let nobody = json!({"type": "get_summary", "conversation_id": "nobody", "request_id": "7"});
        for frame in [
            json!({"type": "get_summary", "contact": "John", "request_id": "5"}),
            json!({"type": "whatsapp_command", "command": suggest, "request_id": "6"}),
            nobody,
            json!({"type": "ai_request", "prompt": question, "service": "gemini", "request_id": "8"}),
            json!({"type": "ai_cancel", "target": "8", "request_id": "9"}),
            json!({"type": "get_status", "request_id": "10"}),
        ] {
            self.asks_through(&mut phone, frame).await;
        }
        phone.send(asks(false, Some("11"))).await;
        phone.send(json!({"type": "ai_cancel", "target": "11", "request_id": "12"})).await;
        self.sees_until(&mut phone, |frame| frame["request_id"] == "11").await;
        self.asks_through(&mut phone, asks(false, Some("13"))).await;
        self.catches_up(&mut laptop).await;
    }

    /// Somebody in the one session of a hub.
    async fn a_member(&mut self, server: &TestServer, mut register: Value) -> TestClient {
        let mut client = TestClient::connect(&server.url()).await;
        register["type"] = json!("register");
        self.asks_once(&mut client, register).await;
        client
    }

    /// Sends a frame, and keeps all that comes until it is answered.
    async fn asks_through(&mut self, client: &mut TestClient, frame: Value) -> Value {
        let request_id = frame["request_id"].clone();
        client.send(frame).await;
        let is_answer = |frame: &Value| {
            let is_named =
                matches!(frame["type"].as_str(), Some("response" | "error" | "contact_list_broadcast"));
            is_named && frame["request_id"] == request_id
        };
        self.sees_until(client, is_answer).await
    }

    /// Keeps all that has come for somebody.
    async fn catches_up(&mut self, client: &mut TestClient) {
        client.send(json!({"type": "ping", "request_id": "all"})).await;
        self.sees_until(client, |frame| frame["type"] == "pong").await;
    }

    /// Keeps what a bridge hears until it is given something to carry out, and returns under which id.
    async fn is_given(&mut self, bridge: &mut TestClient) -> String {
        let action = self.sees_until(bridge, |frame| frame["type"] == "whatsapp_action").await;
        action["request_id"].as_str().expect("an id").to_owned()
    }

    async fn sees_until(&mut self, client: &mut TestClient, is_last: impl Fn(&Value) -> bool) -> Value {
        loop {
            let frame = client.next().await;
            self.frames.push(frame.clone());
            if is_last(&frame) {
                return frame;
            }
        }
    }
}

fn result(order: &str, content: Value) -> Value {
    json!({"type": "whatsapp_action_result", "request_id": order, "content": content})
}
