//! The room's end of the sweep: what peers say goes to the keeper, what the keeper orders goes to the peers. It
//! decides nothing, and it never waits.

use std::collections::HashSet;

use maru_wire::limits::{PAGE_SHARE_FRAMES, SHARE_FRAME_BYTES};
use maru_wire::{ByeCode, ClientFrame, Dialect, FrameError, RoomFrame, Then};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::hub::{SeatId, Utterance, not_text};
use crate::keeper::{Guest, REQUESTS_GATHERED_MAX, Request};
use crate::options::Language;
use crate::sweep::{
    ConnectionId, Handed, Handler, Heard, OrderReceiver, Orders, Tongue, close_frame, text_frame,
};

/// All seats of a room, from the side of their connections.
pub(crate) struct Seats {
    requests: mpsc::Sender<Vec<Request>>,
    /// What is handed on together, once in each turn, so that the keeper is woken once. While there is much of
    /// it nothing is heard, so it holds a few requests of each connection at most.
    gathered: Vec<Request>,
    orders: OrderReceiver,
    /// Those that did not negotiate `maru.v1`: what they say is taken apart where it is known how they speak.
    foreign: HashSet<ConnectionId>,
    language: Language,
}

impl Seats {
    pub(crate) fn new(
        requests: mpsc::Sender<Vec<Request>>,
        orders: OrderReceiver,
        language: Language,
    ) -> Self {
        Self { requests, gathered: Vec::new(), orders, foreign: HashSet::new(), language }
    }

    fn heard_foreign(&mut self, id: ConnectionId, heard: Heard) -> u32 {
        let (share, said) = match heard {
            // One of them may yet turn out to speak `maru.v1`, and ask for pages.
            Heard::Text(text) => {
                (share_of(&ClientFrame::parse(&text), text.len()), Utterance::Text(text.to_string()))
            }
            Heard::Binary(bytes) => (share_of_bytes(bytes.len()), Utterance::Bytes(bytes.into())),
        };
        self.gathered.push(Request::Utterance { seat: seat_of(id), said, share });
        share
    }
}

impl Handler for Seats {
    type Guest = Guest;

    fn opened(&mut self, id: ConnectionId, guest: Guest) {
        if guest.dialect != Some(Dialect::Maru) {
            self.foreign.insert(id);
        }
        self.gathered.push(Request::Open { seat: seat_of(id), guest });
    }

    fn heard(&mut self, id: ConnectionId, heard: Heard) -> u32 {
        if self.foreign.contains(&id) {
            return self.heard_foreign(id, heard);
        }
        let frame = match heard {
            Heard::Text(text) => ClientFrame::parse(&text),
            Heard::Binary(_) => Err(not_text()),
        };
        let share = share_of(&frame, 0);
        self.gathered.push(Request::Frame { seat: seat_of(id), frame: Box::new(frame), share });
        share
    }

    fn ready(&mut self, id: ConnectionId) {
        self.gathered.push(Request::Ready { seat: seat_of(id) });
    }

    fn gone(&mut self, id: ConnectionId) {
        self.foreign.remove(&id);
        self.gathered.push(Request::Gone { seat: seat_of(id) });
    }

    fn farewell(&self, tongue: Tongue, code: ByeCode) -> Vec<u8> {
        match tongue {
            Tongue::Frames => farewell(code),
            Tongue::Lines => parting(Some(self.language.bye(code)), code.close_code()),
        }
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

/// What a frame takes of its connection's share. One that is not understood takes as much as its bytes.
fn share_of(frame: &Result<ClientFrame, FrameError>, bytes: usize) -> u32 {
    match frame {
        Ok(
            ClientFrame::History { .. }
            | ClientFrame::Excerpt { .. }
            | ClientFrame::Search { .. }
            | ClientFrame::Roster { .. },
        ) => PAGE_SHARE_FRAMES as u32,
        Ok(ClientFrame::Say { text, .. }) => share_of_bytes(text.as_str().len()),
        _ => share_of_bytes(bytes),
    }
}

/// What so many bytes take of a share.
pub(crate) fn share_of_bytes(bytes: usize) -> u32 {
    1 + (bytes / SHARE_FRAME_BYTES) as u32
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

/// The last words of a connection that hears text.
pub(crate) fn parting(line: Option<&str>, close_code: u16) -> Vec<u8> {
    let mut words = line.map_or(Vec::new(), |line| text_frame(|into| into.extend(line.as_bytes())));
    words.extend(close_frame(close_code, ""));
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
        let mut seats = Seats::new(requests, ordered, Language::English);
        for bytes in [1, 1_000, SHARE_FRAME_BYTES, MESSAGE_BYTES_MAX] {
            let say = format!(r#"{{"type":"say","id":"m1","text":"{}"}}"#, "x".repeat(bytes));
            let share = seats.heard(ConnectionId(1), Heard::Text(say.into())) as usize;
            let in_flight = SHARE_FRAMES_MAX.div_ceil(share) * bytes;
            assert!(in_flight <= 4 * MESSAGE_BYTES_MAX, "{bytes}: {in_flight}");
        }
    }
}
