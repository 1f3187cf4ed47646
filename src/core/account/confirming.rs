//! What an AI made of a sentence that does not say so itself: sends that wait until whoever asked confirms them.

use super::Target;
use crate::core::{Millis, Private};
use std::collections::VecDeque;

/// How long a proposal can be confirmed.
const HOLDS: Millis = Millis::seconds(600);
/// How many of a session wait; past it the oldest goes.
const MOST: usize = 64;

/// See the module, oldest first.
#[derive(Default)]
pub(super) struct Proposals(VecDeque<(Millis, Proposal)>);

/// A send, and who may confirm it by which code.
pub(super) struct Proposal {
    pub registration: u64,
    pub code: Private,
    pub target: Target,
    pub message: Private,
}

impl Proposals {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn add(&mut self, now: Millis, proposal: Proposal) {
        self.0.push_back((now, proposal));
        if self.0.len() > MOST {
            self.0.pop_front();
        }
    }

    /// The one that this is true of.
    pub fn find(&self, is_it: impl Fn(&Proposal) -> bool) -> Option<&Proposal> {
        self.0.iter().map(|(_, waiting)| waiting).find(|waiting| is_it(waiting))
    }

    /// The one with this code was sent, and waits no more.
    pub fn confirmed(&mut self, registration: u64, code: &str) {
        self.0.retain(|(_, waiting)| waiting.registration != registration || waiting.code.as_str() != code);
    }

    /// Nothing waits any more.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// When the oldest waited long enough.
    pub fn next_deadline(&self) -> Option<Millis> {
        self.0.front().map(|(at, _)| at.plus(HOLDS))
    }

    /// Lets go of what waited long enough.
    pub fn forget(&mut self, now: Millis) {
        while self.next_deadline().is_some_and(|until| now >= until) {
            self.0.pop_front();
        }
    }
}
