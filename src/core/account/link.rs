//! Whoever carries out what a session sends: a closed set, and what each can do.

use super::Progress;

/// Who carries out what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Link {
    /// Nobody: it is only shown how it would be.
    Simulated,
    /// A bridge, which is there.
    Up,
    /// A bridge, which is not.
    Down,
}

/// What whoever carries out can do. What one can't is refused before it is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// The longest text, in characters (Unicode scalar values).
    pub longest_text: usize,
    /// The furthest that is told of a send.
    pub tells: Progress,
    /// Whether a name that nobody knows may be handed over as it was typed.
    pub takes_any_name: bool,
}

impl Link {
    /// What can be done by it, or by the bridge that it waits for.
    pub fn capabilities(self) -> Capabilities {
        match self {
            Self::Simulated => {
                Capabilities { longest_text: LONGEST_TEXT, tells: Progress::Simulated, takes_any_name: true }
            }
            Self::Up | Self::Down => {
                Capabilities { longest_text: LONGEST_TEXT, tells: Progress::Read, takes_any_name: false }
            }
        }
    }
}

/// What the WhatsApp app takes as one message.
const LONGEST_TEXT: usize = 65_536;
