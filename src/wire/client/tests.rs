use super::*;

fn rejection(text: &str) -> (Code, String) {
    let rejection = Frame::read(text).expect_err("a bad frame");
    (rejection.code, rejection.text)
}

#[test]
fn a_text_is_borrowed_from_its_frame() {
    let frame = Frame::read(r#"{"request_id":"7","message":"hello","type":"chat_message"}"#).expect("good");
    assert_eq!(frame.request_id.as_deref(), Some("7"));
    let Request::ChatMessage(chat) = frame.request else { panic!("a chat message") };
    assert!(matches!(chat.message, Cow::Borrowed("hello")));
}

#[test]
fn escapes_are_read_and_null_counts_as_absent() {
    let text = r#"{"type":"chat_message","message":"\u0023bye","request_id":null,"pos":[1,{"a":2}]}"#;
    let frame = Frame::read(text).expect("good");
    assert!(frame.request_id.is_none());
    assert!(matches!(frame.request, Request::ChatMessage(chat) if chat.message == "#bye"));
}

#[test]
fn what_is_not_json_is_told_from_what_is_no_frame() {
    for text in ["", "{", "nonsense", "{\"type\":\"ping\"} x", "\u{FEFF}{\"type\":\"ping\"}", "{'a':1}"] {
        assert_eq!(rejection(text).0, Code::InvalidJson, "{text}");
    }
    for text in ["[]", "5", "null", "\"ping\"", "true", "{}", r#"{"type":null}"#, r#"{"type":[]}"#] {
        assert_eq!(rejection(text).0, Code::InvalidMessage, "{text}");
    }
}

#[test]
fn deep_nesting_does_no_harm() {
    assert_eq!(rejection(&"[".repeat(50_000)).0, Code::InvalidJson);
    assert_eq!(rejection(&format!("{{\"type\":{}", "[".repeat(50_000))).0, Code::InvalidJson);
    let closed = format!("{{\"type\":\"ping\",\"x\":{}{}}}", "[".repeat(50_000), "]".repeat(50_000));
    assert!(Frame::read(&closed).is_ok());
}

#[test]
fn a_wrong_field_is_named() {
    let named = [
        (r#"{"type":"chat_message"}"#, "message: "),
        (r#"{"type":"chat_message","message":5}"#, "message: "),
        (r#"{"type":"chat_message","message":""}"#, "message: "),
        (r#"{"type":5}"#, "type: "),
        (r#"{"type":"ping","request_id":5}"#, "request_id: "),
        (r#"{"type":"register","client_name":5}"#, "client_name: "),
        (r#"{"type":"register","client_id":""}"#, "client_id: "),
        (r#"{"type":"register","role":"king"}"#, "role: "),
        (r#"{"type":"chat_typing","active":"yes"}"#, "active: "),
        (r#"{"type":"contact_list_update","contacts":"John"}"#, "contacts: "),
        (r#"{"type":"contact_list_update","contacts":["John",5]}"#, "contacts[1]: "),
        (r#"{"type":"contact_list_update","contacts":[{"phone":"1"}]}"#, "contacts[0]: "),
        (r#"{"type":"contact_list_update","contacts":[" "]}"#, "contacts[0]: "),
        (r#"{"type":"contact_list_update","contacts":["John","\u200b\t\n"]}"#, "contacts[1]: "),
        (r#"{"type":"contact_list_update","contacts":[{"name":" ","phone":"+15550100"}]}"#, "contacts[0]: "),
        (
            r#"{"type":"contact_list_update","contacts":[{"name":"John","phone":"notanumber"}]}"#,
            "contacts[0].phone: a phone number",
        ),
        (
            r#"{"type":"whatsapp_ai_command","command":"help","context":{"contact_list":[" "]}}"#,
            "context.contact_list[0]: ",
        ),
        (r#"{"type":"register","role":5}"#, "role: a string is expected"),
        (
            r#"{"type":"whatsapp_action_result","request_id":"1","content":{"success":true,"state":5}}"#,
            "content.state: a string is expected",
        ),
    ];
    for (text, start) in named {
        let (code, says) = rejection(text);
        assert_eq!(code, Code::InvalidMessage, "{text}");
        assert!(says.starts_with(start), "{text} says {says}");
    }
    assert_eq!(rejection(r#"{"type":"contact_list_update"}"#).1, "missing field `contacts`");
}

#[test]
fn an_unknown_type_says_so_and_echoes_the_request() {
    let rejection = Frame::read(r#"{"type":"foo","request_id":"7"}"#).expect_err("unknown");
    assert_eq!(rejection.code, Code::UnknownType);
    assert_eq!(rejection.text, "Unknown message type: foo");
    assert_eq!(rejection.request_type.as_deref(), Some("foo"));
    assert_eq!(rejection.request_id.as_deref(), Some("7"));
}

#[test]
fn contacts_are_names_or_objects() {
    let text = r#"{"type":"contact_list_update","contacts":["John",{"name":"Sarah","phone":null,"id":"7"}]}"#;
    let Ok(Frame { request: Request::ContactListUpdate(update), .. }) = Frame::read(text) else {
        panic!("a contact list")
    };
    let names: Vec<_> = update.contacts.iter().map(|contact| contact.name.as_str()).collect();
    assert_eq!(names, ["John", "Sarah"]);
}

#[test]
fn too_many_contacts_are_too_large() {
    let names = vec!["\"x\""; LIMIT_CONTACTS + 1].join(",");
    let text = format!("{{\"type\":\"contact_list_update\",\"contacts\":[{names}]}}");
    assert_eq!(rejection(&text).0, Code::TooLarge);
}

#[test]
fn a_frame_that_cannot_be_read_still_says_which_it_is() {
    for text in [
        r#"{"request_id":"7","type":"chat_message","message":"hi","message":"ho"}"#,
        r#"{"request_id":"7","type":"chat_message","message":"\ud83d"}"#,
        r#"{"request_id":"7","type":"chat_message","message":"hi","last_pos":7}"#,
    ] {
        let rejection = Frame::read(text).expect_err("a bad frame");
        assert_eq!(rejection.request_id.as_deref(), Some("7"), "{text}");
        assert_eq!(rejection.request_type.as_deref(), Some("chat_message"), "{text}");
    }
    for id in ["7", "[]", &format!("\"{}\"", "x".repeat(LIMIT_REQUEST_ID + 1))] {
        let text = format!(r#"{{"type":"chat_message","message":"hi","request_id":{id}}}"#);
        let rejection = Frame::read(&text).expect_err("a bad frame");
        assert!(rejection.text.starts_with("request_id: "), "{}", rejection.text);
        assert_eq!(rejection.request_type.as_deref(), Some("chat_message"), "{text}");
        assert_eq!(rejection.request_id, None);
    }
}

#[test]
fn a_list_of_values_is_no_object() {
    for (text, says) in [
        (
            r#"{"type":"whatsapp_command","command":["status",null,null,null,null,null,null,null]}"#,
            "command: invalid type: list, expected an object",
        ),
        (
            r#"{"type":"whatsapp_ai_command","command":"status","context":["John",[]]}"#,
            "context: invalid type: list, expected an object",
        ),
        (
            r#"{"type":"whatsapp_action_result","request_id":"1","content":[true,null,null,null]}"#,
            "content: invalid type: list, expected an object",
        ),
        (
            r#"{"type":"whatsapp_command","command":{"action":"read","contact":"John","count":"many"}}"#,
            "command.count: invalid type: string \"many\", expected a whole number",
        ),
    ] {
        assert_eq!(rejection(text), (Code::InvalidMessage, says.to_owned()), "{text}");
    }
    let text = r#"{"type":"whatsapp_ai_command","command":"status","context":null}"#;
    assert!(Frame::read(text).is_ok());
}

#[test]
fn whatever_confirms_a_send_is_taken() {
    for confirm in ["false", "true", "null", "7", "\"code\"", "{}", "[]"] {
        let text = format!(
            r#"{{"type":"whatsapp_command","command":{{"action":"send","contact":"John","message":"hi","confirm":{confirm}}}}}"#
        );
        assert!(Frame::read(&text).is_ok(), "{confirm}");
    }
}

#[test]
fn a_place_that_there_never_is_is_refused_at_the_door() {
    for position in ["0", "100001", "18446744073709551615"] {
        let text = format!(
            r#"{{"type":"whatsapp_command","command":{{"action":"read","contact":"John","position":{position}}}}}"#
        );
        let (code, says) = rejection(&text);
        assert_eq!(code, Code::InvalidMessage);
        assert!(says.starts_with("command.position: "), "{says}");
    }
    for before in ["", "x", "1.5", "99999999999999999999"] {
        let (code, says) = rejection(&format!(r#"{{"type":"get_history","before":"{before}"}}"#));
        assert_eq!(code, Code::InvalidMessage);
        assert!(says.starts_with("before: "), "{says}");
    }
    assert!(Frame::read(r#"{"type":"get_history","before":"7"}"#).is_ok());
}

fn proposal(text: &str) -> Option<(&'static str, Option<String>)> {
    let action = crate::wire::proposed(text)?;
    let contact = action.contact().map(|contact| contact.as_str().to_owned());
    Some((action.name(), contact))
}

#[test]
fn what_a_model_proposes_is_read_as_if_a_client_had_sent_it() {
    let send = r#"{"action": "send", "contact": "John", "message": "hi", "count": null, "position": 0, "query": null}"#;
    let sends = Some(("send", Some("John".to_owned())));
    assert_eq!(proposal(send), sends);
    assert_eq!(proposal(&format!("```json\n{send}\n```")), sends);
    assert_eq!(proposal(&format!(" \n{send}\n")), sends);
    assert_eq!(proposal(r#"{"action": "auto_on"}"#), Some(("auto_on", None)));
    let read =
        r#"{"action": "read", "contact": "John", "query_type": "position_from_contact", "position": 2}"#;
    assert_eq!(proposal(read), Some(("read", Some("John".to_owned()))));
    for nothing in [
        "",
        "Sure, I will.",
        "[]",
        r#"{"action": "none"}"#,
        r#"{"action": "send", "contact": "John"}"#,
        r#"{"action": "send", "contact": "", "message": "hi"}"#,
        r#"{"action": "send", "contact": ["John", "Eve"], "message": "hi"}"#,
        r#"{"action": "send", "contact": "John", "message": "hi"} {"action": "list"}"#,
    ] {
        assert_eq!(proposal(nothing), None, "{nothing}");
    }
}

#[test]
fn a_model_confirms_nothing() {
    let send = r#"{"action": "send", "contact": "John", "message": "hi", "confirm": "0123456789abcdef"}"#;
    let Some(crate::core::Action::Send { confirm, .. }) = crate::wire::proposed(send) else {
        panic!("a send")
    };
    assert_eq!(confirm, None);
}
