//! Whose turn it is: requests wait by session, and the actor takes one of each session in turn. However much a client
//! asks for, another session waits for no more than one of its requests.
//!
//! Within a session they stay in the order in which they came, and so do those of one client.

use super::Call;
use crate::hub::sync::{Mutex, lock};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::PollSemaphore;

/// How many requests of one client may wait for their turn or be with the store. Past it, no frames are taken from it.
const PLACES: usize = 8;

/// A request, and the place among those of its client that it takes while somebody has it.
pub struct Waiting {
    pub call: Call,
    pub place: Place,
}

/// How many of those who have no registration may be of one session: however many it has, others find a place.
const OF_ONE_SESSION: usize = 32;

/// Room for one request of a client.
pub struct Place {
    _permit: OwnedSemaphorePermit,
    /// That of its session.
    _share: Option<OwnedSemaphorePermit>,
}

/// How many more requests a client may have waiting.
pub struct Places(PollSemaphore);

impl Default for Places {
    fn default() -> Self {
        Self(PollSemaphore::new(Arc::new(Semaphore::new(PLACES))))
    }
}

impl Places {
    /// Whether there is room for another one. For the one task that takes places.
    pub fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.0.available_permits() == 0 {
            // It goes back at once, and nobody else is there to take it.
            drop(ready!(self.0.poll_acquire(cx)));
        }
        Poll::Ready(())
    }

    /// Takes a place, as soon as there is one.
    pub(super) async fn take(&self) -> Option<Place> {
        let permit = self.0.clone_inner().acquire_owned().await.ok()?;
        Some(Place { _permit: permit, _share: None })
    }
}

/// How many more requests may wait of those who have no registration.
pub struct SharedPlaces {
    all: Arc<Semaphore>,
    /// What each session may have of them, while it has any.
    sessions: Mutex<BTreeMap<Arc<str>, Arc<Semaphore>>>,
}

impl SharedPlaces {
    /// So many together.
    pub fn of(places: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(places)), sessions: Mutex::new(BTreeMap::new()) }
    }

    /// Takes a place, as soon as there is one that this session may have.
    pub(super) async fn take(&self, session: &Arc<str>) -> Option<Place> {
        let share = self.share(session).acquire_owned().await.ok()?;
        let permit = self.all.clone().acquire_owned().await.ok()?;
        Some(Place { _permit: permit, _share: Some(share) })
    }

    fn share(&self, session: &Arc<str>) -> Arc<Semaphore> {
        let mut sessions = lock(&self.sessions);
        // Whoever has a place, or waits for one, holds its session's.
        sessions.retain(|_, share| Arc::strong_count(share) > 1);
        sessions.entry(session.clone()).or_insert_with(|| Arc::new(Semaphore::new(OF_ONE_SESSION))).clone()
    }
}

/// See the module. What is in it is bounded by the places of clients.
#[derive(Default)]
pub struct Turns {
    sessions: BTreeMap<Arc<str>, VecDeque<Waiting>>,
    /// The sessions of which something waits, the next one first.
    ring: VecDeque<Arc<str>>,
}

impl Turns {
    /// The next request, once there is one; `None` once there never will be. What is given up half-way is lost to
    /// nobody.
    pub async fn next(&mut self, calls: &mut mpsc::Receiver<Waiting>) -> Option<Waiting> {
        loop {
            while let Ok(waiting) = calls.try_recv() {
                self.add(waiting);
            }
            if let Some(next) = self.take() {
                return Some(next);
            }
            let waiting = calls.recv().await?;
            self.add(waiting);
        }
    }

    fn add(&mut self, waiting: Waiting) {
        let session = &waiting.call.caller().session;
        let queue = self.sessions.entry(session.clone()).or_default();
        if queue.is_empty() {
            self.ring.push_back(session.clone());
        }
        queue.push_back(waiting);
    }

    /// The request whose turn it is. One of which nothing would come takes none.
    fn take(&mut self) -> Option<Waiting> {
        while let Some(session) = self.ring.pop_front() {
            let Some(queue) = self.sessions.get_mut(&session) else { continue };
            let next = std::iter::from_fn(|| queue.pop_front()).find(|next| !next.call.is_in_vain());
            if queue.is_empty() {
                self.sessions.remove(&session);
            } else {
                self.ring.push_back(session);
            }
            if next.is_some() {
                return next;
            }
        }
        None
    }
}
