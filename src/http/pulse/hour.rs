//! What the last hour was like, a point every ten seconds.

use crate::core::Millis;
use crate::metrics::Tally;
use std::collections::VecDeque;

/// The time from a point to the next.
pub const STEP: Millis = Millis::seconds(10);
/// An hour of them.
const POINTS: usize = 360;

/// How things stood at the end of a step, and what was said in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Point {
    /// Texts that were taken.
    pub texts: u64,
    pub online: u64,
    pub waiting: u64,
    pub pairs: u64,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Hour {
    points: VecDeque<Point>,
    /// The number of the step that goes on, and how many texts there were before it.
    step: u64,
    texts: u64,
}

impl Hour {
    /// So it stands now. Steps in which nobody looked were as this one, and quiet.
    pub fn note(&mut self, now: Millis, tally: Tally) {
        let step = now.0 / STEP.0;
        let Tally { online, waiting, pairs, texts, .. } = tally;
        let missed = step.saturating_sub(self.step);
        for at in 1..=missed.min(POINTS as u64) {
            let texts = if at == 1 { texts.saturating_sub(self.texts) } else { 0 };
            self.points.push_back(Point { texts, online, waiting, pairs });
        }
        while self.points.len() > POINTS {
            self.points.pop_front();
        }
        if missed > 0 {
            (self.step, self.texts) = (step, texts);
        }
    }

    /// Oldest first; fewer, while the house is younger than an hour.
    pub fn points(&self) -> impl Iterator<Item = Point> {
        self.points.iter().copied()
    }

    /// The number of the newest point.
    pub fn newest(&self) -> u64 {
        self.step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(texts: u64, online: u64) -> Tally {
        Tally { online, waiting: 1, pairs: 0, pairs_made: 0, texts }
    }

    fn texts(hour: &Hour) -> Vec<u64> {
        hour.points().map(|point| point.texts).collect()
    }

    #[test]
    fn each_step_has_the_texts_that_were_said_in_it() {
        let mut hour = Hour::default();
        for (second, said) in [(0, 0), (9, 3), (10, 4), (15, 5), (20, 9)] {
            hour.note(Millis::seconds(second), tally(said, second));
        }
        assert_eq!(texts(&hour), [4, 5]);
        assert_eq!(hour.points().map(|point| point.online).collect::<Vec<_>>(), [10, 20]);
        assert_eq!(hour.newest(), 2);
    }

    #[test]
    fn a_gap_is_quiet_and_an_hour_is_all_there_is() {
        let mut hour = Hour::default();
        hour.note(Millis::seconds(30), tally(7, 2));
        assert_eq!(texts(&hour), [7, 0, 0]);
        hour.note(Millis::seconds(10 * 60 * 60), tally(8, 2));
        assert_eq!(texts(&hour).len(), POINTS);
        assert_eq!(texts(&hour).iter().sum::<u64>(), 1);
    }
}
