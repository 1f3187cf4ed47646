//! Reads input in blocks of whole lines.
//!
//! Owns where a block ends. It must never hold back a whole line that came in, nor know what a line says.

use std::io::{ErrorKind, Read, Result};
use std::mem;

/// Bytes asked for at once. A block is as large as what came, and as the line that began before it: large
/// enough that handing it on costs nothing, small enough that it stays in a processor's cache.
pub(super) const MOST_AT_ONCE: usize = 256 * 1024;

/// Some whole lines; the last one of the input may lack its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) bytes: Vec<u8>,
    /// The number of its first line in the input, counted from 1.
    pub(super) first_line: usize,
}

/// An input, read step by step.
pub(super) struct Blocks<R, F> {
    input: R,
    is_ready: F,
    came: Box<[u8]>,
    /// The line that has begun. It grows with the longest line, which has to be judged as a whole.
    begun: Vec<u8>,
    next_line: usize,
}

/// What one step brought.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// So many bytes, and the lines that they end, if they end one.
    Read(usize, Option<Block>),
    /// Nothing more, and what came after the last line end.
    End(Option<Block>),
}

impl<R: Read, F: Fn() -> bool> Blocks<R, F> {
    /// `is_ready` says whether `input` can be read now without waiting for it.
    pub(super) fn new(input: R, is_ready: F) -> Self {
        Self { input, is_ready, came: vec![0; MOST_AT_ONCE].into(), begun: Vec::new(), next_line: 1 }
    }

    /// Whether the next step may have to wait for whoever writes the input.
    pub(super) fn may_wait(&self) -> bool {
        !(self.is_ready)()
    }

    /// Reads once.
    pub(super) fn step(&mut self) -> Result<Step> {
        let count = self.read()?;
        let came = self.came.get(..count).unwrap_or_default();
        if count == 0 {
            let last = mem::take(&mut self.begun);
            return Ok(Step::End(Self::block(last, &mut self.next_line)));
        }
        let Some(end) = came.iter().rposition(|&byte| byte == b'\n') else {
            self.begun.extend_from_slice(came);
            return Ok(Step::Read(count, None));
        };
        let (whole, begun) = came.split_at(end + 1);
        let mut lines = mem::replace(&mut self.begun, begun.to_vec());
        lines.extend_from_slice(whole);
        Ok(Step::Read(count, Self::block(lines, &mut self.next_line)))
    }

    fn read(&mut self) -> Result<usize> {
        loop {
            match self.input.read(&mut self.came) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }

    fn block(bytes: Vec<u8>, next_line: &mut usize) -> Option<Block> {
        let first_line = *next_line;
        *next_line += bytes.iter().filter(|&&byte| byte == b'\n').count();
        (!bytes.is_empty()).then_some(Block { bytes, first_line })
    }
}

/// Whether standard input can be read without waiting.
#[cfg(unix)]
pub(super) fn standard_input_is_ready() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let input = std::io::stdin();
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    // Its end counts as ready, too. Who can't tell has to wait.
    poll(&mut [PollFd::new(&input, PollFlags::IN)], Some(&at_once)).is_ok_and(|ready| ready > 0)
}

/// Nobody can tell here: what was read is always masked before more is read.
#[cfg(not(unix))]
pub(super) fn standard_input_is_ready() -> bool {
    false
}
