//! The real binary and other programs, as a user starts them: read line by line, ended when the test is.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

/// How long a line may take to come.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many lines may wait to be read by the test. Past that the program waits, too.
const LINES: usize = 1_024;

/// A program. Dropping it ends it.
pub struct Program {
    name: String,
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    /// All lines so far.
    pub seen: Vec<String>,
}

impl Program {
    /// Starts it, with both its outputs read as one.
    pub fn start(name: &str, command: &mut Command) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{name} can't be started: {error}"));
        let (line, lines) = sync_channel(LINES);
        let outputs: [Box<dyn Read + Send>; 2] = [
            Box::new(child.stdout.take().expect("an output")),
            Box::new(child.stderr.take().expect("an output")),
        ];
        for output in outputs {
            let line = line.clone();
            // Ends with the program, or with the test.
            std::thread::spawn(move || {
                let mut lines = BufReader::new(output).lines().map_while(Result::ok);
                lines.all(|text| line.send(text).is_ok())
            });
        }
        let input = child.stdin.take();
        Self { name: name.to_owned(), child, input, lines, seen: Vec::new() }
    }

    /// Types a line.
    pub fn types(&mut self, line: &str) {
        let input = self.input.as_mut().expect("an open input");
        writeln!(input, "{line}").unwrap_or_else(|error| panic!("{} does not read: {error}", self.name));
    }

    /// Ends the input.
    pub fn end_input(&mut self) {
        self.input = None;
    }

    /// The next line; `None` at the end.
    pub fn next(&mut self) -> Option<String> {
        let line = match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => line,
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => panic!("{} says nothing more. It said:\n{self}", self.name),
        };
        self.seen.push(line.clone());
        Some(line)
    }

    /// Reads on to the line that holds this, and returns it.
    pub fn until(&mut self, part: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            match self.next() {
                Some(line) if line.contains(part) => return line,
                Some(_) => {}
                None => panic!("{} ended without saying {part:?}. It said:\n{self}", self.name),
            }
        }
        panic!("{} does not say {part:?}. It said:\n{self}", self.name)
    }

    /// Reads on until it has said all of these, in any order.
    pub fn until_all(&mut self, parts: &[&str]) {
        let said = |seen: &[String], part: &&str| seen.iter().any(|line| line.contains(*part));
        while let Some(missing) = parts.iter().copied().find(|part| !said(&self.seen, part)) {
            self.until(missing);
        }
    }

    /// Whether it has said this, so far. What it says by one output and by the other may come in any order.
    pub fn has_said(&self, line: &str) -> bool {
        self.seen.iter().any(|seen| seen == line)
    }

    /// Presses Ctrl-C.
    #[cfg(unix)]
    pub fn interrupt(&self) {
        let id = self.child.id().to_string();
        let done = Command::new("kill").args(["-INT", &id]).status().expect("a `kill`");
        assert!(done.success(), "{} is not there any more", self.name);
    }

    /// Reads on to the end. Returns whether the program was content.
    pub fn ends_well(&mut self) -> bool {
        while self.next().is_some() {}
        self.child.wait().expect("an end").success()
    }
}

impl std::fmt::Display for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.seen.iter().try_for_each(|line| writeln!(f, "    {line}"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The hub as a user has it: the binary in an empty directory, on a free port.
pub struct RunningHub {
    room: PathBuf,
    program: Program,
    pub port: u16,
}

impl RunningHub {
    /// Two tests must not give the same name.
    pub fn start(name: &str) -> Self {
        Self::with(name, &[])
    }

    /// With these flags besides.
    pub fn with(name: &str, flags: &[&str]) -> Self {
        let room = Path::new(env!("CARGO_TARGET_TMPDIR")).join("running").join(name);
        let _ = fs::remove_dir_all(&room);
        fs::create_dir_all(&room).expect("an empty directory");
        let mut command = Command::new(env!("CARGO_BIN_EXE_strowger"));
        // Settings of whoever works here must not decide, and nothing is written into their home.
        command.args(["--port", "0", "--mcp-port", "0", "--set", "session.store=memory"]).args(flags);
        command.current_dir(&room).env_clear();
        let mut program = Program::start("the hub", &mut command);
        let line = program.until("running on ws://");
        let port = line.rsplit(':').next().and_then(|port| port.trim_end_matches('/').parse().ok());
        let port = port.unwrap_or_else(|| panic!("the start line names the port: {line}"));
        Self { room, program, port }
    }

    /// As people write it.
    pub fn url(&self) -> String {
        format!("ws://localhost:{}", self.port)
    }

    /// The line that it says at this place, counted from 0.
    pub fn line(&mut self, place: usize) -> String {
        while self.program.seen.len() <= place {
            assert!(self.program.next().is_some(), "the hub says only:\n{}", self.program);
        }
        self.program.seen[place].clone()
    }

    /// All that it has said.
    pub fn said(&self) -> String {
        self.program.to_string()
    }
}

impl Drop for RunningHub {
    fn drop(&mut self) {
        let _ = self.program.child.kill();
        let _ = self.program.child.wait();
        let _ = fs::remove_dir_all(&self.room);
    }
}

/// The Python that has the websockets package: `$PYTHON`. Without one, `what` is left out, and where everything
/// has to be run that is a failure.
pub fn python(what: &str) -> Option<PathBuf> {
    python_with("websockets", "websockets.asyncio.client", what)
}

/// The same with another package, of which this module is needed.
pub fn python_with(package: &str, module: &str, what: &str) -> Option<PathBuf> {
    let python = std::env::var_os("PYTHON").map(PathBuf::from);
    let has_it = |python: &PathBuf| works(Command::new(python).args(["-c", &format!("import {module}")]));
    let advice = format!("Set PYTHON to a Python that has the {package} package.");
    or_left_out(python.filter(has_it), what, &advice)
}

/// A Node.js that has the WebSocket of browsers, by itself or when asked for it: its words. It is `$NODE`, or `node`.
pub fn node(what: &str) -> Option<Vec<OsString>> {
    const CHECK: &str = "process.exit(typeof WebSocket === 'function' ? 0 : 1)";
    let node = std::env::var_os("NODE").unwrap_or_else(|| "node".into());
    let ways = [vec![node.clone()], vec![node, "--experimental-websocket".into()]];
    let has_it = |words: &Vec<OsString>| works(Command::new(&words[0]).args(&words[1..]).args(["-e", CHECK]));
    or_left_out(ways.into_iter().find(has_it), what, "Install Node.js 20 or later, or set NODE to one.")
}

/// Whether there is curl, and as new as the examples need it.
#[cfg(unix)]
pub fn has_curl(what: &str) -> bool {
    let able = works(Command::new("curl").args(["--fail-with-body", "--version"]));
    or_left_out(able.then_some(()), what, "Install curl 7.76 or later.").is_some()
}

fn works(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// Where a tool is missing, `what` is left out by name.
fn or_left_out<T>(tool: Option<T>, what: &str, advice: &str) -> Option<T> {
    if tool.is_none() {
        let reason = format!("LEFT OUT: {what}. {advice}");
        assert!(std::env::var_os("CI").is_none(), "{reason}");
        // Past the test's own capture, or nobody would read it.
        let _ = writeln!(std::io::stderr(), "{reason}");
    }
    tool
}
