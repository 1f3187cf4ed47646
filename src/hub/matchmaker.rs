//! The matchmaker actor: the one task that owns queue, pairs and sessions.
//!
//! It picks an event (the only await), lets the state machine decide, then performs what that wrote down.

use super::Clock;
use super::log::{Arrival, InputLog};
use super::switchboard::Switchboard;
use crate::core::{Effect, Input, Matchmaker, Millis};
use crate::metrics::Metrics;

/// What the actor was woken by.
enum Picked {
    Arrivals,
    Deadline(Millis),
    /// Every handle is gone.
    Nobody,
}

/// Runs until the last handle is gone, or the other nodes gave this one up.
pub async fn run(
    switchboard: Switchboard,
    mut log: InputLog,
    clock: Clock,
    metrics: Metrics,
    first: Option<Input>,
) {
    let mut actor = Actor { machine: Matchmaker::default(), switchboard, metrics, effects: Vec::new() };
    let mut batch = Vec::new();
    first.into_iter().for_each(|input| actor.handle(clock.now(), input));
    while !actor.switchboard.is_lost() {
        let deadline = actor.machine.next_deadline().filter(|deadline| !log.has_ticked(*deadline));
        match pick(&mut log, &mut batch, &clock, deadline).await {
            Picked::Arrivals => batch.drain(..).for_each(|(input, at)| {
                actor.handle(at.unwrap_or_else(|| clock.now()), input);
            }),
            Picked::Deadline(deadline) => {
                if !log.tick(deadline) {
                    actor.handle(clock.now(), Input::Tick);
                }
            }
            Picked::Nobody => return,
        }
        actor.count();
    }
    tracing::error!("The other nodes gave this one up; it closes");
}

async fn pick(
    log: &mut InputLog,
    batch: &mut Vec<Arrival>,
    clock: &Clock,
    deadline: Option<Millis>,
) -> Picked {
    let alarm = async {
        match deadline {
            Some(at) => {
                clock.until(at).await;
                at
            }
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        more = log.read(batch) => if more { Picked::Arrivals } else { Picked::Nobody },
        at = alarm => Picked::Deadline(at),
    }
}

struct Actor {
    machine: Matchmaker,
    switchboard: Switchboard,
    metrics: Metrics,
    effects: Vec<Effect>,
}

impl Actor {
    fn handle(&mut self, now: Millis, input: Input) {
        self.machine.handle(now, input, &mut self.effects);
        for effect in self.effects.drain(..) {
            self.switchboard.perform(effect);
        }
        self.switchboard.finish();
    }

    fn count(&self) {
        self.metrics.show(self.machine.counts());
    }
}
