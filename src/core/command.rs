//! Reads a typed line: a command, a slip of the finger, or a text for the partner.
//!
//! Only `#meet` and `#report` take words after them. Everything else that is not a command to the letter
//! belongs to the partner, hashtags included; a lone `#word` one slip away from a command is held back.

use super::mask::Masker;
use super::{TagError, Tags};
use std::fmt;

/// The word of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Meet,
    Again,
    Bye,
    Hide,
    Who,
    Help,
    Block,
    Unblock,
    Report,
}

/// Every command, in the order that `#help` names the first ones.
pub const VERBS: [Verb; 9] = [
    Verb::Meet,
    Verb::Bye,
    Verb::Again,
    Verb::Hide,
    Verb::Who,
    Verb::Block,
    Verb::Report,
    Verb::Help,
    Verb::Unblock,
];

impl Verb {
    /// The word as typed, without the `#`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Meet => "meet",
            Self::Again => "again",
            Self::Bye => "bye",
            Self::Hide => "hide",
            Self::Who => "who",
            Self::Help => "help",
            Self::Block => "block",
            Self::Unblock => "unblock",
            Self::Report => "report",
        }
    }

    fn takes_words(self) -> bool {
        matches!(self, Self::Meet | Self::Report)
    }
}

/// A command that was understood. The words after `#report` are not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Meet(Tags),
    Again,
    Bye,
    Hide,
    Who,
    Help,
    Block,
    Unblock,
    Report,
}

impl Command {
    /// Its word.
    pub const fn verb(&self) -> Verb {
        match self {
            Self::Meet(_) => Verb::Meet,
            Self::Again => Verb::Again,
            Self::Bye => Verb::Bye,
            Self::Hide => Verb::Hide,
            Self::Who => Verb::Who,
            Self::Help => Verb::Help,
            Self::Block => Verb::Block,
            Self::Unblock => Verb::Unblock,
            Self::Report => Verb::Report,
        }
    }
}

/// What a typed line is.
#[derive(PartialEq, Eq)]
pub enum Line<'t> {
    Command(Command),
    /// `#meet` with tags that are too many or too long.
    BadTags(TagError),
    /// A lone `#word` that is nearly a command: the word as typed, and what was probably meant.
    Slip {
        word: &'t str,
        meant: Verb,
    },
    /// Anything else is the partner's.
    Text,
}

/// What kind of line it is, never what it says.
impl fmt::Debug for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(command) => write!(f, "Command({:?})", command.verb()),
            Self::BadTags(_) => f.write_str("BadTags"),
            Self::Slip { meant, .. } => write!(f, "Slip({meant:?})"),
            Self::Text => f.write_str("Text"),
        }
    }
}

impl<'t> Line<'t> {
    /// Reads one line. The case of a command does not matter, nor do spaces around the line.
    pub fn read(line: &'t str, masker: &Masker) -> Self {
        let line = line.trim_matches(is_blank);
        let Some(rest) = line.strip_prefix(['#', '＃']) else { return Self::Text };
        let (word, words) = match rest.split_once(is_blank) {
            Some((word, words)) => (word, words.trim_matches(is_blank)),
            None => (rest, ""),
        };
        match VERBS.into_iter().find(|verb| verb.word().eq_ignore_ascii_case(word)) {
            Some(verb) if words.is_empty() || verb.takes_words() => Self::command(verb, words, masker),
            None if words.is_empty() => Self::slip(line, word),
            _ => Self::Text,
        }
    }

    fn command(verb: Verb, words: &str, masker: &Masker) -> Self {
        Self::Command(match verb {
            Verb::Meet => match Tags::parse(words, masker) {
                Ok(tags) => Command::Meet(tags),
                Err(error) => return Self::BadTags(error),
            },
            Verb::Again => Command::Again,
            Verb::Bye => Command::Bye,
            Verb::Hide => Command::Hide,
            Verb::Who => Command::Who,
            Verb::Help => Command::Help,
            Verb::Block => Command::Block,
            Verb::Unblock => Command::Unblock,
            Verb::Report => Command::Report,
        })
    }

    fn slip(line: &'t str, word: &str) -> Self {
        let typed = word.to_lowercase();
        match VERBS.into_iter().find(|verb| is_one_slip(&typed, verb.word())) {
            Some(meant) => Self::Slip { word: line, meant },
            None => Self::Text,
        }
    }
}

/// White space, and what keyboards and copying leave around a line without anybody seeing it.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

/// Whether one edit (a letter more, less or other) or one swap of neighbours turns `typed` into `word`.
fn is_one_slip(typed: &str, word: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (typed.chars().collect(), word.chars().collect());
    let same_start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (a.get(same_start..).unwrap_or(&[]), b.get(same_start..).unwrap_or(&[]));
    match (a, b) {
        ([], []) => false,
        ([_, rest_a @ ..], b) if rest_a == b => true,
        (a, [_, rest_b @ ..]) if a == rest_b => true,
        ([_, rest_a @ ..], [_, rest_b @ ..]) if rest_a == rest_b => true,
        ([x, y, rest_a @ ..], [z, w, rest_b @ ..]) => x == w && y == z && rest_a == rest_b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Line<'_> {
        // A masker is cheap to build, and a test has no use for sharing one.
        Line::read(line, &Masker::default())
    }

    #[test]
    fn commands_are_whole_words_in_any_case() {
        for verb in VERBS.into_iter().filter(|verb| *verb != Verb::Meet) {
            let typed = format!("  #{} \n", verb.word().to_uppercase());
            let Line::Command(command) = read(&typed) else { panic!("{typed:?} is a command") };
            assert_eq!(command.verb(), verb);
        }
        assert_eq!(read("#Meet"), Line::Command(Command::Meet(Tags::default())));
        assert_eq!(read("＃bye"), Line::Command(Command::Bye));
        assert_eq!(read("\u{FEFF}#bye\u{200B}"), Line::Command(Command::Bye));
    }

    #[test]
    fn only_meet_and_report_take_words() {
        assert!(matches!(read("#meet music, films"), Line::Command(Command::Meet(_))));
        assert_eq!(read("#report was rude"), Line::Command(Command::Report));
        for text in [
            "#bye see you",
            "#again please",
            "#hide on",
            "#who are you?",
            "#meetings",
            "# meet",
            "#",
            "hi #bye",
        ] {
            assert_eq!(read(text), Line::Text, "{text}");
        }
    }

    #[test]
    fn a_lone_word_one_slip_away_is_held_back() {
        for (typed, meant) in [
            ("#meat", Verb::Meet),
            ("#met", Verb::Meet),
            ("#meeet", Verb::Meet),
            ("#mete", Verb::Meet),
            ("#BYEE", Verb::Bye),
            ("#agian", Verb::Again),
            ("#hid", Verb::Hide),
            ("#unblok", Verb::Unblock),
        ] {
            assert_eq!(read(typed), Line::Slip { word: typed, meant }, "{typed}");
        }
        for text in ["#meeting", "#music", "#message", "#love", "#meat is good", "#teem", "#été"] {
            assert_eq!(read(text), Line::Text, "{text}");
        }
    }

    #[test]
    fn too_many_tags_are_said() {
        assert_eq!(read("#meet a,b,c,d,e,f,g,h,i,j,k"), Line::BadTags(TagError));
    }
}
