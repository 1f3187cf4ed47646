//! A network that breaks again at the worst moment: while somebody is coming back, or before a page got to what came.

use crate::raw_client::{PING, PONG, RawClient, frame};
use crate::returning_client::{couple, until};
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use serde_json::json;
use std::time::Duration;

/// Above the default of `limits.ping`.
const QUIET: Duration = Duration::from_secs(26);

#[tokio::test]
async fn a_confirmation_that_got_lost_costs_nobody_their_place() {
    let server = TestServer::start().await;
    let (mut a, mut b) = couple(&server).await;
    a.client.say("before").await;
    assert_eq!(b.hear().await, "before");
    b.lose(&server).await;
    // The hub takes the return in, and its answer never arrives.
    let mut unlucky = TestClient::connect(&server.url()).await;
    unlucky.send(json!({"type": "register", "resume_token": b.token, "last_pos": b.pos})).await;
    until(&server, "strowger_away", 0).await;
    drop(unlucky);
    until(&server, "strowger_away", 1).await;
    let confirmation = b.come_back(&server.url()).await;
    assert_eq!(confirmation["recovered"], true, "{confirmation}");
    assert_eq!(b.client.ask("#who").await["state"], "paired");
}

#[tokio::test]
async fn a_new_nickname_whose_confirmation_got_lost_costs_nobody_their_place() {
    let server = TestServer::start().await;
    let (_a, mut b) = couple(&server).await;
    b.client.send(json!({"type": "register", "nickname": "Bertha"})).await;
    b.lose(&server).await;
    let confirmation = b.come_back(&server.url()).await;
    assert_eq!(confirmation["recovered"], true, "{confirmation}");
}

/// A browser answers pings by itself, whether or not the page has got to what came before them.
#[tokio::test]
async fn a_pong_does_not_say_that_the_frames_before_it_were_dealt_with() {
    let server = TestServer::start().await;
    let mut partner = TestClient::join(&server.url(), "Partner").await;
    let mut page = RawClient::connect(server.port()).await;
    page.send(&json!({"type": "register", "nickname": "Page", "session": "of its own"}).to_string()).await;
    let token = page.next().await["resume_token"].clone();
    page.say("#meet").await;
    assert_eq!(page.next().await["content"]["state"], "waiting");
    assert_eq!(partner.ask("#meet").await["state"], "paired");
    let seen = page.next().await["pos"].clone();
    page.send(&json!({"type": "ping", "last_pos": seen}).to_string()).await;
    assert_eq!(page.next().await["type"], "pong");
    partner.say("not dealt with yet").await;
    assert_eq!(page.next().await["message"], "not dealt with yet");
    server.step(QUIET);
    loop {
        let (first, payload) = page.next_frame().await.expect("a ping");
        if first == PING {
            page.write(&frame(PONG, &payload)).await;
            break;
        }
    }
    // The pong has been read once what stands behind it is answered.
    page.send(&json!({"type": "ping", "last_pos": seen}).to_string()).await;
    assert_eq!(page.next().await["type"], "pong");
    drop(page);
    until(&server, "strowger_away", 1).await;
    let mut page = TestClient::connect(&server.url()).await;
    page.send(json!({"type": "register", "resume_token": token, "last_pos": seen})).await;
    let confirmation = page.expect("registration_confirmed").await;
    assert_eq!(confirmation["recovered"], true, "{confirmation}");
    assert_eq!(page.expect("chat_message").await["message"], "not dealt with yet");
}
