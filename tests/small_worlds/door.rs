//! The doors: what people do there, and what they are shown. It is the hub's `Desk` and `Mailbox` again, as small as
//! can be.

use crate::crowd::{Ask, Crowds, What};
use crate::letter::{Conn, Letter, Packet, Place, TextId};
use crate::plan::{Broken, Law, Mistake, PEOPLE, Plan, broken};
use crate::world::{Fate, Health, Known, Text, World, other};
use std::collections::VecDeque;
use std::rc::Rc;

/// A registration's mailbox, and the desk of whoever reads it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Door {
    pub conn: Conn,
    /// The connection is gone, and the node has seen it.
    pub is_cut: bool,
    pub is_parked: bool,
    /// The person was told that they are registered.
    pub registered: bool,
    pub mailbox: VecDeque<Letter>,
    /// The pair and the partner's address.
    pub call: Option<(u8, Conn)>,
    last_pair: u8,
    announced: bool,
    pub early: VecDeque<TextId>,
    unmasked: bool,
    /// The newest of the partner's connections from which a text was shown.
    newest: u8,
}

impl Door {
    /// Somebody comes in.
    pub fn new(conn: Conn) -> Self {
        Self {
            conn,
            is_cut: false,
            is_parked: false,
            registered: false,
            mailbox: VecDeque::new(),
            call: None,
            last_pair: 0,
            announced: false,
            early: VecDeque::new(),
            unmasked: false,
            newest: 0,
        }
    }

    pub fn registered(conn: Conn) -> Self {
        Self { registered: true, ..Self::new(conn) }
    }

    pub fn texts(&self) -> usize {
        self.mailbox.iter().filter(|letter| matches!(letter, Letter::Text(_))).count()
    }

    /// Whether its reader has something to do.
    pub fn has_something(&self) -> bool {
        !self.mailbox.is_empty()
    }
}

impl World {
    pub fn ask(&mut self, plan: &Plan, crowds: &mut Crowds, number: usize, ask: Ask) -> Result<(), Broken> {
        let person = &mut self.people[number];
        let Some(conn) = person.conn else { return Ok(()) };
        person.pending = true;
        match ask {
            Ask::Meet | Ask::Again => person.searches -= 1,
            Ask::Bye => self.left.byes -= 1,
            Ask::Hide => self.left.hides -= 1,
        }
        if ask == Ask::Meet && plan.has(Mistake::MeetReadsThenWrites) {
            self.people[number].writing = true;
            return self.append(crowds, What::Looked(conn));
        }
        self.append(crowds, What::Asked(conn, ask))
    }

    /// Whether a text from here would be accepted now.
    pub fn takes_a_text(&self, plan: &Plan, from: Conn) -> bool {
        let Some((_, to)) = self.door(from).and_then(|door| door.call) else { return false };
        if to.node == from.node {
            self.door(to).is_some_and(|door| door.texts() < plan.mailbox)
        } else {
            !self.node(from.node).other_is_lost
        }
    }

    pub fn say(&mut self, plan: &Plan, number: usize) -> Result<(), Broken> {
        let person = self.people[number];
        let Some(from) = person.conn else { return Ok(()) };
        let Some(door) = self.door(from) else { return Ok(()) };
        let Some((pair, to)) = door.call else { return Ok(()) };
        let masked = !door.unmasked;
        if person.masks && !masked {
            return broken(Law::MaskedByItsSender, format!("{number} believes to be masked"));
        }
        self.left.texts -= 1;
        let text = TextId::try_from(self.texts.len()).expect("few texts");
        self.texts.push(Text { from, to, pair, masked, fate: Fate::Open });
        if to.node == from.node {
            self.put_text(plan, text, to);
        } else {
            if plan.outages > 0 {
                self.node_mut(from.node).kept.push(text);
            }
            self.post(from.node, Packet::Text(text));
        }
        Ok(())
    }

    /// Puts something on the link to the other node, unless that is gone for good.
    pub fn post(&mut self, from: u8, packet: Packet) {
        if self.node(other(from)).health != Health::Over {
            self.links[usize::from(from)].push(packet);
        }
    }

    /// Puts a text into a mailbox, or sends it back.
    pub fn put_text(&mut self, plan: &Plan, text: TextId, to: Conn) {
        match self.door_mut(to) {
            Some(door) if door.texts() < plan.mailbox => {
                door.mailbox.push_back(Letter::Text(text));
                if plan.has(Mistake::MailboxConfirms) {
                    self.settle(to.node, text);
                }
            }
            _ => self.give_back(to.node, text),
        }
    }

    /// A node has dealt with a text: it needs to be kept no longer.
    pub fn settle(&mut self, node: u8, text: TextId) {
        let home = self.texts[usize::from(text)].from.node;
        if !self.node(home).kept.contains(&text) {
            // The news would change nothing: one packet less, and a smaller world.
        } else if home == node {
            self.node_mut(node).kept.retain(|kept| *kept != text);
        } else {
            self.post(node, Packet::Settled(text));
        }
    }

    pub fn say_goodbye(&mut self, crowds: &mut Crowds, number: usize) -> Result<(), Broken> {
        self.left.leaves -= 1;
        let person = &mut self.people[number];
        let Some(conn) = person.conn.take() else { return Ok(()) };
        person.token = None;
        self.orphan(conn);
        self.close(conn);
        self.append(crowds, What::HungUp(conn))
    }

    /// Somebody is gone for good: nobody is left who could hear what became of their texts.
    pub fn orphan(&mut self, last: Conn) {
        let open = |text: &&mut Text| text.is_by(last) && text.fate == Fate::Open;
        self.texts.iter_mut().filter(open).for_each(|text| text.fate = Fate::Orphaned);
    }

    /// Nobody reads here any more: what was not shown goes back.
    pub fn close(&mut self, conn: Conn) {
        let doors = &mut self.node_mut(conn.node).doors;
        let Some(at) = doors.iter().position(|door| door.conn == conn) else { return };
        let door = doors.remove(at);
        let unread = door.mailbox.iter().filter_map(|letter| match letter {
            Letter::Text(text) => Some(*text),
            _ => None,
        });
        let unread: Vec<TextId> = door.early.iter().copied().chain(unread).collect();
        unread.into_iter().for_each(|text| self.give_back(conn.node, text));
    }

    pub fn lose_connection(&mut self, number: usize) {
        let person = &mut self.people[number];
        let Some(conn) = person.conn.take() else { return };
        (person.pending, person.writing) = (false, false);
        if self.node(conn.node).health == Health::Up {
            self.left.losses -= 1;
        }
        self.door_mut(conn).into_iter().for_each(|door| door.is_cut = true);
    }

    pub fn come_back(&mut self, crowds: &mut Crowds, number: usize, node: u8) -> Result<(), Broken> {
        self.left.returns -= 1;
        let person = &mut self.people[number];
        let (Some(token), conn) = (person.token, Conn { node, serial: person.next }) else { return Ok(()) };
        person.next += PEOPLE;
        (person.conn, person.pending) = (Some(conn), true);
        self.node_mut(node).doors.push(Rc::new(Door::new(conn)));
        self.append(crowds, What::CameBack { conn, token })
    }

    /// A person is shown everything that is there.
    pub fn open(&mut self, plan: &Plan, conn: Conn) -> Result<(), Broken> {
        let doors = &mut self.node_mut(conn.node).doors;
        let Some(at) = doors.iter().position(|door| door.conn == conn) else { return Ok(()) };
        let mut door = Rc::unwrap_or_clone(doors.remove(at));
        let mut stays = true;
        while stays {
            let may_be_judged =
                |text: &TextId| door.announced && self.texts[usize::from(*text)].pair <= door.last_pair;
            let early =
                door.early.front().is_some_and(may_be_judged).then(|| door.early.pop_front()).flatten();
            let Some(letter) = early.map(Letter::Text).or_else(|| door.mailbox.pop_front()) else { break };
            stays = self.read_letter(plan, &mut door, letter)?;
        }
        if stays {
            self.node_mut(conn.node).doors.insert(at, Rc::new(door));
        }
        Ok(())
    }

    /// A person and their desk take note of a letter. Returns whether the door stays.
    fn read_letter(&mut self, plan: &Plan, door: &mut Door, letter: Letter) -> Result<bool, Broken> {
        let number = door.conn.person();
        match letter {
            Letter::Connect { pair, partner, is_news } => {
                door.announced &= !is_news;
                if pair > door.last_pair {
                    (door.last_pair, door.newest) = (pair, 0);
                }
                door.call = Some((pair, partner));
            }
            Letter::Disconnect { pair } => {
                door.call.take_if(|(call, _)| *call == pair);
            }
            Letter::HangUp => door.call = None,
            Letter::Text(text) => self.hear(plan, door, text)?,
            Letter::Failed(text) => self.hear_of_failure(number, text)?,
            Letter::Matched => {
                door.announced = true;
                let known = self.people[number].known;
                let Some((pair, _)) = door.call else {
                    return broken(Law::MutualPairs, format!("{number} hears of a match without a call"));
                };
                if let Known::Talking(before) = known {
                    return broken(Law::EndToldOnce, format!("{number} got {pair}, and still has {before}"));
                }
                self.people[number].known = Known::Talking(pair);
            }
            Letter::Left { pair } => {
                door.announced = true;
                if self.people[number].known != Known::Talking(pair) {
                    let known = self.people[number].known;
                    return broken(Law::EndToldOnce, format!("{number} is {known:?}, and {pair} ended"));
                }
                self.people[number].known = Known::Idle;
            }
            Letter::Told => door.announced = true,
            Letter::Said { place, ended, masks } => self.hear_answer(door, place, ended, masks)?,
            Letter::Registered | Letter::Resumed { .. } | Letter::Inherited { .. } => {
                self.hear_welcome(plan, door, letter);
            }
            Letter::Refused => {
                self.people[number].conn = None;
                self.people[number].pending = false;
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn hear_welcome(&mut self, plan: &Plan, door: &mut Door, letter: Letter) {
        let person = &mut self.people[door.conn.person()];
        (person.token, person.pending) = (Some(door.conn), false);
        door.registered = true;
        match letter {
            Letter::Resumed { pair } => {
                door.call.take_if(|(call, _)| Some(*call) != pair);
                door.announced = true;
            }
            Letter::Inherited { pair } => {
                door.announced = !plan.has(Mistake::ReturnForgetsCall);
                person.known = pair.map_or(Known::NotTalking, Known::Talking);
                person.masks = true;
            }
            _ => (person.known, person.masks) = (Known::Idle, true),
        }
    }

    fn hear_answer(
        &mut self,
        door: &mut Door,
        place: Place,
        ended: bool,
        masks: Option<bool>,
    ) -> Result<(), Broken> {
        let number = door.conn.person();
        door.announced = true;
        if let Some(masks) = masks {
            door.unmasked = !masks;
        }
        let known = match (place, door.call) {
            (Place::Idle, _) => Known::Idle,
            (Place::Waiting, _) => Known::Waiting,
            (Place::Talking(partner), Some((pair, to))) if to.person() == usize::from(partner) => {
                Known::Talking(pair)
            }
            (place, call) => {
                return broken(Law::MutualPairs, format!("{number} is {place:?} with a call to {call:?}"));
            }
        };
        let person = &mut self.people[number];
        if let Known::Talking(pair) = person.known
            && known != person.known
            && !ended
        {
            return broken(Law::EndToldOnce, format!("{number} never heard that {pair} ended"));
        }
        person.masks = masks.unwrap_or(person.masks);
        (person.known, person.pending) = (known, false);
        Ok(())
    }

    fn hear(&mut self, plan: &Plan, door: &mut Door, text: TextId) -> Result<(), Broken> {
        let Text { pair, from, .. } = self.texts[usize::from(text)];
        match door.call {
            Some(_) if plan.has(Mistake::TextsWithoutPair) => self.show(plan, door.conn, text),
            Some((call, _)) if call == pair && door.announced => {
                if from.serial < door.newest && !plan.has(Mistake::OldConnectionIsHeard) {
                    // It was overtaken by one from where its sender went on.
                    self.give_back(door.conn.node, text);
                    return Ok(());
                }
                door.newest = from.serial;
                self.show(plan, door.conn, text)
            }
            Some((call, _)) if call == pair => self.keep(plan, door, text),
            _ if pair > door.last_pair => self.keep(plan, door, text),
            _ => {
                self.give_back(door.conn.node, text);
                Ok(())
            }
        }
    }

    fn keep(&mut self, plan: &Plan, door: &mut Door, text: TextId) -> Result<(), Broken> {
        if door.early.len() < plan.mailbox {
            door.early.push_back(text);
        } else {
            self.give_back(door.conn.node, text);
        }
        Ok(())
    }

    fn show(&mut self, plan: &Plan, at: Conn, id: TextId) -> Result<(), Broken> {
        let (number, text) = (at.person(), self.texts[usize::from(id)]);
        let known = self.people[number].known;
        if number == text.from.person() || known != Known::Talking(text.pair) {
            return broken(
                Law::TextsStayInTheirPair,
                format!("{number}, who is {known:?}, is shown {text:?}"),
            );
        }
        if !matches!(text.fate, Fate::Open | Fate::Orphaned) {
            return broken(Law::ShownOrTold, format!("{number} is shown {text:?}"));
        }
        let later = self.texts.iter().skip(usize::from(id) + 1);
        if later.into_iter().any(|later| {
            later.pair == text.pair && later.from.person() == text.from.person() && later.fate == Fate::Shown
        }) {
            return broken(Law::ShownOrTold, format!("{number} is shown {text:?} after a later one"));
        }
        self.texts[usize::from(id)].fate = Fate::Shown;
        if !plan.has(Mistake::MailboxConfirms) {
            self.settle(at.node, id);
        }
        Ok(())
    }

    fn hear_of_failure(&mut self, number: usize, id: TextId) -> Result<(), Broken> {
        let text = &mut self.texts[usize::from(id)];
        if text.fate != Fate::Open || text.from.person() != number {
            return broken(Law::ShownOrTold, format!("{number} hears that {text:?} failed"));
        }
        text.fate = Fate::Told;
        Ok(())
    }
}
