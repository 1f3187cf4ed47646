//! What a hub does for somebody who is no client of it: asks an account, says who is there, and ends a registration.
//!
//! Each errand has a mailbox of its own and waits for the one letter that answers it. It must never know a door.

use super::accounts::{Call, Caller, Reply};
use super::letter::Letter;
use super::mailbox::{Found, Mailbox, MailboxLimits};
use super::{Card, Hub};
use crate::core::account::{Request, Wish};
use crate::core::contacts::Supplied;
use crate::core::{ConnId, Input, Millis};
use crate::wire::Asked;
use std::cmp;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use uuid::Uuid;

/// How long an answer is waited for at least, and how much longer than for a bridge's word.
const PATIENCE: Millis = Millis::seconds(60);
const LONGER: Millis = Millis::seconds(10);
/// It holds one answer, which is bounded by whoever gives it.
const ONE_ANSWER: MailboxLimits = MailboxLimits { letters: 0, bytes: 0 };
/// How many errands may wait for their turn at the accounts, or be with the store. Further ones wait before that.
pub(super) const ERRANDS: usize = 256;
/// What tells the registrations of those who have none from the numbers of connections.
const NO_CONNECTION: u64 = 1 << 63;

/// Somebody without a registration.
#[derive(Clone, Copy)]
pub struct Errand<'a> {
    /// Whose account it is about.
    pub session: &'a str,
    /// Who comes: the same word stands for the same principal.
    pub by: &'a str,
    /// The same one with the same wish within an hour is the same errand.
    pub request_id: Option<&'a str>,
}

/// No answer came in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoAnswer {
    /// Whether what was asked for may have been done.
    pub maybe_done: bool,
}

/// A mailbox that nobody reads any more once this is gone: what was only asked need not be answered then.
struct Open(Arc<Mailbox>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.close(None);
    }
}

/// A client of this node, and for how long it did nothing; `None` if it never did anything, or was found idle.
pub struct Guest {
    pub card: Arc<Card>,
    pub idle: Option<Millis>,
}

impl Hub {
    /// Asks an account something, or has it do something.
    pub async fn ask(&self, errand: Errand<'_>, asked: Asked, wish: Wish) -> Result<Box<Reply>, NoAnswer> {
        let (body, fresh) = (self.body_hash(&wish), Uuid::new_v4().as_u128());
        let acts = !wish.only_asks();
        let request = Request { wish, body, fresh };
        self.run(errand, acts, |caller| Call::Ask { caller, asked, request }).await
    }

    /// Gives a session another contact list. The answer holds the first contacts.
    pub async fn supply(&self, errand: Errand<'_>, list: Vec<Supplied>) -> Result<Box<Reply>, NoAnswer> {
        self.run(errand, true, |caller| Call::Replace { caller, list }).await
    }

    async fn run(
        &self,
        errand: Errand<'_>,
        acts: bool,
        call: impl FnOnce(Caller) -> Call,
    ) -> Result<Box<Reply>, NoAnswer> {
        let open = Open(Arc::new(Mailbox::new(ONE_ANSWER)));
        let serial = self.0.next_serial.fetch_add(1, Ordering::Relaxed);
        let session: Arc<str> = errand.session.into();
        let caller = Caller {
            session: session.clone(),
            conn: ConnId { node: self.0.node, serial },
            registration: self.stranger(errand.by),
            mailbox: open.0.clone(),
            request_id: errand.request_id.map(Into::into),
        };
        let patience = PATIENCE.0.max(self.0.house.answers.plus(LONGER).0);
        let mut in_vain = pin!(self.clock().until(self.clock().now().plus(Millis(patience))));
        tokio::select! {
            () = self.accounts().call_of(&session, call(caller), &self.0.errands) => {}
            () = &mut in_vain => return Err(NoAnswer { maybe_done: false }),
        }
        let lost = NoAnswer { maybe_done: acts };
        tokio::select! {
            found = poll_fn(|cx| open.0.poll_take(Mailbox::FIRST, cx)) => match found {
                Found::Letter(Letter::Account(reply)) => Ok(reply),
                _ => Err(lost),
            },
            () = in_vain => Err(lost),
        }
    }

    /// The number that stands for a registration where there is none: the same for the same principal, and that of no
    /// connection.
    fn stranger(&self, by: &str) -> u64 {
        let [.., a, b, c, d, e, f, g, h] = self.0.key.hash("stranger", by).to_be_bytes();
        u64::from_be_bytes([a, b, c, d, e, f, g, h]) | NO_CONNECTION
    }

    /// The names of the sessions that have clients, in order, from behind this one on, each with how many it has; and
    /// whether there are more.
    pub fn sessions(&self, after: Option<&str>, count: usize) -> (Vec<(String, usize)>, bool) {
        first_page(self.0.directory.sessions(after), count, Ord::cmp)
    }

    /// The clients of a session by their ids, from behind this one on, and whether there are more.
    pub fn clients(&self, session: &str, after: Option<&str>, count: usize) -> (Vec<Arc<Card>>, bool) {
        let mut cards = self.0.directory.cards(session);
        cards.retain(|card| after.is_none_or(|after| card.client_id.as_str() > after));
        first_page(cards, count, |a, b| a.client_id.cmp(&b.client_id))
    }

    /// The clients of this node by their ids, from behind this one on, in whose id, name or session this stands, and
    /// whether there are more.
    pub fn everybody(&self, like: &str, after: Option<&str>, count: usize) -> (Vec<Guest>, bool) {
        let (now, like) = (self.clock().now(), like.to_lowercase());
        let mut all = self.0.directory.everybody();
        all.retain(|(card, _)| {
            let words = [&card.client_id, &card.client_name, &card.session];
            after.is_none_or(|after| card.client_id.as_str() > after)
                && (like.is_empty() || words.iter().any(|word| word.to_lowercase().contains(&like)))
        });
        let (page, is_more) = first_page(all, count, |(a, _), (b, _)| a.client_id.cmp(&b.client_id));
        let idle = |last: Option<Millis>| last.map(|last| now.since(last));
        (page.into_iter().map(|(card, last)| Guest { card, idle: idle(last) }).collect(), is_more)
    }

    /// Ends a registration of this node for good, whether its client is there or away. `false`: there is none.
    pub async fn remove(&self, session: &str, client_id: &str) -> bool {
        let Some((conn, line)) = self.0.directory.find(session, client_id) else { return false };
        tracing::info!(client = line.card.log_name, "A client is removed by the operator");
        line.mailbox.turn_out();
        self.append(Input::HungUp { conn }).await;
        true
    }
}

/// The first so many in this order, and whether there are more. Of many only these have to be put in order.
fn first_page<T>(mut all: Vec<T>, count: usize, order: impl Fn(&T, &T) -> cmp::Ordering) -> (Vec<T>, bool) {
    let is_more = all.len() > count;
    if is_more {
        all.select_nth_unstable_by(count, &order);
        all.truncate(count);
    }
    all.sort_unstable_by(order);
    (all, is_more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Action;
    use crate::core::mask::Masker;
    use crate::core::{Rate, Rules};
    use crate::hub::accounts::Unopened;
    use crate::hub::{Clock, House};
    use crate::metrics::Metrics;
    use futures::FutureExt;
    use futures::future::join_all;

    /// A hub whose accounts never answer.
    fn hub(answers: Millis) -> (Hub, Clock, Unopened) {
        let (rules, mailbox) = (Rules::default(), MailboxLimits { letters: 0, bytes: 0 });
        let (texts, idle_after) = (Rate::default(), Millis(0));
        let house = House { rules, mailbox, texts, longest_text: 0, idle_after, answers };
        let (hub, _, accounts) = Hub::start(house, Masker::default(), Clock::stepped(), Metrics::new());
        let clock = hub.clock().clone();
        (hub, clock, accounts)
    }

    async fn asks(hub: &Hub, session: &str, acts: bool) -> NoAnswer {
        let action = if acts { Action::AutoReply(true) } else { Action::List };
        let errand = Errand { session, by: "nobody", request_id: None };
        hub.ask(errand, Asked::Command, Wish::Act(action)).await.expect_err("nobody answers")
    }

    #[tokio::test]
    async fn only_what_was_handed_over_may_have_been_done() {
        let (hub, clock, _accounts) = hub(Millis(0));
        let mut all = Box::pin(join_all((0..40).map(|_| asks(&hub, "one", true))));
        assert!(all.as_mut().now_or_never().is_none());
        let mut others = Box::pin(join_all([asks(&hub, "other", true), asks(&hub, "other", false)]));
        assert!(others.as_mut().now_or_never().is_none());
        clock.step(std::time::Duration::from_secs(60));
        let maybe = all.await.iter().filter(|lost| lost.maybe_done).count();
        assert_eq!(maybe, 32, "the others of this session had no turn");
        let others: Vec<bool> = others.await.iter().map(|lost| lost.maybe_done).collect();
        assert_eq!(others, [true, false], "another session has its own");
    }

    #[tokio::test]
    async fn an_answer_is_waited_for_longer_than_a_send_takes() {
        let (hub, clock, _accounts) = hub(Millis::seconds(100));
        let mut asked = Box::pin(asks(&hub, "s", true));
        assert!(asked.as_mut().now_or_never().is_none());
        clock.step(std::time::Duration::from_millis(109_999));
        assert!(asked.as_mut().now_or_never().is_none());
        clock.step(std::time::Duration::from_millis(1));
        assert!(asked.await.maybe_done);
    }

    #[tokio::test]
    async fn whoever_hangs_up_has_no_mailbox_any_more() {
        let (hub, _, mut accounts) = hub(Millis(0));
        assert!(asks(&hub, "s", false).now_or_never().is_none());
        let waiting = accounts.inbox.calls.recv().await.expect("it was handed over");
        let Call::Ask { caller, .. } = waiting.call else { panic!("a question") };
        assert!(caller.mailbox.why_closed().is_some());
    }
}
