//! What happens when there are no more files to open: whoever is inside stays and talks, and nothing spins.

#![cfg(target_os = "linux")]

use crate::privacy::port_in;
use crate::process::{Process, Room};
use crate::test_client::{PATIENCE, TestClient, couple};
use crate::web::{self, dial};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// How long it is watched having nothing to do.
const WATCH: Duration = Duration::from_secs(1);

async fn crowd(port: u16, size: usize) -> Vec<TcpStream> {
    let mut crowd = Vec::new();
    for _ in 0..size {
        crowd.push(dial(port).await);
    }
    crowd
}

async fn they_talk(a: &mut TestClient, b: &mut TestClient) {
    a.say("still there?").await;
    assert_eq!(b.hear().await, "still there?");
    b.say("as ever").await;
    assert_eq!(a.hear().await, "as ever");
}

/// The value of a metric, over a connection that was open before.
async fn metric(stream: &mut TcpStream, name: &str) -> u64 {
    let page = web::ask(stream, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").await.body;
    page.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok()).expect("a figure")
}

/// What it has used of a processor, in hundredths of a second, which is what Linux counts in.
fn ticks(house: &Process) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", house.pid())).expect("its figures");
    let figures = stat.rsplit(')').next().expect("what follows its name");
    figures.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("a number")).sum()
}

/// All that it warns of while it is watched.
fn warnings(house: &Process) -> Vec<String> {
    let start = Instant::now();
    let mut warnings = Vec::new();
    while let Some(left) = WATCH.checked_sub(start.elapsed()) {
        warnings.extend(house.complaint(left).filter(|line| !line.contains("INFO")));
    }
    warnings
}

fn open_files(house: &Process) -> u64 {
    std::fs::read_dir(format!("/proc/{}/fd", house.pid())).expect("its files").count() as u64
}

#[tokio::test]
async fn a_low_limit_on_files_is_shared_out_and_never_reached() {
    let room = Room::new();
    let house = Process::start_with_files(&room, 256, &["--port", "0", "--set", "limits.handshake=1h"]);
    let port = port_in(&house.line());
    let said = house.complaint(PATIENCE).expect("what it may do");
    assert!(said.contains("limit on open files") && said.contains("connections=144"), "{said}");
    let url = format!("ws://127.0.0.1:{port}/");
    let (mut a, mut b) = couple(&url).await;
    let mut seated = Vec::new();
    for n in 0..30 {
        seated.push(TestClient::join(&url, &format!("Client {n}")).await);
    }
    // More than it may open. Those who find no room wait in the system's queue.
    let crowd = crowd(port, 400).await;
    they_talk(&mut a, &mut b).await;
    assert!(open_files(&house) <= 256);
    let before = ticks(&house);
    assert_eq!(warnings(&house), [""; 0], "it lacks nothing");
    assert!(ticks(&house) - before < 20, "it waits, and does not spin");
    drop(crowd);
    let (mut c, mut d) = couple(&url).await;
    they_talk(&mut c, &mut d).await;
    they_talk(&mut a, &mut b).await;
}

#[tokio::test]
async fn without_a_file_left_it_pauses_says_so_once_and_goes_on() {
    let room = Room::new();
    let house = Process::start(&room, &["--port", "0", "--set", "limits.handshake=1h"], &[]);
    let port = port_in(&house.line());
    let url = format!("ws://127.0.0.1:{port}/");
    let (mut a, mut b) = couple(&url).await;
    let mut figures = dial(port).await;
    assert_eq!(metric(&mut figures, "strowger_not_accepted_total").await, 0);

    // As if something else had taken them.
    let most = Some(open_files(&house) + 10);
    let pid = Pid::from_raw(i32::try_from(house.pid()).expect("a number")).expect("a process");
    prlimit(Some(pid), Resource::Nofile, Rlimit { current: most, maximum: most }).expect("a lower limit");
    let start = Instant::now();
    let crowd = crowd(port, 50).await;
    let complaint = loop {
        let line = house.complaint(PATIENCE).expect("it says what is wrong");
        if line.contains("WARN") {
            break line;
        }
    };
    assert!(complaint.contains("Could not accept a connection; trying again"), "{complaint}");
    assert!(complaint.contains("Too many open files"), "{complaint}");
    they_talk(&mut a, &mut b).await;
    let before = ticks(&house);
    assert_eq!(warnings(&house), [""; 0], "once is enough");
    let (used, took) = (ticks(&house) - before, start.elapsed());
    assert!(used < 20, "{used} hundredths of a second: it spins");
    let failures = metric(&mut figures, "strowger_not_accepted_total").await;
    let pauses = took.as_millis() as u64 / 100 + 1;
    assert!((2..=2 * pauses).contains(&failures), "{failures} failures in {took:?}, of two listeners");
    they_talk(&mut a, &mut b).await;

    drop(crowd);
    let mut c = TestClient::join(&url, "Newcomer").await;
    assert_eq!(c.ask("#who").await["state"], "idle");
    they_talk(&mut a, &mut b).await;
}
