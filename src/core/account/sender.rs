//! Who wrote: exactly one contact, or somebody who can't be told from others.
//!
//! Nobody typed the name of whoever writes, so one who is called so in part or nearly so is somebody else. An id or a
//! number decides before a name does.

use super::{Account, Deed, Link, Record, Target};
use crate::core::Private;
use crate::core::contacts::{Contact, ContactId, Supplied, is_number, phone_digits};

/// Whoever wrote.
pub(super) enum Sender {
    /// This contact and no other.
    One(Target),
    /// Several contacts could be meant, or there is no room for another one. What they write stands by itself.
    Unsure(Target),
}

/// Whom all that is said of somebody means.
enum Meant<'c> {
    One(&'c Contact),
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
        if let Meant::Nobody = self.writer(&given) {
            self.learn(&given, deeds);
        }
        match self.writer(&given) {
            Meant::One(contact) => Sender::One(target_of(contact, given.phone)),
            Meant::Nobody | Meant::Several => Sender::Unsure(unsure(given)),
        }
    }

    fn learn(&mut self, given: &Supplied, deeds: &mut Vec<Deed>) {
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
    }

    fn writer(&self, given: &Supplied) -> Meant<'_> {
        let by_id = given.id.as_ref().and_then(|id| self.contacts.get(id));
        let number = given.phone.as_ref().and_then(|phone| phone_digits(phone.as_str()));
        let has_an_id = given.id.as_ref().is_some_and(|id| !id.is_made());
        match (by_id, number) {
            (Some(contact), _) => Meant::One(contact),
            (None, Some(digits)) => self.contacts.numbered(&digits).map_or(Meant::Nobody, Meant::One),
            // Somebody with an id of their own that nobody has is nobody whose name is known.
            (None, None) if has_an_id => Meant::Nobody,
            (None, None) => self.called(given),
        }
    }

    /// Who is called so; and has the same in place of a number, if that was said.
    fn called(&self, given: &Supplied) -> Meant<'_> {
        let is_it = |contact: &&Contact| given.phone.is_none() || contact.phone == given.phone;
        let mut called = self.contacts.called(&given.name).filter(is_it);
        match (called.next(), called.next()) {
            (Some(contact), None) => Meant::One(contact),
            (None, _) => Meant::Nobody,
            (Some(_), Some(_)) => Meant::Several,
        }
    }
}

/// A name that is a number is a number too, so that it is the same however it is written. So is an id that was made
/// of one: whoever had it may have another by now, or be gone.
fn with_number(given: Supplied) -> Supplied {
    let of_id = || given.id.as_ref().and_then(ContactId::number);
    let of_name = || Some(given.name.as_str().trim()).filter(|name| is_number(name));
    let phone = given.phone.clone().or_else(|| of_id().or_else(of_name).map(Private::from));
    Supplied { phone, ..given }
}

/// What goes back to them goes to the number that they wrote from, if they have several.
fn target_of(contact: &Contact, wrote_from: Option<Private>) -> Target {
    let digits = |phone: &Private| phone_digits(phone.as_str()).map(|digits| digits.into_owned());
    let known = contact.phone.as_ref().and_then(digits);
    let another = wrote_from.filter(|phone| digits(phone).is_some_and(|digits| Some(digits) != known));
    let target = Target::of(contact);
    Target { phone: another.or(target.phone), ..target }
}

/// Under an id that no contact has.
fn unsure(given: Supplied) -> Target {
    Target { chat: ContactId::of_sender(&given.name), name: given.name, phone: given.phone }
}
