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
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use uuid::Uuid;

/// How long an answer is waited for: longer than a send is by default.
const PATIENCE: Millis = Millis::seconds(60);
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

/// No answer came in time. What was asked for may have been done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NoAnswer;

impl Hub {
    /// Asks an account something, or has it do something.
    pub async fn ask(&self, errand: Errand<'_>, asked: Asked, wish: Wish) -> Result<Box<Reply>, NoAnswer> {
        let (body, fresh) = (self.body_hash(&wish), Uuid::new_v4().as_u128());
        let request = Request { wish, body, fresh };
        self.run(errand, |caller| Call::Ask { caller, asked, request }).await
    }

    /// Gives a session another contact list. The answer holds the first contacts.
    pub async fn supply(&self, errand: Errand<'_>, list: Vec<Supplied>) -> Result<Box<Reply>, NoAnswer> {
        self.run(errand, |caller| Call::Replace { caller, list }).await
    }

    async fn run(
        &self,
        errand: Errand<'_>,
        call: impl FnOnce(Caller) -> Call,
    ) -> Result<Box<Reply>, NoAnswer> {
        let mailbox = Arc::new(Mailbox::new(ONE_ANSWER));
        let serial = self.0.next_serial.fetch_add(1, Ordering::Relaxed);
        let caller = Caller {
            session: errand.session.into(),
            conn: ConnId { node: self.0.node, serial },
            registration: self.stranger(errand.by),
            mailbox: mailbox.clone(),
            request_id: errand.request_id.map(Into::into),
        };
        let until = self.clock().now().plus(PATIENCE);
        let answer = async {
            self.accounts().call(call(caller), &self.0.errands).await;
            poll_fn(|cx| mailbox.poll_take(Mailbox::FIRST, cx)).await
        };
        tokio::select! {
            found = answer => match found {
                Found::Letter(Letter::Account(reply)) => Ok(reply),
                _ => Err(NoAnswer),
            },
            () = self.clock().until(until) => Err(NoAnswer),
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
        let mut names = self.0.directory.sessions(after);
        names.sort_unstable();
        let is_more = names.len() > count;
        names.truncate(count);
        (names, is_more)
    }

    /// The clients of a session by their ids, from behind this one on, and whether there are more.
    pub fn clients(&self, session: &str, after: Option<&str>, count: usize) -> (Vec<Arc<Card>>, bool) {
        let mut cards = self.0.directory.cards(session);
        cards.retain(|card| after.is_none_or(|after| card.client_id.as_str() > after));
        cards.sort_unstable_by(|a, b| a.client_id.cmp(&b.client_id));
        let is_more = cards.len() > count;
        cards.truncate(count);
        (cards, is_more)
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
