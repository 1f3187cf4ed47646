//! A token bucket in whole numbers, so that every node counts alike.

use super::Millis;

/// One token is this many parts, so that a bucket refills evenly without fractions.
const PARTS: u64 = 60_000;

/// How often something may happen: so many at once, and so many over each minute. A rate of 0 is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rate {
    pub per_minute: u32,
    pub burst: u32,
}

impl Rate {
    /// As many at once as in a minute.
    pub const fn per_minute(per_minute: u32) -> Self {
        Self { per_minute, burst: per_minute }
    }
}

/// What somebody has used up of a [`Rate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Bucket {
    /// Parts used up, at the time of `seen`.
    used: u64,
    seen: Millis,
}

impl Bucket {
    /// Takes one token, or says how long to wait for it.
    pub fn take(&mut self, now: Millis, rate: Rate) -> Result<(), Millis> {
        if rate.per_minute == 0 {
            return Ok(());
        }
        // In a minute (60,000 ms) `per_minute` tokens come back: `per_minute` parts each millisecond.
        let pace = u64::from(rate.per_minute);
        self.used = self.used.saturating_sub(now.since(self.seen).0.saturating_mul(pace));
        self.seen = now;
        let over = (self.used + PARTS).saturating_sub(u64::from(rate.burst.max(1)) * PARTS);
        if over > 0 {
            return Err(Millis(over.div_ceil(pace)));
        }
        self.used += PARTS;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_then_one_at_a_time() {
        let mut bucket = Bucket::default();
        let (now, rate) = (Millis(5), Rate::per_minute(60));
        for _ in 0..60 {
            assert_eq!(bucket.take(now, rate), Ok(()));
        }
        assert_eq!(bucket.take(now, rate), Err(Millis(1_000)));
        assert_eq!(bucket.take(Millis(1_004), rate), Err(Millis(1)));
        assert_eq!(bucket.take(Millis(1_005), rate), Ok(()));
    }

    #[test]
    fn the_burst_may_be_another_number_than_the_rate() {
        let mut bucket = Bucket::default();
        let rate = Rate { per_minute: 600, burst: 2 };
        assert_eq!([(); 3].map(|()| bucket.take(Millis(0), rate)), [Ok(()), Ok(()), Err(Millis(100))]);
        assert_eq!(bucket.take(Millis(100), rate), Ok(()));
    }

    #[test]
    fn zero_is_no_limit() {
        let mut bucket = Bucket::default();
        assert!((0..1_000).all(|_| bucket.take(Millis(0), Rate::default()).is_ok()));
    }
}
