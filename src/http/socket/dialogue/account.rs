//! The shared account on one socket: requests of clients, reports of bridges, and what they are told.

use super::{Dialogue, Outgoing, encode, error, timestamp};
use crate::core::Role;
use crate::core::account::{Answer, Refusal};
use crate::hub::AccountNews;
use crate::hub::Ask;
use crate::hub::accounts::{Job, Reply};
use crate::wire::{ActionBody, Asked, Code, Content, Hex, Pos, Request, RoleName, ServerFrame, Surroundings};
use tokio_tungstenite::tungstenite::Utf8Bytes;
use uuid::Uuid;

impl Dialogue {
    /// What is a matter of the session's account. Further frames do not wait for its answer.
    pub(super) fn ask_account(
        &self,
        request: Request<'_>,
        request_id: Option<&str>,
        out: &mut Outgoing,
    ) -> Option<Ask> {
        let is_bridges = matches!(request, Request::ActionResult(_) | Request::Incoming(_));
        if is_bridges && self.client.role() != Role::Bridge {
            let text = "Only the bridge of a session may say this.";
            out.push(error(Code::Forbidden, text, Some(request.kind()), request_id));
            return None;
        }
        let id = request_id.map(Into::into);
        match request {
            Request::ActionResult(result) => match result.into_report() {
                Some((order, report)) => Some(Ask::Report { order, report, request_id: id }),
                None => {
                    let kind = Some("whatsapp_action_result");
                    out.push(error(Code::NotFound, "There is no such action.", kind, request_id));
                    None
                }
            },
            Request::Incoming(incoming) => {
                let incoming = Box::new(incoming.into_incoming(Uuid::new_v4().as_u128()));
                Some(Ask::Arrival { incoming, request_id: id })
            }
            other => {
                let (asked, wish) = other.into_wish()?;
                Some(Ask::Account { asked, wish: Box::new(wish), request_id: id })
            }
        }
    }
}

/// What a client says it is; without a word, a client.
pub(super) fn role(named: Option<RoleName>) -> Role {
    match named {
        Some(RoleName::Bridge) => Role::Bridge,
        Some(RoleName::Client) | None => Role::Client,
    }
}

/// An answer. A bridge that speaks of nothing it was given made a mistake.
pub(super) fn reply(reply: &Reply) -> Utf8Bytes {
    let request_id = reply.request_id.as_deref();
    if let (Asked::Report, Answer::Refused { why: Refusal::NoSuchAction, .. }) = (reply.asked, &*reply.answer)
    {
        let kind = Some("whatsapp_action_result");
        return error(Code::NotFound, "There is no such action.", kind, request_id);
    }
    let around = Surroundings { session: &reply.session, clients: reply.clients };
    let content = Content::of_account(reply.asked, &reply.answer, around);
    encode(&ServerFrame::Response { request_id, content, timestamp: timestamp() })
}

/// What is new for everybody of a session.
pub(super) fn news(news: &AccountNews) -> Utf8Bytes {
    let around = Surroundings { session: &news.session, clients: news.clients };
    encode(&ServerFrame::of_news(&news.news, around, timestamp()))
}

/// A send for a bridge; or, if nobody waits for it any more, that it is not to be carried out.
pub(super) fn action(job: &Job, pos: Option<Pos>) -> Utf8Bytes {
    if job.is_withdrawn() {
        return cancelled(job, pos);
    }
    let action = ActionBody::send(&job.target, job.message.as_str());
    encode(&ServerFrame::WhatsappAction { request_id: Hex(job.id), action, pos })
}

/// A send that is not to be carried out, unless it was already.
pub(super) fn cancelled(job: &Job, pos: Option<Pos>) -> Utf8Bytes {
    encode(&ServerFrame::WhatsappActionCancelled { request_id: Hex(job.id), pos })
}
