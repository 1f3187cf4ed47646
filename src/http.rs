//! The door on the network: one listener for WebSocket and HTTP.
//!
//! It owns sockets and what is spoken on them. It decides nothing about who meets whom: that is the hub's.

mod accept;
mod connection;
mod origin;
mod page;
mod probe;
mod socket;
mod upgrade;

pub use accept::{Listeners, bind};
pub use origin::Origins;
pub use probe::Readiness;

use crate::core::Millis;
use crate::hub::Hub;
use axum::Router;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Connections beyond the WebSockets that may be open for a request at any time.
pub const SPARE_CONNECTIONS: usize = 256;

/// What one client may take. 0 turns a limit off.
#[derive(Debug, Clone)]
pub struct Limits {
    /// WebSockets at a time.
    pub sockets: usize,
    /// The time for an HTTP request's head.
    pub handshake: Duration,
    /// The time from the upgrade to the registration.
    pub register: Millis,
    /// The silence after which a ping is sent.
    pub ping: Millis,
    /// The time for a pong, and for a blocked socket to take something again.
    pub pong: Millis,
    /// Bytes in a frame.
    pub frame: usize,
}

/// All that a connection needs.
#[derive(Clone)]
pub struct Door {
    pub hub: Hub,
    pub limits: Arc<Limits>,
    pub origins: Arc<Origins>,
    pub stop: CancellationToken,
    router: Router,
    room: Arc<Semaphore>,
}

impl Door {
    /// A door to this exchange; `stop` ends whatever came in by it.
    pub fn new(
        hub: Hub,
        limits: Limits,
        origins: Origins,
        ready: Readiness,
        stop: CancellationToken,
    ) -> Self {
        let router = page::routes().merge(probe::routes(ready, hub.metrics().clone()));
        let room = match limits.sockets {
            0 => Semaphore::MAX_PERMITS,
            most => most + SPARE_CONNECTIONS,
        };
        Self {
            hub,
            limits: Arc::new(limits),
            origins: Arc::new(origins),
            stop,
            router,
            room: Arc::new(Semaphore::new(room)),
        }
    }

    /// Opens the door: every connection becomes a task of `tasks`.
    pub fn open(&self, listeners: Listeners, tasks: &TaskTracker) {
        for listener in listeners.0 {
            tasks.spawn(accept::run(listener, self.clone(), tasks.clone()));
        }
    }
}
