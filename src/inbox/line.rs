//! What came for somebody, as a line to read.

use crate::core::{Nickname, Notice};
use crate::hub::{Push, Text};
use crate::wire::{Pos, sentence};

/// What a line tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The partner wrote.
    Message,
    Matched,
    PartnerLeft,
    PartnerAway,
    PartnerBack,
    Expired,
    /// A text of one's own could not be shown.
    Failed,
}

impl Event {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Message,
        Self::Matched,
        Self::PartnerLeft,
        Self::PartnerAway,
        Self::PartnerBack,
        Self::Expired,
        Self::Failed,
    ];

    /// Its name on every door.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Matched => "matched",
            Self::PartnerLeft => "partner_left",
            Self::PartnerAway => "partner_away",
            Self::PartnerBack => "partner_back",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }
}

/// One line. Its `Debug` prints nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    pub pos: Pos,
    pub event: Event,
    /// Who wrote, if somebody did.
    pub from: Option<Nickname>,
    pub text: Box<str>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Line({:?}, {:?})", self.pos, self.event)
    }
}

/// What stands for a line break that a person wrote: only the hub begins a line.
const BREAK: &str = " ⏎ ";

/// The line for something that was pushed, and the text to tell its sender about. `None` for what has no words here.
pub fn of(pos: Pos, push: Push) -> Option<(Line, Option<Text>)> {
    match push {
        Push::Text { from, text } => {
            let shown = format!(
                "📤 Message sent to your partner from {}: {}",
                from.as_str(),
                on_one_line(&text.text)
            );
            Some((Line { pos, event: Event::Message, from: Some(from), text: shown.into() }, Some(text)))
        }
        Push::Failed(unshown) => {
            let shown = format!("⚠️ Not delivered: {}", on_one_line(&unshown.text));
            Some((Line { pos, event: Event::Failed, from: None, text: shown.into() }, None))
        }
        Push::Notice(notice) => {
            let line = Line { pos, event: event(&notice)?, from: None, text: sentence(&notice).into() };
            Some((line, None))
        }
        Push::Shared(_) | Push::Job(_) => None,
    }
}

fn event(notice: &Notice) -> Option<Event> {
    match notice {
        Notice::Connected(_) | Notice::ConnectedAnew(_) => Some(Event::Matched),
        Notice::PartnerLeft => Some(Event::PartnerLeft),
        Notice::PartnerAway => Some(Event::PartnerAway),
        Notice::PartnerBack => Some(Event::PartnerBack),
        Notice::Expired => Some(Event::Expired),
        _ => None,
    }
}

/// A text without a character that a reader would begin a new line at (Unicode's UAX #14, class BK, CR, LF and NL).
fn on_one_line(text: &str) -> String {
    let is_break =
        |c: char| matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let mut line = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\r' && chars.peek() == Some(&'\n') {
            continue;
        }
        if is_break(c) { line.push_str(BREAK) } else { line.push(c) }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hub_begins_a_line() {
        assert_eq!(on_one_line("a\nb"), "a ⏎ b");
        assert_eq!(on_one_line("a\r\nb\rc"), "a ⏎ b ⏎ c");
        assert_eq!(on_one_line("\u{2028}a\u{85}\u{b}"), " ⏎ a ⏎  ⏎ ");
        assert_eq!(on_one_line("plain ⏎ text"), "plain ⏎ text");
    }
}
