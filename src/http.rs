//! The door on the network: one listener for WebSocket and HTTP.
//!
//! It owns sockets and what is spoken on them. It decides nothing about who meets whom: that is the hub's.

mod accept;
mod asyncapi;
mod bearer;
mod body;
mod connection;
mod encoding;
mod guests;
mod mcp;
mod origin;
mod page;
mod probe;
mod pulse;
mod rest;
mod socket;
mod stats;
mod taken;
mod ticket;
mod upgrade;

pub use accept::{Listeners, bind};
pub use asyncapi::document as asyncapi;
pub use origin::Origins;
pub use probe::Readiness;
pub use pulse::Pulse;
pub use ticket::Tickets;

use crate::auth::{Gatekeeper, Holder, Principal};
use crate::core::Millis;
use crate::hub::Hub;
use crate::inbox::{Caller, Inboxes};
pub use crate::logging::Tail;
use axum::Router;
use connection::Upgraded;
use guests::Guests;
use socket::Socket;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;
use tokio_tungstenite::WebSocketStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Connections beyond the WebSockets that may be open for a request at any time.
pub const SPARE_CONNECTIONS: usize = 256;

/// One address may have this part of them, and [`CALLERS`] at least: a browser takes six at once.
const CALLERS_PART: usize = 8;
const CALLERS: usize = 8;

/// Requests of REST that stay, to read events or to wait, may have this part of them: others are answered meanwhile.
const STAYS_PART: usize = 2;

/// The port of MCP may have this part of them: whoever fills it, where no address is counted since hosts call for many,
/// keeps nobody from the hub.
const MCP_PART: usize = 2;

/// What one client may take. 0 turns a limit off.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// WebSockets at a time.
    pub sockets: usize,
    /// WebSockets of one address at a time.
    pub sockets_per_address: usize,
    /// Connections beside the WebSockets.
    pub spare: usize,
    /// The time for an HTTP request's head, and for taking the answer.
    pub handshake: Duration,
    /// The time from the upgrade to the registration.
    pub register: Millis,
    /// The silence after which a ping is sent.
    pub ping: Millis,
    /// The time for a pong, and for a blocked socket to take something again.
    pub pong: Millis,
    /// The time from the first byte of a message to its last.
    pub message: Millis,
    /// Bytes in a frame.
    pub frame: usize,
}

/// Who talks on WebSockets instead of the hub: a program that tests the door, for example.
pub trait Talk: 'static {
    /// Talks until one side has had enough.
    fn talk<S>(socket: WebSocketStream<S>) -> impl Future<Output = ()> + Send
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static;
}

/// What requests are answered with.
#[derive(Clone)]
pub struct Services {
    pub hub: Hub,
    pub inboxes: Inboxes,
    pub gatekeeper: Arc<Gatekeeper>,
    pub origins: Arc<Origins>,
    /// The WhatsApp number of whoever connects an MCP host, digits only.
    pub my_number: Option<Arc<str>>,
    pub ready: Readiness,
    pub stop: CancellationToken,
    /// For browsers' sockets.
    pub tickets: Arc<Tickets>,
    /// How the house does.
    pub pulse: Pulse,
    /// What it logs.
    pub tail: Tail,
    /// Whose tasks whoever is served is one of.
    pub visitors: TaskTracker,
}

impl Services {
    /// Whoever comes by under this name.
    pub fn caller(&self, principal: Principal, user: &str) -> Caller {
        if principal.holder == Holder::Nobody {
            return Caller { person: self.hub.anybody(user), is_anybody: true };
        }
        let person = self.hub.person(&principal.namespace(), principal.user(user));
        Caller { person, is_anybody: false }
    }
}

/// All that a connection needs.
#[derive(Clone)]
pub struct Door {
    pub hub: Hub,
    pub limits: Arc<Limits>,
    pub origins: Arc<Origins>,
    pub stop: CancellationToken,
    pub services: Arc<Services>,
    router: Router,
    /// Whether a connection may become a WebSocket.
    has_sockets: bool,
    /// For TCP connections of all kinds.
    room: Arc<Semaphore>,
    /// For those of this door, if it may not have all of the room.
    part: Option<Arc<Semaphore>>,
    seats: Arc<Semaphore>,
    guests: Option<Arc<Guests>>,
}

impl Door {
    /// The door to WebSocket, pages, REST and figures; the `stop` of the services ends whatever came in by it.
    pub fn new(services: &Services, limits: Limits) -> Self {
        let Services { hub, origins, stop, .. } = services.clone();
        let probes = probe::routes(services.ready.clone(), hub.metrics().clone());
        let places = |most: usize| match limits.sockets {
            0 => Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
            _ => Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))),
        };
        let (room, seats) = (places(limits.sockets.saturating_add(limits.spare)), places(limits.sockets));
        let stays = places((limits.spare / STAYS_PART).max(1));
        let rest = rest::routes(services, stays);
        let router =
            page::routes().merge(probes).merge(rest).merge(asyncapi::routes()).merge(mcp::routes(services));
        let router = router.fallback(page::nowhere);
        let callers = (limits.spare / CALLERS_PART).max(CALLERS);
        let guests = (limits.sockets_per_address > 0)
            .then(|| Arc::new(Guests::new(callers, limits.sockets_per_address)));
        let (limits, has_sockets) = (Arc::new(limits), true);
        let services = Arc::new(services.clone());
        Self { hub, limits, origins, stop, services, router, has_sockets, room, part: None, seats, guests }
    }

    /// The door to MCP alone. Its connections count with those of this door.
    pub fn for_mcp(&self, services: &Services) -> Self {
        let router = mcp::routes(services).merge(probe::health());
        let most = (self.limits.spare / MCP_PART).max(1);
        let part = (self.limits.sockets > 0).then(|| Arc::new(Semaphore::new(most)));
        Self { router, part, has_sockets: false, guests: None, ..self.clone() }
    }

    /// Opens the door: every connection becomes a task of `tasks`.
    pub fn open(&self, listeners: Listeners, tasks: &TaskTracker) {
        self.admit(listeners, tasks, connection::converse);
    }

    /// Opens the same door to somebody other than the hub: up to and including a WebSocket's codec all is as ever.
    pub fn open_to<T: Talk>(&self, listeners: Listeners, tasks: &TaskTracker) {
        self.admit(listeners, tasks, |door, upgraded| async move {
            let (stream, _seat) = Socket::new(&door, upgraded).await.into_stream();
            T::talk(stream).await;
        });
    }

    fn admit<T, F>(&self, listeners: Listeners, tasks: &TaskTracker, talk: T)
    where
        T: Fn(Door, Upgraded) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        for listener in listeners.0 {
            tasks.spawn(accept::run(listener, self.clone(), tasks.clone(), talk.clone()));
        }
    }
}
