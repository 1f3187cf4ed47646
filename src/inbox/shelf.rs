//! What waits for somebody to come by: bounded, and shown once; once more if they ask at once, since an answer may
//! be lost on its way.

use super::line::Line;
use crate::hub::Text;
use crate::wire::Pos;
use std::collections::VecDeque;

/// How many lines wait.
const LINES: usize = 100;
/// And how many bytes of them.
const BYTES: usize = 64 * 1_024;

/// A line, and the text to tell its sender about, if it is one.
pub struct Entry {
    pub line: Line,
    pub text: Option<Text>,
}

/// See the module.
#[derive(Default)]
pub struct Shelf {
    waiting: VecDeque<Entry>,
    bytes: usize,
    /// How many gave way to newer ones since the last look.
    dropped: u64,
    /// What was shown last, for the first time.
    shown: Vec<Line>,
}

/// What somebody sees: what to show, and whose senders are to hear that it was.
pub struct Look {
    pub lines: Vec<Line>,
    /// One for each line that is shown for the first time; these are the last ones.
    pub texts: Vec<Option<Text>>,
    pub dropped: u64,
}

impl Shelf {
    /// Keeps a line. Returns those that have to give way to it, oldest first.
    pub fn put(&mut self, entry: Entry) -> Vec<Entry> {
        self.bytes += entry.line.text.len();
        self.waiting.push_back(entry);
        let mut gone = Vec::new();
        while self.waiting.len() > LINES || self.bytes > BYTES && self.waiting.len() > 1 {
            gone.extend(self.take_first());
            self.dropped += 1;
        }
        gone
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.dropped == 0
    }

    /// Shows what waits.
    pub fn look(&mut self) -> Look {
        self.look_again(|_| false)
    }

    /// Shows what was shown the last time, and what waits.
    pub fn look_once_more(&mut self) -> Look {
        self.look_again(|_| true)
    }

    /// Shows all after this position that is still there.
    pub fn look_after(&mut self, pos: Pos) -> Look {
        self.look_again(|line| line.pos.0 > pos.0)
    }

    fn look_again(&mut self, is_wanted: impl FnMut(&Line) -> bool) -> Look {
        let mut lines = std::mem::take(&mut self.shown);
        lines.retain(is_wanted);
        let (new, texts): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.waiting).into_iter().map(|entry| (entry.line, entry.text)).unzip();
        self.bytes = 0;
        lines.extend(new.iter().cloned());
        self.shown = new;
        Look { lines, texts, dropped: std::mem::take(&mut self.dropped) }
    }

    /// Nobody saw it: all is as it was before the last look, but for what nobody asked for any more.
    pub fn put_back(&mut self, look: Look) {
        let Look { mut lines, texts, dropped } = look;
        let new = lines.split_off(lines.len().saturating_sub(texts.len()));
        self.shown = lines;
        self.dropped += dropped;
        for (line, text) in new.into_iter().zip(texts).rev() {
            self.bytes += line.text.len();
            self.waiting.push_front(Entry { line, text });
        }
    }

    /// The texts that were never shown, oldest first.
    pub fn into_unshown(self) -> impl Iterator<Item = Text> {
        self.waiting.into_iter().filter_map(|entry| entry.text)
    }

    fn take_first(&mut self) -> Option<Entry> {
        let entry = self.waiting.pop_front()?;
        self.bytes -= entry.line.text.len();
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbox::Event;

    fn entry(pos: u64, length: usize) -> Entry {
        let text = "x".repeat(length).into();
        Entry { line: Line { pos: Pos(pos), event: Event::Message, from: None, text }, text: None }
    }

    fn shown(look: &Look) -> Vec<u64> {
        look.lines.iter().map(|line| line.pos.0).collect()
    }

    #[test]
    fn a_line_is_shown_once_and_once_more_if_asked_for_at_once() {
        let mut shelf = Shelf::default();
        shelf.put(entry(1, 1));
        assert_eq!(shown(&shelf.look()), [1]);
        shelf.put(entry(2, 1));
        assert_eq!(shown(&shelf.look_once_more()), [1, 2]);
        assert_eq!(shown(&shelf.look_once_more()), [2], "1 was shown twice");
        assert_eq!(shown(&shelf.look_once_more()), [0; 0]);
        shelf.put(entry(3, 1));
        assert_eq!(shown(&shelf.look()), [3]);
        assert_eq!(shown(&shelf.look()), [0; 0]);
        assert_eq!(shown(&shelf.look_once_more()), [0; 0], "another call came between");
    }

    #[test]
    fn who_names_a_position_sees_what_came_after_it() {
        let mut shelf = Shelf::default();
        (1..=3).for_each(|pos| drop(shelf.put(entry(pos, 1))));
        assert_eq!(shown(&shelf.look()), [1, 2, 3]);
        shelf.put(entry(4, 1));
        assert_eq!(shown(&shelf.look_after(Pos(2))), [3, 4]);
        assert_eq!(shown(&shelf.look_after(Pos(4))), [0; 0]);
    }

    #[test]
    fn what_nobody_saw_waits_on() {
        let mut shelf = Shelf::default();
        shelf.put(entry(1, 1));
        shelf.look();
        (2..=3).for_each(|pos| drop(shelf.put(entry(pos, 1))));
        let look = shelf.look_after(Pos(0));
        shelf.put_back(look);
        assert!(!shelf.is_empty());
        shelf.put(entry(4, 1));
        assert_eq!(shown(&shelf.look_after(Pos(0))), [1, 2, 3, 4]);
        assert_eq!(shelf.bytes, 0);
    }

    #[test]
    fn the_oldest_give_way_and_are_counted() {
        let mut shelf = Shelf::default();
        let gone: usize = (1..=150).map(|pos| shelf.put(entry(pos, 1)).len()).sum();
        assert_eq!(gone, 50);
        assert_eq!(shelf.put(entry(151, BYTES)).len(), 100, "they are too much beside it");
        let look = shelf.look();
        assert_eq!((shown(&look), look.dropped), (vec![151], 150));
        assert!(shelf.is_empty());
        assert!(shelf.put(entry(152, 2 * BYTES)).is_empty(), "a line is kept however long it is");
    }
}
