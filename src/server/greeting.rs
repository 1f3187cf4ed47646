//! What whoever starts the hub is told: where each door is, and the tokens that were made.

use super::doors::Ports;
use super::tokens::{ForDashboard, Token};
use crate::config::{AuthMode, Host, Settings};
use std::io::{self, Write};
use std::net::IpAddr;

/// Says it.
pub fn greet(settings: &Settings, ports: Ports, (token, for_dashboard): (&Token, &ForDashboard)) {
    let (host, port) = (&settings.server.host, ports.hub);
    let lines = [
        format!("MCP server running on ws://{host}:{port}"),
        format!("Chat page running on http://{host}:{port}/"),
        format!("Dashboard on http://{host}:{port}/dashboard"),
        format!("Health on http://{host}:{port}/health, figures on http://{host}:{port}/metrics"),
        format!("MCP for Puch AI and others on http://{}:{}/mcp", settings.mcp.host, ports.mcp),
    ];
    let mut out = io::stdout().lock();
    for line in lines {
        // A closed standard output is no reason not to serve.
        let _ = writeln!(out, "{line}");
    }
    token.tell(settings.auth.mode, &mut out);
    for_dashboard.tell(&mut out);
    if !is_loopback(host) && settings.auth.mode == AuthMode::None {
        tracing::warn!("Everybody who can reach this address may come in");
    }
}

fn is_loopback(host: &Host) -> bool {
    host.addresses().is_some_and(|addresses| addresses.iter().all(IpAddr::is_loopback))
}
