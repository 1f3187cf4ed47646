//! The store: what it promises of both its backends, and what only a disk can do to it.
//!
//! Nothing here waits for time to pass: the calendar is stepped, and a test waits for an answer, for the store's
//! health, or for what a child process says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "store/backup.rs"]
mod backup;
#[path = "store/contract.rs"]
mod contract;
#[path = "store/files.rs"]
mod files;
#[cfg(unix)]
#[path = "store/full_disk.rs"]
mod full_disk;
#[path = "store/killed.rs"]
mod killed;
#[path = "store/old_files.rs"]
mod old_files;
#[path = "store/room.rs"]
mod room;
#[path = "store/searching.rs"]
mod searching;
