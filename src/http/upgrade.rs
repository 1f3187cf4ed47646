//! From HTTP to WebSocket: who may, and whether there is room (RFC 6455 section 4.2).

use super::bearer::{EXPIRED, TurnedAway};
use super::guests::Guest;
use super::{Door, Services, bearer, ticket};
use crate::auth::{Denied, Principal};
use crate::metrics::{Metrics, Refusal};
use axum::body::Body;
use axum::http::header::{RETRY_AFTER, SEC_WEBSOCKET_VERSION, UPGRADE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Request, Response, StatusCode};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::OwnedSemaphorePermit;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;

/// When somebody who was turned away may try again, in seconds.
const RETRY: &str = "5";

/// One WebSocket's place, in the house and in the count of its address, for as long as it lives.
pub struct Seat {
    metrics: Metrics,
    _permit: OwnedSemaphorePermit,
    _guest: Option<Box<Guest>>,
}

impl Seat {
    fn new(metrics: Metrics, permit: OwnedSemaphorePermit, guest: Option<Box<Guest>>) -> Self {
        metrics.socket_opened();
        Self { metrics, _permit: permit, _guest: guest }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.metrics.socket_ended();
    }
}

/// Where a connection stands while it sends requests.
enum Standing {
    /// It may become a WebSocket.
    Caller(Option<Box<Guest>>),
    /// It is about to be one, for whoever came with a token in the request.
    Seated(Seat, Option<Principal>),
    Gone,
}

/// What the requests of one connection share: an upgrade leaves the seat here that the connection goes on with.
#[derive(Clone)]
pub struct Slot(Arc<Mutex<Standing>>);

impl Slot {
    /// For a connection that has asked nothing yet.
    pub fn new(guest: Option<Box<Guest>>) -> Self {
        Self(Arc::new(Mutex::new(Standing::Caller(guest))))
    }

    /// The seat, if the connection became a WebSocket, and who came with a token in the request.
    pub fn take(&self) -> Option<(Seat, Option<Principal>)> {
        match std::mem::replace(&mut *self.standing(), Standing::Gone) {
            Standing::Seated(seat, principal) => Some((seat, principal)),
            Standing::Caller(_) | Standing::Gone => None,
        }
    }

    /// Takes a seat for the connection.
    fn sit_down(&self, door: &Door, principal: Option<Principal>) -> Result<(), Refusal> {
        let permit = Arc::clone(&door.seats).try_acquire_owned().map_err(|_| Refusal::Full)?;
        let mut standing = self.standing();
        let Standing::Caller(guest) = &mut *standing else { return Err(Refusal::Handshake) };
        if guest.as_mut().is_some_and(|guest| !guest.sit_down()) {
            return Err(Refusal::Address);
        }
        let seat = Seat::new(door.hub.metrics().clone(), permit, guest.take());
        *standing = Standing::Seated(seat, principal);
        Ok(())
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
    let refuse = |refusal, response| {
        door.hub.metrics().turned_away(refusal);
        response
    };
    if !door.origins.admit_request(request.headers()) {
        return refuse(Refusal::Origin, foreign());
    }
    let pass = match pass(door, request) {
        Ok(pass) => pass,
        Err(turned_away) => return refuse(Refusal::Token, no_token(turned_away)),
    };
    let response = match create_response_with_body(request, Body::empty) {
        Ok(response) => response,
        Err(error) => return refuse(Refusal::Handshake, broken(&error)),
    };
    if let Err(refusal) = slot.sit_down(door, pass.principal()) {
        return refuse(refusal, no_seat(refusal));
    }
    // The last of all, so that whoever finds no seat can come again with the ticket. Another may have been faster.
    if pass.is_still_good(door) {
        return response;
    }
    drop(slot.take());
    refuse(Refusal::Token, no_token(TurnedAway::Denied(Denied::Unknown)))
}

fn foreign() -> Response<Body> {
    let text =
        "This page is not the hub's own. Set http.public_url to the address under which it is served.\n";
    plain(StatusCode::FORBIDDEN, text)
}

/// What a request gets that is no handshake, or one of another version.
fn broken(error: &Error) -> Response<Body> {
    if let Error::Protocol(ProtocolError::MissingSecWebSocketVersionHeader) = error {
        let mut response = plain(StatusCode::UPGRADE_REQUIRED, "Only WebSocket version 13 is spoken here.\n");
        response.headers_mut().insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        return response;
    }
    plain(StatusCode::BAD_REQUEST, &format!("Not a WebSocket handshake: {error}\n"))
}

/// What somebody comes with.
enum Pass<'r> {
    /// They say who they are when they register.
    Nothing,
    Token(Principal),
    Ticket(&'r str, Principal),
}

impl Pass<'_> {
    fn principal(&self) -> Option<Principal> {
        match self {
            Self::Nothing => None,
            Self::Token(principal) | Self::Ticket(_, principal) => Some(*principal),
        }
    }

    /// Whether it lets somebody in now. A ticket does so once.
    fn is_still_good(&self, door: &Door) -> bool {
        match self {
            Self::Nothing | Self::Token(_) => true,
            Self::Ticket(ticket, _) => door.services.tickets.redeem(ticket, door.hub.clock().now()).is_some(),
        }
    }
}

/// A token in the head, or the ticket that it was changed for, since a browser can't send a token along.
fn pass<'r, B>(door: &Door, request: &'r Request<B>) -> Result<Pass<'r>, TurnedAway> {
    let Services { gatekeeper, .. } = &*door.services;
    if let Some(ticket) = ticket::named(request.uri().query()) {
        return ticket::holder(&door.services, ticket).map(|principal| Pass::Ticket(ticket, principal));
    }
    let principal = bearer::optional(request.headers()).and_then(|token| match token {
        Some(token) => gatekeeper.admit(Some(token), door.hub.clock().date()).map(Some),
        None => Ok(None),
    });
    let principal = principal.map_err(|denied| bearer::turn_away(gatekeeper, door.hub.clock(), denied))?;
    Ok(principal.map_or(Pass::Nothing, Pass::Token))
}

fn no_token(turned_away: TurnedAway) -> Response<Body> {
    match turned_away {
        TurnedAway::Denied(denied) => {
            let text = match denied {
                Denied::Expired => EXPIRED,
                Denied::Missing | Denied::Unknown => {
                    "Send a token (Authorization: Bearer …), or the ticket of a page as ?ticket=…"
                }
            };
            let mut response = plain(StatusCode::UNAUTHORIZED, &format!("{text}\n"));
            let challenge = HeaderValue::from_static(bearer::challenge(denied));
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            response
        }
        TurnedAway::Guessed(wait) => {
            let mut response = plain(StatusCode::TOO_MANY_REQUESTS, "Too many wrong tokens came.\n");
            let seconds = HeaderValue::from(wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
            response.headers_mut().insert(RETRY_AFTER, seconds);
            response
        }
    }
}

fn no_seat(refusal: Refusal) -> Response<Body> {
    let text = match refusal {
        Refusal::Address => "Your address has as many connections as it may. Come back in a few seconds.\n",
        _ => "The house is full. Come back in a few seconds.\n",
    };
    let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, text);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(RETRY));
    response
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(text.to_owned()));
    *response.status_mut() = status;
    response
}
