//! A scenario on the pure machine, with the least of a door around it: who holds which call.

use crate::script::{Action, Told, contacts, from_partner};
use std::collections::BTreeMap;
use std::time::Duration;
use strowger::core::mask::{Masker, Trail};
use strowger::core::{
    Answer, Call, ClientHash, Command, ConnId, ContactHead, Effect, Input, Line, Matchmaker, Millis,
    Nickname, NodeId, Notice, PersonId, Presence, Registration, SessionHash,
};
use strowger::wire::{hint, sentence};

const IDLE_AFTER: Millis = Millis::seconds(30 * 60);

/// One person at their door.
struct Seat {
    conn: ConnId,
    call: Option<Call>,
    masking: bool,
    trail: Trail,
    active: Option<Millis>,
}

/// See the module.
#[derive(Default)]
pub struct Stage {
    machine: Matchmaker,
    masker: Masker,
    now: Millis,
    seats: BTreeMap<String, Seat>,
    sessions: Vec<String>,
    next: u64,
}

impl Stage {
    pub fn act(&mut self, action: &Action) -> Vec<Told> {
        match action {
            Action::Passes(time) => self.pass(*time),
            Action::Joins { who, session } => self.join(who, session.as_deref()),
            Action::Leaves { who } => {
                let conn = self.seat(who).conn;
                let told = self.feed(Input::HungUp { conn });
                self.seats.remove(who);
                told
            }
            Action::Renames { who, nickname } => {
                let conn = self.seat(who).conn;
                let nickname = Nickname::clean(nickname, &self.masker).expect("a nickname");
                self.feed(Input::Renamed { conn, nickname })
            }
            Action::Types { who } => self.pass_on(who, "typing".to_owned()),
            Action::Shares { who, contacts } => {
                let conn = self.seat(who).conn;
                let contacts = ContactHead::of(contacts.iter().map(String::as_str));
                self.feed(Input::ContactsReplaced { conn, contacts })
            }
            Action::Says { who, line } => self.say(who, line),
        }
    }

    fn join(&mut self, who: &str, session: Option<&str>) -> Vec<Told> {
        let conn = ConnId { node: NodeId(1), serial: self.next };
        let number = u128::from(self.next);
        self.next += 1;
        let session = session.map_or_else(|| format!("of {who}"), str::to_owned);
        let known = self.sessions.iter().position(|name| *name == session);
        let session = known.unwrap_or_else(|| {
            self.sessions.push(session);
            self.sessions.len() - 1
        });
        let seat = Seat { conn, call: None, masking: true, trail: Trail::default(), active: Some(self.now) };
        self.seats.insert(who.to_owned(), seat);
        let registration = Registration {
            client: ClientHash(number),
            person: PersonId(number),
            session: SessionHash(session as u128),
            nickname: Nickname::clean(who, &self.masker).expect("a nickname"),
        };
        self.feed(Input::Registered { conn, registration })
    }

    fn say(&mut self, who: &str, line: &str) -> Vec<Told> {
        let now = self.now;
        let seat = self.seats.get_mut(who).expect("somebody");
        seat.active = Some(now);
        let conn = seat.conn;
        match Line::read(line, &self.masker) {
            Line::Command(command) => self.ask(conn, command),
            Line::Slip { word, meant } => vec![told(who, hint(word, meant))],
            Line::BadTags(error) => vec![told(who, format!("Tags: {error}."))],
            Line::Text => {
                let text = match seat.masking {
                    true => self.masker.mask_next(&mut seat.trail, line).into_owned(),
                    false => line.to_owned(),
                };
                self.pass_text(who, &text)
            }
        }
    }

    fn ask(&mut self, conn: ConnId, command: Command) -> Vec<Told> {
        self.feed(Input::Asked { conn, command })
    }

    fn pass_text(&self, who: &str, text: &str) -> Vec<Told> {
        match self.partner_of(who) {
            Some((partner, called)) => vec![told(&partner, from_partner(&called, text))],
            None => vec![told(who, sentence(&Notice::NoPartner).into_owned())],
        }
    }

    fn pass_on(&self, who: &str, what: String) -> Vec<Told> {
        self.partner_of(who).map(|(partner, _)| told(&partner, what)).into_iter().collect()
    }

    /// The partner of somebody, and by which nickname the partner knows them.
    fn partner_of(&self, who: &str) -> Option<(String, String)> {
        let call = self.seats.get(who)?.call.as_ref()?;
        let (partner, seat) = self.seats.iter().find(|(_, seat)| seat.conn == call.partner)?;
        let back = seat.call.as_ref().filter(|back| back.pair == call.pair)?;
        Some((partner.clone(), back.nickname.as_str().to_owned()))
    }

    /// Lets time pass from deadline to deadline, the machine's and the doors'.
    fn pass(&mut self, time: Duration) -> Vec<Told> {
        let end = self.now.plus(Millis(u64::try_from(time.as_millis()).expect("a time")));
        let mut all = Vec::new();
        loop {
            let idle =
                self.seats.values().filter_map(|seat| Some((seat.active?.plus(IDLE_AFTER), seat.conn))).min();
            let tick = self.machine.next_deadline();
            let next = tick.into_iter().chain(idle.map(|(at, _)| at)).min();
            let Some(next) = next.filter(|at| *at <= end) else { break };
            self.now = next.max(self.now);
            match idle.filter(|(at, _)| *at == next && tick != Some(next)) {
                Some((_, conn)) => {
                    let seat = self.seats.values_mut().find(|seat| seat.conn == conn);
                    seat.expect("the idle one").active = None;
                    all.extend(self.feed(Input::WentIdle { conn }));
                }
                None => all.extend(self.feed(Input::Tick)),
            }
        }
        self.now = end;
        all
    }

    fn feed(&mut self, input: Input) -> Vec<Told> {
        let mut effects = Vec::new();
        self.machine.handle(self.now, input, &mut effects);
        assert_eq!(self.machine.broken_invariant(), None);
        effects.into_iter().flat_map(|effect| self.perform(effect)).collect()
    }

    fn perform(&mut self, effect: Effect) -> Vec<Told> {
        match effect {
            Effect::Connect { to, call } => {
                if let Some(seat) = self.seats.values_mut().find(|seat| seat.conn == to) {
                    seat.call = Some(call);
                }
                Vec::new()
            }
            Effect::Disconnect { to, pair } => {
                if let Some(seat) = self.seats.values_mut().find(|seat| seat.conn == to) {
                    seat.call.take_if(|call| call.pair == pair);
                }
                Vec::new()
            }
            Effect::Tell { to, notice } => self.tell(to, sentence(&notice).into_owned()),
            Effect::Answer { to, answer } => self.answer(to, answer),
            Effect::Share { to, contacts } => {
                to.into_iter().flat_map(|to| self.tell(to, shown(&contacts))).collect()
            }
            Effect::Announce { about, presence, to } => {
                let name = self.name_of(about).unwrap_or_else(|| "somebody".to_owned());
                let deed = if presence == Presence::Joined { "joined" } else { "left" };
                to.into_iter().flat_map(|to| self.tell(to, format!("{name} {deed}"))).collect()
            }
            Effect::Forget { .. } => Vec::new(),
        }
    }

    fn answer(&mut self, to: ConnId, answer: Answer) -> Vec<Told> {
        match answer {
            Answer::Command(reply) => {
                if let Notice::Masking(on) = reply.notice
                    && let Some(seat) = self.seats.values_mut().find(|seat| seat.conn == to)
                {
                    seat.masking = on;
                }
                self.tell(to, sentence(&reply.notice).into_owned())
            }
            Answer::Contacts(contacts) => self.tell(to, shown(&contacts)),
            Answer::Registered(nickname) => self.tell(to, format!("registered as {}", nickname.as_str())),
            Answer::ClientIdTaken | Answer::NotRegistered => panic!("scenarios register everybody once"),
        }
    }

    fn tell(&self, to: ConnId, what: String) -> Vec<Told> {
        self.name_of(to).map(|who| told(&who, what)).into_iter().collect()
    }

    fn name_of(&self, conn: ConnId) -> Option<String> {
        self.seats.iter().find(|(_, seat)| seat.conn == conn).map(|(who, _)| who.clone())
    }

    fn seat(&self, who: &str) -> &Seat {
        self.seats.get(who).expect("somebody who joined")
    }
}

fn told(who: &str, what: impl Into<String>) -> Told {
    Told { who: who.to_owned(), what: what.into() }
}

fn shown(head: &ContactHead) -> String {
    let names: Vec<_> = head.first.iter().map(|name| name.as_str()).collect();
    contacts(&names, head.total)
}
