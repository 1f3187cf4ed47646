//! A disk without room: what is kept waits, and is written once there is room.
//!
//! The test is a process of its own whose files may grow to a certain size only, until it lifts that limit itself.

use crate::room::{Room, message};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::process::Command;
use strowger::store::{Health, NotKept, Record, Shelf, Store, Unanswered, Wanted};

const DIRECTORY: &str = "STORE_ON_A_FULL_DISK";
/// In blocks of `ulimit -f`, of 512 or 1,024 bytes: more than an empty database, less than what is kept.
const BLOCKS: usize = 600;
const HEALED: &str = "healthy again";

#[test]
fn on_a_full_disk_records_wait_until_there_is_room() {
    let room = Room::new();
    // Instead of the signal that would end it, writing past the limit fails.
    let script = format!("trap '' XFSZ && ulimit -S -f {BLOCKS} && exec \"$0\" \"$@\"");
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &script]).arg(std::env::current_exe().unwrap());
    shell.args(["--exact", "full_disk::fills_the_disk", "--nocapture"]).env(DIRECTORY, &room.directory);
    let output = shell.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains(HEALED),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Run by the test above in a process of its own; otherwise it does nothing.
#[tokio::test]
async fn fills_the_disk() {
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let room = Room::new();
    let store = room.open_on(&Shelf::Directory(directory.clone().into())).unwrap();
    let mut health = store.health();
    let taken = fill(&store).await;
    assert_eq!(*health.borrow_and_update(), Health::Failing);
    assert_eq!(store.flush().await, Err(Unanswered::Failing));
    assert!(room.metrics.page().contains("strowger_store_failing 1"));
    let written = store.count(Wanted::of("team")).await.unwrap();
    assert!(0 < written && written < taken, "{written} of {taken} had room");

    let limit = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: limit.maximum, maximum: limit.maximum }).unwrap();
    health.wait_for(|health| *health == Health::Healthy).await.unwrap();
    assert_eq!(store.count(Wanted::of("team")).await.unwrap(), taken);
    assert!(room.metrics.page().contains("strowger_store_failing 0"));
    crate::room::close(store).await;

    let store = room.open_on(&Shelf::Directory(directory.into())).unwrap();
    assert_eq!(store.count(Wanted::of("team")).await.unwrap(), taken);
    let last = store.last(Wanted::of("team"), 1).await.unwrap().unwrap();
    assert_eq!(last.id, format!("id {}", taken - 1), "in order");
    crate::room::close(store).await;
    println!("{HEALED}");
}

/// Keeps messages until the store takes no more. Returns how many it took.
async fn fill(store: &Store) -> usize {
    for number in 0.. {
        let text = "x".repeat(1_000);
        let message = strowger::store::Message { text, ..message("team", "john", number) };
        match store.keep(Record::Message(message)) {
            Ok(()) => {}
            Err(NotKept::Behind) if *store.health().borrow() == Health::Failing => return number as usize,
            // It writes as fast as it can, and this is faster.
            Err(_) => return fill_on(store, number).await,
        }
    }
    unreachable!("numbers do not end")
}

/// The same from here on, with an answer awaited before each.
async fn fill_on(store: &Store, from: i64) -> usize {
    for number in from.. {
        let _ = store.flush().await;
        let text = "x".repeat(1_000);
        let message = strowger::store::Message { text, ..message("team", "john", number) };
        if store.keep(Record::Message(message)).is_err() {
            return number as usize;
        }
    }
    unreachable!("numbers do not end")
}
