//! `strowger talk`: its flags, and what they come to.
//!
//! It must never know: how talking is done.

use super::{MISUSED, complain};
use crate::client::Options;
use crate::config::{Host, Settings};
use crate::store;
use crate::talk::Wanted;
use clap::Args;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// In the data folder: the commands that were typed.
const HISTORY: &str = "talk_history";
/// What kind of client this is, for the others of the session.
const CLIENT_NAME: &str = "strowger_talk";

/// The flags of `strowger talk`.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct Talk {
    /// Where the hub is: ws://HOST:PORT, wss://..., or HOST:PORT [default: the hub on this machine]
    pub url: Option<String>,
    /// The same, as a flag
    #[arg(long, conflicts_with = "url", value_name = "URL")]
    pub mcp_url: Option<String>,
    /// Taken and not needed: there is no other way to talk
    #[arg(long, hide = true)]
    pub mcp: bool,
    /// Whose contacts and messages to share
    #[arg(long, default_value = "default")]
    pub session: String,
    /// What strangers call you [default: the hub makes a name up]
    #[arg(long, value_name = "NICKNAME")]
    pub name: Option<String>,
    /// Open a hub of this client's own and talk with no other
    #[arg(long, conflicts_with_all = ["url", "mcp_url"])]
    pub standalone: bool,
    /// Wait for the hub, and let none of this client's own stand in
    #[arg(long, conflicts_with = "standalone")]
    pub no_standalone: bool,
    /// Write the frames of the hub, a JSON object a line; a line in that is a JSON object is a frame, too
    #[arg(long)]
    pub json: bool,
    /// Write lines only, also on a terminal
    #[arg(long)]
    pub plain: bool,
    /// Go on listening for so long when the input is over, for example 30s
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub stay: Duration,
    /// Read the token from this file, before each registration [default: the environment's STROWGER_TOKEN]
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Remember no commands for the next time
    #[arg(long)]
    pub no_history: bool,
}

impl Talk {
    /// What is wanted, given the settings of a hub on this machine and where commands are remembered.
    ///
    /// # Errors
    /// In words, if the address is none, or the token's file can't be read.
    pub fn wanted(self, settings: &Settings, history: Option<PathBuf>) -> Result<Wanted, String> {
        let own = self.named(Options::to("localhost").map_err(|error| error.to_string())?);
        let url = self.url.clone().or_else(|| self.mcp_url.clone()).unwrap_or_else(|| here(settings));
        let hub = if self.standalone {
            None
        } else {
            let options = Options::to(&url).map_err(|error| error.to_string())?;
            Some(self.named(options).token_of_environment().token_file(self.token_file.clone()))
        };
        if let Some(file) = &self.token_file {
            std::fs::metadata(file).map_err(|error| format!("{}: {error}", file.display()))?;
        }
        Ok(Wanted {
            hub,
            own,
            falls: !self.no_standalone,
            renews: self.token_file.is_some(),
            json: self.json,
            plain: self.plain,
            stay: self.stay,
            history: history.filter(|_| !self.no_history),
        })
    }

    fn named(&self, options: Options) -> Options {
        let options = options.session(&self.session).client_name(CLIENT_NAME);
        match &self.name {
            Some(name) => options.nickname(name),
            None => options,
        }
    }
}

/// Begins to talk, if the flags are good.
pub fn begin(settings: Settings, flags: Talk, begin: impl FnOnce(Settings, Wanted) -> ExitCode) -> ExitCode {
    let folder = settings.data.dir.clone().or_else(store::usual_directory);
    match flags.wanted(&settings, folder.map(|folder| folder.join(HISTORY))) {
        Ok(wanted) => begin(settings, wanted),
        Err(error) => complain(&error, MISUSED),
    }
}

/// The hub on this machine.
fn here(settings: &Settings) -> String {
    let port = settings.server.port;
    match &settings.server.host {
        Host::Address(IpAddr::V4(address)) if *address != Ipv4Addr::UNSPECIFIED => {
            format!("ws://{address}:{port}")
        }
        Host::Address(IpAddr::V6(address)) if *address != Ipv6Addr::UNSPECIFIED => {
            format!("ws://[{address}]:{port}")
        }
        Host::Name(name) => format!("ws://{name}:{port}"),
        Host::Localhost | Host::Address(_) => format!("ws://localhost:{port}"),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    crate::config::duration(text).ok_or_else(|| "a time is expected, such as 30s or 5m".to_owned())
}
