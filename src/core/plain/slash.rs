//! The short forms with a slash: a fixed word, and what belongs to it.
//!
//! It must never know: any other way to say the same.

use super::look::{self, Asked, Question};
use super::readings::{Form, Readings};
use super::slot::{Reader, Slot, first_word};
use super::words::word;
use super::{Meant, NotUnderstood, bare};
use crate::core::Action;

/// Reads what stands behind the slash.
pub fn read(text: &str, reader: &Reader<'_>) -> Result<Meant, NotUnderstood> {
    if let Some(rest) = word(text, "send") {
        return send(rest, reader);
    }
    if let Some(asked) = asked(text, reader) {
        return asked.meant(reader);
    }
    if word(text, "help").is_some_and(|rest| rest.is_empty()) {
        return Ok(Meant::Help);
    }
    let action = action(text).ok_or(NotUnderstood::Unknown)?;
    Ok(Meant::Act { action, names_contact: false })
}

/// `C T`: a name that is known, or nearly, else the first word.
fn send(text: &str, reader: &Reader<'_>) -> Result<Meant, NotUnderstood> {
    let mut readings = Readings::new(reader);
    let sure = reader.sure(text);
    for slot in &sure {
        if let Some(rest) = slot.rest.strip_prefix(':') {
            readings.add(Form::Said, *slot, rest);
        }
    }
    readings.add_each(&sure);
    if sure.is_empty() {
        let misspelled = reader.misspelled(text);
        let first = if misspelled.is_empty() { first_word(text) } else { None };
        for slot in misspelled.into_iter().chain(first).map(without_colon) {
            readings.add_bare(Form::Guessed, slot);
        }
    }
    readings.settle()
}

/// A colon behind a name is none of its letters.
fn without_colon(slot: Slot<'_>) -> Slot<'_> {
    let rest = slot.typed.strip_suffix(':');
    rest.map_or(slot, |typed| Slot { typed, ..slot })
}

fn asked<'t>(text: &'t str, reader: &Reader<'_>) -> Option<Asked<'t>> {
    if let Some(rest) = word(text, "read") {
        return look::counted(rest, reader);
    }
    let (question, rest) = match word(text, "summary") {
        Some(rest) => (Question::Summary, rest),
        None => (Question::Suggest, word(text, "suggest")?),
    };
    Some(Asked { slot: reader.whole(rest)?, question })
}

fn action(text: &str) -> Option<Action> {
    if let Some(rest) = word(text, "search") {
        return bare::query(rest);
    }
    let exact = |phrase| word(text, phrase).is_some_and(|rest| rest.is_empty());
    let actions = [
        ("list", Action::List),
        ("status", Action::Status),
        ("auto on", Action::AutoReply(true)),
        ("auto off", Action::AutoReply(false)),
    ];
    actions.into_iter().find(|(phrase, _)| exact(phrase)).map(|(_, action)| action)
}
