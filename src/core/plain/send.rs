//! Sentences that send a text: where the contact stands in them, and where the text begins.
//!
//! It must never know: which of several ways to read a sentence is right.

use super::readings::{Form, Readings};
use super::slot::{Kind, Reader, Slot, begins_with_me, first_word, is_name, makes_a_name, words_before};
use super::words::{IT, MESSAGE, a_message, announced, any, is_over, quoted, saying, word};
use super::{Meant, NotUnderstood};

pub const SEND: &[&str] = &["send", "snd", "shoot", "drop"];
pub const TELL: &[&str] = &["text", "message", "msg", "tell", "dm", "ping", "whatsapp", "inform"];
/// How far from the end a name may begin, in bytes.
const END: usize = 1_200;
/// How many places are looked at where a name may begin there, from the last one on.
const PLACES: usize = 16;

/// Reads a sentence that sends.
pub fn read(text: &str, reader: &Reader<'_>) -> Result<Meant, NotUnderstood> {
    let mut readings = Readings::new(reader);
    if let Some(rest) = any(text, SEND) {
        message_to(rest, reader, &mut readings);
        message_for(rest, reader, &mut readings);
        to_end(rest, reader, &mut readings);
        send(rest, reader, &mut readings);
    } else if let Some(rest) = word(text, "write") {
        write(rest, reader, &mut readings);
    } else if let Some(rest) = any(text, TELL) {
        quoted_to(rest, reader, &mut readings);
        addressed(rest, reader, &mut readings);
    } else if let Some(rest) = word(text, "let") {
        let_know(rest, reader, &mut readings);
    } else if let Some(rest) = word(text, "say") {
        say(rest, reader, &mut readings);
    } else if let Some(rest) = word(text, "reply") {
        reply(rest, reader, &mut readings);
    }
    if readings.is_empty() && is_for_nobody(text, reader) {
        return Err(NotUnderstood::UnknownName);
    }
    readings.settle()
}

/// Whether it would be a text, if there was somebody of a name in it.
fn is_for_nobody(text: &str, reader: &Reader<'_>) -> bool {
    let is_before_a_text = |rest: &str, is_one: fn(&str) -> bool| {
        let slot = first_word(rest).filter(|slot| reader.sure(rest).is_empty() && is_one(slot.typed));
        slot.is_some_and(|slot| !is_over(slot.rest))
    };
    let is_at_the_end = |rest: &str| {
        let last =
            tos(rest).pop().filter(|(before, rest)| !is_no_text(before) && reader.sure(rest).is_empty());
        last.is_some_and(|(_, name)| is_name(name))
    };
    let has_case = |word: &str| word.starts_with(char::is_uppercase);
    if let Some(rest) = any(text, TELL).or_else(|| word(any(text, &["reply", "write"])?, "to")) {
        return is_before_a_text(rest, |_| true);
    }
    any(text, SEND).is_some_and(|rest| is_at_the_end(rest) || is_before_a_text(rest, has_case))
        || word(text, "say").is_some_and(is_at_the_end)
}

/// `C a message saying T`.
fn message_for<'t>(text: &'t str, reader: &Reader<'_>, readings: &mut Readings<'t, '_, '_>) {
    for slot in reader.sure(text) {
        let Some(rest) = a_message(slot.rest) else { continue };
        match saying(rest) {
            Some(rest) => readings.add(Form::Said, slot, rest),
            None => untold(rest).into_iter().for_each(|rest| readings.add(Form::Between, slot, rest)),
        }
    }
    if a_message(text).is_none()
        && let Some((slot, rest)) = words_before(text, a_message)
        && let Some(form) = form_of_words(slot, reader.sure(text))
        && let Some(rest) = saying(rest).or_else(|| untold(rest))
    {
        readings.add(form, slot, rest);
    }
}

/// The text right behind "a message", unless that says for whom it is.
fn untold(rest: &str) -> Option<&str> {
    (a_message(rest).is_none() && any(rest, &["to", "for", "from"]).is_none()).then_some(rest)
}

/// `a message to C saying T`.
fn message_to<'t>(text: &'t str, reader: &Reader<'_>, readings: &mut Readings<'t, '_, '_>) {
    let Some(rest) = a_message(text) else { return };
    if let Some((text, rest)) = quoted(saying(rest).unwrap_or(rest))
        && let Some(slot) = word(rest, "to").and_then(|rest| reader.whole(rest))
    {
        readings.add(Form::Said, slot, text);
    }
    if let Some(rest) = word(rest, "to") {
        addressed(rest, reader, readings);
    }
}

/// `a message to C saying T`, `C a message saying T`, `to C saying T` or `T to C`.
fn write<'t>(text: &'t str, reader: &Reader<'_>, readings: &mut Readings<'t, '_, '_>) {
    message_to(text, reader, readings);
    message_for(text, reader, readings);
    match word(text, "to") {
        Some(rest) => addressed(rest, reader, readings),
        None => to_end(text, reader, readings),
    }
}

/// `"T" to C`, where C is known and T is nobody's name.
fn quoted_to<'t>(text: &'t str, reader: &Reader<'_>, readings: &mut Readings<'t, '_, '_>) {
    if let Some((text, rest)) = quoted(text)
        && !reader.names.is_exact(text)
        && let Some(rest) = word(rest, "to")
    {
        match reader.whole_sure(rest) {
            Some(slot) => readings.add(Form::Said, Slot { rest: "", ..slot }, text),
            None => {
                let guessed = reader.whole(rest).filter(|slot| reader.is_guessed(slot.typed));
                guessed.into_iter().for_each(|slot| readings.add(Form::ToEnd, slot, text));
            }
        }
    }
}

/// `T to C` at the end of the sentence.
fn to_end<'t>(text: &'t str, reader: &Reader<'_>, readings: &mut Readings<'t, '_, '_>) {
    if let Some((text, rest)) = quoted(text)
        && let Some(slot) = word(rest, "to").and_then(|rest| reader.whole(rest))
    {
        readings.add(Form::Said, Slot { rest: "", ..slot }, text);
        return;
    }
    for (before, rest) in tos(text).into_iter().filter(|(before, _)| !is_no_text(before)) {
        if let Some(slot) = reader.whole_sure(rest) {
            readings.add(Form::ToEnd, slot, before);
        }
    }
}

/// `T to C`, where C need not be known if there is but one "to".
fn say<'t>(text: &'t str, reader: &Reader<'_>, readings: &mut Readings<'t, '_, '_>) {
    to_end(text, reader, readings);
    if let [(before, rest)] = *tos(text)
        && !is_no_text(before)
        && quoted(text).is_none()
        && reader.whole_sure(rest).is_none()
        && let Some(slot) = reader.whole(rest).filter(|slot| slot.kind == Kind::Words)
    {
        readings.add(Form::Guessed, slot, before);
    }
}

/// `C T`, where C is known or nearly.
fn send<'t>(text: &'t str, reader: &Reader<'_>, readings: &mut Readings<'t, '_, '_>) {
    let sure = reader.sure(text);
    // "My will to Bob" is a text for Bob.
    let is_before_to = |slot: &Slot<'_>| any(text, &["my"]).is_some() && word(slot.rest, "to").is_some();
    let is_text = |slot: &Slot<'_>| a_message(slot.rest).is_none() && !is_before_to(slot);
    for slot in &sure {
        let said = announced(slot.rest).filter(|rest| a_message(rest).is_none());
        if let Some(rest) = said {
            readings.add(Form::Said, *slot, rest);
        }
    }
    let is_contact = |slot: &Slot<'_>| slot.kind != Kind::Quoted || reader.names.is_exact(slot.typed);
    if longest(&sure).is_some_and(|slot| is_text(&slot) && is_contact(&slot)) {
        readings.add_each(&sure);
    }
    let to = to_guessed(text, reader);
    if !sure.is_empty() {
        return to.into_iter().for_each(|(slot, before)| readings.add(Form::ToEnd, slot, before));
    }
    let misspelled = reader.misspelled(text);
    let is_first = readings.is_empty() && misspelled.is_empty() && tos(text).is_empty();
    let first = if is_first { reader.first_name(text) } else { None };
    for slot in misspelled.into_iter().chain(first).filter(is_text) {
        readings.add_bare(Form::Guessed, slot);
    }
    if let Some((slot, before)) = to.filter(|_| tos(text).len() == 1) {
        readings.add(Form::Guessed, slot, before);
    }
}

/// `T to C` at the end, where C is a first name or nearly known.
fn to_guessed<'t>(text: &'t str, reader: &Reader<'_>) -> Option<(Slot<'t>, &'t str)> {
    let (before, rest) = tos(text).pop().filter(|(before, _)| !is_no_text(before))?;
    let slot = reader.whole(rest).filter(|slot| slot.kind == Kind::Words)?;
    reader.is_guessed(slot.typed).then_some((slot, before))
}

/// `C saying T` or `C T`, where nothing but a contact can stand: a first name will do.
fn addressed<'t>(text: &'t str, reader: &Reader<'_>, readings: &mut Readings<'t, '_, '_>) {
    let sure = reader.sure(text);
    for slot in &sure {
        if let Some(rest) = saying(slot.rest) {
            readings.add(Form::Said, *slot, rest);
        }
    }
    if sure.is_empty() {
        guess(text, reader, readings);
    }
    readings.add_each(&sure);
    if let Some((slot, rest)) = words_before(text, saying)
        && let Some(form) = form_of_words(slot, sure)
    {
        readings.add(form, slot, rest);
    }
}

/// Of what form words are that may be a name, where these are sure to be: a longer name, or none.
fn form_of_words(words: Slot<'_>, sure: Vec<Slot<'_>>) -> Option<Form> {
    let Some(known) = longest(&sure) else { return Some(Form::Guessed) };
    let more = words.typed.strip_prefix(known.typed)?;
    makes_a_name(more, words.rest).then_some(Form::Longer)
}

/// A name that is nearly known, or known in part, before a text.
fn guess<'t>(text: &'t str, reader: &Reader<'_>, readings: &mut Readings<'t, '_, '_>) {
    let misspelled = reader.misspelled(text);
    let first = if misspelled.is_empty() { reader.first_name(text) } else { None };
    for slot in misspelled.into_iter().chain(first) {
        match saying(slot.rest) {
            Some(rest) => readings.add(Form::Guessed, slot, rest),
            None => readings.add_bare(Form::Guessed, slot),
        }
    }
}

/// `C know that T`.
fn let_know<'t>(text: &'t str, reader: &Reader<'_>, readings: &mut Readings<'t, '_, '_>) {
    let know = |rest: &'t str| word(rest, "know").map(|rest| saying(rest).unwrap_or(rest));
    for slot in reader.sure(text) {
        if let Some(rest) = know(slot.rest) {
            readings.add(Form::Said, slot, rest);
        }
    }
    if let Some((slot, rest)) = words_before(text, know)
        && longest(&reader.sure(text)).is_none_or(|known| known.rest.len() > slot.rest.len())
    {
        readings.add(Form::Guessed, slot, rest);
    }
}

/// `to C saying T`, `C saying T`, or a text for whoever was named last.
fn reply<'t>(text: &'t str, reader: &Reader<'_>, readings: &mut Readings<'t, '_, '_>) {
    if let Some(rest) = word(text, "to") {
        return addressed(rest, reader, readings);
    }
    let last = Slot::last(text);
    if let Some((text, rest)) = quoted(text)
        && let Some(slot) = word(rest, "to").and_then(|rest| reader.whole(rest))
    {
        return readings.add(Form::Said, Slot { rest: "", ..slot }, text);
    }
    if let Some(rest) = word(text, "with").and_then(a_message) {
        return saying(rest).into_iter().for_each(|rest| readings.add(Form::Said, last, rest));
    }
    if let Some(rest) = saying(text) {
        let others = to_known(rest, reader).chain(to_guessed(rest, reader));
        others.for_each(|(slot, text)| readings.add(Form::Said, slot, text));
        return readings.add(Form::Said, last, rest);
    }
    let others = to_known(text, reader).chain(to_somebody(text, reader));
    others.for_each(|(slot, text)| readings.add(Form::ToEnd, slot, text));
    let sure = reader.sure(text);
    for slot in &sure {
        if let Some(rest) = saying(slot.rest) {
            readings.add(Form::Said, *slot, rest);
        }
    }
    readings.add_each(&sure);
    if sure.is_empty() || reader.last.is_some() {
        readings.add(Form::Bare, last, text);
        reader.misspelled(text).into_iter().for_each(|slot| readings.add_bare(Form::Bare, slot));
    }
    if sure.is_empty() {
        first_of(text, reader).into_iter().for_each(|(slot, rest)| readings.add(Form::Bare, slot, rest));
    }
}

/// `T to C` at the end, where C may be somebody: a reply to whoever was named last would be for another.
fn to_somebody<'t>(text: &'t str, reader: &Reader<'_>) -> Option<(Slot<'t>, &'t str)> {
    let named = || {
        let (before, rest) = tos(text).pop().filter(|(before, _)| !is_no_text(before))?;
        let slot = reader.whole(rest).filter(|slot| slot.kind == Kind::Words)?;
        let is_name = slot.typed.starts_with(char::is_uppercase) && !begins_with_me(before);
        is_name.then_some((slot, before))
    };
    to_guessed(text, reader).or_else(named)
}

/// A first name, and a text behind it and perhaps a comma.
fn first_of<'t>(text: &'t str, reader: &Reader<'_>) -> Option<(Slot<'t>, &'t str)> {
    let slot = first_word(text)?;
    let typed = slot.typed.trim_end_matches(',');
    reader.is_first_name(typed).then_some((Slot { typed, ..slot }, slot.rest))
}

/// `T to C` at the end, where C is known.
fn to_known<'t>(text: &'t str, reader: &Reader<'_>) -> impl Iterator<Item = (Slot<'t>, &'t str)> {
    let tos = tos(text).into_iter();
    tos.filter_map(|(before, rest)| Some((reader.whole_sure(rest)?, before)))
}

/// The slot with the longest name.
fn longest<'t>(slots: &[Slot<'t>]) -> Option<Slot<'t>> {
    slots.iter().min_by_key(|slot| slot.rest.len()).copied()
}

/// Whether it is nothing, or stands for something said before, or only says that there is a message.
fn is_no_text(text: &str) -> bool {
    let last_word = text.split_whitespace().next_back().unwrap_or_default();
    let is_about_a_message =
        a_message(text).is_some() || MESSAGE.iter().any(|word| word.eq_ignore_ascii_case(last_word));
    is_about_a_message || last_word.is_empty() || any(text, IT).is_some_and(|rest| rest.trim().is_empty())
}

/// What is before and behind each of the last few "to" near the end.
fn tos(text: &str) -> Vec<(&str, &str)> {
    let start = text.floor_char_boundary(text.len().saturating_sub(END));
    let near = text.get(start..).unwrap_or_default().char_indices();
    let spaces = near.filter(|(_, c)| c.is_whitespace());
    let mut tos: Vec<_> = spaces
        .filter_map(|(at, c)| {
            let (before, behind) = text.split_at_checked(start + at)?;
            let behind = behind.strip_prefix(c).filter(|rest| !rest.starts_with(char::is_whitespace))?;
            Some((before, word(behind, "to")?))
        })
        .collect();
    tos.split_off(tos.len().saturating_sub(PLACES))
}
