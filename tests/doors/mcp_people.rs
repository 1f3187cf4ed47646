//! People over MCP: what they get when something goes wrong on the way, what of them others see, and when they are
//! gone.

use crate::mcp_chat::{MET_BOB, from_bob, pair};
use crate::mcp_client::{ADMIN, Mcp, OLD, TOKEN, house, house_with};
use crate::patiently;
use crate::privacy::port_in;
use crate::process::{Process, Room};
use crate::web;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn whoever_hangs_up_before_the_answer_finds_the_lines_once_when_they_ask() {
    let server = house().await;
    let mcp = Mcp::of(&server);
    pair(mcp).await;
    let params = json!({"name": "handle_message", "arguments": {"message": "#who", "puch_user_id": "Anna"}});
    let lost = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).to_string();
    let lost = mcp.written(OLD, &lost);
    for round in 0..20 {
        let batch: Vec<_> = (0..3).map(|n| format!("line {n} of {round}")).collect();
        for line in &batch {
            mcp.say("Bob", line).await;
        }
        let mut stream = web::dial(mcp.port).await;
        patiently(stream.write_all(lost.as_bytes())).await.expect("room");
        // Sometimes the call is not even taken yet, sometimes its answer is there and nobody reads it.
        match round % 4 {
            0 => {}
            1 => patiently(stream.readable()).await.expect("an answer"),
            _ => {
                for _ in 0..round {
                    tokio::task::yield_now().await;
                }
            }
        }
        drop(stream);
        let met = (round == 0).then(|| MET_BOB.to_owned());
        let expected: Vec<_> = met.into_iter().chain(batch.iter().map(|line| from_bob(line))).collect();
        assert_eq!(mcp.say("Anna", "#m").await.lines(), expected, "round {round}");
        assert_eq!(mcp.say("Anna", "#who").await.text(), "👤 You're chatting with: Bob", "round {round}");
        assert_eq!(mcp.say("Anna", "#m").await.text(), "📭 Inbox empty.", "round {round}");
    }
}

#[tokio::test]
async fn nobodys_id_is_in_anything_that_their_partner_gets() {
    let server = house().await;
    let mcp = Mcp::admin_of(&server);
    let say = async |who: &str, message: &str| {
        mcp.call("handle_message", json!({"message": message, "puch_user_id": who})).await
    };
    for (one, other) in [("Quetzalcoatl", "Wolpertinger"), ("919812345678", "14155550123")] {
        let mut told = vec![say(one, "#meet").await];
        let mut of_other = vec![say(other, "#meet").await];
        assert_eq!(of_other[0]["structuredContent"]["state"], "paired");
        for message in ["hello", "#who", "#r hello", "#m", "#hide", "#help"] {
            of_other.push(say(other, message).await);
            told.push(say(one, message).await);
        }
        say(one, "again").await;
        of_other.push(mcp.begin_wait(other, 50, None).await.result().await);
        assert!(of_other[of_other.len() - 1].to_string().contains("again"));
        say(other, "#bye").await;
        told.push(say(one, "#m").await);
        let has = |results: &[Value], id: &str| results.iter().any(|result| result.to_string().contains(id));
        assert!(!has(&told, other), "{other} in {told:#?}");
        assert!(!has(&of_other, one), "{one} in {of_other:#?}");
    }
}

async fn stats(mcp: Mcp) -> Value {
    mcp.call("get_stats", json!({})).await["structuredContent"].clone()
}

// In threads of its own, so that the figures are asked for in the middle of things.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_figures_fit_together_while_two_hundred_come_and_go() {
    let server = house_with(&["limits.meets_per_minute=0"]).await;
    let mcp = Mcp::of(&server);
    let names: Vec<String> = (0..200).map(|n| format!("P{n}")).collect();
    for message in ["#meet", "#bye"] {
        let all = futures::future::join_all(names.iter().map(|name| mcp.say(name, message)));
        let asking = async {
            loop {
                let stats = stats(mcp).await;
                let figure = |name: &str| stats[name].as_u64().expect("a figure");
                let busy = figure("active_pairs") * 2 + figure("waiting_users");
                assert!(busy <= figure("active_users"), "{stats}");
            }
        };
        patiently(async {
            tokio::select! {
                _ = all => {}
                () = asking => {}
            }
        })
        .await;
    }
    let stats = stats(mcp).await;
    assert_eq!((&stats["active_users"], &stats["active_pairs"]), (&json!(200), &json!(0)));
}

#[tokio::test]
async fn whoever_does_nothing_for_long_makes_room_for_somebody_else() {
    let server = house_with(&["limits.callers=2"]).await;
    let mcp = Mcp::of(&server);
    pair(mcp).await;
    let is_full = async || mcp.say("Carol", "#who").await.content()["code"] == "overloaded";
    assert!(is_full().await);
    assert_eq!(stats(mcp).await["active_users"], 2);
    patiently(async {
        while stats(mcp).await["active_users"] != 0 {
            server.step(Duration::from_secs(60));
        }
        // Whoever was here takes a moment to go.
        while is_full().await {}
    })
    .await;
    assert_eq!(mcp.say("Carol", "#meet").await.content()["state"], "waiting");
    assert_eq!(mcp.say("Dave", "#meet").await.content()["partner"], "Carol");
    assert!(mcp.say("Anna", "#who").await.content()["code"] == "overloaded", "they are two again");
}

#[tokio::test]
async fn whoever_waits_in_a_house_that_is_told_to_end_is_answered() {
    let room = Room::new();
    let house = Process::start(&room, &["--port", "0"], &[("AUTH_TOKEN", TOKEN), ("ADMIN_TOKEN", ADMIN)]);
    let mcp = Mcp { port: port_in(&house.line()), token: ADMIN };
    let waiting = mcp.begin_wait("Anna", 50, None).await;
    // Whoever waits has come in.
    patiently(async { while stats(mcp).await["active_users"] != 1 {} }).await;
    house.signal(Signal::TERM);
    let result = waiting.result().await;
    assert_eq!(
        (&result["isError"], &result["structuredContent"]["code"]),
        (&json!(true), &json!("overloaded"))
    );
    let ended = house.ended();
    assert_eq!(ended.status.code(), Some(0), "{:?}", ended.stderr);
}
