//! What of a room outlasts this run, as the session sees it: what is to be written down, in order, and what was,
//! given back. Knows no file; the driver hands it to a notebook.

use maru_wire::{
    Cursor, Entry, Keeps, Member, MessageId, MessageText, RefusalCode, RoomId, Seq, StatedLimits,
};

use super::Session;
use crate::event::{NotebookFault, RoomEvent};

/// A room as it was kept here. An empty one says that there is a place to keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Which room.
    pub room: RoomId,
    /// What was heard of it, if anything was kept.
    pub kept: Option<Kept>,
    /// What is still to be said there, in order.
    pub waiting: Vec<Line>,
    /// What the room did not take, in the order it failed.
    pub failed: Vec<(Line, RefusalCode)>,
}

/// A gapless run of a room's log, and what the room told of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What the room told when it let us in last.
    pub known: Known,
    /// The place of the last entry.
    pub cursor: Cursor,
    /// Whether the room has older entries than these.
    pub older: bool,
    /// In the order of the log.
    pub entries: Vec<Entry>,
}

/// What a room tells of itself when it lets us in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What it is called.
    pub name: String,
    /// Who we are there.
    pub you: Member,
    /// Its bounds.
    pub limits: StatedLimits,
    /// What it can do.
    pub can: Vec<String>,
    /// What its host keeps.
    pub keeps: Keeps,
}

/// A line said here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its name.
    pub id: MessageId,
    /// What it says.
    pub text: MessageText,
    /// When it was said here, in milliseconds since the Unix epoch.
    pub at: u64,
}

/// One thing to be written down. Each holds cursor and entries together, so that they never disagree: what is
/// written of these, in their order, is a room as it once was, and what is not is heard again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeping {
    /// Hearing began anew: this takes the place of all that was heard.
    Begun(Kept),
    /// The room let us in again and told this of itself.
    Known(Known),
    /// Entries that follow those kept.
    Heard {
        /// The place of the last of them.
        cursor: Cursor,
        /// In the order of the log.
        entries: Vec<Entry>,
        /// The oldest entry that stays within the bounds; those before it go.
        oldest: Seq,
    },
    /// Older entries that precede those kept.
    Earlier {
        /// In the order of the log.
        entries: Vec<Entry>,
        /// Whether the room has still older ones.
        older: bool,
    },
    /// Nothing heard in this room may be kept: what was is to be forgotten.
    Nothing,
    /// A line is to be said. Until this is written nobody is told that it waits, and it is not sent.
    Queued(Line),
    /// The room has a line, or the person has given it up.
    Settled(MessageId),
    /// The room did not take a line.
    Failed {
        /// Its name.
        id: MessageId,
        /// Why.
        code: RefusalCode,
    },
}

impl Keeping {
    /// Whether a line would be lost without it.
    pub fn is_of_a_line(&self) -> bool {
        matches!(self, Self::Queued(_) | Self::Failed { .. })
    }

    /// How many entries it holds.
    pub fn entries(&self) -> usize {
        match self {
            Self::Begun(kept) => kept.entries.len(),
            Self::Heard { entries, .. } | Self::Earlier { entries, .. } => entries.len(),
            Self::Known(_) | Self::Nothing | Self::Queued(_) | Self::Settled(_) | Self::Failed { .. } => 0,
        }
    }
}

impl Session {
    /// There is a place to keep this room, and this is what it held. Shown at once where nothing newer was heard;
    /// lines said before come first. Everything from here on comes out of [`Session::poll_keeping`].
    pub fn handle_restored(&mut self, restored: Restored) {
        self.keeping = Some(Default::default());
        self.handle_notebook(None);
        if self.mirror.knows(&restored.room) {
            self.keep_all_heard();
        } else if let Some(kept) = restored.kept {
            self.mirror.handle_restored(restored.room, kept);
            self.comes_back = true;
            self.events.extend(self.mirror.entered());
        } else if self.mirror.room().is_none() {
            self.mirror.handle_room(restored.room);
        }
        let (events, unkept) = self.outbox.handle_restored(restored.waiting, restored.failed);
        self.events.extend(events);
        for line in unkept {
            self.keep(Keeping::Queued(line));
        }
    }

    /// Whether there is a place to keep this room. Without one nothing more is kept.
    pub fn handle_notebook(&mut self, fault: Option<NotebookFault>) {
        if fault.is_some_and(|fault| fault != NotebookFault::SetAside) {
            self.keeping = None;
        }
        if fault != self.notebook_fault {
            self.notebook_fault = fault;
            self.events.push_back(RoomEvent::Notebook { fault });
        }
    }

    /// What is to be written down next. To be carried out before any action or event that came with it.
    pub fn poll_keeping(&mut self) -> Option<Keeping> {
        self.keeping.as_mut()?.pop_front()
    }

    pub(super) fn keep(&mut self, keeping: Keeping) {
        if let Some(waiting) = &mut self.keeping {
            waiting.push_back(keeping);
        }
    }

    /// Everything heard, in place of what was kept.
    pub(super) fn keep_all_heard(&mut self) {
        if self.keeping.is_some()
            && let Some(keeping) = self.mirror.all()
        {
            self.keep(keeping);
        }
    }

    /// What was heard just now, after what was kept.
    pub(super) fn keep_heard(&mut self, entries: &[Entry]) {
        if self.keeping.is_some()
            && !entries.is_empty()
            && let Some((cursor, oldest)) = self.mirror.stretch()
        {
            self.keep(Keeping::Heard { cursor, entries: entries.to_vec(), oldest });
        }
    }
}
