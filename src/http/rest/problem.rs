//! What goes wrong, as a problem document (RFC 9457), with the codes that every door has.

use crate::auth::Denied;
use crate::http::bearer::{self, TurnedAway};
use crate::http::body::Unread;
use crate::wire::{Code, Rejection};
use axum::body::Body;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The media type of problem documents.
pub const PROBLEM: &str = "application/problem+json";
/// When somebody for whom there was no room may come again, in milliseconds.
const RETRY: u64 = 1_000;

/// What went wrong.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "urn:strowger:problem:not_found", "title": "Not found", "status": 404,
    "detail": "No contact is called Jon.", "code": "not_found", "contact": "Jon", "success": false
}))]
pub struct Document {
    /// The kind of problem: the code behind `urn:strowger:problem:`.
    #[serde(rename = "type")]
    kind: String,
    /// The kind in words.
    title: String,
    /// The status of the answer.
    status: u16,
    /// What went wrong this time, for people.
    detail: String,
    /// The stable word for programs, the same on every door; of a bridge's failure its own word.
    code: String,
    /// Never: what went wrong was not done.
    success: bool,
    /// When another try makes sense.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    /// What the answer on a socket would say besides.
    #[serde(flatten)]
    #[schema(ignore)]
    more: Map<String, Value>,
}

/// A problem on its way out.
pub struct Problem {
    document: Box<Document>,
    header: Option<(HeaderName, HeaderValue)>,
}

/// Status and title of a code. What is none of ours is a bridge's word for why it failed.
fn meaning(code: &str) -> (StatusCode, &'static str) {
    match code {
        "invalid_json" => (StatusCode::BAD_REQUEST, "Not JSON"),
        "invalid_message" => (StatusCode::BAD_REQUEST, "Not valid"),
        "unknown_type" => (StatusCode::BAD_REQUEST, "Unknown"),
        "unauthorized" => (StatusCode::UNAUTHORIZED, "A token is needed"),
        "forbidden" => (StatusCode::FORBIDDEN, "Not allowed"),
        "not_found" => (StatusCode::NOT_FOUND, "Not found"),
        "not_registered" => (StatusCode::CONFLICT, "Not registered"),
        "client_id_taken" => (StatusCode::CONFLICT, "The client_id is taken"),
        "conflict" => (StatusCode::CONFLICT, "Conflict"),
        "not_paired" => (StatusCode::CONFLICT, "Not in a chat"),
        "ambiguous_contact" => (StatusCode::CONFLICT, "Several contacts may be meant"),
        "confirmation_required" => (StatusCode::CONFLICT, "It has to be confirmed"),
        "too_large" => (StatusCode::PAYLOAD_TOO_LARGE, "Too large"),
        "ai_parse_error" => (StatusCode::UNPROCESSABLE_ENTITY, "Not understood"),
        "rate_limited" => (StatusCode::TOO_MANY_REQUESTS, "Too fast"),
        "internal" => (StatusCode::INTERNAL_SERVER_ERROR, "Internal error"),
        "unsupported" => (StatusCode::NOT_IMPLEMENTED, "Not supported"),
        "overloaded" => (StatusCode::SERVICE_UNAVAILABLE, "Overloaded"),
        "ai_unavailable" => (StatusCode::SERVICE_UNAVAILABLE, "No AI"),
        "whatsapp_unavailable" => (StatusCode::SERVICE_UNAVAILABLE, "WhatsApp can't be reached"),
        "ai_timeout" => (StatusCode::GATEWAY_TIMEOUT, "The AI did not answer"),
        "whatsapp_timeout" => (StatusCode::GATEWAY_TIMEOUT, "WhatsApp did not answer"),
        _ => (StatusCode::BAD_GATEWAY, "The bridge failed"),
    }
}

impl Problem {
    /// One with this code, in these words.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let word = serde_json::to_value(code).ok();
        let word = word.as_ref().and_then(Value::as_str).unwrap_or("internal");
        let problem = Self::of(word, detail.into());
        let is_for_later = matches!(code, Code::Overloaded | Code::RateLimited);
        if is_for_later { problem.retry_after(Some(RETRY)) } else { problem }
    }

    fn of(code: &str, detail: String) -> Self {
        let (status, title) = meaning(code);
        let document = Document {
            kind: format!("urn:strowger:problem:{code}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail,
            code: code.to_owned(),
            success: false,
            retry_after_ms: None,
            more: Map::new(),
        };
        Self { document: Box::new(document), header: None }
    }

    /// The content of an answer that says no, with all that it says.
    pub fn of_content(mut content: Map<String, Value>) -> Self {
        let mut word = |name: &str| match content.remove(name) {
            Some(Value::String(word)) => word,
            _ => String::new(),
        };
        let (code, detail) = (word("code"), word("text"));
        let retry_after = content.remove("retry_after_ms").and_then(|value| value.as_u64());
        let mut problem = Self::of(&code, detail).retry_after(retry_after);
        content.remove("success");
        problem.document.more = content;
        problem
    }

    /// The code is a bridge's word for why it failed, which may be any: it has no say in what of ours it looks like.
    pub fn of_a_bridge(mut self) -> Self {
        let is_word = |code: &str| {
            let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            !code.is_empty() && code.bytes().all(is_plain)
        };
        if !is_word(&self.document.code) {
            self.document.kind = "about:blank".to_owned();
        }
        self.header = None;
        self.document.retry_after_ms = None;
        self.status(StatusCode::BAD_GATEWAY, "The bridge failed")
    }

    /// Another try makes sense then.
    pub fn retry_after(mut self, millis: Option<u64>) -> Self {
        self.document.retry_after_ms = millis;
        let seconds = millis.map(|millis| HeaderValue::from(millis.div_ceil(1_000)));
        self.header = seconds.map(|seconds| (RETRY_AFTER, seconds)).or(self.header);
        self
    }

    /// It says this besides.
    pub fn with(mut self, more: Map<String, Value>) -> Self {
        self.document.more = more;
        self
    }

    /// It has another status and title than its code has.
    fn status(mut self, status: StatusCode, title: &str) -> Self {
        (self.document.status, self.document.title) = (status.as_u16(), title.to_owned());
        self
    }

    /// Who did not say who they are.
    pub fn turned_away(turned_away: TurnedAway) -> Self {
        let denied = match turned_away {
            TurnedAway::Denied(denied) => denied,
            TurnedAway::Guessed(wait) => {
                let millis = u64::try_from(wait.as_millis()).ok();
                return Self::new(Code::RateLimited, "Too many wrong tokens came.").retry_after(millis);
            }
        };
        let detail = match denied {
            Denied::Missing => "Send a token: Authorization: Bearer …",
            Denied::Unknown => "This token or ticket opens nothing here.",
            Denied::Expired => bearer::EXPIRED,
        };
        let challenge = HeaderValue::from_static(bearer::challenge(denied));
        Self { header: Some((WWW_AUTHENTICATE, challenge)), ..Self::new(Code::Unauthorized, detail) }
    }

    /// The path knows other methods only; which they are stands in the header `Allow`.
    pub fn method() -> Self {
        let problem = Self::new(Code::Unsupported, "This path is not served by this method.");
        problem.status(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
    }

    /// The same, with the methods that it knows.
    pub fn method_of(allowed: &'static str) -> Self {
        Self { header: Some((ALLOW, HeaderValue::from_static(allowed))), ..Self::method() }
    }

    /// The body is no JSON by its own account.
    pub fn media_type() -> Self {
        let problem = Self::new(Code::Unsupported, "The body has to be application/json.");
        problem.status(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type")
    }

    /// What goes over the wire: status, one header, and the document.
    pub fn into_parts(self) -> (StatusCode, Option<(HeaderName, HeaderValue)>, Bytes) {
        let status = StatusCode::from_u16(self.document.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, self.header, serde_json::to_vec(&self.document).unwrap_or_default().into())
    }
}

impl From<Box<Rejection>> for Problem {
    fn from(rejection: Box<Rejection>) -> Self {
        Self::new(rejection.code, rejection.text)
    }
}

impl From<Unread> for Problem {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::TooLarge => Self::new(Code::TooLarge, "A body has at most 1 MiB."),
            Unread::TooSlow => {
                let problem = Self::new(Code::InvalidMessage, "The body did not come within 10 seconds.");
                problem.status(unread.status(), "Too slow")
            }
            Unread::Broken => Self::new(Code::InvalidMessage, "The body can't be read."),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let (status, header, body) = self.into_parts();
        respond(status, PROBLEM, header, body)
    }
}

/// An answer that nobody keeps and nobody takes for something else.
pub fn respond(
    status: StatusCode,
    kind: &'static str,
    header: Option<(HeaderName, HeaderValue)>,
    body: Bytes,
) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.extend(header);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_ours_has_a_status_of_its_own_choice() {
        for word in
            include_str!("../../wire/code.rs").lines().filter_map(|line| line.trim().strip_suffix(','))
        {
            let mut snake = String::new();
            for c in word.chars() {
                if c.is_uppercase() && !snake.is_empty() {
                    snake.push('_');
                }
                snake.extend(c.to_lowercase());
            }
            if serde_json::from_value::<Code>(snake.clone().into()).is_ok() {
                assert_ne!(meaning(&snake).0, StatusCode::BAD_GATEWAY, "{snake}");
            }
        }
        assert_eq!(meaning("blocked_by_user").0, StatusCode::BAD_GATEWAY);
    }
}
