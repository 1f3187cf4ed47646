//! What machines ask: alive, ready, and the figures.

use crate::metrics::Metrics;
use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The media type of OpenMetrics 1.0 text.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Whether the house takes visitors: not yet while it starts, no longer while it closes.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// From now on `/ready` says this.
    pub fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Relaxed);
    }

    fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// `/health` alone.
pub fn health() -> Router {
    Router::new().route("/health", get(async || "ok\n"))
}

/// `/health`, `/ready` and `/metrics`.
pub fn routes(ready: Readiness, metrics: Metrics) -> Router {
    let figures = metrics.clone();
    Router::new()
        .merge(health())
        .route("/ready", get(async move || readiness(&ready, &figures)))
        .route("/metrics", get(async move || ([(CONTENT_TYPE, OPEN_METRICS)], metrics.page())))
}

/// Not ready while what sessions share can't be kept. A bridge that is away is a matter of its own session: it is
/// told, and nobody else is turned away for it.
fn readiness(ready: &Readiness, metrics: &Metrics) -> (StatusCode, String) {
    let (is_failing, bridges) = (metrics.store_is_failing(), metrics.bridges());
    let (code, word) = match ready.get() && !is_failing {
        true => (StatusCode::OK, "ready"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
    };
    let store = if is_failing { "failing" } else { "working" };
    let (up, down) = bridges;
    (code, format!("{word}\nstore: {store}\nbridges: {up} connected, {down} unavailable\n"))
}
