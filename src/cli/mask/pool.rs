//! Works on many blocks at once.
//!
//! Owns the threads, all of which have ended when it returns, and how much is under way between them. It must
//! never know what is done to a block.

use std::io::{self, Read, Write};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::blocks::{Block, Blocks, Step};
use super::outlet::{Outlet, Turn};
use super::progress::Progress;

/// Threads at most: past that the output is what takes the time.
pub(super) const MOST_WORKERS: usize = 8;

/// What becomes of a block: bytes to write, and then something to stop at.
pub(super) type Work<'w> = &'w (dyn Fn(&Block) -> (Vec<u8>, io::Result<()>) + Sync);

/// A block under way.
struct Job<'o, W: Write> {
    block: Block,
    turn: Turn<'o, W>,
}

/// Passes `input` through `work` to `output`. At most two blocks for each worker and one more are in memory,
/// each with its result.
pub(super) fn filter<R: Read, W: Write + Send>(
    input: Blocks<R, impl Fn() -> bool>,
    output: W,
    work: Work<'_>,
    progress: &mut Progress,
) -> io::Result<()> {
    let outlet = Outlet::new(output);
    let count = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_WORKERS);
    let fed = thread::scope(|scope| {
        let (jobs, taken) = sync_channel(count);
        let taken = Arc::new(Mutex::new(taken));
        for _ in 0..count {
            let taken = Arc::clone(&taken);
            thread::Builder::new().spawn_scoped(scope, move || work_off(&taken, work))?;
        }
        // Held by the workers alone: if they were all gone, whoever feeds them would hear of it.
        drop(taken);
        feed(input, &outlet, &jobs, progress)
    });
    outlet.finish().and(fed)
}

/// Reads to the end, or until something went wrong.
fn feed<'o, W: Write>(
    mut input: Blocks<impl Read, impl Fn() -> bool>,
    outlet: &'o Outlet<W>,
    jobs: &SyncSender<Job<'o, W>>,
    progress: &mut Progress,
) -> io::Result<()> {
    loop {
        // Before it waits for more, everything that came is written, and what went wrong with it is known.
        if input.may_wait() {
            outlet.settle();
        }
        if outlet.has_failed() {
            return Ok(());
        }
        let (count, block) = match input.step()? {
            Step::Read(count, block) => (Some(count), block),
            Step::End(block) => (None, block),
        };
        if let Some(block) = block
            && jobs.send(Job { block, turn: outlet.next_turn() }).is_err()
        {
            return Ok(());
        }
        let Some(count) = count else { return Ok(()) };
        progress.read(count);
    }
}

fn work_off<W: Write>(jobs: &Mutex<Receiver<Job<'_, W>>>, work: Work<'_>) {
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(Job { block, turn }) = next() {
        let (done, then) = work(&block);
        turn.write(&done, then);
    }
}
