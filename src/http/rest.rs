//! REST.

use super::Services;
use axum::Router;

/// All paths under `/api`.
pub fn routes(_services: &Services) -> Router {
    Router::new()
}
