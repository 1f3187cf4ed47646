//! A scenario over real sockets: every person is a WebSocket to a whole house whose time is stepped, or to one of
//! two houses that are one exchange.

use crate::script::{ANEW, Action, Told, confirmed, contacts, from_partner, not_delivered};
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use strowger::core::NodeId;
use strowger::hub::{Clock, Network};

/// After time passed, a client may have several things to do, one after another: a ping to send, to find its
/// person idle. Each round lets it do one at least.
const ROUNDS: usize = 4;

/// How the nodes of a house of two hear of each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    Fair,
    /// Every entry and every parcel comes twice.
    Twice,
    /// The other node reads the log only when whoever acted has their answer.
    LateLog,
    /// The other node gets its parcels only then.
    LatePost,
}

/// See the module.
pub struct Stage {
    servers: Vec<TestServer>,
    network: Option<(Network, Weather)>,
    people: BTreeMap<String, TestClient>,
    /// At which server each one is. Who comes first is at the first, who comes second at the second, and so on.
    places: BTreeMap<String, usize>,
    /// At each server somebody who asks the matchmaker something, and so learns that it has done all before.
    witnesses: Vec<TestClient>,
    pings: u64,
    /// Connections that newer ones took over from.
    left_behind: Vec<TestClient>,
    /// What each one needs to come back: the token, and the last frame seen.
    tokens: BTreeMap<String, (String, Option<String>)>,
}

const CHANGES: &[&str] = &["limits.meets_per_minute=0"];

impl Stage {
    pub async fn start() -> Self {
        Self::with(vec![TestServer::with(CHANGES).await], None).await
    }

    /// Two nodes.
    pub async fn start_two(weather: Weather) -> Self {
        let network = Network::new(Clock::stepped());
        for node in [1, 2] {
            network.join(NodeId(node));
        }
        let mut servers = Vec::new();
        for node in [1, 2] {
            servers.push(TestServer::among(&network, node, CHANGES).await);
        }
        network.repeat(weather == Weather::Twice);
        Self::with(servers, Some((network, weather))).await
    }

    async fn with(servers: Vec<TestServer>, network: Option<(Network, Weather)>) -> Self {
        let mut witnesses = Vec::new();
        for server in &servers {
            witnesses.push(TestClient::join(&server.url(), &format!("witness {}", witnesses.len())).await);
        }
        Self {
            servers,
            network,
            people: BTreeMap::new(),
            places: BTreeMap::new(),
            witnesses,
            pings: 0,
            left_behind: Vec::new(),
            tokens: BTreeMap::new(),
        }
    }

    fn url_of(&mut self, who: &str) -> String {
        let next = self.places.len() % self.servers.len();
        let place = *self.places.entry(who.to_owned()).or_insert(next);
        self.servers[place].url()
    }

    /// Holds back what the weather holds back from the nodes where somebody is not, or lets it go.
    fn hold(&self, who: &str, hold: bool) {
        let Some((network, weather)) = &self.network else { return };
        let place = self.places.get(who).copied().unwrap_or_default();
        for node in (0..self.servers.len()).filter(|node| *node != place).map(|node| NodeId(node as u64 + 1))
        {
            match weather {
                Weather::LateLog => network.hold_log(node, hold),
                Weather::LatePost => network.hold_post(node, hold),
                Weather::Fair | Weather::Twice => {}
            }
        }
    }

    /// Waits until every matchmaker has done all that it was asked, and nothing is under way between nodes.
    async fn settle(&mut self) {
        loop {
            for witness in &mut self.witnesses {
                witness.ask("#help").await;
            }
            if self.network.as_ref().is_none_or(|(network, _)| network.is_quiet()) {
                return;
            }
        }
    }

    pub async fn act(&mut self, action: &Action) -> Vec<Told> {
        let mut told = Vec::new();
        if let Some(who) = actor(action) {
            self.url_of(who);
            self.hold(who, true);
        }
        match action {
            Action::Passes(time) => return self.pass(*time).await,
            Action::Joins { who, session } => {
                let client = TestClient::connect(&self.url_of(who)).await;
                self.people.insert(who.clone(), client);
                let session = session.clone().unwrap_or_else(|| format!("of {who}"));
                let frame = json!({"type": "register", "client_id": who, "client_name": who, "nickname": who, "session": session});
                self.send(who, frame).await;
            }
            Action::Leaves { who } => self.people.remove(who).expect("somebody").close().await,
            Action::Loses { who } => self.lose(who).await,
            Action::ComesBack { who } => {
                let client = TestClient::connect(&self.url_of(who)).await;
                // The last connection may live on; the hub is to see to that.
                self.left_behind.extend(self.people.insert(who.clone(), client));
                let (token, pos) = self.tokens.get(who).expect("somebody who joined");
                let frame = json!({"type": "register", "client_id": who, "client_name": who, "resume_token": token, "last_pos": pos});
                self.send(who, frame).await;
            }
            Action::Renames { who, nickname } => {
                self.send(who, json!({"type": "register", "nickname": nickname})).await;
            }
            Action::Types { who } => self.send(who, json!({"type": "chat_typing", "active": true})).await,
            Action::Shares { who, contacts } => {
                self.send(who, json!({"type": "contact_list_update", "contacts": contacts})).await;
            }
            Action::Says { who, line } => {
                self.send(who, json!({"type": "chat_message", "message": line})).await
            }
        }
        if let Some(who) = actor(action)
            && self.people.contains_key(who)
        {
            self.collect_from(who, &mut told).await;
        }
        if let Some(who) = actor(action) {
            self.hold(who, false);
        }
        self.collect(&mut told).await;
        told
    }

    /// The socket is gone without a goodbye, and the hub knows.
    async fn lose(&mut self, who: &str) {
        let place = self.places[who];
        let away = self.servers[place].metric("strowger_away");
        drop(self.people.remove(who).expect("somebody who joined"));
        while self.servers[place].metric("strowger_away") == away {
            self.witnesses[place].ask("#help").await;
        }
    }

    pub async fn close(self) {
        // Nobody would read the goodbye, and the house would wait for them to.
        drop((self.people, self.witnesses, self.left_behind));
        for server in self.servers {
            server.close().await;
        }
    }

    async fn send(&mut self, who: &str, frame: Value) {
        self.people.get_mut(who).expect("somebody who joined").send(frame).await;
    }

    /// Time passes in steps that are short beside what is waited for.
    async fn pass(&mut self, time: Duration) -> Vec<Told> {
        let mut told = Vec::new();
        let step =
            if time > Duration::from_secs(60) { Duration::from_secs(20) } else { Duration::from_secs(1) };
        let mut left = time;
        while left > Duration::ZERO {
            // All of them have the same time.
            self.servers[0].step(step.min(left));
            left = left.saturating_sub(step);
            for _ in 0..ROUNDS {
                self.collect(&mut told).await;
            }
        }
        told
    }

    /// All that everybody was told by now. What one reads may be told to another, on the way between two nodes.
    async fn collect(&mut self, told: &mut Vec<Told>) {
        loop {
            self.settle().await;
            let before = told.len();
            let names: Vec<String> = self.people.keys().cloned().collect();
            for who in names {
                self.collect_from(&who, told).await;
            }
            if self.network.is_none() || told.len() == before {
                return;
            }
        }
    }

    /// What one person is told until their own ping is answered: the hub writes letters before it reads on.
    async fn collect_from(&mut self, who: &str, told: &mut Vec<Told>) {
        self.pings += 1;
        let id = self.pings.to_string();
        self.send(who, json!({"type": "ping", "request_id": id})).await;
        loop {
            let frame = self.people.get_mut(who).expect("somebody who joined").next().await;
            if frame["type"] == "pong" {
                assert_eq!(frame["request_id"], id.as_str());
                return;
            }
            self.note(who, &frame);
            told.push(Told { who: who.to_owned(), what: shown(&frame) });
        }
    }
}

impl Stage {
    /// Remembers what somebody needs to come back.
    fn note(&mut self, who: &str, frame: &Value) {
        if let Some(token) = frame["resume_token"].as_str() {
            let pos = self.tokens.remove(who).and_then(|(_, pos)| pos).filter(|_| frame["recovered"] == true);
            self.tokens.insert(who.to_owned(), (token.to_owned(), pos));
        }
        if let (Some(pos), Some((_, seen))) = (frame["pos"].as_str(), self.tokens.get_mut(who)) {
            *seen = Some(pos.to_owned());
        }
    }
}

fn actor(action: &Action) -> Option<&str> {
    match action {
        Action::Joins { who, .. } | Action::Leaves { who } | Action::Renames { who, .. } => Some(who),
        Action::Loses { who } | Action::ComesBack { who } => Some(who),
        Action::Types { who } | Action::Shares { who, .. } | Action::Says { who, .. } => Some(who),
        Action::Passes(_) => None,
    }
}

/// A frame as the scenarios write it.
fn shown(frame: &Value) -> String {
    let text = |field: &str| frame[field].as_str().unwrap_or_default().to_owned();
    match frame["type"].as_str().unwrap_or_default() {
        "registration_confirmed" if frame.get("missed").is_some() => ANEW.to_owned(),
        "registration_confirmed" => confirmed(&text("nickname"), frame["recovered"] == true),
        "response" => frame["content"]["text"].as_str().expect("a text").to_owned(),
        "chat_event" if frame["event"] == "typing" => "typing".to_owned(),
        "chat_event" => text("text"),
        "chat_message" => from_partner(&text("from"), &text("message")),
        "chat_message_failed" => not_delivered(&text("message")),
        "contact_list_broadcast" => {
            let names: Vec<_> =
                frame["contacts"].as_array().expect("names").iter().filter_map(Value::as_str).collect();
            contacts(&names, frame["total_count"].as_u64().expect("a number") as usize)
        }
        "client_joined" => format!("{} joined", text("client_name")),
        "client_left" => format!("{} left", text("client_name")),
        _ => frame.to_string(),
    }
}
