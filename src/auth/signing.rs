//! Makes JWTs, for whoever has the key.

use super::jwt::name;
use super::keys::{self, BadKey};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Serialize;
use std::fmt;

/// What a token says. Times are in seconds since 1970.
#[derive(Serialize)]
pub struct Grant<'g> {
    /// Whose it is.
    pub sub: &'g str,
    /// What it allows, with spaces between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<&'g str>,
    pub iat: u64,
    pub exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<&'g str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<&'g str>,
}

/// Signs tokens with one key. Its `Debug` prints nothing of it.
pub struct Signer {
    algorithm: Algorithm,
    key: EncodingKey,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.algorithm())
    }
}

impl Signer {
    /// Signs with a secret (HS256).
    pub fn of_secret(secret: &str) -> Self {
        Self { algorithm: Algorithm::HS256, key: EncodingKey::from_secret(secret.as_bytes()) }
    }

    /// Signs with the private key in this PEM: ES256, ES384, EdDSA or RS256, whichever it is for.
    pub fn of_private_key(pem: &str) -> Result<Self, BadKey> {
        keys::private(pem).map(|(algorithm, key)| Self { algorithm, key })
    }

    /// How it signs, as [`Jwts::algorithm`](super::Jwts::algorithm) calls it.
    pub fn algorithm(&self) -> &'static str {
        name(self.algorithm)
    }

    /// A token that says this. `None` if the key does not sign after all.
    pub fn sign(&self, grant: &Grant<'_>) -> Option<String> {
        encode(&Header::new(self.algorithm), grant, &self.key).ok()
    }
}
