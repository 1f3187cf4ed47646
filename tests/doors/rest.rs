//! REST: the account that a session shares, and the house.

use crate::http_client::{HttpClient, Reply};
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use futures::future::join_all;
use serde_json::{Value, json};

const TOKENS: [&str; 3] =
    ["auth.mode=token", "auth.token=the-token-of-users", "auth.admin_token=the-token-of-admins"];

async fn house() -> (TestServer, HttpClient) {
    let server = TestServer::start().await;
    let client = HttpClient::new(server.port());
    (server, client)
}

fn send(contact: &str, message: &str) -> Value {
    json!({"action": "send", "contact": contact, "message": message})
}

const CONTACTS: &str = "/api/v1/sessions/default/contacts";
const COMMANDS: &str = "/api/v1/sessions/default/commands";
const MESSAGES: &str = "/api/v1/sessions/default/messages";
const SENTENCES: &str = "/api/v1/sessions/default/ai-commands";

#[tokio::test]
async fn a_contact_list_is_given_told_to_the_session_and_read_in_pages() {
    let (server, client) = house().await;
    let mut socket = TestClient::connect(&server.url()).await;
    socket.send(json!({"type": "register"})).await;
    socket.expect("registration_confirmed").await;
    let names: Vec<String> = (0..30).map(|n| format!("Person {n:02}")).collect();
    let given = client.put(CONTACTS, json!({"contacts": names})).await.fine();
    assert_eq!((&given["success"], &given["total_count"]), (&json!(true), &json!(30)));
    assert_eq!(given["contacts"].as_array().map(Vec::len), Some(20));
    let told = socket.expect("contact_list_broadcast").await;
    assert_eq!((&told["total_count"], &told["contacts"][0]), (&json!(30), &json!("Person 00")));

    let mut seen = Vec::new();
    let mut path = format!("{CONTACTS}?count=12");
    loop {
        let page = client.get(&path).await.fine();
        seen.extend(
            page["contacts"].as_array().expect("names").iter().filter_map(Value::as_str).map(str::to_owned),
        );
        let Some(after) = page["after"].as_str() else { break };
        path = format!("{CONTACTS}?count=12&after={}", after.replace(' ', "%20"));
    }
    assert_eq!(seen, names);
    let found = client.get(&format!("{CONTACTS}?query=person%2007")).await.fine();
    assert_eq!(found["contacts"], json!(["Person 07"]));
    let given = client.put(CONTACTS, json!({"contacts": []})).await.fine();
    assert_eq!(given["total_count"], 0);
}

#[tokio::test]
async fn what_is_sent_is_in_the_history_and_pages_go_back() {
    let (server, client) = house().await;
    let mut socket = TestClient::connect(&server.url()).await;
    socket.send(json!({"type": "register"})).await;
    socket.expect("registration_confirmed").await;
    client.put(CONTACTS, json!({"contacts": ["John", "Sarah"]})).await.fine();
    for n in 1..=7 {
        let sent = client.post(COMMANDS, send("John", &format!("line {n}"))).await.fine();
        assert_eq!((&sent["action"], &sent["state"]), (&json!("send"), &json!("simulated")));
    }
    client.post(SENTENCES, json!({"command": "send sarah hello"})).await.fine();
    loop {
        let frame = socket.next().await;
        if frame["type"] == "whatsapp_message" && frame["message"] == "hello" {
            break;
        }
    }
    let texts = |page: &Value| -> Vec<String> {
        let messages = page["messages"].as_array().expect("messages");
        messages.iter().filter_map(|message| message["text"].as_str().map(str::to_owned)).collect()
    };
    let page = client.get(&format!("{MESSAGES}?contact=john&count=5")).await.fine();
    assert_eq!(texts(&page), ["line 3", "line 4", "line 5", "line 6", "line 7"]);
    let before = page["before"].as_str().expect("there are older ones");
    let page = client.get(&format!("{MESSAGES}?contact=John&count=5&before={before}")).await.fine();
    assert_eq!(
        (texts(&page), &page["before"]),
        (vec!["line 1".to_owned(), "line 2".to_owned()], &Value::Null)
    );
    assert_eq!(texts(&client.get(MESSAGES).await.fine()).len(), 8);
}

#[tokio::test]
async fn every_action_answers_as_on_a_socket() {
    let (_server, client) = house().await;
    client.put(CONTACTS, json!({"contacts": ["John", "Johanna"]})).await.fine();
    for (action, name) in [
        (json!({"action": "list"}), "list"),
        (json!({"action": "read", "contact": "John", "count": 3, "query_type": "all"}), "read"),
        (json!({"action": "read", "contact": "John", "count": 3.0}), "read"),
        (json!({"action": "read", "contact": "John", "count": 9_223_372_036_854_775_809_u64}), "read"),
        (json!({"action": "read", "contact": "John", "count": 1e30}), "read"),
        (json!({"action": "auto_on"}), "auto_on"),
        (json!({"action": "auto_off"}), "auto_off"),
        (json!({"action": "status"}), "status"),
        (json!({"action": "search", "query": "pie"}), "search"),
    ] {
        assert_eq!(client.post(COMMANDS, action).await.fine()["action"], name);
    }
    let status = client.post(COMMANDS, json!({"action": "status"})).await.fine();
    assert_eq!((&status["session"], &status["whatsapp"]), (&json!("default"), &json!("simulated")));
}

#[tokio::test]
async fn what_can_not_be_done_is_a_problem_with_the_codes_of_the_socket() {
    let (_server, client) = house().await;
    client.put(CONTACTS, json!({"contacts": ["John Smith", "John Miller"]})).await.fine();
    let reply = client.post(COMMANDS, send("john", "hi")).await;
    assert_eq!(reply.problem(), (409, "ambiguous_contact"));
    assert_eq!(reply.body["candidates"], json!(["John Smith", "John Miller"]));
    assert_eq!(reply.body["success"], false);
    for (path, body, expected) in [
        (COMMANDS, json!({"action": "summary", "contact": "John Smith"}), (503, "ai_unavailable")),
        (SENTENCES, json!({"command": "colourless green ideas"}), (422, "ai_parse_error")),
        (COMMANDS, send("Nina", &"x".repeat(70_000)), (413, "too_large")),
        (COMMANDS, json!({"action": "dance"}), (400, "invalid_message")),
        (COMMANDS, json!({"action": "send", "contact": "Nina"}), (400, "invalid_message")),
        (COMMANDS, json!([]), (400, "invalid_message")),
        (SENTENCES, json!({"command": ""}), (400, "invalid_message")),
        (SENTENCES, json!({}), (400, "invalid_message")),
        ("/api/v1/ai", json!({"prompt": "hello"}), (503, "ai_unavailable")),
        ("/api/v1/ai", json!({"prompt": " "}), (400, "invalid_message")),
        ("/api/v1/ai", json!({"prompt": 7}), (400, "invalid_message")),
    ] {
        assert_eq!(client.post(path, body).await.problem(), expected, "{path}");
    }
    assert_eq!(client.put(CONTACTS, json!({"contacts": [{}]})).await.problem(), (400, "invalid_message"));
    for query in ["count=0", "count=501", "count=x", "after=nobody&count=-1"] {
        assert_eq!(client.get(&format!("{CONTACTS}?{query}")).await.problem(), (400, "invalid_message"));
    }
    assert_eq!(client.get(&format!("{CONTACTS}?after=nobody")).await.problem(), (404, "not_found"));
    for query in ["before=x", "before=%2B5", "before=9223372036854775807", "contact=", "contact=&count=3"] {
        assert_eq!(
            client.get(&format!("{MESSAGES}?{query}")).await.problem(),
            (400, "invalid_message"),
            "{query}"
        );
    }
    let long = "x".repeat(193);
    let clients = format!("/api/v1/sessions/default/clients?after={long}");
    assert_eq!(client.get(&clients).await.problem(), (400, "invalid_message"));
    let long = &long[..129];
    for path in [format!("/api/v1/sessions/{long}/contacts"), "/api/v1/sessions/%ff/clients".to_owned()] {
        assert_eq!(client.get(&path).await.problem(), (400, "invalid_message"));
    }
}

#[tokio::test]
async fn what_is_no_json_or_too_much_is_not_taken() {
    let (_server, client) = house().await;
    let json = "Content-Type: application/json; charset=utf-8\r\n";
    for (headers, body, expected) in [
        ("", "{}", (415, "unsupported")),
        ("Content-Type: text/plain\r\n", "{}", (415, "unsupported")),
        (json, "{", (400, "invalid_json")),
        (json, "", (400, "invalid_json")),
        (json, "nonsense", (400, "invalid_json")),
    ] {
        assert_eq!(client.send("POST", COMMANDS, headers, body).await.problem(), expected, "{body}");
    }
    let huge = format!("{json}Content-Length: 1048577\r\n");
    assert_eq!(client.send("POST", COMMANDS, &huge, "").await.problem(), (413, "too_large"));
}

#[tokio::test]
async fn paths_and_methods_that_do_not_exist_are_problems() {
    let (_server, client) = house().await;
    for path in ["/api", "/api/", "/api/v2", "/api/v1", "/api/v1/", "/api/v1/nope", "/api/v1/sessions/x/nope"]
    {
        assert_eq!(client.get(path).await.problem(), (404, "not_found"), "{path}");
    }
    for (method, path, allowed) in [
        ("DELETE", "/api/v1/stats", "GET"),
        ("POST", CONTACTS, "GET"),
        ("GET", COMMANDS, "POST"),
        ("PATCH", "/api/v1/chat/anna/messages", "POST"),
        ("POST", "/api/health", "GET"),
    ] {
        let reply = client.send(method, path, "", "").await;
        assert_eq!(reply.problem(), (405, "unsupported"), "{method} {path}");
        assert!(reply.header("allow").is_some_and(|allow| allow.contains(allowed)), "{reply:?}");
    }
    assert_eq!(client.send("GET", "/api/health", "", "").await.status, 200);
    for path in ["/api/v1/chat/anna/messages", "/api/v1/sessions/default/events"] {
        assert_eq!(client.send("HEAD", path, "", "").await.status, 405, "what takes something has no head");
    }
}

#[tokio::test]
async fn a_hundred_equal_requests_are_one_and_another_body_is_a_conflict() {
    let (server, client) = house().await;
    let once = client.with("Idempotency-Key", "\"7\"");
    let replies = join_all((0..100).map(|_| once.post(COMMANDS, send("John", "once")))).await;
    let ids: Vec<Value> = replies.into_iter().map(|reply| reply.fine()["id"].clone()).collect();
    assert!(ids.iter().all(|id| id.is_string() && *id == ids[0]), "{ids:?}");
    assert_eq!(client.get(MESSAGES).await.fine()["messages"].as_array().map(Vec::len), Some(1));
    assert_eq!(once.post(COMMANDS, send("John", "twice")).await.problem(), (409, "conflict"));
    let same = client.with("Idempotency-Key", "7").post(COMMANDS, send("John", "once")).await.fine();
    assert_eq!(same["id"], ids[0], "quotes are no part of it");
    client.with("Idempotency-Key", "8").post(COMMANDS, send("John", "once")).await.fine();
    server.step(std::time::Duration::from_secs(3_601));
    assert_ne!(once.post(COMMANDS, send("John", "once")).await.fine()["id"], ids[0]);
    for wrong in ["\"\"", &"x".repeat(129)] {
        let reply = client.with("Idempotency-Key", wrong).post(COMMANDS, send("John", "once")).await;
        assert_eq!(reply.problem(), (400, "invalid_message"));
    }
}

#[tokio::test]
async fn a_request_id_of_a_socket_and_a_key_are_not_the_same() {
    let (server, client) = house().await;
    let mut socket = TestClient::connect(&server.url()).await;
    socket.send(json!({"type": "register"})).await;
    socket.expect("registration_confirmed").await;
    socket.send(json!({"type": "whatsapp_command", "request_id": "7", "command": send("John", "one")})).await;
    while socket.next().await["type"] != "response" {}
    client.with("Idempotency-Key", "7").post(COMMANDS, send("John", "two")).await.fine();
}

#[tokio::test]
async fn where_tokens_are_asked_for_nothing_is_served_without_one() {
    let server = TestServer::with(&TOKENS).await;
    let client = HttpClient::new(server.port());
    let challenge = |reply: &Reply| reply.header("www-authenticate").map(str::to_owned);
    for path in ["/api/v1/stats", CONTACTS, "/api/v1/nope", "/api/v1/chat/anna/messages"] {
        let reply = client.get(path).await;
        assert_eq!(reply.problem(), (401, "unauthorized"), "{path}");
        assert_eq!(challenge(&reply).as_deref(), Some("Bearer realm=\"strowger\""));
        let reply = client.token("wrong").get(path).await;
        assert_eq!(reply.problem(), (401, "unauthorized"), "{path}");
        assert!(challenge(&reply).is_some_and(|challenge| challenge.contains("invalid_token")));
    }
    for token in ["the-token-of-users", "the-token-of-admins"] {
        client.token(token).get("/api/v1/stats").await.fine();
    }
    assert_eq!(client.send("GET", "/api/health", "", "").await.status, 200);
}

#[tokio::test]
async fn without_authentication_a_wrong_token_is_none_the_less_wrong() {
    let (_server, client) = house().await;
    assert_eq!(client.token("wrong").get("/api/v1/stats").await.problem(), (401, "unauthorized"));
    assert_eq!(client.get("/api/v1/stats").await.fine()["status"], "healthy");
}

#[tokio::test]
async fn only_administrators_look_after_the_house() {
    for mode in ["auth.mode=none", "auth.mode=token"] {
        let server = TestServer::with(&[mode, TOKENS[1], TOKENS[2]]).await;
        let nobody = HttpClient::new(server.port());
        let user = nobody.token("the-token-of-users");
        assert_eq!(nobody.get("/api/v1/sessions").await.problem(), (401, "unauthorized"));
        assert_eq!(user.get("/api/v1/sessions").await.problem(), (403, "forbidden"));
        let drain = "/api/v1/admin/drain";
        assert_eq!(nobody.send("POST", drain, "", "").await.problem(), (401, "unauthorized"));
        assert_eq!(user.send("POST", drain, "", "").await.problem(), (403, "forbidden"));
        let remove = "/api/v1/sessions/default/clients/x";
        assert_eq!(nobody.delete(remove).await.problem(), (401, "unauthorized"));
        assert_eq!(user.delete(remove).await.problem(), (403, "forbidden"));
        let admin = nobody.token("the-token-of-admins");
        assert_eq!(admin.get("/api/v1/sessions").await.fine(), json!({"sessions": []}));
        assert_eq!(admin.delete(remove).await.problem(), (404, "not_found"));
    }
}

#[tokio::test]
async fn sessions_and_their_clients_are_listed_and_a_client_is_removed() {
    let server = TestServer::with(&[TOKENS[2]]).await;
    let client = HttpClient::new(server.port());
    let admin = client.token("the-token-of-admins");
    let mut sockets = Vec::new();
    for (id, session) in [("a", "family"), ("b", "family"), ("c", "club")] {
        let mut socket = TestClient::connect(&server.url()).await;
        socket.send(json!({"type": "register", "client_id": id, "session": session})).await;
        socket.expect("registration_confirmed").await;
        sockets.push(socket);
    }
    client.post("/api/v1/chat/anna/messages", json!({"message": "#who"})).await.problem();
    let page = admin.get("/api/v1/sessions?count=1").await.fine();
    assert_eq!(page, json!({"sessions": [{"session": "club", "clients": 1}], "after": "club"}));
    let page = admin.get("/api/v1/sessions?after=club").await.fine();
    assert_eq!(
        page,
        json!({"sessions": [{"session": "family", "clients": 2}]}),
        "people without a socket have none"
    );
    let clients = client.get("/api/v1/sessions/family/clients").await.fine();
    let b = json!({"client_id": "b", "client_name": "client", "session": "family"});
    assert_eq!((clients["clients"].as_array().map(Vec::len), &clients["clients"][1]), (Some(2), &b));
    assert_eq!(client.get("/api/v1/sessions/family/clients?after=a").await.fine(), json!({"clients": [b]}));

    assert_eq!(admin.delete("/api/v1/sessions/family/clients/b").await.status, 204);
    let (frames, code) = sockets[1].ended().await;
    assert_eq!(code, Some(4503));
    assert_eq!(frames.last().map(|frame| &frame["code"]), Some(&json!("forbidden")));
    assert_eq!(sockets[0].expect("client_joined").await["client_id"], "b");
    assert_eq!(sockets[0].expect("client_left").await["client_id"], "b", "it can't come back");
    assert_eq!(admin.delete("/api/v1/sessions/family/clients/b").await.problem(), (404, "not_found"));
}

#[tokio::test]
async fn who_is_away_can_be_removed_too() {
    let server = TestServer::with(&[TOKENS[2]]).await;
    let mut socket = TestClient::connect(&server.url()).await;
    socket.send(json!({"type": "register", "client_id": "a"})).await;
    let token = socket.expect("registration_confirmed").await["resume_token"].clone();
    drop(socket);
    let admin = HttpClient::new(server.port()).token("the-token-of-admins");
    assert_eq!(admin.delete("/api/v1/sessions/default/clients/a").await.status, 204);
    let mut socket = TestClient::connect(&server.url()).await;
    socket.send(json!({"type": "register", "client_id": "a", "resume_token": token})).await;
    let confirmed = socket.expect("registration_confirmed").await;
    assert_eq!((&confirmed["recovered"], &confirmed["missed"]), (&json!(false), &Value::Null));
}

#[tokio::test]
async fn the_house_is_drained_as_by_a_signal() {
    let server = TestServer::with(&[TOKENS[2]]).await;
    let mut socket = TestClient::join(&server.url(), "User_A").await;
    let mut events = HttpClient::new(server.port()).events("/api/v1/sessions/default/events").await;
    events.expect("registration_confirmed").await;
    let admin = HttpClient::new(server.port()).token("the-token-of-admins");
    let mut reader = web_connection(&server).await;
    let reply = admin.send("POST", "/api/v1/admin/drain", "", "").await;
    assert_eq!((reply.status, &reply.body), (202, &json!({"status": "draining"})));
    assert_eq!(socket.ended().await.1, Some(1012));
    assert!(events.next().await.is_none());
    let _ = crate::patiently(tokio::io::AsyncReadExt::read(&mut reader, &mut [0; 1])).await;
    server.close().await;
}

async fn web_connection(server: &TestServer) -> tokio::net::TcpStream {
    crate::web::dial(server.port()).await
}

#[tokio::test]
async fn pages_of_others_may_do_nothing() {
    let (_server, client) = house().await;
    for (name, value) in
        [("Origin", "http://evil.test"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site")]
    {
        let page = client.with(name, value);
        assert_eq!(page.post(COMMANDS, send("John", "hi")).await.problem(), (403, "forbidden"));
        assert_eq!(page.get("/api/v1/chat/anna/messages").await.problem(), (403, "forbidden"));
    }
    let ours = client.with("Origin", "http://localhost:8002").post(COMMANDS, send("John", "hi")).await;
    assert_eq!(ours.header("access-control-allow-origin"), None);
    ours.fine();
    assert_eq!(client.get(MESSAGES).await.fine()["messages"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_ticket_opens_one_socket_and_no_other() {
    let server = TestServer::with(&TOKENS).await;
    let client = HttpClient::new(server.port());
    assert_eq!(client.send("POST", "/api/v1/tickets", "", "").await.problem(), (401, "unauthorized"));
    let user = client.token("the-token-of-users");
    let issue = async || {
        let reply = user.send("POST", "/api/v1/tickets", "", "").await;
        assert_eq!((reply.status, &reply.body["expires_in"]), (201, &json!(30)));
        reply.body["ticket"].as_str().expect("a ticket").to_owned()
    };
    let (ticket, late) = (issue().await, issue().await);
    let upgrade =
        async |path: &str, headers: &str| crate::web::upgrade(server.port(), path, headers).await.status;
    assert_eq!(upgrade(&format!("/?ticket={ticket}"), "").await, 101);
    assert_eq!(upgrade(&format!("/ws?ticket={ticket}"), "").await, 401, "it is of use once");
    server.step(std::time::Duration::from_secs(30));
    assert_eq!(upgrade(&format!("/ws?ticket={late}"), "").await, 401, "it is too late");
    assert_eq!(upgrade("/", "").await, 101, "the token may come with the registration");
    assert_eq!(upgrade("/", "Authorization: Bearer the-token-of-users\r\n").await, 101);
    assert_eq!(upgrade("/", "Authorization: Bearer wrong\r\n").await, 401);
}

#[tokio::test]
async fn a_name_that_was_made_to_point_here_is_not_the_hubs_where_no_token_is_asked_for() {
    let server = TestServer::with(&["http.public_url=https://chat.example.com"]).await;
    let status = async |port: u16, host: &str, more: &str| {
        let text = format!("GET /api/v1/stats HTTP/1.1\r\nHost: {host}\r\n{more}\r\n");
        crate::web::request(port, &text).await.status
    };
    for ours in ["localhost:8002", "127.0.0.1", "[::1]:8002", "192.0.2.7", "hub:8002", "chat.example.com"] {
        assert_eq!(status(server.port(), ours, "").await, 200, "{ours}");
    }
    for foreign in ["rebound.test", "rebound.test:8002", "localhost.rebound.test", "hub."] {
        assert_eq!(status(server.port(), foreign, "Sec-Fetch-Site: same-origin\r\n").await, 403, "{foreign}");
    }
    let page = format!(
        "GET /ws HTTP/1.1\r\nHost: rebound.test\r\nOrigin: http://rebound.test\r\n{}\r\n",
        crate::web::HANDSHAKE
    );
    assert_eq!(crate::web::request(server.port(), &page).await.status, 403, "nor does its page get a socket");
    let guarded = TestServer::with(&TOKENS).await;
    let token = format!("Authorization: Bearer {}\r\n", "the-token-of-users");
    assert_eq!(status(guarded.port(), "any.name.test", &token).await, 200, "such a page has no token");
}

#[tokio::test]
async fn a_neighbour_of_the_page_is_not_the_page() {
    let (_server, client) = house().await;
    let neighbour = client.with("Sec-Fetch-Site", "same-site");
    assert_eq!(neighbour.get("/api/v1/stats").await.problem(), (403, "forbidden"));
    neighbour.with("Origin", "http://localhost:8002").get("/api/v1/stats").await.fine();
    for own in ["same-origin", "none"] {
        client.with("Sec-Fetch-Site", own).get("/api/v1/stats").await.fine();
    }
}

#[tokio::test]
async fn wrong_tokens_are_counted_on_all_doors_together() {
    let server = TestServer::with(&TOKENS).await;
    let client = HttpClient::new(server.port());
    for _ in 0..6 {
        assert_eq!(client.token("wrong").get("/api/v1/stats").await.status, 401);
        let upgrade = crate::web::upgrade(server.port(), "/", "Authorization: Bearer wrong\r\n").await;
        assert_eq!(upgrade.status, 401);
        let mut socket = TestClient::connect(&server.url()).await;
        socket.send(json!({"type": "register", "token": "wrong"})).await;
        assert_eq!(socket.ended().await.1, Some(4500));
    }
    for _ in 0..2 {
        assert_eq!(client.token("wrong").get("/api/v1/stats").await.status, 401);
    }
    let reply = client.token("wrong").get("/api/v1/stats").await;
    assert_eq!((reply.problem(), reply.header("retry-after")), ((429, "rate_limited"), Some("3")));
    let upgrade = crate::web::upgrade(server.port(), "/", "Authorization: Bearer wrong\r\n").await;
    assert_eq!((upgrade.status, upgrade.header("retry-after")), (429, Some("3")));
    let page = client.token("wrong").with("Origin", "http://evil.test");
    assert_eq!(page.get("/api/v1/stats").await.problem(), (403, "forbidden"), "a page does not guess");
    let mut socket = TestClient::connect(&server.url()).await;
    socket.send(json!({"type": "register", "token": "wrong"})).await;
    assert_eq!(socket.ended().await.1, Some(4500), "a registration costs a connection each time");
    let mut socket = TestClient::connect(&server.url()).await;
    socket.send(json!({"type": "register", "token": "the-token-of-users"})).await;
    socket.expect("registration_confirmed").await;
    assert_eq!(client.get("/api/v1/stats").await.status, 401, "no token is no guess");
    client.token("the-token-of-users").get("/api/v1/stats").await.fine();
}

#[tokio::test]
async fn a_ticket_is_kept_where_there_was_no_seat() {
    let server = TestServer::with(&[TOKENS[0], TOKENS[1], TOKENS[2], "limits.connections=1"]).await;
    let user = HttpClient::new(server.port()).token("the-token-of-users");
    let ticket = user.send("POST", "/api/v1/tickets", "", "").await.body["ticket"].clone();
    let path = format!("/?ticket={}", ticket.as_str().expect("a ticket"));
    let get = format!("GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n");
    assert_eq!(crate::web::request(server.port(), &get).await.status, 400, "no handshake");
    let socket = TestClient::connect(&server.url()).await;
    assert_eq!(crate::web::upgrade(server.port(), &path, "").await.status, 503, "no seat");
    socket.close().await;
    crate::patiently(async {
        while server.metric("strowger_sockets") != 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(crate::web::upgrade(server.port(), &path, "").await.status, 101);
}

#[tokio::test]
async fn a_bridge_says_why_in_its_own_words_and_not_in_our_name() {
    let server = TestServer::start().await;
    let client = HttpClient::new(server.port());
    let mut bridge = crate::team::bridge(&server.url()).await;
    for (code, is_word) in [
        ("not_on_whatsapp", true),
        ("unauthorized", true),
        ("rate_limited", true),
        ("not found/../x", false),
        ("Not_Found", false),
    ] {
        let answer = async {
            let (id, ..) = crate::team::action(&mut bridge).await;
            let why = json!({"success": false, "code": code, "text": "No."});
            crate::team::result(&mut bridge, &id, why).await;
        };
        let path = "/api/v1/sessions/team/commands";
        let (reply, ()) = futures::join!(client.post(path, send("John", code)), answer);
        assert_eq!((reply.status, &reply.body["status"]), (502, &json!(502)), "{reply:?}");
        assert_eq!((&reply.body["code"], &reply.body["title"]), (&json!(code), &json!("The bridge failed")));
        let kind = if is_word { format!("urn:strowger:problem:{code}") } else { "about:blank".to_owned() };
        assert_eq!(reply.body["type"], kind);
        assert_eq!((reply.header("retry-after"), reply.header("www-authenticate")), (None, None));
    }
}

#[tokio::test]
async fn what_was_not_done_says_so_in_every_problem() {
    let (_server, client) = house().await;
    for path in ["/api/v1/nope", "/api/v1/chat/%01/messages", "/api/v1/sessions/default/clients?count=0"] {
        assert_eq!(client.get(path).await.body["success"], false, "{path}");
    }
    let reply = client.post("/api/v1/chat/anna/messages", json!({"message": "hello"})).await;
    assert_eq!(reply.problem(), (409, "not_paired"));
    assert_eq!(reply.body["success"], false, "also in the chat");
}

/// A bridge that was given a send has `whatsapp.timeout` to say what became of it, however long that is.
#[tokio::test]
async fn a_send_is_waited_for_as_long_as_the_house_does() {
    let server = TestServer::with(&["whatsapp.timeout=120s"]).await;
    let client = HttpClient::new(server.port());
    let mut bridge = crate::team::bridge(&server.url()).await;
    let answer = async {
        let (id, ..) = crate::team::action(&mut bridge).await;
        server.step(std::time::Duration::from_secs(110));
        crate::team::result(&mut bridge, &id, json!({"success": true, "state": "sent"})).await;
    };
    let path = "/api/v1/sessions/team/commands";
    let (reply, ()) = futures::join!(client.post(path, send("John", "hi")), answer);
    assert_eq!(reply.fine()["state"], "sent");
}

#[tokio::test]
async fn a_send_whose_caller_hung_up_is_carried_out_once_and_its_answer_is_kept() {
    let server = TestServer::start().await;
    let client = HttpClient::new(server.port()).with("Idempotency-Key", "k");
    let mut bridge = crate::team::bridge(&server.url()).await;
    let path = "/api/v1/sessions/team/commands";
    let caller = client.begin(path, &send("John", "hi")).await;
    let (id, ..) = crate::team::action(&mut bridge).await;
    drop(caller);
    crate::team::result(&mut bridge, &id, json!({"success": true, "state": "sent"})).await;
    assert_eq!(client.post(path, send("John", "hi")).await.fine()["state"], "sent");
    let other = HttpClient::new(server.port());
    let answer = async {
        let (id, _, message) = crate::team::action(&mut bridge).await;
        assert_eq!(message, "more", "what was sent is not sent again");
        crate::team::result(&mut bridge, &id, json!({"success": true, "state": "sent"})).await;
    };
    futures::join!(async { other.post(path, send("John", "more")).await.fine() }, answer);
}

#[tokio::test]
async fn names_in_paths_are_as_long_and_as_strange_as_elsewhere() {
    let server = TestServer::with(&[TOKENS[2]]).await;
    let client = HttpClient::new(server.port());
    let (longest, wide) = ("x".repeat(128), "\u{fc}".repeat(64));
    for (name, written) in [
        ("a/b", "a%2Fb".to_owned()),
        ("a%2Fb", "a%252Fb".to_owned()),
        ("..", "%2E%2E".to_owned()),
        ("a b?c#d", "a%20b%3Fc%23d".to_owned()),
        (&longest, longest.clone()),
        (&wide, "%C3%BC".repeat(64)),
    ] {
        let mut socket = TestClient::connect(&server.url()).await;
        let register = json!({"type": "register", "session": name, "client_id": name});
        socket.send(register).await;
        socket.expect("registration_confirmed").await;
        let session = format!("/api/v1/sessions/{written}");
        let clients = client.get(&format!("{session}/clients")).await.fine();
        assert_eq!(clients["clients"][0]["client_id"], name, "{clients}");
        client.put(&format!("{session}/contacts"), json!({"contacts": ["John"]})).await.fine();
        while socket.next().await["type"] != "contact_list_broadcast" {}
        client.post(&format!("/api/v1/chat/{written}/messages"), json!({"message": "#help"})).await.fine();
        let admin = client.token("the-token-of-admins");
        assert_eq!(admin.delete(&format!("{session}/clients/{written}")).await.status, 204, "{name}");
        assert_eq!(socket.ended().await.1, Some(4503));
    }
    for path in ["/api/v1/sessions/a/b/clients", "/api/v1/sessions//clients"] {
        assert!(
            matches!(client.get(path).await.problem(), (404, "not_found") | (400, "invalid_message")),
            "{path}"
        );
    }
    let too_long = format!("/api/v1/sessions/{}/clients", "%C3%BC".repeat(65));
    assert_eq!(client.get(&too_long).await.problem(), (400, "invalid_message"));
}
