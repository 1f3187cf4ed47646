//! Talking by lines, for scripts: a line in is what somebody types, a line out is what they would see.
//!
//! What the hub or somebody says goes to standard output, what this client says about itself to standard error. A line
//! is read once the one before is answered, and the end of the input is the end, once all is.
//!
//! It must never know: what lines mean.

use super::clean::harmless;
use super::hubs::News;
use super::shown::{Line, Mood};
use super::{Outcome, Shown, Talk, words};
use crate::client::{Happening, Request, Ticket};
use serde_json::json;
use std::io::{self, Write};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader, Split, Stdin};
use tokio::time::{Instant, sleep_until};

struct Plain {
    talk: Talk,
    /// `None` behind its end.
    input: Option<Split<BufReader<Stdin>>>,
    json: bool,
    stay: Duration,
    /// When there is nothing left to wait for.
    until: Option<Instant>,
    outcome: Option<Outcome>,
}

enum Event {
    News(News),
    Typed(io::Result<Option<Vec<u8>>>),
    Late,
    Stopped,
}

/// Talks until the input is over, or the hub is.
pub async fn run(talk: Talk, json: bool, stay: Duration) -> Result<Outcome, String> {
    let input = Some(BufReader::new(tokio::io::stdin()).split(b'\n'));
    let mut plain = Plain { talk, input, json, stay, until: None, outcome: None };
    let outcome = loop {
        if let Some(outcome) = plain.outcome {
            break outcome;
        }
        let event = plain.pick().await;
        plain.decide(event);
    };
    let left = plain.talk.finish().await;
    plain.perform(left);
    let is_undone = plain.talk.conversation.failures() > 0;
    plain.talk.hubs.leave().await;
    Ok(if is_undone && outcome == Outcome::Well { Outcome::Failed } else { outcome })
}

impl Plain {
    async fn pick(&mut self) -> Event {
        let is_settled = self.talk.conversation.is_settled() && self.talk.hubs.client().is_here();
        if is_settled && self.input.is_none() && self.until.is_none() {
            self.until = Some(Instant::now() + self.stay);
        }
        let until = self.until.filter(|_| is_settled);
        let late = async {
            match until {
                Some(until) => sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        let typed = async {
            match &mut self.input {
                Some(input) if is_settled => input.next_segment().await,
                _ => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = &mut self.talk.stopped => Event::Stopped,
            news = self.talk.hubs.next() => Event::News(news),
            typed = typed => Event::Typed(typed),
            () = late => Event::Late,
        }
    }

    fn decide(&mut self, event: Event) {
        let shown = match event {
            Event::Typed(Ok(Some(line))) => match String::from_utf8(line) {
                Ok(line) => self.types(line.trim_end_matches('\r')),
                Err(_) => self.slips("This line is not UTF-8, and was not read."),
            },
            // An input that can't be read is over.
            Event::Typed(Ok(None) | Err(_)) => {
                self.input = None;
                return;
            }
            Event::Late | Event::Stopped => return self.outcome = Some(self.talk.outcome()),
            Event::News(News::Over(end)) => {
                note(&Line::new(Mood::Note, &words::over(&end, self.talk.hubs.url())));
                return self.outcome = Some(Outcome::of(&end));
            }
            Event::News(news) => self.hears(news),
        };
        self.perform(shown);
    }

    fn perform(&mut self, shown: Vec<Shown>) {
        for shown in shown {
            match shown {
                Shown::Line(line) => self.show(&line),
                Shown::Leave => self.outcome = Some(self.talk.outcome()),
            }
        }
    }

    fn types(&mut self, line: &str) -> Vec<Shown> {
        match Request::raw(line) {
            Some(request) if self.json => self.talk.asks(request),
            None if self.json && line.trim_start().starts_with('{') => {
                self.slips("This is no frame that can be sent.")
            }
            _ => self.talk.types(line),
        }
    }

    /// What can't be understood does not hold up the rest.
    fn slips(&mut self, why: &str) -> Vec<Shown> {
        self.talk.slips(why)
    }

    fn hears(&mut self, news: News) -> Vec<Shown> {
        if let (true, News::Happening(happening)) = (self.json, &news) {
            self.write(happening);
        }
        self.talk.hears(news)
    }

    /// With JSON, what was heard has been written already.
    fn show(&mut self, line: &Line) {
        if line.is_own() {
            note(line);
        } else if !self.json {
            self.out(&line.plain());
        }
    }

    fn write(&mut self, happening: &Happening) {
        match happening {
            Happening::Pushed(frame) | Happening::Answered(_, frame) => self.out(&harmless(frame.text())),
            Happening::Registered(registration) => {
                let (id, nickname, session) =
                    (&registration.client_id, &registration.nickname, &registration.session);
                let how = words::how(registration.how);
                let frame = json!({"type": "connected", "client_id": id, "nickname": nickname, "session": session, "how": how});
                self.out(&harmless(&frame.to_string()));
            }
            Happening::Lost(loss) => {
                let retry = u64::try_from(loss.retry_in.as_millis()).unwrap_or(u64::MAX);
                let frame =
                    json!({"type": "disconnected", "reason": loss.end.to_string(), "retry_after_ms": retry});
                self.out(&harmless(&frame.to_string()));
            }
            Happening::Unanswered(ticket) => self.write_end("unanswered", *ticket),
            Happening::Unsent(ticket) => self.write_end("unsent", *ticket),
        }
    }

    fn write_end(&mut self, kind: &str, ticket: Ticket) {
        let id = self.talk.hubs.client().request_id(ticket);
        self.out(&json!({"type": kind, "request_id": id}).to_string());
    }

    /// Whoever does not read any more wants no more.
    fn out(&mut self, line: &str) {
        let mut out = io::stdout().lock();
        if let Err(error) = writeln!(out, "{line}").and_then(|()| out.flush()) {
            let is_enough = error.kind() == io::ErrorKind::BrokenPipe;
            self.outcome = Some(if is_enough { Outcome::Well } else { Outcome::Failed });
        }
    }
}

fn note(line: &Line) {
    // Nothing is left to say it to.
    let _ = writeln!(io::stderr(), "{}", line.plain());
}
