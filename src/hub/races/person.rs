//! A person at a door: does with its client what a socket does, one step at a time. A line is shown when the client
//! is told that it was written, so what a socket's own code gets wrong about that is not found here.

use super::*;
use crate::core::{Answer, Command, Nickname, Role};
use crate::hub::{Ask, Card, Client, Heard, Hub, Incoming, Introduction, Push, Returning, Token, Told};
use crate::wire::Pos;
use shuttle::rand::Rng;
use std::mem::take;

/// What the person has seen, by position: lines only.
pub type Screen = Arc<Mutex<BTreeMap<u64, String>>>;

/// Who says that this is their name, and their client_id.
pub fn introduction(hub: &Hub, name: &str, returning: Option<Returning>) -> Introduction {
    let names = || name.to_owned();
    let card = Card { client_id: names(), client_name: names(), session: names(), log_name: String::new() };
    let nickname = Nickname::clean(name, hub.masker()).unwrap();
    Introduction {
        card,
        role: Role::Client,
        nickname,
        is_chosen: true,
        only_reads: false,
        returning,
        person: None,
    }
}

pub struct Person {
    client: Client,
    name: &'static str,
    /// The pair that the news was of that the client opened last.
    pair: Option<PairId>,
    token: Option<Token>,
    /// The partner goes on at another address.
    has_moved_partner: bool,
    said: u64,
    screen: Screen,
    /// Written to the connection, and not on the screen yet.
    unflushed: Vec<(Pos, Option<(String, Fate)>)>,
    fates: Fates,
}

impl Person {
    pub async fn join(hub: &Hub, name: &'static str, fates: &Fates) -> Self {
        let (screen, fates) = (Screen::default(), fates.clone());
        let client = hub.client();
        let unflushed = Vec::new();
        let (pair, token, has_moved_partner, said) = (None, None, false, 0);
        let mut person =
            Self { client, name, pair, token, has_moved_partner, said, screen, unflushed, fates };
        person.register(None).await;
        person
    }

    /// The same person on another connection, not registered yet.
    pub fn elsewhere(&self, hub: &Hub) -> Self {
        Self {
            client: hub.client(),
            token: self.token.clone(),
            screen: self.screen.clone(),
            unflushed: Vec::new(),
            fates: self.fates.clone(),
            ..*self
        }
    }

    pub fn screen(&self) -> Screen {
        self.screen.clone()
    }

    pub fn hub(&self) -> Hub {
        self.client.hub().clone()
    }

    pub fn token(&self) -> Token {
        self.token.clone().unwrap()
    }

    pub fn use_token(&mut self, token: Token) {
        self.token = Some(token);
    }

    /// Goes on with the registration that the token is of.
    pub async fn come_back(&mut self) {
        let returning = Returning {
            names_role: false,
            person: None,
            token: self.token.take().unwrap(),
            names_client: true,
            names_session: true,
            nickname: None,
            seen: None,
        };
        self.register(Some(returning)).await;
    }

    async fn register(&mut self, returning: Option<Returning>) {
        let introduction = introduction(self.client.hub(), self.name, returning);
        self.client.await_answer(None);
        self.client.ask(Ask::Register(Box::new(introduction))).await;
        self.until(|person| person.token.is_some()).await;
    }

    pub fn is_talking(&self) -> bool {
        self.pair.is_some()
    }

    pub fn has_moved_partner(&self) -> bool {
        self.has_moved_partner
    }

    /// Asks, and reads on until the answer is there.
    pub async fn ask(&mut self, command: Command) {
        self.client.await_answer(None);
        self.client.ask(Ask::Command(command)).await;
        self.until(|person| !person.client.is_pending()).await;
    }

    /// Writes a line that says who wrote it, and to whom it is.
    pub fn say(&mut self) {
        let pair = self.pair.unwrap_or_default().0;
        self.said += 1;
        let line = format!("{} {}", self.name, self.said);
        let fate = match self.client.say(&format!("{line} {pair}"), Some(&line)) {
            Heard::Text(Some(_)) => Fate::Taken,
            Heard::Text(None) => Fate::Sent,
            _ => Fate::Refused,
        };
        self.fates.note(&line, fate);
    }

    pub async fn until(&mut self, is_done: impl Fn(&Self) -> bool) {
        while !is_done(self) {
            assert!(self.step().await, "somebody else took over");
        }
    }

    pub fn read_what_is_there(&mut self) {
        while let Some(letter) = self.client.next_letter() {
            self.open(letter);
        }
    }

    /// Reads on until another connection takes over. What it asks meanwhile is answered here or overtaken.
    pub async fn work_until_followed(mut self) {
        self.client.await_answer(None);
        self.client.ask(Ask::Command(Command::Who)).await;
        while self.step().await {}
        // A client that says goodbye just then goes for itself, and not for its registration.
        if shuttle::rand::thread_rng().gen_range(0..2) == 0 {
            self.client.go_away().await;
        } else {
            self.client.leave().await;
        }
    }

    pub async fn leave(mut self) {
        self.client.leave().await;
    }

    /// Loses the connection, and may come back.
    pub async fn go_away(mut self) {
        self.client.go_away().await;
    }

    /// Takes what comes next. `false`: somebody else took over.
    async fn step(&mut self) -> bool {
        match poll_fn(|cx| self.client.poll_incoming(cx)).await {
            Incoming::Letter(letter) => self.open(letter),
            Incoming::Inherited(desk, lost) => {
                let comeback = self.client.take_over(*desk, lost).unwrap();
                self.token = comeback.pending.token;
                let again: Vec<Pos> =
                    self.client.pushed_from(comeback.gap.from).map(|(pos, _)| pos).collect();
                again.into_iter().for_each(|pos| self.write(pos));
            }
            Incoming::Superseded => return false,
            Incoming::Overflown => panic!("there is no limit"),
            Incoming::TurnedOut => panic!("nobody is turned out"),
        }
        self.flush_perhaps();
        true
    }

    fn open(&mut self, letter: Letter) {
        match &letter {
            Letter::Connect(call) => {
                self.has_moved_partner |= self.pair == Some(call.pair);
                self.pair = Some(call.pair);
            }
            Letter::Disconnect { pair, .. } => drop(self.pair.take_if(|own| own == pair)),
            Letter::Resumed { pair } => self.pair = *pair,
            _ => {}
        }
        match self.client.open(letter) {
            Told::Push(pos) => self.write(pos),
            Told::Answer(answer, pending) if matches!(*answer, Answer::Registered(_)) => {
                (self.token, self.pair) = (pending.token, None);
            }
            // It goes on, and nothing is known here of what it was shown elsewhere.
            Told::Lost(pending) => {
                (self.token, self.screen) = (pending.token, Screen::default());
            }
            Told::Receipt(receipt) => {
                let fate = if receipt.outcome.is_ok() { Fate::Taken } else { Fate::Refused };
                self.fates.note(&receipt.request_id.unwrap(), fate);
            }
            _ => {}
        }
    }

    /// Writes a pushed frame to the connection.
    fn write(&mut self, pos: Pos) {
        let line = match self.client.pushed(pos) {
            Some(Push::Text { from, text }) => {
                let (name, pair) = text.text.rsplit_once(' ').unwrap();
                assert!(name.starts_with(from.as_str()), "{name} is not from {}", from.as_str());
                assert_eq!(pair, text.pair.0.to_string());
                assert_eq!(self.pair, Some(text.pair), "{name} was written to somebody else");
                Some((name.to_owned(), Fate::Read))
            }
            Some(Push::Failed(text)) => {
                let (name, _) = text.text.rsplit_once(' ').unwrap();
                Some((name.to_owned(), Fate::Returned))
            }
            _ => None,
        };
        self.unflushed.push((pos, line));
    }

    /// The network may be slow.
    pub fn flush_perhaps(&mut self) {
        if shuttle::rand::thread_rng().gen_range(0..2) == 0 {
            self.flush();
        }
    }

    /// The connection took everything, and the person sees it: by definition, as `Client::written` is what the hub is
    /// told then. What a socket writes without saying so, or says without writing, is not seen here: a farewell, a
    /// write that breaks half way.
    pub fn flush(&mut self) {
        self.client.written(self.client.last_pushed());
        for (pos, line) in take(&mut self.unflushed) {
            let Some((line, fate)) = line else { continue };
            self.fates.note(&line, fate);
            if fate == Fate::Returned {
                continue;
            }
            let mut screen = self.screen.lock().unwrap();
            if let Some((_, last)) = screen.range(..pos.0).next_back() {
                let is_the_same_sender = last.split(' ').next() == line.split(' ').next();
                assert!(!is_the_same_sender || *last < line, "{line} came after {last}");
            }
            let before = screen.insert(pos.0, line.clone());
            assert!(before.is_none(), "{line} was shown already");
            drop(screen);
        }
    }
}
