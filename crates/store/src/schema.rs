//! The tables of a log and their versions, and what may be opened at all. What is not a log of this room, or is
//! newer than this program, is refused as it lies there.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use maru_wire::RoomId;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};

use crate::backup;
use crate::fault::{Fault, is_broken};
use crate::folder::{self, beside};

/// Why a log could not be opened. Unless it says otherwise nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenError {
    /// Another program writes to it.
    Busy {
        /// Which.
        by: String,
    },
    /// A newer Maru has written it.
    Newer {
        /// The version of its tables.
        version: i64,
    },
    /// It is the log of another room.
    OtherRoom {
        /// Of which.
        room: String,
    },
    /// It is not a log, or a damaged one.
    Broken(Fault),
    /// There is none; only a store begins one.
    Missing,
    /// A room of which nothing is kept has no log on disk.
    KeepsNothing,
    /// The disk or the system refused.
    Io(Fault),
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Busy { by } => write!(f, "this room is open in {by} already; close it there first"),
            Self::Newer { version } => {
                write!(
                    f,
                    "a newer Maru has written this room's log (version {version}); update Maru to open it"
                )
            }
            Self::OtherRoom { room } => write!(f, "this is the log of another room ({room})"),
            Self::Broken(fault) => write!(f, "this file is no log of a room, or a damaged one: {fault}"),
            Self::Missing => f.write_str("there is no log of this room"),
            Self::KeepsNothing => f.write_str("a room of which nothing is kept has no log on disk"),
            Self::Io(fault) => write!(f, "the room's log could not be opened: {fault}"),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        if is_broken(&error) { Self::Broken(error.into()) } else { Self::Io(error.into()) }
    }
}

/// The versions of the tables up to the one that this program writes.
pub(crate) struct Schema {
    versions: Vec<&'static str>,
}

/// What lies where a log belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lying {
    /// No log, or one that was never begun.
    Nothing,
    /// The room's log.
    Log {
        /// The version of its tables.
        version: i64,
        /// Whether it is a backup that was put here.
        is_backup: bool,
    },
}

impl Schema {
    /// The schema of this program.
    pub(crate) fn current() -> Self {
        Self { versions: vec![include_str!("schema/v1.sql")] }
    }

    #[cfg(test)]
    pub(crate) fn with_next(mut self, sql: &'static str) -> Self {
        self.versions.push(sql);
        self
    }

    pub(crate) fn latest(&self) -> i64 {
        i64::try_from(self.versions.len()).unwrap_or(i64::MAX)
    }

    /// Looks at what lies at a path without changing it, and refuses what is not this room's or not for us.
    pub(crate) fn look(&self, path: &Path, room: &RoomId) -> Result<Lying, OpenError> {
        let Some(header) = folder::first_bytes::<HEADER_BYTES>(path)?.filter(|bytes| !bytes.is_empty())
        else {
            return Ok(Lying::Nothing);
        };
        if header.len() < HEADER_BYTES || !header.starts_with(MAGIC) {
            return Err(OpenError::Broken(Fault::from("it is not a database")));
        }
        let flags =
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let conn = if is_in_wal_mode(&header) {
            Connection::open_with_flags(path, flags)?
        } else {
            // A backup that was put here. What still lies beside it belongs to the log that was here before, and
            // without `immutable` would be taken for a part of it.
            Connection::open_with_flags(immutable(path), flags)?
        };
        distrust(&conn)?;
        conn.busy_timeout(BUSY_MAX)?;
        let pragma = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let (application, version) = (pragma("application_id")?, pragma("user_version")?);
        let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
        if application == 0 && version == 0 && tables == 0 {
            return Ok(Lying::Nothing);
        }
        if application != APPLICATION {
            return Err(OpenError::Broken(Fault::from("it is a database of another program")));
        }
        if version > self.latest() {
            return Err(OpenError::Newer { version });
        }
        let (owner, is_backup): (String, bool) =
            conn.query_row("SELECT room, is_backup FROM marks", (), |row| Ok((row.get(0)?, row.get(1)?)))?;
        if owner != room.as_str() {
            return Err(OpenError::OtherRoom { room: owner });
        }
        Ok(Lying::Log { version, is_backup: is_backup && !is_in_wal_mode(&header) })
    }

    /// Opens the room's log for its writer, in the newest version of its tables. What was there is copied before
    /// its tables are changed.
    pub(crate) fn open(&self, folder: &Path, lying: Lying) -> Result<Connection, OpenError> {
        let path = folder::log_in(folder);
        if let Lying::Log { is_backup: true, .. } = lying {
            for ending in ["-wal", "-shm", "-journal"] {
                remove_if_there(&beside(&path, ending))?;
            }
        }
        // SQLite gives the files beside it the same permissions.
        folder::private_file(&path).map_err(|error| OpenError::Io(error.into()))?;
        let mut conn = writer(&path)?;
        if let Lying::Log { version, .. } = lying
            && version < self.latest()
        {
            let copy = folder.join(format!("log.before-v{}.sqlite3", self.latest()));
            remove_if_there(&copy)?;
            backup::copy(&conn, &copy).map_err(|error| OpenError::Io(error.to_string().as_str().into()))?;
        }
        let steps: Vec<M<'_>> = self.versions.iter().map(|sql| M::up(sql)).collect();
        Migrations::new(steps).to_latest(&mut conn).map_err(|error| match error {
            rusqlite_migration::Error::RusqliteError { err, .. } => OpenError::from(err),
            other => OpenError::Broken(Fault::from(other.to_string().as_str())),
        })?;
        folder::sync_folder(folder).map_err(|error| OpenError::Io(error.into()))?;
        Ok(conn)
    }
}

/// A connection that writes, its promises made.
pub(crate) fn writer(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    distrust(&conn)?;
    conn.busy_timeout(BUSY_MAX)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    // Acked is durable: with NORMAL a power cut takes back what was committed last.
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "secure_delete", "ON")?;
    conn.pragma_update(None, "foreign_keys", "ON")?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.pragma_update(None, "cache_size", -CACHE_KIB)?;
    conn.pragma_update(None, "journal_size_limit", WAL_KEPT_BYTES_MAX)?;
    // `tend` does it where nobody waits; this is for a room that never has a quiet moment.
    conn.pragma_update(None, "wal_autocheckpoint", WAL_PAGES_MAX)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(conn)
}

/// A connection that only reads; of a backup that was put here, the file alone.
pub(crate) fn reader(path: &Path, is_backup: bool) -> Result<Connection, rusqlite::Error> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let path = if is_backup { immutable(path) } else { path.to_path_buf() };
    let conn = Connection::open_with_flags(path, flags)?;
    distrust(&conn)?;
    conn.busy_timeout(BUSY_MAX)?;
    conn.pragma_update(None, "query_only", "ON")?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(conn)
}

/// A log may have been put here by somebody: nothing that is written into its schema does anything by itself. Ours has
/// neither triggers nor views (SQLite, "Defense Against The Dark Arts").
fn distrust(conn: &Connection) -> Result<(), rusqlite::Error> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    for off in [
        DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA,
        DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER,
        DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW,
    ] {
        conn.set_db_config(off, false)?;
    }
    Ok(())
}

fn remove_if_there(path: &Path) -> Result<(), OpenError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(OpenError::Io(error.into())),
        _ => Ok(()),
    }
}

/// Byte 18 of the header is 2 in WAL mode (SQLite file format, section 1.3).
fn is_in_wal_mode(header: &[u8]) -> bool {
    header[18] == 2
}

/// The path as a URI that says nobody changes the file (SQLite, "URI filenames").
fn immutable(path: &Path) -> PathBuf {
    let text = path.to_string_lossy().replace('\\', "/");
    let rooted = if text.starts_with('/') || !path.is_absolute() { text } else { format!("/{text}") };
    let mut uri = String::from("file:");
    for byte in rooted.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b':' => {
                uri.push(byte.into())
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    PathBuf::from(uri)
}

const MAGIC: &[u8] = b"SQLite format 3\0";
const HEADER_BYTES: usize = 100;
/// "Maru" in ASCII, as in `v1.sql`.
const APPLICATION: i64 = 0x4d61_7275;
/// How long one connection waits for another that holds the file for a moment.
pub(crate) const BUSY_MAX: Duration = Duration::from_secs(5);
/// KiB of pages that the writer keeps in memory: what it writes at one time, and the upper part of every index. More
/// is kept by the system.
const CACHE_KIB: i64 = 4 * 1024;
/// Statements a connection keeps prepared; there are fewer.
const STATEMENTS_MAX: usize = 64;
/// Bytes of the WAL that stay on disk when it begins anew.
const WAL_KEPT_BYTES_MAX: i64 = 8 * 1024 * 1024;
/// Pages of 4 KiB after which a commit itself empties the WAL.
const WAL_PAGES_MAX: i64 = 16 * 1024;
