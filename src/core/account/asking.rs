//! What clients ask for.

use super::answer::{Answer, Refusal};
use super::naming::Addressee;
use super::once::Meeting;
use super::order::{Order, OrderId, Stage};
use super::{Account, Asker, Context, Deed, Link, Look, Moment, Prompt, Request, Sentence, Target, Wish};
use crate::core::contacts::{Contact, ContactId, Names, Supplied, fold};
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

/// What somebody wants, and what it takes to do it.
pub(super) struct Wanted<'e> {
    pub action: Action,
    pub addressee: Result<Option<Addressee>, Refusal>,
    /// Contacts for this one command.
    pub extra: &'e [Supplied],
    pub fresh: OrderId,
}

/// What a sentence wants, and of whom; nothing, if it asks for help.
type Understood = Option<(Action, Result<Option<Addressee>, Refusal>)>;

impl Account {
    pub(super) fn ask(&mut self, at: Moment, by: Asker, request: Request, deeds: &mut Vec<Deed>) {
        let acts = matches!(
            request.wish,
            Wish::Act(_) | Wish::Plain { .. } | Wish::Ask { .. } | Wish::Summary { .. }
        );
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
        let is_for_now =
            matches!(answer, Answer::Refused { why: Refusal::Overloaded | Refusal::NoAnswer(_), .. });
        let is_remembered = !is_for_now
            && matches!(
                answer,
                Answer::Sent { .. }
                    | Answer::AutoReply(_)
                    | Answer::Said { .. }
                    | Answer::Summary { .. }
                    | Answer::Suggested { .. }
                    | Answer::Refused { .. }
            );
        if !is_remembered {
            return self.settle_for_now(by, answer, deeds);
        }
        let answer = Arc::new(answer);
        let others = self.once.answer(now, &by, &answer);
        self.tell_all(by, others, answer, deeds);
    }

    /// The same, and it is not remembered: nothing was done, and the same request again may fare better.
    pub(super) fn settle_for_now(&mut self, by: Asker, answer: Answer, deeds: &mut Vec<Deed>) {
        let others = self.once.withdraw(&by);
        self.tell_all(by, others, Arc::new(answer), deeds);
    }

    fn tell_all(&self, by: Asker, others: Vec<Asker>, answer: Arc<Answer>, deeds: &mut Vec<Deed>) {
        for to in std::iter::once(by).chain(others) {
            deeds.push(Deed::Answer { to, answer: answer.clone() });
        }
    }

    fn act(&mut self, at: Moment, by: Asker, request: Request, deeds: &mut Vec<Deed>) {
        let fresh = OrderId(request.fresh);
        match request.wish {
            Wish::Act(action) => {
                if let Action::Send { contact, message, confirm: Some(code) } = &action {
                    let (code, registration) = (code.clone(), by.registration);
                    let addressee = self.confirmed(&by, &code, contact, message).map(Some);
                    self.carry_out(at, by, Wanted { action, addressee, extra: &[], fresh }, deeds);
                    // What could not even be begun may be confirmed again.
                    if self.knows(fresh) {
                        self.proposals.confirmed(registration, &code);
                    }
                    return;
                }
                let addressee = action.contact().map(|contact| self.addressee(contact)).transpose();
                self.carry_out(at, by, Wanted { action, addressee, extra: &[], fresh }, deeds);
            }
            Wish::Plain { sentence, context } => self.read(at, by, sentence, context, fresh, deeds),
            Wish::Ask { prompt, context, service, streams } => {
                let prompt = Prompt::Question { text: prompt, context, service, streams };
                deeds.push(Deed::Consult { to: Some(by), prompt });
            }
            Wish::Summary { contact, conversation } => {
                let with = contact.map(|contact| self.addressee(&contact)).transpose();
                match with {
                    Ok(with) => {
                        let with = with.map(|one| one.target);
                        self.summarize(at, by, (with, conversation), deeds);
                    }
                    Err(why) => self.refuse(at, by, "summary", why, deeds),
                }
            }
            _ => {}
        }
    }

    fn read(
        &mut self,
        at: Moment,
        by: Asker,
        sentence: Private,
        context: Context,
        fresh: OrderId,
        deeds: &mut Vec<Deed>,
    ) {
        let extra = context.contacts.as_slice();
        let why = if extra.len() > BROUGHT && self.contacts.news_in(extra) > BROUGHT {
            Refusal::TooManyContacts { most: BROUGHT }
        } else {
            match self.understand(&sentence, &context) {
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
        self.interpret(at, by, Sentence { text: sentence, context, fresh, why }, deeds);
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

    pub(super) fn carry_out(&mut self, at: Moment, by: Asker, wanted: Wanted<'_>, deeds: &mut Vec<Deed>) {
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
            (Action::Summary { .. }, Some(with)) => self.summarize(at, by, (Some(with), None), deeds),
            (Action::Suggest { .. }, Some(with)) if self.rules.ai.is_some() => {
                deeds.push(Deed::Consult { to: Some(by), prompt: Prompt::Suggestions { with } });
            }
            _ => self.refuse(at, by, name, Refusal::NoAi, deeds),
        }
    }

    fn summarize(
        &mut self,
        at: Moment,
        by: Asker,
        (with, conversation): (Option<Target>, Option<ContactId>),
        deeds: &mut Vec<Deed>,
    ) {
        if self.rules.ai.is_some() {
            deeds.push(Deed::Consult { to: Some(by), prompt: Prompt::Summary { with, conversation } });
        } else {
            self.refuse(at, by, "summary", Refusal::NoAi, deeds);
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
            Wish::Recall { target } => return deeds.push(Deed::Recall { by, target }),
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
