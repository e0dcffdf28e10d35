//! What a window makes of the events: the smallest fold that shows a room.

use std::collections::{BTreeMap, BTreeSet};

use maru_wire::limits::MIRROR_ENTRIES_MAX;
use maru_wire::{CaughtUp, Entry, Happening, Member, MemberId, MessageId, RefusalCode};

use crate::event::{Link, RoomEvent};

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub link: Option<Link>,
    pub name: String,
    pub you: Option<Member>,
    pub gaps: Vec<CaughtUp>,
    pub entries: Vec<Entry>,
    pub older: bool,
    pub pending: BTreeMap<MessageId, Option<RefusalCode>>,
    pub count: u32,
    pub members: BTreeMap<u32, Member>,
    pub typing: BTreeSet<MemberId>,
}

impl Shown {
    pub(super) fn of(events: &[RoomEvent]) -> Self {
        let mut shown = Self::default();
        events.iter().for_each(|event| shown.apply(event));
        shown
    }

    pub(super) fn apply(&mut self, event: &RoomEvent) {
        match event {
            RoomEvent::Link { link } => {
                if *link != Link::Live {
                    self.typing.clear();
                }
                self.link = Some(link.clone());
            }
            RoomEvent::Entered { name, you, caught_up, entries, older, count, members, .. } => {
                if *caught_up != CaughtUp::Resumed {
                    self.entries.clear();
                    self.older = *older;
                }
                if !matches!(caught_up, CaughtUp::First | CaughtUp::Resumed) {
                    self.gaps.push(*caught_up);
                }
                (self.name, self.you, self.count) = (name.clone(), Some(you.clone()), *count);
                self.typing.clear();
                self.hear(entries);
                self.members = members.iter().map(|member| (member.number, member.clone())).collect();
                self.you = Some(you.clone());
            }
            RoomEvent::Entries { entries } => self.hear(entries),
            RoomEvent::History { entries, older } => {
                self.entries.splice(0..0, entries.iter().cloned());
                self.older = *older;
            }
            RoomEvent::Members { members, .. } => self.meet(members),
            RoomEvent::Presence { joined, left, count } => {
                for member in left {
                    self.members.remove(&member.number);
                    self.typing.remove(&member.id);
                }
                self.meet(joined);
                self.count = *count;
            }
            RoomEvent::Typing { member, active: true } => drop(self.typing.insert(member.clone())),
            RoomEvent::Typing { member, active: false } => drop(self.typing.remove(member)),
            RoomEvent::Queued { id, .. } => drop(self.pending.insert(id.clone(), None)),
            RoomEvent::Unsent { id, code } => drop(self.pending.insert(id.clone(), Some(*code))),
            RoomEvent::Refused { .. }
            | RoomEvent::Excerpt { .. }
            | RoomEvent::Found { .. }
            | RoomEvent::Disk { .. }
            | RoomEvent::Connected { .. }
            | RoomEvent::Binary { .. }
            | RoomEvent::Notebook { .. } => {}
        }
    }

    /// Without what a snapshot cannot tell: gaps that were, and how long a wait was at first.
    pub(super) fn comparable(&self) -> Self {
        let mut same = self.clone();
        same.gaps.clear();
        if let Some(Link::Waiting { retry_in_ms, .. }) = &mut same.link {
            *retry_in_ms = 0;
        }
        same
    }

    fn meet(&mut self, members: &[Member]) {
        self.members.extend(members.iter().map(|member| (member.number, member.clone())));
    }

    fn hear(&mut self, entries: &[Entry]) {
        for entry in entries {
            let ours = self.you.as_ref().is_some_and(|you| you.id == entry.by.id);
            if let Happening::Said { id, .. } = &entry.what
                && ours
            {
                self.pending.remove(id);
            }
            let last = self.entries.last().map(|last| last.seq);
            if last.is_some_and(|last| entry.seq <= last) {
                continue;
            }
            assert!(last.is_none_or(|last| entry.seq == last.next()), "a hole before {entry:?}");
            self.entries.push(entry.clone());
            if let Happening::Renamed { .. } = &entry.what {
                let called = |member: &mut Member| member.nickname = entry.by.nickname.clone();
                self.members.values_mut().filter(|member| member.id == entry.by.id).for_each(called);
                self.you.as_mut().filter(|_| ours).map(called);
            }
        }
        let over = self.entries.len().saturating_sub(MIRROR_ENTRIES_MAX);
        self.entries.drain(..over);
        self.older |= over > 0;
    }
}
