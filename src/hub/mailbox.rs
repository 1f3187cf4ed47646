//! A bounded channel with one reader at a time: all that a registration is sent, in order.
//!
//! It costs nothing until the first letter. Senders never wait: past the bound the letter comes back, and the
//! reader finds out that it was too slow. A reader may leave its desk in the mailbox and go; the next one, with
//! a higher number, takes it and reads on.

use super::activity::Activity;
use super::desk::Desk;
use super::letter::{ENVELOPE, Letter};
use super::sync::{Mutex, MutexGuard, lock};
use crate::core::{ConnId, Notice, PairId};
use crate::metrics::Outcome;
use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

/// A queue that grew past this many letters gives its memory back when it is empty.
const KEEP: usize = 32;

/// Letters of the matchmaker that are taken beyond the bound: they are few, and without them a client that is
/// away or about to be closed would come back to a chat that is no more.
const SPARE: usize = 64;

/// How much may wait for a reader: whichever is reached first. 0 is no limit.
#[derive(Debug, Clone, Copy)]
pub struct MailboxLimits {
    pub letters: usize,
    pub bytes: usize,
}

/// What became of a letter that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// A reader will see it now.
    Delivered,
    /// Nobody reads at the moment; it waits for whoever comes back, or comes by.
    Held,
}

/// Why a letter was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The reader is too slow, and will be closed; or is away, and nothing more can be held.
    Full,
    /// The reader is gone.
    Closed,
    /// The reader's node is lost, or the reader is on its way to another one: later it may be taken.
    OutOfReach,
}

/// How a text is counted that a mailbox took or refused.
pub fn counted(outcome: Result<Taken, Refused>) -> Outcome {
    match outcome {
        Ok(Taken::Delivered) => Outcome::Delivered,
        Ok(Taken::Held) => Outcome::Held,
        Err(_) => Outcome::Refused,
    }
}

impl Refused {
    /// What the sender of a text hears.
    pub fn notice(self) -> Notice {
        match self {
            Self::Full => Notice::PartnerTooSlow,
            Self::Closed => Notice::PartnerLeft,
            Self::OutOfReach => Notice::PartnerOutOfReach,
        }
    }
}

/// What a reader finds.
#[derive(Debug)]
pub enum Found {
    Letter(Letter),
    /// More came than it took.
    Overflown,
    /// There is a newer reader.
    Superseded,
    /// The operator wants its owner gone.
    TurnedOut,
}

/// See the module.
#[derive(Debug)]
pub struct Mailbox {
    inner: Mutex<Inner>,
    limits: MailboxLimits,
    /// When its owner last did something.
    pub activity: Activity,
    /// Whether its owner comes by to read, so that what is put in is held until then.
    is_pulled: bool,
}

#[derive(Default)]
struct Inner {
    letters: VecDeque<Letter>,
    /// How many of them count, and what these weigh.
    counted: usize,
    bytes: usize,
    /// How many were there when this reader came, and are there still. For these nobody is too slow.
    backlog: usize,
    /// How many were turned away that nobody else will tell of.
    lost: u64,
    overflown: bool,
    /// Whether the operator wants its owner gone.
    turned_out: bool,
    /// Why nothing is taken any more.
    closed: Option<Refused>,
    /// Where the registration went on, if that is another node.
    moved_to: Option<ConnId>,
    /// The number of the reader.
    reader: u32,
    waker: Option<Waker>,
    /// What the last reader left.
    desk: Option<Box<Desk>>,
}

impl Mailbox {
    /// The first reader's number.
    pub const FIRST: u32 = 0;

    /// An empty mailbox.
    pub fn new(limits: MailboxLimits) -> Self {
        Self { inner: Mutex::default(), limits, activity: Activity::default(), is_pulled: false }
    }

    /// An empty mailbox of somebody who comes by to read.
    pub fn pulled(limits: MailboxLimits) -> Self {
        Self { is_pulled: true, ..Self::new(limits) }
    }

    /// Puts a letter in and wakes the reader; or gives it back and says why.
    pub fn push(&self, letter: Letter) -> Result<Taken, (Refused, Letter)> {
        let mut inner = self.lock();
        let outcome = inner.put(letter, self.limits);
        wake(inner);
        outcome.map(|taken| if self.is_pulled { Taken::Held } else { taken })
    }

    /// The next letter for this reader. Pending until there is something.
    pub fn poll_take(&self, reader: u32, cx: &mut Context<'_>) -> Poll<Found> {
        let mut inner = self.lock();
        match inner.look(reader) {
            Some(found) => Poll::Ready(found),
            None => inner.wait(cx),
        }
    }

    /// The next letter, if there is one now.
    pub fn take(&self, reader: u32) -> Option<Letter> {
        match self.lock().look(reader) {
            Some(Found::Letter(letter)) => Some(letter),
            _ => None,
        }
    }

    /// Whether this reader has to stop, for whoever can't take letters now.
    pub fn poll_trouble(&self, reader: u32, cx: &mut Context<'_>) -> Poll<Found> {
        let mut inner = self.lock();
        match inner.trouble(reader) {
            Some(found) => Poll::Ready(found),
            None => inner.wait(cx),
        }
    }

    /// Ends the reader there may be, and returns the number of the next one. `None` if the mailbox is closed.
    pub fn hand_over(&self, pair: Option<PairId>) -> Option<u32> {
        let mut inner = self.lock();
        if inner.closed.is_some() {
            return None;
        }
        inner.reader += 1;
        // Not counted, as it must get in. Between two there is a letter of another kind, so the others bound them.
        inner.add_free(Letter::Resumed { pair });
        let reader = inner.reader;
        wake(inner);
        Some(reader)
    }

    /// Puts letters that came to this reader's own mailbox in their place: behind what there was when it became the
    /// reader, and before what came since. Gives them back if there is a newer one.
    pub fn insert(&self, reader: u32, letters: VecDeque<Letter>) -> Option<VecDeque<Letter>> {
        let mut inner = self.lock();
        let its_place = inner.letters.iter().rposition(|letter| matches!(letter, Letter::Resumed { .. }));
        let Some(at) = its_place.filter(|_| inner.reader == reader && inner.closed.is_none()) else {
            return Some(letters);
        };
        for (behind, letter) in letters.into_iter().enumerate() {
            inner.count(&letter);
            inner.letters.insert(at + 1 + behind, letter);
        }
        None
    }

    /// Its reader goes on with another mailbox: takes nothing more but the word of that, and returns what it held.
    pub fn retire(&self) -> Unread {
        self.lock().close(Refused::OutOfReach)
    }

    /// A letter for a reader who must have it, also if nothing else is taken any more.
    pub fn push_last(&self, letter: Letter) {
        let mut inner = self.lock();
        inner.count(&letter);
        inner.letters.push_back(letter);
        wake(inner);
    }

    /// Its owner has to go. Whoever reads hears so at once.
    pub fn turn_out(&self) {
        let mut inner = self.lock();
        inner.turned_out = true;
        wake(inner);
    }

    /// Closes the mailbox of a registration that went on on another node, and returns what nobody read.
    pub fn close_for(&self, to: ConnId) -> Option<Unread> {
        self.lock().moved_to = Some(to);
        self.close_because(None, Refused::OutOfReach)
    }

    /// Why nothing is taken any more, if so it is.
    pub fn why_closed(&self) -> Option<Refused> {
        self.lock().closed
    }

    /// Where the registration went on, if that is another node.
    pub fn moved_to(&self) -> Option<ConnId> {
        self.lock().moved_to
    }

    /// Leaves the desk to whoever reads next; or gives it back, if nobody will.
    pub fn park(&self, desk: Desk) -> Option<Desk> {
        let mut inner = self.lock();
        if inner.closed.is_some() {
            return Some(desk);
        }
        inner.desk = Some(Box::new(desk));
        wake(inner);
        None
    }

    /// The desk of the last reader, once it left it, and how many letters were lost meanwhile. `None`: there is
    /// a newer reader than this one.
    pub fn poll_desk(&self, reader: u32, cx: &mut Context<'_>) -> Poll<Option<(Desk, u64)>> {
        let mut inner = self.lock();
        if inner.reader != reader || inner.closed.is_some() {
            return Poll::Ready(None);
        }
        let Some(desk) = inner.desk.take() else { return inner.wait(cx) };
        inner.overflown = false;
        inner.backlog = inner.letters.len();
        Poll::Ready(Some((*desk, std::mem::take(&mut inner.lost))))
    }

    /// Closes the mailbox for good and returns what nobody read. `None` stands for whoever may close it whoever
    /// reads; a reader that has been followed by another one may not.
    pub fn close(&self, reader: Option<u32>) -> Option<Unread> {
        self.close_because(reader, Refused::Closed)
    }

    fn close_because(&self, reader: Option<u32>, why: Refused) -> Option<Unread> {
        let mut inner = self.lock();
        if reader.is_some_and(|reader| reader != inner.reader) {
            return None;
        }
        let unread = inner.close(why);
        wake(inner);
        Some(unread)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }
}

/// Wakes whoever reads, once nobody holds the lock.
fn wake(mut inner: MutexGuard<'_, Inner>) {
    let waker = inner.waker.take();
    drop(inner);
    waker.into_iter().for_each(Waker::wake);
}

/// What was in a mailbox when it was closed.
#[derive(Default)]
pub struct Unread {
    letters: VecDeque<Letter>,
    desk: Option<Desk>,
}

impl Unread {
    /// The letters that were never read, oldest first, and before them the lines that were never shown.
    pub fn into_letters(self) -> impl Iterator<Item = Letter> {
        self.desk.into_iter().flat_map(Desk::into_unshown).chain(self.letters)
    }
}

impl Inner {
    fn put(&mut self, letter: Letter, limits: MailboxLimits) -> Result<Taken, (Refused, Letter)> {
        if let Some(why) = self.closed {
            return Err((why, letter));
        }
        let is_a_hint = matches!(letter, Letter::Typing(..));
        if is_a_hint && self.desk.is_some() {
            // Of no use to somebody who comes back later.
            return Err((Refused::Full, letter));
        }
        let taken = if self.desk.is_some() { Taken::Held } else { Taken::Delivered };
        let Some(letter) = self.add_free(letter) else { return Ok(taken) };
        let (count, bytes) = (self.counted + 1, self.bytes + letter.weight());
        if limits.are_passed(count, bytes, 0) {
            // Somebody who is away will not be closed for it: what can be held is held. Nor is who just came
            // back, as long as there is still something of that.
            self.overflown |= self.desk.is_none() && self.backlog == 0;
        }
        let spare = if letter.is_the_matchmakers() { SPARE } else { 0 };
        if self.overflown && spare == 0 || limits.are_passed(count, bytes, spare) {
            // Only what would have been a pushed frame, and has no sender who hears of it.
            self.lost += u64::from(matches!(letter, Letter::Tell(_) | Letter::Shared(_) | Letter::Job(_)));
            return Err((Refused::Full, letter));
        }
        self.count(&letter);
        self.letters.push_back(letter);
        Ok(taken)
    }

    /// Adds a letter that takes no room: it does not count, or says all that the last one does. Gives back any other.
    fn add_free(&mut self, letter: Letter) -> Option<Letter> {
        match self.letters.back_mut() {
            Some(last) if last.gives_way_to(&letter) => *last = letter,
            _ if letter.counts() => return Some(letter),
            _ => self.letters.push_back(letter),
        }
        None
    }

    /// A letter takes its room.
    fn count(&mut self, letter: &Letter) {
        if letter.counts() {
            (self.counted, self.bytes) = (self.counted + 1, self.bytes + letter.weight());
        }
    }

    fn close(&mut self, why: Refused) -> Unread {
        // Whoever is gone for good is not on the way to anywhere.
        self.closed = if self.moved_to.is_some() { Some(Refused::OutOfReach) } else { Some(why) };
        (self.bytes, self.counted) = (0, 0);
        Unread { letters: std::mem::take(&mut self.letters), desk: self.desk.take().map(|desk| *desk) }
    }

    fn trouble(&self, reader: u32) -> Option<Found> {
        if self.reader != reader {
            Some(Found::Superseded)
        } else if self.turned_out {
            Some(Found::TurnedOut)
        } else if self.overflown {
            Some(Found::Overflown)
        } else {
            None
        }
    }

    fn look(&mut self, reader: u32) -> Option<Found> {
        if let Some(trouble) = self.trouble(reader) {
            return Some(trouble);
        }
        let letter = self.letters.pop_front()?;
        self.backlog = self.backlog.saturating_sub(1);
        if letter.counts() {
            self.bytes -= letter.weight();
            self.counted -= 1;
        }
        if self.letters.is_empty() && self.letters.capacity() > KEEP {
            self.letters = VecDeque::new();
        }
        Some(Found::Letter(letter))
    }

    fn wait<T>(&mut self, cx: &Context<'_>) -> Poll<T> {
        if !self.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            self.waker = Some(cx.waker().clone());
        }
        Poll::Pending
    }
}

impl MailboxLimits {
    fn are_passed(self, letters: usize, bytes: usize, spare: usize) -> bool {
        let passed = |limit: usize, used: usize| limit > 0 && used > limit;
        passed(self.letters, letters.saturating_sub(spare))
            || passed(self.bytes, bytes.saturating_sub(spare * ENVELOPE))
    }
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} letters for reader {}", self.letters.len(), self.reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{Answer, Reply, State, Verb};
    use crate::hub::letter::{Origin, Text, Unshown};
    use futures::future::poll_fn;
    use futures::task::noop_waker;
    use std::sync::Arc;

    const SMALL: MailboxLimits = MailboxLimits { letters: 2, bytes: 0 };

    const READER: u32 = Mailbox::FIRST;

    fn letter(number: u64) -> Letter {
        Letter::Typing(PairId(number), true)
    }

    fn text(sender: &Arc<Mailbox>) -> Letter {
        let (sender, text) = (Origin::Here(sender.clone()), "hello".into());
        Letter::Text(Text { pair: PairId(1), turn: 0, said: None, sender, request_id: None, text })
    }

    #[test]
    fn letters_come_out_in_order_and_the_reader_is_woken() {
        let mailbox = Arc::new(Mailbox::new(SMALL));
        let reader = mailbox.clone();
        let reading = async move {
            for expected in [1, 2] {
                let found = poll_fn(|cx| reader.poll_take(READER, cx)).await;
                assert!(
                    matches!(found, Found::Letter(Letter::Typing(PairId(number), _)) if number == expected)
                );
            }
        };
        let writing = async {
            mailbox.push(letter(1)).expect("room");
            mailbox.push(letter(2)).expect("room");
        };
        futures::executor::block_on(futures::future::join(reading, writing));
    }

    #[test]
    fn past_the_bound_the_letter_comes_back_and_the_reader_learns_it() {
        let mailbox = Mailbox::new(SMALL);
        assert!(mailbox.push(letter(1)).is_ok() && mailbox.push(letter(2)).is_ok());
        assert!(matches!(mailbox.push(letter(3)), Err((Refused::Full, Letter::Typing(PairId(3), _)))));
        let waker = noop_waker();
        let mut cx = Context::from_waker(&waker);
        assert!(matches!(mailbox.poll_trouble(READER, &mut cx), Poll::Ready(Found::Overflown)));
        assert!(matches!(mailbox.poll_take(READER, &mut cx), Poll::Ready(Found::Overflown)));
    }

    #[test]
    fn what_the_matchmaker_says_gets_in_beyond_the_bound() {
        let mailbox = Mailbox::new(SMALL);
        let news = || Letter::Tell(Box::new(Notice::PartnerLeft));
        for _ in 0..2 + SPARE {
            assert!(mailbox.push(news()).is_ok());
        }
        assert!(mailbox.push(news()).is_err());
        assert!(mailbox.park(Desk::default()).is_none());
        assert_eq!(mailbox.hand_over(None), Some(1));
        let waker = noop_waker();
        let desk = mailbox.poll_desk(1, &mut Context::from_waker(&waker));
        assert!(matches!(desk, Poll::Ready(Some((_, 1)))), "one was lost");
    }

    #[test]
    fn a_newer_hint_takes_the_place_of_the_last() {
        let mailbox = Mailbox::new(SMALL);
        for active in [true, false, true, false] {
            assert!(mailbox.push(Letter::Typing(PairId(1), active)).is_ok());
        }
        assert!(matches!(mailbox.take(READER), Some(Letter::Typing(_, false))));
        assert!(mailbox.take(READER).is_none());
    }

    #[test]
    fn the_next_reader_gets_the_desk_and_the_last_one_nothing_more() {
        let mailbox = Mailbox::new(SMALL);
        let waker = noop_waker();
        let mut cx = Context::from_waker(&waker);
        assert_eq!(mailbox.push(letter(1)).ok(), Some(Taken::Delivered));
        let next = mailbox.hand_over(None).expect("open");
        assert!(mailbox.poll_desk(next, &mut cx).is_pending(), "the last reader has it still");
        assert!(matches!(mailbox.poll_take(READER, &mut cx), Poll::Ready(Found::Superseded)));
        assert!(mailbox.close(Some(READER)).is_none());
        assert!(mailbox.park(Desk::default()).is_none());
        assert_eq!(
            mailbox.push(Letter::Disconnect { pair: PairId(1), moved: false }).ok(),
            Some(Taken::Held)
        );
        assert!(mailbox.push(letter(2)).is_err(), "a hint is worth nothing later");
        assert!(matches!(mailbox.poll_desk(next, &mut cx), Poll::Ready(Some((_, 0)))));
    }

    #[test]
    fn nobody_is_closed_for_letters_that_come_while_they_are_away() {
        let mailbox = Arc::new(Mailbox::new(SMALL));
        assert!(mailbox.park(Desk::default()).is_none());
        for number in 0..5 {
            assert_eq!(mailbox.push(text(&mailbox)).is_ok(), number < 2);
        }
        let next = mailbox.hand_over(None).expect("open");
        let waker = noop_waker();
        assert!(mailbox.poll_desk(next, &mut Context::from_waker(&waker)).is_ready());
        assert!(mailbox.take(next).is_some() && mailbox.take(next).is_some());
    }

    #[test]
    fn bytes_are_bounded_too() {
        let mailbox = Arc::new(Mailbox::new(MailboxLimits { letters: 0, bytes: 2 * ENVELOPE }));
        let text = |length| {
            let text = Text {
                pair: PairId(1),
                turn: 0,
                said: None,
                sender: Origin::Here(mailbox.clone()),
                request_id: None,
                text: "x".repeat(length).into(),
            };
            Letter::Text(text)
        };
        assert!(mailbox.push(text(ENVELOPE)).is_ok());
        assert!(mailbox.push(text(0)).is_err());
        mailbox.close(None);
    }

    #[test]
    fn who_came_back_to_a_full_mailbox_may_read_it() {
        let mailbox = Arc::new(Mailbox::new(SMALL));
        assert!(mailbox.park(Desk::default()).is_none());
        while mailbox.push(text(&mailbox)).is_ok() {}
        let next = mailbox.hand_over(None).expect("open");
        let waker = noop_waker();
        let mut cx = Context::from_waker(&waker);
        assert!(mailbox.poll_desk(next, &mut cx).is_ready());
        assert!(mailbox.push(text(&mailbox)).is_err(), "there is no room yet");
        for _ in 0..3 {
            assert!(mailbox.poll_trouble(next, &mut cx).is_pending());
            assert!(mailbox.take(next).is_some());
        }
        // From here on it is as slow as any other.
        while mailbox.push(text(&mailbox)).is_ok() {}
        assert!(mailbox.poll_trouble(next, &mut cx).is_ready());
        mailbox.close(None);
    }

    #[test]
    fn who_returns_and_reads_nothing_adds_nothing() {
        let mailbox = Mailbox::new(SMALL);
        assert!(mailbox.park(Desk::default()).is_none());
        for round in 1..=1_000 {
            assert_eq!(mailbox.hand_over(Some(PairId(1))), Some(round));
            let _ = mailbox.push(Letter::Disconnect { pair: PairId(1), moved: false });
        }
        assert!(mailbox.lock().letters.len() <= 2 * (SMALL.letters + SPARE) + 1);
    }

    #[test]
    fn the_answer_to_what_was_carried_out_gets_in() {
        let mailbox = Arc::new(Mailbox::new(SMALL));
        while mailbox.push(text(&mailbox)).is_ok() {}
        while mailbox.push(Letter::Disconnect { pair: PairId(1), moved: false }).is_ok() {}
        let reply = Reply { verb: Verb::Hide, state: State::Idle, notice: Notice::Masking(false) };
        assert!(mailbox.push(Letter::Answer(Box::new(Answer::Command(reply)))).is_ok());
        mailbox.close(None);
    }

    #[test]
    fn texts_that_come_back_do_not_make_their_sender_slow() {
        let mailbox = Arc::new(Mailbox::new(SMALL));
        for _ in 0..10 {
            let text = Unshown { request_id: None, text: "hello".into(), why: Refused::Closed };
            assert!(mailbox.push(Letter::Failed(Box::new(text))).is_ok());
        }
        assert!(mailbox.push(letter(1)).is_ok() && mailbox.push(letter(2)).is_ok());
        assert!(mailbox.push(letter(3)).is_err());
        mailbox.close(None);
    }

    #[test]
    fn a_closed_mailbox_gives_up_the_lines_that_nobody_read() {
        let mailbox = Arc::new(Mailbox::new(SMALL));
        let sender = Origin::Here(mailbox.clone());
        let text =
            Text { pair: PairId(1), turn: 0, said: None, sender, request_id: None, text: "hello".into() };
        mailbox.push(Letter::Text(text)).expect("room");
        let unread = mailbox.close(Some(READER)).expect("its own reader");
        assert_eq!(unread.into_letters().count(), 1);
        assert!(matches!(mailbox.push(letter(1)), Err((Refused::Closed, _))));
        assert_eq!(mailbox.hand_over(None), None);
    }

    #[test]
    fn who_went_to_another_node_is_out_of_reach_and_not_gone() {
        let mailbox = Arc::new(Mailbox::new(SMALL));
        mailbox.push(text(&mailbox)).expect("room");
        let elsewhere = ConnId { node: crate::core::NodeId(2), serial: 7 };
        let unread = mailbox.close_for(elsewhere).expect("whoever reads");
        assert_eq!(unread.into_letters().count(), 1);
        assert!(matches!(mailbox.push(letter(1)), Err((Refused::OutOfReach, _))));
        assert_eq!(mailbox.moved_to(), Some(elsewhere));
    }

    #[test]
    fn what_came_to_the_own_mailbox_of_a_new_reader_stands_between_before_and_after() {
        let limits = MailboxLimits { letters: 0, bytes: 0 };
        let (inherited, own) = (Mailbox::new(limits), Mailbox::new(limits));
        inherited.push(letter(1)).expect("room");
        own.push(letter(2)).expect("room");
        let next = inherited.hand_over(None).expect("open");
        let unread = own.retire();
        own.push_last(Letter::Disconnect { pair: PairId(9), moved: false });
        inherited.push(letter(3)).expect("room");
        assert!(matches!(own.push(letter(4)), Err((Refused::OutOfReach, _))));
        assert!(matches!(own.take(READER), Some(Letter::Disconnect { .. })), "its reader hears of it");
        assert!(inherited.insert(next, unread.into_letters().collect()).is_none());
        let pair = |letter| if let Letter::Typing(PairId(pair), _) = letter { Some(pair) } else { None };
        let read: Vec<_> = std::iter::from_fn(|| inherited.take(next)).filter_map(pair).collect();
        assert_eq!(read, [1, 2, 3]);
        inherited.hand_over(None);
        assert!(inherited.insert(next, VecDeque::new()).is_some(), "it is not the reader any more");
    }
}
