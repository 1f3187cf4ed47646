//! Chance that can be had again: by the seed that a run prints.

use std::time::Duration;

/// The seed of this run: `ENDURANCE_SEED`, or 1.
pub fn seed() -> u64 {
    std::env::var("ENDURANCE_SEED").ok().map_or(1, |seed| seed.parse().expect("ENDURANCE_SEED is a number"))
}

/// The splitmix64 generator.
pub struct Dice(u64);

impl Dice {
    /// One of many that have nothing to do with each other.
    pub fn of(seed: u64, number: u64) -> Self {
        let mut dice = Self(seed.wrapping_mul(0xD134_2543_DE82_EF95).wrapping_add(number));
        Self(dice.throw())
    }

    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// Less than this.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.throw() % bound
    }

    /// Milliseconds from the first number up to, and without, the second.
    pub fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from))
    }
}
