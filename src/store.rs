//! What a session keeps across a restart: contacts, messages, and what it goes by.
//!
//! Whoever has something to keep holds a [`Store`], a handle with verbs. It owns one thread, the order of what is
//! kept, and how long that is. It must never know of the random chat: nothing of that is ever kept. Nor does it
//! know who asks, and why.

mod backend;
mod backup;
mod calendar;
mod inbox;
mod keeper;
mod memory;
mod place;
mod question;
mod record;
mod sqlite;

pub use backup::{BackedUp, NotBackedUp, back_up};
pub use calendar::Calendar;
pub use place::{LOCK, keep_private, make_private, usual_directory};
pub use question::{Cursor, LARGEST_PAGE, NoCursor, Page, Wanted};
pub use record::{ContactRow, Direction, Loaded, Message, MessageState, Record, SettingsRow};
pub use sqlite::DATABASE;

use crate::metrics::Metrics;
use backend::{Backend, Trouble};
use inbox::{Inbox, Question};
use keeper::Keeper;
use memory::Memory;
use place::{Place, Taken};
use sqlite::{Sqlite, Unfit};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tokio::sync::{oneshot, watch};

/// How many messages of one chat are kept, however young: a history, and not an archive.
pub const MESSAGES_PER_CHAT: usize = 100_000;

/// Where to keep things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shelf {
    /// In memory, and so until the process ends.
    Memory,
    /// In the platform's folder for it; if that can't be had, in memory.
    Usual,
    /// In this directory and nowhere else.
    Directory(PathBuf),
}

/// How long messages are kept. Contacts and settings stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// `None` keeps none at all.
    pub history: Option<Duration>,
    pub per_chat: usize,
}

impl Retention {
    /// For so long, and as many as a chat may have.
    pub fn of(history: Option<Duration>) -> Self {
        Self { history, per_chat: MESSAGES_PER_CHAT }
    }

    /// When the oldest message was written that is still kept.
    fn oldest(self, now: i64) -> i64 {
        self.history.map_or(i64::MAX, |history| now.saturating_sub(calendar::whole(history)))
    }
}

/// Whether what is kept gets where it is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    Healthy,
    /// It waits in memory for the disk.
    Failing,
}

/// Why a record was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotKept {
    /// Too much waits to be written.
    Behind,
    /// The house closes.
    Closed,
}

/// Why a question has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// Too many others wait.
    Behind,
    /// The database can't be read, or written.
    Failing,
    /// The house closes.
    Closed,
}

/// A handle on what is kept. Cloning it is cheap. The last one that is dropped ends the thread.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    inbox: Arc<Inbox>,
    health: watch::Receiver<Health>,
    metrics: Metrics,
    keeps_messages: bool,
    is_on_disk: bool,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
    /// Opens what is there. A database is made when there is something to write into it.
    pub fn open(
        shelf: &Shelf,
        retention: Retention,
        calendar: Calendar,
        metrics: Metrics,
    ) -> Result<Self, NotOpened> {
        let backend = open(shelf)?;
        let is_on_disk = matches!(backend, Backend::Disk(_));
        let inbox = Arc::new(Inbox::new());
        let (sender, health) = watch::channel(Health::Healthy);
        let (keeps_messages, counted) = (retention.history.is_some(), metrics.clone());
        let keeper = Keeper { backend, inbox: inbox.clone(), retention, calendar, metrics, health: sender };
        let thread = thread::Builder::new().name("store".to_owned()).spawn(|| keeper.run());
        let thread = Mutex::new(Some(thread.map_err(NotOpened::NoThread)?));
        let metrics = counted;
        Ok(Self(Arc::new(Inner { inbox, health, metrics, keeps_messages, is_on_disk, thread })))
    }

    /// Whether what is kept outlives the process.
    pub fn is_on_disk(&self) -> bool {
        self.0.is_on_disk
    }

    /// Keeps a record, after all that were kept before it. Never waits; it is written soon.
    pub fn keep(&self, record: Record) -> Result<(), NotKept> {
        if record.is_message() && !self.0.keeps_messages {
            return Ok(());
        }
        self.0.inbox.put(record).inspect_err(|_| self.0.metrics.records_refused(1))
    }

    /// Whether writing works, for whoever wants to follow it.
    pub fn health(&self) -> watch::Receiver<Health> {
        self.0.health.clone()
    }

    /// Waits until all that was kept before is written; or until it is clear that it can't be, for now.
    pub async fn flush(&self) -> Result<(), Unanswered> {
        let is_written = |_: &mut Backend, health| (health == Health::Healthy).then_some(());
        self.ask(move |backend, health| is_written(backend, health).ok_or_else(Trouble::failing)).await
    }

    /// All sessions of which something is kept, in the order of their names.
    pub async fn sessions(&self) -> Result<Vec<String>, Unanswered> {
        self.ask(|backend, _| backend.sessions()).await
    }

    /// What a session goes on with; nothing if it is not known.
    pub async fn load(&self, session: &str) -> Result<Option<Loaded>, Unanswered> {
        let session = session.to_owned();
        self.ask(move |backend, _| backend.load(&session)).await
    }

    /// The newest messages of those wanted, [`LARGEST_PAGE`] at most and fewer if they are long, and where the ones
    /// before them are.
    pub async fn history(&self, wanted: Wanted, count: usize) -> Result<Page, Unanswered> {
        self.ask(move |backend, _| backend.history(&wanted, count.min(LARGEST_PAGE))).await
    }

    /// One of the messages wanted, counted from the newest, which is 1.
    pub async fn last(&self, wanted: Wanted, position: usize) -> Result<Option<Message>, Unanswered> {
        self.ask(move |backend, _| backend.last(&wanted, position)).await
    }

    /// Messages that hold all these words, the newest first, [`LARGEST_PAGE`] at most and fewer if they are long. The
    /// last word may be the beginning of a longer one.
    pub async fn search(&self, session: &str, query: &str, count: usize) -> Result<Vec<Message>, Unanswered> {
        let (session, query) = (session.to_owned(), query.to_owned());
        self.ask(move |backend, _| backend.search(&session, &query, count.min(LARGEST_PAGE))).await
    }

    /// How many of the messages wanted there are.
    pub async fn count(&self, wanted: Wanted) -> Result<usize, Unanswered> {
        self.ask(move |backend, _| backend.count(&wanted)).await
    }

    /// Takes nothing more, writes what waits, and ends. What can't be written by then is lost, and logged.
    pub async fn close(&self, deadline: Instant) {
        self.0.inbox.close(deadline);
        let mut health = self.0.health.clone();
        while health.changed().await.is_ok() {}
        self.0.join();
    }

    /// The answer sees all that was kept before; while the store fails, all that is written.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Backend, Health) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Unanswered> {
        let (answer, answered) = oneshot::channel();
        let question: Question = Box::new(move |backend, health| {
            // Who asked may be gone.
            let _ = answer.send(question(backend, health));
        });
        self.0.inbox.ask(question)?;
        answered.await.map_err(|_| Unanswered::Closed)?.map_err(|_| Unanswered::Failing)
    }
}

impl Inner {
    fn join(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A panic of it is in the log.
        let _ = thread.map(JoinHandle::join);
    }
}

impl Drop for Inner {
    /// Of a store that was closed nothing is left to do; of another one, one last try to write.
    fn drop(&mut self) {
        self.inbox.close(Instant::now());
        self.join();
    }
}

/// Why a store could not be opened, in words for the operator.
#[derive(Debug)]
pub enum NotOpened {
    InUse { directory: PathBuf },
    Denied { path: PathBuf, error: io::Error },
    Newer { file: PathBuf, version: i64 },
    Broken { file: PathBuf, what: String },
    NoThread(io::Error),
}

impl fmt::Display for NotOpened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse { directory } => write!(
                f,
                "{} is in use by another running hub: stop that one, or give this one a directory of its own, \
                 such as --set data.dir=DIRECTORY",
                directory.display()
            ),
            Self::Denied { path, error } => write!(
                f,
                "{} can't be used: {error}. Name another directory with --set data.dir=DIRECTORY, or keep nothing \
                 over a restart with --set session.store=memory",
                path.display()
            ),
            Self::Newer { file, version } => write!(
                f,
                "{} is of version {version}, and this strowger knows versions up to {}: start the later strowger \
                 that wrote it, or name another directory with --set data.dir=DIRECTORY",
                file.display(),
                Sqlite::version()
            ),
            Self::Broken { file, what } => write!(
                f,
                "{} can't be read as a database ({what}): put a backup in its place, or move it away to begin \
                 with an empty one. It was left as it is",
                file.display()
            ),
            Self::NoThread(error) => write!(f, "the store's thread can't be started: {error}"),
        }
    }
}

impl std::error::Error for NotOpened {}

fn open(shelf: &Shelf) -> Result<Backend, NotOpened> {
    match shelf {
        Shelf::Memory => Ok(Backend::Memory(Memory::default())),
        Shelf::Directory(directory) => match Place::take(directory) {
            Ok(place) => on_disk(place),
            Err(taken) => Err(not_opened(directory, taken)),
        },
        Shelf::Usual => match usual_directory() {
            Some(directory) => on_disk_or_in_memory(&directory),
            None => Ok(in_memory("there is no home directory; name one with --set data.dir=DIRECTORY")),
        },
    }
}

/// Nobody asked for this directory, so that it can't be had is no reason not to serve.
fn on_disk_or_in_memory(directory: &Path) -> Result<Backend, NotOpened> {
    match Place::take(directory) {
        Ok(place) => on_disk(place),
        Err(taken) => Ok(in_memory(&not_opened(directory, taken).to_string())),
    }
}

fn in_memory(why: &str) -> Backend {
    tracing::warn!(why, "What sessions keep is kept in memory only, and gone with this process");
    Backend::Memory(Memory::default())
}

fn on_disk(place: Place) -> Result<Backend, NotOpened> {
    let file = Sqlite::file_in(&place.directory);
    match Sqlite::open(place) {
        Ok(sqlite) => Ok(Backend::Disk(Box::new(sqlite))),
        Err(Unfit::Newer { version }) => Err(NotOpened::Newer { file, version }),
        Err(Unfit::Broken(trouble)) => Err(NotOpened::Broken { file, what: trouble.what }),
        Err(Unfit::Denied(trouble)) => {
            Err(NotOpened::Denied { path: file, error: io::Error::other(trouble.what) })
        }
    }
}

fn not_opened(directory: &Path, taken: Taken) -> NotOpened {
    let directory = directory.to_owned();
    match taken {
        Taken::InUse => NotOpened::InUse { directory },
        Taken::Failed(error) => NotOpened::Denied { path: directory, error },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_thread_that_panics_leaves_nobody_waiting() {
        let (retention, calendar) = (Retention::of(None), Calendar::stepped(0));
        let store = Store::open(&Shelf::Memory, retention, calendar, Metrics::new()).unwrap();
        let answer = store.ask(|_, _| -> Result<(), Trouble> { panic!("a bug") }).await;
        assert_eq!(answer, Err(Unanswered::Closed));
        let row = SettingsRow::default();
        while store.keep(Record::Settings { session: "team".into(), row: row.clone() }).is_ok() {}
        assert_eq!(store.sessions().await, Err(Unanswered::Closed));
        store.close(Instant::now()).await;
    }
}
