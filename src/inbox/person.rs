//! One person without a socket: their client at the hub, and what waits for them.
//!
//! The task does one thing after the other, as its person does: it takes what comes from the hub, serves whoever
//! calls, and ends when the person did nothing for `chat.idle_after`.

mod saying;

use super::line;
use super::shelf::{Entry, Look, Shelf};
use super::{Errand, Page, Reply, Waited};
use crate::core::{Answer, Millis, Nickname, Notice, PersonId, Role, State};
use crate::hub::{
    Alarm, Ask, Card, Client, Hub, Incoming, Introduction, Letter, Push, Receipt, Refused, Text, Told,
};
use crate::wire::Pos;
use futures::FutureExt;
use futures::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::task::{Context, Poll};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Whoever waited so lately is about to ask what came.
const WAITS_ON: Millis = Millis::seconds(120);

/// What reaches the task.
pub enum Message {
    Errand { errand: Errand, nickname: Option<Nickname>, answer: oneshot::Sender<Page> },
    Wait { answer: oneshot::Sender<Waited> },
}

/// What the task was woken by.
enum Event {
    Incoming(Incoming),
    Message(Message),
    /// Something is to be looked after.
    Due,
    /// Nobody can call any more.
    Nobody,
}

/// What a letter was.
enum Came {
    Answer(Answer),
    /// What became of a text that went to another node, or of one that came back.
    Receipt(Receipt),
    Else,
}

/// Why the task ends.
enum End {
    /// The person did nothing for too long, or can't be served any more.
    Gone,
    /// The house closes.
    Stopped,
}

/// See the module.
pub struct Person {
    id: PersonId,
    client: Client,
    messages: mpsc::Receiver<Message>,
    shelf: Shelf,
    state: State,
    alarm: Alarm,
    waiter: Option<oneshot::Sender<Waited>>,
    /// When somebody began to wait last.
    waited: Option<Millis>,
    /// Whether they were told that they did nothing for too long.
    is_warned: bool,
    is_registered: bool,
    /// How many texts they wrote.
    texts: u64,
    /// Whose senders are to hear that they were shown, once they are: one for each new line.
    unseen: Vec<Option<Text>>,
}

impl Person {
    /// Somebody who just came.
    pub fn new(hub: &Hub, id: PersonId, messages: mpsc::Receiver<Message>) -> Self {
        Self {
            id,
            client: hub.caller(),
            messages,
            shelf: Shelf::default(),
            state: State::Idle,
            alarm: Alarm::default(),
            waiter: None,
            waited: None,
            is_warned: false,
            is_registered: false,
            texts: 0,
            unseen: Vec::new(),
        }
    }

    /// Serves until the person is gone, or everybody is sent home.
    pub async fn live(mut self, stop: CancellationToken) {
        // Also after a panic: the others must hear that this person is gone.
        let serving = AssertUnwindSafe(self.serve()).catch_unwind();
        let end = match stop.run_until_cancelled(serving).await {
            Some(_) => End::Gone,
            None => End::Stopped,
        };
        self.messages.close();
        let Self { mut client, shelf, is_registered, .. } = self;
        // Whoever wrote what was never read hears so, before they hear that the partner is gone.
        shelf.into_unshown().for_each(|text| client.text_unshown(text, Refused::Closed));
        match end {
            End::Gone => {
                if is_registered && client.is_idle() {
                    client.say_idle().await;
                }
                client.leave().await;
            }
            End::Stopped => client.fall_silent(),
        }
    }

    async fn serve(&mut self) {
        loop {
            match poll_fn(|cx| self.pick(cx)).await {
                Event::Incoming(Incoming::Letter(letter)) => {
                    self.take(letter);
                }
                // The mailbox can't be read any further.
                Event::Incoming(_) => return,
                // Whoever hung up reads nothing.
                Event::Message(Message::Errand {
                    errand: Errand::Read | Errand::ReadAfter(_),
                    answer,
                    ..
                }) if answer.is_closed() => {}
                Event::Message(Message::Errand { errand, nickname, answer }) => {
                    let page = self.run(errand, nickname).await;
                    self.hand_over(page, answer);
                }
                Event::Message(Message::Wait { answer }) => {
                    self.come_to_read().await;
                    self.wait(answer);
                }
                Event::Due => self.look_after().await,
                Event::Nobody => return,
            }
            if self.is_registered && self.client.is_idle() {
                return;
            }
        }
    }

    /// Gives an answer. If nobody waits for it any more, what is in it is shown to whoever asks next.
    fn hand_over(&mut self, page: Page, answer: oneshot::Sender<Page>) {
        let texts = std::mem::take(&mut self.unseen);
        match answer.send(page) {
            Ok(()) => texts.iter().flatten().for_each(|text| self.client.text_shown(text)),
            Err(Page { lines, dropped, .. }) => self.shelf.put_back(Look { lines, texts, dropped }),
        }
    }

    /// Whoever did nothing for too long goes. Who has a chat to lose and waits for news of it hears so first.
    async fn look_after(&mut self) {
        if !self.client.falls_idle() || self.is_warned {
            return;
        }
        let now = self.client.hub().clock().now();
        let waits = self.waited.is_some_and(|at| at.plus(WAITS_ON) > now);
        if waits && self.state() != State::Idle {
            self.is_warned = true;
            self.client.say_idle().await;
            // For as long again, they may read it.
            self.client.be_active();
        }
    }

    /// What came from the hub first, so that whoever calls sees all of it.
    fn pick(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        if let Poll::Ready(incoming) = self.client.poll_incoming(cx) {
            return Poll::Ready(Event::Incoming(incoming));
        }
        if let Poll::Ready(message) = self.messages.poll_recv(cx) {
            return Poll::Ready(message.map_or(Event::Nobody, Event::Message));
        }
        if let Some(at) = self.client.due_at() {
            self.alarm.set(self.client.hub().clock(), at);
        }
        self.alarm.poll(cx).map(|()| Event::Due)
    }

    /// Takes what came: puts it on the shelf, if it is for later.
    fn take(&mut self, letter: Letter) -> Came {
        match self.client.open(letter) {
            Told::Push(pos) => self.keep(pos).map_or(Came::Else, Came::Receipt),
            Told::Answer(answer, _) => {
                if let Answer::Command(reply) = &*answer {
                    self.state = reply.state.clone();
                }
                Came::Answer(*answer)
            }
            Told::Receipt(receipt) => Came::Receipt(*receipt),
            _ => Came::Else,
        }
    }

    /// Puts a line on the shelf, and wakes whoever waits for one. Returns which text came back, if one did, and why.
    fn keep(&mut self, pos: Pos) -> Option<Receipt> {
        let push = self.client.take_pushed()?;
        let back = match &push {
            Push::Failed(text) => {
                Some(Receipt { request_id: text.request_id.clone(), outcome: Err(text.why) })
            }
            _ => None,
        };
        if let Push::Notice(notice) = &push
            && let Notice::Connected(_) | Notice::ConnectedAnew(_) | Notice::PartnerLeft | Notice::Expired =
                **notice
        {
            self.state = State::Idle;
        }
        let (line, text) = line::of(pos, push)?;
        for gone in self.shelf.put(Entry { line, text }) {
            gone.text.into_iter().for_each(|text| self.client.text_unshown(text, Refused::Full));
        }
        if let Some(waiter) = self.waiter.take() {
            // Whoever does not wait any more finds it later.
            let _ = waiter.send(Waited::Came);
        }
        back
    }

    /// Where the person is. They may have come here from another door, chat and all.
    fn state(&self) -> State {
        match (self.client.partner(), &self.state) {
            (Some(partner), _) => State::Paired(partner.clone()),
            (None, State::Paired(_)) => State::Idle,
            (None, state) => state.clone(),
        }
    }

    fn wait(&mut self, answer: oneshot::Sender<Waited>) {
        self.waited = Some(self.client.hub().clock().now());
        if let Some(before) = self.waiter.take() {
            let _ = before.send(Waited::Superseded);
        }
        if self.shelf.is_empty() {
            self.waiter = Some(answer);
        } else {
            let _ = answer.send(Waited::Came);
        }
    }

    async fn run(&mut self, errand: Errand, nickname: Option<Nickname>) -> Page {
        match errand {
            Errand::Read => {
                let look = self.shelf.look();
                self.page(look, None)
            }
            Errand::ReadAfter(pos) => {
                let look = self.shelf.look_after(pos);
                self.page(look, None)
            }
            Errand::Say(said) if said.as_str().trim().eq_ignore_ascii_case("#m") => {
                self.come_to_read().await;
                self.look_once_more()
            }
            Errand::Say(said) => {
                self.introduce(nickname).await;
                self.say(said.as_str()).await
            }
        }
    }

    fn look_once_more(&mut self) -> Page {
        self.is_warned = false;
        self.client.be_active();
        let look = self.shelf.look_once_more();
        let reply = look.lines.is_empty().then(|| Reply::plain("📭 Inbox empty."));
        self.page(look, reply)
    }

    fn page(&mut self, look: Look, reply: Option<Reply>) -> Page {
        let Look { lines, texts, dropped } = look;
        self.unseen = texts;
        Page { lines, dropped, reply, state: self.state() }
    }

    /// Comes in to talk, or goes by another name from here on.
    async fn introduce(&mut self, nickname: Option<Nickname>) {
        if !self.is_registered {
            self.come_in(nickname, false).await;
        } else if let Some(nickname) = nickname.filter(|name| self.client.nickname() != Some(name)) {
            self.ask(Ask::Rename { card: None, nickname }).await;
        }
    }

    /// Comes in, if need be, without touching a chat that the person has elsewhere.
    async fn come_to_read(&mut self) {
        if !self.is_registered {
            self.come_in(None, true).await;
        }
    }

    async fn come_in(&mut self, nickname: Option<Nickname>, only_reads: bool) {
        let introduction = Introduction {
            card: card(),
            person: Some(self.id),
            is_chosen: nickname.is_some(),
            nickname: nickname.unwrap_or_else(|| Nickname::random(Uuid::new_v4().as_fields().0)),
            only_reads,
            role: Role::Client,
            returning: None,
        };
        self.is_registered = self.ask(Ask::Register(Box::new(introduction))).await.is_some();
    }

    /// Asks the matchmaker, and takes what comes until its answer does.
    async fn ask(&mut self, ask: Ask) -> Option<Answer> {
        self.client.await_answer(None);
        self.client.ask(ask).await;
        while self.client.is_pending() {
            let Incoming::Letter(letter) = poll_fn(|cx| self.client.poll_incoming(cx)).await else {
                return None;
            };
            if let Came::Answer(answer) = self.take(letter) {
                return Some(answer);
            }
        }
        None
    }
}

/// A session of their own: nobody else of it hears who they are, and they share no contacts.
fn card() -> Card {
    let name = Uuid::new_v4().simple().to_string();
    Card { client_id: name.clone(), client_name: String::new(), session: name, log_name: String::new() }
}
