//! What reading a frame, writing one, and hiding phone numbers cost.
//!
//! `cargo bench --bench codec`

#[path = "common/rounds.rs"]
mod rounds;

use rounds::{Subject, compare};
use std::borrow::Cow;
use std::hint::black_box;
use strowger::core::mask::{Masker, PLACEHOLDER, Trail};
use strowger::wire::{CommandResult, Content, Frame, Pos, ServerFrame, Timestamp};

const PLAIN: &str = r#"{"type":"chat_message","message":"I'm good, thanks! Where are you from?"}"#;
const ESCAPED: &str = r#"{"type":"chat_message","message":"\"I\u2019m good\", he said.\nWhere are you from?","request_id":"7"}"#;
const REGISTER: &str = r#"{"type":"register","client_id":"phone_1a2b3c4d","client_name":"phone","session":"team","nickname":"User_A"}"#;
const BROKEN: &str = r#"{"type":"chat_message","message":5,"request_id":"7"}"#;

/// 100 bytes without a number.
const TALK: &str =
    "I was in Lisbon last spring, and the trams were full; the old town at night is what I miss the most!";
const NUMBER: &str = "Call me at 98765 43210, or write to +49 170 1234567";

fn main() {
    let subjects = vec![
        Subject::new("reads a chat_message", || reading(PLAIN, true)),
        Subject::new("reads a chat_message with escapes", || reading(ESCAPED, true)),
        Subject::new("reads a register", || reading(REGISTER, true)),
        Subject::new("refuses a chat_message without a text", || reading(BROKEN, false)),
        Subject::new("writes a chat_message", || {
            writing(ServerFrame::ChatMessage {
                from: "User_A",
                message: "I'm good, thanks! Where are you from?",
                pos: Some(Pos(1_234)),
            })
        }),
        Subject::new("writes a response", || writing(response())),
        Subject::new("masks 100 bytes without a number", || masking(TALK)),
        Subject::new("masks 100 bytes without a number, in a row", || masking_in_a_row(TALK)),
        Subject::new("masks two numbers", || masking(NUMBER)),
    ];
    compare("the codec and the masker", subjects);
}

fn reading(text: &'static str, is_good: bool) -> impl FnMut() {
    move || {
        let read = black_box(Frame::read(black_box(text)));
        assert_eq!(read.is_ok(), is_good);
    }
}

fn writing(frame: ServerFrame<'static>) -> impl FnMut() {
    let mut out = Vec::with_capacity(1_024);
    move || {
        out.clear();
        let written = black_box(&frame).write(&mut out);
        assert!(written.is_ok() && !black_box(&out).is_empty());
    }
}

fn response() -> ServerFrame<'static> {
    let text = "🔍 Looking for someone to chat with... Please wait while we find you a partner!";
    let result = CommandResult {
        success: true,
        command: Some("meet"),
        state: Some("waiting"),
        position: Some(1),
        text: Cow::Borrowed(text),
        ..CommandResult::default()
    };
    ServerFrame::Response {
        request_id: Some("1"),
        content: Content::ChatCommandResult(result),
        timestamp: Timestamp(1_767_323_045_678),
    }
}

fn masking(text: &'static str) -> impl FnMut() {
    let masker = Masker::default();
    let holds_a_number = text == NUMBER;
    move || {
        let masked = black_box(masker.mask(black_box(text)));
        assert_eq!(masked.contains(PLACEHOLDER), holds_a_number);
    }
}

/// As texts of one conversation are masked: with an eye on what the ones before showed.
fn masking_in_a_row(text: &'static str) -> impl FnMut() {
    let (masker, mut trail) = (Masker::default(), Trail::default());
    move || {
        black_box(masker.mask_next(&mut trail, black_box(text)));
    }
}
