//! What the tools take. Unknown arguments are ignored, since hosts add some; a wrong or missing one is named.

use crate::core::Private;
use schemars::JsonSchema;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};

/// Characters of a `puch_user_id`.
const LONGEST_ID: usize = 128;
/// The least age that a sweep takes without the scope `admin`, and what it is without a word.
pub const HALF_AN_HOUR: u64 = 30;
/// The greatest age, a week: nobody is here for longer without doing anything.
pub const A_WEEK: u64 = 7 * 24 * 60;
/// How long to wait without a word, and at most: hosts give up on a call after a minute.
const USUAL_WAIT: u64 = 25;
const LONGEST_WAIT: u64 = 50;

/// Of `handle_message`.
#[derive(Deserialize, JsonSchema)]
pub struct HandleMessage {
    /// What the user wrote, word for word and in full, with its commands, spelling, emoji and line breaks. Never a
    /// summary, a translation or an answer of your own.
    #[schemars(with = "String")]
    pub message: Typed,
    /// The unique identifier of the user, exactly as the host gave it to you, in full.
    #[schemars(with = "String", length(min = 1, max = LONGEST_ID))]
    pub puch_user_id: UserId,
    /// The name that the partner is shown, only if the user asked to be called by it. Otherwise leave it out.
    #[serde(default)]
    #[schemars(with = "String")]
    pub user_nickname: Option<String>,
}

/// Of `wait_for_messages`.
#[derive(Deserialize, JsonSchema)]
pub struct Wait {
    /// Whose messages to wait for: the same identifier as in handle_message.
    #[schemars(with = "String", length(min = 1, max = LONGEST_ID))]
    pub puch_user_id: UserId,
    /// How long to wait at most, in seconds.
    #[serde(default, deserialize_with = "whole")]
    #[schemars(with = "i64", range(min = 1, max = LONGEST_WAIT), extend("default" = USUAL_WAIT))]
    timeout_seconds: Option<u64>,
}

/// Of `cleanup_inactive`.
#[derive(Deserialize, JsonSchema)]
pub struct Cleanup {
    /// End the chats of users who did nothing for this many minutes.
    #[serde(default, deserialize_with = "whole")]
    #[schemars(with = "i64", range(min = 0, max = A_WEEK), extend("default" = HALF_AN_HOUR))]
    timeout_minutes: Option<u64>,
}

/// Of tools that take nothing.
#[derive(Deserialize, JsonSchema)]
pub struct Nothing {}

/// What a person typed. Its `Debug` prints nothing of it.
#[derive(Deserialize)]
#[serde(from = "String")]
pub struct Typed(pub Private);

/// Who a user is to their host. It has no `Debug`.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub struct UserId(String);

impl From<String> for Typed {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl TryFrom<String> for UserId {
    type Error = &'static str;

    fn try_from(id: String) -> Result<Self, Self::Error> {
        if id.trim().is_empty() || id.chars().count() > LONGEST_ID {
            return Err("must have 1 to 128 characters");
        }
        if id.chars().any(char::is_control) {
            return Err("must not have control characters");
        }
        if id.ends_with("...") || id.ends_with('…') {
            return Err("was cut short: give all of it");
        }
        Ok(Self(id))
    }
}

impl UserId {
    /// For the key that tells people apart, and nothing else.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Wait {
    pub fn seconds(&self) -> u64 {
        self.timeout_seconds.unwrap_or(USUAL_WAIT).clamp(1, LONGEST_WAIT)
    }
}

impl Cleanup {
    /// The age in minutes, which is never below `least`.
    pub fn minutes(&self, least: u64) -> u64 {
        self.timeout_minutes.unwrap_or(HALF_AN_HOUR).clamp(least, A_WEEK)
    }
}

/// Reads arguments, or says which is wrong and how, without quoting it.
pub fn read<T: DeserializeOwned>(arguments: Map<String, Value>) -> Result<T, String> {
    serde_path_to_error::deserialize(Value::Object(arguments)).map_err(|error| {
        let path = error.path().to_string();
        let wrong = error.into_inner().to_string();
        let wrong =
            wrong.rsplit_once(", expected ").map_or(wrong.clone(), |(_, kind)| format!("must be {kind}"));
        if path == "." { format!("{wrong}.") } else { format!("`{path}` {wrong}.") }
    })
}

/// A whole number, however it is written: `30` or `30.0`.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let Some(number) = Option::<Number>::deserialize(deserializer)? else { return Ok(None) };
    let rounded = || number.as_f64().filter(|n| n.fract() == 0.0 && *n >= 0.0).map(|n| n as u64);
    let whole = number.as_u64().or_else(rounded);
    whole.map(Some).ok_or_else(|| D::Error::custom("must be a whole number, 0 or more"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn arguments(value: Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    fn id(id: &str) -> bool {
        UserId::try_from(id.to_owned()).is_ok()
    }

    #[test]
    fn an_id_is_any_text_that_a_host_would_give() {
        for fine in ["u1", "919876543210", "👩‍🚀", "../../etc/passwd", "__proto__", " x ", &"x".repeat(128)]
        {
            assert!(id(fine), "{fine}");
        }
        for bad in ["", "  ", "\u{3000}", "abc...", "abc…", "a\nb", "a\0", "a\u{7f}", &"x".repeat(129)] {
            assert!(!id(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_wrong_argument_is_named_and_not_quoted() {
        let wrong = |value| read::<HandleMessage>(arguments(value)).err().expect("it is wrong");
        assert_eq!(wrong(json!({"message": "hi"})), "missing field `puch_user_id`.");
        assert_eq!(wrong(json!({"message": 5, "puch_user_id": "u"})), "`message` must be a string.");
        assert_eq!(wrong(json!({"message": null, "puch_user_id": "u"})), "`message` must be a string.");
        assert_eq!(
            wrong(json!({"message": "hi", "puch_user_id": "secret..."})),
            "`puch_user_id` was cut short: give all of it."
        );
        assert_eq!(
            wrong(json!({"message": "hi", "puch_user_id": "u", "user_nickname": [1]})),
            "`user_nickname` must be a string."
        );
        let fine =
            json!({"message": "hi", "puch_user_id": "u", "user_nickname": null, "bearer_token": "default"});
        assert!(read::<HandleMessage>(arguments(fine)).is_ok());
    }

    #[test]
    fn a_wait_is_as_long_as_hosts_bear() {
        for (given, expected) in
            [(None, 25), (Some(0), 1), (Some(1), 1), (Some(50), 50), (Some(51), 50), (Some(u64::MAX), 50)]
        {
            let given = json!({"puch_user_id": "u", "timeout_seconds": given});
            assert_eq!(
                read::<Wait>(arguments(given.clone())).map(|wait| wait.seconds()),
                Ok(expected),
                "{given}"
            );
        }
        assert_eq!(read::<Wait>(arguments(json!({"puch_user_id": "u"}))).map(|wait| wait.seconds()), Ok(25));
    }

    #[test]
    fn an_age_is_a_whole_number_within_bounds() {
        let minutes = |value, least| {
            read::<Cleanup>(arguments(json!({"timeout_minutes": value})))
                .map(|cleanup| cleanup.minutes(least))
        };
        for (value, least, expected) in [
            (json!(null), 30, 30),
            (json!(0), 30, 30),
            (json!(0), 0, 0),
            (json!(45.0), 30, 45),
            (json!(1e9), 30, A_WEEK),
            (json!(1e300), 0, A_WEEK),
        ] {
            assert_eq!(minutes(value, least), Ok(expected));
        }
        for value in [json!(-5), json!(1.5), json!("30"), json!(true), json!([30])] {
            assert!(
                minutes(value.clone(), 0).is_err_and(|wrong| wrong.contains("timeout_minutes")),
                "{value}"
            );
        }
    }
}
