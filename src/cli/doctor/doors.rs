//! Whether each door is open already, or could be opened.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs};
use std::time::Duration;

use super::super::health;
use super::Finding;
use crate::config::{Host, Server, Settings};

/// A door as the settings have it.
struct Door<'a> {
    what: &'static str,
    host: &'a Host,
    port: u16,
    to_port: &'static str,
    to_host: &'static str,
}

pub fn examine(settings: &Settings) -> Vec<Finding> {
    let (server, mcp) = (&settings.server, &settings.mcp);
    let what = "WebSocket, pages and REST";
    let hub = Door { what, host: &server.host, port: server.port, to_port: "--port", to_host: "--host" };
    let mcp =
        Door { what: "MCP", host: &mcp.host, port: mcp.port, to_port: "--mcp-port", to_host: "--mcp-host" };
    let second = if hub.is_in_the_way_of(&mcp) {
        Finding::wrong(format!(
            "MCP: port {} is that of {what} already: take another with --mcp-port; /mcp is on both",
            mcp.port
        ))
    } else {
        mcp.examine()
    };
    vec![hub.examine(), second]
}

impl Door<'_> {
    fn examine(&self) -> Finding {
        let Self { what, host, port, .. } = *self;
        if port == 0 {
            return Finding::note(format!("{what}: any free port is taken, another at each start"));
        }
        let server = Server { host: host.clone(), port, stop_within: Duration::ZERO };
        if health::ask_any(&server).is_ok() {
            return Finding::fine(format!("{what}: a hub answers on port {port}"));
        }
        match self.bind() {
            Ok(()) => Finding::fine(format!("{what}: port {port} on {host} is free; no hub runs there")),
            Err(error) => {
                Finding::wrong(format!("{what}: port {port} on {host} can't be had: {}", self.advice(&error)))
            }
        }
    }

    fn addresses(&self) -> io::Result<Vec<IpAddr>> {
        match self.host {
            Host::Name(name) => {
                Ok((name.as_str(), self.port).to_socket_addrs()?.map(|address| address.ip()).collect())
            }
            Host::Address(address) => Ok(vec![*address]),
            Host::Localhost => Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]),
        }
    }

    /// Takes the place as the hub would, and gives it back.
    fn bind(&self) -> io::Result<()> {
        let all: Vec<_> = self.addresses()?.into_iter().map(|ip| SocketAddr::new(ip, self.port)).collect();
        let [first, second] = all[..] else { return TcpListener::bind(&all[..]).map(drop) };
        if *self.host != Host::Localhost {
            return TcpListener::bind(&all[..]).map(drop);
        }
        TcpListener::bind(first)?;
        match TcpListener::bind(second) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => Err(error),
            // A machine may have no ::1.
            _ => Ok(()),
        }
    }

    fn advice(&self, error: &io::Error) -> String {
        let Self { host, to_port, to_host, .. } = self;
        match error.kind() {
            ErrorKind::AddrInUse => {
                format!("another program has it: stop that, or take another with {to_port}")
            }
            ErrorKind::PermissionDenied => {
                format!("this user may not: take one above 1023 with {to_port}")
            }
            ErrorKind::AddrNotAvailable => {
                format!("{host} is no address of this machine: take another with {to_host}, such as 0.0.0.0")
            }
            _ if matches!(host, Host::Name(_)) && self.addresses().is_err() => {
                format!("nobody knows the name {host}: correct it, or take an address with {to_host}")
            }
            _ => error.to_string(),
        }
    }

    /// Whether the other door can't be opened once this one is.
    fn is_in_the_way_of(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.addresses().unwrap_or_default(), other.addresses().unwrap_or_default());
        let meets = |one: &IpAddr| theirs.iter().any(|other| covers(*one, *other) || covers(*other, *one));
        self.port != 0 && self.port == other.port && ours.iter().any(meets)
    }
}

/// Whether who listens here listens there, too: `::` is every address of both families.
fn covers(here: IpAddr, there: IpAddr) -> bool {
    here == there || (here.is_unspecified() && (here.is_ipv6() || there.is_ipv4()))
}
