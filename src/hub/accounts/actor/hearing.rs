//! What the actor hears from the switchboard: who came, and which bridge is there.

use super::Actor;
use crate::core::ConnId;
use crate::core::account::{Event, News};
use crate::hub::accounts::feed::{Bridge, Tidings};
use std::sync::Arc;

impl Actor {
    pub(super) async fn hear(&mut self, tidings: Tidings) {
        for (session, (bridge, was_up)) in tidings.bridges {
            let is_new = !self.entries.contains_key(&session);
            let is_open = self.open(&session).await;
            let laid = self.entries.get(&session).and_then(|entry| entry.bridge);
            if is_open && !(is_new && laid == Some(bridge)) {
                self.lay(&session, bridge, was_up).await;
            }
        }
        for (conn, session) in tidings.came {
            if self.open(&session).await {
                self.welcome(conn, &session).await;
            }
        }
    }

    /// A session has this bridge. `was_up`: it was there, be it gone again or not.
    pub(super) async fn lay(&mut self, session: &Arc<str>, bridge: Bridge, was_up: bool) {
        if let Some(entry) = self.entries.get_mut(session) {
            entry.bridge = Some(bridge);
        }
        if bridge.is_up || was_up {
            // The simulator's people say nothing more.
            self.plans.drop_all_of(session);
            self.happen(session, Event::BridgeUp).await;
        }
        if !bridge.is_up {
            self.happen(session, Event::BridgeDown).await;
        }
    }

    /// Who comes late hears first how things stand.
    async fn welcome(&mut self, conn: ConnId, session: &Arc<str>) {
        self.tell_what_was_said(conn, session);
        let Some(entry) = self.entries.get(session) else { return };
        let contacts = entry.account.contacts();
        if !contacts.is_empty() {
            self.setting.teach(session, contacts.head()).await;
        }
        if entry.account.is_plain() {
            return;
        }
        let status = News::Status(entry.account.status());
        self.setting.directory.tell(conn, self.news(session, status));
    }
}
