//! A whole house for one test, on a free port, whose time the test steps.

use std::path::Path;
use std::time::Duration;
use strowger::config::{Flag, Settings};
use strowger::core::NodeId;
use strowger::hub::{Clock, Network};
use strowger::server::House;

/// Settings as the defaults have them, with changes written `section.name=value`. Nothing is written into the home
/// of whoever works here.
pub fn settings(changes: &[&str]) -> Settings {
    let own = ["server.port=0", "mcp.port=0", "mcp.host=localhost", "session.store=memory"];
    let flags = own.iter().chain(changes).map(|change| Flag::set(change).expect("a flag"));
    let nowhere = Path::new("/nonexistent");
    Settings::load(flags, std::iter::empty(), nowhere).expect("settings").settings
}

/// A running hub. Its clock stands still until it is stepped.
pub struct TestServer {
    house: House,
}

impl TestServer {
    /// With the default settings.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With some settings changed.
    pub async fn with(changes: &[&str]) -> Self {
        let house = House::open(&settings(changes), Clock::stepped()).await.expect("a free port");
        Self { house }
    }

    /// One node of several that are one exchange.
    pub async fn among(network: &Network, node: u64, changes: &[&str]) -> Self {
        let house = House::open_among(&settings(changes), network, NodeId(node)).await.expect("a free port");
        Self { house }
    }

    /// Waits until the house finds that it can't go on.
    pub async fn failed(&mut self) {
        self.house.failed().await;
    }

    pub fn port(&self) -> u16 {
        self.house.port()
    }

    /// The port of MCP.
    #[allow(dead_code, reason = "not every test comes by that door")]
    pub fn mcp_port(&self) -> u16 {
        self.house.mcp_port()
    }

    /// The address of its WebSocket.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/", self.port())
    }

    /// The date of the house: the time since 1970.
    #[allow(dead_code, reason = "not every test looks at the calendar")]
    pub fn date(&self) -> Duration {
        self.house.clock().date()
    }

    /// Lets time pass.
    pub fn step(&self, by: Duration) {
        self.house.clock().step(by);
    }

    /// What `/metrics` says of this metric, summed over its labels.
    pub fn metric(&self, name: &str) -> u64 {
        let page = self.house.metrics().page();
        let values = page
            .lines()
            .filter(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{'])));
        values.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
    }

    /// The same, with these labels only.
    pub fn metric_of(&self, series: &str) -> u64 {
        let page = self.house.metrics().page();
        page.lines().find_map(|line| line.strip_prefix(series)?.trim().parse().ok()).unwrap_or(0)
    }

    /// Closes the doors, as SIGTERM does.
    pub async fn close(self) {
        self.house.close().await;
    }
}
