//! The room's end of the sweep: what peers say goes to the keeper, what the keeper orders goes to the peers. It
//! decides nothing, and it never waits.

use std::collections::VecDeque;

use maru_wire::limits::PAGE_SHARE_FRAMES;
use maru_wire::{ByeCode, ClientFrame, RoomFrame, Then};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::hub::{SeatId, not_text};
use crate::keeper::{Guest, Request};
use crate::sweep::{ConnectionId, Handler, Heard, OrderReceiver, Orders, close_frame, text_frame};

/// All seats of a room, from the side of their connections.
pub(crate) struct Seats {
    requests: mpsc::Sender<Request>,
    /// What the keeper's queue had no room for. While there is any nothing is heard, so it holds a few requests
    /// of each connection at most.
    backlog: VecDeque<Request>,
    orders: OrderReceiver,
}

impl Seats {
    pub(crate) fn new(requests: mpsc::Sender<Request>, orders: OrderReceiver) -> Self {
        Self { requests, backlog: VecDeque::new(), orders }
    }

    fn ask(&mut self, request: Request) {
        self.backlog.push_back(request);
        self.hand_on();
    }

    /// Hands on what the keeper has room for. A keeper that is gone takes everything, and hears nothing.
    fn hand_on(&mut self) {
        while let Some(request) = self.backlog.pop_front() {
            if let Err(TrySendError::Full(request)) = self.requests.try_send(request) {
                return self.backlog.push_front(request);
            }
        }
    }
}

impl Handler for Seats {
    type Guest = Guest;

    fn opened(&mut self, id: ConnectionId, guest: Guest) {
        self.ask(Request::Open { seat: seat_of(id), guest });
    }

    fn heard(&mut self, id: ConnectionId, heard: Heard) -> u32 {
        let frame = match heard {
            Heard::Text(text) => ClientFrame::parse(&text),
            Heard::Binary(_) => Err(not_text()),
        };
        let share = match frame {
            Ok(ClientFrame::History { .. } | ClientFrame::Roster { .. }) => PAGE_SHARE_FRAMES as u32,
            _ => 1,
        };
        self.ask(Request::Frame { seat: seat_of(id), frame: Box::new(frame), share });
        share
    }

    fn ready(&mut self, id: ConnectionId) {
        self.ask(Request::Ready { seat: seat_of(id) });
    }

    fn gone(&mut self, id: ConnectionId) {
        self.ask(Request::Gone { seat: seat_of(id) });
    }

    fn farewell(&self, code: ByeCode) -> Vec<u8> {
        farewell(code)
    }

    fn listens(&mut self) -> bool {
        self.hand_on();
        self.backlog.is_empty()
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
        ByeCode::Unknown => "the connection ends",
    }
}
