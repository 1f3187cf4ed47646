//! Masks any text.

#![no_main]

#[path = "../checks/mask.rs"]
mod checks;

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use strowger::core::mask::Masker;

static MASKER: LazyLock<Masker> = LazyLock::new(Masker::default);

fuzz_target!(|bytes: &[u8]| checks::check(&MASKER, &String::from_utf8_lossy(bytes)));
