//! The kinds of what is counted, each with the word that stands for it in a label.

/// What became of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// In the partner's mailbox.
    Delivered,
    /// Kept for a partner who is away.
    Held,
    /// Not taken; its sender was told at once.
    Refused,
    /// Taken and not shown; its sender was told later.
    Failed,
}

/// What became of somebody who wanted to go on with a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comeback {
    /// They did, and missed nothing.
    Recovered,
    /// They did, and some frames were lost.
    Missed,
    /// Nothing is known of what they want to go on with.
    Unknown,
}

impl Comeback {
    /// That of somebody who missed so many frames, or nobody knows how many.
    pub const fn of(missed: Option<u64>) -> Self {
        match missed {
            Some(0) => Self::Recovered,
            Some(_) => Self::Missed,
            None => Self::Unknown,
        }
    }

    pub(super) const ALL: [Self; 3] = [Self::Recovered, Self::Missed, Self::Unknown];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Recovered => "recovered",
            Self::Missed => "missed",
            Self::Unknown => "unknown",
        }
    }
}

/// Why an upgrade was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The house is full.
    Full,
    /// Its address has as many WebSockets as it may.
    Address,
    /// It comes from somebody else's page.
    Origin,
    /// It is no handshake.
    Handshake,
    /// It came with a token that is none of ours.
    Token,
}

impl Refusal {
    pub(super) const ALL: [Self; 5] = [Self::Full, Self::Address, Self::Origin, Self::Handshake, Self::Token];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Address => "address",
            Self::Origin => "origin",
            Self::Handshake => "handshake",
            Self::Token => "token",
        }
    }
}

/// Why a connection was cut that was no WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Its address has as many as it may.
    Address,
    /// It sent no request in time.
    Request,
    /// It did not take its answer in time.
    Answer,
}

impl Cut {
    pub(super) const ALL: [Self; 3] = [Self::Address, Self::Request, Self::Answer];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Request => "request",
            Self::Answer => "answer",
        }
    }
}

/// What became of a send of a shared account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// A bridge or the simulator was given it.
    Handed,
    /// Whoever was given it took it.
    Acknowledged,
    /// It was given up: it may have been sent or not.
    Unknown,
}

impl Fate {
    pub(super) const ALL: [Self; 3] = [Self::Handed, Self::Acknowledged, Self::Unknown];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Handed => "handed",
            Self::Acknowledged => "acknowledged",
            Self::Unknown => "unknown",
        }
    }
}
