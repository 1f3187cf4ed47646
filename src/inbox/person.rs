//! One person without a socket: their client at the hub, and what waits for them.
//!
//! The task does one thing after the other, as its person does: it takes what comes from the hub, serves whoever
//! calls, and ends when the person did nothing for `chat.idle_after`.

use super::line;
use super::shelf::{Entry, Look, Shelf};
use super::{Errand, Page, Refusal, Reply, Waited};
use crate::core::{Answer, Millis, Nickname, Notice, PersonId, Role, State};
use crate::hub::{Alarm, Ask, Card, Client, Heard, Hub, Incoming, Introduction, Push, Refused, Text, Told};
use crate::wire::{Code, CommandResult, Pos, TextResult, hint};
use futures::FutureExt;
use futures::future::poll_fn;
use std::borrow::Cow;
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
                Event::Incoming(incoming @ Incoming::Letter(_)) => {
                    self.take(incoming);
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
                    self.introduce(None).await;
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

    /// Takes what came, and returns the answer to a request, if it is one.
    fn take(&mut self, incoming: Incoming) -> Option<Answer> {
        let Incoming::Letter(letter) = incoming else { return None };
        match self.client.open(letter) {
            Told::Push(pos) => self.keep(pos),
            Told::Answer(answer, _) => {
                if let Answer::Command(reply) = &*answer {
                    self.state = reply.state.clone();
                }
                return Some(*answer);
            }
            _ => {}
        }
        None
    }

    /// Puts a line on the shelf, and wakes whoever waits for one.
    fn keep(&mut self, pos: Pos) {
        let Some(push) = self.client.take_pushed() else { return };
        if let Push::Notice(notice) = &push
            && let Notice::Connected(_) | Notice::ConnectedAnew(_) | Notice::PartnerLeft | Notice::Expired =
                **notice
        {
            self.state = State::Idle;
        }
        let Some((line, text)) = line::of(pos, push) else { return };
        for gone in self.shelf.put(Entry { line, text }) {
            gone.text.into_iter().for_each(|text| self.client.text_unshown(text, Refused::Full));
        }
        if let Some(waiter) = self.waiter.take() {
            // Whoever does not wait any more finds it later.
            let _ = waiter.send(Waited::Came);
        }
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
            Errand::Say(said) => {
                self.introduce(nickname).await;
                self.say(said.as_str()).await
            }
        }
    }

    async fn say(&mut self, said: &str) -> Page {
        self.is_warned = false;
        let line = said.trim();
        if line.eq_ignore_ascii_case("#m") {
            self.client.be_active();
            let look = self.shelf.look_once_more();
            let reply = look.lines.is_empty().then(|| Reply::plain("📭 Inbox empty."));
            return self.page(look, reply);
        }
        let reply = match text_of_r(line) {
            Some(text) => self.write(text),
            None => self.heard(said).await,
        };
        // What came until the answer stands before it, and nothing that came later: it is not taken yet.
        let look = self.shelf.look();
        self.page(look, Some(reply))
    }

    async fn heard(&mut self, said: &str) -> Reply {
        if said.trim().is_empty() {
            return Reply::refused("There is no text in this message.", Code::InvalidMessage, None);
        }
        match self.client.say(said, None) {
            Heard::Command(command) => match self.ask(Ask::Command(command)).await {
                Some(Answer::Command(reply)) => Reply::to_command(&CommandResult::of(&reply)),
                _ => Reply::refused("This could not be done. Try again.", Code::Internal, None),
            },
            Heard::Text(_) => Reply::plain("📤 Message sent."),
            Heard::Refused(notice) => Reply::to_text(&TextResult::refused(&notice)),
            Heard::Slip { word, meant } => Reply::refused(hint(word, meant), Code::InvalidMessage, None),
            Heard::BadTags(error) => Reply::refused(format!("Tags: {error}."), Code::InvalidMessage, None),
        }
    }

    /// `#r text`: this is a text, whatever it looks like.
    fn write(&mut self, text: &str) -> Reply {
        if text.is_empty() {
            return Reply::refused("There is no text in this message.", Code::InvalidMessage, None);
        }
        match self.client.write(text, None) {
            Ok(_) => Reply::plain("📤 Message sent."),
            Err(notice) => Reply::to_text(&TextResult::refused(&notice)),
        }
    }

    fn page(&mut self, look: Look, reply: Option<Reply>) -> Page {
        let Look { lines, texts, dropped } = look;
        self.unseen = texts;
        Page { lines, dropped, reply, state: self.state() }
    }

    /// Comes in, or goes by another name from here on.
    async fn introduce(&mut self, nickname: Option<Nickname>) {
        if !self.is_registered {
            let nickname = nickname.unwrap_or_else(|| Nickname::random(Uuid::new_v4().as_fields().0));
            let introduction = Introduction {
                card: card(),
                person: Some(self.id),
                nickname,
                role: Role::Client,
                returning: None,
            };
            self.is_registered = self.ask(Ask::Register(Box::new(introduction))).await.is_some();
        } else if let Some(nickname) = nickname.filter(|name| self.client.nickname() != Some(name)) {
            self.ask(Ask::Rename { card: None, nickname }).await;
        }
    }

    /// Asks the matchmaker, and takes what comes until its answer does.
    async fn ask(&mut self, ask: Ask) -> Option<Answer> {
        self.client.await_answer(None);
        self.client.ask(ask).await;
        while self.client.is_pending() {
            let incoming = poll_fn(|cx| self.client.poll_incoming(cx)).await;
            if !matches!(incoming, Incoming::Letter(_)) {
                return None;
            }
            if let Some(answer) = self.take(incoming) {
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

/// What follows `#r`, if that is what a line begins with.
fn text_of_r(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("#r").or_else(|| line.strip_prefix("#R"))?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim())
}

impl Reply {
    fn plain(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), refused: None }
    }

    fn refused(text: impl Into<Cow<'static, str>>, code: Code, retry_after: Option<u64>) -> Self {
        Self { text: text.into(), refused: Some(Refusal { code, retry_after }) }
    }

    fn to_command(result: &CommandResult<'_>) -> Self {
        let refused = result.code.map(|code| Refusal { code, retry_after: result.retry_after_ms });
        Self { text: result.text.to_string().into(), refused }
    }

    fn to_text(result: &TextResult<'_>) -> Self {
        let refused = result.code.map(|code| Refusal { code, retry_after: result.retry_after_ms });
        Self { text: result.text.as_deref().unwrap_or_default().to_owned().into(), refused }
    }
}
