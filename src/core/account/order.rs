//! Sends, from the moment that they are asked for until nothing more can be heard of them.

use super::{Asker, Target};
use crate::core::contacts::ContactId;
use crate::core::{Millis, Private};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

/// How many sends may wait or be under way in one session.
const OPEN: usize = 1_024;
/// What these may weigh together, in bytes; a single one may be heavier.
const OPEN_BYTES: usize = 4 << 20;
/// Of how many more it is known what became of them, for what the backend says later.
const REMEMBERED: usize = 1_024;
/// What these may weigh together, in bytes.
const REMEMBERED_BYTES: usize = 4 << 20;

/// Names a message, for the hub and for whoever carries it out. Random, so that it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(pub u128);

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl OrderId {
    /// Reads what was written once.
    pub fn read(text: &str) -> Option<Self> {
        let is_ours = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        u128::from_str_radix(text, 16).ok().filter(|_| is_ours).map(Self)
    }
}

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    Incoming,
    Outgoing,
}

/// How far a send got; each one is further than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Progress {
    /// Nobody sent anything.
    Simulated,
    /// The backend has it.
    Accepted,
    /// It left the backend.
    Sent,
    /// It is on the contact's phone.
    Delivered,
    /// It was looked at.
    Read,
    /// It was not sent after all, the backend says now. That is the last word.
    Failed,
}

/// One send.
pub(super) struct Order {
    pub target: Target,
    pub message: Private,
    /// Who asked for it; nobody for an auto-reply.
    pub by: Option<Asker>,
    pub stage: Stage,
}

/// Where a send stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Another one of its chat is under way.
    Waiting,
    /// It was handed over, and is given up at this time, if at any.
    Handed(Option<Millis>),
    /// It was given up: it may have been sent or not.
    Unknown,
    /// It was not sent, and whoever asked knows.
    Refused,
    /// It got so far.
    Reached(Progress),
}

impl Order {
    fn weight(&self) -> usize {
        self.target.weight() + self.message.as_str().len()
    }
}

/// See the module. Of each chat one send is under way at a time, so that their order is kept.
#[derive(Default)]
pub(super) struct Orders {
    all: BTreeMap<OrderId, Order>,
    /// The sends of a chat that are waiting or under way, the first one under way.
    chats: BTreeMap<ContactId, VecDeque<OrderId>>,
    deadlines: BTreeSet<(Millis, OrderId)>,
    /// Those whose fate was told, oldest first.
    told: VecDeque<OrderId>,
    /// What these weigh.
    weight: usize,
    /// How many are waiting or under way, and what they weigh.
    open: usize,
    open_weight: usize,
}

impl Orders {
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether there is no room for one of so many bytes more.
    pub fn is_full(&self, weight: usize) -> bool {
        self.open >= OPEN || self.open > 0 && self.open_weight + weight > OPEN_BYTES
    }

    /// Adds a send behind those of its chat. Returns whether it may be handed over now.
    pub fn add(&mut self, id: OrderId, order: Order) -> bool {
        let chat = self.chats.entry(order.target.chat.clone()).or_default();
        chat.push_back(id);
        let is_first = chat.len() == 1;
        self.open += 1;
        self.open_weight += order.weight();
        self.all.insert(id, order);
        is_first
    }

    pub fn hand_over(&mut self, id: OrderId, until: Option<Millis>) -> Option<&Order> {
        let order = self.all.get_mut(&id)?;
        order.stage = Stage::Handed(until);
        self.deadlines.extend(until.map(|until| (until, id)));
        Some(order)
    }

    pub fn get(&self, id: OrderId) -> Option<&Order> {
        self.all.get(&id)
    }

    pub fn knows(&self, id: OrderId) -> bool {
        self.all.get(&id).is_some_and(|order| order.stage != Stage::Waiting)
    }

    /// The fate of a send is told: it is not open any more. Returns the next one of its chat.
    pub fn close(&mut self, id: OrderId, stage: Stage) -> Option<OrderId> {
        let order = self.all.get_mut(&id)?;
        if let Stage::Handed(Some(until)) = std::mem::replace(&mut order.stage, stage) {
            self.deadlines.remove(&(until, id));
        }
        let (name, weight) = (order.target.chat.clone(), order.weight());
        self.open -= 1;
        self.open_weight -= weight;
        self.weight += weight;
        self.told.push_back(id);
        self.forget();
        let chat = self.chats.get_mut(&name)?;
        chat.retain(|other| *other != id);
        let next = chat.front().copied();
        if next.is_none() {
            self.chats.remove(&name);
        }
        next.filter(|next| self.all.get(next).is_some_and(|order| order.stage == Stage::Waiting))
    }

    fn forget(&mut self) {
        while self.told.len() > REMEMBERED || self.weight > REMEMBERED_BYTES {
            let Some(oldest) = self.told.pop_front() else { return };
            let order = self.all.remove(&oldest);
            self.weight -= order.map_or(0, |order| order.weight());
        }
    }

    /// Something more is known of one whose fate was told.
    pub fn advance(&mut self, id: OrderId, progress: Progress) -> bool {
        let Some(order) = self.all.get_mut(&id) else { return false };
        let is_news = match order.stage {
            Stage::Unknown | Stage::Refused => true,
            Stage::Reached(before) => before < progress,
            Stage::Waiting | Stage::Handed(_) => false,
        };
        if is_news {
            order.stage = Stage::Reached(progress);
        }
        is_news
    }

    /// One of which nobody knew was not sent.
    pub fn refuse(&mut self, id: OrderId) {
        if let Some(order) = self.all.get_mut(&id).filter(|order| order.stage == Stage::Unknown) {
            order.stage = Stage::Refused;
        }
    }

    /// All that are not told yet, oldest of each chat first.
    pub fn open(&self) -> Vec<OrderId> {
        self.chats.values().flatten().copied().collect()
    }

    pub fn next_deadline(&self) -> Option<Millis> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    pub fn overdue(&self, now: Millis) -> Option<OrderId> {
        self.deadlines.first().filter(|(at, _)| *at <= now).map(|(_, id)| *id)
    }
}
