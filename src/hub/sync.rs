//! The one lock of the hub's mailboxes, directory and post. What else its tasks share is immutable or tokio's.
//!
//! Under `--cfg shuttle` the tests get a lock whose every use may hand over to another task: see `races`.

use std::sync::PoisonError;

#[cfg(all(test, shuttle))]
pub use shuttle::sync::{Mutex, MutexGuard};
#[cfg(not(all(test, shuttle)))]
pub use std::sync::{Mutex, MutexGuard};

/// Takes the lock. Nothing in the hub panics half-way, so what a poisoned lock guards is whole.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
