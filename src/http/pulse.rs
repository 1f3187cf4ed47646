//! The pulse of the house: its figures each second for whoever watches, and what the last hour was like.
//!
//! It counts and measures, and knows nobody: what is in here is in `/metrics` too, or the number of somebody's.

mod figures;
mod hour;

pub use figures::{Figures, Hours};

use crate::core::Millis;
use crate::hub::Hub;
use crate::inbox::Inboxes;
use crate::wire::Timestamp;
use bytes::Bytes;
use hour::Hour;
use serde::Serialize;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How often the figures are told.
const BEAT: Millis = Millis::seconds(1);

/// A handle on it. Cloning it is cheap.
#[derive(Clone)]
pub struct Pulse(Arc<Inner>);

struct Inner {
    hub: Hub,
    inboxes: Inboxes,
    hour: Mutex<Hour>,
    beats: watch::Sender<Beat>,
}

/// What is told at once, written out for all who watch.
#[derive(Clone, Default)]
pub struct Beat {
    pub figures: Bytes,
    pub hour: Bytes,
    /// Which point of the hour is the newest: where it is another, the hour is told anew.
    pub newest: u64,
}

impl Pulse {
    /// That of this exchange, with these people without a socket.
    pub fn new(hub: Hub, inboxes: Inboxes) -> Self {
        Self(Arc::new(Inner { hub, inboxes, hour: Mutex::default(), beats: watch::Sender::default() }))
    }

    /// Beats until the house closes.
    pub async fn run(self, stop: CancellationToken) {
        let clock = self.0.hub.clock().clone();
        let beating = async {
            let mut next = clock.now();
            loop {
                self.beat();
                // Whatever kept it from beating, it does not make up for it.
                next = next.plus(BEAT).max(clock.now());
                clock.until(next).await;
            }
        };
        stop.run_until_cancelled(beating).await;
    }

    /// How it beats from now on.
    pub fn watch(&self) -> watch::Receiver<Beat> {
        self.0.beats.subscribe()
    }

    /// How things stand.
    pub fn look(&self) -> Beat {
        self.look_after(&Beat::default())
    }

    /// The same after another look: the hour is written out where it has another point.
    fn look_after(&self, before: &Beat) -> Beat {
        let Inner { hub, inboxes, hour, .. } = &*self.0;
        let date = Timestamp(i64::try_from(hub.clock().date().as_millis()).unwrap_or(i64::MAX));
        let figures = Figures::of(date, hub.figures(), hub.metrics().overview(), inboxes.count());
        let hour = hour.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = hour.newest();
        let is_same = before.newest == newest && !before.hour.is_empty();
        let hour = if is_same { before.hour.clone() } else { event("hour", &Hours::of(&hour)) };
        Beat { figures: event("figures", &figures), hour, newest }
    }

    fn beat(&self) {
        let Inner { hub, hour, beats, .. } = &*self.0;
        let now = hub.clock().now();
        hour.lock().unwrap_or_else(PoisonError::into_inner).note(now, hub.metrics().tally());
        if beats.receiver_count() > 0 {
            let before = beats.borrow().clone();
            beats.send_replace(self.look_after(&before));
        }
    }
}

/// Something told, which says of what kind it is.
#[derive(Serialize)]
struct Told<'t, T> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    what: &'t T,
}

/// As a server-sent event (WHATWG HTML, section 9.2).
pub fn event(kind: &'static str, what: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(&Told { kind, what }).unwrap_or_default();
    format!("event: {kind}\ndata: {data}\n\n").into()
}
