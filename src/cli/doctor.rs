//! `strowger doctor`: looks at the settings and at this machine, and says in words what stands in the way.
//!
//! It leaves everything as it was, and asks nobody but this machine. It must never show a token or a number.

mod doors;
mod folder;
mod tokens;

use std::fmt;
use std::io::{self, Write};
use std::net::IpAddr;
use std::process::ExitCode;

use super::token;
use crate::config::{AuthMode, Settings};
use crate::whatsapp::Script;

/// Names that other servers know, and that nothing here reads.
const NOT_READ: [&str; 1] = ["REDIS_URL"];

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

impl Finding {
    fn fine(words: impl Into<String>) -> Self {
        Self(Verdict::Fine, words.into())
    }

    fn note(words: impl Into<String>) -> Self {
        Self(Verdict::Note, words.into())
    }

    fn wrong(words: impl Into<String>) -> Self {
        Self(Verdict::Wrong, words.into())
    }
}

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
    let mut findings = doors::examine(settings);
    findings.push(folder::examine(settings));
    findings.extend(folder::log(settings));
    findings.push(who_comes_in(settings));
    findings.extend(tokens::examine(settings));
    findings.extend(tokens::jwts(&settings.auth));
    findings.push(puch(settings));
    findings.extend(names(settings));
    findings.extend(simulator(settings));
    findings.extend(ai(settings));
    findings.extend(not_read());
    findings
}

/// Whether nobody but this machine reaches the hub.
fn is_near(settings: &Settings) -> bool {
    settings.server.host.addresses().is_some_and(|all| all.iter().all(IpAddr::is_loopback))
}

fn who_comes_in(settings: &Settings) -> Finding {
    match (settings.auth.mode, is_near(settings)) {
        (AuthMode::None, true) => Finding::fine("whoever works on this machine may come in without a token"),
        (AuthMode::None, false) => Finding::note(format!(
            "whoever reaches {} may come in without a token: set auth.mode=token to ask for one",
            settings.server.host
        )),
        (AuthMode::Token, _) => Finding::fine("everybody is asked for a token"),
        (AuthMode::Jwt, _) => match token::jwts(&settings.auth) {
            Ok(jwts) => {
                Finding::fine(format!("everybody is asked for a JWT, signed by {}", jwts.algorithm()))
            }
            Err(words) => Finding::wrong(words),
        },
    }
}

/// What Puch AI needs.
fn puch(settings: &Settings) -> Finding {
    match &settings.mcp.my_number {
        Some(_) => Finding::fine("MY_NUMBER is given"),
        None => Finding::note(
            "MY_NUMBER is not given: Puch AI will refuse to connect; other MCP hosts don't ask for it",
        ),
    }
}

/// Which AIs are asked, and what keeps others from it.
fn ai(settings: &Settings) -> Vec<Finding> {
    let is_named = !settings.ai.order.is_empty();
    let mut findings: Vec<_> = settings
        .services()
        .filter_map(|(name, set)| match (set.lacks(is_named), &set.model) {
            // The key may be there for another program.
            (Some(lack), None) if !is_named => {
                Some(Finding::note(format!("the AI {} {lack}", name.as_str())))
            }
            (Some(lack), _) => Some(Finding::wrong(format!("the AI {} {lack}", name.as_str()))),
            (None, Some(model)) => Some(Finding::fine(format!("{} is asked for {model}", name.as_str()))),
            (None, None) => None,
        })
        .collect();
    if findings.is_empty() {
        findings.push(Finding::fine("no AI is set up: sentences are read by the hub's own rules alone"));
    }
    findings
}

/// By which names the hub answers.
fn names(settings: &Settings) -> Vec<Finding> {
    let is_open = settings.auth.mode == AuthMode::None;
    match &settings.http.public_url {
        Some(url) if url.as_str().starts_with("https:") => {
            vec![Finding::fine(format!("browsers may come from {}", url.as_str()))]
        }
        Some(url) => vec![Finding::note(format!(
            "http.public_url is {}, without https: on the way everybody can read what is written, and Puch AI \
             refuses such an address",
            url.as_str()
        ))],
        None => {
            let proxy = "http.public_url is not given: Puch AI needs a public https address, such as a tunnel to \
                         the MCP port; browsers behind a proxy need it here";
            let name = "http.public_url is not given: REST answers 403 to whoever asks by a name with a dot, such \
                        as hub.lan.example, and a page under any name has no socket. Set it to the \
                        address in the browser, such as http://hub.lan.example:8002; addresses in digits work";
            let is_asked_by_name = is_open && !is_near(settings);
            [Some(proxy), is_asked_by_name.then_some(name)].into_iter().flatten().map(Finding::note).collect()
        }
    }
}

fn simulator(settings: &Settings) -> Option<Finding> {
    let file = settings.whatsapp.simulator.as_ref()?;
    Some(match Script::read(file) {
        Ok(_) => Finding::fine(format!("the simulator plays {}", file.display())),
        Err(error) => Finding::wrong(error.to_string()),
    })
}

/// Who sets one of these expects something of it.
fn not_read() -> Vec<Finding> {
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let words = |name| Finding::note(format!("{name} is set, and nothing here reads it: it changes nothing"));
    NOT_READ.into_iter().filter(is_set).map(words).collect()
}
