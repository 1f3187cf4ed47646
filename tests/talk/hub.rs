//! A hub that is killed and comes back to the same place.

use crate::running::Program;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// How long the store may take to write a line down.
const PATIENCE: Duration = Duration::from_secs(20);

/// See the module.
pub struct Hub {
    room: PathBuf,
    program: Option<Program>,
    pub port: u16,
}

impl Hub {
    /// Two tests must not give the same name.
    pub fn start(name: &str) -> Self {
        let room = Path::new(env!("CARGO_TARGET_TMPDIR")).join("killed").join(name);
        let _ = fs::remove_dir_all(&room);
        fs::create_dir_all(&room).expect("an empty directory");
        let mut hub = Self { room, program: None, port: 0 };
        hub.open();
        hub
    }

    /// Opens its doors, at the port where they were.
    pub fn open(&mut self) {
        let data = format!("data.dir={}", self.room.join("data").display());
        let port = self.port.to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_strowger"));
        command.args(["--port", &port, "--mcp-port", "0", "--mcp-host", "localhost", "--set", &data]);
        command.current_dir(&self.room).env_clear();
        let mut program = Program::start("the hub", &mut command);
        let line = program.until("running on ws://");
        self.port = line.rsplit(':').next().and_then(|port| port.trim().parse().ok()).expect("a port");
        self.program = Some(program);
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) {
        self.program = None;
    }

    pub fn url(&self) -> String {
        format!("ws://localhost:{}", self.port)
    }

    /// Waits until the store has written so many records: what was said a moment before a kill may be lost.
    pub fn keeps(&self, records: u64) {
        let deadline = Instant::now() + PATIENCE;
        while self.kept() < records {
            assert!(Instant::now() < deadline, "the store wrote {} of {records} records", self.kept());
        }
    }

    fn kept(&self) -> u64 {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the hub");
        let ask =
            format!("GET /metrics HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n", self.port);
        stream.write_all(ask.as_bytes()).expect("the hub reads");
        let mut page = String::new();
        stream.read_to_string(&mut page).expect("the hub answers");
        let series = "strowger_store_records_total{outcome=\"kept\"} ";
        page.lines().find_map(|line| line.strip_prefix(series)?.trim().parse().ok()).unwrap_or(0)
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.program = None;
        let _ = fs::remove_dir_all(&self.room);
    }
}
