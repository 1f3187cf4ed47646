//! What a client sends, is told and comes back with.

use super::{SECRET, check};
use strowger::client::{Act, Dialogue, End, Options, Request};

#[test]
fn what_a_client_does_and_hears_prints_none_of_what_is_said() {
    let options = Options::to("ws://localhost").expect("an address").client_id(SECRET).nickname(SECRET);
    let options = options.session(SECRET).token(Some(SECRET.to_owned()));
    check(&format!("{options:?}"));
    let mut dialogue = Dialogue::new(options, SECRET);
    let mut acts = Vec::new();
    dialogue.opened(&mut acts);
    for frame in [
        r#"{"type":"registration_confirmed","client_id":"marzipan","session":"marzipan","nickname":"marzipan","resume_token":"marzipan"}"#,
        r#"{"type":"chat_message","from":"marzipan","message":"marzipan","pos":"marzipan"}"#,
        r#"{"type":"error","code":"marzipan","error":"marzipan"}"#,
    ] {
        dialogue.hear(frame.to_owned(), &mut acts);
    }
    for request in
        [Request::line(SECRET), Request::send(SECRET, SECRET), Request::ai(SECRET), Request::rename(SECRET)]
    {
        check(&format!("{request:?}"));
        dialogue.ask(request, &mut acts).expect("room");
    }
    let end = End::Closed { code: 4500, reason: SECRET.to_owned() };
    check(&format!("{end:?}"));
    dialogue.lost(end, &mut acts);
    assert!(acts.iter().any(|act| matches!(act, Act::Send(text) if text.contains(SECRET))));
    check(&format!("{acts:?}"));
}

#[test]
fn why_a_connection_ended_prints_its_kind_only() {
    let (code, text) = (|| "unauthorized".to_owned(), || SECRET.to_owned());
    for end in [
        End::Unreachable(text()),
        End::Busy { code: code(), text: text(), retry_after: None },
        End::Rejected { code: code(), text: text() },
    ] {
        check(&format!("{end:?}"));
    }
}
