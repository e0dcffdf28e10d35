//! Looking for words in the log. The index gives candidates and the text decides, so that nothing is found that is
//! not there; what is not indexed yet is read through.

use maru_room::log::PageBounds;
use maru_wire::limits::FOUND_ENTRIES_MAX;
use maru_wire::{Entry, SearchWords, Seq};
use rusqlite::Row;

use crate::generations::{self, Generation};
use crate::grams::{folded, question};
use crate::reader::{ReadError, Reader, View};
use crate::rows::{COLUMNS, Rows, seq_of, sql_seq, text_of};

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Messages that have all of the words, in the order of the log.
    pub entries: Vec<Entry>,
    /// Whether there are older ones.
    pub more: bool,
}

impl Reader {
    /// The latest messages before a place, or of all, that have all of the words: anywhere in them, also inside
    /// other words, in upper or lower case.
    pub fn search(&self, words: &SearchWords, before: Option<Seq>) -> Result<Found, ReadError> {
        self.view(|view| {
            let mut search = Search::new(words);
            let end = before.unwrap_or(view.head.next()).min(view.head.next());
            // Words that are everywhere are found soonest without the index.
            let unread =
                Seq(end.0.saturating_sub(1 + SCANNED_ENTRIES)).min(view.marks.indexed).max(view.trimmed);
            search.scan(view, end, unread)?;
            search.look_up(view, unread)?;
            search.entries.reverse();
            Ok(Found { entries: search.entries, more: search.more })
        })
    }
}

struct Search {
    /// In the form in which texts are compared.
    words: Vec<String>,
    bounds: PageBounds,
    /// The latest first.
    entries: Vec<Entry>,
    /// More were found than fit, so that it is over.
    more: bool,
    rows: Rows,
}

impl Search {
    fn new(words: &SearchWords) -> Self {
        Self {
            words: words.iter().map(folded).collect(),
            bounds: PageBounds::default(),
            entries: Vec::new(),
            more: false,
            rows: Rows::default(),
        }
    }

    /// Reads through what lies between two places.
    fn scan(&mut self, view: &View<'_>, end: Seq, after: Seq) -> rusqlite::Result<()> {
        let sql = format!(
            "SELECT {COLUMNS} FROM entries WHERE seq < ?1 AND seq > ?2 AND kind = 'said' ORDER BY seq DESC"
        );
        let mut statement = view.conn.prepare_cached(&sql)?;
        let mut rows = statement.query((sql_seq(end), sql_seq(after)))?;
        while !self.more
            && let Some(row) = rows.next()?
        {
            self.judge(row)?;
        }
        Ok(())
    }

    /// Asks the index for what lies up to a place.
    fn look_up(&mut self, view: &View<'_>, up_to: Seq) -> rusqlite::Result<()> {
        if self.more || up_to <= view.trimmed {
            return Ok(());
        }
        let question = question(&self.words);
        let sql = format!("SELECT {COLUMNS} FROM entries WHERE seq = ?1 AND kind = 'said'");
        let mut one = view.conn.prepare_cached(&sql)?;
        for Generation { words, begins_after } in generations::latest_first(view.conn)? {
            if self.more {
                break;
            }
            if begins_after >= up_to {
                continue;
            }
            let sql = format!(
                "SELECT rowid FROM {words} WHERE {words} MATCH ?1 AND rowid <= ?2 AND rowid > ?3 ORDER BY rowid DESC"
            );
            let mut statement = view.conn.prepare_cached(&sql)?;
            let mut candidates = statement.query((&question, sql_seq(up_to), sql_seq(view.trimmed)))?;
            while !self.more
                && let Some(candidate) = candidates.next()?
            {
                if let Some(row) = one.query([sql_seq(seq_of(candidate, 0)?)])?.next()? {
                    self.judge(row)?;
                }
            }
        }
        Ok(())
    }

    /// Takes a message if it has all of the words.
    fn judge(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        let text = folded(text_of(row, 9)?);
        if !self.words.iter().all(|word| text.contains(word.as_str())) {
            return Ok(());
        }
        let entry = self.rows.entry(row)?;
        self.more = self.entries.len() == FOUND_ENTRIES_MAX || !self.bounds.takes(&entry);
        if !self.more {
            self.entries.push(entry);
        }
        Ok(())
    }
}

/// The latest entries that every search reads through: as long as a look into the index takes.
const SCANNED_ENTRIES: u64 = 256;
