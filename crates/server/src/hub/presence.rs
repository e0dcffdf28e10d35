//! Who came and who went: one by one in a small room, once a second in a large one.

use std::collections::BTreeMap;
use std::time::Duration;

use maru_room::Roster;
use maru_wire::limits::{
    PRESENCE_INTERVAL_MS, PRESENCE_NAMES_MAX, PRESENCE_SINGLE_MEMBERS_MAX, ROSTER_PAGE_BYTES_MAX,
};
use maru_wire::{ByeCode, Member, RoomFrame, Seq};

use super::seat::Stage;
use super::{Hub, SeatId};

/// What became of members over a while, each at most once, by number.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Changes(BTreeMap<u32, (Member, Change)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Joined,
    Left,
}

impl Changes {
    pub(super) fn note_joined(&mut self, member: Member) {
        self.0.insert(member.number, (member, Change::Joined));
    }

    pub(super) fn note_left(&mut self, member: Member) {
        self.0.insert(member.number, (member, Change::Left));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    /// Those who came are told by the names they have now: a rename since was told before this frame.
    pub(super) fn into_frame(self, roster: &Roster, after: Seq, names_max: usize) -> RoomFrame {
        let count = u32::try_from(roster.count()).unwrap_or(u32::MAX);
        let (mut joined, mut left) = (Vec::new(), Vec::new());
        for (member, change) in self.0.into_values() {
            let names = if change == Change::Joined { &mut joined } else { &mut left };
            if names.len() < names_max {
                names.push(roster.member(&member.id).cloned().unwrap_or(member));
            }
        }
        RoomFrame::Presence { count, joined, left, after }
    }
}

impl Hub {
    pub(super) fn announce_joined(&mut self, member: Member) {
        self.note_for_catching_up(|changes| changes.note_joined(member.clone()));
        if self.waits_for_others() {
            self.changes.note_joined(member);
        } else {
            let (count, after) = (self.count(), self.head_seq());
            self.announce(RoomFrame::Joined { member, count, after });
        }
    }

    pub(super) fn announce_left(&mut self, member: Member) {
        self.note_for_catching_up(|changes| changes.note_left(member.clone()));
        if self.waits_for_others() {
            self.changes.note_left(member);
        } else {
            let (count, after) = (self.count(), self.head_seq());
            self.announce(RoomFrame::Left { member, count, after });
        }
    }

    /// Whether who comes or goes now is told together with others: in a large room, and where some wait already,
    /// so that none overtakes another.
    fn waits_for_others(&mut self) -> bool {
        let large = self.room.roster().count() > PRESENCE_SINGLE_MEMBERS_MAX;
        if large && self.changes_due.is_none() {
            self.changes_due = Some(self.clock.since_start + Duration::from_millis(PRESENCE_INTERVAL_MS));
        }
        self.changes_due.is_some()
    }

    pub(super) fn announce_changes(&mut self) {
        self.changes_due = None;
        let changes = std::mem::take(&mut self.changes);
        let frame = changes.into_frame(self.room.roster(), self.head_seq(), PRESENCE_NAMES_MAX);
        self.announce(frame);
    }

    pub(super) fn head_seq(&self) -> Seq {
        self.room.log().head().seq
    }

    fn note_for_catching_up(&mut self, note: impl Fn(&mut Changes)) {
        let mut too_many = Vec::<SeatId>::new();
        for id in &self.catching_up {
            let Some(seat) = self.seats.get_mut(id) else { continue };
            if let Stage::Member { catching_up: Some(catching_up), .. } = &mut seat.stage {
                note(&mut catching_up.changes);
                if catching_up.changes.len() > CATCH_UP_CHANGES_MAX {
                    too_many.push(*id);
                }
            }
        }
        for id in &too_many {
            self.catching_up.remove(id);
        }
        self.fell_behind.extend(too_many);
        // Letting one go is a change itself, which may let others fall behind: one loop, not one in another.
        if std::mem::replace(&mut self.letting_go, true) {
            return;
        }
        while let Some(id) = self.fell_behind.pop() {
            self.dismiss(id, ByeCode::TooSlow);
        }
        self.letting_go = false;
    }
}

/// As much of a page of the roster as is small enough to travel with a page of entries, and whether more
/// follows it.
pub(super) fn fitting((mut members, more): (Vec<Member>, bool)) -> (Vec<Member>, bool) {
    let mut bytes = 0;
    let fits = members.iter().take_while(|member| {
        let nickname = member.nickname.as_str();
        let escapes = nickname.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
        bytes += MEMBER_OVERHEAD_BYTES + nickname.len() + escapes;
        bytes <= ROSTER_PAGE_BYTES_MAX
    });
    let count = fits.count().max(1).min(members.len());
    let cut = count < members.len();
    members.truncate(count);
    (members, more || cut)
}

/// Bytes of a member's field names, number and identifier.
const MEMBER_OVERHEAD_BYTES: usize = 90;

/// Changes kept for a member who is catching up; past them they begin again from where they are.
const CATCH_UP_CHANGES_MAX: usize = 2 * PRESENCE_SINGLE_MEMBERS_MAX;

/// All names of what was kept for a member who was catching up.
pub(super) const CATCH_UP_NAMES_MAX: usize = CATCH_UP_CHANGES_MAX;
