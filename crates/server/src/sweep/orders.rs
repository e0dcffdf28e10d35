//! What the sweep is to write: frames for everybody and, at their places between them, orders about one
//! connection. They come in batches, over a bounded channel that wakes the sweep.

use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};

use super::encode::{TEXT, append_frame};
use super::{Bell, ConnectionId, Tongue};

/// Something about one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// It is told this alone: one whole encoded frame. With `more`, [`super::Handler::ready`] is due once it
    /// is written.
    Tell {
        /// Which.
        to: ConnectionId,
        /// An encoded frame.
        frame: Vec<u8>,
        /// Whether its sender waits to say more.
        more: bool,
    },
    /// It hears everything that is announced in this tongue from here on. Said of each that is not live.
    GoLive(ConnectionId, Tongue),
    /// It hears nothing more of what is announced but the frame it stands in, and is of this tongue when it goes live
    /// next.
    Turn(ConnectionId, Tongue),
    /// So much of what was heard of it is answered.
    Answered {
        /// Which.
        to: ConnectionId,
        /// What [`super::Handler::heard`] said that it takes.
        share: u32,
    },
    /// It is told these words, encoded frames and a close, and ends.
    Dismiss {
        /// Which.
        to: ConnectionId,
        /// The last that is written.
        words: Vec<u8>,
    },
}

/// What is announced, for each tongue.
type Frames = [Vec<u8>; Tongue::COUNT];

/// Frames and orders, in their order.
#[derive(Debug, Default)]
pub struct Batch {
    /// What is announced, for each tongue.
    frames: Frames,
    /// Each with the lengths of `frames` when it was given.
    orders: Vec<([usize; Tongue::COUNT], Order)>,
    private_bytes: usize,
    /// Where its memory is used again.
    home: Option<SyncSender<Frames>>,
}

impl Batch {
    /// Announces a text to everybody who hears this tongue; `write` appends it.
    pub fn announce(&mut self, tongue: Tongue, write: impl FnOnce(&mut Vec<u8>)) {
        append_frame(&mut self.frames[tongue.index()], TEXT, write);
    }

    /// Gives an order, after everything that was announced before.
    pub fn order(&mut self, order: Order) {
        if let Order::Tell { frame: bytes, .. } | Order::Dismiss { words: bytes, .. } = &order {
            self.private_bytes += bytes.len();
        }
        self.orders.push((self.lengths(), order));
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty() && self.frames.iter().all(Vec::is_empty)
    }

    /// Bytes in it.
    pub fn bytes(&self) -> usize {
        self.lengths().iter().sum::<usize>() + self.private_bytes
    }

    /// How much is announced in each tongue.
    pub(super) fn lengths(&self) -> [usize; Tongue::COUNT] {
        [0, 1].map(|tongue| self.frames[tongue].len())
    }

    /// Takes the orders out, each with its place among the frames.
    pub(super) fn take_orders(&mut self) -> Vec<([usize; Tongue::COUNT], Order)> {
        std::mem::take(&mut self.orders)
    }

    pub(super) fn frames(&self, tongue: Tongue) -> &[u8] {
        &self.frames[tongue.index()]
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        if let Some(home) = &self.home {
            self.frames.iter_mut().for_each(Vec::clear);
            // Where enough memory waits already, this is given back to the system.
            let _ = home.try_send(std::mem::take(&mut self.frames));
        }
    }
}

/// What a handler has to say at the moment.
#[derive(Debug)]
pub enum Orders {
    /// This, and perhaps more.
    Batch(Batch),
    /// Nothing now.
    None,
    /// Nothing ever again: whoever gave them is gone, and all connections end.
    Over,
}

/// Where batches are given. Waits while too many are under way; the sweep never does.
#[derive(Debug)]
pub struct OrderSender {
    batches: Option<SyncSender<Batch>>,
    /// Memory of batches that were carried out.
    empty: (SyncSender<Frames>, Receiver<Frames>),
    bell: Bell,
}

/// Where the sweep takes them.
#[derive(Debug)]
pub struct OrderReceiver(Receiver<Batch>);

/// The sweep is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepGone;

/// A way for batches to the sweep whose bell this is.
pub fn order_channel(bell: Bell) -> (OrderSender, OrderReceiver) {
    let (batches, taken) = sync_channel(BATCHES_MAX);
    let empty = sync_channel(BATCHES_EMPTY_MAX);
    (OrderSender { batches: Some(batches), empty, bell }, OrderReceiver(taken))
}

impl OrderSender {
    /// An empty batch.
    pub fn batch(&self) -> Batch {
        let (home, empty) = &self.empty;
        let mut batch = Batch::default();
        (batch.frames, batch.home) = (empty.try_recv().unwrap_or_default(), Some(home.clone()));
        batch
    }

    /// Hands a batch over.
    pub fn send(&self, batch: Batch) -> Result<(), SweepGone> {
        let batches = self.batches.as_ref().ok_or(SweepGone)?;
        batches.send(batch).map_err(|_| SweepGone)?;
        self.bell.ring();
        Ok(())
    }
}

impl Drop for OrderSender {
    fn drop(&mut self) {
        // Closed first, so that whoever is woken sees it.
        self.batches = None;
        self.bell.ring();
    }
}

impl OrderReceiver {
    /// What there is at the moment.
    pub fn take(&self) -> Orders {
        match self.0.try_recv() {
            Ok(batch) => Orders::Batch(batch),
            Err(TryRecvError::Empty) => Orders::None,
            Err(TryRecvError::Disconnected) => Orders::Over,
        }
    }
}

/// Batches under way: enough that neither side waits for the other's turn, few enough to be small.
const BATCHES_MAX: usize = 16;

/// Emptied batches whose memory waits for the next: one being filled, one being carried out.
const BATCHES_EMPTY_MAX: usize = 2;
