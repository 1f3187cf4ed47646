//! What somebody typed, understood: which of the two worlds it is for, and what this client does itself.
//!
//! It must never know: whether it works out.

/// A typed line.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum Typed<'t> {
    Nothing,
    /// A command of the random chat.
    Command(&'t str),
    /// Without a mark: for the partner or for the shared line, as things stand.
    Unmarked(&'t str),
    /// For the partner, whatever it looks like.
    Say(&'t str),
    /// For the shared line, in plain words or in one of its short forms.
    Sentence(&'t str),
    Contacts(Option<&'t str>),
    History(usize),
    Ai(&'t str),
    /// The last proposal is what was meant.
    Yes,
    /// No more of the AI's answer.
    Stop,
    Name(&'t str),
    /// Until somebody is there.
    Wait,
    Help,
    Quit,
    /// A word with a slash that does not exist, or not so.
    Unknown(&'t str),
}

/// How many messages `/history` shows if nobody says.
const HISTORY: usize = 20;
/// More than a hub gives at once.
const MOST: usize = 500;

/// The commands of the random chat, for help and Tab.
pub const COMMANDS: [&str; 9] =
    ["#again", "#block", "#bye", "#help", "#hide", "#meet", "#report", "#unblock", "#who"];

/// The words with a slash, for Tab.
pub const SLASHES: [&str; 18] = [
    "/ai",
    "/auto",
    "/contacts",
    "/do",
    "/help",
    "/history",
    "/list",
    "/name",
    "/quit",
    "/read",
    "/say",
    "/search",
    "/send",
    "/status",
    "/stop",
    "/suggest",
    "/summary",
    "/wait",
];

/// Short forms that the hub reads itself, since it knows whom a name means.
const HUBS: [&str; 8] = ["send", "read", "summary", "suggest", "search", "list", "status", "auto"];

/// Those of them that say nothing alone.
const NEEDY: [&str; 5] = ["send", "read", "suggest", "search", "auto"];

/// Behind these comes the name of a contact.
pub const NAMING: [&str; 4] = ["/send", "/read", "/summary", "/suggest"];

impl<'t> Typed<'t> {
    /// Reads a line.
    pub fn read(line: &'t str) -> Self {
        let line = line.trim();
        match line.strip_prefix('/') {
            Some(rest) => Self::slash(line, rest),
            None if line.is_empty() => Self::Nothing,
            None if line.starts_with('#') => Self::Command(line),
            None => Self::Unmarked(line),
        }
    }

    fn slash(line: &'t str, rest: &'t str) -> Self {
        let (word, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let rest = rest.trim();
        match (word.to_lowercase().as_str(), rest) {
            (word, "") if NEEDY.contains(&word) => Self::Unknown(line),
            (word, _) if HUBS.contains(&word) => Self::Sentence(line),
            ("help" | "h" | "?", "") => Self::Help,
            ("quit" | "exit" | "q", "") => Self::Quit,
            ("yes", "") => Self::Yes,
            ("stop", "") => Self::Stop,
            ("wait", "") => Self::Wait,
            ("contacts", "") => Self::Contacts(None),
            ("contacts", query) => Self::Contacts(Some(query)),
            ("history", "") => Self::History(HISTORY),
            ("history", count) => match count.parse() {
                Ok(count @ 1..=MOST) => Self::History(count),
                _ => Self::Unknown(line),
            },
            (_, "") => Self::Unknown(line),
            ("ai", prompt) => Self::Ai(prompt),
            ("name", name) => Self::Name(name),
            ("say", text) => Self::Say(text),
            ("do", sentence) => Self::Sentence(sentence),
            _ => Self::Unknown(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_says_which_world() {
        for (line, typed) in [
            ("  ", Typed::Nothing),
            ("#meet music", Typed::Command("#meet music")),
            (" hello ", Typed::Unmarked("hello")),
            ("/say #meet is a command", Typed::Say("#meet is a command")),
            ("/send john hi", Typed::Sentence("/send john hi")),
            ("/READ sarah 5", Typed::Sentence("/READ sarah 5")),
            ("/do tell john hi", Typed::Sentence("tell john hi")),
            ("/contacts", Typed::Contacts(None)),
            ("/contacts jo", Typed::Contacts(Some("jo"))),
            ("/history", Typed::History(20)),
            ("/history 7", Typed::History(7)),
            ("/history seven", Typed::Unknown("/history seven")),
            ("/history 501", Typed::Unknown("/history 501")),
            ("/ai why?", Typed::Ai("why?")),
            ("/ai", Typed::Unknown("/ai")),
            ("/q", Typed::Quit),
            ("/fly", Typed::Unknown("/fly")),
        ] {
            assert_eq!(Typed::read(line), typed);
        }
    }
}
