//! Tickets: whoever has a token gets one for a browser's socket or event stream, which can't send the token in its head.
//!
//! A ticket is of use once, and for half a minute. Only its hash is kept.

use crate::auth::Principal;
use crate::core::Millis;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// How long a ticket is of use.
pub const LASTS: Millis = Millis::seconds(30);
/// How many of one holder may be out at a time.
const OUT: usize = 10_000;

/// The ticket in a request's address, if there is one.
pub fn named(query: Option<&str>) -> Option<&str> {
    query.unwrap_or_default().split('&').find_map(|field| field.strip_prefix("ticket="))
}

/// See the module.
#[derive(Default)]
pub struct Tickets(Mutex<BTreeMap<[u8; 32], (Principal, Millis)>>);

impl Tickets {
    /// A ticket for this one; `None` if there are too many.
    pub fn issue(&self, principal: Principal, now: Millis) -> Option<String> {
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        out.retain(|_, (_, until)| *until > now);
        if out.values().filter(|(holder, _)| holder.holder == principal.holder).count() >= OUT {
            return None;
        }
        let ticket = Uuid::new_v4().simple().to_string();
        out.insert(hash(&ticket), (principal, now.plus(LASTS)));
        Some(ticket)
    }

    /// Whose ticket it is, which it stays.
    pub fn holder(&self, ticket: &str, now: Millis) -> Option<Principal> {
        let out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        out.get(&hash(ticket)).filter(|(_, until)| *until > now).map(|(principal, _)| *principal)
    }

    /// Whose ticket it is. From then on it is nobody's.
    pub fn redeem(&self, ticket: &str, now: Millis) -> Option<Principal> {
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (principal, until) = out.remove(&hash(ticket))?;
        (until > now).then_some(principal)
    }
}

fn hash(ticket: &str) -> [u8; 32] {
    Sha256::digest(ticket.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{Gatekeeper, Mode};

    #[test]
    fn a_ticket_is_of_use_once_and_in_time() {
        let user = Gatekeeper::new(Mode::Token, "token", None).admit(Some("token")).expect("it is ours");
        let (tickets, start) = (Tickets::default(), Millis(5));
        let issue = || tickets.issue(user, start).expect("room");
        let (used, late) = (issue(), issue());
        assert_ne!(used, late);
        assert_eq!(tickets.holder(&used, start), Some(user), "to look at it does not use it up");
        assert_eq!(tickets.holder(&used, start.plus(LASTS)), None);
        assert_eq!(tickets.redeem(&used, Millis(5 + 29_999)), Some(user));
        assert_eq!(tickets.redeem(&used, start), None);
        assert_eq!(tickets.redeem(&late, start.plus(LASTS)), None);
        assert_eq!(tickets.redeem("made up", start), None);
    }

    #[test]
    fn there_are_no_more_than_can_be_kept_and_old_ones_make_room() {
        let user = Gatekeeper::new(Mode::Token, "token", None).admit(Some("token")).expect("it is ours");
        let tickets = Tickets::default();
        assert!((0..OUT).all(|_| tickets.issue(user, Millis(0)).is_some()));
        assert!(tickets.issue(user, Millis(1)).is_none());
        let nobody = Gatekeeper::new(Mode::None, "token", None).admit(None).expect("nobody asks");
        assert!(tickets.issue(nobody, Millis(1)).is_some(), "another one has room of its own");
        assert!(tickets.issue(user, LASTS).is_some());
    }
}
