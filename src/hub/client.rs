//! What a door knows about the client it serves: who it says it is, and the call it is on.
//!
//! Everything here is decided at once, without an await; only [`Client::ask`] and [`Client::leave`] hand
//! something to the matchmaker. Every door to the exchange uses it, so that all behave alike.

use super::mailbox::{Call, Letter, Mailbox, Refused, Shared, Text};
use super::{Card, Hub};
use crate::core::mask::Trail;
use crate::core::{
    Answer, Command, ConnId, ContactHead, Input, Line, Millis, Nickname, Notice, PairId, Registration,
    TagError, Verb,
};
use crate::metrics::Outcome;
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};

/// How many lines may come before the news of the call they belong to: the partner hears of it first, and may
/// have typed ahead.
const EARLY: usize = 32;

/// One client of the hub, on any door.
pub struct Client {
    hub: Hub,
    conn: ConnId,
    mailbox: Arc<Mailbox>,
    card: Option<Arc<Card>>,
    nickname: Option<Nickname>,
    call: Option<Box<Call>>,
    /// The newest pair this client was in.
    last_pair: PairId,
    /// Whether the person was told about the call. Until then the partner's lines wait.
    announced: bool,
    /// Lines of a call that the person does not know of yet, oldest first.
    early: VecDeque<Text>,
    masking: bool,
    trail: Trail,
    /// When the person last did something; `None` once they were found idle.
    active: Option<Millis>,
}

/// What a client wants from the matchmaker. Each has one answer, which comes by mailbox.
#[derive(Debug)]
pub enum Ask {
    Register {
        card: Card,
        nickname: Nickname,
    },
    /// Other names for a client that is registered: the card is a new one where the client's name changed.
    Rename {
        card: Option<Card>,
        nickname: Nickname,
    },
    Command(Command),
    Contacts(ContactHead),
}

/// What became of a typed line.
pub enum Heard<'t> {
    /// It is a command for the matchmaker.
    Command(Command),
    /// It is nearly a command, and was not sent on.
    Slip { word: &'t str, meant: Verb },
    /// It is `#meet` with impossible tags.
    BadTags(TagError),
    /// It is a text, and in the partner's mailbox.
    Delivered,
    /// It is a text, and was not taken.
    Refused(Notice),
}

/// What a letter means to the person.
pub enum Told {
    /// The answer to what was asked.
    Answer(Box<Answer>),
    Notice(Box<Notice>),
    /// A line from the partner of this name.
    Text {
        from: Nickname,
        text: Box<str>,
    },
    /// A text of one's own that could not be shown.
    Failed(Box<Text>),
    Shared(Arc<Shared>),
    /// Nothing to tell.
    Nothing,
}

impl Client {
    pub(super) fn new(hub: Hub, conn: ConnId, mailbox: Arc<Mailbox>) -> Self {
        Self {
            hub,
            conn,
            mailbox,
            card: None,
            nickname: None,
            call: None,
            last_pair: PairId(0),
            announced: false,
            early: VecDeque::new(),
            masking: true,
            trail: Trail::default(),
            active: None,
        }
    }

    /// Who the client said it is, once it registered.
    pub fn card(&self) -> Option<&Arc<Card>> {
        self.card.as_ref()
    }

    /// The nickname in force.
    pub fn nickname(&self) -> Option<&Nickname> {
        self.nickname.as_ref()
    }

    /// The exchange.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// A short name for logs that says nothing about who it is.
    pub fn log_name(&self) -> &str {
        self.card.as_ref().map_or("unregistered", |card| &card.log_name)
    }

    /// Takes a line that the person typed.
    pub fn say<'t>(&mut self, line: &'t str, request_id: Option<&str>) -> Heard<'t> {
        self.active = Some(self.hub.clock().now());
        let limit = self.hub.longest_text();
        if limit > 0 && line.len() > limit && line.chars().count() > limit {
            self.hub.metrics().text(Outcome::Refused);
            return Heard::Refused(Notice::TooLong(limit));
        }
        match Line::read(line, self.hub.masker()) {
            Line::Command(command) => Heard::Command(command),
            Line::Slip { word, meant } => Heard::Slip { word, meant },
            Line::BadTags(error) => Heard::BadTags(error),
            Line::Text => match self.send(line, request_id) {
                Ok(()) => Heard::Delivered,
                Err(notice) => Heard::Refused(notice),
            },
        }
    }

    fn send(&mut self, line: &str, request_id: Option<&str>) -> Result<(), Notice> {
        let outcome = self.push_text(line, request_id);
        let counted = if outcome.is_ok() { Outcome::Delivered } else { Outcome::Refused };
        self.hub.metrics().text(counted);
        outcome
    }

    fn push_text(&mut self, line: &str, request_id: Option<&str>) -> Result<(), Notice> {
        let Some(call) = &self.call else { return Err(Notice::NoPartner) };
        let text =
            if self.masking { self.hub.masker().mask_next(&mut self.trail, line) } else { line.into() };
        let text = Text {
            pair: call.pair,
            sender: self.mailbox.clone(),
            request_id: request_id.map(Into::into),
            text: text.into(),
        };
        call.partner.push(Letter::Text(text)).map_err(|(refused, _)| match refused {
            Refused::Full => Notice::PartnerTooSlow,
            Refused::Closed => Notice::PartnerLeft,
        })
    }

    /// The person types, or stopped. Without a partner nobody cares.
    pub fn typing(&mut self, active: bool) {
        self.active = Some(self.hub.clock().now());
        if let Some(call) = &self.call {
            // A hint that finds no room is no loss.
            let _ = call.partner.push(Letter::Typing(call.pair, active));
        }
    }

    /// Takes the next letter: first the early lines that may be shown by now, then from the mailbox. `None`: it
    /// has overflown.
    pub fn poll_letter(&mut self, cx: &mut Context<'_>) -> Poll<Option<Letter>> {
        match self.early_line() {
            Some(line) => Poll::Ready(Some(line)),
            None => self.mailbox.poll_take(cx),
        }
    }

    fn early_line(&mut self) -> Option<Letter> {
        let last_pair = self.last_pair;
        let may_be_judged = |text: &Text| self.announced && text.pair <= last_pair;
        if self.early.front().is_some_and(may_be_judged) {
            self.early.pop_front().map(Letter::Text)
        } else {
            None
        }
    }

    /// The next letter, if there is one now.
    pub fn next_letter(&mut self) -> Option<Letter> {
        self.early_line().or_else(|| self.mailbox.take())
    }

    /// Whether the mailbox has overflown, for whoever can't take letters now.
    pub fn poll_overflown(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.mailbox.poll_overflown(cx)
    }

    /// Reads a letter: notes what it changes, and returns what to tell the person.
    pub fn open(&mut self, letter: Letter) -> Told {
        match letter {
            Letter::Answer(answer) => self.note(answer),
            Letter::Tell(notice) => {
                self.announced = true;
                Told::Notice(notice)
            }
            Letter::Connect(call) => self.connect(call),
            Letter::Disconnect(pair) => {
                self.call.take_if(|call| call.pair == pair);
                Told::Nothing
            }
            Letter::Text(text) => self.hear(text),
            Letter::Typing(pair, active) => match &self.call {
                Some(call) if call.pair == pair && self.announced => {
                    Told::Notice(Box::new(Notice::Typing(active)))
                }
                _ => Told::Nothing,
            },
            Letter::Failed(text) => Told::Failed(text),
            Letter::Shared(shared) => Told::Shared(shared),
        }
    }

    fn connect(&mut self, call: Box<Call>) -> Told {
        if self.call.as_ref().is_none_or(|before| before.pair != call.pair) {
            self.trail = Trail::default();
        }
        self.announced &= !call.is_news;
        self.last_pair = self.last_pair.max(call.pair);
        self.call = Some(call);
        Told::Nothing
    }

    /// A line from somebody who believes to be the partner: shown if they are, kept if they will be in a moment,
    /// and given back if they were.
    fn hear(&mut self, text: Text) -> Told {
        match &self.call {
            Some(call) if call.pair == text.pair && self.announced => {
                Told::Text { from: call.nickname.clone(), text: text.text }
            }
            Some(call) if call.pair == text.pair => self.keep(text),
            _ if text.pair > self.last_pair => self.keep(text),
            _ => self.give_back(text),
        }
    }

    fn keep(&mut self, text: Text) -> Told {
        if self.early.len() >= EARLY {
            return self.give_back(text);
        }
        self.early.push_back(text);
        Told::Nothing
    }

    fn give_back(&self, text: Text) -> Told {
        self.return_to_sender(text);
        Told::Nothing
    }

    fn note(&mut self, answer: Box<Answer>) -> Told {
        match &*answer {
            Answer::Command(reply) => {
                self.announced = true;
                if let Notice::Masking(on) = reply.notice {
                    self.masking = on;
                }
            }
            Answer::ClientIdTaken | Answer::NotRegistered => self.card = None,
            Answer::Registered(nickname) => {
                if self.nickname.replace(nickname.clone()).is_none() {
                    tracing::info!(client = self.log_name(), "A client registered");
                }
            }
            Answer::Contacts(_) => {}
        }
        Told::Answer(answer)
    }

    fn return_to_sender(&self, text: Text) {
        self.hub.metrics().text(Outcome::Failed);
        let sender = text.sender.clone();
        // A sender who is gone needs no news.
        let _ = sender.push(Letter::Failed(Box::new(text)));
    }

    /// Hands the matchmaker a request. Its answer comes by mailbox.
    pub async fn ask(&mut self, ask: Ask) {
        let conn = self.conn;
        let input = match ask {
            Ask::Register { card, nickname } => self.register(card, nickname).await,
            Ask::Rename { card, nickname } => {
                if let Some(card) = card {
                    self.show(card).await;
                }
                Input::Renamed { conn, nickname }
            }
            Ask::Command(command) => Input::Asked { conn, command },
            Ask::Contacts(contacts) => Input::ContactsReplaced { conn, contacts },
        };
        self.hub.append(input).await;
    }

    async fn register(&mut self, card: Card, nickname: Nickname) -> Input {
        let registration = Registration {
            client: self.hub.client_hash(&card.client_id),
            person: self.hub.new_person(),
            session: self.hub.session_hash(&card.session),
            nickname,
        };
        self.active = Some(self.hub.clock().now());
        self.show(card).await;
        Input::Registered { conn: self.conn, registration }
    }

    /// From now on the session knows the client by this card.
    async fn show(&mut self, mut card: Card) {
        card.log_name = self.hub.client_hash(&card.client_id).to_string();
        let card = Arc::new(card);
        self.card = Some(card.clone());
        self.hub.attach(self.conn, self.mailbox.clone(), card).await;
    }

    /// When the person counts as idle, unless they do something.
    pub fn idle_at(&self) -> Option<Millis> {
        let idle_after = self.hub.0.house.idle_after;
        let limited = idle_after > Millis(0) && self.card.is_some();
        self.active.filter(|_| limited).map(|active| active.plus(idle_after))
    }

    /// Says so once if the person has been idle for too long.
    pub async fn expire_if_idle(&mut self) {
        if self.idle_at().is_some_and(|at| at <= self.hub.clock().now()) {
            self.active = None;
            self.hub.append(Input::WentIdle { conn: self.conn }).await;
        }
    }

    /// Takes nothing more. Whoever sent something that was not read is told.
    pub fn fall_silent(&mut self) {
        let unread = self.mailbox.close().into_iter();
        let texts =
            unread.filter_map(|letter| if let Letter::Text(text) = letter { Some(text) } else { None });
        for text in std::mem::take(&mut self.early).into_iter().chain(texts) {
            self.return_to_sender(text);
        }
        self.call = None;
    }

    /// The connection is over: the matchmaker and the others hear so.
    pub async fn leave(&mut self) {
        self.fall_silent();
        if let Some(card) = self.card.take() {
            tracing::info!(client = card.log_name, "A client left");
            self.hub.append(Input::HungUp { conn: self.conn }).await;
        }
    }
}
