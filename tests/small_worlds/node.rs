//! The nodes: each reads the log at its own pace, does what of it is its own, and gives back what it cannot show.

use crate::crowd::{Crowds, What, is_for};
use crate::letter::{Act, Conn, Letter, Packet, TextId};
use crate::plan::{Broken, Mistake, Plan};
use crate::world::{Health, World, other};
use std::rc::Rc;

impl World {
    /// A node reads the next entry.
    pub fn read(&mut self, plan: &Plan, crowds: &mut Crowds, number: u8) -> Result<(), Broken> {
        let Some(entry) = self.next_entry(number) else { return Ok(()) };
        let node = self.node_mut(number);
        let outcome = crowds.enter(node.crowd, entry);
        (node.unread, node.crowd) = (node.unread - 1, outcome.after);
        node.behind = node.behind.saturating_sub(1);
        for deed in outcome.deeds.iter().filter(|deed| is_for(deed, number, plan, entry.what)) {
            self.perform(plan, number, deed.act);
        }
        match entry.what {
            What::Lost(lost) if lost == number => self.end(number),
            What::Lost(_) => self.give_up(plan, number),
            _ => {}
        }
        Ok(())
    }

    /// What a node does of what the machine wants.
    fn perform(&mut self, plan: &Plan, number: u8, act: Act) {
        match act {
            Act::Send(to, letter) => self.put(to, letter),
            Act::Left { to, pair } if plan.has(Mistake::EndsWithoutPair) && to.node != number => {
                self.post(number, Packet::Left(to, pair));
            }
            Act::Left { to, pair } => {
                self.put(to, Letter::Disconnect { pair });
                self.put(to, Letter::Left { pair });
            }
            Act::Resume { from, to, pair } => self.resume(plan, number, from, to, pair),
            Act::Forget(conn) => {
                self.close(conn);
                self.orphan(conn);
                let texts = &self.texts;
                let kept = &mut Rc::make_mut(&mut self.nodes[usize::from(number)]).kept;
                kept.retain(|text| !texts[usize::from(*text)].is_by(conn));
            }
        }
    }

    fn put(&mut self, to: Conn, letter: Letter) {
        self.door_mut(to).into_iter().for_each(|door| door.mailbox.push_back(letter));
    }

    /// A registration goes on at another connection. On one node the desk stays, and so does the mailbox. From
    /// another node only the person's own texts come along that failed: the rest goes back.
    fn resume(&mut self, plan: &Plan, number: u8, from: Conn, to: Conn, pair: Option<u8>) {
        self.node_mut(number).moved.push((from, to));
        if from.node != number {
            return self.put(to, Letter::Inherited { pair });
        }
        let doors = &mut self.node_mut(number).doors;
        let Some(old) = doors.iter().position(|door| door.conn == from) else {
            return self.put(to, Letter::Inherited { pair });
        };
        if to.node != number {
            let failed: Vec<TextId> = doors[old].mailbox.iter().filter_map(failed).collect();
            self.close(from);
            return failed.into_iter().for_each(|text| self.post(number, Packet::Failed(text, to)));
        }
        let mut door = Rc::unwrap_or_clone(doors.remove(old));
        let Some(new) = doors.iter_mut().find(|door| door.conn == to) else { return };
        (door.conn, door.is_cut, door.is_parked) = (to, new.is_cut, new.is_parked);
        door.mailbox.push_back(Letter::Resumed { pair });
        door.registered = false;
        // The partner's node may have read of the return before this one: its texts are at the new door already.
        let mut early: Vec<TextId> = new.early.iter().copied().collect();
        early.extend(new.mailbox.iter().filter_map(text));
        *new = Rc::new(door);
        if !plan.has(Mistake::ReturnDropsEarlyTexts) {
            early.into_iter().for_each(|text| self.put_text(plan, text, to));
        }
    }

    /// A node takes in the next packet of the other one.
    pub fn receive(&mut self, plan: &Plan, number: u8) {
        let packet = self.links[usize::from(other(number))].remove(0);
        if self.node(number).other_is_lost && !plan.has(Mistake::LostNodeIsHeard) {
            // It may not know yet that it is lost, and all that it had to do was done without it.
            return;
        }
        match packet {
            Packet::Text(text) => self.put_text(plan, text, self.texts[usize::from(text)].to),
            Packet::Settled(text) => self.settle(number, text),
            Packet::Failed(text, to) => {
                self.settle_here(number, text);
                self.tell_failure(number, text, to);
            }
            Packet::Left(to, pair) => {
                self.put(to, Letter::HangUp);
                self.put(to, Letter::Left { pair });
            }
        }
    }

    /// A text that a node cannot show goes back to whoever wrote it, wherever they are by now.
    pub fn give_back(&mut self, number: u8, text: TextId) {
        let from = self.texts[usize::from(text)].from;
        if self.door_of(number, from).node != from.node || from.node == number {
            self.settle(number, text);
        }
        self.tell_failure(number, text, from);
    }

    fn tell_failure(&mut self, number: u8, text: TextId, to: Conn) {
        let to = self.door_of(number, to);
        if to.node == number {
            self.put(to, Letter::Failed(text));
        } else {
            self.post(number, Packet::Failed(text, to));
        }
    }

    fn settle_here(&mut self, number: u8, text: TextId) {
        self.node_mut(number).kept.retain(|kept| *kept != text);
    }

    /// Where a node believes that a registration is read now.
    fn door_of(&self, number: u8, conn: Conn) -> Conn {
        let next = self.node(number).moved.iter().find(|(from, _)| *from == conn);
        next.map_or(conn, |(_, to)| self.door_of(number, *to))
    }

    /// A node is out. If it never wakes up, it leaves nothing behind.
    pub fn go_out(&mut self, number: u8) {
        self.left.outages -= 1;
        if self.left.wakes == 0 {
            self.end(number);
        } else {
            self.node_mut(number).health = Health::Out;
        }
    }

    /// A node is over, and with it all connections that it had.
    fn end(&mut self, number: u8) {
        let node = self.node_mut(number);
        node.health = Health::Over;
        (node.unread, node.behind) = (0, 0);
        node.doors.clear();
        node.kept.clear();
        node.moved.clear();
        self.links[usize::from(other(number))].clear();
        for person in
            self.people.iter_mut().filter(|person| person.conn.is_some_and(|conn| conn.node == number))
        {
            person.conn = None;
            (person.pending, person.writing) = (false, false);
        }
    }

    /// The other node is lost. What it still said is heard first; then nothing that was for it will be shown.
    fn give_up(&mut self, plan: &Plan, number: u8) {
        while !plan.has(Mistake::LastWordsUnheard) && !self.link_to(number).is_empty() {
            self.receive(plan, number);
        }
        let node = self.node_mut(number);
        node.other_is_lost = true;
        let kept = std::mem::take(&mut node.kept);
        if !plan.has(Mistake::ReaperIsSilent) {
            kept.into_iter().for_each(|text| self.give_back(number, text));
        }
    }
}

fn text(letter: &Letter) -> Option<TextId> {
    match letter {
        Letter::Text(text) => Some(*text),
        _ => None,
    }
}

fn failed(letter: &Letter) -> Option<TextId> {
    match letter {
        Letter::Failed(text) => Some(*text),
        _ => None,
    }
}
