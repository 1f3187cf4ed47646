//! What each type of frame may hold, for the description of the socket: from the types that read it.

use super::account::{
    ActionResult, GetContacts, GetHistory, GetMessages, Search, WhatsappAiCommand, WhatsappCommand,
    WhatsappIncoming,
};
use super::ai::{AiCancel, AiRequest, GetSummary};
use super::{ChatTyping, ContactListUpdate, LATER, Register};
use utoipa::ToSchema;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

/// One type of frame.
pub struct Described {
    pub kind: &'static str,
    /// What it holds beside what every frame may; nothing for one that has no fields of its own.
    pub fields: Option<RefOr<Schema>>,
    /// What that refers to, by name.
    pub parts: Vec<(String, RefOr<Schema>)>,
    /// What it is for.
    pub summary: &'static str,
}

impl Described {
    fn by<T: ToSchema>(kind: &'static str, summary: &'static str) -> Self {
        let mut parts = Vec::new();
        T::schemas(&mut parts);
        Self { kind, fields: Some(T::schema()), parts, summary }
    }

    fn bare(kind: &'static str, summary: &'static str) -> Self {
        Self { kind, fields: None, parts: Vec::new(), summary }
    }
}

/// The types of frame that clients may send, those that a bridge sends last.
pub fn described() -> Vec<Described> {
    let mut all = vec![
        Described::by::<Register>("register", "Who the client is; the first frame"),
        Described::bare("ping", "Asks for a pong"),
        Described {
            fields: Some(chat_message()),
            ..Described::bare("chat_message", "A line that the person typed")
        },
        Described::by::<ChatTyping>("chat_typing", "The person types, or stopped"),
        Described::by::<ContactListUpdate>("contact_list_update", "The session's contacts from now on"),
        Described::by::<WhatsappCommand>("whatsapp_command", "An action, as an object"),
        Described::by::<WhatsappAiCommand>("whatsapp_ai_command", "An action, in plain words"),
        Described::by::<GetContacts>("whatsapp_get_contacts", "The contacts, page by page"),
        Described::by::<GetMessages>("whatsapp_get_messages", "The newest messages of a contact"),
        Described::by::<GetHistory>("get_history", "Messages, page by page"),
        Described::by::<Search>("search", "Messages by their words"),
        Described::by::<GetSummary>("get_summary", "What was said; it takes an AI"),
        Described::by::<AiRequest>("ai_request", "A question for an AI"),
        Described::by::<AiCancel>("ai_cancel", "Takes back what was put to an AI"),
        Described::bare("get_status", "How the session stands"),
        Described::by::<ActionResult>("whatsapp_action_result", "From a bridge: what became of an action"),
        Described::by::<WhatsappIncoming>("whatsapp_incoming", "From a bridge: a message came in"),
    ];
    all.extend(LATER.map(|kind| Described::bare(kind, "Not served: it is answered with `unsupported`")));
    all
}

/// The commonest frame is read by hand, and so is described by hand.
fn chat_message() -> RefOr<Schema> {
    let message = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
    ObjectBuilder::new().property("message", message).required("message").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Code, Frame};

    #[test]
    fn every_type_that_is_read_is_described_and_no_other() {
        for Described { kind, .. } in described() {
            let frame = format!("{{\"type\":\"{kind}\"}}");
            let refused = Frame::read(&frame).err().map(|rejection| rejection.code);
            assert_ne!(refused, Some(Code::UnknownType), "{kind}");
        }
    }
}
