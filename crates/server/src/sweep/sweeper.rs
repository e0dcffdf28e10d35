//! The loop of a sweep: what is ready is read, what came is announced, and everybody is written to who is
//! behind. It waits for nothing but the system's word that something is ready, and for the time.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::TryRecvError;
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use super::connection::{Connection, Timeout};
use super::connections::{Connections, Marks};
use super::feed::Feeds;
use super::orders::Orders;
use super::{Arrival, Arriving, BELL, ConnectionId, Handed, Handler, Tongue, WsLimits};

/// Everything that the sweep's thread owns.
pub(super) struct Sweeper<H: Handler> {
    poll: Poll,
    pub(super) limits: WsLimits,
    pub(super) handler: H,
    arriving: Arriving<H::Guest>,
    is_entrance_open: bool,
    cut: Arc<AtomicBool>,
    started: Instant,
    /// The time of this turn.
    pub(super) now: Duration,
    pub(super) connections: Connections,
    pub(super) feeds: Feeds,
    /// When to look at which connection: at the latest when its time has come, sometimes before.
    timers: BTreeSet<(Duration, u32)>,
    /// Who may have something to read.
    pub(super) reads: Vec<u32>,
    /// Who has something to be written, apart from the sweep.
    pub(super) writes: Vec<u32>,
    /// Peers that have said that they close, and what they are answered.
    pub(super) closes: Vec<(ConnectionId, Vec<u8>)>,
    /// For what is read, one connection after the other.
    pub(super) buffer: Vec<u8>,
    /// For what of that was sealed.
    pub(super) opened: Vec<u8>,
    /// Whether the handler has to be asked again before it takes more.
    pub(super) is_handler_waited_for: bool,
    are_orders_left: bool,
    /// The end of each feed when it was swept last.
    pub(super) swept: [u64; Tongue::COUNT],
}

/// Nothing more can be done.
struct Over;

impl<H: Handler> Sweeper<H> {
    pub(super) fn new(
        poll: Poll,
        limits: WsLimits,
        handler: H,
        arriving: Arriving<H::Guest>,
        cut: Arc<AtomicBool>,
    ) -> Self {
        Self {
            poll,
            limits,
            handler,
            arriving,
            is_entrance_open: true,
            cut,
            started: Instant::now(),
            now: Duration::ZERO,
            connections: Connections::default(),
            feeds: Feeds::default(),
            timers: BTreeSet::new(),
            reads: Vec::new(),
            writes: Vec::new(),
            closes: Vec::new(),
            buffer: vec![0; READ_BYTES],
            opened: Vec::new(),
            is_handler_waited_for: false,
            are_orders_left: false,
            swept: [0; Tongue::COUNT],
        }
    }

    /// Sweeps until nobody is left and nobody can come, or until it is cut short.
    pub(super) fn run(mut self) {
        let mut events = Events::with_capacity(EVENTS_MAX);
        while self.is_entrance_open || !self.connections.is_empty() {
            match self.poll.poll(&mut events, self.patience()) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return tracing::error!(%error, "the connections can't be waited for"),
            }
            if self.cut.load(Ordering::Acquire) {
                return;
            }
            self.now = self.started.elapsed();
            for event in &events {
                self.handle_event(event);
            }
            self.take_in();
            // First what is there: what is said while it is written is then heard, and announced, together.
            if let Err(Over) = self.take_orders() {
                return;
            }
            self.sweep();
            self.read_all();
            self.handler.hand_on();
            if let Err(Over) = self.take_orders() {
                return;
            }
            self.answer_closes();
            self.sweep();
            self.let_time_pass();
            // Some have gone meanwhile.
            self.is_handler_waited_for |= self.handler.hand_on() == Handed::Part;
        }
    }

    /// How long nothing needs to be done unless somebody says so; for ever, if none.
    fn patience(&self) -> Option<Duration> {
        if self.are_orders_left || !self.writes.is_empty() {
            return Some(Duration::ZERO);
        }
        if self.is_handler_waited_for {
            return Some(HANDLER_PAUSE);
        }
        if !self.reads.is_empty() {
            return Some(Duration::ZERO);
        }
        let (due, _) = self.timers.first()?;
        Some(due.saturating_sub(self.started.elapsed()))
    }

    fn handle_event(&mut self, event: &Event) {
        if event.token() == BELL {
            return;
        }
        let index = event.token().0 as u32;
        let Some((line, _)) = self.connections.get(index) else { return };
        let is_shut = event.is_read_closed() || event.is_error();
        if is_shut {
            line.marks.set(Marks::PEER_SHUT);
        }
        let is_unblocked = event.is_writable() && line.marks.has(Marks::BLOCKED);
        if is_unblocked {
            line.marks.clear(Marks::BLOCKED);
        }
        if event.is_readable() || is_shut {
            line.marks.set(Marks::READABLE);
            self.queue_read(index);
        }
        if is_unblocked {
            self.queue_write(index);
        }
    }

    /// Takes in whoever has come.
    fn take_in(&mut self) {
        while self.is_entrance_open {
            match self.arriving.try_recv() {
                Ok(arrival) => self.open(arrival),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => self.is_entrance_open = false,
            }
        }
    }

    fn open(&mut self, arrival: Arrival<H::Guest>) {
        let Arrival { stream, sealed, already_read, pass, guest } = arrival;
        let id = self.connections.next_id();
        let mut stream = TcpStream::from_std(stream);
        let interests = Interest::READABLE | Interest::WRITABLE;
        if let Err(error) = self.poll.registry().register(&mut stream, Token(id.index() as usize), interests)
        {
            return tracing::warn!(%error, "a connection can't be waited for");
        }
        let mut connection = Box::new(Connection::new(id, pass, self.now, &self.limits));
        let is_sealed = sealed.is_some();
        connection.sealed = sealed;
        self.schedule(connection.poll_timeout(&self.limits), id.index());
        let index = self.connections.insert(stream, connection);
        self.handler.opened(id, guest);
        if is_sealed {
            self.connections.lines()[index as usize].marks.set(Marks::SEALED);
            // What came right after the handshake may be in there already, and something of ours too.
            self.open_seal(index, &already_read, &[]);
        } else {
            self.take_bytes(index, &already_read);
        }
        self.read_on(index);
    }

    /// Forgets a socket.
    pub(super) fn deregister(&mut self, stream: &mut TcpStream) {
        // It is closed in a moment anyway.
        let _ = self.poll.registry().deregister(stream);
    }

    /// Carries out what there is to be written, as much as one turn takes.
    fn take_orders(&mut self) -> Result<(), Over> {
        self.are_orders_left = false;
        for _ in 0..BATCHES_PER_TURN {
            match self.handler.orders() {
                Orders::Batch(batch) => self.apply(batch),
                Orders::None => return Ok(()),
                Orders::Over => return Err(Over),
            }
        }
        self.are_orders_left = true;
        Ok(())
    }

    /// Remembers to look at a connection.
    pub(super) fn schedule(&mut self, due: Duration, index: u32) {
        self.timers.insert((due, index));
    }

    fn let_time_pass(&mut self) {
        while let Some(&(due, index)) = self.timers.first().filter(|(due, _)| *due <= self.now) {
            self.timers.remove(&(due, index));
            let Some((line, connection)) = self.connections.get(index) else { continue };
            match connection.handle_timeout(self.now, line.due_after(&self.feeds), &self.limits) {
                Timeout::Nothing => {}
                Timeout::Pinged => {
                    line.marks.set(Marks::APART);
                    self.queue_write(index);
                }
                Timeout::LetGo(code) => self.let_go(index, code),
                Timeout::Over => self.drop_connection(index),
            }
            if let Some((_, connection)) = self.connections.get(index) {
                let due = connection.poll_timeout(&self.limits);
                self.schedule(due, index);
            }
        }
    }

    pub(super) fn queue_read(&mut self, index: u32) {
        if let Some((line, _)) = self.connections.get(index)
            && line.marks.mark(Marks::IN_READS)
        {
            self.reads.push(index);
        }
    }

    pub(super) fn queue_write(&mut self, index: u32) {
        if let Some((line, _)) = self.connections.get(index)
            && line.marks.mark(Marks::IN_WRITES)
        {
            self.writes.push(index);
        }
    }
}

/// What the system says at once; the rest is said next time.
const EVENTS_MAX: usize = 1_024;

/// Read from one connection in one turn: dozens of messages, or a piece of a large one.
const READ_BYTES: usize = 16 * 1024;

/// Batches in one turn: those who write them don't keep the sweep from reading.
const BATCHES_PER_TURN: usize = 16;

/// How long to wait for a handler that takes nothing. It tells nobody when it does again.
const HANDLER_PAUSE: Duration = Duration::from_millis(1);
