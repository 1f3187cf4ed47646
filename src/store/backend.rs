//! Where the rows are: in memory or in a database. One place that tells the two apart.

use super::memory::Memory;
use super::question::{Page, Wanted};
use super::record::{Loaded, Message, Record};
use super::sqlite::Sqlite;
use std::fmt;

/// One of the two.
pub enum Backend {
    Memory(Memory),
    Disk(Box<Sqlite>),
}

/// Why rows could not be written or read, in the system's words. Nothing of the rows is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub what: String,
    /// It lies in a record and would not go away, however often that is tried.
    pub is_for_good: bool,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Trouble {
    /// What was kept waits in memory.
    pub fn failing() -> Self {
        Self { what: "the store can't write".to_owned(), is_for_good: false }
    }
}

type Answer<T> = Result<T, Trouble>;

impl Backend {
    /// Writes all of these or none.
    pub fn write(&mut self, records: &[Record]) -> Answer<()> {
        match self {
            Self::Memory(memory) => {
                memory.write(records);
                Ok(())
            }
            Self::Disk(sqlite) => sqlite.write(records),
        }
    }

    /// Forgets messages from before this time, the oldest of chats with too many, and sessions that are empty.
    pub fn purge(&mut self, oldest: i64, per_chat: usize) -> Answer<()> {
        match self {
            Self::Memory(memory) => {
                memory.purge(oldest, per_chat);
                Ok(())
            }
            Self::Disk(sqlite) => sqlite.purge(oldest, per_chat),
        }
    }

    pub fn sessions(&mut self) -> Answer<Vec<String>> {
        match self {
            Self::Memory(memory) => Ok(memory.sessions()),
            Self::Disk(sqlite) => sqlite.sessions(),
        }
    }

    pub fn load(&mut self, session: &str) -> Answer<Option<Loaded>> {
        match self {
            Self::Memory(memory) => Ok(memory.load(session)),
            Self::Disk(sqlite) => sqlite.load(session),
        }
    }

    pub fn history(&mut self, wanted: &Wanted, count: usize) -> Answer<Page> {
        match self {
            Self::Memory(memory) => Ok(memory.history(wanted, count)),
            Self::Disk(sqlite) => sqlite.history(wanted, count),
        }
    }

    pub fn last(&mut self, wanted: &Wanted, position: usize) -> Answer<Option<Message>> {
        match self {
            Self::Memory(memory) => Ok(memory.last(wanted, position)),
            Self::Disk(sqlite) => sqlite.last(wanted, position),
        }
    }

    pub fn search(&mut self, session: &str, query: &str, count: usize) -> Answer<Vec<Message>> {
        match self {
            Self::Memory(memory) => Ok(memory.search(session, query, count)),
            Self::Disk(sqlite) => sqlite.search(session, query, count),
        }
    }

    pub fn count(&mut self, wanted: &Wanted) -> Answer<usize> {
        match self {
            Self::Memory(memory) => Ok(memory.count(wanted)),
            Self::Disk(sqlite) => sqlite.count(wanted),
        }
    }
}
