//! The directory of the store: where it is, who may look into it, and that only one hub has it.
//!
//! It must never know what is in the files.

use etcetera::BaseStrategy;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Below the platform's own folder for what programs keep.
const FOLDER: &str = "strowger";
/// Whoever holds the lock on this file has the directory.
pub const LOCK: &str = "strowger.lock";

/// A directory that this process has to itself as long as this lives.
pub struct Place {
    pub directory: PathBuf,
    pub lock: File,
}

/// Why a directory could not be taken.
#[derive(Debug)]
pub enum Taken {
    /// Another hub has it.
    InUse,
    /// The system says no.
    Failed(io::Error),
}

/// Where things are kept if nobody says otherwise; nowhere if the system does not know who runs this.
pub fn usual_directory() -> Option<PathBuf> {
    let folders = etcetera::base_strategy::choose_native_strategy().ok()?;
    Some(folders.data_dir().join(FOLDER))
}

impl Place {
    /// Makes the directory if need be, for this user alone, and takes it.
    pub fn take(directory: &Path) -> Result<Self, Taken> {
        make_directory(directory).map_err(Taken::Failed)?;
        let lock = private().create(true).open(directory.join(LOCK)).map_err(Taken::Failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { directory: directory.to_owned(), lock }),
            Err(TryLockError::WouldBlock) => Err(Taken::InUse),
            Err(TryLockError::Error(error)) => Err(Taken::Failed(error)),
        }
    }
}

/// Makes an empty file that nobody else may read, if there is none.
pub fn make_private(file: &Path) -> io::Result<()> {
    match make_new_private(file) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

/// Makes an empty file that nobody else may read. One that is there already is an error.
pub fn make_new_private(file: &Path) -> io::Result<()> {
    private().create_new(true).open(file).map(drop)
}

#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    options
}

/// A file that was put there, such as a backup, may be open to others until now.
#[cfg(unix)]
pub fn keep_private(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut permissions = file.metadata()?.permissions();
    if permissions.mode() & 0o077 == 0 {
        return Ok(());
    }
    permissions.set_mode(0o600);
    std::fs::set_permissions(file, permissions)
}

/// There, the user's own folders are closed to others.
#[cfg(not(unix))]
pub fn keep_private(_: &Path) -> io::Result<()> {
    Ok(())
}

/// One that is there already stays as open as it is: somebody may have meant it so.
fn make_directory(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}
