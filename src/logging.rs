//! The log: what happened, never to whom or in which words.

mod tail;

pub use tail::{Line, Tail};

use crate::config::{Level, Log, LogFormat};
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal};
use std::panic;
use std::path::Path;
use std::sync::Mutex;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt, registry};

/// Starts logging for the whole process; what is logged can be read at this tail, too.
pub fn start(log: &Log, tail: Tail) -> io::Result<()> {
    let writer = match &log.file {
        Some(path) => BoxMakeWriter::new(Mutex::new(append(path)?)),
        None => BoxMakeWriter::new(io::stderr),
    };
    let colours = log.file.is_none() && io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let lines = fmt::layer().with_writer(writer).with_ansi(colours).with_target(false);
    let lines = match log.format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    // Libraries may log what passes through them; only their complaints are let in.
    // Those of the MCP library quote what a client got wrong, those of the AI library what a provider wrote.
    let ours = Targets::new()
        .with_target("strowger", level(log.level))
        .with_target("rmcp", LevelFilter::ERROR)
        .with_target("genai", LevelFilter::OFF)
        .with_default(LevelFilter::WARN);
    // Whoever started logging before keeps it.
    let _ = registry().with(lines.and_then(tail).with_filter(ours)).try_init();
    silence_panics();
    Ok(())
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

fn level(level: Level) -> LevelFilter {
    match level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    }
}

/// A panic's message may quote what somebody wrote, so only its place is told.
fn silence_panics() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "A task panicked; this is a bug in strowger");
    }));
}
