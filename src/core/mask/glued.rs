//! Number words written without spaces: `sevenonetwotwoeight`.
//!
//! Owns the reading of one word as several, in one pass and in time linear in the word.

use super::lexicon::{LONGEST_GLUED, Lexicon};
use super::reader::Span;

/// Shortest word, in bytes, within which numbers are looked for among other letters.
const SHORTEST_HAYSTACK: usize = 20;
/// Fewest digits that count among other letters.
const FEWEST_AMONG_LETTERS: u16 = 5;

/// Places kept while reading; more than any word is long.
const WINDOW: usize = LONGEST_GLUED + 1;

/// Letters a digit in a word that is all numbers: "undo" is none.
const SHORTEST_AVERAGE: usize = 3;

/// A stretch of number words within one word.
pub(super) struct Stretch {
    /// Byte offsets into the word.
    pub(super) span: Span,
    pub(super) digits: u16,
}

/// The number words of which `word` is made, or five or more digits of them within a long word, from byte
/// `from` on.
pub(super) fn stretch(word: &str, from: usize, lexicon: &Lexicon) -> Option<Stretch> {
    // Nearly every word ends here.
    let may_be_whole = word.len() >= 2 * SHORTEST_AVERAGE && lexicon.glued(word.as_bytes()).next().is_some();
    if word.len() < SHORTEST_HAYSTACK && !may_be_whole {
        return None;
    }
    let mut start = from;
    while start < word.len() {
        let (end, digits) = run_of_numbers(word, start, lexicon);
        let whole = start == 0 && end == word.len() && digits > 1;
        if whole && word.len() >= SHORTEST_AVERAGE * usize::from(digits) || digits >= FEWEST_AMONG_LETTERS {
            return Some(Stretch { span: Span { start, end }, digits });
        }
        if word.len() < SHORTEST_HAYSTACK {
            return None;
        }
        // What was read as fewer numbers is passed over as a whole, or every byte could be read many times;
        // where it ends no number word starts.
        start = end + 1;
    }
    None
}

/// How far number words lead from `start` on, and for how many digits they stand.
///
/// Every place that words can reach is followed, so that one language's "duas" does not hide another's "dua
/// satu".
fn run_of_numbers(word: &str, start: usize, lexicon: &Lexicon) -> (usize, u16) {
    if !word.as_bytes().get(start..).is_some_and(|rest| lexicon.may_be_glued(rest)) {
        return (start, 0);
    }
    // One more than the most digits with which a place is reached; nought when it is not. Words are shorter
    // than the ring.
    let mut reached = [0_u16; WINDOW];
    let (mut furthest, mut at, mut digits) = (start, start, 0);
    if let Some(first) = reached.get_mut(start % WINDOW) {
        *first = 1;
    }
    while at <= furthest {
        let here = reached.get_mut(at % WINDOW).map_or(0, std::mem::take);
        let rest = word.as_bytes().get(at..).filter(|rest| here > 0 && !rest.is_empty());
        if at == furthest {
            digits = here.saturating_sub(1);
        }
        for (length, more) in rest.into_iter().flat_map(|rest| lexicon.glued(rest)) {
            furthest = furthest.max(at + length);
            if let Some(there) = reached.get_mut((at + length) % WINDOW) {
                *there = here.saturating_add(more).max(*there);
            }
        }
        at += 1;
    }
    (furthest, digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(word: &str) -> Option<u16> {
        stretch(word, 0, &Lexicon::new()).map(|found| found.digits)
    }

    #[test]
    fn reads_words_without_spaces() {
        assert_eq!(digits("nineeight"), Some(2));
        assert_eq!(digits("sevenonetwotwoeightzeronine"), Some(7));
        assert_eq!(digits("nolduasatuenam"), Some(4));
        assert_eq!(digits("mynumberisnineeightsevensixfive"), Some(5));
    }

    #[test]
    fn leaves_other_words() {
        for word in ["someone", "undo", "noone", "phone", "tonight", "weightone"] {
            assert_eq!(digits(word), None, "{word}");
        }
    }
}
