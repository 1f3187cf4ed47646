//! The actor's hands: does what an account decided.

use super::{Actor, LOOKUPS, LookedUp, Setting, WAITING, WAITING_OF_ONE, Waiting};
use crate::core::account::{
    Answer, Asker, Deed, Direction, Event, Look, News, OrderId, Refusal, Report, Target,
};
use crate::core::{ConnId, ContactHead, Input, Millis, Private};
use crate::hub::accounts::{Caller, Job, Reply, lookup, rows};
use crate::hub::letter::{AccountNews, Broadcast, Letter};
use crate::metrics::Fate;
use crate::wire::Asked;
use std::sync::Arc;
use uuid::Uuid;

impl Setting {
    /// The matchmaker learns whom the session knows.
    pub(super) async fn teach(&self, session: &Arc<str>, contacts: ContactHead) {
        let session = self.key.session(session);
        self.pen.write(Input::ContactsLearned { session, contacts }).await;
    }
}

impl Actor {
    /// Whether nobody may ask for more now, in this session or at all.
    pub(super) fn is_busy(&self, session: &str) -> bool {
        let of_session = self.entries.get(session).map_or(0, |entry| entry.asked);
        self.lookups.len() >= LOOKUPS || self.waiting.len() >= WAITING || of_session >= WAITING_OF_ONE
    }

    pub(super) async fn perform(
        &mut self,
        session: &Arc<str>,
        deed: Deed,
        supplier: Option<ConnId>,
    ) -> Option<Event> {
        match deed {
            Deed::Answer { to, answer } => self.answer(&to, answer),
            Deed::Carry { order, target, message } => {
                self.setting.metrics.send(Fate::Handed);
                return self.carry(session, order, target, message);
            }
            Deed::Withdraw { order } => {
                let job = self.entries.get_mut(session).and_then(|entry| entry.jobs.remove(&order));
                job.into_iter().for_each(|job| job.withdraw());
                self.setting.metrics.send(Fate::Unknown);
            }
            Deed::Show(news) => {
                if matches!(&news, News::Message { message, .. } if message.direction == Direction::Outgoing)
                {
                    self.setting.metrics.send(Fate::Acknowledged);
                }
                self.show(session, news);
            }
            // A store that has no room for it counts it, and says so.
            Deed::Keep(record) => drop(self.setting.store.keep(rows::row(session, record))),
            Deed::LookUp { to, look } => self.look_up(session, to, look),
            Deed::Consult { to, prompt } => return self.consult(session, to, prompt),
            Deed::Recall { by, target } => self.recall(&by, target),
            Deed::Contacts(contacts) => self.publish(session, contacts, supplier).await,
        }
        None
    }

    /// Hands a send to the bridge, or to the simulator. What is known at once is returned.
    fn carry(
        &mut self,
        session: &Arc<str>,
        order: OrderId,
        target: Target,
        message: Private,
    ) -> Option<Event> {
        let entry = self.entries.get_mut(session)?;
        let Some(bridge) = entry.bridge.filter(|bridge| bridge.is_up) else {
            return self.simulate(session, order, &target, &message);
        };
        let job = Arc::new(Job::new(order, target, message));
        let taken = self.setting.directory.send(bridge.conn, Letter::Job(job.clone()));
        if taken {
            entry.jobs.insert(order, job);
            None
        } else {
            let report = Report::Refused(Refusal::Unavailable { maybe: false });
            Some(Event::Reported { order, report })
        }
    }

    fn simulate(
        &mut self,
        session: &Arc<str>,
        order: OrderId,
        target: &Target,
        message: &Private,
    ) -> Option<Event> {
        if self.plans.is_full() {
            return Some(Event::Reported { order, report: Report::Refused(Refusal::Overloaded) });
        }
        let now = self.setting.clock.now();
        let mut at_once = None;
        for (after, event) in self.setting.simulator.plan(order, target, message, fresh) {
            if after == Millis(0) && at_once.is_none() {
                at_once = Some(event);
            } else {
                self.plans.add(now.plus(after), session.clone(), event);
            }
        }
        at_once
    }

    fn look_up(&mut self, session: &Arc<str>, by: Asker, look: Look) {
        let (store, session, is_an_action) =
            (self.setting.store.clone(), session.clone(), look.is_an_action());
        let place = self.waiting.get_mut(&by.ask).and_then(|waiting| waiting.place.take());
        self.lookups.push(Box::pin(async move {
            let answer = lookup::look_up(store, session.to_string(), look).await;
            LookedUp { by, session, is_an_action, answer, _place: place }
        }));
    }

    /// The matchmaker tells all of the session, and answers who gave the list. If that one is gone by then, the list
    /// is none the less the session's.
    async fn publish(&mut self, session: &Arc<str>, contacts: ContactHead, supplier: Option<ConnId>) {
        self.count_contacts(session);
        if let Some(conn) = supplier {
            self.setting.pen.write(Input::ContactsReplaced { conn, contacts: contacts.clone() }).await;
        }
        self.setting.teach(session, contacts).await;
    }

    pub(super) fn answer(&mut self, to: &Asker, answer: Arc<Answer>) {
        if let Some(Waiting { caller, asked, .. }) = self.waiting.remove(&to.ask) {
            if let Some(entry) = self.entries.get_mut(&caller.session) {
                entry.asked -= 1;
            }
            self.reply(&caller, asked, answer);
        }
    }

    pub(super) fn reply(&self, caller: &Caller, asked: Asked, answer: Arc<Answer>) {
        let (session, request_id) = (caller.session.clone(), caller.request_id.clone());
        let clients = self.setting.directory.count(&session);
        let reply = Reply { asked, request_id, answer, session, clients };
        // Somebody who is gone needs no answer.
        let _ = caller.mailbox.push(Letter::Account(Box::new(reply)));
    }

    pub(super) fn show(&self, session: &Arc<str>, news: News) {
        let bridge = self.entries.get(session).and_then(|entry| entry.bridge).map(|bridge| bridge.conn);
        self.setting.directory.tell_session(session, bridge, self.news(session, news));
    }

    pub(super) fn news(&self, session: &Arc<str>, news: News) -> Broadcast {
        let clients = self.setting.directory.count(session);
        Broadcast::Account(AccountNews { session: session.clone(), clients, news })
    }
}

fn fresh() -> u128 {
    Uuid::new_v4().as_u128()
}
