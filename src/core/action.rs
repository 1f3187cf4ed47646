//! What a client may want from the account that its session shares.
//!
//! Owns the kinds of actions and their names. It must never know: how somebody said what they want, who does
//! it, or whether it may be done.

use super::{ContactName, Private};
use std::fmt;

/// One thing to do with the shared account.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Action {
    /// Sends a text, word for word.
    Send {
        contact: ContactName,
        message: Private,
        /// What the client was given to confirm that it means it.
        confirm: Option<Box<str>>,
    },
    /// Shows the contacts.
    List,
    /// Shows what was said.
    Read { contact: ContactName, count: usize, which: Which },
    /// Says what a conversation is about.
    Summary { contact: ContactName },
    /// Proposes answers.
    Suggest { contact: ContactName },
    /// Turns answering by itself on or off.
    AutoReply(bool),
    /// Says how the account is.
    Status,
    /// Looks for contacts and messages.
    Search { query: Private },
}

/// Which messages of a conversation are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Which {
    All,
    LastFromContact,
    LastFromMe,
    /// Counted from the end among those of the contact: 1 is the last.
    PositionFromContact(usize),
}

impl Action {
    /// The name of what is to be done.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Send { .. } => "send",
            Self::List => "list",
            Self::Read { .. } => "read",
            Self::Summary { .. } => "summary",
            Self::Suggest { .. } => "suggest",
            Self::AutoReply(true) => "auto_on",
            Self::AutoReply(false) => "auto_off",
            Self::Status => "status",
            Self::Search { .. } => "search",
        }
    }

    /// Whose conversation it is about, if it is about one.
    pub fn contact(&self) -> Option<&ContactName> {
        match self {
            Self::Send { contact, .. }
            | Self::Read { contact, .. }
            | Self::Summary { contact }
            | Self::Suggest { contact } => Some(contact),
            Self::List | Self::AutoReply(_) | Self::Status | Self::Search { .. } => None,
        }
    }
}

/// What kind of action it is, never with whom or what it says.
impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Action({})", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_has_a_name_and_perhaps_a_contact() {
        let contact = ContactName::new("Anna");
        let send = Action::Send { contact: contact.clone(), message: "hi".into(), confirm: None };
        assert_eq!((send.name(), send.contact()), ("send", Some(&contact)));
        assert_eq!(Action::AutoReply(true).name(), "auto_on");
        assert_eq!(Action::AutoReply(false).name(), "auto_off");
        assert_eq!(Action::List.contact(), None);
        assert_eq!(format!("{send:?}"), "Action(send)");
    }
}
