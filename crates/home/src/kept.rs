//! Small files that are whole or not there: written beside their place and renamed into it, read within a
//! bound, set aside when broken. Knows bytes and names, not what they mean.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// What lay at a path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// No file.
    Nothing,
    /// UTF-8 within the bound, without a byte order mark.
    Text(String),
    /// Too large, or not UTF-8.
    Broken,
}

/// Held while a file is read, changed and written, so that two processes do not lose each other's changes.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "closing the file ends the lock")] File);

/// Reads a file of at most `bytes_max`. What cannot be read at all is an error and stays where it is.
pub(crate) fn read(path: &Path, bytes_max: u64) -> io::Result<Found> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(error),
        // Reading a pipe would wait for ever.
        Ok(metadata) if !metadata.is_file() => return Err(io::Error::other("it is not a file")),
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        return Ok(Found::Broken);
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Found::Text(text.strip_prefix('\u{FEFF}').unwrap_or(&text).to_owned()),
        Err(_) => Found::Broken,
    })
}

/// Puts a file in place, whole, for its owner's eyes only. After it returns, a power cut does not take it back.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Where a person keeps the file elsewhere behind a link, the link stays.
    let linked = fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    let place = if linked { fs::canonicalize(path)? } else { path.to_path_buf() };
    let folder = place.parent().ok_or(io::ErrorKind::InvalidInput)?;
    private_folder(folder)?;
    let name = file_name(&place)?;
    sweep(folder, name);
    let beside = folder.join(format!(".{name}.{:016x}.new", getrandom::u64().map_err(io::Error::other)?));
    let written = write_through(&beside, bytes).and_then(|()| fs::rename(&beside, &place));
    if written.is_err() {
        // The first error is the one to tell; a file left over is swept by a later write.
        let _ = fs::remove_file(&beside);
    }
    written?;
    sync_folder(folder)
}

/// Renames a broken file to `<name>.broken-<milliseconds>` and returns where it is now; none where another
/// process was faster. Of several, the latest [`BROKEN_FILES_MAX`] stay.
pub(crate) fn set_aside(path: &Path) -> io::Result<Option<PathBuf>> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let prefix = format!("{}.broken-", file_name(path)?);
    let set_aside = || names_in(folder).filter_map(|name| name.strip_prefix(&prefix)?.parse::<u64>().ok());
    // Later than all before it, also where the clock was put back: the latest are those that stay.
    let at = set_aside().max().map_or(0, |latest| latest.saturating_add(1)).max(unix_ms());
    let aside = folder.join(format!("{prefix}{at}"));
    match fs::rename(path, &aside) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        result => result?,
    }
    let mut others: Vec<u64> = set_aside().collect();
    others.sort_unstable_by(|a, b| b.cmp(a));
    for at in others.into_iter().skip(BROKEN_FILES_MAX) {
        let _ = fs::remove_file(folder.join(format!("{prefix}{at}")));
    }
    Ok(Some(aside))
}

/// Waits until no other process changes the file, [`LOCK_WAIT`] at most.
pub(crate) fn lock(path: &Path) -> io::Result<Lock> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    private_folder(folder)?;
    let file = private(OpenOptions::new().write(true).create(true).truncate(false))
        .open(folder.join(format!(".{}.lock", file_name(path)?)))?;
    let until = Instant::now() + LOCK_WAIT;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Lock(file)),
            // Some network file systems have no locks; then the last one to write wins.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                return Ok(Lock(file));
            }
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if Instant::now() >= until => {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "another process holds it"));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_POLL),
        }
    }
}

/// Removes a folder with all in it, unless some process holds a lock there; `last` goes after everything else, so that
/// what could not be removed is still found by it.
pub(crate) fn remove_unlocked(folder: &Path, last: &str) -> io::Result<()> {
    for name in names_in(folder).filter(|name| name.ends_with(".lock")) {
        match File::open(folder.join(name))?.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) if error.kind() != io::ErrorKind::Unsupported => {
                return Err(error);
            }
            _ => {}
        }
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == last {
            continue;
        }
        let is_folder = entry.file_type()?.is_dir();
        if is_folder { fs::remove_dir_all(entry.path())? } else { fs::remove_file(entry.path())? }
    }
    fs::remove_dir_all(folder)
}

/// Makes a folder, with those above it, that only its owner may look into. One that is there stays as it is.
pub(crate) fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Options for a file that, if it comes into being, only its owner may read.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Milliseconds since the Unix epoch; 0 where the clock stands before it.
pub(crate) fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The names in a folder that are UTF-8, [`NAMES_MAX`] at most.
pub(crate) fn names_in(folder: &Path) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(folder).into_iter().flatten().take(NAMES_MAX);
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok())
}

fn write_through(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes the rename itself last; on Windows it does without.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Removes what writes that were cut short have left behind.
fn sweep(folder: &Path, name: &str) {
    let (prefix, now) = (format!(".{name}."), SystemTime::now());
    for left in names_in(folder).filter(|left| left.starts_with(&prefix) && left.ends_with(".new")) {
        let path = folder.join(left);
        let modified = fs::metadata(&path).and_then(|metadata| metadata.modified());
        if modified.is_ok_and(|at| now.duration_since(at).is_ok_and(|age| age > LEFT_OVER_AFTER)) {
            let _ = fs::remove_file(path);
        }
    }
}

fn file_name(path: &Path) -> io::Result<&str> {
    Ok(path.file_name().and_then(|name| name.to_str()).ok_or(io::ErrorKind::InvalidInput)?)
}

/// Broken files of one name that are kept: enough to find what went wrong, not a heap of old secrets.
pub(crate) const BROKEN_FILES_MAX: usize = 5;

/// Entries of a folder that are looked at: ours hold a handful, and none more than hosted rooms.
pub(crate) const NAMES_MAX: usize = 4_096;

/// A write takes milliseconds; whoever holds the lock for longer hangs.
const LOCK_WAIT: Duration = Duration::from_secs(2);
const LOCK_POLL: Duration = Duration::from_millis(5);

/// An unfinished file of this age belongs to no write that is still going on.
const LEFT_OVER_AFTER: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests;
