//! What became of each line in one direction of a chat: what its sender was told, beside what was shown.
//!
//! A line has one number for ever and is sent once. One whose answer never came, because the connection broke
//! first, is not sent again: it may have been shown, and only a person can judge whether a second time does harm.

use std::fmt;

/// What a sender knows of one of its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was written to a connection that broke before the answer came.
    Unanswered,
    /// Its frame was never complete.
    Torn,
    /// `delivered` or `queued`.
    Taken,
    Refused,
    /// Taken, and back as `chat_message_failed`.
    CameBack,
}

/// All lines of one sender, by number.
#[derive(Default)]
pub struct Said(Vec<Fate>);

impl Said {
    /// The number of the next line.
    pub fn next(&mut self, fate: Fate) -> usize {
        self.0.push(fate);
        self.0.len() - 1
    }

    /// The hub answered.
    pub fn answered(&mut self, number: usize, success: bool) {
        let fate = &mut self.0[number];
        assert_eq!(*fate, Fate::Unanswered, "line {number} is answered once");
        *fate = if success { Fate::Taken } else { Fate::Refused };
    }

    /// It came back. The hub need not have been heard to take it: that may have been lost on the way.
    pub fn came_back(&mut self, number: usize) {
        let fate = &mut self.0[number];
        assert!(matches!(fate, Fate::Unanswered | Fate::Taken), "line {number} comes back once: {fate:?}");
        *fate = Fate::CameBack;
    }

    /// Holds it against the numbers that were shown.
    pub fn judge(&self, shown: &[usize]) -> Verdict {
        let mut verdict = Verdict { lines: self.0.len(), ..Verdict::default() };
        let mut times = vec![0_usize; self.0.len()];
        for number in shown {
            match times.get_mut(*number) {
                Some(times) => *times += 1,
                None => verdict.ghosts += 1,
            }
        }
        verdict.disorder = shown.windows(2).filter(|two| two[1] < two[0]).count();
        for (fate, times) in self.0.iter().zip(times) {
            verdict.count(*fate, times);
        }
        verdict
    }
}

/// How many lines fared how.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub lines: usize,
    pub taken: usize,
    pub refused: usize,
    pub came_back: usize,
    pub unanswered: usize,
    /// How many of the unanswered were shown.
    pub unanswered_shown: usize,
    pub torn: usize,
    /// Taken, and neither shown nor back.
    pub gaps: usize,
    /// Shown once too often.
    pub repeats: usize,
    /// Shown before a line that was typed earlier.
    pub disorder: usize,
    /// Shown although refused, torn, never sent, or back at their sender.
    pub ghosts: usize,
}

impl Verdict {
    fn count(&mut self, fate: Fate, times: usize) {
        self.repeats += times.saturating_sub(1);
        let shown = usize::from(times > 0);
        match fate {
            Fate::Taken => (self.taken, self.gaps) = (self.taken + 1, self.gaps + 1 - shown),
            Fate::Unanswered => {
                self.unanswered += 1;
                self.unanswered_shown += shown;
                return;
            }
            Fate::Refused => self.refused += 1,
            Fate::Torn => self.torn += 1,
            Fate::CameBack => self.came_back += 1,
        }
        if fate != Fate::Taken {
            self.ghosts += shown;
        }
    }

    /// Both together.
    pub fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.taken += other.taken;
        self.refused += other.refused;
        self.came_back += other.came_back;
        self.unanswered += other.unanswered;
        self.unanswered_shown += other.unanswered_shown;
        self.torn += other.torn;
        self.gaps += other.gaps;
        self.repeats += other.repeats;
        self.disorder += other.disorder;
        self.ghosts += other.ghosts;
    }

    /// Whether all is as promised.
    pub fn is_clean(&self) -> bool {
        (self.gaps, self.repeats, self.disorder, self.ghosts) == (0, 0, 0, 0)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lines, taken, refused, came_back, unanswered, unanswered_shown, torn, .. } = self;
        writeln!(
            f,
            "  {lines} lines: {taken} taken, {came_back} came back, {refused} refused, {torn} torn, \
             {unanswered} without an answer ({unanswered_shown} of these shown)"
        )?;
        let Self { gaps, repeats, disorder, ghosts, .. } = self;
        write!(
            f,
            "  gaps {gaps}, repeats {repeats}, out of order {disorder}, shown and should not be {ghosts}"
        )
    }
}

#[test]
fn every_fault_is_seen() {
    let mut said = Said::default();
    for fate in [Fate::Taken, Fate::Unanswered, Fate::Torn, Fate::Refused, Fate::CameBack, Fate::Taken] {
        said.next(fate);
    }
    assert!(said.judge(&[0, 5]).is_clean() && said.judge(&[0, 1, 5]).is_clean());
    assert_eq!(said.judge(&[5]).gaps, 1);
    assert_eq!(said.judge(&[0, 1, 1, 5, 5]).repeats, 2);
    assert_eq!(said.judge(&[0, 5, 1]).disorder, 1);
    assert_eq!(said.judge(&[0, 2, 3, 4, 5, 6]).ghosts, 4);
}
