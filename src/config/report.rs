//! The settings as they were loaded: what is in force, and why.

use std::fmt;

use ::config::ValueKind;

use super::Settings;
use super::layers::{Merged, Source};
use super::secret::SECRET;

/// The settings, with the origin of each.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub settings: Settings,
    /// Every setting there is, by name.
    pub values: Vec<InForce>,
}

/// One setting as somebody wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    pub key: String,
    pub value: String,
    pub source: Source,
}

impl Loaded {
    pub(super) fn new(settings: Settings, given: Merged) -> Self {
        let shown = |(key, given): (String, super::layers::Given)| InForce {
            value: if SECRET.contains(&key.as_str()) {
                hidden(&given.value)
            } else {
                on_one_line(&given.value)
            },
            key,
            source: given.source,
        };
        Self { settings, values: given.into_iter().map(shown).collect() }
    }
}

/// A table: name, value, source.
impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widest = |of: fn(&InForce) -> &str| {
            self.values.iter().map(|value| of(value).chars().count()).max().unwrap_or(0)
        };
        let (keys, values) = (widest(|value| &value.key), widest(|value| &value.value));
        for InForce { key, value, source } in &self.values {
            writeln!(f, "{key:keys$}  {value:values$}  {source}")?;
        }
        Ok(())
    }
}

/// Only whether there is one.
fn hidden(value: &ValueKind) -> String {
    let is_empty = matches!(value, ValueKind::String(text) if text.trim().is_empty());
    if is_empty { "\"\"".to_owned() } else { "(hidden)".to_owned() }
}

/// Texts stand as they are, unless that would break the table.
fn on_one_line(value: &ValueKind) -> String {
    match value {
        ValueKind::String(text) if text.is_empty() || text.contains(char::is_control) => format!("{text:?}"),
        ValueKind::Array(entries) => {
            let entries: Vec<_> = entries.iter().map(|entry| format!("{:?}", entry.to_string())).collect();
            format!("[{}]", entries.join(", "))
        }
        other => other.to_string(),
    }
}
