//! What holds of reading everything whatsoever as a frame.

use strowger::core::Action;
use strowger::wire::{Frame, Rejection, Request, proposed};

/// Panics where it does not hold.
pub fn check(text: &str) {
    if let Some(Action::Send { confirm, .. }) = proposed(text) {
        assert!(confirm.is_none(), "{text:?} confirms itself");
    }
    match Frame::read(text) {
        Ok(frame) => {
            assert!(text.contains('{'), "{text:?} is no object");
            let id = frame.request_id.map_or(0, |id| id.len());
            assert!(id <= 128, "{text:?} has a request_id of {id} bytes");
            check_request(&frame.request, text);
        }
        Err(rejection) => check_rejection(&rejection, text),
    }
}

/// Nothing is in a request that was not in its frame.
fn check_request(request: &Request<'_>, text: &str) {
    assert!(!request.kind().is_empty());
    match request {
        Request::ChatMessage(chat) => {
            assert!(chat.message.len() <= text.len(), "{text:?} says more than it has")
        }
        Request::ContactListUpdate(update) => {
            assert!(update.contacts.len() <= text.len(), "{text:?} has more contacts than bytes");
        }
        Request::WhatsappAiCommand(sentence) => {
            assert!(sentence.command.len() <= text.len(), "{text:?} says more than it has");
        }
        Request::Search(search) => {
            assert!(search.query.len() <= text.len(), "{text:?} searches for more than it has");
        }
        Request::AiRequest(question) => {
            assert!(question.prompt.len() <= text.len(), "{text:?} asks more than it has");
        }
        Request::AiCancel(cancel) => {
            assert!(cancel.target.len() <= text.len(), "{text:?} takes back more than it has");
        }
        Request::ActionResult(result) => {
            assert!(result.request_id.len() <= text.len(), "{text:?} answers more than it has");
        }
        Request::Incoming(incoming) => {
            assert!(incoming.message.len() <= text.len(), "{text:?} reports more than it has");
        }
        Request::Register(_)
        | Request::Ping
        | Request::ChatTyping { .. }
        | Request::WhatsappCommand(_)
        | Request::GetContacts(_)
        | Request::GetMessages(_)
        | Request::GetHistory(_)
        | Request::GetSummary(_)
        | Request::GetStatus => {}
    }
}

/// An answer says what is wrong, and is never much longer than what it answers.
fn check_rejection(rejection: &Rejection, text: &str) {
    assert!(!rejection.text.is_empty(), "{text:?} is refused without a word");
    let echoed = [&rejection.request_type, &rejection.request_id];
    let longest = echoed.into_iter().flatten().map(String::len).max().unwrap_or_default();
    assert!(longest <= text.len(), "{text:?} is answered with {longest} bytes of it");
}
