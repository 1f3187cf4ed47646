//! What happened, in the past tense. An input is one entry of the log: it holds no text, number or readable id.

use super::{ClientHash, Command, ConnId, ContactHead, Nickname, NodeId, PersonId, Rules, SessionHash};

/// Who registers, as far as the log may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    pub client: ClientHash,
    pub person: PersonId,
    pub session: SessionHash,
    pub nickname: Nickname,
}

/// One entry of the log. Every input is legal in every state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The rules of the house; the first entry of every log.
    RulesSet(Rules),
    /// A client sent its first `register`.
    Registered { conn: ConnId, registration: Registration },
    /// A registered client gave itself another nickname.
    Renamed { conn: ConnId, nickname: Nickname },
    /// A client's connection ended.
    HungUp { conn: ConnId },
    /// A person typed a command.
    Asked { conn: ConnId, command: Command },
    /// A client gave its session another contact list.
    ContactsReplaced { conn: ConnId, contacts: ContactHead },
    /// The client's home node saw nothing of the person for `chat.idle_after`.
    WentIdle { conn: ConnId },
    /// A node died: its clients are gone, and what it still says is not heard.
    NodeLost { node: NodeId },
    /// A deadline passed in a quiet log. Twice does no harm.
    Tick,
}

impl Input {
    /// The connection that speaks, if it is one.
    pub fn conn(&self) -> Option<ConnId> {
        match self {
            Self::Registered { conn, .. } | Self::Renamed { conn, .. } | Self::HungUp { conn } => Some(*conn),
            Self::Asked { conn, .. } | Self::ContactsReplaced { conn, .. } => Some(*conn),
            Self::WentIdle { conn } => Some(*conn),
            Self::RulesSet(_) | Self::NodeLost { .. } | Self::Tick => None,
        }
    }
}
