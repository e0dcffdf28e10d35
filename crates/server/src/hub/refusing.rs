//! What the room does not take, in words, and how often that may be before a connection is let go.

use std::time::Duration;

use maru_wire::limits::{RATE_FORGIVEN_MS, RATE_REFUSALS_MAX, REFUSALS_MAX};
use maru_wire::{ByeCode, ClientFrame, FrameError, MessageId, RefusalCode, RoomFrame};

use super::{Hub, SeatId};

impl Hub {
    pub(super) fn refuse(
        &mut self,
        id: SeatId,
        code: RefusalCode,
        frame: Option<&str>,
        message_id: Option<MessageId>,
    ) {
        let refused = RoomFrame::Refused {
            code,
            frame: frame.map(String::from),
            id: message_id,
            message: explain(code).into(),
        };
        self.refuse_with(id, refused, code == RefusalCode::TooFast);
    }

    pub(super) fn refuse_with(&mut self, id: SeatId, refused: RoomFrame, too_fast: bool) {
        let Some(seat) = self.seats.get_mut(&id) else { return };
        if too_fast
            && self.clock.since_start >= seat.rate_refused_at + Duration::from_millis(RATE_FORGIVEN_MS)
        {
            seat.rate_refusals = 0;
        }
        let (refusals, bound, code) = if too_fast {
            seat.rate_refused_at = self.clock.since_start;
            (&mut seat.rate_refusals, RATE_REFUSALS_MAX, ByeCode::TooFast)
        } else {
            (&mut seat.refusals, REFUSALS_MAX, ByeCode::TooManyErrors)
        };
        // What the disk does not take is nobody's error.
        *refusals += u32::from(!matches!(refused, RoomFrame::Refused { code: RefusalCode::Unavailable, .. }));
        if *refusals > bound {
            self.dismiss(id, code);
        } else {
            self.tell(id, refused);
        }
    }
}

/// What a frame was about, for a refusal that comes before it is looked at.
pub(super) fn named(frame: &Result<ClientFrame, FrameError>) -> (Option<&'static str>, Option<MessageId>) {
    match frame {
        Ok(ClientFrame::Authenticate { .. }) => (Some("authenticate"), None),
        Ok(ClientFrame::Hello { .. }) => (Some("hello"), None),
        Ok(ClientFrame::Say { id, .. }) => (Some("say"), Some(id.clone())),
        Ok(ClientFrame::Rename { .. }) => (Some("rename"), None),
        Ok(ClientFrame::Typing { .. }) => (Some("typing"), None),
        Ok(ClientFrame::History { .. }) => (Some("history"), None),
        Ok(ClientFrame::Excerpt { .. }) => (Some("excerpt"), None),
        Ok(ClientFrame::Search { .. }) => (Some("search"), None),
        Ok(ClientFrame::Roster { .. }) => (Some("roster"), None),
        Ok(ClientFrame::Leave) => (Some("leave"), None),
        Err(error) => (None, error.id.clone()),
    }
}

fn explain(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::HelloFirst => "say hello first",
        RefusalCode::AlreadyHere => "you have said that already, or need not say it here",
        RefusalCode::NicknameTaken => "somebody here has that nickname, or one that looks like it",
        RefusalCode::BadSignature => "key and signature do not fit this room and connection",
        RefusalCode::IdReused => "this id was used before, for another text",
        RefusalCode::TooFast => "more messages than this room takes; wait and say it again",
        RefusalCode::NotText => "a frame is JSON in a text message",
        RefusalCode::Unavailable => "the host's disk does not take it just now; say it again later",
        RefusalCode::PassphraseFirst => "show the passphrase of this room first",
        RefusalCode::WrongPassphrase => "this is not the passphrase of this room",
        RefusalCode::NotJson
        | RefusalCode::UnknownType
        | RefusalCode::BadFrame
        | RefusalCode::BadNickname
        | RefusalCode::Empty
        | RefusalCode::TooLong
        | RefusalCode::Unknown => "the room did not take it",
    }
}

/// The refusal of a binary message.
pub fn not_text() -> FrameError {
    FrameError {
        code: RefusalCode::NotText,
        frame: None,
        id: None,
        message: explain(RefusalCode::NotText).into(),
    }
}
