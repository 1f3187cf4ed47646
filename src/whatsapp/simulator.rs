//! The built-in simulator: it sends nothing, and plays what a script says.
//!
//! It decides what would happen, and when; whoever asks sees to it. It must never say of anything that it was sent.

use super::script::{Fault, Reply, Script, Wrong};
use crate::core::account::{Event, Incoming, OrderId, Progress, Refusal, Report, Target};
use crate::core::contacts::{ContactId, Supplied};
use crate::core::{ContactName, Millis, Private};

/// See the module.
#[derive(Debug, Default)]
pub struct Simulator {
    script: Script,
    sends: u64,
}

impl Simulator {
    /// One that plays this script.
    pub fn new(script: Script) -> Self {
        Self { script, sends: 0 }
    }

    /// Whether there is anybody to write to.
    pub fn has_contacts(&self) -> bool {
        !self.script.contacts.is_empty()
    }

    /// Who there is.
    pub fn contacts(&self) -> impl Iterator<Item = Supplied> {
        self.script.contacts.iter().map(|person| Supplied {
            name: ContactName::new(person.name.as_str()),
            phone: person.phone.as_deref().map(Private::from),
            id: person.id.as_deref().map(ContactId::new),
        })
    }

    /// What happens after a send, and how long after it.
    pub fn plan(
        &mut self,
        order: OrderId,
        target: &Target,
        message: &Private,
        fresh: impl FnOnce() -> u128,
    ) -> Vec<(Millis, Event)> {
        self.sends += 1;
        let delay = Millis(self.script.delay_ms);
        let name = target.name.as_str();
        let report = |report| (delay, Event::Reported { order, report });
        if let Some(fault) = self.script.faults.iter().find(|fault| fault.fits(name, self.sends)) {
            return fault.report().map(report).into_iter().collect();
        }
        let reply = self.script.replies.iter().find(|reply| reply.fits(name, message.as_str()));
        let answer = reply.map(|reply| {
            let text = reply.say.replace("{message}", message.as_str());
            let (name, phone) = (target.name.clone(), target.phone.clone());
            let contact = Supplied { name, phone, id: Some(target.chat.clone()) };
            let message = Private::from(text);
            let incoming = Incoming { contact, message, id: None, fresh: fresh() };
            (delay.plus(Millis(reply.after_ms)), Event::Received(incoming))
        });
        std::iter::once(report(Report::Reached(Progress::Simulated))).chain(answer).collect()
    }
}

impl Fault {
    fn fits(&self, contact: &str, sends: u64) -> bool {
        is_of(self.contact.as_deref(), contact)
            && self.every.is_none_or(|every| every > 0 && sends.is_multiple_of(every))
    }

    fn report(&self) -> Option<Report> {
        let code = match self.what {
            Wrong::Silent => return None,
            Wrong::NotFound => "not_found",
            Wrong::Unavailable => "whatsapp_unavailable",
        };
        let text = Private::from(self.text.as_str());
        Some(Report::Refused(Refusal::Backend { code: code.into(), text }))
    }
}

impl Reply {
    fn fits(&self, contact: &str, message: &str) -> bool {
        let says = |when: &String| message.to_lowercase().contains(&when.to_lowercase());
        is_of(self.contact.as_deref(), contact) && self.when.as_ref().is_none_or(says)
    }
}

fn is_of(wanted: Option<&str>, contact: &str) -> bool {
    wanted.is_none_or(|wanted| wanted.to_lowercase() == contact.to_lowercase())
}
