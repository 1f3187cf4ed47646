//! The deadlines of one connection, behind one alarm.

use crate::core::Millis;
use crate::http::Limits;
use crate::hub::{Alarm, Clock};
use std::sync::Arc;
use std::task::{Context, Poll};

/// A deadline that has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The client did not register in time.
    Register,
    /// Nothing was heard for a while: ask whether somebody is there.
    Ping,
    /// Nobody answered that.
    Pong,
    /// The socket takes nothing any more.
    Stalled,
    /// What the client began to say has no end.
    Unfinished,
    /// The time of the client's token is over.
    Token,
    /// The client is to be attended to.
    Client,
}

/// Deadlines that others know.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known {
    /// When the client is to be attended to.
    pub client: Option<Millis>,
    /// When the time of its token is over.
    pub token: Option<Millis>,
}

/// See the module.
pub struct Timers {
    clock: Clock,
    limits: Arc<Limits>,
    alarm: Alarm,
    opened: Millis,
    heard: Millis,
    pinged: Option<Millis>,
    /// Since when the network takes nothing, and what it had taken by then.
    blocked: Option<(Millis, u64)>,
    /// Since when a message is under way.
    begun: Option<Millis>,
    /// Whether nothing is read at present, because too much is still to be written.
    is_deaf: bool,
    is_registered: bool,
}

impl Timers {
    /// For a connection that is open since now.
    pub fn new(clock: Clock, limits: Arc<Limits>) -> Self {
        let now = clock.now();
        Self {
            clock,
            limits,
            alarm: Alarm::default(),
            opened: now,
            heard: now,
            pinged: None,
            blocked: None,
            begun: None,
            is_deaf: false,
            is_registered: false,
        }
    }

    /// Something came from the client.
    pub fn heard(&mut self) {
        self.heard = self.clock.now();
        self.pinged = None;
    }

    /// A message is complete. A ping or a pong is none: it may come within one.
    pub fn complete(&mut self) {
        self.begun = None;
    }

    /// All that came was read, and a message is under way or not.
    pub fn under_way(&mut self, is_under_way: bool) {
        self.begun = is_under_way.then(|| self.begun.unwrap_or_else(|| self.clock.now()));
    }

    /// From here on the client is not listened to, or is again. What it says meanwhile waits in the network, so its
    /// time is counted from when it can be heard.
    pub fn be_deaf(&mut self, is_deaf: bool) {
        if std::mem::replace(&mut self.is_deaf, is_deaf) && !is_deaf {
            let now = self.clock.now();
            self.heard = now;
            self.pinged = self.pinged.map(|_| now);
            self.begun = self.begun.map(|_| now);
        }
    }

    /// The socket does not take everything now; it has taken so many bytes in all. A slow reader takes some.
    pub fn blocked(&mut self, written: u64) {
        if self.blocked.is_none_or(|(_, before)| before != written) {
            self.blocked = Some((self.clock.now(), written));
        }
    }

    /// The socket took everything.
    pub fn flushed(&mut self) {
        self.blocked = None;
    }

    /// Ready when a deadline may have passed.
    pub fn poll(&mut self, cx: &mut Context<'_>, known: Known) -> Poll<()> {
        if let Some((at, _)) = self.next(known) {
            self.alarm.set(&self.clock, at);
        }
        self.alarm.poll(cx)
    }

    /// The first deadline that has passed, if one has.
    pub fn due(&mut self, is_registered: bool, known: Known) -> Option<Due> {
        self.is_registered = is_registered;
        let now = self.clock.now();
        let (_, due) = self.next(known).filter(|(at, _)| *at <= now)?;
        if due == Due::Ping {
            self.pinged = Some(now);
        }
        Some(due)
    }

    fn next(&self, known: Known) -> Option<(Millis, Due)> {
        let after = |since: Millis, limit: Millis| (limit > Millis(0)).then(|| since.plus(limit));
        let register = (!self.is_registered).then(|| after(self.opened, self.limits.register)).flatten();
        let listens = !self.is_deaf;
        let ping = (self.pinged.is_none() && listens).then(|| after(self.heard, self.limits.ping)).flatten();
        let pong = self.pinged.filter(|_| listens).and_then(|pinged| after(pinged, self.limits.pong));
        let stalled = self.blocked.and_then(|(since, _)| after(since, self.limits.pong));
        let unfinished = self.begun.filter(|_| listens).and_then(|begun| after(begun, self.limits.message));
        let all = [
            (known.token, Due::Token),
            (unfinished, Due::Unfinished),
            (register, Due::Register),
            (stalled, Due::Stalled),
            (pong, Due::Pong),
            (ping, Due::Ping),
            (known.client, Due::Client),
        ];
        all.into_iter().filter_map(|(at, due)| at.map(|at| (at, due))).min_by_key(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_reader_that_takes_a_little_is_slow_and_not_stalled() {
        let clock = Clock::stepped();
        let off = Millis(0);
        let pong = Millis::seconds(10);
        let limits = Limits { register: off, ping: off, pong, ..Limits::default() };
        let mut timers = Timers::new(clock.clone(), Arc::new(limits));
        for written in 0..5 {
            timers.blocked(written);
            clock.step(Duration::from_secs(9));
            assert_eq!(timers.due(true, Known::default()), None, "{written} bytes were taken by then");
        }
        timers.blocked(4);
        clock.step(Duration::from_secs(1));
        assert_eq!(timers.due(true, Known::default()), Some(Due::Stalled));
    }

    #[test]
    fn nobody_is_blamed_for_what_was_not_listened_to() {
        let clock = Clock::stepped();
        let second = Millis::seconds(1);
        let limits =
            Limits { register: Millis(0), ping: second, pong: second, message: second, ..Limits::default() };
        let mut timers = Timers::new(clock.clone(), Arc::new(limits));
        timers.under_way(true);
        clock.step(Duration::from_millis(999));
        timers.be_deaf(true);
        clock.step(Duration::from_secs(60));
        assert_eq!(timers.due(true, Known::default()), None);
        timers.be_deaf(false);
        clock.step(Duration::from_millis(999));
        assert_eq!(timers.due(true, Known::default()), None);
        clock.step(Duration::from_millis(1));
        assert_eq!(timers.due(true, Known::default()), Some(Due::Unfinished));
    }
}
