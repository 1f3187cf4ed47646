//! Long and rough hours for the real binary over real sockets: readers that stop, connections that are cut, and
//! a thousand people whose time is over at the same moment.
//!
//! What must be right is asserted: nothing lost, nothing twice, everything in order, all counts. What must be
//! quick is printed, and asserted only far beyond what is wanted, because it depends on the machine; where it
//! can be, it is compared within one run. The long forms are run on a release build by
//! `scripts/test endurance`, short ones with all other tests.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "endurance/cuts.rs"]
mod cuts;
#[path = "endurance/dice.rs"]
mod dice;
#[path = "endurance/fate.rs"]
mod fate;
#[path = "endurance/figures.rs"]
mod figures;
#[path = "endurance/line.rs"]
mod line;
#[path = "endurance/mass_expiry.rs"]
mod mass_expiry;
#[path = "endurance/stalled_reader.rs"]
mod stalled_reader;

// Other tests use more of these.
#[allow(dead_code)]
#[path = "common/running.rs"]
mod running;
#[allow(dead_code)]
#[path = "doors/web.rs"]
mod web;

use std::time::Duration;

/// How long anything may take before it is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for something that must come.
async fn patiently<T>(event: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, event).await.expect("it comes in time")
}

/// Starts the binary for people who talk quickly, with these settings changed.
fn hub(name: &str, changes: &[&str]) -> running::RunningHub {
    // Nobody reads its log here, and a full pipe would stop it.
    let mut flags = vec!["--log-level", "ERROR"];
    flags.extend(changes.iter().flat_map(|change| ["--set", change]));
    running::RunningHub::with(name, &flags)
}

/// As many files as there may be: a crowd takes more than a shell gives.
fn raise_file_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    }
}
