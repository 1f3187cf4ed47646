//! A mailbox is closed, by its reader, by the switchboard or by both, while lines come in.

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

/// Reads what is there, then closes.
fn read_and_close(inbox: &Mailbox, fates: &Fates) {
    for _ in 0..2 {
        if let Some(Letter::Text(text)) = inbox.take(Mailbox::FIRST) {
            fates.note(&text.text, Fate::Read);
        }
    }
    if let Some(unread) = inbox.close(Some(Mailbox::FIRST)) {
        fates.note_all(unread.into_letters(), Fate::Returned);
    } else {
        assert!(inbox.park(Desk::default()).is_none_or(|desk| desk.into_unshown().count() == 0));
    }
}

fn forget(inbox: &Mailbox, fates: &Fates) {
    let unread = inbox.close(None).expect("the switchboard may always close");
    fates.note_all(unread.into_letters(), Fate::Returned);
}

#[test]
fn a_line_that_nobody_reads_comes_back_once() {
    explore(|| {
        let (inbox, fates) = (mailbox(NO_LIMITS), Fates::default());
        let senders = ["a", "b"].map(|sender| write(&inbox, sender, &fates));
        let (own, noted) = (inbox.clone(), fates.clone());
        let reader = thread::spawn(move || read_and_close(&own, &noted));
        forget(&inbox, &fates);
        reader.join().unwrap();
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        fates.settle(2 * LINES);
        assert!(inbox.push(line("c", &inbox)).is_err() && inbox.hand_over(None).is_none());
    });
}

/// The reader says goodbye while another connection takes over: either it closes for good, or it may not.
#[test]
fn a_goodbye_and_a_take_over_leave_one_of_them_in_charge() {
    explore(|| {
        let (inbox, fates) = (mailbox(NO_LIMITS), Fates::default());
        let sender = write(&inbox, "a", &fates);
        let (own, noted) = (inbox.clone(), fates.clone());
        let last = thread::spawn(move || read_and_close(&own, &noted));
        if let Some(reader) = inbox.hand_over(None) {
            let desk = shuttle::future::block_on(poll_fn(|cx| inbox.poll_desk(reader, cx)));
            assert!(desk.is_some(), "whoever may not close leaves the desk");
            forget(&inbox, &fates);
        }
        last.join().unwrap();
        sender.join().unwrap();
        fates.settle(LINES);
    });
}
