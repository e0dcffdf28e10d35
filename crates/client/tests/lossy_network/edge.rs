//! The host's edge around its hub, as `keeper.rs` and `seat.rs` have it: a feed that everybody reads from a position,
//! a queue for what one connection alone is told, and the rule that the latter comes after all announced before it.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use maru_server::hub::{Deed, Hub, Now, SeatId, Visitor};
use maru_server::{HostLimits, HostOptions};
use maru_wire::{ByeCode, ClientFrame, Entry, Epoch, RoomFrame, RoomId};

pub(crate) struct Edge {
    pub(crate) hub: Hub,
    feed: VecDeque<String>,
    /// The position of the oldest frame that is kept.
    start: usize,
    seats: BTreeMap<SeatId, Seat>,
    pub(crate) log: Vec<Entry>,
}

#[derive(Default)]
struct Seat {
    private: VecDeque<(usize, Told)>,
    position: Option<usize>,
    owes_ready: bool,
    /// The keeper has let it go: once the queue is empty, it says so.
    let_go: bool,
}

enum Told {
    Frame(String, bool),
    Live,
    Bye(ByeCode),
}

/// What a connection writes next.
pub(crate) enum Written {
    Frame(String),
    Close(u16),
}

impl Edge {
    pub(crate) fn new(life: u64, members_max: usize, rate_per_second: u32) -> Self {
        let limits = HostLimits { members_max, per_address_max: 1_000, rate_per_second };
        let room = RoomId::parse("r1").unwrap();
        let options = HostOptions { limits, ..HostOptions::new(room, "점심 모임") };
        let room =
            maru_room::Room::new(Epoch::parse(&format!("e{life}")).unwrap(), maru_room::LogBounds::default());
        let hub = Hub::new(&options, room);
        Self { hub, feed: VecDeque::new(), start: 0, seats: BTreeMap::new(), log: Vec::new() }
    }

    /// A member without a key is whom chance makes them: the same one each time they come.
    pub(crate) fn open(&mut self, id: SeatId, who: usize, now: Duration) {
        self.seats.insert(id, Seat::default());
        let mut chance = [0; 32];
        chance[..8].copy_from_slice(&id.0.to_be_bytes());
        chance[16..24].copy_from_slice(&who.to_be_bytes());
        let address: IpAddr = [192, 0, 2, 1].into();
        self.hub.handle_open(
            id,
            Visitor { address, negotiated: true, channel: String::new(), chance },
            clock(now),
        );
        self.carry_out();
    }

    pub(crate) fn hear(&mut self, id: SeatId, text: &str, now: Duration) {
        self.hub.handle_frame(id, ClientFrame::parse(text), 1, clock(now));
        self.carry_out();
    }

    pub(crate) fn gone(&mut self, id: SeatId) {
        self.seats.remove(&id);
        self.hub.handle_gone(id);
        self.carry_out();
    }

    pub(crate) fn tick(&mut self, now: Duration) {
        if self.hub.poll_timeout().is_some_and(|due| due <= now) {
            self.hub.handle_timeout(clock(now));
            self.carry_out();
        }
    }

    /// What a connection that can be written to writes next, if anything.
    pub(crate) fn write(&mut self, id: SeatId) -> Option<Written> {
        if std::mem::take(&mut self.seats.get_mut(&id)?.owes_ready) {
            self.hub.handle_ready(id);
            self.carry_out();
        }
        loop {
            let seat = self.seats.get_mut(&id)?;
            let due =
                seat.private.front().is_some_and(|(after, _)| seat.position.is_none_or(|at| at >= *after));
            if !due {
                break;
            }
            match seat.private.pop_front()? {
                (_, Told::Frame(frame, more)) => {
                    seat.owes_ready = more;
                    return Some(Written::Frame(frame));
                }
                (after, Told::Live) => seat.position = Some(after),
                (_, Told::Bye(code)) => return Some(self.end(id, code)),
            }
        }
        let seat = self.seats.get_mut(&id)?;
        if let Some(position) = seat.position {
            if position < self.start {
                return Some(self.end(id, ByeCode::TooSlow));
            }
            if let Some(frame) = self.feed.get(position - self.start) {
                seat.position = Some(position + 1);
                return Some(Written::Frame(frame.clone()));
            }
        }
        (seat.let_go && seat.private.is_empty()).then(|| self.end(id, ByeCode::TooSlow))
    }

    fn end(&mut self, id: SeatId, code: ByeCode) -> Written {
        self.gone(id);
        Written::Close(code.close_code())
    }

    fn carry_out(&mut self) {
        while let Some(deed) = self.hub.poll_deed() {
            match deed {
                Deed::Announce(frame) => {
                    if let RoomFrame::Entry(entry) = &frame {
                        self.log.push(entry.clone());
                    }
                    self.feed.push_back(frame.encode());
                    if self.feed.len() > FEED_FRAMES {
                        self.feed.pop_front();
                        self.start += 1;
                    }
                }
                Deed::Tell { seat, frame, more } => self.tell(seat, Told::Frame(frame.encode(), more)),
                Deed::GoLive(seat) => self.tell(seat, Told::Live),
                Deed::Dismiss(seat, code) => {
                    self.tell(seat, Told::Bye(code));
                    if let Some(seat) = self.seats.get_mut(&seat) {
                        seat.let_go = true;
                    }
                }
            }
        }
    }

    fn tell(&mut self, id: SeatId, what: Told) {
        let end = self.start + self.feed.len();
        let Some(seat) = self.seats.get_mut(&id).filter(|seat| !seat.let_go) else { return };
        if seat.private.len() < PRIVATE_FRAMES {
            seat.private.push_back((end, what));
        } else {
            seat.let_go = true;
            self.hub.handle_gone(id);
        }
    }

    /// How often each message is in the log, by its name.
    pub(crate) fn said(&self) -> HashMap<String, usize> {
        let mut said = HashMap::new();
        for entry in &self.log {
            if let maru_wire::Happening::Said { id, .. } = &entry.what {
                *said.entry(id.to_string()).or_default() += 1;
            }
        }
        said
    }
}

fn clock(now: Duration) -> Now {
    Now { since_start: now, unix_ms: 1_763_695_166_000 + now.as_millis() as u64 }
}

/// Little enough that slow readers fall off.
const FEED_FRAMES: usize = 40;

/// More than a session has under way.
const PRIVATE_FRAMES: usize = 64;
