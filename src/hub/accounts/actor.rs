//! The actor: picks what happened, lets the account of that session decide, and performs.

mod consulting;
mod hands;
mod hearing;
mod replacing;

pub use consulting::Asking;

use super::feed::{Bridge, Feed, Tidings};
use super::plans::Plans;
use super::turns::{Place, Turns, Waiting as Turn};
use super::{Call, Caller, Inbox, Job, rows};
use crate::core::account::{
    Account, Answer, Asker, Event, Incoming, Link, Moment, OrderId, Refusal, Report, Request, Rules, Settings,
};
use crate::core::contacts::{Contact, Contacts, Supplied};
use crate::core::{ConnId, Millis};
use crate::hub::Clock;
use crate::hub::directory::Directory;
use crate::hub::key::Key;
use crate::hub::letter::Letter;
use crate::hub::log::Pen;
use crate::metrics::Metrics;
use crate::store::{Store, Unanswered};
use crate::whatsapp::Simulator;
use crate::wire::Asked;
use consulting::{Heard, UnderWay};
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use tokio::task::coop::consume_budget;

/// How many sessions may have an account. Past it, a further one is refused.
const ACCOUNTS: usize = 10_000;
/// How many contacts all sessions together may have. Past it, further ones of clients are refused.
const CONTACTS: usize = 500_000;
/// What they may weigh, in bytes.
const CONTACTS_BYTES: usize = 64 << 20;
/// How many questions may be with the store at a time. Past it, a further one is refused.
const LOOKUPS: usize = 1_024;

/// How many may wait for an answer. Past it, a further question is refused.
const WAITING: usize = 65_536;
/// How many of one session.
const WAITING_OF_ONE: usize = 4_096;

/// What the accounts work with.
pub struct Setting {
    pub rules: Rules,
    pub simulator: Simulator,
    pub store: Store,
    pub ai: Asking,
    pub clock: Clock,
    pub directory: Directory,
    pub pen: Pen,
    pub key: Key,
    pub metrics: Metrics,
}

/// What the actor was woken by.
enum Picked {
    Call(Turn),
    Tidings(Tidings),
    LookedUp(LookedUp),
    Heard(Heard),
    Due,
    /// Every handle is gone.
    Nobody,
}

/// What the store said, for whom.
struct LookedUp {
    by: Asker,
    session: Arc<str>,
    is_an_action: bool,
    answer: Answer,
    /// While it was looked up, nobody else had its place.
    _place: Option<Place>,
}

/// The account of one session, and who carries out for it.
struct Entry {
    account: Account,
    /// Its bridge, be it there or not.
    bridge: Option<Bridge>,
    jobs: BTreeMap<OrderId, Arc<Job>>,
    due: Option<Millis>,
    /// How many wait for an answer of it.
    asked: usize,
    contacts: Room,
}

/// How many contacts there are, and what they weigh.
#[derive(Clone, Copy, Default)]
struct Room {
    count: usize,
    bytes: usize,
}

/// Who waits for an answer, and to what.
struct Waiting {
    caller: Caller,
    asked: Asked,
    /// Until it is known whether the store is asked.
    place: Option<Place>,
}

/// See the module.
pub struct Actor {
    setting: Setting,
    feed: Feed,
    entries: BTreeMap<Arc<str>, Entry>,
    waiting: BTreeMap<u64, Waiting>,
    next_ask: u64,
    turns: Turns,
    /// When which account wants to be woken.
    due: BTreeSet<(Millis, Arc<str>)>,
    plans: Plans,
    /// Of the contacts of all.
    contacts: Room,
    lookups: FuturesUnordered<BoxFuture<'static, LookedUp>>,
    /// What an AI was asked, by whoever waits for it.
    consultations: FuturesUnordered<BoxFuture<'static, Heard>>,
    /// The same, by the number under which the answer is waited for.
    questions: BTreeMap<u64, UnderWay>,
}

impl Actor {
    /// Takes up what the store kept of every session.
    pub async fn restore(setting: Setting, inbox: &Inbox) -> Result<Self, Unanswered> {
        let mut actor = Self {
            setting,
            feed: inbox.feed.clone(),
            entries: BTreeMap::new(),
            waiting: BTreeMap::new(),
            next_ask: 0,
            turns: Turns::default(),
            due: BTreeSet::new(),
            plans: Plans::default(),
            contacts: Room::default(),
            lookups: FuturesUnordered::new(),
            consultations: FuturesUnordered::new(),
            questions: BTreeMap::new(),
        };
        if actor.setting.simulator.has_contacts() {
            actor.feed.know_all();
        }
        for session in actor.setting.store.sessions().await?.into_iter().take(ACCOUNTS) {
            if let Some(loaded) = actor.setting.store.load(&session).await? {
                let (contacts, settings) = rows::restored(loaded);
                actor.begin(&Arc::from(session), contacts, settings);
            }
        }
        Ok(actor)
    }

    /// Serves until the last handle is gone.
    pub async fn run(mut self, mut inbox: Inbox) {
        loop {
            let picked = self.pick(&mut inbox).await;
            // What somebody knew who asked in this moment; and who came in it, and hears first what was said.
            if matches!(picked, Picked::Call(_) | Picked::Heard(_))
                && let Some(tidings) = inbox.feed.take()
            {
                self.hear(tidings).await;
            }
            match picked {
                Picked::Call(turn) => self.take(turn).await,
                Picked::Tidings(tidings) => self.hear(tidings).await,
                Picked::LookedUp(looked_up) => self.pass_on(looked_up).await,
                Picked::Heard(heard) => self.hear_ai(heard).await,
                Picked::Due => self.attend().await,
                Picked::Nobody => return,
            }
            // However much there is to do, others of this thread have their turn.
            consume_budget().await;
        }
    }

    async fn pick(&mut self, inbox: &mut Inbox) -> Picked {
        let due = self.due.first().map(|(at, _)| *at);
        let next = due.into_iter().chain(self.plans.next()).min();
        let clock = self.setting.clock.clone();
        let alarm = async {
            match next {
                Some(at) => clock.until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // What a client knows when it asks, such as that a bridge came, is known here before it is answered.
            biased;
            tidings = inbox.feed.tidings() => Picked::Tidings(tidings),
            // What was begun goes on however much more is asked for.
            Some(looked_up) = self.lookups.next() => Picked::LookedUp(looked_up),
            Some(heard) = self.consultations.next() => Picked::Heard(heard),
            () = alarm => Picked::Due,
            turn = self.turns.next(&mut inbox.calls) => turn.map_or(Picked::Nobody, Picked::Call),
        }
    }

    async fn take(&mut self, Turn { call, place }: Turn) {
        match call {
            Call::Ask { caller, asked, request } => {
                self.ask(Waiting { caller, asked, place: Some(place) }, request).await;
            }
            Call::Supply { caller, list, number } => {
                let (session, conn) = (caller.session.clone(), caller.conn);
                if self.has_room_for(&session, &list) && self.open(&session).await {
                    self.happen_for(&session, Event::Supplied(list), Some(conn)).await;
                } else {
                    // Somebody who is gone needs no answer.
                    let _ = caller.mailbox.push(Letter::NoRoom { number });
                }
            }
            Call::Replace { caller, list } => self.replace(caller, list).await,
            Call::Report { caller, order, report } => self.report(caller, order, report).await,
            Call::Receive { caller, incoming } => {
                let answer = self.receive(&caller.session, incoming).await;
                // That a message is lost is told, asked for or not.
                if caller.request_id.is_some() || !matches!(answer, Answer::Taken { .. }) {
                    self.reply(&caller, Asked::Incoming, Arc::new(answer));
                }
            }
        }
    }

    async fn ask(&mut self, waiting: Waiting, request: Request) {
        let Waiting { caller, asked, .. } = &waiting;
        let session = caller.session.clone();
        if self.is_busy(&session) || !self.open(&session).await {
            return self.reply(caller, *asked, Arc::new(OVERLOADED));
        }
        self.next_ask += 1;
        let ask = self.next_ask;
        let (registration, request_id) = (caller.registration, caller.request_id.clone());
        self.waiting.insert(ask, waiting);
        if let Some(entry) = self.entries.get_mut(&session) {
            entry.asked += 1;
        }
        let by = Asker { registration, ask, request_id };
        self.happen(&session, Event::Asked { by, request }).await;
        // A send may wait for long, and holds up nobody.
        self.waiting.get_mut(&ask).into_iter().for_each(|waiting| waiting.place = None);
    }

    async fn report(&mut self, caller: Caller, order: OrderId, report: Report) {
        let entry = self.entries.get_mut(&caller.session).filter(|entry| entry.account.knows(order));
        let Some(entry) = entry else {
            let refused = Answer::Refused { action: None, contact: None, why: Refusal::NoSuchAction };
            return self.reply(&caller, Asked::Report, Arc::new(refused));
        };
        entry.jobs.remove(&order);
        let session = caller.session.clone();
        self.happen(&session, Event::Reported { order, report }).await;
    }

    /// Takes a message that came in; one that is reported again is the one that it was before.
    async fn receive(&mut self, session: &Arc<str>, incoming: Incoming) -> Answer {
        if !self.open(session).await {
            return OVERLOADED;
        }
        let account = self.entries.get(session).map(|entry| &entry.account);
        let before = account.zip(incoming.id.as_ref()).and_then(|(account, id)| account.heard(id.as_str()));
        let id = before.unwrap_or(OrderId(incoming.fresh));
        self.happen(session, Event::Received(incoming)).await;
        Answer::Taken { id }
    }

    async fn pass_on(&mut self, looked_up: LookedUp) {
        let LookedUp { by, session, is_an_action, answer, .. } = looked_up;
        if is_an_action && self.entries.contains_key(&session) {
            self.happen(&session, Event::LookedUp { by, answer }).await;
        } else {
            self.answer(&by, Arc::new(answer));
            self.close_if_blank(&session);
        }
    }

    /// Does what was to be done by now.
    async fn attend(&mut self) {
        let now = self.setting.clock.now();
        while let Some((session, event)) = self.plans.take(now) {
            self.happen(&session, event).await;
        }
        while let Some((_, session)) = self.due.first().filter(|(at, _)| *at <= now).cloned() {
            self.happen(&session, Event::Tick).await;
        }
    }

    /// Whether the contacts of a session may be these.
    fn has_room_for(&self, session: &str, list: &[Supplied]) -> bool {
        let replaced = self.entries.get(session).map_or(Room::default(), |entry| entry.contacts);
        let bytes: usize = list.iter().map(Supplied::weight).sum();
        self.contacts.count - replaced.count + list.len() <= CONTACTS
            && self.contacts.bytes - replaced.bytes + bytes <= CONTACTS_BYTES
    }

    /// The contacts of a session are others now.
    fn count_contacts(&mut self, session: &str) {
        let Some(entry) = self.entries.get_mut(session) else { return };
        let before = std::mem::replace(&mut entry.contacts, Room::of(entry.account.contacts()));
        self.contacts.count = self.contacts.count - before.count + entry.contacts.count;
        self.contacts.bytes = self.contacts.bytes - before.bytes + entry.contacts.bytes;
    }

    /// Makes sure that a session has an account, which knows of the bridge that there is. `false`: there are too many.
    async fn open(&mut self, session: &Arc<str>) -> bool {
        if self.entries.contains_key(session) {
            return true;
        }
        if self.entries.len() >= ACCOUNTS {
            return false;
        }
        self.begin(session, Contacts::default(), Settings::default());
        // What was told of it before may have found no room.
        if let Some(bridge) = self.feed.bridge_of(session) {
            self.lay(session, bridge, true).await;
        }
        true
    }

    fn begin(&mut self, session: &Arc<str>, mut contacts: Contacts, settings: Settings) {
        if !settings.has_bridge {
            self.setting.simulator.contacts().for_each(|contact| {
                let _ = contacts.learn(contact);
            });
        }
        let account = Account::new(self.setting.rules.clone(), contacts, settings);
        let (link, contacts) = (account.link(), Room::default());
        let entry = Entry { account, bridge: None, jobs: BTreeMap::new(), due: None, asked: 0, contacts };
        self.entries.insert(session.clone(), entry);
        self.count_contacts(session);
        self.setting.metrics.link_changed(Link::Simulated, link);
        self.feed.know(session, true);
    }

    async fn happen(&mut self, session: &Arc<str>, event: Event) {
        self.happen_for(session, event, None).await;
    }

    /// Lets the account decide, and does what it wants; then what came of that at once. `supplier` is who gave the
    /// contacts, if somebody did: the matchmaker answers.
    async fn happen_for(&mut self, session: &Arc<str>, event: Event, supplier: Option<ConnId>) {
        let mut events = VecDeque::from([event]);
        let mut deeds = Vec::new();
        while let Some(event) = events.pop_front() {
            let Some(entry) = self.entries.get_mut(session) else { return };
            let (now, link) = (self.setting.clock.now(), entry.account.link());
            entry.account.handle(Moment { now, wall: wall_time() }, event, &mut deeds);
            self.setting.metrics.link_changed(link, entry.account.link());
            for deed in deeds.drain(..) {
                events.extend(self.perform(session, deed, supplier).await);
            }
        }
        self.note_due(session);
        self.close_if_blank(session);
    }

    fn note_due(&mut self, session: &Arc<str>) {
        let Some(entry) = self.entries.get_mut(session) else { return };
        let next = entry.account.next_deadline();
        if entry.due != next {
            if let Some(at) = entry.due {
                self.due.remove(&(at, session.clone()));
            }
            if let Some(at) = next {
                self.due.insert((at, session.clone()));
            }
            entry.due = next;
        }
    }

    /// An account of which nothing is to be remembered, and nothing to be told, costs nothing.
    fn close_if_blank(&mut self, session: &Arc<str>) {
        let is_blank = |entry: &Entry| entry.account.is_blank() && entry.bridge.is_none() && entry.asked == 0;
        if !self.setting.simulator.has_contacts() && self.entries.get(session).is_some_and(is_blank) {
            self.entries.remove(session);
            self.feed.know(session, false);
        }
    }
}

impl Room {
    fn of(contacts: &Contacts) -> Self {
        Self { count: contacts.len(), bytes: contacts.iter().map(Contact::weight).sum() }
    }
}

/// What is told where there is no room for more.
const OVERLOADED: Answer = Answer::Refused { action: None, contact: None, why: Refusal::Overloaded };

/// Milliseconds since 1970.
fn wall_time() -> u64 {
    u64::try_from(chrono::Utc::now().timestamp_millis()).unwrap_or(0)
}
