//! What JWTs are checked with, as the settings have it: a secret, or a public key that stands there or in a file.
//!
//! It must never know what makes a key a good one.

use std::path::PathBuf;
use std::{fmt, fs, io};

use super::{Auth, Secret};

/// What a PEM begins with; everything else is a path.
const PEM: &str = "-----BEGIN";

/// One of the two.
#[derive(Debug)]
pub enum JwtKey<'s> {
    Secret(&'s Secret),
    /// A PEM, as far as it looks.
    Public(String),
}

/// Why there is none.
#[derive(Debug)]
pub enum NoJwtKey {
    Missing,
    Both,
    Unreadable(PathBuf, io::Error),
}

impl fmt::Display for NoJwtKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str(
                "auth.mode is jwt, and there is nothing to check tokens with: give auth.jwt_secret, or auth.jwt_public_key",
            ),
            Self::Both => f.write_str(
                "auth.jwt_secret and auth.jwt_public_key are both given: tokens are signed in one way, so take one of \
                 them",
            ),
            Self::Unreadable(path, error) => {
                write!(f, "auth.jwt_public_key: {} can't be read: {error}", path.display())
            }
        }
    }
}

impl Auth {
    /// What JWTs are checked with. Reads the file, if that is where the key is.
    pub fn jwt_key(&self) -> Result<JwtKey<'_>, NoJwtKey> {
        match (&self.jwt_secret, &self.jwt_public_key) {
            (None, None) => Err(NoJwtKey::Missing),
            (Some(_), Some(_)) => Err(NoJwtKey::Both),
            (Some(secret), None) => Ok(JwtKey::Secret(secret)),
            (None, Some(pem)) if pem.starts_with(PEM) => Ok(JwtKey::Public(pem.clone())),
            (None, Some(path)) => {
                let read = fs::read_to_string(path).map(JwtKey::Public);
                read.map_err(|error| NoJwtKey::Unreadable(path.into(), error))
            }
        }
    }
}
