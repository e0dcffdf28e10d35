//! The entries of a room in their order, dense from 1, each chained to all before it. Bounded: the oldest are
//! trimmed, and whoever stood before them is told.

use std::collections::VecDeque;

use maru_wire::limits::{LOG_BYTES_MAX, LOG_ENTRIES_MAX, PAGE_BYTES_MAX, PAGE_ENTRIES_MAX};
use maru_wire::{ChainHash, Cursor, Entry, Epoch, Happening, Member, Seq};
use sha2::{Digest, Sha256};

/// How much a log keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogBounds {
    /// Entries.
    pub entries_max: usize,
    /// Bytes of entries as they travel.
    pub bytes_max: usize,
}

impl Default for LogBounds {
    fn default() -> Self {
        Self { entries_max: LOG_ENTRIES_MAX, bytes_max: LOG_BYTES_MAX }
    }
}

/// One epoch of a room's log.
#[derive(Debug)]
pub struct Log {
    epoch: Epoch,
    bounds: LogBounds,
    entries: VecDeque<Entry>,
    bytes: usize,
    /// The hash of the entry before the oldest kept one.
    base: ChainHash,
    head: Seq,
}

/// How a returning member's place relates to the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// What follows it is all here.
    Here(Seq),
    /// It belongs to another epoch.
    NewEpoch,
    /// What follows it is not kept any more.
    Trimmed,
    /// The log has, at that place, something else or nothing yet.
    Diverged,
}

/// A run of entries in the order of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Whether there is more in the direction that was asked for.
    pub more: bool,
}

impl Log {
    /// An empty log.
    pub fn new(epoch: Epoch, bounds: LogBounds) -> Self {
        let mut first = Chain::after(ChainHash::default());
        first.add(epoch.as_str().as_bytes());
        Self { epoch, bounds, entries: VecDeque::new(), bytes: 0, base: first.hash(), head: Seq(0) }
    }

    /// Writes the next entry, and hands each one that had to go for it to `trimmed`.
    pub fn append(&mut self, by: Member, what: Happening, at: u64, mut trimmed: impl FnMut(&Entry)) -> Entry {
        let seq = self.head.next();
        let hash = chained(self.head_hash(), seq, at, &by, &what);
        let entry = Entry { seq, at, hash, by, what };
        self.head = seq;
        self.bytes += travel_bytes(&entry);
        self.entries.push_back(entry.clone());
        while self.entries.len() > self.bounds.entries_max
            || (self.bytes > self.bounds.bytes_max && self.entries.len() > 1)
        {
            let oldest = self.entries.pop_front().expect("the log holds more than one entry");
            self.bytes -= travel_bytes(&oldest);
            self.base = oldest.hash;
            trimmed(&oldest);
        }
        entry
    }

    /// The place of the last entry.
    pub fn head(&self) -> Cursor {
        Cursor { epoch: self.epoch.clone(), seq: self.head, hash: self.head_hash() }
    }

    /// The entry at a place, if it is kept.
    pub fn entry(&self, seq: Seq) -> Option<&Entry> {
        self.entries.get(self.index(seq)?)
    }

    /// How a place that a returning member shows relates to this log.
    pub fn standing(&self, cursor: &Cursor) -> Standing {
        if cursor.epoch != self.epoch {
            return Standing::NewEpoch;
        }
        if cursor.seq > self.head {
            return Standing::Diverged;
        }
        if cursor.seq < self.base_seq() {
            return Standing::Trimmed;
        }
        let hash = if cursor.seq == self.base_seq() {
            Some(self.base)
        } else {
            self.entry(cursor.seq).map(|e| e.hash)
        };
        if hash == Some(cursor.hash) { Standing::Here(cursor.seq) } else { Standing::Diverged }
    }

    /// The entries that follow a place, as many as fit a page. At least one, however large, if there is any.
    pub fn after(&self, seq: Seq) -> Page {
        let start = usize::try_from(seq.0.saturating_sub(self.base_seq().0)).unwrap_or(usize::MAX);
        let entries = fitting(self.entries.iter().skip(start));
        let more = start + entries.len() < self.entries.len();
        Page { entries, more }
    }

    /// The entries that precede a place, the latest of them that fit a page.
    pub fn before(&self, seq: Seq) -> Page {
        let end =
            usize::try_from(seq.0.saturating_sub(1).saturating_sub(self.base_seq().0)).unwrap_or(usize::MAX);
        let end = end.min(self.entries.len());
        let mut entries = fitting(self.entries.range(..end).rev());
        entries.reverse();
        let more = entries.len() < end;
        Page { entries, more }
    }

    /// The latest page.
    pub fn latest(&self) -> Page {
        self.before(self.head.next())
    }

    fn head_hash(&self) -> ChainHash {
        self.entries.back().map_or(self.base, |entry| entry.hash)
    }

    /// The place before the oldest kept entry.
    fn base_seq(&self) -> Seq {
        Seq(self.head.0 - self.entries.len() as u64)
    }

    fn index(&self, seq: Seq) -> Option<usize> {
        usize::try_from(seq.0.checked_sub(self.base_seq().0 + 1)?).ok()
    }
}

fn fitting<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<Entry> {
    let mut bytes = 0;
    let mut page = Vec::new();
    for entry in entries.take(PAGE_ENTRIES_MAX) {
        bytes += travel_bytes(entry);
        if bytes > PAGE_BYTES_MAX && !page.is_empty() {
            break;
        }
        page.push(entry.clone());
    }
    page
}

/// Bytes of an entry as it travels, rounded up: text by its JSON escapes (RFC 8259, section 7).
fn travel_bytes(entry: &Entry) -> usize {
    let what = match &entry.what {
        Happening::Said { id, text } => id.as_str().len() + json_bytes(text.as_str()),
        Happening::Renamed { from } => json_bytes(from.as_str()),
        Happening::Unknown => 0,
    };
    ENTRY_OVERHEAD_BYTES + json_bytes(entry.by.nickname.as_str()) + what
}

fn json_bytes(text: &str) -> usize {
    text.bytes()
        .map(|byte| match byte {
            b'"' | b'\\' | b'\n' | b'\t' => 2,
            0..=0x1f => 6,
            _ => 1,
        })
        .sum()
}

/// Bytes of an entry's field names, numbers and identifiers.
const ENTRY_OVERHEAD_BYTES: usize = 240;

/// The hash of the log up to an entry: SHA-256 over the one before and every field, each with its length.
fn chained(before: ChainHash, seq: Seq, at: u64, by: &Member, what: &Happening) -> ChainHash {
    let mut chain = Chain::after(before);
    chain.add(&seq.0.to_be_bytes());
    chain.add(&at.to_be_bytes());
    chain.add(by.id.as_str().as_bytes());
    chain.add(by.nickname.as_str().as_bytes());
    chain.add(&by.number.to_be_bytes());
    match what {
        Happening::Said { id, text } => {
            chain.add(b"said");
            chain.add(id.as_str().as_bytes());
            chain.add(text.as_str().as_bytes());
        }
        Happening::Renamed { from } => {
            chain.add(b"renamed");
            chain.add(from.as_str().as_bytes());
        }
        Happening::Unknown => chain.add(b"unknown"),
    }
    chain.hash()
}

struct Chain(Sha256);

impl Chain {
    fn after(before: ChainHash) -> Self {
        Self(Sha256::new_with_prefix(before.0))
    }

    fn add(&mut self, field: &[u8]) {
        self.0.update((field.len() as u64).to_be_bytes());
        self.0.update(field);
    }

    fn hash(self) -> ChainHash {
        let digest: [u8; 32] = self.0.finalize().into();
        let mut hash = ChainHash::default();
        hash.0.copy_from_slice(&digest[..16]);
        hash
    }
}
