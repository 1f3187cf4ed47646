//! The WhatsApp account that the clients of a session share, as a pure state machine.
//!
//! [`Account::handle`] takes what happened and writes down what is to be done, like the exchange itself: no clock, no
//! randomness, no I/O. It owns contacts, the last contact, the auto-reply switch, the link to whoever carries out
//! what is sent, and every send until its fate is known. What it must never do: call something sent that nobody
//! acknowledged, carry a send out twice, or pick a contact that could be another.

mod answer;
mod asking;
mod auto_reply;
mod by_ai;
mod carrying;
mod confirming;
mod deed;
mod link;
mod naming;
mod once;
mod order;
mod sender;

pub use answer::{Answer, Message, NoAnswer, Outcome, Refusal, Status};
pub use deed::{Deed, Look, News, Prompt, Record, Sentence, Settings, Target};
pub use link::{Capabilities, Link};
pub use order::{Direction, OrderId, Progress};

use super::contacts::{ContactId, Contacts, Supplied};
use super::{Action, ContactName, Millis, Private};
use auto_reply::Guard;
use confirming::Proposals;
use once::Once;
use order::Orders;
use sender::Sender;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

/// How many ids of incoming messages are remembered: one that a backend reports again counts once.
const HEARD: usize = 1_024;

/// What an account goes by.
#[derive(Debug, Clone)]
pub struct Rules {
    /// How long a send waits for its acknowledgement; 0 is for ever.
    pub patience: Millis,
    /// What an auto-reply says, if no AI says it.
    pub auto_reply: Private,
    /// Which AI is asked first, if there is any.
    pub ai: Option<&'static str>,
}

/// Who asks, and how to tell them.
#[derive(Clone, PartialEq, Eq)]
pub struct Asker {
    /// The registration; it stays the same when its client comes back.
    pub registration: u64,
    /// The number under which the answer is waited for.
    pub ask: u64,
    pub request_id: Option<Arc<str>>,
}

/// What a client asks for.
#[derive(Debug, Clone, Hash)]
pub enum Wish {
    /// An action, as an object.
    Act(Action),
    /// An action in plain words.
    Plain {
        sentence: Private,
        context: Context,
    },
    Contacts {
        query: Option<Private>,
        after: Option<ContactId>,
        count: usize,
    },
    Messages {
        contact: ContactName,
        count: usize,
    },
    /// The history with one contact.
    Conversation {
        contact: ContactName,
        before: Option<Box<str>>,
        count: usize,
    },
    History {
        conversation: Option<ContactId>,
        before: Option<Box<str>>,
        count: usize,
    },
    Search {
        query: Private,
        count: usize,
    },
    /// What was said: with this contact, in this conversation, or at all.
    Summary {
        contact: Option<ContactName>,
        conversation: Option<ContactId>,
    },
    Status,
    /// A question for an AI, of whichever service or of this one.
    Ask {
        prompt: Private,
        /// What it is about.
        context: Option<Private>,
        service: Option<Private>,
        /// Every client of the session hears the answer as it comes.
        streams: bool,
    },
    /// Somebody takes back what they asked an AI under this `request_id`.
    Recall {
        target: Private,
    },
}

impl Wish {
    /// Whether nothing comes of it but an answer. Whoever is named in a question may be "him" afterwards.
    pub fn only_asks(&self) -> bool {
        match self {
            Self::Act(action) => matches!(action, Action::List | Action::Search { .. } | Action::Status),
            Self::Plain { .. } => false,
            _ => true,
        }
    }
}

/// What counts for one sentence only.
#[derive(Debug, Clone, Default, Hash)]
pub struct Context {
    pub last_contact: Option<ContactName>,
    pub contacts: Vec<Supplied>,
}

/// A wish, and what it takes to carry it out once.
#[derive(Debug, Clone)]
pub struct Request {
    pub wish: Wish,
    /// A hash of what was asked: the same request again has the same.
    pub body: u64,
    /// Random bits, for ids.
    pub fresh: u128,
}

/// What the backend says became of a send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// It was taken, and got so far.
    Reached(Progress),
    /// It was not sent, for this reason.
    Refused(Refusal),
}

/// A message that came in.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// Who wrote, by all that the backend says of them.
    pub contact: Supplied,
    pub message: Private,
    /// The backend's own id. There may be a phone number in it.
    pub id: Option<Private>,
    /// Random bits, for ids.
    pub fresh: u128,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Event {
    Asked {
        by: Asker,
        request: Request,
    },
    /// A client gave another contact list.
    Supplied(Vec<Supplied>),
    /// What an action wanted to know was looked up.
    LookedUp {
        by: Asker,
        answer: Answer,
    },
    /// What an AI makes of a sentence that the rules do not understand.
    Proposed {
        by: Asker,
        sentence: Box<Sentence>,
        proposal: Proposed,
    },
    /// What an AI would answer a contact; nothing, if it would not.
    Composed {
        with: Target,
        fresh: u128,
        text: Option<Private>,
    },
    /// The session's bridge is there, or there anew: what another connection of it was given is lost.
    BridgeUp,
    /// The bridge can't be reached.
    BridgeDown,
    Reported {
        order: OrderId,
        report: Report,
    },
    Received(Incoming),
    Tick,
}

/// What an AI makes of a sentence.
#[derive(Debug, Clone)]
pub enum Proposed {
    Action(Action),
    /// It wants nothing that can be done.
    Nothing,
    /// The AI did not answer.
    NoAnswer,
}

/// When something happened: by the hub's clock, and in milliseconds since 1970.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub now: Millis,
    pub wall: u64,
}

/// See the module.
pub struct Account {
    rules: Rules,
    contacts: Contacts,
    last: Option<ContactName>,
    /// Who that was, as far as this process knows: somebody else may have the name by now.
    spoken_of: Option<Target>,
    wrote_last: Option<ContactId>,
    auto_reply: bool,
    link: Link,
    orders: Orders,
    once: Once,
    guard: Guard,
    proposals: Proposals,
    heard: VecDeque<(Private, OrderId)>,
}

impl Account {
    /// An account of which this was kept.
    pub fn new(rules: Rules, contacts: Contacts, settings: Settings) -> Self {
        Self {
            rules,
            contacts,
            last: settings.last,
            spoken_of: None,
            wrote_last: None,
            auto_reply: settings.auto_reply,
            link: if settings.has_bridge { Link::Down } else { Link::Simulated },
            orders: Orders::default(),
            once: Once::default(),
            guard: Guard::default(),
            proposals: Proposals::default(),
            heard: VecDeque::new(),
        }
    }

    /// Takes what happened, and writes down what is to be done. Never fails, never panics.
    pub fn handle(&mut self, at: Moment, event: Event, deeds: &mut Vec<Deed>) {
        self.once.forget(at.now);
        self.proposals.forget(at.now);
        match event {
            Event::Asked { by, request } => self.ask(at, by, request, deeds),
            Event::Supplied(list) => self.supply(list, deeds),
            Event::LookedUp { by, answer } => self.settle(at.now, by, answer, deeds),
            Event::Proposed { by, sentence, proposal } => {
                self.hear_proposal(at, by, *sentence, proposal, deeds)
            }
            Event::Composed { with, fresh, text } => self.hear_reply(at, with, fresh, text, deeds),
            Event::BridgeUp => self.bridge_up(at, deeds),
            Event::BridgeDown => self.bridge_down(at, deeds),
            Event::Reported { order, report } => self.hear_report(at, order, report, deeds),
            Event::Received(incoming) => self.receive(at, incoming, deeds),
            Event::Tick => {}
        }
        self.give_up_waiting(at, deeds);
    }

    /// When the machine wants an [`Event::Tick`] at the latest.
    pub fn next_deadline(&self) -> Option<Millis> {
        let deadlines =
            [self.orders.next_deadline(), self.once.next_deadline(), self.proposals.next_deadline()];
        deadlines.into_iter().flatten().min()
    }

    /// Who carries out what is sent.
    pub fn link(&self) -> Link {
        self.link
    }

    /// Whether a send is known under this number, and may still get further.
    pub fn knows(&self, order: OrderId) -> bool {
        self.orders.knows(order)
    }

    /// The message that a backend reported under this id before.
    pub fn heard(&self, id: &str) -> Option<OrderId> {
        self.heard.iter().find(|(heard, _)| heard.as_str() == id).map(|(_, message)| *message)
    }

    /// The contacts as every client of the session sees them.
    pub fn contacts(&self) -> &Contacts {
        &self.contacts
    }

    /// Whether nothing of it is to be remembered.
    pub fn is_blank(&self) -> bool {
        self.is_plain()
            && self.contacts.is_empty()
            && self.orders.is_empty()
            && self.once.is_empty()
            && self.proposals.is_empty()
    }

    /// Whether clients may take for granted how it stands.
    pub fn is_plain(&self) -> bool {
        self.link == Link::Simulated && !self.auto_reply && self.last.is_none()
    }

    /// What is told of the account.
    pub fn status(&self) -> Status {
        Status {
            link: self.link,
            auto_reply: self.auto_reply,
            last: self.last.clone(),
            contacts: self.contacts.len(),
            ai: self.rules.ai,
        }
    }

    fn supply(&mut self, list: Vec<Supplied>, deeds: &mut Vec<Deed>) {
        deeds.push(Deed::Keep(Record::Supplied(list.clone())));
        self.contacts.replace_supplied(list.into_iter());
        self.contacts_changed(deeds);
    }

    fn receive(&mut self, at: Moment, incoming: Incoming, deeds: &mut Vec<Deed>) {
        if let Some(id) = &incoming.id {
            if self.heard(id.as_str()).is_some() {
                return;
            }
            self.heard.push_back((id.clone(), OrderId(incoming.fresh)));
            if self.heard.len() > HEARD {
                self.heard.pop_front();
            }
        }
        let sender = self.sender(incoming.contact, deeds);
        let target = sender.target();
        self.wrote_last = Some(target.chat.clone());
        let message = Message {
            id: OrderId(incoming.fresh),
            direction: Direction::Incoming,
            name: target.name.clone(),
            text: incoming.message,
            progress: None,
            at: at.wall,
        };
        deeds.push(Deed::Keep(Record::Message {
            chat: target.chat.clone(),
            name: target.name.clone(),
            message: message.clone(),
        }));
        deeds.push(Deed::Show(News::Message { name: target.name.clone(), message }));
        // A machine answers only whom it is sure of.
        if let Sender::One(target) = sender {
            self.reply_by_itself(at, target, incoming.fresh, deeds);
        }
    }

    fn contacts_changed(&self, deeds: &mut Vec<Deed>) {
        deeds.push(Deed::Contacts(self.contacts.head()));
    }

    fn settings_changed(&self, deeds: &mut Vec<Deed>) {
        let has_bridge = self.link != Link::Simulated;
        let settings = Settings { last: self.last.clone(), auto_reply: self.auto_reply, has_bridge };
        deeds.push(Deed::Keep(Record::Settings(settings)));
        self.show_status(deeds);
    }

    fn show_status(&self, deeds: &mut Vec<Deed>) {
        deeds.push(Deed::Show(News::Status(self.status())));
    }
}

/// Nothing of what is said in a session.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({:?})", self.link)
    }
}

/// Only the number under which the answer is waited for.
impl fmt::Debug for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Asker({})", self.ask)
    }
}
