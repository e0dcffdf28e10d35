//! What the person says to a foreign server: each line at most once.

use std::time::Duration;

use maru_wire::limits::OUTBOX_MESSAGES_MAX;
use maru_wire::{Entry, Happening, MessageId, MessageText, Nickname, RefusalCode};

use super::{Action, Foreign, Stage};
use crate::event::RoomEvent;

/// The outbox holds as many messages as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxFull;

#[derive(Debug, Clone)]
pub(super) struct Line {
    pub id: MessageId,
    pub text: MessageText,
    pub at: u64,
}

impl Foreign {
    /// Takes a message; taking it again is harmless. It is said at once, or when there is a connection again.
    pub fn say(
        &mut self,
        id: MessageId,
        text: MessageText,
        at: u64,
        now: Duration,
    ) -> Result<(), OutboxFull> {
        if self.waiting.iter().chain(&self.under_way).any(|line| line.id == id) || self.talk.has_said(&id) {
            return Ok(());
        }
        if self.waiting.len() + self.under_way.len() >= OUTBOX_MESSAGES_MAX {
            return Err(OutboxFull);
        }
        self.failed.retain(|line| line.id != id);
        self.echoes.handle_time(now);
        let line = Line { id, text, at };
        self.events.push_back(line.queued());
        self.waiting.push_back(line);
        self.send_waiting();
        Ok(())
    }

    /// Goes by another name. Where the dialect knows none, only our own lines show it.
    pub fn rename(&mut self, nickname: Nickname, at: u64) {
        let from = self.people.rename(nickname.clone());
        if from == nickname || !self.been_live {
            return;
        }
        if self.stage == Stage::Live
            && let Some(text) = self.codec.rename(nickname.as_str())
        {
            self.actions.push_back(Action::Send(text));
        }
        let by = self.people.you().clone();
        let entry = self.talk.add(at, by, Happening::Renamed { from });
        self.events.push_back(RoomEvent::Entries { entries: vec![entry] });
    }

    /// The person has given up a line that failed.
    pub fn dismiss(&mut self, id: &MessageId) {
        self.failed.retain(|line| line.id != *id);
    }

    /// All that was to be sent is written.
    pub fn handle_written(&mut self, at: u64) {
        let by = self.people.you().clone();
        let said = std::mem::take(&mut self.under_way).into_iter();
        let entries: Vec<Entry> = said
            .map(|Line { id, text, .. }| self.talk.add(at, by.clone(), Happening::Said { id, text }))
            .collect();
        if !entries.is_empty() {
            self.events.push_back(RoomEvent::Entries { entries });
        }
        self.send_waiting();
    }

    pub(super) fn send_waiting(&mut self) {
        while self.stage == Stage::Live && self.under_way.len() < UNDER_WAY_MAX {
            let Some(line) = self.waiting.pop_front() else { break };
            let name = self.codec.own_name().unwrap_or(self.people.you().nickname.as_str());
            if self.codec.echoes() {
                self.echoes.expect(name, &line.text);
            }
            self.actions.push_back(Action::Send(self.codec.say(line.text.as_str())));
            self.under_way.push_back(line);
        }
    }
}

impl Line {
    pub(super) fn queued(&self) -> RoomEvent {
        RoomEvent::Queued { id: self.id.clone(), text: self.text.clone(), at: self.at }
    }

    pub(super) fn unsent(&self) -> RoomEvent {
        RoomEvent::Unsent { id: self.id.clone(), code: RefusalCode::Unavailable }
    }
}

/// Lines handed to the connection and not known to be written: all that is in doubt when it is lost.
const UNDER_WAY_MAX: usize = 32;
