//! Handing sends over, and what is heard of them.

use super::answer::{Answer, Message, Refusal};
use super::order::{Direction, Order, OrderId, Progress, Stage};
use super::{Account, Deed, Link, Moment, News, Record, Report};
use crate::core::Millis;
use std::sync::Arc;

impl Account {
    /// A send is on its way, or waits until the one before it in its chat is through.
    pub(super) fn dispatch(&mut self, at: Moment, id: OrderId, order: Order, deeds: &mut Vec<Deed>) {
        self.guard.note(at.now, &order.target.chat, order.by.is_none());
        if self.orders.add(id, order) {
            self.hand_over(at, id, deeds);
        }
    }

    fn hand_over(&mut self, at: Moment, id: OrderId, deeds: &mut Vec<Deed>) {
        let patience = self.rules.patience;
        let until = (patience != Millis(0)).then(|| at.now.plus(patience));
        if let Some(order) = self.orders.hand_over(id, until) {
            let (target, message) = (order.target.clone(), order.message.clone());
            deeds.push(Deed::Carry { order: id, target, message });
        }
    }

    /// The backend said something about a send.
    pub(super) fn hear_report(&mut self, at: Moment, id: OrderId, report: Report, deeds: &mut Vec<Deed>) {
        let Some(stage) = self.orders.get(id).map(|order| order.stage) else { return };
        // Nothing is called sent by somebody who sends nothing.
        let furthest = self.link.capabilities().tells;
        let report = match report {
            Report::Reached(progress) => Report::Reached(progress.min(furthest)),
            refused @ Report::Refused(_) => refused,
        };
        match (stage, report) {
            (Stage::Handed(_), Report::Reached(progress)) => {
                self.show_sent(at, id, progress, deeds);
                self.conclude(at, id, Ok(progress), deeds);
            }
            (Stage::Handed(_), Report::Refused(why)) => self.conclude(at, id, Err(why), deeds),
            (Stage::Unknown | Stage::Refused, Report::Reached(progress)) => {
                self.orders.advance(id, progress);
                self.show_sent(at, id, progress, deeds);
                self.show_progress(at, id, (progress, None), deeds);
            }
            (Stage::Reached(_), Report::Reached(progress)) => {
                if self.orders.advance(id, progress) {
                    deeds.push(Deed::Keep(Record::Progress { id, progress }));
                    self.show_progress(at, id, (progress, None), deeds);
                }
            }
            (Stage::Unknown, Report::Refused(why)) => self.refuse_late(at, id, why, deeds),
            (Stage::Reached(_), Report::Refused(why)) => {
                if self.orders.advance(id, Progress::Failed) {
                    deeds.push(Deed::Keep(Record::Progress { id, progress: Progress::Failed }));
                    self.show_progress(at, id, (Progress::Failed, Some(why)), deeds);
                }
            }
            // Nobody was given it yet, or that was said before.
            (Stage::Waiting, _) | (Stage::Refused, Report::Refused(_)) => {}
        }
    }

    /// Of a send in doubt it is known now that it was not sent: that is what a repeated request hears from here on.
    fn refuse_late(&mut self, at: Moment, id: OrderId, why: Refusal, deeds: &mut Vec<Deed>) {
        let Some(order) = self.orders.get(id) else { return };
        let (by, contact) = (order.by.clone(), Some(order.target.name.clone()));
        self.orders.refuse(id);
        if let Some(by) = by {
            let answer = Answer::Refused { action: Some("send"), contact, why: why.clone() };
            self.once.correct(at.now, &by, Arc::new(answer));
        }
        self.show_progress(at, id, (Progress::Failed, Some(why)), deeds);
    }

    /// A bridge is there. One that takes over knows nothing of what the connection before was given.
    pub(super) fn bridge_up(&mut self, at: Moment, deeds: &mut Vec<Deed>) {
        self.give_up_all(at, deeds);
        if self.link == Link::Simulated {
            // Nobody is sent anything under a number that a simulator made up.
            (self.spoken_of, self.wrote_last) = (None, None);
            self.proposals.clear();
            self.guard.drop_answers();
            if self.contacts.forget_learned() {
                self.contacts_changed(deeds);
            }
        }
        if self.link != Link::Up {
            self.link = Link::Up;
            self.settings_changed(deeds);
        }
    }

    /// The bridge is gone or away. What it was given may have been sent, and is never given to anybody again.
    pub(super) fn bridge_down(&mut self, at: Moment, deeds: &mut Vec<Deed>) {
        if self.link == Link::Up {
            self.link = Link::Down;
            self.show_status(deeds);
        }
        self.give_up_all(at, deeds);
    }

    fn give_up_all(&mut self, at: Moment, deeds: &mut Vec<Deed>) {
        for id in self.orders.open() {
            let was_handed = self.orders.knows(id);
            if was_handed {
                deeds.push(Deed::Withdraw { order: id });
            }
            self.tell(at, id, Err(Refusal::Unavailable { maybe: was_handed }), deeds);
        }
    }

    /// Sends whose time is over may have been carried out or not.
    pub(super) fn give_up_waiting(&mut self, at: Moment, deeds: &mut Vec<Deed>) {
        while let Some(id) = self.orders.overdue(at.now) {
            deeds.push(Deed::Withdraw { order: id });
            self.conclude(at, id, Err(Refusal::TimedOut), deeds);
        }
    }

    /// The fate of a send is known, or given up: who asked hears it, and the next one of the chat goes.
    fn conclude(&mut self, at: Moment, id: OrderId, outcome: super::Outcome, deeds: &mut Vec<Deed>) {
        if let Some(next) = self.tell(at, id, outcome, deeds) {
            self.hand_over(at, next, deeds);
        }
    }

    fn tell(
        &mut self,
        at: Moment,
        id: OrderId,
        outcome: super::Outcome,
        deeds: &mut Vec<Deed>,
    ) -> Option<OrderId> {
        let order = self.orders.get(id)?;
        let (by, stage) = (order.by.clone(), stage_after(&outcome));
        let answer = match outcome {
            Ok(progress) => {
                let (target, message) = (order.target.clone(), order.message.clone());
                Answer::Sent { target, message, id, progress }
            }
            Err(why) => {
                Answer::Refused { action: Some("send"), contact: Some(order.target.name.clone()), why }
            }
        };
        let next = self.orders.close(id, stage);
        if let Some(by) = by {
            self.settle(at.now, by, answer, deeds);
        }
        next
    }

    /// It was sent: everybody sees it, and it is kept.
    fn show_sent(&self, at: Moment, id: OrderId, progress: Progress, deeds: &mut Vec<Deed>) {
        let Some(order) = self.orders.get(id) else { return };
        let (chat, name) = (order.target.chat.clone(), order.target.name.clone());
        let message = Message {
            id,
            direction: Direction::Outgoing,
            name: name.clone(),
            text: order.message.clone(),
            progress: Some(progress),
            at: at.wall,
        };
        deeds.push(Deed::Keep(Record::Message { chat, name: name.clone(), message: message.clone() }));
        deeds.push(Deed::Show(News::Message { name, message }));
    }

    fn show_progress(
        &self,
        at: Moment,
        id: OrderId,
        (progress, why): (Progress, Option<Refusal>),
        deeds: &mut Vec<Deed>,
    ) {
        let by = self.orders.get(id).and_then(|order| order.by.as_ref());
        let request_id = by.and_then(|by| by.request_id.clone());
        deeds.push(Deed::Show(News::Progress { id, request_id, progress, why, at: at.wall }));
    }
}

fn stage_after(outcome: &super::Outcome) -> Stage {
    match outcome {
        Ok(progress) => Stage::Reached(*progress),
        Err(Refusal::TimedOut | Refusal::Unavailable { maybe: true }) => Stage::Unknown,
        Err(_) => Stage::Refused,
    }
}
