//! Strowger: an exchange on which strangers meet, and the clients of a session share contacts.
//!
//! `ARCHITECTURE.md` in the repository has the picture; this is the order in which to read:
//! [`core`] decides who meets whom, [`wire`] says it in JSON, [`hub`] is the exchange at work, [`http`] its
//! door on the network, [`store`] keeps what a session needs after a restart, and [`server`] puts the house together.
//! [`client`] is the other side, for programs of your own, and [`talk`] a terminal on top of it.

pub mod core;
pub mod wire;

#[cfg(feature = "server")]
pub mod ai;
#[cfg(feature = "server")]
pub mod auth;
#[cfg(feature = "server")]
pub mod cli;
#[cfg(feature = "server")]
pub mod client;
#[cfg(feature = "server")]
pub mod config;
#[cfg(feature = "server")]
pub mod http;
#[cfg(feature = "server")]
pub mod hub;
#[cfg(feature = "server")]
pub mod inbox;
#[cfg(feature = "server")]
mod logging;
#[cfg(feature = "server")]
pub mod metrics;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "server")]
mod stop;
#[cfg(feature = "server")]
pub mod store;
#[cfg(feature = "server")]
pub mod talk;
#[cfg(feature = "server")]
pub mod whatsapp;
