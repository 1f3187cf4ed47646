//! How long to wait before another attempt: longer each time, and never the same for two clients.
//!
//! It must never know: what is attempted, and why it failed.

use std::time::Duration;

/// Pauses that double up to a longest one. Half of each is left to chance, so that not all clients come at once.
#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    /// After so many attempts without success it is over; `None` for any number.
    most: Option<u32>,
    attempts: u32,
}

/// Past so many doublings every pause is the longest.
const DOUBLINGS: u32 = 16;

impl Backoff {
    /// From half a second to half a minute, for as long as it takes.
    pub const USUAL: Self = Self::new(Duration::from_millis(500), Duration::from_secs(30));

    /// Pauses from `first` to `longest`, for as long as it takes.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, most: None, attempts: 0 }
    }

    /// Gives up when so many attempts in a row have failed: 1 means that there is no second.
    pub const fn at_most(self, attempts: u32) -> Self {
        Self { most: Some(attempts), ..self }
    }

    /// Counts a failure, and says how long to wait now: between half of the pause and all of it, as `dice` has it.
    pub fn pause(&mut self, dice: u64) -> Duration {
        let doubled = self.first.saturating_mul(1 << self.attempts.min(DOUBLINGS));
        self.attempts = self.attempts.saturating_add(1);
        let half = doubled.min(self.longest) / 2;
        let nanos = u64::try_from(half.as_nanos()).unwrap_or(u64::MAX);
        half + Duration::from_nanos(dice % nanos.saturating_add(1))
    }

    /// How many attempts failed in a row.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Whether there is to be no further attempt.
    pub fn is_spent(&self) -> bool {
        self.most.is_some_and(|most| self.attempts >= most)
    }

    /// An attempt succeeded.
    pub fn begin_anew(&mut self) {
        self.attempts = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_begin_anew() {
        let (mut least, mut most) = (Backoff::USUAL, Backoff::USUAL);
        for (low, high) in [(250, 500), (500, 1_000), (1_000, 2_000)] {
            assert_eq!(least.pause(0), Duration::from_millis(low));
            assert_eq!(most.pause(high * 500_000), Duration::from_millis(high));
        }
        for _ in 0..100 {
            let pause = least.pause(u64::MAX);
            assert!(pause <= Duration::from_secs(30), "{pause:?}");
        }
        assert_eq!(least.pause(0), Duration::from_secs(15));
        least.begin_anew();
        assert_eq!(least.pause(0), Duration::from_millis(250));
    }

    #[test]
    fn some_give_up() {
        let mut backoff = Backoff::USUAL.at_most(2);
        backoff.pause(7);
        assert!(!backoff.is_spent());
        backoff.pause(7);
        assert!(backoff.is_spent() && !Backoff::USUAL.is_spent());
    }
}
