//! The exchange as a pure state machine: who is registered, who waits, who talks with whom.
//!
//! [`Matchmaker::handle`] takes one input in the past tense and writes down imperative effects. It owns no
//! clock, socket, task or source of randomness, so it can be tested without a runtime, replayed from a log
//! and run side by side on many nodes.
//!
//! It must never know: what people say, their readable ids, JSON, or time other than what an input brings.

mod absence;
pub mod account;
mod action;
mod avoid;
pub mod command;
pub mod contacts;
mod effect;
mod gone;
mod id;
mod input;
mod limits;
pub mod mask;
mod matchmaker;
mod nickname;
mod notice;
mod person;
pub mod plain;
mod present;
mod private;
mod queue;
mod rules;
mod session;
mod tags;

pub use action::{Action, Which};
pub use command::{Command, Line, Verb};
pub use contacts::{ContactId, ContactName, Contacts};
pub use effect::{Call, Effect, Presence};
pub use id::{ClientHash, ConnId, NodeId, PairId, PersonId, SessionHash, TokenHash};
pub use input::{Input, Registration, Resume, Role};
pub use limits::{Bucket, Rate};
pub use matchmaker::{Counts, Matchmaker};
pub use nickname::Nickname;
pub use notice::{Answer, Notice, Reply, State};
pub use person::Place;
pub use private::Private;
pub use rules::{Millis, Rules};
pub use session::ContactHead;
pub use tags::{TagError, Tags};
