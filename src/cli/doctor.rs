//! `strowger doctor`: looks at the settings and at this machine, and says in words what stands in the way.
//!
//! It changes nothing, and asks nobody but this machine. It must never show a token or a number.

use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::net::{TcpListener, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::health;
use crate::config::{AuthMode, Host, Server, Settings, StoreOn};
use crate::store::usual_directory;

/// How good or bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Fine,
    /// It works, but may not be meant so.
    Note,
    /// The hub will not start, or not do what the setting is for.
    Wrong,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Fine => "fine",
            Self::Note => "note",
            Self::Wrong => "WRONG",
        })
    }
}

/// One thing that was looked at.
struct Finding(Verdict, String);

/// Prints what was found. The exit code is 1 if something is wrong.
pub fn run(settings: &Settings) -> ExitCode {
    let findings = examine(settings);
    let mut out = io::stdout().lock();
    let printed =
        findings.iter().try_for_each(|Finding(verdict, words)| writeln!(out, "{verdict:<5}  {words}"));
    let is_wrong = findings.iter().any(|finding| finding.0 == Verdict::Wrong);
    match super::written(printed) {
        ExitCode::SUCCESS if is_wrong => ExitCode::FAILURE,
        code => code,
    }
}

fn examine(settings: &Settings) -> Vec<Finding> {
    let (server, mcp) = (&settings.server, &settings.mcp);
    let mut findings = vec![
        door("WebSocket, pages and REST", &server.host, server.port, "--port"),
        door("MCP", &mcp.host, mcp.port, "--mcp-port"),
        folder(settings),
    ];
    findings.extend(who_comes_in(settings));
    findings.extend(puch(settings));
    findings.extend(simulator(settings));
    findings
}

/// Whether the door is open already, or could be opened.
fn door(what: &str, host: &Host, port: u16, flag: &str) -> Finding {
    if port == 0 {
        return Finding(Verdict::Note, format!("{what}: any free port is taken, another at each start"));
    }
    let server = Server { host: host.clone(), port, stop_within: std::time::Duration::ZERO };
    if health::ask_any(&server).is_ok() {
        return Finding(Verdict::Fine, format!("{what}: a hub answers on port {port}"));
    }
    match bind(host, port) {
        Ok(()) => Finding(Verdict::Fine, format!("{what}: port {port} on {host} is free; no hub runs there")),
        Err(error) => {
            let advice = match error.kind() {
                ErrorKind::AddrInUse => {
                    format!("another program has it: stop that, or take another with {flag}")
                }
                ErrorKind::PermissionDenied => format!("this user may not: take one above 1023 with {flag}"),
                ErrorKind::AddrNotAvailable => format!("{host} is no address of this machine"),
                _ => error.to_string(),
            };
            Finding(Verdict::Wrong, format!("{what}: port {port} on {host} can't be had: {advice}"))
        }
    }
}

fn bind(host: &Host, port: u16) -> io::Result<()> {
    let addresses: Vec<_> = match host {
        Host::Name(name) => (name.as_str(), port).to_socket_addrs()?.collect(),
        // Of localhost one address is enough: a machine may have no ::1.
        other => {
            other.addresses().into_iter().flatten().take(1).map(|address| (address, port).into()).collect()
        }
    };
    TcpListener::bind(&addresses[..]).map(drop)
}

fn folder(settings: &Settings) -> Finding {
    if settings.session.store == StoreOn::Memory {
        return Finding(Verdict::Note, "session.store is memory: nothing is kept over a restart".to_owned());
    }
    let Some(folder) = settings.data.dir.clone().or_else(usual_directory) else {
        return Finding(
            Verdict::Wrong,
            "there is no home directory: name a folder with --set data.dir=DIRECTORY".to_owned(),
        );
    };
    match is_writable(&folder) {
        Ok(true) => Finding(Verdict::Fine, format!("data is kept in {}", folder.display())),
        Ok(false) => Finding(Verdict::Wrong, format!("{} can't be written by this user", folder.display())),
        Err(error) => Finding(Verdict::Wrong, format!("{} can't be used: {error}", folder.display())),
    }
}

/// Whether this folder, or the nearest one above it that is there, takes files.
fn is_writable(folder: &Path) -> io::Result<bool> {
    let there =
        folder.ancestors().find(|above| above.exists()).map_or_else(|| PathBuf::from("."), Path::to_owned);
    let there = if there.as_os_str().is_empty() { PathBuf::from(".") } else { there };
    let data = there.metadata()?;
    if !data.is_dir() {
        return Err(io::Error::other(format!("{} is no folder", there.display())));
    }
    Ok(!data.permissions().readonly())
}

fn who_comes_in(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_open = settings.auth.mode == AuthMode::None;
    let is_near =
        settings.server.host.addresses().is_some_and(|all| all.iter().all(std::net::IpAddr::is_loopback));
    findings.push(match (is_open, is_near) {
        (true, true) => {
            Finding(Verdict::Fine, "whoever works on this machine may come in without a token".to_owned())
        }
        (true, false) => Finding(
            Verdict::Note,
            format!(
                "whoever reaches {} may come in without a token: set auth.mode=token to ask for one",
                settings.server.host
            ),
        ),
        (false, _) => Finding(Verdict::Fine, "everybody is asked for a token".to_owned()),
    });
    findings.push(match &settings.auth.token {
        Some(token) if token.reveal().len() < 16 => Finding(
            Verdict::Note,
            "AUTH_TOKEN is so short that it can be guessed: take 32 characters or more".to_owned(),
        ),
        Some(_) => Finding(Verdict::Fine, "AUTH_TOKEN is given".to_owned()),
        None => Finding(
            Verdict::Fine,
            "AUTH_TOKEN is not given: one is made and kept in the data folder".to_owned(),
        ),
    });
    if settings.auth.admin_token.is_none() {
        findings.push(Finding(
            Verdict::Note,
            "ADMIN_TOKEN is not given: nobody looks after the house from outside".to_owned(),
        ));
    } else if settings.auth.admin_token == settings.auth.token {
        let words = "AUTH_TOKEN and ADMIN_TOKEN are the same: whoever chats could close the house";
        findings.push(Finding(Verdict::Wrong, words.to_owned()));
    }
    findings
}

/// What Puch AI needs.
fn puch(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![match &settings.mcp.my_number {
        Some(_) => Finding(Verdict::Fine, "MY_NUMBER is given".to_owned()),
        None => Finding(
            Verdict::Note,
            "MY_NUMBER is not given: Puch AI will refuse to connect; other MCP hosts don't ask for it"
                .to_owned(),
        ),
    }];
    if settings.http.public_url.is_none() {
        let words = "http.public_url is not given: Puch AI needs a public https address, such as a tunnel to the \
                     MCP port; browsers behind a proxy need it here";
        findings.push(Finding(Verdict::Note, words.to_owned()));
    }
    findings
}

fn simulator(settings: &Settings) -> Option<Finding> {
    let file = settings.whatsapp.simulator.as_ref()?;
    Some(match std::fs::File::open(file) {
        Ok(_) => Finding(Verdict::Fine, format!("the simulator plays {}", file.display())),
        Err(error) => {
            Finding(Verdict::Wrong, format!("whatsapp.simulator: {} can't be read: {error}", file.display()))
        }
    })
}
