//! One try with one provider: how it ended is counted, also if nobody waits for it any more.

use super::answering::Tokens;
use super::call::Call;
use super::{Shared, Trouble};
use std::time::Duration;
use tokio::time::Instant;

/// Whoever showed no sign of life for so long is too slow; for less, there was no time.
pub const FIRST: Duration = Duration::from_secs(5);
/// Bytes of a text for one token, where nobody counted them.
const BYTES: usize = 4;

/// See the module.
pub struct Attempt<'a> {
    shared: &'a Shared,
    /// The place of the provider in the order.
    at: usize,
    service: &'static str,
    call: &'a Call<'a>,
    begun: Instant,
    is_over: bool,
}

impl<'a> Attempt<'a> {
    /// Begins it, if the provider may be asked now, and the house may ask anybody.
    pub fn begin(shared: &'a Shared, at: usize, call: &'a Call<'a>) -> Result<Self, Trouble> {
        let (now, mut state) = (shared.now(), shared.state());
        state.breakers.get_mut(at).map_or(Ok(()), |breaker| breaker.ask(now))?;
        if !state.budget.call(wall()) {
            return Err(Trouble::Spent);
        }
        let service = shared.providers.get(at).map_or("", |provider| provider.service().name());
        Ok(Self { shared, at, service, call, begun: Instant::now(), is_over: false })
    }

    /// It was answered.
    pub fn succeeded(mut self, tokens: Tokens) {
        self.is_over = true;
        self.shared.metrics.ai_called(self.service, "answered");
        self.shared.metrics.ai_took(self.service, [tokens.prompt, tokens.completion]);
        let mut state = self.shared.state();
        state.breakers.get_mut(self.at).into_iter().for_each(super::Breaker::succeeded);
        self.shared.metrics.ai_rests(self.service, false);
        state.budget.took(wall(), tokens.prompt.saturating_add(tokens.completion));
    }

    /// It was not.
    pub fn failed(mut self, why: Trouble) {
        self.is_over = true;
        self.shared.metrics.ai_called(self.service, why.name());
        let now = self.shared.now();
        let had_time = self.begun.elapsed() >= FIRST && !self.call.teller.has_begun();
        let mut state = self.shared.state();
        let breaker = state.breakers.get_mut(self.at).filter(|_| why != Trouble::TooLate || had_time);
        if let Some(breaker) = breaker {
            breaker.failed(now, why);
            self.shared.metrics.ai_rests(self.service, breaker.is_open(now));
        }
        let has_begun = self.call.teller.has_begun();
        if has_begun || matches!(why, Trouble::TooLate | Trouble::Malformed | Trouble::Declined) {
            state.budget.took(wall(), self.guessed());
            self.shared.metrics.ai_guessed(self.service, self.guessed());
        }
        drop(state);
        tracing::warn!(service = self.service, why = why.name(), "A call of an AI failed");
    }

    /// What it took, as far as can be said without the provider.
    fn guessed(&self) -> u64 {
        let question = self.call.question;
        let bytes = question.len() + self.call.teller.len();
        u64::try_from(bytes / BYTES).unwrap_or(u64::MAX)
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.shared.metrics.ai_called(self.service, Trouble::Cancelled.name());
            let mut state = self.shared.state();
            state.breakers.get_mut(self.at).into_iter().for_each(super::Breaker::cancelled);
            state.budget.took(wall(), self.guessed());
            drop(state);
            self.shared.metrics.ai_guessed(self.service, self.guessed());
        }
    }
}

/// Milliseconds since 1970.
fn wall() -> u64 {
    u64::try_from(chrono::Utc::now().timestamp_millis()).unwrap_or(0)
}
