//! A registration goes from connection to connection while lines come in for it.

use super::*;
use crate::core::Nickname;
use crate::hub::Clock;
use crate::hub::desk::{Desk, Told};
use crate::hub::letter::{Call, Way};
use crate::hub::replay::Push;
use shuttle::thread;
use std::sync::atomic::{AtomicU32, Ordering};

const LINES: usize = 4;

/// The newest reader: once it says so, no older one gets anything.
type Newest = Arc<AtomicU32>;

/// The desk of somebody who is on a call and knows of it.
fn desk() -> Desk {
    let mut desk = Desk::default();
    let call = Call {
        pair: PairId(1),
        nickname: Nickname::random(1),
        partner: Way::Here(mailbox(NO_LIMITS)),
        is_news: false,
        turn: 0,
        masking: true,
    };
    desk.go_by(Nickname::random(2), true);
    desk.open(&Clock::stepped(), Letter::Connect(Box::new(call)));
    desk
}

/// What was shown at this desk, oldest first.
fn shown(desk: &Desk) -> Vec<String> {
    let text = |push: &Push| match push {
        Push::Text { text, .. } => text.text.to_string(),
        _ => panic!("only lines are written here"),
    };
    desk.replay.from(crate::wire::Pos(0)).map(|(_, push)| text(push)).collect()
}

fn expected() -> Vec<String> {
    (1..=LINES).map(|number| number.to_string()).collect()
}

fn write(inbox: &Arc<Mailbox>) -> thread::JoinHandle<()> {
    let inbox = inbox.clone();
    thread::spawn(move || {
        let outbox = mailbox(NO_LIMITS);
        for name in expected() {
            assert!(inbox.push(line(&name, &outbox)).is_ok(), "there is room, and it is open");
        }
    })
}

/// Works at the desk until a newer reader wants it, or until everything is read. `true`: it has the last word.
fn work(inbox: &Mailbox, reader: u32, mut desk: Desk, newest: &Newest) -> bool {
    while shown(&desk).len() < LINES {
        let is_followed = newest.load(Ordering::SeqCst) > reader;
        match next(inbox, reader) {
            Found::Letter(letter) => {
                assert!(!is_followed, "it was superseded before it asked");
                assert!(!matches!(desk.open(&Clock::stepped(), letter), Told::Undelivered(..)));
            }
            Found::Superseded => {
                assert!(inbox.park(desk).is_none());
                return false;
            }
            Found::Overflown => panic!("there is no limit"),
            Found::TurnedOut => panic!("nobody is turned out"),
        }
    }
    assert_eq!(shown(&desk), expected());
    // It has nothing more to read, and leaves its desk, as if its connection were lost.
    assert!(inbox.park(desk).is_none());
    true
}

/// A connection that was told to go on with a registration. `None`: another one was told so meanwhile.
fn come_back(inbox: &Mailbox, reader: u32, newest: &Newest) -> Option<bool> {
    let (desk, lost) = shuttle::future::block_on(poll_fn(|cx| inbox.poll_desk(reader, cx)))?;
    assert_eq!(lost, 0);
    Some(work(inbox, reader, desk, newest))
}

/// So many connections take over from each other, each as soon as the switchboard likes.
fn play_take_overs(take_overs: u32) {
    let (inbox, newest) = (mailbox(NO_LIMITS), Newest::default());
    let sender = write(&inbox);
    let (own, seen) = (inbox.clone(), newest.clone());
    let first = thread::spawn(move || work(&own, Mailbox::FIRST, desk(), &seen));
    let mut readers = Vec::new();
    for _ in 0..take_overs {
        let reader = inbox.hand_over(Some(PairId(1))).unwrap();
        newest.store(reader, Ordering::SeqCst);
        let (inbox, newest) = (inbox.clone(), newest.clone());
        readers.push(thread::spawn(move || come_back(&inbox, reader, &newest)));
    }
    sender.join().unwrap();
    // Each ends by itself: whoever waits for a desk, a letter or a newer reader is woken.
    first.join().unwrap();
    let ends: Vec<_> = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
    assert_eq!(ends.last(), Some(&Some(true)), "the last one gets the desk and all that is left");
    let left = inbox.close(None).unwrap();
    let left = left.into_letters().filter(|letter| matches!(letter, Letter::Text(_)));
    assert_eq!(left.count(), LINES, "and the desk is where it was left");
}

#[test]
fn the_next_reader_goes_on_where_the_last_one_stopped() {
    explore(|| play_take_overs(1));
}

#[test]
fn a_third_reader_takes_over_from_a_second_who_waits() {
    explore(|| play_take_overs(2));
}

/// The matchmaker forgets a registration while one connection leaves its desk and the next waits for it.
#[test]
fn whoever_waits_for_a_desk_hears_that_the_registration_is_gone() {
    explore(|| {
        let (inbox, newest, fates) = (mailbox(NO_LIMITS), Newest::default(), Fates::default());
        let outbox = mailbox(NO_LIMITS);
        fates.push(&inbox, "1", &outbox);
        let reader = inbox.hand_over(Some(PairId(1))).unwrap();
        newest.store(reader, Ordering::SeqCst);
        let (own, noted) = (inbox.clone(), fates.clone());
        let waiting = thread::spawn(move || {
            let desk = shuttle::future::block_on(poll_fn(|cx| own.poll_desk(reader, cx)));
            if let Some((desk, _)) = desk {
                leave(&own, desk, &noted);
            }
        });
        let (own, noted) = (inbox.clone(), fates.clone());
        let last = thread::spawn(move || {
            let mut desk = desk();
            let line = line("2", &mailbox(NO_LIMITS));
            noted.note("2", Fate::Taken);
            assert!(matches!(desk.open(&Clock::stepped(), line), Told::Push(_)));
            leave(&own, desk, &noted);
        });
        fates.note_all(inbox.close(None).unwrap().into_letters(), Fate::Returned);
        waiting.join().unwrap();
        last.join().unwrap();
        fates.settle(2);
    });
}

/// What a client does that loses its connection: what it had and did not show comes back if nobody goes on.
fn leave(inbox: &Mailbox, desk: Desk, fates: &Fates) {
    let left = inbox.park(desk).into_iter().flat_map(Desk::into_unshown);
    fates.note_all(left, Fate::Returned);
}
