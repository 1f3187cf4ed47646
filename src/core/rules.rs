//! The rules that every node must share, and the machine's time.

use std::time::Duration;

/// Milliseconds of the log's own time. Only differences mean anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub u64);

impl Millis {
    /// From whole seconds.
    pub const fn seconds(n: u64) -> Self {
        Self(n * 1_000)
    }

    /// The sum, or the end of time where there is none.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What has passed since `earlier`; zero if that lies ahead.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Self {
        Self(self.0.saturating_sub(earlier.0))
    }
}

/// In whole milliseconds, or the end of time.
impl From<Duration> for Millis {
    fn from(duration: Duration) -> Self {
        Self(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }
}

/// What decides who meets whom. Part of the replicated state: an input sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rules {
    /// Two who just parted meet again only after both have waited this long.
    pub rematch_after: Millis,
    /// After this wait of the longer-waiting one, tags no longer keep two people apart.
    pub tags_give_way: Millis,
    /// How long somebody who lost the connection may take to come back; 0 lets them go at once.
    pub grace: Millis,
    /// How many may be away at once; past it, who is away longest is let go. 0 for any number.
    pub most_away: usize,
    /// How many searches a person may begin in a minute; 0 for any number.
    pub meets_per_minute: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            rematch_after: Millis::seconds(10),
            tags_give_way: Millis::seconds(8),
            grace: Millis::seconds(60),
            most_away: 20_000,
            meets_per_minute: 60,
        }
    }
}
