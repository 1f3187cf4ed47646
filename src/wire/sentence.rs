//! The sentences that people read, to the letter, on every door.

use crate::core::{Notice, Verb};
use std::borrow::Cow;

/// What a notice says. Empty for those without words.
pub fn sentence(notice: &Notice) -> Cow<'static, str> {
    match notice {
        Notice::Connected(name) => {
            format!("🎉 Connected! You're now chatting with {}. Say hello!", name.as_str()).into()
        }
        Notice::ConnectedAnew(name) => {
            format!("🔄 New connection! You're now chatting with {}. Say hello!", name.as_str()).into()
        }
        Notice::Partner(name) => format!("👤 You're chatting with: {}", name.as_str()).into(),
        Notice::TooFast(wait) => {
            format!("Slow down a little: try again in {} s.", wait.0.div_ceil(1_000).max(1)).into()
        }
        Notice::TooLong(limit) => format!("That message is too long: at most {limit} characters.").into(),
        plain => plain_sentence(plain).into(),
    }
}

fn plain_sentence(notice: &Notice) -> &'static str {
    match notice {
        Notice::Searching => {
            "🔍 Looking for someone to chat with... Please wait while we find you a partner!"
        }
        Notice::SearchingAnew => "🔍 Looking for a new chat partner... Please wait!",
        Notice::AlreadyTalking => {
            "You're already in a chat! Use #bye to end it first, or #again to find a new partner."
        }
        Notice::Ended => "👋 Chat ended. Use #meet to connect with someone new!",
        Notice::SearchCancelled => "👋 Search cancelled. Use #meet to start again!",
        Notice::NotTalking => "You're not currently in a chat.",
        Notice::PartnerLeft => "Your partner left the chat. Use #meet to find a new one.",
        Notice::PartnerAway => "⏳ Your partner lost the connection. Waiting for them to come back...",
        Notice::PartnerBack => "Your partner is back.",
        Notice::NobodyToName => "You're not currently in a chat. Use #meet to connect!",
        Notice::Masking(true) => "🔒 Phone number masking is now ON.",
        Notice::Masking(false) => "🔒 Phone number masking is now OFF.",
        Notice::NoPartner => "No partner found. Use #meet to connect.",
        Notice::Help => "Commands: #meet, #bye, #again, #hide, #who, #block, #report, #help",
        Notice::Blocked => "🚫 Blocked. You won't meet again. Use #meet to find someone new.",
        Notice::BlockListEmptied => "Your block list is empty now.",
        Notice::Reported => "🚩 Reported. Thank you. You won't meet again.",
        Notice::Expired => "⌛ You were away for a while, so your chat has ended. Use #meet to start again.",
        Notice::PartnerTooSlow => "Your partner reads too slowly to take more now.",
        Notice::PartnerOutOfReach => "Your partner can't be reached at the moment. Try again in a second.",
        _ => "",
    }
}

/// What a slip of the finger is answered with.
pub fn hint(word: &str, meant: Verb) -> String {
    format!("Unknown command {word}. Did you mean #{}?", meant.word())
}

/// What the sender of a text hears whose partner is gone by now.
pub fn gone() -> &'static str {
    plain_sentence(&Notice::PartnerLeft)
}
