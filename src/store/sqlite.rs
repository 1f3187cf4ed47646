//! The backend that keeps everything in one SQLite database.
//!
//! It owns the connection and the lock on its directory: the file is made when there is something to write, and
//! not before. It must never tell of a row in what it says of a failure.

mod reading;
mod rows;
mod schema;
mod writing;

use super::backend::Trouble;
use super::place::{self, Place};
use rusqlite::{Connection, Error, ErrorCode, OpenFlags};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The database in its directory. SQLite puts `-wal` and `-shm` beside it, with the same mode.
pub const DATABASE: &str = "strowger.db";
/// How long to wait for another process. Only one hub writes, and a backup holds the file for moments.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// A directory with a database, or with none yet.
pub struct Sqlite {
    file: PathBuf,
    connection: Option<Connection>,
    /// Held as long as the connection may be open, so it is dropped after it.
    _lock: File,
}

/// What is wrong with a file that is there.
#[derive(Debug)]
pub enum Unfit {
    /// A later strowger wrote it.
    Newer { version: i64 },
    /// It is no database, or not a whole one.
    Broken(Trouble),
    /// The system does not let it be used.
    Denied(Trouble),
}

impl Sqlite {
    /// Takes a directory, and looks into the database in it if there is one.
    pub fn open(Place { directory, lock }: Place) -> Result<Self, Unfit> {
        let mut sqlite = Self { file: directory.join(DATABASE), connection: None, _lock: lock };
        sqlite.connect_if_there()?;
        Ok(sqlite)
    }

    /// Which file it is.
    pub fn file_in(directory: &Path) -> PathBuf {
        directory.join(DATABASE)
    }

    /// The newest version of the file that is understood.
    pub const fn version() -> usize {
        schema::VERSION
    }

    /// For writing: makes the file if need be.
    fn connected(&mut self) -> Result<&mut Connection, Trouble> {
        if self.connection.is_none() {
            place::make_private(&self.file).map_err(|error| Trouble::of_file(&error))?;
        }
        self.connect_if_there()?.ok_or_else(Trouble::gone)
    }

    /// For reading: without a file there is nothing to read.
    fn connect_if_there(&mut self) -> Result<Option<&mut Connection>, Unfit> {
        if self.connection.is_none() && self.file.exists() {
            self.connection = Some(connect(&self.file)?);
        }
        Ok(self.connection.as_mut())
    }

    /// Does something with the connection. After a failure the next one is a new one.
    fn with<T>(&mut self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, Trouble> {
        let done = work(self.connected()?).map_err(Trouble::from);
        self.part_if_failed(done)
    }

    /// The same, if there is a file; else the answer is an empty one.
    fn with_what_is_there<T: Default>(
        &mut self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Trouble> {
        let Some(connection) = self.connect_if_there()? else { return Ok(T::default()) };
        let done = work(connection).map_err(Trouble::from);
        self.part_if_failed(done)
    }

    fn part_if_failed<T>(&mut self, done: Result<T, Trouble>) -> Result<T, Trouble> {
        if done.is_err() {
            self.connection = None;
        }
        done
    }
}

/// Opens a database that is there, for reading and writing, and brings it up to date.
fn connect(file: &Path) -> Result<Connection, Unfit> {
    place::keep_private(file).map_err(|error| Trouble::of_file(&error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(PATIENCE)?;
    // What is deleted is overwritten, and nothing is put into files beside the database.
    connection.execute_batch(
        "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;",
    )?;
    schema::bring_up_to_date(&mut connection)?;
    // A commit is on the disk when it returns, and readers do not hold it up.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

impl Trouble {
    fn of_file(error: &io::Error) -> Self {
        Self { what: error.to_string(), is_for_good: false }
    }

    fn gone() -> Self {
        Self { what: "the file is gone".to_owned(), is_for_good: false }
    }
}

/// Only by its code: SQLite's own words may quote what was searched for.
impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let Error::SqliteFailure(code, _) = error else {
            return Self {
                what: "there is something in a row that can't be understood".to_owned(),
                is_for_good: true,
            };
        };
        let for_good = [ErrorCode::ConstraintViolation, ErrorCode::TypeMismatch, ErrorCode::TooBig];
        Self { what: code.to_string(), is_for_good: for_good.contains(&code.code) }
    }
}

impl From<Unfit> for Trouble {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Newer { .. } => Self { what: "a later strowger wrote it".to_owned(), is_for_good: false },
            Unfit::Broken(trouble) | Unfit::Denied(trouble) => trouble,
        }
    }
}

impl From<Error> for Unfit {
    fn from(error: Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Broken(error.into()),
            _ => Self::Denied(error.into()),
        }
    }
}

impl From<Trouble> for Unfit {
    fn from(trouble: Trouble) -> Self {
        Self::Denied(trouble)
    }
}
