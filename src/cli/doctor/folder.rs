//! Whether what is to be kept, and the log, can be written where the settings say.
//!
//! There is no knowing but by trying: of permissions, an administrator's rights and disks that may only be read the
//! system alone knows. What is made for that is gone again at once.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::Finding;
use crate::config::{Settings, StoreOn};
use crate::store::{DATABASE, LOCK, usual_directory};

pub fn examine(settings: &Settings) -> Finding {
    if settings.session.store == StoreOn::Memory {
        return Finding::note("session.store is memory: what sessions have is gone when the hub ends");
    }
    let Some(folder) = settings.data.dir.clone().or_else(usual_directory) else {
        return Finding::wrong("there is no home directory: name a folder with --set data.dir=DIRECTORY");
    };
    match takes_files(&folder).map_err(|error| (folder.clone(), error)).and_then(|()| files(&folder)) {
        Ok(()) => Finding::fine(format!("data is kept in {}", folder.display())),
        Err((place, error)) => Finding::wrong(format!(
            "{} {}. Give it to the user that the hub runs as, or name another folder with --set \
             data.dir=DIRECTORY",
            place.display(),
            words(&error)
        )),
    }
}

/// Whether the log can be appended to.
pub fn log(settings: &Settings) -> Option<Finding> {
    let file = settings.log.file.as_ref()?;
    let appended = match OpenOptions::new().append(true).open(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => appears(file),
        opened => opened.map(drop),
    };
    Some(match appended {
        Ok(()) => Finding::fine(format!("the log goes to {}", file.display())),
        Err(error) => Finding::wrong(format!(
            "log.file: {} {}. Name another file, in a folder that is there",
            file.display(),
            words(&error)
        )),
    })
}

fn words(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::PermissionDenied => "can't be written by this user".to_owned(),
        ErrorKind::NotADirectory => "can't be a folder, because there is a file in its place".to_owned(),
        _ => format!("can't be written: {error}"),
    }
}

/// Whether the folder takes files, or could be made.
fn takes_files(folder: &Path) -> io::Result<()> {
    match folder.metadata() {
        Ok(found) if found.is_dir() => appears(&folder.join(format!(".doctor-{}", std::process::id()))),
        Ok(_) => Err(ErrorKind::NotADirectory.into()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let is_missing =
                |above: &&Path| !above.as_os_str().is_empty() && above.symlink_metadata().is_err();
            let first = folder.ancestors().take_while(is_missing).last().ok_or(error)?;
            fs::create_dir(first)?;
            // If it is not empty any more, a hub has begun there meanwhile.
            let _ = fs::remove_dir(first);
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Makes the file and takes it away again.
fn appears(file: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(file)?;
    fs::remove_file(file)
}

/// Whether the files of an earlier hub, which another user may have run, can be written.
fn files(folder: &Path) -> Result<(), (PathBuf, io::Error)> {
    for name in [LOCK, DATABASE] {
        let file = folder.join(name);
        match OpenOptions::new().write(true).open(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err((file, error)),
            _ => {}
        }
    }
    Ok(())
}
