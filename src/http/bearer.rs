//! The token in a request's head (RFC 6750 section 2.1). One in the path, a cookie or the body is none.

use super::Services;
use crate::auth::{Denied, Gatekeeper, Principal};
use crate::hub::Clock;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use std::time::Duration;

/// What whoever has such a token is told.
pub const EXPIRED: &str = "The token expired: come back with a new one.";

/// Why somebody is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnedAway {
    Denied(Denied),
    /// Too many wrong tokens came, by whatever door. So long is to be waited with the next.
    Guessed(Duration),
}

/// Whoever asks on a door that always wants a token.
pub fn holder(services: &Services, headers: &HeaderMap) -> Result<Principal, TurnedAway> {
    let who = token(headers).and_then(|token| services.gatekeeper.holder(token, services.hub.clock().date()));
    who.map_err(|denied| turn_away(&services.gatekeeper, services.hub.clock(), denied))
}

/// Whoever asks on a door that wants a token only where authentication is on.
pub fn caller(services: &Services, headers: &HeaderMap) -> Result<Principal, TurnedAway> {
    let who =
        optional(headers).and_then(|token| services.gatekeeper.admit(token, services.hub.clock().date()));
    who.map_err(|denied| turn_away(&services.gatekeeper, services.hub.clock(), denied))
}

/// Counts a wrong token, on whatever door it was tried.
pub fn turn_away(gatekeeper: &Gatekeeper, clock: &Clock, denied: Denied) -> TurnedAway {
    let now = Duration::from_millis(clock.now().0);
    let wait = (denied == Denied::Unknown).then(|| gatekeeper.guessed(now)).flatten();
    wait.map_or(TurnedAway::Denied(denied), TurnedAway::Guessed)
}

/// The token, if there is one, on a door that wants it only where authentication is on. What a proxy asked for is
/// sent on in the same header, under another scheme, and is no token.
pub fn optional(headers: &HeaderMap) -> Result<Option<&str>, Denied> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let only = all.next().filter(|_| all.next().is_none()).and_then(|header| header.to_str().ok());
    let scheme = only.and_then(|header| header.split_once(' ')).map(|(scheme, _)| scheme);
    if scheme.is_some_and(|scheme| !scheme.eq_ignore_ascii_case("bearer")) {
        Ok(None)
    } else {
        token(headers)
    }
}

/// What a 401 says of itself in `WWW-Authenticate` (RFC 6750 section 3).
pub const fn challenge(denied: Denied) -> &'static str {
    match denied {
        Denied::Missing => "Bearer realm=\"strowger\"",
        Denied::Unknown => "Bearer realm=\"strowger\", error=\"invalid_token\"",
        Denied::Expired => {
            "Bearer realm=\"strowger\", error=\"invalid_token\", error_description=\"The token expired\""
        }
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

    #[test]
    fn what_a_proxy_asked_for_is_no_token_where_none_is_needed() {
        assert_eq!(optional(&of(&[b"Basic dXNlcjpwYXNz"])), Ok(None));
        assert_eq!(optional(&of(&[b"Bearer t0ken"])), Ok(Some("t0ken")));
        let wrong: [&[&[u8]]; 3] = [&[b"Bearer"], &[b"t0ken"], &[b"Basic t0ken", b"Bearer t0ken"]];
        for wrong in wrong {
            assert_eq!(optional(&of(wrong)), Err(Denied::Unknown), "{wrong:?}");
        }
    }
}
