//! The same request twice is one request: its answer is kept, and told again.

use super::Asker;
use super::answer::Answer;
use crate::core::Millis;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// How long an answer is kept.
const KEPT_FOR: Millis = Millis::seconds(3_600);
/// How many answers are kept in one session; past it the oldest goes.
const KEPT: usize = 16_384;
/// What they may weigh together, in bytes.
const KEPT_BYTES: usize = 4 << 20;
/// What an answer weighs beside its texts, with all that names it.
const ENTRY: usize = 256;
/// How many may wait for one answer.
const WAITING: usize = 1_024;

/// The registration and its `request_id`.
type Key = (u64, Arc<str>);

/// See the module.
#[derive(Default)]
pub(super) struct Once {
    entries: BTreeMap<Key, Entry>,
    /// The answered ones, oldest first.
    answered: VecDeque<(Millis, Key)>,
    /// What the answered ones weigh.
    weight: usize,
}

struct Entry {
    body: u64,
    state: State,
}

enum State {
    /// Nothing is known yet; these want to hear it too.
    Open(Vec<Asker>),
    Answered(Arc<Answer>),
}

/// What a request is.
pub(super) enum Meeting {
    /// It is new.
    New(Asker),
    /// It is the same as one before, whose answer is this.
    Again(Asker, Arc<Answer>),
    /// It is the same as one before, and will have its answer.
    Joined,
    /// It has the `request_id` of another one.
    Other(Asker),
    /// Too many wait for this one.
    Crowded(Asker),
}

impl Once {
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Compares a request with those before.
    pub fn meet(&mut self, by: Asker, body: u64) -> Meeting {
        let Some(key) = key_of(&by) else { return Meeting::New(by) };
        let Some(entry) = self.entries.get_mut(&key) else {
            self.entries.insert(key, Entry { body, state: State::Open(Vec::new()) });
            return Meeting::New(by);
        };
        match &mut entry.state {
            _ if entry.body != body => Meeting::Other(by),
            State::Answered(answer) => Meeting::Again(by, answer.clone()),
            State::Open(waiting) if waiting.len() >= WAITING => Meeting::Crowded(by),
            State::Open(waiting) => {
                waiting.push(by);
                Meeting::Joined
            }
        }
    }

    /// The answer to a request is known. Returns who else waits for it.
    pub fn answer(&mut self, now: Millis, by: &Asker, answer: &Arc<Answer>) -> Vec<Asker> {
        let Some(key) = key_of(by) else { return Vec::new() };
        let Some(entry) = self.entries.get_mut(&key) else { return Vec::new() };
        match std::mem::replace(&mut entry.state, State::Answered(answer.clone())) {
            State::Open(waiting) => {
                self.weight += weight(answer);
                self.answered.push_back((now, key));
                self.forget(now);
                waiting
            }
            State::Answered(_) => Vec::new(),
        }
    }

    /// The answer to a request turned out not to be true: the same request gets this one.
    pub fn correct(&mut self, now: Millis, by: &Asker, answer: Arc<Answer>) {
        let Some(entry) = key_of(by).and_then(|key| self.entries.get_mut(&key)) else { return };
        if let State::Answered(before) = &mut entry.state {
            self.weight = self.weight - weight(before) + weight(&answer);
            *before = answer;
            self.forget(now);
        }
    }

    /// Nothing was begun: the same request may be tried again. Returns who else waits for it.
    pub fn withdraw(&mut self, by: &Asker) -> Vec<Asker> {
        match key_of(by).and_then(|key| self.entries.remove(&key)).map(|entry| entry.state) {
            Some(State::Open(waiting)) => waiting,
            _ => Vec::new(),
        }
    }

    /// When the oldest answer was kept long enough.
    pub fn next_deadline(&self) -> Option<Millis> {
        self.answered.front().map(|(at, _)| at.plus(KEPT_FOR))
    }

    /// Lets go of answers that were kept long enough.
    pub fn forget(&mut self, now: Millis) {
        while let Some((at, key)) = self.answered.front() {
            let is_little = self.answered.len() <= KEPT && self.weight <= KEPT_BYTES;
            if is_little && now.since(*at) < KEPT_FOR {
                return;
            }
            if let Some(Entry { state: State::Answered(answer), .. }) = self.entries.remove(key) {
                self.weight -= weight(&answer);
            }
            self.answered.pop_front();
        }
    }
}

fn weight(answer: &Answer) -> usize {
    ENTRY + answer.weight()
}

fn key_of(by: &Asker) -> Option<Key> {
    by.request_id.clone().map(|request_id| (by.registration, request_id))
}
