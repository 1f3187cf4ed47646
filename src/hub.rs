//! The exchange at work: one matchmaker actor, a mailbox for each registration, and direct texts.
//!
//! Clients hold a [`Hub`], a handle with verbs. It knows tasks, channels and time; it must never know JSON,
//! HTTP or sockets, and it never awaits a client.

pub mod accounts;
mod activity;
mod ask;
mod client;
mod clock;
mod desk;
mod directory;
mod errand;
mod key;
mod letter;
mod log;
mod mailbox;
mod matchmaker;
mod post;
#[cfg(test)]
#[cfg(shuttle)]
mod races;
mod replay;
mod switchboard;
mod sync;
mod token;

pub use ask::{Ask, Comeback, Heard, Incoming, Introduction, Returning};
pub use client::Client;
pub use clock::{Alarm, Clock, Mark};
pub use desk::{Desk, Pending, Told};
pub use errand::{Errand, Guest, NoAnswer};
pub use letter::{AccountNews, Broadcast, Letter, Receipt, Shared, Text, Unshown};
pub use mailbox::{Mailbox, MailboxLimits, Refused, Taken};
pub use post::memory::Network;
pub use replay::{Gap, Push};
pub use switchboard::Card;
pub use token::Token;

use crate::core::account::Wish;
use crate::core::mask::Masker;
use crate::core::{ClientHash, ConnId, Input, Millis, NodeId, PersonId, Rate, Rules, SessionHash, TokenHash};
use crate::metrics::{Metrics, Outcome, Tally};
use accounts::{Accounts, SharedPlaces, Unopened};
use directory::{Directory, Line};
use errand::ERRANDS;
use key::Key;
use letter::Origin;
use log::{InputLog, Pen};
use post::{Link, Post, What};
use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use switchboard::Switchboard;
use uuid::Uuid;

/// How many inputs may wait for the matchmaker. It handles one in about a microsecond, so this many are gone in
/// a millisecond; past it, clients wait for room before they ask.
const QUEUE: usize = 1_024;

/// What the hub goes by.
#[derive(Debug, Clone)]
pub struct House {
    pub rules: Rules,
    pub mailbox: MailboxLimits,
    /// How fast a person may write.
    pub texts: Rate,
    /// The longest text, in characters; 0 for any.
    pub longest_text: usize,
    /// After this time without anything from a person they leave queue and chat; 0 for never.
    pub idle_after: Millis,
    /// How long an account may take for an answer: a bridge for its word, or an AI for all of its own.
    pub answers: Millis,
}

/// A handle on the exchange. Cloning it is cheap.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    node: NodeId,
    pen: Pen,
    clock: Clock,
    masker: Arc<Masker>,
    house: House,
    metrics: Metrics,
    key: Key,
    directory: Directory,
    accounts: Accounts,
    /// Room for those who ask an account without a registration.
    errands: SharedPlaces,
    /// Whose secret nobody knows, so that nobody can make up two that are alike.
    bodies: RandomState,
    post: Post,
    next_serial: AtomicU64,
}

/// How many people there are, and what they did since the hub started.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    /// Who did something within `chat.idle_after`, on any door.
    pub active_users: usize,
    pub uptime: Millis,
    pub counted: Tally,
}

/// Where a node is: alone, or among others.
struct Site {
    node: NodeId,
    log: (Pen, InputLog),
    link: Link,
    key: Key,
    /// What the machine is told before anything else; on many nodes the log's first entry.
    first: Option<Input>,
}

impl Hub {
    /// Starts an exchange. The returned future is the matchmaker: it ends when every handle is gone.
    pub fn start(
        house: House,
        masker: impl Into<Arc<Masker>>,
        clock: Clock,
        metrics: Metrics,
    ) -> (Self, impl Future<Output = ()> + Send + 'static, Unopened) {
        let first = Some(Input::RulesSet(house.rules));
        let log = InputLog::local(QUEUE);
        let site = Site { node: NodeId(1), log, link: Link::None, key: Key::random(), first };
        let (hub, matchmaker, _, accounts) = Self::open(site, house, masker.into(), clock, metrics);
        (hub, matchmaker, accounts)
    }

    /// Starts one node of several, which must have joined the network. The futures are its matchmaker and its
    /// postman. The matchmaker also ends when the other nodes gave this one up; the postman never does.
    pub fn start_among(
        network: &Network,
        node: NodeId,
        house: House,
        masker: impl Into<Arc<Masker>>,
        metrics: Metrics,
    ) -> (Self, impl Future<Output = ()> + Send + 'static, impl Future<Output = ()> + Send + 'static, Unopened)
    {
        let log = InputLog::memory(network.clone(), node);
        let (link, key) = (Link::Memory(network.clone()), network.key());
        let site = Site { node, log, link, key, first: None };
        Self::open(site, house, masker.into(), network.clock().clone(), metrics)
    }

    fn open(
        site: Site,
        house: House,
        masker: Arc<Masker>,
        clock: Clock,
        metrics: Metrics,
    ) -> (Self, impl Future<Output = ()> + Send + 'static, impl Future<Output = ()> + Send + 'static, Unopened)
    {
        let Site { node, log: (pen, log), link, key, first } = site;
        let directory = Directory::default();
        let (accounts, inbox) = Accounts::new();
        let post = Post::new(node, link, metrics.clone());
        let switchboard =
            Switchboard::new(node, directory.clone(), post.clone(), metrics.clone(), accounts.feed().clone());
        let matchmaker = matchmaker::run(switchboard, log, clock.clone(), metrics.clone(), first);
        let postman = post.clone().run(directory.clone());
        let (next_serial, bodies) = (AtomicU64::new(0), RandomState::new());
        let unopened = Unopened {
            inbox,
            clock: clock.clone(),
            directory: directory.clone(),
            pen: pen.clone(),
            key: key.clone(),
            metrics: metrics.clone(),
        };
        let inner = Inner {
            node,
            pen,
            clock,
            masker,
            house,
            metrics,
            key,
            directory,
            accounts,
            bodies,
            errands: SharedPlaces::of(ERRANDS),
            post,
            next_serial,
        };
        (Self(Arc::new(inner)), matchmaker, postman, unopened)
    }

    /// A new client, not yet registered, with an empty mailbox.
    pub fn client(&self) -> Client {
        self.client_at(Mailbox::new(self.0.house.mailbox))
    }

    /// The same for somebody who comes by to read: what is sent to them counts as held. Who comes
    /// again after they were forgotten meets no position twice.
    pub fn caller(&self) -> Client {
        let mut client = self.client_at(Mailbox::pulled(self.0.house.mailbox));
        client.begin_anywhere();
        client
    }

    fn client_at(&self, mailbox: Mailbox) -> Client {
        let serial = self.0.next_serial.fetch_add(1, Ordering::Relaxed);
        let conn = ConnId { node: self.0.node, serial };
        Client::new(self.clone(), conn, Arc::new(mailbox))
    }

    /// Hands the matchmaker one input; waits for room in its queue, never for its answer.
    pub async fn append(&self, input: Input) {
        self.0.pen.write(input).await;
    }

    /// Makes a client's mailbox and names known, ahead of its first input.
    fn attach(&self, conn: ConnId, line: Line) {
        self.0.directory.put(conn, line);
    }

    /// A client gave itself another name.
    fn rename(&self, conn: ConnId, card: Arc<Card>) {
        self.0.directory.rename(conn, card);
    }

    /// The hub's time.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// What hides phone numbers.
    pub fn masker(&self) -> &Masker {
        &self.0.masker
    }

    fn post(&self) -> &Post {
        &self.0.post
    }

    fn longest_text(&self) -> usize {
        self.0.house.longest_text
    }

    fn client_hash(&self, client_id: &str) -> ClientHash {
        ClientHash(self.0.key.hash("client", client_id))
    }

    fn session_hash(&self, session: &str) -> SessionHash {
        self.0.key.session(session)
    }

    /// What is shared by those of a session.
    pub fn accounts(&self) -> &Accounts {
        &self.0.accounts
    }

    /// A hash of what somebody asks for, by which the same again is known.
    fn body_hash(&self, wish: &Wish) -> u64 {
        self.0.bodies.hash_one(wish)
    }

    fn token_hash(&self, token: &Token) -> TokenHash {
        TokenHash(self.0.key.hash("token", token.secret()))
    }

    /// Without authentication a registration is a person of its own.
    fn new_person(&self) -> PersonId {
        PersonId::of_registration(Uuid::new_v4().as_u128())
    }

    /// The person whom a principal calls by this id: the same on every door.
    pub fn person(&self, namespace: &str, user_id: &str) -> PersonId {
        PersonId::of_principal(self.0.key.hash(namespace, user_id))
    }

    /// Whoever says this name, without anything that makes sure of it: forgotten when they leave, as a registration is.
    pub fn anybody(&self, user_id: &str) -> PersonId {
        PersonId::of_registration(self.0.key.hash("anybody", user_id))
    }

    /// The figures of the exchange.
    pub fn figures(&self) -> Figures {
        let now = self.clock().now();
        let since = Millis(match self.0.house.idle_after {
            Millis(0) => 0,
            idle_after => now.since(idle_after).0,
        });
        let active_users = self.0.directory.active_since(since);
        Figures { active_users, uptime: now, counted: self.metrics().tally() }
    }

    /// Whoever did nothing for so long leaves queue and chat, as after `chat.idle_after`. Returns how many these are.
    pub fn sweep(&self, idle_for: Millis) -> usize {
        self.0.directory.sweep(self.clock().now(), idle_for)
    }
}

/// Tells the sender of a line that it could not be shown, and why.
fn give_back(text: Text, why: Refused, metrics: &Metrics, post: &Post) {
    let Text { sender, request_id, text, .. } = text;
    match sender {
        Origin::Here(sender) => {
            metrics.text(Outcome::Failed);
            post.tell(&sender, Letter::Failed(Box::new(Unshown { request_id, text, why })));
        }
        Origin::There { node, kept } => {
            post.send(node, What::Failed { kept, why });
        }
    }
}

/// Letters that came to a connection's own mailbox go to the one that it reads now, under this number; or back, if
/// somebody else reads that by now.
fn hand_on(letters: VecDeque<Letter>, (mailbox, reader): (&Mailbox, u32), metrics: &Metrics, post: &Post) {
    let refused = mailbox.insert(reader, letters).into_iter().flatten();
    give_back_unread(refused, (mailbox, Refused::OutOfReach), metrics, post);
}

/// Deals with letters that nobody reads at this mailbox any more: lines go back to their senders, and what became of
/// the reader's own follows it to another node, if it went on there.
fn give_back_unread(
    letters: impl Iterator<Item = Letter>,
    (mailbox, why): (&Mailbox, Refused),
    metrics: &Metrics,
    post: &Post,
) {
    for letter in letters {
        match letter {
            Letter::Text(text) => give_back(text, why, metrics, post),
            news => post.tell(mailbox, news),
        }
    }
}
