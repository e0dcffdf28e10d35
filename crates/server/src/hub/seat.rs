//! One connection's place in the room.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::time::Duration;

use maru_wire::identity::exporter_of;
use maru_wire::scram::EXPORTER_BYTES;
use maru_wire::{Dialect, MemberId, MessageId, Nonce, Seq};

use super::door::Outside;
use super::presence::Changes;
use super::rate::Bucket;
use super::{Now, Question, SeatId};
use crate::address::AddressKey;

/// All connections that were let in.
pub(super) type Seats = HashMap<SeatId, Seat, BuildHasherDefault<Spread>>;

/// Hashes the names of seats, which are ours and dense: nobody else can make them collide.
#[derive(Debug, Default)]
pub(super) struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64((self.0 << 8) | u64::from(*byte)));
    }

    /// By the golden ratio (Knuth, The Art of Computer Programming, section 6.4).
    fn write_u64(&mut self, number: u64) {
        self.0 = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A connection that was let in.
#[derive(Debug)]
pub(super) struct Seat {
    pub address: Option<AddressKey>,
    pub channels: Vec<String>,
    pub nonce: Nonce,
    /// Who it will be without a key.
    pub nobody: MemberId,
    /// How it speaks, once that is known.
    pub dialect: Option<Dialect>,
    /// Until when it has to have said hello, or shown how it speaks.
    pub hello_due: Option<Duration>,
    pub stage: Stage,
    pub bucket: Bucket,
    pub refusals: u32,
    pub rate_refusals: u32,
    /// When it was last refused for speed.
    pub rate_refused_at: Duration,
    /// Whether the others know them to be writing.
    pub is_typing: bool,
    /// When it was last passed on that they are writing, since their last message.
    pub typing_told: Option<Duration>,
    /// What the store was asked for it and has not answered, with what that takes of its share; the first is under
    /// way.
    pub questions: VecDeque<(Question, u32)>,
    /// The first message that was refused for the disk's sake, and until when it has to be said again before others.
    pub refused_first: Option<(MessageId, Duration)>,
    /// Whether it hears what is announced.
    pub live: bool,
    /// How many messages were given a name for it.
    pub messages_named: u64,
    /// Whether how it speaks was concluded from its silence.
    pub is_guess: bool,
}

/// How far a connection has come.
#[derive(Debug)]
pub(super) enum Stage {
    /// The passphrase has to be shown first.
    Outside(Box<Outside>),
    /// No hello yet.
    Stranger,
    /// A member.
    Member {
        id: MemberId,
        /// What is still to be told of what was missed.
        catching_up: Option<CatchingUp>,
    },
}

/// A member on the way from their place to the head.
#[derive(Debug)]
pub(super) struct CatchingUp {
    /// The last entry they were told.
    pub at: Seq,
    /// Who came and went meanwhile, to be told at the seam.
    pub changes: Changes,
}

impl Seat {
    pub(super) fn new(
        address: Option<AddressKey>,
        channels: Vec<String>,
        nonce: Nonce,
        nobody: MemberId,
        hello_due: Option<Duration>,
        rate_per_second: u32,
        now: Now,
    ) -> Self {
        Self {
            address,
            channels,
            nonce,
            nobody,
            dialect: None,
            hello_due,
            stage: Stage::Stranger,
            bucket: Bucket::full(rate_per_second, now.since_start),
            refusals: 0,
            rate_refusals: 0,
            rate_refused_at: now.since_start,
            is_typing: false,
            typing_told: None,
            questions: VecDeque::new(),
            refused_first: None,
            live: false,
            messages_named: 0,
            is_guess: false,
        }
    }

    /// Whether it comes from this machine itself.
    pub(super) fn is_loopback(&self) -> bool {
        self.address.is_none()
    }

    /// What TLS exports for the connection, where the room sees it.
    pub(super) fn exporter(&self) -> Option<[u8; EXPORTER_BYTES]> {
        self.channels.iter().find_map(|channel| exporter_of(channel))
    }

    /// Whether it hears text, and nothing else.
    pub(super) fn is_foreign(&self) -> bool {
        self.dialect != Some(Dialect::Maru)
    }

    pub(super) fn member(&self) -> Option<&MemberId> {
        match &self.stage {
            Stage::Outside(_) | Stage::Stranger => None,
            Stage::Member { id, .. } => Some(id),
        }
    }

    pub(super) fn catching_up_at(&self) -> Option<Seq> {
        match &self.stage {
            Stage::Outside(_) | Stage::Stranger => None,
            Stage::Member { catching_up, .. } => catching_up.as_ref().map(|catching_up| catching_up.at),
        }
    }

    pub(super) fn take_catching_up(&mut self) -> Option<CatchingUp> {
        match &mut self.stage {
            Stage::Outside(_) | Stage::Stranger => None,
            Stage::Member { catching_up, .. } => catching_up.take(),
        }
    }

    pub(super) fn go_on_catching_up(&mut self, rest: CatchingUp) {
        if let Stage::Member { catching_up, .. } = &mut self.stage {
            *catching_up = Some(rest);
        }
    }
}
