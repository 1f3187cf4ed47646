//! Puts questions to a language model, of whichever provider the operator set up, and hands the answers out as they
//! come.
//!
//! It owns providers, and what keeps them on a short leash: how many calls there may be at once and in a day, how long
//! one may take, what is tried again and when a provider is left alone for a while. The same question, put by several
//! at once, is one call. It must never know clients, sessions or contacts, and nothing of a question or an answer is
//! ever logged.

mod answering;
mod attempt;
mod breaker;
mod budget;
mod call;
mod provider;
mod trouble;

pub use answering::{Answering, Piece, Tokens, Whole};
pub use budget::Budget;
pub use provider::{NotSetUp, Provider, Service};
pub use trouble::Trouble;

use crate::core::{Millis, Private};
use crate::metrics::Metrics;
use answering::Teller;
use breaker::Breaker;
use budget::Spent;
use call::Call;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

/// What a model is asked. Two that are equal have one answer.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Question {
    /// What it is to do, in our words: nothing of a client is in here.
    pub task: &'static str,
    /// What others asked and what was the right answer, in our words too: they come before it.
    pub examples: &'static [(&'static str, &'static str)],
    /// What it is about.
    pub text: Private,
    /// The shape of the answer, if it is to be JSON: a JSON Schema (2020-12).
    pub schema: Option<&'static str>,
    /// The longest answer, in tokens.
    pub most_tokens: u32,
    /// Nobody waits for it: it leaves half of the places to others.
    pub in_background: bool,
}

impl Question {
    /// How long it is in all, in bytes.
    fn len(&self) -> usize {
        let examples = self.examples.iter().map(|(asked, answered)| asked.len() + answered.len());
        self.task.len() + examples.sum::<usize>() + self.text.as_str().len()
    }
}

/// How the house goes about it.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// How many calls may be under way at once.
    pub at_once: usize,
    pub budget: Budget,
}

/// A handle on it. Cloning it is cheap.
#[derive(Clone)]
pub struct Ai(Arc<Shared>);

struct Shared {
    providers: Vec<Provider>,
    places: Semaphore,
    /// How many of them those may have for which nobody waits.
    background: Semaphore,
    /// Times are counted from here.
    began: Instant,
    state: Mutex<State>,
    keys: RandomState,
    metrics: Metrics,
    tasks: TaskTracker,
}

struct State {
    budget: Spent,
    breakers: Vec<Breaker>,
    /// Who tells those who wait, of each question that is with a provider.
    under_way: HashMap<u64, Vec<UnderWay>>,
}

/// A call that others may listen to.
struct UnderWay {
    key: Key,
    teller: Weak<Teller>,
    until: Instant,
}

/// What makes two calls the same.
type Key = (Question, Option<Service>);

impl Ai {
    /// One that asks these, the first one first. Each call is a task of `tasks`, and ends when nobody waits for it.
    pub fn new(providers: Vec<Provider>, rules: Rules, metrics: Metrics, tasks: TaskTracker) -> Self {
        let breakers = providers.iter().map(|_| Breaker::default()).collect();
        providers.iter().for_each(|provider| metrics.ai_rests(provider.service().name(), false));
        let state = State { budget: Spent::new(rules.budget), breakers, under_way: HashMap::new() };
        Self(Arc::new(Shared {
            providers,
            places: Semaphore::new(rules.at_once),
            background: Semaphore::new((rules.at_once / 2).max(1)),
            began: Instant::now(),
            state: Mutex::new(state),
            keys: RandomState::new(),
            metrics,
            tasks,
        }))
    }

    /// Whom it asks, the first one first.
    pub fn services(&self) -> impl Iterator<Item = Service> {
        self.0.providers.iter().map(Provider::service)
    }

    /// Puts a question, to this service if one is named. The answer has to be whole within this time.
    pub fn put(&self, question: Question, service: Option<Service>, within: Duration) -> Answering {
        let key = (question, service);
        let hash = self.0.keys.hash_one(&key);
        let (now, until) = (Instant::now(), Instant::now() + within);
        let mut state = self.0.state();
        let all = state.under_way.entry(hash).or_default();
        all.retain(|call| call.teller.strong_count() > 0);
        // One that has not long to go any more is nobody else's.
        let same = all.iter().find(|call| call.key == key && call.until >= now + within / 2);
        if let Some(teller) = same.and_then(|call| call.teller.upgrade()) {
            self.0.metrics.ai_call_saved();
            return teller.listen(until);
        }
        let teller = Arc::new(Teller::default());
        let answering = teller.listen(until);
        all.push(UnderWay { key: key.clone(), teller: Arc::downgrade(&teller), until });
        drop(state);
        let shared = self.0.clone();
        self.0.tasks.spawn(async move {
            let (question, service) = key;
            let call = Call { question: &question, until, teller: &teller };
            let mut call = pin!(shared.call(call, service));
            let end = loop {
                tokio::select! {
                    end = &mut call => break end,
                    // Nobody wants to know any more, unless somebody joins in this moment.
                    () = teller.is_alone() => {
                        if shared.state().forget_if_alone(hash, &teller) {
                            return;
                        }
                    }
                }
            };
            shared.state().forget(hash, &teller);
            teller.end(end);
        });
        answering
    }
}

impl Shared {
    fn now(&self) -> Millis {
        self.began.elapsed().into()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The same, if nobody listens.
    fn forget_if_alone(&mut self, hash: u64, teller: &Arc<Teller>) -> bool {
        let is_alone = teller.listeners() == 0;
        if is_alone {
            self.forget(hash, teller);
        }
        is_alone
    }

    /// Whoever asks the same from here on begins anew.
    fn forget(&mut self, hash: u64, teller: &Arc<Teller>) {
        if let Some(same) = self.under_way.get_mut(&hash) {
            same.retain(|call| call.teller.as_ptr() != Arc::as_ptr(teller));
            if same.is_empty() {
                self.under_way.remove(&hash);
            }
        }
    }
}

impl std::fmt::Debug for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Question(…)")
    }
}
