//! What the person types: commands for the matchmaker, and texts, which go to the partner directly.

use super::Client;
use crate::core::{Command, Line, Millis, Notice};
use crate::hub::ask::{Ask, Heard};
use crate::hub::letter::{Letter, Origin, Text, Way};
use crate::hub::mailbox::{Refused, Taken, counted};
use crate::hub::post::What;
use crate::metrics::Outcome;

impl Client {
    /// Takes a line that the person typed.
    pub fn say<'t>(&mut self, line: &'t str, request_id: Option<&str>) -> Heard<'t> {
        self.be_active();
        if let Some(limit) = self.longer_than(line) {
            self.hub.metrics().text(Outcome::Refused);
            return Heard::Refused(Notice::TooLong(limit));
        }
        match Line::read(line, self.hub.masker()) {
            Line::Command(command) => Heard::Command(command),
            Line::Slip { word, meant } => Heard::Slip { word, meant },
            Line::BadTags(error) => Heard::BadTags(error),
            Line::Text if self.may_talk_elsewhere() => Heard::Elsewhere,
            Line::Text => match self.write(line, request_id) {
                Ok(taken) => Heard::Text(taken),
                Err(notice) => Heard::Refused(notice),
            },
        }
    }

    /// Whether there is no call here, and one may be at another line of the person.
    pub fn may_talk_elsewhere(&self) -> bool {
        self.desk.is_a_principals && self.desk.call.is_none()
    }

    /// Notes a text, and the request that brings the call here from wherever the person talked last.
    pub fn await_call(&mut self, text: &str, request_id: Option<&str>) -> Ask {
        self.await_answer(request_id);
        if let Some(pending) = &mut self.desk.pending {
            pending.text = Some(text.into());
        }
        Ask::Command(Command::Who)
    }

    /// The limit that a text is over, if it is.
    fn longer_than(&self, text: &str) -> Option<usize> {
        let limit = self.hub.longest_text();
        (limit > 0 && text.len() > limit && text.chars().count() > limit).then_some(limit)
    }

    /// Sends a text to the partner, whatever it looks like.
    pub fn write(&mut self, line: &str, request_id: Option<&str>) -> Result<Option<Taken>, Notice> {
        let now = self.be_active();
        if let Some(limit) = self.longer_than(line) {
            self.hub.metrics().text(Outcome::Refused);
            return Err(Notice::TooLong(limit));
        }
        let outcome = self.push_text(now, line, request_id);
        // A text for another node is counted when that one says what became of it.
        match outcome {
            Ok(Some(taken)) => self.hub.metrics().text(counted(Ok(taken))),
            Ok(None) => {}
            Err(_) => self.hub.metrics().text(Outcome::Refused),
        }
        outcome
    }

    fn push_text(
        &mut self,
        now: Millis,
        line: &str,
        request_id: Option<&str>,
    ) -> Result<Option<Taken>, Notice> {
        if let Err(wait) = self.desk.texts.take(now, self.hub.0.house.texts) {
            self.desk.warn(now);
            return Err(Notice::TooFast(wait));
        }
        let Some(call) = &self.desk.call else { return Err(Notice::NoPartner) };
        let text = if self.desk.unmasked {
            line.into()
        } else {
            self.hub.masker().mask_next(&mut self.desk.trail, line)
        };
        let text = Text {
            pair: call.pair,
            turn: call.turn,
            said: Some(self.hub.clock().mark()),
            sender: Origin::Here(self.mailbox.clone()),
            request_id: request_id.map(Into::into),
            text: text.into(),
        };
        let sent = match &call.partner {
            Way::Here(mailbox) => mailbox.push(Letter::Text(text)).map(Some).map_err(|(refused, _)| refused),
            Way::There(conn) => self.hub.post().send_text(*conn, text).map(|()| None),
        };
        sent.map_err(Refused::notice)
    }

    /// The person types, or stopped. Without a partner nobody cares.
    pub fn typing(&mut self, active: bool) {
        self.be_active();
        if let Some(call) = &self.desk.call {
            // A hint that finds no room is no loss.
            match &call.partner {
                Way::Here(mailbox) => drop(mailbox.push(Letter::Typing(call.pair, active))),
                Way::There(to) => {
                    self.hub.post().send(to.node, What::Typing { to: *to, pair: call.pair, active });
                }
            }
        }
    }
}
