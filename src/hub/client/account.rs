//! What a client asks of the account that its session shares.

use super::Client;
use crate::core::account::Request;
use crate::hub::accounts::{Call, Caller};
use crate::hub::ask::Ask;
use std::task::{Context, Poll};
use uuid::Uuid;

impl Client {
    /// Hands it to the accounts; the answer comes as a letter.
    pub(super) async fn ask_account(&mut self, ask: Ask) {
        let call = match ask {
            Ask::Contacts(list) => {
                let number = self.desk.pending.as_ref().map_or(0, |pending| pending.number);
                self.caller(None).map(|caller| Call::Supply { caller, list, number })
            }
            Ask::Account { asked, wish, request_id } => {
                let (body, fresh) = (self.hub.body_hash(&wish), Uuid::new_v4().as_u128());
                let request = Request { wish: *wish, body, fresh };
                self.caller(request_id).map(|caller| Call::Ask { caller, asked, request })
            }
            Ask::Report { order, report, request_id } => {
                self.caller(request_id).map(|caller| Call::Report { caller, order, report })
            }
            Ask::Arrival { incoming, request_id } => {
                self.caller(request_id).map(|caller| Call::Receive { caller, incoming: *incoming })
            }
            Ask::Register(_) | Ask::Rename { .. } | Ask::Command(_) => None,
        };
        if let Some(call) = call {
            let places = self.desk.places.get_or_insert_default();
            self.hub.accounts().call(call, places).await;
        }
    }

    /// Whether another request of the client may wait for the accounts. Until then its next frame is not taken.
    pub fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.desk.places.as_mut().map_or(Poll::Ready(()), |places| places.poll_room(cx))
    }

    fn caller(&self, request_id: Option<Box<str>>) -> Option<Caller> {
        let card = self.card()?;
        Some(Caller {
            session: card.session.as_str().into(),
            conn: self.conn,
            registration: self.desk.registration,
            mailbox: self.mailbox.clone(),
            request_id: request_id.map(Into::into),
        })
    }
}
