//! Replies that the hub gives by itself, and what keeps two such hubs from talking for ever.

use super::order::{Order, OrderId, Stage};
use super::{Account, Deed, Link, Moment, Target};
use crate::core::Millis;
use crate::core::contacts::ContactId;
use std::collections::{BTreeMap, VecDeque};

/// A chat gets no further auto-reply for so long after one, or after somebody wrote there.
const PAUSE: Millis = Millis::seconds(3_600);
/// How many chats are remembered; past it the oldest goes.
const CHATS: usize = 10_000;

/// Where something was written lately.
#[derive(Default)]
pub(super) struct Guard {
    chats: BTreeMap<ContactId, Millis>,
    order: VecDeque<(Millis, ContactId)>,
}

impl Guard {
    /// Something is written to a chat.
    pub fn note(&mut self, now: Millis, chat: &ContactId) {
        self.chats.insert(chat.clone(), now);
        self.order.push_back((now, chat.clone()));
        while let Some((at, chat)) = self.order.front() {
            if self.order.len() <= CHATS && now.since(*at) < PAUSE {
                break;
            }
            // A newer note of the same chat stays.
            if self.chats.get(chat) == Some(at) {
                self.chats.remove(chat);
            }
            self.order.pop_front();
        }
    }

    fn is_quiet(&self, now: Millis, chat: &ContactId) -> bool {
        self.chats.get(chat).is_none_or(|at| now.since(*at) >= PAUSE)
    }
}

impl Account {
    /// Answers somebody who wrote, if that is wanted and nobody was written to there lately.
    pub(super) fn reply_by_itself(&mut self, at: Moment, target: Target, fresh: u128, deeds: &mut Vec<Deed>) {
        let is_due = self.auto_reply && self.link != Link::Down && self.guard.is_quiet(at.now, &target.chat);
        if !is_due || self.orders.is_full(self.rules.auto_reply.as_str().len()) {
            return;
        }
        // Another id than that of the message it answers.
        let id = OrderId(fresh ^ 1);
        let message = self.rules.auto_reply.clone();
        self.dispatch(at, id, Order { target, message, by: None, stage: Stage::Waiting }, deeds);
    }
}
