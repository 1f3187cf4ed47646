//! What clients see: JSON frames, stable codes, and the sentences.
//!
//! Pure functions from text to [`Frame`] and from [`ServerFrame`] to text. It knows the shape of every frame and
//! nothing of sockets, tasks or time; whoever sends a frame brings its [`Timestamp`].

mod client;
mod code;
mod lax;
mod pos;
mod sentence;
mod server;
mod time;

pub use client::{
    ActionObject, ActionResult, AiRequest, ChatMessage, Contact, ContactListUpdate, Frame, LIMIT_CONTACTS,
    Register, Rejection, Request, RoleName, WhatsappAiCommand, WhatsappIncoming, proposed, read_object,
};
#[cfg(feature = "server")]
pub use client::{Described, DescribedAction, described};
pub use code::{CloseCode, Code};
pub use pos::Pos;
pub use sentence::{gone, hint, sentence};
pub use server::{
    AccountResult, ActionBody, Asked, ChatEvent, CommandResult, Content, Hex, ServerFrame, StatusBody,
    Surroundings, TextResult,
};
pub use time::Timestamp;
