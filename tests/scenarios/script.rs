//! The language of the scenario files.

use std::time::Duration;

/// What somebody does, or that time passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// `alice joins`, or `alice joins team` to share a session.
    Joins { who: String, session: Option<String> },
    /// `alice leaves`
    Leaves { who: String },
    /// `alice loses the connection`, without a goodbye
    Loses { who: String },
    /// `alice comes back` with what she needs to go on where she was
    ComesBack { who: String },
    /// `alice calls herself Ann`
    Renames { who: String, nickname: String },
    /// `alice types`
    Types { who: String },
    /// `alice shares contacts: John, Sarah`
    Shares { who: String, contacts: Vec<String> },
    /// `alice: hello`
    Says { who: String, line: String },
    /// `+31m`
    Passes(Duration),
}

/// Who is told what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub who: String,
    pub what: String,
}

/// One action, and what follows from it.
#[derive(Debug)]
pub struct Step {
    pub line: usize,
    pub action: Action,
    pub told: Vec<Told>,
}

/// A whole file.
pub struct Script {
    text: String,
    pub steps: Vec<Step>,
}

impl Script {
    pub fn read(text: &str) -> Self {
        let mut steps: Vec<Step> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let trimmed = line.trim();
            if trimmed.is_empty() || trimmed.starts_with("# ") {
                continue;
            }
            match trimmed.strip_prefix("-> ") {
                Some(arrow) => {
                    let (who, what) = arrow.split_once(": ").expect("an arrow names who is told what");
                    let told = Told { who: who.to_owned(), what: what.to_owned() };
                    steps.last_mut().expect("an arrow follows an action").told.push(told);
                }
                None => {
                    steps.push(Step { line: number + 1, action: Action::read(trimmed), told: Vec::new() })
                }
            }
        }
        Self { text: text.to_owned(), steps }
    }

    /// The file with other arrows.
    pub fn with_arrows(&self, told: &[Vec<Told>]) -> String {
        let mut lines = Vec::new();
        let mut told = told.iter();
        for line in self.text.lines().filter(|line| !line.trim().starts_with("-> ")) {
            lines.push(line.to_owned());
            let trimmed = line.trim();
            if !trimmed.is_empty() && !trimmed.starts_with("# ") {
                let arrows = told.next().expect("as many steps as actions");
                lines.extend(arrows.iter().map(|told| format!("    -> {}: {}", told.who, told.what)));
            }
        }
        lines.join("\n") + "\n"
    }
}

impl Action {
    fn read(line: &str) -> Self {
        if let Some(time) = line.strip_prefix('+') {
            return Self::Passes(duration(time));
        }
        if let Some((who, said)) = line.split_once(": ").filter(|(who, _)| !who.contains(' ')) {
            return Self::Says { who: who.to_owned(), line: said.to_owned() };
        }
        let (who, deed) = line.split_once(' ').expect("who does what");
        let who = who.to_owned();
        match deed.split_once(' ') {
            None if deed == "joins" => Self::Joins { who, session: None },
            None if deed == "leaves" => Self::Leaves { who },
            None if deed == "types" => Self::Types { who },
            Some(("loses", "the connection")) => Self::Loses { who },
            Some(("comes", "back")) => Self::ComesBack { who },
            Some(("joins", session)) => Self::Joins { who, session: Some(session.to_owned()) },
            Some(("calls", rest)) => Self::Renames { who, nickname: last_word(rest) },
            Some(("shares", rest)) => {
                let names = rest.strip_prefix("contacts: ").expect("shares contacts: names");
                Self::Shares { who, contacts: names.split(", ").map(str::to_owned).collect() }
            }
            _ => panic!("nobody knows how to {deed:?}"),
        }
    }
}

fn last_word(text: &str) -> String {
    text.rsplit(' ').next().unwrap_or(text).to_owned()
}

fn duration(text: &str) -> Duration {
    let (number, unit) = text.split_at(text.len() - 1);
    let number: u64 = number.parse().expect("a whole number");
    match unit {
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(60 * number),
        _ => panic!("a time is written 8s or 31m, not {text:?}"),
    }
}

/// How scenarios write the confirmation for somebody who came back too late.
pub const ANEW: &str = "registered anew";

/// A confirmation, as the scenarios write it.
pub fn confirmed(nickname: &str, recovered: bool) -> String {
    if recovered { format!("back as {nickname}") } else { format!("registered as {nickname}") }
}

/// A line from the partner, as text doors show it.
pub fn from_partner(from: &str, message: &str) -> String {
    format!("📤 Message sent to your partner from {from}: {message}")
}

/// A line of one's own that could not be shown.
pub fn not_delivered(message: &str) -> String {
    format!("⚠️ Not delivered: {message}")
}

/// A contact list as the scenarios write it.
pub fn contacts(names: &[&str], total: usize) -> String {
    format!("contacts: {} ({total} in all)", names.join(", "))
}
