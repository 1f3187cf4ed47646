//! What clients ask for.

use super::answer::{Answer, Refusal};
use super::once::Meeting;
use super::order::{Order, OrderId, Stage};
use super::{Account, Asker, Context, Deed, Link, Look, Moment, Request, Target, Wish};
use crate::core::contacts::{
    Contact, ContactId, Found, How, Names, Supplied, Unresolved, fold, is_number, phone_digits,
};
use crate::core::plain::{self, Book, Meant, NotUnderstood};
use crate::core::{Action, ContactName, Millis, Private};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many contacts a `list` names.
const LISTED: usize = 100;
/// How many messages and contacts a search in plain words finds.
const SEARCHED: usize = 20;
/// How many contacts a sentence may bring that the session does not have.
const BROUGHT: usize = 1_000;

/// What a page of contacts may weigh, in bytes: who reads it has room for more than one.
const PAGE_BYTES: usize = 256 << 10;

/// Whom an action is about.
struct Addressee {
    target: Target,
    /// Whether there is such a contact, and not only a name.
    is_known: bool,
}

/// What somebody wants, and what it takes to do it.
struct Wanted<'e> {
    action: Action,
    addressee: Result<Option<Addressee>, Refusal>,
    /// Contacts for this one command.
    extra: &'e [Supplied],
    fresh: OrderId,
}

/// What a sentence wants, and of whom; nothing, if it asks for help.
type Understood = Option<(Action, Result<Option<Addressee>, Refusal>)>;

impl Account {
    pub(super) fn ask(&mut self, at: Moment, by: Asker, request: Request, deeds: &mut Vec<Deed>) {
        let acts = matches!(request.wish, Wish::Act(_) | Wish::Plain { .. });
        if !acts {
            return self.look(by, request.wish, deeds);
        }
        let action = if let Wish::Act(action) = &request.wish { Some(action.name()) } else { None };
        let refused = |why| Arc::new(Answer::Refused { action, contact: None, why });
        match self.once.meet(by, request.body) {
            Meeting::New(by) => self.act(at, by, request, deeds),
            Meeting::Again(to, answer) => deeds.push(Deed::Answer { to, answer }),
            Meeting::Joined => {}
            Meeting::Other(to) => deeds.push(Deed::Answer { to, answer: refused(Refusal::OtherRequest) }),
            Meeting::Crowded(to) => deeds.push(Deed::Answer { to, answer: refused(Refusal::Overloaded) }),
        }
    }

    /// The answer goes to who asked, and to whoever asked the same meanwhile. It is remembered if something was done
    /// or refused; what was only looked up may be looked up again.
    pub(super) fn settle(&mut self, now: Millis, by: Asker, answer: Answer, deeds: &mut Vec<Deed>) {
        let is_remembered = match &answer {
            Answer::Sent { .. } | Answer::AutoReply(_) => true,
            Answer::Refused { why, .. } => *why != Refusal::Overloaded,
            _ => false,
        };
        let answer = Arc::new(answer);
        let others =
            if is_remembered { self.once.answer(now, &by, &answer) } else { self.once.withdraw(&by) };
        for to in std::iter::once(by).chain(others) {
            deeds.push(Deed::Answer { to, answer: answer.clone() });
        }
    }

    fn act(&mut self, at: Moment, by: Asker, request: Request, deeds: &mut Vec<Deed>) {
        let fresh = OrderId(request.fresh);
        match request.wish {
            Wish::Act(action) => {
                let addressee = action.contact().map(|contact| self.addressee(contact)).transpose();
                self.carry_out(at, by, Wanted { action, addressee, extra: &[], fresh }, deeds);
            }
            Wish::Plain { sentence, context } => self.read(at, by, &sentence, &context, fresh, deeds),
            _ => {}
        }
    }

    fn read(
        &mut self,
        at: Moment,
        by: Asker,
        sentence: &Private,
        context: &Context,
        fresh: OrderId,
        deeds: &mut Vec<Deed>,
    ) {
        let extra = context.contacts.as_slice();
        let why = if extra.len() > BROUGHT && self.contacts.news_in(extra) > BROUGHT {
            Refusal::TooManyContacts { most: BROUGHT }
        } else {
            match self.understand(sentence, context) {
                Ok(Some((action, addressee))) => {
                    return self.carry_out(at, by, Wanted { action, addressee, extra, fresh }, deeds);
                }
                Ok(None) => return self.settle(at.now, by, Answer::Help, deeds),
                Err(NotUnderstood::WhichContact) => Refusal::WhichContact,
                Err(NotUnderstood::UnknownName) => Refusal::UnknownName,
                Err(NotUnderstood::TwoWays) => Refusal::TwoWays,
                Err(NotUnderstood::Unknown) => Refusal::NotUnderstood,
            }
        };
        self.settle(at.now, by, Answer::Refused { action: None, contact: None, why }, deeds);
    }

    fn understand(&self, sentence: &Private, context: &Context) -> Result<Understood, NotUnderstood> {
        let names = Names::new(&self.contacts, &context.contacts);
        let meant = self.spoken_of(context, &names);
        let wrote_else = match (&self.wrote_last, &meant) {
            (Some(chat), Ok(meant)) => meant.target.chat != *chat,
            _ => false,
        };
        let last = context.last_contact.as_ref().or(self.last.as_ref());
        match plain::read(sentence.as_str(), &Book { names: &names, last, wrote_else })? {
            Meant::Help => Ok(None),
            Meant::Act { action, names_contact } => {
                let addressee = match action.contact() {
                    None => Ok(None),
                    Some(typed) if names_contact => self.named(typed, &names).map(Some),
                    Some(_) => meant.map(Some),
                };
                Ok(Some((action, addressee)))
            }
        }
    }

    fn carry_out(&mut self, at: Moment, by: Asker, wanted: Wanted<'_>, deeds: &mut Vec<Deed>) {
        let Wanted { action, addressee, extra, fresh } = wanted;
        let name = action.name();
        let addressee = match addressee {
            Ok(addressee) => addressee,
            Err(why) => return self.refuse(at, by, name, why, deeds),
        };
        // Who is but asked about, and not known, may be no person at all.
        let is_send = matches!(action, Action::Send { .. });
        if let Some(Addressee { target, .. }) = addressee.as_ref().filter(|one| one.is_known || is_send) {
            self.speak_of(target, deeds);
        }
        let target = addressee.map(|addressee| addressee.target);
        match (action, target) {
            (Action::Send { message, .. }, Some(target)) => self.send(at, by, target, message, fresh, deeds),
            (Action::Read { count, which, .. }, Some(target)) => {
                deeds.push(Deed::LookUp { to: by, look: Look::Read { target, which, count } });
            }
            (Action::Search { query }, _) => {
                let (found, _) = self.contacts.page(Some(query.as_str()), None, SEARCHED);
                let contacts = Some(found.into_iter().map(|contact| contact.name.clone()).collect());
                let look = Look::Search { query, count: SEARCHED, contacts };
                deeds.push(Deed::LookUp { to: by, look });
            }
            (Action::List, _) => {
                let listed = self.list(extra);
                self.settle(at.now, by, listed, deeds);
            }
            (Action::AutoReply(on), _) => self.switch_auto_reply(at, by, on, deeds),
            (Action::Status, _) => {
                let status = self.status();
                self.settle(at.now, by, Answer::Status(status), deeds);
            }
            _ => self.refuse(at, by, name, Refusal::NoAi, deeds),
        }
    }

    /// The contacts, and those that count for this command only.
    fn list(&self, extra: &[Supplied]) -> Answer {
        let mut contacts: Vec<ContactName> =
            self.contacts.iter().map(|contact| contact.name.clone()).collect();
        let mut known: BTreeSet<Box<str>> = contacts.iter().map(|name| fold(name.as_str())).collect();
        contacts.extend(
            extra.iter().map(|one| &one.name).filter(|name| known.insert(fold(name.as_str()))).cloned(),
        );
        let total = contacts.len();
        contacts.truncate(LISTED);
        Answer::Listed { contacts, total }
    }

    fn refuse(&mut self, at: Moment, by: Asker, action: &'static str, why: Refusal, deeds: &mut Vec<Deed>) {
        self.settle(at.now, by, Answer::Refused { action: Some(action), contact: None, why }, deeds);
    }

    fn send(
        &mut self,
        at: Moment,
        by: Asker,
        target: Target,
        message: Private,
        id: OrderId,
        deeds: &mut Vec<Deed>,
    ) {
        let longest = self.link.capabilities().longest_text;
        let why = if message.as_str().trim().is_empty() {
            Refusal::Empty
        } else if message.as_str().chars().nth(longest).is_some() {
            Refusal::TooLong { longest }
        } else if self.link == Link::Down {
            Refusal::Unavailable { maybe: false }
        } else if self.orders.is_full(message.as_str().len()) {
            Refusal::Overloaded
        } else {
            let order = Order { target, message, by: Some(by), stage: Stage::Waiting };
            return self.dispatch(at, id, order, deeds);
        };
        let contact = Some(target.name);
        self.settle(at.now, by, Answer::Refused { action: Some("send"), contact, why }, deeds);
    }

    fn switch_auto_reply(&mut self, at: Moment, by: Asker, on: bool, deeds: &mut Vec<Deed>) {
        if self.auto_reply != on {
            self.auto_reply = on;
            self.settings_changed(deeds);
        }
        self.settle(at.now, by, Answer::AutoReply(on), deeds);
    }

    /// Whom the contact of an object means: an id that is known, or a name.
    fn addressee(&self, typed: &ContactName) -> Result<Addressee, Refusal> {
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
    fn named(&self, typed: &ContactName, names: &Names<'_>) -> Result<Addressee, Refusal> {
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
    fn spoken_of(&self, context: &Context, names: &Names<'_>) -> Result<Addressee, Refusal> {
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
    fn speak_of(&mut self, target: &Target, deeds: &mut Vec<Deed>) {
        self.spoken_of = Some(target.clone());
        if self.last.as_ref() != Some(&target.name) {
            self.last = Some(target.name.clone());
            self.settings_changed(deeds);
        }
    }

    fn look(&mut self, by: Asker, wish: Wish, deeds: &mut Vec<Deed>) {
        let look = match wish {
            Wish::Contacts { query, after, count } => {
                let answer = self.page(query.as_ref(), after.as_ref(), count);
                return self.tell_one(by, answer, deeds);
            }
            Wish::Status => {
                let status = self.status();
                return self.tell_one(by, Answer::Status(status), deeds);
            }
            Wish::Messages { contact, count } => match self.addressee(&contact) {
                Ok(Addressee { target, .. }) => Look::Messages { target, count },
                Err(why) => {
                    return self.tell_one(by, Answer::Refused { action: None, contact: None, why }, deeds);
                }
            },
            Wish::Conversation { contact, before, count } => match self.addressee(&contact) {
                Ok(Addressee { target, .. }) => {
                    Look::History { conversation: Some(target.chat), before, count }
                }
                Err(why) => {
                    return self.tell_one(by, Answer::Refused { action: None, contact: None, why }, deeds);
                }
            },
            Wish::History { conversation, before, count } => Look::History { conversation, before, count },
            Wish::Search { query, count } => Look::Search { query, count, contacts: None },
            _ => {
                let answer = Answer::Refused { action: None, contact: None, why: Refusal::NoAi };
                return self.tell_one(by, answer, deeds);
            }
        };
        deeds.push(Deed::LookUp { to: by, look });
    }

    fn page(&self, query: Option<&Private>, after: Option<&ContactId>, count: usize) -> Answer {
        if after.is_some_and(|after| self.contacts.get(after).is_none()) {
            return Answer::Refused { action: None, contact: None, why: Refusal::NoSuchPlace };
        }
        let (mut contacts, mut after) = self.contacts.page(query.map(Private::as_str), after, count);
        let mut weight = 0;
        let fits = |contact: &&Contact| {
            weight += contact.weight();
            weight <= PAGE_BYTES
        };
        let taken = contacts.iter().copied().take_while(fits).count().max(1);
        if taken < contacts.len() {
            contacts.truncate(taken);
            after = contacts.last().map(|contact| contact.id.clone());
        }
        let contacts = contacts.into_iter().cloned().collect();
        Answer::Contacts { contacts, total: self.contacts.len(), after }
    }

    fn tell_one(&self, to: Asker, answer: Answer, deeds: &mut Vec<Deed>) {
        deeds.push(Deed::Answer { to, answer: Arc::new(answer) });
    }
}

impl From<Found> for Addressee {
    fn from(found: Found) -> Self {
        let Found { id, contact, phone, .. } = found;
        Self { target: Target { chat: id, name: contact, phone }, is_known: true }
    }
}
