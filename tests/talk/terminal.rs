//! A terminal: tmux, which understands what a program writes as a person's terminal does, and says what came of it.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

/// How long anything may take to be seen.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// What a terminal has besides its text, and what a stranger must not change.
const STATE: &str = "title=#{pane_title} alternate=#{alternate_on} cursor=#{cursor_flag} insert=#{insert_flag} \
     keypad=#{keypad_flag}#{keypad_cursor_flag} mouse=#{mouse_any_flag} origin=#{origin_flag} wrap=#{wrap_flag} \
     region=#{scroll_region_upper}-#{scroll_region_lower}";

/// A terminal of 90 columns and 30 rows with one program in it. Dropping it ends both.
pub struct Terminal {
    server: String,
    room: PathBuf,
    /// Something was written to the terminal since the last look.
    wrote: Receiver<()>,
    /// With which exit code the program ended.
    ended: Receiver<i32>,
}

/// Whether there is a tmux. Without one, `what` is left out, and where everything has to be run that is a failure.
pub fn has_tmux(what: &str) -> bool {
    let has = Command::new("tmux").arg("-V").output().is_ok_and(|output| output.status.success());
    if !has {
        let reason = format!("LEFT OUT: {what}. Install tmux.");
        assert!(std::env::var_os("CI").is_none(), "{reason}");
        // Past the test's own capture, or nobody would read it.
        let _ = writeln!(std::io::stderr(), "{reason}");
    }
    has
}

impl Terminal {
    /// Starts a program in an empty home of its own; `name` is the test's and no other's.
    pub fn start(name: &str, program: &[&str]) -> Self {
        Self::with(name, &[], program)
    }

    /// The same in this environment.
    pub fn with(name: &str, environment: &[(&str, &str)], program: &[&str]) -> Self {
        let room = Path::new(env!("CARGO_TARGET_TMPDIR")).join("terminals").join(name);
        let _ = fs::remove_dir_all(&room);
        fs::create_dir_all(&room).expect("an empty directory");
        let (wrote, ended) = (watch(&room), watch_end(&room));
        let terminal = Self { server: format!("strowger-{}-{name}", std::process::id()), wrote, ended, room };
        terminal.begin(environment, program);
        terminal
    }

    fn begin(&self, environment: &[(&str, &str)], program: &[&str]) {
        let home = self.room.display().to_string();
        let mut words = vec!["new-session", "-d", "-x", "90", "-y", "30"];
        let usual = [("HOME", home.as_str()), ("XDG_DATA_HOME", home.as_str()), ("LANG", "C.UTF-8")];
        let pairs: Vec<String> =
            usual.iter().chain(environment).map(|(name, value)| format!("{name}={value}")).collect();
        for pair in &pairs {
            words.extend(["-e", pair]);
        }
        // Not before somebody watches, or its first words would be missed.
        let over = self.room.join(OVER).display().to_string();
        words.extend(["sh", "-c", "read go; clear; \"$@\"; echo $? > \"$0\"", &over]);
        words.extend(program);
        let settings = "set-option -g remain-on-exit on ; set-option -s set-clipboard on";
        self.tmux(&settings.split(' ').collect::<Vec<_>>(), &words);
        self.tmux(&["pipe-pane", &format!("cat > '{}'", self.room.join(WRITTEN).display())], &[]);
        self.press(&["Enter"]);
    }

    /// The home of whoever sits here.
    pub fn home(&self) -> &Path {
        &self.room
    }

    /// Types a line and presses Enter.
    pub fn types(&self, line: &str) {
        self.tmux(&["send-keys", "-l", line], &[]);
        self.press(&["Enter"]);
    }

    /// Presses keys, by tmux's names.
    pub fn press(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat(), &[]);
    }

    /// Types without Enter.
    pub fn writes(&self, text: &str) {
        self.tmux(&["send-keys", "-l", text], &[]);
    }

    /// Makes it so many columns wide.
    pub fn resizes(&self, columns: u16) {
        self.tmux(&["resize-window", "-x", &columns.to_string()], &[]);
    }

    /// Pastes, as a terminal does for whoever asked to be told what is pasted.
    pub fn pastes(&self, text: &str) {
        self.tmux(
            &["set-buffer", "-b", "pasted", text, ";", "paste-buffer", "-p", "-d", "-b", "pasted"],
            &[],
        );
    }

    /// What is to be seen, without the empty rows at the end.
    pub fn screen(&self) -> String {
        self.says(&["capture-pane", "-p"]).trim_end().to_owned()
    }

    /// All that went by, too.
    pub fn scroll(&self) -> String {
        self.says(&["capture-pane", "-p", "-J", "-S", "-20000"]).trim_end().to_owned()
    }

    /// The same with sequences for colours.
    pub fn colours(&self) -> String {
        self.says(&["capture-pane", "-p", "-e"])
    }

    /// What the terminal has besides its text.
    pub fn state(&self) -> String {
        let buffers = self.says(&["list-buffers"]);
        format!("{} buffers={}", self.says(&["display-message", "-p", STATE]).trim(), buffers.trim())
    }

    /// Waits until this is to be seen, and returns the screen.
    pub fn until(&self, part: &str) -> String {
        self.until_so(part, |screen| screen.contains(part))
    }

    /// Waits until the screen is as it should.
    pub fn until_so(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let screen = self.screen();
            if is_so(&screen) {
                return screen;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let wrote = self.wrote.recv_timeout(left);
            assert!(wrote != Err(RecvTimeoutError::Timeout), "not to be seen: {what}\n{screen}");
            // Who ended writes no more, and has been shown whole.
            assert!(
                wrote.is_ok() || is_so(&self.screen()),
                "it ended, and not to be seen is: {what}\n{}",
                self.screen()
            );
        }
    }

    /// Waits until the program has ended, and returns its exit code.
    pub fn until_over(&self) -> i32 {
        let ended = self.ended.recv_timeout(PATIENCE);
        ended.unwrap_or_else(|_| panic!("it does not end:\n{}", self.screen()))
    }

    fn says(&self, words: &[&str]) -> String {
        let output = self.run(words);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new("tmux");
        command.args(["-L", &self.server, "-f", "/dev/null"]).args(words);
        command.env_remove("TMUX").env("LANG", "C.UTF-8").env("SHELL", "/bin/sh");
        command.output().expect("a tmux")
    }

    /// Runs a command of tmux, the second with settings before it.
    fn tmux(&self, words: &[&str], session: &[&str]) {
        let output = if session.is_empty() {
            self.run(words)
        } else {
            self.run(&[&["start-server", ";"], words, &[";"], session].concat())
        };
        assert!(output.status.success(), "tmux {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.run(&["kill-server"]);
        let _ = fs::remove_dir_all(&self.room);
    }
}

/// What is written to the terminal, and the exit code.
const WRITTEN: &str = "written";
const OVER: &str = "over";

fn fifo(room: &Path, name: &str) -> PathBuf {
    let fifo = room.join(name);
    let made = Command::new("mkfifo").arg(&fifo).status().expect("a `mkfifo`");
    assert!(made.success(), "no pipe at {}", fifo.display());
    fifo
}

/// Tells when the program has ended.
fn watch_end(room: &Path) -> Receiver<i32> {
    let fifo = fifo(room, OVER);
    let (tell, ended) = sync_channel(1);
    // Ends with the program, or with the test.
    std::thread::spawn(move || {
        let code = fs::read_to_string(fifo).ok().and_then(|code| code.trim().parse().ok());
        // Not everybody waits for the end.
        code.map(|code| tell.send(code))
    });
    ended
}

/// Tells when something is written to the terminal.
fn watch(room: &Path) -> Receiver<()> {
    let fifo = fifo(room, WRITTEN);
    let (tell, wrote) = sync_channel(1);
    // Ends with the pipe, or with the test.
    std::thread::spawn(move || {
        let mut written = File::open(fifo).expect("what is written");
        let mut some = [0; 4_096];
        while let Ok(1..) = written.read(&mut some) {
            // Who has not looked yet will.
            if let Err(std::sync::mpsc::TrySendError::Disconnected(())) = tell.try_send(()) {
                return;
            }
        }
    });
    wrote
}
