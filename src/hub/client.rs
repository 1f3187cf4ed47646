//! What a door knows about the client it serves: its desk, its mailbox, and the way to the matchmaker.
//!
//! Everything here is decided at once, without an await; only asking and leaving hand something to the
//! matchmaker. Every door to the exchange uses it, so that all behave alike.

mod account;
mod busy;
mod saying;
mod shown;

use super::ask::{Ask, Comeback, Incoming, Introduction};
use super::desk::{Desk, Told};
use super::directory::Line as Entry;
use super::letter::{Inheritance, Letter};
use super::mailbox::{Mailbox, Refused};
use super::{Card, Hub, Token, give_back, give_back_unread, hand_on};
use crate::core::{Answer, ConnId, Input, Nickname, Registration, Resume, Role};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// One client of the hub, on any door.
pub struct Client {
    hub: Hub,
    conn: ConnId,
    mailbox: Arc<Mailbox>,
    /// Our number as the mailbox's reader.
    reader: u32,
    desk: Desk,
    /// The registration to go on with, while its last reader still has the desk.
    inheritance: Option<Box<Inheritance>>,
}

impl Client {
    pub(super) fn new(hub: Hub, conn: ConnId, mailbox: Arc<Mailbox>) -> Self {
        Self { hub, conn, mailbox, reader: Mailbox::FIRST, desk: Desk::default(), inheritance: None }
    }

    /// Nothing that is pushed has a position that somebody may know of an earlier client.
    pub(super) fn begin_anywhere(&mut self) {
        self.desk.begin_anywhere();
    }

    /// Who the client said it is, once it registered.
    pub fn card(&self) -> Option<&Arc<Card>> {
        self.desk.card.as_ref()
    }

    /// The nickname in force.
    pub fn nickname(&self) -> Option<&Nickname> {
        self.desk.nickname.as_ref()
    }

    /// Whom the person talks with.
    pub fn partner(&self) -> Option<&Nickname> {
        self.desk.call.as_ref().map(|call| &call.nickname)
    }

    /// The exchange.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// A short name for logs that says nothing about who it is.
    pub fn log_name(&self) -> &str {
        self.card().map_or("unregistered", |card| &card.log_name)
    }

    /// Whether the person went on in spite of warnings that they are too fast.
    pub fn goes_too_far(&self) -> bool {
        self.desk.goes_too_far
    }

    /// Whether the matchmaker still owes an answer.
    pub fn is_pending(&self) -> bool {
        self.desk.pending.is_some()
    }

    /// Lets the matchmaker know that the client has its newest token.
    pub async fn settle(&mut self) {
        self.hub.append(Input::Settled { conn: self.conn }).await;
    }

    /// Notes the request that is handed to the matchmaker next.
    pub fn await_answer(&mut self, request_id: Option<&str>) {
        self.desk.await_answer(request_id);
    }

    /// Takes what comes next: first the early lines that may be shown by now, then from the mailbox.
    pub fn poll_incoming(&mut self, cx: &mut Context<'_>) -> Poll<Incoming> {
        if let Some((mailbox, reader)) = self.inheritance.as_ref().and_then(|found| found.mailbox.as_ref()) {
            return Poll::Ready(match ready!(mailbox.poll_desk(*reader, cx)) {
                Some((desk, lost)) => Incoming::Inherited(Box::new(desk), lost),
                None => Incoming::Superseded,
            });
        }
        match self.desk.early_line() {
            Some(line) => Poll::Ready(Incoming::Letter(line)),
            None => self.mailbox.poll_take(self.reader, cx).map(Incoming::from),
        }
    }

    /// The next letter, if there is one now.
    pub fn next_letter(&mut self) -> Option<Letter> {
        self.desk.early_line().or_else(|| self.mailbox.take(self.reader))
    }

    /// Whether something is wrong with the mailbox, for whoever can't take letters now.
    pub fn poll_trouble(&self, cx: &mut Context<'_>) -> Poll<Incoming> {
        self.mailbox.poll_trouble(self.reader, cx).map(Incoming::from)
    }

    /// Reads a letter: notes what it changes, and returns what to tell the person.
    pub fn open(&mut self, letter: Letter) -> Told {
        match letter {
            Letter::Inherit(inheritance) => self.inherit(inheritance),
            Letter::Sweep(idle_for) => self.hear_of_sweep(idle_for),
            letter => self.read(letter),
        }
    }

    fn read(&mut self, letter: Letter) -> Told {
        let was_known = self.desk.nickname.is_some();
        let told = self.desk.open(self.hub.clock(), letter);
        if !was_known && self.desk.nickname.is_some() {
            tracing::info!(client = self.log_name(), "A client registered");
        }
        match told {
            Told::Undelivered(text, why) => {
                give_back(text, why, self.hub.metrics(), self.hub.post());
                Told::Nothing
            }
            Told::Answer(answer, mut pending) => match pending.text.take_if(|_| is_command(&answer)) {
                Some(text) => {
                    Told::Written(self.write(text.as_str(), pending.request_id.as_deref()), pending)
                }
                None => Told::Answer(answer, pending),
            },
            told => told,
        }
    }

    /// The `register` goes on with another registration: once its last reader left the desk, or, if nothing is
    /// left of it, at once and with an empty one.
    fn inherit(&mut self, inheritance: Box<Inheritance>) -> Told {
        self.desk.go_by(inheritance.nickname.clone(), inheritance.masking);
        self.desk.card = Some(inheritance.card.clone());
        if let Some((mailbox, reader)) = &inheritance.mailbox {
            // What the partner wrote to this connection, having heard of the return first.
            let early = self.desk.take_early();
            hand_on(early, (mailbox, *reader), self.hub.metrics(), self.hub.post());
            self.inheritance = Some(inheritance);
            return Told::Nothing;
        }
        self.desk.begin_anew();
        match self.desk.pending.take() {
            Some(pending) => Told::Lost(*pending),
            None => Told::Nothing,
        }
    }

    /// Sits down at the desk that the last reader left.
    pub fn take_over(&mut self, desk: Desk, lost: u64) -> Option<Comeback> {
        let inheritance = self.inheritance.take()?;
        let (mailbox, reader) = inheritance.mailbox?;
        // That they were idle may have been said as they came back, and then nobody heard it.
        if mailbox.activity.last().is_none() {
            self.mailbox.activity.last().into_iter().for_each(|active| mailbox.activity.note(active));
        }
        (self.mailbox, self.reader) = (mailbox, reader);
        let mine = std::mem::replace(&mut self.desk, desk);
        // What the matchmaker said of that may have found no room in the mailbox.
        (self.desk.nickname, self.desk.unmasked) = (Some(inheritance.nickname), !inheritance.masking);
        self.desk.replay.add_lost(lost);
        (self.desk.goes_too_far, self.desk.is_swept) = (false, false);
        self.desk.token = self.desk.token.next();
        tracing::info!(client = self.log_name(), "A client came back");
        let pending = *mine.pending?;
        let gap = self.desk.replay.gap(pending.seen);
        if let Some(seen) = pending.seen {
            self.handled(seen);
        }
        // An answer that is still to come would bring a token that is dead by now.
        if let Some(held) = self.desk.pending.as_mut().filter(|held| held.token.is_some()) {
            held.token.clone_from(&pending.token);
        }
        Some(Comeback { pending, gap })
    }

    /// Hands the matchmaker a request. Its answer comes by mailbox.
    pub async fn ask(&mut self, ask: Ask) {
        let conn = self.conn;
        let input = match ask {
            Ask::Register(introduction) => self.register(*introduction),
            Ask::Rename { card, nickname } => {
                if let Some(card) = card {
                    let card = self.named(card);
                    self.desk.card = Some(card.clone());
                    self.hub.rename(conn, card);
                }
                self.desk.token = self.desk.token.next();
                let token = self.new_token();
                let token = self.hub.token_hash(&token);
                Input::Renamed { conn, nickname, token }
            }
            Ask::Command(command) => Input::Asked { conn, command },
            Ask::Contacts(_) | Ask::Account { .. } | Ask::Report { .. } | Ask::Arrival { .. } => {
                return self.ask_account(ask).await;
            }
        };
        self.hub.append(input).await;
    }

    /// What the client is in its session.
    pub fn role(&self) -> Role {
        self.desk.role
    }

    fn register(&mut self, new: Introduction) -> Input {
        let Introduction { card, person, nickname, is_chosen, only_reads, role, returning } = new;
        (self.desk.role, self.desk.registration) = (role, self.conn.serial);
        self.desk.is_a_principals = person.is_some();
        let token = self.new_token();
        let former = returning.as_ref().and_then(|returning| returning.token.names());
        if let (Some(returning), Some(pending)) = (&returning, &mut self.desk.pending) {
            (pending.returning, pending.seen) = (true, returning.seen);
        }
        let client = self.hub.client_hash(&card.client_id);
        let session = self.hub.session_hash(&card.session);
        // What the client does not say itself, its token says.
        let names = former
            .as_ref()
            .map(|former| (self.hub.client_hash(&former.client_id), self.hub.session_hash(&former.session)));
        let resume = returning.map(|returning| Resume {
            token: self.hub.token_hash(&returning.token),
            person: returning.person,
            client: returning.names_client.then_some(client).or(names.map(|(client, _)| client)),
            session: returning.names_session.then_some(session).or(names.map(|(_, session)| session)),
            role: returning.names_role.then_some(role),
            nickname: returning.nickname,
        });
        let (person, token) = (person.unwrap_or_else(|| self.hub.new_person()), self.hub.token_hash(&token));
        let registration = Registration {
            client,
            person,
            session,
            role,
            nickname,
            is_chosen,
            only_reads,
            token,
            resume: resume.map(Box::new),
        };
        // Who only reads, and is nobody who talks elsewhere, does nothing.
        if self.desk.is_a_principals || !only_reads {
            self.be_active();
        }
        let former = former.map(|former| self.named(former));
        let card = self.named(card);
        self.desk.card = Some(card.clone());
        self.hub.attach(self.conn, Entry { mailbox: self.mailbox.clone(), card, is_member: false, former });
        Input::Registered { conn: self.conn, registration }
    }

    /// Makes the token that the answer to this request will bring.
    fn new_token(&mut self) -> Token {
        let token = Token::random();
        if let Some(pending) = &mut self.desk.pending {
            pending.token = Some(token.clone());
        }
        token
    }

    fn named(&self, mut card: Card) -> Arc<Card> {
        card.log_name = self.hub.client_hash(&card.client_id).to_string();
        Arc::new(card)
    }

    /// Takes nothing more. Whoever sent something that was not read is told. A registration that goes on
    /// elsewhere is left alone, desk and all.
    pub fn fall_silent(&mut self) {
        let desk = std::mem::take(&mut self.desk);
        match self.mailbox.close(Some(self.reader)) {
            Some(unread) => {
                self.give_back(desk.into_unshown().chain(unread.into_letters()), Refused::Closed);
            }
            None => self.park(desk),
        }
    }

    /// Leaves the desk. If the registration went on on another node, nobody comes for it.
    fn park(&self, desk: Desk) {
        let left = self.mailbox.park(desk).into_iter().flat_map(Desk::into_unshown);
        self.give_back(left, self.mailbox.why_closed().unwrap_or(Refused::Closed));
    }

    fn give_back(&self, letters: impl Iterator<Item = Letter>, why: Refused) {
        give_back_unread(letters, (&self.mailbox, why), self.hub.metrics(), self.hub.post());
    }

    /// The connection is over, and the client said goodbye: the matchmaker and the others hear so.
    pub async fn leave(&mut self) {
        if self.card().is_some() {
            tracing::info!(client = self.log_name(), "A client left");
            self.fall_silent();
            self.hub.append(Input::HungUp { conn: self.conn }).await;
        }
    }

    /// The connection is over, but the client may come back: its desk stays.
    pub async fn go_away(&mut self) {
        if self.card().is_some() {
            tracing::info!(client = self.log_name(), "A client lost its connection");
            let desk = std::mem::take(&mut self.desk);
            self.park(desk);
            self.hub.append(Input::WentAway { conn: self.conn }).await;
        }
    }
}

fn is_command(answer: &Answer) -> bool {
    matches!(answer, Answer::Command(_))
}
