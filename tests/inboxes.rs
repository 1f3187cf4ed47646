//! People without a socket: what they read when they come by, and what becomes of what they never read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::time::Duration;
use strowger::core::mask::Masker;
use strowger::core::{Millis, Nickname, Rate, Rules, State};
use strowger::hub::{Clock, House, Hub, MailboxLimits};
use strowger::inbox::{Caller, Errand, Event, Inboxes, NoRoom, Page, Waited};
use strowger::metrics::Metrics;
use strowger::wire::{Code, Pos};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const HALF_AN_HOUR: Duration = Duration::from_secs(30 * 60);

/// An exchange, and the people who come by.
struct Crowd {
    inboxes: Inboxes,
    clock: Clock,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Crowd {
    fn open() -> Self {
        Self::of(100)
    }

    fn of(most: usize) -> Self {
        let house = House {
            rules: Rules { meets_per_minute: 0, ..Rules::default() },
            mailbox: MailboxLimits { letters: 4_096, bytes: 1 << 20 },
            texts: Rate { per_minute: 0, burst: 0 },
            longest_text: 4_096,
            idle_after: Millis::seconds(HALF_AN_HOUR.as_secs()),
            answers: Millis(0),
        };
        let (clock, tasks, stop) = (Clock::stepped(), TaskTracker::new(), CancellationToken::new());
        let masker = Masker::new(&[]).unwrap();
        let (hub, matchmaker, _accounts) = Hub::start(house, masker, clock.clone(), Metrics::new());
        tasks.spawn(matchmaker);
        Self { inboxes: Inboxes::new(hub, most, tasks.clone(), stop.clone()), clock, stop, tasks }
    }

    fn caller(&self, who: &str) -> Caller {
        Caller { person: self.inboxes.hub().person("test", who), is_anybody: false }
    }

    async fn does(&self, who: &str, errand: Errand) -> Page {
        let caller = self.caller(who);
        let nickname = Nickname::clean(who, self.inboxes.hub().masker());
        self.inboxes.call(caller, nickname, errand).await.expect("room")
    }

    async fn says(&self, who: &str, line: &str) -> Page {
        self.does(who, Errand::Say(line.into())).await
    }

    async fn pair(&self, one: &str, other: &str) {
        self.says(one, "#meet").await;
        assert_eq!(self.says(other, "#meet").await.state, State::Paired(name(one)));
    }

    /// Asks until there are so many people here: one who goes does so in a task of their own.
    async fn until_there_are(&self, people: usize) {
        while self.inboxes.count() != people {
            tokio::task::yield_now().await;
        }
    }
}

fn name(name: &str) -> Nickname {
    Nickname::clean(name, &Masker::new(&[]).unwrap()).unwrap()
}

fn lines(page: &Page) -> Vec<&str> {
    page.lines.iter().map(|line| &*line.text).collect()
}

fn reply(page: &Page) -> &str {
    &page.reply.as_ref().expect("a reply").text
}

#[tokio::test]
async fn two_who_come_by_talk_and_each_reads_what_the_other_wrote_before_their_own_answer() {
    let crowd = Crowd::open();
    let page = crowd.says("Anna", "#meet").await;
    assert!(reply(&page).starts_with("🔍 Looking for someone"));
    assert!(matches!(page.state, State::Waiting { position: 1, .. }));
    let page = crowd.says("Bob", "#meet").await;
    assert_eq!(reply(&page), "🎉 Connected! You're now chatting with Anna. Say hello!");
    for n in 1..=30 {
        assert_eq!(reply(&crowd.says("Bob", &format!("line {n}")).await), "📤 Message sent.");
    }
    let page = crowd.says("Anna", "#who").await;
    let expected: Vec<_> =
        std::iter::once("🎉 Connected! You're now chatting with Bob. Say hello!".to_owned())
            .chain((1..=30).map(|n| format!("📤 Message sent to your partner from Bob: line {n}")))
            .collect();
    assert_eq!(lines(&page), expected);
    assert_eq!(page.lines[0].event, Event::Matched);
    assert_eq!(page.lines[1].from, Some(name("Bob")));
    assert_eq!(reply(&page), "👤 You're chatting with: Bob");
    assert!(crowd.does("Anna", Errand::Read).await.lines.is_empty(), "each is shown once");
}

#[tokio::test]
async fn a_line_is_shown_once_more_if_asked_for_at_once() {
    let crowd = Crowd::open();
    crowd.pair("Anna", "Bob").await;
    crowd.says("Bob", "hi").await;
    let hi = "📤 Message sent to your partner from Bob: hi";
    assert!(lines(&crowd.does("Anna", Errand::Read).await).contains(&hi));
    let page = crowd.says("Anna", " #M ").await;
    assert!(lines(&page).contains(&hi) && page.reply.is_none());
    assert_eq!(reply(&crowd.says("Anna", "#m").await), "📭 Inbox empty.");
}

#[tokio::test]
async fn who_reads_by_position_misses_nothing_though_an_answer_was_lost() {
    let crowd = Crowd::open();
    crowd.pair("Anna", "Bob").await;
    crowd.says("Bob", "one").await;
    let first = crowd.does("Anna", Errand::ReadAfter(Pos(0))).await;
    crowd.says("Bob", "two").await;
    let again = crowd.does("Anna", Errand::ReadAfter(first.lines[0].pos)).await;
    assert_eq!(again.lines.len(), 2, "{again:?}");
    assert_eq!(again.lines[0], first.lines[1]);
    assert!(again.lines[1].text.ends_with("two"));
}

#[tokio::test]
async fn what_finds_no_room_is_counted_and_its_sender_told() {
    let crowd = Crowd::open();
    crowd.pair("Anna", "Bob").await;
    crowd.does("Anna", Errand::Read).await;
    let mut told = Vec::new();
    for n in 1..=150 {
        told.extend(crowd.says("Bob", &format!("line {n}")).await.lines);
    }
    let page = crowd.does("Anna", Errand::Read).await;
    assert_eq!((page.lines.len(), page.dropped), (100, 50));
    assert!(page.lines[0].text.ends_with("line 51"));
    told.extend(crowd.does("Bob", Errand::Read).await.lines);
    told.retain(|line| line.event == Event::Failed);
    assert_eq!(told.len(), 50);
    assert_eq!(&*told[0].text, "⚠️ Not delivered: line 1");
}

#[tokio::test]
async fn r_sends_a_text_whatever_it_looks_like() {
    let crowd = Crowd::open();
    crowd.pair("Anna", "Bob").await;
    assert_eq!(reply(&crowd.says("Bob", "#r #bye").await), "📤 Message sent.");
    assert_eq!(reply(&crowd.says("Bob", "#R  and\nmore ").await), "📤 Message sent.");
    let page = crowd.does("Anna", Errand::Read).await;
    assert!(page.lines[1].text.ends_with("Bob: #bye") && page.lines[2].text.ends_with("Bob: and ⏎ more"));
    for nothing in ["#r", "#r  ", "", " \n"] {
        let page = crowd.says("Bob", nothing).await;
        let refused = page.reply.and_then(|reply| reply.refused);
        assert_eq!(refused.map(|refusal| refusal.code), Some(Code::InvalidMessage), "{nothing:?}");
    }
    assert_eq!(reply(&crowd.says("Bob", "#rest").await), "📤 Message sent.", "a hashtag is text");
}

#[tokio::test]
async fn what_goes_wrong_has_a_code() {
    let crowd = Crowd::open();
    let page = crowd.says("Anna", "is anybody there").await;
    assert_eq!(reply(&page), "No partner found. Use #meet to connect.");
    assert_eq!(page.reply.unwrap().refused.map(|refusal| refusal.code), Some(Code::NotPaired));
    let page = crowd.says("Anna", "#meat").await;
    assert_eq!(reply(&page), "Unknown command #meat. Did you mean #meet?");
    let page = crowd.says("Anna", &"x".repeat(4_097)).await;
    assert_eq!(reply(&page), "That message is too long: at most 4096 characters.");
}

#[tokio::test]
async fn who_waits_hears_at_once_and_one_at_a_time() {
    let crowd = Crowd::open();
    crowd.pair("Anna", "Bob").await;
    let anna = crowd.caller("Anna");
    let wait = || crowd.inboxes.wait(anna, HALF_AN_HOUR);
    assert_eq!(wait().await, Ok(Waited::Came), "the match is there already");
    crowd.does("Anna", Errand::Read).await;
    let first = wait();
    tokio::pin!(first);
    assert!(futures::poll!(&mut first).is_pending());
    let second = wait();
    tokio::pin!(second);
    assert!(futures::poll!(&mut second).is_pending());
    assert_eq!(first.await, Ok(Waited::Superseded));
    crowd.says("Bob", "hi").await;
    assert_eq!(second.await, Ok(Waited::Came));
    assert_eq!(crowd.does("Anna", Errand::Read).await.lines.len(), 1);
}

#[tokio::test]
async fn who_waits_in_vain_hears_so_and_loses_nothing() {
    let crowd = Crowd::open();
    crowd.pair("Anna", "Bob").await;
    crowd.does("Anna", Errand::Read).await;
    let anna = crowd.caller("Anna");
    let waiting = crowd.inboxes.wait(anna, Duration::from_secs(25));
    tokio::pin!(waiting);
    assert!(futures::poll!(&mut waiting).is_pending());
    crowd.clock.step(Duration::from_secs(25));
    assert_eq!(waiting.await, Ok(Waited::InVain));
    crowd.says("Bob", "hi").await;
    assert_eq!(crowd.does("Anna", Errand::Read).await.lines.len(), 1);
}

#[tokio::test]
async fn who_does_nothing_for_too_long_is_forgotten_and_what_they_never_read_comes_back() {
    let crowd = Crowd::open();
    crowd.pair("Anna", "Bob").await;
    crowd.clock.step(HALF_AN_HOUR / 2);
    crowd.says("Bob", "are you there?").await;
    crowd.clock.step(HALF_AN_HOUR / 2);
    crowd.until_there_are(1).await;
    let page = crowd.says("Bob", "#who").await;
    assert_eq!(page.state, State::Idle);
    let told: Vec<_> = page.lines.iter().map(|line| line.event).collect();
    assert_eq!(told, [Event::Failed, Event::PartnerLeft], "{page:?}");
    let page = crowd.does("Anna", Errand::Read).await;
    assert_eq!((page.lines.len(), page.state), (0, State::Idle));
    assert_eq!(
        reply(&crowd.says("Anna", "#who").await),
        "You're not currently in a chat. Use #meet to connect!"
    );
}

#[tokio::test]
async fn reading_is_no_activity() {
    let crowd = Crowd::open();
    crowd.pair("Anna", "Bob").await;
    crowd.clock.step(HALF_AN_HOUR / 2);
    crowd.does("Anna", Errand::Read).await;
    crowd.says("Bob", "#who").await;
    crowd.clock.step(HALF_AN_HOUR / 2);
    crowd.until_there_are(1).await;
}

#[tokio::test]
async fn a_sweep_ends_those_who_did_nothing_for_so_long() {
    let crowd = Crowd::open();
    crowd.pair("Anna", "Bob").await;
    crowd.says("Carl", "#meet").await;
    crowd.clock.step(Duration::from_secs(60));
    crowd.says("Bob", "#who").await;
    assert_eq!(crowd.inboxes.hub().sweep(Millis::seconds(60)), 2);
    crowd.until_there_are(1).await;
    assert_eq!(crowd.says("Bob", "#who").await.state, State::Idle);
}

#[tokio::test]
async fn a_new_nickname_is_shown_to_the_partner() {
    let crowd = Crowd::open();
    crowd.pair("Anna", "Bob").await;
    let bob = crowd.caller("Bob");
    let page = crowd.inboxes.call(bob, Some(name("Robert")), Errand::Say("hi".into())).await.unwrap();
    assert_eq!(reply(&page), "📤 Message sent.");
    let page = crowd.says("Anna", "#who").await;
    assert_eq!(lines(&page).last(), Some(&"📤 Message sent to your partner from Robert: hi"));
    assert_eq!(reply(&page), "👤 You're chatting with: Robert");
}

#[tokio::test]
async fn two_hundred_meet_at_once_and_nobody_twice() {
    let crowd = Crowd::of(200);
    let names: Vec<_> = (0..200).map(|n| format!("P{n}")).collect();
    futures::future::join_all(names.iter().map(|name| crowd.says(name, "#meet"))).await;
    let pages = futures::future::join_all(names.iter().map(|name| crowd.says(name, "#who"))).await;
    let mut partners: Vec<_> = pages
        .iter()
        .map(|page| match &page.state {
            State::Paired(partner) => partner.as_str().to_owned(),
            other => panic!("{other:?}"),
        })
        .collect();
    partners.sort_unstable();
    partners.dedup();
    assert_eq!(partners.len(), 200);
    let tally = crowd.inboxes.hub().figures();
    assert_eq!((tally.active_users, tally.counted.pairs, tally.counted.waiting), (200, 100, 0));
}

#[tokio::test]
async fn past_the_limit_nobody_comes_in_and_who_is_here_is_served() {
    let crowd = Crowd::of(1);
    crowd.says("Anna", "#meet").await;
    let bob = crowd.caller("Bob");
    assert_eq!(crowd.inboxes.call(bob, None, Errand::Say("#meet".into())).await, Err(NoRoom));
    assert!(crowd.inboxes.call(bob, None, Errand::Read).await.unwrap().lines.is_empty());
    assert!(matches!(crowd.says("Anna", "#meet").await.state, State::Waiting { .. }));
}

#[tokio::test]
async fn a_house_that_closes_sends_everybody_home() {
    let Crowd { inboxes, stop, tasks, .. } = {
        let crowd = Crowd::open();
        crowd.pair("Anna", "Bob").await;
        crowd.says("Bob", "never read").await;
        crowd
    };
    stop.cancel();
    drop(inboxes);
    tasks.close();
    tasks.wait().await;
}

#[tokio::test]
async fn who_waits_hears_that_their_chat_expired() {
    let crowd = Crowd::open();
    crowd.pair("Anna", "Bob").await;
    crowd.clock.step(HALF_AN_HOUR / 2);
    crowd.says("Bob", "#who").await;
    crowd.does("Anna", Errand::Read).await;
    crowd.clock.step(HALF_AN_HOUR / 2 - Duration::from_secs(5));
    let anna = crowd.caller("Anna");
    let waiting = crowd.inboxes.wait(anna, Duration::from_secs(25));
    tokio::pin!(waiting);
    assert!(futures::poll!(&mut waiting).is_pending());
    tokio::task::yield_now().await;
    crowd.clock.step(Duration::from_secs(5));
    assert_eq!(waiting.await, Ok(Waited::Came));
    let page = crowd.does("Anna", Errand::Read).await;
    assert_eq!(page.lines.iter().map(|line| line.event).collect::<Vec<_>>(), [Event::Expired]);
    assert_eq!(page.state, State::Idle);
    crowd.clock.step(HALF_AN_HOUR);
    crowd.until_there_are(0).await;
}

#[tokio::test]
async fn what_was_read_by_somebody_who_hung_up_is_read_by_the_next() {
    let crowd = Crowd::open();
    crowd.pair("Anna", "Bob").await;
    crowd.says("Bob", "hi").await;
    for errand in [Errand::Read, Errand::ReadAfter(Pos(0)), Errand::Say("#who".into())] {
        let call = crowd.does("Anna", errand);
        tokio::pin!(call);
        assert!(futures::poll!(&mut call).is_pending());
    }
    let page = crowd.does("Anna", Errand::Read).await;
    assert!(lines(&page).contains(&"📤 Message sent to your partner from Bob: hi"), "{page:?}");
}

#[tokio::test]
async fn who_was_forgotten_and_comes_again_meets_no_position_twice() {
    let crowd = Crowd::open();
    crowd.pair("Anna", "Bob").await;
    let before = crowd.does("Anna", Errand::Read).await.lines[0].pos;
    crowd.clock.step(HALF_AN_HOUR);
    crowd.until_there_are(0).await;
    crowd.pair("Anna", "Bob").await;
    assert_ne!(crowd.does("Anna", Errand::Read).await.lines[0].pos, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_never_read_comes_back_before_the_news_that_the_partner_left() {
    for _ in 0..50 {
        let crowd = Crowd::open();
        crowd.pair("Anna", "Bob").await;
        crowd.clock.step(HALF_AN_HOUR / 2);
        for n in 0..20 {
            crowd.says("Bob", &format!("line {n}")).await;
        }
        crowd.clock.step(HALF_AN_HOUR / 2);
        crowd.until_there_are(1).await;
        let page = crowd.says("Bob", "#who").await;
        let told: Vec<_> = page.lines.iter().map(|line| line.event).collect();
        assert_eq!(told.len(), 21);
        assert_eq!(told.last(), Some(&Event::PartnerLeft), "{told:?}");
    }
}

#[tokio::test]
async fn those_who_may_be_anybody_leave_half_of_the_room_to_others() {
    let crowd = Crowd::of(4);
    let comes = async |who: &str, is_anybody: bool| {
        let caller = Caller { is_anybody, ..crowd.caller(who) };
        crowd.inboxes.call(caller, None, Errand::Say("#help".into())).await.map(drop)
    };
    for who in ["Anna", "Bob"] {
        assert_eq!(comes(who, true).await, Ok(()));
    }
    assert_eq!(comes("Cleo", true).await, Err(NoRoom));
    for who in ["Dora", "Emil"] {
        assert_eq!(comes(who, false).await, Ok(()));
    }
    assert_eq!(comes("Fritz", false).await, Err(NoRoom), "all of it is taken");
    assert_eq!(comes("Anna", true).await, Ok(()), "who is here stays");
    crowd.clock.step(HALF_AN_HOUR);
    crowd.until_there_are(0).await;
    for who in ["Cleo", "Fritz"] {
        assert_eq!(comes(who, true).await, Ok(()));
    }
    assert_eq!(comes("Anna", true).await, Err(NoRoom));
}
