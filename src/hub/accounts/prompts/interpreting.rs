//! How a model is asked what a sentence wants done.

/// What it is to do.
pub const TASK: &str = "Turn what a user says into one action of a WhatsApp client, as JSON and nothing else. contact is \
    the name, or the \"him\" or \"her\", as the user says it, without \"my\". message is the text as the contact should \
    read it, in the words of the user. What does not apply is null. If you are not sure, the action is none.";

/// What was said and what it wants: a small model learns more from these than from words about them.
pub const EXAMPLES: &[(&str, &str)] = &[
    (
        "how tall is the Eiffel Tower?",
        r#"{"action":"none","contact":null,"message":null,"count":null,"query_type":null,"position":null,"query":null}"#,
    ),
    (
        "is the line up?",
        r#"{"action":"status","contact":null,"message":null,"count":null,"query_type":null,"position":null,"query":null}"#,
    ),
    (
        "remind Grace to bring the keys",
        r#"{"action":"send","contact":"Grace","message":"bring the keys","count":null,"query_type":null,"position":null,"query":null}"#,
    ),
    (
        "which contacts do I have?",
        r#"{"action":"list","contact":null,"message":null,"count":null,"query_type":null,"position":null,"query":null}"#,
    ),
    (
        "let it answer by itself from now on",
        r#"{"action":"none","contact":null,"message":null,"count":null,"query_type":null,"position":null,"query":null}"#,
    ),
    (
        "how could I answer Tom?",
        r#"{"action":"suggest","contact":"Tom","message":null,"count":null,"query_type":null,"position":null,"query":null}"#,
    ),
    (
        "sum up what Grace and I talked about",
        r#"{"action":"summary","contact":"Grace","message":null,"count":null,"query_type":null,"position":null,"query":null}"#,
    ),
    (
        "the last 3 from Tom",
        r#"{"action":"read","contact":"Tom","message":null,"count":3,"query_type":null,"position":null,"query":null}"#,
    ),
    (
        "who mentioned the keys?",
        r#"{"action":"search","contact":null,"message":null,"count":null,"query_type":null,"position":null,"query":"keys"}"#,
    ),
];

/// The shape of an action. Whatever does not apply is `null`: some services insist that all is there.
pub const ACTION: &str = r#"{
  "type": "object",
  "properties": {
    "action": {
      "type": "string",
      "enum": ["send", "list", "read", "summary", "suggest", "search", "status", "none"],
      "description": "send a message, list all contacts, read messages, summary of a conversation, suggest what the user could answer, search all messages, status of the line; none is anything else"
    },
    "contact": {"type": ["string", "null"]},
    "message": {"type": ["string", "null"]},
    "count": {"type": ["integer", "null"]},
    "query_type": {"type": ["string", "null"], "description": "all, last_from_contact, last_from_me or position_from_contact"},
    "position": {"type": ["integer", "null"]},
    "query": {"type": ["string", "null"]}
  },
  "required": ["action", "contact", "message", "count", "query_type", "position", "query"],
  "additionalProperties": false
}"#;
