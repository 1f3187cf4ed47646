//! `strowger talk` as people and scripts use it: the binary, on a real terminal of tmux and on pipes, with a real hub.
//!
//! Nothing waits for time to pass: a test waits for what is to be seen, and gives up after [`terminal::PATIENCE`].

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "talk/hostile.rs"]
mod hostile;
#[path = "talk/hub.rs"]
mod hub;
#[path = "talk/keys.rs"]
mod keys;
#[path = "talk/pipes.rs"]
mod pipes;
#[path = "common/running.rs"]
#[allow(dead_code, reason = "a terminal needs less of it")]
mod running;
#[path = "talk/screens.rs"]
mod screens;
#[path = "talk/terminal.rs"]
mod terminal;
#[path = "talk/tls.rs"]
mod tls;
