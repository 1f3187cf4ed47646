//! The tokens of the house, and the one that is made if nobody gives one: where it is kept, and who is told.

use super::NotOpened;
use crate::auth::{Gatekeeper, Jwts, Mode, Rules};
use crate::config::{Auth, AuthMode, JwtKey, Kept, Secret, Settings, StoreOn, TOKEN_FILE, can_be_guessed};
use crate::store;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

/// Where the token for everybody comes from.
pub enum Token {
    Given,
    /// It was made, here or at an earlier start.
    Made(Made),
}

impl Token {
    /// Whoever starts a hub by hand is shown its token; a log or a pipe never is.
    pub fn tell(&self, mode: AuthMode, out: &mut io::StdoutLock<'_>) {
        let Self::Made(Made { token, file }) = self else { return };
        let doors = if mode == AuthMode::Token { "chat, REST and MCP" } else { "MCP" };
        let _ = match (file, out.is_terminal()) {
            (_, true) => writeln!(out, "The token for {doors} is {token}"),
            (Some(file), false) => writeln!(out, "The token for {doors} is in {}", file.display()),
            (None, false) => writeln!(
                out,
                "The token for {doors} was made up and is shown to a terminal only: set AUTH_TOKEN"
            ),
        };
    }
}

/// Where the token for administrators comes from, which the dashboard asks for.
pub enum ForDashboard {
    Given,
    /// It was made for whoever sits at this terminal, and is gone with this process.
    Made(String),
    /// There is none.
    Nobodys,
}

impl ForDashboard {
    /// See [`Token::tell`].
    pub fn tell(&self, out: &mut io::StdoutLock<'_>) {
        let _ = match self {
            Self::Given => Ok(()),
            Self::Made(token) => writeln!(out, "The token for the dashboard is {token}, until the hub stops"),
            Self::Nobodys => {
                writeln!(out, "Nobody has a token for the dashboard: set ADMIN_TOKEN to have one")
            }
        };
    }
}

/// The settings with a token for administrators. Where none is given, whoever starts a hub by hand looks after it.
pub fn with_admin(settings: &Settings) -> (Settings, ForDashboard) {
    let mut settings = settings.clone();
    if settings.auth.admin_token.is_some() || settings.auth.mode == AuthMode::Jwt {
        return (settings, ForDashboard::Given);
    }
    if !io::stdout().is_terminal() {
        return (settings, ForDashboard::Nobodys);
    }
    let token = new();
    settings.auth.admin_token = Some(Secret::new(&token));
    (settings, ForDashboard::Made(token))
}

/// Whom the doors let in. The token for everybody is made up where none is given.
pub fn gatekeeper(settings: &Settings) -> Result<(Gatekeeper, Token), NotOpened> {
    let mode = match settings.auth.mode {
        AuthMode::None => Mode::None,
        AuthMode::Token => Mode::Token,
        AuthMode::Jwt => Mode::Jwt(Arc::new(jwts(&settings.auth)?)),
    };
    warn_of_guesses(&settings.auth);
    let admin = settings.auth.admin_token.as_ref();
    let Some(given) = &settings.auth.token else {
        let made = kept_or_made(settings)?;
        return Ok((Gatekeeper::new(mode, &made.token, admin.map(Secret::reveal)), Token::Made(made)));
    };
    if admin == Some(given) {
        return Err(NotOpened(
            "AUTH_TOKEN and ADMIN_TOKEN are the same: whoever chats could close the house. Take another for one \
             of them"
                .to_owned(),
        ));
    }
    Ok((Gatekeeper::new(mode, given.reveal(), admin.map(Secret::reveal)), Token::Given))
}

/// Those that the settings say.
fn jwts(auth: &Auth) -> Result<Jwts, NotOpened> {
    let rules = Rules {
        issuer: auth.jwt_issuer.clone(),
        audience: auth.jwt_audience.clone(),
        leeway: auth.jwt_leeway,
    };
    match auth.jwt_key().map_err(|error| NotOpened(error.to_string()))? {
        JwtKey::Secret(secret) => Ok(Jwts::of_secret(secret.reveal(), rules)),
        JwtKey::Public(pem) => Jwts::of_public_key(&pem, rules)
            .map_err(|error| NotOpened(format!("auth.jwt_public_key: {error}"))),
    }
}

fn warn_of_guesses(auth: &Auth) {
    for (name, token) in [("AUTH_TOKEN", &auth.token), ("ADMIN_TOKEN", &auth.admin_token)] {
        if token.as_ref().is_some_and(|token| can_be_guessed(token.reveal())) {
            tracing::warn!(name, "This token is so short or so plain that it can be guessed");
        }
    }
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

/// Why the kept token is not taken.
enum Unfit {
    /// The system says no.
    Denied(io::Error),
    /// Nobody should come in with it.
    Flawed(&'static str),
}

impl From<io::Error> for Unfit {
    fn from(error: io::Error) -> Self {
        Self::Denied(error)
    }
}

/// The token that was made at an earlier start, or a new one. Without a folder it lives as long as the process.
fn kept_or_made(settings: &Settings) -> Result<Made, NotOpened> {
    let Some(folder) = data_folder(settings) else { return Ok(Made { token: new(), file: None }) };
    let file = folder.join(TOKEN_FILE);
    match find_or_make(&file, settings.auth.admin_token.as_ref()) {
        Ok(token) => Ok(Made { token, file: Some(file) }),
        // Nobody asked for this folder, so that it can't be had is no reason not to serve.
        Err(Unfit::Denied(error)) if settings.data.dir.is_none() => {
            let why = format!("{}: {error}", file.display());
            tracing::warn!(
                why,
                "The token for MCP can't be kept; another is made up, and gone with this process"
            );
            Ok(Made { token: new(), file: None })
        }
        Err(Unfit::Denied(error)) => Err(NotOpened(format!(
            "{} can't be read or written: {error}. Give it to the user that the hub runs as, delete it for a new \
             token, or set AUTH_TOKEN",
            file.display()
        ))),
        Err(Unfit::Flawed(why)) => Err(NotOpened(format!(
            "the token in {} is not taken: {why}. Delete the file for a new token, or set AUTH_TOKEN",
            file.display()
        ))),
    }
}

fn find_or_make(file: &Path, admin: Option<&Secret>) -> Result<String, Unfit> {
    let Some(kept) = Kept::find(file)? else { return Ok(write(file)?) };
    if let Some(flaw) = kept.flaw(admin) {
        return Err(Unfit::Flawed(flaw));
    }
    if kept.is_open_to_others {
        store::keep_private(file)?;
        let file = file.display().to_string();
        tracing::warn!(file, "Others could read the token for MCP; its file is closed to them now");
    }
    Ok(kept.reveal().to_owned())
}

/// An empty file may be there, of a start that was cut short or of somebody's making.
fn write(file: &Path) -> io::Result<String> {
    let token = new();
    store::make_private(file)?;
    store::keep_private(file)?;
    fs::write(file, format!("{token}\n"))?;
    Ok(token)
}

/// 244 random bits, in hexadecimal digits.
pub fn new() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}
