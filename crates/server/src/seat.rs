//! The room's end of the sweep: what peers say goes to the keeper, what the keeper orders goes to the peers. It
//! decides nothing, and it never waits.

use maru_wire::limits::{PAGE_SHARE_FRAMES, SHARE_FRAME_BYTES};
use maru_wire::{ByeCode, ClientFrame, RoomFrame, Then};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::hub::{SeatId, not_text};
use crate::keeper::{Guest, REQUESTS_GATHERED_MAX, Request};
use crate::sweep::{ConnectionId, Handed, Handler, Heard, OrderReceiver, Orders, close_frame, text_frame};

/// All seats of a room, from the side of their connections.
pub(crate) struct Seats {
    requests: mpsc::Sender<Vec<Request>>,
    /// What is handed on together, once in each turn, so that the keeper is woken once. While there is much of
    /// it nothing is heard, so it holds a few requests of each connection at most.
    gathered: Vec<Request>,
    orders: OrderReceiver,
}

impl Seats {
    pub(crate) fn new(requests: mpsc::Sender<Vec<Request>>, orders: OrderReceiver) -> Self {
        Self { requests, gathered: Vec::new(), orders }
    }
}

impl Handler for Seats {
    type Guest = Guest;

    fn opened(&mut self, id: ConnectionId, guest: Guest) {
        self.gathered.push(Request::Open { seat: seat_of(id), guest });
    }

    fn heard(&mut self, id: ConnectionId, heard: Heard) -> u32 {
        let frame = match heard {
            Heard::Text(text) => ClientFrame::parse(&text),
            Heard::Binary(_) => Err(not_text()),
        };
        let share = match frame {
            Ok(
                ClientFrame::History { .. }
                | ClientFrame::Excerpt { .. }
                | ClientFrame::Search { .. }
                | ClientFrame::Roster { .. },
            ) => PAGE_SHARE_FRAMES as u32,
            Ok(ClientFrame::Say { ref text, .. }) => 1 + (text.as_str().len() / SHARE_FRAME_BYTES) as u32,
            _ => 1,
        };
        self.gathered.push(Request::Frame { seat: seat_of(id), frame: Box::new(frame), share });
        share
    }

    fn ready(&mut self, id: ConnectionId) {
        self.gathered.push(Request::Ready { seat: seat_of(id) });
    }

    fn gone(&mut self, id: ConnectionId) {
        self.gathered.push(Request::Gone { seat: seat_of(id) });
    }

    fn farewell(&self, code: ByeCode) -> Vec<u8> {
        farewell(code)
    }

    fn listens(&mut self) -> bool {
        self.gathered.len() < REQUESTS_GATHERED_MAX || self.hand_on() == Handed::All
    }

    /// A keeper that is gone takes everything, and hears nothing.
    fn hand_on(&mut self) -> Handed {
        if self.gathered.is_empty() {
            return Handed::All;
        }
        match self.requests.try_send(std::mem::take(&mut self.gathered)) {
            Ok(()) | Err(TrySendError::Closed(_)) => {
                // Where both share a core the keeper decides now, so that this turn announces what it heard, and
                // with one write to each member. Elsewhere nobody is waited for.
                std::thread::yield_now();
                Handed::All
            }
            Err(TrySendError::Full(gathered)) => {
                self.gathered = gathered;
                Handed::Part
            }
        }
    }

    fn orders(&mut self) -> Orders {
        self.orders.take()
    }
}

/// The seat of a connection: one name for both.
pub(crate) fn seat_of(id: ConnectionId) -> SeatId {
    SeatId(id.0)
}

/// The connection of a seat.
pub(crate) fn connection_of(seat: SeatId) -> ConnectionId {
    ConnectionId(seat.0)
}

/// The last words of a connection: why, in a frame, and the close.
pub(crate) fn farewell(code: ByeCode) -> Vec<u8> {
    let bye = RoomFrame::Bye { code, then: code.then(), message: explain(code).into() };
    let mut words = text_frame(|into| into.extend(bye.encode().as_bytes()));
    let reason = if code.then() == Then::Retry { "retry" } else { "stop" };
    words.extend(close_frame(code.close_code(), reason));
    words
}

fn explain(code: ByeCode) -> &'static str {
    match code {
        ByeCode::TooSlow => "you fell behind; come back and resume",
        ByeCode::PingTimeout => "two pings went unanswered",
        ByeCode::Restarting => "the host program ends; come back in a while",
        ByeCode::RoomFull => "no seat is free",
        ByeCode::AddressFull => "too many connections from your address",
        ByeCode::RoomClosed => "the host closed the room",
        ByeCode::HelloTimeout => "no hello in time",
        ByeCode::TooFast => "too many messages, again and again",
        ByeCode::TooManyErrors => "too many frames that could not be taken",
        ByeCode::TooManyFrames => "a message in too many frames, or too many control frames",
        ByeCode::Left => "good-bye",
        ByeCode::PassphraseNeeded => "this room asks for a passphrase",
        ByeCode::WrongPassphrase => "this is not the passphrase of this room",
        ByeCode::TooManyAttempts => "too many wrong passphrases from your address; try again in some minutes",
        ByeCode::Unknown => "the connection ends",
    }
}

#[cfg(test)]
mod tests {
    use maru_wire::limits::{MESSAGE_BYTES_MAX, SHARE_FRAMES_MAX};

    use super::*;
    use crate::sweep::{SweepPlace, order_channel};

    #[test]
    fn a_share_of_messages_is_as_bounded_in_bytes_whatever_their_size() {
        let (requests, _queue) = mpsc::channel(1);
        let (_orders, ordered) = order_channel(SweepPlace::new().unwrap().bell());
        let mut seats = Seats::new(requests, ordered);
        for bytes in [1, 1_000, SHARE_FRAME_BYTES, MESSAGE_BYTES_MAX] {
            let say = format!(r#"{{"type":"say","id":"m1","text":"{}"}}"#, "x".repeat(bytes));
            let share = seats.heard(ConnectionId(1), Heard::Text(say.into())) as usize;
            let in_flight = SHARE_FRAMES_MAX.div_ceil(share) * bytes;
            assert!(in_flight <= 4 * MESSAGE_BYTES_MAX, "{bytes}: {in_flight}");
        }
    }
}
