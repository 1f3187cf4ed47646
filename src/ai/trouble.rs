//! Why there is no answer, and whether another try may bring one.

use crate::core::Millis;
use genai::webc;
use serde_json::Value;
use std::time::{Duration, SystemTime};

/// What went wrong. Nothing of the question or of what the provider wrote is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nobody is set up who could be asked, or not under this name.
    NoProvider,
    /// It can't be reached, or has a fault of its own.
    Unavailable,
    /// It takes no more for now; if it said so, for this long.
    Busy(Option<Millis>),
    /// It failed again and again, and is left alone for so long.
    Resting(Millis),
    /// It does not know the key.
    WrongKey,
    /// It does not know the model, or the address.
    WrongModel,
    /// It would not answer this.
    Declined,
    /// It does not take what it was asked: too long, or asked in a way that it does not know.
    NotTaken,
    /// What came is no answer: cut off, or in no known shape.
    Malformed,
    /// It took too long.
    TooLate,
    /// The operator's account with it has nothing left.
    OutOfQuota,
    /// What the house allows for a day, in calls or tokens, is used up.
    Spent,
    /// Nobody waited for it any more.
    Cancelled,
}

impl Trouble {
    /// The word for it where calls are counted.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoProvider => "no_provider",
            Self::Unavailable => "unavailable",
            Self::Busy(_) => "busy",
            Self::Resting(_) => "resting",
            Self::WrongKey => "wrong_key",
            Self::WrongModel => "wrong_model",
            Self::Declined => "declined",
            Self::NotTaken => "not_taken",
            Self::Malformed => "malformed",
            Self::TooLate => "too_late",
            Self::OutOfQuota => "out_of_quota",
            Self::Spent => "spent",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the same provider may do better in a moment.
    pub fn may_pass(self) -> bool {
        matches!(self, Self::Unavailable | Self::Busy(_) | Self::Malformed)
    }

    /// Whether it says that the provider should be left alone for a while if it goes on like that.
    pub fn is_the_providers(self) -> bool {
        matches!(self, Self::Unavailable | Self::Busy(_) | Self::Malformed | Self::TooLate | Self::OutOfQuota)
    }

    /// Whether it is an answer of a provider that lives, and a no.
    pub fn is_an_answer(self) -> bool {
        matches!(self, Self::WrongKey | Self::WrongModel | Self::Declined | Self::NotTaken)
    }

    /// What an error of the library comes to.
    pub fn of(error: &genai::Error) -> Self {
        // What a stream fails for stands inside.
        if let genai::Error::WebStream { error, .. } = error {
            return error.downcast_ref().map_or(Self::Unavailable, Self::of);
        }
        match error.status().map(|status| status.as_u16()) {
            Some(status) => Self::of_status(status, error),
            None => Self::without_status(error),
        }
    }

    /// The status of HTTP that the provider answered with, if it was one of an error.
    pub fn status(error: &genai::Error) -> Option<u16> {
        if let genai::Error::WebStream { error, .. } = error {
            return error.downcast_ref().and_then(Self::status);
        }
        error.status().map(|status| status.as_u16())
    }

    fn of_status(status: u16, error: &genai::Error) -> Self {
        let says = |word| body_of(error).is_some_and(|body| body.contains(word));
        match status {
            429 if says("insufficient_quota") => Self::OutOfQuota,
            402 => Self::OutOfQuota,
            429 | 503 | 529 => Self::Busy(wait_of(error)),
            408 | 500.. => Self::Unavailable,
            401 | 403 => Self::WrongKey,
            400 if says("API_KEY_INVALID") => Self::WrongKey,
            404 => Self::WrongModel,
            _ => Self::NotTaken,
        }
    }

    /// What a provider says in the middle of an answer. Its kinds of error are words of its own, and seldom the same.
    fn told(body: &Value) -> Self {
        // Of an answer of Gemini's without candidates, as to a prompt that it blocks, the library leaves this.
        let is_blocked = body.get("error").is_none() && body.get("finishReason").is_some();
        let error = body.get("error").unwrap_or(body);
        match error.get("code").and_then(Value::as_u64) {
            _ if is_blocked => Self::Declined,
            Some(code @ 400..=499) if code != 408 && code != 429 => Self::NotTaken,
            _ => Self::Unavailable,
        }
    }

    fn without_status(error: &genai::Error) -> Self {
        use genai::Error;
        match error {
            Error::RequiresApiKey { .. } | Error::NoAuthData { .. } | Error::NoAuthResolver { .. } => {
                Self::WrongKey
            }
            Error::WebModelCall { webc_error: webc::Error::Reqwest(error), .. }
            | Error::WebAdapterCall { webc_error: webc::Error::Reqwest(error), .. } => {
                if error.is_decode() {
                    Self::Malformed
                } else {
                    Self::Unavailable
                }
            }
            Error::ChatResponse { body, .. } => Self::told(body),
            _ => Self::Malformed,
        }
    }
}

fn body_of(error: &genai::Error) -> Option<&str> {
    match error {
        genai::Error::HttpError { body, .. } => Some(body),
        genai::Error::WebModelCall { webc_error, .. } | genai::Error::WebAdapterCall { webc_error, .. } => {
            match webc_error {
                webc::Error::ResponseFailedStatus { body, .. } => Some(body),
                _ => None,
            }
        }
        _ => None,
    }
}

/// For how long the provider wants to be left alone: `retry-after-ms`, `Retry-After` (RFC 9110 section 10.2.3), or what
/// Gemini writes in the body.
fn wait_of(error: &genai::Error) -> Option<Millis> {
    let header =
        |name| error.headers().and_then(|headers| headers.get(name)).and_then(|value| value.to_str().ok());
    let exact = header("retry-after-ms").and_then(|value| value.trim().parse().ok()).map(Millis);
    let told = || header("retry-after").and_then(|value| retry_after(value.trim(), SystemTime::now()));
    exact.or_else(told).or_else(|| body_of(error).and_then(retry_delay))
}

fn retry_after(value: &str, now: SystemTime) -> Option<Millis> {
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Millis::seconds(seconds));
    }
    let at = chrono::DateTime::parse_from_rfc2822(value).ok()?;
    let until = SystemTime::from(at).duration_since(now).unwrap_or_default();
    Some(Millis::from(until))
}

/// `"retryDelay": "46s"`, in the `details` of an error of Google's APIs (google.rpc.RetryInfo).
fn retry_delay(body: &str) -> Option<Millis> {
    let error: Value = serde_json::from_str(body).ok()?;
    let error = if error.is_array() { error.get(0)? } else { &error };
    let details = error.get("error")?.get("details")?.as_array()?;
    let delay = details.iter().find_map(|detail| detail.get("retryDelay")?.as_str())?;
    let seconds: f64 = delay.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok().map(Millis::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_seconds_or_as_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        assert_eq!(retry_after("7", now), Some(Millis::seconds(7)));
        assert_eq!(retry_after("Thu, 01 Jan 1970 00:17:00 GMT", now), Some(Millis::seconds(20)));
        assert_eq!(retry_after("Thu, 01 Jan 1970 00:00:00 GMT", now), Some(Millis(0)), "it is over");
        for odd in ["", "-1", "soon", "1.5"] {
            assert_eq!(retry_after(odd, now), None, "{odd:?}");
        }
    }

    #[test]
    fn gemini_tells_it_in_the_body() {
        let body =
            |delay: &str| format!(r#"{{"error": {{"details": [{{"a": 1}}, {{"retryDelay": "{delay}"}}]}}}}"#);
        assert_eq!(retry_delay(&body("46s")), Some(Millis::seconds(46)));
        assert_eq!(retry_delay(&format!("[{}]", body("0.5s"))), Some(Millis(500)));
        for odd in ["46", "s", "-1s", "1e99s", "NaNs"] {
            assert_eq!(retry_delay(&body(odd)), None, "{odd:?}");
        }
        assert_eq!(retry_delay("{}"), None);
        assert_eq!(retry_delay("not JSON"), None);
    }
}
