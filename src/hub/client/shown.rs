//! What the client was shown, what it says of that, and whether it has its newest token.

use super::{Client, give_back};
use crate::hub::Hub;
use crate::hub::desk::Handover;
use crate::hub::letter::{Origin, Text};
use crate::hub::mailbox::Refused;
use crate::hub::post::What;
use crate::hub::replay::Push;
use crate::wire::Pos;

impl Client {
    /// A pushed frame that is still kept.
    pub fn pushed(&self, at: Pos) -> Option<&Push> {
        self.desk.replay.get(at)
    }

    /// The pushed frames from a position on.
    pub fn pushed_from(&self, first: Pos) -> impl Iterator<Item = (Pos, &Push)> {
        self.desk.replay.from(first)
    }

    /// The client has dealt with every pushed frame up to this one.
    pub fn handled(&mut self, up_to: Pos) {
        self.written(up_to);
        self.desk.replay.handled(up_to);
    }

    /// Whether so much is not written yet that nothing more should be taken.
    pub fn is_behind(&self) -> bool {
        self.desk.replay.is_behind()
    }

    /// The network took every pushed frame up to this one: where lines among them came from is told so.
    pub fn written(&mut self, up_to: Pos) {
        let hub = &self.hub;
        for push in self.desk.replay.written(up_to) {
            if let Push::Text { text, .. } = push {
                report_shown(hub, text);
            }
        }
    }

    /// Takes out what was pushed last. Whoever has it says later whether it was shown: [`Client::text_shown`] or
    /// [`Client::text_unshown`].
    pub fn take_pushed(&mut self) -> Option<Push> {
        self.desk.replay.take_newest()
    }

    /// A line that was taken out was shown.
    pub fn text_shown(&self, text: &Text) {
        report_shown(&self.hub, text);
    }

    /// A line that was taken out can't be shown: its sender hears why.
    pub fn text_unshown(&self, text: Text, why: Refused) {
        give_back(text, why, self.hub.metrics(), self.hub.post());
    }

    /// The position of the newest pushed frame.
    pub fn last_pushed(&self) -> Pos {
        self.desk.replay.last()
    }

    /// The number of the token that the client may not have yet.
    pub fn token_in_doubt(&self) -> Option<u32> {
        match self.desk.token {
            Handover::Done(_) => None,
            Handover::Due(number) | Handover::Pinged(number) => Some(number),
        }
    }

    /// Whether a ping is due, behind a confirmation: its answer shows that the client has the new token.
    pub fn wants_a_ping(&mut self) -> bool {
        match self.desk.token {
            Handover::Due(number) if !self.is_pending() => {
                self.desk.token = Handover::Pinged(number);
                true
            }
            _ => false,
        }
    }

    /// The answer to that ping is here. Returns whether it shows that the client has its newest token.
    pub fn has_token(&mut self, number: u32) -> bool {
        let is_news = self.desk.token == Handover::Pinged(number);
        if is_news {
            self.desk.token = Handover::Done(number);
            // The confirmation that brought it said what was missed.
            self.desk.replay.told_of_lost();
        }
        is_news
    }
}

/// Counts how long a line took, and lets the node know that keeps it, if that is another.
fn report_shown(hub: &Hub, text: &Text) {
    if let Some(said) = text.said {
        hub.metrics().shown_after(hub.clock().since(said));
    }
    if let Origin::There { node, kept } = text.sender {
        hub.post().send(node, What::Written { kept });
    }
}
