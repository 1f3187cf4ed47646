//! Walks through every state that a model can reach, nearest first, so that the first way to a broken law is a
//! shortest one. Of states that were seen it keeps a fingerprint and the step that led there.

use std::collections::{HashMap, VecDeque};
use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::time::{Duration, Instant};

/// What can be explored.
pub trait Model {
    type State: Clone + Hash;
    type Step: Copy + Debug;
    type Broken: Debug;

    fn start(&mut self) -> Self::State;
    /// Every step that may come next.
    fn steps(&mut self, state: &Self::State) -> Vec<Self::Step>;
    /// The state after a step, or what it breaks.
    fn take(&mut self, state: &Self::State, step: Self::Step) -> Result<Self::State, Self::Broken>;
}

/// What came out of an exploration.
pub struct Explored<M: Model> {
    pub states: usize,
    /// How many steps were taken between them.
    pub steps: usize,
    /// The length of the longest shortest way.
    pub depth: usize,
    pub time: Duration,
    /// What was broken first, and the steps that led there.
    pub broken: Option<(M::Broken, Vec<M::Step>)>,
}

/// Where a state was reached from.
struct Arrival<S> {
    from: u64,
    step: Option<S>,
}

/// Explores everything, or until something breaks. Fails past so many states: a bound grew too large.
pub fn explore<M: Model>(model: &mut M, most: usize) -> Explored<M> {
    let begun = Instant::now();
    let mut seen: HashMap<u64, Arrival<M::Step>> = HashMap::new();
    let mut next = VecDeque::new();
    let start = model.start();
    let mark = fingerprint(&start);
    seen.insert(mark, Arrival { from: mark, step: None });
    next.push_back((start, mark, 0));
    let (mut steps, mut deepest) = (0, 0);
    let mut broken = None;
    'all: while let Some((state, from, depth)) = next.pop_front() {
        deepest = depth;
        for step in model.steps(&state) {
            steps += 1;
            match model.take(&state, step) {
                Ok(state) => {
                    let mark = fingerprint(&state);
                    seen.entry(mark).or_insert_with(|| {
                        next.push_back((state, mark, depth + 1));
                        Arrival { from, step: Some(step) }
                    });
                }
                Err(what) => {
                    let mut way = way_to(&seen, from);
                    way.push(step);
                    broken = Some((what, way));
                    break 'all;
                }
            }
        }
        assert!(seen.len() <= most, "more than {most} states: a bound is too large");
    }
    Explored { states: seen.len(), steps, depth: deepest, time: begun.elapsed(), broken }
}

fn way_to<S: Copy>(seen: &HashMap<u64, Arrival<S>>, mut mark: u64) -> Vec<S> {
    let mut way = Vec::new();
    while let Some(Arrival { from, step: Some(step) }) = seen.get(&mark) {
        way.push(*step);
        mark = *from;
    }
    way.reverse();
    way
}

/// Two of a million states have the same one once in some thirty million explorations.
fn fingerprint(state: &impl Hash) -> u64 {
    let mut mark = Mark(0x9E37_79B9_7F4A_7C15);
    state.hash(&mut mark);
    mark.finish()
}

/// A hash function that is quick without optimisation too: each number is multiplied in, and the product folded.
struct Mark(u64);

impl Mark {
    fn mix(&mut self, number: u64) {
        let product = u128::from(self.0 ^ number) * 0xA5A3_564E_27F8_8657;
        self.0 = (product as u64).rotate_left(29) ^ (product >> 64) as u64 ^ 0xD6E8_FEB8_6659_FD93;
    }
}

impl Hasher for Mark {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for eight in bytes.chunks(8) {
            self.mix(eight.iter().fold(1, |number, byte| number << 8 | u64::from(*byte)));
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.mix(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.mix(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        self.mix(number);
    }

    fn write_usize(&mut self, number: usize) {
        self.mix(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.mix(number as u64);
    }
}
