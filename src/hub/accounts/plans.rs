//! What the simulator does later, in the order of its time.

use crate::core::Millis;
use crate::core::account::Event;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How much may be planned. Past it nothing more is simulated.
const PLANS: usize = 4_096;
/// What it may weigh, in bytes.
const BYTES: usize = 16 << 20;

/// See the module.
#[derive(Default)]
pub struct Plans {
    all: BTreeMap<(Millis, u64), (Arc<str>, Event)>,
    last: u64,
    weight: usize,
}

impl Plans {
    pub fn is_full(&self) -> bool {
        self.all.len() >= PLANS || self.weight >= BYTES
    }

    /// Something is to happen in a session, behind all that is to happen at the same time.
    pub fn add(&mut self, at: Millis, session: Arc<str>, event: Event) {
        self.last += 1;
        self.weight += weight(&event);
        self.all.insert((at, self.last), (session, event));
    }

    /// When the first of it is due.
    pub fn next(&self) -> Option<Millis> {
        self.all.first_key_value().map(|((at, _), _)| *at)
    }

    /// The first of it, if it is due by now.
    pub fn take(&mut self, now: Millis) -> Option<(Arc<str>, Event)> {
        let first = self.all.first_entry().filter(|first| first.key().0 <= now)?;
        let (session, event) = first.remove();
        self.weight -= weight(&event);
        Some((session, event))
    }

    /// Nothing more is to happen in this session.
    pub fn drop_all_of(&mut self, session: &str) {
        let weight_left = &mut self.weight;
        self.all.retain(|_, (of, event)| {
            let stays = **of != *session;
            *weight_left -= if stays { 0 } else { weight(event) };
            stays
        });
    }
}

/// What it weighs, in bytes.
fn weight(event: &Event) -> usize {
    if let Event::Received(incoming) = event { incoming.message.as_str().len() } else { 0 }
}
