//! Tickets: whoever has a token gets one for a browser's socket or event stream, which can't send the token in its head.
//!
//! A ticket is of use once, and for half a minute. Only its hash is kept.

use super::Services;
use super::bearer::TurnedAway;
use crate::auth::{Denied, Holder, Principal};
use crate::core::Millis;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::mem::discriminant;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// How long a ticket is of use.
pub const LASTS: Millis = Millis::seconds(30);
/// How many may be out at a time of one token, or of all JWTs together.
const OUT: usize = 10_000;
/// How many of one subject of a JWT.
const OF_ONE: usize = 100;

/// The ticket in a request's address, if there is one.
pub fn named(query: Option<&str>) -> Option<&str> {
    query.unwrap_or_default().split('&').find_map(|field| field.strip_prefix("ticket="))
}

/// Whose ticket it is, if it is one and their token still holds. To look at it does not use it up.
pub fn holder(services: &Services, ticket: &str) -> Result<Principal, TurnedAway> {
    let clock = services.hub.clock();
    let principal = services.tickets.holder(ticket, clock.now()).ok_or(Denied::Unknown);
    let is_good = |principal: Principal| {
        if principal.is_over(clock.date()) { Err(Denied::Expired) } else { Ok(principal) }
    };
    principal.and_then(is_good).map_err(TurnedAway::Denied)
}

/// See the module.
#[derive(Default)]
pub struct Tickets(Mutex<Out>);

/// By their hashes: whose each is, and until when.
type Out = BTreeMap<[u8; 32], (Principal, Millis)>;

impl Tickets {
    /// A ticket for this one; `None` if there are too many.
    pub fn issue(&self, principal: Principal, now: Millis) -> Option<String> {
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        out.retain(|_, (_, until)| *until > now);
        if is_crowded(&out, principal.holder) {
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

/// Whether as many are out of this holder, or of those who are alike, as there may be.
fn is_crowded(out: &Out, holder: Holder) -> bool {
    let is_alike = |other: &Holder| discriminant(other) == discriminant(&holder);
    let holders = || out.values().map(|(principal, _)| principal.holder);
    let is_subject = matches!(holder, Holder::Subject(_));
    out.len() >= OUT && holders().filter(is_alike).count() >= OUT
        || is_subject && holders().filter(|other| *other == holder).count() >= OF_ONE
}

fn hash(ticket: &str) -> [u8; 32] {
    Sha256::digest(ticket.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{Gatekeeper, Grant, Jwts, Mode, Rules, Signer};
    use std::time::Duration;

    #[test]
    fn a_ticket_is_of_use_once_and_in_time() {
        let user = Gatekeeper::new(Mode::Token, "token", None)
            .admit(Some("token"), Duration::ZERO)
            .expect("it is ours");
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
        let user = Gatekeeper::new(Mode::Token, "token", None)
            .admit(Some("token"), Duration::ZERO)
            .expect("it is ours");
        let tickets = Tickets::default();
        assert!((0..OUT).all(|_| tickets.issue(user, Millis(0)).is_some()));
        assert!(tickets.issue(user, Millis(1)).is_none());
        let nobody =
            Gatekeeper::new(Mode::None, "token", None).admit(None, Duration::ZERO).expect("nobody asks");
        assert!(tickets.issue(nobody, Millis(1)).is_some(), "another one has room of its own");
        assert!(tickets.issue(user, LASTS).is_some());
    }

    #[test]
    fn a_subject_has_its_share_and_others_have_theirs() {
        let jwts = Jwts::of_secret("a secret of thirty-two characters", Rules::default());
        let signer = Signer::of_secret("a secret of thirty-two characters");
        let holder = |sub| {
            let grant = Grant { sub, scope: None, iat: 0, exp: 60, iss: None, aud: None };
            jwts.holder(&signer.sign(&grant).expect("a token"), Duration::ZERO).expect("it is ours")
        };
        let (anna, tickets) = (holder("anna"), Tickets::default());
        assert!((0..OF_ONE).all(|_| tickets.issue(anna, Millis(0)).is_some()));
        assert!(tickets.issue(anna, Millis(1)).is_none());
        assert!(tickets.issue(holder("bob"), Millis(1)).is_some());
        assert!(tickets.issue(anna, LASTS).is_some());
    }
}
