//! Whom clients mean: by a name, a number or an id, and by "him" or "her".

use super::answer::Refusal;
use super::{Account, Context, Deed, Target};
use crate::core::contacts::{ContactId, Found, How, Names, Unresolved, fold, is_number, phone_digits};
use crate::core::plain;
use crate::core::{ContactName, Private};

/// Whom an action is about.
pub(super) struct Addressee {
    pub target: Target,
    /// Whether there is such a contact, and not only a name.
    pub is_known: bool,
}

impl Account {
    /// Whom the contact of an object means: an id that is known, or a name.
    pub(super) fn addressee(&self, typed: &ContactName) -> Result<Addressee, Refusal> {
        let names = Names::new(&self.contacts, &[]);
        let is_exact = names.is_exact(typed.as_str());
        if let Some(contact) = self.contacts.get(&ContactId::new(typed.as_str())) {
            let found = names.resolve(typed.as_str()).ok();
            if is_exact && found.as_ref().is_none_or(|found| found.id != contact.id) {
                let marked = |name: &ContactName, id: &ContactId| {
                    ContactName::new(format!("{} ({})", name.as_str(), id.as_str()))
                };
                let other = found.map_or_else(|| typed.clone(), |found| marked(&found.contact, &found.id));
                let candidates = vec![marked(&contact.name, &contact.id), other];
                return Err(Refusal::Ambiguous { typed: typed.clone(), candidates });
            }
            return Ok(Addressee { target: Target::of(contact), is_known: true });
        }
        if plain::is_pronoun(typed.as_str()) && !is_exact {
            return Err(Refusal::WhichContact);
        }
        self.named(typed, &names)
    }

    /// Whom a name means; nobody, if it could be several.
    pub(super) fn named(&self, typed: &ContactName, names: &Names<'_>) -> Result<Addressee, Refusal> {
        match names.resolve(typed.as_str()) {
            Ok(found) => Ok(found.into()),
            Err(Unresolved::Ambiguous(candidates)) => {
                Err(Refusal::Ambiguous { typed: typed.clone(), candidates })
            }
            // The simulator takes any name; a bridge has to know, if this hub has no list to look in.
            Err(Unresolved::Unknown) => {
                if !self.takes_any_name(names) {
                    return Err(Refusal::NotFound { typed: typed.clone() });
                }
                let phone = Some(typed.as_str()).filter(|typed| is_number(typed)).map(Private::from);
                Ok(Addressee { target: Target { phone, ..Target::unknown(typed) }, is_known: false })
            }
        }
    }

    fn takes_any_name(&self, names: &Names<'_>) -> bool {
        self.link.capabilities().takes_any_name || names.is_empty()
    }

    /// Whom "him" means: somebody who is still the one that was spoken of, and nobody who is called nearly so.
    pub(super) fn spoken_of(&self, context: &Context, names: &Names<'_>) -> Result<Addressee, Refusal> {
        if let Some(typed) = &context.last_contact {
            let is_slip = names.resolve(typed.as_str()).is_ok_and(|found| found.how == How::Spelling);
            return if is_slip { Err(Refusal::WhichContact) } else { self.named(typed, names) };
        }
        let name = self.last.as_ref().ok_or(Refusal::WhichContact)?;
        let unknown = Target::unknown(name);
        let known = self.spoken_of.as_ref().filter(|target| target.name == *name).unwrap_or(&unknown);
        let exact =
            |typed: &str| names.resolve(typed).map(|found| Some(found).filter(|f| f.how == How::Exact));
        let number = known.phone.as_ref().map(Private::as_str).filter(|phone| phone_digits(phone).is_some());
        if let Some(Ok(Some(found))) = number.map(exact) {
            let is_same = found.id == known.chat || fold(found.contact.as_str()) == fold(name.as_str());
            return if is_same { Ok(found.into()) } else { Err(Refusal::WhichContact) };
        }
        let target = match (self.contacts.get(&known.chat), exact(name.as_str())) {
            (Some(contact), _) => Target::of(contact),
            (None, Ok(Some(found))) => Addressee::from(found).target,
            (None, Err(Unresolved::Unknown)) if self.takes_any_name(names) => {
                return Ok(Addressee { target: known.clone(), is_known: false });
            }
            _ => return Err(Refusal::WhichContact),
        };
        if number.is_some() && target.phone.is_some() {
            return Err(Refusal::WhichContact);
        }
        let phone = target.phone.or_else(|| known.phone.clone());
        Ok(Addressee { target: Target { phone, ..target }, is_known: true })
    }

    /// The contact that "him" or "her" means from here on.
    pub(super) fn speak_of(&mut self, target: &Target, deeds: &mut Vec<Deed>) {
        self.spoken_of = Some(target.clone());
        if self.last.as_ref() != Some(&target.name) {
            self.last = Some(target.name.clone());
            self.settings_changed(deeds);
        }
    }
}

impl From<Found> for Addressee {
    fn from(found: Found) -> Self {
        let Found { id, contact, phone, .. } = found;
        Self { target: Target { chat: id, name: contact, phone }, is_known: true }
    }
}
