//! Counts tokens that were none of ours, so that whoever tries many is told to slow down. It must never know a
//! token, nor who came with it: a right one is let in however many wrong ones came before.

use std::time::Duration;

/// How many wrong tokens may come one after the other.
const AT_ONCE: u32 = 20;
/// After that one more in this time.
const EVERY: Duration = Duration::from_secs(3);

/// See the module.
#[derive(Debug, Default)]
pub struct Guesses {
    /// Until when the wrong tokens so far would have taken, had they come one in [`EVERY`].
    spent_until: Duration,
}

impl Guesses {
    /// A wrong token came. How long to wait for the next, if there were too many.
    pub fn count(&mut self, now: Duration) -> Option<Duration> {
        let spent_until = self.spent_until.max(now) + EVERY;
        let wait = spent_until.saturating_sub(now + EVERY * AT_ONCE);
        if wait.is_zero() {
            self.spent_until = spent_until;
            return None;
        }
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_wrong_tokens_are_a_mistake_and_many_are_slowed() {
        let (mut guesses, now) = (Guesses::default(), Duration::from_secs(100));
        assert!((0..AT_ONCE).all(|_| guesses.count(now).is_none()));
        assert_eq!(guesses.count(now), Some(EVERY));
        assert_eq!(guesses.count(now), Some(EVERY), "what was not looked at costs nothing");
        assert_eq!(guesses.count(now + EVERY), None);
        assert_eq!(guesses.count(now + EVERY), Some(EVERY));
        let later = now + EVERY * 10 * AT_ONCE;
        assert!((0..AT_ONCE).all(|_| guesses.count(later).is_none()), "time makes up for them");
        assert!(guesses.count(later).is_some());
    }
}
