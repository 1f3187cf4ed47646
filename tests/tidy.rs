//! What the house style promises, checked line by line: who may use whom, how long things get, which words
//! have no place here. Each complaint says what to do instead.
//!
//! It reads the sources as text and needs nothing but the standard library, so `cargo tidy` is quick.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "tidy/budgets.rs"]
mod budgets;
#[path = "tidy/defaults.rs"]
mod defaults;
#[path = "tidy/rings.rs"]
mod rings;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/words.rs"]
mod words;

/// Fails with all complaints at once, a line each.
#[track_caller]
fn settle(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n\n{}\n", complaints.join("\n"));
}
