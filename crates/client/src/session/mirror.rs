//! The room as heard here: a gapless run of its log up to the place we stand, and who is there. Bounded; what is
//! older can be asked for again.

use std::collections::{BTreeMap, VecDeque};

use maru_wire::limits::{MEMBERS_MAX, MIRROR_BYTES_MAX, MIRROR_ENTRIES_MAX};
use maru_wire::nickname::room_name;
use maru_wire::{CaughtUp, Cursor, Entry, Happening, Keeps, Member, MemberId, RoomId, Seq, StatedLimits};

use super::{Keeping, Kept, Known};
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
    /// Whether the room has older entries than these.
    older: bool,
    /// The oldest entry that is shown: older than all of these where somebody has scrolled back beyond the bounds.
    shown_from: Seq,
    /// Whether the room has older entries than those shown.
    shown_older: bool,
    /// Whether this is what was kept, and the room has not let us in since.
    kept: bool,
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

/// What a page of history adds.
pub(super) struct Earlier {
    /// What was not shown yet.
    pub new: Vec<Entry>,
    /// Whether the room has more before it.
    pub older: bool,
    /// The latest of the new ones, which are kept.
    pub kept: Vec<Entry>,
    /// Whether the room has more before those.
    pub older_than_kept: bool,
}

/// What a `welcome` tells.
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
            // A restored room goes on in a new epoch, and still knows the places that both share.
            let cursor = self.cursor()?.seq;
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
        let names_as_of = welcome.head.seq;
        let mut shown = (after.next(), welcome.more);
        let (mut cursor, entries, bytes, older) = match self.inside.take().filter(|_| resumed) {
            Some(before) => {
                shown = (before.shown_from, before.shown_older);
                let cursor = Cursor { epoch: welcome.head.epoch, ..before.cursor };
                (cursor, before.entries, before.bytes, before.older)
            }
            None => (welcome.head, VecDeque::new(), 0, welcome.more),
        };
        cursor.seq = after;
        self.inside = Some(Inside {
            name: name_of(&room, &welcome.name),
            room,
            you: welcome.you,
            cursor,
            names_as_of,
            entries,
            bytes,
            older,
            shown_from: shown.0,
            shown_older: shown.1,
            kept: false,
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
        // What else an entry says of a name is how somebody was called then.
        if matches!(entry.what, Happening::Renamed { .. }) && entry.seq > inside.names_as_of {
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
        // Whoever shows the room keeps the latest within the same bounds, and lets go of what lies before.
        let first = inside.first();
        if inside.shown_from < first {
            (inside.shown_from, inside.shown_older) = (first, true);
        }
        Heard::Next
    }

    /// A page of history came. None where it leaves a hole. What has no room here without pushing out what is live
    /// is passed on all the same, so that scrolling back ends with the first entry only.
    pub(super) fn handle_history(&mut self, entries: Vec<Entry>, older: bool) -> Option<Earlier> {
        let inside = self.inside.as_mut()?;
        let first = inside.shown_from;
        let new: Vec<Entry> = entries.into_iter().filter(|entry| entry.seq < first).collect();
        let before = Seq(first.0.saturating_sub(1).checked_sub(new.len() as u64)?);
        if !follow(before, &new) {
            return None;
        }
        let older = older && !new.is_empty();
        let mut kept = 0;
        if first == inside.first() {
            kept = inside.keep_earlier(&new);
            inside.older = older || kept < new.len();
        }
        inside.shown_from = before.next();
        inside.shown_older = older;
        Some(Earlier { kept: new[new.len() - kept..].to_vec(), new, older, older_than_kept: inside.older })
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

    /// What was kept of a room is all that is known of it until it lets us in.
    pub(super) fn handle_restored(&mut self, room: RoomId, kept: Kept) {
        let Kept { known, cursor, older, entries } = kept;
        self.room = Some(room.clone());
        let first = entries.first().map_or(cursor.seq.next(), |entry| entry.seq);
        self.inside = Some(Inside {
            name: name_of(&room, &known.name),
            room,
            count: 0,
            roster_after: 0,
            members: BTreeMap::new(),
            names_as_of: cursor.seq,
            bytes: entries.iter().map(text_bytes).sum(),
            entries: entries.into(),
            cursor,
            older,
            shown_from: first,
            shown_older: older,
            kept: true,
            you: known.you,
            limits: known.limits,
            can: known.can,
            keeps: known.keeps,
        });
    }

    /// Everything is shown anew, from here on.
    pub(super) fn handle_shown_anew(&mut self) {
        if let Some(inside) = &mut self.inside {
            (inside.shown_from, inside.shown_older) = (inside.first(), inside.older);
        }
    }

    /// Whether this room is the one that is known here.
    pub(super) fn knows(&self, room: &RoomId) -> bool {
        self.inside.as_ref().is_some_and(|inside| inside.room == *room)
    }

    /// All that may be kept of the room.
    pub(super) fn all(&self) -> Option<Keeping> {
        let inside = self.inside.as_ref()?;
        if !inside.may_be_kept() {
            return Some(Keeping::Nothing);
        }
        let entries = inside.entries.iter().cloned().collect();
        let (known, cursor, older) = (inside.known(), inside.cursor.clone(), inside.older);
        Some(Keeping::Begun(Kept { known, cursor, older, entries }))
    }

    /// What the room told of itself, where it may be kept.
    pub(super) fn known(&self) -> Option<Known> {
        self.inside.as_ref().filter(|inside| inside.may_be_kept()).map(Inside::known)
    }

    /// Where what may be kept of the room ends and begins.
    pub(super) fn stretch(&self) -> Option<(Cursor, Seq)> {
        let inside = self.inside.as_ref().filter(|inside| inside.may_be_kept())?;
        Some((inside.cursor.clone(), inside.first()))
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
            kept: inside.kept,
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
        self.inside.as_ref().filter(|inside| inside.shown_older).map(|inside| inside.shown_from)
    }

    /// The number up to which members are known by name. Who came since is known beyond it.
    pub(super) fn roster_after(&self) -> Option<u32> {
        self.inside.as_ref().map(|inside| inside.roster_after)
    }
}

impl Inside {
    /// The oldest entry here; the place after the cursor while there is none.
    fn first(&self) -> Seq {
        self.entries.front().map_or(self.cursor.seq.next(), |entry| entry.seq)
    }

    /// Takes as many of these as there is room for, from the latest on. Returns how many.
    fn keep_earlier(&mut self, earlier: &[Entry]) -> usize {
        let room_left = MIRROR_ENTRIES_MAX.saturating_sub(self.entries.len());
        let mut kept = 0;
        for entry in earlier.iter().rev().take(room_left) {
            let bytes = self.bytes + text_bytes(entry);
            if bytes > MIRROR_BYTES_MAX {
                break;
            }
            self.bytes = bytes;
            self.entries.push_front(entry.clone());
            kept += 1;
        }
        kept
    }

    /// Whether what is heard there may outlast this run: where the host keeps nothing, nobody does.
    fn may_be_kept(&self) -> bool {
        self.keeps != Keeps::Nothing
    }

    fn known(&self) -> Known {
        Known {
            name: self.name.clone(),
            you: self.you.clone(),
            limits: self.limits.clone(),
            can: self.can.clone(),
            keeps: self.keeps,
        }
    }

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
