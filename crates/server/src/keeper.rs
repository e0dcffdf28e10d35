//! The keeper: one thread that alone owns the hub and its room. It drains its queue, lets the hub decide, and
//! orders what the hub wants done from the sweep: in one batch, frames for everybody encoded as they will be
//! written, and between them what one connection is told. What is to be kept goes to the writer, what has to be
//! looked up to the readers.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use maru_room::{LogBounds, Restored, Room, Written};
use maru_store::Store;
use maru_wire::limits::{KEEPER_QUEUE_MAX, TAIL_BYTES_MAX, TAIL_ENTRIES_MAX};
use maru_wire::{ByeCode, ClientFrame, Dialect, Epoch, FrameError, Keeps, RoomFrame, Seq};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use crate::hub::{Answer, Deed, DiskFailed, Hub, Now, SeatId, Utterance, Visitor};
use crate::options::HostOptions;
use crate::readers::Readers;
use crate::seat::{connection_of, farewell, parting};
use crate::socket_io::{Event, Ring, Told, is_socket};
use crate::sweep::{Batch, Order, OrderSender, SweepGone, Tongue, text_frame};
use crate::writer::{Writer, unix_ms};

/// Who takes a seat.
#[derive(Debug)]
pub(crate) struct Guest {
    /// Where from.
    pub address: IpAddr,
    /// What a hello of theirs may be bound to; see [`maru_wire::identity`].
    pub channels: Vec<String>,
    /// How they speak, where that was negotiated.
    pub dialect: Option<Dialect>,
}

/// What connections ask of the keeper.
pub(crate) enum Request {
    /// A connection was opened.
    Open { seat: SeatId, guest: Guest },
    /// A member on Socket.IO comes, and is told what is for it alone there.
    OpenSocket { seat: SeatId, address: IpAddr, telling: mpsc::Sender<Told> },
    /// A connection said something, which takes so much of its share until it is answered.
    Frame { seat: SeatId, frame: Box<Result<ClientFrame, FrameError>>, share: u32 },
    /// A connection that did not negotiate `maru.v1` said something.
    Utterance { seat: SeatId, said: Utterance, share: u32 },
    /// A connection has written a frame that promised more.
    Ready { seat: SeatId },
    /// A connection is gone.
    Gone { seat: SeatId },
    /// What became of the drafts that the writer had.
    Written(Result<Vec<Written>, DiskFailed>),
    /// The store keeps nothing up to this place any more.
    Trimmed { up_to: Seq },
    /// What a reader found for a connection.
    Answer { seat: SeatId, answer: Answer },
    /// The room closes.
    Close { code: ByeCode, done: oneshot::Sender<()> },
}

/// How a room's keeper is reached, and what is known of it from outside.
pub(crate) struct Door {
    /// Several at a time, so that it is woken once for all of them.
    pub requests: mpsc::Sender<Vec<Request>>,
    /// How many members are here.
    pub members: watch::Receiver<u32>,
    /// Ends when the room's log on disk is closed, and may be opened by somebody else.
    pub log: watch::Receiver<()>,
}

/// A room's log on disk, just opened.
pub(crate) struct Kept {
    pub store: Store,
    pub restored: Restored,
}

struct Keeper {
    hub: Hub,
    /// Who writes and looks up, where the room is kept on disk.
    shelf: Option<(Writer, Readers)>,
    orders: OrderSender,
    batch: Batch,
    /// Those on Socket.IO.
    sockets: HashMap<SeatId, mpsc::Sender<Told>>,
    /// What all of them hear.
    ring: Arc<Ring>,
    members: watch::Sender<u32>,
    started: Instant,
}

/// Opens the room on a thread of its own. It ends when nobody can ask anything of it any more, or when there is
/// nobody to order anything from.
pub(crate) fn open(options: &HostOptions, kept: Option<Kept>, orders: OrderSender) -> std::io::Result<Door> {
    let (requests, queue) = mpsc::channel(KEEPER_QUEUE_MAX / REQUESTS_GATHERED_MAX);
    let (members, member_count) = watch::channel(0);
    let (closed, log) = watch::channel(());
    let (room, shelf) = match kept {
        Some(Kept { store, restored }) => {
            let room = Room::restored(restored, tail(options.keeps));
            let reader = || store.reader().map_err(std::io::Error::other);
            let pages = (0..PAGE_READERS).map(|_| reader()).collect::<Result<Vec<_>, _>>()?;
            let readers = Readers::start(pages, reader()?, &requests.downgrade())?;
            (room, Some((Writer::start(store, requests.downgrade(), closed)?, readers)))
        }
        None => (Room::new(Epoch::from_random(random()?), LogBounds::default()), None),
    };
    let hub = Hub::new(options, room);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    std::thread::Builder::new().name("maru-keeper".into()).spawn(move || {
        runtime.block_on(async move {
            let started = Instant::now();
            let (batch, sockets, ring) = (Batch::default(), HashMap::new(), Ring::new());
            let keeper = Keeper { hub, shelf, orders, batch, sockets, ring, members, started };
            // Where the sweep is gone, so are all connections.
            let _ = keeper.run(queue).await;
        });
    })?;
    Ok(Door { requests, members: member_count, log })
}

/// How much of a log that is kept on disk is in memory too: never what is not kept any more.
fn tail(keeps: Keeps) -> LogBounds {
    let entries_max = match keeps {
        Keeps::Last { entries } => TAIL_ENTRIES_MAX.min(usize::try_from(entries).unwrap_or(usize::MAX)),
        Keeps::Everything | Keeps::Nothing => TAIL_ENTRIES_MAX,
    };
    LogBounds { entries_max, bytes_max: TAIL_BYTES_MAX }
}

impl Keeper {
    async fn run(mut self, mut queue: mpsc::Receiver<Vec<Request>>) -> Result<(), SweepGone> {
        let mut gathered = Vec::with_capacity(GATHERINGS_PER_TURN);
        loop {
            let due = self.hub.poll_timeout().map(|due| self.started + due);
            tokio::select! {
                taken = queue.recv_many(&mut gathered, GATHERINGS_PER_TURN) => {
                    if taken == 0 {
                        return Ok(());
                    }
                    for request in gathered.drain(..).flatten() {
                        self.handle(request)?;
                    }
                }
                () = tokio::time::sleep_until(due.unwrap_or_else(far_away)), if due.is_some() => {
                    let now = self.now();
                    self.hub.handle_timeout(now);
                    self.carry_out()?;
                }
            }
            // The disk has work while others are told what it has done.
            self.write()?;
            self.hand_over()?;
            let count = u32::try_from(self.hub.room().roster().count()).unwrap_or(u32::MAX);
            self.members.send_if_modified(|known| std::mem::replace(known, count) != count);
        }
    }

    fn handle(&mut self, request: Request) -> Result<(), SweepGone> {
        let now = self.now();
        match request {
            Request::Open { seat, guest } => self.open(seat, guest, now),
            Request::OpenSocket { seat, address, telling } => {
                self.sockets.insert(seat, telling);
                let dialect = Some(Dialect::SocketIo);
                self.open(seat, Guest { address, channels: Vec::new(), dialect }, now);
            }
            Request::Frame { seat, frame, share } => {
                self.hub.handle_frame(seat, *frame, share, now);
            }
            Request::Utterance { seat, said, share } => {
                self.hub.handle_utterance(seat, said, share, now);
            }
            Request::Ready { seat } => self.hub.handle_ready(seat),
            Request::Gone { seat } => {
                self.sockets.remove(&seat);
                self.hub.handle_gone(seat);
            }
            Request::Written(written) => self.hub.handle_written(written, now),
            Request::Trimmed { up_to } => self.hub.handle_trimmed(up_to),
            Request::Answer { seat, answer } => self.hub.handle_answer(seat, answer),
            Request::Close { code, done } => {
                self.hub.handle_close(code);
                self.carry_out()?;
                self.hand_over()?;
                // Whoever waits for it may have given up waiting.
                let _ = done.send(());
            }
        }
        self.carry_out()
    }

    fn open(&mut self, seat: SeatId, guest: Guest, now: Now) {
        match random() {
            Ok(chance) => {
                let Guest { address, channels, dialect } = guest;
                let visitor = Visitor { address, dialect, channels, chance };
                self.hub.handle_open(seat, visitor, now);
            }
            Err(error) => {
                // Without a nonce nobody can be let in safely.
                tracing::error!(%error, "no randomness for a new connection");
                self.sockets.remove(&seat);
                self.batch.order(Order::Dismiss { to: connection_of(seat), words: Vec::new() });
            }
        }
    }

    fn carry_out(&mut self) -> Result<(), SweepGone> {
        while let Some(deed) = self.hub.poll_deed() {
            let Some(deed) = self.for_sockets(deed) else { continue };
            match deed {
                // Whoever was the last to hear it may just have gone: they are told all of it when they come back.
                Deed::Announce(frame) => {
                    if self.hub.is_announcing() {
                        self.batch.announce(Tongue::Frames, |into| write(&frame, into));
                    }
                }
                Deed::AnnounceLine(line) => {
                    self.batch.announce(Tongue::Lines, |into| into.extend_from_slice(line.as_bytes()));
                }
                Deed::Emit { event, line } => self.ring.push(Event { event, line }),
                Deed::TellLine(seat, line) => {
                    let frame = text_frame(|into| into.extend_from_slice(line.as_bytes()));
                    self.batch.order(Order::Tell { to: connection_of(seat), frame, more: false });
                }
                Deed::Part { seat, line, close_code } => {
                    let words = parting(line.as_deref(), close_code);
                    self.batch.order(Order::Dismiss { to: connection_of(seat), words });
                }
                Deed::Tell { seat, frame, more } => {
                    let frame = text_frame(|into| write(&frame, into));
                    self.batch.order(Order::Tell { to: connection_of(seat), frame, more });
                }
                Deed::GoLive(seat, dialect) => {
                    let tongue = match dialect {
                        Dialect::Maru => Tongue::Frames,
                        Dialect::NicknameJson | Dialect::Plain | Dialect::SocketIo => Tongue::Lines,
                    };
                    self.batch.order(Order::GoLive(connection_of(seat), tongue));
                }
                Deed::BeginAnew(seat) => {
                    self.batch.order(Order::Turn(connection_of(seat), Tongue::Frames));
                }
                Deed::Answered { seat, share } => {
                    self.batch.order(Order::Answered { to: connection_of(seat), share });
                }
                Deed::Ask { seat, question } => {
                    if let Some((_, readers)) = &self.shelf {
                        readers.ask(seat, question);
                    }
                }
                Deed::Dismiss(seat, code) => {
                    self.batch.order(Order::Dismiss { to: connection_of(seat), words: farewell(code) });
                }
            }
            if self.batch.bytes() > BATCH_BYTES {
                self.hand_over()?;
            }
        }
        Ok(())
    }

    /// Tells a member on Socket.IO what is for it alone. Returns what is none of theirs.
    fn for_sockets(&mut self, deed: Deed) -> Option<Deed> {
        let (seat, told) = match deed {
            Deed::TellLine(seat, line) if is_socket(seat) => (seat, Told::Line(line)),
            Deed::GoLive(seat, _) if is_socket(seat) => (seat, Told::Live(self.ring.listen())),
            Deed::Answered { seat, share } if is_socket(seat) => (seat, Told::Answered(share)),
            Deed::Part { seat, line, .. } if is_socket(seat) => (seat, Told::Bye(line)),
            deed => return Some(deed),
        };
        let is_last = matches!(told, Told::Bye(_));
        let is_taken = self.sockets.get(&seat).is_some_and(|telling| telling.try_send(told).is_ok());
        if is_last || !is_taken {
            // Its task ends when nobody can tell it anything any more.
            self.sockets.remove(&seat);
        }
        if !is_taken {
            self.hub.handle_gone(seat);
        }
        None
    }

    /// Has the writer write what waits, once it is done with what it has.
    fn write(&mut self) -> Result<(), SweepGone> {
        while let Some((writer, _)) = &self.shelf
            && let Some(drafts) = self.hub.poll_write()
        {
            let Err(failed) = writer.write(drafts) else { break };
            let now = self.now();
            self.hub.handle_written(Err(failed), now);
            self.carry_out()?;
            self.hand_over()?;
        }
        Ok(())
    }

    /// Lets the sweep have what was decided so far.
    fn hand_over(&mut self) -> Result<(), SweepGone> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let next = self.orders.batch();
        self.orders.send(std::mem::replace(&mut self.batch, next))
    }

    fn now(&self) -> Now {
        Now { since_start: self.started.elapsed(), unix_ms: unix_ms() }
    }
}

fn write(frame: &RoomFrame, into: &mut Vec<u8>) {
    serde_json::to_writer(into, frame).expect("a frame is made of strings and numbers");
}

pub(crate) fn random<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes)
}

fn far_away() -> Instant {
    Instant::now() + Duration::from_secs(3_600)
}

/// Requests that are handed on together, about.
pub(crate) const REQUESTS_GATHERED_MAX: usize = 64;

/// Such gatherings taken at once: what arrives meanwhile is announced together.
const GATHERINGS_PER_TURN: usize = 4;

/// Threads that look up pages and places, beside the one that searches: as many as come back at once share them.
const PAGE_READERS: usize = 2;

/// About how much is handed over at once.
const BATCH_BYTES: usize = 256 * 1024;
