//! Who is meant, without saying who it is: counters and keyed hashes, never a readable id.

use std::fmt;

/// One incarnation of one node: a node that starts anew is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u64);

/// The address of a client: the node that holds its connection, and a number that this node gives once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId {
    pub node: NodeId,
    pub serial: u64,
}

/// One conversation of two people. A later pair has a greater number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PairId(pub u64);

macro_rules! keyed_hash {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u128);

        /// Eight hexadecimal digits: enough to follow somebody through a log, too few to be an id.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:08x}", self.0 >> 96)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

keyed_hash! {
    /// The keyed hash of a `client_id`.
    ClientHash
}
keyed_hash! {
    /// The keyed hash of a principal or, without authentication, random bits for each registration.
    PersonId
}
impl PersonId {
    /// Set for whom a principal names, on whatever door.
    const NAMED: u128 = 1 << 127;

    /// Whom a principal names, by the keyed hash of that.
    pub const fn of_principal(hash: u128) -> Self {
        Self(hash | Self::NAMED)
    }

    /// Without authentication: nobody but one registration, by random bits.
    pub const fn of_registration(bits: u128) -> Self {
        Self(bits & !Self::NAMED)
    }

    /// Whether a principal names them, so that nobody else can pass for them.
    pub const fn is_a_principals(self) -> bool {
        self.0 & Self::NAMED != 0
    }
}

keyed_hash! {
    /// The keyed hash of a session's name.
    SessionHash
}
keyed_hash! {
    /// The keyed hash of a resume token: whoever has the token may go on with its registration.
    TokenHash
}
