//! What the store is asked, and how it answers: pages, places in the history, and what a search looks for.
//!
//! It must never know where the rows are.

use super::record::{Direction, Message};
use std::fmt;
use std::str::FromStr;

/// The most messages in an answer. Who wants more asks for the next page.
pub const LARGEST_PAGE: usize = 1_000;
/// What the messages in an answer may weigh together, in bytes; a single one may be heavier. Whoever is told has room
/// for more than one such answer.
const LARGEST_WEIGHT: usize = 256 << 10;
/// The most words that a search looks for; those after them count for nothing.
const WORDS: usize = 16;

/// A place in the history. What it says of itself is for giving it back, not for reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(pub(super) i64);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// It was not said by a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoCursor;

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        text.parse().map(Self).map_err(|_| NoCursor)
    }
}

/// Which messages are wanted: those of one contact, or of all.
#[derive(Clone, Default)]
pub struct Wanted {
    pub session: String,
    pub contact_id: Option<String>,
    pub direction: Option<Direction>,
    /// Only older ones than this.
    pub before: Option<Cursor>,
}

impl Wanted {
    /// All messages of a session.
    pub fn of(session: &str) -> Self {
        Self { session: session.to_owned(), ..Self::default() }
    }

    /// Only those with this contact.
    pub fn with(self, contact_id: &str) -> Self {
        Self { contact_id: Some(contact_id.to_owned()), ..self }
    }

    /// Only those in this direction.
    pub fn going(self, direction: Direction) -> Self {
        Self { direction: Some(direction), ..self }
    }

    /// Only those before this place.
    pub fn before(self, before: Option<Cursor>) -> Self {
        Self { before, ..self }
    }
}

impl fmt::Debug for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wanted").field("before", &self.before).finish_non_exhaustive()
    }
}

/// A part of the history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The oldest first.
    pub messages: Vec<Message>,
    /// Where the next older page ends, if there is one.
    pub older: Option<Cursor>,
}

impl Page {
    /// Of rows that come the newest first, until there are so many or they weigh enough. One row more than wanted
    /// says that there is an older one.
    pub(super) fn of<E>(
        newest_first: impl Iterator<Item = Result<(Cursor, Message), E>>,
        count: usize,
    ) -> Result<Self, E> {
        let (mut page, mut oldest, mut weight) = (Self::default(), None, 0);
        for row in newest_first {
            let (cursor, message) = row?;
            weight += message.weight();
            if page.messages.len() >= count || oldest.is_some() && weight > LARGEST_WEIGHT {
                page.older = oldest;
                break;
            }
            oldest = Some(cursor);
            page.messages.push(message);
        }
        page.messages.reverse();
        Ok(page)
    }
}

/// What a search looks for: every piece has to be there, and the last one may be the beginning of a word.
///
/// A piece is what stands between blanks. It has letters or digits; those that have none count for nothing.
pub(super) fn pieces(query: &str) -> Vec<&str> {
    let pieces = query.split(|c: char| c.is_whitespace() || c.is_control());
    pieces.filter(|piece| piece.contains(char::is_alphanumeric)).take(WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_said() {
        let cursor = Cursor(42);
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", "x", "1.5", "99999999999999999999"] {
            assert_eq!(text.parse::<Cursor>(), Err(NoCursor));
        }
    }

    #[test]
    fn a_search_is_cut_into_pieces_with_letters() {
        assert_eq!(pieces(" red\0apple \"pie\" -- !"), ["red", "apple", "\"pie\""]);
        assert_eq!(pieces(&"x ".repeat(100)).len(), WORDS);
    }
}
