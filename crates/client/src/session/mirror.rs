//! The room as heard here: a gapless run of its log up to the place we stand, and who is there. Bounded; what is
//! older can be asked for again.

use std::collections::{BTreeMap, VecDeque};

use maru_wire::limits::{MEMBERS_MAX, MIRROR_BYTES_MAX, MIRROR_ENTRIES_MAX};
use maru_wire::nickname::room_name;
use maru_wire::{CaughtUp, Cursor, Entry, Happening, Keeps, Member, MemberId, RoomId, Seq, StatedLimits};

use crate::event::RoomEvent;

#[derive(Debug, Default)]
pub(super) struct Mirror {
    /// The room, as told last.
    room: Option<RoomId>,
    inside: Option<Inside>,
}

/// What is known since we were let in for the first time.
#[derive(Debug)]
struct Inside {
    room: RoomId,
    name: String,
    you: Member,
    cursor: Cursor,
    /// The head of the log when we were let in: the names we were told then are newer than those in entries up
    /// to it.
    names_as_of: Seq,
    entries: VecDeque<Entry>,
    /// Bytes of text in the entries.
    bytes: usize,
    older: bool,
    count: u32,
    members: BTreeMap<u32, Member>,
    /// The number up to which the members' names were told without a hole.
    roster_after: u32,
    limits: StatedLimits,
    can: Vec<String>,
    keeps: Keeps,
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
    pub keeps: Keeps,
}

impl Mirror {
    /// The room has told which one it is. Returns whether it is another one than before, which is heard from the
    /// start once it lets us in.
    pub(super) fn handle_room(&mut self, id: RoomId) -> bool {
        let before = self.inside.as_ref().map(|inside| &inside.room).or(self.room.as_ref());
        let moved = before.is_some_and(|before| *before != id);
        self.room = Some(id);
        moved
    }

    /// We are let in. Returns the entries that are new here; none where they do not follow what was heard,
    /// which a room that keeps the protocol does not do. Then nothing is changed.
    pub(super) fn handle_welcome(&mut self, welcome: Welcome) -> Option<Vec<Entry>> {
        let resumed = welcome.caught_up == CaughtUp::Resumed;
        let (after, new) = if resumed {
            let cursor = self.cursor().filter(|cursor| cursor.epoch == welcome.head.epoch)?.seq;
            (cursor, welcome.entries.into_iter().filter(|entry| entry.seq > cursor).collect::<Vec<_>>())
        } else {
            // The place before the latest page is where hearing begins. Only that of an empty log is empty.
            let first = welcome.entries.first().map_or(1, |entry| entry.seq.0);
            let after = Seq(first.saturating_sub(1));
            (after, welcome.entries)
        };
        let last = new.last().map_or(after, |entry| entry.seq);
        if !follow(after, &new) || (last != welcome.head.seq && !(resumed && welcome.more)) {
            return None;
        }
        let room = self.room.clone()?;
        let (mut cursor, entries, bytes, older) = match self.inside.take().filter(|_| resumed) {
            Some(before) => (before.cursor, before.entries, before.bytes, before.older),
            None => (welcome.head.clone(), VecDeque::new(), 0, welcome.more),
        };
        cursor.seq = after;
        self.inside = Some(Inside {
            name: name_of(&room, &welcome.name),
            room,
            you: welcome.you,
            cursor,
            names_as_of: welcome.head.seq,
            entries,
            bytes,
            older,
            count: welcome.count,
            roster_after: welcome.members.iter().map(|member| member.number).max().unwrap_or(0),
            members: welcome.members.into_iter().map(|member| (member.number, member)).collect(),
            limits: welcome.limits,
            can: welcome.can,
            keeps: welcome.keeps,
        });
        for entry in &new {
            self.handle_entry(entry);
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
        if entry.seq > inside.names_as_of {
            let known = inside.members.get_mut(&entry.by.number).filter(|member| member.id == entry.by.id);
            let you = Some(&mut inside.you).filter(|you| you.id == entry.by.id);
            for member in known.into_iter().chain(you) {
                member.nickname = entry.by.nickname.clone();
            }
        }
        inside.bytes += text_bytes(entry);
        inside.entries.push_back(entry.clone());
        while inside.entries.len() > MIRROR_ENTRIES_MAX || inside.bytes > MIRROR_BYTES_MAX {
            let Some(oldest) = inside.entries.pop_front() else { break };
            inside.bytes -= text_bytes(&oldest);
            inside.older = true;
        }
        Heard::Next
    }

    /// A page of history came. Returns what of it precedes the oldest entry heard and is kept, and whether there
    /// is more to ask for; none where it leaves a hole.
    pub(super) fn handle_history(&mut self, entries: Vec<Entry>, older: bool) -> Option<(Vec<Entry>, bool)> {
        let inside = self.inside.as_mut()?;
        let first = inside.entries.front().map_or(inside.cursor.seq.next(), |entry| entry.seq);
        let mut new: Vec<Entry> = entries.into_iter().filter(|entry| entry.seq < first).collect();
        let before = Seq(first.0.saturating_sub(1).checked_sub(new.len() as u64)?);
        if !follow(before, &new) {
            return None;
        }
        // Scrolling back further would push out what is live.
        let room_left = MIRROR_ENTRIES_MAX.saturating_sub(inside.entries.len());
        let mut fit = 0;
        for entry in new.iter().rev().take(room_left) {
            let bytes = inside.bytes + text_bytes(entry);
            if bytes > MIRROR_BYTES_MAX {
                break;
            }
            inside.bytes = bytes;
            inside.entries.push_front(entry.clone());
            fit += 1;
        }
        let kept = new.split_off(new.len() - fit);
        // What had no room now has none later: a page asked for again would be dropped again.
        let full = !new.is_empty() || inside.entries.len() >= MIRROR_ENTRIES_MAX;
        inside.older = older && !kept.is_empty() && !full;
        Some((kept, inside.older))
    }

    pub(super) fn handle_presence(&mut self, joined: &[Member], left: &[Member], count: u32) {
        let Some(inside) = &mut self.inside else { return };
        for member in left {
            inside.members.remove(&member.number);
        }
        inside.count = count;
        inside.name_members(joined);
    }

    /// A page of the roster came.
    pub(super) fn handle_roster(&mut self, members: &[Member]) {
        let Some(inside) = &mut self.inside else { return };
        inside.roster_after = members
            .iter()
            .map(|member| member.number)
            .fold(inside.roster_after, |after, number| after.max(number));
        inside.name_members(members);
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
            room: inside.room.clone(),
            name: inside.name.clone(),
            you: inside.you.clone(),
            caught_up,
            entries,
            older: inside.older,
            count: inside.count,
            members: inside.members.values().cloned().collect(),
            limits: inside.limits.clone(),
            can: inside.can.clone(),
            keeps: inside.keeps,
        })
    }

    pub(super) fn room(&self) -> Option<&RoomId> {
        self.room.as_ref()
    }

    /// Where we stand, if it is in the room that was told last.
    pub(super) fn cursor(&self) -> Option<&Cursor> {
        let here = self.inside.as_ref().filter(|inside| Some(&inside.room) == self.room.as_ref());
        here.map(|inside| &inside.cursor)
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

    /// The number up to which members are known by name. Who came since is known beyond it.
    pub(super) fn roster_after(&self) -> Option<u32> {
        self.inside.as_ref().map(|inside| inside.roster_after)
    }
}

impl Inside {
    fn name_members(&mut self, members: &[Member]) {
        for member in members {
            if self.members.len() < MEMBERS_MAX || self.members.contains_key(&member.number) {
                self.members.insert(member.number, member.clone());
            }
        }
    }
}

/// What a room is called: as it says, where that is a name, else by the beginning of its id.
fn name_of(room: &RoomId, told: &str) -> String {
    room_name(told).unwrap_or_else(|_| room.as_str().chars().take(SHORT_ID_CHARS).collect())
}

fn text_bytes(entry: &Entry) -> usize {
    match &entry.what {
        Happening::Said { text, .. } => text.as_str().len(),
        Happening::Renamed { .. } | Happening::Unknown => 0,
    }
}

/// Whether entries follow a place without a hole.
fn follow(place: Seq, entries: &[Entry]) -> bool {
    let mut last = place;
    entries.iter().all(|entry| {
        let follows = entry.seq > last && entry.seq == last.next();
        last = entry.seq;
        follows
    })
}

/// Characters of a room's id that stand for its name: enough to tell two rooms apart.
const SHORT_ID_CHARS: usize = 8;
