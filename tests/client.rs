//! The client library against a whole house, over real connections that break.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "common/network.rs"]
mod network;
#[path = "common/test_server.rs"]
#[allow(dead_code, reason = "a client sees nothing of the rest")]
mod test_server;

use network::Network;
use std::time::Duration;
use strowger::client::{Backoff, Client, End, Frame, Happening, NoAnswer, Options, Request, Return, Said};
use test_server::TestServer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// A test does not want to wait for a hub to recover.
const SOON: Backoff = Backoff::new(Duration::from_millis(10), Duration::from_millis(50));

fn options(url: &str) -> Options {
    Options::to(url).expect("an address").with_backoff(SOON)
}

fn client(url: &str, name: &str) -> Client {
    Client::new(options(url).nickname(name).session(name))
}

async fn next(client: &mut Client) -> Option<Happening> {
    tokio::time::timeout(PATIENCE, client.next()).await.expect("something happens in time")
}

/// Reads on to what a test waits for.
async fn until<T>(client: &mut Client, wanted: impl Fn(&Happening) -> Option<T>) -> T {
    loop {
        let happening = next(client).await.unwrap_or_else(|| panic!("over: {:?}", client.end()));
        if let Some(found) = wanted(&happening) {
            return found;
        }
    }
}

fn registered(happening: &Happening) -> Option<Return> {
    if let Happening::Registered(registration) = happening { Some(registration.how) } else { None }
}

fn event(name: &'static str) -> impl Fn(&Happening) -> Option<()> {
    move |happening| match happening {
        Happening::Pushed(frame) => match frame.said() {
            Said::ChatEvent(event) => (event.event == name).then_some(()),
            _ => None,
        },
        _ => None,
    }
}

fn text(happening: &Happening) -> Option<String> {
    match happening {
        Happening::Pushed(frame) => match frame.said() {
            Said::ChatMessage(text) => Some(text.message.clone()),
            _ => None,
        },
        _ => None,
    }
}

async fn ask(client: &mut Client, request: Request) -> Result<Frame, NoAnswer> {
    tokio::time::timeout(PATIENCE, client.ask(request)).await.expect("an outcome in time")
}

async fn couple(near: &str, far: &str) -> (Client, Client) {
    let (mut a, mut b) = (client(near, "User_A"), client(far, "User_B"));
    ask(&mut a, Request::line("#meet")).await.expect("an answer");
    let met = ask(&mut b, Request::line("#meet")).await.expect("an answer");
    assert_eq!(met.content().and_then(|content| content.state.as_deref()), Some("paired"));
    until(&mut a, event("matched")).await;
    (a, b)
}

#[tokio::test]
async fn two_meet_and_talk_and_a_goodbye_is_heard() {
    let hub = TestServer::start().await;
    let (mut a, mut b) = couple(&hub.url(), &hub.url()).await;
    let said = ask(&mut a, Request::line("Hello! How are you?")).await.expect("an answer");
    assert_eq!(said.content().and_then(|content| content.delivered), Some(true));
    assert_eq!(until(&mut b, text).await, "Hello! How are you?");
    a.leave().await;
    until(&mut b, event("partner_left")).await;
}

#[tokio::test]
async fn a_broken_connection_comes_back_and_nothing_is_lost_or_doubled() {
    let hub = TestServer::start().await;
    let network = Network::to(hub.port());
    let (mut a, mut b) = couple(&network.url(), &hub.url()).await;
    for round in 0..5 {
        network.cut();
        until(&mut a, |happening| matches!(happening, Happening::Lost(_)).then_some(())).await;
        until(&mut b, event("partner_away")).await;
        // Said to somebody who is away, and asked by somebody who is.
        let held = ask(&mut b, Request::line(format!("b {round}"))).await.expect("an answer");
        assert_eq!(held.content().and_then(|content| content.queued), Some(true));
        a.send(Request::line(format!("a {round}"))).expect("room");
        network.mend();
        assert_eq!(until(&mut a, registered).await, Return::Whole);
        assert_eq!(until(&mut a, text).await, format!("b {round}"));
        let got = until(&mut b, text);
        // Whoever is not waited for does nothing.
        let driven = async { while a.next().await.is_some() {} };
        tokio::select! {
            got = got => assert_eq!(got, format!("a {round}")),
            () = driven => panic!("it is over"),
        }
    }
}

#[tokio::test]
async fn a_line_whose_answer_is_lost_is_told_and_not_sent_again() {
    let hub = TestServer::start().await;
    let network = Network::to(hub.port());
    let (mut a, mut b) = couple(&network.url(), &hub.url()).await;
    let ticket = a.send(Request::line("Did you get this?")).expect("room");
    // It is not sent before somebody waits, and whoever cuts the network first is sure that there is no answer.
    network.cut();
    let unanswered = |happening: &Happening| match happening {
        Happening::Unanswered(of) => Some(*of),
        _ => None,
    };
    assert_eq!(until(&mut a, unanswered).await, ticket);
    network.mend();
    assert_eq!(until(&mut a, registered).await, Return::Whole);
    ask(&mut a, Request::line("the next")).await.expect("an answer");
    assert_eq!(until(&mut b, text).await, "the next");
}

#[tokio::test]
async fn what_the_hub_knows_again_is_carried_out_once() {
    let hub = TestServer::start().await;
    let network = Network::to(hub.port());
    let mut a = client(&network.url(), "team");
    ask(&mut a, Request::update_contacts(["John"])).await.expect("an answer");
    let mut other = Client::new(options(&hub.url()).session("team"));
    until(&mut other, registered).await;
    // The hub hears of it and carries it out, and what it says to that gets lost.
    network.mute();
    a.send(Request::send("John", "once")).expect("room");
    let shown = |happening: &Happening| match happening {
        Happening::Pushed(frame) => matches!(frame.said(), Said::WhatsappMessage(_)).then_some(()),
        _ => None,
    };
    let asking = async { while a.next().await.is_some() {} };
    tokio::select! {
        () = until(&mut other, shown) => {}
        () = asking => panic!("it is over"),
    }
    network.cut();
    until(&mut a, |happening| matches!(happening, Happening::Lost(_)).then_some(())).await;
    network.mend();
    let done = |happening: &Happening| match happening {
        Happening::Answered(_, frame) => Some(frame.is_success()),
        _ => None,
    };
    assert!(until(&mut a, done).await);
    let read = ask(&mut a, Request::read("John", 10)).await.expect("an answer");
    assert_eq!(read.content().map(|content| content.messages.len()), Some(1));
}

#[tokio::test]
async fn what_is_too_large_for_the_hub_is_told_and_not_sent_again() {
    let hub = TestServer::with(&["limits.frame=64KiB"]).await;
    let mut a = client(&hub.url(), "User_A");
    let large = a.send(Request::sentence("x".repeat(100_000))).expect("room");
    let unanswered = |happening: &Happening| match happening {
        Happening::Unanswered(of) => Some(*of),
        _ => None,
    };
    assert_eq!(until(&mut a, unanswered).await, large);
    ask(&mut a, Request::status()).await.expect("it goes on");
}

#[tokio::test]
async fn no_pause_is_longer_than_an_hour_whoever_asks_for_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("ws://{}", listener.local_addr().expect("an address"));
    let full = async {
        let (mut socket, _) = listener.accept().await.expect("a client");
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(socket.read_u8().await.expect("a request"));
        }
        let answer = format!("HTTP/1.1 503 Full\r\nRetry-After: {}\r\nContent-Length: 0\r\n\r\n", u64::MAX);
        socket.write_all(answer.as_bytes()).await.expect("a client");
        std::future::pending::<()>().await;
    };
    let mut a = client(&url, "User_A");
    tokio::select! {
        happening = next(&mut a) => {
            let Some(Happening::Lost(loss)) = happening else { panic!("{happening:?}") };
            assert_eq!(loss.retry_in, Duration::from_secs(3_600));
        }
        () = full => {}
    }
}

#[tokio::test]
async fn what_the_network_does_not_take_is_bounded() {
    let hub = TestServer::start().await;
    let mut a = client(&hub.url(), "User_A");
    until(&mut a, registered).await;
    // Nobody waits for the client, so nothing is written.
    let sent = (0..10_000).take_while(|n| a.send(Request::typing(n % 2 == 0)).is_ok()).count();
    assert!((1..10_000).contains(&sent), "{sent}");
    ask(&mut a, Request::status()).await.expect_err("there is no room");
}

#[tokio::test]
async fn a_restarted_hub_is_a_new_registration() {
    let hub = TestServer::start().await;
    let network = Network::to(hub.port());
    let mut a = client(&network.url(), "User_A");
    assert_eq!(until(&mut a, registered).await, Return::First);
    hub.close().await;
    until(&mut a, |happening| matches!(happening, Happening::Lost(_)).then_some(())).await;
    let hub = TestServer::start().await;
    network.lead_to(hub.port());
    assert_eq!(until(&mut a, registered).await, Return::Anew);
    assert_eq!(a.registration().map(|registration| registration.nickname.as_str()), Some("User_A"));
}

#[tokio::test]
async fn who_is_not_wanted_hears_why_and_does_not_come_back() {
    let hub = TestServer::with(&["auth.mode=token", "auth.token=let-me-in-0123456789"]).await;
    let mut a = Client::new(options(&hub.url()));
    assert!(next(&mut a).await.is_none());
    assert!(matches!(a.end(), Some(End::Rejected { code, .. }) if code == "unauthorized"), "{:?}", a.end());
    assert_eq!(ask(&mut a, Request::status()).await.err(), Some(NoAnswer::Over));
    let token = Some("let-me-in-0123456789".to_owned());
    let mut b = Client::new(options(&hub.url()).token(token));
    assert_eq!(until(&mut b, registered).await, Return::First);
}

#[tokio::test]
async fn who_is_taken_over_stays_away() {
    let hub = TestServer::start().await;
    let mut a = Client::new(options(&hub.url()).client_id("tablet"));
    until(&mut a, registered).await;
    let mut b = Client::new(options(&hub.url()).client_id("tablet"));
    assert!(next(&mut b).await.is_none(), "the id is taken");
    assert!(matches!(b.end(), Some(End::Rejected { code, .. }) if code == "client_id_taken"));
    ask(&mut a, Request::status()).await.expect("it is still there");
}

#[tokio::test]
async fn who_finds_nobody_may_give_up() {
    let nobody =
        TcpListener::bind("127.0.0.1:0").await.expect("a free port").local_addr().expect("an address");
    let mut a = Client::new(options(&format!("ws://{nobody}")).with_backoff(SOON.at_most(2)));
    assert!(
        matches!(next(&mut a).await, Some(Happening::Lost(loss)) if loss.end.is_absence() && loss.attempt == 1)
    );
    assert!(next(&mut a).await.is_none());
    assert!(a.end().is_some_and(End::is_absence));
}

#[tokio::test]
async fn a_full_hub_says_when_to_come_back() {
    let hub = TestServer::with(&["limits.connections=1"]).await;
    let mut a = client(&hub.url(), "User_A");
    until(&mut a, registered).await;
    let mut b = client(&hub.url(), "User_B");
    match next(&mut b).await {
        Some(Happening::Lost(loss)) => {
            let asked = loss.end.retry_after().expect("a time to come back");
            assert!(matches!(loss.end, End::NoUpgrade { status: 503, .. }) && loss.retry_in >= asked);
        }
        other => panic!("{other:?}"),
    }
    a.leave().await;
    b.hurry();
    assert_eq!(until(&mut b, registered).await, Return::First);
}

#[tokio::test(start_paused = true)]
async fn a_hub_that_says_nothing_is_asked_and_then_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("ws://{}", listener.local_addr().expect("an address"));
    let mute = async {
        let (socket, _) = listener.accept().await.expect("a client");
        let mut socket = tokio_tungstenite::accept_async(socket).await.expect("an upgrade");
        use futures::{SinkExt, StreamExt};
        socket.next().await.expect("a registration").expect("a registration");
        let confirmation =
            r#"{"type":"registration_confirmed","client_id":"a","session":"s","nickname":"n"}"#;
        socket.send(confirmation.into()).await.expect("a client");
        let asked = socket.next().await.expect("a ping").expect("a ping");
        assert_eq!(asked.into_text().expect("text").as_str(), r#"{"type":"ping"}"#);
        std::future::pending::<()>().await;
    };
    let mut a = client(&url, "User_A");
    let heard = async {
        // Not by `until`, whose patience would run out first while the clock leaps.
        while let Some(happening) = a.next().await {
            if let Happening::Lost(loss) = happening {
                return loss.end;
            }
        }
        panic!("it is over");
    };
    tokio::select! {
        end = heard => assert_eq!(end, End::Silent),
        () = mute => {}
    }
}

#[tokio::test]
async fn what_is_no_hub_is_told_with_its_status() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("ws://{}", listener.local_addr().expect("an address"));
    let web = async {
        let (mut socket, _) = listener.accept().await.expect("a client");
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(socket.read_u8().await.expect("a request"));
        }
        socket.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await.expect("a client");
        std::future::pending::<()>().await;
    };
    let mut a = client(&url, "User_A");
    tokio::select! {
        happening = next(&mut a) => assert!(happening.is_none()),
        () = web => {}
    }
    assert!(matches!(a.end(), Some(End::NoUpgrade { status: 404, .. })));
}
