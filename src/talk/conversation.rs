//! A conversation as it stands: where this person is in the random chat, what the session shares, and what of all that
//! was asked is still open. What is typed and what happens goes in; what is to be shown and asked comes out.
//!
//! It must never know: terminals, sockets, time.

mod hearing;
mod held;
mod standing;
#[cfg(test)]
mod tests;

pub use standing::Link;

use super::shown::{Line, Mood};
use super::typed::{COMMANDS, Typed};
use super::words;
use crate::client::{Happening, Loss, Registration, Request, Return, Ticket};
use hearing::Heard;
use held::{Held, Parked, verb};
use serde_json::json;
use standing::Standing;
use std::collections::VecDeque;

/// So many lines wait to be understood; a person who pastes more is told.
const MOST_HELD: usize = 1_000;

/// Commands of somebody who wants a partner.
const SEEKS: [&str; 2] = ["#again", "#meet"];

/// See the module.
pub struct Conversation {
    standing: Standing,
    heard: Heard,
    open: Vec<Open>,
    /// Typed while it was not certain what for: the answer to a command decides that.
    held: VecDeque<Held>,
    /// Commands whose answers decide it.
    undecided: usize,
    /// Whoever typed `/wait` has it wait.
    waits: bool,
    proposal: Option<Proposal>,
    /// What waits for a hub that is not the one talked with now.
    parked: Parked,
    failures: usize,
    /// Whether how things stand is shown, and so worth asking for.
    has_status: bool,
    /// Whether the names that Tab knows are not all.
    lacks_names: bool,
}

/// What is to be done.
pub enum Effect {
    Show(Line),
    /// Ask this, and say under which ticket with [`Conversation::asked`].
    Ask(Request, About),
    Leave,
}

/// What a request was for.
#[derive(Clone, PartialEq, Eq)]
pub enum About {
    /// A command of the random chat.
    Command(String),
    Text(String),
    Account,
    Contacts,
    Ai,
    Rename,
    /// A frame, written out.
    Frame,
    /// Where one is, how the session stands, and whom Tab knows: nobody asked to see it.
    Where,
    Status,
    Names,
    Nothing,
}

impl About {
    /// Whether its answer says where this person is, and so whom the next line is for.
    fn decides(&self) -> bool {
        matches!(self, Self::Command(_) | Self::Where)
    }

    /// Whether a person asked for it.
    fn is_somebodys(&self) -> bool {
        !matches!(self, Self::Where | Self::Status | Self::Names | Self::Nothing)
    }
}

struct Open {
    ticket: Ticket,
    /// As the session hears of it.
    id: String,
    about: About,
}

/// A send that has to be confirmed.
struct Proposal {
    contact: String,
    message: String,
    confirm: String,
}

impl Conversation {
    /// With the hub at this address.
    pub fn new(hub: &str, has_status: bool) -> Self {
        Self {
            standing: Standing::new(hub),
            heard: Heard::default(),
            open: Vec::new(),
            held: VecDeque::new(),
            undecided: 0,
            waits: false,
            proposal: None,
            parked: Default::default(),
            failures: 0,
            has_status,
            lacks_names: false,
        }
    }

    /// How things stand.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// All in one line.
    pub fn status(&self) -> String {
        let under_way = self.open.iter().filter(|open| open.about.is_somebodys()).count();
        self.standing.status(under_way + self.held.len())
    }

    /// The end of what an AI is saying right now.
    pub fn live(&self) -> Option<String> {
        self.heard.live()
    }

    /// Whether nothing is open, so that the next line can be understood and an end would lose nothing.
    pub fn is_settled(&self) -> bool {
        self.open.is_empty() && self.undecided == 0 && self.held.is_empty() && !self.waits
    }

    /// How much of what was asked did not work.
    pub fn failures(&self) -> usize {
        self.failures
    }

    /// Somebody typed a line.
    pub fn typed(&mut self, line: &str, effects: &mut Vec<Effect>) {
        // What this client does itself does not wait for a hub.
        match Typed::read(line) {
            Typed::Quit => return effects.push(Effect::Leave),
            Typed::Help => return effects.extend(words::HELP.map(|text| show(Mood::Note, text))),
            _ if self.held.len() >= MOST_HELD => {
                return self.complain("Too many lines are waiting: this one was dropped.", effects);
            }
            // Whoever does something else does not wait any more.
            Typed::Command(_) => self.waits = false,
            _ => {}
        }
        let chat = self.certain_chat();
        self.held.push_back(Held { line: line.to_owned(), chat });
        self.take_held(effects);
    }

    /// Something was typed that can't be read.
    pub fn slips(&mut self, why: &str, effects: &mut Vec<Effect>) {
        self.complain(why, effects);
    }

    /// A request went out under this ticket and name.
    pub fn asked(&mut self, ticket: Ticket, id: String, about: About) {
        self.open.push(Open { ticket, id, about });
    }

    /// A request could not be asked.
    pub fn not_asked(&mut self, about: &About, effects: &mut Vec<Effect>) {
        if about.is_somebodys() {
            self.complain("Too much is waiting to be sent: this was not.", effects);
        }
        self.decided(about, effects);
    }

    /// Something happened.
    pub fn happened(&mut self, happening: Happening, effects: &mut Vec<Effect>) {
        match happening {
            Happening::Registered(registration) => self.registered(&registration, effects),
            Happening::Lost(loss) => self.lost(&loss, effects),
            Happening::Pushed(frame) => self.pushed(&frame, effects),
            Happening::Answered(ticket, frame) => {
                if let Some(open) = self.close(ticket) {
                    self.answered(&open, &frame, effects);
                    self.decided(&open.about, effects);
                }
            }
            Happening::Unanswered(ticket) => {
                if let Some(open) = self.close(ticket) {
                    self.unanswered(&open.about, effects);
                    if open.about.decides() {
                        self.give_up_lines(effects);
                        self.ask_where(effects);
                    }
                    self.decided(&open.about, effects);
                }
            }
            Happening::Unsent(ticket) => {
                if let Some(open) = self.close(ticket) {
                    self.unsent(&open.about, effects);
                    self.decided(&open.about, effects);
                }
            }
        }
    }

    fn close(&mut self, ticket: Ticket) -> Option<Open> {
        let at = self.open.iter().position(|open| open.ticket == ticket)?;
        Some(self.open.remove(at))
    }

    fn decided(&mut self, about: &About, effects: &mut Vec<Effect>) {
        if about.decides() {
            self.undecided = self.undecided.saturating_sub(1);
        }
        self.take_held(effects);
    }

    fn act(&mut self, line: &str, effects: &mut Vec<Effect>) {
        match Typed::read(line) {
            Typed::Nothing | Typed::Quit | Typed::Help => {}
            Typed::Command(command) => self.command(command, effects),
            Typed::Say(text) => self.say(text, effects),
            Typed::Unmarked(text) if self.standing.is_to_partner() => self.say(text, effects),
            Typed::Unmarked(sentence) | Typed::Sentence(sentence) => {
                effects.push(Effect::Ask(Request::sentence(sentence), About::Account));
            }
            Typed::Contacts(query) => {
                effects.push(Effect::Ask(Request::contacts(query, None), About::Contacts))
            }
            Typed::History(count) => effects.push(Effect::Ask(Request::history(count), About::Account)),
            Typed::Ai(prompt) => effects.push(Effect::Ask(Request::ai(prompt), About::Ai)),
            Typed::Name(name) => effects.push(Effect::Ask(Request::rename(name), About::Rename)),
            Typed::Yes => self.yes(effects),
            Typed::Stop => self.stop(effects),
            Typed::Wait => self.waits = true,
            Typed::Unknown(line) => self.complain(&words::unknown(line), effects),
        }
    }

    fn command(&mut self, command: &str, effects: &mut Vec<Effect>) {
        self.undecided += 1;
        if verb(command).is_some_and(|verb| SEEKS.contains(&verb.as_str())) {
            self.standing.seeks();
        }
        effects.push(Effect::Ask(Request::line(command), About::Command(command.to_owned())));
    }

    /// A text never begins like a command: the hub would take it for one.
    fn say(&mut self, text: &str, effects: &mut Vec<Effect>) {
        if verb(text).is_some_and(|verb| COMMANDS.contains(&verb.as_str())) {
            return self.complain("This is a command: it can't be said.", effects);
        }
        effects.push(Effect::Ask(Request::line(text), About::Text(text.to_owned())));
    }

    fn yes(&mut self, effects: &mut Vec<Effect>) {
        let Some(Proposal { contact, message, confirm }) = self.proposal.take() else {
            return self.complain("There is nothing to say yes to.", effects);
        };
        let action = json!({"action": "send", "contact": contact, "message": message, "confirm": confirm});
        effects.push(Effect::Ask(Request::action(action), About::Account));
    }

    fn stop(&mut self, effects: &mut Vec<Effect>) {
        match self.open.iter().rfind(|open| open.about == About::Ai) {
            Some(open) => effects.push(Effect::Ask(Request::cancel(&open.id), About::Nothing)),
            None => self.complain("No answer is under way.", effects),
        }
    }

    fn registered(&mut self, registration: &Registration, effects: &mut Vec<Effect>) {
        let how = registration.how;
        let hub = Some(self.standing.hub()).filter(|_| self.standing.link != Link::Own);
        effects.push(show(Mood::Note, &words::registered(how, &registration.nickname, hub)));
        self.standing.registered(registration);
        if !matches!(how, Return::First | Return::Whole) {
            self.heard.forget_answers();
        }
        if matches!(how, Return::Unsure | Return::Missed(_)) {
            self.ask_where(effects);
        }
        if self.has_status && matches!(how, Return::First | Return::Anew | Return::Unsure) {
            effects.push(Effect::Ask(Request::status(), About::Status));
            self.lacks_names = true;
            self.ask_names(effects);
        }
        self.take_held(effects);
    }

    /// Before anything else is sent: it decides whom that is for.
    fn ask_where(&mut self, effects: &mut Vec<Effect>) {
        self.undecided += 1;
        effects.push(Effect::Ask(Request::line("#who"), About::Where));
    }

    /// One list at a time, however often it changes meanwhile.
    fn ask_names(&mut self, effects: &mut Vec<Effect>) {
        let is_asked = self.open.iter().any(|open| open.about == About::Names);
        if self.has_status && !is_asked && std::mem::take(&mut self.lacks_names) {
            effects.push(Effect::Ask(Request::contacts(None, None), About::Names));
        }
    }

    fn lost(&mut self, loss: &Loss, effects: &mut Vec<Effect>) {
        self.standing.link = Link::Away;
        // An attempt that fails like the one before is no news.
        if loss.attempt <= 1 {
            effects.push(show(Mood::Note, &words::lost(&loss.end, loss.retry_in)));
        }
    }

    /// What this client did not do.
    fn complain(&mut self, text: &str, effects: &mut Vec<Effect>) {
        self.failures += 1;
        effects.push(show(Mood::Slip, text));
    }

    /// What the hub did not do.
    fn fail(&mut self, text: &str, effects: &mut Vec<Effect>) {
        self.failures += 1;
        effects.push(show(Mood::Problem, text));
    }
}

fn show(mood: Mood, text: &str) -> Effect {
    Effect::Show(Line::new(mood, text))
}
