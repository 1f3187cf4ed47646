//! Who a client says it is, and to which hub.
//!
//! It must never know: how a connection is made.

use super::backoff::Backoff;
use std::fmt;
use std::path::PathBuf;
use tokio_tungstenite::tungstenite::http::Uri;

/// Where a hub listens if nobody says otherwise.
const USUAL_PORT: u16 = 8002;
/// Where programs look for a token. Never among their arguments, which others on the machine see.
const TOKEN_VARIABLE: &str = "STROWGER_TOKEN";
/// A token is one line; a longer file holds something else, in bytes.
const LONGEST_TOKEN: usize = 8 << 10;

/// What is registered with, the same on every connection.
#[derive(Clone)]
pub struct Options {
    url: String,
    pub(super) client_id: Option<String>,
    pub(super) client_name: Option<String>,
    pub(super) session: Option<String>,
    pub(super) nickname: Option<String>,
    pub(super) is_bridge: bool,
    pub(super) token: Option<String>,
    token_file: Option<PathBuf>,
    backoff: Backoff,
}

/// What was given is no address of a hub.
#[derive(Clone, PartialEq, Eq)]
pub struct InvalidUrl(String);

impl Options {
    /// For the hub at `ws://HOST[:PORT][/PATH]`. `wss://`, `http://` and `https://` are taken, too; `HOST:PORT` alone
    /// means `ws://`, and `HOST` alone the usual port, 8002.
    ///
    /// # Errors
    /// If it is no such address.
    pub fn to(url: &str) -> Result<Self, InvalidUrl> {
        Ok(Self {
            url: address(url)?,
            client_id: None,
            client_name: None,
            session: None,
            nickname: None,
            is_bridge: false,
            token: None,
            token_file: None,
            backoff: Backoff::USUAL,
        })
    }

    /// The id under which the hub knows this client, at most 192 bytes; without one it makes one.
    #[must_use]
    pub fn client_id(self, id: impl Into<String>) -> Self {
        Self { client_id: Some(id.into()), ..self }
    }

    /// What kind of client this is, for the others of its session, at most 128 bytes.
    #[must_use]
    pub fn client_name(self, name: impl Into<String>) -> Self {
        Self { client_name: Some(name.into()), ..self }
    }

    /// Whose contacts and messages it shares, at most 128 bytes; `default` without.
    #[must_use]
    pub fn session(self, session: impl Into<String>) -> Self {
        Self { session: Some(session.into()), ..self }
    }

    /// What strangers call it, at most 32 characters; without one the hub makes one up.
    #[must_use]
    pub fn nickname(self, nickname: impl Into<String>) -> Self {
        Self { nickname: Some(nickname.into()), ..self }
    }

    /// Carries out what its session sends.
    #[must_use]
    pub fn as_bridge(self) -> Self {
        Self { is_bridge: true, ..self }
    }

    /// What lets it in where the hub asks for tokens. It is sent in `register`.
    #[must_use]
    pub fn token(self, token: Option<String>) -> Self {
        Self { token, ..self }
    }

    /// The token that is in the environment's `STROWGER_TOKEN`, if there is one.
    #[must_use]
    pub fn token_of_environment(self) -> Self {
        self.token(std::env::var(TOKEN_VARIABLE).ok().filter(|token| !token.is_empty()))
    }

    /// The file that the token is in, which is read before each registration: whatever renews tokens writes it there.
    /// One that can't be read then leaves it at the token so far.
    #[must_use]
    pub fn token_file(self, file: Option<PathBuf>) -> Self {
        Self { token_file: file, ..self }
    }

    /// How often and when it tries to come back.
    #[must_use]
    pub fn with_backoff(self, backoff: Backoff) -> Self {
        Self { backoff, ..self }
    }

    /// The same at another hub, whose address is one as [`Options::url`] has it.
    #[must_use]
    pub(crate) fn at(self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self }
    }

    /// Where the hub is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The token that stands in the file now, if there is a file and a token.
    pub(super) fn token_now(&self) -> Option<String> {
        let text = std::fs::read_to_string(self.token_file.as_deref()?).ok()?;
        let token = text.trim();
        (!token.is_empty() && token.len() <= LONGEST_TOKEN).then(|| token.to_owned())
    }

    pub(super) fn backoff(&self) -> Backoff {
        self.backoff.clone()
    }
}

fn address(typed: &str) -> Result<String, InvalidUrl> {
    let with_port;
    let typed = typed.trim();
    let (scheme, rest) = match typed.split_once("://") {
        Some(parts) => parts,
        None if typed.parse().is_ok_and(|uri: Uri| uri.port().is_none() && uri.host().is_some()) => {
            with_port = format!("{typed}:{USUAL_PORT}");
            ("ws", with_port.as_str())
        }
        None => ("ws", typed),
    };
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "ws" | "http" => "ws",
        "wss" | "https" => "wss",
        other => return Err(InvalidUrl(format!("{other}:// is no way to a hub: ws:// and wss:// are"))),
    };
    let url = format!("{scheme}://{rest}");
    let uri: Uri = url.parse().map_err(|_| InvalidUrl(format!("{typed} is no address of a hub")))?;
    if uri.host().is_none_or(str::is_empty) {
        return Err(InvalidUrl(format!("{typed} names no host")));
    }
    Ok(url)
}

impl fmt::Display for InvalidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What was typed may hold more than an address.
impl fmt::Debug for InvalidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvalidUrl(…)")
    }
}

impl std::error::Error for InvalidUrl {}

/// Where to, and nothing of who comes.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Options(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_as_people_write_them() {
        for (typed, url) in [
            ("ws://localhost:8002", "ws://localhost:8002"),
            ("localhost:8002", "ws://localhost:8002"),
            ("localhost", "ws://localhost:8002"),
            ("[::1]", "ws://[::1]:8002"),
            ("ws://localhost", "ws://localhost"),
            (" 192.168.1.100:8002 ", "ws://192.168.1.100:8002"),
            ("http://[::1]:8002/", "ws://[::1]:8002/"),
            ("HTTPS://hub.example/ws", "wss://hub.example/ws"),
        ] {
            assert_eq!(Options::to(typed).map(|options| options.url).as_deref(), Ok(url));
        }
        for typed in ["", "ftp://localhost", "ws://", "ws://a b", "ws://:8002"] {
            assert!(Options::to(typed).is_err(), "{typed}");
        }
    }
}
