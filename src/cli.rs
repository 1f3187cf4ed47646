//! The command line: what was asked for, and the commands that end by themselves.
//!
//! Owns the flags and the small commands. Serving is handed in by the caller: this module must never know
//! how the hub is built.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::config::{Flag, Loaded, Settings, SettingsError};
use crate::talk::Wanted;
use talk::Talk;

mod backup;
mod doctor;
mod health;
mod mask;
mod pages;
mod talk;
mod token;

/// Started wrongly: a setting that can't be read, as opposed to something that went wrong later.
const MISUSED: u8 = 2;

/// A self-hosted exchange: strangers meet, and the clients of a session share contacts.
#[derive(Clone, Debug, Parser)]
#[command(name = "strowger", version)]
#[command(after_help = "Without a command, strowger serves. Every setting can be given by --set, by the \
    environment\n(STROWGER__SECTION__NAME), in .env or in config/local.toml: `strowger config` shows them all.")]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    given: Given,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Open the doors and serve until told to stop (the default)
    Serve,
    /// Show every setting: its value in force, and where that came from
    Config,
    /// Talk in a terminal or a script: with strangers, and over the shared line
    Talk(Talk),
    /// Read lines from standard input and write them with phone numbers hidden
    Mask {
        /// Read a JSON object a line, {"text": ...} or {"messages": [...]}, and add "masked" to it
        #[arg(long)]
        json: bool,
        /// Show no progress; it is shown on a terminal only, and only while the output goes elsewhere
        #[arg(long, short)]
        quiet: bool,
    },
    /// Copy what sessions keep into a new file, while a hub runs or not
    Backup {
        /// The file to write, which must not be there yet
        file: PathBuf,
    },
    /// Look at the settings and this machine, and say what stands in the way (exit code 1) or that nothing does (0)
    Doctor,
    /// Ask the hub on this machine whether it is alive (exit code 0) or not (1)
    Healthcheck,
    /// Make a JWT for somebody, with the key in the settings (auth.mode=jwt), and print it
    Token(token::Order),
    /// Print what makes a shell complete commands and flags
    Completions { shell: Shell },
    /// Print the manual page, to be read by `man -l -`
    Man {
        /// Of this command alone
        command: Option<String>,
    },
}

/// The settings among the flags.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Settings")]
struct Given {
    /// Where to listen: localhost, 0.0.0.0, ...
    #[arg(long, global = true)]
    host: Option<String>,
    /// The port for WebSocket and HTTP
    #[arg(long, global = true)]
    port: Option<String>,
    /// Where to listen for MCP: localhost, 0.0.0.0, ...
    #[arg(long, global = true, value_name = "HOST")]
    mcp_host: Option<String>,
    /// The port for MCP
    #[arg(long, global = true, value_name = "PORT")]
    mcp_port: Option<String>,
    /// ERROR, WARN, INFO, DEBUG or TRACE
    #[arg(long, global = true, value_name = "LEVEL")]
    log_level: Option<String>,
    /// Any setting, for example --set chat.idle_after=1h
    #[arg(long, global = true, value_name = "SECTION.NAME=VALUE")]
    set: Vec<String>,
}

/// Reads the command line of this process, and ends it where help or a mistake was asked for.
pub fn parse() -> Cli {
    Cli::try_parse().unwrap_or_else(|stop| {
        // A closed pipe is no reason to complain.
        let _ = stop.print();
        if stop.kind() == ErrorKind::DisplayHelp && std::env::args_os().any(|arg| arg == "--help") {
            let _ = write!(io::stdout(), "{}", settings_for_help());
        }
        std::process::exit(stop.exit_code())
    })
}

/// Does what was asked for; what takes a hub is handed in.
pub fn run(
    cli: &Cli,
    serve: impl FnOnce(Loaded) -> ExitCode,
    begin: impl FnOnce(Settings, Wanted) -> ExitCode,
) -> ExitCode {
    match cli.command() {
        Command::Serve => cli.with_settings(serve),
        Command::Talk(flags) => cli.with_settings(|loaded| talk::begin(loaded.settings, flags, begin)),
        Command::Config => cli.with_settings(|loaded| written(write!(io::stdout().lock(), "{loaded}"))),
        Command::Mask { json, quiet } => {
            cli.with_settings(|loaded| mask::run(&loaded.settings.chat, json, quiet))
        }
        Command::Backup { file } => cli.with_settings(|loaded| backup::run(&loaded.settings, &file)),
        Command::Doctor => cli.with_settings(|loaded| doctor::run(&loaded.settings)),
        Command::Healthcheck => cli.with_settings(|loaded| health::run(&loaded.settings.server)),
        // These are the same whatever the settings are, and also where they can't be read.
        Command::Token(order) if order.new_secret => token::new_secret(),
        Command::Completions { shell } => pages::complete(shell, <Cli as CommandFactory>::command()),
        Command::Man { command } => pages::manual(<Cli as CommandFactory>::command(), command.as_deref()),
        Command::Token(order) => cli.with_settings(|loaded| token::run(&loaded.settings.auth, &order)),
    }
}

impl Cli {
    fn with_settings(&self, act: impl FnOnce(Loaded) -> ExitCode) -> ExitCode {
        match self.load() {
            Ok(loaded) => act(loaded),
            Err(error) => complain(&error, MISUSED),
        }
    }

    pub fn command(&self) -> Command {
        self.command.clone().unwrap_or(Command::Serve)
    }

    /// Loads the settings from these flags and from where this process stands.
    pub fn load(&self) -> Result<Loaded, SettingsError> {
        let environment = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()));
        Settings::load(self.given.flags()?, environment, Path::new("."))
    }
}

impl Given {
    /// The flag made for a setting wins over `--set`, and the later `--set` over the earlier.
    fn flags(&self) -> Result<Vec<Flag>, SettingsError> {
        let mut flags = self.set.iter().map(|text| Flag::set(text)).collect::<Result<Vec<_>, _>>()?;
        let named = [
            ("--host", "server.host", &self.host),
            ("--port", "server.port", &self.port),
            ("--mcp-host", "mcp.host", &self.mcp_host),
            ("--mcp-port", "mcp.port", &self.mcp_port),
            ("--log-level", "log.level", &self.log_level),
        ];
        let given =
            |(flag, key, value): (&str, &str, &Option<String>)| Some(Flag::new(flag, key, value.as_deref()?));
        flags.extend(named.into_iter().filter_map(given));
        Ok(flags)
    }
}

/// What `--help` adds where settings matter: those in force with the other flags.
fn settings_for_help() -> String {
    let others = std::env::args_os().filter(|arg| arg != "--help");
    match Cli::try_parse_from(others) {
        Ok(cli) if matches!(cli.command(), Command::Serve | Command::Config) => match cli.load() {
            Ok(loaded) => format!("\nSettings in force:\n{loaded}"),
            Err(error) => format!("\nThe settings can't be read: {error}\n"),
        },
        _ => String::new(),
    }
}

/// One line on standard error, and the exit code to leave with.
fn complain(what: &dyn std::fmt::Display, code: u8) -> ExitCode {
    let _ = writeln!(io::stderr(), "strowger: {what}");
    ExitCode::from(code)
}

/// A reader that has seen enough and closes the pipe is not an error.
fn written(result: io::Result<()>) -> ExitCode {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => complain(&error, 1),
        _ => ExitCode::SUCCESS,
    }
}
