//! Sentences that name no contact: the list, the search, the status, the switch, and help.
//!
//! It must never know: who the contacts are.

use super::Meant;
use super::words::{any, endings, is_over, many, maybe, message, quoted, word};
use crate::core::Action;

const SHOW: &[&str] = &["list", "show", "get", "display"];
const FILLERS: &[&str] = &["me", "my", "all", "the", "of"];
const CONTACTS: &[&str] = &["contacts", "chats", "people"];
/// What is searched.
const KINDS: &[&str] = &["contacts", "messages"];
const CHATS: &[&str] = &["messages", "msgs", "message", "texts", "chat", "chats", "conversation"];
const OF: &[&str] = &["from", "with", "of", "by"];
const AUTO_REPLY: &[&str] = &[
    "auto reply",
    "auto replies",
    "auto respond",
    "auto-reply",
    "auto-replies",
    "auto-respond",
    "autoreply",
    "autoreplies",
    "autorespond",
];

/// Reads a sentence without a contact.
pub fn read(text: &str) -> Option<Meant> {
    if is_help(text) {
        return Some(Meant::Help);
    }
    let action = list(text).or_else(|| auto_reply(text)).or_else(|| status(text)).or_else(|| search(text))?;
    Some(Meant::Act { action, names_contact: false })
}

fn is_help(text: &str) -> bool {
    any(text, &["help me", "help", "what can i say", "what can i do", "what can you do"]).is_some_and(is_over)
}

fn list(text: &str) -> Option<Action> {
    let shown = any(text, SHOW).and_then(|rest| any(many(rest, FILLERS), CONTACTS));
    let alone = || any(text, &["contacts", "list", "my contacts", "who can i message"]);
    let rest = shown.or_else(alone)?;
    is_over(rest).then_some(Action::List)
}

/// Turns it on or off for all conversations: it can't be turned for one.
fn auto_reply(text: &str) -> Option<Action> {
    const SWITCHES: [(bool, &str, &[&str]); 2] =
        [(true, "on", &["enable", "start"]), (false, "off", &["disable", "stop"])];
    let auto = |rest| any(maybe(rest, &["the", "my"]), AUTO_REPLY);
    let turn = any(text, &["turn", "switch"]);
    let is_switched = |state: &str, verbs: &[&str]| {
        let before = turn.and_then(|rest| auto(word(rest, state)?));
        let behind = || word(auto(turn.unwrap_or(text))?, state);
        let verb = || auto(any(text, verbs)?);
        before.or_else(behind).or_else(verb).is_some_and(is_over)
    };
    SWITCHES
        .into_iter()
        .find(|(_, state, verbs)| is_switched(state, verbs))
        .map(|(on, ..)| Action::AutoReply(on))
}

fn status(text: &str) -> Option<Action> {
    let rest = maybe(text, &["what is", "what's", "whats", "show", "check", "get"]).trim_start();
    let rest = maybe(maybe(rest, &["me"]), &["the", "my", "your"]);
    word(maybe(rest, &["connection", "whatsapp"]), "status")
        .filter(|rest| is_over(rest))
        .map(|_| Action::Status)
}

fn search(text: &str) -> Option<Action> {
    let rest = maybe(any(text, &["search", "find"])?, &["for"]).trim_start();
    // Somebody's messages are read.
    if any(rest, &["messages", "the messages"]).is_some_and(|rest| any(rest, &["from", "of", "by"]).is_some())
    {
        return None;
    }
    // One conversation alone can't be searched.
    if !is_quoted(rest) && is_in_one_conversation(rest) {
        return None;
    }
    let rest = any(rest, &["my", "the", "all"]).filter(|rest| any(rest, KINDS).is_some()).unwrap_or(rest);
    let named = any(maybe(rest, KINDS), &["with", "named", "for", "called"]);
    let rest = named.unwrap_or_else(|| maybe(rest, KINDS));
    query(rest)
}

fn is_quoted(text: &str) -> bool {
    quoted(text).is_some_and(|(_, rest)| is_over(rest))
}

/// Whether somebody's conversation is named: by "John's messages", or by "in messages from John".
fn is_in_one_conversation(text: &str) -> bool {
    let starts = || std::iter::once(0).chain(text.match_indices(' ').map(|(at, _)| at));
    let is_theirs = |at| {
        let (before, rest) = text.split_at(at);
        let whose = ["'s", "’s", "s'", "s’"].iter().any(|end| before.ends_with(end));
        let behind = if whose { Some(rest) } else { any(rest, &["his", "her", "their"]) };
        let is_with = |rest| any(rest, CHATS).is_some_and(|rest| any(rest, OF).is_some());
        behind.is_some_and(|rest| any(maybe(rest, &["last", "latest"]), CHATS).is_some())
            || any(rest, &["in"]).is_some_and(|rest| is_with(many(rest, FILLERS)))
    };
    starts().any(is_theirs)
}

/// A search for all of `text`, but for courtesy behind it.
pub fn query(text: &str) -> Option<Action> {
    let query = message(endings(text).last()?)?;
    Some(Action::Search { query: query.into() })
}
