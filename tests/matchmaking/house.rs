//! A house with five guests, and the verbs that tests move them with.

use strowger::core::mask::Masker;
use strowger::core::{
    Answer, Call, ClientHash, Command, ConnId, Effect, Input, Matchmaker, Millis, Nickname, NodeId, Notice,
    PersonId, Place, Registration, Reply, Resume, Role, SessionHash, State, Tags, TokenHash,
};

/// Four who are registered on the first node, and one on the second.
pub const ANN: ConnId = ConnId { node: NodeId(1), serial: 1 };
pub const BOB: ConnId = ConnId { node: NodeId(1), serial: 2 };
pub const CAT: ConnId = ConnId { node: NodeId(1), serial: 3 };
pub const DAN: ConnId = ConnId { node: NodeId(1), serial: 4 };
pub const EVE: ConnId = ConnId { node: NodeId(2), serial: 5 };

/// A machine and its time, with everything that it said since the last look.
pub struct House {
    pub machine: Matchmaker,
    pub now: Millis,
    said: Vec<Effect>,
}

impl House {
    /// All five are there, and 1,000 seconds have passed.
    pub fn open() -> Self {
        let mut house =
            Self { machine: Matchmaker::default(), now: Millis::seconds(1_000), said: Vec::new() };
        for conn in [ANN, BOB, CAT, DAN, EVE] {
            house.registers(conn, conn.serial);
        }
        house
    }

    /// Hands an entry to the machine, which must be sound after it.
    pub fn enter(&mut self, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.machine.handle(self.now, input, &mut effects);
        assert_eq!(self.machine.broken_invariant(), None);
        self.said.extend(effects.iter().cloned());
        effects
    }

    pub fn registers(&mut self, conn: ConnId, person: u64) -> Vec<Effect> {
        self.enter(Input::Registered { conn, registration: registration(conn, person) })
    }

    /// A registration of a principal.
    pub fn registers_as(&mut self, conn: ConnId, user: u64) -> Vec<Effect> {
        let person = PersonId::of_principal(user.into());
        self.enter(Input::Registered { conn, registration: Registration { person, ..registration(conn, 0) } })
    }

    /// Goes on at another connection.
    pub fn comes_back(&mut self, conn: ConnId) -> Vec<Effect> {
        let resume = Resume {
            token: TokenHash(conn.serial.into()),
            person: None,
            client: None,
            session: None,
            role: None,
            nickname: None,
        };
        let to = ConnId { serial: conn.serial + 100, ..conn };
        let registration = Registration { resume: Some(Box::new(resume)), ..registration(to, conn.serial) };
        self.enter(Input::Registered { conn: to, registration })
    }

    /// What somebody who waits is told of their place.
    pub fn position(&mut self, conn: ConnId) -> Option<usize> {
        match self.asks(conn, Command::Who).state {
            State::Waiting { position, .. } => Some(position),
            State::Idle | State::Paired(_) => None,
        }
    }

    pub fn asks(&mut self, conn: ConnId, command: Command) -> Reply {
        let effects = self.enter(Input::Asked { conn, command });
        match effects.last() {
            Some(Effect::Answer { to, answer: Answer::Command(reply) }) if *to == conn => reply.clone(),
            other => panic!("no answer to {conn:?}: {other:?}"),
        }
    }

    pub fn meets(&mut self, conn: ConnId, words: &str) -> Notice {
        let tags = Tags::parse(words, &Masker::default()).expect("good tags");
        self.asks(conn, Command::Meet(tags)).notice
    }

    /// These two talk.
    pub fn pair(&mut self, one: ConnId, other: ConnId) {
        assert_eq!(self.meets(one, ""), Notice::Searching);
        assert_eq!(self.meets(other, ""), Notice::Connected(name(one)));
    }

    /// They talk no longer, and both search at once.
    pub fn part_and_search(&mut self, one: ConnId, other: ConnId) {
        assert_eq!(self.asks(one, Command::Bye).notice, Notice::Ended);
        assert_eq!(self.meets(one, ""), Notice::Searching);
        assert_eq!(self.meets(other, ""), Notice::Searching);
    }

    /// Lets time pass, and ticks at every deadline on the way.
    pub fn passes(&mut self, time: Millis) {
        let until = self.now.plus(time);
        while let Some(deadline) = self.machine.next_deadline().filter(|deadline| *deadline < until) {
            self.now = deadline;
            self.enter(Input::Tick);
        }
        self.now = until;
        self.enter(Input::Tick);
    }

    /// Lets time pass, and looks only at the end of it.
    pub fn passes_unseen(&mut self, time: Millis) {
        self.now = self.now.plus(time);
        self.enter(Input::Tick);
    }

    /// What a connection was told since the last look.
    pub fn told(&mut self, conn: ConnId) -> Vec<Notice> {
        let mut told = Vec::new();
        self.said.retain(|effect| match effect {
            Effect::Tell { to, notice } if *to == conn => {
                told.push(notice.clone());
                false
            }
            _ => true,
        });
        told
    }

    /// The waits that were to be counted since this was last asked, by client.
    pub fn waits_counted(&mut self) -> Vec<(ConnId, Millis)> {
        let mut waits: Vec<_> = self
            .said
            .drain(..)
            .filter_map(|effect| match effect {
                Effect::CountWait { of, waited } => Some((of, waited)),
                _ => None,
            })
            .collect();
        waits.sort_unstable();
        waits
    }

    /// The call that a connection was last given.
    pub fn call(&self, conn: ConnId) -> Option<Call> {
        self.said.iter().rev().find_map(|effect| match effect {
            Effect::Connect { to, call } if *to == conn => Some(call.clone()),
            _ => None,
        })
    }

    pub fn talk(&self, one: ConnId, other: ConnId) -> bool {
        let talks = |conn: ConnId, with: ConnId| {
            let place = self.machine.place_of(conn);
            matches!(place, Some(Place::Talking { partner, .. }) if partner == PersonId(with.serial.into()))
        };
        talks(one, other) && talks(other, one)
    }

    pub fn waits(&self, conn: ConnId) -> bool {
        matches!(self.machine.place_of(conn), Some(Place::Waiting(_)))
    }
}

pub fn registration(conn: ConnId, person: u64) -> Registration {
    Registration {
        client: ClientHash(conn.serial.into()),
        person: PersonId(person.into()),
        session: SessionHash(0),
        role: Role::Client,
        nickname: name(conn),
        is_chosen: true,
        only_reads: false,
        token: TokenHash(conn.serial.into()),
        resume: None,
    }
}

pub fn name(conn: ConnId) -> Nickname {
    Nickname::random(conn.serial as u32)
}
