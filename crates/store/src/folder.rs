//! The files of a room's log: where they lie, for whose eyes, and the lock that keeps a second writer out.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::fault::Fault;
use crate::schema::OpenError;

/// The log in a room's folder. SQLite keeps two more beside it while it is open, `-wal` and `-shm`.
pub const LOG_FILE: &str = "log.sqlite3";

/// Held by the one writer of a folder. The system takes it back when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct WriterLock(#[expect(dead_code, reason = "closing the file ends the lock")] File);

/// The log in a folder.
pub(crate) fn log_in(folder: &Path) -> PathBuf {
    folder.join(LOG_FILE)
}

/// The file that SQLite keeps beside another under this ending.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Makes a folder, with those above it, that only its owner may look into. One that is there stays as it is.
pub(crate) fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Opens a file for writing that, if it comes into being, only its owner may read.
pub(crate) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a file that only its owner may read, where nothing is yet.
pub(crate) fn new_private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes names in a folder last; on Windows it does without.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Takes the folder for this process, or says who has it.
pub(crate) fn lock(folder: &Path) -> Result<WriterLock, OpenError> {
    let fault = |error: io::Error| OpenError::Io(error.into());
    let file = private_file(&folder.join(LOCK_FILE)).map_err(fault)?;
    match file.try_lock() {
        Ok(()) => {}
        // Some network file systems have no locks; then SQLite's own are all there is.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
        Err(TryLockError::Error(error)) => return Err(fault(error)),
        Err(TryLockError::WouldBlock) => return Err(OpenError::Busy { by: holder(folder) }),
    }
    name_holder(folder).map_err(fault)?;
    Ok(WriterLock(file))
}

/// Reads the first bytes of a file, fewer where it is shorter; none where there is none.
pub(crate) fn first_bytes<const N: usize>(path: &Path) -> Result<Option<Vec<u8>>, OpenError> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(OpenError::Io(error.into())),
        // Reading a pipe would wait for ever.
        Ok(metadata) if !metadata.is_file() => {
            return Err(OpenError::Broken(Fault::from("it is not a file")));
        }
        Ok(_) => {}
    }
    let mut bytes = Vec::with_capacity(N);
    let read = File::open(path).and_then(|file| file.take(N as u64).read_to_end(&mut bytes));
    read.map_err(|error| OpenError::Io(error.into()))?;
    Ok(Some(bytes))
}

/// Who has the folder, as far as they said. It lies beside the lock, because Windows lets nobody read a locked file.
fn holder(folder: &Path) -> String {
    let mut name = String::new();
    let read = File::open(folder.join(HOLDER_FILE))
        .and_then(|file| file.take(HOLDER_BYTES_MAX).read_to_string(&mut name));
    if read.is_err() || name.trim().is_empty() { "another program".into() } else { name.trim().into() }
}

fn name_holder(folder: &Path) -> io::Result<()> {
    let program = std::env::current_exe().ok();
    let program =
        program.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let name = format!("{} (process {})", program.unwrap_or_else(|| "maru".into()), std::process::id());
    let mut file = private_file(&folder.join(HOLDER_FILE))?;
    file.set_len(0)?;
    file.write_all(name.as_bytes())
}

const LOCK_FILE: &str = "log.lock";
const HOLDER_FILE: &str = "log.holder";
/// Bytes of a holder's name: a program's file name and a number.
const HOLDER_BYTES_MAX: u64 = 400;
