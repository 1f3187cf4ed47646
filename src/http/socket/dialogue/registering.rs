//! Who registers: what a `register` makes of a client, and whether it may.

use super::{Dialogue, Outgoing, account, error};
use crate::auth::{Denied, Holder, Principal, Scope};
use crate::core::mask::Masker;
use crate::core::{Nickname, Role};
use crate::http::bearer;
use crate::hub::{Ask, Card, Introduction, Returning};
use crate::wire::{Code, Pos, Register};
use uuid::Uuid;

/// The session of clients that name none.
const DEFAULT_SESSION: &str = "default";
/// The name of clients that give none.
const DEFAULT_NAME: &str = "client";

impl Dialogue {
    pub(super) fn register(
        &mut self,
        register: Register,
        seen: Option<Pos>,
        request_id: Option<&str>,
        out: &mut Outgoing,
    ) -> Option<Ask> {
        let masker = self.client.hub().masker();
        let nickname = register.nickname.as_deref().map(|typed| nickname(typed, masker));
        let Some(card) = self.client.card() else {
            let introduction = self.introduction(register, nickname, seen, request_id, out)?;
            return self.ask(Ask::Register(Box::new(introduction)), request_id);
        };
        if contradicts(&register, card, self.client.role()) {
            let text = "A registration keeps its client_id, session and role.";
            out.push(error(Code::Conflict, text, Some("register"), request_id));
            return None;
        }
        let card = renamed(card, register.client_name);
        let nickname = nickname.or_else(|| self.client.nickname().cloned()).unwrap_or_else(random_nickname);
        self.ask(Ask::Rename { card, nickname }, request_id)
    }

    /// Whoever registers, if they may.
    fn introduction(
        &mut self,
        mut register: Register,
        nickname: Option<Nickname>,
        seen: Option<Pos>,
        request_id: Option<&str>,
        out: &mut Outgoing,
    ) -> Option<Introduction> {
        let principal = match self.admit(register.token.take()) {
            Ok(principal) => principal,
            Err(denied) => {
                bearer::turn_away(&self.gatekeeper, self.client.hub().clock(), denied);
                self.denied = Some(denied);
                return None;
            }
        };
        let is_named = register.client_id.is_some();
        let introduction = introduction(register, nickname, seen);
        if introduction.role == Role::Bridge && !principal.may(Scope::Bridge) {
            let text = "This token does not allow to be a bridge.";
            out.push(error(Code::Forbidden, text, Some("register"), request_id));
            return None;
        }
        self.token_ends = principal.until.and_then(|until| self.client.hub().clock().at(until));
        if principal.holder == Holder::Nobody {
            return Some(introduction);
        }
        let namespace = principal.namespace();
        let person = |client_id: &str| self.client.hub().person(&namespace, principal.user(client_id));
        let mut returning = introduction.returning;
        // Whoever goes on without naming themselves is who their resume token says; if it is dead, somebody new.
        if let Some(former) = returning.as_mut().filter(|_| !is_named) {
            former.person = former.token.names().map(|former| person(&former.client_id));
        }
        let named = Some(person(&introduction.card.client_id));
        Some(Introduction { person: named, returning, ..introduction })
    }
}

impl Dialogue {
    /// Whoever has this token, or came with one in the request.
    fn admit(&self, token: Option<String>) -> Result<Principal, Denied> {
        let date = self.client.hub().clock().date();
        match (token, self.principal.as_deref()) {
            (None, Some(principal)) if principal.is_over(date) => Err(Denied::Expired),
            (None, Some(principal)) => Ok(*principal),
            (token, _) => self.gatekeeper.admit(token.as_deref(), date),
        }
    }
}

fn contradicts(register: &Register, card: &Card, role: Role) -> bool {
    register.client_id.as_ref().is_some_and(|id| *id != card.client_id)
        || register.session.as_ref().is_some_and(|session| *session != card.session)
        || register.role.is_some_and(|named| account::role(Some(named)) != role)
}

/// The card under another name, if it is another.
fn renamed(card: &Card, client_name: Option<String>) -> Option<Card> {
    let client_name = client_name.filter(|name| *name != card.client_name)?;
    let (client_id, session) = (card.client_id.clone(), card.session.clone());
    Some(Card { client_id, client_name, session, log_name: String::new() })
}

fn introduction(mut register: Register, nickname: Option<Nickname>, seen: Option<Pos>) -> Introduction {
    let returning = register.resume_token.take().map(|token| Returning {
        token: token.into(),
        person: None,
        names_client: register.client_id.is_some(),
        names_session: register.session.is_some(),
        names_role: register.role.is_some(),
        nickname: nickname.clone(),
        seen,
    });
    let role = account::role(register.role);
    let is_chosen = nickname.is_some();
    let nickname = nickname.unwrap_or_else(random_nickname);
    Introduction {
        card: card(register),
        person: None,
        role,
        nickname,
        is_chosen,
        only_reads: false,
        returning,
    }
}

fn card(register: Register) -> Card {
    let client_name = register.client_name.unwrap_or_else(|| DEFAULT_NAME.to_owned());
    let client_id = register.client_id.unwrap_or_else(|| format!("{client_name}_{:08x}", random_bits()));
    let session = register.session.unwrap_or_else(|| DEFAULT_SESSION.to_owned());
    Card { client_id, client_name, session, log_name: String::new() }
}

fn nickname(typed: &str, masker: &Masker) -> Nickname {
    Nickname::clean(typed, masker).unwrap_or_else(random_nickname)
}

fn random_nickname() -> Nickname {
    Nickname::random(random_bits())
}

fn random_bits() -> u32 {
    Uuid::new_v4().as_fields().0
}
