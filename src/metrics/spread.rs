//! How long things take, as counts of those that took no longer than each of a few steps: a histogram that the page of
//! figures can be drawn from too.

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const MICROS: f64 = 1e6;

/// A histogram. Cloning it gives another handle on the same one.
#[derive(Debug, Clone)]
pub struct Spread(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// The longest of each step, in microseconds.
    steps: &'static [u64],
    /// One more than there are steps: what takes longer than all of them.
    counts: Box<[AtomicU64]>,
    /// In microseconds.
    sum: AtomicU64,
}

impl Spread {
    /// One of nothing, with these steps in microseconds, the shortest first.
    pub fn over(steps: &'static [u64]) -> Self {
        let counts = (0..=steps.len()).map(|_| AtomicU64::new(0)).collect();
        Self(Arc::new(Inner { steps, counts, sum: AtomicU64::new(0) }))
    }

    /// Something took so long.
    pub fn note(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let step = self.0.steps.partition_point(|longest| *longest < micros);
        if let Some(count) = self.0.counts.get(step) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.0.sum.fetch_add(micros, Ordering::Relaxed);
    }

    /// The longest of each step, in microseconds.
    pub fn steps(&self) -> &'static [u64] {
        self.0.steps
    }

    /// How many fell into each step, and last how many took longer.
    pub fn counts(&self) -> Vec<u64> {
        self.0.counts.iter().map(|count| count.load(Ordering::Relaxed)).collect()
    }
}

/// In seconds, as is usual for Prometheus.
impl EncodeMetric for Spread {
    fn encode(&self, mut encoder: MetricEncoder) -> std::fmt::Result {
        let counts = self.counts();
        let bounds = self.0.steps.iter().map(|micros| *micros as f64 / MICROS).chain([f64::INFINITY]);
        let buckets: Vec<_> = bounds.zip(counts.iter().copied()).collect();
        let sum = self.0.sum.load(Ordering::Relaxed) as f64 / MICROS;
        encoder.encode_histogram::<NoLabelSet>(sum, counts.iter().sum(), &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_falls_into_the_first_step_that_is_no_shorter() {
        let spread = Spread::over(&[10, 100]);
        for micros in [0, 10, 11, 100, 101, u64::MAX / 2] {
            spread.note(Duration::from_micros(micros));
        }
        assert_eq!(spread.counts(), [2, 2, 2]);
    }

    #[test]
    fn prometheus_is_shown_them_in_seconds_and_added_up() {
        let mut registry = prometheus_client::registry::Registry::default();
        let spread = Spread::over(&[1_000, 2_000_000]);
        registry.register("took", "How long", spread.clone());
        for millis in [1, 5, 5_000] {
            spread.note(Duration::from_millis(millis));
        }
        let mut page = String::new();
        prometheus_client::encoding::text::encode(&mut page, &registry).expect("a string takes it");
        for line in [
            "took_sum 5.006",
            "took_count 3",
            "took_bucket{le=\"0.001\"} 1",
            "took_bucket{le=\"2.0\"} 2",
            "took_bucket{le=\"+Inf\"} 3",
        ] {
            assert!(page.lines().any(|found| found == line), "{line} in\n{page}");
        }
    }
}
