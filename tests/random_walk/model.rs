//! The rules of the random chat as naively as they can be written down: plain lists, every pair tried at every
//! step, no deadlines. Slow, and easy to believe.

mod chat;
mod crowd;
mod line;

use strowger::core::{
    Answer, ClientHash, ConnId, Effect, Input, Millis, Nickname, NodeId, Notice, PersonId, Presence, Role,
    Rules, SessionHash, Tags, TokenHash,
};

/// Nobody looked for so long after a deadline: the house stood still, and so did time.
const OUTAGE: Millis = Millis::seconds(30);

/// One registration.
#[derive(Debug, Clone)]
struct Line {
    conn: ConnId,
    client: ClientHash,
    person: PersonId,
    session: SessionHash,
    role: Role,
    token: TokenHash,
    /// Those before, until the client is known to have that one.
    spares: Vec<TokenHash>,
    /// Since when it has no connection.
    away: Option<Millis>,
}

/// One person, as long as they have a registration. Where they are is read from the queue and the chats.
#[derive(Debug)]
struct Someone {
    id: PersonId,
    name: Nickname,
    masking: bool,
    tags: Tags,
    /// The partner before, and when they parted.
    left: Option<(PersonId, Millis)>,
    /// Searches begun and not yet made up for by time, each worth a minute.
    spent: Millis,
    spent_at: Millis,
    /// Where they registered or spoke, the latest last: there the chat is.
    lines: Vec<ConnId>,
    /// What the partner believes: whether that line has a connection.
    away: bool,
}

/// One person does not want to meet another.
#[derive(Debug)]
struct Shun {
    who: PersonId,
    whom: PersonId,
    until: Millis,
    is_report: bool,
}

#[derive(Debug)]
struct Chat {
    number: u64,
    people: [PersonId; 2],
}

/// Where a person is.
#[derive(Debug, PartialEq, Eq)]
pub enum Where {
    Idle,
    Waiting,
    Talking(PersonId),
}

#[derive(Debug, Default)]
pub struct Model {
    rules: Rules,
    now: Millis,
    outage: Millis,
    lines: Vec<Line>,
    people: Vec<Someone>,
    /// Who waits and since when, longest first.
    queue: Vec<(PersonId, Millis)>,
    chats: Vec<Chat>,
    chats_made: u64,
    chats_made_before: u64,
    shuns: Vec<Shun>,
    contacts: Vec<(SessionHash, strowger::core::ContactHead)>,
    lost: Vec<NodeId>,
    /// Who goes in this moment: they are not told of each other.
    leaving: Vec<ConnId>,
    pub crowded_out: u64,
    /// Every wait that ended with a match and was longer than nothing.
    pub waits: Vec<Millis>,
    /// What was said in this step.
    said: Vec<Effect>,
}

impl Model {
    /// Applies an entry, and says who hears what. `deadline` is what the machine had announced before.
    pub fn step(&mut self, at: Millis, deadline: Option<Millis>, input: &Input) -> Vec<Effect> {
        self.chats_made_before = self.chats_made;
        if let Some(deadline) = deadline
            && at > deadline.plus(OUTAGE)
        {
            self.outage = self.outage.plus(at.since(deadline));
        }
        self.now = self.now.max(at.since(self.outage));
        self.shuns.retain(|shun| shun.until > self.now);
        self.end_absences();
        self.match_everybody();
        if input.conn().is_none_or(|conn| !self.lost.contains(&conn.node)) {
            self.apply(input);
            self.end_absences();
            self.match_everybody();
        }
        std::mem::take(&mut self.said)
    }

    fn apply(&mut self, input: &Input) {
        match input {
            Input::RulesSet(rules) => self.rules = *rules,
            Input::Registered { conn, registration } => self.register(*conn, registration),
            Input::HungUp { conn } => self.hang_up(*conn),
            Input::Settled { conn } => {
                self.lines.iter_mut().filter(|line| line.conn == *conn).for_each(|line| line.spares.clear());
            }
            Input::WentAway { conn } => self.go_away(*conn),
            Input::NodeLost { node } => self.lose(*node),
            Input::Tick => {}
            Input::WentIdle { conn } => self.go_idle(*conn),
            Input::Asked { conn, .. }
            | Input::Renamed { conn, .. }
            | Input::ContactsReplaced { conn, .. }
                if self.line(*conn).is_none() =>
            {
                self.answer(*conn, Answer::NotRegistered);
            }
            Input::Asked { conn, command } => {
                self.ask(*conn, command);
            }
            Input::Renamed { conn, nickname, token } => {
                let line = self.line_mut(*conn);
                line.spares.push(line.token);
                if line.spares.len() > 4 {
                    line.spares.remove(0);
                }
                line.token = *token;
                self.someone_at(*conn).name = nickname.clone();
                self.answer(*conn, Answer::Registered(nickname.clone()));
            }
            Input::ContactsLearned { session, contacts } => {
                let known = self.contacts.iter().any(|known| *known == (*session, contacts.clone()));
                if !known && self.lines.iter().any(|line| line.session == *session) {
                    self.contacts.retain(|(of, _)| of != session);
                    self.contacts.push((*session, contacts.clone()));
                    let all = self.lines.iter().filter(|line| line.session == *session);
                    let mut all: Vec<ConnId> = all.map(|line| line.conn).collect();
                    all.sort();
                    self.share(all, *session);
                }
            }
            Input::ContactsReplaced { conn, contacts } => {
                let session = self.line(*conn).expect("registered").session;
                self.contacts.retain(|(of, _)| *of != session);
                self.contacts.push((session, contacts.clone()));
                self.share(self.session_but(session, *conn), session);
                self.answer(*conn, Answer::Contacts(contacts.clone()));
            }
        }
    }

    fn go_idle(&mut self, conn: ConnId) {
        let Some(line) = self.line(conn) else { return };
        let is_here = self.someone(line.person).lines.last() == Some(&conn);
        if is_here && self.place(line.person) != Where::Idle {
            self.part(line.person);
            self.tell(line.person, Notice::Expired);
        }
    }

    fn answer(&mut self, to: ConnId, answer: Answer) {
        self.said.push(Effect::Answer { to, answer });
    }

    /// A person hears things at the line where they registered or spoke last.
    fn tell(&mut self, who: PersonId, notice: Notice) {
        if let Some(to) = self.someone(who).lines.last().copied() {
            self.said.push(Effect::Tell { to, notice });
        }
    }

    fn announce(&mut self, about: ConnId, presence: Presence, session: SessionHash) {
        let to = self.session_but(session, about);
        if !to.is_empty() {
            self.said.push(Effect::Announce { about, presence, to: to.into() });
        }
    }

    /// Who comes hears of contacts if there are any.
    fn share_if_any(&mut self, to: Vec<ConnId>, session: SessionHash) {
        if self.contacts.iter().any(|(of, contacts)| *of == session && contacts.total > 0) {
            self.share(to, session);
        }
    }

    fn share(&mut self, to: Vec<ConnId>, session: SessionHash) {
        let contacts =
            self.contacts.iter().find(|(of, _)| *of == session).map(|(_, contacts)| contacts.clone());
        if let Some(contacts) = contacts
            && !to.is_empty()
        {
            self.said.push(Effect::Share { to, contacts });
        }
    }

    fn session_but(&self, session: SessionHash, but: ConnId) -> Vec<ConnId> {
        let inside = self.lines.iter().filter(|line| line.session == session && line.conn != but);
        let inside = inside.filter(|line| !self.leaving.contains(&line.conn));
        let mut conns: Vec<ConnId> = inside.map(|line| line.conn).collect();
        conns.sort();
        conns
    }

    /// Every registered connection.
    pub fn conns(&self) -> impl Iterator<Item = ConnId> {
        self.lines.iter().map(|line| line.conn)
    }

    pub fn has_lost(&self, node: NodeId) -> bool {
        self.lost.contains(&node)
    }

    fn line(&self, conn: ConnId) -> Option<Line> {
        self.lines.iter().find(|line| line.conn == conn).cloned()
    }

    fn line_mut(&mut self, conn: ConnId) -> &mut Line {
        self.lines.iter_mut().find(|line| line.conn == conn).expect("registered")
    }

    fn someone(&mut self, id: PersonId) -> &mut Someone {
        self.people.iter_mut().find(|someone| someone.id == id).expect("a person of the crowd")
    }

    fn someone_at(&mut self, conn: ConnId) -> &mut Someone {
        let person = self.line(conn).expect("registered").person;
        self.someone(person)
    }
}
