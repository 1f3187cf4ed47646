//! Lines come in while their reader takes, waits, is too slow or can't take any.

use super::*;
use crate::hub::desk::Desk;
use shuttle::thread;

const LINES: usize = 3;

fn write(inbox: &Arc<Mailbox>, sender: &'static str, fates: &Fates) -> thread::JoinHandle<()> {
    let (inbox, fates) = (inbox.clone(), fates.clone());
    thread::spawn(move || {
        let outbox = mailbox(NO_LIMITS);
        (1..=LINES).for_each(|number| fates.push(&inbox, &format!("{sender}{number}"), &outbox));
    })
}

/// Each sender's lines are read in the order written.
fn check_order(read: &[String]) {
    for sender in ["a", "b"] {
        let own: Vec<_> = read.iter().filter(|name| name.starts_with(sender)).collect();
        assert!(own.is_sorted(), "{read:?}");
    }
}

#[test]
fn a_reader_who_waits_is_woken_for_every_line() {
    explore(|| {
        let (inbox, fates) = (mailbox(NO_LIMITS), Fates::default());
        let senders = ["a", "b"].map(|sender| write(&inbox, sender, &fates));
        let mut read = Vec::new();
        // Nothing but a line wakes this reader.
        while read.len() < 2 * LINES {
            let Found::Letter(Letter::Text(text)) = next(&inbox, Mailbox::FIRST) else { panic!("no line") };
            fates.note(&text.text, Fate::Read);
            read.push(text.text.into_string());
        }
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        check_order(&read);
        fates.settle(2 * LINES);
    });
}

#[test]
fn a_reader_who_is_too_slow_hears_so_and_leaves_the_rest_to_the_next() {
    explore(|| {
        let (inbox, fates) = (mailbox(MailboxLimits { letters: 2, bytes: 0 }), Fates::default());
        let senders = ["a", "b"].map(|sender| write(&inbox, sender, &fates));
        let mut desk = Desk::default();
        let mut read = Vec::new();
        while read.len() < 2 * LINES {
            match next(&inbox, Mailbox::FIRST) {
                Found::Letter(Letter::Text(text)) => {
                    fates.note(&text.text, Fate::Read);
                    read.push(text.text.into_string());
                }
                Found::Overflown | Found::TurnedOut => break,
                found => panic!("{found:?}"),
            }
        }
        // As a client whose connection ends: it may come back, and does not.
        desk.goes_too_far = true;
        assert!(inbox.park(desk).is_none());
        let next = inbox.hand_over(None).unwrap();
        let desk = shuttle::future::block_on(poll_fn(|cx| inbox.poll_desk(next, cx)));
        assert!(desk.is_some_and(|(desk, _)| desk.goes_too_far));
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        while let Some(Letter::Text(text)) = inbox.take(next) {
            fates.note(&text.text, Fate::Read);
            read.push(text.text.into_string());
        }
        fates.note_all(inbox.close(Some(next)).unwrap().into_letters(), Fate::Returned);
        check_order(&read);
        fates.settle(2 * LINES);
    });
}

#[test]
fn who_cannot_take_letters_hears_of_trouble() {
    explore(|| {
        let (inbox, fates) = (mailbox(MailboxLimits { letters: 1, bytes: 0 }), Fates::default());
        let trouble = || shuttle::future::block_on(poll_fn(|cx| inbox.poll_trouble(Mailbox::FIRST, cx)));
        let sender = write(&inbox, "a", &fates);
        assert!(matches!(trouble(), Found::Overflown));
        sender.join().unwrap();
    });
}

#[test]
fn who_cannot_take_letters_hears_of_a_newer_reader() {
    explore(|| {
        let inbox = mailbox(NO_LIMITS);
        let other = inbox.clone();
        let switchboard = thread::spawn(move || other.hand_over(None));
        // It is woken for these too, and must not be forgotten for it.
        let other = inbox.clone();
        let sender = thread::spawn(move || {
            for active in [true, false] {
                assert!(other.push(Letter::Typing(PairId(1), active)).is_ok());
            }
        });
        let found = shuttle::future::block_on(poll_fn(|cx| inbox.poll_trouble(Mailbox::FIRST, cx)));
        assert!(matches!(found, Found::Superseded));
        assert_eq!(switchboard.join().unwrap(), Some(1));
        sender.join().unwrap();
    });
}

#[test]
fn a_hint_that_gives_way_to_a_newer_one_is_as_good_as_that() {
    explore(|| {
        let inbox = mailbox(NO_LIMITS);
        let other = inbox.clone();
        let sender = thread::spawn(move || {
            assert!(other.push(line("a1", &mailbox(NO_LIMITS))).is_ok());
            for active in [true, true, false] {
                assert!(other.push(Letter::Typing(PairId(1), active)).is_ok());
            }
        });
        assert!(matches!(next(&inbox, Mailbox::FIRST), Found::Letter(Letter::Text(_))));
        while !matches!(next(&inbox, Mailbox::FIRST), Found::Letter(Letter::Typing(_, false))) {}
        sender.join().unwrap();
        assert!(inbox.take(Mailbox::FIRST).is_none());
    });
}
