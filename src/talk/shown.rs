//! A line as a person sees it: whose it is, in colour and without.
//!
//! It must never know: where it is shown.

use super::clean::clean;

/// One line for a person. It can't be made but cleaned.
#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    mood: Mood,
    who: String,
    text: String,
}

/// Whose line it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Of the one who types here.
    Mine,
    /// Of the partner, whose name may be anything: so the line begins with a mark that no other line has.
    Theirs,
    /// Of a contact.
    Contact,
    /// What was typed, for whoever looks for the question to an answer.
    Echo,
    /// An answer of the hub.
    House,
    /// Something that happened without being asked for.
    News,
    /// Something that did not work.
    Problem,
    /// This client about itself.
    Note,
    /// This client, of what it did not do.
    Slip,
}

/// SGR sequences: ECMA-48, section 8.3.117.
const PLAIN: &str = "\x1b[0m";

impl Mood {
    const fn colour(self) -> &'static str {
        match self {
            Self::Mine => "\x1b[32m",
            Self::Theirs => "\x1b[1;36m",
            Self::Contact => "\x1b[1;34m",
            Self::House => "",
            Self::News => "\x1b[35m",
            Self::Problem | Self::Slip => "\x1b[31m",
            Self::Note | Self::Echo => "\x1b[2m",
        }
    }
}

impl Line {
    /// A line of nobody in particular.
    pub fn new(mood: Mood, text: &str) -> Self {
        Self::of(mood, "", text)
    }

    /// What somebody says.
    pub fn of(mood: Mood, who: &str, text: &str) -> Self {
        Self { mood, who: clean(who), text: clean(text) }
    }

    /// Whether this client speaks about itself.
    pub fn is_own(&self) -> bool {
        matches!(self.mood, Mood::Note | Mood::Slip)
    }

    /// The line in plain words.
    pub fn plain(&self) -> String {
        match (self.who.as_str(), self.mood) {
            ("", Mood::Note) => format!("* {}", self.text),
            ("", Mood::Echo) => format!("> {}", self.text),
            ("", _) => self.text.clone(),
            (who, Mood::Theirs) => format!("<{who}> {}", self.text),
            (who, _) => format!("{who}: {}", self.text),
        }
    }

    /// The line for a terminal that knows colours. Names have them; of a line without one, all has.
    pub fn coloured(&self) -> String {
        let colour = self.mood.colour();
        match self.who.as_str() {
            _ if colour.is_empty() => self.plain(),
            "" => format!("{colour}{}{PLAIN}", self.plain()),
            who if self.mood == Mood::Theirs => format!("{colour}<{who}>{PLAIN} {}", self.text),
            who => format!("{colour}{who}:{PLAIN} {}", self.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_writes_a_line_of_somebody_else() {
        for who in ["To Mike", "* WhatsApp", "Not delivered", "From John", "You", "AI", "x>"] {
            let line = Line::of(Mood::Theirs, who, "hello");
            assert!(line.plain().starts_with('<'));
            assert!(line.coloured().trim_start_matches(Mood::Theirs.colour()).starts_with('<'));
        }
    }

    #[test]
    fn a_line_holds_no_sequence_but_its_own_colour() {
        let line = Line::of(Mood::Theirs, "Eve\x1b[2J", "hi\x1b]52;c;cHduZWQ=\x07");
        assert_eq!(line.plain(), "<Eve\u{FFFD}[2J> hi\u{FFFD}]52;c;cHduZWQ=\u{FFFD}");
        assert_eq!(line.coloured().matches('\x1b').count(), 2);
        assert_eq!(Line::new(Mood::House, "x").coloured(), "x");
        assert_eq!(Line::new(Mood::Note, "x").plain(), "* x");
    }
}
