//! When the person last did something, and what comes of it if that is long ago.

use super::Client;
use crate::core::{Input, Millis};
use crate::hub::desk::Told;
use crate::hub::mailbox::Refused;

impl Client {
    /// The person does something now.
    pub fn be_active(&mut self) -> Millis {
        let now = self.hub.clock().now();
        self.mailbox.activity.note(now);
        self.desk.is_swept = false;
        now
    }

    /// Whether the person was found idle.
    pub fn is_idle(&self) -> bool {
        self.mailbox.activity.last().is_none()
    }

    /// When this client is to be attended to, if nothing else happens.
    pub fn due_at(&self) -> Option<Millis> {
        self.idle_at().into_iter().chain(self.desk.early_until()).min()
    }

    /// When the person counts as idle, unless they do something.
    fn idle_at(&self) -> Option<Millis> {
        let active = self.mailbox.activity.last().filter(|_| self.card().is_some())?;
        if self.desk.is_swept {
            return Some(active);
        }
        let idle_after = self.hub.0.house.idle_after;
        (idle_after > Millis(0)).then(|| active.plus(idle_after))
    }

    /// Somebody asks whoever did nothing for so long to leave.
    pub(super) fn hear_of_sweep(&mut self, idle_for: Millis) -> Told {
        let (active, now) = (self.mailbox.activity.last(), self.hub.clock().now());
        self.desk.is_swept = active.is_some_and(|active| active.plus(idle_for) <= now);
        Told::Nothing
    }

    /// Gives back lines that waited too long for the news of their call, and says so once if the person has been
    /// idle for too long.
    pub async fn attend(&mut self) {
        if self.falls_idle() {
            self.say_idle().await;
        }
    }

    /// The same, but whoever asks says so, by [`Client::say_idle`].
    pub fn falls_idle(&mut self) -> bool {
        let now = self.hub.clock().now();
        let overdue = self.desk.overdue(now);
        self.give_back(overdue.into_iter(), Refused::OutOfReach);
        let is_idle = self.idle_at().is_some_and(|at| at <= now);
        if is_idle {
            self.mailbox.activity.forget();
        }
        is_idle
    }

    /// Lets the matchmaker know that the person has been idle for too long: their chat ends.
    pub async fn say_idle(&mut self) {
        self.hub.append(Input::WentIdle { conn: self.conn }).await;
    }
}
