use super::*;
use crate::core::account::{Link, News, Refusal, Wish};
use crate::core::{Action, ContactName, Input, Millis, NodeId};
use crate::hub::letter::{Broadcast, Letter};
use crate::hub::log::InputLog;
use crate::hub::{MailboxLimits, directory};
use crate::store::{Calendar, Retention, Shelf};
use crate::whatsapp::Script;
use futures::future::poll_fn;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};
use tokio::task::coop::unconstrained;

const SOMEBODY: ConnId = ConnId { node: NodeId(1), serial: 1 };

/// The accounts of a node whose matchmaker nobody is: what it would be told is read from the log.
struct Room {
    accounts: Accounts,
    directory: Directory,
    log: InputLog,
    store: Store,
    clock: Clock,
    /// Where the one client is told everything.
    mailbox: Arc<Mailbox>,
    actor: tokio::task::JoinHandle<()>,
}

impl Room {
    async fn open(simulator: Simulator) -> Self {
        let (accounts, inbox) = Accounts::new();
        let (pen, log) = InputLog::local(64);
        let (directory, metrics, clock) = (Directory::default(), Metrics::new(), Clock::stepped());
        let unopened = Unopened {
            inbox,
            clock: clock.clone(),
            directory: directory.clone(),
            pen,
            key: Key::random(),
            metrics: metrics.clone(),
        };
        let retention = Retention::of(None);
        let store = Store::open(&Shelf::Memory, retention, Calendar::stepped(0), metrics).expect("a store");
        let rules = Rules { patience: Millis::seconds(30), auto_reply: Private::from("Away."), ai: None };
        let actor = unopened.open(rules, simulator, store.clone(), nobody()).await.expect("an empty store");
        let mailbox = Arc::new(Mailbox::new(MailboxLimits { letters: 0, bytes: 0 }));
        let card = crate::hub::Card {
            client_id: "anna".to_owned(),
            client_name: "anna".to_owned(),
            session: "team".to_owned(),
            log_name: "anna".to_owned(),
        };
        let line =
            directory::Line { mailbox: mailbox.clone(), card: Arc::new(card), is_member: true, former: None };
        directory.put(SOMEBODY, line);
        Self { accounts, directory, log, store, clock, mailbox, actor: tokio::spawn(actor) }
    }

    fn caller(&self, request_id: Option<&str>) -> Caller {
        Caller {
            session: "team".into(),
            conn: SOMEBODY,
            registration: 1,
            mailbox: self.mailbox.clone(),
            request_id: request_id.map(Into::into),
        }
    }

    /// Hands the accounts something, as a client that has nothing else waiting; the actor's own turn comes later.
    async fn call(&self, call: Call) {
        unconstrained(self.accounts.call(call, &Places::default())).await;
    }

    async fn asks(&self, wish: Wish, request_id: Option<&str>) -> Arc<Answer> {
        self.begins_to_ask(self.caller(request_id), wish).await;
        self.answer().await
    }

    async fn begins_to_ask(&self, caller: Caller, wish: Wish) {
        static FRESH: AtomicU64 = AtomicU64::new(1_000);
        let fresh = FRESH.fetch_add(1_000, Ordering::Relaxed).into();
        let request = Request { wish, body: 1, fresh };
        self.call(Call::Ask { caller, asked: Asked::Command, request }).await;
    }

    async fn answer(&self) -> Arc<Answer> {
        loop {
            if let Letter::Account(reply) = self.letter().await {
                return reply.answer;
            }
        }
    }

    async fn letter(&self) -> Letter {
        let found = in_time(poll_fn(|cx| self.mailbox.poll_take(Mailbox::FIRST, cx))).await;
        let crate::hub::mailbox::Found::Letter(letter) = found else { panic!("it is open") };
        letter
    }

    /// What the session is told of its line next.
    async fn link(&self) -> Link {
        loop {
            if let Letter::Shared(shared) = self.letter().await
                && let Broadcast::Account(news) = &shared.what
                && let News::Status(status) = &news.news
            {
                return status.link;
            }
        }
    }

    async fn end(self) {
        drop((self.accounts, self.directory));
        self.actor.await.expect("no panic");
        self.store.close(Instant::now()).await;
    }
}

async fn in_time<T>(event: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), event).await.expect("it comes")
}

fn bridge(is_up: bool) -> Bridge {
    Bridge { conn: ConnId { node: NodeId(1), serial: 2 }, is_up }
}

#[tokio::test]
async fn every_request_has_one_answer_though_nothing_is_to_be_remembered() {
    let room = Room::open(Simulator::default()).await;
    let john = || ContactName::new("John");
    let all = |which| Action::Read { contact: john(), count: 5, which };
    let acts = [
        Action::Search { query: "hello".into() },
        all(crate::core::Which::All),
        Action::List,
        Action::Status,
        Action::AutoReply(false),
        Action::Summary { contact: john() },
    ];
    let looks = [
        Wish::Contacts { query: None, after: None, count: 5 },
        Wish::Messages { contact: john(), count: 5 },
        Wish::History { conversation: None, before: None, count: 5 },
        Wish::Search { query: "hello".into(), count: 5 },
        Wish::Summary { contact: None, conversation: None },
        Wish::Status,
    ];
    for (number, wish) in acts.into_iter().map(Wish::Act).chain(looks).enumerate() {
        room.asks(wish.clone(), None).await;
        room.asks(wish, Some(&number.to_string())).await;
    }
    assert!(room.mailbox.take(Mailbox::FIRST).is_none_or(|letter| !matches!(letter, Letter::Account(_))));
    room.end().await;
}

#[tokio::test]
async fn a_list_is_the_sessions_though_whoever_gave_it_is_gone() {
    let mut room = Room::open(Simulator::default()).await;
    let list = vec![Supplied::named("John")];
    room.call(Call::Supply { caller: room.caller(None), list, number: 1 }).await;
    let mut inputs = Vec::new();
    while inputs.len() < 2 {
        assert!(in_time(room.log.read(&mut inputs)).await);
    }
    let heads: Vec<_> = inputs
        .iter()
        .map(|(input, _)| match input {
            Input::ContactsReplaced { conn, contacts } if *conn == SOMEBODY => (true, contacts.total),
            Input::ContactsLearned { contacts, .. } => (false, contacts.total),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(heads, [(true, 1), (false, 1)], "the answer, and the same for whoever is there");
    room.end().await;
}

#[tokio::test]
async fn a_bridge_that_came_and_went_at_once_was_there() {
    let room = Room::open(Simulator::default()).await;
    room.accounts.feed().bridge("team", bridge(true));
    room.accounts.feed().bridge("team", bridge(false));
    room.accounts.feed().ring();
    assert_eq!((room.link().await, room.link().await), (Link::Up, Link::Down));
    let kept = room.store.load("team").await.expect("a store").expect("a session");
    assert!(kept.settings.has_bridge, "the simulator never comes back");
    room.end().await;
}

#[tokio::test]
async fn who_asks_is_answered_by_somebody_who_knows_that_a_bridge_is_there() {
    let room = Room::open(Simulator::default()).await;
    room.asks(Wish::Status, None).await;
    // By then the actor waits, and nothing but the question wakes it.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    room.accounts.feed().bridge("team", bridge(true));
    let answer = room.asks(Wish::Status, None).await;
    assert!(matches!(&*answer, Answer::Status(status) if status.link == Link::Up), "{answer:?}");
    room.end().await;
}

#[tokio::test]
async fn what_the_simulator_knows_is_not_kept_and_gone_with_it() {
    let script = r#"{"contacts": [{"name": "Echo", "phone": "+15550100"}]}"#;
    let room = Room::open(Simulator::new(serde_json::from_str::<Script>(script).expect("a script"))).await;
    let listed = async || match &*room.asks(Wish::Act(Action::List), None).await {
        Answer::Listed { total, .. } => *total,
        other => panic!("{other:?}"),
    };
    assert_eq!(listed().await, 1);
    room.accounts.feed().bridge("team", bridge(true));
    room.accounts.feed().ring();
    assert_eq!(room.link().await, Link::Up);
    assert_eq!(listed().await, 0);
    let kept = room.store.load("team").await.expect("a store").expect("a session");
    assert_eq!((kept.learned, kept.supplied), (vec![], vec![]));
    room.end().await;
}

#[tokio::test]
async fn no_room_for_a_list_is_told_under_its_number() {
    let room = Room::open(Simulator::default()).await;
    let list = vec![Supplied::named("John"); 500_001];
    room.call(Call::Supply { caller: room.caller(None), list, number: 7 }).await;
    assert!(matches!(room.letter().await, Letter::NoRoom { number: 7 }));
    let list = vec![Supplied::named(&"x".repeat(1_000)); 70_000];
    room.call(Call::Supply { caller: room.caller(None), list, number: 8 }).await;
    assert!(matches!(room.letter().await, Letter::NoRoom { number: 8 }), "too heavy");
    room.end().await;
}

#[tokio::test]
async fn nobody_whom_the_simulator_plays_writes_to_a_bridges_session() {
    let script = r#"{"contacts": [{"name": "Echo"}], "replies": [{"say": "hello", "after_ms": 500}]}"#;
    let room = Room::open(Simulator::new(serde_json::from_str::<Script>(script).expect("a script"))).await;
    let send = Action::Send { contact: ContactName::new("Echo"), message: "hi".into(), confirm: None };
    assert!(matches!(&*room.asks(Wish::Act(send), None).await, Answer::Sent { .. }));
    room.accounts.feed().bridge("team", bridge(true));
    room.asks(Wish::Status, None).await;
    room.clock.step(Duration::from_secs(1));
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    let answer = room.asks(Wish::Status, None).await;
    assert!(matches!(&*answer, Answer::Status(status) if status.contacts == 0), "{answer:?}");
    room.end().await;
}

fn send_to_echo() -> Wish {
    Wish::Act(Action::Send { contact: ContactName::new("Echo"), message: "hi".into(), confirm: None })
}

fn playing(script: &str) -> Simulator {
    Simulator::new(serde_json::from_str::<Script>(script).expect("a script"))
}

#[tokio::test]
async fn a_time_that_is_over_is_told_though_others_ask_without_pause() {
    let room = Room::open(playing(r#"{"faults": [{"what": "silent"}]}"#)).await;
    room.begins_to_ask(room.caller(None), send_to_echo()).await;
    room.asks(Wish::Status, None).await;
    room.clock.step(Duration::from_secs(31));
    for _ in 0..50 {
        room.begins_to_ask(room.caller(None), Wish::Status).await;
    }
    let answer = room.answer().await;
    assert!(matches!(&*answer, Answer::Refused { why: Refusal::TimedOut, .. }), "{answer:?}");
    room.end().await;
}

#[tokio::test]
async fn what_is_simulated_later_has_a_bound() {
    let room = Room::open(playing(r#"{"replies": [{"say": "hello", "after_ms": 60000}]}"#)).await;
    let overloaded = |answer: &Answer| matches!(answer, Answer::Refused { why: Refusal::Overloaded, .. });
    for _ in 0..4_096 {
        assert!(matches!(&*room.asks(send_to_echo(), None).await, Answer::Sent { .. }));
    }
    assert!(overloaded(&*room.asks(send_to_echo(), None).await));
    room.clock.step(Duration::from_secs(61));
    room.asks(Wish::Status, None).await;
    assert!(matches!(&*room.asks(send_to_echo(), None).await, Answer::Sent { .. }));
    room.end().await;
}

#[tokio::test]
async fn a_message_for_which_there_is_no_room_is_told_to_its_bridge() {
    let room = Room::open(Simulator::default()).await;
    for number in 0..10_000 {
        let caller = Caller { session: number.to_string().into(), ..room.caller(None) };
        room.begins_to_ask(caller, Wish::Act(Action::AutoReply(true))).await;
        room.answer().await;
    }
    let contact = Supplied::named("Jane");
    let incoming = Incoming { contact, message: "hello".into(), id: None, fresh: 1 };
    room.call(Call::Receive { caller: room.caller(None), incoming }).await;
    let answer = room.answer().await;
    assert!(matches!(&*answer, Answer::Refused { why: Refusal::Overloaded, .. }), "{answer:?}");
    room.end().await;
}

#[tokio::test]
async fn who_came_and_went_on_at_another_connection_hears_how_things_stand() {
    let room = Room::open(Simulator::default()).await;
    room.asks(Wish::Act(Action::AutoReply(true)), None).await;
    room.accounts.feed().came(SOMEBODY, "team");
    let after = ConnId { node: NodeId(1), serial: 2 };
    let line = room.directory.line(SOMEBODY).expect("a client");
    room.directory.put(after, directory::Line { mailbox: room.mailbox.clone(), ..line });
    room.directory.go_on(SOMEBODY, after, None).expect("it goes on");
    while room.mailbox.take(Mailbox::FIRST + 1).is_some() {}
    room.accounts.feed().ring();
    let found = in_time(poll_fn(|cx| room.mailbox.poll_take(Mailbox::FIRST + 1, cx))).await;
    assert!(matches!(found, crate::hub::mailbox::Found::Letter(Letter::Shared(_))), "{found:?}");
    room.end().await;
}

/// One of so many of a session that asks without waiting for its turn.
fn flooder(room: &Room, session: &str) -> Caller {
    Caller { session: session.into(), ..room.caller(Some("flood")) }
}

async fn next_session(room: &Room) -> Arc<str> {
    loop {
        if let Letter::Account(reply) = room.letter().await {
            return reply.session;
        }
    }
}

#[tokio::test]
async fn who_asks_waits_for_one_request_of_each_other_session_however_many_there_are() {
    let room = Room::open(Simulator::default()).await;
    for _ in 0..300 {
        room.begins_to_ask(flooder(&room, "flood"), Wish::Status).await;
        room.begins_to_ask(flooder(&room, "deluge"), Wish::Status).await;
    }
    room.begins_to_ask(room.caller(None), Wish::Status).await;
    let mut before = 0;
    while *next_session(&room).await != *"team" {
        before += 1;
    }
    assert!(before <= 2, "{before} were answered before");
    for _ in 0..600 - before {
        assert_ne!(*next_session(&room).await, *"team");
    }
    room.end().await;
}

#[tokio::test]
async fn what_one_client_asks_is_answered_in_its_order() {
    let room = Room::open(Simulator::default()).await;
    for number in 0..200 {
        room.begins_to_ask(flooder(&room, "flood"), Wish::Status).await;
        let request_id: Arc<str> = number.to_string().into();
        let caller = Caller { request_id: Some(request_id), ..room.caller(None) };
        room.begins_to_ask(caller, Wish::Status).await;
    }
    let mut next = 0;
    while next < 200 {
        if let Letter::Account(reply) = room.letter().await
            && *reply.session == *"team"
        {
            assert_eq!(reply.request_id.as_deref(), Some(next.to_string().as_str()));
            next += 1;
        }
    }
    room.end().await;
}

/// The way to an actor, and its turns; nobody takes them.
async fn asked(calls: Vec<Call>) -> (Inbox, turns::Turns) {
    let (accounts, inbox) = Accounts::new();
    for call in calls {
        accounts.call(call, &Places::default()).await;
    }
    (inbox, turns::Turns::default())
}

fn by(mailbox: &Arc<Mailbox>, wish: Wish) -> Call {
    let (session, conn, mailbox) = ("team".into(), SOMEBODY, mailbox.clone());
    let caller = Caller { session, conn, registration: 1, mailbox, request_id: None };
    Call::Ask { caller, asked: Asked::Command, request: Request { wish, body: 1, fresh: 1 } }
}

fn open_mailbox() -> Arc<Mailbox> {
    Arc::new(Mailbox::new(MailboxLimits { letters: 0, bytes: 0 }))
}

#[tokio::test]
async fn what_one_only_asks_who_is_gone_for_good_takes_no_turn_and_what_they_sent_is_sent() {
    let (gone, away) = (open_mailbox(), open_mailbox());
    assert!(away.park(crate::hub::Desk::default()).is_none());
    let calls = vec![
        by(&gone, Wish::Status),
        by(&gone, Wish::Act(Action::List)),
        by(&gone, send_to_echo()),
        by(&gone, Wish::Status),
        by(&away, Wish::Status),
        by(&gone, Wish::Status),
    ];
    let (mut inbox, mut turns) = asked(calls).await;
    let _ = gone.close(None).expect("its letters");
    let mut left = Vec::new();
    while let Some(Waiting { call: Call::Ask { request, .. }, .. }) = turns.next(&mut inbox.calls).await {
        left.push(matches!(request.wish, Wish::Status));
    }
    assert_eq!(left, [false, true], "what was sent, and who may come back");
}

#[tokio::test]
async fn a_client_has_a_handful_of_requests_waiting_and_takes_no_more_until_it_is_their_turn() {
    let (accounts, mut inbox) = Accounts::new();
    let (mailbox, mut places, mut taken) = (open_mailbox(), Places::default(), 0);
    let has_room =
        |places: &mut Places| futures::FutureExt::now_or_never(poll_fn(|cx| places.poll_room(cx))).is_some();
    while has_room(&mut places) {
        accounts.call(by(&mailbox, Wish::Status), &places).await;
        taken += 1;
    }
    assert_eq!(taken, 8);
    let mut turns = turns::Turns::default();
    let first = turns.next(&mut inbox.calls).await.expect("a request");
    assert!(!has_room(&mut places), "the actor has it still");
    drop(first);
    assert!(has_room(&mut places));
}

#[tokio::test]
async fn a_session_whose_bridge_came_when_there_was_no_room_is_never_simulated() {
    let room = Room::open(Simulator::default()).await;
    for number in 0..9_999 {
        let caller = Caller { session: number.to_string().into(), ..room.caller(None) };
        room.begins_to_ask(caller, Wish::Act(Action::AutoReply(true))).await;
        room.answer().await;
    }
    // One that will be of no account again.
    let order = Caller { session: "last".into(), ..room.caller(Some("1")) };
    room.begins_to_ask(order, Wish::Act(Action::AutoReply(false))).await;
    room.answer().await;
    room.accounts.feed().bridge("team", bridge(true));
    let overloaded = room.asks(Wish::Status, None).await;
    assert!(matches!(&*overloaded, Answer::Refused { why: Refusal::Overloaded, .. }), "{overloaded:?}");
    room.clock.step(Duration::from_secs(3_601));
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    let answer = room.asks(Wish::Status, None).await;
    assert!(matches!(&*answer, Answer::Status(status) if status.link == Link::Up), "{answer:?}");
    room.end().await;
}

#[test]
fn a_bridge_that_is_gone_is_nobodys() {
    let feed = Feed::default();
    feed.bridge("team", bridge(true));
    feed.bridge("team", bridge(false));
    assert_eq!(feed.bridge_of("team"), Some(bridge(false)), "it may come back");
    feed.left(SOMEBODY, "team");
    assert!(feed.bridge_of("team").is_some(), "that was another client");
    feed.left(bridge(true).conn, "team");
    assert_eq!(feed.bridge_of("team"), None);
}

/// No AI is set up.
fn nobody() -> Asking {
    let rules = crate::ai::Rules { at_once: 1, budget: crate::ai::Budget::default() };
    let ai = crate::ai::Ai::new(Vec::new(), rules, Metrics::new(), tokio_util::task::TaskTracker::new());
    Asking {
        ai,
        within: std::time::Duration::from_secs(30),
        sentences_within: std::time::Duration::from_secs(8),
    }
}
