//! Who may meet whom, tried with every pair.

use strowger::core::{ConnId, Counts, Millis, Nickname, Notice, PersonId};

use super::{Chat, Model, Where};
use crate::world::TAGS;

/// Two who parted longer ago than this before one of them waits again have not just parted for that one.
const JUST_PARTED: Millis = Millis::seconds(60);

type Waiting = (PersonId, Millis);

impl Model {
    pub fn place_at(&self, conn: ConnId) -> Option<Where> {
        self.line(conn).map(|line| self.place(line.person))
    }

    pub(super) fn place(&self, id: PersonId) -> Where {
        let chat = self.chats.iter().find(|chat| chat.people.contains(&id));
        match chat.and_then(|chat| chat.people.iter().find(|other| **other != id)) {
            Some(partner) => Where::Talking(*partner),
            None if self.queue.iter().any(|(waiting, _)| *waiting == id) => Where::Waiting,
            None => Where::Idle,
        }
    }

    pub(super) fn join_queue(&mut self, id: PersonId) {
        let now = self.now;
        let someone = self.someone(id);
        someone.left = someone.left.filter(|(_, at)| now.since(*at) <= JUST_PARTED);
        self.queue.push((id, now));
    }

    /// Ends a search or a chat; the partner hears of it.
    pub(super) fn part(&mut self, id: PersonId) {
        self.queue.retain(|(waiting, _)| *waiting != id);
        if let Where::Talking(partner) = self.place(id) {
            self.chats.retain(|chat| !chat.people.contains(&id));
            self.tell(partner, Notice::PartnerLeft);
            let now = self.now;
            self.someone(id).left = Some((partner, now));
            self.someone(partner).left = Some((id, now));
        }
    }

    /// Nobody waits while somebody compatible waits: whoever waits longest goes first, and takes the longest-waiting.
    pub(super) fn match_everybody(&mut self) {
        while let Some((a, b)) = self.first_match() {
            self.pair(a, b);
            for (who, partner) in [(a, b), (b, a)] {
                let name = self.someone(partner).name.clone();
                self.tell(who, Notice::Connected(name));
            }
        }
    }

    /// The same, for someone who hears of it as an answer.
    pub(super) fn match_everybody_but_tell_not(&mut self, asker: PersonId) {
        let Some((a, b)) = self.first_match() else { return };
        self.pair(a, b);
        let other = if a == asker { b } else { a };
        let name = self.someone(asker).name.clone();
        self.tell(other, Notice::Connected(name));
    }

    fn first_match(&self) -> Option<(PersonId, PersonId)> {
        let rest = |from: usize| self.queue.get(from..).unwrap_or_default();
        self.queue.iter().enumerate().find_map(|(place, one)| {
            let other = rest(place + 1).iter().find(|other| self.compatible(*one, **other, self.now))?;
            Some((one.0, other.0))
        })
    }

    fn pair(&mut self, a: PersonId, b: PersonId) {
        let waited =
            self.queue.iter().filter(|(id, _)| [a, b].contains(id)).map(|(_, since)| self.now.since(*since));
        let waited: Vec<Millis> = waited.filter(|wait| *wait > Millis(0)).collect();
        self.waits.extend(waited);
        self.queue.retain(|(waiting, _)| ![a, b].contains(waiting));
        self.chats_made += 1;
        self.chats.push(Chat { number: self.chats_made, people: [a, b] });
        self.someone(a).left = None;
        self.someone(b).left = None;
    }

    /// Whether two who wait may meet at that time.
    fn compatible(&self, (a, since_a): Waiting, (b, since_b): Waiting, at: Millis) -> bool {
        let find = |id| self.people.iter().find(|someone| someone.id == id).expect("who waits is a person");
        let (one, other) = (find(a), find(b));
        let shunned = self
            .shuns
            .iter()
            .any(|shun| shun.until > at && [(a, b), (b, a)].contains(&(shun.who, shun.whom)));
        let (mine, theirs) = (words(&one.tags), words(&other.tags));
        let agree = mine.is_empty() || theirs.is_empty() || mine.iter().any(|word| theirs.contains(word));
        let longer_waited = at.since(since_a.min(since_b)) >= self.rules.tags_give_way;
        let parted =
            one.left.is_some_and(|(from, _)| from == b) || other.left.is_some_and(|(from, _)| from == a);
        let both_waited = [since_a, since_b].iter().all(|since| at.since(*since) >= self.rules.rematch_after);
        a != b && !one.away && !other.away && !shunned && (agree || longer_waited) && (!parted || both_waited)
    }

    /// When, in the log's time, two who wait become compatible if nothing else happens.
    pub fn next_match(&self) -> Option<Millis> {
        let pairs = || self.queue.iter().flat_map(|a| self.queue.iter().map(|b| (*a, *b)));
        let opens = |at: &Millis| pairs().any(|(a, b)| self.compatible(a, b, *at));
        self.moments().into_iter().find(opens).map(|at| at.plus(self.outage))
    }

    /// From now on, every moment at which tags, a parting or a block cease to keep somebody from somebody.
    fn moments(&self) -> Vec<Millis> {
        let waits = [self.rules.tags_give_way, self.rules.rematch_after];
        let ends = self.queue.iter().flat_map(|(_, since)| waits.map(|wait| since.plus(wait)));
        let expiries = self.shuns.iter().map(|shun| shun.until);
        let mut moments: Vec<Millis> = ends.chain(expiries).filter(|at| *at >= self.now).collect();
        moments.sort();
        moments
    }

    /// Who talks: the line, the partner's line and nickname, and the number of the chat.
    pub fn calls_due(&self) -> Vec<(ConnId, ConnId, Nickname, u64)> {
        let end = |id| {
            let someone = self.people.iter().find(|someone| someone.id == id).expect("who talks is a person");
            (*someone.lines.last().expect("who talks has a line"), someone.name.clone())
        };
        let mut calls = Vec::new();
        for chat in &self.chats {
            let ends = chat.people.map(end);
            calls.push((ends[0].0, ends[1].0, ends[1].1.clone(), chat.number));
            calls.push((ends[1].0, ends[0].0, ends[0].1.clone(), chat.number));
        }
        calls
    }

    pub fn began_in_this_step(&self, chat: u64) -> bool {
        chat > self.chats_made_before
    }

    pub fn counts(&self) -> Counts {
        let mut sessions: Vec<_> = self.lines.iter().map(|line| line.session).collect();
        sessions.sort();
        sessions.dedup();
        Counts {
            clients: self.lines.len(),
            away: self.lines.iter().filter(|line| line.away.is_some()).count(),
            waiting: self.queue.len(),
            pairs: self.chats.len(),
            pairs_made: self.chats_made,
            sessions: sessions.len(),
            crowded_out: self.crowded_out,
        }
    }
}

/// The words behind tags, which show them to nobody.
fn words(tags: &strowger::core::Tags) -> &'static [&'static str] {
    thread_local! {
        static KNOWN: Vec<strowger::core::Tags> = crate::world::all_tags();
    }
    let index = KNOWN.with(|known| known.iter().position(|some| some == tags)).expect("tags of this world");
    TAGS[index]
}
