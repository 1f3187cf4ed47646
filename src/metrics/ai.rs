//! Calls of language models, by service and by how they ended, and what they took.

use super::overview::Service;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

type Labels = [(&'static str, &'static str); 2];

/// The counts.
pub(super) struct Ai {
    calls: Family<Labels, Counter>,
    tokens: Family<Labels, Counter>,
    saved: Counter,
    resting: Family<[(&'static str, &'static str); 1], Gauge>,
    /// The services that there are, with what is shown of them.
    services: Mutex<BTreeMap<&'static str, Service>>,
}

impl Ai {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let ai = Self {
            calls: Family::default(),
            tokens: Family::default(),
            saved: Counter::default(),
            resting: Family::default(),
            services: Mutex::default(),
        };
        let help = "Calls of language models, by service and by how they ended";
        registry.register("ai_calls", help, ai.calls.clone());
        let help =
            "Tokens of questions and answers, as the services count them; guessed of calls that broke off";
        registry.register("ai_tokens", help, ai.tokens.clone());
        let help = "Questions that were answered by a call which somebody else's same question had begun";
        registry.register("ai_calls_saved", help, ai.saved.clone());
        let help = "1 while a service is left alone because it failed or asked for that, else 0";
        registry.register("ai_resting", help, ai.resting.clone());
        ai
    }

    pub(super) fn called(&self, service: &'static str, outcome: &'static str) {
        self.calls.get_or_create(&[("service", service), ("outcome", outcome)]).inc();
        self.note(service, |known| match outcome {
            "answered" => known.answered += 1,
            _ => known.failed += 1,
        });
    }

    pub(super) fn rests(&self, service: &'static str, rests: bool) {
        self.resting.get_or_create(&[("service", service)]).set(i64::from(rests));
        self.note(service, |known| known.rests = rests);
    }

    /// The services that there are, by name.
    pub(super) fn services(&self) -> Vec<Service> {
        self.services.lock().unwrap_or_else(PoisonError::into_inner).values().copied().collect()
    }

    fn note(&self, service: &'static str, change: impl FnOnce(&mut Service)) {
        let mut services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        change(services.entry(service).or_insert(Service {
            name: service,
            rests: false,
            answered: 0,
            failed: 0,
        }));
    }

    pub(super) fn took(&self, service: &'static str, [prompt, completion]: [u64; 2]) {
        for (kind, count) in [("prompt", prompt), ("completion", completion)] {
            self.tokens.get_or_create(&[("service", service), ("kind", kind)]).inc_by(count);
        }
    }

    pub(super) fn guessed(&self, service: &'static str, count: u64) {
        self.tokens.get_or_create(&[("service", service), ("kind", "guessed")]).inc_by(count);
    }

    pub(super) fn saved(&self) {
        self.saved.inc();
    }
}
