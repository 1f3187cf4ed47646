//! Who may come in, and what they may do there: tokens, and what each allows.
//!
//! It owns the tokens and compares them in constant time, or has them checked as JWTs; nothing of one is ever printed.
//! It must never know what a door looks like or what a request says, nor what time it is: it is told the date, which is
//! the time since 1970.

mod guesses;
mod jwt;
mod keys;
mod signing;

pub use jwt::{Jwts, Rules, Subject};
pub use keys::BadKey;
pub use signing::{Grant, Signer};

use guesses::Guesses;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
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

impl Scope {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Agent, Self::Bridge, Self::Admin];

    /// As it stands in a token.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Bridge => "bridge",
            Self::Admin => "admin",
        }
    }

    /// What this word in a token allows; words of other programs mean nothing here.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == word)
    }
}

/// Several scopes, or none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Scopes(u8);

impl Scopes {
    fn has(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | 1 << scope as u8))
    }
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
    /// Their own, which the issuer of their JWT vouches for.
    Subject(Subject),
}

/// Somebody who was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Principal {
    pub holder: Holder,
    /// Whether authentication is on, so that scopes are asked for.
    is_checked: bool,
    /// What their JWT allows.
    scopes: Scopes,
    /// The date at which they have to go; `None` is never.
    pub until: Option<Duration>,
}

impl Principal {
    const fn of(holder: Holder, is_checked: bool) -> Self {
        Self { holder, is_checked, scopes: Scopes(0), until: None }
    }

    /// Whether they have to be gone by then.
    pub fn is_over(&self, date: Duration) -> bool {
        self.until.is_some_and(|until| until <= date)
    }

    /// Whether they may do this. Without authentication everybody may carry out a session's sends, and nobody is
    /// an administrator.
    pub fn may(&self, scope: Scope) -> bool {
        match self.holder {
            Holder::Admin => true,
            Holder::User | Holder::Nobody => scope == Scope::Bridge && !self.is_checked,
            Holder::Subject(_) => self.scopes.has(scope),
        }
    }

    /// What tells this one's users from those of others.
    pub fn namespace(&self) -> Cow<'static, str> {
        match self.holder {
            Holder::Nobody => "nobody".into(),
            Holder::User => "user".into(),
            Holder::Admin => "admin".into(),
            Holder::Subject(subject) => format!("subject {}", subject.digits()).into(),
        }
    }

    /// What tells one of this one's users from another, of the id that they say. Behind a subject is one person, whatever
    /// they call themselves.
    pub fn user<'id>(&self, id: &'id str) -> &'id str {
        match self.holder {
            Holder::Subject(_) => "",
            Holder::Nobody | Holder::User | Holder::Admin => id,
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
    /// It was one of ours, and its time is over.
    Expired,
}

/// Which doors ask for a token, and for which.
#[derive(Debug, Clone)]
pub enum Mode {
    /// Only MCP, and what administrators do.
    None,
    /// Hub and REST as well, for those of the house.
    Token,
    /// Hub and REST as well, for JWTs. The token for everybody opens MCP alone then: it says of nobody who they are.
    Jwt(Arc<Jwts>),
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

    /// Whoever has this token on this date, on a door that always asks for one.
    pub fn holder(&self, token: Option<&str>, date: Duration) -> Result<Principal, Denied> {
        let token = token.filter(|token| !token.is_empty()).ok_or(Denied::Missing)?;
        match (self.of_the_house(token), &self.mode) {
            (Some(principal), _) => Ok(principal),
            (None, Mode::Jwt(jwts)) => jwts.holder(token, date),
            (None, Mode::None | Mode::Token) => Err(Denied::Unknown),
        }
    }

    /// Whoever comes on this date by a door that asks for a token only where authentication is on. A token that is given
    /// is looked at in any case: a wrong one is a mistake that its owner wants to hear of.
    pub fn admit(&self, token: Option<&str>, date: Duration) -> Result<Principal, Denied> {
        if token.is_none() && matches!(self.mode, Mode::None) {
            return Ok(Principal::of(Holder::Nobody, false));
        }
        let principal = self.holder(token, date)?;
        let is_for_another_door = matches!(self.mode, Mode::Jwt(_)) && principal.holder == Holder::User;
        if is_for_another_door { Err(Denied::Unknown) } else { Ok(principal) }
    }

    fn of_the_house(&self, token: &str) -> Option<Principal> {
        let hash = Hash::of(token);
        // Both are compared, however the first comes out.
        let is_user = self.user.is(&hash);
        let is_admin = self.admin.as_ref().is_some_and(|admin| admin.is(&hash));
        let holder = match (is_admin, is_user) {
            (true, _) => Holder::Admin,
            (false, true) => Holder::User,
            (false, false) => return None,
        };
        Some(Principal::of(holder, !matches!(self.mode, Mode::None)))
    }

    /// A token was [`Denied::Unknown`]. How long whoever has it is to wait before the next try, if too many wrong ones
    /// came lately; a right one never has to wait. `now` is any time that does not go back.
    pub fn guessed(&self, now: Duration) -> Option<Duration> {
        self.guesses.lock().unwrap_or_else(PoisonError::into_inner).count(now)
    }
}

#[cfg(test)]
mod tests;
