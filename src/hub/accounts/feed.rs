//! What the accounts hear from the switchboard: who came, and which bridge is there.
//!
//! Neither waits for the other. What was not read yet is replaced by what is newer, so it is never more than there
//! are clients.

use crate::core::ConnId;
use crate::hub::sync::{Mutex, lock};
use std::collections::{BTreeMap, HashSet};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use tokio::sync::Notify;

/// See the module.
#[derive(Clone, Default)]
pub struct Feed(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    bridges: BTreeMap<Arc<str>, (Bridge, bool)>,
    came: BTreeMap<ConnId, Arc<str>>,
    /// The bridges that there are, also those that are away for now.
    here: BTreeMap<Arc<str>, Bridge>,
    /// The sessions that have an account.
    known: HashSet<Arc<str>>,
    /// Every session has one.
    all_known: bool,
}

/// The bridge of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bridge {
    pub conn: ConnId,
    pub is_up: bool,
}

/// What is new.
#[derive(Default)]
pub struct Tidings {
    /// Each with whether one was there since the last tidings, be it gone again or not.
    pub bridges: BTreeMap<Arc<str>, (Bridge, bool)>,
    pub came: BTreeMap<ConnId, Arc<str>>,
}

impl Feed {
    /// The bridge of a session is there, or is not.
    pub fn bridge(&self, session: &str, bridge: Bridge) {
        let mut state = lock(&self.0.state);
        let was_up = state.bridges.get(session).is_some_and(|(_, was_up)| *was_up);
        state.bridges.insert(session.into(), (bridge, was_up || bridge.is_up));
        state.here.insert(session.into(), bridge);
    }

    /// A client is gone for good. It may have been a bridge.
    pub fn left(&self, conn: ConnId, session: &str) {
        let mut state = lock(&self.0.state);
        if state.here.get(session).is_some_and(|bridge| bridge.conn == conn) {
            state.here.remove(session);
        }
    }

    /// The bridge of a session, whether it was heard of or not.
    pub(super) fn bridge_of(&self, session: &str) -> Option<Bridge> {
        lock(&self.0.state).here.get(session).copied()
    }

    /// A client registered.
    pub fn came(&self, conn: ConnId, session: &str) {
        let mut state = lock(&self.0.state);
        if state.all_known || state.known.contains(session) {
            state.came.insert(conn, session.into());
        }
    }

    /// Wakes the accounts. Before, they see what is new if something else wakes them.
    pub fn ring(&self) {
        self.0.changed.notify_one();
    }

    /// A session has an account from here on, or none.
    pub(super) fn know(&self, session: &Arc<str>, has_account: bool) {
        let mut state = lock(&self.0.state);
        if has_account {
            state.known.insert(session.clone());
        } else {
            state.known.remove(session);
        }
    }

    /// Every session has an account, without any doing of its clients.
    pub(super) fn know_all(&self) {
        lock(&self.0.state).all_known = true;
    }

    /// What is new, once something is. Whatever else wakes who waits for it, it is looked at anew: so nobody is
    /// answered by somebody who does not know yet.
    pub(super) async fn tidings(&self) -> Tidings {
        loop {
            let changed = self.0.changed.notified();
            tokio::pin!(changed);
            let found = poll_fn(|cx| match self.take() {
                Some(tidings) => Poll::Ready(Some(tidings)),
                None => changed.as_mut().poll(cx).map(|()| None),
            });
            if let Some(tidings) = found.await {
                return tidings;
            }
        }
    }

    /// What is new, if anything is.
    pub(super) fn take(&self) -> Option<Tidings> {
        let mut state = lock(&self.0.state);
        let (bridges, came) = (std::mem::take(&mut state.bridges), std::mem::take(&mut state.came));
        (!bridges.is_empty() || !came.is_empty()).then_some(Tidings { bridges, came })
    }
}
