//! Who may come in where JWTs are asked for, by every door: whose they are, what they allow, and until when.

use crate::http_client::HttpClient;
use crate::privacy::port_in;
use crate::process::{Process, Room};
use crate::raw_client::RawClient;
use crate::returning_client::until;
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use crate::web;
use jsonwebtoken::{EncodingKey, Header, encode};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::time::Duration;

const SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const USER: &str = "the-token-for-everybody";
const ADMIN: &str = "the-token-for-one-person";
const ISSUER: &str = "https://id.example";
const AUDIENCE: &str = "the-hub";
const LEEWAY: u64 = 60;
/// How long tokens hold that say nothing else.
const HOLDS: u64 = 3_600;

/// A house that takes what [`Issuer`] makes.
async fn house() -> TestServer {
    house_with(&[]).await
}

async fn house_with(changes: &[&str]) -> TestServer {
    let own = ["auth.mode=jwt".to_owned(), format!("auth.jwt_secret={SECRET}")];
    let names = [format!("auth.jwt_issuer={ISSUER}"), format!("auth.jwt_audience={AUDIENCE}")];
    let tokens = [format!("auth.token={USER}"), format!("auth.admin_token={ADMIN}")];
    let all: Vec<&str> = own.iter().chain(&names).chain(&tokens).map(String::as_str).collect();
    // Nobody here answers a ping while time is stepped.
    TestServer::with(&[&all[..], &["limits.ping=0"], changes].concat()).await
}

/// Makes tokens for one house.
struct Issuer {
    now: u64,
}

impl Issuer {
    fn of(server: &TestServer) -> Self {
        Self { now: server.date().as_secs() }
    }

    fn claims(&self, subject: &str) -> Value {
        json!({"sub": subject, "iss": ISSUER, "aud": AUDIENCE, "exp": self.now + HOLDS})
    }

    /// A token with these claims in place of the usual ones; `null` is none.
    fn token_with(&self, subject: &str, other: Value) -> String {
        let mut claims = self.claims(subject);
        let all = claims.as_object_mut().expect("an object");
        all.extend(other.as_object().expect("an object").clone());
        all.retain(|_, value| !value.is_null());
        sign(&Header::default(), &claims, SECRET)
    }

    fn token(&self, subject: &str) -> String {
        self.token_with(subject, json!({}))
    }

    fn scoped(&self, subject: &str, scope: &str) -> String {
        self.token_with(subject, json!({"scope": scope}))
    }

    /// One that holds for so many seconds from now, leeway aside.
    fn short(&self, subject: &str, seconds: u64) -> String {
        self.token_with(subject, json!({"exp": self.now + seconds}))
    }

    /// Tokens that open nothing.
    fn wrong(&self) -> Vec<(&'static str, String)> {
        let good = self.token("anna");
        let (text, signature) = good.rsplit_once('.').expect("three parts");
        let (_, payload) = text.split_once('.').expect("three parts");
        let with = |other| self.token_with("anna", other);
        let hs384 = Header::new(jsonwebtoken::Algorithm::HS384);
        vec![
            // {"alg":"none"}
            ("not signed", format!("eyJhbGciOiJub25lIn0.{payload}.")),
            ("not signed, with a signature", format!("eyJhbGciOiJub25lIn0.{payload}.{signature}")),
            ("another algorithm", sign(&hs384, &self.claims("anna"), SECRET)),
            (
                "another secret",
                sign(&Header::default(), &self.claims("anna"), "another secret of thirty-two bytes"),
            ),
            (
                "a signature of something else",
                format!("{}.{signature}", self.token("bob").rsplit_once('.').expect("three").0),
            ),
            ("another issuer", with(json!({"iss": "https://id.example.evil"}))),
            ("no issuer", with(json!({"iss": null}))),
            ("for somebody else", with(json!({"aud": "another-hub"}))),
            ("for nobody in particular", with(json!({"aud": null}))),
            ("of nobody", with(json!({"sub": null}))),
            ("of somebody without a name", with(json!({"sub": ""}))),
            ("without an end", with(json!({"exp": null}))),
            ("not yet", with(json!({"nbf": self.now + HOLDS, "exp": self.now + 2 * HOLDS}))),
            ("no token at all", "not.a.token".to_owned()),
        ]
    }
}

fn sign(header: &Header, claims: &Value, secret: &str) -> String {
    encode(header, claims, &EncodingKey::from_secret(secret.as_bytes())).expect("a token")
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

async fn registers(server: &TestServer, frame: Value) -> (TestClient, Value) {
    let mut client = TestClient::connect(&server.url()).await;
    client.send(frame).await;
    let answer = client.next().await;
    (client, answer)
}

fn register(client_id: &str, token: &str) -> Value {
    json!({"type": "register", "client_id": client_id, "session": client_id, "nickname": client_id, "token": token})
}

/// Somebody who is in.
async fn joins(server: &TestServer, client_id: &str, token: &str) -> (TestClient, Value) {
    let (client, answer) = registers(server, register(client_id, token)).await;
    assert_eq!(answer["type"], "registration_confirmed", "{answer}");
    (client, answer)
}

fn rest(server: &TestServer, token: &str) -> HttpClient {
    HttpClient::new(server.port()).token(token)
}

/// What a tool of MCP answers, with its status.
async fn mcp(server: &TestServer, token: &str, method: &str, params: Value) -> (u16, Value) {
    let body = json!({"method": method, "params": params}).to_string();
    let reply = rest(server, token).send("POST", "/mcp", "Content-Type: application/json\r\n", &body).await;
    (reply.status, reply.body)
}

async fn says(server: &TestServer, token: &str, user: &str, message: &str) -> Value {
    let params = json!({"message": message, "puch_user_id": user});
    let (status, mut body) = mcp(server, token, "handle_message", params).await;
    assert_eq!(status, 200, "{body}");
    body["result"]["structuredContent"].take()
}

async fn ticket(server: &TestServer, token: &str) -> String {
    let reply = rest(server, token).send("POST", "/api/v1/tickets", "", "").await;
    reply.fine()["ticket"].as_str().expect("a ticket").to_owned()
}

async fn upgraded(server: &TestServer, token: &str) -> Result<RawClient, web::Answer> {
    let stream = web::dial(server.port()).await;
    RawClient::upgraded_with(stream, server.port(), &format!("Authorization: Bearer {token}\r\n")).await
}

#[tokio::test]
async fn who_has_one_comes_in_by_every_door() {
    let server = house().await;
    // Some issuers have much to say.
    let token = Issuer::of(&server).token_with("anna", json!({"more": "x".repeat(5_000)}));
    joins(&server, "by register", &token).await;
    let mut client = upgraded(&server, &token).await.expect("a socket");
    client.send(r#"{"type":"register","client_id":"by upgrade"}"#).await;
    assert_eq!(client.next().await["type"], "registration_confirmed");
    let path = format!("{}?ticket={}", server.url(), ticket(&server, &token).await);
    let mut client = TestClient::connect(&path).await;
    client.send(json!({"type": "register", "client_id": "by ticket"})).await;
    client.expect("registration_confirmed").await;
    rest(&server, &token).get("/api/v1/stats").await.fine();
    assert_eq!(mcp(&server, &token, "get_stats", json!({})).await.0, 200);
    let mut events = rest(&server, &token).events("/api/v1/sessions/default/events").await;
    events.expect("registration_confirmed").await;
}

#[tokio::test]
async fn what_the_issuer_did_not_make_for_this_house_opens_nothing() {
    let server = house().await;
    for (what, token) in Issuer::of(&server).wrong() {
        let (mut client, answer) = registers(&server, register("anna", &token)).await;
        assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!("unauthorized")), "{what}");
        assert_eq!(client.ended().await.1, Some(4500), "{what}");
        let refused = upgraded(&server, &token).await.err().expect("a refusal");
        let challenge = "Bearer realm=\"strowger\", error=\"invalid_token\"";
        assert_eq!((refused.status, refused.header("www-authenticate")), (401, Some(challenge)), "{what}");
        let user = rest(&server, &token);
        assert_eq!(user.get("/api/v1/stats").await.problem(), (401, "unauthorized"), "{what}");
        let issued = user.send("POST", "/api/v1/tickets", "", "").await;
        assert_eq!(issued.problem(), (401, "unauthorized"), "{what}");
        assert_eq!(mcp(&server, &token, "get_stats", json!({})).await.0, 401, "{what}");
        // A few wrong ones are a mistake, more are guesses: time makes up for them.
        server.step(seconds(20));
    }
    let (mut client, answer) = registers(&server, json!({"type": "register"})).await;
    assert_eq!((answer["code"].as_str(), client.ended().await.1), (Some("unauthorized"), Some(4500)));
    assert_eq!(HttpClient::new(server.port()).get("/api/v1/stats").await.problem().0, 401);
}

#[tokio::test]
async fn one_whose_time_is_over_is_told_so_and_is_no_guess() {
    let server = house().await;
    let token = Issuer::of(&server).short("anna", 30);
    server.step(seconds(30 + LEEWAY - 1));
    joins(&server, "in time", &token).await;
    server.step(seconds(1));
    let (mut client, answer) = registers(&server, register("too late", &token)).await;
    assert_eq!(answer["code"], "unauthorized");
    assert_eq!(client.ended().await.1, Some(4005), "it is worth coming back, with another one");
    let refused = upgraded(&server, &token).await.err().expect("a refusal");
    let challenge = refused.header("www-authenticate").expect("a challenge");
    assert!(refused.status == 401 && challenge.contains("error=\"invalid_token\""), "{refused:?}");
    assert!(challenge.ends_with("error_description=\"The token expired\""), "{challenge}");
    for _ in 0..40 {
        let refused = rest(&server, &token).get("/api/v1/stats").await;
        assert_eq!(refused.problem(), (401, "unauthorized"));
        assert_eq!(refused.body["detail"], "The token expired: come back with a new one.");
    }
    let (status, body) = mcp(&server, &token, "get_stats", json!({})).await;
    assert_eq!(
        (status, &body["error"]["message"]),
        (401, &json!("The token expired: come back with a new one."))
    );
    let guessed = rest(&server, "a.b.c").get("/api/v1/stats").await;
    assert_eq!(guessed.problem(), (401, "unauthorized"), "none of these was one");
}

#[tokio::test]
async fn who_is_in_when_it_ends_is_closed_and_goes_on_with_a_new_one() {
    let server = house().await;
    let issuer = Issuer::of(&server);
    let (mut anna, confirmed) = joins(&server, "anna", &issuer.short("anna", 30)).await;
    let (mut bob, _) = joins(&server, "bob", &issuer.token("bob")).await;
    anna.ask("#meet").await;
    assert_eq!(bob.ask("#meet").await["partner"], "anna");
    let pos = anna.expect("chat_event").await["pos"].clone();
    server.step(seconds(30 + LEEWAY - 1));
    anna.send(json!({"type": "ping"})).await;
    anna.expect("pong").await;
    server.step(seconds(1));
    let (frames, code) = anna.ended().await;
    let [last] = &frames[..] else { panic!("one frame: {frames:?}") };
    assert_eq!((&last["type"], &last["code"], code), (&json!("error"), &json!("unauthorized"), Some(4005)));
    assert_eq!(last["error"], "the token expired: come back with a new one");
    assert_eq!(bob.next().await["event"], "partner_away");
    bob.say("are you there?").await;
    let issuer = Issuer::of(&server);
    let resume = |token: String| json!({"type": "register", "token": token, "resume_token": confirmed["resume_token"], "last_pos": pos});
    // What one may do another can't be given: to them the resume token is unknown.
    let (_somebody, answer) = registers(&server, resume(issuer.token("somebody"))).await;
    assert_eq!((&answer["recovered"], &answer["missed"]), (&json!(false), &Value::Null));
    let (_other, taken) = registers(&server, register("anna", &issuer.token("somebody"))).await;
    assert_eq!(taken["code"], "client_id_taken");
    let (mut anna, answer) = registers(&server, resume(issuer.token("anna"))).await;
    assert_eq!((&answer["recovered"], &answer["client_id"]), (&json!(true), &json!("anna")));
    assert_eq!(anna.hear().await, "are you there?");
    assert_eq!(bob.next().await["event"], "partner_back");
    assert_eq!(server.metric_of("strowger_closes_total{code=\"4005\"}"), 1);
}

#[tokio::test]
async fn one_from_the_upgrade_ends_too_before_and_after_the_registration() {
    let server = house_with(&["limits.register=0", "auth.jwt_leeway=0s"]).await;
    let token = Issuer::of(&server).short("anna", 30);
    let mut client = upgraded(&server, &token).await.expect("a socket");
    let mut late = upgraded(&server, &token).await.expect("a socket");
    client.send(r#"{"type":"register"}"#).await;
    assert_eq!(client.next().await["type"], "registration_confirmed");
    server.step(seconds(30));
    assert_eq!(client.next().await["code"], "unauthorized");
    assert_eq!(client.close_code().await, Some(4005));
    late.send(r#"{"type":"register"}"#).await;
    assert_eq!(late.next().await["code"], "unauthorized");
    assert_eq!(late.close_code().await, Some(4005));
}

#[tokio::test]
async fn a_ticket_and_a_reader_of_events_last_no_longer_than_the_token() {
    let server = house_with(&["auth.jwt_leeway=0s"]).await;
    let token = Issuer::of(&server).short("anna", 10);
    let (socket, reader) = (ticket(&server, &token).await, ticket(&server, &token).await);
    let nobody = HttpClient::new(server.port());
    let path = "/api/v1/sessions/default/events";
    let by_ticket = format!("{path}?ticket={}", ticket(&server, &token).await);
    let mut all = [rest(&server, &token).events(path).await, nobody.events(&by_ticket).await];
    for events in &mut all {
        events.expect("registration_confirmed").await;
    }
    all[0].expect("client_joined").await;
    server.step(seconds(10));
    for events in &mut all {
        let last = loop {
            let told = events.next().await.expect("a last word");
            if told.event == "error" {
                break told.data;
            }
        };
        assert_eq!(
            (&last["code"], last["error"].as_str()),
            (&json!("unauthorized"), Some("the token expired: come back with a new one"))
        );
        assert!(events.next().await.is_none());
    }
    let refused = nobody.get(&format!("{path}?ticket={reader}")).await;
    assert_eq!(refused.problem(), (401, "unauthorized"));
    assert_eq!(web::upgrade(server.port(), &format!("/?ticket={socket}"), "").await.status, 401);
}

#[tokio::test]
async fn a_scope_allows_what_it_is_for_and_nothing_else() {
    let server = house().await;
    let issuer = Issuer::of(&server);
    let bridge =
        |token: &str| json!({"type": "register", "session": "team", "role": "bridge", "token": token});
    let waits = async |token: &str| {
        let params = json!({"puch_user_id": "x", "timeout_seconds": 1});
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": params}).to_string();
        let reply =
            rest(&server, token).send("POST", "/mcp", "Content-Type: application/json\r\n", &body).await;
        reply.body["result"]["tools"].to_string().contains("wait_for_messages")
    };
    let plain = issuer.scoped("anna", "admins bridges Agent chat");
    for token in [&issuer.token("anna"), &plain, &issuer.scoped("anna", "agent admin")] {
        let (_client, answer) = registers(&server, bridge(token)).await;
        assert_eq!(answer["code"], "forbidden");
    }
    for token in [&plain, &issuer.scoped("anna", "agent bridge")] {
        let refused = rest(&server, token).get("/api/v1/sessions").await;
        assert_eq!(refused.problem(), (403, "forbidden"));
    }
    for token in [&plain, &issuer.scoped("anna", "bridge admin")] {
        assert!(!waits(token).await);
    }
    let (_bridge, answer) = registers(&server, bridge(&issuer.scoped("anna", "bridge"))).await;
    assert_eq!(answer["type"], "registration_confirmed");
    rest(&server, &issuer.scoped("anna", "admin")).get("/api/v1/sessions").await.fine();
    assert!(waits(&issuer.scoped("anna", "agent")).await);
}

#[tokio::test]
async fn behind_one_subject_is_one_person_by_whatever_door_and_name() {
    let server = house().await;
    let issuer = Issuer::of(&server);
    let (anna, scoped) = (issuer.token("anna"), issuer.scoped("anna", "agent"));
    let (mut phone, _) = joins(&server, "phone", &anna).await;
    let (mut laptop, _) = joins(&server, "laptop", &scoped).await;
    assert_eq!(phone.ask("#meet").await["state"], "waiting");
    assert_eq!(laptop.ask("#meet").await["state"], "waiting", "nobody meets themselves");
    assert_eq!(says(&server, &anna, "one name", "#meet").await["state"], "waiting");
    let inbox = rest(&server, &scoped);
    let met = inbox.post("/api/v1/chat/another-name/messages", json!({"message": "#meet"})).await.fine();
    assert_eq!(met["state"], "waiting");
    let (mut bob, _) = joins(&server, "bob", &issuer.token("bob")).await;
    assert_eq!(bob.ask("#meet").await["state"], "paired");
    // The inbox is one, whichever name and door it is asked for by, and the chat is where somebody spoke last.
    assert_eq!(says(&server, &anna, "a third name", "#who").await["state"], "paired");
    assert_eq!(bob.ask("#who").await["state"], "paired");
    bob.say("to whichever of you").await;
    bob.ask("#who").await;
    let page = inbox.get("/api/v1/chat/a-fourth-name/messages").await.fine();
    assert!(page["messages"].to_string().contains("to whichever of you"), "{page}");
    let answer = laptop.ask("from the laptop").await;
    assert_eq!(answer["success"], true, "{answer}");
    assert_eq!(bob.hear().await, "from the laptop");
}

#[tokio::test]
async fn of_two_issuers_the_same_name_is_two_people() {
    let own = format!("auth.jwt_secret={SECRET}");
    let server = TestServer::with(&["auth.mode=jwt", &own]).await;
    let exp = server.date().as_secs() + HOLDS;
    let token =
        |issuer: &str| sign(&Header::default(), &json!({"sub": "anna", "iss": issuer, "exp": exp}), SECRET);
    let (mut one, _) = joins(&server, "one", &token("https://a.example")).await;
    let (mut other, _) = joins(&server, "other", &token("https://b.example")).await;
    one.ask("#meet").await;
    assert_eq!(other.ask("#meet").await["state"], "paired");
    let named = sign(&Header::default(), &json!({"sub": "anna", "aud": "a hub", "exp": exp}), SECRET);
    let (_client, answer) = registers(&server, register("named", &named)).await;
    assert_eq!(answer["code"], "unauthorized", "it is for somebody, and nobody said that it is us");
}

#[tokio::test]
async fn the_tokens_of_the_house_open_what_is_theirs() {
    let server = house().await;
    let (mut client, answer) = registers(&server, register("anna", USER)).await;
    assert_eq!((answer["code"].as_str(), client.ended().await.1), (Some("unauthorized"), Some(4500)));
    assert_eq!(rest(&server, USER).get("/api/v1/stats").await.problem(), (401, "unauthorized"));
    assert_eq!(upgraded(&server, USER).await.err().expect("a refusal").status, 401);
    // Puch AI and other hosts speak for many people with one token, and say who each is.
    assert_eq!(says(&server, USER, "one", "#meet").await["state"], "waiting");
    assert_eq!(says(&server, USER, "other", "#meet").await["state"], "paired");
    joins(&server, "the operator", ADMIN).await;
    rest(&server, ADMIN).get("/api/v1/sessions").await.fine();
    assert_eq!(mcp(&server, ADMIN, "get_stats", json!({})).await.0, 200);
}

#[tokio::test]
async fn where_no_jwt_is_asked_for_none_is_taken() {
    for mode in ["none", "token"] {
        let (own, mode) = (format!("auth.jwt_secret={SECRET}"), format!("auth.mode={mode}"));
        let server = TestServer::with(&[&mode, &own]).await;
        let exp = server.date().as_secs() + HOLDS;
        let token = sign(&Header::default(), &json!({"sub": "anna", "exp": exp}), SECRET);
        let (_client, answer) = registers(&server, register("anna", &token)).await;
        assert_eq!(answer["code"], "unauthorized", "{mode}");
    }
}

#[tokio::test]
async fn who_lost_the_connection_has_no_longer_than_the_grace_whatever_the_token() {
    let server = house_with(&["chat.grace=10s"]).await;
    let issuer = Issuer::of(&server);
    let (client, confirmed) = joins(&server, "anna", &issuer.token("anna")).await;
    drop(client);
    until(&server, "strowger_away", 1).await;
    server.step(seconds(11));
    until(&server, "strowger_away", 0).await;
    let frame =
        json!({"type": "register", "token": issuer.token("anna"), "resume_token": confirmed["resume_token"]});
    let (_client, answer) = registers(&server, frame).await;
    assert_eq!((&answer["recovered"], &answer["missed"]), (&json!(false), &Value::Null));
}

#[tokio::test]
async fn neither_a_token_nor_whose_it_is_is_written_anywhere() {
    let room = Room::new();
    let environment =
        [("LOG_LEVEL", "TRACE"), ("STROWGER__AUTH__MODE", "jwt"), ("STROWGER__AUTH__JWT_SECRET", SECRET)];
    let house = Process::start(&room, &["--port", "0"], &environment);
    let port = port_in(&house.line());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a date");
    let claims = |exp: u64| json!({"sub": "Quetzalcoatl", "scope": "admin", "exp": exp});
    let token = sign(&Header::default(), &claims(now.as_secs() + HOLDS), SECRET);
    let old = sign(&Header::default(), &claims(now.as_secs() - HOLDS), SECRET);
    let mut client = TestClient::connect(&format!("ws://localhost:{port}/")).await;
    client.send(register("a name", &token)).await;
    client.expect("registration_confirmed").await;
    for token in [&token, &old, &format!("{token}x")] {
        HttpClient::new(port).token(token).get("/api/v1/sessions").await;
    }
    let figures = web::get(port, "/metrics").await.body;
    client.close().await;
    house.signal(Signal::TERM);
    let ended = house.ended();
    let said = [ended.stdout, ended.stderr, vec![figures]].concat().join("\n");
    assert!(said.contains("A JWT was refused") && said.contains("why=\"over\""), "{said}");
    let parts = token.split('.').chain(old.split('.'));
    for word in parts.chain(["Quetzalcoatl", SECRET]) {
        assert!(!said.contains(word), "{word} in {said}");
    }
}

#[tokio::test]
async fn who_watches_watches_no_longer_than_the_token_lasts() {
    let server = house().await;
    let issuer = Issuer::of(&server);
    let token = issuer.token_with("olga", json!({"scope": "admin", "exp": issuer.now + 100}));
    let mut events = rest(&server, &token).events("/api/v1/admin/live").await;
    events.expect("hour").await;
    events.expect("figures").await;
    server.step(Duration::from_secs(100 + LEEWAY));
    // What was on its way may still come.
    crate::patiently(async { while events.next().await.is_some() {} }).await;
    assert_eq!(rest(&server, &token).get("/api/v1/admin/clients").await.problem(), (401, "unauthorized"));
}
