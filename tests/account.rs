//! The account that a session shares, without runtime and sockets: what it answers, and what it never does.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "account/answering.rs"]
mod answering;
#[path = "account/auto_reply.rs"]
mod auto_reply;
#[path = "account/by_ai.rs"]
mod by_ai;
#[path = "account/carrying.rs"]
mod carrying;
#[path = "account/line.rs"]
mod line;
#[path = "account/once.rs"]
mod once;
#[path = "account/random.rs"]
mod random;
