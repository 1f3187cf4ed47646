//! What a decision of the state machine costs, without sockets, tasks or JSON.
//!
//! `cargo bench --bench machine`

#[path = "common/rounds.rs"]
mod rounds;

use rounds::{Subject, compare};
use std::hint::black_box;
use strowger::core::mask::Masker;
use strowger::core::{
    ClientHash, Command, ConnId, ContactHead, Effect, Input, Matchmaker, Millis, Nickname, NodeId, PersonId,
    Registration, Role, Rules, SessionHash, Tags, TokenHash,
};

fn main() {
    let subjects = vec![
        Subject::new("#bye, and both #meet again; 2 talk", || parting(2)),
        Subject::new("#bye, and both #meet again; 1,000 talk", || parting(1_000)),
        Subject::new("#bye, and both #meet again; 10,000 talk", || parting(10_000)),
        Subject::new("#meet and #bye; nobody waits", || looking(0)),
        Subject::new("#meet and #bye; 1,000 wait for other tags", || looking(1_000)),
        Subject::new("#meet and #bye; 4,000 wait and are away", || looking_past(4_000)),
        Subject::new("a contact update to a session of 1,000", || sharing(1_000)),
        Subject::new("a client comes and goes in a session of 1,000", || coming_and_going(1_000)),
    ];
    compare("the machine", subjects);
}

/// A machine with its time, which goes on by a millisecond with each input.
#[derive(Default)]
struct House {
    machine: Matchmaker,
    now: Millis,
    effects: Vec<Effect>,
}

impl House {
    /// With so many clients, each in a session of their own or all in one. Who parted may meet again at once.
    fn with(clients: u64, session_of: impl Fn(u64) -> u64) -> Self {
        let mut house = Self::default();
        let rules = Rules { rematch_after: Millis(0), meets_per_minute: 0, ..Rules::default() };
        house.enter(Input::RulesSet(rules));
        for number in 0..clients {
            house.enter(registered(number, session_of(number)));
        }
        assert_eq!(house.machine.counts().clients as u64, clients);
        house
    }

    /// Enters one input. Returns how many effects it had.
    fn enter(&mut self, input: Input) -> usize {
        self.now = self.now.plus(Millis(1));
        self.effects.clear();
        self.machine.handle(self.now, input, &mut self.effects);
        black_box(&self.effects).len()
    }

    fn ask(&mut self, number: u64, command: Command) -> usize {
        self.enter(Input::Asked { conn: conn(number), command })
    }
}

/// Everybody talks. One after another leaves, and meets their partner again.
fn parting(people: u64) -> impl FnMut() {
    let mut house = House::with(people, |number| number);
    for number in 0..people {
        house.ask(number, Command::Meet(Tags::default()));
    }
    assert_eq!(house.machine.counts().pairs as u64, people / 2);
    let mut first = 0;
    move || {
        house.ask(first, Command::Bye);
        house.ask(first, Command::Meet(Tags::default()));
        house.ask(first + 1, Command::Meet(Tags::default()));
        assert_eq!(house.machine.counts().waiting, 0);
        first = (first + 2) % people;
    }
}

/// So many wait, each for a tag that nobody else has; one more looks for yet another, and gives up.
fn looking(waiting: u64) -> impl FnMut() {
    let mut house = House::with(waiting + 1, |number| number);
    // However long it is measured, the tags do not give way.
    house.enter(Input::RulesSet(Rules {
        tags_give_way: Millis(u64::MAX),
        meets_per_minute: 0,
        ..Rules::default()
    }));
    for number in 0..waiting {
        house.ask(number, Command::Meet(tags(number)));
    }
    let tags = tags(waiting);
    move || {
        house.ask(waiting, Command::Meet(tags.clone()));
        assert_eq!(house.machine.counts().waiting as u64, waiting + 1);
        house.ask(waiting, Command::Bye);
    }
}

/// So many wait and lost the connection; one more looks for somebody, and gives up.
fn looking_past(away: u64) -> impl FnMut() {
    let mut house = House::with(away + 1, |number| number);
    let rules = Rules { grace: Millis(u64::MAX), meets_per_minute: 0, ..Rules::default() };
    house.enter(Input::RulesSet(rules));
    for number in 0..away {
        house.ask(number, Command::Meet(Tags::default()));
        house.enter(Input::WentAway { conn: conn(number) });
    }
    // The rules gave way for all of them.
    house.now = house.now.plus(Millis::seconds(20));
    house.enter(Input::Tick);
    move || {
        house.ask(away, Command::Meet(Tags::default()));
        assert_eq!(house.machine.counts().waiting as u64, away + 1);
        house.ask(away, Command::Bye);
    }
}

/// One of a session gives all of it another contact list.
fn sharing(members: u64) -> impl FnMut() {
    let mut house = House::with(members, |_| 0);
    let names: Vec<String> = (0..150).map(|number| format!("Contact {number}")).collect();
    let contacts = ContactHead::of(names.iter().map(String::as_str));
    move || {
        let effects = house.enter(Input::ContactsReplaced { conn: conn(0), contacts: contacts.clone() });
        assert_eq!(effects, 2, "an answer, and one effect for everybody else");
    }
}

fn coming_and_going(members: u64) -> impl FnMut() {
    let mut house = House::with(members, |_| 0);
    move || {
        house.enter(registered(members, 0));
        house.enter(Input::HungUp { conn: conn(members) });
        assert_eq!(house.machine.counts().clients as u64, members);
    }
}

fn conn(number: u64) -> ConnId {
    ConnId { node: NodeId(1), serial: number }
}

/// Hashes are random to look at, so neighbours in a map are no neighbours in time.
fn hash(number: u64) -> u128 {
    u128::from(number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15)) << 64
}

fn registered(number: u64, session: u64) -> Input {
    let registration = Registration {
        client: ClientHash(hash(number)),
        person: PersonId(hash(number)),
        session: SessionHash(hash(session)),
        role: Role::Client,
        nickname: Nickname::random(number as u32),
        is_chosen: true,
        only_reads: false,
        token: TokenHash(hash(number)),
        resume: None,
    };
    Input::Registered { conn: conn(number), registration }
}

fn tags(number: u64) -> Tags {
    let tag = format!("tag {}", letters(number));
    Tags::parse(&tag, &Masker::default()).unwrap_or_default()
}

/// A word for a number: digits might be taken for a telephone's.
fn letters(number: u64) -> String {
    number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}
