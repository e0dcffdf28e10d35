//! The room as heard here: a gapless run of its log up to the place we stand, and who is there. Bounded; what is
//! older can be asked for again.

use std::collections::{BTreeMap, VecDeque};

use maru_wire::limits::{MEMBERS_MAX, MIRROR_ENTRIES_MAX};
use maru_wire::{CaughtUp, Cursor, Entry, Member, MemberId, RoomId, Seq, StatedLimits};

use crate::event::RoomEvent;

#[derive(Debug, Default)]
pub(super) struct Mirror {
    room: Option<RoomId>,
    inside: Option<Inside>,
}

/// What is known since we were let in for the first time.
#[derive(Debug)]
struct Inside {
    name: String,
    you: Member,
    cursor: Cursor,
    entries: VecDeque<Entry>,
    older: bool,
    count: u32,
    members: BTreeMap<u32, Member>,
    limits: StatedLimits,
    can: Vec<String>,
}

/// How an entry relates to those heard before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// The next one.
    Next,
    /// Heard before.
    Again,
    /// One further on: something is missing between.
    BeyondAHole,
}

/// What a `welcome` tells, but for the entries.
pub(super) struct Welcome {
    pub you: Member,
    pub name: String,
    pub head: Cursor,
    pub caught_up: CaughtUp,
    pub entries: Vec<Entry>,
    pub more: bool,
    pub count: u32,
    pub members: Vec<Member>,
    pub limits: StatedLimits,
    pub can: Vec<String>,
}

impl Mirror {
    /// The room has told which one it is. Another one than before is heard from the start.
    pub(super) fn handle_room(&mut self, id: RoomId) {
        if self.room.as_ref() != Some(&id) {
            self.inside = None;
            self.room = Some(id);
        }
    }

    /// We are let in. Returns the entries that are new here; none where they do not follow what was heard,
    /// which a room that keeps the protocol does not do.
    pub(super) fn handle_welcome(&mut self, welcome: Welcome) -> Option<Vec<Entry>> {
        let before = self.inside.take().filter(|_| welcome.caught_up == CaughtUp::Resumed);
        let (mut cursor, entries, older) = match before {
            Some(before) => (before.cursor, before.entries, before.older),
            None => (welcome.head, VecDeque::new(), welcome.more),
        };
        if welcome.caught_up != CaughtUp::Resumed {
            // The latest page ends at the head; the place before its first entry is where hearing begins.
            cursor.seq = Seq(cursor.seq.0.saturating_sub(welcome.entries.len() as u64));
        }
        self.inside = Some(Inside {
            name: welcome.name,
            you: welcome.you,
            cursor,
            entries,
            older,
            count: welcome.count,
            members: welcome.members.into_iter().map(|member| (member.number, member)).collect(),
            limits: welcome.limits,
            can: welcome.can,
        });
        let mut new = Vec::new();
        for entry in welcome.entries {
            match self.handle_entry(&entry) {
                Heard::Next => new.push(entry),
                Heard::Again => {}
                Heard::BeyondAHole => return None,
            }
        }
        Some(new)
    }

    /// An entry came, live or as part of what was missed.
    pub(super) fn handle_entry(&mut self, entry: &Entry) -> Heard {
        let Some(inside) = &mut self.inside else { return Heard::BeyondAHole };
        if entry.seq <= inside.cursor.seq {
            return Heard::Again;
        }
        if entry.seq != inside.cursor.seq.next() {
            return Heard::BeyondAHole;
        }
        inside.cursor.seq = entry.seq;
        inside.cursor.hash = entry.hash;
        if entry.by.id == inside.you.id {
            inside.you = entry.by.clone();
        }
        if let Some(member) = inside.members.get_mut(&entry.by.number) {
            *member = entry.by.clone();
        }
        inside.entries.push_back(entry.clone());
        while inside.entries.len() > MIRROR_ENTRIES_MAX {
            inside.entries.pop_front();
            inside.older = true;
        }
        Heard::Next
    }

    /// A page of history came. Returns what precedes the oldest entry heard, if it does so without a hole.
    pub(super) fn handle_history(&mut self, entries: Vec<Entry>, older: bool) -> Option<(Vec<Entry>, bool)> {
        let inside = self.inside.as_mut()?;
        let first = inside.entries.front().map_or(inside.cursor.seq.next(), |entry| entry.seq);
        let new: Vec<Entry> = entries.into_iter().filter(|entry| entry.seq < first).collect();
        if new.last().is_some_and(|last| last.seq.next() != first) {
            return None;
        }
        inside.older = older;
        // Beyond the bound older entries are shown, but not kept.
        let room_left = MIRROR_ENTRIES_MAX.saturating_sub(inside.entries.len());
        if new.len() > room_left {
            inside.older = true;
        }
        for entry in new.iter().rev().take(room_left) {
            inside.entries.push_front(entry.clone());
        }
        Some((new, older))
    }

    pub(super) fn handle_presence(&mut self, joined: &[Member], left: &[Member], count: u32) {
        let Some(inside) = &mut self.inside else { return };
        for member in left {
            inside.members.remove(&member.number);
        }
        self.handle_members(joined);
        if let Some(inside) = &mut self.inside {
            inside.count = count;
        }
    }

    pub(super) fn handle_members(&mut self, members: &[Member]) {
        let Some(inside) = &mut self.inside else { return };
        for member in members {
            if inside.members.len() < MEMBERS_MAX || inside.members.contains_key(&member.number) {
                inside.members.insert(member.number, member.clone());
            }
        }
    }

    /// The event that shows all of it, from an empty room on.
    pub(super) fn entered(&self) -> Option<RoomEvent> {
        let inside = self.inside.as_ref()?;
        let caught_up = CaughtUp::First;
        self.entered_with(caught_up, inside.entries.iter().cloned().collect())
    }

    /// The event that tells of being let in.
    pub(super) fn entered_with(&self, caught_up: CaughtUp, entries: Vec<Entry>) -> Option<RoomEvent> {
        let inside = self.inside.as_ref()?;
        Some(RoomEvent::Entered {
            room: self.room.clone()?,
            name: inside.name.clone(),
            you: inside.you.clone(),
            caught_up,
            entries,
            older: inside.older,
            count: inside.count,
            members: inside.members.values().cloned().collect(),
            limits: inside.limits.clone(),
            can: inside.can.clone(),
        })
    }

    pub(super) fn room(&self) -> Option<&RoomId> {
        self.room.as_ref()
    }

    pub(super) fn cursor(&self) -> Option<&Cursor> {
        self.inside.as_ref().map(|inside| &inside.cursor)
    }

    pub(super) fn you(&self) -> Option<&Member> {
        self.inside.as_ref().map(|inside| &inside.you)
    }

    pub(super) fn is_you(&self, id: &MemberId) -> bool {
        self.you().is_some_and(|you| you.id == *id)
    }

    /// The place to ask for older history before, if there is any.
    pub(super) fn history_before(&self) -> Option<Seq> {
        let inside = self.inside.as_ref().filter(|inside| inside.older)?;
        Some(inside.entries.front().map_or(inside.cursor.seq.next(), |entry| entry.seq))
    }

    /// The number of the last member known by name.
    pub(super) fn roster_after(&self) -> Option<u32> {
        self.inside.as_ref()?.members.last_key_value().map(|(number, _)| *number)
    }
}
