//! The one writer of a room's log. What `write` returned as written is on disk; what it refused is nowhere, and the
//! store goes on.

use std::path::{Path, PathBuf};

use maru_room::{Draft, Restored, Written, entry_after};
use maru_wire::{Cursor, Entry, Happening, Keeps, Member, MemberId, MessageId, RoomId};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::StoreOptions;
use crate::beginning;
use crate::fault::{Fault, is_full};
use crate::folder::{self, WriterLock};
use crate::marks::{self, Marks};
use crate::reader::Reader;
use crate::rows::{COLUMNS, Rows, columns_of, hash_of, seq_of, sql_number, sql_seq};
use crate::schema::{self, OpenError, Schema};
use crate::tending::Tending;

/// Why nothing of what was to be written is kept. The store lives on, and a later call may succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteError {
    /// There is no room on the disk.
    DiskFull,
    /// The disk or the system refused.
    Io(Fault),
}

impl std::fmt::Display for WriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::DiskFull => f.write_str("the disk is full, so nothing can be kept; make room on it"),
            Self::Io(fault) => write!(f, "the room's log could not be written: {fault}"),
        }
    }
}

impl std::error::Error for WriteError {}

impl From<rusqlite::Error> for WriteError {
    fn from(error: rusqlite::Error) -> Self {
        if is_full(&error) { Self::DiskFull } else { Self::Io(error.into()) }
    }
}

/// The one writer of a room's log.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    room: RoomId,
    /// None after a fault that may have left it in disorder, until the next call opens it again.
    conn: Option<Connection>,
    epoch_number: i64,
    /// The last entry that is on disk.
    head: Cursor,
    /// As they are on disk: nobody else writes them.
    pub(crate) marks: Marks,
    /// Whether names of trimmed messages have to be looked at.
    pub(crate) has_outlived: bool,
    pub(crate) tending: Tending,
    /// Given back last, when the connection is closed.
    _lock: WriterLock,
}

impl Store {
    /// Begins the log in a folder or goes on with the one that is there, and gives out what its room goes on from.
    pub fn open(folder: &Path, options: &StoreOptions) -> Result<(Self, Restored), OpenError> {
        Self::open_with(&Schema::current(), folder, options)
    }

    pub(crate) fn open_with(
        schema: &Schema,
        folder: &Path,
        options: &StoreOptions,
    ) -> Result<(Self, Restored), OpenError> {
        if options.keeps == Keeps::Nothing {
            return Err(OpenError::KeepsNothing);
        }
        folder::private_folder(folder).map_err(|error| OpenError::Io(error.into()))?;
        let lock = folder::lock(folder)?;
        let lying = schema.look(&folder::log_in(folder), &options.room)?;
        let conn = schema.open(folder, lying)?;
        // In one, so that a log which turns out to be broken stays as it is.
        let (marks, restored) = in_transaction(&conn, |conn| {
            let marks = beginning::begin(conn, options)?;
            let restored = beginning::restored(conn, &marks)?;
            Ok((marks, restored))
        })?;
        let (epoch_number, head) = marks::head_cursor(&conn, &marks)?;
        let has_outlived = has_outlived(&conn)?;
        let store = Self {
            folder: folder.to_path_buf(),
            room: options.room.clone(),
            has_outlived,
            tending: Tending::new(restored.trimmed),
            conn: Some(conn),
            epoch_number,
            head,
            marks,
            _lock: lock,
        };
        Ok((store, restored))
    }

    /// Writes drafts in one transaction and returns what became of each, in their order. When it returns, a power
    /// cut does not take them back; when it fails, nothing of them is kept.
    pub fn write(&mut self, drafts: Vec<Draft>) -> Result<Vec<Written>, WriteError> {
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        self.connection()?;
        let mut writing =
            Writing { head: self.head.clone(), epoch: self.epoch_number, looks_back: self.has_outlived };
        let written = self.transact(|conn| {
            drafts.into_iter().map(|draft| writing.write(conn, draft)).collect::<rusqlite::Result<Vec<_>>>()
        })?;
        self.head = writing.head;
        Ok(written)
    }

    /// Whether the disk takes anything: for the time after it did not.
    pub fn probe(&mut self) -> Result<(), WriteError> {
        self.connection()?;
        let marks = self.marks.clone();
        self.transact(|conn| marks.write(conn))
    }

    /// A reader of this log, for any thread.
    pub fn reader(&self) -> Result<Reader, OpenError> {
        Reader::open(&self.folder, &self.room)
    }

    /// The place of the last entry.
    pub fn head(&self) -> &Cursor {
        &self.head
    }

    /// Does something in one transaction, all of it or nothing.
    pub(crate) fn transact<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, WriteError> {
        let outcome = in_transaction(self.connection()?, work);
        outcome.map_err(|error| {
            self.handle_fault(&error);
            error.into()
        })
    }

    /// Commits from here on may be taken back by a power cut: what the power-cut test has to find.
    #[cfg(feature = "faults")]
    pub fn plant_weak_commits(&mut self) {
        let conn = self.conn.as_ref().expect("a store that was just opened");
        conn.pragma_update(None, "synchronous", "NORMAL").expect("a setting of the connection");
    }

    /// A commit of housekeeping seemed to fail, and is found when the log is opened again.
    #[cfg(test)]
    pub(crate) fn forget_marks(&mut self, marks: Marks) {
        (self.marks, self.conn) = (marks, None);
    }

    #[cfg(test)]
    pub(crate) fn forget_to(&mut self, head: Cursor) {
        (self.head, self.conn) = (head, None);
    }

    /// The connection, opened again if a fault has closed it.
    pub(crate) fn connection(&mut self) -> Result<&Connection, WriteError> {
        if self.conn.is_none() {
            let conn = schema::writer(&folder::log_in(&self.folder))?;
            // A commit that failed when it was nearly through may be found again: what was said was refused, so it
            // must go, while housekeeping stays done.
            let (marks, has_outlived) = in_transaction(&conn, |conn| {
                conn.execute("DELETE FROM entries WHERE seq > ?1", [sql_seq(self.head.seq)])?;
                Ok((Marks::read(conn)?, has_outlived(conn)?))
            })?;
            (self.marks, self.has_outlived, self.conn) = (marks, has_outlived, Some(conn));
        }
        Ok(self.conn.as_ref().expect("just opened"))
    }

    /// A full disk leaves the connection in order. After anything else a new one is the safe way.
    pub(crate) fn handle_fault(&mut self, error: &rusqlite::Error) {
        if !is_full(error) || self.conn.as_ref().is_some_and(|conn| !conn.is_autocommit()) {
            self.conn = None;
        }
    }
}

/// Whether there are names of trimmed messages.
fn has_outlived(conn: &Connection) -> rusqlite::Result<bool> {
    conn.prepare("SELECT 1 FROM outlived LIMIT 1")?.exists(())
}

/// Does something between BEGIN and COMMIT; takes it back when either fails.
pub(crate) fn in_transaction<T>(
    conn: &Connection,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let run = |sql| conn.prepare_cached(sql)?.execute(());
    run("BEGIN IMMEDIATE")?;
    let outcome = work(conn).and_then(|done| run("COMMIT").map(|_| done));
    // Some errors have rolled it back already (SQLite, "Response To Errors Within A Transaction").
    if outcome.is_err() && !conn.is_autocommit() {
        // Whether it worked shows in `is_autocommit`; the first error is the one to tell.
        let _ = run("ROLLBACK");
    }
    outcome
}

/// The way of drafts into the log, within a transaction.
struct Writing {
    head: Cursor,
    epoch: i64,
    /// Whether there are names of trimmed messages.
    looks_back: bool,
}

impl Writing {
    fn write(&mut self, conn: &Connection, draft: Draft) -> rusqlite::Result<Written> {
        if self.looks_back
            && let Happening::Said { id, .. } = &draft.what
            && let Some(outlived) = Outlived::find(conn, &self.head, &draft.by.id, id)?
        {
            return Ok(outlived.compare(draft));
        }
        let entry = entry_after(&self.head, draft);
        if !self.insert(conn, &entry)? {
            return known(conn, &entry);
        }
        (self.head.seq, self.head.hash) = (entry.seq, entry.hash);
        Ok(Written::New(entry))
    }

    /// Whether its message was not in the log before.
    fn insert(&self, conn: &Connection, entry: &Entry) -> rusqlite::Result<bool> {
        let (kind, message, text) = columns_of(&entry.what);
        let mut statement = conn.prepare_cached(INSERT)?;
        let rows = statement.execute((
            sql_seq(entry.seq),
            self.epoch,
            sql_number(entry.at),
            entry.hash.0,
            entry.by.id.as_str(),
            entry.by.nickname.as_str(),
            entry.by.number,
            entry.by.host,
            kind,
            message,
            text,
        ))?;
        Ok(rows > 0)
    }
}

/// What saying something again comes to that is in the log under the same name.
fn known(conn: &Connection, again: &Entry) -> rusqlite::Result<Written> {
    let (_, message, _) = columns_of(&again.what);
    let sql = format!("SELECT {COLUMNS} FROM entries WHERE member = ?1 AND message = ?2");
    let first = conn
        .prepare_cached(&sql)?
        .query_row((again.by.id.as_str(), message), |row| Rows::default().entry(row))?;
    Ok(if first.what == again.what { Written::Known(first) } else { Written::IdReused })
}

/// A message that was trimmed and whose name is still known. Its text is not: whether a text is the same shows in
/// the hash that it makes.
struct Outlived {
    by: Member,
    at: u64,
    before: Cursor,
    entry_hash: maru_wire::ChainHash,
}

impl Outlived {
    fn find(
        conn: &Connection,
        head: &Cursor,
        by: &MemberId,
        id: &MessageId,
    ) -> rusqlite::Result<Option<Self>> {
        let sql = "SELECT member, nickname, number, host, seq, at, before, hash FROM outlived \
                   WHERE member = ?1 AND message = ?2";
        let read = |row: &Row<'_>| {
            let mut before = head.clone();
            (before.seq, before.hash) =
                (maru_wire::Seq(seq_of(row, 4)?.0.saturating_sub(1)), hash_of(row, 6)?);
            let at = row.get::<_, i64>(5)?.unsigned_abs();
            Ok(Self { by: Rows::default().member(row, 0)?, at, before, entry_hash: hash_of(row, 7)? })
        };
        conn.prepare_cached(sql)?.query_row((by.as_str(), id.as_str()), read).optional()
    }

    fn compare(self, again: Draft) -> Written {
        let entry = entry_after(&self.before, Draft { by: self.by, what: again.what, at: self.at });
        if entry.hash == self.entry_hash { Written::Known(entry) } else { Written::IdReused }
    }
}

const INSERT: &str = "INSERT INTO entries \
    (seq, epoch, at, hash, member, nickname, number, host, kind, message, text) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
    ON CONFLICT (message, member) WHERE message IS NOT NULL DO NOTHING";
