//! Listens, and makes a task of each connection.

use super::{Door, connection};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;

/// The pause after an accept that failed for want of something, such as file descriptors: without one the
/// loop would spin until a connection ends.
const BREATH: Duration = Duration::from_millis(100);

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
        return Ok(Listeners(vec![TcpListener::bind((host, port)).await?]));
    }
    let first = TcpListener::bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)).await?;
    let port = first.local_addr()?.port();
    match TcpListener::bind(SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), port)).await {
        Ok(second) => Ok(Listeners(vec![first, second])),
        // Somebody else's ::1 on this port would get half of our visitors.
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(error),
        Err(_) => Ok(Listeners(vec![first])),
    }
}

/// Accepts until the door closes.
pub async fn run(listener: TcpListener, door: Door, tasks: TaskTracker) {
    while let Some(accepted) = next(&listener, &door).await {
        match accepted {
            Ok((stream, permit)) => {
                let door = door.clone();
                tasks.spawn(async move {
                    connection::serve(door, stream).await;
                    drop(permit);
                });
            }
            Err(error) if is_the_peers(&error) => {}
            Err(error) => {
                tracing::warn!(error = %error.kind(), "Could not accept a connection; trying again");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

type Accepted = (TcpStream, tokio::sync::OwnedSemaphorePermit);

/// The next connection, once there is room for it; `None` when the door closes.
async fn next(listener: &TcpListener, door: &Door) -> Option<io::Result<Accepted>> {
    let accept = async {
        let permit = Arc::clone(&door.room).acquire_owned().await.map_err(io::Error::other)?;
        let (stream, _) = listener.accept().await?;
        // Frames are written whole; waiting for more to fill a packet would only delay them.
        stream.set_nodelay(true)?;
        Ok((stream, permit))
    };
    tokio::select! {
        () = door.stop.cancelled() => None,
        accepted = accept => Some(accepted),
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
