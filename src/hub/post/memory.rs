//! Nodes in one process: one log that they share, and parcels that go from one to the other.
//!
//! It is how a house of many nodes is tested: each node's view of the log can be held back, parcels can be held
//! back, and everything can come twice.

use super::{Parcel, What};
use crate::core::{Input, Millis, NodeId, Rules};
use crate::hub::clock::Clock;
use crate::hub::key::Key;
use crate::hub::sync::{Mutex, MutexGuard, lock};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use tokio::sync::Notify;

/// How many parcels may be under way to a node, and how many entries of the log may be unread by it.
const UNDER_WAY: usize = 4_096;

/// Who appends what no node says.
const HOUSE: NodeId = NodeId(0);

/// An entry of the log.
#[derive(Debug, Clone)]
pub struct Entry {
    pub at: Millis,
    pub from: NodeId,
    /// Each one of a node has a higher number, so that an append that is repeated counts once.
    pub number: u64,
    pub input: Input,
}

/// See the module. Cloning it gives another handle on the same network.
#[derive(Clone)]
pub struct Network(Arc<Shared>);

struct Shared {
    clock: Clock,
    key: Key,
    state: Mutex<State>,
    /// Something changed that a node may wait for.
    moved: Notify,
}

#[derive(Default)]
struct State {
    rules: Option<Rules>,
    nodes: BTreeMap<NodeId, Seat>,
    /// Everything comes twice.
    twice: bool,
    numbers: BTreeMap<NodeId, u64>,
    parcels: BTreeMap<(NodeId, NodeId), u64>,
    /// Parcels that are being opened.
    opened: usize,
}

/// A node's place in the network. Dropping it tells the others that the node is gone.
pub struct Place {
    network: Network,
    node: NodeId,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.network.append(HOUSE, Input::NodeLost { node: self.node });
    }
}

/// What lies ready for one node.
#[derive(Default)]
struct Seat {
    entries: VecDeque<Entry>,
    /// It was too slow, and reads that it was given up next.
    is_given_up: bool,
    parcels: VecDeque<Parcel>,
    is_log_held: bool,
    is_post_held: bool,
}

impl Network {
    /// Without nodes. Its log's time is this clock's.
    pub fn new(clock: Clock) -> Self {
        let (state, moved) = (Mutex::default(), Notify::new());
        Self(Arc::new(Shared { clock, key: Key::random(), state, moved }))
    }

    /// A node is there. It reads what is appended from now on, so all of them join before the first entry.
    pub fn join(&self, node: NodeId) {
        self.lock().nodes.insert(node, Seat::default());
    }

    /// The place of a node that is there.
    pub fn place(&self, node: NodeId) -> Place {
        Place { network: self.clone(), node }
    }

    /// Whether a node may go by these rules. The first one's hold for all, and are the log's first entry.
    pub fn agree(&self, rules: Rules) -> bool {
        let known = *self.lock().rules.get_or_insert(rules);
        if known == rules && self.lock().numbers.is_empty() {
            self.append(HOUSE, Input::RulesSet(rules));
        }
        known == rules
    }

    /// The key that all nodes share.
    pub fn key(&self) -> Key {
        self.0.key.clone()
    }

    /// The time of the log.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// From now on entries and parcels come twice, or only once.
    pub fn repeat(&self, twice: bool) {
        self.lock().twice = twice;
    }

    /// Holds the log back from a node, or lets it go on.
    pub fn hold_log(&self, node: NodeId, hold: bool) {
        if let Some(seat) = self.lock().nodes.get_mut(&node) {
            seat.is_log_held = hold;
        }
        self.0.moved.notify_waiters();
    }

    /// Holds parcels back from a node, or lets them go on.
    pub fn hold_post(&self, node: NodeId, hold: bool) {
        if let Some(seat) = self.lock().nodes.get_mut(&node) {
            seat.is_post_held = hold;
        }
        self.0.moved.notify_waiters();
    }

    /// Whether nothing is under way that is not held back.
    pub fn is_quiet(&self) -> bool {
        let state = self.lock();
        let is_idle = |seat: &Seat| {
            (seat.entries.is_empty() || seat.is_log_held) && (seat.parcels.is_empty() || seat.is_post_held)
        };
        state.opened == 0 && state.nodes.values().all(is_idle)
    }

    /// Appends an entry for all nodes to read. One that reads too slowly to have room for it is given up, since it
    /// could not go on without it.
    pub fn append(&self, from: NodeId, input: Input) {
        let at = self.0.clock.now();
        let mut state = self.lock();
        let mut slow = state.append(at, from, input);
        while let Some(node) = slow.pop() {
            slow.extend(state.append(at, HOUSE, Input::NodeLost { node }));
        }
        drop(state);
        self.0.moved.notify_waiters();
    }

    /// Puts a parcel on its way. `false`: there is no such node, or too much is under way to it.
    pub fn send(&self, from: NodeId, to: NodeId, what: What) -> bool {
        let mut state = self.lock();
        let number = next(state.parcels.entry((from, to)).or_default());
        let times = if state.twice { 2 } else { 1 };
        let has_room = |seat: &&mut Seat| what.is_about_a_text() || seat.parcels.len() < UNDER_WAY;
        let Some(seat) = state.nodes.get_mut(&to).filter(has_room) else { return false };
        let parcel = Parcel { from, number, what };
        seat.parcels.extend((0..times).map(|_| parcel.clone()));
        drop(state);
        self.0.moved.notify_waiters();
        true
    }

    /// The entries that a node may read now, at most so many.
    pub fn read(&self, node: NodeId, most: usize) -> Vec<Entry> {
        let mut state = self.lock();
        match state.nodes.get_mut(&node) {
            Some(seat) if !seat.is_log_held => {
                let count = most.min(seat.entries.len());
                seat.entries.drain(..count).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Ends when there is a parcel for a node.
    pub async fn has_parcels(&self, node: NodeId) {
        loop {
            let moved = self.moved();
            let is_ready = |seat: &Seat| !seat.is_post_held && !seat.parcels.is_empty();
            if self.lock().nodes.get(&node).is_some_and(is_ready) {
                return;
            }
            moved.await;
        }
    }

    /// All parcels of a node for another one, also such that are held back.
    pub fn take_all(&self, node: NodeId, from: NodeId) -> VecDeque<Parcel> {
        let mut state = self.lock();
        let Some(seat) = state.nodes.get_mut(&node) else { return VecDeque::new() };
        let (its, others) = seat.parcels.drain(..).partition(|parcel| parcel.from == from);
        seat.parcels = others;
        its
    }

    /// The next parcel for a node. Whoever takes it says when it is opened.
    pub fn take(&self, node: NodeId) -> Option<Parcel> {
        let mut state = self.lock();
        let seat = state.nodes.get_mut(&node).filter(|seat| !seat.is_post_held)?;
        let parcel = seat.parcels.pop_front()?;
        state.opened += 1;
        Some(parcel)
    }

    /// A parcel was opened.
    pub fn opened(&self) {
        self.lock().opened -= 1;
    }

    /// Ends when something changed since the call.
    pub fn moved(&self) -> impl Future<Output = ()> + Send + '_ {
        let moved = self.0.moved.notified();
        let mut moved = Box::pin(moved);
        moved.as_mut().enable();
        moved
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }
}

impl State {
    /// Puts an entry where each node reads it, and returns the nodes that had no room for it.
    fn append(&mut self, at: Millis, from: NodeId, input: Input) -> Vec<NodeId> {
        let number = next(self.numbers.entry(from).or_default());
        let entry = Entry { at, from, number, input };
        let times = if self.twice { 2 } else { 1 };
        let mut slow = Vec::new();
        for (node, seat) in &mut self.nodes {
            if seat.is_given_up {
                // It needs no more than to know that.
            } else if seat.entries.len() < UNDER_WAY {
                seat.entries.extend((0..times).map(|_| entry.clone()));
            } else {
                let end = Entry { input: Input::NodeLost { node: *node }, ..entry.clone() };
                seat.is_given_up = true;
                seat.entries = VecDeque::from([end]);
                slow.push(*node);
            }
        }
        slow
    }
}

fn next(number: &mut u64) -> u64 {
    *number += 1;
    *number
}
