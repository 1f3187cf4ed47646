//! What a request is answered with that does not get past the gate: a status, and a JSON-RPC error (JSON-RPC 2.0
//! section 5.1) whose `id` is left out where nobody could read it.

use crate::auth::Denied;
use crate::http::bearer;
use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::time::Duration;

pub const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// It is not JSON.
const PARSE_ERROR: i32 = -32_700;
/// It is JSON, or HTTP, and not a request.
const INVALID_REQUEST: i32 = -32_600;

/// See the module.
pub struct Refusal {
    status: StatusCode,
    code: i32,
    text: Cow<'static, str>,
    id: Option<Box<Value>>,
    advice: Advice,
}

/// What a header says besides.
enum Advice {
    Nothing,
    /// How to say who one is.
    Challenge(&'static str),
    /// After how many seconds to come back.
    Wait(u64),
    /// Which method to use.
    Post,
}

#[derive(Serialize)]
struct Written<'r> {
    jsonrpc: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'r Value>,
    error: Error<'r>,
}

#[derive(Serialize)]
struct Error<'r> {
    code: i32,
    message: &'r str,
}

impl Refusal {
    pub fn new(status: StatusCode, text: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code: INVALID_REQUEST, text: text.into(), id: None, advice: Advice::Nothing }
    }

    /// It is no request.
    pub fn invalid(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    /// It is no JSON.
    pub fn not_json() -> Self {
        Self { code: PARSE_ERROR, ..Self::invalid("The body is not JSON.") }
    }

    /// The token is missing or wrong.
    pub fn unauthorized(denied: Denied) -> Self {
        let text = match denied {
            Denied::Missing => {
                "Send the header Authorization: Bearer, and behind it AUTH_TOKEN or ADMIN_TOKEN of this hub, or a JWT \
                 where it takes these."
            }
            Denied::Unknown => {
                "This token opens nothing here: it is neither AUTH_TOKEN nor ADMIN_TOKEN of this hub, nor a JWT that \
                 it takes."
            }
            Denied::Expired => bearer::EXPIRED,
        };
        let advice = Advice::Challenge(bearer::challenge(denied));
        Self { advice, ..Self::new(StatusCode::UNAUTHORIZED, text) }
    }

    /// Too many tokens were wrong.
    pub fn too_many_guesses(wait: Duration) -> Self {
        // Rounded up: who comes back too early hears it again.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let text = format!("Too many wrong tokens: try again in {seconds} s.");
        Self { advice: Advice::Wait(seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, text) }
    }

    /// Without sessions there is nothing to get or to delete.
    pub fn method() -> Self {
        let text = "Only POST is spoken here.";
        Self { advice: Advice::Post, ..Self::new(StatusCode::METHOD_NOT_ALLOWED, text) }
    }

    /// The same, as the answer to this request.
    pub fn to(self, id: Option<Value>) -> Self {
        Self { id: id.map(Box::new), ..self }
    }

    pub fn into_response(self) -> Response<Body> {
        let error = Error { code: self.code, message: &self.text };
        let mut response = json(self.status, &Written { jsonrpc: "2.0", id: self.id.as_deref(), error });
        response.headers_mut().extend(self.advice.header());
        response
    }
}

impl Advice {
    fn header(self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::Nothing => None,
            Self::Challenge(challenge) => Some((WWW_AUTHENTICATE, HeaderValue::from_static(challenge))),
            Self::Wait(seconds) => Some((RETRY_AFTER, seconds.into())),
            Self::Post => Some((ALLOW, HeaderValue::from_static("POST"))),
        }
    }
}

/// An answer in JSON.
pub fn json(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    let (status, body) = match serde_json::to_vec(value) {
        Ok(body) => (status, body),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, Vec::new()),
    };
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}
