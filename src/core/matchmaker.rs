//! The state machine: all registrations, people, sessions and the queue, changed by one input at a time.
//!
//! It is deterministic (ordered maps, whole numbers, no clock), total (every input is legal in every state),
//! and after every input [`Matchmaker::broken_invariant`] finds nothing.

mod chat;
mod invariants;
mod membership;
mod pairing;
mod returning;

use super::absence::Absent;
use super::avoid::Avoided;
use super::gone::Gone;
use super::person::Person;
use super::queue::Queue;
use super::session::Session;
use super::{
    Answer, ClientHash, ConnId, Effect, Input, Millis, NodeId, Notice, PersonId, Place, Role, Rules,
    SessionHash, TokenHash,
};
use std::collections::{BTreeMap, BTreeSet};

/// A deadline that nobody saw pass for this long means that nobody was there: all deadlines move.
const OUTAGE: Millis = Millis::seconds(30);

/// A registration: which client it is, whose, and in which session.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Member {
    client: ClientHash,
    person: PersonId,
    session: SessionHash,
    role: Role,
    token: TokenHash,
    /// Tokens before, as long as the confirmations that brought newer ones may have been lost on the way.
    spares: Vec<TokenHash>,
    /// Since when it has no connection.
    away: Option<Millis>,
}

/// The whole exchange. Two that were fed the same entries are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Matchmaker {
    rules: Rules,
    /// The time of the last entry, without outages.
    now: Millis,
    /// How much of the log's time was outage.
    outage: Millis,
    members: BTreeMap<ConnId, Member>,
    clients: BTreeMap<ClientHash, ConnId>,
    tokens: BTreeMap<TokenHash, ConnId>,
    absent: Absent,
    people: BTreeMap<PersonId, Person>,
    sessions: BTreeMap<SessionHash, Session>,
    queue: Queue,
    avoided: Avoided,
    gone: Gone,
    lost_nodes: BTreeSet<NodeId>,
    pairs: usize,
    pairs_made: u64,
    crowded_out: u64,
    /// What a wait takes: each new one counts for an eighth.
    typical_wait: Option<Millis>,
}

/// How many there are of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Registrations.
    pub clients: usize,
    /// Those of them that lost their connection and may come back.
    pub away: usize,
    /// People in the queue.
    pub waiting: usize,
    /// Conversations.
    pub pairs: usize,
    /// Conversations begun since the log began.
    pub pairs_made: u64,
    /// Sessions with at least one client.
    pub sessions: usize,
    /// Registrations that ended before their grace was over, since the log began: too many were away.
    pub crowded_out: u64,
}

impl Matchmaker {
    /// Applies one entry of the log and writes down what is to be done. Never fails, never panics.
    pub fn handle(&mut self, now: Millis, input: Input, effects: &mut Vec<Effect>) {
        self.advance(now);
        self.review(effects);
        if input.conn().is_some_and(|conn| self.lost_nodes.contains(&conn.node)) {
            return;
        }
        match input {
            Input::RulesSet(rules) => self.set_rules(rules, effects),
            Input::Registered { conn, registration } => self.register(conn, registration, effects),
            Input::Renamed { conn, nickname, token } => self.rename(conn, nickname, token, effects),
            Input::HungUp { conn } => self.leave(conn, effects),
            Input::Settled { conn } => self.settle(conn),
            Input::WentAway { conn } => {
                self.go_away(conn, effects);
                self.review_absent(effects);
            }
            Input::Asked { conn, command } => self.command(conn, command, effects),
            Input::ContactsReplaced { conn, contacts } => self.replace_contacts(conn, contacts, effects),
            Input::ContactsLearned { session, contacts } => self.learn_contacts(session, contacts, effects),
            Input::WentIdle { conn } => self.expire(conn, effects),
            Input::NodeLost { node } => {
                self.lose(node, effects);
                self.review_absent(effects);
            }
            Input::Tick => {}
        }
    }

    /// When the machine wants a [`Input::Tick`] at the latest, in the log's time.
    pub fn next_deadline(&self) -> Option<Millis> {
        let deadlines =
            [self.queue.next_review(), self.avoided.next_expiry(), self.absent.next_end(&self.rules)];
        let next = deadlines.into_iter().flatten().min();
        // What is past by now and not done was seen: it is done next.
        next.map(|at| at.max(self.now).plus(self.outage))
    }

    /// How many there are of what.
    pub fn counts(&self) -> Counts {
        Counts {
            clients: self.members.len(),
            away: self.absent.len(),
            waiting: self.queue.len(),
            pairs: self.pairs,
            pairs_made: self.pairs_made,
            sessions: self.sessions.len(),
            crowded_out: self.crowded_out,
        }
    }

    /// Where the person behind a connection is.
    pub fn place_of(&self, conn: ConnId) -> Option<Place> {
        let member = self.members.get(&conn)?;
        self.people.get(&member.person).map(|person| person.place)
    }

    /// Moves the time on. If a deadline passed unseen for over [`OUTAGE`], the house stood still: so does time.
    fn advance(&mut self, now: Millis) {
        if let Some(deadline) = self.next_deadline()
            && now > deadline.plus(OUTAGE)
        {
            self.outage = self.outage.plus(now.since(deadline));
        }
        self.now = self.now.max(now.since(self.outage));
    }

    fn set_rules(&mut self, rules: Rules, effects: &mut Vec<Effect>) {
        self.rules = rules;
        self.queue.replan(&rules);
        self.review(effects);
    }

    /// Tells a person something at the line where their chat is.
    fn tell(&self, person: PersonId, notice: Notice, effects: &mut Vec<Effect>) {
        if let Some(to) = self.people.get(&person).and_then(Person::line) {
            effects.push(Effect::Tell { to, notice });
        }
    }
}

/// Answers a connection that never registered: every question gets its answer, also a wrong one.
fn refuse(to: ConnId, effects: &mut Vec<Effect>) {
    effects.push(Effect::Answer { to, answer: Answer::NotRegistered });
}
