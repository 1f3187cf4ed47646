//! The same door for browsers and machines: pages, figures, and who may upgrade.

use crate::patiently;
use crate::raw_client::{RawClient, TEXT, frame};
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use crate::web::{self, get, request, upgrade};
use serde_json::json;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types 'none'";

/// The pages. What each of them refers to has to be there.
const PAGES: [&str; 5] = ["/", "/dashboard", "/docs", "/privacy", "/session"];

#[tokio::test]
async fn the_page_and_its_files_come_with_their_types_and_a_strict_policy() {
    let server = TestServer::start().await;
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/pages/chat/chat.css", "text/css; charset=utf-8"),
        ("/pages/chat/chat.js", "text/javascript; charset=utf-8"),
        ("/pages/shared/connection.js", "text/javascript; charset=utf-8"),
        ("/pages/chat/conversation.js", "text/javascript; charset=utf-8"),
        ("/pages/chat/typing.js", "text/javascript; charset=utf-8"),
        ("/pages/shared/icon.svg", "image/svg+xml"),
    ] {
        let answer = get(server.port(), path).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)), "{path}");
        assert_eq!(answer.header("content-security-policy"), Some(POLICY), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(!answer.body.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn whatever_the_page_refers_to_is_there_and_its_own() {
    let server = TestServer::start().await;
    for page in PAGES {
        let text = get(server.port(), page).await.body;
        let mut seen = 0;
        for attribute in ["src=\"", "href=\""] {
            for rest in text.split(attribute).skip(1) {
                let path = rest.split('"').next().expect("an end");
                assert!(!path.contains(':'), "{path} in {page} is somewhere else");
                let path = format!("/{}", path.trim_start_matches("./").trim_start_matches('/'));
                let path = path.split('#').next().expect("a beginning");
                assert_eq!(get(server.port(), path).await.status, 200, "{path} in {page}");
                seen += 1;
            }
        }
        assert!(seen >= 3, "two styles and an icon at least in {page}");
        // What the policy would block must not be in it.
        for inline in ["<style", "style=", "onclick=", "<script>", "javascript:"] {
            assert!(!text.contains(inline), "{inline} in {page}");
        }
    }
}

#[tokio::test]
async fn a_page_comes_packed_to_who_takes_that_and_once_to_who_has_it() {
    let server = TestServer::start().await;
    let ask = async |more: &str| {
        let head = format!("GET /pages/chat/chat.js HTTP/1.1\r\nHost: x\r\n{more}\r\n");
        request(server.port(), &head).await
    };
    let plain = ask("").await;
    assert_eq!((plain.header("content-encoding"), plain.header("vary")), (None, Some("accept-encoding")));
    let packed = ask("Accept-Encoding: gzip, br\r\n").await;
    assert_eq!((packed.status, packed.header("content-encoding")), (200, Some("gzip")));
    let length = |answer: &web::Answer| {
        answer.header("content-length").expect("a length").parse::<usize>().expect("a number")
    };
    assert!(length(&packed) * 2 < length(&plain), "{} of {}", length(&packed), length(&plain));
    let tag = plain.header("etag").expect("a tag").to_owned();
    assert_ne!(packed.header("etag"), Some(&*tag), "they are not the same bytes");
    let known = ask(&format!("If-None-Match: {tag}\r\n")).await;
    assert_eq!((known.status, known.header("etag"), &*known.body), (304, Some(&*tag), ""));
    assert!(
        known.header("content-security-policy").is_some(),
        "RFC 9111 section 3.2: what is kept is brought up to date"
    );
    assert_eq!(ask(&format!("If-None-Match: {tag}\r\nAccept-Encoding: gzip\r\n")).await.status, 200);
    let name = "strowger_requests_total{door=\"page\",status=\"3xx\"}";
    assert_eq!(server.metric_of(name), 1);
}

#[tokio::test]
async fn machines_hear_that_it_lives_and_is_ready() {
    let server = TestServer::start().await;
    for path in ["/health", "/ready"] {
        assert_eq!(get(server.port(), path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn the_figures_can_be_read_and_name_nobody() {
    let server = TestServer::start().await;
    let (mut a, mut b) = crate::test_client::couple(&server.url()).await;
    a.say("hello").await;
    b.hear().await;
    a.say("#bye").await;
    b.expect("chat_event").await;
    b.say("nobody there").await;
    b.expect("response").await;
    let broken = TestClient::connect(&server.url()).await;
    drop(broken);

    let answer = get(server.port(), "/metrics").await;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)));
    assert!(answer.body.ends_with("# EOF\n"));
    for line in answer.body.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').expect("a name and a value");
        assert!(value.parse::<f64>().is_ok_and(|value| value >= 0.0), "{line}");
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        assert!(name.starts_with("strowger_"), "{line}");
        let outcomes = ["delivered", "held", "refused", "failed", "recovered", "missed", "unknown", "kept"];
        let is_outcome = outcomes.iter().any(|outcome| labels == format!("outcome=\"{outcome}\"}}"));
        let reasons = ["full", "address", "origin", "token", "handshake", "request", "answer"];
        let is_reason = reasons.iter().any(|reason| labels == format!("reason=\"{reason}\"}}"));
        let is_code = |labels: &str| labels.strip_prefix("code=\"").is_some_and(|code| code.len() == 6);
        let is_close = name == "strowger_closes_total" && is_code(labels);
        let states = ["fate=\"handed\"}", "fate=\"acknowledged\"}", "fate=\"unknown\"}"];
        let is_state =
            states.contains(&labels) || ["state=\"connected\"}", "state=\"unavailable\"}"].contains(&labels);
        let is_asked = ["page", "rest", "mcp"].iter().any(|door| {
            let statuses = ["2xx", "3xx", "4xx", "5xx"];
            statuses.iter().any(|status| labels == format!("door=\"{door}\",status=\"{status}\"}}"))
        });
        let step = labels.strip_prefix("le=\"").and_then(|rest| rest.strip_suffix("\"}"));
        let is_step = step.is_some_and(|step| step == "+Inf" || step.parse::<f64>().is_ok());
        assert!(
            is_step || labels == "}" || is_outcome || is_reason || is_state || is_close || is_asked,
            "{line}"
        );
    }
    for line in [
        "strowger_texts_total{outcome=\"delivered\"} 1",
        "strowger_texts_total{outcome=\"refused\"} 1",
        "strowger_clients 2",
        "strowger_pairs 0",
        "strowger_pairs_made_total 1",
        "strowger_waiting 0",
    ] {
        assert!(answer.body.lines().any(|found| found == line), "{line} in\n{}", answer.body);
    }
}

#[tokio::test]
async fn requests_are_counted_by_door_and_status() {
    let server = crate::mcp_client::house().await;
    let of = |door: &str, status: &str| {
        server.metric_of(&format!("strowger_requests_total{{door=\"{door}\",status=\"{status}\"}}"))
    };
    for path in ["/", "/api/v1/stats", "/api/v1/nope", "/api", "/apix", "/api/v1/chat/anna/messages", "/mcp"]
    {
        get(server.port(), path).await;
    }
    let mcp = crate::mcp_client::Mcp::of(&server);
    mcp.say("anna", "#who").await;
    let ai =
        "POST /api/v1/ai HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n";
    assert_eq!(request(server.port(), &format!("{ai}{{\"prompt\":\"x\"}}")).await.status, 503);
    upgrade(server.port(), "/", "").await;
    assert_eq!((of("page", "2xx"), of("page", "4xx"), of("page", "5xx")), (1, 1, 0), "a WebSocket is none");
    assert_eq!((of("rest", "2xx"), of("rest", "4xx"), of("rest", "5xx")), (2, 2, 1));
    assert_eq!((of("mcp", "2xx"), of("mcp", "4xx"), of("mcp", "5xx")), (1, 1, 0), "on both ports");
}

#[tokio::test]
async fn the_figures_fall_back_when_everybody_has_left() {
    let server = TestServer::with(&["chat.grace=0s"]).await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        let (a, b) = crate::test_client::couple(&server.url()).await;
        clients.extend([a, b]);
    }
    let mut waiting = TestClient::join(&server.url(), "Waiting").await;
    assert_eq!(waiting.ask("#meet").await["state"], "waiting");
    let unregistered = TestClient::connect(&server.url()).await;
    clients.extend([waiting, unregistered]);
    assert_eq!((server.metric("strowger_pairs"), server.metric("strowger_clients")), (3, 7));
    for (n, client) in clients.into_iter().enumerate() {
        // Half of them say goodbye, the others are cut off.
        if n % 2 == 0 {
            client.close().await;
        }
    }
    patiently(async {
        for name in ["sockets", "clients", "waiting", "pairs", "sessions"] {
            while server.metric(&format!("strowger_{name}")) > 0 {
                tokio::task::yield_now().await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_hub_is_at_the_root_and_at_ws() {
    let server = TestServer::start().await;
    for path in ["", "ws"] {
        let mut client = TestClient::connect(&format!("{}{path}", server.url())).await;
        client.send(json!({"type": "ping"})).await;
        client.expect("pong").await;
    }
    let firefox = web::HANDSHAKE.replace("Connection: Upgrade", "Connection: keep-alive, Upgrade");
    let answer = request(server.port(), &format!("GET / HTTP/1.1\r\nHost: x\r\n{firefox}\r\n")).await;
    assert_eq!(answer.status, 101);
    // The accept of RFC 6455 section 1.3 for the key of that section.
    let answer = upgrade(server.port(), "/ws?colour=red", "").await;
    assert_eq!(
        (answer.status, answer.header("sec-websocket-accept")),
        (101, Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
    );
}

#[tokio::test]
async fn a_connection_that_asked_for_a_page_may_upgrade_afterwards() {
    let server = TestServer::start().await;
    let stream = web::dial(server.port()).await;
    let requests =
        format!("GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n{}\r\n", web::HANDSHAKE);
    let bytes = [requests.as_bytes(), &frame(TEXT, br#"{"type":"ping"}"#)].concat();
    let mut client = RawClient { stream };
    client.write(&bytes).await;
    assert_eq!(web::answer(&mut client.stream).await.status, 200);
    assert_eq!(web::answer(&mut client.stream).await.status, 101);
    assert_eq!(client.next().await["type"], "pong");
}

#[tokio::test]
async fn a_foreign_page_is_refused_and_our_own_are_not() {
    let server = TestServer::with(&["http.public_url=https://chat.example.org"]).await;
    let port = server.port();
    for foreign in
        ["https://evil.test", "null", "http://localhost.evil.test", "http://chat.example.org", "file://"]
    {
        let answer = upgrade(port, "/", &format!("Origin: {foreign}\r\n")).await;
        assert_eq!(answer.status, 403, "{foreign}");
    }
    for ours in [
        "https://chat.example.org".to_owned(),
        format!("http://127.0.0.1:{port}"),
        format!("http://localhost:{port}"),
        "http://[::1]:8002".to_owned(),
    ] {
        assert_eq!(upgrade(port, "/", &format!("Origin: {ours}\r\n")).await.status, 101, "{ours}");
    }
    let twice = upgrade(port, "/", "Origin: http://localhost\r\nOrigin: https://evil.test\r\n").await;
    assert_eq!(twice.status, 403);
    assert_eq!(server.metric("strowger_closes_total"), 0);
}

#[tokio::test]
async fn a_handshake_with_something_missing_is_a_bad_request() {
    let server = TestServer::start().await;
    let port = server.port();
    let host = format!("Host: 127.0.0.1:{port}\r\n");
    let without = |header: &str| {
        let lines = web::HANDSHAKE.split_inclusive("\r\n").filter(|line| !line.starts_with(header));
        format!("GET / HTTP/1.1\r\n{host}{}\r\n", lines.collect::<String>())
    };
    let handshake = web::HANDSHAKE;
    for (what, text) in [
        ("HTTP/1.0", format!("GET / HTTP/1.0\r\n{host}{handshake}\r\n")),
        ("no key", without("Sec-WebSocket-Key")),
        ("no Connection", without("Connection")),
        ("POST", format!("POST / HTTP/1.1\r\n{host}{handshake}Content-Length: 0\r\n\r\n")),
    ] {
        assert_eq!(request(port, &text).await.status, 400, "{what}");
    }
    let old = request(port, &without("Sec-WebSocket-Version")).await;
    assert!([400, 426].contains(&old.status), "{old:?}");
    assert_eq!(request(port, "nonsense\r\n\r\n").await.status, 400);
}

#[tokio::test]
async fn a_refused_handshake_takes_no_seat() {
    let server = TestServer::with(&["limits.connections=1"]).await;
    for _ in 0..5 {
        assert_eq!(upgrade(server.port(), "/", "Origin: https://evil.test\r\n").await.status, 403);
    }
    assert_eq!(server.metric("strowger_sockets"), 0);
    let mut client = TestClient::join(&server.url(), "Anna").await;
    assert_eq!(client.ask("#who").await["state"], "idle");
}

#[tokio::test]
async fn anything_else_is_not_found() {
    let server = TestServer::start().await;
    for path in
        ["/nothing", "/chat.htm", "/..", "/../Cargo.toml", "/%2e%2e/Cargo.toml", "/api/v1/nothing", "//"]
    {
        assert_eq!(get(server.port(), path).await.status, 404, "{path}");
    }
    let lost = get(server.port(), "/sesion").await;
    assert_eq!(lost.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(lost.body.contains("The chat is at /"), "{lost:?}");
    assert_eq!(upgrade(server.port(), "/nothing", "").await.status, 404);
}

#[tokio::test]
async fn a_page_that_is_posted_to_is_not_served() {
    let server = TestServer::start().await;
    let post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(request(server.port(), post).await.status, 405);
}
