//! How much is logged, in which form, and where to.

use std::path::PathBuf;

use serde::Deserializer;

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

pub(super) fn file<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PathBuf>, D::Error> {
    scalar(from, "a path", |text| Some((!text.is_empty()).then(|| PathBuf::from(text))))
}
