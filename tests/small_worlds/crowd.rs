//! The real machine inside a small world. Each of its states is kept once and known by a number, and so is what it
//! makes of each entry: a world with millions of states has only thousands of machines.

use crate::letter::{Act, Conn, Deed, deeds};
use crate::machine_laws;
use crate::plan::{Broken, Mistake, NODES, PEOPLE, Plan};
use std::collections::HashMap;
use std::rc::Rc;
use strowger::core::mask::Masker;
use strowger::core::{
    ClientHash, Command, Input, Matchmaker, Millis, Nickname, NodeId, PersonId, Place, Registration, Resume,
    Role, SessionHash, Tags, TokenHash,
};

/// The number of a state of the machine.
pub type CrowdId = u32;

/// What a person may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ask {
    Meet,
    Again,
    Bye,
    Hide,
}

/// One entry of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    Asked(Conn, Ask),
    /// The two halves of a `#meet` that is not one step: a planted mistake.
    Looked(Conn),
    Wrote(Conn),
    WentAway(Conn),
    HungUp(Conn),
    /// Somebody is back at `conn`, with the token that was given to `token`.
    CameBack {
        conn: Conn,
        token: Conn,
    },
    Lost(u8),
    Tick,
}

impl What {
    pub fn conn(self) -> Option<Conn> {
        match self {
            Self::Asked(conn, _) | Self::Looked(conn) | Self::Wrote(conn) | Self::WentAway(conn) => {
                Some(conn)
            }
            Self::HungUp(conn) | Self::CameBack { conn, .. } => Some(conn),
            Self::Lost(_) | Self::Tick => None,
        }
    }
}

/// An entry and its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Entry {
    pub at: Millis,
    pub what: What,
}

/// Where the machine has somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Seat {
    Gone,
    Idle(Conn),
    Waiting(Conn),
    Talking(Conn, u8, u8),
}

impl Seat {
    pub fn conn(self) -> Option<Conn> {
        match self {
            Self::Gone => None,
            Self::Idle(conn) | Self::Waiting(conn) | Self::Talking(conn, ..) => Some(conn),
        }
    }

    /// Pair and partner.
    pub fn call(self) -> Option<(u8, u8)> {
        match self {
            Self::Talking(_, pair, partner) => Some((pair, partner)),
            _ => None,
        }
    }
}

/// The machine, and what a bystander remembers who knows only the rules.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Crowd {
    pub machine: Matchmaker,
    /// Who waits, in the order of coming.
    pub queue: Vec<u8>,
    /// Who lost the connection.
    pub away: [bool; PEOPLE as usize],
    /// What those read whose `#meet` is half done: a planted mistake.
    looked: [Option<Box<Matchmaker>>; PEOPLE as usize],
}

impl Crowd {
    pub fn seats(&self) -> [Seat; PEOPLE as usize] {
        std::array::from_fn(|person| self.seat(u8::try_from(person).expect("few people")))
    }

    fn seat(&self, person: u8) -> Seat {
        let seats = conns(person).filter_map(|conn| {
            Some(match self.machine.place_of(conn.into())? {
                Place::Idle => Seat::Idle(conn),
                Place::Waiting(_) => Seat::Waiting(conn),
                Place::Talking { pair, partner } => {
                    Seat::Talking(conn, u8::try_from(pair.0).expect("few pairs"), partner.0 as u8)
                }
            })
        });
        seats.last().unwrap_or(Seat::Gone)
    }
}

/// Every connection that a person may ever have.
fn conns(person: u8) -> impl Iterator<Item = Conn> {
    (0..NODES).flat_map(move |node| (0..8).map(move |turn| Conn { node, serial: person + turn * PEOPLE }))
}

/// What an entry makes of a state of the machine.
pub struct Outcome {
    pub after: CrowdId,
    pub deeds: Vec<Deed>,
    pub broken: Option<Broken>,
}

/// Something known about a state of the machine without another look.
pub struct Sight {
    pub seats: [Seat; PEOPLE as usize],
    pub deadline: Option<Millis>,
}

/// All states of the machine that were met.
pub struct Crowds {
    plan: Plan,
    all: Vec<Rc<Crowd>>,
    sights: Vec<Rc<Sight>>,
    numbers: HashMap<Rc<Crowd>, CrowdId>,
    outcomes: HashMap<(CrowdId, Entry), Rc<Outcome>>,
}

impl Crowds {
    pub fn new(plan: Plan) -> Self {
        let (all, sights) = (Vec::new(), Vec::new());
        Self { plan, all, sights, numbers: HashMap::new(), outcomes: HashMap::new() }
    }

    /// How many states of the machine there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Everybody is registered at home, and idle.
    pub fn first(&mut self) -> CrowdId {
        let mut machine = Matchmaker::default();
        machine.handle(Millis(0), Input::RulesSet(self.plan.rules()), &mut Vec::new());
        for (serial, node) in (0..).zip(self.plan.homes) {
            let conn = Conn { node, serial };
            let input = Input::Registered { conn: conn.into(), registration: registration(conn, None) };
            machine.handle(Millis(0), input, &mut Vec::new());
        }
        let away = [false; PEOPLE as usize];
        self.number(Crowd { machine, queue: Vec::new(), away, looked: Default::default() }).0
    }

    pub fn sight(&self, crowd: CrowdId) -> Rc<Sight> {
        self.sights[crowd as usize].clone()
    }

    pub fn enter(&mut self, before: CrowdId, entry: Entry) -> Rc<Outcome> {
        if let Some(outcome) = self.outcomes.get(&(before, entry)) {
            return outcome.clone();
        }
        let crowd = self.all[before as usize].clone();
        let mut after = (*crowd).clone();
        let mut effects = Vec::new();
        match entry.what {
            What::Looked(conn) => after.looked[conn.person()] = Some(Box::new(after.machine.clone())),
            What::Wrote(conn) => {
                if let Some(machine) = after.looked[conn.person()].take() {
                    after.machine = *machine;
                }
                after.machine.handle(entry.at, input(&self.plan, What::Asked(conn, Ask::Meet)), &mut effects);
            }
            what => after.machine.handle(entry.at, input(&self.plan, what), &mut effects),
        }
        // What is due at once needs no entry of its own here.
        if after.machine.next_deadline().is_some_and(|deadline| deadline <= entry.at) {
            after.machine.handle(entry.at, Input::Tick, &mut effects);
        }
        remember(&mut after, entry.what);
        let mut broken = machine_laws::after_a_step(&self.plan, &crowd, entry.what, &after).err();
        let (number, is_new) = self.number(after);
        if is_new && broken.is_none() {
            broken = machine_laws::of_a_state(&self.plan, entry.at, &self.all[number as usize]).err();
        }
        let outcome = Rc::new(Outcome { after: number, deeds: deeds(&effects), broken });
        self.outcomes.insert((before, entry), outcome.clone());
        outcome
    }

    fn number(&mut self, crowd: Crowd) -> (CrowdId, bool) {
        if let Some(number) = self.numbers.get(&crowd) {
            return (*number, false);
        }
        let number = CrowdId::try_from(self.all.len()).expect("few machines");
        let never = Millis(u64::MAX);
        let deadline = crowd.machine.next_deadline().filter(|deadline| *deadline < never);
        self.sights.push(Rc::new(Sight { seats: crowd.seats(), deadline }));
        let crowd = Rc::new(crowd);
        self.all.push(crowd.clone());
        self.numbers.insert(crowd, number);
        (number, true)
    }
}

/// Notes who waits and who is away, by the rules and not by the machine's own lists.
fn remember(after: &mut Crowd, what: What) {
    let seats = after.seats();
    for person in 0..PEOPLE {
        let (index, seat) = (usize::from(person), seats[usize::from(person)]);
        let waits = matches!(seat, Seat::Waiting(_));
        if !waits {
            after.queue.retain(|waiting| *waiting != person);
        } else if !after.queue.contains(&person) {
            after.queue.push(person);
        }
        match what {
            What::WentAway(conn) if seat.conn() == Some(conn) => after.away[index] = true,
            What::Lost(node) if seat.conn().is_some_and(|conn| conn.node == node) => after.away[index] = true,
            What::CameBack { conn, .. } if seat.conn() == Some(conn) => after.away[index] = false,
            _ => {}
        }
        after.away[index] &= seat != Seat::Gone;
    }
}

/// An entry as the machine reads it.
pub fn input(plan: &Plan, what: What) -> Input {
    match what {
        What::Asked(conn, ask) => Input::Asked { conn: conn.into(), command: command(plan, conn, ask) },
        What::WentAway(conn) => Input::WentAway { conn: conn.into() },
        What::HungUp(conn) => Input::HungUp { conn: conn.into() },
        What::CameBack { conn, token } => {
            Input::Registered { conn: conn.into(), registration: registration(conn, Some(token)) }
        }
        What::Lost(node) => Input::NodeLost { node: NodeId(node.into()) },
        What::Tick | What::Looked(_) | What::Wrote(_) => Input::Tick,
    }
}

fn command(plan: &Plan, conn: Conn, ask: Ask) -> Command {
    match ask {
        Ask::Meet => Command::Meet(match plan.tags[conn.person()] {
            0 => Tags::default(),
            tag => Tags::parse(&format!("tag{tag}"), &Masker::default()).expect("a good tag"),
        }),
        Ask::Again => Command::Again,
        Ask::Bye => Command::Bye,
        Ask::Hide => Command::Hide,
    }
}

fn registration(conn: Conn, token: Option<Conn>) -> Registration {
    let person = conn.person() as u128;
    let hash = |conn: Conn| TokenHash(u128::from(conn.node) << 8 | u128::from(conn.serial));
    // A token holds the names.
    let (client, session) = (ClientHash(person), SessionHash(person));
    let resume = token.map(|token| Resume {
        token: hash(token),
        person: None,
        client: Some(client),
        session: Some(session),
        role: None,
        nickname: None,
    });
    Registration {
        client,
        person: PersonId(person),
        session,
        role: Role::Client,
        nickname: nickname(person),
        is_chosen: true,
        only_reads: false,
        token: hash(conn),
        resume: resume.map(Box::new),
    }
}

/// What a person is called.
pub fn nickname(person: u128) -> Nickname {
    Nickname::random(person as u32)
}

/// Whether a deed is a node's to do: as the machine says, but for planted mistakes.
pub fn is_for(deed: &Deed, node: u8, plan: &Plan, what: What) -> bool {
    match (deed.act, what.conn()) {
        (Act::Left { .. }, Some(leaver)) if plan.has(Mistake::EndsWithoutPair) => leaver.node == node,
        (Act::Resume { to, .. }, _) if plan.has(Mistake::OldNodeIsNotTold) => to.node == node,
        // Everybody's, since others may know the old address; but only these two have anything else to do.
        (Act::Resume { from, to, .. }, _) => from.node == node || to.node == node,
        _ => deed.node.is_none_or(|performer| performer == node),
    }
}
