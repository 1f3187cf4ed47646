//! The date, as messages carry it: real, or set by a test.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch. Cloning it gives another view of the same time.
#[derive(Clone)]
pub struct Calendar(Source);

#[derive(Clone)]
enum Source {
    Real,
    Stepped(Arc<AtomicI64>),
}

impl Calendar {
    /// Time as it passes.
    pub fn real() -> Self {
        Self(Source::Real)
    }

    /// Time that stands still until [`Calendar::step`].
    pub fn stepped(now: i64) -> Self {
        Self(Source::Stepped(Arc::new(AtomicI64::new(now))))
    }

    /// Moves a stepped calendar on. A real one does not care.
    pub fn step(&self, by: Duration) {
        if let Source::Stepped(now) = &self.0 {
            now.fetch_add(whole(by), Ordering::Relaxed);
        }
    }

    /// The time now. A clock from before 1970 stands at its end.
    pub fn now(&self) -> i64 {
        match &self.0 {
            Source::Real => whole(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()),
            Source::Stepped(now) => now.load(Ordering::Relaxed),
        }
    }
}

/// In milliseconds.
pub(super) fn whole(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
