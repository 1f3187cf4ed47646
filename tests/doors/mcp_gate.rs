//! What the door of MCP asks of a request before anybody reads what it says.

use crate::mcp_client::{ADMIN, Mcp, OLD, TOKEN, body_of, house, house_with};
use crate::patiently;
use crate::test_server::TestServer;
use crate::web::{self, Answer, request};
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const PING: &str = r#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#;

/// A request with everything but an `Authorization`, at this path.
async fn without_token(port: u16, method: &str, path: &str, headers: &str) -> Answer {
    let length = PING.len();
    let text = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{OLD}\
         {headers}\r\n{PING}"
    );
    request(port, &text).await
}

async fn at(port: u16, path: &str) -> Answer {
    without_token(port, "POST", path, &format!("Authorization: Bearer {TOKEN}\r\n")).await
}

/// The code of the JSON-RPC error, which has no `id`.
fn error_of(answer: &Answer) -> i64 {
    let body = body_of(answer);
    assert_eq!(body["jsonrpc"], "2.0", "{body}");
    assert!(body.get("id").is_none(), "{body}");
    body["error"]["code"].as_i64().expect("a code")
}

/// How many chats there are, which tells whether a tool ran.
async fn waiting(server: &TestServer) -> u64 {
    server.metric("strowger_waiting")
}

#[tokio::test]
async fn nobody_comes_in_without_the_token() {
    let server = house().await;
    let (port, plain) = (server.mcp_port(), "Bearer realm=\"strowger\"");
    for method in ["POST", "GET", "DELETE", "PUT", "PATCH", "OPTIONS"] {
        let answer = without_token(port, method, "/mcp", "").await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some(plain)), "{method}");
        assert_eq!(error_of(&answer), -32600);
    }
    let meet =
        json!({"method": "handle_message", "params": {"message": "#meet", "puch_user_id": "u"}}).to_string();
    let length = meet.len();
    let head = "POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let answer = request(port, &format!("{head}Content-Length: {length}\r\n\r\n{meet}")).await;
    assert_eq!(answer.status, 401);
    for elsewhere in
        [format!("Cookie: token={TOKEN}; access_token={TOKEN}\r\n"), format!("X-Api-Key: {TOKEN}\r\n")]
    {
        assert_eq!(without_token(port, "POST", "/mcp", &elsewhere).await.status, 401, "{elsewhere}");
    }
    let path = format!("/mcp?access_token={0}&token={0}", TOKEN);
    assert_eq!(without_token(port, "POST", &path, "").await.status, 401);
    for mut message in [
        json!({"method": "handle_message", "params": {"message": "#meet", "puch_user_id": "u", "bearer_token": TOKEN}}),
        json!({"method": "handle_message", "params": {"message": "#meet", "puch_user_id": "u"}, "bearer_token": TOKEN}),
    ] {
        for bare in [true, false] {
            if !bare {
                message["jsonrpc"] = json!("2.0");
                message["id"] = json!(7);
                message["method"] = json!("tools/call");
            }
            let (body, length) = (message.to_string(), message.to_string().len());
            let answer = request(port, &format!("{head}{OLD}Content-Length: {length}\r\n\r\n{body}")).await;
            assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some(plain)), "{body}");
        }
    }
    assert_eq!(waiting(&server).await, 0);
}

#[tokio::test]
async fn a_wrong_token_is_told_so() {
    let server = house().await;
    let invalid = Some("Bearer realm=\"strowger\", error=\"invalid_token\"");
    let long = "x".repeat(10_000);
    let prefix = &TOKEN[..TOKEN.len() - 1];
    for value in [
        "Bearer nonsense".to_owned(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        "Bearer \t ".to_owned(),
        format!("Bearer {prefix}"),
        format!("Bearer {TOKEN} x"),
        format!("Basic {TOKEN}"),
        TOKEN.to_owned(),
        format!("Bearer {long}"),
        "Bearer tökén".to_owned(),
    ] {
        let header = format!("Authorization: {value}\r\n");
        let answer = without_token(server.mcp_port(), "POST", "/mcp", &header).await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, invalid), "{value}");
    }
    let twice = format!("Authorization: Bearer {TOKEN}\r\n").repeat(2);
    assert_eq!(without_token(server.mcp_port(), "POST", "/mcp", &twice).await.status, 401);
}

#[tokio::test]
async fn the_scheme_is_read_as_http_has_it() {
    let server = house().await;
    for scheme in ["Bearer", "bearer", "BEARER", "Bearer  "] {
        for token in [TOKEN, ADMIN] {
            let header = format!("Authorization: {scheme} {token}\r\n");
            let answer = without_token(server.mcp_port(), "POST", "/mcp", &header).await;
            assert_eq!(answer.status, 200, "{scheme}");
        }
    }
}

#[tokio::test]
async fn whoever_guesses_is_slowed_and_a_right_token_never_is() {
    let server = house().await;
    let port = server.mcp_port();
    let guess = || without_token(port, "POST", "/mcp", "Authorization: Bearer guess\r\n");
    let mut statuses = Vec::new();
    for _ in 0..100 {
        statuses.push(guess().await.status);
    }
    assert!(statuses[..20].iter().all(|status| *status == 401), "{statuses:?}");
    assert!(statuses[20..].iter().all(|status| *status == 429), "{statuses:?}");
    let answer = guess().await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("3")));
    assert_eq!(Mcp::of(&server).post(OLD, PING).await.status, 200);
    assert_eq!(without_token(port, "POST", "/mcp", "").await.status, 401, "no token is no guess");
    server.step(Duration::from_secs(3));
    assert_eq!((guess().await.status, guess().await.status), (401, 429));
}

#[tokio::test]
async fn the_door_is_at_two_paths_on_two_ports_and_nowhere_else() {
    let server = house().await;
    for port in [server.mcp_port(), server.port()] {
        for path in ["/mcp", "/mcp/", "/mcp?x=y"] {
            let answer = at(port, path).await;
            assert_eq!((answer.status, answer.header("location")), (200, None), "{path}");
        }
        for path in [
            "/mcp/x",
            "//mcp",
            "/mcp//",
            "/MCP",
            "/mcp/../../etc/passwd",
            "/mcp/%2e%2e/x",
            "/sse",
            "/.well-known/oauth-protected-resource",
            "/.well-known/oauth-protected-resource/mcp",
            "/.well-known/oauth-authorization-server",
        ] {
            assert_eq!(at(port, path).await.status, 404, "{path}");
            // Who looks for a way to get a token is not asked for one.
            if path.starts_with("/.well-known") {
                let answer = web::get(port, path).await;
                assert_eq!((answer.status, answer.header("www-authenticate")), (404, None), "{path}");
            }
        }
    }
    let port = server.mcp_port();
    let health = web::get(port, "/health").await;
    assert_eq!((health.status, health.body.as_str()), (200, "ok\n"));
    for path in ["/", "/metrics", "/ready", "/api/v1/stats", "/pages/chat/chat.js"] {
        assert_eq!(web::get(port, path).await.status, 404, "{path}");
    }
    assert_eq!(web::upgrade(port, "/", "").await.status, 404, "there are no WebSockets here");
}

#[tokio::test]
async fn only_post_is_spoken() {
    let server = house().await;
    for method in ["GET", "DELETE", "PUT", "PATCH", "OPTIONS", "TRACE"] {
        let header = format!("Authorization: Bearer {TOKEN}\r\n");
        let answer = without_token(server.mcp_port(), method, "/mcp", &header).await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")), "{method}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[tokio::test]
async fn a_foreign_page_is_refused_before_its_token_is_looked_at() {
    let server = house_with(&["http.public_url=https://chat.example.org"]).await;
    let mcp = Mcp::of(&server);
    let with = async |origin: &str| mcp.post(&format!("{OLD}Origin: {origin}\r\n"), PING).await.status;
    for foreign in [
        "http://evil.example",
        "null",
        "http://localhost.evil.example",
        "http://127.0.0.1.nip.io",
        "http://chat.example.org",
        "file://",
        "",
    ] {
        assert_eq!(with(foreign).await, 403, "{foreign}");
        let header = format!("Origin: {foreign}\r\n");
        let asked = format!("{header}Access-Control-Request-Method: POST\r\n");
        let answer = without_token(mcp.port, "OPTIONS", "/mcp", &asked).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (403, None), "{foreign}");
    }
    for ours in ["http://localhost:8086", "http://127.0.0.1", "http://[::1]:1", "https://chat.example.org"] {
        let answer = mcp.post(&format!("{OLD}Origin: {ours}\r\n"), PING).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, None), "{ours}");
    }
    assert_eq!(with("http://localhost\r\nOrigin: http://evil.example").await, 403);
}

#[tokio::test]
async fn any_host_will_do_for_who_has_the_token() {
    let server = house().await;
    for host in ["evil.example", "abc.ngrok.app", "localhost:1", "[::1]"] {
        let text = Mcp::of(&server).written(OLD, PING).replacen("127.0.0.1", host, 1);
        let text = text.replacen(&format!("{host}:{}", server.mcp_port()), host, 1);
        assert_eq!(request(server.mcp_port(), &text).await.status, 200, "{host}");
    }
}

/// RFC 9112 section 3.2.
#[tokio::test]
async fn there_is_one_host_and_it_is_one() {
    let server = house().await;
    let mcp = Mcp::of(&server);
    let usual = format!("Host: 127.0.0.1:{}\r\n", mcp.port);
    for body in [PING, r#"{"method":"help"}"#] {
        let with = async |version: &str, hosts: &str| {
            let text = mcp.written(OLD, body).replacen("HTTP/1.1", version, 1).replacen(&usual, hosts, 1);
            request(mcp.port, &text).await
        };
        for hosts in [
            "",
            "Host:\r\n",
            "Host: a\r\nHost: a\r\n",
            "Host: a, b\r\n",
            "Host: a b\r\n",
            "Host: a/b\r\n",
            "Host: a:b\r\n",
            "Host: a:1:2\r\n",
            "Host: :1\r\n",
            "Host: somebody@a\r\n",
            "Host: http://a\r\n",
            "Host: [::1\r\n",
            "Host: tökén\r\n",
        ] {
            let answer = with("HTTP/1.1", hosts).await;
            assert_eq!((answer.status, error_of(&answer)), (400, -32600), "{hosts}{body}");
        }
        for hosts in ["Host: a\r\n", "host: a:\r\n", "Host: [::1]:8086\r\n", "Host: xn--app-7cd.example.\r\n"]
        {
            assert_eq!(with("HTTP/1.1", hosts).await.status, 200, "{hosts}{body}");
        }
        assert_eq!(with("HTTP/1.0", "").await.status, 200, "{body}");
        assert_eq!(with("HTTP/1.0", "Host: a b\r\n").await.status, 400, "{body}");
        assert_eq!(with("HTTP/1.0", "Host: a\r\nHost: a\r\n").await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn a_body_is_one_message_in_json() {
    let server = house().await;
    let mcp = Mcp::of(&server);
    let (deep, nested) = ("[".repeat(100_000), format!("{}{}", "[".repeat(5_000), "]".repeat(5_000)));
    let arguments = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"help","arguments":{nested}}}}}"#
    );
    for (body, code) in [
        ("{bad", -32700),
        ("", -32700),
        ("   ", -32700),
        (PING.strip_suffix('}').expect("a brace"), -32700),
        (deep.as_str(), -32700),
        (arguments.as_str(), -32700),
        (&format!("[{PING}]"), -32600),
        ("[]", -32600),
        ("\"ping\"", -32600),
        ("null", -32600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0"}"#, -32600),
        (r#"{"method":"nonsense"}"#, -32600),
        (r#"{"method":"help","params":[]}"#, -32600),
        ("{}", -32600),
    ] {
        let answer = mcp.post(OLD, body).await;
        let shown = &body[..body.len().min(60)];
        assert_eq!((answer.status, error_of(&answer)), (400, code), "{shown}");
    }
    let mut text = mcp.written(OLD, "{\"method\": \"hel?\"}").into_bytes();
    let place = text.iter().rposition(|byte| *byte == b'?').expect("a place");
    text[place] = 0xff;
    let mut stream = web::dial(mcp.port).await;
    patiently(stream.write_all(&text)).await.expect("the house reads");
    let answer = web::answer(&mut stream).await;
    assert_eq!((answer.status, error_of(&answer)), (400, -32700), "not UTF-8");
}

#[tokio::test]
async fn a_refused_request_hears_its_own_id() {
    let server = house().await;
    for body in [
        r#"{"jsonrpc":"1.0","id":"a","method":"ping"}"#,
        r#"{"id":"a","method":"help"}"#,
        r#"{"jsonrpc":"2.0","id":"a"}"#,
        r#"{"jsonrpc":"2.0","id":"a","result":{}}"#,
        r#"{"jsonrpc":"2.0","id":"a","method":5}"#,
        r#"{"jsonrpc":"2.0","id":"a","method":"tools/call","params":[]}"#,
    ] {
        let answer = Mcp::of(&server).post(OLD, body).await;
        let error = body_of(&answer);
        assert_eq!(
            (answer.status, &error["id"], &error["error"]["code"]),
            (400, &json!("a"), &json!(-32600)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn of_a_key_that_comes_twice_the_last_counts_and_one_thing_is_done() {
    let server = house().await;
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","method":"ping","params":{"name":"help"}}"#;
    let answer = Mcp::of(&server).post(OLD, body).await;
    assert_eq!((answer.status, body_of(&answer)["result"].clone()), (200, json!({})));
}

#[tokio::test]
async fn the_body_has_to_say_that_it_is_json() {
    let server = house().await;
    let mcp = Mcp::of(&server);
    let usual = "Content-Type: application/json";
    for (header, status) in [
        ("Content-Type: text/plain", 415),
        ("X-Nothing: x", 415),
        ("Content-Type: multipart/form-data; boundary=x", 415),
        ("Content-Type: application/jsonp", 415),
        ("Content-Type: application/json\r\nContent-Type: text/plain", 415),
        ("Content-Type: application/json; charset=utf-8", 200),
        ("Content-Type: Application/JSON", 200),
    ] {
        for body in [PING, r#"{"method":"help"}"#] {
            let text = mcp.written(OLD, body).replacen(usual, header, 1);
            assert_eq!(request(mcp.port, &text).await.status, status, "{header}");
        }
    }
}

#[tokio::test]
async fn what_is_accepted_is_looked_at_for_mcp_and_not_for_the_bare_form() {
    let server = house().await;
    let mcp = Mcp::of(&server);
    for (accept, status) in [
        ("", 200),
        ("Accept: */*\r\n", 200),
        ("Accept: text/event-stream, application/json;q=0.5\r\n", 200),
        ("Accept: application/json\r\n", 406),
        ("Accept: text/event-stream\r\n", 406),
        ("Accept: text/html\r\n", 406),
    ] {
        assert_eq!(mcp.post(accept, PING).await.status, status, "{accept}");
        assert_eq!(mcp.post(accept, r#"{"method":"help"}"#).await.status, 200, "{accept}");
    }
}

#[tokio::test]
async fn a_large_body_is_refused_before_it_is_read() {
    let server = house().await;
    let mcp = Mcp::of(&server);
    let fits = format!(r#"{{"method":"help","params":{{"x":"{}"}}}}"#, "x".repeat(255 * 1_024));
    assert_eq!(mcp.bare(serde_json::from_str(&fits).expect("JSON")).await.status, 200);
    let head = |length: &str| {
        format!(
            "POST /mcp HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n\
             {length}\r\n"
        )
    };
    let answer = request(mcp.port, &head("Content-Length: 263168\r\n")).await;
    assert_eq!((answer.status, error_of(&answer)), (413, -32600));
    let mut endless = web::dial(mcp.port).await;
    patiently(endless.write_all(head("Transfer-Encoding: chunked\r\n").as_bytes())).await.expect("room");
    let chunk = format!("400\r\n{}\r\n", "x".repeat(1_024));
    for _ in 0..257 {
        // It may be closed by now.
        let _ = patiently(endless.write_all(chunk.as_bytes())).await;
    }
    assert_eq!(web::answer(&mut endless).await.status, 413);
}

#[tokio::test]
async fn a_body_that_is_asked_for_first_is_not_asked_for_without_the_token() {
    let server = house().await;
    let head = "POST /mcp HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\nContent-Type: application/json\r\n\
                Content-Length: 40\r\nExpect: 100-continue\r\n\r\n";
    assert_eq!(request(server.mcp_port(), head).await.status, 401);
    let text = Mcp::of(&server).written("Expect: 100-continue\r\n", PING);
    let (head, body) = text.split_once("\r\n\r\n").expect("a body");
    let mut stream = web::dial(server.mcp_port()).await;
    let answer = web::ask(&mut stream, &format!("{head}\r\n\r\n")).await;
    assert_eq!(answer.status, 100);
    assert_eq!(web::ask(&mut stream, body).await.status, 200);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let server = house().await;
    let text = Mcp::of(&server).written("Expect: 100-continue\r\n", PING);
    let mut stream = web::dial(server.mcp_port()).await;
    let (head, body) = text.split_once("\r\n\r\n").expect("a body");
    assert_eq!(web::ask(&mut stream, &format!("{head}\r\n\r\n")).await.status, 100);
    patiently(stream.write_all(&body.as_bytes()[1..])).await.expect("the house reads");
    // After ten seconds of real time: the network's time is not the house's.
    let answer = web::answer(&mut stream).await;
    assert_eq!((answer.status, error_of(&answer)), (408, -32600));
}

/// What the port says to a request up to the end, which has to be one answer.
async fn only_answer(port: u16, text: &str) -> String {
    let mut stream = web::dial(port).await;
    patiently(stream.write_all(text.as_bytes())).await.expect("the house reads");
    let mut all = Vec::new();
    // That it is reset behind the answer is no matter.
    let _ = patiently(stream.read_to_end(&mut all)).await;
    let all = String::from_utf8_lossy(&all).into_owned();
    assert_eq!(all.matches("HTTP/1.1").count(), 1, "{text:?}: {all}");
    all
}

#[tokio::test]
async fn two_lengths_are_none() {
    let server = house().await;
    for header in ["Transfer-Encoding: chunked\r\n", "Content-Length: 5\r\n"] {
        let answer = only_answer(server.mcp_port(), &Mcp::of(&server).written(header, PING)).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
}

/// A line feed alone may end a line (RFC 9112 section 2.2), so what stands behind it is a line of its own, and has to be
/// one.
#[tokio::test]
async fn nobody_hides_a_line_in_a_header() {
    let server = house().await;
    for value in ["a\0b", "\0", "a\rb", "a\r", "a\rX-More: b", "a\nb", "a\n b"] {
        for body in [PING, r#"{"method":"help"}"#] {
            let text = Mcp::of(&server).written(&format!("{OLD}X-Odd: {value}\r\n"), body);
            let answer = only_answer(server.mcp_port(), &text).await;
            assert!(answer.starts_with("HTTP/1.1 400"), "{value:?}: {answer}");
        }
    }
}
