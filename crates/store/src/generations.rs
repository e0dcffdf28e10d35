//! The stretches of a log that are indexed together and leave the index together, once all of their entries are
//! trimmed. Until then the index holds pieces of two or three letters of entries that are gone, never their text.

use maru_wire::Seq;
use rusqlite::Connection;

use crate::marks::Marks;
use crate::rows::{seq_of, sql_seq};

/// One stretch. It ends where the next one begins.
pub(crate) struct Generation {
    /// Its full-text table.
    pub(crate) words: String,
    pub(crate) begins_after: Seq,
}

/// Whether a log of which that much is kept has an index at all. A short one is read through.
pub(crate) fn are_worth_it(keeps_last: Option<u64>) -> bool {
    keeps_last.is_none_or(|last| last > READ_THROUGH_ENTRIES_MAX)
}

/// All of them.
pub(crate) fn latest_first(conn: &Connection) -> rusqlite::Result<Vec<Generation>> {
    let sql = "SELECT number, begins_after FROM generations ORDER BY number DESC";
    let mut statement = conn.prepare_cached(sql)?;
    let generations = statement.query_map((), |row| {
        Ok(Generation { words: format!("words_{}", row.get::<_, i64>(0)?), begins_after: seq_of(row, 1)? })
    })?;
    generations.collect()
}

/// The one that takes the next entries; a new one where the latest is complete.
pub(crate) fn current(conn: &Connection, marks: &Marks) -> rusqlite::Result<Generation> {
    let latest = latest_first(conn)?.into_iter().next();
    let part = marks.keeps_last.map_or(GENERATION_ENTRIES_MAX, |last| last / PARTS);
    let size = part.clamp(GENERATION_ENTRIES_MIN, GENERATION_ENTRIES_MAX);
    if let Some(latest) = latest
        && marks.indexed.0 - latest.begins_after.0 < size
    {
        return Ok(latest);
    }
    conn.execute("INSERT INTO generations (begins_after) VALUES (?1)", [sql_seq(marks.indexed)])?;
    let words = format!("words_{}", conn.last_insert_rowid());
    conn.execute_batch(&format!(
        "CREATE VIRTUAL TABLE {words} USING fts5 \
         (grams, content = '', columnsize = 0, detail = none, tokenize = 'ascii')"
    ))?;
    Ok(Generation { words, begins_after: marks.indexed })
}

/// Drops those that hold nothing beyond a place.
pub(crate) fn drop_up_to(conn: &Connection, deleted: Seq, indexed: Seq) -> rusqlite::Result<()> {
    let mut end = indexed;
    for Generation { words, begins_after } in latest_first(conn)? {
        if end <= deleted {
            conn.execute_batch(&format!("DROP TABLE {words}"))?;
            conn.execute("DELETE FROM generations WHERE 'words_' || number = ?1", [words])?;
        }
        end = begins_after;
    }
    Ok(())
}

/// Entries of a log that every search reads through: some milliseconds.
const READ_THROUGH_ENTRIES_MAX: u64 = 2_000;
/// Generations in which what is kept lies: so much more than that is indexed.
const PARTS: u64 = 4;
/// Fewer entries would make many small tables.
const GENERATION_ENTRIES_MIN: u64 = 1_000;
/// With more, dropping one would hold up the room.
const GENERATION_ENTRIES_MAX: u64 = 32_768;
