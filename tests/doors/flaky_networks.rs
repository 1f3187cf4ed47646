//! A network that breaks again at the worst moment: while somebody is coming back, or before a page got to what came.

use crate::patiently;
use crate::raw_client::{PING, PONG, RawClient, frame};
use crate::returning_client::{couple, until};
use crate::test_client::TestClient;
use crate::test_server::TestServer;
use serde_json::json;
use std::time::Duration;
use strowger::core::mask::Masker;
use strowger::core::{Answer, Command, Millis, Nickname, Rate, Role, Rules};
use strowger::hub::{
    Ask, Card, Client, Clock, House as Rooms, Hub, Incoming, Introduction, Letter, MailboxLimits, Returning,
    Told,
};
use strowger::metrics::Metrics;

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

#[tokio::test]
async fn a_request_behind_a_register_does_not_show_that_the_token_arrived() {
    let server = TestServer::start().await;
    let (_a, mut b) = couple(&server).await;
    b.lose(&server).await;
    let mut unlucky = RawClient::connect(server.port()).await;
    unlucky.send(&json!({"type": "register", "resume_token": b.token, "last_pos": b.pos}).to_string()).await;
    unlucky.send(&json!({"type": "ping"}).to_string()).await;
    // Its answer comes behind the confirmation, and neither is read by the one who has to.
    while unlucky.next_frame().await.is_some_and(|(_, payload)| !payload.starts_with(b"{\"type\":\"pong\"")) {
    }
    drop(unlucky);
    until(&server, "strowger_away", 1).await;
    assert_eq!(b.come_back(&server.url()).await["recovered"], true);
}

#[tokio::test]
async fn a_rename_that_meets_a_return_changes_nothing_for_who_returned() {
    let rooms = Rooms {
        rules: Rules::default(),
        mailbox: MailboxLimits { letters: 100, bytes: 0 },
        texts: Rate::default(),
        longest_text: 0,
        idle_after: Millis(0),
        answers: Millis(0),
    };
    let (hub, matchmaker, _) = Hub::start(rooms, Masker::default(), Clock::stepped(), Metrics::new());
    let card = |name: &str| Card {
        client_id: "anna".into(),
        client_name: name.into(),
        session: "s".into(),
        log_name: String::new(),
    };
    let introduction = |returning| {
        Box::new(Introduction {
            person: None,
            card: card("one"),
            nickname: Nickname::random(1),
            is_chosen: true,
            only_reads: false,
            role: Role::Client,
            returning,
        })
    };
    let story = async {
        let mut old = hub.client();
        old.await_answer(None);
        old.ask(Ask::Register(introduction(None))).await;
        let Incoming::Letter(letter) = incoming(&mut old).await else { panic!("a letter") };
        let Told::Answer(_, pending) = old.open(letter) else { panic!("an answer") };
        let token = pending.token.expect("a token");
        // The return is first in the log, and the rename behind it.
        let mut new = hub.client();
        new.await_answer(None);
        let returning = Returning {
            person: None,
            token,
            names_client: false,
            names_session: false,
            names_role: false,
            nickname: None,
            seen: None,
        };
        new.ask(Ask::Register(introduction(Some(returning)))).await;
        old.await_answer(None);
        old.ask(Ask::Rename { card: Some(card("two")), nickname: Nickname::random(2) }).await;
        assert!(matches!(incoming(&mut old).await, Incoming::Superseded));
        old.go_away().await;
        let Incoming::Letter(letter) = incoming(&mut new).await else { panic!("a letter") };
        assert!(matches!(new.open(letter), Told::Nothing));
        let Incoming::Inherited(desk, lost) = incoming(&mut new).await else { panic!("a desk") };
        assert!(new.take_over(*desk, lost).is_some());
        // An answer to a question of its own comes behind whatever the rename led to.
        new.await_answer(None);
        new.ask(Ask::Command(Command::Who)).await;
        let mut answered = false;
        while !answered {
            let Incoming::Letter(letter) = incoming(&mut new).await else { panic!("a letter") };
            answered = matches!(&letter, Letter::Answer(answer) if matches!(&**answer, Answer::Command(_)));
            let _ = new.open(letter);
        }
        assert!(new.card().is_some(), "it is still registered");
    };
    tokio::select! {
        () = matchmaker => panic!("the matchmaker goes on"),
        () = patiently(story) => {}
    }
}

async fn incoming(client: &mut Client) -> Incoming {
    std::future::poll_fn(|cx| client.poll_incoming(cx)).await
}
