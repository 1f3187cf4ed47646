//! Those of the queue who are here, so that whoever looks for somebody need not look at everybody: who is away
//! is not among them, and whom tags keep apart is passed over.

use super::{Millis, Tags};
use std::collections::{BTreeMap, BTreeSet};

/// The tickets of those who are here, by what they would talk about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Present {
    /// Since when each of them waits. Lower numbers wait longer.
    all: BTreeMap<u64, Millis>,
    /// Who talks about anything.
    open: BTreeSet<u64>,
    tagged: BTreeMap<Box<str>, BTreeSet<u64>>,
}

/// Whom somebody would take, as far as tags say.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'t> {
    pub tags: &'t Tags,
    /// Whoever waits since then, or longer, is taken whatever their tags are.
    pub patient: Option<Millis>,
}

impl Present {
    /// Somebody who waits is here.
    pub fn add(&mut self, number: u64, since: Millis, tags: &Tags) {
        self.all.insert(number, since);
        if tags.is_empty() {
            self.open.insert(number);
        }
        for tag in tags.iter() {
            self.tagged.entry(tag.into()).or_default().insert(number);
        }
    }

    /// Somebody is away, or waits no longer.
    pub fn remove(&mut self, number: u64, tags: &Tags) {
        self.all.remove(&number);
        self.open.remove(&number);
        for tag in tags.iter() {
            if let Some(tagged) = self.tagged.get_mut(tag) {
                tagged.remove(&number);
                if tagged.is_empty() {
                    self.tagged.remove(tag);
                }
            }
        }
    }

    /// The longest-waiting of whom somebody wishes for, from this number on.
    pub fn next(&self, from: u64, wish: Wish<'_>) -> Option<u64> {
        let patient = self.all.range(from..).next();
        let patient = patient.filter(|(_, since)| wish.patient.is_some_and(|limit| **since <= limit));
        let alike = wish.tags.iter().filter_map(|tag| self.tagged.get(tag)).chain([&self.open]);
        let alike = alike.filter_map(|tickets| tickets.range(from..).next());
        patient.map(|(number, _)| number).into_iter().chain(alike).min().copied()
    }

    /// Everybody who is here, with the time since when they wait.
    pub fn iter(&self) -> impl Iterator<Item = (u64, Millis)> {
        self.all.iter().map(|(number, since)| (*number, *since))
    }
}
