//! Two houses that are one exchange, over a log and a post in memory: what a node does when news is late, when
//! the other one dies, and when it wakes up and finds that it was given up.

use crate::http_client::HttpClient;
use crate::patiently;
use crate::returning_client::{Returning, until};
use crate::test_client::TestClient;
use crate::test_server::{TestServer, settings};
use serde_json::{Value, json};
use std::time::Duration;
use strowger::core::{Input, NodeId};
use strowger::hub::{Clock, Network};
use strowger::server::House;

pub const HERE: NodeId = NodeId(1);
pub const THERE: NodeId = NodeId(2);

/// Two nodes of one exchange.
pub struct Pair {
    pub network: Network,
    pub here: TestServer,
    pub there: TestServer,
}

impl Pair {
    pub async fn open() -> Self {
        Self::with(&[]).await
    }

    pub async fn with(changes: &[&str]) -> Self {
        let network = Network::new(Clock::stepped());
        network.join(HERE);
        network.join(THERE);
        let here = TestServer::among(&network, HERE.0, changes).await;
        let there = TestServer::among(&network, THERE.0, changes).await;
        Self { network, here, there }
    }

    /// Anna is here and Bert is there, and they have met.
    pub async fn couple(&self) -> (Returning, Returning) {
        let mut anna = Returning::join(&self.here.url(), "Anna").await;
        let mut bert = Returning::join(&self.there.url(), "Bert").await;
        assert_eq!(anna.client.ask("#meet").await["state"], "waiting");
        assert_eq!(bert.client.ask("#meet").await["state"], "paired");
        assert_eq!(anna.next().await["event"], "matched");
        (anna, bert)
    }

    /// Anna is here and Bert is there; they have met, and his first line is here before the news of that.
    async fn with_a_line_too_early(&self) -> (Returning, Returning) {
        let mut anna = Returning::join(&self.here.url(), "Anna").await;
        let mut bert = Returning::join(&self.there.url(), "Bert").await;
        assert_eq!(anna.client.ask("#meet").await["state"], "waiting");
        self.network.hold_log(HERE, true);
        assert_eq!(bert.client.ask("#meet").await["state"], "paired");
        bert.client.send(text("too early", "7")).await;
        assert_eq!(bert.next().await["content"]["delivered"], true);
        anna.client.send(json!({"type": "ping"})).await;
        anna.client.expect("pong").await;
        (anna, bert)
    }

    /// The other node hears and says nothing any more, and this one finds that out.
    pub fn lose_there(&self) {
        self.network.hold_log(THERE, true);
        self.network.hold_post(THERE, true);
        // Whoever finds out says so; twice does no harm.
        self.network.append(HERE, Input::NodeLost { node: THERE });
        self.network.append(HERE, Input::NodeLost { node: THERE });
    }
}

pub fn text(message: &str, request_id: &str) -> Value {
    json!({"type": "chat_message", "message": message, "request_id": request_id})
}

#[tokio::test]
async fn lines_go_both_ways_in_order_and_their_senders_hear_of_it() {
    let pair = Pair::open().await;
    let (mut anna, mut bert) = pair.couple().await;
    for n in 0..200 {
        anna.client.send(text(&format!("from Anna {n}"), "a")).await;
        bert.client.send(text(&format!("from Bert {n}"), "b")).await;
    }
    for (one, other) in [(&mut anna, "Bert"), (&mut bert, "Anna")] {
        let (mut heard, mut delivered) = (0, 0);
        while heard < 200 || delivered < 200 {
            let frame = one.next().await;
            if frame["type"] == "chat_message" {
                assert_eq!(frame["message"], format!("from {other} {heard}"));
                heard += 1;
            } else {
                assert_eq!(frame["content"], json!({"success": true, "delivered": true}));
                delivered += 1;
            }
        }
    }
}

/// More than the machine lets go in one entry: the nodes have to ask for another one.
#[tokio::test]
async fn many_whose_time_is_over_at_the_same_moment_are_let_go_on_all_nodes() {
    let pair = Pair::open().await;
    let mut lost = Vec::new();
    for n in 0..70 {
        lost.push(Returning::join(&pair.here.url(), &format!("Anna {n}")).await);
    }
    drop(lost);
    for node in [&pair.here, &pair.there] {
        until(node, "strowger_away", 70).await;
    }
    pair.here.step(Duration::from_secs(60));
    for node in [&pair.here, &pair.there] {
        until(node, "strowger_away", 0).await;
        assert_eq!(node.metric("strowger_clients"), 0);
    }
}

#[tokio::test]
async fn a_line_that_overtakes_the_news_of_its_match_waits_for_it() {
    let pair = Pair::open().await;
    let (mut anna, _bert) = pair.with_a_line_too_early().await;
    pair.network.hold_log(HERE, false);
    assert_eq!(anna.next().await["event"], "matched");
    assert_eq!(anna.next().await["message"], "too early");
}

#[tokio::test]
async fn a_line_whose_match_is_never_heard_of_comes_back() {
    let pair = Pair::open().await;
    let (mut anna, mut bert) = pair.with_a_line_too_early().await;
    pair.here.step(Duration::from_secs(2));
    let failed = bert.client.expect("chat_message_failed").await;
    // They are talking: it may be sent again.
    assert_eq!((&failed["code"], &failed["retry_after_ms"]), (&json!("overloaded"), &json!(1_000)));
    pair.network.hold_log(HERE, false);
    assert_eq!(anna.next().await["event"], "matched");
    bert.client.say("now").await;
    assert_eq!(anna.next().await["message"], "now");
}

#[tokio::test]
async fn more_early_lines_than_can_be_kept_come_back_for_another_try() {
    let pair = Pair::open().await;
    let (mut anna, mut bert) = pair.with_a_line_too_early().await;
    for n in 2..=33 {
        bert.client.send(text(&format!("line {n}"), "7")).await;
        assert_eq!(bert.next().await["content"]["delivered"], true);
    }
    let failed = bert.client.expect("chat_message_failed").await;
    assert_eq!((&failed["message"], &failed["code"]), (&json!("line 33"), &json!("overloaded")));
    pair.network.hold_log(HERE, false);
    assert_eq!(anna.hear().await, "too early");
    for n in 2..=32 {
        assert_eq!(anna.hear().await, format!("line {n}"));
    }
}

#[tokio::test]
async fn a_line_for_the_last_partner_comes_back() {
    let pair = Pair::open().await;
    let (mut anna, mut bert) = pair.couple().await;
    // Bert does not know yet that Anna left.
    pair.network.hold_log(THERE, true);
    assert_eq!(anna.client.ask("#again").await["state"], "waiting");
    let mut cleo = Returning::join(&pair.here.url(), "Cleo").await;
    assert_eq!(cleo.client.ask("#meet").await["state"], "paired");
    assert_eq!(anna.next().await["event"], "matched");
    bert.client.send(text("only for the Anna of before", "7")).await;
    let mut fates = Vec::new();
    while fates.len() < 2 {
        let frame = bert.next().await;
        fates.push((frame["type"].as_str().expect("a type").to_owned(), frame["code"].clone()));
    }
    let expected = [("response", Value::Null), ("chat_message_failed", json!("not_paired"))];
    assert_eq!(fates, expected.map(|(kind, code)| (kind.to_owned(), code)));
    pair.network.hold_log(THERE, false);
    assert_eq!(bert.next().await["event"], "partner_left");
    cleo.client.say("from Cleo").await;
    assert_eq!(anna.next().await["message"], "from Cleo");
}

#[tokio::test]
async fn a_lost_node_loses_nobody_elses_place_and_its_own_people_may_come_back_here() {
    let pair = Pair::open().await;
    let mut waiting = TestClient::join(&pair.here.url(), "Waiting").await;
    let (mut anna, mut bert) = pair.couple().await;
    assert_eq!(waiting.ask("#meet music").await["state"], "waiting");
    pair.network.hold_post(THERE, true);
    anna.client.send(text("never arrives", "7")).await;
    anna.client.send(json!({"type": "ping"})).await;
    anna.client.expect("pong").await;
    pair.lose_there();
    let failed = anna.next().await;
    assert_eq!((&failed["type"], &failed["request_id"]), (&json!("chat_message_failed"), &json!("7")));
    assert_eq!((&failed["code"], &failed["retry_after_ms"]), (&json!("overloaded"), &json!(1_000)));
    assert_eq!(anna.next().await["event"], "partner_away");
    assert_eq!(waiting.ask("#who").await["state"], "waiting");

    let token = bert.token.clone();
    let frame = json!({"type": "register", "client_id": "Bert", "session": "of Bert", "resume_token": token});
    let confirmation = bert.register(&pair.here.url(), frame).await;
    assert_eq!((&confirmation["recovered"], &confirmation["missed"]), (&json!(false), &Value::Null));
    assert_eq!(confirmation["nickname"], "Bert");
    assert_eq!(anna.next().await["event"], "partner_back");
    anna.client.say("still you?").await;
    assert_eq!(bert.hear().await, "still you?");
    bert.client.say("still me").await;
    assert_eq!(anna.hear().await, "still me");
}

#[tokio::test]
async fn a_node_that_wakes_up_and_was_given_up_says_nothing_more() {
    let mut pair = Pair::open().await;
    let (mut anna, mut bert) = pair.couple().await;
    pair.network.hold_post(THERE, true);
    anna.client.send(text("never shown", "7")).await;
    anna.client.send(json!({"type": "ping"})).await;
    anna.client.expect("pong").await;
    pair.lose_there();
    assert_eq!(anna.next().await["type"], "chat_message_failed");
    assert_eq!(anna.next().await["event"], "partner_away");
    // It slept, and what it says now is not heard.
    bert.client.say("#bye").await;
    pair.network.hold_log(THERE, false);
    pair.there.failed().await;
    pair.network.hold_post(THERE, false);
    let (frames, code) = tokio::join!(pair.there.close(), bert.client.ended()).1;
    assert_eq!((frames, code), (Vec::new(), Some(1012)));
    assert_eq!(anna.client.ask("#who").await["state"], "paired", "until the grace is over");
    pair.here.step(Duration::from_secs(60));
    assert_eq!(anna.next().await["event"], "partner_left");
}

#[tokio::test]
async fn a_line_for_somebody_whose_node_is_lost_is_refused_until_they_are_back() {
    let pair = Pair::open().await;
    let (mut anna, mut bert) = pair.couple().await;
    pair.lose_there();
    assert_eq!(anna.next().await["event"], "partner_away");
    anna.client.send(text("is anybody there?", "7")).await;
    let content = anna.next().await["content"].clone();
    assert_eq!((&content["code"], &content["retry_after_ms"]), (&json!("overloaded"), &json!(1_000)));
    let token = bert.token.clone();
    let frame = json!({"type": "register", "client_id": "Bert", "session": "of Bert", "resume_token": token});
    bert.register(&pair.here.url(), frame).await;
    assert_eq!(anna.next().await["event"], "partner_back");
    anna.client.send(text("there you are", "8")).await;
    assert_eq!(anna.next().await["content"]["delivered"], true);
    assert_eq!(bert.hear().await, "there you are");
}

#[tokio::test]
async fn a_node_that_cannot_keep_up_with_the_log_is_given_up() {
    let mut pair = Pair::open().await;
    let (mut anna, _bert) = pair.couple().await;
    pair.network.hold_log(THERE, true);
    // Without it, the node would go on with a log that has a hole.
    for _ in 0..65 {
        (0..64).for_each(|_| pair.network.append(HERE, Input::Tick));
        // This one keeps up.
        anna.client.ask("#who").await;
    }
    assert_eq!(pair.here.metric("strowger_away"), 1);
    pair.network.hold_log(THERE, false);
    pair.there.failed().await;
}

#[tokio::test]
async fn a_node_that_closes_says_so_to_the_others() {
    let pair = Pair::open().await;
    let (mut anna, mut bert) = pair.couple().await;
    let (_, (_, code)) = tokio::join!(pair.there.close(), bert.client.ended());
    assert_eq!(code, Some(1012));
    assert_eq!(anna.next().await["event"], "partner_away");
}

#[tokio::test]
async fn the_answer_to_a_question_waits_for_who_asked_it() {
    let pair = Pair::open().await;
    let (mut anna, mut bert) = pair.couple().await;
    pair.network.hold_log(THERE, true);
    bert.client.send(text("#bye", "the question")).await;
    let sockets = pair.there.metric("strowger_sockets");
    drop(std::mem::replace(&mut bert.client, TestClient::connect(&pair.here.url()).await));
    until(&pair.there, "strowger_sockets", sockets - 1).await;
    pair.network.hold_log(THERE, false);
    assert_eq!(anna.next().await["event"], "partner_left");
    until(&pair.there, "strowger_away", 1).await;
    assert_eq!(bert.come_back(&pair.there.url()).await["recovered"], true);
    let answer = bert.next().await;
    assert_eq!(
        (&answer["request_id"], &answer["content"]["state"]),
        (&json!("the question"), &json!("idle"))
    );
}

#[tokio::test]
async fn a_node_with_other_rules_does_not_join() {
    let pair = Pair::open().await;
    pair.network.join(NodeId(3));
    let other = settings(&["chat.grace=1s"]);
    assert!(House::open_among(&other, &pair.network, NodeId(3)).await.is_err());
}

#[tokio::test]
async fn a_session_is_one_on_both_nodes_and_hears_by_name_who_was_lost() {
    let pair = Pair::open().await;
    let join = async |server: &TestServer, id: &str| {
        let mut client = TestClient::connect(&server.url()).await;
        client
            .send(json!({"type": "register", "client_id": id, "client_name": id, "session": "family"}))
            .await;
        client.expect("registration_confirmed").await;
        client
    };
    let mut early = join(&pair.here, "early").await;
    let _lost = join(&pair.there, "lost").await;
    assert_eq!(early.expect("client_joined").await["client_id"], "lost");
    let mut late = join(&pair.here, "late").await;
    assert_eq!(early.expect("client_joined").await["client_id"], "late");
    early.send(json!({"type": "contact_list_update", "contacts": ["John"]})).await;
    early.expect("contact_list_broadcast").await;
    assert_eq!(late.expect("contact_list_broadcast").await["contacts"], json!(["John"]));
    pair.lose_there();
    early.ask("#help").await;
    pair.here.step(Duration::from_secs(60));
    for client in [&mut early, &mut late] {
        assert_eq!(client.expect("client_left").await["client_id"], "lost");
    }
}

#[tokio::test]
async fn who_comes_back_on_the_other_node_ends_the_old_connection_there() {
    let pair = Pair::open().await;
    let (mut anna, mut bert) = pair.couple().await;
    let mut old = std::mem::replace(&mut bert.client, TestClient::connect(&pair.here.url()).await);
    let token = bert.token.clone();
    let frame = json!({"type": "register", "client_id": "Bert", "session": "of Bert", "resume_token": token});
    assert_eq!(bert.register(&pair.here.url(), frame).await["missed"], Value::Null);
    assert_eq!(old.ended().await.1, Some(4501));
    anna.client.say("over here").await;
    assert_eq!(bert.hear().await, "over here");
}

#[tokio::test]
async fn who_comes_back_as_they_are_found_idle_is_found_idle_again() {
    let pair = Pair::with(&["limits.ping=0"]).await;
    let (anna, mut bert) = pair.couple().await;
    let (minute, mut old) = (Duration::from_secs(60), anna.client);
    pair.here.step(29 * minute);
    pair.network.hold_log(HERE, true);
    let mut back = TestClient::connect(&pair.here.url()).await;
    back.send(json!({"type": "register", "resume_token": anna.token, "nickname": "Anne"})).await;
    // The other node has read of it.
    while bert.client.ask("#who").await["partner"] != "Anne" {}
    pair.here.step(minute);
    old.send(json!({"type": "ping"})).await;
    old.expect("pong").await;
    // Behind that the old connection said that she is idle, as its node had not read of the new one.
    pair.network.hold_log(HERE, false);
    back.expect("registration_confirmed").await;
    assert_eq!(old.ended().await.1, Some(4501));
    bert.client.ask("#who").await;
    pair.here.step(29 * minute);
    assert_eq!(back.expect("chat_event").await["event"], "expired");
}

#[tokio::test]
async fn the_contacts_of_the_session_follow_a_return_whatever_was_lost() {
    let pair = Pair::open().await;
    let mut anna = Returning::join(&pair.here.url(), "Anna").await;
    anna.client.send(json!({"type": "contact_list_update", "contacts": ["John"]})).await;
    anna.client.expect("contact_list_broadcast").await;
    for server in [&pair.there, &pair.there, &pair.here] {
        let frame = json!({
            "type": "register", "client_id": "Anna", "session": "of Anna", "resume_token": anna.token,
        });
        anna.register(&server.url(), frame).await;
        assert_eq!(anna.client.expect("contact_list_broadcast").await["contacts"], json!(["John"]));
    }
}

#[tokio::test]
async fn a_slow_reader_on_the_other_node_is_told_of_to_who_writes_to_it() {
    let pair = Pair::with(&["limits.outbox_frames=8"]).await;
    let (mut anna, mut bert) = pair.couple().await;
    bert.lose(&pair.there).await;
    assert_eq!(anna.next().await["event"], "partner_away");
    for n in 0..20 {
        anna.client.send(text(&format!("line {n}"), "7")).await;
        let content = anna.next().await["content"].clone();
        assert_eq!(content.get("queued").is_some(), n < 8, "{content}");
        assert!(n < 8 || content["code"] == "overloaded", "{content}");
    }
    assert_eq!(bert.come_back(&pair.there.url()).await["recovered"], true);
    for n in 0..8 {
        assert_eq!(bert.hear().await, format!("line {n}"));
    }
}

#[tokio::test]
async fn lines_that_were_shown_do_not_come_back_when_their_readers_node_is_lost() {
    let pair = Pair::open().await;
    let (mut anna, mut bert) = pair.couple().await;
    bert.lose(&pair.there).await;
    assert_eq!(anna.next().await["event"], "partner_away");
    // More than are kept for who comes back.
    for n in 0..300 {
        anna.client.send(text(&format!("line {n}"), "7")).await;
        assert_eq!(anna.next().await["content"]["queued"], true);
    }
    assert_eq!(bert.come_back(&pair.there.url()).await["recovered"], true);
    for n in 0..300 {
        assert_eq!(bert.hear().await, format!("line {n}"));
    }
    assert_eq!(anna.next().await["event"], "partner_back");
    bert.client.send(json!({"type": "ping", "last_pos": bert.pos})).await;
    bert.client.expect("pong").await;
    pair.lose_there();
    assert_eq!(anna.next().await["event"], "partner_away");
}

#[tokio::test]
async fn a_confirmation_that_was_held_brings_a_token_that_works() {
    let pair = Pair::open().await;
    let (mut anna, mut bert) = pair.couple().await;
    pair.network.hold_log(THERE, true);
    bert.client.send(json!({"type": "register", "nickname": "Bertha"})).await;
    let sockets = pair.there.metric("strowger_sockets");
    drop(std::mem::replace(&mut bert.client, TestClient::connect(&pair.here.url()).await));
    until(&pair.there, "strowger_sockets", sockets - 1).await;
    pair.network.hold_log(THERE, false);
    assert_eq!(anna.next().await["event"], "partner_away");
    until(&pair.there, "strowger_away", 1).await;
    assert_eq!(bert.come_back(&pair.there.url()).await["recovered"], true);
    let held = bert.client.expect("registration_confirmed").await;
    held["resume_token"].as_str().expect("a token").clone_into(&mut bert.token);
    for _ in 0..2 {
        bert.client.send(json!({"type": "ping"})).await;
        bert.client.expect("pong").await;
    }
    bert.lose(&pair.there).await;
    let confirmation = bert.come_back(&pair.there.url()).await;
    assert_eq!((&confirmation["recovered"], &confirmation["nickname"]), (&json!(true), &json!("Bertha")));
}

#[tokio::test]
async fn who_has_no_socket_hears_what_became_of_a_text_for_another_node() {
    let pair = Pair::open().await;
    let mut bert = Returning::join(&pair.there.url(), "Bert").await;
    let (rest, path) = (HttpClient::new(pair.here.port()), "/api/v1/chat/anna/messages");
    let says = async |text: &str| rest.post(path, json!({"message": text, "nickname": "Anna"})).await;
    assert_eq!(says("#meet").await.fine()["state"], "waiting");
    assert_eq!(bert.client.ask("#meet").await["partner"], "Anna");
    assert_eq!(says("#who").await.fine()["partner"], "Bert");
    assert_eq!(says("hello").await.fine()["reply"], "📤 Message sent.");
    assert_eq!(bert.next().await["message"], "hello");
    // Bert leaves the chat and then the house, and here nobody knows yet.
    pair.network.hold_log(HERE, true);
    bert.client.ask("#bye").await;
    assert_eq!(says("too late").await.fine()["reply"], "📤 Message sent.");
    let comes_back = async {
        loop {
            let page = rest.get(path).await.fine();
            if let Some(line) = page["messages"].get(0) {
                break line.clone();
            }
        }
    };
    assert_eq!(patiently(comes_back).await["text"], "⚠️ Not delivered: too late");
    bert.client.close().await;
    patiently(async {
        while pair.there.metric("strowger_clients") > 1 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(says("nobody there").await.problem(), (503, "overloaded"));
}
