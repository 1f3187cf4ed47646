//! The protocol itself, in both its eras.

use crate::mcp_client::{ADMIN, Mcp, OLD, TOKEN, anew, body_of, house};
use crate::process::{Process, Room};
use crate::web;
use rustix::process::Signal;
use serde_json::{Value, json};

/// The version that a house of another era answers an unknown one with.
const NEWEST_OLD: &str = "2025-11-25";

fn initialize(version: &str) -> Value {
    json!({"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}})
}

#[tokio::test]
async fn a_greeting_is_answered_in_the_version_asked_for() {
    let server = house().await;
    for (asked, answered) in [
        ("2024-11-05", "2024-11-05"),
        ("2025-03-26", "2025-03-26"),
        ("2025-06-18", "2025-06-18"),
        ("2025-11-25", "2025-11-25"),
        ("2099-01-01", NEWEST_OLD),
        ("2026-07-28", NEWEST_OLD),
    ] {
        let answer = Mcp::of(&server).ask("initialize", initialize(asked)).await;
        let result = &answer["result"];
        assert_eq!(result["protocolVersion"], answered, "{answer}");
        assert_eq!(result["serverInfo"], json!({"name": "strowger", "version": env!("CARGO_PKG_VERSION")}));
        assert_eq!(result["capabilities"], json!({"tools": {}}));
        assert!(result["instructions"].as_str().is_some_and(|text| text.contains("word for word")));
    }
}

#[tokio::test]
async fn there_is_no_session_and_what_names_one_is_not_looked_at() {
    let server = house().await;
    let mcp = Mcp::of(&server);
    let body = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": initialize("2025-06-18")});
    let answer = mcp.post(OLD, &body.to_string()).await;
    assert_eq!((answer.status, answer.header("mcp-session-id")), (200, None));
    assert_eq!(body_of(&answer)["id"], 0);
    for session in ["nonsense", "../../etc/passwd", &"x".repeat(8_000)] {
        let answer = mcp
            .post(
                &format!("{OLD}Mcp-Session-Id: {session}\r\n"),
                r#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#,
            )
            .await;
        assert_eq!(
            (answer.status, body_of(&answer)),
            (200, json!({"jsonrpc": "2.0", "id": 7, "result": {}}))
        );
        assert!(!answer.head.contains(session));
    }
}

#[tokio::test]
async fn news_is_taken_without_a_word_and_answers_are_not() {
    let server = house().await;
    let mcp = Mcp::of(&server);
    for news in ["notifications/initialized", "notifications/cancelled", "notifications/nonsense"] {
        let body = json!({"jsonrpc": "2.0", "method": news, "params": {"requestId": 5}}).to_string();
        let answer = mcp.post(&format!("{OLD}MCP-Protocol-Version: 2025-06-18\r\n"), &body).await;
        assert_eq!((answer.status, answer.body.as_str()), (202, ""), "{news}");
    }
    let answer = mcp.post(OLD, r#"{"jsonrpc":"2.0","id":1,"result":{}}"#).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn a_version_that_nobody_knows_is_refused() {
    let server = house().await;
    let mcp = Mcp::of(&server);
    let ping = r#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#;
    assert_eq!(mcp.post(&format!("{OLD}MCP-Protocol-Version: 1999-01-01\r\n"), ping).await.status, 400);
    let answer = mcp
        .post(
            &format!("{OLD}MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\n"),
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/list"}"#,
        )
        .await;
    assert_eq!((answer.status, &body_of(&answer)["error"]["code"]), (400, &json!(-32602)), "{answer:?}");
    let (headers, request) = anew("tools/list", None, json!({}));
    let other = headers.replace("2026-07-28", "2025-11-25");
    let answer = mcp.post(&other, &request.to_string()).await;
    assert_eq!((answer.status, &body_of(&answer)["error"]["code"]), (400, &json!(-32020)), "{answer:?}");
    let (headers, request) = (
        headers.replace("2026-07-28", "2026-09-09"),
        request.to_string().replace("2026-07-28", "2026-09-09"),
    );
    let answer = mcp.post(&headers, &request).await;
    let error = body_of(&answer)["error"].clone();
    assert_eq!((answer.status, &error["code"]), (400, &json!(-32022)), "{answer:?}");
    assert!(error["data"]["supported"].as_array().expect("a list").contains(&json!("2026-07-28")), "{error}");
}

#[tokio::test]
async fn the_newest_era_discovers_lists_and_calls() {
    let server = house().await;
    let mcp = Mcp::of(&server);
    let answer = mcp.ask_anew("server/discover", None, json!({})).await;
    let result = body_of(&answer)["result"].clone();
    assert!(
        result["supportedVersions"].as_array().expect("a list").contains(&json!("2026-07-28")),
        "{result}"
    );
    assert!(result["ttlMs"].is_u64(), "{result}");
    assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "strowger", "{result}");
    let answer = mcp.ask_anew("tools/list", None, json!({})).await;
    let result = body_of(&answer)["result"].clone();
    assert_eq!(result["tools"].as_array().map(Vec::len), Some(5));
    assert_eq!(result["cacheScope"], "private", "the list depends on the token");
    let params = json!({"name": "handle_message", "arguments": {"message": "#meet", "puch_user_id": "u"}});
    let answer = mcp.ask_anew("tools/call", Some("handle_message"), params).await;
    let result = body_of(&answer)["result"].clone();
    assert_eq!(
        (&result["resultType"], &result["structuredContent"]["state"]),
        (&json!("complete"), &json!("waiting"))
    );
}

#[tokio::test]
async fn in_the_newest_era_head_and_body_say_the_same() {
    let server = house().await;
    let mcp = Mcp::of(&server);
    let params = json!({"name": "handle_message", "arguments": {"message": "#meet", "puch_user_id": "u"}});
    let (headers, request) = anew("tools/call", Some("handle_message"), params);
    let twice = |first: &str, second: &str| {
        let right = if first.starts_with("Mcp-Method") {
            "Mcp-Method: tools/call"
        } else {
            "Mcp-Name: handle_message"
        };
        headers.replace(right, &format!("{first}\r\n{second}"))
    };
    for wrong in [
        headers.replace("Mcp-Method: tools/call", "Mcp-Method: tools/list"),
        headers.replace("Mcp-Method: tools/call\r\n", ""),
        headers.replace("Mcp-Name: handle_message", "Mcp-Name: help"),
        headers.replace("Mcp-Name: handle_message\r\n", ""),
        headers.replace("Mcp-Name: handle_message", "Mcp-Name: =?base64?%%%?="),
        // Whoever reads only one of two, the first or the last, must not be fooled.
        twice("Mcp-Method: tools/call", "Mcp-Method: tools/call"),
        twice("Mcp-Method: tools/call", "Mcp-Method: tools/list"),
        twice("Mcp-Method: tools/list", "Mcp-Method: tools/call"),
        twice("Mcp-Name: handle_message", "Mcp-Name: handle_message"),
        twice("Mcp-Name: handle_message", "Mcp-Name: help"),
        twice("Mcp-Name: help", "Mcp-Name: handle_message"),
    ] {
        let answer = mcp.post(&wrong, &request.to_string()).await;
        assert_eq!((answer.status, &body_of(&answer)["error"]["code"]), (400, &json!(-32020)), "{wrong}");
    }
    assert_eq!(server.metric("strowger_waiting"), 0, "no tool ran");
    assert_eq!(mcp.post(&headers, &request.to_string()).await.status, 200);
    assert_eq!(server.metric("strowger_waiting"), 1);
}

#[tokio::test]
async fn a_method_that_is_not_there_is_told_so_in_each_era() {
    let server = house().await;
    let mcp = Mcp::of(&server);
    let answer = mcp.ask("nonsense/method", json!({})).await;
    assert_eq!(answer["error"]["code"], -32601);
    for gone in ["ping", "nonsense/method", "logging/setLevel"] {
        let answer = mcp.ask_anew(gone, None, json!({"level": "info"})).await;
        assert_eq!((answer.status, &body_of(&answer)["error"]["code"]), (404, &json!(-32601)), "{gone}");
    }
}

#[tokio::test]
async fn there_is_nothing_to_subscribe_to() {
    let server = house().await;
    let mcp = Mcp::of(&server);
    let uri = "file:///nothing";
    let filter = json!({"toolsListChanged": true, "resourceSubscriptions": [uri]});
    for (method, name, params) in [
        ("subscriptions/listen", None, json!({"notifications": filter})),
        ("subscriptions/listen", None, json!({"notifications": {}})),
        ("resources/subscribe", Some(uri), json!({"uri": uri})),
    ] {
        let answer = mcp.ask_anew(method, name, params.clone()).await;
        // What has a length is no open stream.
        assert!(answer.header("content-length").is_some(), "{answer:?}");
        let answered = body_of(&answer);
        assert_eq!((answer.status, &answered["id"]), (404, &json!(7)), "{method}: {answer:?}");
        assert_eq!(answered["error"]["code"], -32601, "{method}");
        assert_eq!(mcp.ask(method, params).await["error"]["code"], -32601, "{method}");
    }
}

#[tokio::test]
async fn one_connection_serves_request_after_request() {
    let server = house().await;
    let mcp = Mcp::of(&server);
    let mut stream = web::dial(mcp.port).await;
    for n in 0..20 {
        let body = json!({"jsonrpc": "2.0", "id": n, "method": "tools/call", "params": {"name": "help"}});
        let answer = web::ask(&mut stream, &mcp.written(OLD, &body.to_string())).await;
        assert_eq!((answer.status, &body_of(&answer)["id"]), (200, &json!(n)));
    }
}

/// Words that stand in nobody's log by chance: what a host may send, each in its place.
const MARKS: [&str; 7] =
    ["Quetzalcoatl", "Xylophonist", "zugzwang", "Wolpertinger", "kerfuffle", "snollygoster", "9198765432"];

/// Calls of all kinds, taken and refused, with a mark wherever somebody could put one.
async fn call_with_marks(port: u16) {
    let mcp = Mcp { port, token: TOKEN };
    for who in ["Quetzalcoatl 1", "Quetzalcoatl 2"] {
        for message in ["#meet", "zugzwang 9198765432", "#kerfuffle", "#m"] {
            let arguments = json!({"message": message, "puch_user_id": who, "user_nickname": "Xylophonist"});
            let params = json!({"name": "handle_message", "arguments": arguments});
            mcp.ask("tools/call", params.clone()).await;
            mcp.ask_anew("tools/call", Some("handle_message"), params).await;
            mcp.bare(json!({"method": "handle_message", "params": arguments})).await;
        }
    }
    assert_eq!(mcp.call("validate", json!({})).await["content"][0]["text"], "919876543210");
    mcp.call("handle_message", json!({"message": "kerfuffle", "puch_user_id": ["Quetzalcoatl"]})).await;
    mcp.ask("tools/call", json!({"name": "Wolpertinger", "arguments": {"kerfuffle": 1}})).await;
    mcp.ask("Wolpertinger/kerfuffle", json!({"kerfuffle": 1})).await;
    mcp.ask_anew("Wolpertinger/kerfuffle", None, json!({})).await;
    mcp.post("Mcp-Session-Id: snollygoster\r\nMcp-Method: snollygoster\r\n", "{\"kerfuffle").await;
    mcp.post(
        &format!("{OLD}MCP-Protocol-Version: snollygoster\r\n"),
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}",
    )
    .await;
    mcp.post("Origin: https://snollygoster.test\r\nCookie: snollygoster\r\n", "{}").await;
    let guesser = Mcp { token: "snollygoster", ..mcp };
    guesser.post(OLD, "{\"kerfuffle\": 1}").await;
    let (headers, request) = anew("tools/list", None, json!({}));
    let wrong = headers.replace("tools/list", "snollygoster");
    mcp.post(&wrong, &request.to_string().replace("\"id\":7", "\"id\":\"kerfuffle\"")).await;
    let text = mcp.written(OLD, "{\"kerfuffle\": 1}");
    for (named, status) in [("access_token=snollygoster", 400), ("snollygoster&access_token=kerfuffle", 400)]
    {
        let asked = text.replacen("/mcp", &format!("/mcp?{named}"), 1);
        assert_eq!(web::request(port, &asked).await.status, status);
        let nobody = asked.replacen(&format!("Authorization: Bearer {TOKEN}\r\n"), "", 1);
        assert_eq!(web::request(port, &nobody).await.status, 401);
    }
    wait_with_marks(Mcp { token: ADMIN, ..mcp }).await;
}

/// Waits that are answered at once, refused, and given up.
async fn wait_with_marks(mcp: Mcp) {
    // Whoever parted does not meet the same one again at once.
    let (first, second) = (["Quetzalcoatl 3", "Quetzalcoatl 4"], ["Quetzalcoatl 5", "Quetzalcoatl 6"]);
    for (token, [one, other]) in [(Some("kerfuffle 9198765432"), first), (None, second)] {
        for who in [one, other] {
            mcp.say(who, "#meet").await;
        }
        assert_eq!(mcp.say(other, "zugzwang").await.content()["state"], "paired");
        let result = mcp.begin_wait(one, 50, token).await.result().await;
        assert!(result.to_string().contains("zugzwang"), "{result}");
        // Whoever waits in vain, and another call that takes their place.
        let before = mcp.begin_wait(one, 50, token).await;
        drop((before, mcp.begin_wait(one, 50, token).await));
        for who in [one, other] {
            mcp.say(who, "#bye").await;
        }
    }
    let params =
        json!({"name": "wait_for_messages", "arguments": {"puch_user_id": "", "kerfuffle": "snollygoster"}});
    mcp.ask("tools/call", params).await;
}

#[tokio::test]
async fn nothing_of_a_call_is_in_the_log() {
    let room = Room::new();
    let environment = [
        ("LOG_LEVEL", "TRACE"),
        ("NO_COLOR", "1"),
        ("AUTH_TOKEN", TOKEN),
        ("ADMIN_TOKEN", ADMIN),
        ("MY_NUMBER", "919876543210"),
    ];
    let flags = ["--port", "0", "--mcp-port", "0", "--mcp-host", "localhost"];
    let house = Process::start(&room, &flags, &environment);
    let port = loop {
        let line = house.line();
        if let Some((_, port)) =
            line.split_once("http://localhost:").filter(|(_, rest)| rest.ends_with("/mcp"))
        {
            break port.trim_end_matches("/mcp").parse().expect("a port");
        }
    };
    call_with_marks(port).await;
    house.signal(Signal::TERM);
    let ended = house.ended();
    assert!(ended.status.success());
    let said = [ended.stdout, ended.stderr].concat().join("\n");
    assert!(said.contains("A client is on a call"), "the log is on: {said}");
    let found: Vec<_> = MARKS.iter().chain(&[TOKEN, ADMIN]).filter(|mark| said.contains(**mark)).collect();
    assert!(found.is_empty(), "{found:?} in\n{said}");
}

/// Ten thousand greetings, after some that let the buffers grow. `scripts/test mcp` runs it.
#[cfg(target_os = "linux")]
#[tokio::test]
#[ignore = "takes a while; its memory is that of the whole process"]
async fn ten_thousand_greetings_leave_nothing_behind() {
    let server = house().await;
    let mcp = Mcp::of(&server);
    let greet = async |times: u32| {
        let body =
            json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": initialize("2025-06-18")});
        let text = mcp.written(OLD, &body.to_string());
        let mut stream = web::dial(mcp.port).await;
        for _ in 0..times {
            assert_eq!(web::ask(&mut stream, &text).await.status, 200);
        }
    };
    greet(1_000).await;
    let before = resident();
    greet(10_000).await;
    let grown = resident().saturating_sub(before);
    assert!(grown < 20 * 1_024, "{grown} KiB");
}

/// This process's memory, in KiB.
#[cfg(target_os = "linux")]
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim_end_matches("kB").trim().parse().expect("a number")
}
