//! What the documents promise is executed: their frames, commands, names and numbers.
//!
//! Each complaint names the line that breaks its promise, and says what is so instead.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "promises/account_frames.rs"]
mod account_frames;
#[path = "promises/ai.rs"]
mod ai;
#[path = "promises/deployed.rs"]
mod deployed;
#[path = "promises/doctor.rs"]
mod doctor;
#[path = "promises/document.rs"]
mod document;
#[path = "promises/every_frame.rs"]
mod every_frame;
#[cfg(unix)]
#[path = "promises/jwt.rs"]
mod jwt;
#[cfg(unix)]
#[path = "promises/mcp.rs"]
mod mcp;
#[path = "promises/names.rs"]
mod names;
#[path = "promises/operating.rs"]
mod operating;
#[path = "promises/protocol.rs"]
mod protocol;
#[path = "promises/readme.rs"]
mod readme;
#[path = "promises/session.rs"]
mod session;
#[path = "promises/shape.rs"]
mod shape;
#[path = "promises/story.rs"]
mod story;
#[cfg(unix)]
#[path = "promises/talk.rs"]
mod talk;

// Other tests use more of these.
#[cfg(unix)]
#[allow(dead_code)]
#[path = "common/http_client.rs"]
mod http_client;
#[allow(dead_code)]
#[path = "common/running.rs"]
mod running;
#[allow(dead_code)]
#[path = "ai/stand_in.rs"]
mod stand_in;
#[allow(dead_code)]
#[path = "common/test_client.rs"]
mod test_client;
#[allow(dead_code)]
#[path = "common/test_server.rs"]
mod test_server;

/// Waits for something that must come.
#[cfg(unix)]
async fn patiently<T>(event: impl Future<Output = T>) -> T {
    tokio::time::timeout(test_client::PATIENCE, event).await.expect("it comes in time")
}

/// Fails with all complaints at once, a line each.
#[track_caller]
fn settle(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n\n{}\n", complaints.join("\n"));
}
