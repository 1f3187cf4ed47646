//! What the tools do. It must never know HTTP, nor which form a call came in.

use super::answers::{self, Outcome};
use super::arguments::{self, Cleanup, HALF_AN_HOUR, HandleMessage, Nothing};
use super::catalogue::{HELP_TEXT, Tool};
use super::envelope::Object;
use crate::auth::{Principal, Scope};
use crate::core::{Millis, Nickname};
use crate::http::Services;
use crate::inbox::{Errand, NoRoom};
use crate::wire::Code;
use tokio::sync::Semaphore;

/// How many may wait within a call at a time, on each port: on both together, half of the connections that are kept
/// for requests however many WebSockets there are.
const WAITS: usize = 64;
/// The longest message, in bytes, whatever `limits.text` allows.
const LONGEST: usize = 64 * 1_024;
/// When another try makes sense if there is no room, in milliseconds.
pub const RETRY: u64 = 5_000;

/// See the module.
pub struct Desk {
    pub services: Services,
    pub waits: Semaphore,
}

impl Desk {
    pub fn new(services: &Services) -> Self {
        Self { services: services.clone(), waits: Semaphore::new(WAITS) }
    }

    /// Does what was asked for, at once.
    pub async fn call(&self, principal: Principal, tool: Tool, arguments: Object) -> Outcome {
        let outcome = match tool {
            Tool::Validate => arguments::read(arguments).map(|Nothing {}| self.validate()),
            Tool::GetStats => {
                arguments::read(arguments).map(|Nothing {}| answers::stats(self.services.hub.figures()))
            }
            Tool::Help => arguments::read(arguments).map(|Nothing {}| Outcome::plain(HELP_TEXT)),
            Tool::CleanupInactive => arguments::read(arguments).map(|wanted| self.sweep(principal, &wanted)),
            Tool::HandleMessage => match arguments::read(arguments) {
                Ok(said) => Ok(self.hear(principal, said).await),
                Err(wrong) => Err(wrong),
            },
            Tool::WaitForMessages => return self.wait(principal, arguments, None).await,
        };
        outcome.unwrap_or_else(|wrong| Outcome::failed(Code::InvalidMessage, wrong))
    }

    fn validate(&self) -> Outcome {
        match &self.services.my_number {
            Some(number) => Outcome::plain(&**number),
            None => Outcome::failed(
                Code::Unsupported,
                "This hub has no number: set MY_NUMBER to the WhatsApp number of whoever connects it, country code \
                 and number, digits only, and start it again.",
            ),
        }
    }

    fn sweep(&self, principal: Principal, wanted: &Cleanup) -> Outcome {
        // Whoever chats may call this, so it must not end chats under way.
        let least = if principal.may(Scope::Admin) { 0 } else { HALF_AN_HOUR };
        let minutes = wanted.minutes(least);
        answers::swept(self.services.hub.sweep(Millis::seconds(minutes * 60)), minutes)
    }

    async fn hear(&self, principal: Principal, said: HandleMessage) -> Outcome {
        let HandleMessage { message, puch_user_id, user_nickname } = said;
        if message.0.as_str().len() > LONGEST {
            return Outcome::failed(Code::TooLarge, format!("`message` must have at most {LONGEST} bytes."));
        }
        let nickname = user_nickname.and_then(|name| Nickname::clean(&name, self.services.hub.masker()));
        let caller = self.services.caller(principal, puch_user_id.as_str());
        match self.services.inboxes.call(caller, nickname, Errand::Say(message.0)).await {
            Ok(page) => answers::chat(page),
            Err(NoRoom) => no_room(),
        }
    }
}

pub fn no_room() -> Outcome {
    Outcome::failed_for(
        Code::Overloaded,
        RETRY,
        "There is no room at the moment. Try again in a few seconds.",
    )
}
