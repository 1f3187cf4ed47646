//! REST: requests and answers in JSON, for programs that keep no socket.
//!
//! It owns the paths under `/api`, and their description. What it does it has others do: accounts, inboxes, the hub.

mod account;
mod answers;
mod chat;
mod events;
mod house;
mod live;
mod problem;
mod reading;
mod shape;

use super::{Services, bearer};
use crate::auth::Holder;
use crate::http::pulse::{Figures, Hours};
use crate::wire::{AccountResult, Code, StatusBody};
use answers::Answers;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use axum::routing::{any, get};
use bytes::Bytes;
use problem::{Problem, respond};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa::openapi::schema::AnyOfBuilder;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{Modify, OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The media type of answers.
const JSON: &str = "application/json";

/// What requests are answered with.
#[derive(Clone)]
struct Rest {
    services: Services,
    answers: Arc<Answers>,
    /// For those who stay, to read events or to wait.
    stays: Arc<Semaphore>,
}

impl Rest {
    /// Room for somebody who stays.
    fn stay(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let crowded = |_| Problem::new(Code::Overloaded, "Too many requests wait. Come back in a moment.");
        self.stays.clone().try_acquire_owned().map_err(crowded)
    }
}

/// The description of all this.
#[derive(OpenApi)]
#[openapi(
    info(title = "Strowger", description = "Random chat, and sessions that share a WhatsApp account."),
    components(schemas(problem::Document, StatusBody, Figures, Hours, live::LogLine, live::Skipped)),
    modifiers(&Bearer),
    security(("bearer" = []), ()),
    tags(
        (name = "chat", description = "Strangers meet: the random chat for people without a socket"),
        (name = "session", description = "What the clients of a session share"),
        (name = "ai", description = "Questions for an AI"),
        (name = "house", description = "The house itself"),
        (name = "admin", description = "For whoever looks after the house"),
    )
)]
struct Description;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        api.components.get_or_insert_default().add_security_scheme("bearer", scheme);
    }
}

/// The answer to `status` has the fields of a status among its own, and none of the other answers has. What is called
/// alike is either.
struct WithStatus;

impl Modify for WithStatus {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let Some(components) = &mut api.components else { return };
        let status = match components.schemas.get(&*StatusBody::name()) {
            Some(RefOr::T(Schema::Object(status))) => status.properties.clone(),
            _ => return,
        };
        if let Some(RefOr::T(Schema::Object(answer))) = components.schemas.get_mut(&*AccountResult::name()) {
            for (name, schema) in status {
                let either = |answer| AnyOfBuilder::new().item(answer).item(schema.clone()).into();
                let both = answer.properties.remove(&name).map_or_else(|| schema.clone(), either);
                answer.properties.insert(name, both);
            }
        }
    }
}

/// All paths under `/api`, and their description.
pub fn routes(services: &Services, stays: Arc<Semaphore>) -> Router {
    let rest = Rest { services: services.clone(), answers: Arc::default(), stays };
    let (paths, described) = paths().with_state(rest.clone()).split_for_parts();
    let mut description = Description::openapi().nest("/api/v1", described);
    WithStatus.modify(&mut description);
    let description = Bytes::from(description.to_json().unwrap_or_default());
    let gate = middleware::from_fn_with_state(rest, admit);
    let v1 =
        paths.fallback(unknown).method_not_allowed_fallback(async || Problem::method()).layer(gate.clone());
    let api = Router::new()
        .route("/health", get(async || "ok\n"))
        .nest("/v1", v1)
        .route("/v1/", any(unknown).layer(gate))
        .fallback(unknown)
        .method_not_allowed_fallback(async || Problem::method());
    let describe = async move || respond(StatusCode::OK, JSON, None, description);
    Router::new().nest("/api", api).route("/api/", any(unknown)).route("/openapi.json", get(describe))
}

fn paths() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(house::stats))
        .routes(routes!(house::sessions))
        .routes(routes!(house::clients))
        .routes(routes!(house::remove))
        .routes(routes!(house::everybody))
        .routes(routes!(live::live))
        .routes(routes!(account::contacts, account::replace))
        .routes(routes!(account::messages))
        .routes(routes!(account::command))
        .routes(routes!(account::sentence))
        .routes(routes!(events::events))
        .routes(routes!(account::ai))
        .routes(routes!(chat::say, chat::read))
        .routes(routes!(house::issue))
        .routes(routes!(house::drain))
}

async fn unknown() -> Problem {
    Problem::new(Code::NotFound, "There is no such path.")
}

/// Lets in who may come in. A page of somebody else's may do nothing in the name of whoever looks at it: where a
/// request changes nothing the browser keeps the answer from it, and to tell which do is not worth the risk.
async fn admit(State(rest): State<Rest>, mut request: Request, next: Next) -> Response<Body> {
    let Services { origins, .. } = &rest.services;
    if !origins.admit_request(request.headers()) || is_sent_from_elsewhere(request.headers()) {
        let text =
            "This page is not the hub's own. Set http.public_url to the address under which it is served.";
        return Problem::new(Code::Forbidden, text).into_response();
    }
    let caller = || bearer::caller(&rest.services, request.headers());
    let who = match events::holder(&rest, &request).unwrap_or_else(caller) {
        Ok(who) => who,
        Err(turned_away) => return Problem::turned_away(turned_away).into_response(),
    };
    // A page whose name was made to point here is of one site with us. It has no token.
    if who.holder == Holder::Nobody && !origins.admit_host(request.headers()) {
        let text = "The hub is not known by this name. Set http.public_url to the address that is asked.";
        return Problem::new(Code::Forbidden, text).into_response();
    }
    request.extensions_mut().insert(who);
    next.run(request).await
}

/// Whether a browser says that another site asks, or another server of ours: pictures and links name no origin.
fn is_sent_from_elsewhere(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    site == Some(b"cross-site") || site == Some(b"same-site") && !headers.contains_key(ORIGIN)
}
