//! What the simulator plays: its contacts, what they answer, and what goes wrong. A JSON file.

use serde::Deserialize;
use std::fmt;
use std::path::{Path, PathBuf};

/// See the module.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    #[serde(default)]
    pub contacts: Vec<Person>,
    /// What the contacts answer; the first that fits counts.
    #[serde(default)]
    pub replies: Vec<Reply>,
    /// What goes wrong; the first that fits counts.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// How long every send takes, in milliseconds.
    #[serde(default)]
    pub delay_ms: u64,
}

/// A contact.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub name: String,
    pub phone: Option<String>,
    pub id: Option<String>,
}

/// An answer.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// From whom; anybody, if it is not said.
    pub contact: Option<String>,
    /// To a message that has this in it, whatever the case; to any, if it is not said.
    pub when: Option<String>,
    /// The answer; `{message}` in it is what was sent.
    pub say: String,
    /// How long after the send, in milliseconds.
    #[serde(default)]
    pub after_ms: u64,
}

/// Something that goes wrong.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// With whom; anybody, if it is not said.
    pub contact: Option<String>,
    /// Every so manieth send; each, if it is not said.
    pub every: Option<u64>,
    pub what: Wrong,
    /// What is said of a refusal.
    #[serde(default)]
    pub text: String,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wrong {
    /// There is no such number.
    NotFound,
    /// Nothing is heard of it.
    Silent,
    /// There is no way out.
    Unavailable,
}

/// Why a script can't be played, in words for the operator.
#[derive(Debug)]
pub struct NotRead {
    file: PathBuf,
    why: String,
}

impl fmt::Display for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "whatsapp.simulator: {} can't be read: {}", self.file.display(), self.why)
    }
}

impl std::error::Error for NotRead {}

impl Script {
    /// Reads a script from its file.
    pub fn read(file: &Path) -> Result<Self, NotRead> {
        let failed = |why: String| NotRead { file: file.to_owned(), why };
        let text = std::fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
        read(&text).map_err(failed)
    }

    /// Says what can't be meant.
    fn checked(self) -> Result<Self, String> {
        let is_empty = |name: &str| name.trim().is_empty();
        if let Some(at) = self.contacts.iter().position(|person| is_empty(&person.name)) {
            return Err(format!("contacts[{at}]: the name is empty"));
        }
        if let Some(at) = self.faults.iter().position(|fault| fault.every == Some(0)) {
            return Err(format!("faults[{at}]: \"every\" is 1 at least"));
        }
        Ok(self)
    }
}

/// An object and nothing else: a list of its values would be taken for one.
fn read(text: &str) -> Result<Script, String> {
    if !text.trim_start().starts_with('{') {
        return Err("it is not a JSON object".to_owned());
    }
    serde_json::from_str::<Script>(text).map_err(|error| error.to_string())?.checked()
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person(…)")
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reply(…)")
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fault({:?})", self.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_be_meant_is_refused_in_one_clear_line() {
        for (text, says) in [
            ("[]", "it is not a JSON object"),
            ("[[],[],[],0]", "it is not a JSON object"),
            (r#"{"contacts":[{"name":"Echo"},{"name":" "}]}"#, "contacts[1]: the name is empty"),
            (r#"{"faults":[{"every":0,"what":"silent"}]}"#, "faults[0]: \"every\" is 1 at least"),
        ] {
            assert_eq!(read(text).err().as_deref(), Some(says), "{text}");
        }
        assert!(read(r#"{"contacts":[{"name":"Echo"}],"faults":[{"every":2,"what":"silent"}]}"#).is_ok());
    }
}
