//! Who may come in, and what they may do there: tokens, and what each allows.
//!
//! It owns the tokens and compares them in constant time; nothing of one is ever printed. It must never know
//! what a door looks like or what a request says.

mod guesses;

use guesses::Guesses;
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use subtle::ConstantTimeEq;

/// What somebody may do beside chatting and sharing a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Wait for messages within a call, as programs do and people on WhatsApp must not.
    Agent,
    /// Carry out what a session sends.
    Bridge,
    /// Look after the house: end registrations, drain a node.
    Admin,
}

/// Whose authority somebody comes with. The same one with the same user id is the same person on every door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    /// Nobody's: without authentication, from anywhere.
    Nobody,
    /// That of `AUTH_TOKEN`.
    User,
    /// That of `ADMIN_TOKEN`.
    Admin,
}

/// Somebody who was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Principal {
    pub holder: Holder,
    /// Whether authentication is on, so that scopes are asked for.
    is_checked: bool,
}

impl Principal {
    /// Whether they may do this. Without authentication everybody may carry out a session's sends, and nobody is
    /// an administrator.
    pub fn may(&self, scope: Scope) -> bool {
        match self.holder {
            Holder::Admin => true,
            Holder::User | Holder::Nobody => scope == Scope::Bridge && !self.is_checked,
        }
    }

    /// What tells this one's users from those of others.
    pub fn namespace(&self) -> &'static str {
        match self.holder {
            Holder::Nobody => "nobody",
            Holder::User => "user",
            Holder::Admin => "admin",
        }
    }
}

/// Why somebody was not let in (RFC 6750 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// There was no token.
    Missing,
    /// It was none of ours.
    Unknown,
}

/// Which doors ask for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Only MCP, and what administrators do.
    None,
    /// Hub and REST as well.
    Token,
}

/// The hash of a token. Its `Debug` prints nothing.
#[derive(Clone)]
struct Hash([u8; 32]);

impl Hash {
    fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// See the module.
#[derive(Clone)]
pub struct Gatekeeper {
    mode: Mode,
    user: Hash,
    admin: Option<Hash>,
    guesses: Arc<Mutex<Guesses>>,
}

impl fmt::Debug for Gatekeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gatekeeper({:?})", self.mode)
    }
}

impl Gatekeeper {
    /// One that knows these tokens, neither of which may be empty.
    pub fn new(mode: Mode, user: &str, admin: Option<&str>) -> Self {
        Self { mode, user: Hash::of(user), admin: admin.map(Hash::of), guesses: Arc::default() }
    }

    /// Whether hub and REST ask for a token.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whoever has this token, on a door that always asks for one.
    pub fn holder(&self, token: Option<&str>) -> Result<Principal, Denied> {
        let hash = Hash::of(token.filter(|token| !token.is_empty()).ok_or(Denied::Missing)?);
        // Both are compared, however the first comes out.
        let is_user = self.user.is(&hash);
        let is_admin = self.admin.as_ref().is_some_and(|admin| admin.is(&hash));
        let holder = match (is_admin, is_user) {
            (true, _) => Holder::Admin,
            (false, true) => Holder::User,
            (false, false) => return Err(Denied::Unknown),
        };
        Ok(Principal { holder, is_checked: self.mode == Mode::Token })
    }

    /// Whoever comes by a door that asks for a token only where authentication is on. A token that is given is
    /// looked at in any case: a wrong one is a mistake that its owner wants to hear of.
    pub fn admit(&self, token: Option<&str>) -> Result<Principal, Denied> {
        match (self.mode, token) {
            (Mode::None, None) => Ok(Principal { holder: Holder::Nobody, is_checked: false }),
            (Mode::None | Mode::Token, token) => self.holder(token),
        }
    }

    /// A token was [`Denied::Unknown`]. How long whoever has it is to wait before the next try, if too many wrong ones
    /// came lately; a right one never has to wait. `now` is any time that does not go back.
    pub fn guessed(&self, now: Duration) -> Option<Duration> {
        self.guesses.lock().unwrap_or_else(PoisonError::into_inner).count(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_what_it_is_for() {
        let keeper = Gatekeeper::new(Mode::Token, "user token", Some("admin token"));
        let user = keeper.admit(Some("user token")).expect("it is ours");
        let admin = keeper.admit(Some("admin token")).expect("it is ours");
        for scope in [Scope::Agent, Scope::Bridge, Scope::Admin] {
            assert!(admin.may(scope) && !user.may(scope), "{scope:?}");
        }
        assert_ne!(user.namespace(), admin.namespace());
    }

    #[test]
    fn what_is_nearly_a_token_is_none() {
        let keeper = Gatekeeper::new(Mode::Token, "token", None);
        for wrong in ["toke", "token ", " token", "tokens", "TOKEN", "tok\0en"] {
            assert_eq!(keeper.admit(Some(wrong)), Err(Denied::Unknown), "{wrong:?}");
        }
        for missing in [None, Some("")] {
            assert_eq!(keeper.admit(missing), Err(Denied::Missing));
        }
    }

    #[test]
    fn without_authentication_everybody_may_come_in_and_nobody_is_an_administrator() {
        let keeper = Gatekeeper::new(Mode::None, "token", Some("admin"));
        let anybody = keeper.admit(None).expect("nobody asks");
        assert!(anybody.may(Scope::Bridge) && !anybody.may(Scope::Admin) && !anybody.may(Scope::Agent));
        assert_eq!(keeper.admit(Some("wrong")), Err(Denied::Unknown));
        assert!(keeper.admit(Some("admin")).expect("it is ours").may(Scope::Admin));
        assert_eq!(keeper.holder(None), Err(Denied::Missing));
        assert_eq!(format!("{keeper:?}"), "Gatekeeper(None)");
    }
}
