//! One account, and the verbs that tests move it with.

use std::collections::BTreeMap;
use std::sync::Arc;
use strowger::core::account::{
    Account, Answer, Asker, Context, Deed, Event, Incoming, Moment, News, OrderId, Progress, Prompt, Record,
    Refusal, Report, Request, Rules, Settings, Wish,
};
use strowger::core::contacts::{Contacts, Supplied};
use strowger::core::{Action, ContactId, ContactName, Millis, Private};

/// How long a send waits for its acknowledgement here.
pub const PATIENCE: Millis = Millis::seconds(30);
/// What the account says by itself.
pub const AWAY: &str = "I am away.";

/// A send that was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    pub id: OrderId,
    pub chat: String,
    pub name: String,
    pub phone: Option<String>,
    pub message: String,
}

/// An account with its time and all that it wanted done.
pub struct Line {
    pub account: Account,
    pub now: Millis,
    pub answers: BTreeMap<u64, Arc<Answer>>,
    pub carried: Vec<Carried>,
    pub withdrawn: Vec<OrderId>,
    pub shown: Vec<News>,
    pub kept: Vec<Record>,
    /// What an AI was asked, for whom.
    pub consulted: Vec<(Option<Asker>, Prompt)>,
    asks: u64,
    fresh: u128,
}

impl Line {
    /// Nothing is known, and nobody carries out anything.
    pub fn simulated() -> Self {
        Self::of(Settings::default())
    }

    /// A bridge is there.
    pub fn bridged() -> Self {
        let mut line = Self::simulated();
        line.happens(Event::BridgeUp);
        line.shown.clear();
        line
    }

    pub fn of(settings: Settings) -> Self {
        Self::by(settings, None)
    }

    /// Nobody carries out anything, and an AI is there.
    pub fn simulated_thoughtful() -> Self {
        Self::by(Settings::default(), Some("openai"))
    }

    /// A bridge is there, and an AI.
    pub fn thoughtful() -> Self {
        let mut line = Self::simulated_thoughtful();
        line.happens(Event::BridgeUp);
        line
    }

    fn by(settings: Settings, ai: Option<&'static str>) -> Self {
        let rules = Rules { patience: PATIENCE, auto_reply: AWAY.into(), ai };
        Self {
            account: Account::new(rules, Contacts::default(), settings),
            now: Millis::seconds(1_000),
            answers: BTreeMap::new(),
            carried: Vec::new(),
            withdrawn: Vec::new(),
            shown: Vec::new(),
            kept: Vec::new(),
            consulted: Vec::new(),
            asks: 0,
            fresh: 0,
        }
    }

    pub fn knowing(mut self, names: &[&str]) -> Self {
        self.supplies(names);
        self
    }

    /// A client gives another list: `name`, `name +number`, `name #id` or all three.
    pub fn supplies(&mut self, people: &[&str]) {
        self.happens(Event::Supplied(people.iter().map(|text| person(text)).collect()));
    }

    /// Hands the account what happened, and notes what it wants done.
    pub fn happens(&mut self, event: Event) {
        let mut deeds = Vec::new();
        let wall = 1_700_000_000_000 + self.now.0;
        self.account.handle(Moment { now: self.now, wall }, event, &mut deeds);
        for deed in deeds {
            match deed {
                Deed::Answer { to, answer } => {
                    let before = self.answers.insert(to.ask, answer);
                    assert_eq!(before, None, "two answers to one question");
                }
                Deed::Carry { order, target, message } => self.carried.push(Carried {
                    id: order,
                    chat: target.chat.as_str().into(),
                    phone: target.phone.map(|phone| phone.as_str().to_owned()),
                    name: target.name.as_str().into(),
                    message: message.as_str().into(),
                }),
                Deed::Withdraw { order } => self.withdrawn.push(order),
                Deed::Show(news) => self.shown.push(news),
                Deed::Keep(record) => self.kept.push(record),
                Deed::Consult { to, prompt } => self.consulted.push((to, prompt)),
                Deed::LookUp { .. } | Deed::Recall { .. } | Deed::Contacts(_) => {}
            }
        }
    }

    pub fn passes(&mut self, time: Millis) {
        self.now = self.now.plus(time);
        self.happens(Event::Tick);
    }

    /// Somebody asks; returns the number under which the answer will stand.
    pub fn asks(&mut self, registration: u64, request_id: Option<&str>, wish: Wish) -> u64 {
        self.asks += 1;
        let by = Asker { registration, ask: self.asks, request_id: request_id.map(Arc::from) };
        let body = body(&wish);
        let request = Request { wish, body, fresh: self.fresh() };
        self.happens(Event::Asked { by, request });
        self.asks
    }

    pub fn says(&mut self, sentence: &str) -> u64 {
        self.asks(1, None, Wish::Plain { sentence: sentence.into(), context: Context::default() })
    }

    /// The same, with contacts for this sentence only.
    pub fn says_with(&mut self, sentence: &str, people: &[&str]) -> u64 {
        let context =
            Context { last_contact: None, contacts: people.iter().map(|text| person(text)).collect() };
        self.asks(1, None, Wish::Plain { sentence: sentence.into(), context })
    }

    /// To whom the last send went, the number, else the name; it is through then.
    pub fn went_to(&mut self) -> Option<String> {
        let carried = self.carried.pop()?;
        self.reached(carried.id, Progress::Sent);
        Some(carried.phone.unwrap_or(carried.name))
    }

    pub fn sends(&mut self, name: &str, message: &str) -> u64 {
        self.asks(1, None, send(name, message))
    }

    pub fn hears(&mut self, name: &str, message: &str) {
        let (contact, fresh) = (Supplied::named(name), self.fresh());
        let incoming = Incoming { contact, message: message.into(), id: None, fresh };
        self.happens(Event::Received(incoming));
    }

    pub fn reached(&mut self, order: OrderId, progress: Progress) {
        self.happens(Event::Reported { order, report: Report::Reached(progress) });
    }

    pub fn answer(&self, ask: u64) -> &Answer {
        self.answers.get(&ask).unwrap_or_else(|| panic!("no answer to {ask}"))
    }

    /// Why that was not done.
    pub fn refusal(&self, ask: u64) -> &Refusal {
        match self.answer(ask) {
            Answer::Refused { why, .. } => why,
            other => panic!("done: {other:?}"),
        }
    }

    /// How far a send got, when it was answered.
    pub fn sent(&self, ask: u64) -> Progress {
        match self.answer(ask) {
            Answer::Sent { progress, .. } => *progress,
            other => panic!("not sent: {other:?}"),
        }
    }

    /// The names and texts that everybody was shown.
    pub fn shown_texts(&self) -> Vec<(String, String)> {
        let text = |news: &News| match news {
            News::Message { name, message } => {
                Some((name.as_str().to_owned(), message.text.as_str().to_owned()))
            }
            _ => None,
        };
        self.shown.iter().filter_map(text).collect()
    }

    fn fresh(&mut self) -> u128 {
        // Far apart, as random ones are: an auto-reply has the id beside that of its message.
        self.fresh += 1_000;
        self.fresh
    }
}

/// `name`, `name +number`, `name #id` or all three.
fn person(text: &str) -> Supplied {
    let (text, id) = text.split_once(" #").map_or((text, None), |(text, id)| (text, Some(id)));
    let (name, phone) = text.split_once(" +").map_or((text, None), |(name, phone)| (name, Some(phone)));
    let phone = phone.map(|phone| Private::from(format!("+{phone}").as_str()));
    Supplied { phone, id: id.map(ContactId::new), ..Supplied::named(name) }
}

pub fn send(name: &str, message: &str) -> Wish {
    let (contact, message) = (ContactName::new(name), Private::from(message));
    Wish::Act(Action::Send { contact, message, confirm: None })
}

/// The same wish has the same.
fn body(wish: &Wish) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    wish.hash(&mut hasher);
    hasher.finish()
}
