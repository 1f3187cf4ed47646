//! A random walk through a small world: after each step the machine's own invariants hold, and it agrees with a
//! naive model of the rules on who is where, who hears what, and who can reach whom.
//!
//! `WALK_SEEDS=1000` walks longer. A walk that fails names its seed and shows its last steps.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "random_walk/model.rs"]
mod model;
#[path = "random_walk/switchboard.rs"]
mod switchboard;
#[path = "random_walk/world.rs"]
mod world;

use model::{Model, Where};
use std::collections::VecDeque;
use std::fmt::Write as _;
use strowger::core::{Answer, ConnId, Effect, Input, Matchmaker, Millis, Notice, Place, State};
use switchboard::Switchboard;
use world::World;

/// How many walks there are unless `WALK_SEEDS` says otherwise.
const SEEDS: u64 = 32;
/// How many entries a walk has.
const STEPS: usize = 3_000;
/// How many of its last steps a failed walk shows.
const SHOWN: usize = 12;

/// One entry of the log, and what the machine made of it.
#[derive(Debug, Clone)]
struct Step {
    at: Millis,
    input: Input,
    effects: Vec<Effect>,
}

impl Step {
    fn has_reply(&self, wanted: fn(&Notice) -> bool) -> bool {
        self.effects.iter().any(
            |effect| matches!(effect, Effect::Answer { answer: Answer::Command(reply), .. } if wanted(&reply.notice)),
        )
    }

    fn tells(&self, wanted: fn(&Notice) -> bool) -> bool {
        self.effects.iter().any(|effect| matches!(effect, Effect::Tell { notice, .. } if wanted(notice)))
    }
}

/// A walk on its way: the machine, the model and the calls that clients hold.
struct Walk {
    world: World,
    machine: Matchmaker,
    model: Model,
    switchboard: Switchboard,
    last: VecDeque<Step>,
}

impl Walk {
    fn new(seed: u64) -> Self {
        Self {
            world: World::new(seed),
            machine: Matchmaker::default(),
            model: Model::default(),
            switchboard: Switchboard::default(),
            last: VecDeque::new(),
        }
    }

    /// Takes one step and says what is wrong after it.
    fn step(&mut self) -> Result<(), String> {
        let deadline = self.machine.next_deadline();
        let (at, input) = (self.world.next_time(deadline), self.world.next_input());
        let mut effects = Vec::new();
        self.machine.handle(at, input.clone(), &mut effects);
        let expected = self.model.step(at, deadline, &input);
        if self.last.len() == SHOWN {
            self.last.pop_front();
        }
        self.last.push_back(Step { at, input: input.clone(), effects: effects.clone() });

        self.machine.broken_invariant().map_or(Ok(()), |broken| Err(format!("broken: {broken}")))?;
        self.check_answers(&input, &effects)?;
        same_words(&effects, &expected)?;
        self.check_waits(&effects)?;
        self.check_places()?;
        self.check_deadline()?;
        self.switchboard.perform(&effects)?;
        self.switchboard.compare(&self.model)
    }

    /// Every input of a connection has exactly one answer but its leaving, and none from a node that is lost.
    fn check_answers(&self, input: &Input, effects: &[Effect]) -> Result<(), String> {
        let is_silent =
            matches!(input, Input::HungUp { .. } | Input::WentIdle { .. } | Input::WentAway { .. });
        let is_silent = is_silent || matches!(input, Input::Settled { .. });
        let asker = input.conn().filter(|conn| !is_silent && !self.model.has_lost(conn.node));
        let answered: Vec<ConnId> = effects.iter().filter_map(answered).collect();
        let due: Vec<ConnId> = asker.into_iter().collect();
        if answered == due { Ok(()) } else { Err(format!("answers went to {answered:?}, due were {due:?}")) }
    }

    /// The expected wait lies within those that were, and is unknown only before the first.
    fn check_waits(&self, effects: &[Effect]) -> Result<(), String> {
        let bounds = self.model.waits.iter().min().zip(self.model.waits.iter().max());
        for effect in effects {
            let Effect::Answer { answer: Answer::Command(reply), .. } = effect else { continue };
            let State::Waiting { expected_wait, .. } = reply.state else { continue };
            let fits = match (expected_wait, bounds) {
                (None, None) => true,
                (Some(wait), Some((least, most))) => (*least..=*most).contains(&wait),
                _ => false,
            };
            if !fits {
                return Err(format!("expects {expected_wait:?}, waits were within {bounds:?}"));
            }
        }
        Ok(())
    }

    fn check_places(&self) -> Result<(), String> {
        for conn in self.model.conns() {
            let (is, due) = (self.machine.place_of(conn), self.model.place_at(conn));
            let same = match (is, &due) {
                (None, None) => true,
                (Some(Place::Idle), Some(Where::Idle)) => true,
                (Some(Place::Waiting(_)), Some(Where::Waiting)) => true,
                (Some(Place::Talking { partner, .. }), Some(Where::Talking(other))) => partner == *other,
                _ => false,
            };
            if !same {
                return Err(format!("{conn:?} is {is:?}, and by the rules {due:?}"));
            }
        }
        let (is, due) = (self.machine.counts(), self.model.counts());
        if is == due { Ok(()) } else { Err(format!("counts {is:?}, recounted {due:?}")) }
    }

    /// Whoever ticks at the deadline is never late for a match.
    fn check_deadline(&self) -> Result<(), String> {
        let due = self.model.next_match().into_iter().chain(self.model.next_absence_end()).min();
        match (due, self.machine.next_deadline()) {
            (Some(due), deadline) if deadline.is_none_or(|deadline| deadline > due) => {
                Err(format!("something happens at {due:?}, the deadline is {deadline:?}"))
            }
            _ => Ok(()),
        }
    }
}

fn answered(effect: &Effect) -> Option<ConnId> {
    match effect {
        Effect::Answer { to, .. } | Effect::Resume { to, .. } => Some(*to),
        _ => None,
    }
}

/// Whether each client hears the same, in the same order. Calls are compared by what comes of them.
fn same_words(is: &[Effect], due: &[Effect]) -> Result<(), String> {
    let (is, due) = (heard(is), heard(due));
    let differs = is.iter().zip(&due).find(|(is, due)| is != due);
    match differs {
        None if is.len() == due.len() => Ok(()),
        None => Err(format!("heard {is:#?}\n… by the rules {due:#?}")),
        Some((is, due)) => {
            Err(format!("heard {is:#?}\n… by the rules {due:#?}\n(alike but for a nickname, maybe)"))
        }
    }
}

fn heard(effects: &[Effect]) -> Vec<(ConnId, Effect)> {
    let mut heard: Vec<(ConnId, Effect)> = Vec::new();
    for effect in effects {
        let to = match effect {
            Effect::Answer { to, .. } | Effect::Tell { to, .. } | Effect::Resume { to, .. } => vec![*to],
            Effect::Announce { to, .. } => to.to_vec(),
            Effect::Share { to, .. } => to.clone(),
            Effect::Forget { client } => vec![*client],
            Effect::Link { bridge, .. } => vec![*bridge],
            Effect::Connect { .. } | Effect::Disconnect { .. } | Effect::CountWait { .. } => Vec::new(),
            Effect::Acquaint { .. } | Effect::CutOff { .. } => Vec::new(),
        };
        heard.extend(to.into_iter().map(|to| (to, without_wait(effect.clone()))));
    }
    heard.sort_by_key(|(to, _)| *to);
    heard
}

fn without_wait(mut effect: Effect) -> Effect {
    if let Effect::Answer { answer: Answer::Command(reply), .. } = &mut effect
        && let State::Waiting { expected_wait, .. } = &mut reply.state
    {
        *expected_wait = None;
    }
    // Pairs have numbers of their own in the machine; the switchboard compares them.
    if let Effect::Resume { pair, .. } = &mut effect {
        *pair = None;
    }
    effect
}

/// Walks with one seed, and returns the log.
fn walk(seed: u64) -> Vec<Step> {
    let mut walk = Walk::new(seed);
    let mut log = Vec::with_capacity(STEPS);
    for number in 0..STEPS {
        if let Err(wrong) = walk.step() {
            let mut story = String::new();
            for step in &walk.last {
                let _ = writeln!(story, "at {}: {:?}", step.at.0, step.input);
                for effect in &step.effects {
                    let _ = writeln!(story, "    -> {effect:?}");
                }
            }
            panic!("seed {seed}, step {number}: {wrong}\nThe last steps:\n{story}");
        }
        log.extend(walk.last.back().cloned());
    }
    log
}

fn seeds() -> u64 {
    std::env::var("WALK_SEEDS").ok().and_then(|number| number.parse().ok()).unwrap_or(SEEDS)
}

#[test]
fn the_machine_agrees_with_the_rules_at_every_step_of_a_random_walk() {
    for seed in 0..seeds() {
        walk(seed);
    }
}

#[test]
fn three_machines_fed_the_same_log_agree() {
    for seed in 0..3 {
        let mut machines = [(); 3].map(|()| Matchmaker::default());
        for step in walk(seed) {
            for machine in &mut machines {
                assert_eq!(effects_of(machine, &step), step.effects, "seed {seed}, at {}", step.at.0);
            }
            assert!(machines.iter().all(|machine| *machine == machines[0]), "seed {seed}, at {}", step.at.0);
        }
    }
}

#[test]
fn a_machine_cloned_in_the_middle_goes_on_equally() {
    for seed in 0..3 {
        let mut machine = Matchmaker::default();
        let mut clones: Vec<Matchmaker> = Vec::new();
        for (number, step) in walk(seed).iter().enumerate() {
            if number % 1_000 == 500 {
                clones.push(machine.clone());
            }
            let effects = effects_of(&mut machine, step);
            assert!(
                clones.iter_mut().all(|clone| effects_of(clone, step) == effects),
                "seed {seed}, step {number}"
            );
        }
        assert!(clones.iter().all(|clone| *clone == machine), "seed {seed}");
    }
}

fn effects_of(machine: &mut Matchmaker, step: &Step) -> Vec<Effect> {
    let mut effects = Vec::new();
    machine.handle(step.at, step.input.clone(), &mut effects);
    effects
}

#[test]
fn a_walk_passes_through_all_that_the_rules_speak_of() {
    let steps: Vec<Step> = (0..8).flat_map(walk).collect();
    let came_often = |what: &str, came: fn(&Step) -> bool| {
        let times = steps.iter().filter(|step| came(step)).count();
        assert!(times >= 10, "{what} came {times} times");
    };
    came_often("a match on #meet", |step| step.has_reply(|notice| matches!(notice, Notice::Connected(_))));
    came_often("a match on #again", |step| {
        step.has_reply(|notice| matches!(notice, Notice::ConnectedAnew(_)))
    });
    came_often("a match by time", |step| {
        !matches!(step.input, Input::Asked { .. })
            && step.tells(|notice| matches!(notice, Notice::Connected(_)))
    });
    came_often("a refused search", |step| step.has_reply(|notice| matches!(notice, Notice::TooFast(_))));
    came_often("a cancelled search", |step| step.has_reply(|notice| *notice == Notice::SearchCancelled));
    came_often("a block", |step| step.has_reply(|notice| *notice == Notice::Blocked));
    came_often("a report", |step| step.has_reply(|notice| *notice == Notice::Reported));
    came_often("a partner's end", |step| step.tells(|notice| *notice == Notice::PartnerLeft));
    came_often("inactivity", |step| step.tells(|notice| *notice == Notice::Expired));
    came_often("an absence", |step| step.tells(|notice| *notice == Notice::PartnerAway));
    came_often("a return", |step| step.tells(|notice| *notice == Notice::PartnerBack));
    came_often("a return from another node", |step| {
        let moves =
            |effect: &Effect| matches!(effect, Effect::Resume { from, to, .. } if from.node != to.node);
        step.effects.iter().any(moves)
    });
    came_often("a lost node", |step| matches!(step.input, Input::NodeLost { .. }));
    came_often("a question of a stranger", |step| {
        step.effects
            .iter()
            .any(|effect| matches!(effect, Effect::Answer { answer: Answer::NotRegistered, .. }))
    });
    came_often("a nickname for a partner", |step| {
        let connects = step.effects.iter().any(|effect| matches!(effect, Effect::Connect { .. }));
        connects && matches!(step.input, Input::Renamed { .. })
    });
}
