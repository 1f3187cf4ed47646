//! Sentences that name no contact: the list, the search, the status, the switch, and help.
//!
//! It must never know: who the contacts are.

use super::Meant;
use super::words::{any, endings, is_over, many, maybe, message, word};
use crate::core::Action;

const SHOW: &[&str] = &["list", "show", "get", "display"];
const FILLERS: &[&str] = &["me", "my", "all", "the", "of"];
const CONTACTS: &[&str] = &["contacts", "chats", "people"];
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
    if let Some((_, sought)) = rest.split_once(" messages for ").filter(|(whose, _)| is_somebodys(whose)) {
        return query(sought);
    }
    let named = any(maybe(rest, &["contacts", "messages"]), &["with", "named", "for", "called"]);
    let rest = named.unwrap_or_else(|| maybe(rest, &["contacts", "messages"]));
    query(rest)
}

fn is_somebodys(text: &str) -> bool {
    ["'s", "’s", "s'", "s’"].iter().any(|end| text.ends_with(end))
}

/// A search for all of `text`, but for courtesy behind it.
pub fn query(text: &str) -> Option<Action> {
    let query = message(endings(text).last()?)?;
    Some(Action::Search { query: query.into() })
}
