//! What waits for the store's thread: records in their order, and questions between them.
//!
//! It owns the bounds and the decision what is next. Whoever puts something in never waits; only the thread does.
//! It must never know what becomes of either.

use super::backend::Backend;
use super::record::Record;
use super::{Health, NotKept, Unanswered};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many records may wait. A disk that hangs for a second holds up so many of a hub that is very busy.
pub const RECORDS: usize = 16_384;
/// How much they may weigh together; a single record may be heavier.
pub const BYTES: usize = 64 << 20;
/// How many questions may wait. Each is one of a client, which asks no second one before the answer.
const QUESTIONS: usize = 1_024;
/// So many records are written at once: by then, writing to the disk costs little beside the records themselves.
pub const BATCH: usize = 64;
/// So long a record waits for others to be written with it: shorter than anybody notices.
const LINGER: Duration = Duration::from_millis(20);

/// Something to be found out. What comes of it goes its own way back.
pub type Question = Box<dyn FnOnce(&mut Backend, Health) + Send>;

/// The queue. There is one thread that takes things out.
pub struct Inbox {
    inner: Mutex<Inner>,
    news: Condvar,
}

#[derive(Default)]
struct Inner {
    /// Those not yet handed out, with when they came.
    records: VecDeque<(Instant, Record)>,
    /// Each with how many records came before it.
    questions: VecDeque<(u64, Question)>,
    /// How many records ever came, and how many of them were dealt with.
    came: u64,
    settled: u64,
    /// Of all that are not settled.
    weight: usize,
    closing: Option<Closing>,
}

/// Nothing more comes in.
struct Closing {
    /// When the thread gives up on what it can't write.
    deadline: Instant,
    /// It has tried at least once since.
    has_tried: bool,
}

/// What the thread is to do next.
pub enum Turn {
    /// Write the batch.
    Write,
    Answer(Question),
    /// Look whether something is due.
    Rest,
    /// Everything is dealt with, or there is no more time.
    End,
}

impl Inbox {
    pub fn new() -> Self {
        Self { inner: Mutex::default(), news: Condvar::new() }
    }

    /// Takes a record at once, or not at all.
    pub fn put(&self, record: Record) -> Result<(), NotKept> {
        let mut inner = self.lock();
        inner.put(Instant::now(), record)?;
        drop(inner);
        self.news.notify_one();
        Ok(())
    }

    /// Takes a question at once, or not at all.
    pub fn ask(&self, question: Question) -> Result<(), Unanswered> {
        let mut inner = self.lock();
        if inner.closing.is_some() {
            return Err(Unanswered::Closed);
        }
        if inner.questions.len() >= QUESTIONS {
            return Err(Unanswered::Behind);
        }
        let came = inner.came;
        inner.questions.push_back((came, question));
        drop(inner);
        self.news.notify_one();
        Ok(())
    }

    /// Takes nothing more, and lets the thread end: by then, if not before.
    pub fn close(&self, deadline: Instant) {
        let mut inner = self.lock();
        inner.closing.get_or_insert(Closing { deadline, has_tried: false });
        drop(inner);
        self.news.notify_one();
    }

    /// Nobody takes anything out any more: whoever waits for an answer hears so.
    pub fn abandon(&self) {
        self.close(Instant::now());
        let questions = std::mem::take(&mut self.lock().questions);
        // Each tells whoever asked by going, and that may take a while.
        drop(questions);
    }

    /// Waits for what is next. `not_before` is when writing may be tried again, and `rest_until` when there is
    /// something else to look after. For [`Turn::Write`] the batch is filled up.
    pub fn next(&self, batch: &mut Vec<Record>, not_before: Option<Instant>, rest_until: Instant) -> Turn {
        let mut inner = self.lock();
        loop {
            let now = Instant::now();
            let until = match inner.decide(now, batch, not_before) {
                Ok(turn) => return turn,
                Err(until) => until.map_or(rest_until, |until| until.min(rest_until)),
            };
            let wait = until.saturating_duration_since(now);
            if wait.is_zero() {
                return Turn::Rest;
            }
            let waited = self.news.wait_timeout(inner, wait);
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// These are written, or given up.
    pub fn settle(&self, batch: &[Record]) {
        let weight: usize = batch.iter().map(Record::weight).sum();
        let mut inner = self.lock();
        inner.settled += batch.len() as u64;
        inner.weight = inner.weight.saturating_sub(weight);
    }

    /// How many records are not settled.
    pub fn waiting(&self) -> usize {
        let inner = self.lock();
        inner.unsettled()
    }

    /// Who panicked here left nothing half done.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn put(&mut self, now: Instant, record: Record) -> Result<(), NotKept> {
        if self.closing.is_some() {
            return Err(NotKept::Closed);
        }
        if record.is_whole_list()
            && let Some(before) =
                self.records.iter_mut().map(|(_, before)| before).find(|it| it.gives_way_to(&record))
        {
            return replace(before, record, &mut self.weight);
        }
        let (weight, waiting) = (record.weight(), self.unsettled());
        if waiting >= RECORDS || (waiting > 0 && self.weight + weight > BYTES) {
            return Err(NotKept::Behind);
        }
        self.records.push_back((now, record));
        self.came += 1;
        self.weight += weight;
        Ok(())
    }

    fn unsettled(&self) -> usize {
        usize::try_from(self.came - self.settled).unwrap_or(usize::MAX)
    }

    /// What is next, or until when to wait for something.
    fn decide(
        &mut self,
        now: Instant,
        batch: &mut Vec<Record>,
        not_before: Option<Instant>,
    ) -> Result<Turn, Option<Instant>> {
        let is_first_of_last = self.closing.as_ref().is_some_and(|closing| !closing.has_tried);
        let may_write = is_first_of_last || not_before.is_none_or(|at| now >= at);
        let has_seen_all = |(came, _): &(u64, Question)| self.settled >= *came || !may_write;
        if let Some((_, question)) = self.questions.pop_front_if(|question| has_seen_all(question)) {
            return Ok(Turn::Answer(question));
        }
        let due = self.due(now, batch);
        if may_write && due.is_some_and(|due| due <= now) {
            self.fill(batch);
            return Ok(Turn::Write);
        }
        let closing = self.closing.as_ref().map(|closing| closing.deadline);
        if closing.is_some_and(|deadline| deadline <= now || due.is_none()) {
            return Ok(Turn::End);
        }
        let writing = due.map(|due| not_before.map_or(due, |at| at.max(due)));
        Err([writing, closing].into_iter().flatten().min())
    }

    /// When there is something to be written; never, if there is nothing.
    fn due(&self, now: Instant, batch: &[Record]) -> Option<Instant> {
        if self.unsettled() == 0 {
            return None;
        }
        let at_once = !batch.is_empty()
            || self.closing.is_some()
            || !self.questions.is_empty()
            || self.records.len() >= BATCH;
        let first = self.records.front().map(|(came, _)| *came + LINGER);
        if at_once { Some(now) } else { first }
    }

    fn fill(&mut self, batch: &mut Vec<Record>) {
        let room = BATCH.saturating_sub(batch.len()).min(self.records.len());
        batch.extend(self.records.drain(..room).map(|(_, record)| record));
        if let Some(closing) = &mut self.closing {
            closing.has_tried = true;
        }
    }
}

/// Puts a record into the place of an older one that waits.
fn replace(before: &mut Record, record: Record, weight: &mut usize) -> Result<(), NotKept> {
    let after = (*weight + record.weight()).saturating_sub(before.weight());
    if after > *weight && after > BYTES {
        return Err(NotKept::Behind);
    }
    (*weight, *before) = (after, record);
    Ok(())
}
