//! What lies in mailboxes and travels on links, and how the machine's effects become such.

use crate::crowd::nickname;
use crate::plan::PEOPLE;
use strowger::core::{Answer, ConnId, Effect, NodeId, Notice, Reply, State, Verb};

/// The address of a connection. The same person's next one has a serial that is greater by `PEOPLE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Conn {
    pub node: u8,
    pub serial: u8,
}

impl Conn {
    pub fn person(self) -> usize {
        usize::from(self.serial % PEOPLE)
    }
}

impl From<Conn> for ConnId {
    fn from(conn: Conn) -> Self {
        Self { node: NodeId(conn.node.into()), serial: conn.serial.into() }
    }
}

impl From<ConnId> for Conn {
    fn from(conn: ConnId) -> Self {
        Self { node: conn.node.0 as u8, serial: conn.serial as u8 }
    }
}

/// A text by its number.
pub type TextId = u8;

/// One thing for a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Letter {
    Connect {
        pair: u8,
        partner: Conn,
        is_news: bool,
    },
    Disconnect {
        pair: u8,
    },
    /// The call is over, whichever it is: a planted mistake.
    HangUp,
    /// The person hears that they were matched.
    Matched,
    /// The person hears that the partner of this pair left.
    Left {
        pair: u8,
    },
    /// The person hears something else.
    Told,
    /// The answer to what they asked.
    Said {
        place: Place,
        ended: bool,
        masks: Option<bool>,
    },
    Registered,
    /// They are nobody here.
    Refused,
    Text(TextId),
    /// A text of their own that could not be shown.
    Failed(TextId),
    /// From here on another connection reads, and is on this call.
    Resumed {
        pair: Option<u8>,
    },
    /// The registration goes on, and the mailbox it had is on another node.
    Inherited {
        pair: Option<u8>,
    },
}

/// Where an answer says that somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    Idle,
    Waiting,
    /// With the person of this nickname.
    Talking(u8),
}

/// Something that travels between nodes past the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Packet {
    Text(TextId),
    /// The text needs to be kept no longer.
    Settled(TextId),
    /// The text could not be shown; its sender was last seen at this connection.
    Failed(TextId, Conn),
    /// The partner left, whoever that is: a planted mistake. The pair is there for the law, not for the door.
    Left(Conn, u8),
}

/// What a node does because of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Send(Conn, Letter),
    /// The call is over, and the one left behind hears it.
    Left {
        to: Conn,
        pair: u8,
    },
    Resume {
        from: Conn,
        to: Conn,
        pair: Option<u8>,
    },
    Forget(Conn),
}

/// An act, and whose it is. `None`: each node looks for its own part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deed {
    pub node: Option<u8>,
    pub act: Act,
}

/// The machine's effects, as far as this world knows of such.
pub fn deeds(effects: &[Effect]) -> Vec<Deed> {
    let mut deeds: Vec<Deed> = Vec::new();
    for effect in effects {
        let Some(mut act) = act(effect) else { continue };
        if let Act::Left { to, pair } = &mut act
            && let Some(at) = deeds.iter().rposition(|deed| ends(deed.act, *to).is_some())
        {
            *pair = ends(deeds.remove(at).act, *to).unwrap_or_default();
        }
        deeds.push(Deed { node: effect.node().map(|node| node.0 as u8), act });
    }
    deeds
}

/// The pair whose end this is for a connection.
fn ends(act: Act, conn: Conn) -> Option<u8> {
    match act {
        Act::Send(to, Letter::Disconnect { pair }) if to == conn => Some(pair),
        _ => None,
    }
}

fn act(effect: &Effect) -> Option<Act> {
    Some(match effect {
        Effect::Answer { to, answer } => Act::Send((*to).into(), said(answer)),
        Effect::Tell { to, notice: Notice::PartnerLeft } => Act::Left { to: (*to).into(), pair: 0 },
        Effect::Tell { to, notice: Notice::Connected(_) } => Act::Send((*to).into(), Letter::Matched),
        Effect::Tell { to, .. } => Act::Send((*to).into(), Letter::Told),
        Effect::Connect { to, call } => {
            let (pair, partner, is_news) = (call.pair.0 as u8, call.partner.into(), call.is_news);
            Act::Send((*to).into(), Letter::Connect { pair, partner, is_news })
        }
        Effect::Disconnect { to, pair, .. } => {
            Act::Send((*to).into(), Letter::Disconnect { pair: pair.0 as u8 })
        }
        Effect::Resume { from, to, pair, .. } => {
            Act::Resume { from: (*from).into(), to: (*to).into(), pair: pair.map(|pair| pair.0 as u8) }
        }
        Effect::Forget { client } => Act::Forget((*client).into()),
        Effect::Announce { .. } | Effect::Share { .. } | Effect::CountWait { .. } => return None,
        Effect::Acquaint { .. } | Effect::CutOff { .. } | Effect::Link { .. } => return None,
    })
}

fn said(answer: &Answer) -> Letter {
    match answer {
        Answer::Command(Reply { verb, notice, state }) => {
            let place = match state {
                State::Idle => Place::Idle,
                State::Waiting { .. } => Place::Waiting,
                State::Paired(name) => {
                    let partner = (0..PEOPLE).find(|person| nickname((*person).into()) == *name);
                    Place::Talking(partner.expect("the name of somebody"))
                }
            };
            let ended = *verb == Verb::Again || *notice == Notice::Ended;
            let masks = if let Notice::Masking(on) = notice { Some(*on) } else { None };
            Letter::Said { place, ended, masks }
        }
        Answer::Registered(_) => Letter::Registered,
        Answer::ClientIdTaken
        | Answer::OtherClient
        | Answer::OtherSession
        | Answer::OtherRole
        | Answer::BridgeTaken
        | Answer::NotRegistered => Letter::Refused,
        Answer::Contacts(_) => Letter::Told,
    }
}
