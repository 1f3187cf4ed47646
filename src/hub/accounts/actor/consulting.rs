//! Questions for an AI: put for a session, and heard piece by piece.

use super::{Actor, OVERLOADED};
use crate::ai::{Ai, Answering, Piece, Question, Service, Trouble, Whole};
use crate::core::account::{Answer, Asker, Event, News, NoAnswer, OrderId, Prompt, Refusal};
use crate::core::{ConnId, Private};
use crate::hub::accounts::consult::{Consultant, refusal};
use crate::hub::accounts::prompts;
use futures::FutureExt;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How many questions may be with an AI, or wait for it. Past it, a further one is refused.
const QUESTIONS: usize = 1_024;
/// How many of one client, and how many auto-replies of one session.
const QUESTIONS_OF_ONE: usize = 8;
/// What all of them may weigh together, in bytes.
const QUESTIONS_BYTES: usize = 32 << 20;
/// What an answer says within so long is one piece of it: whoever is away has room for all of them.
const PACE: Duration = Duration::from_millis(50);

/// Whom the accounts ask, and for how long.
#[derive(Clone)]
pub struct Asking {
    pub ai: Ai,
    /// For an answer, to its end.
    pub within: Duration,
    /// For what a sentence means.
    pub sentences_within: Duration,
}

/// What came of a question, by its number.
pub enum Heard {
    /// More of an answer, of which there is still more.
    More(Listening, String),
    /// All of it was said, or all that is said.
    Said(u64, Result<Whole, Trouble>),
    /// This happens to the account now.
    Happens(u64, Option<Event>),
}

/// Somebody's question, whose answer is heard piece by piece.
pub struct Listening {
    number: u64,
    answering: Answering,
    recalled: CancellationToken,
    streams: bool,
}

/// A question that an AI was asked.
pub struct UnderWay {
    by: Option<Asker>,
    session: Arc<str>,
    streams: bool,
    weight: usize,
    /// All of the answer so far.
    text: String,
    /// The answer's own number, for those who hear it.
    id: u128,
    recalled: CancellationToken,
}

impl Listening {
    /// Waits for the next piece, or until it is taken back.
    async fn listen(mut self) -> Heard {
        match self.recalled.run_until_cancelled(self.answering.next()).await {
            Some(Some(Piece::Text(more))) => Heard::More(self, more),
            Some(Some(Piece::End(end))) => Heard::Said(self.number, end),
            Some(None) => Heard::Said(self.number, Err(Trouble::Unavailable)),
            None => Heard::Said(self.number, Err(Trouble::Cancelled)),
        }
    }
}

impl Actor {
    pub(super) fn consult(&mut self, session: &Arc<str>, by: Option<Asker>, prompt: Prompt) -> Option<Event> {
        let weight = prompt.weight();
        if self.is_too_much(session, by.as_ref(), weight) {
            return match (by, prompt) {
                (Some(by), _) => Some(Event::LookedUp { by, answer: OVERLOADED }),
                (None, Prompt::Reply { with, fresh }) => Some(Event::Composed { with, fresh, text: None }),
                (None, _) => None,
            };
        }
        let number = by.as_ref().map_or_else(
            || {
                self.next_ask += 1;
                self.next_ask
            },
            |by| by.ask,
        );
        let (recalled, streams) =
            (CancellationToken::new(), matches!(prompt, Prompt::Question { streams: true, .. }));
        let (session, text) = (session.clone(), String::new());
        let under_way = UnderWay {
            by: by.clone(),
            session: session.clone(),
            streams,
            weight,
            text,
            id: Uuid::new_v4().as_u128(),
            recalled: recalled.clone(),
        };
        self.questions.insert(number, under_way);
        let asking = self.setting.ai.clone();
        self.consultations.push(match prompt {
            Prompt::Question { text, context, service, .. } => {
                let question = prompts::question(text, context.as_ref());
                let answering = ask(&asking, question, service.as_ref().map(Private::as_str));
                Listening { number, answering, recalled, streams }.listen().boxed()
            }
            prompt => {
                let consultant = Consultant { asking, store: self.setting.store.clone(), session };
                let cancelled = by.clone().map(cancelled);
                async move {
                    let event = recalled.run_until_cancelled(consultant.consult(by, prompt)).await;
                    Heard::Happens(number, event.unwrap_or(cancelled))
                }
                .boxed()
            }
        });
        None
    }

    /// Whether an AI is asked as much as it can be, by this client or at all. Who asked has no place of its own in the
    /// meantime: a question may take long, and whoever asked it can take it back.
    fn is_too_much(&self, session: &Arc<str>, by: Option<&Asker>, weight: usize) -> bool {
        let registration = by.map(|by| by.registration);
        let is_of_one = |other: &&UnderWay| {
            other.by.as_ref().map(|by| by.registration) == registration && other.session == *session
        };
        let of_one = self.questions.values().filter(is_of_one).count();
        let all: usize = self.questions.values().map(|other| other.weight).sum();
        self.questions.len() >= QUESTIONS || of_one >= QUESTIONS_OF_ONE || all + weight > QUESTIONS_BYTES
    }

    /// What an AI says goes to every client of the session as it comes, if it is to, and whole to whoever asked.
    pub(super) async fn hear_ai(&mut self, heard: Heard) {
        let (number, event) = match heard {
            Heard::More(listening, more) => {
                self.note_piece(listening.number, more);
                let later = async move {
                    if listening.streams {
                        tokio::time::sleep(PACE).await;
                    }
                    listening.listen().await
                };
                return self.consultations.push(later.boxed());
            }
            Heard::Said(number, end) => {
                // Whoever took it back was told so: an answer that came at the same moment is none.
                let end = if self.is_recalled(number) { Err(Trouble::Cancelled) } else { end };
                self.show_end(number, end);
                (number, self.all_said(number, end))
            }
            Heard::Happens(number, event) => (number, event),
        };
        let is_recalled = self.is_recalled(number);
        let Some(UnderWay { session, by, .. }) = self.questions.remove(&number) else { return };
        let event = if is_recalled { by.map(cancelled) } else { event };
        if let Some(event) = event {
            self.happen(&session, event).await;
        }
    }

    fn is_recalled(&self, number: u64) -> bool {
        self.questions.get(&number).is_some_and(|question| question.recalled.is_cancelled())
    }

    /// Whoever only listens hears that it is over, too.
    fn show_end(&self, number: u64, end: Result<Whole, Trouble>) {
        let Some(question) = self.questions.get(&number).filter(|question| question.streams) else { return };
        let end = end.map(drop).map_err(|trouble| refusal(trouble, &self.setting.ai.ai));
        self.show(&question.session, question.news(Private::from(""), Some(end)));
    }

    fn all_said(&self, number: u64, end: Result<Whole, Trouble>) -> Option<Event> {
        let UnderWay { by, text, .. } = self.questions.get(&number)?;
        let answer = match end {
            Ok(Whole { service, tokens, is_cut }) => Answer::Said {
                text: text.as_str().into(),
                service: service.name(),
                tokens: [tokens.prompt, tokens.completion],
                is_cut,
            },
            Err(trouble) => {
                let why = refusal(trouble, &self.setting.ai.ai);
                Answer::Refused { action: None, contact: None, why }
            }
        };
        Some(Event::LookedUp { by: by.clone()?, answer })
    }

    fn note_piece(&mut self, number: u64, more: String) {
        let Some(question) = self.questions.get_mut(&number) else { return };
        question.text.push_str(&more);
        if question.streams {
            let session = question.session.clone();
            let news = question.news(Private::from(more), None);
            self.show(&session, news);
        }
    }

    /// Takes back what somebody asked under this `request_id`.
    pub(super) fn recall(&mut self, by: &Asker, target: Private) {
        let is_meant = |question: &&UnderWay| {
            let asker = question.by.as_ref();
            asker.is_some_and(|asker| asker.registration == by.registration)
                && question.request_id().as_deref() == Some(target.as_str())
        };
        let answer = match self.questions.values().find(is_meant) {
            Some(question) => {
                question.recalled.cancel();
                Answer::Recalled { target }
            }
            None => Answer::Refused { action: None, contact: None, why: Refusal::NoSuchQuestion },
        };
        self.answer(by, Arc::new(answer));
    }

    /// Whoever comes while an answer comes hears first what was said of it.
    pub(super) fn tell_what_was_said(&self, conn: ConnId, session: &Arc<str>) {
        let is_heard = |question: &&UnderWay| {
            question.streams && question.session == *session && !question.text.is_empty()
        };
        for question in self.questions.values().filter(is_heard) {
            let news = question.news(Private::from(question.text.as_str()), None);
            self.setting.directory.tell(conn, self.news(session, news));
        }
    }
}

impl UnderWay {
    fn news(&self, delta: Private, end: Option<Result<(), Refusal>>) -> News {
        News::Delta { request_id: self.request_id(), answer: OrderId(self.id), delta, end }
    }

    fn request_id(&self) -> Option<Arc<str>> {
        self.by.as_ref().and_then(|by| by.request_id.clone())
    }
}

/// A service that nobody knows is one that is not set up.
fn ask(asking: &Asking, question: Question, service: Option<&str>) -> Answering {
    let named = service.map(Service::named);
    if named == Some(None) {
        return Answering::none();
    }
    asking.ai.put(question, named.flatten(), asking.within)
}

fn cancelled(by: Asker) -> Event {
    let why = Refusal::NoAnswer(NoAnswer::Cancelled);
    Event::LookedUp { by, answer: Answer::Refused { action: None, contact: None, why } }
}
