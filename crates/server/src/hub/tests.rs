//! The hub driven by hand on a virtual clock: no socket, no thread, no waiting.

mod asking;
mod bounds;
mod disk;
mod door;
mod foreign;
mod hello;
mod model;
mod presence;
mod rate;
mod resume;
mod seats;
mod speech;
mod writing;

use std::collections::BTreeMap;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signer, SigningKey};
use maru_room::{LogBounds, Room};
use maru_wire::identity::{channel_plain, hello_to_sign};
use maru_wire::{
    ByeCode, ClientFrame, Cursor, Dialect, Entry, Epoch, MessageId, MessageText, Nickname, Nonce,
    RefusalCode, RoomFrame, RoomId, Seq,
};

use super::{Deed, Hub, Now, SeatId, Visitor};
use crate::options::{HostLimits, HostOptions};
use disk::Disk;

/// A hub, a clock, and an ear on every seat that hears as a connection would.
struct Bench {
    hub: Hub,
    now: Duration,
    ears: BTreeMap<SeatId, Ear>,
    seats: u64,
    /// Where the room is kept, if it is.
    disk: Option<Disk>,
}

/// What one connection has heard.
#[derive(Debug, Default)]
struct Ear {
    heard: Vec<RoomFrame>,
    live: bool,
    /// In which dialect it is live.
    hears: Option<Dialect>,
    /// Text, of one that hears text.
    lines: Vec<String>,
    /// Events, of one on Socket.IO.
    events: Vec<RoomFrame>,
    /// The close code of one that hears text.
    closed: Option<u16>,
    owes_ready: bool,
    bye: Option<ByeCode>,
    /// What was dealt with of what it said.
    answered: u32,
}

impl Ear {
    fn hears_lines(&self) -> bool {
        matches!(self.hears, Some(Dialect::NicknameJson | Dialect::Plain))
    }
}

impl Bench {
    fn new() -> Self {
        Self::with(HostLimits { members_max: 10_000, per_address_max: 10_000, ..HostLimits::default() })
    }

    fn with(limits: HostLimits) -> Self {
        Self::of(HostOptions { limits, ..HostOptions::new(room_id(), "점심 모임") })
    }

    fn of(options: HostOptions) -> Self {
        let room = Room::new(Epoch::parse("e1").unwrap(), LogBounds::default());
        let hub = Hub::new(&options, room);
        Self { hub, now: Duration::ZERO, ears: BTreeMap::new(), seats: 0, disk: None }
    }

    /// A room whose disk holds that many messages, of which `here` are in memory.
    fn kept(entries: u64, here: usize) -> Self {
        let mut bench = Self::new();
        bench.disk = Some(Disk::with(entries));
        bench.restart(here);
        bench
    }

    /// The host program ends and opens the room again; nobody is in it.
    fn restart(&mut self, here: usize) {
        let limits = HostLimits { members_max: 10_000, per_address_max: 10_000, ..HostLimits::default() };
        let options = HostOptions { limits, ..HostOptions::new(room_id(), "점심 모임") };
        let disk = self.disk.as_mut().expect("a room that is kept");
        disk.forget();
        let bounds = LogBounds { entries_max: here, bytes_max: usize::MAX };
        self.hub = Hub::new(&options, Room::restored(disk.restored(here), bounds));
        self.ears.clear();
    }

    /// The disk of a room that is kept.
    fn disk(&mut self) -> &mut Disk {
        self.disk.as_mut().expect("a room that is kept")
    }

    /// Opens a connection that negotiated `maru.v1`.
    fn knock(&mut self) -> SeatId {
        self.knock_from("192.0.2.1", Some(Dialect::Maru))
    }

    fn knock_from(&mut self, address: &str, dialect: Option<Dialect>) -> SeatId {
        self.seats += 1;
        let seat = SeatId(self.seats);
        let mut chance = [0; 32];
        chance[..8].copy_from_slice(&self.seats.to_be_bytes());
        chance[16..24].copy_from_slice(&self.seats.to_be_bytes());
        self.ears.insert(seat, Ear::default());
        let channels = vec![channel_plain(AUTHORITY)];
        let visitor = Visitor { address: address.parse().unwrap(), dialect, channels, chance };
        self.hub.handle_open(seat, visitor, self.clock());
        self.settle();
        seat
    }

    /// Opens a connection and says hello; what both were answered is forgotten.
    fn enter(&mut self, nickname: &str) -> SeatId {
        let seat = self.knock();
        self.hello(seat, nickname);
        let heard = self.heard(seat);
        assert!(heard.iter().any(|f| matches!(f, RoomFrame::Welcome { .. })), "{heard:?}");
        seat
    }

    fn hello(&mut self, seat: SeatId, nickname: &str) {
        self.frame(seat, hello(nickname, None));
    }

    /// Says hello with a key of its own, as the nonce of this connection asks.
    fn hello_signed(&mut self, seat: SeatId, nickname: &str, key: u8, cursor: Option<Cursor>) {
        let nonce = self.nonce(seat);
        self.frame(seat, signed_hello(nickname, key, &room_id(), &nonce, &channel_plain(AUTHORITY), cursor));
    }

    /// The nonce that a connection was told with its first frame.
    fn nonce(&self, seat: SeatId) -> Nonce {
        match self.ears[&seat].heard.first() {
            Some(RoomFrame::Room { nonce, .. }) => nonce.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn say(&mut self, seat: SeatId, id: &str, text: &str) {
        self.frame(seat, say(id, text));
    }

    fn frame(&mut self, seat: SeatId, frame: ClientFrame) {
        self.hub.handle_frame(seat, Ok(frame), 1, self.clock());
        self.settle();
    }

    /// Something as it travels, understood or not.
    fn json(&mut self, seat: SeatId, text: &str) {
        self.hub.handle_frame(seat, ClientFrame::parse(text), 1, self.clock());
        self.settle();
    }

    fn gone(&mut self, seat: SeatId) {
        self.ears.remove(&seat);
        self.hub.handle_gone(seat);
        self.settle();
    }

    /// Says that the last page is written, if one was.
    fn ready(&mut self, seat: SeatId) -> bool {
        let owed = std::mem::take(&mut self.ears.get_mut(&seat).unwrap().owes_ready);
        if owed {
            self.hub.handle_ready(seat);
            self.settle();
        }
        owed
    }

    /// Lets time pass, stopping wherever the hub wants to be woken.
    fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(due) = self.hub.poll_timeout().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.hub.handle_timeout(self.clock());
            self.settle();
        }
        self.now = until;
    }

    fn clock(&self) -> Now {
        Now { since_start: self.now, unix_ms: 1_763_695_166_000 + self.now.as_millis() as u64 }
    }

    /// Does what the hub wants done, as the keeper, its connections and the store would, as far as the disk lets them.
    fn settle(&mut self) {
        loop {
            self.carry_out();
            if !self.write() && !self.look_up() {
                return;
            }
        }
    }

    /// Has the disk take what is to be written. Returns whether something happened.
    fn write(&mut self) -> bool {
        let now = self.clock();
        let Some(disk) = &mut self.disk else { return false };
        if let Some(drafts) = self.hub.poll_write() {
            disk.under_way = Some(drafts);
        }
        let Some(written) = disk.written() else { return false };
        self.hub.handle_written(written, now);
        true
    }

    /// Has the disk answer one question. Returns whether there was one.
    fn look_up(&mut self) -> bool {
        let Some((seat, answer)) = self.disk.as_mut().and_then(Disk::answer) else { return false };
        self.hub.handle_answer(seat, answer);
        true
    }

    fn carry_out(&mut self) {
        while let Some(deed) = self.hub.poll_deed() {
            match deed {
                Deed::Announce(frame) => {
                    for ear in self.ears.values_mut().filter(|ear| ear.hears == Some(Dialect::Maru)) {
                        ear.heard.push(frame.clone());
                    }
                }
                Deed::Tell { seat, frame, more } => {
                    if let Some(ear) = self.ears.get_mut(&seat) {
                        assert_eq!(ear.bye, None, "nothing is told after good-bye");
                        ear.heard.push(*frame);
                        ear.owes_ready |= more;
                    }
                }
                Deed::Answered { seat, share } => {
                    if let Some(ear) = self.ears.get_mut(&seat) {
                        ear.answered += share;
                    }
                }
                Deed::Ask { seat, question } => self.disk().asked.push_back((seat, question)),
                Deed::AnnounceLine(line) => {
                    let mut heard = 0;
                    for ear in self.ears.values_mut().filter(|ear| ear.hears_lines()) {
                        ear.lines.push(line.clone());
                        heard += 1;
                    }
                    assert!(heard > 0, "nothing is made for nobody: {line}");
                }
                Deed::Emit { event, line } => {
                    let mut heard = 0;
                    for ear in self.ears.values_mut().filter(|ear| ear.hears == Some(Dialect::SocketIo)) {
                        ear.events.extend(event.as_deref().cloned());
                        ear.lines.extend(line.clone());
                        heard += 1;
                    }
                    assert!(heard > 0, "nothing is made for nobody: {event:?}");
                }
                Deed::TellLine(seat, line) => {
                    if let Some(ear) = self.ears.get_mut(&seat) {
                        assert_eq!(ear.closed, None, "nothing is told after good-bye");
                        ear.lines.push(line);
                    }
                }
                Deed::Part { seat, line, close_code } => {
                    if let Some(ear) = self.ears.get_mut(&seat) {
                        assert_eq!(ear.closed, None, "once");
                        ear.lines.extend(line);
                        ear.closed = Some(close_code);
                        (ear.live, ear.hears) = (false, None);
                    }
                }
                Deed::GoLive(seat, dialect) => {
                    if let Some(ear) = self.ears.get_mut(&seat) {
                        assert!(!ear.live, "once");
                        (ear.live, ear.hears) = (true, Some(dialect));
                    }
                }
                Deed::BeginAnew(seat) => {
                    if let Some(ear) = self.ears.get_mut(&seat) {
                        assert!(ear.live, "it was");
                        (ear.live, ear.hears) = (false, None);
                    }
                }
                Deed::Dismiss(seat, code) => {
                    if let Some(ear) = self.ears.get_mut(&seat) {
                        assert_eq!(ear.bye, None, "once");
                        ear.bye = Some(code);
                        (ear.live, ear.hears) = (false, None);
                    }
                }
            }
        }
    }

    /// Takes what a connection has heard since.
    fn heard(&mut self, seat: SeatId) -> Vec<RoomFrame> {
        std::mem::take(&mut self.ears.get_mut(&seat).unwrap().heard)
    }

    /// Takes what a connection has heard since, of which there is exactly one frame.
    fn heard_one(&mut self, seat: SeatId) -> RoomFrame {
        let mut heard = self.heard(seat);
        assert_eq!(heard.len(), 1, "{heard:?}");
        heard.remove(0)
    }

    /// The code of the one refusal a connection has heard since.
    fn refusal(&mut self, seat: SeatId) -> RefusalCode {
        match self.heard_one(seat) {
            RoomFrame::Refused { code, .. } => code,
            other => panic!("{other:?}"),
        }
    }

    fn bye(&self, seat: SeatId) -> Option<ByeCode> {
        self.ears[&seat].bye
    }

    /// Everybody forgets what they have heard.
    fn hush(&mut self) {
        self.ears.values_mut().for_each(|ear| ear.heard.clear());
    }

    fn head(&self) -> Cursor {
        self.hub.room().log().head()
    }

    /// Whether nothing is left of anybody.
    fn assert_empty(&self) {
        let hub = &self.hub;
        assert!(hub.seats.is_empty() && hub.per_address.is_empty(), "{hub:?}");
        assert!(hub.hellos_due.is_empty() && hub.catching_up.is_empty(), "{hub:?}");
        assert_eq!(hub.room().roster().count(), 0);
    }
}

fn room_id() -> RoomId {
    RoomId::parse("r1").unwrap()
}

fn name(text: &str) -> Nickname {
    Nickname::parse(text).unwrap()
}

fn hello(nickname: &str, cursor: Option<Cursor>) -> ClientFrame {
    ClientFrame::Hello { nickname: name(nickname), key: None, signature: None, cursor }
}

/// A hello by a key that is made of one byte.
fn signed_hello(
    nickname: &str,
    key: u8,
    room: &RoomId,
    nonce: &Nonce,
    channel: &str,
    cursor: Option<Cursor>,
) -> ClientFrame {
    let key = SigningKey::from_bytes(&[key; 32]);
    let signature = key.sign(&hello_to_sign(room, nonce, channel));
    ClientFrame::Hello {
        nickname: name(nickname),
        key: Some(BASE64URL_NOPAD.encode(key.verifying_key().as_bytes())),
        signature: Some(BASE64URL_NOPAD.encode(&signature.to_bytes())),
        cursor,
    }
}

fn say(id: &str, text: &str) -> ClientFrame {
    ClientFrame::Say { id: MessageId::parse(id).unwrap(), text: MessageText::parse(text).unwrap() }
}

fn rename(nickname: &str) -> ClientFrame {
    ClientFrame::Rename { nickname: name(nickname) }
}

/// The entries among frames, in the order they were heard, whatever they came in.
fn entries(frames: &[RoomFrame]) -> Vec<Entry> {
    frames
        .iter()
        .flat_map(|frame| match frame {
            RoomFrame::Welcome { entries, .. } | RoomFrame::Page { entries, .. } => entries.clone(),
            RoomFrame::Entry(entry) => vec![entry.clone()],
            _ => vec![],
        })
        .collect()
}

fn seqs(entries: &[Entry]) -> Vec<Seq> {
    entries.iter().map(|entry| entry.seq).collect()
}

/// What everybody here dials.
const AUTHORITY: &str = "192.168.0.10:4567";
