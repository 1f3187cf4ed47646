//! Every example does what it says, against the real binary.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "examples/bridge.rs"]
mod bridge;
#[cfg(unix)]
#[path = "examples/curl.rs"]
mod curl;
#[path = "examples/double.rs"]
mod double;
#[path = "examples/in_rust.rs"]
mod in_rust;
#[path = "examples/listed.rs"]
mod listed;
#[path = "examples/mcp.rs"]
mod mcp;
#[path = "common/network.rs"]
mod network;
#[path = "examples/terminals.rs"]
mod terminals;
// Other tests use more of these.
#[allow(dead_code)]
#[path = "common/running.rs"]
mod running;
#[allow(dead_code)]
#[path = "common/test_client.rs"]
mod test_client;

use std::path::PathBuf;

/// A file of the examples.
fn example(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}
