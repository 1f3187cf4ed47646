//! What the hub says, as lines.
//!
//! It must never know: what is typed.

use super::held::changes_chat;
use super::{About, Conversation, Effect, Open, Proposal, show};
use crate::client::{
    ChatEvent, Content, Delta, Frame, ManyOrCount, Request, Said, Sent, Status, WhatsappMessage,
};
use crate::talk::shown::{Line, Mood};
use crate::talk::words;
use std::collections::VecDeque;

/// So many messages are remembered as shown: the answer to a send and the news of it come close together.
const MOST_SHOWN: usize = 64;
/// So many answers of an AI are listened to at once, and so much of each is kept, in bytes.
const MOST_ANSWERS: usize = 16;
const LONGEST_ANSWER: usize = 64 << 10;
/// The answer to a text of the chat.
const TEXT_RESULT: &str = "chat_message_result";
/// Commands behind which this person is done with the chat.
const ENDS: [&str; 3] = ["bye", "block", "report"];

/// What was heard and is needed once more.
#[derive(Default)]
pub struct Heard {
    /// Messages by id, with whom.
    shown: VecDeque<(String, String)>,
    answers: VecDeque<Answer>,
}

/// An answer of an AI as far as it is here.
struct Answer {
    id: String,
    request: Option<String>,
    text: String,
}

impl Heard {
    /// The answer that somebody is hearing right now.
    pub fn live(&self) -> Option<String> {
        self.answers.back().map(|answer| answer.text.clone())
    }

    /// Whether this message is new.
    fn is_first(&mut self, id: &str, contact: &str) -> bool {
        if self.contact(id).is_some() {
            return false;
        }
        self.shown.push_back((id.to_owned(), contact.to_owned()));
        if self.shown.len() > MOST_SHOWN {
            self.shown.pop_front();
        }
        true
    }

    fn contact(&self, id: &str) -> Option<&str> {
        self.shown.iter().find(|(shown, _)| shown == id).map(|(_, contact)| contact.as_str())
    }

    /// Their ends will not come.
    pub fn forget_answers(&mut self) {
        self.answers.clear();
    }

    /// The whole of it is here.
    fn answered(&mut self, request: &str) {
        self.answers.retain(|answer| answer.request.as_deref() != Some(request));
    }

    /// The whole answer, once it is.
    fn hear(&mut self, delta: &Delta, request: Option<&str>) -> Option<String> {
        let at = self.answers.iter().position(|answer| answer.id == delta.id).unwrap_or_else(|| {
            if self.answers.len() >= MOST_ANSWERS {
                self.answers.pop_front();
            }
            let (id, request) = (delta.id.clone(), request.map(str::to_owned));
            self.answers.push_back(Answer { id, request, text: String::new() });
            self.answers.len() - 1
        });
        let text = &mut self.answers.get_mut(at)?.text;
        if text.len() + delta.delta.len() <= LONGEST_ANSWER {
            text.push_str(&delta.delta);
        }
        if !delta.done {
            return None;
        }
        self.answers.remove(at).map(|answer| answer.text)
    }
}

impl Conversation {
    /// What nobody asked for.
    pub(super) fn pushed(&mut self, frame: &Frame, effects: &mut Vec<Effect>) {
        match frame.said() {
            Said::ChatMessage(text) => {
                self.standing.partner_is(&text.from);
                effects.push(Effect::Show(Line::of(Mood::Theirs, &text.from, &text.message)));
            }
            Said::ChatEvent(event) => self.event(event, effects),
            Said::ChatMessageFailed(failed) => {
                self.fail(&format!("Not delivered: {}", failed.message), effects)
            }
            Said::WhatsappMessage(message) => self.message(message, effects),
            Said::WhatsappStatus(status) => {
                self.progress(&status.id, &status.state, status.text.as_deref(), effects)
            }
            Said::SessionStatus(status) => self.stands(status, effects),
            Said::AiDelta(delta) => self.delta(delta, frame.request_id(), effects),
            Said::ContactListBroadcast(list) => {
                let names: Vec<&str> = list.contacts.iter().map(String::as_str).collect();
                self.standing.learn(names.iter().copied());
                self.lacks_names = self.lacks_names || list.total_count > names.len() as u64;
                self.ask_names(effects);
            }
            Said::ClientJoined(member) => self.member("is here, too", &member.client_id, 1, effects),
            Said::ClientLeft(member) => self.member("is gone", &member.client_id, -1, effects),
            Said::Error(refusal) => self.fail(&refusal.error, effects),
            Said::RegistrationConfirmed(_) | Said::Response(_) | Said::WhatsappAction(_) | Said::Else => {}
        }
    }

    /// What was asked for.
    pub(super) fn answered(&mut self, open: &Open, frame: &Frame, effects: &mut Vec<Effect>) {
        match (frame.said(), &open.about) {
            (Said::Error(_), About::Where | About::Status | About::Names | About::Nothing) => {}
            (Said::Error(refusal), _) => self.fail(&refusal.error, effects),
            (Said::RegistrationConfirmed(confirmation), _) => {
                self.standing.renamed(&confirmation.nickname);
                effects.push(show(Mood::House, &format!("You are {} now.", confirmation.nickname)));
            }
            // What looked like a command was a text: any other line that begins with # is.
            (Said::Response(response), About::Command(line)) if response.response_type == TEXT_RESULT => {
                self.text_result(line, &response.content, effects);
            }
            (Said::Response(response), about) => {
                self.heard.answered(&open.id);
                self.content(about, &response.content, effects);
            }
            _ => {}
        }
    }

    fn content(&mut self, about: &About, content: &Content, effects: &mut Vec<Effect>) {
        match about {
            About::Command(line) => self.command_result(line, content, effects),
            About::Where => self.goes(content),
            About::Text(text) => self.text_result(text, content, effects),
            About::Status => self.standing.stands(&status(content)),
            About::Names => self.names(content, effects),
            About::Nothing => {}
            About::Frame if content.command.is_some() => self.command_result("", content, effects),
            About::Contacts if content.success => self.contacts(content, effects),
            About::Account | About::Contacts | About::Ai | About::Rename | About::Frame => {
                self.account_result(content, effects)
            }
        }
    }

    fn goes(&mut self, content: &Content) {
        if let Some(state) = content.state.as_deref() {
            self.standing.goes(state, content.partner.as_deref(), content.position);
        }
    }

    fn command_result(&mut self, line: &str, content: &Content, effects: &mut Vec<Effect>) {
        if content.success && content.state.as_deref() == Some("paired") && changes_chat(line) {
            self.standing.meets(content.partner.as_deref());
        } else {
            self.goes(content);
        }
        self.standing.masking = content.masking.unwrap_or(self.standing.masking);
        if content.command.as_deref().is_some_and(|command| ENDS.contains(&command)) {
            self.standing.turns_away();
        }
        match content.text.as_deref() {
            Some(text) if !content.success => self.fail(text, effects),
            Some(text) => effects.push(show(Mood::House, text)),
            None => {}
        }
    }

    fn text_result(&mut self, text: &str, content: &Content, effects: &mut Vec<Effect>) {
        if !content.success {
            self.fail(&format!("Not delivered: {text}"), effects);
            effects.extend(content.text.as_deref().map(|why| show(Mood::Problem, why)));
            return;
        }
        let held = if content.queued == Some(true) { " (held until they read it)" } else { "" };
        effects.push(Effect::Show(Line::of(Mood::Mine, "You", &format!("{text}{held}"))));
    }

    fn event(&mut self, event: &ChatEvent, effects: &mut Vec<Effect>) {
        let standing = &mut self.standing;
        match event.event.as_str() {
            "typing" => return standing.partner_types = event.active == Some(true),
            "matched" => standing.meets(event.partner.as_deref()),
            "partner_left" | "expired" => standing.goes("idle", None, None),
            "partner_away" => standing.partner_is_away = true,
            "partner_back" => standing.partner_is_away = false,
            _ => {}
        }
        effects.push(show(Mood::News, &event.text));
        if matches!(event.event.as_str(), "partner_left" | "expired") {
            effects.push(show(Mood::Note, words::FOR_NOBODY));
        }
        self.take_held(effects);
    }

    fn message(&mut self, message: &WhatsappMessage, effects: &mut Vec<Effect>) {
        self.standing.learn([message.contact.as_str()]);
        if self.heard.is_first(&message.id, &message.contact) {
            effects.push(one(
                &message.direction,
                &message.contact,
                &message.message,
                message.state.as_deref(),
            ));
        }
    }

    fn progress(&mut self, id: &str, state: &str, why: Option<&str>, effects: &mut Vec<Effect>) {
        let contact = self.heard.contact(id).unwrap_or("a contact").to_owned();
        match state {
            "failed" => {
                self.fail(&format!("Not sent to {contact}: {}", why.unwrap_or("nobody said why")), effects)
            }
            _ => effects.push(show(Mood::Note, &format!("{state}: the message to {contact}"))),
        }
    }

    fn stands(&mut self, status: &Status, effects: &mut Vec<Effect>) {
        let before = self.standing.whatsapp().map(str::to_owned);
        self.standing.stands(status);
        let now = self.standing.whatsapp().filter(|now| before.is_some_and(|before| before != *now));
        effects.extend(now.map(|now| show(Mood::News, &format!("WhatsApp is {now}."))));
        if let Some(auto_reply) = self.standing.changes_auto_reply(status.auto_reply) {
            let state = if auto_reply { "on" } else { "off" };
            effects.push(show(Mood::News, &format!("Auto-reply is {state} for all of this session.")));
        }
    }

    fn delta(&mut self, delta: &Delta, request_id: Option<&str>, effects: &mut Vec<Effect>) {
        let is_mine =
            self.open.iter().any(|open| open.about == About::Ai && Some(open.id.as_str()) == request_id);
        // Whoever asked is given the whole in the answer.
        if let Some(text) = self.heard.hear(delta, request_id)
            && !is_mine
            && !text.is_empty()
        {
            effects.push(Effect::Show(Line::of(Mood::News, "AI, asked by another", &text)));
        }
    }

    fn member(&mut self, does: &str, id: &str, by: i64, effects: &mut Vec<Effect>) {
        self.standing.counts(by);
        effects.push(show(Mood::Note, &format!("{id} {does}")));
    }

    fn names(&mut self, content: &Content, effects: &mut Vec<Effect>) {
        self.standing.learn(content.names().iter().map(String::as_str));
        match &content.after {
            Some(after) => effects.push(Effect::Ask(Request::contacts(None, Some(after)), About::Names)),
            None => self.ask_names(effects),
        }
    }

    fn account_result(&mut self, content: &Content, effects: &mut Vec<Effect>) {
        if content.success {
            return self.account_success(content, effects);
        }
        self.fail(content.text.as_deref().unwrap_or("That did not work."), effects);
        if let (Some(confirm), Some(contact), Some(message)) =
            (&content.confirm, &content.contact, &content.message)
        {
            effects.push(Effect::Show(Line::of(Mood::News, &format!("To {contact}"), message)));
            effects.push(show(Mood::News, "/yes sends it."));
            let (contact, message) = (contact.clone(), message.clone());
            self.proposal = Some(Proposal { contact, message, confirm: confirm.clone() });
        }
    }

    fn account_success(&mut self, content: &Content, effects: &mut Vec<Effect>) {
        let say = |text: &str| show(Mood::House, text);
        match content.action.as_deref() {
            Some("send") => {
                let (contact, text) = (text(&content.contact), text(&content.message));
                let id = content.id.as_deref().unwrap_or_default();
                if id.is_empty() || self.heard.is_first(id, contact) {
                    effects.push(one("outgoing", contact, text, content.state.as_deref()));
                }
            }
            Some("status") => effects.push(say(&self::stands(content))),
            Some("auto_on") => effects.push(say("Auto-reply is on.")),
            Some("auto_off") => effects.push(say("Auto-reply is off.")),
            Some("suggest") => {
                let lines = content.suggestions.iter().enumerate();
                effects.extend(lines.map(|(at, reply)| say(&format!("{}. {reply}", at + 1))));
            }
            Some("list") => self.contacts(content, effects),
            _ if content.after.is_some()
                || matches!(&content.contacts, ManyOrCount::Names(names) if !names.is_empty()) =>
            {
                self.contacts(content, effects);
                effects.extend(content.messages.iter().map(stored));
            }
            _ if !content.messages.is_empty() => effects.extend(content.messages.iter().map(stored)),
            _ => match (&content.text, &content.service) {
                (Some(text), Some(_)) => effects.push(Effect::Show(Line::of(Mood::Contact, "AI", text))),
                (Some(text), None) => effects.push(say(text)),
                (None, _) => effects.push(say("There is nothing.")),
            },
        }
        if content.truncated == Some(true) {
            effects.push(show(Mood::Note, "The answer was longer than it may be, and ends here."));
        }
    }

    fn contacts(&mut self, content: &Content, effects: &mut Vec<Effect>) {
        let names = content.names();
        self.standing.learn(names.iter().map(String::as_str));
        let total = content.total_count.unwrap_or(names.len() as u64);
        let more = if total > names.len() as u64 { ", …" } else { "" };
        let line = if names.is_empty() {
            "There are no contacts.".to_owned()
        } else {
            format!("Contacts ({total}): {}{more}", names.join(", "))
        };
        effects.push(show(Mood::House, &line));
    }
}

fn text(field: &Option<String>) -> &str {
    field.as_deref().unwrap_or_default()
}

/// A message of the shared line, and how far it got.
fn one(direction: &str, contact: &str, text: &str, state: Option<&str>) -> Effect {
    if direction == "incoming" {
        return Effect::Show(Line::of(Mood::Contact, &format!("From {contact}"), text));
    }
    let state = match state {
        Some("simulated") => " (simulated: nobody gets it)".to_owned(),
        Some(state) => format!(" ({state})"),
        None => String::new(),
    };
    Effect::Show(Line::of(Mood::Mine, &format!("To {contact}"), &format!("{text}{state}")))
}

fn stored(sent: &Sent) -> Effect {
    one(&sent.direction, sent.contact.as_deref().unwrap_or("them"), &sent.text, sent.state.as_deref())
}

fn status(content: &Content) -> Status {
    Status {
        clients: content.clients,
        whatsapp: content.whatsapp.clone(),
        ai: content.ai.clone(),
        auto_reply: content.auto_reply,
        last_contact: content.last_contact.clone(),
    }
}

fn stands(content: &Content) -> String {
    let contacts = match &content.contacts {
        ManyOrCount::Count(count) => *count,
        ManyOrCount::Names(names) => names.len() as u64,
    };
    format!(
        "Session {}: {}, {}, WhatsApp {}, AI {}, auto-reply {}",
        text(&content.session),
        counted(content.clients.unwrap_or_default(), "client"),
        counted(contacts, "contact"),
        text(&content.whatsapp),
        text(&content.ai),
        if content.auto_reply == Some(true) { "on" } else { "off" },
    )
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
