//! A chat server that is none of ours, as one of its members hears it. Tells whoever shows it the same events as a
//! [`crate::session`], and declares what it cannot: there is no history, no acknowledgement and no resuming, so each line
//! is said at most once, shows as sent once it is written, and nothing outlasts this run. Knows no socket, no clock and no
//! random source; the driver is its edge.
//!
//! # Layout
//! - [`Foreign`]: the connection's course.
//! - `hearing`: what the server said, shown. `speaking`: what the person says.
//! - `codec`: the dialects, each turning texts into what was said and back.
//! - `socket_io`: the packets of Engine.IO and Socket.IO.
//! - `people`: who was heard. `talk`: what was heard and said. `echoes`: lines of ours that come back.

mod codec;
mod echoes;
mod hearing;
mod people;
mod socket_io;
mod speaking;
mod talk;

use std::collections::VecDeque;
use std::time::Duration;

use maru_wire::limits::{HELLO_MS_MAX, OUTBOX_MESSAGES_MAX};
use maru_wire::{CaughtUp, Dialect, MessageId, MessageText, Nickname, RoomId, Then, codes};
use sha2::{Digest, Sha256};

use crate::backoff::Backoff;
use crate::event::{Fault, Link, RoomEvent, Security};
use crate::session::{Closed, PING_INTERVAL, PROBE, SETTLED, SILENCE_MAX, whole_ms};
use crate::target::Target;
use codec::Codec;
pub use codec::Payload;
pub(crate) use codec::{introduction, taken_apart};
use echoes::Echoes;
use people::People;
use speaking::Line;
pub use speaking::OutboxFull;
use talk::Talk;

/// What a foreign server is joined with.
#[derive(Debug, Clone)]
pub struct ForeignOptions {
    /// What it speaks; anything but `maru.v1`.
    pub dialect: Dialect,
    /// Where it is.
    pub target: Target,
    /// What to be called.
    pub nickname: Nickname,
    /// Chance, for the jitter of waits.
    pub seed: u64,
}

/// What the edge is to do, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Open a connection; answer with [`Foreign::handle_connected`] or [`Foreign::handle_closed`].
    Dial,
    /// Send a text; answer with [`Foreign::handle_written`] once all that was to be sent is written.
    Send(String),
    /// Ping the other side.
    Ping,
    /// Give the connection up. What it still says is not to be handed in.
    HangUp,
}

/// One joined server.
#[derive(Debug)]
pub struct Foreign {
    dialect: Dialect,
    room: RoomId,
    codec: Codec,
    stage: Stage,
    link: Link,
    security: Security,
    /// Whether the server let us in once: from then on we come back by ourselves.
    been_live: bool,
    backoff: Backoff,
    live_since: Duration,
    heard_at: Duration,
    pinged_at: Option<Duration>,
    probe_due: Option<Duration>,
    people: People,
    talk: Talk,
    echoes: Echoes,
    /// Lines that wait for a connection.
    waiting: VecDeque<Line>,
    /// Lines that are handed to the connection and not known to be written.
    under_way: VecDeque<Line>,
    failed: VecDeque<Line>,
    actions: VecDeque<Action>,
    events: VecDeque<RoomEvent>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// A dial is under way.
    Dialing,
    /// The connection is open; the server has to let us in until then.
    Opening { due: Duration },
    /// In.
    Live,
    /// To dial again at that time.
    Waiting { until: Duration },
    /// Over, until a person asks.
    Ended,
}

impl Foreign {
    /// A session that begins to dial at once.
    pub fn new(options: ForeignOptions, now: Duration) -> Self {
        let ForeignOptions { dialect, target, nickname, seed } = options;
        let host = target.addresses.first().map(ToString::to_string).unwrap_or_default();
        let mut foreign = Self {
            dialect,
            room: room_of(&target),
            codec: Codec::new(dialect, &target.path),
            stage: Stage::Ended,
            link: Link::Connecting { attempt: 0 },
            security: Security::Plain,
            been_live: false,
            backoff: Backoff::new(seed),
            live_since: now,
            heard_at: now,
            pinged_at: None,
            probe_due: None,
            people: People::new(nickname, &host),
            talk: Talk::default(),
            echoes: Echoes::default(),
            waiting: VecDeque::new(),
            under_way: VecDeque::new(),
            failed: VecDeque::new(),
            actions: VecDeque::new(),
            events: VecDeque::new(),
        };
        foreign.dial();
        foreign
    }

    /// The connection is open. Whoever found out what is spoken on it may have said our name there already.
    pub fn handle_connected(&mut self, security: Security, introduced: bool, now: Duration) {
        if self.stage != Stage::Dialing {
            return;
        }
        self.handle_sign_of_life(now);
        self.security = security;
        self.events.push_back(RoomEvent::Connected { dialect: self.dialect, security });
        self.stage = Stage::Opening { due: now + OPENING };
        let told = self.codec.handle_connected(self.people.you().nickname.as_str(), introduced);
        self.take_in(told, 0, now);
    }

    /// The server said something; `at` is the time in milliseconds since the Unix epoch.
    pub fn handle_payload(&mut self, payload: Payload<'_>, at: u64, now: Duration) {
        if !matches!(self.stage, Stage::Opening { .. } | Stage::Live) {
            return;
        }
        self.handle_sign_of_life(now);
        let told = self.codec.handle_payload(payload);
        self.take_in(told, at, now);
    }

    /// The other side gave a sign of life that is no message.
    pub fn handle_sign_of_life(&mut self, now: Duration) {
        self.heard_at = now;
        self.pinged_at = None;
        self.probe_due = None;
    }

    /// The connection has ended, or there was none.
    pub fn handle_closed(&mut self, closed: Closed, now: Duration) {
        if matches!(self.stage, Stage::Waiting { .. } | Stage::Ended) {
            return;
        }
        let (fault, stop) = match closed {
            Closed::Dial(fault) => (fault, false),
            // The codes from 4000 on mean what each server wants them to (RFC 6455, section 7.4.2).
            Closed::Code(code) if code < 4_000 && codes::then(code) == Then::Stop => (Fault::Rejected, true),
            Closed::Code(_) | Closed::Lost => (Fault::Lost, false),
        };
        self.fail(fault, stop, now);
    }

    /// The time of [`Self::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Duration) {
        match self.stage {
            Stage::Waiting { until } if until <= now => self.dial(),
            Stage::Opening { due } if due <= now => self.drop_connection(Fault::Timeout, now),
            Stage::Live => self.keep_alive(now),
            Stage::Dialing | Stage::Opening { .. } | Stage::Waiting { .. } | Stage::Ended => {}
        }
    }

    /// The machine slept, or its network changed: the connection may only look alive.
    pub fn handle_wake(&mut self, now: Duration) {
        match self.stage {
            // One that is pinged by the server alone, and not by us, has its own bound for silence.
            Stage::Live if self.codec.pings() => {
                self.probe_due.get_or_insert(now + PROBE);
                self.actions.push_back(Action::Ping);
            }
            Stage::Live => self.drop_connection(Fault::Lost, now),
            Stage::Waiting { .. } => self.dial(),
            Stage::Dialing | Stage::Opening { .. } | Stage::Ended => {}
        }
    }

    /// Dials at once instead of waiting, or again after the end.
    pub fn retry_now(&mut self) {
        if matches!(self.stage, Stage::Waiting { .. } | Stage::Ended) {
            self.dial();
        }
    }

    /// Leaves. The session is over until [`Self::retry_now`].
    pub fn leave(&mut self) {
        // No good-bye but that of the connection: a Socket.IO server drops what came just before its own.
        self.actions.push_back(Action::HangUp);
        self.end(Fault::Left);
    }

    /// What is to be done next.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// What is to be shown next.
    pub fn poll_event(&mut self) -> Option<RoomEvent> {
        self.events.pop_front()
    }

    /// When [`Self::handle_timeout`] is due next.
    pub fn poll_timeout(&self) -> Option<Duration> {
        match self.stage {
            Stage::Waiting { until } => Some(until),
            Stage::Opening { due } => Some(due),
            Stage::Live => {
                let ping = self.codec.pings().then(|| self.ping_due());
                [self.probe_due, ping, Some(self.silent_at())].into_iter().flatten().min()
            }
            Stage::Dialing | Stage::Ended => None,
        }
    }

    /// Everything there is to show, from an empty room on. Waiting events are part of it.
    pub fn snapshot(&mut self, now: Duration) -> Vec<RoomEvent> {
        self.events.clear();
        let mut link = self.link.clone();
        if let (Stage::Waiting { until }, Link::Waiting { retry_in_ms, .. }) = (self.stage, &mut link) {
            *retry_in_ms = whole_ms(until.saturating_sub(now));
        }
        let mut events = Vec::new();
        if self.been_live {
            events.push(RoomEvent::Connected { dialect: self.dialect, security: self.security });
            events.push(self.entered(CaughtUp::First, self.talk.entries()));
        }
        events.extend(self.failed.iter().flat_map(|line| [line.queued(), line.unsent()]));
        events.extend(self.under_way.iter().chain(&self.waiting).map(Line::queued));
        events.push(RoomEvent::Link { link });
        events
    }

    /// What was said and not handed to any connection, in order: nobody has heard it, so it may be said elsewhere.
    pub fn unsaid(&self) -> Vec<(MessageId, MessageText)> {
        self.waiting.iter().map(|line| (line.id.clone(), line.text.clone())).collect()
    }

    /// How the connection is doing.
    pub fn link(&self) -> &Link {
        &self.link
    }

    fn dial(&mut self) {
        self.stage = Stage::Dialing;
        self.actions.push_back(Action::Dial);
        self.show_link(Link::Connecting { attempt: self.backoff.attempt() });
    }

    /// Gives up a connection that still looks open.
    fn drop_connection(&mut self, fault: Fault, now: Duration) {
        self.actions.push_back(Action::HangUp);
        self.fail(fault, false, now);
    }

    fn fail(&mut self, fault: Fault, stop: bool, now: Duration) {
        if self.stage == Stage::Live && now >= self.live_since + SETTLED {
            self.backoff.reset();
        }
        // Who never got in is told why at once; who was in comes back by itself.
        if stop || !self.been_live {
            return self.end(fault);
        }
        let wait = self.backoff.next_wait();
        self.disconnected(Stage::Waiting { until: now + wait });
        self.show_link(Link::Waiting { attempt: self.backoff.attempt(), retry_in_ms: whole_ms(wait), fault });
    }

    fn end(&mut self, fault: Fault) {
        self.disconnected(Stage::Ended);
        self.show_link(Link::Ended { fault });
    }

    /// Nobody knows whether what was under way arrived. It is not said again unless the person wants it.
    fn disconnected(&mut self, next: Stage) {
        self.stage = next;
        self.echoes = Echoes::default();
        if matches!(self.link, Link::Ended { .. }) {
            return;
        }
        for line in std::mem::take(&mut self.under_way) {
            self.events.push_back(line.unsent());
            if self.failed.len() < OUTBOX_MESSAGES_MAX {
                self.failed.push_back(line);
            }
        }
    }

    fn show_link(&mut self, link: Link) {
        if link != self.link || matches!(link, Link::Connecting { attempt: 0 }) {
            self.link = link.clone();
            self.events.push_back(RoomEvent::Link { link });
        }
    }

    fn keep_alive(&mut self, now: Duration) {
        if self.probe_due.is_some_and(|due| due <= now) || now >= self.silent_at() {
            return self.drop_connection(Fault::Lost, now);
        }
        if self.codec.pings() && now >= self.ping_due() {
            self.pinged_at = Some(now);
            self.actions.push_back(Action::Ping);
        }
    }

    /// When a server that goes on saying nothing counts as gone.
    fn silent_at(&self) -> Duration {
        self.heard_at + self.codec.silence_max().unwrap_or(SILENCE_MAX)
    }

    fn ping_due(&self) -> Duration {
        self.pinged_at.unwrap_or(self.heard_at) + PING_INTERVAL
    }
}

/// A server as a room: the same address is the same room.
fn room_of(target: &Target) -> RoomId {
    let url = target.addresses.first().map(|at| target.ws_url(at)).unwrap_or_default();
    let digest = Sha256::digest(format!("maru foreign\n{url}"));
    RoomId::from_random(std::array::from_fn(|i| digest[i]))
}

/// How long a server that has taken the connection may take to let us in.
const OPENING: Duration = Duration::from_millis(2 * HELLO_MS_MAX);

#[cfg(test)]
mod tests;
