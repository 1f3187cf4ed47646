//! What a request says: its body, its query, the names in its path, and the key that makes it one and the same.

use super::problem::Problem;
use crate::http::body;
use crate::wire::Code;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Query, Request};
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use axum::http::{HeaderName, Uri};
use serde::de::DeserializeOwned;

/// The longest body, in bytes.
const BODY: usize = 1 << 20;
/// The longest name of a session, in bytes, and of a client.
const SESSION: usize = 128;
const CLIENT: usize = 192;
/// The longest id of a user, in characters.
const USER: usize = 128;
/// The longest key, in bytes: it is a `request_id`.
const KEY: usize = 128;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The body, which says that it is JSON.
pub async fn text(request: Request) -> Result<String, Problem> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(Problem::media_type());
    }
    let bytes = body::read(request.into_body(), BODY).await?;
    String::from_utf8(bytes.into())
        .map_err(|_| Problem::new(Code::InvalidJson, "JSON is text in UTF-8, and this is not."))
}

/// What stands behind the question mark.
pub fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    let query = Query::try_from_uri(uri).map_err(|error| {
        let text = error.to_string();
        let reason = text.rsplit_once("query string: ").map_or(text.as_str(), |(_, reason)| reason);
        Problem::new(Code::InvalidMessage, reason)
    })?;
    Ok(query.0)
}

type Named = Result<Path<String>, PathRejection>;

/// The session in a path.
pub fn session(path: Named) -> Result<String, Problem> {
    let Path(session) = path.map_err(unreadable)?;
    within("session", &session, session.len(), SESSION)?;
    Ok(session)
}

/// The session in a path, and the client.
pub fn client(path: Result<Path<(String, String)>, PathRejection>) -> Result<(String, String), Problem> {
    let Path((session, client)) = path.map_err(unreadable)?;
    within("session", &session, session.len(), SESSION)?;
    within("client_id", &client, client.len(), CLIENT)?;
    Ok((session, client))
}

/// The user in a path.
pub fn user(path: Named) -> Result<String, Problem> {
    let Path(user) = path.map_err(unreadable)?;
    within("user_id", &user, user.chars().count(), USER)?;
    if user.chars().any(char::is_control) {
        return Err(Problem::new(Code::InvalidMessage, "user_id: control characters can't be in it"));
    }
    Ok(user)
}

fn unreadable(_: PathRejection) -> Problem {
    Problem::new(Code::InvalidMessage, "The path has to be text in UTF-8.")
}

fn within(name: &str, text: &str, length: usize, most: usize) -> Result<(), Problem> {
    if text.is_empty() || length > most {
        return Err(Problem::new(
            Code::InvalidMessage,
            format!("{name}: a length of 1 to {most} is expected"),
        ));
    }
    Ok(())
}

/// The key of a request that is to be done once. In quotes, as its draft has it, or without.
pub fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let wrong = || {
        let text = format!("Idempotency-Key: 1 to {KEY} visible characters are expected");
        Problem::new(Code::InvalidMessage, text)
    };
    let mut all = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = all.next() else { return Ok(None) };
    let key = key.to_str().map_err(|_| wrong())?.trim();
    let bare = key.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(key);
    let is_fine = (1..=KEY).contains(&bare.len()) && all.next().is_none();
    if is_fine { Ok(Some(bare.to_owned())) } else { Err(wrong()) }
}
