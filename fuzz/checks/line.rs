//! What holds of reading every typed line whatsoever.

use strowger::core::mask::Masker;
use strowger::core::{Command, Line};

/// Panics where it does not hold.
pub fn check(masker: &Masker, text: &str) {
    let read = Line::read(text, masker);
    // Whole lines are compared without their words, which no `Debug` shows.
    match &read {
        Line::Text => {}
        Line::Slip { word, meant } => {
            assert!(text.contains(word) && word.starts_with(['#', '＃']), "{text:?} is taken for {meant:?}");
            assert!(!word.contains(char::is_whitespace), "{text:?} is no single word");
        }
        Line::Command(Command::Meet(_)) | Line::BadTags(_) => assert!(has(text, "meet"), "{text:?}"),
        Line::Command(command) => assert!(has(text, command.verb().word()), "{text:?} is no {command:?}"),
    }
    let spaced = format!(" \t{text}\u{200b} ");
    assert!(Line::read(&spaced, masker) == read, "{text:?} is read otherwise with spaces around it");
}

fn has(text: &str, word: &str) -> bool {
    text.to_ascii_lowercase().contains(word)
}
