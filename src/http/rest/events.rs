//! What a session is told, as server-sent events (WHATWG HTML, section 9.2).
//!
//! A reader is a client of the session that says nothing. The id of an event alone resumes: it holds the secret of
//! the registration's resume token, a tag that the client_id is made of, and the position of the frame.

mod reader;

use super::Rest;
use super::problem::Problem;
use super::reading;
use super::shape::Failures;
use crate::auth::{Denied, Principal};
use crate::core::{Nickname, Role};
use crate::http::bearer::TurnedAway;
use crate::http::{Services, ticket};
use crate::hub::{Card, Introduction, Returning, Token};
use crate::wire::{Code, Pos};
use axum::Extension;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use bytes::Bytes;
use futures::stream;
use reader::Reader;
use std::convert::Infallible;
use std::fmt;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use uuid::Uuid;

/// Of a ticket that nobody was given, or that is used up or too old.
const OF_NO_USE: TurnedAway = TurnedAway::Denied(Denied::Unknown);
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Keeps nginx from holding events back.
const ACCEL: HeaderName = HeaderName::from_static("x-accel-buffering");
/// What a session calls its readers.
const NAME: &str = "events";
/// Digits of the secret, and of the tag behind it.
const SECRET: usize = 32;
const TAG: usize = 8;
/// How many events may be on their way to the network. With more to come, the reader is waited for.
const ON_THE_WAY: usize = 16;

/// The id of an event: at most 61 bytes. It must not be printed: whoever has it can go on with the registration.
#[derive(Clone)]
struct EventId {
    secret: Box<str>,
    tag: Box<str>,
    pos: Pos,
}

impl EventId {
    /// Reads what was written once; anything else is none of ours.
    fn read(text: &str) -> Option<Self> {
        let (holder, pos) = text.split_once('.')?;
        let is_ours = holder.len() == SECRET + TAG && holder.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (secret, tag) = holder.split_at_checked(SECRET).filter(|_| is_ours)?;
        Some(Self { secret: secret.into(), tag: tag.into(), pos: Pos::read(pos)? })
    }

    /// The one who was given it.
    fn returning(self, session: &str) -> Returning {
        let token = Token::from(String::from(self.secret)).with_names(&card(session, &self.tag));
        Returning {
            person: None,
            token,
            names_client: false,
            names_session: true,
            names_role: true,
            nickname: None,
            seen: Some(self.pos),
        }
    }
}

/// As it goes over the wire.
impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}.{}", self.secret, self.tag, self.pos.0)
    }
}

/// Whoever comes to read events with a ticket. It stays good until there is room: see [`events`].
pub fn holder(rest: &Rest, request: &Request) -> Option<Result<Principal, TurnedAway>> {
    let session = request.uri().path().strip_prefix("/sessions/")?.strip_suffix("/events")?;
    let ticket = ticket::named(request.uri().query()).filter(|_| !session.contains('/'))?;
    Some(ticket::holder(&rest.services, ticket))
}

/// What the clients of a session hear, as server-sent events: `event` is the type of a frame, `data` the frame,
/// and `id` what to send as `Last-Event-ID` to go on behind it. The first is `registration_confirmed`.
#[utoipa::path(get, path = "/sessions/{session}/events", tag = "session",
    params(("session" = String, Path, min_length = 1, max_length = 128, description = "At most 128 bytes", example = "default"),
        ("ticket" = Option<String>, Query, description = "Instead of a token, which browsers can't send here"),
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that was handled")),
    responses((status = 200, description = "Events, without end", content_type = "text/event-stream", body = String), Failures))]
pub async fn events(
    State(rest): State<Rest>,
    Extension(who): Extension<Principal>,
    path: Result<Path<String>, PathRejection>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let session = reading::session(path)?;
    if method == Method::HEAD {
        return Err(Problem::method_of("GET"));
    }
    let place = rest.stay()?;
    // The last of all, so that whoever finds no room can come again with the ticket. Another may have been faster.
    if let Some(ticket) = ticket::named(query.as_deref()) {
        let Services { tickets, hub, .. } = &rest.services;
        tickets.redeem(ticket, hub.clock().now()).ok_or_else(|| Problem::turned_away(OF_NO_USE))?;
    }
    let (events, on_their_way) = mpsc::channel(ON_THE_WAY);
    let (begun, beginning) = oneshot::channel();
    let (reader, stop) = (Reader::new(&rest.services, who, events, begun), rest.services.stop.clone());
    rest.services.visitors.spawn(reader.live(introduction(&session, &headers), stop));
    beginning.await.map_err(|_| Problem::new(Code::Overloaded, "The house closes."))??;
    Ok(stream_of(on_their_way, place))
}

fn introduction(session: &str, headers: &HeaderMap) -> Introduction {
    let last = headers.get(LAST_EVENT_ID).filter(|last| !last.is_empty());
    let id = last.map(|last| last.to_str().ok().and_then(EventId::read).unwrap_or_else(EventId::of_nobody));
    let bits = || Uuid::new_v4().as_fields().0;
    Introduction {
        card: card(session, &format!("{:08x}", bits())),
        person: None,
        nickname: Nickname::random(bits()),
        is_chosen: false,
        only_reads: true,
        role: Role::Client,
        returning: id.map(|id| id.returning(session)),
    }
}

impl EventId {
    /// Of a registration with this secret, at this position.
    fn of(secret: &str, card: &Card, pos: Pos) -> Self {
        let tag = card.client_id.rsplit('_').next().unwrap_or_default();
        Self { secret: secret.into(), tag: tag.into(), pos }
    }

    /// One that nobody was given: what it says of itself is not known here.
    fn of_nobody() -> Self {
        let secret = Token::random().secret().into();
        Self { secret, tag: "00000000".into(), pos: Pos(u64::MAX) }
    }
}

fn card(session: &str, tag: &str) -> Card {
    let (client_id, session) = (format!("{NAME}_{tag}"), session.to_owned());
    Card { client_id, client_name: NAME.to_owned(), session, log_name: String::new() }
}

/// As long as somebody reads, they have their place.
fn stream_of(events: mpsc::Receiver<Bytes>, place: OwnedSemaphorePermit) -> Response<Body> {
    let events = stream::unfold((events, place), async |(mut events, place)| {
        let event = events.recv().await?;
        Some((Ok::<_, Infallible>(event), (events, place)))
    });
    streamed(Body::from_stream(events))
}

/// An answer that is a stream of events.
pub fn streamed(events: Body) -> Response<Body> {
    let mut response = Response::new(events);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(ACCEL, HeaderValue::from_static("no"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short_and_comes_back_as_it_was() {
        let text = format!("{}{}.{}", "7c".repeat(16), "0a1b2c3d", u64::MAX);
        assert!(text.len() <= 64);
        assert_eq!(EventId::read(&text).expect("it is ours").to_string(), text);
        for other in ["", ".", "7", &"7".repeat(40), &text[1..], &format!("{}.", "7".repeat(40)), "ä.ä"] {
            assert!(EventId::read(other).is_none(), "{other}");
        }
    }
}
