//! What a registration carries from connection to connection: who it is, the call it is on, and what it was
//! shown. Whoever serves the client works at its desk; when the connection breaks, the desk stays.

use super::accounts::{Places, Reply};
use super::letter::{Call, Letter, Receipt, Text};
use super::mailbox::{Refused, Taken};
use super::replay::{Push, Replay};
use super::{Card, Clock, Token};
use crate::core::mask::Trail;
use crate::core::{Answer, Bucket, Millis, Nickname, Notice, PairId, Private, Rate, Role};
use crate::wire::Pos;
use std::collections::VecDeque;
use std::sync::Arc;
use uuid::Uuid;

/// How many lines may come before the news of the call they belong to: the partner hears of it first, and may
/// have typed ahead.
const EARLY: usize = 32;
/// How long they wait for it. On one node it is there in a moment; on many a log may be slow.
const EARLY_FOR: Millis = Millis::seconds(2);

/// See the module.
#[derive(Default)]
pub struct Desk {
    pub card: Option<Arc<Card>>,
    pub nickname: Option<Nickname>,
    /// What it is in its session.
    pub role: Role,
    /// Whether a principal names the person, who may have other lines then, and the call at one of them.
    pub is_a_principals: bool,
    /// The number of the registration's first connection: it stays the same.
    pub registration: u64,
    pub call: Option<Box<Call>>,
    /// The newest pair this client was in.
    last_pair: PairId,
    /// Whether that goes on at another line of the person.
    has_moved: bool,
    /// Whether the person was told about the call. Until then the partner's lines wait.
    announced: bool,
    /// The newest turn of the partner from which a line was shown.
    turn: u32,
    /// Lines of a call that the person does not know of yet, oldest first; and before the registration is confirmed,
    /// what became of lines that they wrote before.
    early: VecDeque<Letter>,
    /// Since when the oldest of them waits.
    early_since: Millis,
    /// Whether the person switched masking off.
    pub unmasked: bool,
    pub trail: Trail,
    /// Whether the person did nothing for as long as somebody asked.
    pub is_swept: bool,
    /// The request that the matchmaker has.
    pub pending: Option<Box<Pending>>,
    /// How many requests there were that had to wait.
    asked: u32,
    /// How many requests it may have waiting for the accounts; nothing, as long as it asked them nothing.
    pub places: Option<Box<Places>>,
    pub token: Handover,
    pub replay: Replay,
    /// What the person used up of their texts.
    pub texts: Bucket,
    warnings: Bucket,
    /// Whether they went on in spite of warnings.
    pub goes_too_far: bool,
}

/// How often a person may hear that they are too fast before they are closed for it (4004).
const WARNINGS: Rate = Rate::per_minute(60);

/// A request whose answer is still to come.
#[derive(Default)]
pub struct Pending {
    /// Which one of the registration it is.
    pub number: u32,
    pub request_id: Option<Box<str>>,
    /// The resume token that a `register` will be confirmed with.
    pub token: Option<Token>,
    /// For a `register` that wants to go on with a registration.
    pub returning: bool,
    /// The last frame that its client has seen there.
    pub seen: Option<Pos>,
    /// The text to write once the call is here, if there is one.
    pub text: Option<Private>,
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pending(…)")
    }
}

/// Whether the client has its newest token. The number says how many there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handover {
    Done(u32),
    /// The confirmation that brings it is still to go out.
    Due(u32),
    /// It went out, and a ping behind it.
    Pinged(u32),
}

impl Default for Handover {
    fn default() -> Self {
        Self::Done(0)
    }
}

impl Handover {
    /// A further token is to be handed over.
    pub fn next(self) -> Self {
        let (Self::Done(number) | Self::Due(number) | Self::Pinged(number)) = self;
        Self::Due(number.wrapping_add(1))
    }
}

/// What a letter means to the person.
pub enum Told {
    /// The answer to what was asked, and the question.
    Answer(Box<Answer>, Pending),
    /// What became of a text that waited for the call to come here.
    Written(Result<Option<Taken>, Notice>, Pending),
    /// Something that is told once, and has a position.
    Push(Pos),
    /// The partner types, or stopped. It is worth nothing later, so it has the position of the frame before.
    Typing(Pos, bool),
    /// The registration goes on, and nothing is known of what it was shown.
    Lost(Pending),
    /// What became of a text that went to another node.
    Receipt(Box<Receipt>),
    /// An answer of the shared account.
    Account(Box<Reply>),
    /// A request was not carried out, because there is no room for what it brings.
    NoRoom(Pending),
    /// A request was not carried out, because its connection was replaced by a newer one.
    Overtaken(Pending),
    /// Nothing to tell.
    Nothing,
    /// A line that can't be shown to this person any more; its sender is to be told.
    Undelivered(Text, Refused),
}

impl Desk {
    /// The registration goes on here, and its person knows of whatever call it is on.
    pub fn go_by(&mut self, nickname: Nickname, masking: bool) {
        (self.nickname, self.unmasked, self.announced) = (Some(nickname), !masking, true);
    }

    /// Notes the request that is handed over next.
    pub fn await_answer(&mut self, request_id: Option<&str>) {
        self.asked = self.asked.wrapping_add(1);
        let request_id = request_id.map(Into::into);
        self.pending = Some(Box::new(Pending { number: self.asked, request_id, ..Pending::default() }));
    }

    /// Nothing is left of what was pushed before: positions start where none was, and there is a new token.
    pub fn begin_anew(&mut self) {
        self.begin_anywhere();
        self.token = self.token.next();
    }

    /// Positions start where nobody knows one.
    pub fn begin_anywhere(&mut self) {
        let (high, ..) = Uuid::new_v4().as_fields();
        self.replay = Replay::behind(u64::from(high) << 20);
    }

    /// The first early line that may be shown by now.
    pub fn early_line(&mut self) -> Option<Letter> {
        let may_be_judged = match self.early.front()? {
            Letter::Text(text) => self.announced && text.pair <= self.last_pair,
            _ => self.nickname.is_some(),
        };
        if may_be_judged { self.early.pop_front() } else { None }
    }

    /// What came before the registration went on here, oldest first.
    pub fn take_early(&mut self) -> VecDeque<Letter> {
        std::mem::take(&mut self.early)
    }

    /// Notes that the person hears that they are too fast.
    pub fn warn(&mut self, now: Millis) {
        self.goes_too_far |= self.warnings.take(now, WARNINGS).is_err();
    }

    /// Reads a letter: notes what it changes, and returns what to tell the person.
    pub fn open(&mut self, clock: &Clock, letter: Letter) -> Told {
        match letter {
            Letter::Answer(answer) => self.note(clock, answer),
            Letter::Tell(notice) => {
                self.announced = true;
                self.push(Push::Notice(notice))
            }
            Letter::Connect(call) => self.connect(call),
            Letter::Disconnect { pair, moved } => {
                self.call.take_if(|call| call.pair == pair);
                self.has_moved = moved && pair == self.last_pair;
                Told::Nothing
            }
            Letter::Text(text) => self.hear(clock, text),
            Letter::Typing(pair, active) => match &self.call {
                Some(call) if call.pair == pair && self.announced => Told::Typing(self.replay.last(), active),
                _ => Told::Nothing,
            },
            // The confirmation comes first.
            Letter::Failed(_) | Letter::Receipt(_) if self.nickname.is_none() => {
                self.early.push_back(letter);
                Told::Nothing
            }
            Letter::Failed(text) => self.push(Push::Failed(text)),
            Letter::Receipt(receipt) => Told::Receipt(receipt),
            Letter::Shared(shared) => self.push(Push::Shared(shared)),
            Letter::Account(reply) => Told::Account(reply),
            // Another connection may have taken over meanwhile, and may wait for something else.
            Letter::NoRoom { number } => {
                let pending = self.pending.take_if(|pending| pending.number == number);
                pending.map_or(Told::Nothing, |pending| Told::NoRoom(*pending))
            }
            Letter::Job(job) => self.push(Push::Job(job)),
            Letter::Resumed { pair } => self.go_on(pair),
            Letter::Inherit(_) | Letter::Sweep(_) => Told::Nothing,
        }
    }

    fn push(&mut self, push: Push) -> Told {
        Told::Push(self.replay.push(push))
    }

    fn connect(&mut self, call: Box<Call>) -> Told {
        if self.call.as_ref().is_none_or(|before| before.pair != call.pair) {
            self.trail = Trail::default();
        }
        if call.pair > self.last_pair {
            self.turn = 0;
        }
        (self.announced, self.has_moved) = (!call.is_news, false);
        self.unmasked = !call.masking;
        self.last_pair = self.last_pair.max(call.pair);
        self.call = Some(call);
        Told::Nothing
    }

    /// Another connection serves the registration from here on. What the one before asked and has no answer to
    /// was not carried out.
    fn go_on(&mut self, pair: Option<PairId>) -> Told {
        self.call.take_if(|call| Some(call.pair) != pair);
        self.announced = true;
        self.pending.take().map_or(Told::Nothing, |pending| Told::Overtaken(*pending))
    }

    /// A line from somebody who believes to be the partner: shown if they are, kept if they will be in a moment,
    /// and given back if they were. So is one that was overtaken by another, from where its sender went on.
    fn hear(&mut self, clock: &Clock, text: Text) -> Told {
        match &self.call {
            Some(call) if call.pair == text.pair && self.announced => {
                if text.turn < self.turn {
                    return Told::Undelivered(text, Refused::OutOfReach);
                }
                self.turn = text.turn;
                let from = call.nickname.clone();
                self.push(Push::Text { from, text })
            }
            Some(call) if call.pair == text.pair => self.keep(clock, text),
            _ if text.pair > self.last_pair => self.keep(clock, text),
            // Whoever writes it will hear where to send it.
            _ if self.has_moved && text.pair == self.last_pair => {
                Told::Undelivered(text, Refused::OutOfReach)
            }
            _ => Told::Undelivered(text, Refused::Closed),
        }
    }

    fn keep(&mut self, clock: &Clock, text: Text) -> Told {
        if self.early.len() >= EARLY {
            return Told::Undelivered(text, Refused::Full);
        }
        if self.early_until().is_none() {
            self.early_since = clock.now();
        }
        self.early.push_back(Letter::Text(text));
        Told::Nothing
    }

    /// When the early lines have waited long enough.
    pub fn early_until(&self) -> Option<Millis> {
        let waits = self.early.iter().any(|letter| matches!(letter, Letter::Text(_)));
        waits.then(|| self.early_since.plus(EARLY_FOR))
    }

    /// The early lines, if they have waited long enough: their news does not come.
    pub fn overdue(&mut self, now: Millis) -> VecDeque<Letter> {
        if self.early_until().is_none_or(|until| until > now) {
            return VecDeque::new();
        }
        let (lines, news) =
            self.take_early().into_iter().partition(|letter| matches!(letter, Letter::Text(_)));
        self.early = news;
        lines
    }

    fn note(&mut self, clock: &Clock, answer: Box<Answer>) -> Told {
        match &*answer {
            Answer::Command(reply) => {
                self.announced = true;
                match reply.notice {
                    Notice::Masking(on) => self.unmasked = !on,
                    Notice::TooFast(_) => self.warn(clock.now()),
                    _ => {}
                }
            }
            Answer::ClientIdTaken
            | Answer::OtherClient
            | Answer::OtherSession
            | Answer::OtherRole
            | Answer::BridgeTaken => self.card = None,
            // Not of a request that a newer connection overtook: the registration lives.
            Answer::NotRegistered if self.nickname.is_none() => self.card = None,
            Answer::NotRegistered => {}
            Answer::Registered(nickname) => self.nickname = Some(nickname.clone()),
            Answer::Contacts(_) => {}
        }
        match self.pending.take() {
            Some(pending) => Told::Answer(answer, *pending),
            None => Told::Nothing,
        }
    }

    /// All lines for this person that were never shown, oldest first, and what they were not told of their own.
    pub fn into_unshown(self) -> impl Iterator<Item = Letter> {
        self.replay.into_unwritten().chain(self.early)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::NodeId;
    use crate::hub::letter::Origin;

    #[test]
    fn no_room_is_told_to_the_request_that_it_was_for_and_to_no_other() {
        let (mut desk, clock) = (Desk::default(), Clock::stepped());
        desk.await_answer(None);
        let number = desk.pending.as_ref().map(|pending| pending.number).unwrap_or_default();
        // A newer connection took over, and asked for something else.
        assert!(matches!(desk.open(&clock, Letter::Resumed { pair: None }), Told::Overtaken(_)));
        desk.await_answer(None);
        assert!(matches!(desk.open(&clock, Letter::NoRoom { number }), Told::Nothing));
        assert!(desk.pending.is_some());
        let number = number + 1;
        assert!(matches!(desk.open(&clock, Letter::NoRoom { number }), Told::NoRoom(_)));
    }

    #[test]
    fn a_line_for_a_call_that_went_to_another_line_may_be_sent_again_and_one_for_a_call_that_ended_may_not() {
        let pair = PairId(7);
        for (moved, expected) in [(true, Refused::OutOfReach), (false, Refused::Closed)] {
            let (mut desk, clock) = (Desk { last_pair: pair, ..Desk::default() }, Clock::stepped());
            desk.open(&clock, Letter::Disconnect { pair, moved });
            let sender = Origin::There { node: NodeId(2), kept: 1 };
            let text = Text { pair, turn: 0, said: None, sender, request_id: None, text: "late".into() };
            let Told::Undelivered(_, why) = desk.open(&clock, Letter::Text(text)) else {
                panic!("it came late")
            };
            assert_eq!(why, expected);
        }
    }
}
