//! A chat room as a pure state machine: who is in it, and the log of what lasts. What members ask for becomes a
//! draft, a draft that was written becomes an entry, and entries are folded in. Knows no socket, no clock, no random
//! source and no file: where a log is kept on disk, a store writes the drafts.
//!
//! # Layout
//! - [`Room`]: entering, leaving, drafts and entries.
//! - [`log`]: the entries in their order, pages of them, and how a returning member's place relates to them.
//! - [`roster`]: who is here, under which name and number.

pub mod log;
pub mod roster;

use std::collections::HashMap;

use maru_wire::{Entry, Epoch, Happening, Member, MemberId, MessageId, MessageText, Nickname, Seq};

pub use log::{FormerEpoch, Log, LogBounds, Page, Restored, Standing, entry_after};
pub use roster::{Departure, NameTaken, Roster};

/// A room: its log and its roster.
#[derive(Debug)]
pub struct Room {
    log: Log,
    roster: Roster,
    /// The place of each message that is still in the log, by sender and name. None where a store knows them.
    said: Option<HashMap<(MemberId, MessageId), Seq>>,
}

/// What a member asks to be written into the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A message.
    Say {
        /// The sender's name for it.
        id: MessageId,
        /// What it says.
        text: MessageText,
    },
    /// Another name.
    Rename {
        /// The name from now on.
        nickname: Nickname,
    },
}

/// What is to be written into the log, before it has its place there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Whose doing it is, as they are called from here on.
    pub by: Member,
    /// What happened.
    pub what: Happening,
    /// When the room took it, in milliseconds since the Unix epoch.
    pub at: u64,
}

/// What became of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// A new entry, for everybody.
    New(Entry),
    /// The same was said before: its first entry, for the sender alone.
    Known(Entry),
    /// The message's name was used before, for another text.
    IdReused,
}

/// Why the room did not take a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The sender is not in the room.
    NotHere,
    /// Somebody here has that name, or one that looks like it.
    NameTaken,
}

impl Room {
    /// An empty room that begins the given epoch and is kept nowhere but here.
    pub fn new(epoch: Epoch, bounds: LogBounds) -> Self {
        Self { log: Log::new(epoch, bounds), roster: Roster::default(), said: Some(HashMap::new()) }
    }

    /// A room as a store has kept it, with nobody in it. The store goes on writing.
    pub fn restored(restored: Restored, bounds: LogBounds) -> Self {
        let roster = Roster::knowing(restored.members.iter().cloned());
        Self { log: Log::restored(restored, bounds), roster, said: None }
    }

    /// Lets a connection of a member in, `at` milliseconds since the Unix epoch. A member who is here already
    /// keeps the name they have here. The flag says whether they were not here before.
    pub fn enter(
        &mut self,
        id: &MemberId,
        nickname: &Nickname,
        host: bool,
        at: u64,
    ) -> Result<(Member, bool), NameTaken> {
        self.roster.enter(id, nickname, host, at)
    }

    /// Takes one connection of a member away. With `reserved_until`, in milliseconds since the Unix epoch, their
    /// name is kept for them until then.
    pub fn depart(&mut self, id: &MemberId, reserved_until: Option<u64>) -> Departure {
        self.roster.depart(id, reserved_until)
    }

    /// Makes a command of a member who is here into a draft, `at` milliseconds since the Unix epoch; none where it
    /// would change nothing. A new name is theirs alone from here on, and shown once the draft is written.
    pub fn draft(&mut self, by: &MemberId, command: Command, at: u64) -> Result<Option<Draft>, Refusal> {
        let member = self.roster.member_as_drafted(by).ok_or(Refusal::NotHere)?;
        match command {
            Command::Say { id, text } => {
                Ok(Some(Draft { by: member, what: Happening::Said { id, text }, at }))
            }
            Command::Rename { nickname } if nickname == member.nickname => Ok(None),
            Command::Rename { nickname } => {
                let from = member.nickname;
                let by =
                    self.roster.draft_rename(by, nickname, at).map_err(|NameTaken| Refusal::NameTaken)?;
                Ok(Some(Draft { by, what: Happening::Renamed { from }, at }))
            }
        }
    }

    /// Writes a draft here: for a room that is kept nowhere else.
    pub fn write(&mut self, draft: Draft) -> Written {
        let name = match &draft.what {
            Happening::Said { id, text } => {
                if let Some(known) = self.known(&draft.by.id, id, text) {
                    return known;
                }
                Some((draft.by.id.clone(), id.clone()))
            }
            Happening::Renamed { .. } | Happening::Unknown => None,
        };
        let entry = entry_after(&self.log.head(), draft);
        if let (Some(name), Some(said)) = (name, &mut self.said) {
            said.insert(name, entry.seq);
        }
        self.record(entry.clone());
        Written::New(entry)
    }

    /// Whether a store writes the drafts and has what is not here.
    pub fn has_store(&self) -> bool {
        self.said.is_none()
    }

    /// The store does not keep anything up to this place any more.
    pub fn handle_trimmed(&mut self, up_to: Seq) {
        self.log.handle_trimmed(up_to);
    }

    /// Folds an entry in that follows the last one.
    pub fn record(&mut self, entry: Entry) {
        if let Happening::Renamed { .. } = entry.what {
            self.roster.record_rename(&entry.by.id, &entry.by.nickname);
        }
        let said = &mut self.said;
        self.log.record(entry, |trimmed| {
            if let (Happening::Said { id, .. }, Some(said)) = (&trimmed.what, said.as_mut()) {
                said.remove(&(trimmed.by.id.clone(), id.clone()));
            }
        });
    }

    /// The draft that was made last will not be written: a name asked for in it is free again.
    pub fn drop_draft(&mut self, draft: &Draft) {
        if let Happening::Renamed { .. } = draft.what {
            self.roster.drop_rename(&draft.by.id, &draft.by.nickname);
        }
    }

    /// None of the drafts that were not recorded will be: names asked for in them are free again.
    pub fn drop_drafts(&mut self) {
        self.roster.drop_renames();
    }

    /// What writing a message again comes to, if it was said before.
    fn known(&self, by: &MemberId, id: &MessageId, text: &MessageText) -> Option<Written> {
        let seq = self.said.as_ref()?.get(&(by.clone(), id.clone()))?;
        let first = self.log.entry(*seq)?;
        let same = matches!(&first.what, Happening::Said { text: said, .. } if said == text);
        Some(if same { Written::Known(first.clone()) } else { Written::IdReused })
    }

    /// The log, as far as it is here.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Who is here.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }
}

#[cfg(test)]
mod tests;
