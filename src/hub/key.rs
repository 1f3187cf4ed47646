//! Hashes that say who is the same, and to nobody who it is.

use crate::core::SessionHash;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

/// A secret of this process. Numbers are few enough to be tried out, so a hash without a key would hide nothing.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl Key {
    /// A new key from the system's randomness.
    pub fn random() -> Self {
        let secret = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
        // HMAC takes keys of any length (RFC 2104 section 2), so the other arm is never taken.
        Self(Hmac::new_from_slice(&secret).unwrap_or_else(|_| Hmac::new(&Default::default())))
    }

    /// The session of this name.
    pub fn session(&self, name: &str) -> SessionHash {
        SessionHash(self.hash("session", name))
    }

    /// The first 128 bits of HMAC-SHA256 over the kind of id and the id.
    pub fn hash(&self, kind: &str, id: &str) -> u128 {
        let mut mac = self.0.clone();
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(id.as_bytes());
        let digest = mac.finalize().into_bytes();
        digest.iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_keys_do_not_mix() {
        let (key, other) = (Key::random(), Key::random());
        assert_eq!(key.hash("client", "anna"), key.hash("client", "anna"));
        assert_ne!(key.hash("client", "anna"), key.hash("session", "anna"));
        assert_ne!(key.hash("client", "anna"), other.hash("client", "anna"));
    }
}
