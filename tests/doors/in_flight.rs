//! Many lines, and lines that are under way when something changes: each is shown to the one partner of its
//! moment, once and in order, or comes back.

use crate::patiently;
use crate::raw_client::{RawClient, TEXT, frame};
use crate::test_client::{TestClient, couple};
use crate::test_server::TestServer;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How often a race is run.
const ROUNDS: usize = 20;
const LINES: usize = 300;

fn line(n: usize) -> Value {
    json!({"type": "chat_message", "message": format!("line {n}"), "request_id": format!("{n}")})
}

/// What a sender heard of its lines.
#[derive(Default)]
struct Fate {
    delivered: BTreeSet<usize>,
    refused: BTreeSet<usize>,
    failed: BTreeSet<usize>,
}

impl Fate {
    /// Sends all lines and reads until each has its answer.
    async fn of_lines_from(sender: &mut TestClient) -> Self {
        for n in 0..LINES {
            sender.send(line(n)).await;
        }
        let mut fate = Self::default();
        while fate.delivered.len() + fate.refused.len() < LINES {
            fate.note(&sender.next().await);
        }
        fate
    }

    /// Checks this against what was shown to the partner of the moment, who is shown no more of it.
    async fn settle(mut self, sender: &mut TestClient, partner: &mut TestClient, shown: &[usize]) {
        // All lines are in the partner's mailbox. Once the partner has an answer that came behind them, they have
        // been looked at; once the sender has one, so has whatever came back.
        for client in [partner, sender] {
            client.send(json!({"type": "chat_message", "message": "#who", "request_id": "end"})).await;
            loop {
                let frame = client.next().await;
                if frame["request_id"] == "end" {
                    break;
                }
                self.note(&frame);
            }
        }
        let expected: Vec<_> = self.delivered.difference(&self.failed).copied().collect();
        assert_eq!(shown, expected, "shown exactly once and in order, or told");
    }

    fn note(&mut self, frame: &Value) {
        let number = frame["request_id"].as_str().and_then(|id| id.parse().ok());
        match (frame["type"].as_str(), number) {
            (Some("chat_event"), _) => {}
            (Some("chat_message_failed"), Some(n)) => {
                assert_eq!(frame["message"], format!("line {n}"));
                // More than can wait for the news of the match come back while the two are together.
                assert!(["not_paired", "overloaded"].map(Value::from).contains(&frame["code"]), "{frame}");
                assert!(self.delivered.contains(&n) && self.failed.insert(n), "{frame}");
            }
            (Some("response"), Some(n)) if frame["content"]["delivered"] == true => {
                assert!(self.delivered.insert(n))
            }
            (Some("response"), Some(n)) => {
                assert_eq!(
                    (&frame["content"]["success"], &frame["content"]["code"]),
                    (&json!(false), &json!("not_paired"))
                );
                assert!(self.refused.insert(n));
            }
            _ => panic!("{frame}"),
        }
    }
}

/// Reads `first` frames, then types a command and reads up to its answer: the numbers of the lines among all these,
/// and the answer.
async fn read_and_leave(client: &mut TestClient, first: usize, command: &str) -> (Vec<usize>, Value) {
    let mut shown = Vec::new();
    for read in 0.. {
        if read == first {
            client.say(command).await;
        }
        let frame = client.next().await;
        if frame["type"] == "response" {
            return (shown, frame["content"].clone());
        }
        shown.extend(number(&frame));
    }
    unreachable!("the answer comes")
}

/// The number of the line in this frame.
fn number(frame: &Value) -> Option<usize> {
    frame["message"].as_str()?.strip_prefix("line ")?.parse().ok()
}

#[tokio::test]
async fn two_thousand_lines_arrive_in_order_both_ways() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server.url()).await;
    for n in 0..2_000 {
        a.say(&format!("from a: {n}")).await;
        b.say(&format!("from b: {n}")).await;
    }
    for n in 0..2_000 {
        assert_eq!(b.next().await["message"], format!("from a: {n}"));
        assert_eq!(a.next().await["message"], format!("from b: {n}"));
    }
    assert_eq!(server.metric("strowger_texts_total"), 4_000);
}

#[tokio::test]
async fn two_thousand_lines_in_one_write_arrive_in_order() {
    let server = TestServer::start().await;
    let mut a = RawClient::join(server.port(), "User_A").await;
    let mut b = TestClient::join(&server.url(), "User_B").await;
    let meet = json!({"type": "chat_message", "message": "#meet"});
    let who = json!({"type": "chat_message", "message": "#who"});
    a.send(&meet.to_string()).await;
    assert_eq!(a.next().await["content"]["state"], "waiting");
    assert_eq!(b.ask("#meet").await["state"], "paired");
    // Commands among them are answered in their place.
    let texts = (0..2_000).map(|n| json!({"type": "chat_message", "message": format!("line {n}")}));
    let burst: Vec<u8> =
        texts.chain([who]).flat_map(|text| frame(TEXT, text.to_string().as_bytes())).collect();
    let (mut reader, mut writer) = a.stream.split();
    let writing = tokio::io::AsyncWriteExt::write_all(&mut writer, &burst);
    let (written, ()) = patiently(async {
        tokio::join!(writing, async {
            for n in 0..2_000 {
                assert_eq!(b.next().await["message"], format!("line {n}"));
            }
        })
    })
    .await;
    written.expect("the house reads");
    let mut first = [0];
    patiently(tokio::io::AsyncReadExt::read_exact(&mut reader, &mut first))
        .await
        .expect("the answer to #who");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_that_meet_a_goodbye_are_shown_or_come_back() {
    let server = TestServer::with(&["limits.meets_per_minute=0"]).await;
    for round in 0..ROUNDS {
        let (mut a, mut b) = couple(&server.url()).await;
        let (fate, (shown, answer)) =
            tokio::join!(Fate::of_lines_from(&mut a), read_and_leave(&mut b, 10 * round, "#bye"));
        assert_eq!(answer["state"], "idle");
        fate.settle(&mut a, &mut b, &shown).await;
        a.close().await;
        b.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_of_an_old_chat_never_reach_a_new_one() {
    let server = TestServer::with(&["limits.meets_per_minute=0"]).await;
    for round in 0..ROUNDS {
        let (mut a, mut b) = couple(&server.url()).await;
        let mut c = TestClient::join(&server.url(), "User_C").await;
        assert_eq!(c.ask("#meet").await["state"], "waiting");
        let (fate, (shown, answer)) =
            tokio::join!(Fate::of_lines_from(&mut a), read_and_leave(&mut b, 10 * round, "#again"));
        assert_eq!(answer["partner"], "User_C");
        fate.settle(&mut a, &mut b, &shown).await;
        b.say("hello, new one").await;
        assert_eq!(c.next().await["event"], "matched");
        assert_eq!(c.next().await["message"], "hello, new one");
        for client in [a, b, c] {
            client.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_sent_at_the_moment_of_a_match_are_refused_shown_or_come_back() {
    let server = TestServer::with(&["limits.meets_per_minute=0"]).await;
    for _ in 0..ROUNDS {
        let mut a = TestClient::join(&server.url(), "User_A").await;
        let mut b = TestClient::join(&server.url(), "User_B").await;
        assert_eq!(a.ask("#meet").await["state"], "waiting");
        b.say("#meet").await;
        let fate = Fate::of_lines_from(&mut a).await;
        a.say("the end").await;
        let mut shown = Vec::new();
        loop {
            let frame = b.next().await;
            if frame["message"] == "the end" {
                break;
            }
            shown.extend(number(&frame));
        }
        fate.settle(&mut a, &mut b, &shown).await;
        a.close().await;
        b.close().await;
    }
}
