//! What holds of reading everything whatsoever as a frame.

use strowger::wire::{Frame, Rejection, Request};

/// Panics where it does not hold.
pub fn check(text: &str) {
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
        Request::Register(_) | Request::Ping | Request::ChatTyping { .. } => {}
    }
}

/// An answer says what is wrong, and is never much longer than what it answers.
fn check_rejection(rejection: &Rejection, text: &str) {
    assert!(!rejection.text.is_empty(), "{text:?} is refused without a word");
    let echoed = [&rejection.request_type, &rejection.request_id];
    let longest = echoed.into_iter().flatten().map(String::len).max().unwrap_or_default();
    assert!(longest <= text.len(), "{text:?} is answered with {longest} bytes of it");
}
