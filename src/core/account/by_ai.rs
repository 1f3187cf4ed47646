//! What an AI says, and how little comes of it.
//!
//! An action is proposed for a client's own sentence only, which is all that the AI sees: no contact, no message. Whom
//! it names is looked up here, and what changes anything must stand in the client's own words, or be confirmed. What an
//! AI says of messages is a text, and never anything else.

use super::answer::{Answer, Refusal};
use super::asking::Wanted;
use super::confirming::Proposal;
use super::deed::{Deed, Prompt, Sentence};
use super::naming::Addressee;
use super::{Account, Asker, Moment, OrderId, Proposed, Target};
use crate::core::contacts::{Names, fold};
use crate::core::{Action, ContactName, Private, plain};

/// How many words of a name are looked for in a sentence.
const WORDS: usize = 6;

impl Account {
    /// Has an AI read what the rules do not understand, if there is one. What begins with a slash is no sentence.
    pub(super) fn interpret(&mut self, at: Moment, by: Asker, sentence: Sentence, deeds: &mut Vec<Deed>) {
        let may_be_read = matches!(sentence.why, Refusal::NotUnderstood | Refusal::UnknownName);
        if self.rules.ai.is_some() && may_be_read && !sentence.text.as_str().trim_start().starts_with('/') {
            deeds.push(Deed::Consult { to: Some(by), prompt: Prompt::Sentence(Box::new(sentence)) });
        } else {
            let refused = Answer::Refused { action: None, contact: None, why: sentence.why };
            self.settle(at.now, by, refused, deeds);
        }
    }

    /// Does what an AI made of a sentence, as far as the sentence says so itself. Nothing that an AI says turns
    /// auto-reply on or off: the rules know how people say that.
    pub(super) fn hear_proposal(
        &mut self,
        at: Moment,
        by: Asker,
        sentence: Sentence,
        proposal: Proposed,
        deeds: &mut Vec<Deed>,
    ) {
        let Sentence { text, context, fresh, why } = sentence;
        let refused = Answer::Refused { action: None, contact: None, why };
        let action = match proposal {
            Proposed::Action(Action::AutoReply(_)) | Proposed::Nothing => {
                return self.settle(at.now, by, refused, deeds);
            }
            // The same sentence again may be understood.
            Proposed::NoAnswer => return self.settle_for_now(by, refused, deeds),
            Proposed::Action(action) => action,
        };
        let names = Names::new(&self.contacts, &context.contacts);
        let addressee = action.contact().map(|typed| {
            let is_pronoun = plain::is_pronoun(typed.as_str()) && !names.is_exact(typed.as_str());
            if is_pronoun { self.spoken_of(&context, &names) } else { self.named(typed, &names) }
        });
        let own = plain::own_words(text.as_str());
        if let (Some(Ok(one)), Some(typed)) = (&addressee, action.contact())
            && !own.is_some_and(|own| is_named(own, typed, one, &names))
        {
            let target = one.target.clone();
            return self.have_confirmed(at, by, &action, (target, fresh), deeds);
        }
        let (addressee, extra) = (addressee.transpose(), context.contacts.as_slice());
        self.carry_out(at, by, Wanted { action, addressee, extra, fresh }, deeds);
    }

    /// Whoever asked has to confirm a send. What only shows something is asked for by its name instead.
    fn have_confirmed(
        &mut self,
        at: Moment,
        by: Asker,
        action: &Action,
        (target, fresh): (Target, OrderId),
        deeds: &mut Vec<Deed>,
    ) {
        let contact = Some(target.name.clone());
        let why = if let Action::Send { message, .. } = action {
            let code = Private::from(format!("{:016x}", fresh.0 & u128::from(u64::MAX)));
            let (registration, message) = (by.registration, message.clone());
            let proposal = Proposal { registration, code: code.clone(), target, message: message.clone() };
            self.proposals.add(at.now, proposal);
            Refusal::Unconfirmed { code: Some(code), message: Some(message) }
        } else {
            Refusal::Unconfirmed { code: None, message: None }
        };
        self.settle(at.now, by, Answer::Refused { action: Some(action.name()), contact, why }, deeds);
    }

    /// Whom a send goes to that is confirmed by this code. It is confirmed once, by whoever was given the code, with the
    /// text and the contact that were proposed.
    pub(super) fn confirmed(
        &self,
        by: &Asker,
        code: &str,
        contact: &ContactName,
        message: &Private,
    ) -> Result<Addressee, Refusal> {
        let resolved = self.addressee(contact).ok().map(|one| one.target.chat);
        let is_it = |waiting: &Proposal| {
            let is_called = fold(waiting.target.name.as_str()) == fold(contact.as_str())
                || resolved.as_ref() == Some(&waiting.target.chat);
            waiting.registration == by.registration
                && waiting.code.as_str() == code
                && waiting.message == *message
                && is_called
        };
        let proposal = self.proposals.find(is_it).ok_or(Refusal::NotProposed)?;
        Ok(Addressee { target: proposal.target.clone(), is_known: true })
    }
}

/// Whether the client's own words name the contact: by the name or number as the AI has it, or by whole words of the name
/// that mean nobody else. What only begins like a name, and a "him", names nobody.
fn is_named(own: &str, typed: &ContactName, one: &Addressee, names: &Names<'_>) -> bool {
    let is_name = !one.is_known || names.is_exact(typed.as_str());
    if is_name && plain::has_words(own, typed.as_str()) {
        return true;
    }
    let means = |part: &str| names.resolve(part).is_ok_and(|found| found.id == one.target.chat);
    let words: Vec<_> = one.target.name.as_str().split_whitespace().take(WORDS).collect();
    let mut parts = (0..words.len()).flat_map(|from| (from + 1..=words.len()).map(move |to| (from, to)));
    parts.any(|(from, to)| {
        let part = words.get(from..to).unwrap_or_default().join(" ");
        plain::has_words(own, &part) && means(&part)
    })
}
