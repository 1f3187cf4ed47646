//! Who comes and goes: registrations, sessions, contacts, inactivity, lost nodes.

use super::{Matchmaker, Member, refuse};
use crate::core::person::Person;
use crate::core::{
    Answer, ConnId, ContactHead, Effect, Nickname, NodeId, Notice, PersonId, Place, Presence, Registration,
    Role, SessionHash, TokenHash,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What becomes of a `register`.
enum Claim {
    /// A new registration.
    Begins,
    /// A new one, which ends this one: it was away, and had the same `client_id`.
    Ends(ConnId),
    /// The registration at this connection goes on.
    Resumes(ConnId),
}

/// Where a registration's person sits down.
struct Seat {
    person: PersonId,
    nickname: Nickname,
    only_reads: bool,
}

impl Matchmaker {
    pub(super) fn register(&mut self, conn: ConnId, new: Registration, effects: &mut Vec<Effect>) {
        let before = match self.claim(conn, &new) {
            Ok(Claim::Resumes(before)) => return self.resume(before, conn, new, effects),
            Ok(Claim::Begins) => None,
            Ok(Claim::Ends(before)) => Some(before),
            Err(answer) => return effects.push(Effect::Answer { to: conn, answer }),
        };
        if let Some(before) = before {
            self.leave(before, effects);
        }
        let Registration { client, person, session, role, token, only_reads, .. } = new;
        let member = Member { client, person, session, role, token, spares: Vec::new(), away: None };
        self.clients.insert(client, conn);
        self.tokens.insert(token, conn);
        self.members.insert(conn, member);
        if role == Role::Bridge {
            // Before anybody can hear of it: whoever does may use it at once.
            effects.push(Effect::Link { bridge: conn, is_up: true });
        }
        let nickname = self.name_of(&new);
        effects.push(Effect::Answer { to: conn, answer: Answer::Registered(nickname.clone()) });
        self.seat(conn, Seat { person, nickname, only_reads }, effects);
        self.join_session(conn, session, effects);
        if role == Role::Bridge {
            self.lay_bridge(conn, session);
        }
    }

    /// What a connection that wants to register may do.
    fn claim(&self, conn: ConnId, new: &Registration) -> Result<Claim, Answer> {
        if self.members.contains_key(&conn) {
            return Err(Answer::ClientIdTaken);
        }
        if let Some(resume) = &new.resume
            && let Some((before, member)) = self.holder(resume.token)
            // What one principal may do is nothing that another can be given: their token is unknown here.
            && !self.is_anothers(before, resume.person.unwrap_or(new.person))
        {
            if resume.client.is_some_and(|client| client != member.client) {
                return Err(Answer::OtherClient);
            }
            // Readable names are known to the old node only: on another one they have to be said.
            let is_unnamed = resume.client.is_none() || resume.session.is_none();
            let moves = resume.session.is_some_and(|session| session != member.session);
            if moves || before.node != conn.node && is_unnamed {
                return Err(Answer::OtherSession);
            }
            let is_another = resume.role.is_some_and(|role| role != member.role);
            return if is_another { Err(Answer::OtherRole) } else { Ok(Claim::Resumes(before)) };
        }
        let before = self.clients.get(&new.client).copied();
        if before.is_some_and(|before| !self.is_away(before) || self.is_anothers(before, new.person)) {
            return Err(Answer::ClientIdTaken);
        }
        let bridge = self.sessions.get(&new.session).and_then(|session| session.bridge);
        if new.role == Role::Bridge && bridge.is_some() && bridge != before {
            return Err(Answer::BridgeTaken);
        }
        // Without authentication nobody can prove to be the one who was here before.
        Ok(before.map_or(Claim::Begins, Claim::Ends))
    }

    /// Whether a registration is that of a principal, and of another than this one; or the other way round.
    fn is_anothers(&self, conn: ConnId, person: PersonId) -> bool {
        let of = self.members.get(&conn).map(|member| member.person);
        of.is_some_and(|of| of != person && (of.is_a_principals() || person.is_a_principals()))
    }

    /// Gives a registration its person. Who comes again goes on with the chat here, masked as at first; who only
    /// reads leaves all as it is.
    fn seat(&mut self, conn: ConnId, seat: Seat, effects: &mut Vec<Effect>) {
        let Seat { person: id, nickname, only_reads } = seat;
        let Some(person) = self.people.get_mut(&id) else {
            let meets = self.gone.take(id).unwrap_or_default();
            self.people.insert(id, Person { meets, ..Person::new(conn, nickname) });
            return;
        };
        if only_reads {
            person.lines.insert(0, conn);
            return;
        }
        person.nickname = nickname;
        person.masking = true;
        let before = person.line();
        person.lines.push(conn);
        self.move_call(id, before, true, effects);
        self.note_presence(id, effects);
    }

    /// What somebody who registers is called: a nickname that nobody chose gives way to the one that the person has,
    /// as that of one who only reads does.
    fn name_of(&self, new: &Registration) -> Nickname {
        let person = self.people.get(&new.person).filter(|_| new.only_reads || !new.is_chosen);
        person.map_or(&new.nickname, |person| &person.nickname).clone()
    }

    fn join_session(&mut self, conn: ConnId, hash: SessionHash, effects: &mut Vec<Effect>) {
        let session = self.sessions.entry(hash).or_default();
        session.members.insert(conn);
        if session.has_contacts() {
            effects.extend(session.shared_with(conn));
        }
        let to: Arc<[ConnId]> = session.others(conn).collect();
        if !to.is_empty() {
            effects.push(Effect::Announce { about: conn, presence: Presence::Joined, to });
        }
        self.acquaint_with(conn, hash, effects);
    }

    /// This client is the bridge of its session from here on.
    pub(super) fn lay_bridge(&mut self, conn: ConnId, session: SessionHash) {
        if let Some(session) = self.sessions.get_mut(&session) {
            session.bridge = Some(conn);
        }
    }

    /// Lets a client's node know the others of its session that live on other nodes.
    pub(super) fn acquaint_with(&self, conn: ConnId, session: SessionHash, effects: &mut Vec<Effect>) {
        let Some(session) = self.sessions.get(&session) else { return };
        let others = session.members.iter().filter(|other| other.node != conn.node);
        effects.extend(others.map(|about| Effect::Acquaint { about: *about, nodes: vec![conn.node] }));
    }

    /// Lets the nodes of the others of a client's session know it.
    pub(super) fn make_known(&self, conn: ConnId, session: SessionHash, effects: &mut Vec<Effect>) {
        let Some(session) = self.sessions.get(&session) else { return };
        let nodes: BTreeSet<NodeId> = session.members.iter().map(|other| other.node).collect();
        let nodes: Vec<NodeId> = nodes.into_iter().filter(|node| *node != conn.node).collect();
        if !nodes.is_empty() {
            effects.push(Effect::Acquaint { about: conn, nodes });
        }
    }

    pub(super) fn rename(
        &mut self,
        conn: ConnId,
        nickname: Nickname,
        token: TokenHash,
        effects: &mut Vec<Effect>,
    ) {
        let Some(member) = self.members.get_mut(&conn) else { return refuse(conn, effects) };
        let id = member.person;
        let old = std::mem::replace(&mut member.token, token);
        if let Some(dead) = member.keep_spare(old) {
            self.tokens.remove(&dead);
        }
        self.tokens.insert(token, conn);
        self.call(id, nickname.clone(), effects);
        effects.push(Effect::Answer { to: conn, answer: Answer::Registered(nickname) });
    }

    /// Somebody has this nickname from now on, and their partner knows them by it.
    pub(super) fn call(&mut self, id: PersonId, nickname: Nickname, effects: &mut Vec<Effect>) {
        let Some(person) = self.people.get_mut(&id) else { return };
        person.nickname = nickname;
        if let Place::Talking { partner, .. } = person.place {
            self.connect(partner, false, effects);
        }
    }

    /// A registration ends, and with a person's last one the person. The others of its session hear so.
    pub(super) fn leave(&mut self, conn: ConnId, effects: &mut Vec<Effect>) {
        let session = self.members.get(&conn).and_then(|member| self.sessions.get(&member.session));
        let to = session.map(|session| session.others(conn).collect()).unwrap_or_default();
        self.leave_telling(conn, to, effects);
    }

    /// The same, and only these hear of it.
    pub(super) fn leave_telling(&mut self, conn: ConnId, to: Arc<[ConnId]>, effects: &mut Vec<Effect>) {
        let Some(member) = self.members.remove(&conn) else { return };
        self.clients.remove(&member.client);
        for token in member.tokens() {
            self.tokens.remove(&token);
        }
        if let Some(since) = member.away {
            self.absent.remove(since, conn);
        }
        if member.role == Role::Bridge && member.away.is_none() {
            effects.push(Effect::Link { bridge: conn, is_up: false });
        }
        self.leave_session(conn, member.session, to, effects);
        let talks = self.people.get(&member.person).filter(|person| person.line() == Some(conn));
        if let Some(Place::Talking { pair, .. }) = talks.map(|person| person.place) {
            effects.push(Effect::Disconnect { to: conn, pair, moved: false });
        }
        // Before the partner hears that they left: lines that nobody read come back first.
        effects.push(Effect::Forget { client: conn });
        let Some(person) = self.people.get_mut(&member.person) else { return };
        let was_here = person.line() == Some(conn);
        person.lines.retain(|line| *line != conn);
        if person.lines.is_empty() {
            self.forget_person(member.person, effects);
        } else if was_here {
            self.move_call(member.person, None, true, effects);
            self.note_presence(member.person, effects);
        }
    }

    fn leave_session(
        &mut self,
        conn: ConnId,
        hash: SessionHash,
        to: Arc<[ConnId]>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(session) = self.sessions.get_mut(&hash) else { return };
        session.members.remove(&conn);
        session.bridge.take_if(|bridge| *bridge == conn);
        if session.members.is_empty() {
            self.sessions.remove(&hash);
        }
        if !to.is_empty() {
            effects.push(Effect::Announce { about: conn, presence: Presence::Left, to });
        }
    }

    fn forget_person(&mut self, id: PersonId, effects: &mut Vec<Effect>) {
        self.put_away(id, effects);
        let Some(person) = self.people.remove(&id) else { return };
        if id.is_a_principals() {
            self.gone.keep(self.now, id, person.meets);
        } else {
            self.avoided.forget(id);
        }
    }

    /// The contact list of a session is another now; everyone in it hears so, the updater as an answer.
    pub(super) fn replace_contacts(
        &mut self,
        conn: ConnId,
        contacts: ContactHead,
        effects: &mut Vec<Effect>,
    ) {
        let session = self.members.get(&conn).and_then(|member| self.sessions.get_mut(&member.session));
        let Some(session) = session else { return refuse(conn, effects) };
        session.contacts = Some(contacts.clone());
        let to: Vec<ConnId> = session.others(conn).collect();
        if !to.is_empty() {
            effects.push(Effect::Share { to, contacts: contacts.clone() });
        }
        effects.push(Effect::Answer { to: conn, answer: Answer::Contacts(contacts) });
    }

    /// The contact list of a session is another now, and everyone in it hears so. If nobody is, it will be learned
    /// again.
    pub(super) fn learn_contacts(
        &mut self,
        session: SessionHash,
        contacts: ContactHead,
        effects: &mut Vec<Effect>,
    ) {
        let Some(session) = self.sessions.get_mut(&session) else { return };
        if session.contacts.as_ref() != Some(&contacts) {
            session.contacts = Some(contacts.clone());
            effects.push(Effect::Share { to: session.members.iter().copied().collect(), contacts });
        }
    }

    /// Nothing came from a person for long: they leave queue and chat, and stay registered.
    pub(super) fn expire(&mut self, conn: ConnId, effects: &mut Vec<Effect>) {
        let Some(id) = self.person_at(conn) else { return };
        let is_here = self.people.get(&id).and_then(Person::line) == Some(conn);
        if is_here && self.put_away(id, effects) {
            self.tell(id, Notice::Expired, effects);
        }
    }

    pub(super) fn lose(&mut self, node: NodeId, effects: &mut Vec<Effect>) {
        if !self.lost_nodes.insert(node) {
            return;
        }
        let all = ConnId { node, serial: 0 }..=ConnId { node, serial: u64::MAX };
        let gone: Vec<ConnId> = self.members.range(all).map(|(conn, _)| *conn).collect();
        effects.push(Effect::CutOff { node });
        for conn in gone {
            self.go_away(conn, effects);
        }
    }

    pub(super) fn person_at(&self, conn: ConnId) -> Option<PersonId> {
        self.members.get(&conn).map(|member| member.person)
    }
}
