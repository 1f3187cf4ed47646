//! The tokens of the house, and the one that is made if nobody gives one: where it is kept, and who is told.

use super::NotOpened;
use crate::auth::{Gatekeeper, Mode};
use crate::config::{AuthMode, Secret, Settings, StoreOn};
use crate::store;
use std::fs;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The file in the data folder.
const FILE: &str = "auth_token";

/// Where the token for everybody comes from.
pub enum Token {
    Given,
    /// It was made, here or at an earlier start.
    Made(Made),
}

impl Token {
    /// Whoever starts a hub by hand is shown its token; a log or a pipe never is.
    pub fn tell(&self, out: &mut io::StdoutLock<'_>) {
        let Self::Made(Made { token, file }) = self else { return };
        let _ = match (file, out.is_terminal()) {
            (_, true) => writeln!(out, "The token for MCP is {token}"),
            (Some(file), false) => writeln!(out, "The token for MCP is in {}", file.display()),
            (None, false) => {
                writeln!(out, "The token for MCP was made up and is shown to a terminal only: set AUTH_TOKEN")
            }
        };
    }
}

/// Below this many characters a token can be guessed.
const SHORT: usize = 16;

/// Whom the doors let in. The token for everybody is made up where none is given.
pub fn gatekeeper(settings: &Settings) -> Result<(Gatekeeper, Token), NotOpened> {
    let mode = match settings.auth.mode {
        AuthMode::None => Mode::None,
        AuthMode::Token => Mode::Token,
    };
    let (given, admin) = (settings.auth.token.as_ref(), settings.auth.admin_token.as_ref());
    for (name, token) in [("AUTH_TOKEN", given), ("ADMIN_TOKEN", admin)] {
        if token.is_some_and(|token| token.reveal().len() < SHORT) {
            tracing::warn!(name, "This token is so short that it can be guessed");
        }
    }
    if given.is_some() && given == admin {
        return Err(NotOpened(
            "AUTH_TOKEN and ADMIN_TOKEN are the same: whoever chats could close the house".to_owned(),
        ));
    }
    let admin = admin.map(Secret::reveal);
    if let Some(given) = given {
        return Ok((Gatekeeper::new(mode, given.reveal(), admin), Token::Given));
    }
    let made = match (data_folder(settings), &settings.data.dir) {
        (Some(folder), None) => find_or_make(Some(&folder)).or_else(|_| find_or_make(None)),
        (folder, _) => find_or_make(folder.as_deref()),
    };
    let made =
        made.map_err(|error| NotOpened(format!("the token in data.dir can't be read or written: {error}")))?;
    Ok((Gatekeeper::new(mode, &made.token, admin), Token::Made(made)))
}

/// Where things are kept, if they are.
fn data_folder(settings: &Settings) -> Option<PathBuf> {
    match (&settings.session.store, &settings.data.dir) {
        (StoreOn::Memory, _) => None,
        (StoreOn::Disk, Some(folder)) => Some(folder.clone()),
        (StoreOn::Disk, None) => store::usual_directory(),
    }
}

/// A token, and where it is kept.
pub struct Made {
    pub token: String,
    /// `None` if it is gone with this process.
    pub file: Option<PathBuf>,
}

/// The token that was made at an earlier start, or a new one. Without a directory it lives as long as the process.
fn find_or_make(directory: Option<&Path>) -> io::Result<Made> {
    let Some(directory) = directory else { return Ok(Made { token: new(), file: None }) };
    let file = directory.join(FILE);
    let token = match fs::read_to_string(&file) {
        Ok(kept) if !kept.trim().is_empty() => kept.trim().to_owned(),
        Ok(_) => write(&file)?,
        Err(error) if error.kind() == ErrorKind::NotFound => write(&file)?,
        Err(error) => return Err(error),
    };
    Ok(Made { token, file: Some(file) })
}

fn write(file: &Path) -> io::Result<String> {
    let token = new();
    store::make_private(file)?;
    fs::write(file, format!("{token}\n"))?;
    Ok(token)
}

/// 244 random bits, in hexadecimal digits.
fn new() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}
