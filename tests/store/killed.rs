//! A process that keeps things is killed, again and again: what it said was written is there, whole and in order.

use crate::room::{Room, TODAY, message};
use rusqlite::Connection;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use strowger::store::{LARGEST_PAGE, Record, Shelf, Store, Wanted};

/// In the environment of the process that is killed: which directory it writes to.
const DIRECTORY: &str = "STORE_TO_BE_KILLED";
const ROUNDS: u32 = 20;

/// Run by the test below in a process of its own; otherwise it does nothing.
#[tokio::test]
async fn writes_until_it_is_killed() {
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let room = Room::new();
    let store = room.open_on(&Shelf::Directory(directory.into())).unwrap();
    let first = store.last(Wanted::of("team"), 1).await.unwrap().map_or(0, |message| message.at - TODAY + 1);
    for number in first.. {
        store.keep(Record::Message(message("team", "john", number))).unwrap();
        if number % 10 == 0 {
            store.flush().await.unwrap();
            // Past what holds back the output of tests.
            writeln!(std::io::stderr(), "written {number}").unwrap();
        }
    }
}

/// Starts the writer, kills it after it has said so much and this time more. Returns what it said last.
fn run_and_kill(room: &Room, lines: u32, later: Duration) -> i64 {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "killed::writes_until_it_is_killed"]).env(DIRECTORY, &room.directory);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let number = |line: &str| line.strip_prefix("written ").and_then(|number| number.parse::<i64>().ok());
    let mut last = -1;
    for _ in 0..lines {
        let line = said.next().expect("it goes on until it is killed").unwrap();
        last = number(&line).unwrap_or(last);
    }
    // Somewhere in the middle of something, which no event tells.
    let until = Instant::now() + later;
    while Instant::now() < until {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What it had said before it died, and nobody had read yet, holds too. The last line may be cut.
    let rest: Vec<String> = said.map_while(Result::ok).collect();
    rest.iter().rev().skip(1).find_map(|line| number(line)).unwrap_or(last).max(last)
}

async fn all(store: &Store) -> Vec<i64> {
    let (mut numbers, mut before) = (Vec::new(), None);
    loop {
        let page = store.history(Wanted::of("team").before(before), LARGEST_PAGE).await.unwrap();
        numbers.extend(page.messages.iter().rev().map(|message| message.at - TODAY));
        before = page.older;
        if before.is_none() {
            numbers.reverse();
            return numbers;
        }
    }
}

#[tokio::test]
async fn what_was_said_to_be_written_survives_kill_9() {
    let room = Room::new();
    for round in 0..ROUNDS {
        // Unlike each other, and the same in every run.
        let (lines, later) = (1 + round * 7 % 11, Duration::from_micros(u64::from(round * 733 % 5_000)));
        let said = run_and_kill(&room, lines, later);
        let database = Connection::open(room.database()).unwrap();
        let check: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok", "round {round}");
        drop(database);
        let store = room.open();
        let numbers = all(&store).await;
        assert!(
            numbers.iter().copied().eq(0..numbers.len() as i64),
            "round {round}: a hole or another order"
        );
        assert!(numbers.len() as i64 > said, "round {round}: {said} was written, and {} are", numbers.len());
        let newest = numbers.len() as i64 - 1;
        let found = store.search("team", &format!("text {newest}"), 1).await.unwrap();
        assert_eq!(found.len(), 1, "round {round}: the search knows as much");
        crate::room::close(store).await;
    }
}
