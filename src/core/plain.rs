//! Reads plain English words: what somebody wants from the account that a session shares, without any guessing.
//!
//! Owns the sentences that are understood (`send`, `look`, `bare`, `slash`), how a contact is named in them
//! (`slot`, `number`), which readings are too odd to be done (`readings`, `oddity`), which words are the speaker's own
//! (`own`), and the few words that stand in them (`words`). It must never know: who speaks, or what comes of it.
//!
//! A text that is to be sent is kept to the letter: case, spaces, line breaks and quotes. Only white space around
//! it goes, and one pair of quotes if all of it is in them. What could be read as another text, or as one for
//! somebody else, is not understood.

use super::contacts::{Names, fold};
use super::{Action, ContactName};
use slot::Reader;

mod bare;
mod look;
mod number;
mod oddity;
mod own;
mod readings;
mod send;
mod slash;
mod slot;
mod words;

pub use own::{has_words, own_words};

/// The longest sentence, in bytes.
pub const LONGEST: usize = 16 * 1024;

/// Who may be named in a sentence.
#[derive(Clone, Copy)]
pub struct Book<'b> {
    pub names: &'b Names<'b>,
    /// Whom "him", "her" and "them" mean.
    pub last: Option<&'b ContactName>,
    /// Whether somebody else wrote last: a "reply" to nobody may be for either.
    pub wrote_else: bool,
}

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    Act {
        action: Action,
        /// Whether the contact, if there is one, was named, and not only meant by a "him" or a "reply".
        names_contact: bool,
    },
    /// To be told what may be said.
    Help,
}

/// Why a sentence is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotUnderstood {
    /// It is nothing that can be done.
    Unknown,
    /// It says "him", "her" or "them", or nobody at all, and nobody was named before, or somebody else wrote.
    WhichContact,
    /// Where a contact stands there is a name that nobody has.
    UnknownName,
    /// It could be a text for one or for another, or one text or another. Quotes would tell.
    TwoWays,
}

/// Reads a sentence.
///
/// # Errors
///
/// When it is not understood, or longer than [`LONGEST`].
pub fn read(sentence: &str, book: &Book<'_>) -> Result<Meant, NotUnderstood> {
    let sentence = sentence.trim();
    if sentence.is_empty() || sentence.len() > LONGEST {
        return Err(NotUnderstood::Unknown);
    }
    let reader = Reader { names: book.names, last: book.last, wrote_else: book.wrote_else };
    if let Some(command) = sentence.strip_prefix('/') {
        return slash::read(command, &reader);
    }
    let order = words::without_courtesy(sentence);
    if let Some(meant) = bare::read(order) {
        return Ok(meant);
    }
    if let Some(asked) = look::read(order, &reader) {
        return asked.meant(&reader);
    }
    send::read(order, &reader)
}

/// Whether a name is but a "him" or "her".
pub fn is_pronoun(name: &str) -> bool {
    slot::is_pronoun(&fold(name))
}
