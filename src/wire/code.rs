//! The stable words for what went wrong, and the numbers for why a connection ends.

use serde::{Deserialize, Serialize};

/// What went wrong, for programs. The same words on every door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The frame is not JSON.
    InvalidJson,
    /// The frame is JSON, but not a request; the text names the field.
    InvalidMessage,
    /// No frame of this type exists.
    UnknownType,
    /// The frame's subject is not built.
    Unsupported,
    /// `register` comes first.
    NotRegistered,
    /// A living client has this id.
    ClientIdTaken,
    /// It contradicts what was said before.
    Conflict,
    /// More than the limit.
    TooLarge,
    /// Too often; `retry_after_ms` says when to come back.
    RateLimited,
    /// The house is full; `retry_after_ms` says when to come back.
    Overloaded,
    /// There is no partner.
    NotPaired,
    /// A token is asked for, and this is none.
    Unauthorized,
    /// It is not this client's to do.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// A model made it of words that do not say it: whoever asked has to confirm it.
    ConfirmationRequired,
    /// Several contacts may be meant, or nobody was named.
    AmbiguousContact,
    /// Whoever carries out what is sent can't be reached.
    WhatsappUnavailable,
    /// Whoever carries out what is sent did not say in time whether it did.
    WhatsappTimeout,
    /// It takes an AI, and there is none.
    AiUnavailable,
    AiTimeout,
    /// The sentence means nothing that can be done.
    AiParseError,
    /// It failed, and nobody said why.
    Internal,
}

/// Why the hub closes a WebSocket: RFC 6455 section 7.4.1, and its private range. 4000 to 4499 say
/// *come back*, 4500 to 4999 *do not*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseCode {
    /// 1002: broke RFC 6455.
    ProtocolError,
    /// 1003: sent a binary frame.
    Binary,
    /// 1007: sent text that is not UTF-8.
    NotUtf8,
    /// 1009: sent more than a frame may hold.
    TooBig,
    /// 1011: it is our fault.
    Internal,
    /// 1012: the server restarts or drains.
    Restart,
    /// 4001: did not read what was sent.
    TooSlow,
    /// 4002: did not answer a ping.
    NoPong,
    /// 4003: began a message and did not end it.
    Unfinished,
    /// 4004: went on after warnings about a rate limit.
    RateLimited,
    /// 4005: the token's time is over.
    TokenExpired,
    /// 4500: has no token, or a wrong one.
    NotAuthorized,
    /// 4501: a newer connection goes on with the registration.
    TakenOver,
    /// 4502: did not register in time.
    NotRegisteredInTime,
    /// 4503: removed by the operator.
    Removed,
}

impl CloseCode {
    /// All of them, by number.
    pub const ALL: [Self; 15] = [
        Self::ProtocolError,
        Self::Binary,
        Self::NotUtf8,
        Self::TooBig,
        Self::Internal,
        Self::Restart,
        Self::TooSlow,
        Self::NoPong,
        Self::Unfinished,
        Self::RateLimited,
        Self::TokenExpired,
        Self::NotAuthorized,
        Self::TakenOver,
        Self::NotRegisteredInTime,
        Self::Removed,
    ];

    /// The number on the wire.
    pub const fn number(self) -> u16 {
        match self {
            Self::ProtocolError => 1002,
            Self::Binary => 1003,
            Self::NotUtf8 => 1007,
            Self::TooBig => 1009,
            Self::Internal => 1011,
            Self::Restart => 1012,
            Self::TooSlow => 4001,
            Self::NoPong => 4002,
            Self::Unfinished => 4003,
            Self::RateLimited => 4004,
            Self::TokenExpired => 4005,
            Self::NotAuthorized => 4500,
            Self::TakenOver => 4501,
            Self::NotRegisteredInTime => 4502,
            Self::Removed => 4503,
        }
    }

    /// The close frame's reason, for people.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ProtocolError => "protocol error",
            Self::Binary => "only text frames are spoken here",
            Self::NotUtf8 => "text must be UTF-8",
            Self::TooBig => "frame over the limit",
            Self::Internal => "internal error",
            Self::Restart => "the server restarts, come back",
            Self::TooSlow => "too slow: what was sent to you was not read",
            Self::NoPong => "no pong",
            Self::Unfinished => "a message took too long",
            Self::RateLimited => "too much, in spite of warnings",
            Self::TokenExpired => "the token expired: come back with a new one",
            Self::NotAuthorized => {
                "a token that opens this hub is asked for: as token, as Authorization: Bearer or as ?ticket="
            }
            Self::TakenOver => "a newer connection goes on with this client",
            Self::NotRegisteredInTime => "not registered in time",
            Self::Removed => "removed by the operator",
        }
    }

    /// The code of the error frame that goes before, where a reason may get lost on the way.
    pub const fn last_error(self) -> Option<Code> {
        match self {
            Self::TooSlow | Self::Unfinished => Some(Code::Overloaded),
            Self::RateLimited => Some(Code::RateLimited),
            Self::TokenExpired | Self::NotAuthorized => Some(Code::Unauthorized),
            Self::TakenOver => Some(Code::Conflict),
            Self::NotRegisteredInTime => Some(Code::NotRegistered),
            Self::Removed => Some(Code::Forbidden),
            _ => None,
        }
    }
}
