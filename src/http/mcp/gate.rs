//! The gate: what a request has to bring before anybody reads what it says, in this order: a host, an origin of ours,
//! a token, POST, JSON of a bearable size and in time, and a message in it.
//!
//! Nobody gets past the token by what stands behind it, whatever the method. Which host is named is no matter: a page
//! that was made to point here has no token.

use super::desk::Desk;
use super::envelope::{self, Letter, Object};
use super::refusal::{JSON, Refusal, json};
use super::server::{self, Server};
use crate::auth::Principal;
use crate::http::bearer::TurnedAway;
use crate::http::{Services, bearer, body};
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use std::sync::Arc;

/// Bytes of a body: the longest text there may be, four times over.
const BODY: usize = 256 * 1_024;

/// See the module.
pub struct Gate {
    desk: Arc<Desk>,
    server: Server,
}

impl Gate {
    pub fn new(desk: Arc<Desk>) -> Self {
        Self { server: server::new(desk.clone()), desk }
    }

    fn services(&self) -> &Services {
        &self.desk.services
    }

    async fn answer(&self, request: Request<Body>) -> Result<Response<Body>, Refusal> {
        let principal = self.admit(&request)?;
        let (mut head, body) = request.into_parts();
        let body = body::read(body, BODY).await.map_err(|unread| {
            Refusal::new(unread.status(), format!("The body must come in 10 s, with at most {BODY} bytes."))
        })?;
        match envelope::read(&body, &head.headers)? {
            Letter::Bare { tool, arguments } => {
                let outcome = self.desk.call(principal, tool, arguments).await;
                Ok(json(StatusCode::OK, &server::bare(outcome)))
            }
            Letter::Message(message) => {
                tidy(&mut head.headers);
                head.extensions.insert(principal);
                self.forward(Request::from_parts(head, message)).await
            }
        }
    }

    /// Who asks, if they may ask.
    fn admit(&self, request: &Request<Body>) -> Result<Principal, Refusal> {
        if !names_a_host(request) {
            return Err(Refusal::invalid("Send one header Host, and a host in it."));
        }
        if !self.services().origins.admit_request(request.headers()) {
            return Err(Refusal::new(StatusCode::FORBIDDEN, "This page is not one of this hub's."));
        }
        let principal =
            bearer::holder(self.services(), request.headers()).map_err(|turned_away| match turned_away {
                TurnedAway::Guessed(wait) => Refusal::too_many_guesses(wait),
                TurnedAway::Denied(denied) => Refusal::unauthorized(denied),
            })?;
        if request.method() != Method::POST {
            return Err(Refusal::method());
        }
        if !is_json(request.headers()) {
            let text = "Content-Type must be application/json.";
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
        }
        Ok(principal)
    }

    /// Hands a message to the SDK, written anew: what it reads is what was read here.
    async fn forward(&self, request: Request<Object>) -> Result<Response<Body>, Refusal> {
        let id = request.body().get("id").cloned();
        let (mut head, message) = request.into_parts();
        let body = serde_json::to_vec(&message).map_err(|_| Refusal::not_json())?;
        head.headers.remove(CONTENT_LENGTH);
        let answer = self.server.handle(Request::from_parts(head, Body::from(body))).await.map(Body::new);
        // Its media type is right, so it is its shape that the SDK can't read.
        if answer.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
            return Err(Refusal::invalid("This is no message of MCP.").to(id));
        }
        Ok(answer)
    }
}

/// Answers one request.
pub async fn pass(State(gate): State<Arc<Gate>>, request: Request<Body>) -> Response<Body> {
    gate.answer(request).await.unwrap_or_else(Refusal::into_response)
}

/// Whether there is one `Host`, and a host in it (RFC 9112 section 3.2). Before HTTP/1.1 there need not be any.
fn names_a_host(request: &Request<Body>) -> bool {
    let mut all = request.headers().get_all(HOST).iter().map(HeaderValue::to_str);
    let Some(host) = all.next() else { return request.version() < Version::HTTP_11 };
    all.next().is_none() && host.is_ok_and(is_host)
}

/// Whether this is a name or an address, and perhaps a port.
fn is_host(text: &str) -> bool {
    let Ok(authority) = text.parse::<Authority>() else { return false };
    let port = text.strip_prefix(authority.host());
    // With somebody's name before an @ it does not begin with the host.
    !authority.host().is_empty()
        && port.is_some_and(|port| {
            port.is_empty()
                || port.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
        })
}

/// Whether there is one media type, and it is JSON's, with whatever parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let mut all = headers.get_all(CONTENT_TYPE).iter().map(HeaderValue::to_str);
    let essence = |value: &str| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    all.next().and_then(Result::ok).is_some_and(|value| essence(value) == "application/json")
        && all.next().is_none()
}

/// What the SDK sees of a request's head: nothing that is secret, a host also where HTTP/1.0 names none, since it
/// wants one, and both media types where the client takes any (RFC 9110 section 12.5.1), since it looks for them by
/// name.
fn tidy(headers: &mut HeaderMap) {
    headers.remove(AUTHORIZATION);
    headers.remove(COOKIE);
    headers.insert(HOST, HeaderValue::from_static("localhost"));
    headers.insert(CONTENT_TYPE, JSON);
    let mut accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
    if accepted.peek().is_none() || accepted.any(|value| value.split(',').any(|range| range.trim() == "*/*"))
    {
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
    }
}
