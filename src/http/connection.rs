//! One TCP connection, from its first byte to its last: requests first, then perhaps a WebSocket.
//!
//! HTTP/1.1 only, with a time limit on each request's head. After an upgrade nothing of HTTP stays in memory.

use super::socket::Socket;
use super::upgrade::{self, Seat};
use super::{Door, upgrade::Slot};
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
}

/// Serves one connection until it ends.
pub async fn serve(door: Door, stream: TcpStream) {
    // Boxed, so that the memory of one phase is gone in the other.
    let Some(upgraded) = Box::pin(requests(&door, stream)).await else { return };
    let mut socket = Box::new(Socket::new(&door, upgraded).await);
    let run = AssertUnwindSafe(socket.run()).catch_unwind().await;
    // Also after a panic: the others must hear that this client is gone.
    Box::pin(socket.leave(run.ok())).await;
}

/// Answers requests until the connection ends or becomes a WebSocket.
async fn requests(door: &Door, stream: TcpStream) -> Option<Upgraded> {
    let slot = Slot::default();
    let (to_serve, to_fill) = (door.clone(), slot.clone());
    let service = service_fn(move |request| answer(to_serve.clone(), to_fill.clone(), request));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).max_buf_size(HEAD).max_headers(HEADERS);
    builder.header_read_timeout((!door.limits.handshake.is_zero()).then_some(door.limits.handshake));
    let mut connection = builder.serve_connection(TokioIo::new(stream), service);
    let ended = tokio::select! {
        ended = poll_fn(|cx| connection.poll_without_shutdown(cx)) => ended,
        () = door.stop.cancelled() => {
            Pin::new(&mut connection).graceful_shutdown();
            poll_fn(|cx| connection.poll_without_shutdown(cx)).await
        }
    };
    let seat = slot.take().filter(|_| ended.is_ok())?;
    let parts = connection.into_parts();
    Some(Upgraded { stream: parts.io.into_inner(), head: parts.read_buf, seat })
}

type Answer = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

fn answer(door: Door, slot: Slot, request: hyper::Request<Incoming>) -> Answer {
    Box::pin(async move {
        if upgrade::is_wanted(&request) {
            return Ok(upgrade::answer(&door, &slot, &request));
        }
        TowerToHyperService::new(door.router).call(request).await
    })
}
