//! A log file that begins anew when it is full and keeps the one before: a bounded place on disk, also where
//! several processes write to it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

use crate::kept;

/// `maru.log`, and `maru.log.1` with what came before. Each `write` is one line and goes into one file whole.
#[derive(Debug)]
pub struct RotatingFile {
    path: PathBuf,
    bytes_max: u64,
    /// None after a failure; the next line tries again.
    file: Option<File>,
}

impl RotatingFile {
    /// Opens or makes the log in a folder, `bytes_max` at most in each of its two files.
    pub fn open(folder: &Path, bytes_max: u64) -> io::Result<Self> {
        kept::private_folder(folder)?;
        let path = folder.join(LOG_FILE);
        let before = previous(&path);
        if fs::metadata(&before).is_ok_and(|found| found.len() > bytes_max) {
            fs::remove_file(&before)?;
        }
        let file = Some(appending(&path)?);
        Ok(Self { path, bytes_max, file })
    }

    fn file_with_room_for(&mut self, bytes: u64) -> io::Result<&mut File> {
        // Asked of the system each time, since others write to the same file.
        let has_room = |file: &File, max| file.metadata().is_ok_and(|found| found.len() + bytes <= max);
        let current = self.file.take().filter(|file| has_room(file, self.bytes_max));
        let file = match current {
            Some(file) => file,
            None => {
                // Without the lock two processes could rotate at once, which costs old lines and no bound.
                let _lock = kept::lock(&self.path);
                let file = appending(&self.path)?;
                if has_room(&file, self.bytes_max) {
                    file
                } else {
                    drop(file);
                    begin_anew(&self.path, self.bytes_max)?
                }
            }
        };
        Ok(self.file.insert(file))
    }
}

impl Write for RotatingFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let bytes_max = usize::try_from(self.bytes_max).unwrap_or(usize::MAX).min(LINE_BYTES_MAX);
        let clipped;
        let kept = if line.len() <= bytes_max {
            line
        } else {
            let whole = String::from_utf8_lossy(&line[..bytes_max.saturating_sub(CLIPPED.len() + 3)]);
            clipped = format!("{}{CLIPPED}", whole.trim_end_matches(char::REPLACEMENT_CHARACTER));
            clipped.as_bytes()
        };
        self.file_with_room_for(kept.len() as u64)?.write_all(kept)?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), File::flush)
    }
}

/// The same file for all threads.
#[derive(Debug, Clone)]
pub(super) struct SharedLog(Arc<Mutex<RotatingFile>>);

impl SharedLog {
    pub(super) fn new(file: RotatingFile) -> Self {
        Self(Arc::new(Mutex::new(file)))
    }
}

impl Write for SharedLog {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

impl<'a> MakeWriter<'a> for SharedLog {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The files of the log in a state folder, the older one first.
pub(super) fn files(state: &Path) -> [PathBuf; 2] {
    let path = state.join(LOG_FILE);
    [previous(&path), path]
}

fn begin_anew(path: &Path, bytes_max: u64) -> io::Result<File> {
    if fs::metadata(path)?.len() > bytes_max {
        // Not of this bound: kept, it would break the one of both files together.
        fs::remove_file(path)?;
    } else {
        fs::rename(path, previous(path))?;
    }
    appending(path)
}

fn appending(path: &Path) -> io::Result<File> {
    kept::private(OpenOptions::new().append(true).create(true)).open(path)
}

fn previous(path: &Path) -> PathBuf {
    path.with_added_extension("1")
}

/// Bytes of one log file; the two together stay within 10 MB.
pub const LOG_FILE_BYTES_MAX: u64 = 5_000_000;

/// Bytes of one line: a stack of errors fits, a whole message thrown in by mistake does not.
const LINE_BYTES_MAX: usize = 16 * 1024;

const CLIPPED: &str = "…\n";
const LOG_FILE: &str = "maru.log";
