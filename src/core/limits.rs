//! A token bucket in whole numbers, so that every node counts alike.

use super::Millis;

/// One token is this many parts, so that a bucket refills evenly without fractions.
const PARTS: u64 = 60_000;

/// Allows `per_minute` events at once, and as many again over each minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bucket {
    /// Parts used up, at the time of `seen`.
    used: u64,
    seen: Millis,
}

impl Bucket {
    /// Takes one token, or says how long to wait for it. A rate of 0 is no limit.
    pub fn take(&mut self, now: Millis, per_minute: u32) -> Result<(), Millis> {
        if per_minute == 0 {
            return Ok(());
        }
        // In a minute (60,000 ms) `per_minute` tokens come back: `per_minute` parts each millisecond.
        let rate = u64::from(per_minute);
        self.used = self.used.saturating_sub(now.since(self.seen).0.saturating_mul(rate));
        self.seen = now;
        let over = (self.used + PARTS).saturating_sub(rate * PARTS);
        if over > 0 {
            return Err(Millis(over.div_ceil(rate)));
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
        let now = Millis(5);
        for _ in 0..60 {
            assert_eq!(bucket.take(now, 60), Ok(()));
        }
        assert_eq!(bucket.take(now, 60), Err(Millis(1_000)));
        assert_eq!(bucket.take(Millis(1_004), 60), Err(Millis(1)));
        assert_eq!(bucket.take(Millis(1_005), 60), Ok(()));
    }

    #[test]
    fn zero_is_no_limit() {
        let mut bucket = Bucket::default();
        assert!((0..1_000).all(|_| bucket.take(Millis(0), 0).is_ok()));
    }
}
