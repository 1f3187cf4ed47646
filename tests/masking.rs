//! What must hold for every text that is masked, tried on many texts that are made to be nasty.
//!
//! The texts are the same in every run. To walk further, and elsewhere:
//! `PROPTEST_CASES=100000 PROPTEST_RNG_SEED=7 cargo test --no-default-features --test masking`.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "../fuzz/checks/mask.rs"]
mod checks;
#[path = "masking/properties.rs"]
mod properties;
#[path = "masking/split.rs"]
mod split;
#[path = "masking/texts.rs"]
mod texts;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use std::fmt::Debug;

/// Texts for each property: a second or two in a debug build.
const CASES: u32 = 300;

/// Tries what `strategy` makes; the smallest that fails is told.
#[track_caller]
fn holds<S: Strategy>(strategy: S, property: impl Fn(S::Value) -> Result<(), TestCaseError>)
where
    S::Value: Debug,
{
    // What the environment says of these two comes first.
    let given = Config::default();
    let rng_seed = if given.rng_seed == RngSeed::Random { RngSeed::Fixed(1) } else { given.rng_seed };
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { given.cases } else { CASES };
    // Nothing is written beside the sources: a text that failed belongs into a test of its own.
    let config = Config { cases, rng_seed, failure_persistence: None, ..given };
    if let Err(failure) = TestRunner::new(config).run(&strategy, property) {
        panic!("{failure}");
    }
}
