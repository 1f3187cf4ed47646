//! A registration over many connections: what is sent, what is owed an answer, and what a new connection begins with.
//!
//! Without a socket and without a clock: it is told what came and says what to do.
//!
//! It must never know: how bytes travel, how late it is.

#[cfg(test)]
mod tests;

use super::ends::End;
use super::frame::{Confirmation, Frame, Refusal, Said};
use super::happening::{Act, Full, Happening, Patience, Registration, Return, Ticket};
use super::options::Options;
use super::request::{Again, Lane, Request};
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::time::Duration;

/// How many requests may wait to be sent.
const MOST_WAITING: usize = 256;
/// Where a registration begins.
const BEGINNING: &str = "0";
/// Refusals of a registration that pass.
const PASSING: [&str; 2] = ["overloaded", "rate_limited"];
/// The refusal behind which a hub closes the connection itself: 4500 for good, 4005 if the token expired.
const CLOSING: &str = "unauthorized";

/// One registration with a hub.
pub struct Dialogue {
    options: Options,
    /// Before the number of each request: a session hears of requests by these names, so no two clients have the same.
    tag: String,
    registered: Option<Registration>,
    /// Good for one return.
    resume_token: Option<String>,
    /// Of the last pushed frame that was taken.
    pos: String,
    /// The one that the hub knows of.
    told_pos: String,
    phase: Phase,
    /// How long the hub wants to be left alone, if the last that it said was why it closes.
    leave_alone: Option<Duration>,
    /// Why the hub does not take the registration, until it says by its close code what to do about that.
    refusal: Option<End>,
    waiting: VecDeque<Open>,
    under_way: Vec<Open>,
    next: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Away,
    Registering,
    Here {
        /// It was asked whether it is still there.
        is_asked: bool,
    },
}

/// A request without an answer.
struct Open {
    ticket: Ticket,
    request: Request,
    was_sent: bool,
}

impl Open {
    fn id(&self) -> Option<&str> {
        self.request.frame.get("request_id")?.as_str()
    }
}

impl Dialogue {
    /// Before the first connection. The names of its requests begin with `tag`.
    pub fn new(options: Options, tag: impl Into<String>) -> Self {
        Self {
            options,
            tag: tag.into(),
            registered: None,
            resume_token: None,
            pos: BEGINNING.to_owned(),
            told_pos: BEGINNING.to_owned(),
            phase: Phase::Away,
            leave_alone: None,
            refusal: None,
            waiting: VecDeque::new(),
            under_way: Vec::new(),
            next: 1,
        }
    }

    pub fn options(&self) -> &Options {
        &self.options
    }

    pub fn registration(&self) -> Option<&Registration> {
        self.registered.as_ref()
    }

    /// The `request_id` of a request that did not bring its own.
    pub fn request_id(&self, ticket: Ticket) -> String {
        format!("{}{}", self.tag, ticket.0)
    }

    pub fn is_here(&self) -> bool {
        matches!(self.phase, Phase::Here { .. })
    }

    pub fn is_settled(&self) -> bool {
        self.waiting.is_empty() && self.under_way.is_empty()
    }

    pub fn set_token(&mut self, token: Option<String>) {
        self.options = self.options.clone().token(token);
    }

    /// How long silence is taken for life.
    pub fn patience(&self) -> Patience {
        match self.phase {
            Phase::Away | Phase::Registering => Patience::Confirmation,
            Phase::Here { is_asked: false } => Patience::Sign,
            Phase::Here { is_asked: true } => Patience::Answer,
        }
    }

    /// A connection is there.
    pub fn opened(&mut self, acts: &mut Vec<Act>) {
        self.phase = Phase::Registering;
        self.refusal = None;
        acts.push(Act::Send(self.register().to_string()));
    }

    /// The connection is gone. Returns what that comes to: a hub that refuses a registration says more by the code with
    /// which it closes.
    pub fn lost(&mut self, end: End, acts: &mut Vec<Act>) -> End {
        self.phase = Phase::Away;
        let end = match self.refusal.take() {
            Some(refusal) if !end.is_expiry() => refusal,
            _ => end,
        };
        let under_way = std::mem::take(&mut self.under_way);
        if under_way.iter().any(|open| open.request.is_chat_command()) {
            self.give_up_lines(acts);
        }
        for open in under_way.into_iter().rev() {
            if open.request.again == Again::Never || end.is_for_what_was_sent() {
                acts.push(Act::Tell(Happening::Unanswered(open.ticket)));
            } else {
                self.waiting.push_front(open);
            }
        }
        end
    }

    /// Nobody knows any more whom they would reach.
    fn give_up_lines(&mut self, acts: &mut Vec<Act>) {
        let (lines, kept) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition::<VecDeque<_>, _>(|open| open.request.lane == Lane::Chat);
        self.waiting = kept;
        acts.extend(lines.into_iter().map(|open| Act::Tell(Happening::Unsent(open.ticket))));
    }

    /// How long the hub wanted to be left alone by the last that it said before it closed the connection.
    pub fn take_retry_after(&mut self) -> Option<Duration> {
        self.leave_alone.take()
    }

    /// Something is asked for.
    ///
    /// # Errors
    /// If too much waits already.
    pub fn ask(&mut self, request: Request, acts: &mut Vec<Act>) -> Result<Ticket, Full> {
        let ticket = Ticket(self.next);
        self.next += 1;
        if request.lane == Lane::Hint {
            if self.is_here() {
                acts.push(Act::Send(Value::Object(request.frame).to_string()));
            }
            return Ok(ticket);
        }
        if self.waiting.len() >= MOST_WAITING {
            return Err(Full);
        }
        self.waiting.push_back(Open { ticket, request, was_sent: false });
        self.send_on(acts);
        Ok(ticket)
    }

    /// The hub gave a sign of life that is no frame.
    pub fn heard_of(&mut self) {
        if let Phase::Here { is_asked } = &mut self.phase {
            *is_asked = false;
        }
    }

    /// The hub said nothing for as long as [`Dialogue::patience`] has it.
    pub fn silent(&mut self, acts: &mut Vec<Act>) {
        match &mut self.phase {
            Phase::Here { is_asked } if !*is_asked => {
                *is_asked = true;
                acts.push(Act::Send(json!({"type": "ping"}).to_string()));
            }
            _ => acts.push(Act::Close(End::Silent)),
        }
    }

    /// A frame came.
    pub fn hear(&mut self, text: String, acts: &mut Vec<Act>) {
        self.heard_of();
        let frame = Frame::read(text);
        self.leave_alone = None;
        if let Some(pos) = frame.pos() {
            pos.clone_into(&mut self.pos);
        }
        match frame.said() {
            Said::RegistrationConfirmed(confirmation) => self.confirmed(confirmation, acts),
            Said::Error(refusal) if self.phase == Phase::Registering => {
                return self.refused(refusal, acts);
            }
            Said::Error(refusal) if frame.request_id().is_none() => {
                self.leave_alone = refusal.retry_after_ms.map(Duration::from_millis);
            }
            _ => {}
        }
        match self.answered(&frame) {
            Some(ticket) => acts.push(Act::Tell(Happening::Answered(ticket, frame))),
            // The confirmation is told as such, and a pong is for nobody else.
            None if matches!(frame.said(), Said::RegistrationConfirmed(_)) || is_pong(&frame) => {}
            None => acts.push(Act::Tell(Happening::Pushed(frame))),
        }
        self.send_on(acts);
    }

    fn refused(&mut self, refusal: &Refusal, acts: &mut Vec<Act>) {
        let end = why(refusal);
        if refusal.code == CLOSING {
            self.refusal = Some(end);
        } else {
            acts.push(Act::Close(end));
        }
    }

    fn confirmed(&mut self, confirmation: &Confirmation, acts: &mut Vec<Act>) {
        let is_first_frame = self.phase == Phase::Registering;
        let how = if is_first_frame { self.way_back(confirmation) } else { Return::Whole };
        self.resume_token = Some(confirmation.resume_token.clone()).filter(|token| !token.is_empty());
        let registration = Registration {
            client_id: confirmation.client_id.clone(),
            session: confirmation.session.clone(),
            nickname: confirmation.nickname.clone(),
            how,
        };
        // What the hub cleaned or made up is asked for from now on.
        self.options.nickname = Some(confirmation.nickname.clone());
        self.registered = Some(registration.clone());
        self.phase = Phase::Here { is_asked: false };
        if !is_first_frame {
            return;
        }
        if matches!(how, Return::First | Return::Unsure | Return::Anew) {
            BEGINNING.clone_into(&mut self.pos);
        }
        self.told_pos.clone_from(&self.pos);
        acts.push(Act::Tell(Happening::Registered(registration)));
        if matches!(how, Return::Unsure | Return::Anew) {
            self.give_up_what_acted(acts);
        }
    }

    fn way_back(&self, confirmation: &Confirmation) -> Return {
        let Some(before) = &self.registered else { return Return::First };
        match confirmation.missed {
            _ if confirmation.recovered => Return::Whole,
            Some(Some(missed)) => Return::Missed(missed),
            // Whoever begins anew gets another id, unless they chose one.
            _ if before.client_id == confirmation.client_id && self.options.client_id.is_none() => {
                Return::Unsure
            }
            _ => Return::Anew,
        }
    }

    /// A new registration does not know requests of the old one again. What was never sent is not concerned.
    fn give_up_what_acted(&mut self, acts: &mut Vec<Act>) {
        let (lost, kept) =
            std::mem::take(&mut self.waiting).into_iter().partition::<VecDeque<_>, _>(|open| {
                open.was_sent && open.request.again == Again::SameRegistration
            });
        self.waiting = kept;
        acts.extend(lost.into_iter().map(|open| Act::Tell(Happening::Unanswered(open.ticket))));
    }

    fn answered(&mut self, frame: &Frame) -> Option<Ticket> {
        // A pushed frame names a request, too, but does not answer it.
        let is_answer =
            frame.pos().is_none() && !matches!(frame.said(), Said::AiDelta(_) | Said::WhatsappAction(_));
        let id = frame.request_id().filter(|_| is_answer)?;
        let at = self.under_way.iter().position(|open| open.id() == Some(id))?;
        Some(self.under_way.remove(at).ticket)
    }

    /// Sends what may go out: the first of each lane that has room.
    fn send_on(&mut self, acts: &mut Vec<Act>) {
        if !self.is_here() {
            return;
        }
        let mut held = VecDeque::with_capacity(self.waiting.len());
        while let Some(open) = self.waiting.pop_front() {
            let lane = open.request.lane;
            let under_way = self.under_way.iter().filter(|open| open.request.lane == lane).count();
            let is_behind = held.iter().any(|held: &Open| held.request.lane == lane);
            if is_behind || under_way >= lane.room() {
                held.push_back(open);
            } else {
                self.send_now(open, acts);
            }
        }
        self.waiting = held;
    }

    fn send_now(&mut self, mut open: Open, acts: &mut Vec<Act>) {
        open.was_sent = true;
        let id = self.request_id(open.ticket);
        let frame = &mut open.request.frame;
        frame.entry("request_id").or_insert_with(|| id.into());
        let mut sent = frame.clone();
        if self.pos != self.told_pos {
            sent.insert("last_pos".to_owned(), self.pos.as_str().into());
            self.told_pos.clone_from(&self.pos);
        }
        acts.push(Act::Send(Value::Object(sent).to_string()));
        if open.request.lane.is_answered() {
            self.under_way.push(open);
        }
    }

    /// The same each time, but for what says where it stood.
    fn register(&self) -> Value {
        let options = &self.options;
        let fields = [
            ("client_id", &options.client_id),
            ("client_name", &options.client_name),
            ("session", &options.session),
            ("nickname", &options.nickname),
            ("token", &options.token),
            ("resume_token", &self.resume_token),
        ];
        let mut frame = Map::from_iter([("type".to_owned(), "register".into())]);
        frame.extend(
            fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.as_deref()?.into()))),
        );
        if options.is_bridge {
            frame.insert("role".to_owned(), "bridge".into());
        }
        if self.resume_token.is_some() {
            frame.insert("last_pos".to_owned(), self.pos.as_str().into());
        }
        Value::Object(frame)
    }
}

fn is_pong(frame: &Frame) -> bool {
    matches!(frame.said(), Said::Else) && frame.text().contains(r#""type":"pong""#)
}

fn why(refusal: &Refusal) -> End {
    let (code, text) = (refusal.code.clone(), refusal.error.clone());
    if PASSING.contains(&refusal.code.as_str()) {
        End::Busy { code, text, retry_after: refusal.retry_after_ms.map(Duration::from_millis) }
    } else {
        End::Rejected { code, text }
    }
}
