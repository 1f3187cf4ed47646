//! A scenario on the pure machine, with the least of a door around it: who holds which call.

use crate::script::{ANEW, Action, Told, confirmed, contacts, from_partner, not_delivered};
use std::collections::BTreeMap;
use std::time::Duration;
use strowger::core::mask::{Masker, Trail};
use strowger::core::{
    Answer, Call, ClientHash, Command, ConnId, ContactHead, Effect, Input, Line, Matchmaker, Millis,
    Nickname, NodeId, Notice, PersonId, Presence, Registration, Resume, Role, SessionHash, TokenHash,
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
    /// What they were told while they had no connection; `None` while they have one.
    missed: Option<Vec<Missed>>,
}

/// What somebody was told while they had no connection, and whose line it was, if it was one.
struct Missed {
    what: String,
    line: Option<(String, String)>,
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
            Action::Loses { who } => {
                let seat = self.seats.get_mut(who).expect("somebody who joined");
                seat.missed = Some(Vec::new());
                let conn = seat.conn;
                self.feed(Input::WentAway { conn })
            }
            Action::ComesBack { who } => self.come_back(who),
            Action::Renames { who, nickname } => {
                let conn = self.seat(who).conn;
                let nickname = Nickname::clean(nickname, &self.masker).expect("a nickname");
                self.feed(Input::Renamed { conn, nickname, token: token(conn) })
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
        let conn = self.conn();
        let number = u128::from(conn.serial);
        let session = session.map_or_else(|| format!("of {who}"), str::to_owned);
        let known = self.sessions.iter().position(|name| *name == session);
        let session = known.unwrap_or_else(|| {
            self.sessions.push(session);
            self.sessions.len() - 1
        });
        let (trail, active) = (Trail::default(), Some(self.now));
        let seat = Seat { conn, call: None, masking: true, trail, active, missed: None };
        self.seats.insert(who.to_owned(), seat);
        let registration = Registration {
            client: ClientHash(number),
            person: PersonId(number),
            session: SessionHash(session as u128),
            role: Role::Client,
            nickname: Nickname::clean(who, &self.masker).expect("a nickname"),
            is_chosen: true,
            only_reads: false,
            token: token(conn),
            resume: None,
        };
        self.feed(Input::Registered { conn, registration })
    }

    fn conn(&mut self) -> ConnId {
        self.next += 1;
        ConnId { node: NodeId(1), serial: self.next }
    }

    /// With the token of the last connection, and under another name if that is worth nothing any more.
    fn come_back(&mut self, who: &str) -> Vec<Told> {
        let conn = self.conn();
        let number = u128::from(conn.serial);
        let nickname = Nickname::clean(who, &self.masker).expect("a nickname");
        let resume = Resume {
            token: token(self.seat(who).conn),
            person: None,
            client: None,
            session: None,
            role: None,
            nickname: None,
        };
        let registration = Registration {
            client: ClientHash(number),
            person: PersonId(number),
            session: SessionHash(1_000 + number),
            role: Role::Client,
            nickname,
            is_chosen: true,
            only_reads: false,
            token: token(conn),
            resume: Some(Box::new(resume)),
        };
        let mut effects = Vec::new();
        self.machine.handle(self.now, Input::Registered { conn, registration }, &mut effects);
        assert_eq!(self.machine.broken_invariant(), None);
        let seat = self.seats.get_mut(who).expect("somebody who joined");
        (seat.conn, seat.active) = (conn, Some(self.now));
        let missed = seat.missed.take().unwrap_or_default();
        if !effects.iter().any(|effect| matches!(effect, Effect::Resume { .. })) {
            return vec![told(who, ANEW)];
        }
        let mut all = Vec::new();
        for effect in effects {
            let is_resume = matches!(effect, Effect::Resume { .. });
            all.extend(self.perform(effect));
            if is_resume {
                all.extend(missed.iter().map(|missed| told(who, &missed.what)));
            }
        }
        all
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

    fn pass_text(&mut self, who: &str, text: &str) -> Vec<Told> {
        match self.partner_of(who) {
            Some((partner, called)) => {
                let line = Some((who.to_owned(), text.to_owned()));
                self.show(&partner, from_partner(&called, text), line)
            }
            None => vec![told(who, sentence(&Notice::NoPartner).into_owned())],
        }
    }

    fn pass_on(&self, who: &str, what: String) -> Vec<Told> {
        let partner = self.partner_of(who).filter(|(partner, _)| self.seat(partner).missed.is_none());
        partner.map(|(partner, _)| told(&partner, what)).into_iter().collect()
    }

    /// Tells somebody, now or when they come back.
    fn show(&mut self, who: &str, what: String, line: Option<(String, String)>) -> Vec<Told> {
        match &mut self.seats.get_mut(who).expect("somebody who joined").missed {
            Some(missed) => {
                missed.push(Missed { what, line });
                Vec::new()
            }
            None => vec![told(who, what)],
        }
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
            Effect::Disconnect { to, pair, .. } => {
                if let Some(seat) = self.seats.values_mut().find(|seat| seat.conn == to) {
                    seat.call.take_if(|call| call.pair == pair);
                }
                Vec::new()
            }
            Effect::CountWait { .. } => Vec::new(),
            Effect::Tell { to, notice } => self.tell(to, sentence(&notice).into_owned()),
            Effect::Answer { to, answer } => self.answer(to, answer),
            Effect::Share { to, contacts } => {
                to.into_iter().flat_map(|to| self.tell(to, shown(&contacts))).collect()
            }
            Effect::Announce { about, presence, to } => {
                let name = self.name_of(about).unwrap_or_else(|| "somebody".to_owned());
                let deed = if presence == Presence::Joined { "joined" } else { "left" };
                to.iter().flat_map(|to| self.tell(*to, format!("{name} {deed}"))).collect()
            }
            Effect::Resume { to, nickname, .. } => self.tell(to, confirmed(nickname.as_str(), true)),
            Effect::Acquaint { .. } | Effect::CutOff { .. } | Effect::Link { .. } => Vec::new(),
            Effect::Forget { client } => self.give_back(client),
        }
    }

    /// Somebody is gone for good. Who wrote to them meanwhile hears that it was not shown.
    fn give_back(&mut self, gone: ConnId) -> Vec<Told> {
        let seat = self.seats.values_mut().find(|seat| seat.conn == gone);
        let missed = seat.and_then(|seat| seat.missed.take()).unwrap_or_default();
        let lines = missed.into_iter().filter_map(|missed| missed.line);
        lines.map(|(who, text)| told(&who, not_delivered(&text))).collect()
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
            Answer::Registered(nickname) => self.tell(to, confirmed(nickname.as_str(), false)),
            Answer::ClientIdTaken
            | Answer::NotRegistered
            | Answer::OtherClient
            | Answer::OtherSession
            | Answer::OtherRole
            | Answer::BridgeTaken => {
                panic!("scenarios register everybody once")
            }
        }
    }

    fn tell(&mut self, to: ConnId, what: String) -> Vec<Told> {
        self.name_of(to).map_or(Vec::new(), |who| self.show(&who, what, None))
    }

    fn name_of(&self, conn: ConnId) -> Option<String> {
        self.seats.iter().find(|(_, seat)| seat.conn == conn).map(|(who, _)| who.clone())
    }

    fn seat(&self, who: &str) -> &Seat {
        self.seats.get(who).expect("somebody who joined")
    }
}

fn token(conn: ConnId) -> TokenHash {
    TokenHash(conn.serial.into())
}

fn told(who: &str, what: impl Into<String>) -> Told {
    Told { who: who.to_owned(), what: what.into() }
}

fn shown(head: &ContactHead) -> String {
    let names: Vec<_> = head.first.iter().map(|name| name.as_str()).collect();
    contacts(&names, head.total)
}
