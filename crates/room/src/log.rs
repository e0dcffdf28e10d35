//! The entries of a room in their order, dense from 1, each chained to all before it. Bounded: the oldest are let
//! go of. Where a store has them they are asked for there, otherwise whoever stood before them is told.

use std::collections::VecDeque;

use maru_wire::limits::{LOG_BYTES_MAX, LOG_ENTRIES_MAX, PAGE_BYTES_MAX, PAGE_ENTRIES_MAX};
use maru_wire::{ChainHash, Cursor, Entry, Epoch, Happening, Member, MemberId, Seq};
use sha2::{Digest, Sha256};

use crate::Draft;

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

/// The latest part of a room's log.
#[derive(Debug)]
pub struct Log {
    epoch: Epoch,
    formers: Vec<FormerEpoch>,
    /// The last place that is kept nowhere any more, where a store has what is not here; none without a store.
    trimmed: Option<Seq>,
    bounds: LogBounds,
    entries: VecDeque<Entry>,
    bytes: usize,
    /// The hash of the entry before the oldest kept one.
    base: ChainHash,
    head: Seq,
}

/// An epoch that a log has left behind, with what it shares with the one after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerEpoch {
    /// The epoch.
    pub epoch: Epoch,
    /// The last place that it has in common with what came after it.
    pub end: Seq,
}

/// A room as a store has kept it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The place of the last entry.
    pub head: Cursor,
    /// The epochs before, the latest last.
    pub formers: Vec<FormerEpoch>,
    /// The hash of the entry before the first of `tail`.
    pub base: ChainHash,
    /// The latest entries, up to `head`.
    pub tail: Vec<Entry>,
    /// The last place that is not kept any more; 0 where everything is.
    pub trimmed: Seq,
    /// Members who have said something, by number, the longest known first.
    pub members: Vec<(MemberId, u32)>,
}

/// How a returning member's place relates to the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// What follows it is all here.
    Here(Seq),
    /// It comes before what is here, and a store has to be asked.
    Older,
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
        Self {
            formers: Vec::new(),
            trimmed: None,
            bounds,
            entries: VecDeque::new(),
            bytes: 0,
            base: first_hash(&epoch),
            epoch,
            head: Seq(0),
        }
    }

    /// A log as a store has kept it, of which the latest entries are here.
    pub fn restored(restored: Restored, bounds: LogBounds) -> Self {
        let before = restored.tail.first().map_or(restored.head.seq, |first| Seq(first.seq.0 - 1));
        let mut log = Self::new(restored.head.epoch, bounds);
        (log.formers, log.trimmed) = (restored.formers, Some(restored.trimmed));
        (log.base, log.head) = (restored.base, before);
        for entry in restored.tail {
            log.record(entry, |_| {});
        }
        log
    }

    /// Takes the next entry, and hands each one that had to go for it to `trimmed`.
    pub fn record(&mut self, entry: Entry, mut trimmed: impl FnMut(&Entry)) {
        debug_assert_eq!(entry.seq, self.head.next(), "entries follow each other");
        self.head = entry.seq;
        self.bytes += travel_bytes(&entry);
        self.entries.push_back(entry);
        while self.entries.len() > self.bounds.entries_max
            || (self.bytes > self.bounds.bytes_max && self.entries.len() > 1)
        {
            let oldest = self.entries.pop_front().expect("the log holds more than one entry");
            self.bytes -= travel_bytes(&oldest);
            self.base = oldest.hash;
            trimmed(&oldest);
        }
    }

    /// The store does not keep anything up to this place any more.
    pub fn handle_trimmed(&mut self, up_to: Seq) {
        if let Some(trimmed) = &mut self.trimmed {
            *trimmed = up_to.max(*trimmed);
        }
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
        let shared = if cursor.epoch == self.epoch {
            self.head
        } else {
            match self.formers.iter().find(|former| former.epoch == cursor.epoch) {
                Some(former) => former.end,
                None => return Standing::NewEpoch,
            }
        };
        if cursor.seq > shared {
            return Standing::Diverged;
        }
        if cursor.seq < self.base_seq() {
            let is_kept = self.trimmed.is_some_and(|trimmed| cursor.seq >= trimmed);
            return if is_kept { Standing::Older } else { Standing::Trimmed };
        }
        let hash = if cursor.seq == self.base_seq() {
            Some(self.base)
        } else {
            self.entry(cursor.seq).map(|e| e.hash)
        };
        if hash == Some(cursor.hash) { Standing::Here(cursor.seq) } else { Standing::Diverged }
    }

    /// Whether what follows a place is all here, or a store has to be asked.
    pub fn reaches(&self, seq: Seq) -> bool {
        seq >= self.base_seq()
    }

    /// The entries that follow a place that the log [reaches](Log::reaches), as many as fit a page. At least one,
    /// however large, if there is any.
    pub fn after(&self, seq: Seq) -> Page {
        let start = usize::try_from(seq.0.saturating_sub(self.base_seq().0)).unwrap_or(usize::MAX);
        let entries = fitting(self.entries.iter().skip(start));
        let more = start + entries.len() < self.entries.len();
        Page { entries, more }
    }

    /// The entries that precede a place, the latest of them that fit a page, as far as they are here.
    pub fn before(&self, seq: Seq) -> Page {
        let end =
            usize::try_from(seq.0.saturating_sub(1).saturating_sub(self.base_seq().0)).unwrap_or(usize::MAX);
        let end = end.min(self.entries.len());
        let mut entries = fitting(self.entries.range(..end).rev());
        entries.reverse();
        let is_kept = self.trimmed.is_some_and(|trimmed| trimmed < self.base_seq());
        let more = entries.len() < end || is_kept;
        Page { entries, more }
    }

    /// Whether a page of what precedes a place has to be asked of a store, since none or only a part is here.
    pub fn asks_store_before(&self, seq: Seq) -> bool {
        let is_kept = self.trimmed.is_some_and(|trimmed| trimmed < self.base_seq());
        is_kept && seq.0 <= self.base_seq().0 + PAGE_ENTRIES_MAX as u64
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
    let mut page = PageBounds::default();
    entries.take_while(|entry| page.takes(entry)).cloned().collect()
}

/// How full a page is.
#[derive(Debug, Default)]
pub struct PageBounds {
    entries: usize,
    bytes: usize,
}

impl PageBounds {
    /// Takes one more entry into account, if it fits; the first always does.
    pub fn takes(&mut self, entry: &Entry) -> bool {
        let bytes = self.bytes + travel_bytes(entry);
        let fits = self.entries == 0 || (self.entries < PAGE_ENTRIES_MAX && bytes <= PAGE_BYTES_MAX);
        if fits {
            (self.entries, self.bytes) = (self.entries + 1, bytes);
        }
        fits
    }
}

/// The hash before the first entry of a log.
pub fn first_hash(epoch: &Epoch) -> ChainHash {
    let mut first = Chain::after(ChainHash::default());
    first.add(epoch.as_str().as_bytes());
    first.hash()
}

/// The entry that a draft becomes at the place after `head`.
pub fn entry_after(head: &Cursor, draft: Draft) -> Entry {
    let seq = head.seq.next();
    let Draft { by, what, at } = draft;
    let hash = chained(head.hash, seq, at, &by, &what);
    Entry { seq, at, hash, by, what }
}

/// Bytes of an entry as it travels, rounded up: text by its JSON escapes (RFC 8259, section 7).
pub fn travel_bytes(entry: &Entry) -> usize {
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
