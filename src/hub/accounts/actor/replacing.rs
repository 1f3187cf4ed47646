//! Another contact list from somebody who is no client of the session, and so is not told what it is told.

use super::{Actor, OVERLOADED, Waiting};
use crate::core::account::{Event, Request, Wish};
use crate::core::contacts::Supplied;
use crate::hub::accounts::Caller;
use crate::wire::Asked;
use std::sync::Arc;

/// How many contacts the answer to a new list holds.
const SHOWN: usize = 20;

impl Actor {
    /// Who is no client is not told what a session is told, and so is answered with the first contacts.
    pub(super) async fn replace(&mut self, caller: Caller, list: Vec<Supplied>) {
        let session = caller.session.clone();
        // Whoever hears that there is no room may be sure that nothing was replaced.
        if self.is_busy(&session) || !self.has_room_for(&session, &list) || !self.open(&session).await {
            return self.reply(&caller, Asked::Contacts, Arc::new(OVERLOADED));
        }
        self.happen(&session, Event::Supplied(list)).await;
        let wish = Wish::Contacts { query: None, after: None, count: SHOWN };
        let waiting = Waiting { caller, asked: Asked::Contacts, place: None };
        self.ask(waiting, Request { wish, body: 0, fresh: 0 }).await;
    }
}
