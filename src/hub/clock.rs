//! The hub's time: real, or stepped by a test.

use crate::core::Millis;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;
use tokio::time::Instant;

/// Ten years. No hub runs for so long, and no system's clock overflows by adding it.
const FAR_OFF: Duration = Duration::from_secs(3_650 * 24 * 60 * 60);

/// A moment, in four bytes, to see how long something took: microseconds, of which 2^32 are 71 minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark(NonZeroU32);

/// Milliseconds since the hub started. Cloning it gives another view of the same time.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    Real(Instant),
    /// With the date at which it began to stand still.
    Stepped(Arc<watch::Sender<Millis>>, Duration),
}

impl Clock {
    /// Time as it passes.
    pub fn real() -> Self {
        Self(Source::Real(Instant::now()))
    }

    /// Time that stands still until [`Clock::step`].
    pub fn stepped() -> Self {
        Self(Source::Stepped(Arc::new(watch::Sender::new(Millis(0))), today()))
    }

    /// Moves a stepped clock on, and wakes whoever waited for that. A real clock does not care.
    pub fn step(&self, by: Duration) {
        if let Source::Stepped(now, _) = &self.0 {
            now.send_modify(|now| *now = now.plus(Millis::from(by)));
        }
    }

    /// The time now.
    pub fn now(&self) -> Millis {
        match &self.0 {
            Source::Real(start) => Millis::from(start.elapsed()),
            Source::Stepped(now, _) => *now.borrow(),
        }
    }

    /// A mark from which [`Clock::since`] counts.
    pub fn mark(&self) -> Mark {
        let micros = match &self.0 {
            Source::Real(start) => start.elapsed().as_micros(),
            Source::Stepped(now, _) => u128::from(now.borrow().0) * 1_000,
        };
        // The lowest bits are what is wanted.
        Mark(NonZeroU32::new(micros as u32).unwrap_or(NonZeroU32::MIN))
    }

    /// The time since a mark, which was set less than 71 minutes ago: what is longer counts from the start again.
    pub fn since(&self, mark: Mark) -> Duration {
        Duration::from_micros(self.mark().0.get().wrapping_sub(mark.0.get()).into())
    }

    /// The date: the time since 1970. It may go back, where somebody sets the system's clock right.
    pub fn date(&self) -> Duration {
        match &self.0 {
            Source::Real(_) => today(),
            Source::Stepped(now, began) => *began + Duration::from_millis(now.borrow().0),
        }
    }

    /// When that date comes; `None` if that is so far off that nobody waits for it.
    pub fn at(&self, date: Duration) -> Option<Millis> {
        let left = date.saturating_sub(self.date());
        (left < FAR_OFF).then(|| self.now().plus(Millis::from(left)))
    }

    /// Waits until that time has come.
    pub async fn until(&self, at: Millis) {
        match &self.0 {
            Source::Real(start) => tokio::time::sleep_until(*start + Duration::from_millis(at.0)).await,
            Source::Stepped(now, _) => {
                // The sender lives as long as this clock, so waiting cannot fail.
                let _ = now.subscribe().wait_for(|now| *now >= at).await;
            }
        }
    }
}

/// The system's date. A clock from before 1970 stands at its end.
fn today() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// One alarm for all the deadlines of a task. It rings at the earliest time it was set to, or before: whoever
/// hears it looks at the clock and sets it again.
#[derive(Default)]
pub struct Alarm {
    ringing: Option<(Millis, Wait)>,
}

type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Alarm {
    /// Rings at `at`. An alarm that rings earlier stays as it is.
    pub fn set(&mut self, clock: &Clock, at: Millis) {
        if self.ringing.as_ref().is_none_or(|(set, _)| *set > at) {
            let clock = clock.clone();
            self.ringing = Some((at, Box::pin(async move { clock.until(at).await })));
        }
    }

    /// Ready once when the time has come; never without one.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some((_, wait)) = &mut self.ringing else { return Poll::Pending };
        let rung = wait.as_mut().poll(cx);
        if rung.is_ready() {
            self.ringing = None;
        }
        rung
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stepped_clock_wakes_whoever_waited() {
        let clock = Clock::stepped();
        let waiting = clock.until(Millis(5_000));
        clock.step(Duration::from_secs(5));
        waiting.await;
        assert_eq!(clock.now(), Millis(5_000));
    }

    #[test]
    fn a_date_comes_when_its_time_does() {
        let clock = Clock::stepped();
        let date = clock.date();
        clock.step(Duration::from_secs(5));
        assert_eq!(clock.date(), date + Duration::from_secs(5));
        assert_eq!(clock.at(date + Duration::from_secs(7)), Some(Millis(7_000)));
        assert_eq!(clock.at(date), Some(Millis(5_000)), "what is past is due now");
        assert_eq!(clock.at(date + FAR_OFF + Duration::from_secs(5)), None);
        assert_eq!(Clock::real().at(Duration::MAX), None);
    }
}
