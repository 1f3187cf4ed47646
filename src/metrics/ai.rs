//! Calls of language models, by service and by how they ended, and what they took.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

type Labels = [(&'static str, &'static str); 2];

/// The counts.
pub(super) struct Ai {
    calls: Family<Labels, Counter>,
    tokens: Family<Labels, Counter>,
    saved: Counter,
}

impl Ai {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let ai = Self { calls: Family::default(), tokens: Family::default(), saved: Counter::default() };
        let help = "Calls of language models, by service and by how they ended";
        registry.register("ai_calls", help, ai.calls.clone());
        let help =
            "Tokens of questions and answers, as the services count them; guessed of calls that broke off";
        registry.register("ai_tokens", help, ai.tokens.clone());
        let help = "Questions that were answered by a call which somebody else's same question had begun";
        registry.register("ai_calls_saved", help, ai.saved.clone());
        ai
    }

    pub(super) fn called(&self, service: &'static str, outcome: &'static str) {
        self.calls.get_or_create(&[("service", service), ("outcome", outcome)]).inc();
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
