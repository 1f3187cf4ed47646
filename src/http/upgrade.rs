//! From HTTP to WebSocket: who may, and whether there is room (RFC 6455 section 4.2).

use super::Door;
use crate::metrics::Metrics;
use axum::body::Body;
use axum::http::header::{HOST, ORIGIN, RETRY_AFTER, SEC_WEBSOCKET_VERSION, UPGRADE};
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use std::sync::{Arc, Mutex, PoisonError};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;

/// When somebody who was turned away may try again, in seconds.
const RETRY: &str = "5";

/// One WebSocket's place in the count, for as long as it lives.
pub struct Seat(Metrics);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.socket_ended();
    }
}

/// Where a request leaves the seat that its connection goes on with.
#[derive(Clone, Default)]
pub struct Slot(Arc<Mutex<Option<Seat>>>);

impl Slot {
    fn put(&self, seat: Seat) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(seat);
    }

    /// The seat, if the connection became a WebSocket.
    pub fn take(&self) -> Option<Seat> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Whether a request asks for the hub's WebSocket.
pub fn is_wanted<B>(request: &Request<B>) -> bool {
    let upgrade = request.headers().get(UPGRADE).and_then(|value| value.to_str().ok());
    let is_websocket = upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket"));
    is_websocket && matches!(request.uri().path(), "/" | "/ws")
}

/// Answers it: 101 with a seat in the slot, or why not.
pub fn answer<B>(door: &Door, slot: &Slot, request: &Request<B>) -> Response<Body> {
    if !is_ours(door, request.headers()) {
        let text =
            "This page is not the hub's own. Set http.public_url to the address under which it is served.\n";
        return plain(StatusCode::FORBIDDEN, text);
    }
    match create_response_with_body(request, Body::empty) {
        Ok(response) => match seat(door) {
            Some(seat) => {
                slot.put(seat);
                response
            }
            None => turned_away(),
        },
        Err(Error::Protocol(ProtocolError::MissingSecWebSocketVersionHeader)) => {
            let mut response =
                plain(StatusCode::UPGRADE_REQUIRED, "Only WebSocket version 13 is spoken here.\n");
            response.headers_mut().insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
            response
        }
        Err(error) => plain(StatusCode::BAD_REQUEST, &format!("Not a WebSocket handshake: {error}\n")),
    }
}

fn is_ours(door: &Door, headers: &HeaderMap) -> bool {
    let mut origins = headers.get_all(ORIGIN).iter();
    let Some(origin) = origins.next() else { return true };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    origins.next().is_none() && origin.to_str().is_ok_and(|origin| door.origins.admit(origin, host))
}

fn seat(door: &Door) -> Option<Seat> {
    let metrics = door.hub.metrics();
    let seat = Seat(metrics.clone());
    let taken = metrics.socket_opened();
    if door.limits.sockets > 0 && taken > door.limits.sockets {
        metrics.turned_away();
        return None;
    }
    Some(seat)
}

fn turned_away() -> Response<Body> {
    let mut response =
        plain(StatusCode::SERVICE_UNAVAILABLE, "The house is full. Come back in a few seconds.\n");
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(RETRY));
    response
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(text.to_owned()));
    *response.status_mut() = status;
    response
}
