//! What is said on one socket: from frames to requests, and from letters to frames.
//!
//! It decides at once and sends nothing itself; the socket does that. One request of a client is with the
//! matchmaker at a time.

mod account;
mod registering;

use super::encode::{encode, encode_at, timestamp};
use super::outgoing::Outgoing;
use super::timers::Known;
use crate::auth::{Denied, Gatekeeper, Principal};
use crate::core::{Answer, ContactHead, Millis, Notice};
use crate::hub::{
    Ask, Broadcast, Card, Client, Comeback, Desk, Heard, Letter, Pending, Push, Shared, Taken, Token, Told,
};
use crate::metrics;
use crate::wire::{
    ChatEvent, ChatMessage, Code, CommandResult, Contact, Content, Frame, Pos, Rejection, Request,
    ServerFrame, TextResult, hint,
};
use std::borrow::Cow;
use std::sync::Arc;
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// When a client that was too slow, or too fast, may come back, in milliseconds.
const RETRY: u64 = 1_000;

/// What the payload of a ping begins with, before the position of the last frame pushed.
const PING: &str = "last_pos=";
/// And what stands before the number of the token that the client may not have yet.
const TOKEN: &str = " token=";

/// See the module.
pub struct Dialogue {
    pub client: Client,
    gatekeeper: Arc<Gatekeeper>,
    /// Who came with a token in the request; boxed, as most don't.
    principal: Option<Box<Principal>>,
    /// When the time of the token is over that the client has registered with.
    token_ends: Option<Millis>,
    /// Why the client may not register, if it wanted to.
    pub denied: Option<Denied>,
}

impl Dialogue {
    /// With somebody who just came in.
    pub fn new(client: Client, gatekeeper: Arc<Gatekeeper>, principal: Option<Principal>) -> Self {
        let principal = principal.map(Box::new);
        Self { client, gatekeeper, principal, token_ends: None, denied: None }
    }

    /// When something is to be done besides what the connection wants.
    pub fn deadlines(&self) -> Known {
        Known { client: self.client.due_at(), token: self.token_ends }
    }

    /// Takes one frame of text. What it returns is for the matchmaker.
    pub fn hear(&mut self, text: &str, out: &mut Outgoing) -> Option<Ask> {
        let frame = match Frame::read(text) {
            Ok(frame) => frame,
            Err(rejection) => {
                self.refuse(&rejection, out);
                return None;
            }
        };
        let request_id = frame.request_id.as_deref();
        let is_registered = self.client.card().is_some();
        if let Some(pos) = frame.last_pos.filter(|_| is_registered) {
            self.client.handled(pos);
        }
        match frame.request {
            Request::Ping => {
                out.push(encode(&ServerFrame::Pong { request_id, timestamp: timestamp() }));
                None
            }
            Request::Register(register) => self.register(*register, frame.last_pos, request_id, out),
            _ if !is_registered => {
                out.push(error(
                    Code::NotRegistered,
                    "Register first.",
                    Some(frame.request.kind()),
                    request_id,
                ));
                None
            }
            Request::ChatMessage(chat) => self.say(&chat, request_id, out),
            Request::ChatTyping { active } => {
                self.client.typing(active);
                None
            }
            Request::ContactListUpdate(update) => {
                let list = update.contacts.into_iter().map(Contact::into_supplied).collect();
                self.ask(Ask::Contacts(list), request_id)
            }
            other => self.ask_account(other, request_id, out),
        }
    }

    /// The payload of a ping. Its pong repeats it (RFC 6455 section 5.5.3), and what stands before the ping was
    /// received by then; not that anybody dealt with it, as libraries and browsers answer while nobody reads.
    pub fn ping(&self) -> String {
        let position = self.client.last_pushed().0;
        match self.client.token_in_doubt() {
            Some(number) => format!("{PING}{position}{TOKEN}{number}"),
            None => format!("{PING}{position}"),
        }
    }

    /// A pong. One that answers no ping of ours, as some libraries send them, says nothing. Returns whether it
    /// shows that the client has its newest token.
    pub fn ponged(&mut self, payload: &[u8]) -> bool {
        let payload = std::str::from_utf8(payload).ok().and_then(|payload| payload.strip_prefix(PING));
        let Some(payload) = payload else { return false };
        let (position, token) = payload.split_once(TOKEN).unwrap_or((payload, ""));
        if let Some(position) = Pos::read(position) {
            self.client.written(position);
        }
        token.parse().is_ok_and(|number| self.client.has_token(number))
    }

    fn refuse(&self, rejection: &Rejection, out: &mut Outgoing) {
        tracing::debug!(client = self.client.log_name(), code = ?rejection.code, "A frame was refused");
        let (kind, request_id) = (rejection.request_type.as_deref(), rejection.request_id.as_deref());
        let is_registered = self.client.card().is_some();
        let is_known = !matches!(rejection.code, Code::InvalidJson | Code::UnknownType);
        out.push(match kind {
            Some(other) if !is_registered && is_known && !matches!(other, "register" | "ping") => {
                error(Code::NotRegistered, "Register first.", kind, request_id)
            }
            _ => error(rejection.code, &rejection.text, kind, request_id),
        });
    }

    fn ask(&mut self, ask: Ask, request_id: Option<&str>) -> Option<Ask> {
        self.client.await_answer(request_id);
        Some(ask)
    }

    fn say(&mut self, chat: &ChatMessage<'_>, request_id: Option<&str>, out: &mut Outgoing) -> Option<Ask> {
        match self.client.say(&chat.message, request_id) {
            Heard::Command(command) => return self.ask(Ask::Command(command), request_id),
            Heard::Text(taken) => out.extend(written(Ok(taken), request_id)),
            Heard::Refused(notice) => out.extend(written(Err(notice), request_id)),
            Heard::Elsewhere => return Some(self.client.await_call(&chat.message, request_id)),
            Heard::Slip { word, meant } => {
                out.push(command_result(CommandResult::misunderstood(hint(word, meant)), request_id));
            }
            Heard::BadTags(error) => {
                out.push(command_result(CommandResult::misunderstood(format!("Tags: {error}.")), request_id));
            }
        }
        None
    }

    /// Opens one letter.
    pub fn open(&mut self, letter: Letter, out: &mut Outgoing) {
        match self.client.open(letter) {
            Told::Push(pos) => {
                let frame = self.client.pushed(pos).and_then(|push| pushed(push, pos));
                frame.into_iter().for_each(|frame| out.push_at(pos, frame));
            }
            Told::Typing(pos, active) => out.extend(event(&Notice::Typing(active), pos)),
            Told::Answer(answer, pending) => out.push(self.answer(&answer, &pending)),
            Told::Receipt(receipt) => {
                let request_id = receipt.request_id.as_deref();
                out.push(match receipt.outcome {
                    Ok(taken) => text_result(taken_result(taken), request_id),
                    Err(refused) => text_result(TextResult::refused(&refused.notice()), request_id),
                });
            }
            Told::Written(outcome, pending) => out.extend(written(outcome, pending.request_id.as_deref())),
            Told::Account(reply) => out.push(account::reply(&reply)),
            Told::Lost(pending) => out.push(self.confirmation(&pending, None)),
            Told::NoRoom(pending) => {
                let text = "There is no room for so many contacts. Nothing was changed.";
                out.push(error(Code::Overloaded, text, None, pending.request_id.as_deref()));
            }
            Told::Overtaken(pending) => {
                let text = "A newer connection took over before this was carried out. Send it again.";
                out.push(error(Code::Conflict, text, None, pending.request_id.as_deref()));
            }
            Told::Nothing | Told::Undelivered(..) => {}
        }
    }

    /// Goes on where another connection stopped: confirms it, then shows again what may not have been seen.
    pub fn go_on(&mut self, desk: Desk, lost: u64, out: &mut Outgoing) {
        let Some(Comeback { pending, gap }) = self.client.take_over(desk, lost) else { return };
        out.push(self.confirmation(&pending, gap.missed));
        let again =
            self.client.pushed_from(gap.from).filter_map(|(pos, push)| Some((pos, pushed_again(push, pos)?)));
        again.for_each(|(pos, frame)| out.push_at(pos, frame));
    }

    fn answer(&self, answer: &Answer, pending: &Pending) -> Utf8Bytes {
        let request_id = pending.request_id.as_deref();
        let refusal = |code, text| error(code, text, Some("register"), request_id);
        match answer {
            Answer::Command(reply) => command_result(CommandResult::of(reply), request_id),
            Answer::Contacts(contacts) => contact_list(contacts, request_id),
            Answer::Registered(_) => self.confirmation(pending, None),
            Answer::ClientIdTaken => {
                refusal(Code::ClientIdTaken, "Somebody is connected under this client_id.")
            }
            Answer::OtherClient => refusal(Code::Conflict, "This registration has another client_id."),
            Answer::OtherSession => refusal(
                Code::Conflict,
                "A registration keeps its client_id and session: name its own, or none.",
            ),
            Answer::OtherRole => refusal(Code::Conflict, "This registration has another role."),
            Answer::BridgeTaken => refusal(Code::Conflict, "This session has a bridge already."),
            Answer::NotRegistered => error(Code::NotRegistered, "Register first.", None, request_id),
        }
    }

    /// Confirms a `register`. `missed` is for one that goes on with a registration.
    fn confirmation(&self, pending: &Pending, missed: Option<u64>) -> Utf8Bytes {
        let token =
            self.client.card().zip(pending.token.as_ref()).map(|(card, token)| token.with_names(card));
        let token = token.as_ref().map(Token::as_str).unwrap_or_default();
        confirmed(&self.client, pending, missed, token).unwrap_or_default()
    }
}

/// What confirms a `register`, and counts a return. `missed` is for one that goes on with a registration. Nothing, if
/// there is none.
pub fn confirmed(
    client: &Client,
    pending: &Pending,
    missed: Option<u64>,
    resume_token: &str,
) -> Option<Utf8Bytes> {
    let (card, nickname) = client.card().zip(client.nickname())?;
    let recovered = missed == Some(0);
    if pending.returning {
        client.hub().metrics().came_back(metrics::Comeback::of(missed));
    }
    Some(encode(&ServerFrame::RegistrationConfirmed {
        request_id: pending.request_id.as_deref(),
        client_id: &card.client_id,
        session: &card.session,
        nickname: nickname.as_str(),
        resume_token,
        recovered,
        missed: (pending.returning && !recovered).then_some(missed),
        timestamp: timestamp(),
    }))
}

/// A pushed frame, the first time and again. Notices without words of their own are none.
pub fn pushed(push: &Push, pos: Pos) -> Option<Utf8Bytes> {
    let at = Some(pos);
    match push {
        Push::Notice(notice) => event(notice, pos),
        Push::Text { from, text } => {
            Some(encode(&ServerFrame::ChatMessage { from: from.as_str(), message: &text.text, pos: at }))
        }
        Push::Failed(text) => {
            let TextResult { code, retry_after_ms, .. } = TextResult::refused(&text.why.notice());
            Some(encode(&ServerFrame::ChatMessageFailed {
                request_id: text.request_id.as_deref(),
                message: &text.text,
                code: code.unwrap_or(Code::NotPaired),
                retry_after_ms,
                pos: at,
            }))
        }
        Push::Shared(shared) => Some(encode_at(&broadcast(shared), pos)),
        Push::Job(job) => Some(account::action(job, at)),
    }
}

/// A pushed frame, once more. A send may have been carried out already, so that it is not to be: who asked for it
/// was told.
pub fn pushed_again(push: &Push, pos: Pos) -> Option<Utf8Bytes> {
    match push {
        Push::Job(job) => Some(account::cancelled(job, Some(pos))),
        _ => pushed(push, pos),
    }
}

/// An error frame.
pub fn error(code: Code, text: &str, request_type: Option<&str>, request_id: Option<&str>) -> Utf8Bytes {
    let retry_after_ms = matches!(code, Code::Overloaded | Code::RateLimited).then_some(RETRY);
    let (error, timestamp) = (Cow::Borrowed(text), timestamp());
    encode(&ServerFrame::Error { code, retry_after_ms, error, request_type, request_id, timestamp })
}

/// What its sender hears of a text. If it was taken, only whoever asked; if it is on its way to another node, later.
fn written(outcome: Result<Option<Taken>, Notice>, request_id: Option<&str>) -> Option<Utf8Bytes> {
    let result = match outcome {
        Ok(taken) => taken_result(taken.filter(|_| request_id.is_some())?),
        Err(notice) => return Some(text_result(TextResult::refused(&notice), request_id)),
    };
    Some(text_result(result, request_id))
}

fn taken_result(taken: Taken) -> TextResult<'static> {
    match taken {
        Taken::Delivered => TextResult::delivered(),
        Taken::Held => TextResult::queued(),
    }
}

fn text_result(result: TextResult<'_>, request_id: Option<&str>) -> Utf8Bytes {
    response(Content::ChatMessageResult(result), request_id)
}

fn command_result(result: CommandResult<'_>, request_id: Option<&str>) -> Utf8Bytes {
    response(Content::ChatCommandResult(result), request_id)
}

fn response(content: Content<'_>, request_id: Option<&str>) -> Utf8Bytes {
    encode(&ServerFrame::Response { request_id, content, timestamp: timestamp() })
}

fn event(notice: &Notice, pos: Pos) -> Option<Utf8Bytes> {
    ChatEvent::of(notice, Some(pos)).map(|event| encode(&ServerFrame::ChatEvent(event)))
}

fn contact_list(contacts: &ContactHead, request_id: Option<&str>) -> Utf8Bytes {
    let timestamp = timestamp();
    encode(&ServerFrame::ContactListBroadcast {
        request_id,
        contacts,
        total_count: contacts.total,
        timestamp,
        pos: None,
    })
}

/// A frame for many, written by the first who gets to it.
fn broadcast(shared: &Arc<Shared>) -> Utf8Bytes {
    let frame = shared.frame.get_or_init(|| {
        let timestamp = timestamp();
        match &shared.what {
            Broadcast::Contacts(contacts) => contact_list(contacts, None),
            Broadcast::Account(news) => account::news(news),
            Broadcast::Joined(card) => {
                let Card { client_id, client_name, session, .. } = &**card;
                encode(&ServerFrame::ClientJoined { client_id, client_name, session, timestamp, pos: None })
            }
            Broadcast::Left(card) => {
                let Card { client_id, client_name, session, .. } = &**card;
                encode(&ServerFrame::ClientLeft { client_id, client_name, session, timestamp, pos: None })
            }
        }
    });
    frame.clone()
}
