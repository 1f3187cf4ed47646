//! Where a pushed frame stands, for clients that come back.

use serde::{Serialize, Serializer};

/// The number of a frame among those that one registration was pushed, each one above the last; 0 stands before the
/// first one. On the wire it is an opaque string of at most 20 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "server", schema(value_type = String, max_length = 64))]
pub struct Pos(pub u64);

impl Pos {
    /// Reads what was written once. Anything else is no position.
    pub fn read(text: &str) -> Option<Self> {
        let is_ours = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| is_ours).map(Self)
    }
}

impl Serialize for Pos {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_numbers_are_positions() {
        assert_eq!(Pos::read("17"), Some(Pos(17)));
        for text in ["", "-1", "+1", "1.0", "99999999999999999999", "nonsense"] {
            assert_eq!(Pos::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_position_is_written_as_a_string() {
        assert_eq!(serde_json::to_string(&Pos(17)).unwrap(), "\"17\"");
    }
}
