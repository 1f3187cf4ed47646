//! What fuzzers once tripped over, and what they start from, on every run: `fuzz/regressions/` and `fuzz/seeds/`.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use strowger::core::mask::Masker;

#[path = "../fuzz/checks/frame.rs"]
mod frame;
#[path = "../fuzz/checks/line.rs"]
mod line;
#[path = "../fuzz/checks/mask.rs"]
mod mask;

/// Checks all inputs that a target has. The name of the one that fails is the last that is printed.
fn replay(target: &str, check: impl Fn(&str)) {
    let mut seen = 0;
    for kind in ["seeds", "regressions"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(kind).join(target);
        for entry in fs::read_dir(&folder).expect("a folder of inputs") {
            let path = entry.expect("an input").path();
            println!("{}", path.display());
            // As the target itself reads it.
            check(&String::from_utf8_lossy(&fs::read(&path).expect("an input")));
            seen += 1;
        }
    }
    assert!(seen > 5, "only {seen} inputs for {target}");
}

#[test]
fn masking_holds() {
    let masker = Masker::default();
    replay("mask", |text| mask::check(&masker, text));
}

#[test]
fn frames_are_read_or_refused() {
    replay("frame", frame::check);
}

#[test]
fn typed_lines_are_read() {
    let masker = Masker::default();
    replay("line", |text| line::check(&masker, text));
}

/// A target that nobody replays would find the same twice.
#[test]
fn every_target_is_replayed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets");
    let files = fs::read_dir(folder).expect("the targets").map(|entry| entry.expect("a target").file_name());
    let mut targets: Vec<_> = files.filter_map(|name| name.into_string().ok()).collect();
    targets.sort();
    assert_eq!(targets, ["frame.rs", "line.rs", "mask.rs"]);
}
