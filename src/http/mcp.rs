//! MCP.

use super::Services;
use axum::Router;

/// `/mcp` and `/mcp/`.
pub fn routes(_services: &Services) -> Router {
    Router::new()
}
