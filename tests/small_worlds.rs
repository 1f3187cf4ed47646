//! Small worlds, explored to the last state: every order in which two nodes read one log, texts travel between
//! them, people come and go and a node dies. The machine is the real one; what is around it is a model.
//!
//! `LARGE_WORLDS=1` explores larger ones too.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "small_worlds/crowd.rs"]
mod crowd;
#[path = "small_worlds/door.rs"]
mod door;
#[path = "small_worlds/explorer.rs"]
mod explorer;
#[path = "small_worlds/letter.rs"]
mod letter;
#[path = "small_worlds/machine_laws.rs"]
mod machine_laws;
#[path = "small_worlds/node.rs"]
mod node;
#[path = "small_worlds/plan.rs"]
mod plan;
#[path = "small_worlds/steps.rs"]
mod steps;
#[path = "small_worlds/world.rs"]
mod world;
#[path = "small_worlds/world_laws.rs"]
mod world_laws;

use crowd::Crowds;
use explorer::{Explored, Model, explore};
use plan::{Broken, Law, Mistake, Plan};
use steps::Step;
use world::World;

/// So many states fit into memory.
const MOST: usize = 40_000_000;

/// People search twice, may end a chat, and talk.
const TALK: Plan = Plan { searches: [2, 1, 2], byes: 1, texts: 1, ..Plan::new("talk") };
const MUCH_TALK: Plan = Plan { twins: true, searches: [2; 3], byes: 1, texts: 2, ..TALK };

/// Mailboxes hold one text, somebody switches masking off, and somebody says goodbye.
const CRAMPED: Plan =
    Plan { twins: true, searches: [1; 3], texts: 2, hides: 1, leaves: 1, mailbox: 1, ..Plan::new("cramped") };
const MORE_CRAMPED: Plan = Plan { texts: 3, byes: 1, ..CRAMPED };

/// Two have nothing in common, the third does not care; connections are lost.
const CHOOSY: Plan = Plan { tags: [1, 2, 0], searches: [1; 3], losses: 1, returns: 1, ..Plan::new("choosy") };
const MORE_CHOOSY: Plan = Plan { searches: [2, 1, 2], byes: 1, ..CHOOSY };

/// A connection is lost, and its person comes back or not.
const AWAY: Plan =
    Plan { twins: true, searches: [1; 3], texts: 1, losses: 1, returns: 1, ..Plan::new("away") };
const LONGER_AWAY: Plan = Plan { byes: 1, texts: 2, ..AWAY };

/// A node dies, is said to be lost twice, and one of its people comes back to the other.
const LOST: Plan = Plan { searches: [1; 3], texts: 1, outages: 1, returns: 1, reaps: 2, ..Plan::new("lost") };
const MORE_LOST: Plan = Plan { byes: 1, texts: 2, ..LOST };

/// A node is out, and may wake up before or after it is said to be lost.
const WOKEN: Plan = Plan { searches: TWO, texts: 1, outages: 1, wakes: 1, returns: 1, ..Plan::new("woken") };
const MORE_WOKEN: Plan = Plan { searches: [1; 3], texts: 2, reaps: 2, ..WOKEN };

/// Most mistakes show with two people already.
const TWO: [u8; 3] = [1, 0, 1];
const TWO_LOST: Plan = Plan { searches: TWO, ..LOST };
const TWO_AWAY: Plan = Plan { twins: false, searches: TWO, ..AWAY };

const TWO_TEXTS_LOST: Plan = Plan { texts: 2, ..TWO_LOST };
const TWO_TEXTS_AWAY: Plan = Plan { texts: 2, ..TWO_AWAY };

#[test]
fn people_meet_part_and_talk() {
    holds(TALK, MUCH_TALK);
}

#[test]
fn mailboxes_are_full_and_people_leave() {
    holds(CRAMPED, MORE_CRAMPED);
}

#[test]
fn interests_and_absence_keep_people_apart() {
    holds(CHOOSY, MORE_CHOOSY);
}

#[test]
fn people_lose_the_connection_and_come_back() {
    holds(AWAY, LONGER_AWAY);
}

#[test]
fn a_node_is_lost() {
    holds(LOST, MORE_LOST);
}

#[test]
fn two_texts_keep_their_order_when_a_node_is_lost() {
    holds(TWO_TEXTS_LOST, Plan { texts: 3, ..TWO_TEXTS_LOST });
}

#[test]
fn two_texts_keep_their_order_when_people_come_back() {
    holds(TWO_TEXTS_AWAY, Plan { losses: 2, returns: 2, ..TWO_TEXTS_AWAY });
}

#[test]
fn a_node_wakes_up_again() {
    holds(WOKEN, MORE_WOKEN);
}

#[test]
fn a_meet_in_two_steps_is_found() {
    breaks(TALK.with(Mistake::MeetReadsThenWrites), Law::OnePlace);
}

#[test]
fn texts_without_their_pair_are_found() {
    breaks(TALK.with(Mistake::TextsWithoutPair), Law::TextsStayInTheirPair);
}

#[test]
fn ends_without_their_pair_are_found() {
    breaks(TALK.with(Mistake::EndsWithoutPair), Law::EndToldOnce);
}

#[test]
fn a_lost_node_that_nobody_reaps_is_found() {
    breaks(TWO_LOST.with(Mistake::NobodyReaps), Law::LostNodesLeave);
}

#[test]
fn a_reaper_that_does_not_tell_senders_is_found() {
    breaks(TWO_LOST.with(Mistake::ReaperIsSilent), Law::NothingDropped);
}

#[test]
fn a_confirmation_by_the_mailbox_is_found() {
    breaks(TWO_LOST.with(Mistake::MailboxConfirms), Law::NothingDropped);
}

#[test]
fn last_words_that_nobody_hears_are_found() {
    breaks(TWO_LOST.with(Mistake::LastWordsUnheard), Law::ShownOrTold);
}

#[test]
fn a_node_that_wakes_up_and_talks_is_found() {
    breaks(WOKEN.with(Mistake::WakesAndTalks), Law::ShownOrTold);
}

#[test]
fn a_lost_node_that_is_still_heard_is_found() {
    breaks(WOKEN.with(Mistake::LostNodeIsHeard), Law::ShownOrTold);
}

#[test]
fn texts_overtaken_by_their_sender_are_found() {
    breaks(TWO_TEXTS_LOST.with(Mistake::OldConnectionIsHeard), Law::ShownOrTold);
}

#[test]
fn an_old_node_that_is_not_told_of_a_return_is_found() {
    breaks(TWO_AWAY.with(Mistake::OldNodeIsNotTold), Law::ShownOrTold);
}

#[test]
fn early_texts_that_a_return_drops_are_found() {
    breaks(TWO_AWAY.with(Mistake::ReturnDropsEarlyTexts), Law::NothingDropped);
}

#[test]
fn a_return_that_forgets_the_call_is_found() {
    breaks(TWO_LOST.with(Mistake::ReturnForgetsCall), Law::ShownOrTold);
}

/// Every law holds in every state of a world.
#[track_caller]
fn holds(small: Plan, large: Plan) {
    let plan = if std::env::var_os("LARGE_WORLDS").is_some() { large } else { small };
    if let Some((broken, steps)) = explored(plan).broken {
        panic!("{}: {broken:?}\n{}", plan.name, story(&steps));
    }
}

/// A mistake is found, by the law that it breaks.
#[track_caller]
fn breaks(plan: Plan, law: Law) {
    let (broken, steps) = explored(plan).broken.expect("a mistake that nothing comes of is none");
    println!("{:?} in {} steps: {broken:?}\n{}", plan.mistake, steps.len(), story(&steps));
    assert_eq!(broken.law, law, "{broken:?}\n{}", story(&steps));
}

fn explored(plan: Plan) -> Explored<Exploration> {
    let mut exploration = Exploration { plan, crowds: Crowds::new(plan) };
    let explored = explore(&mut exploration, MOST);
    let Explored { states, steps, depth, time, .. } = &explored;
    let (machines, seconds) = (exploration.crowds.len(), time.as_secs_f64());
    println!(
        "{}: {states} states, {steps} steps, {depth} deep, {machines} machines, {seconds:.1} s",
        plan.name
    );
    explored
}

fn story(steps: &[Step]) -> String {
    steps.iter().enumerate().map(|(number, step)| format!("{:>4}. {step:?}\n", number + 1)).collect()
}

struct Exploration {
    plan: Plan,
    crowds: Crowds,
}

impl Model for Exploration {
    type State = World;
    type Step = Step;
    type Broken = Broken;

    fn start(&mut self) -> World {
        World::new(&self.plan, self.crowds.first())
    }

    fn steps(&mut self, world: &World) -> Vec<Step> {
        world.steps(&self.plan, &self.crowds)
    }

    fn take(&mut self, world: &World, step: Step) -> Result<World, Broken> {
        world.after(&self.plan, &mut self.crowds, step)
    }
}
