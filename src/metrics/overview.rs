//! All that is counted, at one moment, for whoever looks on.

use super::labels::{Fate, Refusal};
use super::requests::Door;
use super::{Metrics, Spread, Tally, count};
use crate::wire::CloseCode;

/// The counts at one moment. Names are those of the labels.
#[derive(Debug, Clone)]
pub struct Overview {
    pub sockets: u64,
    pub tally: Tally,
    /// Registered, and lost the connection.
    pub away: u64,
    pub sessions: u64,
    /// Texts, by what became of them.
    pub texts: [(&'static str, u64); 4],
    /// WebSockets that the hub closed, by close code; those of which there are none are left out.
    pub closes: Vec<(CloseCode, u64)>,
    /// Upgrades refused, by reason.
    pub turned_away: Vec<(&'static str, u64)>,
    /// Requests, by door and status.
    pub requests: Vec<(&'static str, &'static str, u64)>,
    /// What sessions send, by how far it got.
    pub sends: Vec<(&'static str, u64)>,
    pub bridges_up: u64,
    pub bridges_down: u64,
    pub services: Vec<Service>,
    pub store_fails: bool,
    pub wait: Spread,
    pub delivery: Spread,
}

/// A service of language models.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    pub name: &'static str,
    /// Whether it is left alone, since it failed or asked for that.
    pub rests: bool,
    /// Calls that it answered, and those that came to nothing for whatever reason.
    pub answered: u64,
    pub failed: u64,
}

impl Metrics {
    /// All that is counted, now.
    pub fn overview(&self) -> Overview {
        let inner = &self.0;
        Overview {
            sockets: count(&inner.sockets),
            tally: self.tally(),
            away: count(&inner.away),
            sessions: count(&inner.sessions),
            texts: [
                ("delivered", inner.delivered.get()),
                ("held", inner.held.get()),
                ("refused", inner.refused.get()),
                ("failed", inner.failed.get()),
            ],
            closes: self.closes(),
            turned_away: Refusal::ALL.map(|reason| (reason.name(), self.turned_away_for(reason))).into(),
            requests: Door::all_counts(&inner.requests),
            sends: Fate::ALL.map(|fate| (fate.name(), self.sends_of(fate))).into(),
            bridges_up: count(&inner.bridges_up),
            bridges_down: count(&inner.bridges_down),
            services: inner.ai.services(),
            store_fails: self.store_is_failing(),
            wait: inner.wait.clone(),
            delivery: inner.delivery.clone(),
        }
    }

    fn closes(&self) -> Vec<(CloseCode, u64)> {
        let count = |code: CloseCode| self.0.closes.get(&[("code", code.number())]).map(|count| count.get());
        CloseCode::ALL.into_iter().filter_map(|code| count(code).map(|count| (code, count))).collect()
    }

    fn turned_away_for(&self, reason: Refusal) -> u64 {
        self.0.turned_away.get_or_create(&[("reason", reason.name())]).get()
    }

    fn sends_of(&self, fate: Fate) -> u64 {
        self.0.sends.get_or_create(&[("fate", fate.name())]).get()
    }
}
