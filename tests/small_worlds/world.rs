//! A small world: people at their doors, nodes that read one log each at its own pace, links between them, and
//! every step that may come next.

use crate::crowd::{CrowdId, Crowds, Entry, What, is_for};
use crate::door::Door;
use crate::letter::{Conn, Packet, TextId};
use crate::plan::{Broken, Mistake, NODES, PEOPLE, Plan};
use crate::steps::Step;
use crate::world_laws;
use std::rc::Rc;
use strowger::core::Millis;

/// What somebody knows of where they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Known {
    Idle,
    Waiting,
    Talking(u8),
    /// They are back, and do not know yet whether they still wait.
    NotTalking,
}

/// A person with a client in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Person {
    /// Where they are connected.
    pub conn: Option<Conn>,
    /// The connection whose confirmation brought their token. `None`: they said goodbye.
    pub token: Option<Conn>,
    pub known: Known,
    /// They were told that what they write is masked.
    pub masks: bool,
    /// They wait for an answer.
    pub pending: bool,
    /// Their `#meet` is half done.
    pub writing: bool,
    pub searches: u8,
    /// The serial of their next connection.
    pub next: u8,
}

/// What became of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    Open,
    Shown,
    /// Its sender was told that it was not.
    Told,
    /// Its sender is gone.
    Orphaned,
}

/// A text that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Text {
    pub from: Conn,
    pub to: Conn,
    pub pair: u8,
    pub masked: bool,
    pub fate: Fate,
}

impl Text {
    /// Whether it was written in the registration that ends at this connection. A later one has greater serials.
    pub fn is_by(&self, last: Conn) -> bool {
        self.from.person() == last.person() && self.from.serial <= last.serial
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Health {
    Up,
    /// It does nothing, and may wake up.
    Out,
    /// It does nothing for ever.
    Over,
}

/// One node with its replica of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Node {
    pub health: Health,
    /// How often the log says that it is lost.
    pub reaped: u8,
    pub crowd: CrowdId,
    /// How many entries at the log's end it has not read, and how many of them it has to read before all else.
    pub unread: u8,
    pub behind: u8,
    pub doors: Vec<Rc<Door>>,
    /// Texts of its people that went to the other node, until they are settled there.
    pub kept: Vec<TextId>,
    /// Where registrations went on, from and to.
    pub moved: Vec<(Conn, Conn)>,
    pub other_is_lost: bool,
}

/// How much may still happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Left {
    pub byes: u8,
    pub hides: u8,
    pub texts: u8,
    pub leaves: u8,
    pub losses: u8,
    pub returns: u8,
    pub outages: u8,
    pub wakes: u8,
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    pub now: Millis,
    /// The entries that not every node has read, and the machine after the last of them.
    pub log: Vec<Entry>,
    pub head: CrowdId,
    pub nodes: [Rc<Node>; NODES as usize],
    /// What is under way from each node to the other.
    pub links: [Vec<Packet>; NODES as usize],
    pub people: [Person; PEOPLE as usize],
    pub texts: Vec<Text>,
    pub left: Left,
}

/// The other node.
pub fn other(node: u8) -> u8 {
    1 - node
}

impl World {
    /// Everybody is registered at home, and nothing is under way.
    pub fn new(plan: &Plan, head: CrowdId) -> Self {
        let home = |serial: u8| Conn { node: plan.homes[usize::from(serial)], serial };
        let person = |serial: usize| {
            let conn = Some(home(serial as u8));
            let (known, next) = (Known::Idle, serial as u8 + PEOPLE);
            let searches = plan.searches[serial];
            Person { conn, token: conn, known, masks: true, pending: false, writing: false, searches, next }
        };
        let node = |node: usize| {
            Rc::new(Node {
                health: Health::Up,
                reaped: 0,
                crowd: head,
                unread: 0,
                behind: 0,
                doors: (0..PEOPLE)
                    .map(home)
                    .filter(|conn| conn.node == node as u8)
                    .map(|conn| Rc::new(Door::registered(conn)))
                    .collect(),
                kept: Vec::new(),
                moved: Vec::new(),
                other_is_lost: false,
            })
        };
        let &Plan { byes, hides, texts, leaves, losses, returns, outages, wakes, .. } = plan;
        Self {
            now: Millis(0),
            log: Vec::new(),
            head,
            nodes: std::array::from_fn(node),
            links: Default::default(),
            people: std::array::from_fn(person),
            texts: Vec::new(),
            left: Left { byes, hides, texts, leaves, losses, returns, outages, wakes },
        }
    }

    pub fn node(&self, node: u8) -> &Node {
        &self.nodes[usize::from(node)]
    }

    pub fn node_mut(&mut self, node: u8) -> &mut Node {
        Rc::make_mut(&mut self.nodes[usize::from(node)])
    }

    pub fn door(&self, conn: Conn) -> Option<&Door> {
        self.node(conn.node).doors.iter().find(|door| door.conn == conn).map(Rc::as_ref)
    }

    pub fn door_mut(&mut self, conn: Conn) -> Option<&mut Door> {
        self.node_mut(conn.node).doors.iter_mut().find(|door| door.conn == conn).map(Rc::make_mut)
    }

    pub fn link_to(&self, node: u8) -> &Vec<Packet> {
        &self.links[usize::from(other(node))]
    }

    /// The world after a step, or the law that it breaks.
    pub fn after(&self, plan: &Plan, crowds: &mut Crowds, step: Step) -> Result<Self, Broken> {
        let mut world = self.clone();
        world.take(plan, crowds, step)?;
        world.read_what_concerns_nobody(plan, crowds);
        world.forget_what_all_have_read();
        world_laws::always(plan, &world)?;
        if world.is_quiet(plan, crowds) {
            world_laws::once_quiet(&world, crowds)?;
        }
        Ok(world)
    }

    fn take(&mut self, plan: &Plan, crowds: &mut Crowds, step: Step) -> Result<(), Broken> {
        match step {
            Step::Asks(person, ask) => self.ask(plan, crowds, usize::from(person), ask),
            Step::Says(person) => self.say(plan, usize::from(person)),
            Step::Writes(person) => {
                let person = &mut self.people[usize::from(person)];
                person.writing = false;
                person.conn.map_or(Ok(()), |conn| self.append(crowds, What::Wrote(conn)))
            }
            Step::SaysGoodbye(person) => self.say_goodbye(crowds, usize::from(person)),
            Step::LosesConnection(person) => {
                self.lose_connection(usize::from(person));
                Ok(())
            }
            Step::ComesBack(person, node) => self.come_back(crowds, usize::from(person), node),
            Step::Notices(conn) => {
                self.door_mut(conn).into_iter().for_each(|door| door.is_parked = true);
                self.append(crowds, What::WentAway(conn))
            }
            Step::Opens(conn) => self.open(plan, conn),
            Step::Reads(node) => self.read(plan, crowds, node),
            Step::Receives(node) => {
                self.receive(plan, node);
                Ok(())
            }
            Step::GoesOut(node) => {
                self.go_out(node);
                Ok(())
            }
            Step::IsSaidLost(node) => {
                self.node_mut(node).reaped += 1;
                self.append(crowds, What::Lost(node))
            }
            Step::WakesUp(node) => {
                self.left.wakes -= 1;
                let node = self.node_mut(node);
                node.health = Health::Up;
                node.behind = if plan.has(Mistake::WakesAndTalks) { 0 } else { node.unread };
                Ok(())
            }
            Step::TimePasses => {
                self.now = self.deadline(crowds).unwrap_or(self.now);
                self.append(crowds, What::Tick)
            }
        }
    }

    /// Writes to the log's end.
    pub fn append(&mut self, crowds: &mut Crowds, what: What) -> Result<(), Broken> {
        let entry = Entry { at: self.now, what };
        let outcome = crowds.enter(self.head, entry);
        self.log.push(entry);
        self.head = outcome.after;
        for node in self.nodes.iter_mut().filter(|node| node.health != Health::Over) {
            Rc::make_mut(node).unread += 1;
        }
        outcome.broken.clone().map_or(Ok(()), Err)
    }

    /// What a node reads and has nothing to do for is as good as read already: nobody could tell.
    fn read_what_concerns_nobody(&mut self, plan: &Plan, crowds: &mut Crowds) {
        for number in 0..NODES {
            while self.node(number).health == Health::Up
                && let Some(entry) = self.next_entry(number)
                && !matches!(entry.what, What::Lost(_))
            {
                let outcome = crowds.enter(self.node(number).crowd, entry);
                if outcome.deeds.iter().any(|deed| is_for(deed, number, plan, entry.what)) {
                    break;
                }
                let node = self.node_mut(number);
                (node.unread, node.crowd) = (node.unread - 1, outcome.after);
                node.behind = node.behind.saturating_sub(1);
            }
        }
    }

    /// What a node reads next.
    pub fn next_entry(&self, number: u8) -> Option<Entry> {
        self.log.iter().rev().nth(usize::from(self.node(number).unread.checked_sub(1)?)).copied()
    }

    fn forget_what_all_have_read(&mut self) {
        let unread = self.nodes.iter().map(|node| usize::from(node.unread)).max().unwrap_or(0);
        self.log.drain(..self.log.len() - unread);
    }
}

impl Node {
    /// Whether it does anything but read what it missed.
    pub fn acts(&self) -> bool {
        self.health == Health::Up && self.behind == 0
    }
}
