//! Who registers, leaves, loses the connection and comes back.

use strowger::core::{
    Answer, ConnId, Effect, Millis, NodeId, Notice, PersonId, Presence, Registration, Role, Tags,
};

use super::{Line, Model, Someone, Where};

impl Model {
    /// A living registration goes on with whoever has its token; else the `client_id` has to be free, or its
    /// holder away.
    pub(super) fn register(&mut self, conn: ConnId, new: &Registration) {
        if self.line(conn).is_some() {
            return self.answer(conn, Answer::ClientIdTaken);
        }
        if let Some(resume) = &new.resume
            && let Some(line) = self
                .lines
                .iter()
                .find(|line| line.token == resume.token || line.spares.contains(&resume.token))
                .cloned()
        {
            if resume.client.is_some_and(|client| client != line.client) {
                return self.answer(conn, Answer::OtherClient);
            }
            let is_unnamed = resume.client.is_none() || resume.session.is_none();
            if resume.session.is_some_and(|session| session != line.session)
                || line.conn.node != conn.node && is_unnamed
            {
                self.answer(conn, Answer::OtherSession);
            } else if resume.role.is_some_and(|role| role != line.role) {
                self.answer(conn, Answer::OtherRole);
            } else {
                self.go_on(line, conn, new);
            }
            return;
        }
        let before = self.lines.iter().find(|line| line.client == new.client).cloned();
        if before.as_ref().is_some_and(|line| line.away.is_none()) {
            return self.answer(conn, Answer::ClientIdTaken);
        }
        let is_rival = |line: &Line| {
            line.role == Role::Bridge && line.session == new.session && line.client != new.client
        };
        if new.role == Role::Bridge && self.lines.iter().any(is_rival) {
            return self.answer(conn, Answer::BridgeTaken);
        }
        before.into_iter().for_each(|line| self.hang_up(line.conn));
        self.begin(conn, new);
    }

    fn begin(&mut self, conn: ConnId, new: &Registration) {
        let Registration { client, person, session, role, token, only_reads, .. } = *new;
        self.lines.push(Line { conn, client, person, session, role, token, spares: Vec::new(), away: None });
        self.link(conn, role, true);
        let known = self.people.iter().find(|someone| someone.id == person);
        let keeps = known.filter(|_| only_reads || !new.is_chosen).map(|someone| someone.name.clone());
        let (is_known, name) = (known.is_some(), keeps.unwrap_or_else(|| new.nickname.clone()));
        self.answer(conn, Answer::Registered(name.clone()));
        if !is_known {
            self.people.push(Someone {
                id: person,
                name: name.clone(),
                masking: true,
                tags: Tags::default(),
                left: None,
                spent: Millis(0),
                spent_at: Millis(0),
                lines: Vec::new(),
                away: false,
            });
        }
        let someone = self.someone(person);
        if is_known && only_reads {
            someone.lines.insert(0, conn);
        } else {
            (someone.name, someone.masking) = (name, true);
            someone.lines.push(conn);
            self.tell_of_chat(person);
        }
        self.tell_whether_away(person);
        self.share_if_any(vec![conn], session);
        self.announce(conn, Presence::Joined, session);
    }

    /// Whoever sends by a bridge has to know whether it is there.
    fn link(&mut self, conn: ConnId, role: Role, is_up: bool) {
        if role == Role::Bridge {
            self.said.push(Effect::Link { bridge: conn, is_up });
        }
    }

    fn go_on(&mut self, before: Line, conn: ConnId, new: &Registration) {
        let line = self.line_mut(before.conn);
        (line.conn, line.token, line.away) = (conn, new.token, None);
        line.spares = new.resume.iter().map(|resume| resume.token).collect();
        let someone = self.someone(before.person);
        if let Some(nickname) = new.resume.as_ref().and_then(|resume| resume.nickname.clone()) {
            someone.name = nickname;
        }
        for line in &mut someone.lines {
            if *line == before.conn {
                *line = conn;
            }
        }
        let (nickname, masking) = (someone.name.clone(), someone.masking);
        self.said.push(Effect::Resume { from: before.conn, to: conn, nickname, masking, pair: None });
        self.link(conn, before.role, true);
        self.share(vec![conn], before.session);
        self.tell_whether_away(before.person);
    }

    pub(super) fn hang_up(&mut self, conn: ConnId) {
        let Some(line) = self.line(conn) else { return };
        self.lines.retain(|line| line.conn != conn);
        if line.away.is_none() {
            self.link(conn, line.role, false);
        }
        self.announce(conn, Presence::Left, line.session);
        if self.lines.iter().all(|other| other.session != line.session) {
            self.contacts.retain(|(of, _)| *of != line.session);
        }
        self.said.push(Effect::Forget { client: conn });
        let was_here = self.someone(line.person).lines.last() == Some(&conn);
        self.someone(line.person).lines.retain(|line| *line != conn);
        if self.someone(line.person).lines.is_empty() {
            self.part(line.person);
            self.people.retain(|someone| someone.id != line.person);
            self.shuns.retain(|shun| shun.who != line.person);
        } else {
            if was_here {
                self.tell_of_chat(line.person);
            }
            self.tell_whether_away(line.person);
        }
    }

    /// Where a chat went by itself, its person hears of it.
    fn tell_of_chat(&mut self, who: PersonId) {
        if let Some(name) = self.partner_name(who) {
            self.tell(who, Notice::Connected(name));
        }
    }

    pub(super) fn lose(&mut self, node: NodeId) {
        if self.lost.contains(&node) {
            return;
        }
        self.lost.push(node);
        let mut gone: Vec<ConnId> =
            self.lines.iter().map(|line| line.conn).filter(|conn| conn.node == node).collect();
        gone.sort();
        for conn in gone {
            self.go_away(conn);
        }
    }

    pub(super) fn go_away(&mut self, conn: ConnId) {
        let Some(line) = self.line(conn) else { return };
        if self.rules.grace == Millis(0) {
            return self.hang_up(conn);
        }
        if line.away.is_none() {
            self.line_mut(conn).away = Some(self.now);
            self.link(conn, line.role, false);
            self.tell_whether_away(line.person);
        }
    }

    /// Who is away for longer than the grace is gone, and of too many who is away longest; the first to go first.
    pub(super) fn end_absences(&mut self) {
        let mut away: Vec<_> =
            self.lines.iter().filter_map(|line| line.away.map(|since| (since, line.conn))).collect();
        away.sort();
        let most = if self.rules.most_away == 0 { away.len() } else { self.rules.most_away };
        let too_many = away.len().saturating_sub(most);
        let is_over = |since: Millis| since.plus(self.rules.grace) <= self.now;
        let ends = away.iter().enumerate().filter(|(place, (since, _))| *place < too_many || is_over(*since));
        self.crowded_out += ends.clone().filter(|(_, (since, _))| !is_over(*since)).count() as u64;
        self.leaving = ends.map(|(_, (_, conn))| *conn).collect();
        for conn in self.leaving.clone() {
            self.hang_up(conn);
        }
        self.leaving.clear();
    }

    /// When the first absence ends, in the log's time.
    pub fn next_absence_end(&self) -> Option<Millis> {
        let since = self.lines.iter().filter_map(|line| line.away).min();
        since.map(|since| since.plus(self.rules.grace).plus(self.outage))
    }

    /// The partner hears when the line of somebody's chat lost its connection, and when it has one again.
    pub(super) fn tell_whether_away(&mut self, id: PersonId) {
        let here = self.someone(id).lines.last().copied();
        let away = here.and_then(|here| self.line(here)).is_some_and(|line| line.away.is_some());
        let someone = self.someone(id);
        let changed = std::mem::replace(&mut someone.away, away) != away;
        if changed && let Where::Talking(partner) = self.place(id) {
            self.tell(partner, if away { Notice::PartnerAway } else { Notice::PartnerBack });
        }
        self.match_everybody();
    }
}
