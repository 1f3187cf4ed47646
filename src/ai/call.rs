//! One question on its way: which provider it goes to, how often it is tried, and when that is given up.

use super::answering::{Teller, Tokens, Whole};
use super::attempt::{Attempt, FIRST};
use super::provider::Event;
use super::{Provider, Question, Service, Shared, Trouble};
use crate::core::Millis;
use futures::StreamExt;
use std::time::Duration;
use tokio::sync::SemaphorePermit;
use tokio::time::{Instant, sleep_until, timeout_at};

/// How often one provider is asked the same.
const TRIES: u32 = 2;
/// The wait before another try, if the provider names none.
const PAUSE: Duration = Duration::from_millis(250);

/// What is asked, and until when somebody wants to know.
pub struct Call<'a> {
    pub question: &'a Question,
    pub until: Instant,
    pub teller: &'a Teller,
}

impl Shared {
    /// Waits for a place, and for one of those in the background if it is for them.
    async fn place(&self, in_background: bool) -> [Option<SemaphorePermit<'_>>; 2] {
        // They are never closed.
        let behind = if in_background { self.background.acquire().await.ok() } else { None };
        [behind, self.places.acquire().await.ok()]
    }

    /// Asks one provider after the other until one answers. Once anything of an answer is told, nobody else is asked.
    pub(super) async fn call(&self, call: Call<'_>, service: Option<Service>) -> Result<Whole, Trouble> {
        let mut why = Trouble::NoProvider;
        let wanted = |provider: &&Provider| service.is_none_or(|service| provider.service() == service);
        let all: Vec<_> =
            self.providers.iter().enumerate().filter(|(_, provider)| wanted(provider)).collect();
        let last = all.last().map(|(at, _)| *at);
        for (at, provider) in all {
            match self.ask(at, provider, &call, last == Some(at)).await {
                Ok(whole) => return Ok(whole),
                Err(Trouble::Spent) => return Err(Trouble::Spent),
                Err(trouble) if call.teller.has_begun() || Instant::now() >= call.until => {
                    return Err(trouble);
                }
                Err(trouble) => why = trouble,
            }
        }
        Err(why)
    }

    /// Asks one provider, and once more if that may help and there is time. While another one could be asked, this
    /// one has not long to begin, and nobody waits until it has time.
    async fn ask(
        &self,
        at: usize,
        provider: &Provider,
        call: &Call<'_>,
        is_last: bool,
    ) -> Result<Whole, Trouble> {
        let mut tried = 0;
        loop {
            let places = timeout_at(call.until, self.place(call.question.in_background)).await;
            let places = places.map_err(|_| Trouble::Busy(None))?;
            let attempt = Attempt::begin(self, at, call)?;
            tried += 1;
            let first = if is_last { call.until } else { call.until.min(Instant::now() + FIRST) };
            let trouble = match once(provider, call, first).await {
                Ok((tokens, is_cut)) => {
                    attempt.succeeded(tokens);
                    return Ok(Whole { service: provider.service(), tokens, is_cut });
                }
                Err(trouble) => trouble,
            };
            drop(places);
            attempt.failed(trouble);
            let (pause, is_other_better) = (pause(trouble), !is_last && matches!(trouble, Trouble::Busy(_)));
            let again = Instant::now() + pause;
            let may_help = trouble.may_pass() && !call.teller.has_begun() && !is_other_better;
            if tried >= TRIES || !may_help || again >= call.until {
                return Err(trouble);
            }
            sleep_until(again).await;
        }
    }
}

/// How long to wait before another try: as long as the provider says.
fn pause(trouble: Trouble) -> Duration {
    match trouble {
        Trouble::Busy(Some(Millis(wait))) => Duration::from_millis(wait).max(PAUSE),
        _ => PAUSE,
    }
}

/// The longest answer that is held in memory, in bytes.
const LONGEST: usize = 256 << 10;

/// One call, which has to show some sign of life by `first`.
async fn once(provider: &Provider, call: &Call<'_>, first: Instant) -> Result<(Tokens, bool), Trouble> {
    let Call { question, until, teller } = call;
    let mut events = timeout_at(first, provider.ask(question)).await.map_err(|_| Trouble::TooLate)??;
    let mut by = first;
    loop {
        let event = timeout_at(by, events.next()).await.map_err(|_| Trouble::TooLate)?;
        match event.ok_or(Trouble::Malformed)?? {
            Event::Nothing => continue,
            // It thinks.
            Event::Life => {}
            // It was told how long an answer may be, and goes on as if it had not heard.
            Event::Text(text) if teller.len() + text.len() > LONGEST => return Err(Trouble::Malformed),
            Event::Text(text) => teller.tell(&text),
            // An answer without a word is none.
            Event::End { .. } if !teller.has_begun() => return Err(Trouble::Declined),
            Event::End { tokens, is_cut } => return Ok((tokens, is_cut)),
        }
        by = *until;
    }
}
