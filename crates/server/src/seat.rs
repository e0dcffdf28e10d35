//! A member's connection: what the peer says goes to the keeper, what the keeper and the feed say goes to the
//! peer. Holds a position in the feed, not a queue of its own.

use std::sync::Arc;

use maru_wire::limits::{FRAME_BYTES_MAX, PAGE_SHARE_FRAMES, SHARE_FRAMES_MAX};
use maru_wire::{ByeCode, ClientFrame, RoomFrame, Then};
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::feed::Feed;
use crate::hub::{SeatId, not_text};
use crate::keeper::{Door, Guest, Private, Request, Told, private_queue};
use crate::ws::{Handler, Heard, Outgoing};

/// One connection's seat at the keeper's.
pub(crate) struct RoomSeat {
    id: SeatId,
    requests: mpsc::Sender<Request>,
    /// How much more may be heard before an answer is taken up.
    share: Arc<Semaphore>,
    private: mpsc::Receiver<Private>,
    /// Taken from the queue, but not due before the feed is written up to it.
    waiting: Option<Private>,
    feed: Arc<Feed>,
    announced: watch::Receiver<u64>,
    /// Where it stands in the feed, once it is live.
    position: Option<u64>,
    /// Whether the keeper waits to hear that the last page is written.
    owes_ready: bool,
}

impl RoomSeat {
    /// Asks the keeper for a seat. Where the room has closed meanwhile, the connection hears so.
    pub(crate) async fn take(door: &Door, id: SeatId, guest: Guest) -> Self {
        let (to, private) = private_queue();
        let open = Request::Open { seat: id, guest, to };
        // A keeper that is gone drops `to`, and the connection ends by that.
        let _ = door.requests.send(open).await;
        Self {
            id,
            requests: door.requests.clone(),
            share: Arc::new(Semaphore::new(SHARE_FRAMES_MAX)),
            private,
            waiting: None,
            feed: Arc::clone(&door.feed),
            announced: door.feed.changes(),
            position: None,
            owes_ready: false,
        }
    }

    /// What this connection alone is told, if anything is due.
    fn private(&mut self) -> Option<Outgoing> {
        loop {
            let next = match self.waiting.take().map_or_else(|| self.private.try_recv(), Ok) {
                Ok(next) => next,
                Err(TryRecvError::Empty) => return None,
                // Let go, however much the feed may still have.
                Err(TryRecvError::Disconnected) => return Some(bye(ByeCode::TooSlow)),
            };
            if self.position.is_some_and(|position| position < next.after) {
                self.waiting = Some(next);
                return None;
            }
            match next.what {
                Told::Frame { frame, more } => {
                    self.owes_ready = more;
                    return Some(Outgoing::Messages(vec![Message::Text(frame)]));
                }
                Told::Live => self.position = Some(next.after),
                Told::Bye(code) => return Some(bye(code)),
            }
        }
    }

    /// What the feed has for this seat, if it is live and there is anything.
    fn announced(&mut self) -> Option<Outgoing> {
        let position = self.position?;
        self.announced.borrow_and_update();
        let mut frames: Vec<Utf8Bytes> = Vec::new();
        match self.feed.read(position, WRITE_BYTES, &mut frames) {
            Err(_) => Some(bye(ByeCode::TooSlow)),
            Ok(_) if frames.is_empty() => None,
            Ok(position) => {
                self.position = Some(position);
                Some(Outgoing::Messages(frames.into_iter().map(Message::Text).collect()))
            }
        }
    }
}

impl Handler for RoomSeat {
    fn listens(&self) -> impl Future<Output = ()> + Send + 'static {
        let share = Arc::clone(&self.share);
        async move { drop(share.acquire().await) }
    }

    async fn hear(&mut self, heard: Heard) {
        let frame = match heard {
            Heard::Text(text) => ClientFrame::parse(&text),
            Heard::Binary(_) => Err(not_text()),
        };
        let frames = match frame {
            Ok(ClientFrame::History { .. } | ClientFrame::Roster { .. }) => PAGE_SHARE_FRAMES,
            _ => 1,
        };
        let frames = u32::try_from(frames).unwrap_or(u32::MAX);
        let Ok(share) = Arc::clone(&self.share).acquire_many_owned(frames).await else { return };
        // A keeper that is gone has dropped the other queue too, which ends the connection.
        let _ = self.requests.send(Request::Frame { seat: self.id, frame: Box::new(frame), share }).await;
    }

    async fn next(&mut self) -> Outgoing {
        loop {
            if self.owes_ready {
                // Reserved first, so that being dropped here loses nothing.
                if let Ok(permit) = self.requests.reserve().await {
                    permit.send(Request::Ready { seat: self.id });
                }
                self.owes_ready = false;
            }
            if let Some(outgoing) = self.private() {
                return outgoing;
            }
            if let Some(outgoing) = self.announced() {
                return outgoing;
            }
            tokio::select! {
                told = self.private.recv() => match told {
                    Some(told) => self.waiting = Some(told),
                    None => return bye(ByeCode::TooSlow),
                },
                Ok(()) = self.announced.changed(), if self.position.is_some() => {}
            }
        }
    }

    fn bye(&self, code: ByeCode) -> Outgoing {
        bye(code)
    }

    async fn gone(&mut self) {
        // A keeper that is gone has no seats to free.
        let _ = self.requests.send(Request::Gone { seat: self.id }).await;
    }
}

fn bye(code: ByeCode) -> Outgoing {
    let message = explain(code);
    let frame = RoomFrame::Bye { code, then: code.then(), message: message.into() };
    Outgoing::Close {
        last: Some(Message::Text(frame.encode().into())),
        code: code.close_code(),
        reason: if code.then() == Then::Retry { "retry" } else { "stop" },
    }
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

/// About how much is written to one connection at once.
const WRITE_BYTES: usize = FRAME_BYTES_MAX / 6;
