//! The random chat for people without a socket: say something, and look what came.

use super::answers::{Ear, Kept, Key, Meeting};
use super::problem::{PROBLEM, Problem, respond};
use super::reading;
use super::shape::{Chat, Failures, Said, Waiting, WithBody};
use super::{JSON, Rest};
use crate::auth::Principal;
use crate::core::Nickname;
use crate::hub::Hub;
use crate::inbox::{Caller, Errand, Inboxes, NoRoom, Page, Waited};
use crate::wire::{Code, Pos, read_object};
use axum::Extension;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};
use axum::response::IntoResponse;
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use utoipa::IntoParams;

type Answered = Result<Response<Body>, Problem>;
type User = Result<Path<String>, PathRejection>;

/// The longest wait, in seconds.
const WAIT: u64 = 50;

/// What to read, and how long to wait for it.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InboxQuery {
    /// Seconds to wait, if there is nothing.
    #[param(maximum = 50)]
    wait: Option<u64>,
    /// The `pos` of the last line that was seen: what an answer that got lost held is shown again.
    #[param(pattern = "^[0-9]{1,20}$")]
    after: Option<String>,
}

/// Says something: a text for the partner, or a command. The answer holds what waited to be read, too.
#[utoipa::path(post, path = "/chat/{user_id}/messages", tag = "chat",
    params(("user_id" = String, Path, min_length = 1, max_length = 128, pattern = r"^[^\x00-\x1f\x7f-\x9f]+$", example = "anna"),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 128, description = "1 to 128 bytes. The same one with the same body is the same request: it gets the first answer again, for an hour while there is room")),
    request_body(content = Said, example = json!({"message": "#meet", "nickname": "Anna"})),
    responses((status = 200, description = "It was done", body = Chat,
        example = json!({"success": true, "reply": "🔍 Looking for someone to chat with... Please wait while we find you a partner!", "state": "waiting", "position": 1, "messages": [], "dropped": 0})),
        WithBody, Failures))]
pub async fn say(
    State(rest): State<Rest>,
    Extension(who): Extension<Principal>,
    path: User,
    headers: HeaderMap,
    request: Request,
) -> Answered {
    let (user, key) = (reading::user(path)?, reading::key(&headers)?);
    let said: Said = read_object(&reading::text(request).await?)?;
    if said.message.is_empty() {
        let text = "message: a string that is not empty is required";
        return Err(Problem::new(Code::InvalidMessage, text));
    }
    let caller = rest.services.caller(who, &user);
    let Some(key) = key else {
        return talk(&rest.services.inboxes, caller, said).await.map(IntoResponse::into_response);
    };
    rest.say_once(caller, key.into(), said).await
}

/// What came for somebody, oldest first. Each line is shown once.
#[utoipa::path(get, path = "/chat/{user_id}/messages", tag = "chat",
    params(("user_id" = String, Path, min_length = 1, max_length = 128, pattern = r"^[^\x00-\x1f\x7f-\x9f]+$", example = "anna"), InboxQuery),
    responses((status = 200, description = "What came", body = Chat), Failures))]
pub async fn read(
    State(rest): State<Rest>,
    Extension(who): Extension<Principal>,
    method: Method,
    path: User,
    uri: Uri,
) -> Answered {
    if method == Method::HEAD {
        return Err(Problem::method_of("GET,POST"));
    }
    let user = reading::user(path)?;
    let InboxQuery { wait, after } = reading::query(&uri)?;
    let wrong = |text| Problem::new(Code::InvalidMessage, text);
    let wait = wait.unwrap_or(0);
    if wait > WAIT {
        return Err(wrong("wait: at most 50 seconds are possible"));
    }
    let after =
        after.map(|after| place(&after).ok_or_else(|| wrong("after: the `pos` of a line is expected")));
    let errand = after.transpose()?.map_or(Errand::Read, Errand::ReadAfter);
    let caller = rest.services.caller(who, &user);
    let page = rest.look(caller, errand, Duration::from_secs(wait)).await?;
    Ok(json(&Chat { success: true, reply: None, waiting: page.into() }))
}

/// A position. One that is too large for any was never given out: nothing comes behind it.
fn place(after: &str) -> Option<Pos> {
    let is_one = (1..=20).contains(&after.len()) && after.bytes().all(|byte| byte.is_ascii_digit());
    is_one.then(|| Pos::read(after).unwrap_or(Pos(u64::MAX)))
}

impl Rest {
    async fn look(&self, caller: Caller, errand: Errand, wait: Duration) -> Result<Page, Problem> {
        let inboxes = &self.services.inboxes;
        let page = inboxes.call(caller, None, errand.clone()).await.map_err(no_room)?;
        if wait.is_zero() || !page.lines.is_empty() || page.dropped > 0 {
            return Ok(page);
        }
        let _place = self.stay()?;
        match inboxes.wait(caller, wait).await.map_err(no_room)? {
            Waited::Came | Waited::InVain => inboxes.call(caller, None, errand).await.map_err(no_room),
            Waited::Superseded => {
                Err(Problem::new(Code::Conflict, "Somebody else waits for the same person now."))
            }
        }
    }

    /// Says it unless it was said before; then the answer is that of the first time. It is said to its end, whether
    /// or not somebody still waits for the answer.
    async fn say_once(&self, caller: Caller, key: Arc<str>, said: Said) -> Answered {
        let key: Key = (caller.person, key);
        let clock = self.services.hub.clock().clone();
        let ear = match self.answers.meet(clock.now(), &key, &said) {
            Meeting::Again(ear) => ear,
            Meeting::New(sender, ear) => {
                let (inboxes, answers) = (self.services.inboxes.clone(), self.answers.clone());
                self.services.visitors.spawn(async move {
                    let said = AssertUnwindSafe(talk(&inboxes, caller, said)).catch_unwind().await;
                    // Also after a panic, or the key would wait for its answer for ever.
                    let answer = match said {
                        Ok(Ok(chat)) => chat.kept(),
                        Ok(Err(problem)) => problem.into(),
                        Err(_) => Problem::new(Code::Internal, "Something went wrong in the hub.").into(),
                    };
                    answers.settle(clock.now(), key, &answer);
                    sender.send_replace(Some(answer));
                });
                ear
            }
            Meeting::Other => {
                let text = "This Idempotency-Key was used for another request.";
                return Err(Problem::new(Code::Conflict, text));
            }
            Meeting::Crowded => return Err(crowded()),
        };
        heard(ear).await
    }
}

async fn heard(mut ear: Ear) -> Answered {
    let kept = ear.wait_for(Option::is_some).await.ok().and_then(|kept| kept.clone());
    let Kept { status, kind, header, body } = kept.ok_or_else(crowded)?;
    Ok(respond(status, kind, header, body))
}

async fn talk(inboxes: &Inboxes, caller: Caller, said: Said) -> Result<Chat, Problem> {
    let nickname = said.nickname.as_deref().and_then(|typed| clean(inboxes.hub(), typed));
    let errand = Errand::Say(said.message.into());
    let mut page = inboxes.call(caller, nickname, errand).await.map_err(no_room)?;
    let reply = page.reply.take();
    let waiting = Waiting::from(page);
    let Some((reply, refusal)) = reply.map(|reply| (reply.text.into_owned(), reply.refused)) else {
        return Ok(Chat { success: true, reply: None, waiting });
    };
    let Some(refusal) = refusal else { return Ok(Chat { success: true, reply: Some(reply), waiting }) };
    // What came is shown once, and so here.
    Err(Problem::new(refusal.code, reply).retry_after(refusal.retry_after).with(fields(&waiting)))
}

fn clean(hub: &Hub, typed: &str) -> Option<Nickname> {
    Nickname::clean(typed, hub.masker())
}

fn fields(waiting: &Waiting) -> Map<String, Value> {
    match serde_json::to_value(waiting) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

fn no_room(_: NoRoom) -> Problem {
    Problem::new(Code::Overloaded, "There are too many people. Come back in a moment.")
}

fn crowded() -> Problem {
    Problem::new(Code::Overloaded, "Too much is under way. Try again in a second.")
}

fn json(chat: &Chat) -> Response<Body> {
    respond(StatusCode::OK, JSON, None, serde_json::to_vec(chat).unwrap_or_default().into())
}

impl Chat {
    fn kept(&self) -> Kept {
        let body = serde_json::to_vec(self).unwrap_or_default().into();
        Kept { status: StatusCode::OK, kind: JSON, header: None, body }
    }
}

impl IntoResponse for Chat {
    fn into_response(self) -> Response<Body> {
        json(&self)
    }
}

impl From<Problem> for Kept {
    fn from(problem: Problem) -> Self {
        let (status, header, body) = problem.into_parts();
        Self { status, kind: PROBLEM, header, body }
    }
}
