//! What the hub wants done: words to connections, and questions to the store.

use maru_wire::{ByeCode, Dialect, RoomFrame};

#[cfg(doc)]
use super::Hub;
use super::{Question, SeatId};

/// What is to be done, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Everybody who is live and speaks `maru.v1` hears this.
    Announce(RoomFrame),
    /// Everybody who is live and hears text hears this, over WebSocket alone.
    AnnounceLine(String),
    /// Everybody who is live on Socket.IO hears this: as an event of its own, as text, or both.
    Emit {
        /// The event, as it is told in `maru.v1`.
        event: Option<Box<RoomFrame>>,
        /// The text.
        line: Option<String>,
    },
    /// One connection that hears text hears this.
    TellLine(SeatId, String),
    /// One connection hears this. With `more`, it asks for the next page once this is written.
    Tell {
        /// Which.
        seat: SeatId,
        /// What.
        frame: Box<RoomFrame>,
        /// Whether to say [`Hub::handle_ready`] once it is written.
        more: bool,
    },
    /// One connection hears all that is announced in its dialect from here on.
    GoLive(SeatId, Dialect),
    /// One connection that was live as a speaker of plain text is none: it hears nothing more of what is announced until
    /// it goes live again, and is told frames.
    BeginAnew(SeatId),
    /// One connection hears why, and ends. Its seat is free already.
    Dismiss(SeatId, ByeCode),
    /// The same for one that hears text.
    Part {
        /// Which.
        seat: SeatId,
        /// Why, if that is worth a line.
        line: Option<String>,
        /// The close code (RFC 6455, section 7.4).
        close_code: u16,
    },
    /// What one connection said is dealt with: so much of its share is free again.
    Answered {
        /// Which.
        seat: SeatId,
        /// As given to [`Hub::handle_frame`].
        share: u32,
    },
    /// The store is to be asked; [`Hub::handle_answer`] takes the answer. One question a seat at a time.
    Ask {
        /// For whom.
        seat: SeatId,
        /// What.
        question: Question,
    },
}
