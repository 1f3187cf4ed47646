//! A small world and the dice that move it: which input comes next, and how much time passes before it.

use strowger::core::mask::Masker;
use strowger::core::{
    ClientHash, Command, ConnId, ContactHead, Input, Millis, Nickname, NodeId, PersonId, Registration,
    Resume, Role, Rules, SessionHash, Tags, TokenHash,
};

/// People of the crowd.
const PEOPLE: u64 = 6;
/// Clients; the first two people have two each.
const CLIENTS: u64 = 8;
/// Connections that a node gives out.
const SERIALS: u64 = 4;
/// From how many of the newest tokens somebody who comes back takes theirs; the others are long dead.
const TOKENS: u64 = 12;
/// What people like to talk about; each search takes one line of it.
pub const TAGS: [&[&str]; 5] = [&[], &["music"], &["films"], &["music", "films"], &["cats"]];

/// The same lines as searches carry them.
pub fn all_tags() -> Vec<Tags> {
    let masker = Masker::default();
    TAGS.iter().map(|words| Tags::parse(&words.join(","), &masker).expect("good tags")).collect()
}

/// The splitmix64 generator: the same seed, the same walk.
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// True this many times in a hundred.
    pub fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        let index = self.below(choices.len() as u64) as usize;
        choices[index].clone()
    }
}

/// What the dice may name: nodes that live, nodes that are lost, tags.
#[derive(Debug, Clone)]
pub struct World {
    dice: Dice,
    nodes: [NodeId; 2],
    lost: Vec<NodeId>,
    tags: Vec<Tags>,
    time: u64,
    /// Whom the tokens were given to: the client and the session.
    tokens: Vec<(u64, u64)>,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let nodes = [NodeId(1), NodeId(2)];
        Self {
            dice: Dice(seed),
            nodes,
            lost: Vec::new(),
            tags: all_tags(),
            time: 1_000_000,
            tokens: Vec::new(),
        }
    }

    /// The time of the next entry: mostly a moment later, often at a deadline, seldom long after or in the past.
    pub fn next_time(&mut self, deadline: Option<Millis>) -> Millis {
        let dice = &mut self.dice;
        let until = deadline.map_or(0, |deadline| deadline.0.saturating_sub(self.time));
        let a_month_on = until > 86_400_000 && dice.percent(97);
        self.time += match dice.below(100) {
            0..30 => 0,
            30..60 => dice.below(3_000),
            60..75 if !a_month_on => until,
            75..82 if !a_month_on => until.saturating_sub(1),
            82..88 if !a_month_on => until + dice.below(30_002),
            88..96 => dice.below(12_000),
            96 => dice.below(7_200_000),
            97 => return Millis(self.time.saturating_sub(dice.below(60_000))),
            _ => 1,
        };
        Millis(self.time)
    }

    /// The next entry of the log, sensible or not.
    pub fn next_input(&mut self) -> Input {
        let conn = self.conn();
        match self.dice.below(1_000) {
            0..170 => Input::Registered { conn, registration: self.registration() },
            170..180 => Input::HungUp { conn },
            180..200 => Input::WentAway { conn },
            200..220 => Input::Renamed { conn, nickname: self.nickname(), token: self.token((CLIENTS, 0)) },
            220..240 => Input::ContactsReplaced { conn, contacts: self.contacts() },
            240..250 => Input::ContactsLearned {
                session: SessionHash(self.dice.below(3).into()),
                contacts: self.contacts(),
            },
            250..280 => Input::WentIdle { conn },
            280..284 => Input::NodeLost { node: self.lose_a_node() },
            284..294 => Input::RulesSet(self.rules()),
            294..324 => Input::Tick,
            324..344 => Input::Settled { conn },
            _ => Input::Asked { conn, command: self.command() },
        }
    }

    /// Mostly a connection of a living node; seldom one that nobody ever had, or of a node that is lost.
    fn conn(&mut self) -> ConnId {
        let serial = self.dice.below(SERIALS);
        let node = self.dice.one_of(&self.nodes);
        match self.dice.below(50) {
            0 => ConnId { node, serial: SERIALS + serial },
            1 if !self.lost.is_empty() => ConnId { node: self.dice.one_of(&self.lost), serial },
            _ => ConnId { node, serial },
        }
    }

    fn registration(&mut self) -> Registration {
        let (mut client, mut session) = (self.dice.below(CLIENTS), self.dice.below(2));
        // Half of those who register were here before, or say so, and most of them say who they were.
        let newest = self.tokens.len() as u64;
        let mut resume = None;
        if newest > 0 && self.dice.percent(50) {
            let token = newest - 1 - self.dice.below(TOKENS).min(newest - 1);
            if self.dice.percent(80) {
                (client, session) = self.tokens[token as usize];
            }
            resume = Some(self.resume(token));
        }
        Registration {
            client: ClientHash(client.into()),
            person: PersonId((client % PEOPLE).into()),
            session: SessionHash(session.into()),
            role: if self.dice.percent(20) { Role::Bridge } else { Role::Client },
            nickname: self.nickname(),
            is_chosen: self.dice.percent(80),
            only_reads: self.dice.percent(10),
            token: self.token((client, session)),
            resume: resume.map(Box::new),
        }
    }

    fn token(&mut self, of: (u64, u64)) -> TokenHash {
        self.tokens.push(of);
        TokenHash((self.tokens.len() - 1) as u128)
    }

    fn resume(&mut self, token: u64) -> Resume {
        let token = TokenHash(token.into());
        // Mostly what stands in the token itself.
        let names = self.tokens.get(token.0 as usize).copied().filter(|_| self.dice.percent(40));
        let dice = &mut self.dice;
        let client = names.map(|(client, _)| client).or(dice.percent(30).then(|| dice.below(CLIENTS)));
        let session = names.map(|(_, session)| session).or(dice.percent(30).then(|| dice.below(2)));
        let (client, session) =
            (client.map(|id| ClientHash(id.into())), session.map(|id| SessionHash(id.into())));
        let nickname = self.dice.percent(20).then(|| self.nickname());
        let role = self.dice.percent(10).then_some(Role::Bridge);
        Resume { token, person: None, client, session, role, nickname }
    }

    fn nickname(&mut self) -> Nickname {
        Nickname::random(self.dice.below(1 << 20) as u32)
    }

    fn contacts(&mut self) -> ContactHead {
        let names = ["John", "Sarah", "Mike"];
        ContactHead::of(names.into_iter().take(self.dice.below(4) as usize))
    }

    fn rules(&mut self) -> Rules {
        Rules {
            tags_give_way: self.dice.one_of(&[0, 8, 8, 20].map(Millis::seconds)),
            rematch_after: self.dice.one_of(&[0, 10, 10, 90].map(Millis::seconds)),
            grace: self.dice.one_of(&[0, 20, 60, 60].map(Millis::seconds)),
            most_away: self.dice.one_of(&[0, 1, 2, 20_000]),
            meets_per_minute: self.dice.one_of(&[0, 1, 2, 60]),
        }
    }

    /// A living node dies and is replaced by a new incarnation, or one that is long gone is lost once more.
    fn lose_a_node(&mut self) -> NodeId {
        if !self.lost.is_empty() && self.dice.percent(30) {
            return self.dice.one_of(&self.lost);
        }
        let which = self.dice.below(2) as usize;
        let lost = self.nodes[which];
        self.nodes[which] = NodeId(self.nodes[0].0.max(self.nodes[1].0) + 1);
        self.lost.push(lost);
        lost
    }

    fn command(&mut self) -> Command {
        match self.dice.below(100) {
            0..45 => Command::Meet(self.dice.one_of(&self.tags)),
            45..60 => Command::Again,
            60..72 => Command::Bye,
            72..76 => Command::Hide,
            76..80 => Command::Who,
            80..82 => Command::Help,
            82..88 => Command::Block,
            88..90 => Command::Report,
            _ => Command::Unblock,
        }
    }
}
