//! What a day may cost, in calls and in tokens.

/// How many there may be in a day (UTC). 0 is any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budget {
    pub calls: u64,
    /// Of questions and answers together, as far as the provider counts them.
    pub tokens: u64,
}

/// Milliseconds in a day.
const DAY: u64 = 24 * 60 * 60 * 1_000;

/// What was spent today.
#[derive(Debug)]
pub struct Spent {
    budget: Budget,
    /// Days since 1970.
    day: u64,
    calls: u64,
    tokens: u64,
}

impl Spent {
    /// Nothing so far.
    pub fn new(budget: Budget) -> Self {
        Self { budget, day: 0, calls: 0, tokens: 0 }
    }

    /// Counts a call, if there may be one more. `wall` is in milliseconds since 1970.
    pub fn call(&mut self, wall: u64) -> bool {
        self.turn_over(wall);
        let is_left = |spent: u64, most: u64| most == 0 || spent < most;
        let may = is_left(self.calls, self.budget.calls) && is_left(self.tokens, self.budget.tokens);
        self.calls += u64::from(may);
        may
    }

    /// Counts what a call took.
    pub fn took(&mut self, wall: u64, tokens: u64) {
        self.turn_over(wall);
        self.tokens = self.tokens.saturating_add(tokens);
    }

    /// A clock that was set back begins no new day.
    fn turn_over(&mut self, wall: u64) {
        let day = wall / DAY;
        if day > self.day {
            (self.day, self.calls, self.tokens) = (day, 0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_so_many_calls_and_the_next_one_again() {
        let mut spent = Spent::new(Budget { calls: 2, tokens: 0 });
        assert!(spent.call(DAY) && spent.call(DAY) && !spent.call(2 * DAY - 1));
        assert!(spent.call(2 * DAY) && spent.call(DAY), "the day before is over");
        assert!(!spent.call(2 * DAY));
    }

    #[test]
    fn a_call_that_takes_all_tokens_is_the_last_of_the_day() {
        let mut spent = Spent::new(Budget { calls: 0, tokens: 100 });
        assert!(spent.call(0));
        spent.took(0, 99);
        assert!(spent.call(0));
        spent.took(0, 500);
        assert!(!spent.call(0));
        assert!(spent.call(DAY));
    }

    #[test]
    fn without_limits_nothing_ends() {
        let mut spent = Spent::new(Budget::default());
        spent.took(0, u64::MAX);
        spent.took(0, u64::MAX);
        assert!((0..1_000).all(|_| spent.call(0)));
    }
}
