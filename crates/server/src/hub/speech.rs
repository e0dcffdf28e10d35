//! What a member says: messages, names, typing, and questions about the log and the roster.

use std::time::Duration;

use maru_room::{Command, Refusal};
use maru_wire::frames::PageOf;
use maru_wire::limits::{PRESENCE_SINGLE_MEMBERS_MAX, TYPING_INTERVAL_MS};
use maru_wire::{ClientFrame, MemberId, RefusalCode, RoomFrame, Seq};

use super::presence::fitting;
use super::{Hub, Later, Now, Question, SeatId};

impl Hub {
    /// Takes every frame but `authenticate`, `hello` and `leave`, and deals with it now or later.
    pub(super) fn speech(&mut self, id: SeatId, frame: ClientFrame, share: u32, now: Now) -> Option<Later> {
        let Some(member) = self.seats.get(&id).and_then(|seat| seat.member()).cloned() else {
            self.refuse(id, RefusalCode::HelloFirst, None, None);
            return None;
        };
        match frame {
            ClientFrame::Say { id: message, text } => {
                let name = message.clone();
                match self.apply(id, &member, Command::Say { id: message, text }, share, now) {
                    Ok(later) => return later,
                    Err(code) => self.refuse(id, code, Some("say"), Some(name)),
                }
            }
            ClientFrame::Rename { nickname } => {
                match self.apply(id, &member, Command::Rename { nickname }, share, now) {
                    Ok(later) => return later,
                    Err(code) => self.refuse(id, code, Some("rename"), None),
                }
            }
            ClientFrame::Typing { active } => self.typing(id, member, active, now),
            ClientFrame::History { before } => return self.history(id, before, share),
            ClientFrame::Excerpt { from } => return self.excerpt(id, from, share),
            ClientFrame::Search { words, before } if self.room.has_store() => {
                self.ask(id, Question::Search { words, before }, share);
                return Some(Later);
            }
            ClientFrame::Search { .. } => self.refuse(id, RefusalCode::Unavailable, Some("search"), None),
            ClientFrame::Roster { after } => {
                let (members, more) = fitting(self.room.roster().page_after(after));
                self.tell(id, RoomFrame::Roster { members, more });
            }
            ClientFrame::Authenticate { .. } | ClientFrame::Hello { .. } | ClientFrame::Leave => {}
        }
        None
    }

    pub(super) fn apply(
        &mut self,
        id: SeatId,
        member: &MemberId,
        command: Command,
        share: u32,
        now: Now,
    ) -> Result<Option<Later>, RefusalCode> {
        let draft = self.room.draft(member, command, now.unix_ms).map_err(|refusal| match refusal {
            Refusal::NotHere => RefusalCode::HelloFirst,
            Refusal::NameTaken => RefusalCode::NicknameTaken,
        })?;
        draft.map_or(Ok(None), |draft| self.write(id, draft, share, now))
    }

    fn history(&mut self, id: SeatId, before: Seq, share: u32) -> Option<Later> {
        if self.room.log().asks_store_before(before) {
            self.ask(id, Question::Before(before), share);
            return Some(Later);
        }
        let page = self.room.log().before(before);
        self.tell_page(id, PageOf::History, page);
        None
    }

    fn excerpt(&mut self, id: SeatId, from: Seq, share: u32) -> Option<Later> {
        if self.room.has_store() && !self.room.log().reaches(Seq(from.0.saturating_sub(1))) {
            self.ask(id, Question::From(from), share);
            return Some(Later);
        }
        let page = self.room.log().from(from);
        self.tell_page(id, PageOf::Excerpt, page);
        None
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
        self.announce(RoomFrame::Typing { member, active, after });
    }
}
