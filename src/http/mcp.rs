//! MCP, Streamable HTTP: `/mcp` and `/mcp/` on the hub's port and on one of its own.
//!
//! Each request passes our own gate (origin, token, body, JSON). What is MCP then goes to the official SDK, without
//! sessions, and comes back to the tools at the desk; the bare form goes there at once. `server` alone knows the
//! SDK's types; it must never know a socket.

mod answers;
mod arguments;
mod catalogue;
mod desk;
mod envelope;
mod gate;
mod refusal;
mod schema;
mod server;
mod waiting;

use super::Services;
use axum::Router;
use axum::routing::any;
use desk::Desk;
use gate::Gate;
use std::sync::Arc;

/// `/mcp` and `/mcp/`.
pub fn routes(services: &Services) -> Router {
    let gate = Gate::new(Arc::new(Desk::new(services)));
    Router::new().route("/mcp", any(gate::pass)).route("/mcp/", any(gate::pass)).with_state(Arc::new(gate))
}
