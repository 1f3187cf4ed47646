//! The door as clients find it: everything over real sockets, on free ports of 127.0.0.1.
//!
//! Nothing here waits for time to pass (`tests/tidy/words.rs` looks for it): a test waits for a frame, a close or an exit, and gives up on it after
//! [`PATIENCE`]; the hub's own time it steps.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "doors/ai.rs"]
mod ai;
#[path = "doors/ai_account.rs"]
mod ai_account;
#[path = "doors/ai_leash.rs"]
mod ai_leash;
#[path = "doors/any_door.rs"]
mod any_door;
#[path = "doors/bad_frames.rs"]
mod bad_frames;
#[path = "doors/bad_input.rs"]
mod bad_input;
#[path = "doors/bridges.rs"]
mod bridges;
#[path = "doors/chatting.rs"]
mod chatting;
#[path = "doors/coming_back.rs"]
mod coming_back;
#[path = "doors/crowded.rs"]
mod crowded;
#[path = "doors/described.rs"]
mod described;
#[path = "doors/endings.rs"]
mod endings;
#[path = "doors/few_files.rs"]
mod few_files;
#[path = "doors/first_clients.rs"]
mod first_clients;
#[path = "doors/flaky_networks.rs"]
mod flaky_networks;
#[path = "doors/hostile.rs"]
mod hostile;
#[path = "common/http_client.rs"]
mod http_client;
#[path = "doors/in_flight.rs"]
mod in_flight;
#[path = "doors/jwt.rs"]
mod jwt;
#[path = "doors/limits.rs"]
mod limits;
#[path = "doors/live.rs"]
mod live;
#[path = "doors/mcp_chat.rs"]
mod mcp_chat;
#[path = "doors/mcp_client.rs"]
mod mcp_client;
#[path = "doors/mcp_gate.rs"]
mod mcp_gate;
#[path = "doors/mcp_people.rs"]
mod mcp_people;
#[path = "doors/mcp_tools.rs"]
mod mcp_tools;
#[path = "doors/mcp_transport.rs"]
mod mcp_transport;
#[path = "doors/moving.rs"]
mod moving;
#[path = "doors/privacy.rs"]
mod privacy;
#[path = "doors/process.rs"]
mod process;
#[path = "doors/raw_client.rs"]
mod raw_client;
#[path = "doors/registering.rs"]
mod registering;
#[path = "doors/remembering.rs"]
mod remembering;
#[path = "doors/rest.rs"]
mod rest;
#[path = "doors/rest_chat.rs"]
mod rest_chat;
#[path = "doors/rest_covered.rs"]
mod rest_covered;
#[path = "doors/rest_described.rs"]
mod rest_described;
#[path = "doors/rest_events.rs"]
mod rest_events;
#[path = "doors/returning_client.rs"]
mod returning_client;
#[path = "doors/sessions.rs"]
mod sessions;
#[path = "doors/shared_account.rs"]
mod shared_account;
#[path = "doors/slow_readers.rs"]
mod slow_readers;
#[path = "doors/slow_requests.rs"]
mod slow_requests;
#[path = "ai/stand_in.rs"]
#[allow(dead_code, reason = "the tests of the AI itself use all of it")]
mod stand_in;
#[path = "doors/starting.rs"]
mod starting;
#[path = "doors/stopping.rs"]
mod stopping;
#[path = "doors/team.rs"]
mod team;
#[path = "talk/terminal.rs"]
#[allow(dead_code, reason = "a client for terminals needs more of it")]
mod terminal;
#[path = "common/test_client.rs"]
mod test_client;
#[path = "common/test_server.rs"]
mod test_server;
#[path = "doors/tokens.rs"]
mod tokens;
#[path = "doors/two_nodes.rs"]
mod two_nodes;
#[path = "doors/web.rs"]
mod web;
#[path = "doors/web_door.rs"]
mod web_door;

use test_client::PATIENCE;

/// Waits for something that must come.
async fn patiently<T>(event: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, event).await.expect("it comes in time")
}
