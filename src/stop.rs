//! How the house closes: one function that reads like a checklist.

use crate::server::House;
use std::io;
use tokio::time::{Instant, timeout_at};

/// Closes the doors in reverse order, within the time that the settings grant.
pub(crate) async fn close(house: House) {
    let House { ready, stop, visitors, actors, stop_within, store, .. } = house;
    let deadline = Instant::now() + stop_within;
    tracing::info!("The doors close");

    // 1. Whoever asks whether to send us visitors hears no.
    ready.set(false);

    // 2. Nobody new comes in. Everybody inside gets what is in their mailbox, then the code 1012.
    stop.cancel();

    // 3. They leave; with the last of them goes the last handle on the exchange.
    visitors.close();
    wait_for("Some clients did not leave in time and are cut off", deadline, visitors.wait()).await;

    // 4. The matchmaker ends when there is nobody left to ask it anything. Who was cut off could still ask, so
    // there is no more time for that than was left.
    actors.close();
    wait_for("The matchmaker did not end in time", deadline, actors.wait()).await;

    // 5. What sessions keep is written. Without time left there is still one try: a disk needs milliseconds.
    store.close(deadline.into_std()).await;

    tracing::info!("The house is closed");
}

async fn wait_for(complaint: &'static str, deadline: Instant, end: impl Future<Output = ()>) {
    if timeout_at(deadline, end).await.is_err() {
        tracing::warn!("{complaint}");
    }
}

/// SIGINT and SIGTERM, heard from the moment this exists.
#[cfg(unix)]
pub(crate) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Listens from now on: whoever reads a start line may already want the stop.
    pub(crate) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for either.
    pub(crate) async fn heard(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
pub(crate) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    pub(crate) async fn heard(&mut self) {
        // Where it can't be heard, only the hardest way is left, and that needs nobody to wait for it.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
