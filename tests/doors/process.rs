//! The real binary, started in an empty directory, with all that it says.

use crate::test_client::PATIENCE;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Duration;

/// More lines than any test makes it say: whoever does not listen in time loses none.
const LINES: usize = 10_000;

/// A directory that is empty at first and gone at the end.
pub struct Room(PathBuf);

impl Room {
    pub fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("strowger-doors-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a directory");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // What can't be removed is the system's to clear away.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A process that is killed if a test ends before it does.
pub struct Process {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

/// How a process ended, and what it said that nobody had read yet.
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: Vec<String>,
    pub stderr: Vec<String>,
}

impl Process {
    /// Starts the binary in this room with nothing of this environment but what is given.
    pub fn start(room: &Room, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::run(Command::new(env!("CARGO_BIN_EXE_strowger")).args(arguments), room, environment)
    }

    /// The same with so many files that it may open at a time.
    pub fn start_with_files(room: &Room, files: usize, arguments: &[&str]) -> Self {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &format!("ulimit -n {files} && exec \"$0\" \"$@\"")]);
        Self::run(shell.arg(env!("CARGO_BIN_EXE_strowger")).args(arguments), room, &[])
    }

    fn run(command: &mut Command, room: &Room, environment: &[(&str, &str)]) -> Self {
        let mut child = command
            .env_clear()
            // Nothing is written into the home of whoever works here.
            .env("STROWGER__SESSION__STORE", "memory")
            .env("MCP_HTTP_HOST", "localhost")
            .env("MCP_HTTP_PORT", "0")
            .envs(environment.iter().copied())
            .current_dir(room.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let stdout = lines_of(child.stdout.take().expect("a pipe"));
        let stderr = lines_of(child.stderr.take().expect("a pipe"));
        Self { child, stdout, stderr }
    }

    /// The next line on standard output.
    pub fn line(&self) -> String {
        self.stdout.recv_timeout(PATIENCE).expect("a line in time")
    }

    /// Tells it something as a terminal or a supervisor does.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the process is there");
    }

    /// The next line on standard error, if one comes within this time.
    pub fn complaint(&self, within: Duration) -> Option<String> {
        self.stderr.recv_timeout(within).ok()
    }

    /// Its number, for what the system tells of it.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory, in KiB.
    #[cfg(target_os = "linux")]
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("a status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.trim_end_matches("kB").trim().parse().expect("a number")
    }

    /// Waits for its end.
    pub fn ended(mut self) -> Ended {
        let (stdout, stderr) = (rest(&self.stdout), rest(&self.stderr));
        // Both pipes are closed, so it has ended or is about to.
        let status = self.child.wait().expect("an exit status");
        Ended { status, stdout, stderr }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails if it has ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads a pipe to its end, so that the process never waits for its reader.
fn lines_of(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = sync_channel(LINES);
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

/// Everything up to the end of the pipe.
fn rest(lines: &Receiver<String>) -> Vec<String> {
    let mut rest = Vec::new();
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) => rest.push(line),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return rest,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("it does not end; it said {rest:?}"),
        }
    }
}
