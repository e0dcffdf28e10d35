//! Entries as rows. What a newer version has written keeps its row and its kind, and is unknown here.

use std::collections::HashMap;

use maru_wire::{ChainHash, Entry, Happening, Member, MemberId, MessageId, MessageText, Nickname, Seq};
use rusqlite::Row;
use rusqlite::types::{Type, ValueRef};

/// The columns of an entry, in the order in which [`Rows::entry`] reads them.
pub(crate) const COLUMNS: &str = "seq, at, hash, member, nickname, number, host, kind, message, text";

pub(crate) const SAID: &str = "said";
pub(crate) const RENAMED: &str = "renamed";
const UNKNOWN: &str = "unknown";

/// Reads rows. Remembers names, because looking at each again costs more than all the rest of a row.
#[derive(Default)]
pub(crate) struct Rows {
    names: HashMap<Box<str>, Nickname>,
}

impl Rows {
    pub(crate) fn entry(&mut self, row: &Row<'_>) -> rusqlite::Result<Entry> {
        Ok(Entry {
            seq: seq_of(row, 0)?,
            at: row.get::<_, i64>(1)?.unsigned_abs(),
            hash: hash_of(row, 2)?,
            by: self.member(row, 3)?,
            what: self.happening(row)?,
        })
    }

    /// The four columns of a member: who, called what, with which number, hosting or not.
    pub(crate) fn member(&mut self, row: &Row<'_>, first: usize) -> rusqlite::Result<Member> {
        Ok(Member {
            id: MemberId::parse(text_of(row, first)?).map_err(|error| unreadable(first, error))?,
            nickname: self.nickname(text_of(row, first + 1)?, first + 1)?,
            number: row.get(first + 2)?,
            host: row.get(first + 3)?,
        })
    }

    fn happening(&mut self, row: &Row<'_>) -> rusqlite::Result<Happening> {
        Ok(match text_of(row, 7)? {
            SAID => Happening::Said {
                id: MessageId::parse(text_of(row, 8)?).map_err(|error| unreadable(8, error))?,
                text: MessageText::parse(text_of(row, 9)?).map_err(|error| unreadable(9, error))?,
            },
            RENAMED => Happening::Renamed { from: self.nickname(text_of(row, 9)?, 9)? },
            _ => Happening::Unknown,
        })
    }

    fn nickname(&mut self, text: &str, column: usize) -> rusqlite::Result<Nickname> {
        if let Some(name) = self.names.get(text) {
            return Ok(name.clone());
        }
        let name = Nickname::parse(text).map_err(|error| unreadable(column, error))?;
        if self.names.len() >= NAMES_MAX {
            self.names.clear();
        }
        self.names.insert(text.into(), name.clone());
        Ok(name)
    }
}

/// The last three columns of what happened: its kind, the message's name, and its text.
pub(crate) fn columns_of(what: &Happening) -> (&str, Option<&str>, Option<&str>) {
    match what {
        Happening::Said { id, text } => (SAID, Some(id.as_str()), Some(text.as_str())),
        Happening::Renamed { from } => (RENAMED, None, Some(from.as_str())),
        Happening::Unknown => (UNKNOWN, None, None),
    }
}

pub(crate) fn sql_seq(seq: Seq) -> i64 {
    sql_number(seq.0)
}

/// SQLite's integers have a sign; what does not fit is beyond every place and every time.
pub(crate) fn sql_number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn seq_of(row: &Row<'_>, column: usize) -> rusqlite::Result<Seq> {
    Ok(Seq(row.get::<_, i64>(column)?.unsigned_abs()))
}

pub(crate) fn hash_of(row: &Row<'_>, column: usize) -> rusqlite::Result<ChainHash> {
    row.get(column).map(ChainHash)
}

pub(crate) fn text_of<'row>(row: &'row Row<'_>, column: usize) -> rusqlite::Result<&'row str> {
    match row.get_ref(column)? {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_err(|error| unreadable(column, error)),
        other => Err(rusqlite::Error::InvalidColumnType(column, String::new(), other.data_type())),
    }
}

/// A column that holds what this program never writes there.
pub(crate) fn unreadable(
    column: usize,
    error: impl std::error::Error + Send + Sync + 'static,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}

/// Names remembered while rows are read: more than a page has, and little for a whole log.
const NAMES_MAX: usize = 1_024;
