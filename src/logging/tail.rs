//! The end of the log, for whoever watches: the newest lines, and those that come.
//!
//! They are the very lines that the log has, so there is nothing in them that may not be told.

use chrono::{DateTime, Utc};
use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::broadcast;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// How many lines are kept for who begins to watch.
const KEPT: usize = 200;
/// How many may be on their way to who watches slowly: older ones are skipped, and counted.
const ON_THE_WAY: usize = 256;
/// The longest line, in bytes. What is longer is cut off.
const LONGEST: usize = 2_048;

/// A line of the log.
#[derive(Debug, Clone)]
pub struct Line {
    pub at: DateTime<Utc>,
    pub level: Level,
    /// What the log says, and its fields as `name=value`.
    pub text: String,
}

/// A handle on the end of the log. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Tail(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    kept: Mutex<VecDeque<Arc<Line>>>,
    coming: broadcast::Sender<Arc<Line>>,
}

impl Default for Tail {
    fn default() -> Self {
        let (coming, _) = broadcast::channel(ON_THE_WAY);
        Self(Arc::new(Inner { kept: Mutex::default(), coming }))
    }
}

impl Tail {
    /// The newest lines, oldest first, and those behind them as they come.
    pub fn read(&self) -> (Vec<Arc<Line>>, broadcast::Receiver<Arc<Line>>) {
        let kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        (kept.iter().cloned().collect(), self.0.coming.subscribe())
    }

    fn add(&self, line: Line) {
        let line = Arc::new(line);
        let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(line.clone());
        // Nobody may be watching.
        let _ = self.0.coming.send(line);
    }
}

impl<S: Subscriber> Layer<S> for Tail {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut words = Words::default();
        event.record(&mut words);
        self.add(Line { at: Utc::now(), level: *event.metadata().level(), text: words.line() });
    }
}

/// The words of an event, put together.
#[derive(Default)]
struct Words {
    message: String,
    fields: String,
}

impl Words {
    fn line(self) -> String {
        let mut line = self.message + &self.fields;
        if line.len() > LONGEST {
            line.truncate(line.floor_char_boundary(LONGEST));
            line.push('…');
        }
        line
    }
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string cannot fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::layer::SubscriberExt;

    fn told(tail: &Tail, tell: impl Fn()) {
        tracing::subscriber::with_default(tracing_subscriber::registry().with(tail.clone()), tell);
    }

    #[test]
    fn who_watches_reads_what_was_and_what_comes() {
        let tail = Tail::default();
        told(&tail, || tracing::info!(client = "0a1b2c3d", count = 3, "{} came", "A client"));
        let (kept, mut coming) = tail.read();
        assert_eq!(
            kept.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(),
            ["A client came client=\"0a1b2c3d\" count=3"]
        );
        assert_eq!(kept.first().map(|line| line.level), Some(Level::INFO));
        told(&tail, || tracing::warn!("{}", "Something else"));
        assert_eq!("Something else", coming.try_recv().expect("it came").text);
        assert!(coming.try_recv().is_err());
    }

    #[test]
    fn the_newest_lines_are_kept_and_none_is_endless() {
        let tail = Tail::default();
        told(&tail, || (0..=KEPT).for_each(|count| tracing::info!(count, "{}", "ä".repeat(LONGEST))));
        let (kept, _) = tail.read();
        assert_eq!(kept.len(), KEPT);
        assert!(kept.iter().all(|line| line.text.len() <= LONGEST + "…".len()));
    }
}
