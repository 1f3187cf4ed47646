//! `strowger talk`: the exchange in a terminal, for people and for scripts.
//!
//! A client like any other, on [`crate::client`]: `conversation` understands what is typed and what comes, `hubs`
//! is the hub that it is about or, where none answers, one of its own, and either `screen` or `plain` shows it.
//!
//! It must never know: how a hub is built. One of its own is handed in.

mod clean;
mod complete;
mod conversation;
mod history;
mod hubs;
mod plain;
mod screen;
mod shown;
mod typed;
mod words;

pub use hubs::{Lodging, OpenHub};

use crate::client::{End, Options};
use conversation::{Conversation, Effect};
use futures::future::BoxFuture;
use hubs::{Hubs, News};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// How long whoever leaves waits for answers.
const FINISH_WITHIN: Duration = Duration::from_secs(3);

/// What was asked for.
pub struct Wanted {
    /// Where the hub is; `None` for one of its own and no other.
    pub hub: Option<Options>,
    /// What is registered with at one of its own.
    pub own: Options,
    /// Whether one of its own stands in where none answers.
    pub falls: bool,
    /// Whether another token may come after one that expired.
    pub renews: bool,
    /// A JSON object a line instead of words.
    pub json: bool,
    /// Lines instead of a screen, also on a terminal.
    pub plain: bool,
    /// How long to listen when the input is over.
    pub stay: Duration,
    /// Where commands are remembered.
    pub history: Option<PathBuf>,
}

/// Ends when this process is asked to stop.
pub type Stopped = BoxFuture<'static, ()>;

/// How it ended, for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Well,
    /// Something that was asked did not work.
    Failed,
    /// No hub answers.
    Unreachable,
    /// The hub does not want this client.
    Refused,
}

impl Outcome {
    fn of(end: &End) -> Self {
        match end {
            end if end.is_refusal() || end.is_expiry() => Self::Refused,
            End::Closed { code: 1000, .. } => Self::Well,
            _ => Self::Unreachable,
        }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        // 2 is a wrong command line.
        Self::from(match outcome {
            Outcome::Well => 0,
            Outcome::Failed => 1,
            Outcome::Unreachable => 3,
            Outcome::Refused => 4,
        })
    }
}

/// Talks until it is over.
///
/// # Errors
/// In words, if the terminal or the input can't be used, or the hub of its own can't be opened.
pub async fn run(wanted: Wanted, open: OpenHub, stopped: Stopped) -> Result<Outcome, String> {
    let is_screen = !wanted.json && !wanted.plain && is_terminal();
    let hubs = Hubs::new(&wanted, open, is_screen).await?;
    let talk = Talk { conversation: Conversation::new(hubs.url(), is_screen), hubs, stopped };
    if is_screen {
        screen::run(talk, wanted.history).await
    } else {
        plain::run(talk, wanted.json, wanted.stay).await
    }
}

/// Whether there is one that can be painted on: a dumb one knows no sequences.
fn is_terminal() -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    !is_dumb && std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// A conversation and the hub that it is with.
struct Talk {
    conversation: Conversation,
    hubs: Hubs,
    stopped: Stopped,
}

/// What is left to do for whoever shows it.
enum Shown {
    Line(shown::Line),
    Leave,
}

impl Talk {
    fn types(&mut self, line: &str) -> Vec<Shown> {
        let mut effects = Vec::new();
        self.conversation.typed(line, &mut effects);
        self.perform(effects)
    }

    /// Something was typed that can't be understood.
    fn slips(&mut self, why: &str) -> Vec<Shown> {
        let mut effects = Vec::new();
        self.conversation.slips(why, &mut effects);
        self.perform(effects)
    }

    /// Asks for something that was not typed in words.
    fn asks(&mut self, request: crate::client::Request) -> Vec<Shown> {
        if request.is_answered() {
            return self.perform(vec![Effect::Ask(request, conversation::About::Frame)]);
        }
        // Nobody hears what becomes of it, so nobody waits.
        let sent = self.hubs.client().send(request);
        let full = || {
            Shown::Line(shown::Line::new(shown::Mood::Slip, "Too much is waiting to be sent: this was not."))
        };
        sent.is_err().then(full).into_iter().collect()
    }

    fn hears(&mut self, news: News) -> Vec<Shown> {
        let mut effects = Vec::new();
        match news {
            News::Happening(happening) => self.conversation.happened(happening, &mut effects),
            News::Moved { hub, link, line } => {
                effects.push(Effect::Show(line));
                self.conversation.moves(&hub, link, &mut effects);
            }
            News::Told(line) => effects.push(Effect::Show(line)),
            News::Over(_) => {}
        }
        self.perform(effects)
    }

    fn perform(&mut self, effects: Vec<Effect>) -> Vec<Shown> {
        let mut shown = Vec::new();
        let mut left = std::collections::VecDeque::from(effects);
        while let Some(effect) = left.pop_front() {
            match effect {
                Effect::Show(line) => shown.push(Shown::Line(line)),
                Effect::Leave => shown.push(Shown::Leave),
                Effect::Ask(request, about) => {
                    let client = self.hubs.client();
                    match client.send(request) {
                        Ok(ticket) => {
                            let id = client.request_id(ticket);
                            self.conversation.asked(ticket, id, about);
                        }
                        Err(_) => {
                            let mut more = Vec::new();
                            self.conversation.not_asked(&about, &mut more);
                            left.extend(more);
                        }
                    }
                }
            }
        }
        shown
    }

    /// Waits a little for answers that are still to come, and returns what is to be said of what never got one.
    async fn finish(&mut self) -> Vec<Shown> {
        let mut shown = Vec::new();
        let late = tokio::time::sleep(FINISH_WITHIN);
        tokio::pin!(late);
        while !self.conversation.is_settled() && self.hubs.client().is_here() {
            tokio::select! {
                news = self.hubs.next() => shown.extend(self.hears(news)),
                () = &mut late => break,
            }
        }
        let mut effects = Vec::new();
        self.conversation.gives_up(&mut effects);
        shown.extend(self.perform(effects));
        shown
    }

    fn outcome(&self) -> Outcome {
        if self.conversation.failures() > 0 { Outcome::Failed } else { Outcome::Well }
    }
}
