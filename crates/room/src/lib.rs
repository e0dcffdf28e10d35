//! A chat room as a pure state machine: who is in it, and the log of what lasts. Commands go in with the
//! time they came at, entries or refusals come out. Knows no socket, no clock, no random source and no file.
//!
//! # Layout
//! - [`Room`]: entering, leaving, and [`Room::apply`].
//! - [`log`]: the entries in their order, pages of them, and how a returning member's place relates to them.
//! - [`roster`]: who is here, under which name and number.

pub mod log;
pub mod roster;

use std::collections::HashMap;

use maru_wire::{Entry, Epoch, Happening, Member, MemberId, MessageId, MessageText, Nickname, Seq};

pub use log::{Log, LogBounds, Page, Standing};
pub use roster::{Departure, NameTaken, Roster};

/// A room: its log and its roster.
#[derive(Debug)]
pub struct Room {
    log: Log,
    roster: Roster,
    /// The place of each message that is still in the log, by sender and name.
    said: HashMap<(MemberId, MessageId), Seq>,
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

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// A new entry, for everybody.
    New(Entry),
    /// The same was said before: its first entry, for the sender alone.
    Known(Entry),
    /// Nothing to change.
    Nothing,
}

/// Why the room did not take a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The sender is not in the room.
    NotHere,
    /// The message's name was used before, for another text.
    IdReused,
    /// Somebody here has that name, or one that looks like it.
    NameTaken,
}

impl Room {
    /// An empty room that begins the given epoch.
    pub fn new(epoch: Epoch, bounds: LogBounds) -> Self {
        Self { log: Log::new(epoch, bounds), roster: Roster::default(), said: HashMap::new() }
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

    /// Applies a command of a member who is here, `at` milliseconds since the Unix epoch.
    pub fn apply(&mut self, by: &MemberId, command: Command, at: u64) -> Result<Applied, Refusal> {
        let member = self.roster.member(by).ok_or(Refusal::NotHere)?.clone();
        match command {
            Command::Say { id, text } => self.say(member, id, text, at),
            Command::Rename { nickname } if nickname == member.nickname => Ok(Applied::Nothing),
            Command::Rename { nickname } => {
                let from = member.nickname.clone();
                let member = self.roster.rename(by, nickname, at).map_err(|NameTaken| Refusal::NameTaken)?;
                Ok(Applied::New(self.append(member, Happening::Renamed { from }, at)))
            }
        }
    }

    fn say(&mut self, by: Member, id: MessageId, text: MessageText, at: u64) -> Result<Applied, Refusal> {
        if let Some(first) = self.said.get(&(by.id.clone(), id.clone())).and_then(|seq| self.log.entry(*seq))
        {
            let same = matches!(&first.what, Happening::Said { text: said, .. } if *said == text);
            return if same { Ok(Applied::Known(first.clone())) } else { Err(Refusal::IdReused) };
        }
        let name = (by.id.clone(), id.clone());
        let entry = self.append(by, Happening::Said { id, text }, at);
        self.said.insert(name, entry.seq);
        Ok(Applied::New(entry))
    }

    fn append(&mut self, by: Member, what: Happening, at: u64) -> Entry {
        let said = &mut self.said;
        self.log.append(by, what, at, |trimmed| {
            if let Happening::Said { id, .. } = &trimmed.what {
                said.remove(&(trimmed.by.id.clone(), id.clone()));
            }
        })
    }

    /// The log.
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
