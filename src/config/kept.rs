//! The token for everybody that was made and is kept: its file in the data folder, as it is found there.
//!
//! It must never change the file, and its words never hold the token.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use super::secret::{Secret, can_be_guessed, why_no_token};

/// The file's name in the data folder.
pub const TOKEN_FILE: &str = "auth_token";

/// Longer than any token: of another file that somebody put there, no more is read.
const LONGEST: u64 = 4_096;

/// A file that is there.
pub struct Kept {
    token: String,
    /// Whether others than its owner may read or write it.
    pub is_open_to_others: bool,
}

impl Kept {
    /// What is in this file; `None` if there is no such file, or nothing in it.
    pub fn find(file: &Path) -> io::Result<Option<Self>> {
        let opened = match File::open(file) {
            Ok(opened) => opened,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let is_open_to_others = is_open_to_others(&opened.metadata()?);
        let mut text = Vec::new();
        opened.take(LONGEST).read_to_end(&mut text)?;
        let token = String::from_utf8_lossy(&text).trim().to_owned();
        Ok((!token.is_empty()).then_some(Self { token, is_open_to_others }))
    }

    /// The token, for whoever compares it.
    pub fn reveal(&self) -> &str {
        &self.token
    }

    /// Why no hub opens with this token, if so.
    pub fn flaw(&self, admin: Option<&Secret>) -> Option<&'static str> {
        if admin.is_some_and(|admin| admin.reveal() == self.token) {
            return Some("ADMIN_TOKEN is the same: whoever chats could close the house");
        }
        let is_guessed = can_be_guessed(&self.token).then_some("it can be guessed");
        why_no_token(&self.token).or(is_guessed)
    }
}

#[cfg(unix)]
fn is_open_to_others(found: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    found.permissions().mode() & 0o077 != 0
}

/// There, the user's own folders are closed to others.
#[cfg(not(unix))]
fn is_open_to_others(_: &Metadata) -> bool {
    false
}
