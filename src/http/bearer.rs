//! The token in a request's head (RFC 6750 section 2.1). One in the path, a cookie or the body is none.

use super::Services;
use crate::auth::{Denied, Principal};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

/// Whoever asks on a door that always wants a token.
pub fn holder(services: &Services, headers: &HeaderMap) -> Result<Principal, Denied> {
    services.gatekeeper.holder(token(headers)?)
}

/// Whoever asks on a door that wants a token only where authentication is on.
pub fn caller(services: &Services, headers: &HeaderMap) -> Result<Principal, Denied> {
    services.gatekeeper.admit(token(headers)?)
}

/// What a 401 says of itself in `WWW-Authenticate` (RFC 6750 section 3).
pub const fn challenge(denied: Denied) -> &'static str {
    match denied {
        Denied::Missing => "Bearer realm=\"strowger\"",
        Denied::Unknown => "Bearer realm=\"strowger\", error=\"invalid_token\"",
    }
}

/// The token, if there is one. Of several nobody could say which was meant.
pub fn token(headers: &HeaderMap) -> Result<Option<&str>, Denied> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let Some(header) = all.next() else { return Ok(None) };
    let text = header.to_str().map_err(|_| Denied::Unknown)?;
    let (scheme, token) = text.split_once(' ').ok_or(Denied::Unknown)?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer") && all.next().is_none();
    if is_bearer { Ok(Some(token.trim_start_matches(' '))) } else { Err(Denied::Unknown) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn of(values: &[&[u8]]) -> HeaderMap {
        let header = |value: &&[u8]| (AUTHORIZATION, HeaderValue::from_bytes(value).expect("a header"));
        values.iter().map(header).collect()
    }

    #[test]
    fn one_token_behind_its_scheme() {
        assert_eq!(token(&of(&[b"Bearer t0ken"])), Ok(Some("t0ken")));
        assert_eq!(token(&of(&[b"bEARER   t0ken"])), Ok(Some("t0ken")));
        assert_eq!(token(&of(&[b"Bearer "])), Ok(Some("")));
        assert_eq!(token(&of(&[])), Ok(None));
        let wrong: [&[&[u8]]; 5] = [
            &[b"Basic t0ken"],
            &[b"t0ken"],
            &[b"Bearer"],
            &[b"Bearer t0ken", b"Bearer t0ken"],
            &[b"Bearer t\xc3\xb6ken"],
        ];
        for wrong in wrong {
            assert_eq!(token(&of(wrong)), Err(Denied::Unknown), "{wrong:?}");
        }
    }
}
