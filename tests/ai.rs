//! The AI: each provider's own format over a real connection, and what keeps it on a short leash.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "ai/formats.rs"]
mod formats;
#[path = "ai/leash.rs"]
mod leash;
// Other tests have it do more.
#[allow(dead_code)]
#[path = "ai/stand_in.rs"]
mod stand_in;
