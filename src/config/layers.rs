//! The places settings come from, and which place wins.
//!
//! Owns the merged values with the source of each. It knows which settings there are (those of the embedded
//! defaults), but must never know what their values mean.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use ::config::{Config, ConfigError, File, FileFormat, Map, Value, ValueKind};

use super::error::SettingsError;
use super::names::{self, Meaning};

const DEFAULTS: &str = include_str!("../../config/default.toml");
const LOCAL_FILE: &str = "config/local.toml";
const DOT_ENV: &str = ".env";

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Default,
    LocalFile,
    /// A variable in `.env`, by name.
    DotEnv(String),
    /// A variable of the process, by name.
    Environment(String),
    /// A flag, as it is typed.
    Flag(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::LocalFile => f.write_str(LOCAL_FILE),
            Self::DotEnv(name) => write!(f, "{DOT_ENV}: {name}"),
            Self::Environment(name) => write!(f, "environment: {name}"),
            Self::Flag(flag) => write!(f, "flag {flag}"),
        }
    }
}

/// A setting from the command line.
#[derive(Clone, Debug)]
pub struct Flag {
    source: Source,
    key: String,
    value: String,
}

impl Flag {
    /// `flag` is what was typed for it, such as `--port`.
    pub fn new(flag: &str, key: &str, value: &str) -> Self {
        Self { source: Source::Flag(flag.to_owned()), key: key.to_owned(), value: value.to_owned() }
    }

    /// Reads the `section.name=value` of `--set`.
    pub fn set(assignment: &str) -> Result<Self, SettingsError> {
        match assignment.split_once('=') {
            Some((key, value)) => Ok(Self::new("--set", key.trim(), value)),
            None => Err(SettingsError::of_place(
                Source::Flag("--set".to_owned()),
                format!("{} is not a setting: write section.name=value", super::written::quoted(assignment)),
            )),
        }
    }
}

/// A value and where it came from.
#[derive(Clone, Debug)]
pub struct Given {
    pub value: ValueKind,
    pub source: Source,
}

/// The value in force for every setting there is.
pub struct Merged(BTreeMap<String, Given>);

/// Collects all places, the weakest first.
pub fn gather(
    flags: impl IntoIterator<Item = Flag>,
    environment: impl Iterator<Item = (String, String)>,
    working_dir: &Path,
) -> Result<Merged, SettingsError> {
    let mut merged = Merged(toml(DEFAULTS, &Source::Default)?.collect());
    if let Some(text) = text_of(working_dir, LOCAL_FILE)? {
        merged.take_all(toml(&text, &Source::LocalFile)?)?;
    }
    if let Some(text) = text_of(working_dir, DOT_ENV)? {
        merged.take_variables(dot_env(&text)?, Source::DotEnv)?;
    }
    merged.take_variables(environment, Source::Environment)?;
    merged.take_all(
        flags.into_iter().map(|flag| (flag.key, Given { value: flag.value.into(), source: flag.source })),
    )?;
    merged.open_for_the_platform();
    Ok(merged)
}

impl Merged {
    fn take_all(&mut self, values: impl Iterator<Item = (String, Given)>) -> Result<(), SettingsError> {
        values.into_iter().try_for_each(|(key, given)| self.take(key, given))
    }

    fn take(&mut self, key: String, given: Given) -> Result<(), SettingsError> {
        if matches!(given.value, ValueKind::Table(_)) && self.is_section(&key) {
            return Ok(());
        }
        if !self.0.contains_key(&key) {
            let problem = format!("there is no setting {key}; {}", self.neighbours(&key));
            return Err(SettingsError::of_place(given.source, problem));
        }
        self.0.insert(key, given);
        Ok(())
    }

    fn is_section(&self, name: &str) -> bool {
        self.0.keys().any(|key| key.split_once('.').is_some_and(|(section, _)| section == name))
    }

    /// An empty variable counts as not set: that is how a compose file passes on what nobody gave it.
    fn take_variables(
        &mut self,
        variables: impl IntoIterator<Item = (String, String)>,
        source: fn(String) -> Source,
    ) -> Result<(), SettingsError> {
        let mut ours: Vec<_> = variables
            .into_iter()
            .filter_map(|(name, value)| match names::meaning(&name) {
                Meaning::Setting { key, rank } => Some((rank, key, name, value)),
                Meaning::NotOurs => None,
            })
            .collect();
        ours.sort_by_key(|(rank, ..)| *rank);
        for (_, key, name, value) in ours {
            let unset = value.is_empty() && self.0.contains_key(&key);
            if !unset {
                self.take(key, Given { value: value.into(), source: source(name) })?;
            }
        }
        Ok(())
    }

    /// A platform that hands out a `PORT` knocks from outside, so unless somebody named a host, all are open.
    fn open_for_the_platform(&mut self) {
        let Some(port) = self.0.get("server.port") else { return };
        let by_platform = match &port.source {
            Source::DotEnv(name) | Source::Environment(name) => name == names::PLATFORM_PORT,
            _ => false,
        };
        let source = port.source.clone();
        if let Some(host) =
            self.0.get_mut("server.host").filter(|host| by_platform && host.source == Source::Default)
        {
            *host = Given { value: "0.0.0.0".into(), source };
        }
    }

    /// What could have been meant: the settings of the same section, else the sections.
    fn neighbours(&self, key: &str) -> String {
        let section = key.split('.').next().unwrap_or(key);
        let names: Vec<_> =
            self.0.keys().filter_map(|key| key.strip_prefix(section)?.strip_prefix('.')).collect();
        if !names.is_empty() {
            return format!("[{section}] has {}", names.join(", "));
        }
        let mut sections: Vec<_> = self.0.keys().filter_map(|key| key.split('.').next()).collect();
        sections.dedup();
        format!("the sections are {}", sections.join(", "))
    }

    /// All values in the form that the settings are read from.
    pub fn as_config(&self) -> Result<Config, ConfigError> {
        let overridden = self.0.iter().try_fold(Config::builder(), |all, (key, given)| {
            all.set_override(key, Value::new(None, given.value.clone()))
        });
        overridden?.build()
    }

    /// Finds out whose value could not be read.
    pub fn blame(&self, error: ConfigError) -> SettingsError {
        match error {
            ConfigError::At { error, key: Some(key), .. } => {
                // An entry of a list is blamed as `chat.mask_also[1]`.
                let setting = key.split('[').next().unwrap_or(&key);
                self.refuse(setting, &error.to_string())
            }
            other => SettingsError::of_place("settings", other.to_string()),
        }
    }

    pub fn refuse(&self, key: &str, problem: &str) -> SettingsError {
        match self.0.get(key) {
            Some(given) => SettingsError::of_key(key, &given.source, problem),
            None => SettingsError::of_place(key, problem),
        }
    }

    pub fn into_iter(self) -> impl Iterator<Item = (String, Given)> {
        self.0.into_iter()
    }
}

/// A file that is not there says nothing; one that can't be read stops the start.
fn text_of(working_dir: &Path, name: &str) -> Result<Option<String>, SettingsError> {
    match fs::read_to_string(working_dir.join(name)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(SettingsError::of_place(name, format!("can't be read: {error}"))),
    }
}

fn toml(text: &str, source: &Source) -> Result<impl Iterator<Item = (String, Given)>, SettingsError> {
    let table = ::config::Source::collect(&File::from_str(text, FileFormat::Toml))
        .map_err(|error| SettingsError::of_place(source, without_drawing(error)))?;
    let mut leaves = Vec::new();
    flatten("", table, &mut leaves);
    let source = source.clone();
    Ok(leaves.into_iter().map(move |(key, value)| (key, Given { value, source: source.clone() })))
}

/// Tables become dotted keys; an empty one is kept under its own name, which may be unknown.
fn flatten(prefix: &str, table: Map<String, Value>, leaves: &mut Vec<(String, ValueKind)>) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        match value.kind {
            ValueKind::Table(inner) if !inner.is_empty() => flatten(&key, inner, leaves),
            kind => leaves.push((key, kind)),
        }
    }
}

/// The parser draws the place over several lines; one line has to do.
fn without_drawing(error: ConfigError) -> String {
    let text = match error {
        ConfigError::FileParse { cause, .. } => cause.to_string(),
        other => other.to_string(),
    };
    let drawn =
        |line: &str| line.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit()).starts_with('|');
    let told: Vec<_> = text.lines().filter(|line| !line.is_empty() && !drawn(line)).collect();
    told.join(": ")
}

fn dot_env(text: &str) -> Result<Vec<(String, String)>, SettingsError> {
    // Without a newline at the end, a blank after the last value would count as an error.
    let text = format!("{}\n", text.trim_start_matches('\u{feff}'));
    let read = Cell::new(0);
    let lines = LineByLine { rest: text.as_bytes(), read: &read };
    dotenvy::from_read_iter(lines).collect::<Result<_, _>>().map_err(|error| {
        let problem = match error {
            // What is wrong may hold a secret, so the number of its first line has to do.
            dotenvy::Error::LineParse(wrong, _) => {
                let more = wrong.strip_suffix('\n').unwrap_or(&wrong).matches('\n').count();
                format!(
                    "line {} is not NAME=value; a value with a space in it belongs in quotes",
                    read.get() - more.min(read.get())
                )
            }
            other => other.to_string(),
        };
        SettingsError::of_place(DOT_ENV, problem)
    })
}

/// Hands out one line at a time, so that it is known at which one its reader is.
struct LineByLine<'a> {
    rest: &'a [u8],
    read: &'a Cell<usize>,
}

impl Read for LineByLine<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let end = self.rest.iter().position(|byte| *byte == b'\n').map_or(self.rest.len(), |at| at + 1);
        let given = room.len().min(end);
        if given == end && given > 0 {
            self.read.set(self.read.get() + 1);
        }
        self.rest.read(room.get_mut(..given).unwrap_or_default())
    }
}
