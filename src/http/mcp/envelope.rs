//! What is in a body: a message of MCP for the SDK, or the bare form of a call, which has only a method and its
//! parameters. It must never know what a tool does.

use super::catalogue::Tool;
use super::refusal::Refusal;
use axum::http::HeaderMap;
use serde_json::{Map, Value};

/// An object that came in.
pub type Object = Map<String, Value>;

/// Headers that only a client of MCP sends.
const OF_CLIENTS: [&str; 3] = ["mcp-session-id", "mcp-protocol-version", "mcp-method"];

/// What somebody wants. It has no `Debug`.
pub enum Letter {
    /// A message of MCP.
    Message(Object),
    /// `{"method": …, "params": …}` and nothing else that MCP wants.
    Bare { tool: Tool, arguments: Object },
}

/// Reads a body.
pub fn read(body: &[u8], headers: &HeaderMap) -> Result<Letter, Refusal> {
    let object = match serde_json::from_slice(body).map_err(|_| Refusal::not_json())? {
        Value::Object(object) => object,
        Value::Array(_) => return Err(Refusal::invalid("Send one message at a time: MCP has no batches.")),
        _ => return Err(Refusal::invalid("A message is a JSON object.")),
    };
    let is_bare = !object.contains_key("jsonrpc") && !object.contains_key("id");
    if is_bare && !OF_CLIENTS.iter().any(|name| headers.contains_key(*name)) {
        return bare(object);
    }
    check(&object)?;
    Ok(Letter::Message(object))
}

/// Whether it is a message at all (JSON-RPC 2.0 section 4). MCP has no `id` that is `null`.
fn check(object: &Object) -> Result<(), Refusal> {
    let id = object.get("id");
    if !id.is_none_or(|id| id.is_string() || id.is_i64() || id.is_u64()) {
        return Err(Refusal::invalid("`id` must be a string or a whole number."));
    }
    let refuse = |text| Err(Refusal::invalid(text).to(id.cloned()));
    if object.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return refuse("`jsonrpc` must be \"2.0\".");
    }
    if !object.get("method").is_some_and(Value::is_string) {
        return refuse("`method` must be a string. This hub asks nothing, so it takes no responses.");
    }
    if !object.get("params").is_none_or(Value::is_object) {
        return refuse("`params` must be an object.");
    }
    Ok(())
}

fn bare(mut object: Object) -> Result<Letter, Refusal> {
    let hint = || {
        let names: Vec<_> = Tool::ALL.iter().filter(|tool| tool.is_bare()).map(|tool| tool.name()).collect();
        let names = names.join(", ");
        Refusal::invalid(format!(
            "A message has \"jsonrpc\": \"2.0\". Without it, \"method\" must be one of {names}, and \"params\" an \
             object."
        ))
    };
    let named = object.get("method").and_then(Value::as_str).and_then(Tool::named);
    let tool = named.filter(|tool| tool.is_bare()).ok_or_else(hint)?;
    match object.remove("params") {
        None => Ok(Letter::Bare { tool, arguments: Object::new() }),
        Some(Value::Object(arguments)) => Ok(Letter::Bare { tool, arguments }),
        Some(_) => Err(hint()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn bare_of(body: &str) -> Option<Tool> {
        match read(body.as_bytes(), &HeaderMap::new()) {
            Ok(Letter::Bare { tool, .. }) => Some(tool),
            _ => None,
        }
    }

    #[test]
    fn the_bare_form_has_a_tool_and_nothing_of_mcp() {
        assert_eq!(bare_of(r#"{"method": "get_stats"}"#), Some(Tool::GetStats));
        assert_eq!(bare_of(r#"{"method": "help", "params": {}, "more": 1}"#), Some(Tool::Help));
        for other in [
            r#"{"method": "help", "params": []}"#,
            r#"{"method": "help", "params": null}"#,
            r#"{"method": "wait_for_messages", "params": {}}"#,
            r#"{"method": "initialize"}"#,
            r#"{"method": "HELP"}"#,
            r#"{"method": 1}"#,
            r#"{"method": "help", "id": 1}"#,
            r#"{"method": "help", "jsonrpc": "2.0"}"#,
            "{}",
        ] {
            assert_eq!(bare_of(other), None, "{other}");
        }
        for name in OF_CLIENTS {
            let headers = HeaderMap::from_iter([(
                name.parse::<axum::http::HeaderName>().expect("a name"),
                HeaderValue::from_static("x"),
            )]);
            assert!(read(br#"{"method": "help"}"#, &headers).is_err(), "{name}");
        }
    }
}
