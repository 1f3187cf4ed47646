//! What happens when tasks meet: each test here is one encounter, played in thousands of orders.
//!
//! Compiled with `--cfg shuttle` only, by `scripts/test races`. Every use of a lock may hand over to another
//! task, and a task that waits runs again only when it was woken: a wake-up that gets lost is a deadlock, which
//! shuttle reports with the order that led there. `RACES=100000` plays more of them,
//! `SHUTTLE_RANDOM_SEED=7` others.

mod calls;
mod closing;
mod news;
mod nodes;
mod parcels;
mod person;
mod reading;
mod take_over;

use super::letter::{Letter, Origin, Text};
use super::mailbox::{Found, Mailbox, MailboxLimits};
use crate::core::PairId;
use futures::future::poll_fn;
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, Runner};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// How many orders of each kind are tried.
const ORDERS: usize = 10_000;

/// Where the schedulers begin, so that a failure comes again.
const SEED: u64 = 41;

/// So many changes of who runs first are enough for most mistakes.
const DEPTH: usize = 4;

/// The machine and the masking need more than shuttle gives a task.
const STACK: usize = 512 * 1_024;

const NO_LIMITS: MailboxLimits = MailboxLimits { letters: 0, bytes: 0 };

/// Plays an encounter in many orders: at random, and with few changes of whoever goes first.
fn explore(encounter: fn()) {
    let orders = std::env::var("RACES").ok().and_then(|orders| orders.parse().ok()).unwrap_or(ORDERS);
    play(RandomScheduler::new_from_seed(SEED, orders), encounter);
    play(PctScheduler::new_from_seed(SEED, DEPTH, orders), encounter);
}

fn play(scheduler: impl Scheduler + 'static, encounter: fn()) {
    let mut config = Config::new();
    config.stack_size = STACK;
    // The first failure says most, and the tasks of an order that failed are in no state to go on.
    config.ungraceful_shutdown_config.immediately_return_on_panic = true;
    Runner::new(scheduler, config).run(encounter);
}

fn mailbox(limits: MailboxLimits) -> Arc<Mailbox> {
    Arc::new(Mailbox::new(limits))
}

/// A line of the first pair, whose text is its name.
fn line(name: &str, sender: &Arc<Mailbox>) -> Letter {
    let sender = Origin::Here(sender.clone());
    Letter::Text(Text { pair: PairId(1), turn: 0, said: None, sender, request_id: None, text: name.into() })
}

/// The next thing for this reader, once there is one.
fn next(mailbox: &Mailbox, reader: u32) -> Found {
    shuttle::future::block_on(poll_fn(|cx| mailbox.poll_take(reader, cx)))
}

/// What became of each line, in the order it happened.
#[derive(Clone, Default)]
struct Fates(Arc<Mutex<BTreeMap<String, Vec<Fate>>>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is on its way to another node.
    Sent,
    /// Its mailbox took it.
    Taken,
    /// It was not taken, as its sender heard at once; or from another node, a little later.
    Refused,
    /// Its reader has it.
    Read,
    /// It came back.
    Returned,
}

impl Fates {
    fn note(&self, name: &str, fate: Fate) {
        self.0.lock().unwrap().entry(name.to_owned()).or_default().push(fate);
    }

    fn note_all(&self, letters: impl Iterator<Item = Letter>, fate: Fate) {
        letters.for_each(|letter| {
            if let Letter::Text(text) = letter {
                self.note(&text.text, fate);
            }
        });
    }

    /// Pushes a line, and notes whether it was taken.
    fn push(&self, mailbox: &Mailbox, name: &str, sender: &Arc<Mailbox>) {
        let taken = mailbox.push(line(name, sender)).is_ok();
        self.note(name, if taken { Fate::Taken } else { Fate::Refused });
    }

    fn has_no(&self, fate: Fate) -> bool {
        !self.0.lock().unwrap().values().flatten().any(|one| *one == fate)
    }

    /// Every line was refused, or taken and then read or returned, once.
    fn settle(&self, lines: usize) {
        assert_eq!(self.0.lock().unwrap().len(), lines);
        self.settle_but("nobody");
    }

    /// The lines of somebody who is gone have no end if they can't be returned.
    fn settle_but(&self, gone: &str) {
        for (name, fates) in &*self.0.lock().unwrap() {
            let is_for_another_node = fates.contains(&Fate::Sent);
            let told: Vec<Fate> = fates.iter().copied().filter(|fate| *fate != Fate::Sent).collect();
            let is_settled = match told[..] {
                [Fate::Refused] => true,
                // The other node may say that it failed before it says that it was taken.
                [Fate::Returned] => is_for_another_node,
                [Fate::Returned, Fate::Taken] => !is_for_another_node,
                [Fate::Taken] => name.starts_with(gone),
                // Whoever reads fast has it before its sender knows that it was taken.
                [Fate::Taken, end] | [end, Fate::Taken] => matches!(end, Fate::Read | Fate::Returned),
                _ => false,
            };
            assert!(is_settled, "{name}: {fates:?}");
        }
    }
}
