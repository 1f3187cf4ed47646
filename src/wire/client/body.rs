//! Requests that come without a frame around them, as the bodies of HTTP requests do.

use super::account::ActionObject;
use super::{Lax, Rejection, Request, WhatsappCommand, envelope, fields, request};
use crate::wire::Code;
use serde::de::DeserializeOwned;

/// What stands before the fields of an action within its frame.
const WITHIN: &str = "command.";

/// Reads an object that no frame has.
pub fn read_object<T: DeserializeOwned>(text: &str) -> Result<T, Box<Rejection>> {
    check(text)?;
    fields(text)
}

/// Whether it is one JSON object at all.
fn check(text: &str) -> Result<(), Box<Rejection>> {
    envelope(text).map(drop).map_err(|mut rejection| {
        if rejection.code == Code::InvalidMessage && !text.trim_start().starts_with('{') {
            "One JSON object is expected.".clone_into(&mut rejection.text);
        }
        rejection
    })
}

impl<'f> Request<'f> {
    /// Reads what a frame of this type says beside its type. For `whatsapp_command` that is the action itself.
    pub fn body(kind: &str, text: &'f str) -> Result<Self, Box<Rejection>> {
        check(text)?;
        if kind != "whatsapp_command" {
            return request(kind, Lax::Absent, text);
        }
        let command = WhatsappCommand { command: fields::<ActionObject>(text)? };
        match command.checked() {
            Ok(command) => Ok(Self::WhatsappCommand(Box::new(command))),
            Err(mut rejection) => {
                if let Some(bare) = rejection.text.strip_prefix(WITHIN) {
                    rejection.text = bare.to_owned();
                }
                Err(rejection)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(kind: &str, text: &str) -> (Code, String) {
        match Request::body(kind, text) {
            Ok(_) => panic!("{text} is taken"),
            Err(rejection) => (rejection.code, rejection.text),
        }
    }

    #[test]
    fn a_body_is_what_its_frame_would_say() {
        let send = r#"{"action": "send", "contact": "John", "message": "hi"}"#;
        assert!(matches!(Request::body("whatsapp_command", send), Ok(Request::WhatsappCommand(_))));
        let sentence = r#"{"command": "list contacts"}"#;
        assert!(matches!(Request::body("whatsapp_ai_command", sentence), Ok(Request::WhatsappAiCommand(_))));
    }

    #[test]
    fn what_is_wrong_is_named_without_the_frame() {
        let (code, text) = refused("whatsapp_command", r#"{"action": "send", "contact": "John"}"#);
        assert_eq!(
            (code, text.as_str()),
            (Code::InvalidMessage, "message: a string that is not empty is required")
        );
        assert_eq!(refused("whatsapp_command", "[]").1, "One JSON object is expected.");
        assert_eq!(refused("whatsapp_command", "{").0, Code::InvalidJson);
        assert_eq!(refused("whatsapp_command", "nonsense").0, Code::InvalidJson);
        assert_eq!(refused("whatsapp_ai_command", "{}").0, Code::InvalidMessage);
    }
}
