//! The places of the doors: taken before anything else is begun, so that a second hub on them disturbs nothing.

use super::NotOpened;
use crate::config::{Host, Settings};
use crate::http::{self, Listeners};
use std::io;

/// Where the doors are.
#[derive(Clone, Copy)]
pub struct Ports {
    pub hub: u16,
    pub mcp: u16,
}

/// The doors before they are opened.
pub struct Doors {
    pub hub: Listeners,
    pub mcp: Listeners,
}

impl Doors {
    /// Takes the places that the settings name.
    pub async fn bind(settings: &Settings) -> Result<Self, NotOpened> {
        let (server, mcp) = (&settings.server, &settings.mcp);
        let hub = listen(&server.host, server.port, ["--port", "--host"], None).await?;
        let mcp = listen(&mcp.host, mcp.port, ["--mcp-port", "--mcp-host"], Some(hub.port())).await?;
        Ok(Self { hub, mcp })
    }

    /// Where they are.
    pub fn ports(&self) -> Ports {
        Ports { hub: self.hub.port(), mcp: self.mcp.port() }
    }
}

/// Takes a door's place. The flags are those that would name another; `ours` is the port that this process has.
async fn listen(host: &Host, port: u16, flags: [&str; 2], ours: Option<u16>) -> Result<Listeners, NotOpened> {
    let host = match host {
        Host::Localhost => "localhost".to_owned(),
        Host::Address(address) => address.to_string(),
        Host::Name(name) => name.clone(),
    };
    http::bind(&host, port).await.map_err(|error| {
        NotOpened(match error.kind() {
            io::ErrorKind::AddrInUse if ours == Some(port) => format!(
                "port {port} is given to MCP and to everything else: take another for MCP with {}; /mcp is on both",
                flags[0]
            ),
            _ => advice((&host, port), flags, &error),
        })
    })
}

/// What stands in the way of a door, and what to do about it.
fn advice((host, port): (&str, u16), [to_port, to_host]: [&str; 2], error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "port {port} is in use: stop the program that has it, or take another port with {to_port}; \
             {to_port} 0 takes any free one"
        ),
        io::ErrorKind::PermissionDenied => {
            format!("port {port} is not allowed for this user: take one above 1023, such as {to_port} 8002")
        }
        io::ErrorKind::AddrNotAvailable => {
            format!(
                "{host} is no address of this machine: take another with {to_host}, such as {to_host} 0.0.0.0"
            )
        }
        _ => format!("can't listen on {host}:{port}: {error}"),
    }
}
