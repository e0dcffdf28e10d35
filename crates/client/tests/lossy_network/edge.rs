//! The host's edge around its hub: a feed that everybody reads from a position, a queue for what one connection alone
//! is told, the rule that the latter comes after all announced before it, and the disk. Looks at everything that
//! is told: acked is durable, and nobody is told of a gap where there is none, or of none where there is one.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use maru_room::{LogBounds, Room};
use maru_server::hub::{Deed, Hub, Now, SeatId, Visitor};
use maru_server::{HostLimits, HostOptions};
use maru_wire::frames::PageOf;
use maru_wire::limits::{PAGE_SHARE_FRAMES, SHARE_FRAMES_MAX};
use maru_wire::{
    ByeCode, CaughtUp, ClientFrame, Cursor, Dialect, Entry, Epoch, FrameError, Keeps, RefusalCode, RoomFrame,
    RoomId, Seq,
};

use super::disk::Disk;

pub(crate) struct Edge {
    hub: Hub,
    pub(crate) disk: Disk,
    options: Opened,
    /// When this run of the host began.
    born: Duration,
    feed: VecDeque<RoomFrame>,
    /// The position of the oldest frame that is kept.
    start: usize,
    seats: BTreeMap<SeatId, Seat>,
}

/// How the room is opened, each time anew.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opened {
    pub(crate) members_max: usize,
    pub(crate) rate_per_second: u32,
    /// How many of the latest entries are in memory; none where all is, and nothing on a disk.
    pub(crate) tail: Option<usize>,
}

#[derive(Default)]
struct Seat {
    private: VecDeque<(usize, Told)>,
    position: Option<usize>,
    owes_ready: bool,
    /// The keeper has let it go: once the queue is empty, it says so.
    let_go: bool,
    /// The place it showed in its hello.
    cursor: Option<Cursor>,
    /// The last entry it was written, once it was welcomed.
    written: Option<Seq>,
    /// What of its share is taken by what it said and was not answered.
    unanswered: u32,
}

enum Told {
    Frame(Box<RoomFrame>, bool),
    Live,
    Answered(u32),
    Bye(ByeCode),
}

/// What a connection writes next.
pub(crate) enum Written {
    Frame(String),
    Close(u16),
}

impl Edge {
    pub(crate) fn new(disk: Disk, options: Opened) -> Self {
        let hub = options.open(&disk);
        let seats = BTreeMap::new();
        Self { hub, disk, options, born: Duration::ZERO, feed: VecDeque::new(), start: 0, seats }
    }

    /// The host program is started again, on what the disk holds now.
    pub(crate) fn reopen(&mut self, now: Duration) {
        self.hub = self.options.open(&self.disk);
        self.born = now;
        self.feed.clear();
        self.start = 0;
        self.seats.clear();
    }

    /// A member without a key is whom chance makes them: the same one each time they come.
    pub(crate) fn open(&mut self, id: SeatId, who: usize, now: Duration) {
        self.seats.insert(id, Seat::default());
        let mut chance = [0; 32];
        chance[..8].copy_from_slice(&id.0.to_be_bytes());
        chance[16..24].copy_from_slice(&who.to_be_bytes());
        let address: IpAddr = [192, 0, 2, 1].into();
        let visitor = Visitor { address, dialect: Some(Dialect::Maru), channels: Vec::new(), chance };
        self.hub.handle_open(id, visitor, self.clock(now));
        self.carry_out(now);
    }

    /// Whether a connection is read: not while it has said as much as it may and was not answered.
    pub(crate) fn listens(&self, id: SeatId) -> bool {
        self.seats
            .get(&id)
            .is_none_or(|seat| seat.unanswered as usize <= SHARE_FRAMES_MAX - PAGE_SHARE_FRAMES)
    }

    pub(crate) fn hear(&mut self, id: SeatId, text: &str, now: Duration) {
        let frame = ClientFrame::parse(text);
        let share = share_of(&frame);
        if let Some(seat) = self.seats.get_mut(&id) {
            seat.unanswered += share;
            if let Ok(ClientFrame::Hello { cursor, .. }) = &frame {
                seat.cursor.clone_from(cursor);
            }
        }
        self.hub.handle_frame(id, frame, share, self.clock(now));
        self.carry_out(now);
    }

    pub(crate) fn gone(&mut self, id: SeatId, now: Duration) {
        self.seats.remove(&id);
        self.hub.handle_gone(id);
        self.carry_out(now);
    }

    /// What the time and the disk bring.
    pub(crate) fn tick(&mut self, now: Duration) {
        let since_start = self.clock(now).since_start;
        if self.hub.poll_timeout().is_some_and(|due| due <= since_start) {
            self.hub.handle_timeout(self.clock(now));
            self.carry_out(now);
        }
        if let Some(written) = self.disk.poll_written(now) {
            self.hub.handle_written(written, self.clock(now));
            self.carry_out(now);
        }
        while let Some((seat, answer)) = self.disk.poll_answer(now) {
            self.hub.handle_answer(seat, answer);
            self.carry_out(now);
        }
        if let Some(drafts) = self.hub.poll_write() {
            self.disk.write(drafts, now);
        }
    }

    /// What a connection that can be written to writes next, if anything.
    pub(crate) fn write(&mut self, id: SeatId, now: Duration) -> Option<Written> {
        if std::mem::take(&mut self.seats.get_mut(&id)?.owes_ready) {
            self.hub.handle_ready(id);
            self.carry_out(now);
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
                    seat.assert_private_follows(&frame);
                    return Some(Written::Frame(frame.encode()));
                }
                (after, Told::Live) => seat.position = Some(after),
                (_, Told::Answered(share)) => {
                    seat.unanswered = seat.unanswered.checked_sub(share).expect("no more than was said");
                }
                (_, Told::Bye(code)) => return Some(self.end(id, code, now)),
            }
        }
        let seat = self.seats.get_mut(&id)?;
        if let Some(position) = seat.position {
            if position < self.start {
                return Some(self.end(id, ByeCode::TooSlow, now));
            }
            if let Some(frame) = self.feed.get(position - self.start) {
                seat.position = Some(position + 1);
                seat.assert_live_follows(frame);
                return Some(Written::Frame(frame.encode()));
            }
        }
        (seat.let_go && seat.private.is_empty()).then(|| self.end(id, ByeCode::TooSlow, now))
    }

    /// Whether everything a connection said is dealt with.
    pub(crate) fn has_answered(&self, id: SeatId) -> bool {
        self.seats.get(&id).is_some_and(|seat| seat.unanswered == 0)
    }

    fn end(&mut self, id: SeatId, code: ByeCode, now: Duration) -> Written {
        self.gone(id, now);
        Written::Close(code.close_code())
    }

    fn carry_out(&mut self, now: Duration) {
        while let Some(deed) = self.hub.poll_deed() {
            match deed {
                Deed::Announce(frame) => {
                    if let (RoomFrame::Entry(entry), None) = (&frame, self.options.tail) {
                        self.disk.add(entry.clone());
                    }
                    self.assert_durable(&frame);
                    self.feed.push_back(frame);
                    if self.feed.len() > FEED_FRAMES {
                        self.feed.pop_front();
                        self.start += 1;
                    }
                }
                Deed::Tell { seat, frame, more } => {
                    self.assert_durable(&frame);
                    self.assert_told_of_the_gap(seat, &frame);
                    let is_hurried =
                        matches!(&*frame, RoomFrame::Refused { code: RefusalCode::TooFast, id: Some(_), .. });
                    assert!(!is_hurried, "an outbox keeps below the rate: {frame:?}");
                    self.tell(seat, Told::Frame(frame, more));
                }
                Deed::GoLive(seat, _) => self.tell(seat, Told::Live),
                Deed::Answered { seat, share } => self.tell(seat, Told::Answered(share)),
                Deed::Ask { seat, question } => self.disk.ask(seat, question, now),
                Deed::AnnounceLine(_)
                | Deed::Emit { .. }
                | Deed::TellLine(..)
                | Deed::Part { .. }
                | Deed::BeginAnew(_) => {
                    unreachable!("everybody here speaks maru.v1")
                }
                Deed::Dismiss(seat, code) => {
                    self.assert_comes_back(seat, code);
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
        if seat.private.len() < PRIVATE_MAX {
            seat.private.push_back((end, what));
        } else {
            seat.let_go = true;
            self.hub.handle_gone(id);
        }
    }

    /// Nobody hears what the disk does not have.
    fn assert_durable(&self, frame: &RoomFrame) {
        for entry in entries_of(frame) {
            assert!(self.disk.has(entry), "told, but not on the disk: {entry:?}");
        }
    }

    /// Whatever goes wrong with the disk or the network is nobody's fault.
    fn assert_comes_back(&self, id: SeatId, code: ByeCode) {
        let comes_back = match code {
            // The hub knows nothing of slow readers but that entries went before they were told.
            ByeCode::TooSlow => self.disk.has_trimmed(),
            ByeCode::Restarting | ByeCode::RoomFull | ByeCode::HelloTimeout => true,
            _ => false,
        };
        assert!(comes_back, "{id:?} is sent away: {code:?}");
    }

    fn assert_told_of_the_gap(&self, id: SeatId, frame: &RoomFrame) {
        let RoomFrame::Welcome { caught_up, .. } = frame else { return };
        let Some(seat) = self.seats.get(&id) else { return };
        match &seat.cursor {
            None => assert_eq!(*caught_up, CaughtUp::First),
            Some(cursor) => {
                let due = self.disk.due(cursor);
                assert!(due.contains(caught_up), "{caught_up:?} instead of {due:?} for {cursor:?}");
            }
        }
    }

    fn clock(&self, now: Duration) -> Now {
        let unix_ms = 1_763_695_166_000 + now.as_millis() as u64;
        Now { since_start: now.saturating_sub(self.born), unix_ms }
    }
}

impl Seat {
    /// What was missed follows the place that was shown, page by page; what was known before does not count.
    fn assert_private_follows(&mut self, frame: &RoomFrame) {
        match frame {
            RoomFrame::Welcome { caught_up: CaughtUp::Resumed, entries, .. } => {
                self.written = self.cursor.as_ref().map(|cursor| cursor.seq);
                entries.iter().for_each(|entry| self.assert_next(entry));
            }
            RoomFrame::Welcome { head, entries, .. } => {
                self.written = Some(entries.last().map_or(Seq(0), |last| last.seq));
                assert_eq!(self.written, Some(head.seq), "the latest page");
            }
            RoomFrame::Page { of: PageOf::Missed, entries, .. } => {
                entries.iter().for_each(|entry| self.assert_next(entry));
            }
            RoomFrame::Entry(known) => assert!(Some(known.seq) <= self.written, "known before it is heard"),
            _ => {}
        }
    }

    /// What is live follows all that was written before, without a hole or an overlap.
    fn assert_live_follows(&mut self, frame: &RoomFrame) {
        if let RoomFrame::Entry(entry) = frame {
            self.assert_next(entry);
        }
    }

    fn assert_next(&mut self, entry: &Entry) {
        let last = self.written.replace(entry.seq).expect("a welcome comes first");
        assert_eq!(entry.seq, last.next(), "at the seam");
    }
}

impl Opened {
    fn open(self, disk: &Disk) -> Hub {
        let Self { members_max, rate_per_second, tail } = self;
        let limits = HostLimits { members_max, per_address_max: 1_000, rate_per_second };
        let keeps = if tail.is_some() { Keeps::Everything } else { Keeps::Nothing };
        let id = RoomId::parse("r1").unwrap();
        let options = HostOptions { limits, keeps, ..HostOptions::new(id, "점심 모임") };
        let room = match tail {
            Some(tail) => {
                let bounds = LogBounds { entries_max: tail, bytes_max: usize::MAX };
                Room::restored(disk.restored(tail), bounds)
            }
            None => Room::new(disk.head().epoch, LogBounds::default()),
        };
        Hub::new(&options, room)
    }
}

pub(crate) fn epoch(number: u64) -> Epoch {
    Epoch::parse(&format!("e{number}")).unwrap()
}

pub(crate) fn entries_of(frame: &RoomFrame) -> &[Entry] {
    match frame {
        RoomFrame::Welcome { entries, .. }
        | RoomFrame::Page { entries, .. }
        | RoomFrame::Found { entries, .. } => entries,
        RoomFrame::Entry(entry) => std::slice::from_ref(entry),
        _ => &[],
    }
}

fn share_of(frame: &Result<ClientFrame, FrameError>) -> u32 {
    match frame {
        Ok(ClientFrame::History { .. } | ClientFrame::Excerpt { .. } | ClientFrame::Search { .. }) => {
            PAGE_SHARE_FRAMES as u32
        }
        _ => 1,
    }
}

/// Little enough that slow readers fall off.
const FEED_FRAMES: usize = 40;

/// The answers to as much as a connection may say, and as many notes that they were taken up.
const PRIVATE_MAX: usize = 128;
