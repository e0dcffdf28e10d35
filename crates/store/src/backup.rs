//! A copy of a log while it is written: one state of it, whole or not there, for its owner's eyes. It is marked, so
//! that a log which goes on from it begins a new epoch.

use std::fs;
use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::fault::{Fault, is_full};
use crate::folder::{self, beside};
use crate::reader::Reader;

/// Why there is no backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackupError {
    /// Something is there already; it stays as it is.
    Exists,
    /// There is no room on the disk.
    DiskFull,
    /// The disk or the system refused, or the log is damaged.
    Io(Fault),
}

impl std::fmt::Display for BackupError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exists => f.write_str("there is a file of that name already; choose another one"),
            Self::DiskFull => f.write_str("the disk is full; make room on it, or choose another one"),
            Self::Io(fault) => write!(f, "the backup could not be written: {fault}"),
        }
    }
}

impl std::error::Error for BackupError {}

impl From<std::io::Error> for BackupError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull => Self::DiskFull,
            _ => Self::Io(error.into()),
        }
    }
}

impl From<rusqlite::Error> for BackupError {
    fn from(error: rusqlite::Error) -> Self {
        if is_full(&error) { Self::DiskFull } else { Self::Io(error.into()) }
    }
}

impl Reader {
    /// Copies the log as it is now to a new file, in steps between which the room is written.
    pub fn back_up(&self, to: &Path) -> Result<(), BackupError> {
        // One state of the log for all steps; otherwise each entry written meanwhile would begin the copy anew.
        let snapshot = self.conn.unchecked_transaction()?;
        snapshot.query_row("SELECT 1 FROM marks", (), |_| Ok(()))?;
        copy(&snapshot, to)
    }
}

/// Copies what a connection sees to a new file.
pub(crate) fn copy(conn: &Connection, to: &Path) -> Result<(), BackupError> {
    if fs::symlink_metadata(to).is_ok() {
        return Err(BackupError::Exists);
    }
    let partial = beside(to, ".partial");
    let copied = copy_pages(conn, &partial).and_then(|()| {
        fs::rename(&partial, to)?;
        Ok(folder::sync_folder(
            to.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new(".")),
        )?)
    });
    if copied.is_err() {
        // The first error is the one to tell; what is left over is overwritten the next time.
        let _ = fs::remove_file(&partial);
    }
    copied
}

fn copy_pages(conn: &Connection, to: &Path) -> Result<(), BackupError> {
    // What was left half done goes. What somebody else put there, a link or a file of theirs, is not written into.
    match fs::remove_file(to) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => drop(folder::new_private_file(to)?),
    }
    let mut target =
        Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // What is half a copy goes with a power cut; the whole one is synced before it gets its name.
    target.pragma_update(None, "synchronous", "OFF")?;
    {
        let backup = Backup::new(conn, &mut target)?;
        while backup.step(STEP_PAGES)? != StepResult::Done {}
    }
    target.pragma_update(None, "journal_mode", "DELETE")?;
    target.execute("UPDATE marks SET is_backup = 1", ())?;
    target.close().map_err(|(_, error)| error)?;
    Ok(fs::OpenOptions::new().write(true).open(to)?.sync_all()?)
}

/// Pages of 4 KiB copied at once.
const STEP_PAGES: i32 = 256;
