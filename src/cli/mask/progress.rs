//! A line on the terminal that says how far it is.
//!
//! Owns when there is such a line and what it says. It must never be seen by a program, nor stand among the
//! output: it is there only if the output goes elsewhere and a person watches the errors.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// Between two updates: five a second can be read, and cost nothing.
const STEP: Duration = Duration::from_millis(200);

/// Tells how much was read, or nobody.
#[derive(Default)]
pub(super) struct Progress {
    meter: Option<Meter>,
}

struct Meter {
    terminal: Box<dyn Write>,
    /// Bytes there are to be read, where that is known.
    total: Option<u64>,
    read: u64,
    begun: Instant,
    shown: Instant,
    /// Characters of the line that is shown.
    width: usize,
}

impl Progress {
    /// For what this process reads from its standard input.
    pub(super) fn of_this_process(quiet: bool) -> Self {
        let is_watched = io::stderr().is_terminal() && !io::stdout().is_terminal();
        // Somebody who types sees how far it is, and would not want it between the lines.
        if quiet || !is_watched || io::stdin().is_terminal() {
            return Self::default();
        }
        Self::on(Box::new(io::stderr()), size_of_input())
    }

    fn on(terminal: Box<dyn Write>, total: Option<u64>) -> Self {
        let now = Instant::now();
        Self { meter: Some(Meter { terminal, total, read: 0, begun: now, shown: now, width: 0 }) }
    }

    /// So many more bytes were read.
    pub(super) fn read(&mut self, count: usize) {
        let Some(meter) = &mut self.meter else { return };
        meter.read += u64::try_from(count).unwrap_or_default();
        let now = Instant::now();
        if now.duration_since(meter.shown) >= STEP {
            meter.shown = now;
            meter.show(now, "");
        }
    }

    /// Leaves the last line standing if all went well, else nothing.
    pub(super) fn end(&mut self, well: bool) {
        match self.meter.take() {
            Some(mut meter) if well => meter.show(Instant::now(), "\n"),
            Some(mut meter) => meter.write("", "\r"),
            None => {}
        }
    }
}

impl Meter {
    fn show(&mut self, now: Instant, end: &str) {
        self.write(&line(self.read, self.total, now.duration_since(self.begun)), end);
    }

    /// Over the line that is there, of which nothing is left.
    fn write(&mut self, line: &str, end: &str) {
        let width = self.width;
        // It is no reason to stop when the terminal has gone.
        let _ = write!(self.terminal, "\r{line:<width$}{end}").and_then(|()| self.terminal.flush());
        self.width = line.len();
    }
}

fn line(read: u64, total: Option<u64>, elapsed: Duration) -> String {
    // A clock may show no time at all between two looks.
    let speed = read as f64 / elapsed.as_secs_f64().max(1e-6) / 1e6;
    match total {
        Some(total) => {
            // A file may grow while it is read, and an empty one is read whole.
            let percent =
                (read.saturating_mul(100).checked_div(total)).map_or(100, |percent| percent.min(100));
            format!("{} of {}, {percent} %, {speed:.1} MB/s", amount(read), amount(total))
        }
        None => format!("{}, {speed:.1} MB/s", amount(read)),
    }
}

fn amount(bytes: u64) -> String {
    if bytes < 10_000_000 { format!("{} kB", bytes / 1_000) } else { format!("{} MB", bytes / 1_000_000) }
}

/// What is left of the file that standard input is, in bytes.
#[cfg(unix)]
fn size_of_input() -> Option<u64> {
    use std::io::Seek;
    use std::os::fd::AsFd;
    let mut input = std::fs::File::from(io::stdin().as_fd().try_clone_to_owned().ok()?);
    let length = input.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
    Some(length.saturating_sub(input.stream_position().ok()?))
}

#[cfg(not(unix))]
fn size_of_input() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{SyncSender, sync_channel};

    /// A terminal that a test can look at.
    struct Screen(SyncSender<String>);

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(String::from_utf8_lossy(bytes).into_owned()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn says_how_much_of_what_and_how_fast() {
        let second = Duration::from_secs(1);
        assert_eq!(line(0, Some(0), Duration::ZERO), "0 kB of 0 kB, 100 %, 0.0 MB/s");
        assert_eq!(line(42_000, Some(50_000), second), "42 kB of 50 kB, 84 %, 0.0 MB/s");
        assert_eq!(line(536_870_912, Some(1_073_741_824), 4 * second), "536 MB of 1073 MB, 50 %, 134.2 MB/s");
        assert_eq!(line(20, Some(10), second), "0 kB of 0 kB, 100 %, 0.0 MB/s");
        assert_eq!(line(99_500_000, None, second), "99 MB, 99.5 MB/s");
    }

    #[test]
    fn nobody_is_told_more_often_than_can_be_read() {
        let (screen, seen) = sync_channel(100);
        let mut progress = Progress::on(Box::new(Screen(screen)), None);
        (0..1_000).for_each(|_| progress.read(10));
        let updates = seen.try_iter().count();
        let elapsed = progress.meter.as_ref().map(|meter| meter.begun.elapsed()).unwrap();
        assert!(
            updates <= elapsed.div_duration_f64(STEP).ceil() as usize * 4,
            "{updates} writes in {elapsed:?}"
        );
    }

    #[test]
    fn a_shorter_line_leaves_nothing_of_a_longer_one() {
        let (screen, seen) = sync_channel(100);
        let mut progress = Progress::on(Box::new(Screen(screen)), None);
        let meter = progress.meter.as_mut().unwrap();
        meter.write("a long line", "");
        meter.write("short", "");
        progress.end(false);
        let all: String = seen.iter().collect();
        assert_eq!(all, "\ra long line\rshort      \r     \r");
    }
}
