//! Answers to requests of the chat that are to be done once: kept for an hour, and given again.
//!
//! It must never know what was asked: a hash of it is enough.

use crate::core::{Millis, PersonId};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use bytes::Bytes;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How long an answer is kept.
const KEPT_FOR: Millis = Millis::seconds(3_600);
/// How many are kept, or to come.
const KEPT: usize = 16_384;
/// What they may weigh together, in bytes.
const KEPT_BYTES: usize = 16 << 20;
/// What one weighs beside its body.
const ENTRY: usize = 384;

/// An answer as it goes over the wire.
#[derive(Clone)]
pub struct Kept {
    pub status: StatusCode,
    pub kind: &'static str,
    pub header: Option<(HeaderName, HeaderValue)>,
    pub body: Bytes,
}

/// Who asked, and under which key.
pub type Key = (PersonId, Arc<str>);

/// Where the answer is heard: `None` until it is there.
pub type Ear = watch::Receiver<Option<Kept>>;

/// What a request is.
pub enum Meeting {
    /// It is new: whoever does it says so here.
    New(watch::Sender<Option<Kept>>, Ear),
    /// It is the same as one before, whose answer is there or will be.
    Again(Ear),
    /// It has the key of another one.
    Other,
    /// There are too many.
    Crowded,
}

/// See the module.
#[derive(Default)]
pub struct Answers {
    /// Whose secret nobody knows, so that nobody can make up two requests that are alike.
    bodies: RandomState,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    entries: HashMap<Key, (u64, Ear)>,
    /// The answered ones, oldest first, each with its weight.
    answered: VecDeque<(Millis, Key, usize)>,
    weight: usize,
}

impl Answers {
    /// Compares a request with those before.
    pub fn meet(&self, now: Millis, key: &Key, request: impl Hash) -> Meeting {
        let body = self.bodies.hash_one(request);
        let mut inner = self.lock();
        inner.forget(now);
        match inner.entries.get(key) {
            Some((before, _)) if *before != body => return Meeting::Other,
            Some((_, ear)) => return Meeting::Again(ear.clone()),
            None => {}
        }
        if !inner.makes_room() {
            return Meeting::Crowded;
        }
        let (sender, ear) = watch::channel(None);
        inner.entries.insert(key.clone(), (body, ear.clone()));
        Meeting::New(sender, ear)
    }

    /// A request was done, and this is its answer from here on. One that says *come again* is none: nothing was done.
    pub fn settle(&self, now: Millis, key: Key, answer: &Kept) {
        let mut inner = self.lock();
        if matches!(answer.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            inner.entries.remove(&key);
            return;
        }
        let weight = ENTRY + answer.body.len();
        inner.weight += weight;
        inner.answered.push_back((now, key, weight));
        inner.forget(now);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn forget(&mut self, now: Millis) {
        while let Some((at, ..)) = self.answered.front() {
            if self.weight <= KEPT_BYTES && now.since(*at) < KEPT_FOR {
                return;
            }
            self.forget_oldest();
        }
    }

    /// Makes room for one more: the oldest answer goes. `false`: all of them are still to come.
    fn makes_room(&mut self) -> bool {
        if self.entries.len() >= KEPT {
            self.forget_oldest();
        }
        self.entries.len() < KEPT
    }

    fn forget_oldest(&mut self) {
        if let Some((_, key, weight)) = self.answered.pop_front() {
            self.entries.remove(&key);
            self.weight -= weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(status: StatusCode, length: usize) -> Kept {
        Kept { status, kind: "", header: None, body: vec![0; length].into() }
    }

    fn key(name: &str) -> Key {
        (PersonId(1), name.into())
    }

    #[test]
    fn the_same_has_one_answer_for_an_hour_and_another_has_none() {
        let answers = Answers::default();
        let Meeting::New(sender, _) = answers.meet(Millis(0), &key("a"), "hi") else { panic!("it is new") };
        assert!(matches!(answers.meet(Millis(0), &key("a"), "hi"), Meeting::Again(_)));
        assert!(matches!(answers.meet(Millis(0), &key("a"), "ho"), Meeting::Other));
        assert!(matches!(answers.meet(Millis(0), &(PersonId(2), "a".into()), "ho"), Meeting::New(..)));
        let answer = kept(StatusCode::OK, 1);
        answers.settle(Millis(0), key("a"), &answer);
        sender.send_replace(Some(answer));
        let Meeting::Again(ear) = answers.meet(Millis(1), &key("a"), "hi") else { panic!("it is known") };
        assert_eq!(ear.borrow().as_ref().map(|kept| kept.status), Some(StatusCode::OK));
        assert!(matches!(answers.meet(KEPT_FOR, &key("a"), "hi"), Meeting::New(..)));
    }

    #[test]
    fn what_was_not_done_may_be_tried_again() {
        let answers = Answers::default();
        let _ = answers.meet(Millis(0), &key("a"), "hi");
        answers.settle(Millis(0), key("a"), &kept(StatusCode::SERVICE_UNAVAILABLE, 1));
        assert!(matches!(answers.meet(Millis(0), &key("a"), "hi"), Meeting::New(..)));
    }

    #[test]
    fn there_are_never_more_than_can_be_kept() {
        let answers = Answers::default();
        for n in 0..40 {
            let key = key(&n.to_string());
            let _ = answers.meet(Millis(n), &key, "hi");
            answers.settle(Millis(n), key, &kept(StatusCode::OK, 1 << 20));
        }
        let inner = answers.lock();
        assert!(inner.weight <= KEPT_BYTES && inner.entries.len() == inner.answered.len());
        assert!(inner.entries.contains_key(&key("39")) && !inner.entries.contains_key(&key("0")));
    }

    #[test]
    fn what_was_answered_makes_room_and_what_is_under_way_does_not() {
        let answers = Answers::default();
        let begins =
            |n: usize| matches!(answers.meet(Millis(0), &key(&n.to_string()), "hi"), Meeting::New(..));
        assert!((0..KEPT).all(begins));
        assert!(!begins(KEPT), "all of them are under way");
        for n in 0..KEPT {
            answers.settle(Millis(0), key(&n.to_string()), &kept(StatusCode::OK, 1));
        }
        assert!((KEPT..KEPT + 100).all(begins), "as many at a time as before");
    }
}
