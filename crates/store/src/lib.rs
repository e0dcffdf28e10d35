//! The log of a hosted room on disk: one SQLite file in the room's folder, one writer, any number of readers beside
//! it. Makes drafts into entries that a power cut does not take back, and gives them out again in pages, by search
//! and as a whole. Knows no socket and no clock; times arrive as arguments.
//!
//! # Layout
//! - [`Store`]: the one writer. `open` begins or reopens a log, `write` is the way of every message, `tend` is the
//!   housekeeping that nobody waits for.
//! - [`Reader`]: pages, standing, search, export and backup, on a read-only connection.
//! - `folder`: the files of a room and the lock that keeps a second writer out.
//! - `schema`: the tables, and what may be opened at all.
//! - `beginning`: what a log's first and every later opening changes in it.
//! - `marks`: what is kept, trimmed and indexed, in one row.
//! - `rows`: entries as rows.
//! - `grams`: what a text is found by; `generations`: the stretches of the log that are indexed together.

mod backup;
mod beginning;
mod export;
mod fault;
mod folder;
mod generations;
mod grams;
mod marks;
mod reader;
mod rows;
mod schema;
mod search;
mod store;
mod tending;

use maru_wire::{Epoch, Keeps, RoomId};

pub use backup::BackupError;
pub use export::{ExportError, ExportFormat};
pub use fault::Fault;
pub use folder::LOG_FILE;
pub use reader::{ReadError, Reader};
pub use schema::OpenError;
pub use search::Found;
pub use store::{Store, WriteError};
pub use tending::{TEND_INTERVAL_MS, Tended};

/// What a room's log is opened with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreOptions {
    /// The room; the log of another one is refused.
    pub room: RoomId,
    /// What is kept from here on. Never [`Keeps::Nothing`]: such a room has no store.
    pub keeps: Keeps,
    /// Begins a new log; of 128 random bits.
    pub epoch_if_new: Epoch,
    /// Begins where a restored backup ends; of 128 random bits, never used before.
    pub next_epoch: Epoch,
    /// Now, in milliseconds since the Unix epoch.
    pub at: u64,
}

#[cfg(test)]
mod tests;
