//! A bounded channel with one reader: all that a client is sent, in order.
//!
//! It costs nothing until the first letter. Senders never wait: past the bound the letter comes back, and the
//! reader finds out that it was too slow.

use crate::core::{Answer, ContactHead, Nickname, Notice, PairId};
use futures::task::AtomicWaker;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// What a letter weighs beside its text, in bytes.
const ENVELOPE: usize = 64;

/// A queue that grew past this many letters gives its memory back when it is empty.
const KEEP: usize = 32;

/// How much may wait for a reader: whichever is reached first. 0 is no limit.
#[derive(Debug, Clone, Copy)]
pub struct MailboxLimits {
    pub letters: usize,
    pub bytes: usize,
}

/// One thing for a client.
#[derive(Debug)]
pub enum Letter {
    /// The answer to the request that waits for one.
    Answer(Box<Answer>),
    /// Something that happened.
    Tell(Box<Notice>),
    /// From now on texts go here.
    Connect(Box<Call>),
    /// The call is over.
    Disconnect(PairId),
    /// A line from the partner.
    Text(Text),
    /// The partner of this pair types, or stopped.
    Typing(PairId, bool),
    /// A text of one's own that could not be shown.
    Failed(Box<Text>),
    /// What many clients are sent alike.
    Shared(Arc<Shared>),
}

/// The way to the partner.
#[derive(Debug)]
pub struct Call {
    pub pair: PairId,
    pub nickname: Nickname,
    pub partner: Arc<Mailbox>,
    /// Whether the person hears of the call in the next notice or answer.
    pub is_news: bool,
}

/// A line on its way to the partner of this pair, and to nobody else.
pub struct Text {
    pub pair: PairId,
    /// Where to say that it could not be shown.
    pub sender: Arc<Mailbox>,
    pub request_id: Option<Box<str>>,
    pub text: Box<str>,
}

/// A notice for many clients, written out once for all of them.
#[derive(Debug)]
pub struct Shared {
    pub what: Broadcast,
    /// The frame as the first reader wrote it.
    pub frame: OnceLock<Utf8Bytes>,
}

/// What a session is told together.
#[derive(Debug)]
pub enum Broadcast {
    Contacts(ContactHead),
    Joined(Arc<super::Card>),
    Left(Arc<super::Card>),
}

/// Why a letter was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The reader is too slow, and will be closed.
    Full,
    /// The reader is gone.
    Closed,
}

/// See the module.
#[derive(Debug)]
pub struct Mailbox {
    inner: Mutex<Inner>,
    reader: AtomicWaker,
    limits: MailboxLimits,
}

#[derive(Debug, Default)]
struct Inner {
    letters: VecDeque<Letter>,
    /// How many of them count, and what these weigh.
    counted: usize,
    bytes: usize,
    overflown: bool,
    closed: bool,
}

impl Mailbox {
    /// An empty mailbox.
    pub fn new(limits: MailboxLimits) -> Self {
        Self { inner: Mutex::default(), reader: AtomicWaker::new(), limits }
    }

    /// Puts a letter in and wakes the reader; or gives it back and says why.
    pub fn push(&self, letter: Letter) -> Result<(), (Refused, Letter)> {
        let outcome = self.put(letter);
        if !matches!(outcome, Err((Refused::Closed, _))) {
            self.reader.wake();
        }
        outcome
    }

    fn put(&self, letter: Letter) -> Result<(), (Refused, Letter)> {
        let mut inner = self.lock();
        if inner.closed {
            return Err((Refused::Closed, letter));
        }
        if letter.is_returned() {
            inner.letters.push_back(letter);
            return Ok(());
        }
        if let (Letter::Typing(pair, active), Some(Letter::Typing(last, before))) =
            (&letter, inner.letters.back_mut())
            && pair == last
        {
            *before = *active;
            return Ok(());
        }
        let weight = letter.weight();
        let full = |limit: usize, used: usize| limit > 0 && used > limit;
        inner.overflown |=
            full(self.limits.letters, inner.counted + 1) || full(self.limits.bytes, inner.bytes + weight);
        if inner.overflown {
            return Err((Refused::Full, letter));
        }
        inner.bytes += weight;
        inner.counted += 1;
        inner.letters.push_back(letter);
        Ok(())
    }

    /// The next letter, for the one reader. Pending until there is one; `None` once the box has overflown.
    pub fn poll_take(&self, cx: &mut Context<'_>) -> Poll<Option<Letter>> {
        if let Some(found) = self.look() {
            return Poll::Ready(found);
        }
        self.reader.register(cx.waker());
        match self.look() {
            Some(found) => Poll::Ready(found),
            None => Poll::Pending,
        }
    }

    /// The next letter, if there is one now.
    pub fn take(&self) -> Option<Letter> {
        self.look().flatten()
    }

    /// Whether more came than the reader took.
    pub fn poll_overflown(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.reader.register(cx.waker());
        if self.lock().overflown { Poll::Ready(()) } else { Poll::Pending }
    }

    fn look(&self) -> Option<Option<Letter>> {
        let mut inner = self.lock();
        if inner.overflown {
            return Some(None);
        }
        let letter = inner.letters.pop_front()?;
        if !letter.is_returned() {
            inner.bytes -= letter.weight();
            inner.counted -= 1;
        }
        if inner.letters.is_empty() && inner.letters.capacity() > KEEP {
            inner.letters = VecDeque::new();
        }
        Some(Some(letter))
    }

    /// Closes the mailbox for good and returns what nobody read.
    pub fn close(&self) -> VecDeque<Letter> {
        let mut inner = self.lock();
        inner.closed = true;
        (inner.bytes, inner.counted) = (0, 0);
        std::mem::take(&mut inner.letters)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here panics half-way, so what a poisoned lock guards is whole.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Letter {
    /// A text that comes back does not count against the one who sent it: it had its place in another mailbox,
    /// whose bound holds for it, and whoever wrote many lines to a slow reader is not slow.
    fn is_returned(&self) -> bool {
        matches!(self, Self::Failed(_))
    }

    fn weight(&self) -> usize {
        ENVELOPE
            + match self {
                Self::Text(text) => text.text.len(),
                Self::Shared(shared) => match &shared.what {
                    Broadcast::Contacts(head) => head.first.iter().map(|name| name.as_str().len()).sum(),
                    Broadcast::Joined(_) | Broadcast::Left(_) => ENVELOPE,
                },
                _ => 0,
            }
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Text({:?})", self.pair)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::poll_fn;
    use futures::task::noop_waker;

    const SMALL: MailboxLimits = MailboxLimits { letters: 2, bytes: 0 };

    fn letter(number: u64) -> Letter {
        Letter::Disconnect(PairId(number))
    }

    #[test]
    fn letters_come_out_in_order_and_the_reader_is_woken() {
        let mailbox = Arc::new(Mailbox::new(SMALL));
        let reader = mailbox.clone();
        let reading = async move {
            for expected in [1, 2] {
                let letter = poll_fn(|cx| reader.poll_take(cx)).await;
                assert!(matches!(letter, Some(Letter::Disconnect(PairId(number))) if number == expected));
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
        assert!(mailbox.push(letter(1)).is_ok() && mailbox.push(letter(1)).is_ok());
        assert!(matches!(mailbox.push(letter(3)), Err((Refused::Full, Letter::Disconnect(PairId(3))))));
        let waker = noop_waker();
        let mut cx = Context::from_waker(&waker);
        assert!(mailbox.poll_overflown(&mut cx).is_ready());
        assert!(matches!(mailbox.poll_take(&mut cx), Poll::Ready(None)));
    }

    #[test]
    fn a_newer_hint_takes_the_place_of_the_last() {
        let mailbox = Mailbox::new(SMALL);
        for active in [true, false, true, false] {
            assert!(mailbox.push(Letter::Typing(PairId(1), active)).is_ok());
        }
        assert!(matches!(mailbox.take(), Some(Letter::Typing(_, false))));
        assert!(mailbox.take().is_none());
    }

    #[test]
    fn bytes_are_bounded_too() {
        let mailbox = Arc::new(Mailbox::new(MailboxLimits { letters: 0, bytes: 2 * ENVELOPE }));
        let text = |length| {
            let text = Text {
                pair: PairId(1),
                sender: mailbox.clone(),
                request_id: None,
                text: "x".repeat(length).into(),
            };
            Letter::Text(text)
        };
        assert!(mailbox.push(text(ENVELOPE)).is_ok());
        assert!(mailbox.push(text(0)).is_err());
        mailbox.close();
    }

    #[test]
    fn texts_that_come_back_do_not_make_their_sender_slow() {
        let mailbox = Arc::new(Mailbox::new(SMALL));
        for _ in 0..10 {
            let (sender, text) = (mailbox.clone(), "hello".into());
            let text = Text { pair: PairId(1), sender, request_id: None, text };
            assert!(mailbox.push(Letter::Failed(Box::new(text))).is_ok());
        }
        assert!(mailbox.push(letter(1)).is_ok() && mailbox.push(letter(1)).is_ok());
        assert!(mailbox.push(letter(1)).is_err());
        mailbox.close();
    }

    #[test]
    fn a_closed_mailbox_gives_up_what_nobody_read() {
        let mailbox = Mailbox::new(SMALL);
        mailbox.push(letter(1)).expect("room");
        assert_eq!(mailbox.close().len(), 1);
        assert!(matches!(mailbox.push(letter(1)), Err((Refused::Closed, _))));
    }
}
