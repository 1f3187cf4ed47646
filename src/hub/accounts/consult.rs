//! What comes of asking an AI for an account: what it is shown is looked up first.

use super::rows;
use super::{Asking, prompts};
use crate::ai::{Ai, Question, Trouble};
use crate::core::account::{
    Answer, Asker, Event, Message, NoAnswer, Prompt, Proposed, Refusal, Sentence, Target,
};
use crate::core::contacts::ContactId;
use crate::core::{Millis, Private};
use crate::store::{Store, Wanted};
use crate::wire::proposed;
use std::sync::Arc;

/// How many suggestions there are, at most.
const SUGGESTIONS: usize = 5;

/// What it takes.
pub struct Consultant {
    pub asking: Asking,
    pub store: Store,
    pub session: Arc<str>,
}

impl Consultant {
    /// What happens to the account once the AI has said all that it says. Nothing, if it says it piece by piece, or
    /// nobody wants to know it.
    pub async fn consult(self, by: Option<Asker>, prompt: Prompt) -> Option<Event> {
        let (answer, by) = match (prompt, by) {
            (Prompt::Reply { with, fresh }, _) => {
                let text = self.compose(&with).await;
                return Some(Event::Composed { with, fresh, text });
            }
            (Prompt::Sentence(sentence), Some(by)) => return Some(self.interpret(by, sentence).await),
            (Prompt::Summary { with, conversation }, Some(by)) => {
                (self.summarize(with, conversation).await, by)
            }
            (Prompt::Suggestions { with }, Some(by)) => (self.suggest(with).await, by),
            (Prompt::Question { .. }, _) | (_, None) => return None,
        };
        Some(Event::LookedUp { by, answer })
    }

    async fn interpret(&self, by: Asker, sentence: Box<Sentence>) -> Event {
        let question = prompts::interpret(sentence.text.clone());
        let answer = self.asking.ai.put(question, None, self.asking.sentences_within).whole().await;
        let proposal = match answer {
            Ok((text, _)) => proposed(&text).map_or(Proposed::Nothing, Proposed::Action),
            Err(_) => Proposed::NoAnswer,
        };
        Event::Proposed { by, sentence, proposal }
    }

    async fn summarize(&self, with: Option<Target>, conversation: Option<ContactId>) -> Answer {
        let chat = with.as_ref().map(|with| with.chat.clone()).or(conversation);
        let name = with.map(|with| with.name);
        let refused = |why| Answer::Refused { action: Some("summary"), contact: name.clone(), why };
        let messages = match self.messages(chat.as_ref()).await {
            Ok(messages) => messages,
            Err(why) => return refused(why),
        };
        match self.ask(prompts::summarize(name.as_ref(), &messages)).await {
            Ok(text) => Answer::Summary { with: name, text, messages: messages.len() },
            Err(trouble) => refused(refusal(trouble, &self.asking.ai)),
        }
    }

    async fn suggest(&self, with: Target) -> Answer {
        let refused =
            |why| Answer::Refused { action: Some("suggest"), contact: Some(with.name.clone()), why };
        let messages = match self.messages(Some(&with.chat)).await {
            Ok(messages) => messages,
            Err(why) => return refused(why),
        };
        match self.ask(prompts::suggest(&with.name, &messages)).await {
            Ok(text) => Answer::Suggested { name: with.name.clone(), replies: replies(text.as_str()) },
            Err(trouble) => refused(refusal(trouble, &self.asking.ai)),
        }
    }

    async fn compose(&self, with: &Target) -> Option<Private> {
        let messages = self.messages(Some(&with.chat)).await.ok()?;
        let question = prompts::reply(&with.name, &messages);
        let answer = self.asking.ai.put(question, None, self.asking.within).whole().await;
        let (text, _) = answer.ok().filter(|(_, whole)| !whole.is_cut)?;
        Some(text.trim()).filter(|text| !text.is_empty()).map(Private::from)
    }

    async fn ask(&self, question: Question) -> Result<Private, Trouble> {
        let answer = self.asking.ai.put(question, None, self.asking.within).whole().await;
        answer.map(|(text, _)| text.trim().into())
    }

    /// The last messages of a conversation, or of all of them, oldest first.
    async fn messages(&self, chat: Option<&ContactId>) -> Result<Vec<Message>, Refusal> {
        let wanted = Wanted::of(&self.session);
        let wanted = if let Some(chat) = chat { wanted.with(chat.as_str()) } else { wanted };
        let page = self.store.history(wanted, prompts::MESSAGES).await.map_err(|_| Refusal::Overloaded)?;
        let messages: Vec<_> = page.messages.into_iter().map(rows::message).collect();
        if messages.is_empty() { Err(Refusal::NoMessages) } else { Ok(messages) }
    }
}

/// One on each line; the numbers or dots that some put before it go.
fn replies(text: &str) -> Vec<Private> {
    let bare = |line: &str| {
        let line = line.trim();
        let line = line.split_once(' ').filter(|(mark, _)| is_mark(mark)).map_or(line, |(_, rest)| rest);
        line.trim().trim_matches(['"', '“', '”']).to_owned()
    };
    text.lines().map(bare).filter(|line| !line.is_empty()).take(SUGGESTIONS).map(Private::from).collect()
}

fn is_mark(word: &str) -> bool {
    let number = word.strip_suffix(['.', ')']);
    ["-", "*", "•"].contains(&word)
        || number.is_some_and(|number| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
}

/// What somebody who asked hears of it.
pub fn refusal(trouble: Trouble, ai: &Ai) -> Refusal {
    Refusal::NoAnswer(match trouble {
        Trouble::NoProvider if ai.services().next().is_none() => return Refusal::NoAi,
        Trouble::NoProvider => NoAnswer::NoSuchService,
        Trouble::Unavailable => NoAnswer::Unavailable,
        Trouble::Malformed => NoAnswer::Broken,
        Trouble::Resting(wait) => NoAnswer::Resting(wait),
        Trouble::NotTaken => NoAnswer::NotTaken,
        Trouble::Busy(wait) => NoAnswer::Busy(wait.unwrap_or(Millis(0))),
        Trouble::WrongKey | Trouble::WrongModel => NoAnswer::NotSetUp,
        Trouble::Declined => NoAnswer::Declined,
        Trouble::TooLate => NoAnswer::TooLate,
        Trouble::OutOfQuota => NoAnswer::OutOfQuota,
        Trouble::Spent => NoAnswer::Spent,
        Trouble::Cancelled => NoAnswer::Cancelled,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions_stand_on_lines_of_their_own() {
        let said = "1. Yes, gladly!\n\n2) \"Tomorrow?\"\n- 7 is fine\n7.30 at the station";
        let replies: Vec<_> = replies(said).iter().map(|reply| reply.as_str().to_owned()).collect();
        assert_eq!(replies, ["Yes, gladly!", "Tomorrow?", "7 is fine", "7.30 at the station"]);
    }
}
