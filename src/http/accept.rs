//! Listens, and makes a task of each connection.

use super::Door;
use super::connection::{self, Upgraded};
use super::guests::Guest;
use crate::metrics::Cut;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

/// How many connections the system may hold that were not accepted yet. The usual 128 are fewer than come back at
/// once after a restart, and whoever finds no room there waits a second or more before the next try.
const BACKLOG: u32 = 1_024;
/// The pause after an accept that failed for want of something, such as file descriptors: without one the
/// loop would spin until a connection ends.
const BREATH: Duration = Duration::from_millis(100);
/// How often such failures are told in the log. They are counted each time.
const COMPLAINTS: Duration = Duration::from_secs(60);

/// The sockets of a door that was bound and not yet opened.
#[derive(Debug)]
pub struct Listeners(pub(super) Vec<TcpListener>);

impl Listeners {
    /// Where the door is.
    pub fn port(&self) -> u16 {
        self.0.first().and_then(|listener| listener.local_addr().ok()).map_or(0, |address| address.port())
    }
}

/// Binds `host`: an address, a name, or `localhost` for 127.0.0.1 and, where there is one, ::1. Port 0 is any.
pub async fn bind(host: &str, port: u16) -> io::Result<Listeners> {
    if host != "localhost" {
        return Ok(Listeners(vec![listen_to(host, port).await?]));
    }
    let first = listen(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port))?;
    let port = first.local_addr()?.port();
    match listen(SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), port)) {
        Ok(second) => Ok(Listeners(vec![first, second])),
        // Somebody else's ::1 on this port would get half of our visitors.
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(error),
        Err(_) => Ok(Listeners(vec![first])),
    }
}

/// The first of a host's addresses that is ours to listen on.
async fn listen_to(host: &str, port: u16) -> io::Result<TcpListener> {
    let mut failed = io::Error::from(ErrorKind::AddrNotAvailable);
    for address in tokio::net::lookup_host((host, port)).await? {
        match listen(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A restart need not wait until the connections of the last run are forgotten. Windows means something else by it.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Accepts until the door closes. `talk` is what a connection does after its upgrade.
pub async fn run<T, F>(listener: TcpListener, door: Door, tasks: TaskTracker, talk: T)
where
    T: Fn(Door, Upgraded) -> F + Clone + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let mut complaints = Complaints::default();
    while let Some(accepted) = next(&listener, &door).await {
        match accepted {
            Ok((stream, address, place)) => match guest(&door, address) {
                Ok(guest) => {
                    let (door, talk) = (door.clone(), talk.clone());
                    tasks.spawn(async move {
                        connection::serve(door, stream, guest, talk).await;
                        drop(place);
                    });
                }
                Err(TooMany) => door.hub.metrics().cut(Cut::Address),
            },
            Err(error) if is_the_peers(&error) => {}
            Err(error) => {
                door.hub.metrics().not_accepted();
                complaints.hear(&error);
                breathe(&door).await;
            }
        }
    }
}

type Accepted = (TcpStream, IpAddr, Place);

/// A connection's place in the room, and in this door's part of it if it has one.
type Place = (OwnedSemaphorePermit, Option<OwnedSemaphorePermit>);

/// The next connection, once there is room for it; `None` when the door closes.
async fn next(listener: &TcpListener, door: &Door) -> Option<io::Result<Accepted>> {
    let accept = async {
        let part = match &door.part {
            Some(part) => Some(Arc::clone(part).acquire_owned().await.map_err(io::Error::other)?),
            None => None,
        };
        let place = Arc::clone(&door.room).acquire_owned().await.map_err(io::Error::other)?;
        let (stream, address) = listener.accept().await?;
        // Frames are written whole; waiting for more to fill a packet would only delay them.
        stream.set_nodelay(true)?;
        Ok((stream, address.ip(), (place, part)))
    };
    tokio::select! {
        () = door.stop.cancelled() => None,
        accepted = accept => Some(accepted),
    }
}

/// An address has as many connections as it may.
struct TooMany;

/// The new connection in the count of its address, if addresses are counted.
fn guest(door: &Door, address: IpAddr) -> Result<Option<Box<Guest>>, TooMany> {
    let Some(guests) = &door.guests else { return Ok(None) };
    guests.call(address).map(Some).ok_or(TooMany)
}

/// Waits a little, but not for a door that closes.
async fn breathe(door: &Door) {
    let _ = tokio::time::timeout(BREATH, door.stop.cancelled()).await;
}

/// What was told in the log, so that a lasting failure does not fill it.
#[derive(Default)]
struct Complaints {
    last: Option<Instant>,
}

impl Complaints {
    fn hear(&mut self, error: &io::Error) {
        if self.last.is_none_or(|last| last.elapsed() >= COMPLAINTS) {
            // Not its kind: the standard library has no name for the most common one, too many open files.
            tracing::warn!(%error, "Could not accept a connection; trying again");
            self.last = Some(Instant::now());
        }
    }
}

/// Errors of one connection that ended before it was accepted, rather than of the listener.
fn is_the_peers(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::InvalidInput
    )
}
