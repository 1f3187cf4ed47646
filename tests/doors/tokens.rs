//! Who may come in by WebSocket: tokens, and whose client an id is.

use crate::http_client::HttpClient;
use crate::raw_client::RawClient;
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use crate::web;
use serde_json::{Value, json};

const USER: &str = "the-token-for-everybody";
const ADMIN: &str = "the-token-for-one-person";

async fn guarded(mode: &str) -> TestServer {
    let (user, admin) = (format!("auth.token={USER}"), format!("auth.admin_token={ADMIN}"));
    TestServer::with(&[&format!("auth.mode={mode}"), &user, &admin]).await
}

async fn registers(server: &TestServer, frame: Value) -> (TestClient, Value) {
    let mut client = TestClient::connect(&server.url()).await;
    client.send(frame).await;
    let answer = client.next().await;
    (client, answer)
}

fn register(client_id: &str, token: Option<&str>) -> Value {
    json!({"type": "register", "client_id": client_id, "session": client_id, "token": token})
}

#[tokio::test]
async fn where_tokens_are_asked_for_nobody_comes_in_without_one() {
    let server = guarded("token").await;
    for token in [None, Some(""), Some("wrong"), Some("the-token-for-everybod")] {
        let (mut client, answer) = registers(&server, register("anna", token)).await;
        assert_eq!(
            (&answer["type"], &answer["code"]),
            (&json!("error"), &json!("unauthorized")),
            "{token:?}"
        );
        assert_eq!(client.ended().await.1, Some(4500));
    }
    for token in [USER, ADMIN] {
        let (_client, answer) = registers(&server, register(token, Some(token))).await;
        assert_eq!(answer["type"], "registration_confirmed", "{answer}");
    }
}

#[tokio::test]
async fn a_token_in_the_request_is_as_good_and_a_wrong_one_is_refused_there() {
    let server = guarded("token").await;
    let stream = web::dial(server.port()).await;
    let head = format!("Authorization: bearer {USER}\r\n");
    let mut client = RawClient::upgraded_with(stream, server.port(), &head).await.expect("a socket");
    client.send(&register("anna", None).to_string()).await;
    assert_eq!(client.next().await["type"], "registration_confirmed");
    let stream = web::dial(server.port()).await;
    let refused = RawClient::upgraded_with(stream, server.port(), "Authorization: Bearer wrong\r\n").await;
    let refused = refused.err().expect("a refusal");
    assert_eq!(refused.status, 401);
    assert_eq!(
        refused.header("www-authenticate"),
        Some("Bearer realm=\"strowger\", error=\"invalid_token\"")
    );
}

#[tokio::test]
async fn to_carry_out_what_a_session_sends_takes_more_than_the_token_for_everybody() {
    let server = guarded("token").await;
    let bridge = |token| json!({"type": "register", "client_id": token, "session": "team", "role": "bridge", "token": token});
    let (mut client, answer) = registers(&server, bridge(USER)).await;
    assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!("forbidden")));
    client.send(register("as a client", Some(USER))).await;
    assert_eq!(client.next().await["type"], "registration_confirmed", "the connection goes on");
    let (_client, answer) = registers(&server, bridge(ADMIN)).await;
    assert_eq!(answer["type"], "registration_confirmed");
}

#[tokio::test]
async fn whose_client_is_away_is_nobody_elses_but_their_own() {
    let server = guarded("none").await;
    let (client, answer) = registers(&server, register("anna", Some(USER))).await;
    assert_eq!(answer["type"], "registration_confirmed");
    drop(client);
    crate::returning_client::until(&server, "strowger_away", 1).await;
    for token in [None, Some(ADMIN)] {
        let (_client, answer) = registers(&server, register("anna", token)).await;
        assert_eq!(answer["code"], "client_id_taken", "{token:?}");
    }
    let (_client, answer) = registers(&server, register("anna", Some(USER))).await;
    assert_eq!(answer["type"], "registration_confirmed");
    let (client, _) = registers(&server, register("nobody's", None)).await;
    drop(client);
    crate::returning_client::until(&server, "strowger_away", 1).await;
    let (_client, answer) = registers(&server, register("nobody's", None)).await;
    assert_eq!(answer["type"], "registration_confirmed", "without authentication anybody may take it");
}

#[tokio::test]
async fn a_wrong_token_is_told_also_where_none_is_asked_for() {
    let server = guarded("none").await;
    let (mut client, answer) = registers(&server, register("anna", Some("wrong"))).await;
    assert_eq!(answer["code"], "unauthorized");
    assert_eq!(client.ended().await.1, Some(4500));
    let (_client, answer) = registers(&server, register("anna", None)).await;
    assert_eq!(answer["type"], "registration_confirmed");
}

#[tokio::test]
async fn one_person_at_a_socket_and_by_rest_has_one_chat_which_is_where_they_say_something() {
    let server = guarded("token").await;
    let register = |id: &str, name: &str| json!({"type": "register", "client_id": id, "session": id, "nickname": name, "token": USER});
    let (mut anna, _) = registers(&server, register("anna", "Anna")).await;
    let (mut bob, _) = registers(&server, register("bob", "Bob")).await;
    anna.ask("#meet").await;
    assert_eq!(bob.ask("#meet").await["partner"], "Anna");
    assert_eq!(anna.next().await["event"], "matched");
    let (rest, path) = (HttpClient::new(server.port()).token(USER), "/api/v1/chat/anna/messages");
    let says = async |text: &str| rest.post(path, json!({"message": text})).await.fine();
    // A look takes nothing from the socket, not even the name.
    assert_eq!(says("#m").await["reply"], "📭 Inbox empty.");
    assert_eq!(rest.get(path).await.fine()["messages"], json!([]));
    let to_anna = json!({"type": "chat_message", "message": "to the socket", "request_id": "1"});
    bob.send(to_anna).await;
    assert_eq!(bob.next().await["content"]["delivered"], true);
    assert_eq!(anna.next().await["message"], "to the socket");
    // A word does; and another one at the socket brings the chat back.
    assert_eq!(says("by REST").await["reply"], "📤 Message sent.");
    let heard = bob.next().await;
    assert_eq!((&heard["from"], &heard["message"]), (&json!("Anna"), &json!("by REST")));
    bob.say("to the inbox").await;
    bob.ask("#who").await;
    let page = rest.get(path).await.fine();
    assert_eq!((&page["messages"][0]["from"], &page["state"]), (&json!("Bob"), &json!("paired")));
    let answer = anna.ask("back again").await;
    assert_eq!((&answer["success"], &answer["delivered"]), (&json!(true), &json!(true)));
    assert_eq!(bob.next().await["message"], "back again");
    // Where there is no chat at all, both hear so.
    bob.ask("#bye").await;
    assert_eq!(anna.next().await["event"], "partner_left");
    assert_eq!(anna.ask("hello?").await["code"], "not_paired");
    assert_eq!(rest.post(path, json!({"message": "hello?"})).await.problem().1, "not_paired");
}

#[tokio::test]
async fn a_chat_that_goes_to_another_door_by_itself_is_told_there_and_goes_on() {
    let server = guarded("token").await;
    let register = |id: &str| json!({"type": "register", "client_id": id, "session": id, "token": USER});
    let (rest, path) = (HttpClient::new(server.port()).token(USER), "/api/v1/chat/anna/messages");
    let (mut bob, _) = registers(&server, register("bob")).await;
    bob.ask("#meet").await;
    let met = rest.post(path, json!({"message": "#meet", "nickname": "Anna"})).await.fine();
    assert_eq!(bob.next().await["event"], "matched");
    // From the inbox to a socket that is opened.
    let (mut anna, confirmed) = registers(&server, register("anna")).await;
    assert_eq!(confirmed["nickname"], "Anna", "nobody chose another");
    let news = anna.next().await;
    assert_eq!((&news["event"], &news["partner"]), (&json!("matched"), &met["partner"]));
    bob.say("to the socket").await;
    assert_eq!(anna.next().await["message"], "to the socket");
    // And back, when that says goodbye, to an inbox that only looked.
    assert_eq!(rest.get(path).await.fine()["messages"], json!([]));
    anna.close().await;
    let comes = async {
        loop {
            let page = rest.get(path).await.fine();
            if let Some(line) = page["messages"].get(0) {
                break line.clone();
            }
        }
    };
    assert_eq!(crate::patiently(comes).await["event"], "matched");
    bob.send(json!({"type": "chat_message", "message": "to the inbox", "request_id": "1"})).await;
    assert_eq!(bob.next().await["content"]["success"], true);
    assert_eq!(rest.get(path).await.fine()["messages"][0]["event"], "message");
}

#[tokio::test]
async fn who_came_back_too_late_once_comes_back_in_time_the_next_time() {
    let server = guarded("token").await;
    let comes = async |resume_token: Option<&Value>| {
        registers(&server, json!({"type": "register", "token": USER, "resume_token": resume_token})).await
    };
    let (client, first) = comes(None).await;
    client.close().await;
    let (client, second) = comes(Some(&first["resume_token"])).await;
    assert_eq!((&second["recovered"], &second["missed"]), (&json!(false), &Value::Null));
    assert_ne!(second["client_id"], first["client_id"], "the token was dead");
    drop(client);
    let (_client, third) = comes(Some(&second["resume_token"])).await;
    assert_eq!((&third["recovered"], &third["client_id"]), (&json!(true), &second["client_id"]));
}
