//! Who wrote: exactly one contact, or somebody who can't be told from others.
//!
//! Nobody typed the name of whoever writes, so one who is called so in part or nearly so is somebody else. An id or a
//! number decides before a name does.

use super::{Account, Deed, Link, Record, Target};
use crate::core::Private;
use crate::core::contacts::{Contact, ContactId, How, Names, Supplied, Unresolved, fold, phone_digits};

/// Whoever wrote.
pub(super) enum Sender {
    /// This contact and no other.
    One(Target),
    /// Several contacts could be meant, or there is no room for another one. What they write stands by itself.
    Unsure(Target),
}

/// Whom a name or a number means.
enum Meant {
    One(Target),
    Nobody,
    Several,
}

impl Sender {
    pub fn target(&self) -> &Target {
        let (Self::One(target) | Self::Unsure(target)) = self;
        target
    }
}

impl Account {
    /// Whoever writes is a contact from then on, unless that could be one of several.
    pub(super) fn sender(&mut self, given: Supplied, deeds: &mut Vec<Deed>) -> Sender {
        let given = with_number(given);
        match self.writer(&given) {
            Meant::One(target) => return Sender::One(target),
            Meant::Several => return Sender::Unsure(unsure(&given)),
            Meant::Nobody => {}
        }
        // An id that was made here is not one by which the backend knows anybody.
        let id = given.id.clone().filter(|id| !id.is_made());
        let learned = Supplied { id, ..given.clone() };
        if self.contacts.learn(learned.clone()) {
            // What the simulator makes up is gone with it.
            if self.link != Link::Simulated {
                deeds.push(Deed::Keep(Record::Learned(learned)));
            }
            self.contacts_changed(deeds);
        }
        match self.writer(&given) {
            Meant::One(target) => Sender::One(target),
            Meant::Nobody | Meant::Several => Sender::Unsure(unsure(&given)),
        }
    }

    fn writer(&self, given: &Supplied) -> Meant {
        if let Some(contact) = given.id.as_ref().and_then(|id| self.contacts.get(id)) {
            return Meant::One(target_of(contact));
        }
        match &given.phone {
            Some(phone) => self.exactly(phone.as_str(), Some(phone)),
            // Somebody with an id of their own that nobody has is nobody whose name is known.
            None if given.id.as_ref().is_some_and(|id| !id.is_made()) => Meant::Nobody,
            None => self.exactly(given.name.as_str(), None),
        }
    }

    /// Who is called exactly so, or has exactly this number.
    fn exactly(&self, typed: &str, number: Option<&Private>) -> Meant {
        // Who is called nearly so need not be looked for.
        if !self.is_exact(typed) {
            return Meant::Nobody;
        }
        let found = match self.contacts.resolve(typed, &[]) {
            Ok(found) if found.how == How::Exact => found,
            Err(Unresolved::Ambiguous(_)) if number.is_none() => return Meant::Several,
            Ok(_) | Err(_) => return Meant::Nobody,
        };
        let by_id = given(found.id).and_then(|id| self.contacts.get(&id));
        let named = || self.contacts.iter().filter(|contact| contact.name == found.contact);
        let has_number = |contact: &&Contact| {
            number.is_some_and(|number| contact.phone.as_ref().is_some_and(|phone| is_same(phone, number)))
        };
        let contact = by_id.or_else(|| named().find(has_number)).or_else(|| {
            let mut named = named();
            named.next().filter(|_| named.next().is_none())
        });
        contact.map_or(Meant::Several, |contact| Meant::One(target_of(contact)))
    }

    /// Whether it is somebody's name or number.
    fn is_exact(&self, typed: &str) -> bool {
        Names::new(&self.contacts, &[]).is_exact(typed)
    }
}

/// A name that is a number is a number too, so that it is the same however it is written.
fn with_number(given: Supplied) -> Supplied {
    let is_number = given.phone.is_none() && phone_digits(given.name.as_str()).is_some();
    let phone = given.phone.or_else(|| is_number.then(|| Private::from(given.name.as_str().trim())));
    Supplied { phone, ..given }
}

fn given(id: impl Into<Option<ContactId>>) -> Option<ContactId> {
    id.into()
}

fn is_same(one: &Private, other: &Private) -> bool {
    let digits = phone_digits(one.as_str());
    digits.is_some() && digits == phone_digits(other.as_str())
}

fn target_of(contact: &Contact) -> Target {
    Target { chat: contact.id.clone(), name: contact.name.clone(), phone: contact.phone.clone() }
}

/// Under an id that no contact has.
fn unsure(given: &Supplied) -> Target {
    let chat = ContactId::new(format!("sender:{}", fold(given.name.as_str())));
    Target { chat, name: given.name.clone(), phone: given.phone.clone() }
}
