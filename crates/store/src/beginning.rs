//! What an opening changes in a log: a new one begins its first epoch, a restored backup its next, and what is kept
//! may be another choice than before. Gives out what the room goes on from.

use maru_room::log::{FormerEpoch, Restored, first_hash, travel_bytes};
use maru_wire::limits::{TAIL_BYTES_MAX, TAIL_ENTRIES_MAX};
use maru_wire::{Entry, MemberId, Seq};
use rusqlite::Connection;

use crate::StoreOptions;
use crate::marks::{self, Marks, epoch_of, keeps_last};
use crate::rows::{COLUMNS, Rows, seq_of, sql_number, sql_seq, text_of, unreadable};

/// Begins or goes on with the log, as the options say. Part of a transaction.
pub(crate) fn begin(conn: &Connection, options: &StoreOptions) -> rusqlite::Result<Marks> {
    let is_new = !conn.prepare("SELECT 1 FROM marks")?.exists(())?;
    if is_new {
        let first = "INSERT INTO marks VALUES (1, ?1, NULL, 0, 0, ?2, 0, 0)";
        conn.execute(first, (options.room.as_str(), first_hash(&options.epoch_if_new).0))?;
        begin_epoch(conn, options.epoch_if_new.as_str(), Seq(0), options.at)?;
    }
    let mut marks = Marks::read(conn)?;
    let head = marks::head(conn, &marks)?;
    if marks.is_backup {
        // Others may have heard what this copy lacks, in the epoch that it left.
        begin_epoch(conn, options.next_epoch.as_str(), head, options.at)?;
        marks.is_backup = false;
    }
    // What was hidden stays hidden, also when more is kept from now on.
    marks.trimmed = marks.trimmed(head);
    marks.keeps_last = keeps_last(options.keeps);
    marks.write(conn)?;
    Ok(marks)
}

/// What the room goes on from.
pub(crate) fn restored(conn: &Connection, marks: &Marks) -> rusqlite::Result<Restored> {
    let (_, head) = marks::head_cursor(conn, marks)?;
    let trimmed = marks.trimmed(head.seq);
    let tail = tail(conn, trimmed)?;
    let before =
        Seq(head.seq.0.checked_sub(tail.len() as u64).ok_or(rusqlite::Error::QueryReturnedNoRows)?);
    let is_dense = tail.iter().zip(before.0 + 1..).all(|(entry, seq)| entry.seq.0 == seq);
    let is_in_order = marks.deleted <= trimmed && marks.deleted <= marks.indexed && marks.indexed <= head.seq;
    if !is_dense || !is_in_order {
        return Err(rusqlite::Error::QueryReturnedNoRows);
    }
    let base = marks::hash_at(conn, marks, before)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    Ok(Restored { formers: formers(conn)?, base, tail, trimmed, members: members(conn, marks)?, head })
}

/// The latest epochs before the one the log is in, each with the last place it shares with it.
pub(crate) fn formers(conn: &Connection) -> rusqlite::Result<Vec<FormerEpoch>> {
    let sql = "SELECT former.epoch, next.begins_after FROM epochs AS former \
               JOIN epochs AS next ON next.number = former.number + 1 ORDER BY former.number DESC LIMIT ?1";
    let mut statement = conn.prepare_cached(sql)?;
    let mut formers = statement
        .query_map([FORMER_EPOCHS_MAX], |row| {
            Ok(FormerEpoch { epoch: epoch_of(text_of(row, 0)?)?, end: seq_of(row, 1)? })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    formers.reverse();
    Ok(formers)
}

fn begin_epoch(conn: &Connection, epoch: &str, after: Seq, at: u64) -> rusqlite::Result<()> {
    let sql = "INSERT INTO epochs (epoch, begins_after, at) VALUES (?1, ?2, ?3)";
    conn.execute(sql, (epoch, sql_seq(after), sql_number(at)))?;
    Ok(())
}

/// The latest entries, as many as a room has in memory.
fn tail(conn: &Connection, trimmed: Seq) -> rusqlite::Result<Vec<Entry>> {
    let sql = format!("SELECT {COLUMNS} FROM entries WHERE seq > ?1 ORDER BY seq DESC LIMIT ?2");
    let mut statement = conn.prepare(&sql)?;
    let mut rows = statement.query((sql_seq(trimmed), sql_number(TAIL_ENTRIES_MAX as u64)))?;
    let (mut reading, mut tail, mut bytes) = (Rows::default(), Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let entry = reading.entry(row)?;
        bytes += travel_bytes(&entry);
        if bytes > TAIL_BYTES_MAX && !tail.is_empty() {
            break;
        }
        tail.push(entry);
    }
    tail.reverse();
    Ok(tail)
}

/// Everybody who has said something, by number, those of the entries that `tend` has not counted yet included.
fn members(conn: &Connection, marks: &Marks) -> rusqlite::Result<Vec<(MemberId, u32)>> {
    // SQLite takes `number` from the row with the maximum (SELECT, section 2.5, "bare columns").
    let sql = "SELECT member, number, max(last_seq) FROM ( \
                   SELECT member, number, last_seq FROM members \
                   UNION ALL SELECT member, number, max(seq) FROM entries WHERE seq > ?1 GROUP BY member \
               ) GROUP BY member ORDER BY number";
    let mut statement = conn.prepare(sql)?;
    let members = statement.query_map([sql_seq(marks.indexed)], |row| {
        let id = MemberId::parse(text_of(row, 0)?).map_err(|error| unreadable(0, error))?;
        Ok((id, row.get(1)?))
    })?;
    members.collect()
}

/// Former epochs that are remembered: whoever slept through that many restores hears that it is a new log.
const FORMER_EPOCHS_MAX: i64 = 16;
