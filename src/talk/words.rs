//! What this client says of its own accord.
//!
//! It must never know: when it is said.

use crate::client::{End, Return};
use std::time::Duration;

/// What `/help` shows, a line each.
pub const HELP: [&str; 16] = [
    "Strangers:     #meet [tags]   #bye   #again   #who   #hide   #block   #report [words]   #unblock",
    "               While you have or look for a partner, what you type goes to them.",
    "Shared line:   /contacts [part of a name]   the contacts of this session",
    "               /read NAME [COUNT]           what was said",
    "               /send NAME TEXT              send a message",
    "               /summary NAME   /suggest NAME   /search WORDS   /history [COUNT]   /auto on|off   /status",
    "               Otherwise what you type is read as a sentence: send john a message saying hello",
    "               /yes                         yes, send what you asked me about",
    "AI:            /ai QUESTION                 /stop ends the answer",
    "Either way:    /do SENTENCE                 a sentence for the shared line, whatever the partner",
    "               /say TEXT                    a text for the partner, whatever it looks like",
    "               /wait                        what you type next waits until somebody is there",
    "               /name NICKNAME               what strangers call you",
    "               /quit                        or Ctrl-D; Ctrl-C clears the line, twice it leaves",
    "Keys:          Tab completes commands and names, Up and Down bring back what you typed,",
    "               Ctrl-L clears the screen, Ctrl-Z puts it aside",
];

/// A partner is gone, and what is typed is not for anybody else.
pub const FOR_NOBODY: &str =
    "What you type is for nobody now: #meet finds somebody, #bye goes back to the shared line.";

/// How commands are written that need words.
const USAGE: [&str; 10] = [
    "/ai QUESTION",
    "/auto on|off",
    "/do SENTENCE",
    "/history [COUNT]",
    "/name NICKNAME",
    "/read NAME [COUNT]",
    "/say TEXT",
    "/search WORDS",
    "/send NAME TEXT",
    "/suggest NAME",
];

/// A line with a slash that is not known, or not so.
pub fn unknown(line: &str) -> String {
    let word = line.split_whitespace().next().unwrap_or_default();
    let usage = USAGE
        .iter()
        .find(|usage| usage.split(' ').next().is_some_and(|known| known.eq_ignore_ascii_case(word)));
    match usage {
        Some(usage) => format!("{word} is written so: {usage}"),
        None => format!("{word} is not known, or not so. /help shows what is."),
    }
}

/// The connection is there.
pub fn registered(how: Return, nickname: &str, hub: Option<&str>) -> String {
    match how {
        Return::First => {
            let to = hub.map(|hub| format!(" to {hub}")).unwrap_or_default();
            let meet = if hub.is_some() {
                "#meet finds somebody, /help shows the rest."
            } else {
                "/help shows what can be done."
            };
            format!("Connected{to} as {nickname}. {meet}")
        }
        Return::Whole => format!("Back as {nickname}. Nothing is lost."),
        Return::Missed(missed) => format!("Back as {nickname}. Lost meanwhile: {missed}."),
        Return::Unsure => format!("Back as {nickname}. How much is lost is not known."),
        Return::Anew => {
            format!("Back as {nickname}. The hub does not know where you were: #meet finds somebody.")
        }
    }
}

/// What a new registration has to do with the one before, for scripts.
pub const fn how(how: Return) -> &'static str {
    match how {
        Return::First => "first",
        Return::Whole => "whole",
        Return::Missed(_) => "missed",
        Return::Unsure => "unsure",
        Return::Anew => "anew",
    }
}

/// The connection is gone and comes back by itself.
pub fn lost(end: &End, retry_in: Duration) -> String {
    let seconds = retry_in.as_millis().div_ceil(100);
    format!("{}. Trying again in {}.{} s.", capital(&end.to_string()), seconds / 10, seconds % 10)
}

/// The connection is gone for good, or there never was one.
pub fn over(end: &End, hub: &str) -> String {
    let said = capital(&end.to_string());
    match end {
        End::Unreachable(why) => format!("No hub answers at {hub}: {}.", why.trim_end_matches('.')),
        End::Rejected { code, .. } if code == "unauthorized" => {
            format!(
                "{}. strowger talk takes it from STROWGER_TOKEN or --token-file.",
                said.trim_end_matches('.')
            )
        }
        _ => format!("{}.", said.trim_end_matches('.')),
    }
}

/// From here on with a hub of one's own.
pub fn on_its_own(hub: Option<&str>) -> String {
    match hub {
        Some(hub) => format!(
            "No hub answers at {hub}, so this one stands alone: nobody else is here, and what you send is simulated. \
             It goes back as soon as that hub answers."
        ),
        None => "This hub stands alone: nobody else is here, and what you send is simulated.".to_owned(),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_rounded_up() {
        assert_eq!(
            lost(&End::Lost, Duration::from_millis(1_240)),
            "The connection broke. Trying again in 1.3 s."
        );
    }
}
