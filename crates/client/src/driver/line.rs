//! The connection of a driver, such as it is. Reads while it writes: two sides that each wait for the other to read
//! would wait for ever. Knows no frames.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use maru_wire::limits::{CLOSE_MS_MAX, WRITE_STALL_MS_MAX};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::dial::{Dialed, Wire};
use crate::event::Fault;

pub(super) type Dialing = Pin<Box<dyn Future<Output = Result<Dialed, Fault>> + Send>>;

/// The connection, such as it is.
pub(super) enum Line {
    None,
    Dialing(Dialing),
    Open(Box<Open>),
}

/// An open connection and what is still to be written to it.
pub(super) struct Open {
    socket: Box<dyn Wire>,
    unsent: VecDeque<Message>,
    unflushed: bool,
    /// Since when the other side takes nothing.
    stalled_since: Option<Instant>,
    /// Nothing can be written any more; what the other side said before may still be read.
    broken: bool,
}

/// What happened on a line.
pub(super) enum Turn {
    Dialed(Result<Box<Dialed>, Fault>),
    Read(Result<Message, Error>),
    /// Something of what was to be written is.
    Wrote,
    /// The connection has ended, or takes nothing any more.
    Over,
}

impl Line {
    pub(super) fn open(socket: Box<dyn Wire>) -> Self {
        let unsent = VecDeque::new();
        Self::Open(Box::new(Open { socket, unsent, unflushed: false, stalled_since: None, broken: false }))
    }

    /// Queues a message where there is a connection. How many wait is bounded by who asks: the session has only so
    /// much under way, and a line that takes nothing for a while is over.
    pub(super) fn send(&mut self, message: Message) {
        if let Self::Open(open) = self
            && !open.broken
        {
            open.unsent.push_back(message);
        }
    }

    /// Whether all that was to be sent is on its way, where there is a connection.
    pub(super) fn is_written(&self) -> bool {
        matches!(self, Self::Open(open) if open.unsent.is_empty() && !open.unflushed)
    }

    /// What happens next; for ever nothing where there is no connection. Dropped at any time it loses nothing.
    pub(super) async fn happens(&mut self) -> Turn {
        match self {
            Self::None => std::future::pending().await,
            Self::Dialing(dialing) => Turn::Dialed(dialing.await.map(Box::new)),
            Self::Open(open) => open.happens().await,
        }
    }

    /// Gives the connection up; its close is said in the background, in bounded time.
    pub(super) fn hang_up(&mut self) {
        if let Self::Open(mut open) = std::mem::replace(self, Self::None) {
            open.unsent.clear();
            tokio::spawn(open.close());
        }
    }

    /// Says what is still to be said and closes, in bounded time.
    pub(super) async fn close(&mut self) {
        if let Self::Open(open) = std::mem::replace(self, Self::None) {
            open.close().await;
        }
    }
}

impl Open {
    async fn happens(&mut self) -> Turn {
        let stalled = self.stalled_since.map(|since| since + WRITE_STALL_MAX);
        tokio::select! {
            turn = std::future::poll_fn(|cx| self.poll(cx)) => turn,
            () = tokio::time::sleep_until(stalled.unwrap_or_else(Instant::now)), if stalled.is_some() => Turn::Over,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        let waited = self.stalled_since.is_some();
        match self.poll_write(cx) {
            Ok(true) => return Poll::Ready(Turn::Wrote),
            Ok(false) => {}
            Err(Error::WriteBufferFull(_)) => return Poll::Ready(Turn::Over),
            Err(_) => {
                self.broken = true;
                self.unsent.clear();
                (self.unflushed, self.stalled_since) = (false, None);
            }
        }
        let read = self.socket.poll_next_unpin(cx).map(|read| read.map_or(Turn::Over, Turn::Read));
        if let Poll::Ready(Turn::Read(Ok(Message::Ping(_)))) = &read {
            // The socket has made a pong of it, which a peer that goes on pinging has to take like all else.
            self.unflushed = !self.broken;
        }
        // The clock of a stall that has just begun runs from the next turn on.
        if read.is_pending() && self.stalled_since.is_some() && !waited {
            return Poll::Ready(Turn::Wrote);
        }
        read
    }

    /// Writes as much as the other side takes. Returns whether it took anything.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Result<bool, Error> {
        let mut wrote = false;
        while !self.unsent.is_empty() {
            match self.socket.poll_ready_unpin(cx) {
                Poll::Ready(ready) => ready?,
                Poll::Pending => break,
            }
            if let Some(message) = self.unsent.pop_front() {
                self.socket.start_send_unpin(message)?;
                (self.unflushed, wrote) = (true, true);
            }
        }
        if self.unsent.is_empty()
            && self.unflushed
            && let Poll::Ready(flushed) = self.socket.poll_flush_unpin(cx)
        {
            flushed?;
            (self.unflushed, wrote) = (false, true);
        }
        let waiting = self.unflushed || !self.unsent.is_empty();
        if wrote || !waiting {
            self.stalled_since = None;
        }
        if waiting {
            self.stalled_since.get_or_insert_with(Instant::now);
        }
        Ok(wrote)
    }

    async fn close(mut self: Box<Self>) {
        let closing = async {
            for message in std::mem::take(&mut self.unsent) {
                self.socket.feed(message).await?;
            }
            self.socket.send(Message::Close(None)).await?;
            while let Some(Ok(_)) = self.socket.next().await {}
            Ok::<_, Error>(())
        };
        // A peer that is gone, or takes no more, is not waited for any longer.
        let _ = timeout(Duration::from_millis(CLOSE_MS_MAX), closing).await;
    }
}

const WRITE_STALL_MAX: Duration = Duration::from_millis(WRITE_STALL_MS_MAX);

#[cfg(test)]
mod tests;
