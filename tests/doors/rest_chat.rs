//! REST: the random chat for people without a socket.

use crate::http_client::{HttpClient, Reply};
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use futures::future::{join_all, select};
use serde_json::{Value, json};
use std::time::Duration;

/// Somebody without a socket.
struct Person {
    client: HttpClient,
    path: String,
}

impl Person {
    fn new(server: &TestServer, id: &str) -> Self {
        Self { client: HttpClient::new(server.port()), path: format!("/api/v1/chat/{id}/messages") }
    }

    async fn says(&self, message: &str) -> Reply {
        self.client.post(&self.path, json!({"message": message})).await
    }

    async fn named(&self, message: &str, nickname: &str) -> Value {
        self.client.post(&self.path, json!({"message": message, "nickname": nickname})).await.fine()
    }

    async fn reads(&self, query: &str) -> Value {
        self.client.get(&format!("{}?{query}", self.path)).await.fine()
    }
}

fn texts(page: &Value) -> Vec<&str> {
    page["messages"].as_array().expect("lines").iter().filter_map(|line| line["text"].as_str()).collect()
}

#[tokio::test]
async fn two_without_a_socket_meet_and_talk() {
    let server = TestServer::start().await;
    let (anna, bob) = (Person::new(&server, "anna"), Person::new(&server, "bob"));
    let page = anna.named("#meet", "Anna").await;
    assert_eq!((&page["state"], &page["position"]), (&json!("waiting"), &json!(1)));
    let page = bob.named("#meet", "Bob").await;
    assert_eq!((&page["state"], &page["partner"]), (&json!("paired"), &json!("Anna")));
    assert_eq!(page["reply"], "🎉 Connected! You're now chatting with Anna. Say hello!");
    assert_eq!(bob.says("hello").await.fine()["reply"], "📤 Message sent.");
    let page = anna.reads("").await;
    assert_eq!(
        texts(&page),
        [
            "🎉 Connected! You're now chatting with Bob. Say hello!",
            "📤 Message sent to your partner from Bob: hello"
        ]
    );
    assert_eq!(
        (&page["messages"][1]["event"], &page["messages"][1]["from"]),
        (&json!("message"), &json!("Bob"))
    );
    assert_eq!(texts(&anna.reads("").await), [""; 0], "each is shown once");
    let after = page["messages"][0]["pos"].as_str().expect("a position");
    bob.says("again").await.fine();
    let again = anna.reads(&format!("after={after}")).await;
    assert_eq!(texts(&again), ["📤 Message sent to your partner from Bob: again"]);
}

#[tokio::test]
async fn an_answer_that_got_lost_is_shown_again_to_who_names_where_they_are() {
    let server = TestServer::start().await;
    let (anna, bob) = (Person::new(&server, "anna"), Person::new(&server, "bob"));
    anna.says("#meet").await.fine();
    bob.says("#meet").await.fine();
    let first = anna.reads("").await;
    bob.says("hello").await.fine();
    assert_eq!(texts(&anna.reads("").await).len(), 1);
    let after = first["messages"][0]["pos"].as_str().expect("a position");
    assert_eq!(texts(&anna.reads(&format!("after={after}&wait=50")).await).len(), 1);
}

#[tokio::test]
async fn one_without_a_socket_and_one_with_talk_both_ways_in_order() {
    let server = TestServer::start().await;
    let anna = Person::new(&server, "anna");
    anna.named("#meet", "Anna").await;
    let mut bob = TestClient::join(&server.url(), "Bob").await;
    assert_eq!(bob.ask("#meet").await["partner"], "Anna");
    for n in 0..50 {
        bob.say(&format!("to anna {n}")).await;
        anna.says(&format!("to bob {n}")).await.fine();
        assert_eq!(bob.hear().await, format!("to bob {n}"));
    }
    bob.say("last").await;
    assert_eq!(bob.ask("#who").await["partner"], "Anna");
    // What was said is in her mailbox by then; some of it she read with her own answers.
    bob.ask("#bye").await;
    let page = anna.reads("wait=50").await;
    let lines = texts(&page);
    assert!(lines.contains(&"📤 Message sent to your partner from Bob: last"), "{lines:?}");
    assert_eq!(page["state"], "idle");
}

#[tokio::test]
async fn what_is_read_is_in_order_whether_it_comes_with_an_answer_or_not() {
    let server = TestServer::start().await;
    let anna = Person::new(&server, "anna");
    anna.named("#meet", "Anna").await;
    let mut bob = TestClient::join(&server.url(), "Bob").await;
    bob.ask("#meet").await;
    let mut seen = Vec::new();
    for n in 0..30 {
        bob.say(&"x".repeat(n + 1)).await;
        let page = if n % 2 == 0 { anna.says("hm").await.fine() } else { anna.reads("").await };
        seen.extend(texts(&page).into_iter().map(str::to_owned));
    }
    bob.ask("#who").await;
    while seen.len() < 31 {
        seen.extend(texts(&anna.reads("wait=50").await).into_iter().map(str::to_owned));
    }
    let expected: Vec<_> =
        (1..=30).map(|n| format!("📤 Message sent to your partner from Bob: {}", "x".repeat(n))).collect();
    assert_eq!(seen[1..], expected);
}

#[tokio::test]
async fn who_waits_hears_at_once_and_one_at_a_time() {
    let server = TestServer::start().await;
    let (anna, bob) = (Person::new(&server, "anna"), Person::new(&server, "bob"));
    anna.says("#meet").await.fine();
    let waiting = anna.reads("wait=50");
    let meeting = async {
        bob.named("#meet", "Bob").await;
    };
    let (page, ()) = tokio::join!(waiting, meeting);
    assert_eq!(page["messages"][0]["event"], "matched");

    let wait = async || anna.client.get(&format!("{}?wait=50", anna.path)).await;
    let (one, other) = (std::pin::pin!(wait()), std::pin::pin!(wait()));
    let (superseded, other) = select(one, other).await.factor_first();
    assert_eq!(superseded.problem(), (409, "conflict"));
    bob.says("hello").await.fine();
    assert_eq!(texts(&other.await.fine()), ["📤 Message sent to your partner from Bob: hello"]);
}

#[tokio::test]
async fn who_waits_in_vain_hears_so() {
    let server = TestServer::start().await;
    let anna = Person::new(&server, "anna");
    let waiting = anna.reads("wait=5");
    let (page, ()) = tokio::join!(waiting, async {
        // She comes in when she waits, and then time passes.
        let figures = async || anna.client.get("/api/v1/stats").await.fine()["active_users"].clone();
        while figures().await != 1 {}
        server.step(Duration::from_secs(5));
    });
    assert_eq!(page, json!({"success": true, "state": "idle", "messages": [], "dropped": 0}));
}

#[tokio::test]
async fn what_goes_wrong_is_a_problem_and_loses_no_line() {
    let server = TestServer::start().await;
    let (anna, bob) = (Person::new(&server, "anna"), Person::new(&server, "bob"));
    let reply = anna.says("is anybody there").await;
    assert_eq!(reply.problem(), (409, "not_paired"));
    assert_eq!(reply.body["detail"], "No partner found. Use #meet to connect.");
    anna.says("#meet").await.fine();
    bob.says("#meet").await.fine();
    bob.says("hello").await.fine();
    let reply = anna.says(&"x".repeat(4_097)).await;
    assert_eq!(reply.problem(), (413, "too_large"));
    assert_eq!((texts(&reply.body).len(), &reply.body["state"]), (2, &json!("paired")));
    assert_eq!(anna.says("#meat").await.problem(), (400, "invalid_message"));
    for body in
        [json!({}), json!({"message": ""}), json!({"message": 7}), json!([]), json!({"message": "  "})]
    {
        let reply = anna.client.post(&anna.path, body).await;
        assert_eq!(reply.problem(), (400, "invalid_message"));
    }
    anna.reads("after=99999999999999999999").await;
    for query in ["wait=51", "wait=x", "wait=-1", "after=x", "after=", "after=999999999999999999999"] {
        let reply = anna.client.get(&format!("{}?{query}", anna.path)).await;
        assert_eq!(reply.problem(), (400, "invalid_message"), "{query}");
    }
    for id in ["%0a", "%ff", &"x".repeat(129)] {
        let path = format!("/api/v1/chat/{id}/messages");
        assert_eq!(anna.client.get(&path).await.problem(), (400, "invalid_message"), "{id}");
    }
    let path = format!("/api/v1/chat/{}/messages", "%F0%9F%98%80".repeat(128));
    anna.client.get(&path).await.fine();
}

#[tokio::test]
async fn too_fast_is_told_with_a_time() {
    let server = TestServer::with(&["limits.meets_per_minute=1"]).await;
    let anna = Person::new(&server, "anna");
    anna.says("#meet").await.fine();
    anna.says("#bye").await.fine();
    let reply = anna.says("#meet").await;
    assert_eq!(reply.problem(), (429, "rate_limited"));
    let seconds: u64 = reply.header("retry-after").and_then(|after| after.parse().ok()).expect("a time");
    assert!(reply.body["retry_after_ms"].as_u64().is_some_and(|millis| millis.div_ceil(1_000) == seconds));
}

#[tokio::test]
async fn a_text_with_a_key_is_sent_once_whoever_hangs_up() {
    let server = TestServer::start().await;
    let (anna, bob) = (Person::new(&server, "anna"), Person::new(&server, "bob"));
    anna.says("#meet").await.fine();
    bob.says("#meet").await.fine();
    anna.reads("").await;
    let once = bob.client.with("Idempotency-Key", "k");
    let body = json!({"message": "once"});
    // The first of all hangs up, and so does every other one between those who wait.
    drop(once.begin(&bob.path, &body).await);
    let asks = (0..100).map(async |n| {
        if n % 2 == 0 {
            drop(once.begin(&bob.path, &body).await);
            return None;
        }
        Some(once.post(&bob.path, body.clone()).await)
    });
    let replies = join_all(asks).await;
    let first = replies.into_iter().flatten().map(Reply::fine).collect::<Vec<_>>();
    assert_eq!(first.len(), 50);
    assert!(first.iter().all(|reply| *reply == first[0]), "{first:?}");
    assert_eq!(texts(&anna.reads("").await).len(), 1);
    assert_eq!(once.post(&bob.path, json!({"message": "twice"})).await.problem(), (409, "conflict"));
    // Another person has keys of their own.
    once.post(&anna.path, json!({"message": "mine"})).await.fine();
    server.step(Duration::from_secs(3_601));
    let late = once.post(&bob.path, body).await;
    assert_eq!(
        late.problem(),
        (409, "not_paired"),
        "after an hour it is another request, and the chat is over"
    );
}

#[tokio::test]
async fn users_of_different_tokens_are_different_people() {
    let server =
        TestServer::with(&["auth.token=the-token-of-users", "auth.admin_token=the-token-of-admins"]).await;
    let anna = Person::new(&server, "anna");
    let other = Person { client: anna.client.token("the-token-of-users"), path: anna.path.clone() };
    anna.says("#meet").await.fine();
    assert_eq!(other.says("#meet").await.fine()["state"], "paired");
}
