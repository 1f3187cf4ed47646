//! What the hub says of itself, and what lists of times come to.

use crate::web;
use std::time::Duration;

/// What `/metrics` says of this series; its labels, if there are any, belong to its name.
pub async fn metric(port: u16, series: &str) -> u64 {
    let page = web::get(port, "/metrics").await.body;
    let value = |line: &str| line.strip_prefix(series)?.strip_prefix(' ')?.trim().parse().ok();
    page.lines().find_map(value).unwrap_or(0)
}

/// The time that 99 of 100 stay below.
pub fn p99(times: &[Duration]) -> Duration {
    part(times, 99)
}

/// The time that half of them stay below.
pub fn median(times: &[Duration]) -> Duration {
    part(times, 50)
}

fn part(times: &[Duration], of_a_hundred: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times
        .get((times.len() * of_a_hundred / 100).min(times.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}

/// In milliseconds, for a table.
pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// One time over another.
pub fn ratio(time: Duration, base: Duration) -> f64 {
    time.as_secs_f64() / base.as_secs_f64()
}
