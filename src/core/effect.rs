//! What the machine wants done, as imperatives. Each effect names the node that performs it.

use super::{Answer, ConnId, ContactHead, Millis, Nickname, NodeId, Notice, PairId};
use std::sync::Arc;

/// What a client's task holds while its person talks: enough to reach the partner without the matchmaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Every text carries it, so that a late line can never reach the wrong person.
    pub pair: PairId,
    pub partner: ConnId,
    /// The partner's nickname.
    pub nickname: Nickname,
    /// Whether the person hears of it in the next notice or answer: a call that moved or whose partner changed
    /// the name is no news.
    pub is_news: bool,
    /// How often the client's person went on with the call at another line. Every text carries it, so that an
    /// older one is never shown after a newer one that came another way.
    pub turn: u32,
    /// Whether phone numbers in what the client's person writes are hidden, at whichever line they chose so.
    pub masking: bool,
}

/// Whether a client came to its session or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    Joined,
    Left,
}

/// One thing to do. Effects for one client are performed in the order written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Answer the input that this connection is waiting on. Every input of a client but its leaving has one.
    Answer { to: ConnId, answer: Answer },
    /// Tell a client what happened because of somebody else or of time.
    Tell { to: ConnId, notice: Notice },
    /// From now on the client talks on this call.
    Connect { to: ConnId, call: Call },
    /// The client's call is over, or goes on at another line of its person.
    Disconnect { to: ConnId, pair: PairId, moved: bool },
    /// Tell the clients of a session who came or went; the node of `about` knows the readable name, and if that
    /// node is lost, each node that was told of it. Many who go at once share one list.
    Announce { about: ConnId, presence: Presence, to: Arc<[ConnId]> },
    /// Let these nodes know the readable name of a client, which has others of its session there.
    Acquaint { about: ConnId, nodes: Vec<NodeId> },
    /// A node is lost: what is under way to it will not arrive, and what it still says is not heard.
    CutOff { node: NodeId },
    /// Show all these clients the session's contacts.
    Share { to: Vec<ConnId>, contacts: ContactHead },
    /// A client goes on with its registration from another connection, on this call, if it is on one. Whoever
    /// still reads for the old connection is closed. It answers the `Registered` of the new one.
    Resume { from: ConnId, to: ConnId, nickname: Nickname, masking: bool, pair: Option<PairId> },
    /// The bridge of a session can be reached from here on, or cannot.
    Link { bridge: ConnId, is_up: bool },
    /// Count how long the client's person waited for the partner they just got.
    CountWait { of: ConnId, waited: Millis },
    /// The client is gone: forget its mailbox and name.
    Forget { client: ConnId },
}

impl Effect {
    /// The node that performs this effect, or `None` if each does it for its own clients.
    pub fn node(&self) -> Option<NodeId> {
        match self {
            Self::Answer { to, .. } | Self::Tell { to, .. } => Some(to.node),
            Self::Connect { to, .. } | Self::Disconnect { to, .. } => Some(to.node),
            Self::Acquaint { about, .. } => Some(about.node),
            Self::CountWait { of, .. } => Some(of.node),
            Self::Forget { client } => Some(client.node),
            Self::Link { bridge, .. } => Some(bridge.node),
            Self::Announce { .. } | Self::Share { .. } | Self::Resume { .. } | Self::CutOff { .. } => None,
        }
    }
}
