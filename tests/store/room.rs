//! A directory for one test, the store in it, and rows to put there.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use strowger::metrics::Metrics;
use strowger::store::{
    Calendar, ContactRow, Direction, MESSAGES_PER_CHAT, Message, MessageState, NotOpened, Record, Retention,
    Shelf, Store,
};

/// When every test begins: a day in 2026.
pub const TODAY: i64 = 1_767_323_045_678;
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// What closing may take. Only a disk that fails needs all of it.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A directory that is not there yet, and gone at the end.
pub struct Room {
    pub directory: PathBuf,
    pub calendar: Calendar,
    pub metrics: Metrics,
    pub retention: Retention,
}

impl Room {
    pub fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number}", std::process::id());
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("store").join(name);
        let _ = fs::remove_dir_all(&directory);
        let calendar = Calendar::stepped(TODAY);
        Self { directory, calendar, metrics: Metrics::new(), retention: Retention::of(Some(30 * DAY)) }
    }

    pub fn keeping(history: Option<Duration>, per_chat: usize) -> Self {
        let mut room = Self::new();
        room.retention = Retention { history, per_chat };
        room
    }

    pub fn database(&self) -> PathBuf {
        self.directory.join(strowger::store::DATABASE)
    }

    pub fn try_open(&self) -> Result<Store, NotOpened> {
        self.open_on(&Shelf::Directory(self.directory.clone()))
    }

    #[track_caller]
    pub fn open(&self) -> Store {
        self.try_open().unwrap_or_else(|error| panic!("{error}"))
    }

    pub fn open_on(&self, shelf: &Shelf) -> Result<Store, NotOpened> {
        Store::open(shelf, self.retention, self.calendar.clone(), self.metrics.clone())
    }

    /// All bytes of all files of the store.
    pub fn bytes(&self) -> Vec<u8> {
        let Ok(entries) = fs::read_dir(&self.directory) else { return Vec::new() };
        entries.flat_map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect()
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

pub async fn close(store: Store) {
    store.close(Instant::now() + PATIENCE).await;
}

/// An incoming message, whose number is its id, its text and its time.
pub fn message(session: &str, contact: &str, number: i64) -> Message {
    Message {
        session: session.to_owned(),
        id: format!("id {number}"),
        contact_id: contact.to_owned(),
        contact_name: format!("Name of {contact}"),
        direction: Direction::Incoming,
        text: format!("text {number}"),
        state: MessageState::Delivered,
        at: TODAY + number,
    }
}

pub fn said(session: &str, contact: &str, number: i64, text: &str) -> Record {
    Record::Message(Message { text: text.to_owned(), ..message(session, contact, number) })
}

pub fn contact(id: &str) -> ContactRow {
    ContactRow { name: format!("Name of {id}"), phone: Some("+15550100".to_owned()), id: Some(id.to_owned()) }
}

pub fn texts(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.text.as_str()).collect()
}

/// The default bound, for tests that are about something else.
pub const MANY: usize = MESSAGES_PER_CHAT;
