//! Replies that the hub gives by itself, and what keeps two such hubs from talking for ever.

use super::order::{Order, OrderId, Stage};
use super::{Account, Deed, Link, Moment, Prompt, Target};
use crate::core::contacts::ContactId;
use crate::core::{Millis, Private};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

/// A chat gets no further auto-reply for so long after one, or after somebody wrote there.
const PAUSE: Millis = Millis::seconds(3_600);
/// How many of them it gets in that time, if it is an AI that answers what is written.
const BY_AI: u32 = 5;
/// How many chats are remembered; past it the oldest goes.
const CHATS: usize = 10_000;

/// Where something was written lately, and by whom.
#[derive(Default)]
pub(super) struct Guard {
    chats: BTreeMap<ContactId, Written>,
    order: VecDeque<(Millis, ContactId)>,
    /// Where an AI is about to answer, and what that will be.
    composing: BTreeMap<ContactId, u128>,
}

struct Written {
    at: Millis,
    /// How many auto-replies there were since; none if a person wrote.
    by_itself: Option<u32>,
}

impl Guard {
    /// Something is written to a chat: by a person, or by itself.
    pub fn note(&mut self, now: Millis, chat: &ContactId, by_itself: bool) {
        match self.chats.get_mut(chat) {
            Some(Written { at, by_itself: Some(count) }) if by_itself && now.since(*at) < PAUSE => {
                *count += 1;
                return;
            }
            _ => {
                let written = Written { at: now, by_itself: by_itself.then_some(1) };
                self.chats.insert(chat.clone(), written);
                self.order.push_back((now, chat.clone()));
            }
        }
        while let Some((at, chat)) = self.order.front() {
            if self.order.len() <= CHATS && now.since(*at) < PAUSE {
                break;
            }
            // A newer note of the same chat stays.
            if self.chats.get(chat).is_some_and(|written| written.at == *at) {
                self.chats.remove(chat);
            }
            self.order.pop_front();
        }
    }

    /// Nothing that an AI is about to answer goes out.
    pub fn drop_answers(&mut self) {
        self.composing.clear();
    }

    /// Whether a chat may have an auto-reply, where it gets so many at most.
    fn is_quiet(&self, now: Millis, chat: &ContactId, most: u32) -> bool {
        self.chats.get(chat).is_none_or(|written| {
            now.since(written.at) >= PAUSE || written.by_itself.is_some_and(|count| count < most)
        })
    }
}

impl Account {
    /// Answers somebody who wrote, if that is wanted and nobody was written to there lately. If there is an AI, it says
    /// what.
    pub(super) fn reply_by_itself(&mut self, at: Moment, target: Target, fresh: u128, deeds: &mut Vec<Deed>) {
        if !self.may_reply(at, &target.chat) {
            return;
        }
        if self.rules.ai.is_none() {
            self.reply(at, target, fresh, None, deeds);
        } else if let Entry::Vacant(free) = self.guard.composing.entry(target.chat.clone()) {
            free.insert(fresh);
            deeds.push(Deed::Consult { to: None, prompt: Prompt::Reply { with: target, fresh } });
        }
    }

    /// An AI said what it would answer, or nothing. Meanwhile a person may have answered.
    pub(super) fn hear_reply(
        &mut self,
        at: Moment,
        with: Target,
        fresh: u128,
        text: Option<Private>,
        deeds: &mut Vec<Deed>,
    ) {
        // What was begun with the simulator there is nobody's to hear.
        if self.guard.composing.get(&with.chat) != Some(&fresh) {
            return;
        }
        self.guard.composing.remove(&with.chat);
        // What is always said is said once.
        let most = if text.is_some() { BY_AI } else { 1 };
        if self.may_reply(at, &with.chat) && self.guard.is_quiet(at.now, &with.chat, most) {
            self.reply(at, with, fresh, text, deeds);
        }
    }

    fn may_reply(&self, at: Moment, chat: &ContactId) -> bool {
        let most = if self.rules.ai.is_some() { BY_AI } else { 1 };
        self.auto_reply && self.link != Link::Down && self.guard.is_quiet(at.now, chat, most)
    }

    /// Says this, or what is always said.
    fn reply(
        &mut self,
        at: Moment,
        target: Target,
        fresh: u128,
        text: Option<Private>,
        deeds: &mut Vec<Deed>,
    ) {
        let longest = self.link.capabilities().longest_text;
        let can_be_sent = |text: &Private| text.as_str().chars().nth(longest).is_none();
        let message = text.filter(can_be_sent).unwrap_or_else(|| self.rules.auto_reply.clone());
        if !self.orders.is_full(message.as_str().len()) {
            // Another id than that of the message it answers.
            let id = OrderId(fresh ^ 1);
            self.dispatch(at, id, Order { target, message, by: None, stage: Stage::Waiting }, deeds);
        }
    }
}
