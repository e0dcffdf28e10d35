//! The housekeeping of a log, in steps that nobody notices: what is trimmed goes from the file with all its traces,
//! what is new goes into the index, names of trimmed messages are forgotten in their time, and the WAL is emptied.

use std::time::Duration;

use maru_wire::limits::MESSAGE_ID_KNOWN_MS;
use maru_wire::{ChainHash, Seq};
use rusqlite::Connection;

use crate::generations::{self, Generation};
use crate::grams::{folded, tokens_of};
use crate::marks::Marks;
use crate::rows::{SAID, hash_of, seq_of, sql_number, sql_seq};
use crate::schema::BUSY_MAX;
use crate::store::{Store, WriteError};

/// Milliseconds within which `tend` wants to be called, also where nothing is said.
pub const TEND_INTERVAL_MS: u64 = 5_000;

/// What a step of housekeeping came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tended {
    /// The last place that is not kept any more, if that has moved since the last call.
    pub trimmed: Option<Seq>,
    /// Whether another step is due at once.
    pub more: bool,
}

/// Where the housekeeping stands.
#[derive(Debug)]
pub(crate) struct Tending {
    /// What the caller knows of trimming.
    told: Seq,
    /// Since when something waits to be trimmed, while it is too little to begin with.
    waits_since: Option<u64>,
    /// Trimming has begun and goes on until there is nothing left.
    is_trimming: bool,
    /// Trimmed text is still in the WAL.
    wipes: bool,
    /// When old names were last looked for.
    forgot_at: Option<u64>,
    /// Pages that the last checkpoint had to leave in the WAL, because a reader needs them.
    left_pages: i64,
}

impl Tending {
    pub(crate) fn new(told: Seq) -> Self {
        Self { told, waits_since: None, is_trimming: false, wipes: false, forgot_at: None, left_pages: 0 }
    }

    /// Whether to trim now: many at once, or a few that have waited.
    fn trims(&mut self, behind: u64, at: u64) -> bool {
        if behind == 0 {
            (self.waits_since, self.is_trimming) = (None, false);
            return false;
        }
        let since = *self.waits_since.get_or_insert(at);
        // A clock that was put back must not keep them.
        self.is_trimming |= behind >= TRIMMED_AT_ONCE || since.abs_diff(at) >= TRIM_WAIT_MS;
        self.is_trimming
    }

    fn forgets(&self, at: u64) -> bool {
        self.forgot_at.is_none_or(|last| last.abs_diff(at) >= FORGET_INTERVAL_MS)
    }
}

/// What one step does.
struct Step {
    /// Trim up to here.
    trim_to: Option<Seq>,
    index: bool,
    forget: bool,
    at: u64,
}

impl Store {
    /// One bounded step of housekeeping, `at` milliseconds since the Unix epoch. To be called while nobody waits, at
    /// least every [`TEND_INTERVAL_MS`], and again at once as long as there is more.
    pub fn tend(&mut self, at: u64) -> Result<Tended, WriteError> {
        self.connection()?;
        let head = self.head().seq;
        let trimmed = self.marks.trimmed(head);
        let step = Step {
            trim_to: self.tending.trims(trimmed.0 - self.marks.deleted.0, at).then_some(trimmed),
            index: self.indexes(head),
            forget: self.tending.forgets(at),
            at,
        };
        let mut forgets_more = false;
        if step.trim_to.is_some() || step.index || step.forget {
            let mut marks = self.marks.clone();
            forgets_more = self.transact(|conn| step.run(conn, &mut marks, head))?;
            self.has_outlived |= marks.deleted > self.marks.deleted;
            self.tending.wipes |= marks.deleted > self.marks.deleted;
            self.marks = marks;
            self.tending.forgot_at =
                if step.forget && !forgets_more { Some(at) } else { self.tending.forgot_at };
        }
        let trims_more = step.trim_to.is_some() && self.marks.deleted < trimmed;
        self.check_wal(trims_more)?;
        let told = std::mem::replace(&mut self.tending.told, trimmed);
        Ok(Tended {
            trimmed: (trimmed > told).then_some(trimmed),
            more: trims_more || forgets_more || self.indexes(head),
        })
    }

    /// Whether enough waits for the index. A few entries are read through by every search.
    fn indexes(&self, head: Seq) -> bool {
        let waiting = head.0 - self.marks.indexed.max(self.marks.trimmed(head)).0;
        waiting >= INDEXED_AT_ONCE && generations::are_worth_it(self.marks.keeps_last)
    }

    /// Empties the WAL where it has grown, or where it still holds trimmed text. A reader that stands in its way
    /// is not waited for: there is a next time.
    fn check_wal(&mut self, trims_more: bool) -> Result<(), WriteError> {
        let wipes = self.tending.wipes && !trims_more;
        let left_pages = self.tending.left_pages;
        let conn = self.connection()?;
        let outcome = checkpoint(conn, "NOOP").and_then(|wal| {
            if wipes {
                conn.busy_timeout(Duration::ZERO)?;
                let wiped = checkpoint(conn, "TRUNCATE");
                conn.busy_timeout(BUSY_MAX)?;
                wiped.map(Some)
            } else if wal.pages - wal.done >= CHECKPOINT_PAGES + left_pages {
                checkpoint(conn, "PASSIVE").map(Some)
            } else {
                Ok(None)
            }
        });
        if let Some(wal) = outcome.inspect_err(|error| self.handle_fault(error))? {
            self.tending.wipes &= !(wipes && !wal.is_busy && wal.pages == 0);
            self.tending.left_pages = wal.pages - wal.done;
        }
        Ok(())
    }
}

impl Step {
    /// Whether there are more names to forget.
    fn run(&self, conn: &Connection, marks: &mut Marks, head: Seq) -> rusqlite::Result<bool> {
        if let Some(trimmed) = self.trim_to {
            trim(conn, marks, trimmed, self.at)?;
        }
        if self.index {
            index(conn, marks, head)?;
        }
        marks.write(conn)?;
        if self.forget { forget(conn, self.at) } else { Ok(false) }
    }
}

/// Takes the oldest entries out of the file, and what they are found by once that has only such. Of a message its
/// name is left.
fn trim(conn: &Connection, marks: &mut Marks, trimmed: Seq, at: u64) -> rusqlite::Result<()> {
    let (deleted, indexed) = (marks.deleted, marks.indexed);
    let mut outlive = conn.prepare_cached(
        "INSERT OR REPLACE INTO outlived \
         SELECT member, message, seq, at, ?2, hash, nickname, number, host, ?3 FROM entries WHERE seq = ?1",
    )?;
    let (mut base, mut last) = (marks.base, deleted);
    each_text(conn, deleted, trimmed, |text| {
        if text.said.is_some() {
            outlive.execute((sql_seq(text.seq), base.0, sql_number(at)))?;
        }
        (base, last) = (text.hash, text.seq);
        Ok(())
    })?;
    if last > indexed {
        count_members(conn, indexed, last)?;
    }
    let delete = "DELETE FROM entries WHERE seq > ?1 AND seq <= ?2";
    conn.prepare_cached(delete)?.execute([sql_seq(deleted), sql_seq(last)])?;
    (marks.deleted, marks.base, marks.indexed) = (last, base, indexed.max(last));
    marks.trimmed = marks.trimmed.max(last);
    generations::drop_up_to(conn, last, marks.indexed)
}

/// Puts the next entries into the index.
fn index(conn: &Connection, marks: &mut Marks, head: Seq) -> rusqlite::Result<()> {
    let Generation { words, .. } = generations::current(conn, marks)?;
    let mut insert = conn.prepare_cached(&format!("INSERT INTO {words} (rowid, grams) VALUES (?1, ?2)"))?;
    let (indexed, mut last) = (marks.indexed, marks.indexed);
    each_text(conn, indexed, head, |text| {
        if let Some(said) = &text.said {
            insert.execute((sql_seq(text.seq), tokens_of(&folded(said))))?;
        }
        last = text.seq;
        Ok(())
    })?;
    count_members(conn, indexed, last)?;
    marks.indexed = last;
    Ok(())
}

/// Remembers who made the entries between two places.
fn count_members(conn: &Connection, after: Seq, up_to: Seq) -> rusqlite::Result<()> {
    let sql = "INSERT INTO members SELECT member, number, max(seq) FROM entries \
               WHERE seq > ?1 AND seq <= ?2 GROUP BY member \
               ON CONFLICT (member) DO UPDATE SET number = excluded.number, last_seq = excluded.last_seq";
    conn.prepare_cached(sql)?.execute([sql_seq(after), sql_seq(up_to)])?;
    Ok(())
}

/// Lets go of names whose time is over. Whether there are more of them.
fn forget(conn: &Connection, at: u64) -> rusqlite::Result<bool> {
    let outlived = "DELETE FROM outlived WHERE (member, message) IN \
                    (SELECT member, message FROM outlived WHERE trimmed_at < ?1 LIMIT ?2)";
    let until = sql_number(at.saturating_sub(MESSAGE_ID_KNOWN_MS));
    let forgotten = conn.prepare_cached(outlived)?.execute([until, FORGOTTEN_AT_ONCE])?;
    let members = "DELETE FROM members WHERE member IN (SELECT member FROM members WHERE last_seq <= \
                   (SELECT last_seq FROM members ORDER BY last_seq DESC LIMIT 1 OFFSET ?1) LIMIT ?2)";
    let unknown = conn.prepare_cached(members)?.execute([MEMBERS_KNOWN_MAX, FORGOTTEN_AT_ONCE])?;
    Ok([forgotten, unknown].iter().any(|count| sql_number(*count as u64) == FORGOTTEN_AT_ONCE))
}

/// What housekeeping has to know of an entry.
struct Text {
    seq: Seq,
    hash: ChainHash,
    said: Option<String>,
}

/// The entries between two places, as many as one step takes.
fn each_text(
    conn: &Connection,
    after: Seq,
    up_to: Seq,
    mut take: impl FnMut(Text) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let sql = "SELECT seq, hash, kind, text FROM entries WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query((sql_seq(after), sql_seq(up_to), STEP_ENTRIES_MAX))?;
    let mut bytes = 0;
    while bytes < STEP_BYTES_MAX
        && let Some(row) = rows.next()?
    {
        let said = if row.get_ref(2)?.as_str()? == SAID { row.get::<_, Option<String>>(3)? } else { None };
        bytes += said.as_ref().map_or(0, String::len);
        take(Text { seq: seq_of(row, 0)?, hash: hash_of(row, 1)?, said })?;
    }
    Ok(())
}

/// The state of the WAL after a checkpoint.
struct Wal {
    is_busy: bool,
    pages: i64,
    done: i64,
}

fn checkpoint(conn: &Connection, mode: &str) -> rusqlite::Result<Wal> {
    conn.prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))?
        .query_row((), |row| Ok(Wal { is_busy: row.get(0)?, pages: row.get(1)?, done: row.get(2)? }))
}

/// Entries in one step, so that whoever says something meanwhile waits for milliseconds.
const STEP_ENTRIES_MAX: i64 = 128;
/// Bytes of text in one step, for the same reason.
const STEP_BYTES_MAX: usize = 32 * 1024;
/// Entries that are worth a step of indexing. Fewer are read through by every search.
const INDEXED_AT_ONCE: u64 = STEP_ENTRIES_MAX as u64;
/// Entries that are worth trimming at once.
const TRIMMED_AT_ONCE: u64 = 512;
/// Milliseconds after which fewer are trimmed too: what is not kept is gone within a moment.
const TRIM_WAIT_MS: u64 = 2 * TEND_INTERVAL_MS;
/// Milliseconds between two looks for names whose time is over.
const FORGET_INTERVAL_MS: u64 = 60 * 60 * 1_000;
/// Names forgotten in one step.
const FORGOTTEN_AT_ONCE: i64 = 1_000;
/// Members whose numbers are remembered: as many as a room remembers.
const MEMBERS_KNOWN_MAX: i64 = 400_000;
/// Pages of 4 KiB in the WAL that are worth a checkpoint.
const CHECKPOINT_PAGES: i64 = 2_048;
