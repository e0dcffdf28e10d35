//! One connection's decisions, without its socket: when it is listened to, pinged, and no longer waited for,
//! and how it ends. Time is an argument, counted from the start of the sweep.

use std::time::Duration;

use maru_wire::ByeCode;

use super::feed::{Feed, Slices};
use super::private::{Place, Private, Then};
use super::reader::Reader;
use super::seal::Seal;
use super::{ConnectionId, WsLimits, encode};
use crate::listener::Pass;

/// A connection from its handshake to its end.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) id: ConnectionId,
    pub(crate) reader: Reader,
    /// Where TLS is spoken on it.
    pub(crate) sealed: Option<Box<Seal>>,
    private: Private,
    stage: Stage,
    /// What was heard of it and is not answered.
    share: u32,
    pings_unanswered: u32,
    ping_due: Duration,
    /// Since when nothing could be written, though something is due.
    stalled_since: Option<Duration>,
    /// Its place inside the gate.
    _pass: Option<Pass>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    /// The peer has said that it closes; the answer is still to be given.
    PeerCloses,
    Ending(Ending),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ending {
    /// Until when it is waited for.
    until: Duration,
    /// Whether the peer is still to say that it closes (RFC 6455, section 7.1.1).
    awaits_close: bool,
    /// Whether our side of the socket is shut.
    is_shut: bool,
    /// Whether the peer's side is.
    peer_is_shut: bool,
}

/// What the time brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timeout {
    /// Nothing but the next one.
    Nothing,
    /// A ping is waiting to be written.
    Pinged,
    /// It is to be let go, with words.
    LetGo(ByeCode),
    /// It is not waited for any longer.
    Over,
}

/// What is next in an ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// To wait.
    Wait,
    /// To shut our side of the socket, and to read on without looking until the peer has closed: a socket
    /// closed over unread bytes is reset, and the last words would be lost with it.
    Shut,
    /// To write that TLS ends, before that.
    Seal,
    /// To drop the socket.
    Over,
}

impl Connection {
    pub(crate) fn new(id: ConnectionId, pass: Option<Pass>, now: Duration, limits: &WsLimits) -> Self {
        Self {
            id,
            reader: Reader::new(limits),
            sealed: None,
            private: Private::default(),
            stage: Stage::Open,
            share: 0,
            pings_unanswered: 0,
            ping_due: now + limits.ping_interval,
            stalled_since: None,
            _pass: pass,
        }
    }

    /// Something whole was read: the peer is there.
    pub(crate) fn handle_piece(&mut self) {
        self.pings_unanswered = 0;
    }

    /// What was heard takes so much of the share until it is answered.
    pub(crate) fn handle_heard(&mut self, share: u32) {
        self.share += share;
    }

    pub(crate) fn handle_answered(&mut self, share: u32) {
        self.share = self.share.saturating_sub(share);
    }

    /// The peer has said that it closes.
    pub(crate) fn handle_peer_close(&mut self) {
        match &mut self.stage {
            Stage::Open => self.stage = Stage::PeerCloses,
            Stage::PeerCloses => {}
            Stage::Ending(ending) => ending.awaits_close = false,
        }
    }

    /// The peer writes nothing more. Says whether it may still read.
    pub(crate) fn handle_peer_shut(&mut self) -> bool {
        match &mut self.stage {
            Stage::Open | Stage::PeerCloses => false,
            Stage::Ending(ending) => {
                (ending.awaits_close, ending.peer_is_shut) = (false, true);
                true
            }
        }
    }

    /// Takes a frame for this connection alone; refuses it where too many wait.
    pub(crate) fn tell(&mut self, frame: Vec<u8>, after: u64, then: Then, limits: &WsLimits) -> bool {
        let has_room = self.private.count() < limits.private_frames_max;
        if has_room {
            self.private.push(frame, after, then);
        }
        has_room
    }

    /// It ends, with these last words once it has heard the feed up to `after`. It is waited for until the given
    /// time; once they are written, no longer than for a close.
    pub(crate) fn end(&mut self, words: Vec<u8>, after: u64, awaits_close: bool, until: Duration) {
        if !words.is_empty() {
            self.private.push(words, after, Then::Nothing);
        }
        if !awaits_close {
            self.reader.stop();
        }
        self.stage = Stage::Ending(Ending { until, awaits_close, is_shut: false, peer_is_shut: false });
    }

    /// The last words are written.
    pub(crate) fn handle_words_written(&mut self, now: Duration, limits: &WsLimits) {
        if let Stage::Ending(ending) = &mut self.stage {
            ending.until = ending.until.min(now + limits.close_max);
        }
    }

    /// It hears no more of the feed but the rest of a frame it stands in.
    pub(crate) fn leave_feed(&mut self, rest_of_frame: &[u8]) {
        self.private.leave_feed();
        self.private.push_first(rest_of_frame.to_vec());
    }

    /// Forgets what it was to be told and is not begun.
    pub(crate) fn forget_private(&mut self) {
        self.private.keep_begun();
    }

    /// So many bytes of what is due were written. Returns its position in the feed, and whether
    /// [`super::Handler::ready`] is due.
    pub(crate) fn handle_written(&mut self, place: Place, bytes: usize) -> (u64, bool) {
        let (mut ready, mut pinged) = (false, false);
        let position = self.private.advance(place, bytes, |then| match then {
            Then::Nothing => {}
            Then::Ready => ready = true,
            Then::Ping => pinged = true,
        });
        self.pings_unanswered += u32::from(pinged);
        (position, ready)
    }

    /// More is due than the socket takes; with `progress` it took something.
    pub(crate) fn handle_blocked(&mut self, progress: bool, now: Duration) {
        if progress || self.stalled_since.is_none() {
            self.stalled_since = Some(now);
        }
    }

    /// All that was due is written.
    pub(crate) fn handle_unblocked(&mut self) {
        self.stalled_since = None;
    }

    /// The time of [`Connection::poll_timeout`] has come, perhaps. `after` is the end of the feed.
    pub(crate) fn handle_timeout(&mut self, now: Duration, after: u64, limits: &WsLimits) -> Timeout {
        if let Stage::Ending(ending) = self.stage {
            return if now >= ending.until { Timeout::Over } else { Timeout::Nothing };
        }
        if self.stalled_since.is_some_and(|since| now >= since + limits.write_stall_max) {
            return Timeout::Over;
        }
        if now < self.ping_due {
            return Timeout::Nothing;
        }
        self.ping_due = now + limits.ping_interval;
        self.reader.handle_interval();
        if self.pings_unanswered >= limits.pings_missed_max {
            return Timeout::LetGo(ByeCode::PingTimeout);
        }
        if self.private.has_ping() {
            return Timeout::Nothing;
        }
        self.private.push(encode::frame(encode::PING, b""), after, Then::Ping);
        Timeout::Pinged
    }

    /// When time brings something next.
    pub(crate) fn poll_timeout(&self, limits: &WsLimits) -> Duration {
        if let Stage::Ending(ending) = self.stage {
            return ending.until;
        }
        let stalled = self.stalled_since.map(|since| since + limits.write_stall_max);
        stalled.map_or(self.ping_due, |stalled| stalled.min(self.ping_due))
    }

    /// What an ending connection has to do next.
    pub(crate) fn poll_farewell(&mut self) -> Farewell {
        let Stage::Ending(ending) = &mut self.stage else { return Farewell::Wait };
        if !self.private.is_empty() || ending.awaits_close {
            return Farewell::Wait;
        }
        if let Some(seal) = &mut self.sealed {
            if seal.close() {
                return Farewell::Seal;
            }
            if seal.has_pending() {
                return Farewell::Wait;
            }
        }
        if ending.peer_is_shut {
            return Farewell::Over;
        }
        if std::mem::replace(&mut ending.is_shut, true) { Farewell::Wait } else { Farewell::Shut }
    }

    /// Hands out what is due to be written.
    pub(crate) fn gather<'a>(&'a self, place: Place, feed: &'a Feed, into: &mut Slices<'a>) {
        self.private.gather(place, feed, into);
    }

    /// Whether another message may be heard. Who has much to read first, or to be answered, is not listened to.
    pub(crate) fn listens(&self, limits: &WsLimits) -> bool {
        match self.stage {
            Stage::Open => {
                let waiting = u32::try_from(self.private.count()).unwrap_or(u32::MAX);
                self.share.saturating_add(waiting) < limits.share_max
                    && self.private.bytes() <= limits.private_bytes_max
            }
            Stage::PeerCloses => false,
            Stage::Ending(_) => true,
        }
    }

    /// Whether what it says is for anybody.
    pub(crate) fn is_open(&self) -> bool {
        self.stage == Stage::Open
    }

    /// Whether it is on its way out.
    pub(crate) fn is_ending(&self) -> bool {
        matches!(self.stage, Stage::Ending(_))
    }

    /// Whether the bytes that still come are not looked at.
    pub(crate) fn is_deaf(&self) -> bool {
        matches!(self.stage, Stage::Ending(Ending { awaits_close: false, .. }))
    }

    /// Whether something waits for it alone.
    pub(crate) fn has_private(&self) -> bool {
        !self.private.is_empty()
    }
}

#[cfg(test)]
mod tests;
