//! What happened, in the past tense. An input is one entry of the log: it holds no text, number or readable id.

use super::{
    ClientHash, Command, ConnId, ContactHead, Nickname, NodeId, PersonId, Rules, SessionHash, TokenHash,
};

/// What a client is in its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Role {
    #[default]
    Client,
    /// It carries out what the session sends. A session has one at most.
    Bridge,
}

/// Who registers, as far as the log may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    pub client: ClientHash,
    pub person: PersonId,
    pub session: SessionHash,
    pub role: Role,
    pub nickname: Nickname,
    /// Whether somebody chose the nickname. One that nobody chose gives way to what the person is called already.
    pub is_chosen: bool,
    /// Whether it only reads: the chat of a person who is here already stays where it is.
    pub only_reads: bool,
    /// What this registration can be gone on with, later, from another connection.
    pub token: TokenHash,
    /// The registration to go on with, if it still lives. If not, a new one begins.
    pub resume: Option<Box<Resume>>,
}

/// What somebody says about the registration that they want to go on with. What they do not say stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resume {
    pub token: TokenHash,
    /// Whose registration it is, if a principal says so. It may have another `client_id` than a new one would get, and
    /// so be another person's.
    pub person: Option<PersonId>,
    pub client: Option<ClientHash>,
    pub session: Option<SessionHash>,
    pub role: Option<Role>,
    pub nickname: Option<Nickname>,
}

/// One entry of the log. Every input is legal in every state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The rules of the house; the first entry of every log.
    RulesSet(Rules),
    /// A client sent its first `register`.
    Registered { conn: ConnId, registration: Registration },
    /// A registered client gave itself another nickname, and got another token.
    Renamed { conn: ConnId, nickname: Nickname, token: TokenHash },
    /// A client said goodbye.
    HungUp { conn: ConnId },
    /// A client is known to have its newest token: those before are dead.
    Settled { conn: ConnId },
    /// A client's connection ended without a goodbye. It has `Rules::grace` to come back.
    WentAway { conn: ConnId },
    /// A person typed a command.
    Asked { conn: ConnId, command: Command },
    /// A client gave its session another contact list.
    ContactsReplaced { conn: ConnId, contacts: ContactHead },
    /// The contact list of a session is known to be another, by nobody's doing who is here: it was kept, or somebody
    /// new wrote.
    ContactsLearned { session: SessionHash, contacts: ContactHead },
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
            Self::Registered { conn, .. } | Self::Renamed { conn, .. } => Some(*conn),
            Self::HungUp { conn } | Self::WentAway { conn } | Self::WentIdle { conn } => Some(*conn),
            Self::Settled { conn } => Some(*conn),
            Self::Asked { conn, .. } | Self::ContactsReplaced { conn, .. } => Some(*conn),
            Self::RulesSet(_) | Self::ContactsLearned { .. } | Self::NodeLost { .. } | Self::Tick => None,
        }
    }
}
