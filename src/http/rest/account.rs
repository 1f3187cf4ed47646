//! The account that a session shares: its contacts, its messages, and what is done with it.

use super::problem::{Problem, respond};
use super::reading;
use super::shape::{Failures, WithBody};
use super::{JSON, Rest};
use crate::auth::Principal;
use crate::core::ContactName;
use crate::core::account::{Answer, Refusal, Wish};
use crate::hub::accounts::Reply;
use crate::hub::{Errand, NoAnswer};
use crate::wire::{
    AccountResult, AiRequest, Asked, Code, Contact, ContactListUpdate, Content, DescribedAction,
    Request as Asking, Surroundings, WhatsappAiCommand,
};
use axum::Extension;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, Response, StatusCode, Uri};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::IntoParams;

/// Where a question is kept that is put without a session.
const AI_SESSION: &str = "default";

type Answered = Result<Response<Body>, Problem>;
type Session = Result<Path<String>, PathRejection>;

/// A page of contacts.
#[derive(Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ContactsQuery {
    /// Only those in whose name this is. At most 1,024 bytes.
    #[param(max_length = 1024)]
    query: Option<String>,
    /// The `after` of the page before.
    #[param(max_length = 256)]
    after: Option<String>,
    /// How many; 100 without it.
    #[param(minimum = 1, maximum = 500)]
    count: Option<u64>,
}

/// A page of messages.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MessagesQuery {
    /// Only those with this contact: a name, or the id of one. At most 1,024 bytes.
    #[param(max_length = 1024, pattern = r"\S")]
    contact: Option<String>,
    /// The `before` of the page before.
    #[param(pattern = "^-?[0-9]{1,18}$")]
    before: Option<String>,
    /// How many; 50 without it.
    #[param(minimum = 1, maximum = 500)]
    count: Option<u64>,
}

/// What a frame of these kinds would say.
#[derive(Serialize)]
struct OfConversation<'a> {
    contact: &'a str,
}

#[derive(Serialize)]
struct OfHistory<'a> {
    before: Option<&'a str>,
    count: Option<u64>,
}

/// The contacts of a session, in the order given.
#[utoipa::path(get, path = "/sessions/{session}/contacts", tag = "session",
    params(("session" = String, Path, min_length = 1, max_length = 128, description = "At most 128 bytes", example = "default"), ContactsQuery),
    responses((status = 200, description = "A page of them", body = AccountResult), Failures))]
pub async fn contacts(
    State(rest): State<Rest>,
    Extension(who): Extension<Principal>,
    path: Session,
    uri: Uri,
) -> Answered {
    let session = reading::session(path)?;
    let query: ContactsQuery = reading::query(&uri)?;
    rest.ask((&session, who, None), as_asked("whatsapp_get_contacts", &query)?).await
}

/// Another contact list for a session, in place of what clients gave before.
#[utoipa::path(put, path = "/sessions/{session}/contacts", tag = "session",
    params(("session" = String, Path, min_length = 1, max_length = 128, description = "At most 128 bytes", example = "default")),
    request_body(content = ContactListUpdate, example = json!({"contacts": ["John", {"name": "Sarah", "phone": "+15550100"}]})),
    responses((status = 200, description = "The first of the new list", body = AccountResult), WithBody, Failures))]
pub async fn replace(
    State(rest): State<Rest>,
    Extension(who): Extension<Principal>,
    path: Session,
    request: Request,
) -> Answered {
    let session = reading::session(path)?;
    let text = reading::text(request).await?;
    let Asking::ContactListUpdate(update) = Asking::body("contact_list_update", &text)? else {
        return Err(Problem::new(Code::InvalidMessage, "A list of contacts is expected."));
    };
    let list = update.contacts.into_iter().map(Contact::into_supplied).collect();
    let errand = Errand { session: &session, by: &who.namespace(), request_id: None };
    let late = "No answer came in time. The list may have been replaced or not: give it again.";
    answer(rest.services.hub.supply(errand, list).await.map_err(|_| Problem::new(Code::Overloaded, late)))
}

/// Messages of a session, oldest first: the newest page, or the one before another.
#[utoipa::path(get, path = "/sessions/{session}/messages", tag = "session",
    params(("session" = String, Path, min_length = 1, max_length = 128, description = "At most 128 bytes", example = "default"), MessagesQuery),
    responses((status = 200, description = "A page of them", body = AccountResult), Failures))]
pub async fn messages(
    State(rest): State<Rest>,
    Extension(who): Extension<Principal>,
    path: Session,
    uri: Uri,
) -> Answered {
    let session = reading::session(path)?;
    let MessagesQuery { contact, before, count } = reading::query(&uri)?;
    let (asked, mut wish) = as_asked("get_history", &OfHistory { before: before.as_deref(), count })?;
    if let (Some(contact), Wish::History { before, count, .. }) = (contact, &wish) {
        as_asked("whatsapp_get_messages", &OfConversation { contact: &contact })?;
        let contact = ContactName::new(contact);
        wish = Wish::Conversation { contact, before: before.clone(), count: *count };
    }
    rest.ask((&session, who, None), (asked, wish)).await
}

/// Does an action with the account of a session.
#[utoipa::path(post, path = "/sessions/{session}/commands", tag = "session",
    params(("session" = String, Path, min_length = 1, max_length = 128, description = "At most 128 bytes", example = "default"),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 128, description = "1 to 128 bytes. The same one with the same body is the same request: it gets the first answer again, for an hour while there is room")),
    request_body(content = DescribedAction, example = json!({"action": "send", "contact": "John", "message": "hello"})),
    responses((status = 200, description = "It was done", body = AccountResult,
        example = json!({"success": true, "action": "send", "contact": "John", "message": "hello", "id": "5e0a", "state": "simulated"})),
        WithBody, Failures))]
pub async fn command(
    State(rest): State<Rest>,
    Extension(who): Extension<Principal>,
    path: Session,
    headers: HeaderMap,
    request: Request,
) -> Answered {
    rest.command("whatsapp_command", who, path, &headers, request).await
}

/// Does what a sentence says with the account of a session.
#[utoipa::path(post, path = "/sessions/{session}/ai-commands", tag = "session",
    params(("session" = String, Path, min_length = 1, max_length = 128, description = "At most 128 bytes", example = "default"),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 128, description = "1 to 128 bytes. The same one with the same body is the same request: it gets the first answer again, for an hour while there is room")),
    request_body(content = WhatsappAiCommand, example = json!({"command": "send john hello"})),
    responses((status = 200, description = "It was done", body = AccountResult), WithBody, Failures))]
pub async fn sentence(
    State(rest): State<Rest>,
    Extension(who): Extension<Principal>,
    path: Session,
    headers: HeaderMap,
    request: Request,
) -> Answered {
    rest.command("whatsapp_ai_command", who, path, &headers, request).await
}

/// Asks an AI.
#[utoipa::path(post, path = "/ai", tag = "ai",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 128, description = "1 to 128 bytes. The same one with the same body is the same request: it gets the first answer again, for an hour while there is room")),
    request_body(content = AiRequest, example = json!({"prompt": "What is a step-by-step switch?"})),
    responses((status = 200, description = "What it says", body = AccountResult,
        example = json!({"success": true, "text": "A switch that turns one step for each pulse.", "service": "openai", "tokens": {"prompt": 12, "completion": 14}})),
        WithBody, Failures))]
pub async fn ai(
    State(rest): State<Rest>,
    Extension(who): Extension<Principal>,
    headers: HeaderMap,
    request: Request,
) -> Answered {
    let key = reading::key(&headers)?;
    let text = reading::text(request).await?;
    let wish = Asking::body("ai_request", &text)?.into_wish();
    let (asked, mut wish) = wish.ok_or_else(|| Problem::new(Code::Unsupported, "It is not served."))?;
    if let Wish::Ask { streams, .. } = &mut wish {
        // There is no session whose clients are to hear it.
        *streams = false;
    }
    rest.ask((AI_SESSION, who, key.as_deref()), (asked, wish)).await
}

impl Rest {
    async fn command(
        &self,
        kind: &str,
        who: Principal,
        path: Session,
        headers: &HeaderMap,
        request: Request,
    ) -> Answered {
        let (session, key) = (reading::session(path)?, reading::key(headers)?);
        let text = reading::text(request).await?;
        let asking = Asking::body(kind, &text)?;
        let wish = asking.into_wish().ok_or_else(|| Problem::new(Code::Unsupported, "It is not served."))?;
        self.ask((&session, who, key.as_deref()), wish).await
    }

    async fn ask(
        &self,
        (session, who, request_id): (&str, Principal, Option<&str>),
        (asked, wish): (Asked, Wish),
    ) -> Answered {
        let errand = Errand { session, by: &who.namespace(), request_id };
        answer(self.services.hub.ask(errand, asked, wish).await.map_err(no_answer))
    }
}

/// What a frame of this type with these fields asks for.
fn as_asked(kind: &str, fields: &impl Serialize) -> Result<(Asked, Wish), Problem> {
    let text = serde_json::to_string(fields).unwrap_or_default();
    let asking = Asking::body(kind, &text).map_err(|mut rejection| {
        // Of a query there is no part that is too large to be read.
        rejection.code = Code::InvalidMessage;
        rejection
    })?;
    asking.into_wish().ok_or_else(|| Problem::new(Code::Unsupported, "It is not served."))
}

/// The content that a socket would be sent, or a problem with all that it says.
fn answer(reply: Result<Box<Reply>, Problem>) -> Answered {
    let reply = reply?;
    let around = Surroundings { session: &reply.session, clients: reply.clients };
    let content = content_of(&Content::of_account(reply.asked, &reply.answer, around));
    if content.get("success") == Some(&Value::Bool(true)) {
        let body = serde_json::to_vec(&content).unwrap_or_default();
        return Ok(respond(StatusCode::OK, JSON, None, body.into()));
    }
    let problem = Problem::of_content(content);
    let is_a_bridges = matches!(&*reply.answer, Answer::Refused { why: Refusal::Backend { .. }, .. });
    Err(if is_a_bridges { problem.of_a_bridge() } else { problem })
}

/// What stands in the content of a response frame.
fn content_of(content: &Content<'_>) -> Map<String, Value> {
    match serde_json::to_value(content) {
        Ok(Value::Object(mut response)) => match response.remove("content") {
            Some(Value::Object(content)) => content,
            _ => Map::new(),
        },
        _ => Map::new(),
    }
}

fn no_answer(NoAnswer { maybe_done }: NoAnswer) -> Problem {
    if !maybe_done {
        return Problem::new(Code::Overloaded, "No answer came in time.");
    }
    let text = "No answer came in time. The message may have been sent or not.";
    let more = [("maybe_sent".to_owned(), Value::Bool(true))];
    Problem::new(Code::WhatsappTimeout, text).with(more.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_have_been_sent_says_so() {
        let said = |maybe_done| {
            let (status, _, body) = no_answer(NoAnswer { maybe_done }).into_parts();
            (status.as_u16(), serde_json::from_slice::<Value>(&body).unwrap()["maybe_sent"].clone())
        };
        assert_eq!(said(true), (504, Value::Bool(true)));
        assert_eq!(said(false), (503, Value::Null));
    }
}
