//! The terminal: lines that scroll by, and below them the foot, which is painted anew after each.
//!
//! It owns what it changes of the terminal, raw mode and bracketed paste, and gives it back when it is dropped.
//!
//! It must never know: what is said. Of others it prints [`Line`]s only, which are clean.

use crate::talk::clean::clean;
use crate::talk::shown::Line;
use crossterm::cursor::{Hide, MoveTo, MoveToColumn, MoveUp, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::style::{Attribute, Print, SetAttribute};
use crossterm::terminal::{self, Clear, ClearType};
use crossterm::{execute, queue};
use std::io::{self, Write};
use tui_input::Input;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Before each row of a line but the first.
const INDENT: &str = "  ";
/// A terminal that does not say how wide it is.
const USUAL_WIDTH: u16 = 80;
/// The prompt takes this part of the row at most: the rest is for what is typed.
const PROMPT_PART: usize = 2;

pub struct Paint {
    out: Vec<u8>,
    width: usize,
    /// In which row of the foot the cursor is, from its top.
    row: u16,
    /// How wide the rows of the foot above the cursor are.
    rows: Vec<usize>,
    has_colours: bool,
    /// Whether the foot is there, and so has to go before a line is printed.
    has_foot: bool,
}

impl Paint {
    /// Takes the terminal over.
    pub fn begin() -> io::Result<Self> {
        take()?;
        let has_colours = colours(std::env::var_os("NO_COLOR"), std::env::var_os("TERM"));
        Ok(Self { out: Vec::new(), width: width(), row: 0, rows: Vec::new(), has_colours, has_foot: false })
    }

    /// Prints a line above the foot.
    pub fn line(&mut self, line: &Line) {
        self.wipe();
        let text = if self.has_colours { line.coloured() } else { line.plain() };
        for row in wrap(&text, self.width) {
            let _ = queue!(self.out, Print(row), Print("\r\n"));
        }
    }

    /// Paints the foot: what is coming in, if anything is, the status, and what is typed.
    pub fn foot(&mut self, live: Option<&str>, status: &str, prompt: &str, typing: &Input) {
        self.wipe();
        self.rows.clear();
        if let Some(live) = live {
            let tail = tail(&clean(live), self.width.saturating_sub(1));
            self.row_above(&tail, None);
        }
        let status = head(&clean(status), self.width.saturating_sub(1));
        self.row_above(&status, self.has_colours.then_some(Attribute::Dim));
        self.typed(prompt, typing);
        self.has_foot = true;
    }

    fn row_above(&mut self, text: &str, attribute: Option<Attribute>) {
        if let Some(attribute) = attribute {
            let _ = queue!(self.out, SetAttribute(attribute));
        }
        let _ = queue!(self.out, Print(text));
        if attribute.is_some() {
            let _ = queue!(self.out, SetAttribute(Attribute::Reset));
        }
        let _ = queue!(self.out, Print("\r\n"));
        self.rows.push(text.width());
    }

    fn typed(&mut self, prompt: &str, typing: &Input) {
        let prompt = clean(prompt);
        let name = prompt.strip_suffix("> ").unwrap_or_default();
        let prompt = format!("{}> ", head(name, (self.width / PROMPT_PART).saturating_sub(2)));
        let room = self.width.saturating_sub(prompt.width() + 1).max(1);
        let from = typing.visual_scroll(room);
        let shown = window(typing.value(), from, room);
        let column = prompt.width() + typing.visual_cursor().saturating_sub(from);
        let column = u16::try_from(column).unwrap_or(u16::MAX);
        let _ = queue!(self.out, Print(prompt), Print(shown), MoveToColumn(column));
        self.row = u16::try_from(self.rows.len()).unwrap_or(u16::MAX);
    }

    /// Takes the foot away.
    fn wipe(&mut self) {
        if !self.has_foot {
            return;
        }
        if self.row > 0 {
            let _ = queue!(self.out, MoveUp(self.row));
        }
        let _ = queue!(self.out, MoveToColumn(0), Clear(ClearType::FromCursorDown));
        self.has_foot = false;
    }

    /// Leaves the foot only.
    pub fn clear(&mut self) {
        let _ = queue!(self.out, Clear(ClearType::All), MoveTo(0, 0));
        self.has_foot = false;
    }

    /// The terminal has another size. What was one row may be several now.
    pub fn resize(&mut self) {
        self.width = width();
        let rows: usize = self.rows.iter().map(|wide| wide.div_ceil(self.width).max(1)).sum();
        self.row = u16::try_from(rows).unwrap_or(u16::MAX);
    }

    /// Gives the terminal to the shell until the shell gives it back.
    pub fn suspend(&mut self) {
        self.wipe();
        // A terminal that can't be written to says so at the next flush.
        let _ = self.flush();
        give_back();
        stop_here();
        let _ = take();
        self.width = width();
    }

    /// Writes what was painted, at once, so that nobody sees half of it.
    pub fn flush(&mut self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        execute!(out, Hide)?;
        out.write_all(&self.out)?;
        execute!(out, Show)?;
        self.out.clear();
        Ok(())
    }
}

impl Drop for Paint {
    fn drop(&mut self) {
        self.wipe();
        let _ = self.flush();
        give_back();
    }
}

fn take() -> io::Result<()> {
    terminal::enable_raw_mode()?;
    execute!(io::stdout(), EnableBracketedPaste)
}

/// However it ends, the terminal is as it was.
fn give_back() {
    let _ = execute!(io::stdout(), DisableBracketedPaste, Show);
    let _ = terminal::disable_raw_mode();
}

/// As Ctrl-Z does with any program.
#[cfg(unix)]
fn stop_here() {
    use rustix::process::{Signal, getpid, kill_process};
    let _ = kill_process(getpid(), Signal::TSTP);
}

#[cfg(not(unix))]
fn stop_here() {}

fn width() -> usize {
    // A terminal that says 0 or 1 does not know.
    terminal::size().map_or(USUAL_WIDTH, |(width, _)| if width > 1 { width } else { USUAL_WIDTH }).into()
}

/// <https://no-color.org>: any value but an empty one means none.
fn colours(no_color: Option<std::ffi::OsString>, term: Option<std::ffi::OsString>) -> bool {
    no_color.is_none_or(|value| value.is_empty()) && term.is_none_or(|term| term != "dumb")
}

/// As much of the text as fits into so many columns.
fn head(text: &str, columns: usize) -> String {
    window(text, 0, columns)
}

/// The end of the text, as much as fits.
fn tail(text: &str, columns: usize) -> String {
    let wide = text.width();
    if wide <= columns { text.to_owned() } else { window(text, wide - columns, columns) }
}

/// The text in rows, broken between words where there are any; only the first one is not indented, so no text can make a
/// row look like the beginning of a line. Sequences of this client's own take no room.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let (mut rows, mut row, mut wide) = (Vec::new(), String::new(), 0);
    for word in text.split_inclusive(' ') {
        let needed = visible(word.trim_end());
        if wide > 0 && wide + needed > columns {
            rows.push(std::mem::take(&mut row).trim_end().to_owned());
            row.push_str(INDENT);
            wide = INDENT.len();
        }
        let mut rest = word;
        // A word that is wider than a row would be broken by the terminal, which indents nothing.
        while wide + visible(rest.trim_end()) > columns && wide + 2 <= columns && !rest.contains('\x1b') {
            let part = window(rest, 0, columns - wide);
            rest = rest.strip_prefix(part.as_str()).unwrap_or_default();
            row.push_str(&part);
            rows.push(std::mem::take(&mut row));
            row.push_str(INDENT);
            wide = INDENT.len();
        }
        row.push_str(rest);
        wide += visible(rest);
    }
    rows.push(row.trim_end().to_owned());
    rows
}

/// How many columns it takes, but for `ESC [ … m`.
fn visible(text: &str) -> usize {
    let mut parts = text.split('\x1b');
    let first = parts.next().map_or(0, UnicodeWidthStr::width);
    first + parts.map(|part| part.split_once('m').map_or(0, |(_, rest)| rest.width())).sum::<usize>()
}

/// What of the text is in these columns. A character that is there in part is not shown.
fn window(text: &str, from: usize, columns: usize) -> String {
    let mut at = 0;
    let mut shown = String::new();
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if at >= from && at + wide <= from + columns {
            shown.push(c);
        }
        at += wide;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_color_and_dumb_terminals_are_honoured() {
        assert!(colours(None, Some("xterm".into())) && colours(Some("".into()), None));
        assert!(!colours(Some("1".into()), None) && !colours(None, Some("dumb".into())));
    }

    #[test]
    fn rows_are_cut_by_columns() {
        assert_eq!(head("你好吗", 5), "你好");
        assert_eq!(tail("你好吗", 4), "好吗");
        assert_eq!(tail("abc", 4), "abc");
        assert_eq!(window("abcdef", 2, 3), "cde");
    }

    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(wrap("one two three", 8), ["one two", "  three"]);
        assert_eq!(wrap("\x1b[31mone two\x1b[0m three", 7), ["\x1b[31mone two\x1b[0m", "  three"]);
        assert_eq!(wrap("endless_word and more", 8), ["endless_", "  word", "  and", "  more"]);
        assert_eq!(wrap("你好 吗", 4), ["你好", "  吗"]);
        assert_eq!(wrap("你好吗", 5), ["你好", "  吗"]);
        assert_eq!(wrap("", 4), [""]);
        for columns in 1..9 {
            assert!(wrap("To Mike: a_long_word", columns).iter().skip(1).all(|row| row.starts_with(INDENT)));
        }
    }
}
