//! What plain words mean, as a table that reads like a document, and what holds for any words at all.
//!
//! The table is `plain_words/sentences.txt`, and says itself how it is read. The texts of the properties are the
//! same in every run. To walk further, and elsewhere:
//! `PROPTEST_CASES=100000 PROPTEST_RNG_SEED=7 cargo test --no-default-features --test plain_words`.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "plain_words/newcomers.rs"]
mod newcomers;
#[path = "plain_words/properties.rs"]
mod properties;
#[path = "plain_words/table.rs"]
mod table;
