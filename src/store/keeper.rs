//! The store's thread: it writes in batches, answers between them, and forgets what is old.
//!
//! What can't be written it holds, and tries again with growing pauses. It must never drop what was accepted while
//! there is time, but for a record that can't be written however often it is tried.

use super::backend::{Backend, Trouble};
use super::calendar::{self, Calendar};
use super::inbox::{BATCH, Inbox, Question, Turn};
use super::record::Record;
use super::{Health, Retention};
use crate::metrics::Metrics;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How long to wait after the first failure, before the next try. Each pause is twice as long as the last one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest of these pauses: so long after a disk has room again everything goes on at the latest.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How often messages that are too old are looked for.
const PURGE_EVERY: Duration = Duration::from_secs(60 * 60);
/// After so many records it is done sooner, so that no chat grows far beyond its bound meanwhile.
const PURGE_AFTER: usize = 10_000;

/// All that the thread has.
pub struct Keeper {
    pub backend: Backend,
    pub inbox: Arc<Inbox>,
    pub retention: Retention,
    pub calendar: Calendar,
    pub metrics: Metrics,
    /// Dropped last, which tells whoever waits for it that everything else is gone.
    pub health: watch::Sender<Health>,
}

/// However the thread ends, nobody waits for it.
struct LastOut(Arc<Inbox>);

impl Drop for LastOut {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// What it is at.
struct Work {
    /// Taken from the inbox, and not yet written.
    batch: Vec<Record>,
    /// The pause of the next failure.
    pause: Duration,
    not_before: Option<Instant>,
    /// So many are written one at a time, to find the one that can't be written.
    one_by_one: usize,
    purged_at: i64,
    written_since: usize,
}

impl Keeper {
    /// Works until the inbox is closed and empty, or there is no more time.
    pub fn run(mut self) {
        let _last_out = LastOut(self.inbox.clone());
        let mut work = Work::new();
        self.purge(&mut work);
        loop {
            let rest_until = Instant::now() + PURGE_EVERY;
            match self.inbox.next(&mut work.batch, work.not_before, rest_until) {
                Turn::Write => self.write(&mut work),
                Turn::Answer(question) => self.answer(question),
                Turn::Rest => {}
                Turn::End => break,
            }
            self.purge_if_due(&mut work);
        }
        let lost = self.inbox.waiting();
        if lost > 0 {
            self.metrics.records_refused(lost);
            tracing::error!(records = lost, "The store ends, and some records could not be written");
        }
        drop(self.backend);
    }

    fn answer(&mut self, question: Question) {
        let health = *self.health.borrow();
        question(&mut self.backend, health);
    }

    fn write(&mut self, work: &mut Work) {
        let count = if work.one_by_one > 0 { 1 } else { work.batch.len() };
        let (part, _) = work.batch.split_at(count.min(work.batch.len()));
        match self.backend.write(part) {
            Ok(()) => self.written(work, count),
            Err(trouble) if !trouble.is_for_good => self.failed(work, &trouble),
            Err(_) if count > 1 => work.one_by_one = count,
            Err(trouble) => self.leave_out(work, &trouble),
        }
    }

    fn written(&mut self, work: &mut Work, count: usize) {
        self.settle(work, count);
        self.metrics.records_kept(count);
        work.written_since += count;
        (work.pause, work.not_before) = (FIRST_PAUSE, None);
        if self.health.send_replace(Health::Healthy) == Health::Failing {
            self.metrics.store_fails(false);
            tracing::info!("The store writes again");
        }
    }

    /// They stay in the batch.
    fn failed(&mut self, work: &mut Work, trouble: &Trouble) {
        work.not_before = Some(Instant::now() + work.pause);
        work.pause = (work.pause * 2).min(LONGEST_PAUSE);
        if self.health.send_replace(Health::Failing) == Health::Healthy {
            self.metrics.store_fails(true);
            tracing::warn!(error = %trouble, "The store can't write; what it is to keep waits in memory");
        }
    }

    /// The first of the batch would hold up everything for ever.
    fn leave_out(&self, work: &mut Work, trouble: &Trouble) {
        self.settle(work, 1);
        self.metrics.records_refused(1);
        tracing::error!(error = %trouble, "A record can't be written and is left out");
    }

    fn settle(&self, work: &mut Work, count: usize) {
        let settled: Vec<Record> = work.batch.drain(..count.min(work.batch.len())).collect();
        self.inbox.settle(&settled);
        work.one_by_one = work.one_by_one.saturating_sub(1);
    }

    fn purge_if_due(&mut self, work: &mut Work) {
        let age = self.calendar.now().saturating_sub(work.purged_at);
        if age >= calendar::whole(PURGE_EVERY) || work.written_since >= PURGE_AFTER {
            self.purge(work);
        }
    }

    fn purge(&mut self, work: &mut Work) {
        (work.purged_at, work.written_since) = (self.calendar.now(), 0);
        let oldest = self.retention.oldest(work.purged_at);
        if let Err(trouble) = self.backend.purge(oldest, self.retention.per_chat) {
            tracing::warn!(error = %trouble, "The store can't forget what is old; it tries again in an hour");
        }
    }
}

impl Work {
    fn new() -> Self {
        Self {
            batch: Vec::with_capacity(BATCH),
            pause: FIRST_PAUSE,
            not_before: None,
            one_by_one: 0,
            purged_at: 0,
            written_since: 0,
        }
    }
}
