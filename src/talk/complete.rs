//! What Tab makes of what is typed so far: a command, or the name of a contact.
//!
//! It must never know: where the names come from.

use super::typed::{COMMANDS, NAMING, SLASHES};

/// What Tab found.
#[derive(PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Completion {
    /// The text up to the cursor, as far as it is certain.
    pub text: String,
    /// All that it could become, if that is more than one thing.
    pub choices: Vec<String>,
}

/// Completes the text before the cursor.
pub fn complete<'n>(text: &str, names: impl IntoIterator<Item = &'n str>) -> Option<Completion> {
    if text.starts_with('#') || (text.starts_with('/') && !text.contains(' ')) {
        let words = if text.starts_with('#') { COMMANDS.as_slice() } else { SLASHES.as_slice() };
        return among(text, 0, words.iter().copied());
    }
    let command = text.split(' ').next().unwrap_or_default();
    if text.starts_with('/') && !NAMING.contains(&command) && command != "/contacts" && command != "/do" {
        return None;
    }
    let names: Vec<&str> = names.into_iter().collect();
    // The name may have several words: the longest beginning of one that the text ends with is meant.
    let starts = std::iter::once(0).chain(text.match_indices(' ').map(|(at, _)| at + 1));
    starts.filter_map(|at| among(text, at, names.iter().copied())).next()
}

/// Completes what begins at `at` to the one of `words` that it begins.
fn among<'w>(text: &str, at: usize, words: impl Iterator<Item = &'w str>) -> Option<Completion> {
    let (before, begun) = text.split_at_checked(at)?;
    let folded = begun.to_lowercase();
    if folded.is_empty() {
        return None;
    }
    let found: Vec<&str> = words.filter(|word| word.to_lowercase().starts_with(&folded)).collect();
    match found.as_slice() {
        [] => None,
        [only] => Some(Completion { text: format!("{before}{only} "), choices: Vec::new() }),
        several => {
            let shared = shared_beginning(several);
            // What was typed stays unless there is more to it.
            let text = if shared.chars().count() > begun.chars().count() { shared } else { begun.to_owned() };
            let choices = several.iter().map(|word| (*word).to_owned()).collect();
            Some(Completion { text: format!("{before}{text}"), choices })
        }
    }
}

fn shared_beginning(words: &[&str]) -> String {
    let Some((first, others)) = words.split_first() else { return String::new() };
    let is_shared = |&(at, c): &(usize, char)| {
        others
            .iter()
            .all(|word| word.chars().nth(at).is_some_and(|other| other.to_lowercase().eq(c.to_lowercase())))
    };
    first.chars().enumerate().take_while(is_shared).map(|(_, c)| c).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["John", "Johanna", "Sarah Jones", "Sarah Miller", "Ümit"];

    fn text(typed: &str) -> Option<String> {
        complete(typed, NAMES).map(|completion| completion.text)
    }

    #[test]
    fn commands_and_names_are_completed() {
        for (typed, completed) in [
            ("#m", Some("#meet ")),
            ("#b", Some("#b")),
            ("/sen", Some("/send ")),
            ("/send jo", Some("/send Joh")),
            ("/send joh", Some("/send joh")),
            ("/send john", Some("/send John ")),
            ("/read sar", Some("/read Sarah ")),
            ("/read sarah m", Some("/read Sarah Miller ")),
            ("tell ü", Some("tell Ümit ")),
            ("send joha", Some("send Johanna ")),
            ("/ai joh", None),
            ("", None),
            ("hello ", None),
            ("zz", None),
        ] {
            assert_eq!(text(typed).as_deref(), completed, "{typed}");
        }
    }

    #[test]
    fn where_it_is_not_certain_the_choices_are_told() {
        let choices = |typed| complete(typed, NAMES).unwrap().choices;
        assert_eq!(choices("#b"), ["#block", "#bye"]);
        assert_eq!(choices("/read sarah "), ["Sarah Jones", "Sarah Miller"]);
        assert!(choices("#w").is_empty());
    }
}
