//! A hosted room among its connections, without any: seats, places, bounds, presence. Frames and the time go
//! in, deeds come out. Knows no socket, no clock and no random source; the keeper is its edge.
//!
//! # Layout
//! - [`Hub`]: taking and leaving a seat, and time. [`Deed`]: what is to be done.
//! - `door`: showing the passphrase, in a room that has one. `hello`: from stranger to member, and catching up.
//! - `speech`: what a member says. `writing`: what of it is on its way to the disk.
//! - `asking`: what has to be looked up in the store.
//! - `presence`: who came and went, one by one or once a second.
//! - `foreign`: those who speak another dialect.
//! - `rate`: how fast one may speak. `refusing`: what is not taken, and how often that may be.

mod asking;
mod deed;
mod door;
pub(crate) mod foreign;
mod hello;
mod presence;
mod rate;
mod refusing;
mod seat;
mod speech;
mod writing;

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use maru_room::{Departure, Draft, Room};
use maru_wire::limits::{FOREIGN_DECIDE_MS, HELLO_MS_MAX, NAME_RESERVED_MS, PASSPHRASE_MS_MAX};
use maru_wire::scram::{Verifier, offered};
use maru_wire::{
    ByeCode, ClientFrame, Dialect, FrameError, Keeps, MemberId, Nonce, RefusalCode, RoomFrame, RoomId, Seq,
    StatedLimits,
};

use crate::address::AddressKey;
use crate::options::{HostLimits, HostOptions, Language};
use door::Tries;
use foreign::Hearing;
use presence::Changes;
use refusing::named;
use seat::{Seat, Seats, Stage};
use writing::Writing;

pub use asking::{Answer, Question};
pub use deed::Deed;
pub use foreign::Utterance;
pub use refusing::not_text;
pub use writing::DiskFailed;

/// Names a connection for as long as it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeatId(pub u64);

/// The time, twice: for waiting and for reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Since the room was opened; never runs backwards.
    pub since_start: Duration,
    /// Milliseconds since the Unix epoch; runs as the machine's clock is set.
    pub unix_ms: u64,
}

/// Who knocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// Where from.
    pub address: IpAddr,
    /// How it speaks, where that was negotiated: with `maru.v1` a hello is due. Else its first frame shows it.
    pub dialect: Option<Dialect>,
    /// What a hello may be bound to, one of these; see [`maru_wire::identity`].
    pub channels: Vec<String>,
    /// 256 random bits: the nonce, and a name for a member without a key.
    pub chance: [u8; 32],
}

/// What a member said is on its way to the disk or to the store; its share comes back when it is dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Later;

/// The room among its connections.
#[derive(Debug)]
pub struct Hub {
    id: RoomId,
    name: String,
    host: Option<MemberId>,
    /// What is known of the passphrase, where there is one.
    passphrase: Option<Verifier>,
    lets_foreign_in: bool,
    tries: Tries,
    limits: HostLimits,
    keeps: Keeps,
    room: Room,
    writing: Writing,
    seats: Seats,
    per_address: HashMap<AddressKey, usize>,
    hellos_due: BTreeSet<(Duration, SeatId)>,
    catching_up: HashSet<SeatId>,
    /// Those who were catching up too slowly and are to be let go.
    fell_behind: Vec<SeatId>,
    /// Whether that is being done.
    letting_go: bool,
    changes: Changes,
    changes_due: Option<Duration>,
    hearing: Hearing,
    language: Language,
    /// How many came and were called guests.
    guests: u32,
    /// How many came by a name that others may have.
    namesakes: u32,
    closed: Option<ByeCode>,
    /// The latest time that was told.
    clock: Now,
    deeds: VecDeque<Deed>,
}

impl Hub {
    /// An open room without anybody in it, with what `room` has of its log.
    pub fn new(options: &HostOptions, room: Room) -> Self {
        Self {
            id: options.room.clone(),
            name: options.name.clone(),
            host: options.host.clone(),
            passphrase: options.passphrase.clone(),
            lets_foreign_in: options.lets_foreign_in,
            tries: Tries::default(),
            limits: options.limits,
            keeps: options.keeps,
            room,
            writing: Writing::default(),
            seats: Seats::default(),
            per_address: HashMap::new(),
            hellos_due: BTreeSet::new(),
            catching_up: HashSet::new(),
            fell_behind: Vec::new(),
            letting_go: false,
            changes: Changes::default(),
            changes_due: None,
            hearing: Hearing::default(),
            language: options.language,
            guests: 0,
            namesakes: 0,
            closed: None,
            clock: Now { since_start: Duration::ZERO, unix_ms: 0 },
            deeds: VecDeque::new(),
        }
    }

    /// A connection was opened: it is told which room this is, or why it can't stay.
    pub fn handle_open(&mut self, id: SeatId, visitor: Visitor, now: Now) {
        self.clock = now;
        let address = AddressKey::of(visitor.address);
        let from_there = address.and_then(|key| self.per_address.get(&key)).copied().unwrap_or(0);
        let refusal = if let Some(code) = self.closed {
            Some(code)
        } else if self.seats.len() >= self.limits.members_max {
            Some(ByeCode::RoomFull)
        } else if from_there >= self.limits.per_address_max {
            Some(ByeCode::AddressFull)
        } else {
            None
        };
        if let Some(code) = refusal {
            let bye = self.bye(id, visitor.dialect, code);
            self.deeds.push_back(bye);
            return;
        }
        if let Some(key) = address {
            *self.per_address.entry(key).or_insert(0) += 1;
        }
        let (nonce, nobody) = visitor.chance.split_at(16);
        let nonce = Nonce::from_random(nonce.try_into().expect("half of 32 bytes"));
        let nobody = MemberId::from_random(nobody.try_into().expect("half of 32 bytes"));
        let patience_ms = match visitor.dialect {
            Some(Dialect::Maru) => Some(self.hello_ms_max()),
            Some(_) => None,
            None => Some(FOREIGN_DECIDE_MS),
        };
        let hello_due = patience_ms.map(|ms| now.since_start + Duration::from_millis(ms));
        if let Some(due) = hello_due {
            self.hellos_due.insert((due, id));
        }
        let rate = self.limits.rate_per_second;
        let Visitor { channels, dialect, .. } = visitor;
        let mut seat = Seat::new(address, channels, nonce, nobody, hello_due, rate, now);
        seat.dialect = dialect;
        if self.passphrase.is_some() {
            seat.stage = Stage::Outside(Box::default());
        }
        self.seats.insert(id, seat);
        match dialect {
            Some(Dialect::Maru) => self.tell_room(id),
            Some(_) => self.enter_foreign(id, None, now),
            None => {}
        }
    }

    /// A connection said something, understood or not. `share` comes back with [`Deed::Answered`].
    pub fn handle_frame(&mut self, id: SeatId, frame: Result<ClientFrame, FrameError>, share: u32, now: Now) {
        self.clock = now;
        let rate = self.limits.rate_per_second;
        let Some(seat) = self.seats.get_mut(&id) else { return };
        let cost = frame.as_ref().map_or(1, |frame| frame.cost(rate));
        let later = if seat.bucket.take(cost, now.since_start) {
            self.frame(id, frame, share, now)
        } else {
            let (kind, message_id) = named(&frame);
            self.refuse(id, RefusalCode::TooFast, kind, message_id);
            None
        };
        if later.is_none() {
            self.answered(id, share);
        }
    }

    /// Deals with a frame that is within the rate, now or later.
    fn frame(
        &mut self,
        id: SeatId,
        frame: Result<ClientFrame, FrameError>,
        share: u32,
        now: Now,
    ) -> Option<Later> {
        let frame = match frame {
            Ok(frame) if self.is_outside(id) => Ok(self.at_the_door(id, frame, now)?),
            frame => frame,
        };
        match frame {
            Err(error) => self.refuse_with(id, error.into(), false),
            Ok(ClientFrame::Authenticate { .. }) => {
                self.refuse(id, RefusalCode::AlreadyHere, Some("authenticate"), None);
            }
            Ok(ClientFrame::Hello { nickname, key, signature, cursor }) => {
                let proof = key.as_deref().map(|key| (key, signature.as_deref().unwrap_or_default()));
                self.hello(id, &nickname, proof, cursor.as_ref(), now);
            }
            Ok(ClientFrame::Leave) => self.dismiss(id, ByeCode::Left),
            Ok(frame) => return self.speech(id, frame, share, now),
        }
        None
    }

    /// The next drafts to be written, if none are under way; [`Hub::handle_written`] takes what became of them. An
    /// empty list asks whether the disk is well again.
    pub fn poll_write(&mut self) -> Option<Vec<Draft>> {
        self.writing.poll_drafts(self.clock.since_start)
    }

    /// A connection has written a frame that promised more.
    pub fn handle_ready(&mut self, id: SeatId) {
        self.next_missed_page(id);
    }

    /// The store does not keep anything up to this place any more.
    pub fn handle_trimmed(&mut self, up_to: Seq) {
        self.room.handle_trimmed(up_to);
    }

    /// A connection is gone.
    pub fn handle_gone(&mut self, id: SeatId) {
        self.free(id, true);
    }

    /// The time of [`Hub::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Now) {
        self.clock = now;
        while let Some(&(due, id)) = self.hellos_due.first().filter(|(due, _)| *due <= now.since_start) {
            self.hellos_due.remove(&(due, id));
            match self.seats.get(&id).map(|seat| seat.dialect) {
                Some(None) => self.handle_silence(id, now),
                _ if self.is_outside(id) => self.dismiss(id, ByeCode::PassphraseNeeded),
                _ => self.dismiss(id, ByeCode::HelloTimeout),
            }
        }
        if self.changes_due.is_some_and(|due| due <= now.since_start) {
            self.announce_changes();
        }
    }

    /// The room closes, for everybody who is here and everybody who comes.
    pub fn handle_close(&mut self, code: ByeCode) {
        self.closed = Some(code);
        let mut seats: Vec<_> = self.seats.iter().map(|(id, seat)| (*id, seat.dialect)).collect();
        seats.sort_unstable_by_key(|(id, _)| *id);
        // Nobody is told of the others' leaving: all leave at once.
        self.seats.clear();
        self.per_address.clear();
        self.hellos_due.clear();
        self.catching_up.clear();
        self.changes_due = None;
        self.hearing = Hearing::default();
        for (id, dialect) in seats {
            let bye = self.bye(id, dialect, code);
            self.deeds.push_back(bye);
        }
    }

    /// When [`Hub::handle_timeout`] is due next, since the room was opened.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let hello = self.hellos_due.first().map(|(due, _)| *due);
        hello.into_iter().chain(self.changes_due).chain(self.writing.poll_timeout()).min()
    }

    /// What is to be done next.
    pub fn poll_deed(&mut self) -> Option<Deed> {
        self.deeds.pop_front()
    }

    /// Whether peers that speak another dialect, in which no passphrase can be shown, may come in.
    pub fn admits_foreign(&self) -> bool {
        self.passphrase.is_none() || self.lets_foreign_in
    }

    /// The room itself.
    pub fn room(&self) -> &Room {
        &self.room
    }

    /// Whether anybody is live who speaks `maru.v1`.
    pub fn is_announcing(&self) -> bool {
        self.hearing.has_frames()
    }

    fn stated_limits(&self) -> StatedLimits {
        StatedLimits::new(self.limits.rate_per_second, self.limits.members_max)
    }

    fn count(&self) -> u32 {
        u32::try_from(self.room.roster().count()).unwrap_or(u32::MAX)
    }

    fn answered(&mut self, seat: SeatId, share: u32) {
        if share > 0 && self.seats.contains_key(&seat) {
            self.deeds.push_back(Deed::Answered { seat, share });
        }
    }

    /// Says which room this is, and what a hello has to sign.
    fn tell_room(&mut self, id: SeatId) {
        let Some(nonce) = self.seats.get(&id).map(|seat| seat.nonce.clone()) else { return };
        let exporter = self.seats.get(&id).and_then(Seat::exporter);
        let mechanisms = if self.is_outside(id) { offered(exporter.is_some()) } else { Vec::new() };
        self.tell(id, RoomFrame::Room { id: self.id.clone(), name: self.name.clone(), nonce, mechanisms });
    }

    /// How long somebody may stand at the door: nobody listens there for ever.
    fn hello_ms_max(&self) -> u64 {
        if self.passphrase.is_some() { PASSPHRASE_MS_MAX } else { HELLO_MS_MAX }
    }

    fn tell(&mut self, seat: SeatId, frame: RoomFrame) {
        if self.seats.get(&seat).is_some_and(Seat::is_foreign) {
            return self.tell_foreign(seat, &frame);
        }
        self.deeds.push_back(Deed::Tell { seat, frame: Box::new(frame), more: false });
    }

    fn dismiss(&mut self, id: SeatId, code: ByeCode) {
        if let Some(seat) = self.seats.get(&id) {
            let bye = self.bye(id, seat.dialect, code);
            self.deeds.push_back(bye);
            // Who says good-bye does not come back in a moment; who is let go may.
            self.free(id, code != ByeCode::Left);
        }
    }

    /// Takes a seat away, and tells the others where that makes a member leave.
    fn free(&mut self, id: SeatId, may_return: bool) {
        let Some(seat) = self.seats.remove(&id) else { return };
        if let Some(due) = seat.hello_due {
            self.hellos_due.remove(&(due, id));
        }
        self.catching_up.remove(&id);
        if seat.live {
            self.hearing.leave(seat.dialect);
        }
        if let Some(key) = seat.address {
            let left = self.per_address.get_mut(&key).map_or(0, |count| {
                *count -= 1;
                *count
            });
            if left == 0 {
                self.per_address.remove(&key);
            }
        }
        let Stage::Member { id: member, .. } = seat.stage else { return };
        // Somebody without a key comes back as somebody else.
        let reserved = may_return && member != seat.nobody;
        let until = reserved.then(|| self.clock.unix_ms.saturating_add(NAME_RESERVED_MS));
        if let Departure::Gone(member) = self.room.depart(&member, until) {
            self.announce_left(member);
        }
    }
}

#[cfg(test)]
mod tests;
