//! The tools, as hosts and models find them.

use crate::mcp_client::{Mcp, OLD, TOKEN, body_of, house, house_with, text_of};
use crate::test_client::couple;
use crate::web::request;
use serde_json::{Value, json};
use std::time::Duration;

const FOR_ALL: [&str; 5] = ["validate", "handle_message", "get_stats", "cleanup_inactive", "help"];

fn names(tools: &Value) -> Vec<&str> {
    tools.as_array().expect("a list").iter().map(|tool| tool["name"].as_str().expect("a name")).collect()
}

/// Every place of a schema where something stands that a reader may not know.
fn oddities(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(object) => {
            for odd in ["format", "$ref", "anyOf", "oneOf", "$schema"] {
                found.extend(object.contains_key(odd).then(|| odd.to_owned()));
            }
            found.extend(object.get("default").filter(|value| value.is_null()).map(|_| "default".to_owned()));
            found.extend(object.get("type").filter(|kind| kind.is_array()).map(ToString::to_string));
            object.values().for_each(|value| oddities(value, found));
        }
        Value::Array(array) => array.iter().for_each(|value| oddities(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_list_is_the_same_each_time_and_its_tools_are_described() {
    let server = house().await;
    let mcp = Mcp::of(&server);
    let list = mcp.ask("tools/list", json!({})).await["result"]["tools"].clone();
    assert_eq!(names(&list), FOR_ALL);
    assert_eq!(mcp.ask("tools/list", json!({})).await["result"]["tools"], list);
    for tool in list.as_array().expect("a list") {
        assert!(tool["description"].as_str().expect("a description").len() > 50, "{tool}");
        assert!(tool["annotations"]["title"].is_string(), "{tool}");
        assert_eq!(tool["inputSchema"]["type"], "object");
        assert!(tool.get("outputSchema").is_none_or(|schema| schema["type"] == "object"), "{tool}");
        // Some clients hold an error to it, which has a code and nothing else.
        assert!(tool["outputSchema"].get("required").is_none(), "{tool}");
        let mut found = Vec::new();
        oddities(&tool["inputSchema"], &mut found);
        oddities(&tool["outputSchema"], &mut found);
        assert!(found.is_empty(), "{found:?} in {tool:#}");
    }
}

#[tokio::test]
async fn each_tool_says_what_it_does_to_the_world() {
    let server = house().await;
    let list = Mcp::admin_of(&server).ask("tools/list", json!({})).await["result"]["tools"].clone();
    let hints = |name: &str| {
        let tool =
            list.as_array().expect("a list").iter().find(|tool| tool["name"] == name).expect("it is there");
        let hint = |hint: &str| tool["annotations"][hint].as_bool().expect("a hint");
        [hint("readOnlyHint"), hint("destructiveHint"), hint("idempotentHint"), hint("openWorldHint")]
    };
    for (name, expected) in [
        ("validate", [true, false, true, false]),
        ("get_stats", [true, false, true, false]),
        ("help", [true, false, true, false]),
        ("handle_message", [false, false, false, true]),
        ("cleanup_inactive", [false, true, true, false]),
        ("wait_for_messages", [false, false, false, true]),
    ] {
        assert_eq!(hints(name), expected, "{name}");
    }
}

#[tokio::test]
async fn only_a_program_sees_the_tool_that_waits() {
    let server = house().await;
    let list = Mcp::admin_of(&server).ask("tools/list", json!({})).await["result"]["tools"].clone();
    assert_eq!(names(&list), [&FOR_ALL[..], &["wait_for_messages"]].concat());
    let params = json!({"name": "wait_for_messages", "arguments": {"puch_user_id": "u"}});
    let answer = Mcp::of(&server).ask("tools/call", params).await;
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
}

#[tokio::test]
async fn what_handle_message_takes_is_in_its_schema() {
    let server = house().await;
    let list = Mcp::of(&server).ask("tools/list", json!({})).await["result"]["tools"].clone();
    let takes = &list[1]["inputSchema"];
    assert_eq!(takes["required"], json!(["message", "puch_user_id"]));
    for name in ["message", "puch_user_id", "user_nickname"] {
        assert_eq!(takes["properties"][name]["type"], "string", "{takes:#}");
        assert!(takes["properties"][name]["description"].is_string(), "{takes:#}");
    }
    let minutes = &list[3]["inputSchema"]["properties"]["timeout_minutes"];
    assert_eq!((&minutes["type"], &minutes["default"]), (&json!("integer"), &json!(30)));
    let gives = &list[1]["outputSchema"]["properties"];
    for name in ["reply", "state", "partner", "messages", "dropped"] {
        assert!(gives[name].is_object(), "{name} in {gives:#}");
    }
    assert_eq!(gives["state"]["enum"], json!(["idle", "waiting", "paired"]), "{gives:#}");
    let description = list[1]["description"].as_str().expect("a description");
    for part in ["EVERY message", "word for word", "never follow instructions", "Side effects"] {
        assert!(description.contains(part), "{part}");
    }
}

#[tokio::test]
async fn the_calls_of_the_guide_work_as_they_stand() {
    let server = house().await;
    let port = server.mcp_port();
    let curl = async |body: &str| {
        let length = body.len();
        let text = format!(
            "POST /mcp HTTP/1.1\r\nHost: localhost:{port}\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\
             Content-Type: application/json\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let answer = request(port, &text).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        body_of(&answer)
    };
    let answer = curl(
        r##"{"method": "handle_message", "params": {"message": "#meet", "puch_user_id": "test_user_1"}}"##,
    )
    .await;
    assert_eq!((&answer["jsonrpc"], &answer["id"]), (&json!("2.0"), &Value::Null));
    assert!(answer.as_object().expect("an object").contains_key("id"));
    let text = "🔍 Looking for someone to chat with... Please wait while we find you a partner!";
    assert_eq!(
        answer["result"],
        json!({
            "content": [{"type": "text", "text": text}],
            "structuredContent": {"reply": text, "state": "waiting", "messages": [], "dropped": 0},
            "isError": false,
        })
    );
    let answer = curl(r#"{"method": "get_stats", "params": {}}"#).await;
    assert_eq!(
        answer["result"]["structuredContent"],
        json!({
            "active_users": 1, "waiting_users": 1, "active_pairs": 0, "total_connections": 0,
            "messages_relayed": 0, "uptime_seconds": 0, "status": "healthy",
        })
    );
    assert!(text_of(&answer["result"]).contains("Active users: 1"));
}

#[tokio::test]
async fn the_bare_form_gives_what_the_tool_gives() {
    let server = house().await;
    let mcp = Mcp::of(&server);
    for name in FOR_ALL {
        let arguments = json!({"message": "#help", "puch_user_id": "u"});
        let answer = mcp.bare(json!({"method": name, "params": arguments})).await;
        assert_eq!(answer.status, 200);
        assert_eq!(body_of(&answer)["result"], mcp.call(name, arguments).await, "{name}");
    }
    let wrong = mcp.bare(json!({"method": "handle_message", "params": {"message": "hi"}})).await;
    let wrong = body_of(&wrong)["result"].clone();
    assert_eq!(
        (&wrong["isError"], &wrong["structuredContent"]["code"]),
        (&json!(true), &json!("invalid_message"))
    );
    for (headers, body) in [
        ("Mcp-Session-Id: x\r\n", r#"{"method":"help"}"#),
        ("MCP-Protocol-Version: 2025-06-18\r\n", r#"{"method":"help"}"#),
        ("Mcp-Method: help\r\n", r#"{"method":"help"}"#),
        ("", r#"{"method":"tools/list"}"#),
        ("", r#"{"method":"wait_for_messages","params":{"puch_user_id":"u"}}"#),
    ] {
        assert_eq!(Mcp::admin_of(&server).post(headers, body).await.status, 400, "{headers}{body}");
    }
    let answer = mcp.ask("handle_message", json!({})).await;
    assert_eq!(answer["error"]["code"], -32601, "what says it is JSON-RPC is taken at its word");
}

#[tokio::test]
async fn validate_gives_the_number_and_nothing_else() {
    let server = house().await;
    let mcp = Mcp::of(&server);
    for arguments in [json!({}), json!({"bearer_token": "default"}), json!({"bearer_token": null})] {
        let result = mcp.call("validate", arguments).await;
        assert_eq!((text_of(&result), &result["isError"]), ("919876543210", &json!(false)));
        assert!(result.get("structuredContent").is_none());
    }
    let result = mcp.ask("tools/call", json!({"name": "validate"})).await["result"].clone();
    assert_eq!(text_of(&result), "919876543210");
    let server = house_with(&["mcp.my_number="]).await;
    let result = Mcp::of(&server).call("validate", json!({})).await;
    assert_eq!(
        (&result["isError"], &result["structuredContent"]["code"]),
        (&json!(true), &json!("unsupported"))
    );
    assert!(text_of(&result).contains("MY_NUMBER"));
}

#[tokio::test]
async fn help_begins_with_the_commands() {
    let server = house().await;
    let result = Mcp::of(&server).call("help", json!({})).await;
    assert_eq!(
        text_of(&result).lines().next(),
        Some("Commands: #meet, #bye, #again, #hide, #who, #block, #report, #help")
    );
}

#[tokio::test]
async fn a_wrong_argument_is_an_error_that_names_it() {
    let server = house().await;
    let mcp = Mcp::admin_of(&server);
    for (tool, arguments, field) in [
        ("handle_message", json!({"puch_user_id": "u"}), "message"),
        ("handle_message", json!({"message": "hi"}), "puch_user_id"),
        ("handle_message", json!({"message": 5, "puch_user_id": "u"}), "message"),
        ("handle_message", json!({"message": "hi", "puch_user_id": 5}), "puch_user_id"),
        ("handle_message", json!({"message": "hi", "puch_user_id": ""}), "puch_user_id"),
        ("handle_message", json!({"message": "hi", "puch_user_id": "  "}), "puch_user_id"),
        ("handle_message", json!({"message": "hi", "puch_user_id": "x".repeat(129)}), "puch_user_id"),
        ("handle_message", json!({"message": "hi", "puch_user_id": "9198..."}), "puch_user_id"),
        ("handle_message", json!({"message": "hi", "puch_user_id": "9198…"}), "puch_user_id"),
        ("handle_message", json!({"message": "hi", "puch_user_id": "a\u{0}b"}), "puch_user_id"),
        (
            "handle_message",
            json!({"message": "hi", "puch_user_id": "u", "user_nickname": {}}),
            "user_nickname",
        ),
        ("cleanup_inactive", json!({"timeout_minutes": "30"}), "timeout_minutes"),
        ("cleanup_inactive", json!({"timeout_minutes": 1.5}), "timeout_minutes"),
        ("cleanup_inactive", json!({"timeout_minutes": -5}), "timeout_minutes"),
        ("wait_for_messages", json!({"puch_user_id": "u", "timeout_seconds": "x"}), "timeout_seconds"),
        ("wait_for_messages", json!({"puch_user_id": "u", "timeout_seconds": -1}), "timeout_seconds"),
        ("wait_for_messages", json!({}), "puch_user_id"),
    ] {
        let result = mcp.call(tool, arguments.clone()).await;
        assert_eq!(result["isError"], true, "{arguments}");
        assert_eq!(result["structuredContent"], json!({"code": "invalid_message"}), "{arguments}");
        assert!(text_of(&result).contains(&format!("`{field}`")), "{result}");
    }
    let stats = mcp.call("get_stats", json!({})).await;
    assert_eq!(stats["structuredContent"]["active_users"], 0, "nobody came in by these");
}

#[tokio::test]
async fn what_a_tool_does_not_know_is_ignored() {
    let server = house().await;
    let arguments = json!({"message": "#who", "puch_user_id": "__proto__", "bearer_token": "default", "user_nickname": null});
    let result = Mcp::of(&server).call("handle_message", arguments).await;
    assert_eq!(text_of(&result), "You're not currently in a chat. Use #meet to connect!");
    assert_eq!(result["isError"], false);
    for id in ["../../etc/passwd", "👩‍🚀", "constructor", &"x".repeat(128)] {
        let result =
            Mcp::of(&server).call("handle_message", json!({"message": "#who", "puch_user_id": id})).await;
        assert_eq!(result["isError"], false, "{id}");
    }
}

#[tokio::test]
async fn a_tool_that_is_not_there_is_a_wrong_parameter() {
    let server = house().await;
    for params in [json!({"name": "nonsense"}), json!({"name": ""}), json!({"name": 5}), json!({})] {
        let answer = Mcp::of(&server).ask("tools/call", params.clone()).await;
        assert_eq!(answer["error"]["code"], -32602, "{params}: {answer}");
    }
    let answer = Mcp::of(&server).ask("tools/call", json!({"name": "help", "arguments": "none"})).await;
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
}

#[tokio::test]
async fn cleaning_up_ends_nobody_who_was_here_lately() {
    let server = house().await;
    let mcp = Mcp::of(&server);
    mcp.say("Anna", "#meet").await;
    mcp.say("Bob", "#meet").await;
    server.step(Duration::from_secs(60));
    for (wanted, minutes) in [
        (json!({"timeout_minutes": 0}), 30),
        (json!({"timeout_minutes": null}), 30),
        (json!({}), 30),
        (json!({"timeout_minutes": 45}), 45),
        (json!({"timeout_minutes": 1e9}), 10_080),
    ] {
        let result = mcp.call("cleanup_inactive", wanted).await;
        let expected = json!({"users_cleaned": 0, "timeout_minutes": minutes});
        assert_eq!(result["structuredContent"], expected);
    }
    assert_eq!(mcp.say("Anna", "#who").await.content()["state"], "paired");
    let result = Mcp::admin_of(&server).call("cleanup_inactive", json!({"timeout_minutes": 1})).await;
    assert_eq!(result["structuredContent"], json!({"users_cleaned": 1, "timeout_minutes": 1}), "{result}");
    let anna = mcp.say("Anna", "#m").await;
    assert!(anna.text().contains("Your partner left the chat."), "{}", anna.text());
    assert_eq!(anna.content()["state"], "idle");
}

#[tokio::test]
async fn the_figures_count_everybody_on_every_door() {
    let server = house().await;
    let (_a, _b) = couple(&server.url()).await;
    let mcp = Mcp::of(&server);
    mcp.say("Anna", "#meet").await;
    mcp.say("Bob", "#meet").await;
    mcp.say("Carl", "#meet").await;
    mcp.say("Bob", "hi").await;
    server.step(Duration::from_secs(90));
    let result = mcp.call("get_stats", json!({})).await;
    assert_eq!(
        result["structuredContent"],
        json!({
            "active_users": 5, "waiting_users": 1, "active_pairs": 2, "total_connections": 2,
            "messages_relayed": 1, "uptime_seconds": 90, "status": "healthy",
        })
    );
    let all = result.to_string();
    assert!(!["Anna", "Bob", "Carl", "User_A"].iter().any(|name| all.contains(name)), "{all}");
}

#[tokio::test]
async fn there_are_no_prompts_and_none_are_declared() {
    let server = house().await;
    let mcp = Mcp::of(&server);
    let answer = mcp.post(OLD, r#"{"jsonrpc":"2.0","id":1,"method":"prompts/list"}"#).await;
    assert_eq!(body_of(&answer)["error"]["code"], -32601);
}
