//! The pages, carried in the binary: to chat on, and to read how the doors work.

use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::IntoResponse;
use axum::routing::get;

/// Nothing but our own files, and nothing inline: what a stranger types can only ever be text.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file of the page.
struct Asset {
    path: &'static str,
    kind: &'static str,
    text: &'static str,
}

macro_rules! asset {
    ($path:literal, $kind:literal, $file:literal) => {
        Asset { path: $path, kind: $kind, text: include_str!(concat!("page/", $file)) }
    };
}

const ASSETS: [Asset; 15] = [
    asset!("/", "text/html; charset=utf-8", "chat.html"),
    asset!("/chat.css", "text/css; charset=utf-8", "chat.css"),
    asset!("/chat.js", "text/javascript; charset=utf-8", "chat.js"),
    asset!("/connection.js", "text/javascript; charset=utf-8", "connection.js"),
    asset!("/conversation.js", "text/javascript; charset=utf-8", "conversation.js"),
    asset!("/entry.js", "text/javascript; charset=utf-8", "entry.js"),
    asset!("/memo.js", "text/javascript; charset=utf-8", "memo.js"),
    asset!("/outbox.js", "text/javascript; charset=utf-8", "outbox.js"),
    asset!("/tickets.js", "text/javascript; charset=utf-8", "tickets.js"),
    asset!("/typing.js", "text/javascript; charset=utf-8", "typing.js"),
    asset!("/words.js", "text/javascript; charset=utf-8", "words.js"),
    asset!("/docs", "text/html; charset=utf-8", "docs.html"),
    asset!("/docs.css", "text/css; charset=utf-8", "docs.css"),
    asset!("/docs.js", "text/javascript; charset=utf-8", "docs.js"),
    asset!("/icon.svg", "image/svg+xml", "icon.svg"),
];

/// One route for each file.
pub fn routes() -> Router {
    ASSETS.iter().fold(Router::new(), |router, asset| router.route(asset.path, get(move || serve(asset))))
}

async fn serve(asset: &'static Asset) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, asset.kind),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        // A new binary may bring a new page: ask each time.
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, asset.text)
}
