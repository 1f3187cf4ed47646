//! Reads anything as a frame from a client.

#![no_main]

#[path = "../checks/frame.rs"]
mod checks;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| checks::check(&String::from_utf8_lossy(bytes)));
