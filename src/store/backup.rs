//! A copy of the database in a file, whether a hub runs or not.

use super::place;
use super::sqlite::{DATABASE, PATIENCE, Sqlite};
use rusqlite::{Connection, OpenFlags};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackedUp {
    pub from: PathBuf,
    /// The size of the copy.
    pub bytes: u64,
}

/// Why there is no copy, in words for the operator.
#[derive(Debug)]
pub enum NotBackedUp {
    /// Nothing was kept yet.
    Nothing {
        directory: PathBuf,
    },
    /// There is something at the place where the copy is to be.
    Exists,
    NotMade(io::Error),
    Failed(rusqlite::Error),
}

impl fmt::Display for NotBackedUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing { directory } => {
                write!(f, "there is no {DATABASE} in {}: nothing was kept there yet", directory.display())
            }
            Self::Exists => f.write_str("there is a file of that name, and it is not overwritten"),
            Self::NotMade(error) => write!(f, "the file can't be made: {error}"),
            Self::Failed(error) => write!(f, "the database can't be copied: {error}"),
        }
    }
}

impl std::error::Error for NotBackedUp {}

impl From<rusqlite::Error> for NotBackedUp {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error)
    }
}

/// Copies the database in this directory. A hub may run: the copy is of one moment.
pub fn back_up(directory: &Path, to: &Path) -> Result<BackedUp, NotBackedUp> {
    let from = Sqlite::file_in(directory);
    if !from.exists() {
        return Err(NotBackedUp::Nothing { directory: directory.to_owned() });
    }
    place::make_new_private(to).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => NotBackedUp::Exists,
        _ => NotBackedUp::NotMade(error),
    })?;
    copy(&from, to).inspect_err(|_| {
        // Half a copy is none. What can't be removed is empty or broken, as its size shows.
        let _ = fs::remove_file(to);
    })
}

/// The file is there, and empty.
fn copy(from: &Path, to: &Path) -> Result<BackedUp, NotBackedUp> {
    let Some(name) = to.to_str() else {
        return Err(NotBackedUp::NotMade(io::Error::other("its name is not UTF-8")));
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(from, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.execute("VACUUM INTO ?1", [name])?;
    // It is to be there after a loss of power, too.
    let synced = File::options().write(true).open(to).and_then(|file| file.sync_all().and(file.metadata()));
    let bytes = synced.map_err(NotBackedUp::NotMade)?.len();
    Ok(BackedUp { from: from.to_owned(), bytes })
}
