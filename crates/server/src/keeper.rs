//! The keeper: one thread that alone owns the hub and its room. It drains its queue, lets the hub decide, and
//! carries out what the hub wants done: into the feed for everybody, into a connection's own queue for one.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use maru_room::{LogBounds, Room};
use maru_wire::identity::channel_plain;
use maru_wire::limits::{KEEPER_QUEUE_MAX, PRIVATE_FRAMES_MAX};
use maru_wire::{ByeCode, ClientFrame, Epoch, FrameError};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot, watch};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::feed::Feed;
use crate::hub::{Deed, Hub, Now, SeatId, Visitor};
use crate::options::HostOptions;

/// Who takes a seat.
pub(crate) struct Guest {
    /// Where from.
    pub address: IpAddr,
    /// Under which authority they dialed us.
    pub authority: String,
    /// Whether `maru.v1` was negotiated.
    pub negotiated: bool,
}

/// What connections ask of the keeper.
pub(crate) enum Request {
    /// A connection was opened.
    Open { seat: SeatId, guest: Guest, to: mpsc::Sender<Private> },
    /// A connection said something. Its share is given back when the answer, if there is one, is taken up.
    Frame { seat: SeatId, frame: Box<Result<ClientFrame, FrameError>>, share: OwnedSemaphorePermit },
    /// A connection has written a frame that promised more.
    Ready { seat: SeatId },
    /// A connection is gone.
    Gone { seat: SeatId },
    /// The room closes.
    Close { code: ByeCode, done: oneshot::Sender<()> },
}

/// What one connection alone is told, after everything that was announced before it.
pub(crate) struct Private {
    /// The end of the feed when it was said.
    pub after: u64,
    pub what: Told,
    /// What the frame it answers took of the connection's share.
    pub _share: Option<OwnedSemaphorePermit>,
}

/// What one connection alone is told.
pub(crate) enum Told {
    /// A frame; with `more`, [`Request::Ready`] is due once it is written.
    Frame { frame: Utf8Bytes, more: bool },
    /// Everything that is announced from here on.
    Live,
    /// Good-bye.
    Bye(ByeCode),
}

/// How connections reach the keeper of a room.
#[derive(Clone)]
pub(crate) struct Door {
    pub requests: mpsc::Sender<Request>,
    pub feed: Arc<Feed>,
}

struct Keeper {
    hub: Hub,
    feed: Arc<Feed>,
    seats: HashMap<SeatId, mpsc::Sender<Private>>,
    /// Who is being answered, and what that took of their share.
    answering: Option<(SeatId, OwnedSemaphorePermit)>,
    members: watch::Sender<u32>,
    started: Instant,
}

/// Opens the room on a thread of its own. It ends when every door is dropped.
pub(crate) fn open(options: &HostOptions) -> std::io::Result<(Door, watch::Receiver<u32>)> {
    let (requests, queue) = mpsc::channel(KEEPER_QUEUE_MAX);
    let (members, member_count) = watch::channel(0);
    let feed = Arc::new(Feed::new());
    let epoch = Epoch::from_random(random()?);
    let hub = Hub::new(options, Room::new(epoch, LogBounds::default()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let kept_feed = Arc::clone(&feed);
    std::thread::Builder::new().name("maru-keeper".into()).spawn(move || {
        runtime.block_on(async move {
            let keeper = Keeper {
                hub,
                feed: kept_feed,
                seats: HashMap::new(),
                answering: None,
                members,
                started: Instant::now(),
            };
            keeper.run(queue).await;
        });
    })?;
    Ok((Door { requests, feed }, member_count))
}

impl Keeper {
    async fn run(mut self, mut queue: mpsc::Receiver<Request>) {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        loop {
            let due = self.hub.poll_timeout().map(|due| self.started + due);
            tokio::select! {
                taken = queue.recv_many(&mut batch, BATCH_MAX) => {
                    if taken == 0 {
                        return;
                    }
                    for request in batch.drain(..) {
                        self.handle(request);
                    }
                }
                () = tokio::time::sleep_until(due.unwrap_or_else(far_away)), if due.is_some() => {
                    let now = self.now();
                    self.hub.handle_timeout(now);
                    self.carry_out();
                }
            }
            self.feed.announce();
            let count = u32::try_from(self.hub.room().roster().count()).unwrap_or(u32::MAX);
            self.members.send_if_modified(|known| std::mem::replace(known, count) != count);
        }
    }

    fn handle(&mut self, request: Request) {
        let now = self.now();
        match request {
            Request::Open { seat, guest, to } => match random() {
                Ok(chance) => {
                    self.seats.insert(seat, to);
                    let Guest { address, authority, negotiated } = guest;
                    let visitor = Visitor { address, negotiated, channel: channel_plain(&authority), chance };
                    self.hub.handle_open(seat, visitor, now);
                }
                // Without a nonce nobody can be let in safely; dropping `to` ends the connection.
                Err(error) => tracing::error!(%error, "no randomness for a new connection"),
            },
            Request::Frame { seat, frame, share } => {
                self.answering = Some((seat, share));
                self.hub.handle_frame(seat, *frame, 0, now);
            }
            Request::Ready { seat } => self.hub.handle_ready(seat),
            Request::Gone { seat } => {
                self.seats.remove(&seat);
                self.hub.handle_gone(seat);
            }
            Request::Close { code, done } => {
                self.hub.handle_close(code);
                self.carry_out();
                // Whoever waits for it may have given up waiting.
                let _ = done.send(());
            }
        }
        self.carry_out();
        self.answering = None;
    }

    fn carry_out(&mut self) {
        while let Some(deed) = self.hub.poll_deed() {
            match deed {
                Deed::Announce(frame) => self.feed.push(frame.encode().into()),
                Deed::Tell { seat, frame, more } => {
                    self.tell(seat, Told::Frame { frame: frame.encode().into(), more });
                }
                Deed::GoLive(seat) => self.tell(seat, Told::Live),
                Deed::Answered { .. } | Deed::Ask { .. } => {}
                Deed::Dismiss(seat, code) => {
                    self.tell(seat, Told::Bye(code));
                    self.seats.remove(&seat);
                }
            }
        }
    }

    /// Hands something to one connection. One that does not take it is let go: a connection whose sender is
    /// dropped says `too_slow` once it gets to it.
    fn tell(&mut self, seat: SeatId, what: Told) {
        let Some(to) = self.seats.get(&seat) else { return };
        let share = self.answering.take_if(|(answered, _)| *answered == seat).map(|(_, share)| share);
        if to.try_send(Private { after: self.feed.end(), what, _share: share }).is_err() {
            self.seats.remove(&seat);
            self.hub.handle_gone(seat);
        }
    }

    fn now(&self) -> Now {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Now {
            since_start: self.started.elapsed(),
            unix_ms: u64::try_from(unix.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// The queue of one connection.
pub(crate) fn private_queue() -> (mpsc::Sender<Private>, mpsc::Receiver<Private>) {
    mpsc::channel(PRIVATE_FRAMES_MAX)
}

fn random<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes)
}

fn far_away() -> Instant {
    Instant::now() + Duration::from_secs(3_600)
}

/// Requests taken at once: what arrives meanwhile is announced together.
const BATCH_MAX: usize = 256;
