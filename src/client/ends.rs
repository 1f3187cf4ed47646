//! Why a connection ended, or never began, and whether it makes sense to come back.
//!
//! It must never know: what was said over it.

use std::fmt;
use std::time::Duration;

/// The code of a goodbye: RFC 6455, section 7.4.1.
const NORMAL: u16 = 1000;
/// From here on a close code says *do not come back*; below it, from 4000 on, it says *come back*.
const FINAL: std::ops::RangeInclusive<u16> = 4500..=4999;
/// The token expired: come back with another one.
const EXPIRED: u16 = 4005;

/// Why a connection ended, or never began.
#[derive(Clone, PartialEq, Eq)]
pub enum End {
    /// Nobody answers there.
    Unreachable(String),
    /// Somebody answers, but with an HTTP status (RFC 9110) instead of a WebSocket: the hub is full, or it is no hub.
    NoUpgrade { status: u16, retry_after: Option<Duration> },
    /// It broke, without a word.
    Lost,
    /// Nothing came for too long.
    Silent,
    /// The hub closed it, and said why.
    Closed { code: u16, reason: String },
    /// The hub does not take the registration for now.
    Busy { code: String, text: String, retry_after: Option<Duration> },
    /// The hub does not take the registration.
    Rejected { code: String, text: String },
}

impl End {
    /// Whether coming back makes no sense.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Lost | Self::Silent | Self::Busy { .. } => false,
            // A proxy that wants to know who comes, and what is not there, will be the same in a minute.
            Self::NoUpgrade { status, .. } => matches!(status, 400..=407 | 410..=428),
            Self::Closed { code, .. } => *code == NORMAL || FINAL.contains(code),
            Self::Rejected { .. } => true,
        }
    }

    /// Whether the hub is there and wants this client not.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Rejected { .. } => true,
            Self::NoUpgrade { .. } => self.is_final(),
            Self::Closed { code, .. } => FINAL.contains(code),
            _ => false,
        }
    }

    /// Whether nobody is there, as opposed to somebody who says no. A proxy says so for a hub: RFC 9110, sections
    /// 15.6.3 and 15.6.5.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::NoUpgrade { status: 502 | 504, .. })
    }

    /// Whether it was something that this client sent: sent again, it would end the same.
    pub(super) fn is_for_what_was_sent(&self) -> bool {
        matches!(self, Self::Closed { code: 1002 | 1003 | 1007 | 1009, .. })
    }

    /// Whether the token expired: another one lets the same client go on where it was.
    pub fn is_expiry(&self) -> bool {
        matches!(self, Self::Closed { code: EXPIRED, .. })
    }

    /// How long the hub wants to be left alone, if it said so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NoUpgrade { retry_after, .. } | Self::Busy { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "no hub answers: {why}"),
            Self::NoUpgrade { status, .. } => write!(f, "the hub refused the connection: HTTP {status}"),
            Self::Lost => f.write_str("the connection broke"),
            Self::Silent => f.write_str("the hub says nothing any more"),
            Self::Closed { code, reason } if reason.is_empty() => {
                write!(f, "the hub closed the connection ({code})")
            }
            Self::Closed { code, reason } => write!(f, "the hub closed the connection: {reason} ({code})"),
            Self::Busy { text, .. } | Self::Rejected { text, .. } => write!(f, "the hub says: {text}"),
        }
    }
}

impl std::error::Error for End {}

/// The kind of end: what the hub said about it may quote what it was told.
impl fmt::Debug for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(_) => f.write_str("Unreachable"),
            Self::NoUpgrade { status, .. } => write!(f, "NoUpgrade({status})"),
            Self::Lost => f.write_str("Lost"),
            Self::Silent => f.write_str("Silent"),
            Self::Closed { code, .. } => write!(f, "Closed({code})"),
            Self::Busy { code, .. } => write!(f, "Busy({code})"),
            Self::Rejected { code, .. } => write!(f, "Rejected({code})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closed(code: u16) -> End {
        End::Closed { code, reason: String::new() }
    }

    #[test]
    fn close_codes_say_whether_to_come_back() {
        for code in [1001, 1006, 1011, 1012, 4000, 4001, 4004, 4005, 4499] {
            assert!(!closed(code).is_final(), "{code}");
        }
        for code in [1000, 4500, 4501, 4502, 4503, 4999] {
            assert!(closed(code).is_final(), "{code}");
        }
        assert!(closed(4005).is_expiry() && !closed(4001).is_expiry());
        assert!(closed(4500).is_refusal() && !closed(1000).is_refusal());
    }

    #[test]
    fn a_full_hub_is_tried_again_and_a_closed_gate_is_not() {
        let status = |status| End::NoUpgrade { status, retry_after: Some(Duration::from_secs(9)) };
        assert!(!status(503).is_final() && !status(429).is_final() && !status(502).is_final());
        assert!(status(401).is_final() && status(403).is_final() && status(404).is_final());
        assert!(status(502).is_absence() && status(504).is_absence() && !status(503).is_absence());
        assert_eq!(status(503).retry_after(), Some(Duration::from_secs(9)));
    }
}
