//! The house: its figures, its sessions and their clients, tickets, and its closing.

use super::problem::{Problem, respond};
use super::reading;
use super::shape::{Client, Clients, Draining, Everybody, Failures, Guest, Session, Sessions, Ticket};
use super::{JSON, Rest};
use crate::auth::{Principal, Scope};
use crate::http::bearer;
use crate::http::stats::Stats;
use crate::http::ticket;
use crate::wire::Code;
use axum::Extension;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, StatusCode, Uri};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

type Answered = Result<Response<Body>, Problem>;

/// How many entries a page has, and at most.
const PAGE: usize = 100;
const LARGEST_PAGE: usize = 500;
/// The longest name that a page can begin behind, in characters.
const AFTER: usize = 192;

/// A page of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The `after` of the page before.
    #[param(max_length = 192)]
    after: Option<String>,
    /// How many; 100 without it.
    #[param(minimum = 1, maximum = 500)]
    count: Option<usize>,
}

/// Which of them.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Like {
    /// What stands in their id, their name or their session, without case.
    #[param(max_length = 192)]
    like: Option<String>,
}

impl PageQuery {
    fn read(uri: &Uri) -> Result<(Option<String>, usize), Problem> {
        let Self { after, count } = reading::query(uri)?;
        let wrong = |text| Err(Problem::new(Code::InvalidMessage, text));
        if after.as_ref().is_some_and(|after| after.chars().count() > AFTER) {
            return wrong("after: at most 192 characters are expected");
        }
        match count.unwrap_or(PAGE) {
            count @ 1..=LARGEST_PAGE => Ok((after, count)),
            _ => wrong("count: a whole number from 1 to 500 is expected"),
        }
    }
}

/// How many people there are, and what they did.
#[utoipa::path(get, path = "/stats", tag = "house",
    responses((status = 200, description = "The figures", body = Stats), Failures))]
pub async fn stats(State(rest): State<Rest>) -> Response<Body> {
    json(StatusCode::OK, &Stats::from(rest.services.hub.figures()))
}

/// The sessions that have clients. Their names let one in, so it takes the scope `admin`.
#[utoipa::path(get, path = "/sessions", tag = "admin", params(PageQuery),
    responses((status = 200, description = "A page of them", body = Sessions), Failures))]
pub async fn sessions(State(rest): State<Rest>, headers: HeaderMap, uri: Uri) -> Answered {
    administrator(&rest, &headers)?;
    let (after, count) = PageQuery::read(&uri)?;
    let (found, is_more) = rest.services.hub.sessions(after.as_deref(), count);
    let after = found.last().filter(|_| is_more).map(|(name, _)| name.clone());
    let sessions = found.into_iter().map(|(session, clients)| Session { session, clients }).collect();
    Ok(json(StatusCode::OK, &Sessions { sessions, after }))
}

/// The clients of a session.
#[utoipa::path(get, path = "/sessions/{session}/clients", tag = "session",
    params(("session" = String, Path, min_length = 1, max_length = 128, description = "At most 128 bytes", example = "default"), PageQuery),
    responses((status = 200, description = "A page of them", body = Clients), Failures))]
pub async fn clients(
    State(rest): State<Rest>,
    path: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Answered {
    let session = reading::session(path)?;
    let (after, count) = PageQuery::read(&uri)?;
    let (found, is_more) = rest.services.hub.clients(&session, after.as_deref(), count);
    let after = found.last().filter(|_| is_more).map(|card| card.client_id.clone());
    Ok(json(StatusCode::OK, &Clients { clients: found.iter().map(|card| Client::of(card)).collect(), after }))
}

/// Everybody on this node who has a name, of all sessions, by id.
#[utoipa::path(get, path = "/admin/clients", tag = "admin", params(PageQuery, Like),
    responses((status = 200, description = "A page of them", body = Everybody), Failures))]
pub async fn everybody(State(rest): State<Rest>, headers: HeaderMap, uri: Uri) -> Answered {
    administrator(&rest, &headers)?;
    let (after, count) = PageQuery::read(&uri)?;
    let Like { like } = reading::query(&uri)?;
    let like = like.unwrap_or_default();
    if like.chars().count() > AFTER {
        return Err(Problem::new(Code::InvalidMessage, "like: at most 192 characters are expected"));
    }
    let (found, is_more) = rest.services.hub.everybody(&like, after.as_deref(), count);
    let after = found.last().filter(|_| is_more).map(|guest| guest.card.client_id.clone());
    let clients = found.iter().map(|guest| Guest {
        client: Client::of(&guest.card),
        idle_seconds: guest.idle.map(|idle| idle.0 / 1_000),
    });
    Ok(json(StatusCode::OK, &Everybody { clients: clients.collect(), after }))
}

/// Ends a client of this node: its socket closes with 4503. It takes the scope `admin`.
#[utoipa::path(delete, path = "/sessions/{session}/clients/{client_id}", tag = "admin",
    params(("session" = String, Path, min_length = 1, max_length = 128, description = "At most 128 bytes", example = "default"),
        ("client_id" = String, Path, min_length = 1, max_length = 192, description = "At most 192 bytes", example = "client_0a1b2c3d")),
    responses((status = 204, description = "It is gone"), Failures))]
pub async fn remove(
    State(rest): State<Rest>,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Answered {
    administrator(&rest, &headers)?;
    let (session, client) = reading::client(path)?;
    if !rest.services.hub.remove(&session, &client).await {
        return Err(Problem::new(Code::NotFound, "There is no such client on this node."));
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}

/// A ticket for a browser's socket or `EventSource`, which can't send a token.
#[utoipa::path(post, path = "/tickets", tag = "house",
    responses((status = 201, description = "It is of use once", body = Ticket), Failures))]
pub async fn issue(State(rest): State<Rest>, Extension(who): Extension<Principal>) -> Answered {
    let now = rest.services.hub.clock().now();
    let ticket = rest.services.tickets.issue(who, now);
    let ticket = ticket
        .ok_or_else(|| Problem::new(Code::Overloaded, "Too many tickets are out. Try again in a second."))?;
    Ok(json(StatusCode::CREATED, &Ticket { ticket, expires_in: ticket::LASTS.0 / 1_000 }))
}

/// Closes the doors as SIGTERM does: `/ready` says no, sockets close with 1012, and the process ends. It takes the
/// scope `admin`.
#[utoipa::path(post, path = "/admin/drain", tag = "admin",
    responses((status = 202, description = "The doors close", body = Draining), Failures))]
pub async fn drain(State(rest): State<Rest>, headers: HeaderMap) -> Answered {
    administrator(&rest, &headers)?;
    tracing::info!("The operator drains this node");
    rest.services.ready.set(false);
    rest.services.stop.cancel();
    Ok(json(StatusCode::ACCEPTED, &Draining { status: "draining" }))
}

/// The administrator who asks, wherever from.
pub fn administrator(rest: &Rest, headers: &HeaderMap) -> Result<Principal, Problem> {
    let who = bearer::holder(&rest.services, headers).map_err(Problem::turned_away)?;
    if who.may(Scope::Admin) {
        return Ok(who);
    }
    Err(Problem::new(Code::Forbidden, "This takes the token for administrators."))
}

fn json(status: StatusCode, body: &impl Serialize) -> Response<Body> {
    respond(status, JSON, None, serde_json::to_vec(body).unwrap_or_default().into())
}
