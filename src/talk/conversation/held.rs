//! Lines that wait: for the answer to a command, for somebody to come, or for another hub. And what is told of those whose
//! turn never comes.
//!
//! A line waits with the chat that it was typed in, and is never sent to the partner of another.
//!
//! It must never know: what the hub says.

use super::hearing::Heard;
use super::standing::{Link, Place};
use super::{About, Conversation, Effect, Open, show};
use crate::talk::shown::Mood;
use crate::talk::typed::Typed;
use std::collections::VecDeque;

/// Commands behind which there may be another partner, or none.
const CHANGES: [&str; 5] = ["#again", "#block", "#bye", "#meet", "#report"];
/// What waits for its turn.
#[derive(Default)]
pub struct Parked {
    pub(super) open: Vec<Open>,
    pub(super) held: VecDeque<Held>,
    pub(super) waits: bool,
}

/// A typed line, and the chat that it was typed in, if it was certain then that there is one.
pub struct Held {
    pub(super) line: String,
    pub(super) chat: Option<u64>,
}

impl Conversation {
    /// It is over: what has no answer will have none.
    pub fn gives_up(&mut self, effects: &mut Vec<Effect>) {
        let parked = std::mem::take(&mut self.parked);
        for Parked { open, held, .. } in [self.park(), parked] {
            self.give_up(open, held, effects);
        }
    }

    /// From now on it is another hub that is spoken with. What was asked of the one before, and what was typed after
    /// that, waits until it is that one's turn again; one of this client's own has no other turn.
    pub fn moves(&mut self, hub: &str, link: Link, effects: &mut Vec<Effect>) {
        self.standing.moves(hub, link);
        let before = self.park();
        if link == Link::Own {
            let asked = before.open.iter().filter(|open| open.about.is_somebodys()).count();
            let waiting = asked + before.held.len();
            if waiting > 0 {
                effects.push(show(
                    Mood::Note,
                    &format!("What you typed before waits for the other hub: {waiting}."),
                ));
            }
            self.parked = before;
        } else {
            let parked = std::mem::take(&mut self.parked);
            (self.open, self.held, self.waits) = (parked.open, parked.held, parked.waits);
            self.give_up(before.open, before.held, effects);
        }
        self.heard = Heard::default();
        self.undecided = self.open.iter().filter(|open| open.about.decides()).count();
        self.proposal = None;
    }

    pub(super) fn park(&mut self) -> Parked {
        let waits = std::mem::take(&mut self.waits);
        self.undecided = 0;
        Parked { open: std::mem::take(&mut self.open), held: std::mem::take(&mut self.held), waits }
    }

    pub(super) fn give_up(&mut self, open: Vec<Open>, held: VecDeque<Held>, effects: &mut Vec<Effect>) {
        for open in open {
            self.unanswered(&open.about, effects);
        }
        for held in held.iter().filter(|held| !held.line.trim().is_empty()) {
            self.complain(&format!("Not sent: {}", held.line), effects);
        }
    }

    /// Nobody knows any more whom lines of the chat would reach.
    pub(super) fn give_up_lines(&mut self, effects: &mut Vec<Effect>) {
        let (lines, kept) =
            std::mem::take(&mut self.held).into_iter().partition(|held| is_for_chat(&held.line));
        self.held = kept;
        self.give_up(Vec::new(), lines, effects);
    }

    /// The chat that whoever types now types in; none if something that ends or begins one is under way.
    pub(super) fn certain_chat(&self) -> Option<u64> {
        let asked =
            self.open.iter().any(|open| matches!(&open.about, About::Command(line) if changes_chat(line)));
        let held = self.held.iter().any(|held| changes_chat(&held.line));
        self.standing.chat().filter(|_| !asked && !held)
    }

    pub(super) fn take_held(&mut self, effects: &mut Vec<Effect>) {
        while self.undecided == 0 && !self.is_waiting(effects) {
            let Some(held) = self.held.pop_front() else { return };
            let is_late = held.chat.is_some_and(|chat| chat != self.standing.last_chat());
            if is_late && is_for_chat(&held.line) {
                self.complain(
                    &format!("Not sent, since it was for somebody who is gone: {}", held.line),
                    effects,
                );
            } else {
                self.act(&held.line, effects);
            }
        }
    }

    pub(super) fn is_waiting(&mut self, effects: &mut Vec<Effect>) -> bool {
        if !self.waits {
            return false;
        }
        self.waits = match self.standing.place {
            Place::Paired(_) => false,
            Place::Waiting(_) => true,
            Place::Idle => self.standing.link == Link::Away,
        };
        if !self.waits && self.standing.place == Place::Idle {
            self.complain("/wait waits for nobody: #meet looks for somebody.", effects);
        }
        self.waits
    }

    pub(super) fn unanswered(&mut self, about: &About, effects: &mut Vec<Effect>) {
        match about {
            About::Text(text) => self.complain(&format!("Not known whether it arrived: {text}"), effects),
            About::Command(command) => {
                self.complain(&format!("Not known whether it was done: {command}"), effects);
            }
            About::Account | About::Contacts | About::Ai | About::Rename | About::Frame => {
                let text = "Not known whether it was done: there is no answer. /history shows what was sent.";
                self.complain(text, effects);
            }
            About::Where | About::Status | About::Names | About::Nothing => {}
        }
    }

    pub(super) fn unsent(&mut self, about: &About, effects: &mut Vec<Effect>) {
        if let About::Text(line) | About::Command(line) = about {
            self.complain(&format!("Not sent: {line}"), effects);
        }
    }
}

/// The first word of a line that could be a command.
pub fn verb(line: &str) -> Option<String> {
    line.split_whitespace().next().filter(|word| word.starts_with('#')).map(str::to_lowercase)
}

pub fn changes_chat(line: &str) -> bool {
    verb(line).is_some_and(|verb| CHANGES.contains(&verb.as_str()))
}

/// Whether it does something to a partner.
fn is_for_chat(line: &str) -> bool {
    match Typed::read(line) {
        Typed::Unmarked(_) | Typed::Say(_) => true,
        Typed::Command(_) => changes_chat(line) && verb(line).as_deref() != Some("#meet"),
        _ => false,
    }
}
