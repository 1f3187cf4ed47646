//! Leaves a provider alone that fails again and again, or that said for how long to.

use super::Trouble;
use crate::core::Millis;

/// After so many failures one after the other nobody asks it for a while.
const FAILURES: u32 = 5;
/// For so long. Then one call shows whether it is back.
const REST: Millis = Millis::seconds(30);
/// The longest wait that a provider can ask for: past it, it is tried again.
const LONGEST: Millis = Millis::seconds(3_600);

/// See the module.
#[derive(Debug, Default)]
pub struct Breaker {
    failures: u32,
    /// It is left alone until then, since it failed.
    until: Millis,
    /// The same, since it said so.
    asked_until: Millis,
}

impl Breaker {
    /// Whether it may be asked now; if not, for how long it is left alone yet. After a rest one is let through, which
    /// shows whether it is back.
    pub fn ask(&mut self, now: Millis) -> Result<(), Trouble> {
        let [asked, rest] = [self.asked_until, self.until].map(|until| until.since(now));
        if asked > Millis(0) {
            return Err(Trouble::Busy(Some(asked.max(rest))));
        } else if rest > Millis(0) {
            return Err(Trouble::Resting(rest));
        }
        if self.failures >= FAILURES {
            self.until = now.plus(REST);
        }
        Ok(())
    }

    /// It answered.
    pub fn succeeded(&mut self) {
        (self.failures, self.until) = (0, Millis(0));
    }

    /// It did not.
    pub fn failed(&mut self, now: Millis, why: Trouble) {
        if let Trouble::Busy(Some(wait)) = why {
            self.asked_until = self.asked_until.max(now.plus(wait.min(LONGEST)));
        }
        if why.is_the_providers() {
            self.failures = self.failures.saturating_add(1);
            if self.failures >= FAILURES {
                self.until = now.plus(REST);
            }
        } else if why.is_an_answer() {
            self.succeeded();
        }
    }

    /// Whether it is left alone, or was and did not answer since.
    pub fn is_open(&self, now: Millis) -> bool {
        self.failures >= FAILURES || self.asked_until > now
    }

    /// Nobody waits for it any more: whether it is back, the next one shows.
    pub fn cancelled(&mut self) {
        if self.failures >= FAILURES {
            self.until = Millis(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_closed(breaker: &mut Breaker, now: u64) -> bool {
        breaker.ask(Millis(now)).is_ok()
    }

    #[test]
    fn after_five_failures_it_rests_and_then_one_shows_whether_it_is_back() {
        let mut breaker = Breaker::default();
        let now = Millis(1_000);
        (0..4).for_each(|_| breaker.failed(now, Trouble::Unavailable));
        assert!(is_closed(&mut breaker, 1_000));
        breaker.failed(now, Trouble::TooLate);
        assert_eq!(breaker.ask(Millis(30_000)), Err(Trouble::Resting(Millis(1_000))));
        assert!(is_closed(&mut breaker, 31_000) && !is_closed(&mut breaker, 31_000), "one alone");
        breaker.failed(Millis(32_000), Trouble::Malformed);
        assert!(!is_closed(&mut breaker, 61_999) && is_closed(&mut breaker, 62_000), "it is not back");
        breaker.succeeded();
        assert!(is_closed(&mut breaker, 62_000) && is_closed(&mut breaker, 62_000));
        breaker.failed(Millis(62_000), Trouble::Unavailable);
        assert!(is_closed(&mut breaker, 62_000));
    }

    #[test]
    fn what_is_our_own_fault_counts_for_nothing() {
        let mut breaker = Breaker::default();
        for why in [
            Trouble::WrongKey,
            Trouble::WrongModel,
            Trouble::Declined,
            Trouble::NotTaken,
            Trouble::Spent,
            Trouble::Cancelled,
        ] {
            (0..9).for_each(|_| breaker.failed(Millis(0), why));
        }
        assert!(is_closed(&mut breaker, 0));
    }

    #[test]
    fn a_no_shows_that_it_is_back_and_a_call_that_was_given_up_shows_nothing() {
        for no in [Trouble::WrongKey, Trouble::WrongModel, Trouble::Declined, Trouble::NotTaken] {
            let mut breaker = Breaker::default();
            (0..5).for_each(|_| breaker.failed(Millis(0), Trouble::Unavailable));
            assert!(is_closed(&mut breaker, 30_000) && !is_closed(&mut breaker, 30_000));
            breaker.cancelled();
            assert!(
                is_closed(&mut breaker, 30_000) && !is_closed(&mut breaker, 30_000),
                "the next one shows it"
            );
            breaker.failed(Millis(30_000), no);
            assert!(is_closed(&mut breaker, 30_000) && is_closed(&mut breaker, 30_000), "{no:?}");
        }
    }

    #[test]
    fn it_rests_for_as_long_as_it_says_within_reason() {
        let mut breaker = Breaker::default();
        breaker.failed(Millis(0), Trouble::Busy(Some(Millis::seconds(46))));
        breaker.succeeded();
        assert!(
            !is_closed(&mut breaker, 45_999) && is_closed(&mut breaker, 46_000),
            "one that began before undoes nothing"
        );
        breaker.failed(Millis(0), Trouble::Busy(Some(Millis::seconds(90_000))));
        assert!(is_closed(&mut breaker, 3_600_000));
        breaker.failed(Millis(0), Trouble::Busy(None));
    }
}
