//! What goes out: orders into the feed and to single connections, and the sweep itself. A socket that takes
//! nothing is left alone until it says that it does.

use std::io::{self, Write};

use super::connections::{Line, Marks};
use super::encode::frame_len;
use super::feed::Slices;
use super::orders::{Batch, Order};
use super::private::Then;
use super::seal::Written;
use super::sweeper::Sweeper;
use super::{Handler, Tongue};

use maru_wire::ByeCode;

impl<H: Handler> Sweeper<H> {
    /// Takes a batch up: frames into the feed, and each order where it stands among them.
    pub(super) fn apply(&mut self, mut batch: Batch) {
        let mut announced = [0; Tongue::COUNT];
        for (places, order) in batch.take_orders() {
            self.announce_until(&batch, &mut announced, places);
            self.obey(order);
        }
        self.announce_until(&batch, &mut announced, batch.lengths());
    }

    fn announce_until(
        &mut self,
        batch: &Batch,
        announced: &mut [usize; Tongue::COUNT],
        until: [usize; Tongue::COUNT],
    ) {
        for tongue in Tongue::ALL {
            let (from, until) = (&mut announced[tongue.index()], until[tongue.index()]);
            self.announce(tongue, &batch.frames(tongue)[*from..until]);
            *from = until;
        }
    }

    fn announce(&mut self, tongue: Tongue, mut frames: &[u8]) {
        while !frames.is_empty() {
            let (frame, rest) = frames.split_at(frame_len(frames));
            while let Some(position) = self.feeds[tongue.index()].crowded(frame.len()) {
                self.let_go_behind(tongue, position);
                self.feeds[tongue.index()].forget_before(position);
            }
            self.feeds[tongue.index()].push(frame);
            frames = rest;
        }
    }

    fn obey(&mut self, order: Order) {
        let (Order::Tell { to, .. }
        | Order::GoLive(to, _)
        | Order::Turn(to, _)
        | Order::Answered { to, .. }
        | Order::Dismiss { to, .. }) = order;
        // Whoever is gone, or on the way out, needs nothing more.
        let Some(index) = self.connections.index_of(to) else { return };
        let Some((line, connection)) = self.connections.get(index).filter(|(_, c)| c.is_open()) else {
            return;
        };
        match order {
            Order::Tell { frame, more, .. } => {
                let then = if more { Then::Ready } else { Then::Nothing };
                if connection.tell(frame, line.due_after(&self.feeds), then, &self.limits) {
                    line.marks.set(Marks::APART);
                    self.queue_write(index);
                } else {
                    self.let_go(index, ByeCode::TooSlow);
                }
            }
            Order::GoLive(_, tongue) => {
                line.tongue = tongue;
                line.position = line.feed(&self.feeds).end();
                line.marks.set(Marks::LIVE);
            }
            Order::Turn(_, tongue) => {
                self.leave_feed(index);
                if let Some((line, _)) = self.connections.get(index) {
                    line.tongue = tongue;
                    self.queue_write(index);
                }
            }
            Order::Answered { share, .. } => {
                connection.handle_answered(share);
                self.read_on(index);
            }
            Order::Dismiss { words, .. } => self.end(index, words, true),
        }
    }

    /// Lets go whoever has not heard their feed up to a position.
    fn let_go_behind(&mut self, tongue: Tongue, position: u64) {
        for index in 0..self.connections.lines().len() {
            let line = &self.connections.lines()[index];
            if line.marks.has(Marks::LIVE) && line.tongue == tongue && line.position < position {
                self.let_go(index as u32, ByeCode::TooSlow);
            }
        }
    }

    /// One write for everybody who is behind and whose socket takes it; then for those who have something of
    /// their own.
    pub(super) fn sweep(&mut self) {
        let ends = [self.feeds[0].end(), self.feeds[1].end()];
        let has_grown = self.swept != ends;
        if has_grown {
            self.swept = ends;
            for index in 0..self.connections.lines().len() {
                let line = &self.connections.lines()[index];
                if line.position < ends[line.tongue.index()] {
                    if line.marks.only_feed() {
                        self.write_feed(index);
                    } else if line.marks.waits_for_sealed_feed() {
                        self.write(index as u32);
                    }
                }
            }
        }
        let writes = std::mem::take(&mut self.writes);
        let has_written = has_grown || !writes.is_empty();
        for index in writes {
            self.write(index);
        }
        for tongue in Tongue::ALL {
            let feed = &mut self.feeds[tongue.index()];
            if has_written && !feed.is_empty() {
                let lines = self.connections.lines().iter();
                let hearing = lines.filter(|line| line.marks.has(Marks::LIVE) && line.tongue == tongue);
                let oldest = hearing.map(|line| line.position).min().unwrap_or(feed.end());
                feed.forget_before(oldest);
            }
        }
    }

    /// Writes to a connection for which there is nothing but the feed.
    fn write_feed(&mut self, index: usize) {
        let line = &mut self.connections.lines()[index];
        let feed = &self.feeds[line.tongue.index()];
        let last = feed.last_from(line.position);
        let (written, due) = match last {
            Some(bytes) => (write_once(line, |stream| stream.write(bytes)), bytes.len()),
            None => {
                let mut slices = Slices::new();
                feed.gather(line.position, feed.end(), &mut slices);
                // What did not fit is written next time.
                (write_once(line, |stream| stream.write_vectored(slices.as_slices())), usize::MAX)
            }
        };
        match written {
            Ok(Some(count)) => {
                line.position += count as u64;
                if count < due {
                    self.queue_write(index as u32);
                }
            }
            Ok(None) => self.handle_blocked(index as u32, false),
            Err(_) => self.drop_connection(index as u32),
        }
    }

    /// Writes to a connection whatever is due.
    fn write(&mut self, index: u32) {
        let Some((line, connection)) = self.connections.get(index) else { return };
        line.marks.clear(Marks::IN_WRITES);
        if line.marks.has(Marks::BLOCKED) {
            return;
        }
        let place = line.place(connection, &self.feeds);
        let mut seal = connection.sealed.take();
        let mut slices = Slices::new();
        connection.gather(place, line.feed(&self.feeds), &mut slices);
        let (due, is_cut_short) = (slices.bytes(), slices.is_full());
        let is_due = due > 0 || seal.as_ref().is_some_and(|seal| seal.has_pending());
        let written = match &mut seal {
            _ if !is_due => Ok(NOTHING),
            None => write_once(line, |stream| stream.write_vectored(slices.as_slices())).map(Written::of),
            Some(seal) => match line.stream_mut() {
                Some(stream) => seal.write(slices.as_slices(), stream),
                None => Err(io::ErrorKind::NotConnected.into()),
            },
        };
        connection.sealed = seal;
        let Ok(Written { count, progress, is_blocked }) = written else {
            return self.drop_connection(index);
        };
        if count > 0 {
            let (position, is_ready) = connection.handle_written(place, count);
            line.position = position;
            if is_ready {
                self.handler.ready(connection.id);
            }
        }
        if is_blocked {
            self.handle_blocked(index, progress);
        } else if count == due && !is_cut_short {
            self.handle_caught_up(index);
        } else {
            // Whether it takes more is known when it does not.
            if line.marks.has(Marks::STALLED) {
                connection.handle_blocked(true, self.now);
            }
            self.queue_write(index);
        }
        if count > 0 {
            self.read_on(index);
        }
    }

    /// Writes why TLS breaks off, as far as the socket takes it.
    pub(super) fn write_alert(&mut self, index: u32) {
        let Some((line, connection)) = self.connections.get(index) else { return };
        if let (Some(seal), Some(stream)) = (&mut connection.sealed, line.stream_mut()) {
            let _ = seal.write_pending(stream);
        }
    }

    fn handle_blocked(&mut self, index: u32, progress: bool) {
        if let Some((line, connection)) = self.connections.get(index) {
            line.marks.set(Marks::BLOCKED | Marks::STALLED);
            connection.handle_blocked(progress, self.now);
        }
    }

    fn handle_caught_up(&mut self, index: u32) {
        let Some((line, connection)) = self.connections.get(index) else { return };
        if line.marks.has(Marks::STALLED) {
            line.marks.clear(Marks::STALLED);
            connection.handle_unblocked();
        }
        if connection.is_ending() {
            connection.handle_words_written(self.now, &self.limits);
            let due = connection.poll_timeout(&self.limits);
            self.schedule(due, index);
            self.go_on_ending(index);
        } else if !connection.has_private() {
            line.marks.clear(Marks::APART);
        }
    }
}

impl Written {
    /// What one write to a socket came to.
    fn of(count: Option<usize>) -> Self {
        Self { count: count.unwrap_or(0), progress: count.is_some(), is_blocked: count.is_none() }
    }
}

/// Nothing was due.
const NOTHING: Written = Written { count: 0, progress: false, is_blocked: false };

/// One write; none where the socket takes nothing now.
fn write_once(
    line: &mut Line,
    mut write: impl FnMut(&mut mio::net::TcpStream) -> io::Result<usize>,
) -> io::Result<Option<usize>> {
    let stream = line.stream_mut().ok_or(io::ErrorKind::NotConnected)?;
    loop {
        match write(stream) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => return Ok(Some(count)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
