//! One TCP connection, from its first byte to its last: requests first, then perhaps a WebSocket.
//!
//! HTTP/1.1 only, with a time limit on each request's head and on taking each answer. A body is read only by who wants
//! one: behind any other the connection is closed. After an upgrade nothing of HTTP stays in memory.

use super::Door;
use super::guests::Guest;
use super::socket::Socket;
use super::taken::TakenInTime;
use super::upgrade::{self, Seat, Slot};
use crate::auth::Principal;
use crate::metrics::{self, Cut};
use axum::body::Body;
use axum::http::Response;
use bytes::Bytes;
use futures::FutureExt;
use futures::future::poll_fn;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use std::error::Error;
use std::io::{self, ErrorKind};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use tokio::net::TcpStream;

/// Bytes of a request's head, and headers in it.
const HEAD: usize = 16 * 1_024;
const HEADERS: usize = 64;

/// A connection that became a WebSocket: the socket, what came after the request, and its place in the count.
pub struct Upgraded {
    pub stream: TcpStream,
    pub head: Bytes,
    pub seat: Seat,
    /// Who came with a token in the request.
    pub principal: Option<Principal>,
}

/// Serves one connection until it ends. `talk` is what comes after the upgrade.
pub async fn serve<T, F>(door: Door, stream: TcpStream, guest: Option<Box<Guest>>, talk: T)
where
    T: Fn(Door, Upgraded) -> F,
    F: Future<Output = ()>,
{
    // Boxed, so that the memory of one phase is gone in the other.
    let Some(upgraded) = Box::pin(requests(&door, stream, guest)).await else { return };
    talk(door, upgraded).await;
}

/// A client at the hub, until one of the two has had enough.
pub async fn converse(door: Door, upgraded: Upgraded) {
    // Boxed, as an idle connection's task keeps room for the largest of its phases.
    let mut socket = Box::new(Box::pin(Socket::new(&door, upgraded)).await);
    let run = AssertUnwindSafe(socket.run()).catch_unwind().await;
    // Also after a panic: the others must hear that this client is gone.
    Box::pin(socket.leave(run.ok())).await;
}

/// Answers requests until the connection ends or becomes a WebSocket.
async fn requests(door: &Door, stream: TcpStream, guest: Option<Box<Guest>>) -> Option<Upgraded> {
    let slot = Slot::new(guest);
    let (to_serve, to_fill) = (door.clone(), slot.clone());
    let service = service_fn(move |request| answer(to_serve.clone(), to_fill.clone(), request));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).max_buf_size(HEAD).max_headers(HEADERS);
    builder.header_read_timeout((!door.limits.handshake.is_zero()).then_some(door.limits.handshake));
    let stream = TakenInTime::new(stream, door.limits.handshake);
    let mut connection = builder.serve_connection(TokioIo::new(stream), service);
    let ended = tokio::select! {
        ended = poll_fn(|cx| connection.poll_without_shutdown(cx)) => ended,
        () = door.stop.cancelled() => {
            Pin::new(&mut connection).graceful_shutdown();
            poll_fn(|cx| connection.poll_without_shutdown(cx)).await
        }
    };
    if let Some(cut) = ended.as_ref().err().and_then(blame) {
        door.hub.metrics().cut(cut);
    }
    let (seat, principal) = slot.take().filter(|_| ended.is_ok())?;
    let parts = connection.into_parts();
    Some(Upgraded { stream: parts.io.into_inner().into_inner(), head: parts.read_buf, seat, principal })
}

/// Which of our limits ended a connection, if one did.
fn blame(error: &hyper::Error) -> Option<Cut> {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    match cause.map(io::Error::kind) {
        Some(ErrorKind::TimedOut) => Some(Cut::Answer),
        _ => error.is_timeout().then_some(Cut::Request),
    }
}

type Answer = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

fn answer(door: Door, slot: Slot, request: hyper::Request<Incoming>) -> Answer {
    Box::pin(async move {
        if door.has_sockets && upgrade::is_wanted(&request) {
            return Ok(upgrade::answer(&door, &slot, &request));
        }
        let to = asked(request.uri().path());
        let answer = TowerToHyperService::new(door.router).call(request).await?;
        door.hub.metrics().answered(to, answer.status().as_u16());
        Ok(answer)
    })
}

/// What a path is for.
fn asked(path: &str) -> metrics::Door {
    let is_at =
        |door: &str| path.strip_prefix(door).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    match path {
        _ if is_at("/api") => metrics::Door::Rest,
        _ if is_at("/mcp") => metrics::Door::Mcp,
        _ => metrics::Door::Page,
    }
}
