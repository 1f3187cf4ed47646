//! One of a few words, or a path: how much is logged, in which form, and where things go.

use std::path::PathBuf;

use serde::Deserializer;
use serde::de::Error;

use super::written::scalar;

/// How much is told, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// Lines for people or objects for collectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// What outlives the process, and what does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreOn {
    Disk,
    Memory,
}

/// Who is asked for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMode {
    /// Who comes by MCP.
    None,
    /// Everybody, for one of the house.
    Token,
    /// Everybody, for a JWT of theirs.
    Jwt,
}

/// Services of language models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AiName {
    Gemini,
    OpenAi,
    Anthropic,
}

impl AiName {
    /// All of them, in the order in which they are asked if nobody says another one.
    pub const ALL: [Self; 3] = [Self::Gemini, Self::OpenAi, Self::Anthropic];

    /// As it stands in settings and frames.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gemini => "gemini",
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
        }
    }
}

/// Names between commas, each of them once.
pub(super) fn services<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<AiName>, D::Error> {
    scalar(from, "a list of AI services: write gemini, openai and anthropic, with commas between", |text| {
        let mut services = Vec::new();
        for name in text.split(',').map(str::trim).filter(|_| !text.trim().is_empty()) {
            let service = match name.to_ascii_lowercase().as_str() {
                "gemini" => AiName::Gemini,
                "openai" => AiName::OpenAi,
                "anthropic" => AiName::Anthropic,
                _ => return None,
            };
            if services.contains(&service) {
                return None;
            }
            services.push(service);
        }
        Some(services)
    })
}

/// A text of one line or more. An empty one is none.
pub(super) fn line<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    scalar(from, "a text", |text| Some((!text.is_empty()).then(|| text.to_owned())))
}

/// A name without spaces. An empty one is none.
pub(super) fn word<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    scalar(from, "a name: write it without spaces", |text| {
        let is_word = !text.contains(|c: char| c.is_whitespace() || c.is_control());
        is_word.then(|| (!text.is_empty()).then(|| text.to_owned()))
    })
}

pub(super) fn auth<'de, D: Deserializer<'de>>(from: D) -> Result<AuthMode, D::Error> {
    scalar(from, "a kind of authentication: write none, token or jwt", |text| {
        Some(match text.to_ascii_lowercase().as_str() {
            "none" => AuthMode::None,
            "token" => AuthMode::Token,
            "jwt" => AuthMode::Jwt,
            _ => return None,
        })
    })
}

pub(super) fn level<'de, D: Deserializer<'de>>(from: D) -> Result<Level, D::Error> {
    scalar(from, "a level: write ERROR, WARN, INFO, DEBUG or TRACE", |text| {
        Some(match text.to_ascii_uppercase().as_str() {
            "ERROR" => Level::Error,
            "WARN" | "WARNING" => Level::Warn,
            "INFO" => Level::Info,
            "DEBUG" => Level::Debug,
            "TRACE" => Level::Trace,
            _ => return None,
        })
    })
}

pub(super) fn format<'de, D: Deserializer<'de>>(from: D) -> Result<LogFormat, D::Error> {
    scalar(from, "a log format: write text or json", |text| {
        Some(match text.to_ascii_lowercase().as_str() {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            _ => return None,
        })
    })
}

pub(super) fn store<'de, D: Deserializer<'de>>(from: D) -> Result<StoreOn, D::Error> {
    scalar(from, "a place for what sessions keep: write disk or memory", |text| {
        Some(match text.to_ascii_lowercase().as_str() {
            "disk" => StoreOn::Disk,
            "memory" => StoreOn::Memory,
            _ => return None,
        })
    })
}

/// An empty one is none.
pub(super) fn path<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PathBuf>, D::Error> {
    scalar(from, "a path", |text| Some((!text.is_empty()).then(|| PathBuf::from(text))))
}

pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = scalar(from, "a text", |text| Some(text.to_owned()))?;
    if text.is_empty() {
        return Err(D::Error::custom(
            "it is empty: give it a text, or leave the setting out for the usual one",
        ));
    }
    Ok(text)
}
