//! The AI of the house, from its settings.

use super::NotOpened;
use crate::ai::{Ai, Budget, Provider, Rules, Service};
use crate::config::{AiName, Secret, Settings};
use crate::metrics::Metrics;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

/// Whom the house asks: those that the settings name, or all that have a model.
pub fn ai(settings: &Settings, metrics: Metrics, tasks: TaskTracker) -> Result<Ai, NotOpened> {
    let mut providers = Vec::new();
    let is_named = !settings.ai.order.is_empty();
    for (name, set) in settings.services() {
        if let Some(lack) = set.lacks(is_named) {
            tracing::warn!("The AI {} {lack}", name.as_str());
        }
        let Some(model) = &set.model else { continue };
        let key = set.key.as_ref().map(Secret::reveal);
        let provider = Provider::new(service(name), model, key, set.url.as_deref());
        providers.push(provider.map_err(|error| NotOpened(error.to_string()))?);
    }
    let limits = &settings.ai;
    let budget =
        Budget { calls: limits.calls_per_day.unwrap_or(0), tokens: limits.tokens_per_day.unwrap_or(0) };
    let at_once = limits.calls_at_once.unwrap_or(Semaphore::MAX_PERMITS).min(Semaphore::MAX_PERMITS);
    Ok(Ai::new(providers, Rules { at_once, budget }, metrics, tasks))
}

const fn service(name: AiName) -> Service {
    match name {
        AiName::Gemini => Service::Gemini,
        AiName::OpenAi => Service::OpenAi,
        AiName::Anthropic => Service::Anthropic,
    }
}
