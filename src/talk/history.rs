//! The lines that were typed, for the arrow keys, and the file that remembers some of them.
//!
//! In memory are all of them, while this client runs. In the file are commands only, and of those with words such as
//! hold nothing that somebody wrote: no text, no sentence, nothing that could be a number.
//!
//! It must never know: what a line means.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// So many lines are remembered, here and in the file.
const MOST: usize = 500;
/// A file that is larger was not written here, in bytes.
const LARGEST: u64 = 1 << 20;
/// So many digits may be part of a number: `#meet 2001` may be remembered.
const DIGITS: usize = 5;

/// Commands that say all by themselves.
const BARE: [&str; 21] = [
    "#again",
    "#block",
    "#bye",
    "#help",
    "#hide",
    "#meet",
    "#unblock",
    "#who",
    "/auto off",
    "/auto on",
    "/contacts",
    "/help",
    "/history",
    "/list",
    "/q",
    "/quit",
    "/exit",
    "/status",
    "/stop",
    "/wait",
    "/yes",
];
/// Commands behind which names and tags stand, and never a text.
const NAMING: [&str; 5] = ["#meet ", "/contacts ", "/read ", "/summary ", "/suggest "];

/// See the module.
pub struct History {
    lines: Vec<String>,
    /// Where the arrow keys are; at the end, nothing is chosen.
    at: usize,
    /// What was being typed when they were first pressed.
    draft: String,
    file: Option<PathBuf>,
    /// From here on they were typed now.
    own: usize,
}

impl History {
    /// With what the file remembers. A file that can't be read remembers nothing.
    pub fn open(file: Option<PathBuf>) -> Self {
        let lines = file.as_deref().and_then(|file| read(file).ok()).unwrap_or_default();
        Self { at: lines.len(), own: lines.len(), lines, draft: String::new(), file }
    }

    /// A line was typed.
    pub fn add(&mut self, line: &str) {
        if !line.trim().is_empty() && self.lines.last().is_none_or(|last| last != line) {
            self.lines.push(line.to_owned());
            if self.lines.len() > MOST {
                self.lines.remove(0);
                self.own = self.own.saturating_sub(1);
            }
        }
        self.at = self.lines.len();
    }

    /// The line before, from what is typed now.
    pub fn up(&mut self, typed: &str) -> Option<&str> {
        if self.at == self.lines.len() {
            typed.clone_into(&mut self.draft);
        }
        self.at = self.at.checked_sub(1)?;
        self.lines.get(self.at).map(String::as_str)
    }

    /// The line after; behind the last one is what was being typed.
    pub fn down(&mut self) -> Option<&str> {
        if self.at >= self.lines.len() {
            return None;
        }
        self.at += 1;
        Some(self.lines.get(self.at).map_or(self.draft.as_str(), String::as_str))
    }

    /// Adds what may be remembered to the file, for nobody else to read; what another client added meanwhile stays.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn keep(&self) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let own: Vec<&String> = self.lines.iter().skip(self.own).filter(|line| may_be_kept(line)).collect();
        if own.is_empty() {
            return Ok(());
        }
        let mut lines = read(file).unwrap_or_default();
        lines.extend(own.into_iter().map(|line| line.trim().to_owned()));
        let kept: String = lines.iter().rev().take(MOST).rev().map(|line| format!("{line}\n")).collect();
        make_folder(file.parent().unwrap_or(Path::new(".")))?;
        // Beside it, and then in its place: whoever is killed meanwhile has the old one.
        let beside = file.with_extension(format!("{}", std::process::id()));
        write_private(&beside, &kept).and_then(|()| std::fs::rename(&beside, file)).inspect_err(|_| {
            // What can't be put away is no worse than what could not be written.
            let _ = std::fs::remove_file(&beside);
        })
    }
}

/// One that is there already stays as open as it is.
fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn write_private(file: &Path, text: &str) -> io::Result<()> {
    let mut private = OpenOptions::new();
    private.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut private, 0o600);
    private.open(file)?.write_all(text.as_bytes())
}

fn read(file: &Path) -> io::Result<Vec<String>> {
    let mut text = String::new();
    std::fs::File::open(file)?.take(LARGEST).read_to_string(&mut text)?;
    let lines: Vec<String> = text.lines().filter(|line| may_be_kept(line)).map(str::to_owned).collect();
    Ok(lines.into_iter().rev().take(MOST).rev().collect())
}

/// Whether nothing of what somebody wrote is in it.
fn may_be_kept(line: &str) -> bool {
    let line = line.trim().to_lowercase();
    let digits = line.chars().filter(|c| c.is_numeric()).count();
    let names = NAMING.iter().any(|command| line.starts_with(command)) && !line.chars().any(char::is_control);
    BARE.contains(&line.as_str()) || (names && digits < DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arrows_walk_and_come_back_to_the_draft() {
        let mut history = History::open(None);
        for line in ["one", "two", "two", " "] {
            history.add(line);
        }
        assert_eq!(history.up("dra"), Some("two"));
        assert_eq!(history.up("two"), Some("one"));
        assert_eq!(history.up("one"), None);
        assert_eq!(history.down(), Some("two"));
        assert_eq!(history.down(), Some("dra"));
        assert_eq!(history.down(), None);
    }

    #[test]
    fn only_commands_are_remembered() {
        for line in ["#meet", "#meet music, films", "/read Sarah 5", " /auto on ", "#BYE", "/contacts jo"] {
            assert!(may_be_kept(line), "{line}");
        }
        for line in [
            "hello",
            "send john hi",
            "/send john hi",
            "/say hi",
            "/ai who am I?",
            "/do tell john hi",
            "/search invoice",
            "/name Ada",
            "#report he said hi",
            "#meet 98765",
            "/read +44 20 7946 0958",
            "/read ٩٨٧٦٥٤",
            "#meat",
        ] {
            assert!(!may_be_kept(line), "{line}");
        }
    }

    #[test]
    fn the_file_holds_what_may_be_kept_and_is_private() {
        let folder = std::env::temp_dir().join(format!("strowger-history-{}", std::process::id()));
        let file = folder.join("talk_history");
        let mut history = History::open(Some(file.clone()));
        for line in ["#meet", "my number is secret", "#bye"] {
            history.add(line);
        }
        let mut other = History::open(Some(file.clone()));
        other.add("#who");
        history.keep().unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "#meet\n#bye\n");
        #[cfg(unix)]
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        other.keep().unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "#meet\n#bye\n#who\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        }
        assert_eq!(History::open(Some(file)).up(""), Some("#who"));
        let unwritten = folder.join("none/talk_history");
        History::open(Some(unwritten.clone())).keep().unwrap();
        assert!(!unwritten.exists(), "nothing to remember is no file");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
