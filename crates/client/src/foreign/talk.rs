//! What was heard and said at a foreign server, with places of our own making: it lasts as long as we look.

use std::collections::VecDeque;

use maru_wire::limits::{MIRROR_BYTES_MAX, MIRROR_ENTRIES_MAX};
use maru_wire::{ChainHash, Entry, Happening, Member, MessageId, Seq};

/// The latest entries, within bounds. Their numbers go on for as long as the session lasts.
#[derive(Debug, Default)]
pub(super) struct Talk {
    entries: VecDeque<Entry>,
    bytes: usize,
    last: Seq,
    heard: u64,
}

impl Talk {
    /// Adds what happened.
    pub(super) fn add(&mut self, at: u64, by: Member, what: Happening) -> Entry {
        self.last = self.last.next();
        let entry = Entry { seq: self.last, at, hash: ChainHash::default(), by, what };
        self.bytes += bytes(&entry);
        self.entries.push_back(entry.clone());
        while self.entries.len() > MIRROR_ENTRIES_MAX || self.bytes > MIRROR_BYTES_MAX {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= bytes(&oldest);
        }
        entry
    }

    /// A name for a line that came without one.
    pub(super) fn next_id(&mut self) -> MessageId {
        self.heard += 1;
        MessageId::parse(&format!("heard-{}", self.heard))
            .expect("letters, a dash and digits are an identifier")
    }

    /// Something is missing from here on: what was before it is not kept.
    pub(super) fn begin_anew(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }

    /// What there is.
    pub(super) fn entries(&self) -> Vec<Entry> {
        self.entries.iter().cloned().collect()
    }

    /// Whether a line of that name is there.
    pub(super) fn has_said(&self, id: &MessageId) -> bool {
        let names = |entry: &&Entry| matches!(&entry.what, Happening::Said { id: said, .. } if said == id);
        self.entries.iter().rev().take(RECENT).any(|entry| names(&entry))
    }
}

fn bytes(entry: &Entry) -> usize {
    match &entry.what {
        Happening::Said { text, .. } => text.as_str().len(),
        Happening::Renamed { .. } | Happening::Unknown => 0,
    }
}

/// Entries that are looked through for a line that is said again: a double click, not an archive.
const RECENT: usize = 256;
