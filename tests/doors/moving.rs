//! Who comes back while the nodes do not agree yet where they are: every line is shown once and in order, or comes
//! back to whoever wrote it, wherever that one is by now.

use crate::patiently;
use crate::returning_client::Returning;
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use crate::two_nodes::{HERE, Pair, THERE, text};
use serde_json::{Value, json};
use std::time::Duration;

/// Comes back by a new connection, whose confirmation is still to come.
async fn register_at(server: &TestServer, who: &mut Returning, id: &str) {
    who.client = TestClient::connect(&server.url()).await;
    let (token, session) = (&who.token, format!("of {id}"));
    let frame = json!({"type": "register", "client_id": id, "session": session, "resume_token": token, "last_pos": who.pos});
    who.client.send(frame).await;
}

/// Everything that this client sent before was dealt with.
async fn ping(client: &mut TestClient) {
    client.send(json!({"type": "ping"})).await;
    client.expect("pong").await;
}

/// Until nothing is under way between the nodes but what is held back.
async fn until_quiet(pair: &Pair) {
    patiently(async {
        // Whoever was just given something has dealt with it when all others had their turn.
        for _ in 0..200 {
            while !pair.network.is_quiet() {
                tokio::task::yield_now().await;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn lines_before_during_and_after_a_return_are_shown_in_order() {
    let pair = Pair::open().await;
    let (mut anna, mut bert) = pair.couple().await;
    anna.lose(&pair.here).await;
    assert_eq!(bert.next().await["event"], "partner_away");
    bert.client.send(text("before", "1")).await;
    assert_eq!(bert.next().await["content"]["queued"], true);
    // Bert's node reads of the return first, so that his next line goes to the new connection.
    pair.network.hold_log(HERE, true);
    register_at(&pair.here, &mut anna, "Anna").await;
    assert_eq!(bert.next().await["event"], "partner_back");
    for line in ["during", "and more"] {
        bert.client.send(text(line, "2")).await;
        assert_eq!(bert.next().await["content"]["delivered"], true);
    }
    pair.network.hold_log(HERE, false);
    anna.client.expect("registration_confirmed").await;
    bert.client.send(text("after", "3")).await;
    for line in ["before", "during", "and more", "after"] {
        assert_eq!(anna.hear().await, line);
    }
}

#[tokio::test]
async fn a_line_to_a_new_connection_that_is_lost_before_it_is_confirmed_waits_for_the_next_one() {
    let pair = Pair::open().await;
    let (mut anna, mut bert) = pair.couple().await;
    anna.lose(&pair.here).await;
    assert_eq!(bert.next().await["event"], "partner_away");
    pair.network.hold_log(HERE, true);
    let token = anna.token.clone();
    register_at(&pair.here, &mut anna, "Anna").await;
    assert_eq!(bert.next().await["event"], "partner_back");
    bert.client.send(text("hello", "1")).await;
    assert_eq!(bert.next().await["content"]["delivered"], true);
    drop(std::mem::replace(&mut anna.client, TestClient::connect(&pair.there.url()).await));
    assert_eq!(bert.next().await["event"], "partner_away");
    pair.network.hold_log(HERE, false);
    // The confirmation never came, so the token before it works.
    anna.token = token;
    anna.come_back(&pair.here.url()).await;
    assert_eq!(anna.hear().await, "hello");
}

#[tokio::test]
async fn a_line_that_its_sender_has_overtaken_comes_back_to_where_they_are() {
    let pair = Pair::open().await;
    let (mut anna, mut bert) = pair.couple().await;
    pair.network.hold_post(THERE, true);
    anna.client.send(text("first", "1")).await;
    ping(&mut anna.client).await;
    register_at(&pair.there, &mut anna, "Anna").await;
    anna.client.expect("registration_confirmed").await;
    anna.client.send(text("second", "2")).await;
    assert_eq!(anna.next().await["content"]["delivered"], true);
    assert_eq!(bert.hear().await, "second");
    pair.network.hold_post(THERE, false);
    let mut failed = anna.next().await;
    if failed["type"] == "response" {
        // It was in Bert's mailbox.
        failed = anna.next().await;
    }
    assert_eq!((&failed["type"], &failed["message"]), (&json!("chat_message_failed"), &json!("first")));
    assert_eq!((&failed["request_id"], &failed["code"]), (&json!("1"), &json!("overloaded")));
    anna.client.send(text("third", "3")).await;
    assert_eq!(bert.hear().await, "third");
}

#[tokio::test]
async fn what_became_of_a_line_follows_its_sender_and_waits_for_the_confirmation() {
    let pair = Pair::with(&["limits.outbox_frames=8"]).await;
    let (mut anna, mut bert) = pair.couple().await;
    bert.lose(&pair.there).await;
    assert_eq!(anna.next().await["event"], "partner_away");
    for _ in 0..8 {
        anna.client.send(text("held", "1")).await;
        assert_eq!(anna.next().await["content"]["queued"], true);
    }
    // There is no room for this one. The news of it comes after Anna's node has read that she left it, and before the
    // other one has read that she came.
    pair.network.hold_post(HERE, true);
    anna.client.send(text("too much", "2")).await;
    ping(&mut anna.client).await;
    pair.network.hold_log(THERE, true);
    let mut old = std::mem::replace(&mut anna.client, TestClient::connect(&pair.here.url()).await);
    register_at(&pair.there, &mut anna, "Anna").await;
    assert_eq!(old.ended().await.1, Some(4501));
    pair.network.hold_post(HERE, false);
    until_quiet(&pair).await;
    pair.network.hold_log(THERE, false);
    anna.client.expect("registration_confirmed").await;
    let refused = anna.client.expect("response").await;
    assert_eq!((&refused["request_id"], &refused["content"]["code"]), (&json!("2"), &json!("overloaded")));
}

#[tokio::test]
async fn the_last_words_of_a_lost_node_are_heard() {
    let pair = Pair::open().await;
    let (mut anna, mut bert) = pair.couple().await;
    pair.network.hold_post(HERE, true);
    anna.client.send(text("hello", "7")).await;
    assert_eq!(bert.hear().await, "hello");
    // Bert's answer and the word that he was shown the line are on their way when his node is lost.
    bert.client.send(text("hello yourself", "8")).await;
    ping(&mut bert.client).await;
    pair.lose_there();
    let mut heard = Vec::new();
    while heard.last() != Some(&json!("partner_away")) {
        let frame = anna.next().await;
        assert_ne!(frame["type"], "chat_message_failed", "it was shown, and that was said");
        heard
            .extend([&frame["message"], &frame["event"]].into_iter().filter(|part| !part.is_null()).cloned());
    }
    assert_eq!(heard, ["hello yourself", "partner_away"]);
}

#[tokio::test]
async fn a_token_alone_is_enough_on_another_node() {
    let pair = Pair::open().await;
    let (mut anna, mut bert) = pair.couple().await;
    bert.client.send(json!({"type": "register", "client_name": "Bert's own"})).await;
    let renamed = bert.client.expect("registration_confirmed").await;
    renamed["resume_token"].as_str().expect("a token").clone_into(&mut bert.token);
    // Somebody of his session who hears of him, where he was and where he comes.
    let mut friend = TestClient::connect(&pair.here.url()).await;
    friend.send(json!({"type": "register", "client_id": "friend", "session": "of Bert"})).await;
    friend.expect("registration_confirmed").await;
    bert.lose(&pair.there).await;
    assert_eq!(anna.next().await["event"], "partner_away");
    let confirmation = bert.come_back(&pair.here.url()).await;
    let (id, session) = (&confirmation["client_id"], &confirmation["session"]);
    assert_eq!((id, session), (&json!("Bert"), &json!("of Bert")));
    assert_eq!((&confirmation["recovered"], &confirmation["missed"]), (&json!(false), &Value::Null));
    assert_eq!(anna.next().await["event"], "partner_back");
    bert.client.say("here I am").await;
    assert_eq!(anna.hear().await, "here I am");
    bert.client.close().await;
    let left = friend.expect("client_left").await;
    assert_eq!((&left["client_id"], &left["client_name"]), (&json!("Bert"), &json!("Bert's own")));
}

#[tokio::test]
async fn a_living_token_with_names_that_are_not_its_own_is_refused_and_ends_nothing() {
    let pair = Pair::open().await;
    let (mut anna, mut bert) = pair.couple().await;
    bert.lose(&pair.there).await;
    assert_eq!(anna.next().await["event"], "partner_away");
    let (secret, names) = bert.token.split_once('.').expect("names behind the secret");
    let other_session = names.replace("42657274", "42657275");
    for token in [secret.to_owned(), format!("{secret}."), format!("{secret}.{other_session}")] {
        let mut client = TestClient::connect(&pair.here.url()).await;
        let frame = json!({"type": "register", "client_id": "Bert", "resume_token": token});
        client.send(frame).await;
        assert_eq!(client.expect("error").await["code"], "conflict");
    }
    bert.come_back(&pair.here.url()).await;
    assert_eq!(anna.next().await["event"], "partner_back");
}

#[tokio::test]
async fn others_of_the_session_elsewhere_are_known_by_name_after_a_return() {
    let pair = Pair::open().await;
    let mut anna = Returning::join(&pair.here.url(), "Anna").await;
    let mut lost = TestClient::connect(&pair.there.url()).await;
    lost.send(json!({"type": "register", "client_id": "lost", "session": "of Anna"})).await;
    lost.expect("registration_confirmed").await;
    assert_eq!(anna.next().await["type"], "client_joined");
    anna.lose(&pair.here).await;
    // She is the last one here who shares the session, and comes back without a word of it.
    assert_eq!(anna.come_back(&pair.here.url()).await["recovered"], true);
    pair.lose_there();
    anna.client.ask("#help").await;
    pair.here.step(Duration::from_secs(60));
    assert_eq!(anna.client.expect("client_left").await["client_id"], "lost");
}
