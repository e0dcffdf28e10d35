//! What a member says: messages, names, typing, and questions about the log and the roster.

use std::time::Duration;

use maru_room::{Applied, Command, Refusal};
use maru_wire::frames::PageOf;
use maru_wire::limits::{PRESENCE_SINGLE_MEMBERS_MAX, TYPING_INTERVAL_MS};
use maru_wire::{ClientFrame, MemberId, RefusalCode, RoomFrame};

use super::presence::fitting;
use super::{Deed, Hub, Now, SeatId};

impl Hub {
    /// Takes every frame but `hello` and `leave`.
    pub(super) fn speech(&mut self, id: SeatId, frame: ClientFrame, now: Now) {
        let Some(member) = self.seats.get(&id).and_then(|seat| seat.member()).cloned() else {
            return self.refuse(id, RefusalCode::HelloFirst, None, None);
        };
        match frame {
            ClientFrame::Say { id: message, text } => {
                let name = message.clone();
                if let Err(code) = self.apply(id, &member, Command::Say { id: message, text }, now) {
                    self.refuse(id, code, Some("say"), Some(name));
                }
            }
            ClientFrame::Rename { nickname } => {
                if let Err(code) = self.apply(id, &member, Command::Rename { nickname }, now) {
                    self.refuse(id, code, Some("rename"), None);
                }
            }
            ClientFrame::Typing { active } => self.typing(id, member, active, now),
            ClientFrame::History { before } => {
                let page = self.room.log().before(before);
                let (entries, more) = (page.entries, page.more);
                self.tell(id, RoomFrame::Page { of: PageOf::History, entries, more });
            }
            ClientFrame::Roster { after } => {
                let (members, more) = fitting(self.room.roster().page_after(after));
                self.tell(id, RoomFrame::Roster { members, more });
            }
            ClientFrame::Hello { .. } | ClientFrame::Leave => {}
        }
    }

    fn apply(
        &mut self,
        id: SeatId,
        member: &MemberId,
        command: Command,
        now: Now,
    ) -> Result<(), RefusalCode> {
        let applied = self.room.apply(member, command, now.unix_ms).map_err(|refusal| match refusal {
            Refusal::NotHere => RefusalCode::HelloFirst,
            Refusal::IdReused => RefusalCode::IdReused,
            Refusal::NameTaken => RefusalCode::NicknameTaken,
        })?;
        match applied {
            Applied::New(entry) => {
                // What was being written is said: the next beginning is news.
                if let Some(seat) = self.seats.get_mut(&id) {
                    (seat.is_typing, seat.typing_told) = (false, None);
                }
                self.deeds.push_back(Deed::Announce(RoomFrame::Entry(entry)));
            }
            Applied::Known(first) => self.tell(id, RoomFrame::Entry(first)),
            Applied::Nothing => {}
        }
        Ok(())
    }

    /// Passes on that somebody writes: at most every two seconds a member, and not in a large room, where it
    /// would be noise.
    fn typing(&mut self, id: SeatId, member: MemberId, active: bool, now: Now) {
        let after = self.head_seq();
        let crowd = self.room.roster().count() > PRESENCE_SINGLE_MEMBERS_MAX;
        let Some(seat) = self.seats.get_mut(&id) else { return };
        let interval = Duration::from_millis(TYPING_INTERVAL_MS);
        let passed_on = if active {
            seat.typing_told.is_none_or(|told| now.since_start >= told + interval)
        } else {
            seat.is_typing
        };
        if crowd || !passed_on {
            return;
        }
        seat.is_typing = active;
        if active {
            seat.typing_told = Some(now.since_start);
        }
        self.deeds.push_back(Deed::Announce(RoomFrame::Typing { member, active, after }));
    }
}
