//! Who carries out what a session sends: a closed set of backends.
//!
//! A bridge is a client of the hub, and so needs nothing here. The simulator is built in: it sends nothing, says so,
//! and shows how it would be.

mod script;
mod simulator;

pub use script::{NotRead, Script};
pub use simulator::Simulator;
