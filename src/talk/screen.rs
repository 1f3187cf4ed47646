//! Talking on a terminal: what is said scrolls by as it does with any program, and the last two rows are a status and
//! the line that is being typed.
//!
//! It must never know: what lines mean.

mod keys;
mod paint;

use super::complete::complete;
use super::history::History;
use super::hubs::News;
use super::shown::{Line, Mood};
use super::{Outcome, Shown, Talk, words};
use crate::client::Request;
use crossterm::event::{Event as Input, EventStream};
use futures::StreamExt;
use keys::Key;
use paint::Paint;
use std::path::PathBuf;
use tui_input::{Input as Typing, InputRequest};

/// Stands for a line break in what is typed.
const BREAK: char = '⏎';

struct Screen {
    talk: Talk,
    paint: Paint,
    typing: Typing,
    history: History,
    /// Ctrl-C was pressed on an empty line: once more, and it is over.
    is_leaving: bool,
    /// Whether the partner was told that somebody types.
    told_typing: bool,
    outcome: Option<Outcome>,
    /// What Tab offered last: it is not said twice.
    choices: Vec<String>,
}

enum Event {
    News(News),
    Input(Input),
    /// The terminal is gone, or this process is to go.
    Gone,
}

/// Talks until somebody leaves, or the hub is gone for good.
pub async fn run(talk: Talk, history: Option<PathBuf>) -> Result<Outcome, String> {
    let paint = Paint::begin().map_err(|error| format!("the terminal can't be used: {error}"))?;
    let mut screen = Screen {
        talk,
        paint,
        typing: Typing::default(),
        history: History::open(history),
        is_leaving: false,
        told_typing: false,
        outcome: None,
        choices: Vec::new(),
    };
    let mut inputs = EventStream::new();
    let outcome = loop {
        screen.refresh();
        if let Some(outcome) = screen.outcome {
            break outcome;
        }
        let event = screen.pick(&mut inputs).await;
        screen.decide(event);
    };
    let failures = screen.talk.conversation.failures();
    let left = screen.talk.finish().await;
    screen.perform(left);
    let is_undone = screen.talk.conversation.failures() > failures;
    // Before the goodbye, which may take a moment: the terminal is whoever's it was.
    drop(screen.paint);
    let kept = screen.history.keep();
    screen.talk.hubs.leave().await;
    kept.map_err(|error| format!("the history can't be kept: {error}"))?;
    Ok(if is_undone && outcome == Outcome::Well { Outcome::Failed } else { outcome })
}

impl Screen {
    async fn pick(&mut self, inputs: &mut EventStream) -> Event {
        tokio::select! {
            () = &mut self.talk.stopped => Event::Gone,
            news = self.talk.hubs.next() => Event::News(news),
            input = inputs.next() => match input {
                Some(Ok(input)) => Event::Input(input),
                Some(Err(_)) | None => Event::Gone,
            },
        }
    }

    fn decide(&mut self, event: Event) {
        match event {
            Event::News(News::Over(end)) => {
                self.show(&Line::new(Mood::Problem, &words::over(&end, self.talk.hubs.url())));
                self.outcome = Some(Outcome::of(&end));
            }
            Event::News(news) => {
                let shown = self.talk.hears(news);
                self.perform(shown);
            }
            Event::Input(input) => self.input(input),
            Event::Gone => self.outcome = Some(Outcome::Well),
        }
    }

    fn perform(&mut self, shown: Vec<Shown>) {
        for shown in shown {
            match shown {
                Shown::Line(line) => self.show(&line),
                Shown::Leave => self.outcome = Some(Outcome::Well),
            }
        }
    }

    fn input(&mut self, input: Input) {
        let Some(key) = Key::of(input) else { return };
        self.is_leaving = self.is_leaving && key == Key::Interrupt;
        match key {
            Key::Enter => self.enter(),
            Key::Edit(request) => drop(self.typing.handle(request)),
            Key::Paste(text) => self.paste(&text),
            Key::Up => self.recall(|history, typed| history.up(typed)),
            Key::Down => self.recall(|history, _| history.down()),
            Key::Tab => self.tab(),
            Key::Interrupt => self.interrupt(),
            Key::End if self.typing.value().is_empty() => self.outcome = Some(Outcome::Well),
            Key::End => drop(self.typing.handle(InputRequest::DeleteNextChar)),
            Key::Clear => self.paint.clear(),
            Key::Suspend => self.paint.suspend(),
            Key::Resize => self.paint.resize(),
        }
        self.tell_typing();
    }

    fn enter(&mut self) {
        let line = self.typing.value_and_reset();
        self.history.add(&line);
        self.choices.clear();
        let standing = self.talk.conversation.standing();
        // What is said to the partner is shown once it is said.
        if !line.trim().is_empty() && (line.starts_with(['#', '/']) || !standing.is_to_partner()) {
            self.show(&Line::new(Mood::Echo, &line));
        }
        let shown = self.talk.types(&line.replace(BREAK, "\n"));
        self.perform(shown);
    }

    /// What is pasted waits for Enter, however many lines it has: it may hold what nobody wanted to send.
    fn paste(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        for c in text.trim_end_matches('\n').chars() {
            let c = if c == '\n' { BREAK } else { c };
            if !c.is_control() {
                self.typing.handle(InputRequest::InsertChar(c));
            }
        }
    }

    fn recall(&mut self, choose: impl for<'h> Fn(&'h mut History, &str) -> Option<&'h str>) {
        if let Some(line) = choose(&mut self.history, self.typing.value()) {
            self.typing = Typing::new(line.to_owned());
        }
    }

    fn tab(&mut self) {
        let before: String = self.typing.value().chars().take(self.typing.cursor()).collect();
        let after: String = self.typing.value().chars().skip(self.typing.cursor()).collect();
        // A text for the partner is nobody else's: no name of a contact is put into it by a slip of the finger.
        let standing = self.talk.conversation.standing();
        let names = standing.names().filter(|_| before.starts_with('/') || !standing.is_to_partner());
        let Some(completion) = complete(&before, names) else { return };
        let cursor = completion.text.chars().count();
        self.typing = Typing::new(completion.text + &after).with_cursor(cursor);
        if !completion.choices.is_empty() && completion.choices != self.choices {
            self.show(&Line::new(Mood::Note, &completion.choices.join("   ")));
            self.choices = completion.choices;
        }
    }

    fn interrupt(&mut self) {
        if self.is_leaving {
            self.outcome = Some(Outcome::Well);
        } else if self.typing.value().is_empty() {
            self.is_leaving = true;
            self.show(&Line::new(Mood::Note, "Ctrl-C once more leaves."));
        } else {
            self.typing.reset();
        }
    }

    /// The partner may see that somebody types to them, from the first letter to the last.
    fn tell_typing(&mut self) {
        let standing = self.talk.conversation.standing();
        let typed = self.typing.value();
        let types = standing.is_paired() && !typed.is_empty() && !typed.starts_with(['#', '/']);
        if types != self.told_typing {
            self.told_typing = types;
            // A hint that can't be sent is none.
            let _ = self.talk.hubs.client().send(Request::typing(types));
        }
    }

    fn show(&mut self, line: &Line) {
        self.paint.line(line);
    }

    fn refresh(&mut self) {
        let conversation = &self.talk.conversation;
        let (live, status, prompt) =
            (conversation.live(), conversation.status(), conversation.standing().prompt());
        self.paint.foot(live.as_deref(), &status, &prompt, &self.typing);
        if self.paint.flush().is_err() {
            self.outcome = Some(Outcome::Well);
        }
    }
}
