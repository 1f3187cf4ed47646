//! What the account of a session costs: a send from the question to its answer, a sentence among many contacts, and
//! another contact list.
//!
//! `cargo bench --bench account`

#[path = "common/rounds.rs"]
mod rounds;

use rounds::{Subject, compare};
use std::sync::Arc;
use strowger::core::account::{
    Account, Asker, Context, Deed, Event, Incoming, Moment, Progress, Report, Request, Rules, Settings, Wish,
};
use strowger::core::contacts::{ContactId, Contacts, Names, Supplied};
use strowger::core::plain::{self, Book, LONGEST};
use strowger::core::{Action, ContactName, Millis};

fn main() {
    let subjects = vec![
        Subject::new("a send as an object; 3 contacts", || {
            let mut line = Line::knowing(3);
            move || line.sends(true)
        }),
        Subject::new("a send in plain words; 3 contacts", || {
            let mut line = Line::knowing(3);
            move || line.sends(false)
        }),
        Subject::new("a send as an object; 10,000 contacts", || {
            let mut line = Line::knowing(10_000);
            move || line.sends(true)
        }),
        Subject::new("a send in plain words; 10,000 contacts", || {
            let mut line = Line::knowing(10_000);
            move || line.sends(false)
        }),
        Subject::new("the slashes of 16 KiB read as plain words", || longest("/")),
        Subject::new("the quotes of 16 KiB read as plain words", || longest("'")),
        Subject::new("the words of 16 KiB read as plain words", || longest("a ")),
        Subject::new("a message from somebody new; 2,000 contacts", || {
            let mut line = Line::knowing(2_000);
            move || line.hears()
        }),
        Subject::new("another list of 100 contacts", || {
            let mut line = Line::knowing(0);
            let list = contacts(100);
            move || line.happens(Event::Supplied(list.clone()))
        }),
        Subject::new("another list of 10,000 contacts", || {
            let mut line = Line::knowing(0);
            let list = contacts(10_000);
            move || line.happens(Event::Supplied(list.clone()))
        }),
    ];
    compare("the account of a session", subjects);
}

/// An account whose bridge acknowledges everything.
struct Line {
    account: Account,
    deeds: Vec<Deed>,
    now: Millis,
    asks: u64,
}

impl Line {
    fn knowing(count: usize) -> Self {
        let rules = Rules { patience: Millis::seconds(30), auto_reply: "Away.".into(), ai: None };
        let account = Account::new(rules, Contacts::default(), Settings::default());
        let mut line = Self { account, deeds: Vec::new(), now: Millis::seconds(1), asks: 0 };
        line.happens(Event::BridgeUp);
        line.happens(Event::Supplied(contacts(count)));
        line
    }

    fn happens(&mut self, event: Event) {
        self.deeds.clear();
        let wall = 1_700_000_000_000 + self.now.0;
        self.account.handle(Moment { now: self.now, wall }, event, &mut self.deeds);
    }

    /// Those who wrote are forgotten in time, so that there are never many more than at first.
    fn hears(&mut self) {
        self.asks += 1;
        if self.asks.is_multiple_of(1_000) {
            *self = Self { asks: self.asks, ..Self::knowing(2_000) };
        }
        let id = Some(ContactId::new(self.asks.to_string()));
        let contact = Supplied { id, ..Supplied::named(&format!("Sender {}", self.asks)) };
        let fresh = u128::from(self.asks);
        self.happens(Event::Received(Incoming { contact, message: "hello".into(), id: None, fresh }));
    }

    fn sends(&mut self, as_object: bool) {
        // More than are remembered would pass in an hour otherwise.
        self.now = self.now.plus(Millis::seconds(1));
        self.asks += 1;
        let wish = if as_object {
            let (contact, message) = (ContactName::new("Contact 2"), "hello".into());
            Wish::Act(Action::Send { contact, message, confirm: None })
        } else {
            let sentence = "send contact 2 a message saying hello".into();
            Wish::Plain { sentence, context: Context::default() }
        };
        let request_id = Some(Arc::from(self.asks.to_string()));
        let by = Asker { registration: 1, ask: self.asks, request_id };
        let request = Request { wish, body: self.asks, fresh: u128::from(self.asks) };
        self.happens(Event::Asked { by, request });
        let carried = self.deeds.iter().find_map(|deed| match deed {
            Deed::Carry { order, .. } => Some(*order),
            _ => None,
        });
        let Some(order) = carried else {
            eprintln!("nothing was handed over");
            std::process::exit(1)
        };
        self.happens(Event::Reported { order, report: Report::Reached(Progress::Sent) });
    }
}

/// The longest sentence of one part over and over.
fn longest(part: &str) -> impl FnMut() + use<> {
    let mut known = Contacts::default();
    known.replace_supplied([Supplied::named("John")].into_iter());
    let start = "tell John ";
    let sentence = format!("{start}{}", part.repeat((LONGEST - start.len()) / part.len()));
    move || {
        let names = Names::new(&known, &[]);
        let book = Book { names: &names, last: None, wrote_else: false };
        let _ = std::hint::black_box(plain::read(&sentence, &book));
    }
}

fn contacts(count: usize) -> Vec<Supplied> {
    (0..count).map(|number| Supplied::named(&format!("Contact {number}"))).collect()
}
