//! REST: its description, and that it is complete and true.

use crate::http_client::{HttpClient, hold};
use crate::test_server::TestServer;
use serde_json::Value;

/// All that is served, as `src/http/rest.rs` has it.
const ROUTES: &str = include_str!("../../src/http/rest.rs");

fn operations(description: &Value) -> Vec<(String, String, &Value)> {
    let paths = description["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("methods").iter();
        methods.map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
    });
    operations.collect()
}

#[tokio::test]
async fn every_route_is_described() {
    let server = TestServer::start().await;
    let description = HttpClient::new(server.port()).description().await;
    assert!(description["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    let routes = ROUTES.split("routes!(").skip(1).filter_map(|rest| rest.split(')').next());
    let handlers: usize = routes.map(|handlers| handlers.split(", ").count()).sum();
    assert_eq!(operations(description).len(), handlers);
    assert_eq!(description["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
}

#[tokio::test]
async fn whatever_is_described_answers() {
    let server = TestServer::with(&["auth.mode=token", "auth.token=the-token-of-users"]).await;
    let client = HttpClient::new(server.port());
    for (method, path, operation) in operations(client.description().await) {
        let path = path.replace("{session}", "s").replace("{user_id}", "u").replace("{client_id}", "c");
        let reply = client.send(&method, &path, "", "").await;
        assert_eq!(reply.problem(), (401, "unauthorized"), "{method} {path}");
        let reply =
            client.token("the-token-of-users").with("Last-Event-ID", "x").send(&method, &path, "", "x").await;
        assert_ne!(
            (reply.status, &reply.body["detail"]),
            (404, &Value::from("There is no such path.")),
            "{path}"
        );
        assert_ne!(reply.status, 405, "{method} {path}");
        assert!(operation["summary"].is_string() && operation["tags"][0].is_string(), "{method} {path}");
    }
}

#[tokio::test]
async fn examples_are_real() {
    let server = TestServer::start().await;
    let client = HttpClient::new(server.port());
    let description = client.description().await;
    let mut seen = 0;
    let people = serde_json::json!({"contacts": ["John"]});
    client.put("/api/v1/sessions/of%20the%20example/contacts", people).await.fine();
    for (method, path, operation) in operations(description) {
        let content = &operation["requestBody"]["content"]["application/json"];
        let place = path.replace("{session}", "of the example").replace("{user_id}", "u").replace(' ', "%20");
        if content["example"].is_object() {
            hold(description, &content["schema"], &content["example"], true, &path);
            let json = "Content-Type: application/json\r\n";
            let reply = client.send(&method, &place, json, &content["example"].to_string()).await;
            let is_for_an_ai = path == "/api/v1/ai";
            assert!(reply.status == 200 || is_for_an_ai && reply.status == 503, "{method} {path}: {reply:?}");
            seen += 1;
        }
        let answer = &operation["responses"]["200"]["content"]["application/json"];
        if answer["example"].is_object() {
            hold(description, &answer["schema"], &answer["example"], true, &path);
            seen += 1;
        }
    }
    for schema in description["components"]["schemas"].as_object().expect("schemas").values() {
        if schema["example"].is_object() {
            hold(description, schema, &schema["example"], false, "a schema");
            seen += 1;
        }
    }
    assert!(seen >= 10, "{seen}");
}
