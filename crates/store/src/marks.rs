//! What holds for the whole log: how far it is kept, trimmed and indexed. One row, read in each transaction.

use maru_wire::{ChainHash, Cursor, Epoch, Keeps, Seq};
use rusqlite::{Connection, OptionalExtension};

use crate::rows::{hash_of, seq_of, sql_seq};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Entries to keep; none for all.
    pub(crate) keeps_last: Option<u64>,
    /// Nothing up to this place is shown any more, whatever is kept from now on.
    pub(crate) trimmed: Seq,
    /// Nothing up to this place is in the file any more.
    pub(crate) deleted: Seq,
    /// The hash of the log up to `deleted`.
    pub(crate) base: ChainHash,
    /// What is in the index, and counted in `members`.
    pub(crate) indexed: Seq,
    pub(crate) is_backup: bool,
}

impl Marks {
    pub(crate) fn read(conn: &Connection) -> rusqlite::Result<Self> {
        let sql = "SELECT keeps_last, trimmed, deleted, base, indexed, is_backup FROM marks";
        conn.prepare_cached(sql)?.query_row((), |row| {
            Ok(Self {
                keeps_last: row.get::<_, Option<i64>>(0)?.and_then(|last| u64::try_from(last).ok()),
                trimmed: seq_of(row, 1)?,
                deleted: seq_of(row, 2)?,
                base: hash_of(row, 3)?,
                indexed: seq_of(row, 4)?,
                is_backup: row.get(5)?,
            })
        })
    }

    pub(crate) fn write(&self, conn: &Connection) -> rusqlite::Result<()> {
        let sql = "UPDATE marks SET keeps_last = ?1, trimmed = ?2, deleted = ?3, base = ?4, indexed = ?5, \
                   is_backup = ?6";
        conn.prepare_cached(sql)?.execute((
            self.keeps_last.and_then(|last| i64::try_from(last).ok()),
            sql_seq(self.trimmed),
            sql_seq(self.deleted),
            self.base.0,
            sql_seq(self.indexed),
            self.is_backup,
        ))?;
        Ok(())
    }

    /// The last place that is not shown any more, with the log at this head.
    pub(crate) fn trimmed(&self, head: Seq) -> Seq {
        let beyond = self.keeps_last.map_or(0, |last| head.0.saturating_sub(last));
        self.trimmed.max(Seq(beyond))
    }
}

/// Entries to keep; none for all.
pub(crate) fn keeps_last(keeps: Keeps) -> Option<u64> {
    match keeps {
        Keeps::Last { entries } => Some(u64::from(entries.max(1))),
        Keeps::Everything | Keeps::Nothing => None,
    }
}

/// The number and the name of the epoch that the log is in.
pub(crate) fn epoch(conn: &Connection) -> rusqlite::Result<(i64, Epoch)> {
    let sql = "SELECT number, epoch FROM epochs ORDER BY number DESC LIMIT 1";
    let (number, text): (i64, String) =
        conn.prepare_cached(sql)?.query_row((), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((number, epoch_of(&text)?))
}

pub(crate) fn epoch_of(text: &str) -> rusqlite::Result<Epoch> {
    Epoch::parse(text).map_err(|error| crate::rows::unreadable(0, error))
}

/// The place of the last entry.
pub(crate) fn head(conn: &Connection, marks: &Marks) -> rusqlite::Result<Seq> {
    let last: Option<i64> =
        conn.prepare_cached("SELECT max(seq) FROM entries")?.query_row((), |row| row.get(0))?;
    Ok(last.map_or(marks.deleted, |last| Seq(last.unsigned_abs())))
}

/// The hash of the log up to a place, if that is in the file.
pub(crate) fn hash_at(conn: &Connection, marks: &Marks, seq: Seq) -> rusqlite::Result<Option<ChainHash>> {
    if seq == marks.deleted {
        return Ok(Some(marks.base));
    }
    conn.prepare_cached("SELECT hash FROM entries WHERE seq = ?1")?
        .query_row([sql_seq(seq)], |row| hash_of(row, 0))
        .optional()
}

/// The place of the last entry by all of its names, and the number of its epoch.
pub(crate) fn head_cursor(conn: &Connection, marks: &Marks) -> rusqlite::Result<(i64, Cursor)> {
    let (number, epoch) = epoch(conn)?;
    let seq = head(conn, marks)?;
    let hash = hash_at(conn, marks, seq)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    Ok((number, Cursor { epoch, seq, hash }))
}
