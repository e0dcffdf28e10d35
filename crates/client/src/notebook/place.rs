//! Where a notebook lies: a folder for each room, for its owner's eyes only, with a lock that one program holds at a
//! time. Sets aside what cannot be read, and forgets.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use maru_wire::RoomId;

use super::ForgetError;
use super::file::{FileError, NotebookFile};
use crate::event::NotebookFault;
use crate::session::{Keeping, Line, Restored};

/// An open notebook, locked.
#[derive(Debug)]
pub(super) struct Opened {
    /// Closed before the lock is given up.
    pub file: NotebookFile,
    pub restored: Restored,
    /// What is to be told of how it was found.
    pub fault: Option<NotebookFault>,
    _lock: Lock,
}

/// Held by the one program that keeps a room.
#[derive(Debug)]
struct Lock(#[expect(dead_code, reason = "closing the file ends the lock")] File);

/// The notebook in this folder, made if there was none.
pub(super) fn open(folder: &Path, room: &RoomId, bytes_max: u64) -> Result<Opened, NotebookFault> {
    let told = |error: &dyn std::fmt::Display| tracing::warn!(%room, %error, "a room is not kept");
    if !folder.exists() && folder.parent().is_some_and(|rooms| count(rooms) >= NOTEBOOKS_MAX) {
        return Err(NotebookFault::Full);
    }
    let lock = lock(folder).map_err(|error| {
        told(&error);
        match error.kind() {
            io::ErrorKind::WouldBlock => NotebookFault::InUse,
            _ => NotebookFault::Unwritable,
        }
    })?;
    let path = folder.join(FILE);
    let error = match open_file(&path, room, bytes_max) {
        Ok((file, restored)) => return Ok(Opened { file, restored, fault: None, _lock: lock }),
        Err(error) => error,
    };
    let (waiting, failed) = match error {
        FileError::Newer => return Err(NotebookFault::Newer),
        FileError::SameName => {
            told(&"another room has that name on this disk");
            return Err(NotebookFault::Unwritable);
        }
        FileError::Io(error) => {
            told(&error);
            return Err(NotebookFault::Unwritable);
        }
        FileError::Broken { waiting, failed } => (waiting, failed),
    };
    let aside = set_aside(folder).map_err(|_| NotebookFault::Unwritable)?;
    tracing::warn!(%room, ?aside, "what was kept of a room could not be understood");
    let (mut file, mut restored) =
        open_file(&path, room, bytes_max).map_err(|_| NotebookFault::Unwritable)?;
    file.write(&written_again(&waiting, &failed)).map_err(|_| NotebookFault::Unwritable)?;
    (restored.waiting, restored.failed) = (waiting, failed);
    Ok(Opened { file, restored, fault: Some(NotebookFault::SetAside), _lock: lock })
}

/// Whether there is a notebook.
pub(super) fn holds(folder: &Path) -> bool {
    folder.join(FILE).is_file()
}

/// Leaves nothing of what was kept there.
pub(super) fn forget(folder: &Path) -> Result<(), ForgetError> {
    if !folder.exists() {
        return Ok(());
    }
    let lock = lock(folder).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => ForgetError::InUse,
        _ => ForgetError::Io(error),
    })?;
    for name in names_in(folder).filter(|name| name.starts_with(FILE)) {
        fs::remove_file(folder.join(name)).map_err(ForgetError::Io)?;
    }
    // Where a lock is held, some systems remove no file.
    drop(lock);
    let _ = fs::remove_file(folder.join(LOCK));
    // What somebody else keeps there stays.
    let _ = fs::remove_dir(folder);
    Ok(())
}

fn open_file(path: &Path, room: &RoomId, bytes_max: u64) -> Result<(NotebookFile, Restored), FileError> {
    // What SQLite makes beside a file has that file's permissions.
    let made = private(OpenOptions::new().write(true).create(true).truncate(false)).open(path);
    if let Err(error) = made {
        tracing::warn!(%error, "a notebook cannot be opened");
    }
    NotebookFile::open(path, room, bytes_max)
}

fn written_again(waiting: &[Line], failed: &[(Line, maru_wire::RefusalCode)]) -> Vec<Keeping> {
    let failed = failed.iter().flat_map(|(line, code)| {
        [Keeping::Queued(line.clone()), Keeping::Failed { id: line.id.clone(), code: *code }]
    });
    failed.chain(waiting.iter().cloned().map(Keeping::Queued)).collect()
}

/// Renames a broken notebook, so that it is found by whoever looks for it; the latest few stay.
fn set_aside(folder: &Path) -> io::Result<PathBuf> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let prefix = format!("{FILE}.broken-");
    let before = names_in(folder).filter_map(|name| name.strip_prefix(&prefix)?.parse::<u128>().ok());
    let mut before: Vec<u128> = before.collect();
    before.sort_unstable();
    let at = before.last().map_or(0, |latest| latest + 1).max(since.as_millis());
    let aside = folder.join(format!("{prefix}{at}"));
    fs::rename(folder.join(FILE), &aside)?;
    // The journal belongs to the file that is gone, and must not be taken for one of the next.
    match fs::rename(folder.join(format!("{FILE}-wal")), folder.join(format!("{FILE}-wal.broken-{at}"))) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    for old in before.iter().rev().skip(BROKEN_FILES_MAX - 1) {
        let _ = fs::remove_file(folder.join(format!("{prefix}{old}")));
        let _ = fs::remove_file(folder.join(format!("{FILE}-wal.broken-{old}")));
    }
    Ok(aside)
}

fn lock(folder: &Path) -> io::Result<Lock> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let file =
        private(OpenOptions::new().write(true).create(true).truncate(false)).open(folder.join(LOCK))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        // Some network file systems have no locks; SQLite's own is then the last.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(Lock(file)),
        Err(TryLockError::Error(error)) => Err(error),
        Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
    }
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

fn count(rooms: &Path) -> usize {
    fs::read_dir(rooms).into_iter().flatten().take(NOTEBOOKS_MAX).count()
}

fn names_in(folder: &Path) -> impl Iterator<Item = String> {
    let names = fs::read_dir(folder).into_iter().flatten().take(NAMES_MAX);
    names.filter_map(|entry| entry.ok()?.file_name().into_string().ok())
}

const FILE: &str = "notebook.db";
const LOCK: &str = ".notebook.lock";

/// Rooms kept at once: years of joining new ones. Past it the person has to forget one.
const NOTEBOOKS_MAX: usize = 1_000;

/// Broken notebooks of a room that stay: enough to find out what went wrong.
const BROKEN_FILES_MAX: usize = 3;

/// Files of a folder that are looked at: ours have a handful.
const NAMES_MAX: usize = 64;
