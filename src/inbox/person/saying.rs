//! What somebody says: a command, a text, or what is neither, and what they are answered.

use super::{Ask, Came, Person};
use crate::core::{Answer, Command};
use crate::hub::{Heard, Incoming, Taken};
use crate::inbox::{Page, Refusal, Reply};
use crate::wire::{Code, CommandResult, TextResult, hint};
use std::borrow::Cow;
use std::future::poll_fn;

impl Person {
    pub(super) async fn say(&mut self, said: &str) -> Page {
        self.is_warned = false;
        let reply = match text_of_r(said.trim()) {
            Some(text) => self.write(text).await,
            None => self.heard(said).await,
        };
        // What came until the answer stands before it, and nothing that came later: it is not taken yet.
        let look = self.shelf.look();
        self.page(look, Some(reply))
    }

    async fn heard(&mut self, said: &str) -> Reply {
        if said.trim().is_empty() {
            return Reply::refused("There is no text in this message.", Code::InvalidMessage, None);
        }
        let number = self.number();
        match self.client.say(said, Some(&number)) {
            Heard::Command(command) => match self.ask(Ask::Command(command)).await {
                Some(Answer::Command(reply)) => Reply::to_command(&CommandResult::of(&reply)),
                _ => Reply::refused("This could not be done. Try again.", Code::Internal, None),
            },
            Heard::Text(taken) => self.written(taken, &number).await,
            Heard::Refused(notice) => Reply::to_text(&TextResult::refused(&notice)),
            Heard::Elsewhere => self.write(said).await,
            Heard::Slip { word, meant } => Reply::refused(hint(word, meant), Code::InvalidMessage, None),
            Heard::BadTags(error) => Reply::refused(format!("Tags: {error}."), Code::InvalidMessage, None),
        }
    }

    /// This is a text, whatever it looks like.
    async fn write(&mut self, text: &str) -> Reply {
        if text.is_empty() {
            return Reply::refused("There is no text in this message.", Code::InvalidMessage, None);
        }
        if self.client.may_talk_elsewhere() {
            self.ask(Ask::Command(Command::Who)).await;
        }
        let number = self.number();
        match self.client.write(text, Some(&number)) {
            Ok(taken) => self.written(taken, &number).await,
            Err(notice) => Reply::to_text(&TextResult::refused(&notice)),
        }
    }

    /// The next text's, by which the node that it goes to says what became of it.
    fn number(&mut self) -> String {
        self.texts += 1;
        self.texts.to_string()
    }

    /// What to say of a text that was taken, or that went to another node: then it says so, or the text comes back.
    async fn written(&mut self, taken: Option<Taken>, number: &str) -> Reply {
        let mut outcome = taken.map(Ok);
        while outcome.is_none() {
            let Incoming::Letter(letter) = poll_fn(|cx| self.client.poll_incoming(cx)).await else {
                // Whatever became of it, it comes back if it was not shown.
                break;
            };
            if let Came::Receipt(receipt) = self.take(letter)
                && receipt.request_id.as_deref() == Some(number)
            {
                outcome = Some(receipt.outcome);
            }
        }
        match outcome {
            Some(Err(refused)) => Reply::to_text(&TextResult::refused(&refused.notice())),
            _ => Reply::plain("📤 Message sent."),
        }
    }
}

/// What follows `#r`, if that is what a line begins with.
fn text_of_r(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("#r").or_else(|| line.strip_prefix("#R"))?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim())
}

impl Reply {
    pub(super) fn plain(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), refused: None }
    }

    fn refused(text: impl Into<Cow<'static, str>>, code: Code, retry_after: Option<u64>) -> Self {
        Self { text: text.into(), refused: Some(Refusal { code, retry_after }) }
    }

    fn to_command(result: &CommandResult<'_>) -> Self {
        let refused = result.code.map(|code| Refusal { code, retry_after: result.retry_after_ms });
        Self { text: result.text.to_string().into(), refused }
    }

    fn to_text(result: &TextResult<'_>) -> Self {
        let refused = result.code.map(|code| Refusal { code, retry_after: result.retry_after_ms });
        Self { text: result.text.as_deref().unwrap_or_default().to_owned().into(), refused }
    }
}
