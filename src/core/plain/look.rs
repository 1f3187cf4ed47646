//! Sentences that ask about a conversation: what was said, what it is about, what to answer.
//!
//! It must never know: what was said.

use super::slot::{Kind, Reader, Slot};
use super::words::{ARTICLE, any, endings, is_over, last, many, maybe, number, position, word};
use super::{Meant, NotUnderstood};
use crate::core::{Action, Which};

/// How many messages are read if nobody says how many.
const COUNT: usize = 10;
/// How many are looked at to find one of them.
const SEARCHED: usize = 20;

const SHOW: &[&str] = &["read", "show", "get", "check", "find", "search", "search for"];
const WHAT_IS: &[&str] = &["what is", "what was", "what's", "whats"];
const FILLERS: &[&str] = &["me", "the", "my", "all"];
const ONE: &[&str] = &["message", "msg", "text"];
const SEVERAL: &[&str] = &["messages", "msgs", "texts", "chat", "conversation"];
const OF: &[&str] = &["from", "with", "of", "by"];
const SUMMARIZE: &[&str] = &["summarize", "summarise", "sum up", "summary of", "tldr", "recap"];
const REPLY: &[&str] =
    &["reply", "replies", "response", "responses", "message", "messages", "answer", "answers"];

/// What is asked about a conversation.
#[derive(Clone, Copy)]
pub enum Question {
    Read(usize, Which),
    Summary,
    Suggest,
}

/// A question, and whose conversation it is about.
pub struct Asked<'t> {
    pub slot: Slot<'t>,
    pub question: Question,
}

impl Asked<'_> {
    pub fn meant(&self, reader: &Reader<'_>) -> Result<Meant, NotUnderstood> {
        let (contact, names_contact) = reader.contact(self.slot)?;
        let action = match self.question {
            Question::Read(count, which) => Action::Read { contact, count, which },
            Question::Summary => Action::Summary { contact },
            Question::Suggest => Action::Suggest { contact },
        };
        Ok(Meant::Act { action, names_contact })
    }
}

/// Reads a sentence that asks.
pub fn read<'t>(text: &'t str, reader: &Reader<'_>) -> Option<Asked<'t>> {
    let asked = |question| move |slot| Asked { slot, question };
    what_i_said(text, reader)
        .map(asked(Question::Read(SEARCHED, Which::LastFromMe)))
        .or_else(|| what_they_said(text, reader).map(asked(Question::Read(SEARCHED, Which::LastFromContact))))
        .or_else(|| summary(text, reader).map(asked(Question::Summary)))
        .or_else(|| suggest(text, reader).map(asked(Question::Suggest)))
        .or_else(|| messages(text, reader))
}

/// `what did i last send to C`.
fn what_i_said<'t>(text: &'t str, reader: &Reader<'_>) -> Option<Slot<'t>> {
    let rest = maybe(word(text, "what did i")?, &["last"]);
    let rest = any(rest, &["send", "say", "tell", "text", "write"])?;
    reader.whole(maybe(maybe(rest, &["last"]), &["to"]))
}

/// `what did C say last`.
fn what_they_said<'t>(text: &'t str, reader: &Reader<'_>) -> Option<Slot<'t>> {
    let rest = word(text, "what did")?;
    let say = |rest| any(maybe(rest, &["last"]), &["say", "send", "write"]);
    let (slot, rest) = reader.before(rest, say)?;
    is_over(maybe(maybe(rest, &["last"]), &["to me", "me"])).then_some(slot)
}

fn summary<'t>(text: &'t str, reader: &Reader<'_>) -> Option<Slot<'t>> {
    let rest = any(text, SUMMARIZE).or_else(|| word(maybe(word(text, "give me")?, ARTICLE), "summary of"))?;
    reader.whole_sure(rest).or_else(|| {
        let rest = maybe(maybe(rest, &["my", "the"]), &["chat", "chats", "conversation", "messages"]);
        reader.whole(maybe(rest, OF))
    })
}

fn suggest<'t>(text: &'t str, reader: &Reader<'_>) -> Option<Slot<'t>> {
    if let Some(rest) = any(text, &["what should i", "what can i", "how should i", "how do i"]) {
        let rest = any(rest, &["reply", "say", "answer", "respond"])?;
        return reader.whole(maybe(rest, &["to"]));
    }
    let rest = maybe(word(text, "suggest")?, &["me"]).trim_start();
    let rest = maybe(number(rest).map_or(rest, |(_, rest)| rest), &["a", "an", "the", "my", "some"]);
    reader.whole(any(any(rest, REPLY)?, &["to", "for"])?)
}

/// The messages of a conversation, some of them, or one.
fn messages<'t>(text: &'t str, reader: &Reader<'_>) -> Option<Asked<'t>> {
    let verb = any(text, SHOW).or_else(|| any(text, WHAT_IS)).map(str::trim_start);
    let start = verb.unwrap_or(text);
    let of_somebody = || {
        let (question, rest) = which(many(start, FILLERS), verb.is_some())?;
        let slot = reader.whole(any(rest, OF)?)?;
        Some(Asked { slot, question })
    };
    let somebodys = || {
        let start = verb.map_or(start, |rest| maybe(rest, &["me"]));
        // "Read John messages" too, unless somebody is called just that.
        let is_name = verb.is_none() || reader.whole_sure(start).is_some();
        let bare =
            |rest: &'t str| Some(rest).filter(|rest| !is_name && rest.starts_with(char::is_whitespace));
        let owned = |rest| possessive(rest).or_else(|| bare(rest)).filter(|rest| which(rest, true).is_some());
        let his = any(start, &["his", "her", "their"]).map(|rest| (Slot::last(rest), rest));
        let is_one = |(slot, _): &(Slot<'t>, _)| slot.kind != Kind::Words || !slot.typed.contains(" in ");
        let (slot, rest) = his.or_else(|| reader.before(start, owned).filter(is_one))?;
        let (question, rest) = which(rest, true)?;
        is_over(rest).then_some(Asked { slot, question })
    };
    let all_of = || {
        let slot = reader.whole(word(text, "read")?)?;
        Some(Asked { slot, question: Question::Read(COUNT, Which::All) })
    };
    of_somebody().or_else(somebodys).or_else(all_of)
}

/// Which messages are meant, and what is left behind. Without a verb it has to be said how many.
fn which(text: &str, has_verb: bool) -> Option<(Question, &str)> {
    if let Some((at, rest)) = position(text) {
        return Some((Question::Read(SEARCHED, Which::PositionFromContact(at)), any(rest, ONE)?));
    }
    let behind_last = last(text);
    let rest = behind_last.unwrap_or(text);
    let counted = number(rest);
    let (count, rest) = counted.unwrap_or((COUNT, rest));
    if let Some(rest) = any(rest, ONE).filter(|_| counted.is_none()) {
        return behind_last.map(|_| (Question::Read(SEARCHED, Which::LastFromContact), rest));
    }
    let rest = any(rest, SEVERAL).or_else(|| any(rest, ONE))?;
    let is_enough = has_verb || behind_last.is_some() || counted.is_some();
    is_enough.then_some((Question::Read(count, Which::All), rest))
}

/// What is left behind an 's.
fn possessive(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(['\'', '’'])?;
    word(rest, "s").or(Some(rest)).filter(|rest| rest.starts_with(char::is_whitespace))
}

/// `C N`, as behind a slash.
pub fn counted<'t>(text: &'t str, reader: &Reader<'_>) -> Option<Asked<'t>> {
    let all = |count, slot| Asked { slot, question: Question::Read(count, Which::All) };
    if let Some(slot) = reader.whole_sure(text) {
        return Some(all(COUNT, slot));
    }
    let text = endings(text).last()?;
    let counted = text.rsplit_once(char::is_whitespace).and_then(|(name, count)| {
        let (count, rest) = number(count)?;
        rest.is_empty().then_some(())?;
        Some(all(count, reader.whole(name)?))
    });
    counted.or_else(|| Some(all(COUNT, reader.whole(text)?)))
}
