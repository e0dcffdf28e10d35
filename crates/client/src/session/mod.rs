//! The room as one member hears it, and what they still have to say. What happened goes in with the time, what
//! to do and what to show come out. Knows no socket, no clock, no random source and no file; the driver is
//! its edge.
//!
//! # Layout
//! - [`Session`]: the connection's course, from dialing to the end. `alive`: whether the other side is still there.
//! - `door`: showing the passphrase, where the room has one.
//! - `hearing`: frames of the room. `mirror`: the room as heard. `outbox`: what is still to be said.
//! - `keeping`: what outlasts this run.

mod alive;
mod door;
mod hearing;
mod keeping;
mod mirror;
mod outbox;
mod speaking;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use maru_wire::codes::then;
use maru_wire::limits::HELLO_MS_MAX;
use maru_wire::scram::Passphrase;
use maru_wire::{
    ByeCode, ClientFrame, Dialect, MemberId, MessageId, MessageText, Nickname, Nonce, RoomId, Then,
};

use crate::backoff::Backoff;
use crate::event::{Fault, Link, NotebookFault, RoomEvent, Security};
pub(crate) use alive::{PING_INTERVAL, PROBE, SILENCE_MAX};
pub use door::Channel;
use door::Door;
pub use keeping::{Keeping, Kept, Known, Line, Restored};
use mirror::Mirror;
use outbox::Outbox;

/// What a session is opened with.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// What to be called.
    pub nickname: Nickname,
    /// The room that has to be there, where an invite said which.
    pub room: Option<RoomId>,
    /// What was kept of the room, where there is a place to keep it.
    pub restored: Option<Restored>,
    /// Chance, for the jitter of waits.
    pub seed: u64,
}

/// What the edge is to do, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Open a connection; answer with [`Session::handle_connected`] or [`Session::handle_closed`].
    Dial,
    /// Sign a hello; answer with [`Session::handle_proof`].
    Prove {
        /// For this room.
        room: RoomId,
        /// With this nonce.
        nonce: Nonce,
    },
    /// Work out what a passphrase is worth to the room, which takes a second; answer with [`Session::handle_salted`].
    Salt {
        /// What was typed.
        passphrase: Passphrase,
        /// The room's salt.
        salt: Vec<u8>,
        /// How often.
        iterations: u32,
    },
    /// Send a frame.
    Send(ClientFrame),
    /// Ping the other side.
    Ping,
    /// Give the connection up. What it still says is not to be handed in.
    HangUp,
}

/// A signed hello's proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The public key in base64url.
    pub key: String,
    /// The signature in base64url.
    pub signature: String,
}

/// How a connection ended, or why there was none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// Before it was open.
    Dial(Fault),
    /// With a close code of the other side (RFC 6455, section 7.4).
    Code(u16),
    /// Without one.
    Lost,
}

/// One joined room.
#[derive(Debug)]
pub struct Session {
    nickname: Nickname,
    /// Whether a rename is asked for that the room has not told of yet.
    rename_wanted: bool,
    expected: Option<RoomId>,
    /// How often another room than before was at the address, since a person asked to dial.
    moves: u32,
    stage: Stage,
    link: Link,
    /// What guards the connection, or guarded the one before.
    security: Option<Security>,
    /// Whether the room let us in.
    been_live: bool,
    /// Whether a dial that fails is not the end: the room let us in, now or before.
    comes_back: bool,
    backoff: Backoff,
    bye: Option<(ByeCode, Then)>,
    door: Door,
    live_since: Duration,
    heard_at: Duration,
    pinged_at: Option<Duration>,
    probe_due: Option<Duration>,
    mirror: Mirror,
    outbox: Outbox,
    typists: BTreeMap<MemberId, Duration>,
    typing_sent_at: Option<Duration>,
    history_asked: bool,
    /// Questions that wait for the room's rate.
    questions: VecDeque<ClientFrame>,
    /// Whether pages of what was missed are still to come.
    catching_up: bool,
    /// Whether the host's disk takes what is said, as told last.
    disk_well: bool,
    /// What is to be written down; none where there is no place for it.
    keeping: Option<VecDeque<Keeping>>,
    notebook_fault: Option<NotebookFault>,
    actions: VecDeque<Action>,
    events: VecDeque<RoomEvent>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// A dial is under way.
    Dialing,
    /// The connection is open; the room has to let us in until then.
    Opening {
        due: Duration,
        /// Whether the room has told which one it is.
        told: bool,
    },
    /// In the room.
    Live,
    /// To dial again at that time.
    Waiting { until: Duration },
    /// Over, until a person asks.
    Ended,
}

impl Session {
    /// A session that begins to dial at once.
    pub fn new(options: SessionOptions, now: Duration) -> Self {
        let mut session = Self {
            nickname: options.nickname,
            rename_wanted: false,
            expected: options.room,
            moves: 0,
            stage: Stage::Ended,
            link: Link::Connecting { attempt: 0 },
            security: None,
            been_live: false,
            comes_back: false,
            backoff: Backoff::new(options.seed),
            bye: None,
            door: Door::closed(),
            live_since: now,
            heard_at: now,
            pinged_at: None,
            probe_due: None,
            mirror: Mirror::default(),
            outbox: Outbox::default(),
            typists: BTreeMap::new(),
            typing_sent_at: None,
            history_asked: false,
            questions: VecDeque::new(),
            catching_up: false,
            disk_well: true,
            keeping: None,
            notebook_fault: None,
            actions: VecDeque::new(),
            events: VecDeque::new(),
        };
        if let Some(restored) = options.restored {
            session.handle_restored(restored);
        }
        session.dial();
        session
    }

    /// The connection is open.
    pub fn handle_connected(&mut self, now: Duration) {
        if self.stage == Stage::Dialing {
            self.handle_sign_of_life(now);
            self.stage = Stage::Opening { due: now + Duration::from_millis(HELLO_MS_MAX), told: false };
        }
    }

    /// The hello is signed; without a proof we are nobody in particular.
    pub fn handle_proof(&mut self, proof: Option<Proof>) {
        if !matches!(self.stage, Stage::Opening { told: true, .. }) || !self.door.is_passed() {
            return;
        }
        let (key, signature) = proof.map(|proof| (proof.key, proof.signature)).unzip();
        let hello = ClientFrame::Hello {
            nickname: self.nickname.clone(),
            key,
            signature,
            cursor: self.mirror.cursor().cloned(),
        };
        self.actions.push_back(Action::Send(hello));
    }

    /// The connection has ended, or there was none.
    pub fn handle_closed(&mut self, closed: Closed, now: Duration) {
        if matches!(self.stage, Stage::Waiting { .. } | Stage::Ended) {
            return;
        }
        let bye = self.bye.take();
        let (fault, stop) = match (bye, closed) {
            (Some((bye, then)), _) => (fault_of(bye, then), then == Then::Stop),
            // Only a person can know whether that is as it should be.
            (None, Closed::Dial(fault)) => (fault, fault == Fault::CertificateChanged),
            (None, Closed::Code(code)) => match ByeCode::from_close_code(code) {
                Some(bye) => (fault_of(bye, bye.then()), bye.then() == Then::Stop),
                None => {
                    let stop = then(code) == Then::Stop;
                    (if stop { Fault::Rejected } else { Fault::Lost }, stop)
                }
            },
            (None, Closed::Lost) => (Fault::Lost, false),
        };
        self.fail(fault, stop, now);
    }

    /// The time of [`Session::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Duration) {
        match self.stage {
            Stage::Waiting { until } if until <= now => self.dial(),
            Stage::Opening { due, told } if due <= now => {
                // A room that is slow to let us in is a room nevertheless.
                let fault = if told { Fault::Timeout } else { Fault::NotARoom };
                self.drop_connection(fault, now);
            }
            Stage::Live => self.keep_alive(now),
            Stage::Dialing | Stage::Opening { .. } | Stage::Waiting { .. } | Stage::Ended => {}
        }
        self.lapse_typing(now);
        self.send_due(now);
    }

    /// Dials at once instead of waiting, or again after the end.
    pub fn retry_now(&mut self) {
        self.moves = 0;
        if matches!(self.stage, Stage::Waiting { .. } | Stage::Ended) {
            self.dial();
        }
    }

    /// Leaves the room politely. The session is over until [`Session::retry_now`].
    pub fn leave(&mut self) {
        if self.stage == Stage::Live {
            self.actions.push_back(Action::Send(ClientFrame::Leave));
        }
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

    /// When [`Session::handle_timeout`] is due next.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let stage = match self.stage {
            Stage::Waiting { until } => Some(until),
            Stage::Opening { due, .. } => Some(due),
            Stage::Live => Some(self.alive_until()),
            Stage::Dialing | Stage::Ended => None,
        };
        let sending = self.may_send().then(|| self.outbox.due()).flatten();
        let asking = self.questions_due();
        stage.into_iter().chain(self.typists.values().copied()).chain(sending).chain(asking).min()
    }

    /// Everything there is to show, from an empty room on. Waiting events are part of it.
    pub fn snapshot(&mut self, now: Duration) -> Vec<RoomEvent> {
        self.events.clear();
        let mut link = self.link.clone();
        if let (Stage::Waiting { until }, Link::Waiting { retry_in_ms, .. }) = (self.stage, &mut link) {
            *retry_in_ms = whole_ms(until.saturating_sub(now));
        }
        self.mirror.handle_shown_anew();
        let mut events = Vec::new();
        events.extend(self.connected());
        events.extend(self.notebook_fault.map(|fault| RoomEvent::Notebook { fault: Some(fault) }));
        events.extend(self.mirror.entered());
        events.extend(self.outbox.events());
        events.extend(
            self.typists.keys().map(|member| RoomEvent::Typing { member: member.clone(), active: true }),
        );
        if !self.disk_well {
            events.push(RoomEvent::Disk { well: false });
        }
        events.push(RoomEvent::Link { link });
        events
    }

    /// What was said and is not acknowledged, in order.
    pub fn unacknowledged(&self) -> Vec<(MessageId, MessageText)> {
        self.outbox.waiting()
    }

    /// How the connection is doing.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// The room, once it has told.
    pub fn room(&self) -> Option<&RoomId> {
        self.mirror.room()
    }

    fn connected(&self) -> Option<RoomEvent> {
        self.security.map(|security| RoomEvent::Connected { dialect: Dialect::Maru, security })
    }

    fn dial(&mut self) {
        self.stage = Stage::Dialing;
        self.bye = None;
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
        if stop || !self.comes_back {
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

    /// What was under way on the connection is not any more.
    fn disconnected(&mut self, next: Stage) {
        self.stage = next;
        self.door.handle_disconnected();
        self.outbox.handle_disconnected();
        self.history_asked = false;
        self.questions.clear();
        self.catching_up = false;
        self.typing_sent_at = None;
    }

    fn show_link(&mut self, link: Link) {
        if link != self.link || matches!(link, Link::Connecting { attempt: 0 }) {
            self.link = link.clone();
            self.events.push_back(RoomEvent::Link { link });
        }
    }
}

fn fault_of(bye: ByeCode, then: Then) -> Fault {
    match bye {
        ByeCode::Unknown if then == Then::Stop => Fault::Rejected,
        ByeCode::TooSlow | ByeCode::PingTimeout | ByeCode::Restarting | ByeCode::Unknown => Fault::Lost,
        ByeCode::RoomFull => Fault::RoomFull,
        ByeCode::AddressFull => Fault::AddressFull,
        ByeCode::RoomClosed => Fault::RoomClosed,
        ByeCode::HelloTimeout | ByeCode::TooFast | ByeCode::TooManyErrors | ByeCode::TooManyFrames => {
            Fault::Rejected
        }
        ByeCode::Left => Fault::Left,
        ByeCode::PassphraseNeeded => Fault::PassphraseNeeded,
        ByeCode::WrongPassphrase => Fault::WrongPassphrase,
        ByeCode::TooManyAttempts => Fault::TooManyAttempts,
    }
}

pub(crate) fn whole_ms(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis()).unwrap_or(u32::MAX)
}

/// How long a connection has to hold for the next loss to count as the first: else a room that lets in and lets go
/// at once would be dialed without pause.
pub(crate) const SETTLED: Duration = Duration::from_secs(10);

/// Other rooms that an address may lead to without a person asking: each takes a key and a notebook of its own, of which
/// there are only so many, and one that is another each time would push out those of all others.
const MOVES_MAX: u32 = 3;

#[cfg(test)]
mod tests;
