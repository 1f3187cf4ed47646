//! Where masked blocks leave, in the order in which they came in.
//!
//! Owns the output and whose turn it is. It must never know what is written.

use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// An output that many threads write to, one after the other.
pub(super) struct Outlet<W> {
    state: Mutex<State<W>>,
    moved_on: Condvar,
}

struct State<W> {
    output: W,
    /// Turns given out.
    given: u64,
    /// Turns over; also the number of the one that may write now.
    over: u64,
    /// The first thing that went wrong, after which nothing is written any more.
    failure: Option<io::Error>,
}

/// The right to write, once all who had theirs earlier are done. One that is dropped unused fails the output:
/// there would be a hole in it, and nobody after it would ever get their turn.
pub(super) struct Turn<'o, W: Write> {
    outlet: &'o Outlet<W>,
    number: Option<u64>,
}

impl<W: Write> Outlet<W> {
    pub(super) fn new(output: W) -> Self {
        let state = State { output, given: 0, over: 0, failure: None };
        Self { state: Mutex::new(state), moved_on: Condvar::new() }
    }

    /// The turn after all that were given before.
    pub(super) fn next_turn(&self) -> Turn<'_, W> {
        let mut state = self.state();
        let number = Some(state.given);
        state.given += 1;
        Turn { outlet: self, number }
    }

    /// Whether something went wrong.
    pub(super) fn has_failed(&self) -> bool {
        self.state().failure.is_some()
    }

    /// Waits until every turn that was given is over.
    pub(super) fn settle(&self) {
        drop(self.wait(|state| state.over < state.given));
    }

    /// The first thing that went wrong.
    pub(super) fn finish(self) -> io::Result<()> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.failure.map_or(Ok(()), Err)
    }

    /// Waits as long as `not_yet` says, which is asked whenever a turn is over.
    fn wait(&self, not_yet: impl Fn(&State<W>) -> bool) -> MutexGuard<'_, State<W>> {
        let moved_on = self.moved_on.wait_while(self.state(), |state| not_yet(state));
        moved_on.unwrap_or_else(PoisonError::into_inner)
    }

    /// A writer that panicked has left its failure behind, so its lock is as good as any.
    fn state(&self) -> MutexGuard<'_, State<W>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Write> Turn<'_, W> {
    /// Writes, once it is its turn. `then` is what there is to complain of after that.
    pub(super) fn write(mut self, bytes: &[u8], then: io::Result<()>) {
        self.pass(bytes, then);
    }

    fn pass(&mut self, bytes: &[u8], then: io::Result<()>) {
        let Some(number) = self.number.take() else { return };
        let mut state = self.outlet.wait(|state| state.over < number);
        if state.failure.is_none() {
            let written = state.output.write_all(bytes).and_then(|()| state.output.flush());
            state.failure = written.and(then).err();
        }
        state.over += 1;
        drop(state);
        self.outlet.moved_on.notify_all();
    }
}

impl<W: Write> Drop for Turn<'_, W> {
    fn drop(&mut self) {
        self.pass(&[], Err(io::Error::other("a part of the input was lost; this is a bug in strowger")));
    }
}
