//! Which steps may come next in a world, and when nothing is owed any more.

use crate::crowd::{Ask, Crowds};
use crate::door::Door;
use crate::letter::Conn;
use crate::plan::{Mistake, NODES, PEOPLE, Plan};
use crate::world::{Health, Known, Person, World, other};
use std::rc::Rc;
use strowger::core::Millis;

/// What may happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A person types a command, or a text.
    Asks(u8, Ask),
    Says(u8),
    /// The second half of a `#meet` that is not one step.
    Writes(u8),
    SaysGoodbye(u8),
    LosesConnection(u8),
    ComesBack(u8, u8),
    /// A node sees that somebody's connection is gone.
    Notices(Conn),
    /// A person is shown all that is in the mailbox.
    Opens(Conn),
    /// A node reads the next entry of the log, or the next packet of the other node.
    Reads(u8),
    Receives(u8),
    /// A node stops, is said to be lost, or goes on as if nothing had been.
    GoesOut(u8),
    IsSaidLost(u8),
    WakesUp(u8),
    /// Time passes, to the machine's next deadline.
    TimePasses,
}

impl World {
    /// Every step that may come next.
    pub fn steps(&self, plan: &Plan, crowds: &Crowds) -> Vec<Step> {
        let mut steps = Vec::new();
        for person in 0..PEOPLE {
            self.steps_of_a_person(plan, person, &mut steps);
        }
        for node in 0..NODES {
            self.steps_of_a_node(plan, node, &mut steps);
        }
        if self.deadline(crowds).is_some() {
            steps.push(Step::TimePasses);
        }
        steps
    }

    /// When time matters next.
    pub fn deadline(&self, crowds: &Crowds) -> Option<Millis> {
        crowds.sight(self.head).deadline.filter(|deadline| *deadline > self.now)
    }

    fn steps_of_a_person(&self, plan: &Plan, number: u8, steps: &mut Vec<Step>) {
        let person = &self.people[usize::from(number)];
        if plan.twins && number == 1 && !self.people[0].has_acted(plan) {
            return;
        }
        let Some(conn) = person.conn else {
            if person.token.is_some() && self.left.returns > 0 {
                let awake = (0..NODES).filter(|node| self.node(*node).acts());
                steps.extend(awake.map(|node| Step::ComesBack(number, node)));
            }
            return;
        };
        let node = self.node(conn.node);
        if node.health == Health::Out || self.left.losses > 0 {
            steps.push(Step::LosesConnection(number));
        }
        if !node.acts() {
            return;
        }
        if person.writing {
            steps.push(Step::Writes(number));
        }
        if person.pending || self.door(conn).is_none_or(|door| !door.registered) {
            return;
        }
        if self.left.leaves > 0 {
            steps.push(Step::SaysGoodbye(number));
        }
        let asks = match person.known {
            Known::Idle => [(Ask::Meet, person.searches), (Ask::Hide, self.left.hides)].as_slice().to_vec(),
            Known::Waiting => vec![(Ask::Bye, self.left.byes)],
            Known::Talking(_) => {
                vec![(Ask::Again, person.searches), (Ask::Bye, self.left.byes), (Ask::Hide, self.left.hides)]
            }
            Known::NotTalking => vec![(Ask::Meet, person.searches), (Ask::Bye, self.left.byes)],
        };
        let possible = asks.into_iter().filter(|(_, left)| *left > 0);
        steps.extend(possible.map(|(ask, _)| Step::Asks(number, ask)));
        if self.left.texts > 0 && self.takes_a_text(plan, conn) {
            steps.push(Step::Says(number));
        }
    }

    fn steps_of_a_node(&self, plan: &Plan, number: u8, steps: &mut Vec<Step>) {
        let node = self.node(number);
        let other_is_up = self.node(other(number)).health == Health::Up;
        if node.health == Health::Up {
            if node.unread > 0 {
                steps.push(Step::Reads(number));
            }
            if self.left.outages > 0 && other_is_up {
                steps.push(Step::GoesOut(number));
            }
        } else if node.health == Health::Out && self.left.wakes > 0 {
            steps.push(Step::WakesUp(number));
        }
        if self.may_be_said_lost(plan, number) {
            steps.push(Step::IsSaidLost(number));
        }
        if !node.acts() {
            return;
        }
        if !self.link_to(number).is_empty() {
            steps.push(Step::Receives(number));
        }
        for door in &node.doors {
            if door.is_cut && !door.is_parked {
                steps.push(Step::Notices(door.conn));
            }
            if !door.is_cut && door.has_something() {
                steps.push(Step::Opens(door.conn));
            }
        }
    }

    /// Only who does not act is said to be lost, for the first time at least.
    pub fn may_be_said_lost(&self, plan: &Plan, number: u8) -> bool {
        let node = self.node(number);
        let is_due = if node.reaped == 0 { node.health != Health::Up } else { node.reaped < plan.reaps };
        is_due && self.node(other(number)).acts() && !plan.has(Mistake::NobodyReaps)
    }

    /// Whether nothing is owed any more: what happens next, if anything, is somebody's own choice.
    pub fn is_quiet(&self, plan: &Plan, crowds: &Crowds) -> bool {
        let rests = |number: u8| {
            let node = self.node(number);
            match node.health {
                Health::Up => {
                    let door_rests = |door: &Door| {
                        if door.is_cut { door.is_parked } else { !door.has_something() }
                    };
                    node.unread == 0
                        && self.link_to(number).is_empty()
                        && node.doors.iter().map(Rc::as_ref).all(door_rests)
                }
                Health::Out | Health::Over => node.reaped > 0 || !self.may_be_said_lost(plan, number),
            }
        };
        (0..NODES).all(rests)
            && self.people.iter().all(|person| !person.writing)
            && self.deadline(crowds).is_none()
    }
}

impl Person {
    fn has_acted(&self, plan: &Plan) -> bool {
        self.searches < plan.searches[0] || self.token.is_none() || self.conn != self.token
    }
}
