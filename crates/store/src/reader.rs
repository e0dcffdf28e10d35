//! Reading a log beside its writer: each question sees one state of it, and nothing that is trimmed.

use std::path::Path;

use maru_room::log::PageBounds;
use maru_room::{Page, Standing};
use maru_wire::{Cursor, Entry, RoomId, Seq};
use rusqlite::{Connection, Params};

use crate::beginning;
use crate::fault::{Fault, is_broken};
use crate::folder;
use crate::marks::{self, Marks};
use crate::rows::{COLUMNS, Rows, sql_seq};
use crate::schema::{self, Lying, OpenError, Schema};

/// Why a question to the log has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// The file is damaged.
    Broken(Fault),
    /// The disk or the system refused.
    Io(Fault),
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Broken(fault) => write!(f, "the room's log is damaged: {fault}"),
            Self::Io(fault) => write!(f, "the room's log could not be read: {fault}"),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<rusqlite::Error> for ReadError {
    fn from(error: rusqlite::Error) -> Self {
        if is_broken(&error) { Self::Broken(error.into()) } else { Self::Io(error.into()) }
    }
}

/// A read-only connection to a room's log. Any number of them may be open, one for each thread.
#[derive(Debug)]
pub struct Reader {
    pub(crate) conn: Connection,
}

/// One state of the log, for as long as a question takes.
pub(crate) struct View<'a> {
    pub(crate) conn: &'a Connection,
    pub(crate) marks: Marks,
    pub(crate) head: Seq,
    /// The last place that is not shown any more.
    pub(crate) trimmed: Seq,
}

impl Reader {
    /// Opens the log of a room that is in this folder.
    pub fn open(folder: &Path, room: &RoomId) -> Result<Self, OpenError> {
        let path = folder::log_in(folder);
        let conn = match Schema::current().look(&path, room)? {
            Lying::Nothing => return Err(OpenError::Missing),
            Lying::Log { is_backup, .. } => schema::reader(&path, is_backup)?,
        };
        Ok(Self { conn })
    }

    /// How a place that a returning member shows relates to the log: `Here`, or one of the reasons for a gap.
    pub fn standing(&self, cursor: &Cursor) -> Result<Standing, ReadError> {
        self.view(|view| {
            let (_, epoch) = marks::epoch(view.conn)?;
            let shared = if cursor.epoch == epoch {
                view.head
            } else {
                let formers = beginning::formers(view.conn)?;
                match formers.into_iter().find(|former| former.epoch == cursor.epoch) {
                    Some(former) => former.end,
                    None => return Ok(Standing::NewEpoch),
                }
            };
            if cursor.seq > shared {
                return Ok(Standing::Diverged);
            }
            if cursor.seq < view.trimmed {
                return Ok(Standing::Trimmed);
            }
            let hash = marks::hash_at(view.conn, &view.marks, cursor.seq)?;
            Ok(if hash == Some(cursor.hash) { Standing::Here(cursor.seq) } else { Standing::Diverged })
        })
    }

    /// The entries that follow a place, as many as fit a page. At least one, however large, if there is any.
    pub fn after(&self, seq: Seq) -> Result<Page, ReadError> {
        self.view(|view| view.after(seq))
    }

    /// The entries that precede a place, the latest of them that fit a page.
    pub fn before(&self, seq: Seq) -> Result<Page, ReadError> {
        self.view(|view| {
            let sql = format!("SELECT {COLUMNS} FROM entries WHERE seq < ?1 AND seq > ?2 ORDER BY seq DESC");
            let (mut entries, more) = view.page(&sql, (sql_seq(seq), sql_seq(view.trimmed)))?;
            entries.reverse();
            Ok(Page { entries, more })
        })
    }

    /// The entries from a place on, as many as fit a page; from the nearest one on where the place is not kept any
    /// more or not there yet.
    pub fn from(&self, seq: Seq) -> Result<Page, ReadError> {
        self.view(|view| view.after(Seq(seq.0.min(view.head.0).saturating_sub(1))))
    }

    /// Asks several things of one state of the log.
    pub(crate) fn view<T>(&self, ask: impl FnOnce(&View<'_>) -> rusqlite::Result<T>) -> Result<T, ReadError> {
        // Nothing is written in it, so that there is nothing to commit.
        let snapshot = self.conn.unchecked_transaction()?;
        let marks = Marks::read(&snapshot)?;
        let head = marks::head(&snapshot, &marks)?;
        let view = View { conn: &snapshot, trimmed: marks.trimmed(head), marks, head };
        Ok(ask(&view)?)
    }
}

impl View<'_> {
    fn after(&self, seq: Seq) -> rusqlite::Result<Page> {
        let sql = format!("SELECT {COLUMNS} FROM entries WHERE seq > ?1 ORDER BY seq");
        let (entries, more) = self.page(&sql, [sql_seq(seq.max(self.trimmed))])?;
        Ok(Page { entries, more })
    }

    /// As many of the rows as fit a page, and whether there are more.
    fn page(&self, sql: &str, params: impl Params) -> rusqlite::Result<(Vec<Entry>, bool)> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let (mut reading, mut bounds, mut entries) = (Rows::default(), PageBounds::default(), Vec::new());
        while let Some(row) = rows.next()? {
            let entry = reading.entry(row)?;
            if !bounds.takes(&entry) {
                return Ok((entries, true));
            }
            entries.push(entry);
        }
        Ok((entries, false))
    }
}
