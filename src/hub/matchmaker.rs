//! The matchmaker actor: the one task that owns queue, pairs and sessions.
//!
//! It picks an event (the only await), lets the state machine decide, then performs what that wrote down.

use super::Clock;
use super::log::{Arrival, InputLog};
use super::switchboard::Switchboard;
use crate::core::{Effect, Input, Matchmaker, Millis, NodeId, Rules};
use crate::metrics::Metrics;

/// What the actor was woken by.
enum Picked {
    Arrivals,
    Deadline,
    /// Every handle is gone.
    Nobody,
}

/// Runs until the last handle is gone.
pub async fn run(node: NodeId, rules: Rules, mut log: InputLog, clock: Clock, metrics: Metrics) {
    let mut actor = Actor::new(node, metrics);
    let mut batch = Vec::new();
    actor.handle(clock.now(), Input::RulesSet(rules));
    loop {
        let deadline = actor.machine.next_deadline();
        match pick(&mut log, &mut batch, &clock, deadline).await {
            Picked::Arrivals => batch.drain(..).for_each(|arrival| actor.take(clock.now(), arrival)),
            Picked::Deadline => actor.handle(clock.now(), Input::Tick),
            Picked::Nobody => return,
        }
        actor.count();
    }
}

async fn pick(
    log: &mut InputLog,
    batch: &mut Vec<Arrival>,
    clock: &Clock,
    deadline: Option<Millis>,
) -> Picked {
    let alarm = async {
        match deadline {
            Some(at) => clock.until(at).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        more = log.read(batch) => if more { Picked::Arrivals } else { Picked::Nobody },
        () = alarm => Picked::Deadline,
    }
}

struct Actor {
    machine: Matchmaker,
    switchboard: Switchboard,
    metrics: Metrics,
    effects: Vec<Effect>,
}

impl Actor {
    fn new(node: NodeId, metrics: Metrics) -> Self {
        let switchboard = Switchboard::new(node, metrics.clone());
        Self { machine: Matchmaker::default(), switchboard, metrics, effects: Vec::new() }
    }

    fn take(&mut self, now: Millis, arrival: Arrival) {
        match arrival {
            Arrival::Client { conn, mailbox, card } => self.switchboard.attach(conn, mailbox, card),
            Arrival::Input(input) => self.handle(now, input),
        }
    }

    fn handle(&mut self, now: Millis, input: Input) {
        self.machine.handle(now, input, &mut self.effects);
        for effect in self.effects.drain(..) {
            self.switchboard.perform(effect);
        }
    }

    fn count(&self) {
        self.metrics.show(self.machine.counts());
    }
}
