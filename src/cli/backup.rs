//! `strowger backup`: a copy of what sessions keep, in one file.
//!
//! It must never overwrite anything, nor change what it copies.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::config::{Settings, StoreOn};
use crate::store::{BackedUp, back_up, usual_directory};

/// Copies from where the hub with these settings keeps things.
pub fn run(settings: &Settings, file: &Path) -> ExitCode {
    let directory = match directory(settings) {
        Ok(directory) => directory,
        Err(why) => return super::complain(&why, 1),
    };
    match back_up(&directory, file) {
        Ok(BackedUp { from, bytes }) => {
            let (from, file) = (from.display(), file.display());
            super::written(writeln!(io::stdout().lock(), "Copied {from} to {file}: {bytes} bytes"))
        }
        Err(error) => super::complain(&format_args!("no backup to {}: {error}", file.display()), 1),
    }
}

fn directory(settings: &Settings) -> Result<PathBuf, &'static str> {
    if settings.session.store == StoreOn::Memory {
        return Err("no backup: with session.store=memory there is nothing on disk");
    }
    let directory = settings.data.dir.clone().or_else(usual_directory);
    directory.ok_or(
        "no backup: there is no home directory; name the hub's directory with --set data.dir=DIRECTORY",
    )
}
