//! When a registration last did something: its own task writes it, and anybody may read it.

use crate::core::Millis;
use std::sync::atomic::{AtomicU64, Ordering};

/// Nothing since it was found idle.
const NONE: u64 = u64::MAX;

/// See the module.
#[derive(Debug)]
pub struct Activity(AtomicU64);

impl Default for Activity {
    fn default() -> Self {
        Self(AtomicU64::new(NONE))
    }
}

impl Activity {
    /// It did something now.
    pub fn note(&self, now: Millis) {
        self.0.store(now.0, Ordering::Relaxed);
    }

    /// It was found idle.
    pub fn forget(&self) {
        self.0.store(NONE, Ordering::Relaxed);
    }

    /// When that was; `None` once it was found idle.
    pub fn last(&self) -> Option<Millis> {
        Some(self.0.load(Ordering::Relaxed)).filter(|last| *last != NONE).map(Millis)
    }
}
