//! How the house closes: one function that reads like a checklist.

use crate::server::House;
use std::time::Duration;
use tokio::time::timeout;

/// Closes the doors in reverse order, within the time that the settings grant.
pub(crate) async fn close(house: House) {
    let House { ready, stop, visitors, actors, stop_within, .. } = house;
    tracing::info!("The doors close");

    // 1. Whoever asks whether to send us visitors hears no.
    ready.set(false);

    // 2. Nobody new comes in. Everybody inside gets what is in their mailbox, then the code 1012.
    stop.cancel();

    // 3. They leave; with the last of them goes the last handle on the exchange.
    visitors.close();
    wait_for("Some clients did not leave in time and are cut off", stop_within, visitors.wait()).await;

    // 4. The matchmaker ends when there is nobody left to ask it anything.
    actors.close();
    wait_for("The matchmaker did not end in time", stop_within, actors.wait()).await;

    tracing::info!("The house is closed");
}

async fn wait_for(complaint: &'static str, within: Duration, end: impl Future<Output = ()>) {
    if timeout(within, end).await.is_err() {
        tracing::warn!("{complaint}");
    }
}

/// Waits for SIGINT or SIGTERM.
#[cfg(unix)]
pub(crate) async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        // Without signals only the hardest way is left, and that needs nobody to wait for it.
        _ => std::future::pending().await,
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub(crate) async fn signal() {
    let _ = tokio::signal::ctrl_c().await;
}
