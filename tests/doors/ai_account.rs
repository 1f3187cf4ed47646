//! What an AI does for a shared account: it reads sentences, sums up, suggests and answers, and decides nothing.

use crate::ai::house;
use crate::stand_in::Line;
use crate::team::{action, ask, bridge, command, heard, incoming, member, response, result, sentence, share};
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use serde_json::{Value, json};

/// What a client hears of a sentence that no rule knows and that an AI reads so.
async fn read(client: &mut TestClient, words: &str) -> Value {
    sentence(client, words, words).await["content"].clone()
}

/// The text that a model was asked about, beside what it is to do. That is all that is a client's or a stranger's.
pub fn asked_about(body: &Value) -> &str {
    let messages = body["messages"].as_array().expect("messages");
    // The task and its examples are always the same.
    assert!(FIXED.contains(&messages.len()), "{body}");
    assert_eq!(messages[0]["role"], "system", "{body}");
    messages.last().and_then(|message| message["content"].as_str()).expect("a text")
}

/// How many turns a question has: its task and itself, and nine examples with their answers before a sentence.
const FIXED: [usize; 2] = [2, 20];

fn proposes(action: &str, contact: Value, message: Value) -> String {
    json!({"action": action, "contact": contact, "message": message, "count": null, "query_type": null,
        "position": null, "query": null})
    .to_string()
}

/// A model that makes the same of whatever is said.
fn dinner(body: &Value) -> String {
    assert!(body["response_format"]["json_schema"]["schema"].is_object(), "{body}");
    proposes("send", json!("John"), json!("Dinner is ready."))
}

#[tokio::test]
async fn a_sentence_that_no_rule_knows_is_read_by_the_model_and_its_contact_is_ours() {
    let (server, stand_in) = house([Line::Thinks(dinner)]).await;
    let mut laptop = member(&server.url(), "laptop").await;
    share(&mut laptop, json!(["John Smith", "Sarah"])).await;
    let words = "would you be so kind and give john a shout that dinner is ready";
    let content = read(&mut laptop, words).await;
    assert_eq!(
        (&content["action"], &content["contact"], &content["message"], &content["state"]),
        (&json!("send"), &json!("John Smith"), &json!("Dinner is ready."), &json!("simulated"))
    );
    let asked = stand_in.asked();
    assert_eq!(asked_about(&asked[0].body), words);
    assert!(!asked[0].body.to_string().contains("Sarah"), "no contact is in it");
    read(&mut laptop, "send sarah a message saying hello").await;
    assert_eq!(stand_in.asked().len(), 1, "what the rules know is put to nobody");
}

#[tokio::test]
async fn what_the_sentence_does_not_name_is_sent_once_it_is_confirmed() {
    let (server, _stand_in) = house([Line::Thinks(dinner)]).await;
    let mut laptop = member(&server.url(), "laptop").await;
    share(&mut laptop, json!(["John Smith", "Sarah"])).await;
    let content = read(&mut laptop, "would you be so kind and give my brother a shout").await;
    assert_eq!(
        (&content["success"], &content["code"], &content["contact"], &content["message"]),
        (&json!(false), &json!("confirmation_required"), &json!("John Smith"), &json!("Dinner is ready."))
    );
    let send = json!({"action": "send", "contact": content["contact"], "message": content["message"]});
    let with = |confirm: &Value| {
        let mut send = send.clone();
        send["confirm"] = confirm.clone();
        send
    };
    assert_eq!(command(&mut laptop, with(&json!("else")), "1").await["code"], "conflict");
    let sent = command(&mut laptop, with(&content["confirm"]), "2").await;
    assert_eq!((&sent["success"], &sent["state"]), (&json!(true), &json!("simulated")));
}

#[tokio::test]
async fn if_the_model_has_no_good_answer_the_rules_have_the_last_word() {
    for line in [
        Line::Says("I would rather talk about the weather."),
        Line::Says(r#"{"action": "fly", "contact": "John"}"#),
        Line::Says(r#"{"action": "send", "contact": "John"}"#),
        Line::Status(400, "", json!({"error": {"message": "no"}})),
        Line::Nonsense,
    ] {
        let (server, _stand_in) = house([line]).await;
        let mut laptop = member(&server.url(), "laptop").await;
        let answer = sentence(&mut laptop, "colourless green ideas sleep furiously", "1").await;
        assert_eq!(
            (&answer["response_type"], &answer["content"]["code"]),
            (&json!("ai_parse_error"), &json!("ai_parse_error"))
        );
    }
}

#[tokio::test]
async fn a_sentence_has_its_answer_in_time_however_slow_the_model_is() {
    let (server, _stand_in) = house_in(&["ai.commands_within=200ms"], Line::Silence).await;
    let mut laptop = member(&server.url(), "laptop").await;
    let answer = sentence(&mut laptop, "colourless green ideas sleep furiously", "1").await;
    assert_eq!(answer["response_type"], "ai_parse_error");
}

async fn house_in(settings: &[&str], line: Line) -> (TestServer, crate::stand_in::StandIn) {
    let stand_in = crate::stand_in::StandIn::of(strowger::ai::Service::OpenAi, [line]).await;
    let url = format!("openai.url={}", stand_in.url());
    let all: Vec<_> = settings.iter().copied().chain([url.as_str(), "openai.model=a-model"]).collect();
    (TestServer::with(&all).await, stand_in)
}

/// A session with a client and a bridge, to whom these two wrote.
async fn talked(server: &TestServer) -> (TestClient, TestClient) {
    let mut client = member(&server.url(), "laptop").await;
    let mut bridge = bridge(&server.url()).await;
    while heard(&mut client, "session_status").await["whatsapp"] != "connected" {}
    for (name, text) in [("John", "Shall we meet at seven?"), ("Sarah", "The invoice is paid.")] {
        incoming(&mut bridge, name, text).await;
        heard(&mut client, "whatsapp_message").await;
    }
    (client, bridge)
}

#[tokio::test]
async fn what_was_said_is_summed_up_from_the_history() {
    let (server, stand_in) = house([Line::Says("They want to meet at seven.")]).await;
    let (mut laptop, _bridge) = talked(&server).await;
    let answer = ask(&mut laptop, json!({"type": "get_summary", "contact": "john"}), "1").await;
    assert_eq!(answer["response_type"], "summary");
    assert_eq!(
        answer["content"],
        json!({"success": true, "contact": "John", "text": "They want to meet at seven.", "message_count": 1})
    );
    let body = stand_in.asked()[0].body.clone();
    let talk: Value = serde_json::from_str(asked_about(&body)).expect("JSON");
    assert_eq!(
        talk,
        json!({"contact": "John", "messages": [{"from": "them", "text": "Shall we meet at seven?"}]})
    );
    let all = ask(&mut laptop, json!({"type": "get_summary"}), "2").await;
    assert_eq!(all["content"]["message_count"], 2);
    let content = command(&mut laptop, json!({"action": "summary", "contact": "Sarah"}), "3").await;
    assert_eq!((&content["action"], &content["message_count"]), (&json!("summary"), &json!(1)));
    let content = read(&mut laptop, "summarize my chat with john").await;
    assert_eq!((&content["action"], &content["contact"]), (&json!("summary"), &json!("John")));
    let nobody = ask(&mut laptop, json!({"type": "get_summary", "conversation_id": "nobody"}), "4").await;
    assert_eq!(nobody["content"]["code"], "not_found");
}

#[tokio::test]
async fn answers_are_suggested_one_by_one() {
    let (server, _stand_in) = house([Line::Says("1. Yes, gladly!\n2. Half past?\n3. Not today.")]).await;
    let (mut laptop, _bridge) = talked(&server).await;
    let content = read(&mut laptop, "what should i reply to john").await;
    assert_eq!(
        (&content["action"], &content["contact"], &content["suggestions"]),
        (&json!("suggest"), &json!("John"), &json!(["Yes, gladly!", "Half past?", "Not today."]))
    );
}

#[tokio::test]
async fn who_writes_is_answered_in_the_users_place_until_the_user_does() {
    let (server, _stand_in) = house([Line::Says("I will pass it on.")]).await;
    let (mut laptop, mut phone) = talked(&server).await;
    read(&mut laptop, "turn auto-reply on").await;
    incoming(&mut phone, "John", "Are you there?").await;
    let (id, contact, message) = action(&mut phone).await;
    assert_eq!((contact.as_str(), message.as_str()), ("John", "I will pass it on."));
    result(&mut phone, &id, json!({"success": true, "state": "sent"})).await;
    let send = json!({"action": "send", "contact": "John", "message": "I am back"});
    laptop.send(json!({"type": "whatsapp_command", "command": send, "request_id": "back"})).await;
    let (id, _, message) = action(&mut phone).await;
    assert_eq!(message, "I am back");
    result(&mut phone, &id, json!({"success": true, "state": "sent"})).await;
    response(&mut laptop, "back").await;
    incoming(&mut phone, "John", "Good!").await;
    incoming(&mut phone, "Sarah", "Hello?").await;
    assert_eq!(action(&mut phone).await.1, "Sarah", "and not John again");
}

#[tokio::test]
async fn a_summary_can_be_taken_back_and_the_status_names_the_ai() {
    let (server, stand_in) = house([Line::Silence]).await;
    let (mut laptop, _bridge) = talked(&server).await;
    assert_eq!(ask(&mut laptop, json!({"type": "get_status"}), "s").await["content"]["ai"], "openai");
    laptop.send(json!({"type": "get_summary", "contact": "John", "request_id": "1"})).await;
    crate::patiently(async {
        while stand_in.asked().is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    laptop.send(json!({"type": "ai_cancel", "target": "1", "request_id": "2"})).await;
    let (one, other) = (heard(&mut laptop, "response").await, heard(&mut laptop, "response").await);
    assert_eq!((&one["response_type"], &one["request_id"]), (&json!("ai_cancelled"), &json!("2")));
    assert_eq!((&other["request_id"], &other["content"]["code"]), (&json!("1"), &json!("conflict")));
}
