//! One notebook as a SQLite file: what was heard of a room, the place, and the lines still to be said. A transaction
//! is on disk once it is committed (WAL, `synchronous=FULL`). Knows no thread and no lock.

use std::path::Path;

use maru_wire::limits::{MIRROR_BYTES_MAX, MIRROR_ENTRIES_MAX, OUTBOX_MESSAGES_MAX};
use maru_wire::{ChainHash, Cursor, Entry, Epoch, MessageId, MessageText, RefusalCode, RoomId, Seq};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, Transaction, params};
use rusqlite_migration::{M, Migrations};

use crate::session::{Keeping, Kept, Known, Line, Restored};

/// An open notebook.
#[derive(Debug)]
pub(super) struct NotebookFile {
    connection: Connection,
}

/// Why a file is no notebook that can be used.
#[derive(Debug)]
pub(super) enum FileError {
    /// A newer version has written it. It was left as it is.
    Newer,
    /// It is that of a room whose identifier differs in upper and lower case alone, on a disk to which both are one
    /// name. It was left as it is.
    SameName,
    /// It is no notebook, or one of another room. The lines are those that could be read nevertheless.
    Broken { waiting: Vec<Line>, failed: Vec<(Line, RefusalCode)> },
    /// The system does not let us.
    Io(rusqlite::Error),
}

impl NotebookFile {
    /// Opens a file of at most `bytes_max`, or makes it, and reads what it holds.
    pub(super) fn open(path: &Path, room: &RoomId, bytes_max: u64) -> Result<(Self, Restored), FileError> {
        let mut connection = Connection::open(path)?;
        // Looking must not change a file that is not ours to change.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if version as usize > MIGRATIONS.len() {
            return Err(FileError::Newer);
        }
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        connection.execute_batch(PRAGMAS)?;
        let pages_max = i64::try_from(bytes_max / PAGE_BYTES).unwrap_or(i64::MAX);
        connection.query_row(&format!("PRAGMA max_page_count = {pages_max}"), [], |_| Ok(()))?;
        Migrations::from_slice(MIGRATIONS).to_latest(&mut connection).map_err(|error| match error {
            rusqlite_migration::Error::RusqliteError { err, .. } => FileError::from(err),
            _ => FileError::Broken { waiting: Vec::new(), failed: Vec::new() },
        })?;
        let mut file = Self { connection };
        let restored = file.restored(room)?;
        Ok((file, restored))
    }

    /// Writes all of it or nothing. After it returns, a power cut does not take it back.
    pub(super) fn write(&mut self, keepings: &[Keeping]) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        for keeping in keepings {
            write(&transaction, keeping)?;
        }
        transaction.commit()
    }

    fn restored(&mut self, room: &RoomId) -> Result<Restored, FileError> {
        self.connection.execute("INSERT OR IGNORE INTO room (only, id) VALUES (1, ?1)", [room.as_str()])?;
        let id: String = self.connection.query_row("SELECT id FROM room", [], |row| row.get(0))?;
        if id != room.as_str() && id.eq_ignore_ascii_case(room.as_str()) {
            return Err(FileError::SameName);
        }
        let (waiting, failed) = self.lines()?;
        let kept = match self.kept() {
            Ok(kept) if id == room.as_str() => kept,
            Ok(_) => return Err(FileError::Broken { waiting: Vec::new(), failed: Vec::new() }),
            Err(error) if is_broken(&error) => return Err(FileError::Broken { waiting, failed }),
            Err(error) => return Err(FileError::Io(error)),
        };
        Ok(Restored { room: room.clone(), kept, waiting, failed })
    }

    #[allow(clippy::type_complexity, reason = "it is the two lists of an outbox")]
    fn lines(&self) -> rusqlite::Result<(Vec<Line>, Vec<(Line, RefusalCode)>)> {
        let (mut waiting, mut failed) = (Vec::new(), Vec::new());
        let mut rows =
            self.connection.prepare("SELECT id, text, at, code FROM lines ORDER BY place LIMIT ?1")?;
        let mut rows = rows.query([2 * OUTBOX_MESSAGES_MAX])?;
        while let Some(row) = rows.next()? {
            let line = line_of(row)?;
            match row.get::<_, Option<String>>(3)? {
                None => waiting.push(line),
                Some(code) => failed.push((line, read_json(3, &format!("\"{code}\""))?)),
            }
        }
        Ok((waiting, failed))
    }

    fn kept(&self) -> rusqlite::Result<Option<Kept>> {
        let known = "SELECT known, epoch, seq, hash, older FROM room WHERE known IS NOT NULL";
        let row = self.connection.query_row(known, [], |row| {
            let known: KnownRow = read_json(0, &row.get::<_, String>(0)?)?;
            let epoch = Epoch::parse(&row.get::<_, String>(1)?).map_err(|error| unreadable(1, error))?;
            let seq = Seq(row.get(2)?);
            let hash = ChainHash::try_from(row.get::<_, String>(3)?).map_err(|error| unreadable(3, error))?;
            Ok((known, Cursor { epoch, seq, hash }, row.get::<_, bool>(4)?))
        });
        let Some((known, cursor, older)) = row.optional()? else { return Ok(None) };
        let mut rows = self
            .connection
            .prepare("SELECT entry FROM entries WHERE seq <= ?1 ORDER BY seq DESC LIMIT ?2")?;
        let mut rows = rows.query(params![cursor.seq.0, MIRROR_ENTRIES_MAX])?;
        let (mut entries, mut bytes): (Vec<Entry>, usize) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let text: String = row.get(0)?;
            bytes += text.len();
            let entry: Entry = read_json(0, &text)?;
            let due = entries.last().map_or(cursor.seq.0, |after| after.seq.0.saturating_sub(1));
            if entry.seq.0 != due {
                return Err(unreadable(0, "a hole"));
            }
            // Where every character is escaped, a text takes twice as much here.
            if bytes > 2 * MIRROR_BYTES_MAX + MIRROR_ENTRIES_MAX * ENTRY_SPARE_BYTES {
                break;
            }
            entries.push(entry);
        }
        entries.reverse();
        Ok(Some(Kept { known: known.into(), cursor, older, entries }))
    }
}

fn write(to: &Transaction<'_>, keeping: &Keeping) -> rusqlite::Result<()> {
    match keeping {
        Keeping::Begun(kept) => {
            to.execute("DELETE FROM entries", [])?;
            write_known(to, &kept.known)?;
            write_place(to, &kept.cursor)?;
            to.execute("UPDATE room SET older = ?1", [kept.older])?;
            write_entries(to, &kept.entries)
        }
        Keeping::Known(known) => write_known(to, known),
        Keeping::Heard { cursor, entries, oldest } => {
            write_place(to, cursor)?;
            write_entries(to, entries)?;
            if to.execute("DELETE FROM entries WHERE seq < ?1", [oldest.0])? > 0 {
                to.execute("UPDATE room SET older = 1", [])?;
            }
            Ok(())
        }
        Keeping::Earlier { entries, older } => {
            write_entries(to, entries)?;
            to.execute("UPDATE room SET older = ?1", [older]).map(drop)
        }
        Keeping::Nothing => {
            to.execute("DELETE FROM entries", [])?;
            to.execute("UPDATE room SET known = NULL, epoch = NULL, seq = NULL, hash = NULL, older = 0", [])
                .map(drop)
        }
        Keeping::Queued(line) => {
            to.execute("DELETE FROM lines WHERE id = ?1", [line.id.as_str()])?;
            let sql = "INSERT INTO lines (place, id, text, at)
                VALUES ((SELECT coalesce(max(place), 0) + 1 FROM lines), ?1, ?2, ?3)";
            to.prepare_cached(sql)?.execute(params![line.id.as_str(), line.text.as_str(), line.at]).map(drop)
        }
        Keeping::Settled(id) => {
            to.prepare_cached("DELETE FROM lines WHERE id = ?1")?.execute([id.as_str()]).map(drop)
        }
        Keeping::Failed { id, code } => {
            let code = serde_json::to_value(code).ok();
            let code = code.as_ref().and_then(|code| code.as_str()).unwrap_or("unknown");
            let sql = "UPDATE lines SET code = ?2, place = (SELECT max(place) + 1 FROM lines) WHERE id = ?1";
            to.execute(sql, [id.as_str(), code])?;
            // As many failed lines as an outbox holds; the latest are those that are still of interest.
            let sql = "DELETE FROM lines WHERE place IN (SELECT place FROM lines WHERE code IS NOT NULL
                ORDER BY place DESC LIMIT -1 OFFSET ?1)";
            to.execute(sql, [OUTBOX_MESSAGES_MAX]).map(drop)
        }
    }
}

fn write_known(to: &Transaction<'_>, known: &Known) -> rusqlite::Result<()> {
    let known = serde_json::to_string(&KnownRow::from(known.clone()));
    to.execute("UPDATE room SET known = ?1", [known.map_err(|error| unreadable(0, error))?]).map(drop)
}

fn write_place(to: &Transaction<'_>, cursor: &Cursor) -> rusqlite::Result<()> {
    let place = params![cursor.epoch.as_str(), cursor.seq.0, String::from(cursor.hash)];
    to.prepare_cached("UPDATE room SET epoch = ?1, seq = ?2, hash = ?3")?.execute(place).map(drop)
}

fn write_entries(to: &Transaction<'_>, entries: &[Entry]) -> rusqlite::Result<()> {
    let mut insert = to.prepare_cached("INSERT OR REPLACE INTO entries (seq, entry) VALUES (?1, ?2)")?;
    for entry in entries {
        let text = serde_json::to_string(entry).map_err(|error| unreadable(1, error))?;
        insert.execute(params![entry.seq.0, text])?;
    }
    Ok(())
}

fn line_of(row: &Row<'_>) -> rusqlite::Result<Line> {
    let id = MessageId::parse(&row.get::<_, String>(0)?).map_err(|error| unreadable(0, error))?;
    let text = MessageText::parse(&row.get::<_, String>(1)?).map_err(|error| unreadable(1, error))?;
    Ok(Line { id, text, at: row.get(2)? })
}

/// [`Known`], as it is written.
#[derive(serde::Serialize, serde::Deserialize)]
struct KnownRow {
    name: String,
    you: maru_wire::Member,
    limits: maru_wire::StatedLimits,
    can: Vec<String>,
    keeps: maru_wire::Keeps,
}

impl From<Known> for KnownRow {
    fn from(known: Known) -> Self {
        let Known { name, you, limits, can, keeps } = known;
        Self { name, you, limits, can, keeps }
    }
}

impl From<KnownRow> for Known {
    fn from(row: KnownRow) -> Self {
        let KnownRow { name, you, limits, can, keeps } = row;
        Self { name, you, limits, can, keeps }
    }
}

impl From<rusqlite::Error> for FileError {
    fn from(error: rusqlite::Error) -> Self {
        if is_broken(&error) {
            Self::Broken { waiting: Vec::new(), failed: Vec::new() }
        } else {
            Self::Io(error)
        }
    }
}

/// Whether the content is at fault and not the system.
fn is_broken(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => {
            // The last is what SQLite says where a table or a column is missing.
            matches!(failure.code, ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::Unknown)
        }
        _ => true,
    }
}

fn read_json<T: serde::de::DeserializeOwned>(column: usize, text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text).map_err(|error| unreadable(column, error))
}

fn unreadable(column: usize, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into())
}

const MIGRATIONS: &[M<'_>] = &[M::up(include_str!("schema.sql"))];

/// One process alone has the file, so that no shared memory lies beside it; what was deleted is gone from it.
const PRAGMAS: &str = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 4194304;";

/// SQLite's own default.
const PAGE_BYTES: u64 = 4_096;

/// Bytes that an entry takes beside its text: names, hash and the words between.
const ENTRY_SPARE_BYTES: usize = 3 * 1024;

#[cfg(test)]
mod tests;
