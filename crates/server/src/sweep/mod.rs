//! The WebSocket connections of one listener, after their handshakes, on one thread. A connection is a cursor:
//! what everybody hears is encoded once into a feed (one for each [`Tongue`]), each connection holds a position in it,
//! and one loop tries one write on each socket with everything due. Knows no room; what is heard and said is a
//! [`Handler`]'s.
//!
//! # Layout
//! - [`Sweep`]: the thread, and [`Entrance`], by which connections come to it.
//! - `sweeper`: the loop. `reading`, `writing`: what it does with one connection. `ends`: how one ends.
//! - `connection`: one connection's decisions, without socket and clock. `private`: what it alone is told.
//!   `reader`: bytes into messages. `seal`: TLS around both, where it is spoken. `connections`: all of them, densely.
//! - `feed`: what everybody hears. `orders`: how it comes here. `encode`: frames as they are written.

mod connection;
mod connections;
mod encode;
mod ends;
mod feed;
mod orders;
mod private;
mod reader;
mod reading;
mod seal;
mod sweeper;
mod writing;

use std::io;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use maru_wire::{ByeCode, limits};
use mio::{Poll, Token, Waker};
use tokio::sync::watch;

use crate::listener::Pass;
pub use encode::{binary_frame, close_frame, text_frame};
pub use orders::{Batch, Order, OrderReceiver, OrderSender, Orders, SweepGone, order_channel};
pub use reader::Heard;
pub(crate) use seal::Seal;
use sweeper::Sweeper;

/// The bounds of one connection.
#[derive(Debug, Clone, Copy)]
pub struct WsLimits {
    /// Bytes in one message.
    pub message_bytes_max: usize,
    /// Frames in one message.
    pub frames_per_message_max: u32,
    /// Control frames between two messages, or within one ping interval.
    pub control_frames_max: u32,
    /// Frames that wait for one connection alone; one that does not take them is let go.
    pub private_frames_max: usize,
    /// Bytes of such frames past which it is not read.
    pub private_bytes_max: usize,
    /// Messages heard and not answered, and answers not written, at which it is not read.
    pub share_max: u32,
    /// From one ping to the next.
    pub ping_interval: Duration,
    /// Unanswered pings after which the peer counts as gone.
    pub pings_missed_max: u32,
    /// How long a socket may take nothing of what is due.
    pub write_stall_max: Duration,
    /// How long the peer may take to answer a close.
    pub close_max: Duration,
}

impl Default for WsLimits {
    fn default() -> Self {
        Self {
            message_bytes_max: limits::FRAME_BYTES_MAX,
            frames_per_message_max: limits::FRAMES_PER_MESSAGE_MAX,
            control_frames_max: limits::CONTROL_FRAMES_MAX,
            private_frames_max: limits::PRIVATE_FRAMES_MAX,
            private_bytes_max: limits::PRIVATE_BYTES_MAX,
            share_max: limits::SHARE_FRAMES_MAX as u32,
            ping_interval: Duration::from_millis(limits::PING_INTERVAL_MS),
            pings_missed_max: limits::PINGS_MISSED_MAX,
            write_stall_max: Duration::from_millis(limits::WRITE_STALL_MS_MAX),
            close_max: Duration::from_millis(limits::CLOSE_MS_MAX),
        }
    }
}

/// Names a connection for as long as the sweep runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

impl ConnectionId {
    fn new(index: u32, generation: u32) -> Self {
        Self(u64::from(generation) << 32 | u64::from(index))
    }

    fn index(self) -> u32 {
        self.0 as u32
    }
}

/// In what words a connection hears what everybody hears: each has a feed of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tongue {
    /// Frames of `maru.v1`.
    #[default]
    Frames,
    /// Lines of text.
    Lines,
}

impl Tongue {
    /// How many there are.
    pub(crate) const COUNT: usize = 2;

    pub(crate) const ALL: [Self; Self::COUNT] = [Self::Frames, Self::Lines];

    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

/// What hears and speaks on the connections of a sweep. It is called on the sweep's thread and must not wait.
pub trait Handler: Send + 'static {
    /// What is known of a peer when it comes.
    type Guest: Send + 'static;

    /// A connection is open.
    fn opened(&mut self, id: ConnectionId, guest: Self::Guest);

    /// A connection said something. Returns what that takes of its share until [`Order::Answered`].
    fn heard(&mut self, id: ConnectionId, heard: Heard) -> u32;

    /// A frame that promised more is written.
    fn ready(&mut self, id: ConnectionId);

    /// A connection ends, or is on its way out. Said once of each that was opened.
    fn gone(&mut self, id: ConnectionId);

    /// The last words, encoded, of a good-bye that the sweep itself decides on.
    fn farewell(&self, tongue: Tongue, code: ByeCode) -> Vec<u8>;

    /// Whether anything can be heard at the moment. While not, nothing is read, and it is asked again shortly.
    fn listens(&mut self) -> bool;

    /// Everything that is readable for now was heard: the moment to hand it on together. Where something is left
    /// to be handed on, it says so and is asked again shortly.
    fn hand_on(&mut self) -> Handed;

    /// What is to be written next.
    fn orders(&mut self) -> Orders;
}

/// How much of what was heard is handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handed {
    /// All of it.
    All,
    /// Whoever takes it has no room now.
    Part,
}

/// A connection on its way to the sweep.
pub(crate) struct Arrival<G> {
    /// A socket that does not block.
    pub(crate) stream: TcpStream,
    /// Where TLS is spoken on it.
    pub(crate) sealed: Option<Box<Seal>>,
    /// What came with the handshake, and is in the clear.
    pub(crate) already_read: Bytes,
    pub(crate) pass: Option<Pass>,
    pub(crate) guest: G,
}

/// Wakes a sweep.
#[derive(Debug, Clone)]
pub struct Bell(Arc<Waker>);

impl Bell {
    /// Wakes it, now or when it goes to sleep next.
    pub fn ring(&self) {
        if let Err(error) = self.0.wake() {
            tracing::error!(%error, "the sweep could not be woken");
        }
    }
}

/// A sweep that has not begun: its bell is known, its handler is not.
pub struct SweepPlace {
    poll: Poll,
    bell: Bell,
}

impl SweepPlace {
    /// Makes room for a sweep.
    pub fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let bell = Bell(Arc::new(Waker::new(poll.registry(), BELL)?));
        Ok(Self { poll, bell })
    }

    /// What wakes it.
    pub fn bell(&self) -> Bell {
        self.bell.clone()
    }

    /// Begins to sweep, on a thread of its own.
    pub fn start<H: Handler>(self, limits: WsLimits, handler: H) -> io::Result<Sweep<H::Guest>> {
        let (arrivals, arriving) = channel();
        let cut = Arc::new(AtomicBool::new(false));
        let (alive, ended) = watch::channel(());
        let sweeper = Sweeper::new(self.poll, limits, handler, arriving, Arc::clone(&cut));
        std::thread::Builder::new().name("maru-sweep".into()).spawn(move || {
            // Dropped last, however this thread ends.
            let _alive = alive;
            sweeper.run();
        })?;
        let entrance =
            Entrance(Arc::new(Door { arrivals: Mutex::new(Some(arrivals)), bell: self.bell.clone() }));
        Ok(Sweep { entrance, bell: self.bell, cut, ended })
    }
}

/// A sweep that runs. It ends when every entrance is dropped and the last connection has ended; when this is
/// dropped, at once.
#[derive(Debug)]
pub struct Sweep<G> {
    entrance: Entrance<G>,
    bell: Bell,
    cut: Arc<AtomicBool>,
    ended: watch::Receiver<()>,
}

impl<G> Sweep<G> {
    /// Where connections come in.
    pub fn entrance(&self) -> Entrance<G> {
        self.entrance.clone()
    }

    /// Closes the entrance, whoever holds it: the sweep ends with its last connection.
    pub fn close(&self) {
        self.entrance.0.close();
    }

    /// Ends it now, and all connections without a word.
    pub fn cut(&self) {
        self.cut.store(true, Ordering::Release);
        self.bell.ring();
    }

    /// Told when the sweep has ended: its sender is dropped then.
    pub fn ended(&self) -> watch::Receiver<()> {
        self.ended.clone()
    }
}

impl<G> Drop for Sweep<G> {
    fn drop(&mut self) {
        self.cut();
    }
}

/// Where connections come in.
#[derive(Debug)]
pub struct Entrance<G>(Arc<Door<G>>);

impl<G> Clone for Entrance<G> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[derive(Debug)]
struct Door<G> {
    arrivals: Mutex<Option<Sender<Arrival<G>>>>,
    bell: Bell,
}

impl<G> Entrance<G> {
    /// Lets a connection in. Where the sweep has ended, the connection does too.
    pub(crate) fn let_in(&self, arrival: Arrival<G>) {
        let arrivals = self.0.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(arrivals) = arrivals.as_ref()
            && arrivals.send(arrival).is_ok()
        {
            self.0.bell.ring();
        }
    }
}

impl<G> Door<G> {
    fn close(&self) {
        *self.arrivals.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.bell.ring();
    }
}

impl<G> Drop for Door<G> {
    fn drop(&mut self) {
        self.close();
    }
}

type Arriving<G> = Receiver<Arrival<G>>;

/// The bell's place among the events.
const BELL: Token = Token(usize::MAX);
