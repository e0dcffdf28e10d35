//! Whether everybody hears everything once, in one order. The first member to hear a message fixes its place and its
//! bytes; every other member's stream is compared with that one, which says more than equal hashes would and costs one
//! comparison of memory. Knows no socket and no clock.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;

use crate::framing::{self, Header};
use crate::said::Said;

/// What one run has heard, in the one order there is.
#[derive(Debug)]
pub struct Order {
    /// Tells a message from whatever else a server says.
    is_delivery: fn(&[u8]) -> bool,
    listeners: u32,
    /// For each sender, when those messages were said that nobody has heard yet.
    said_at: Vec<VecDeque<u64>>,
    next_number: Vec<u64>,
    said: u64,
    /// The frames from the first delivery on that somebody has not heard.
    stream: Vec<u8>,
    /// The place of the stream's first byte.
    stream_start: u64,
    deliveries: VecDeque<Delivery>,
    /// The place of the first of `deliveries`; those before are heard by all.
    first: u64,
    heard: u64,
}

/// One message in its place.
#[derive(Debug, Clone, Copy)]
pub struct Delivery {
    /// Which.
    pub said: Said,
    /// When, as the caller counts time.
    pub said_at: u64,
    /// Where its bytes end.
    end: u64,
    heard_by: u32,
}

/// How far one member has heard.
#[derive(Debug, Default)]
pub struct Ear {
    heard: u64,
    /// The place in the stream up to which the member's bytes were the same.
    at: u64,
    /// The beginning of a frame that is not (yet) known to be the next of the stream.
    rest: Vec<u8>,
}

/// Something else than a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// What kind of frame.
    pub opcode: u8,
    /// Its beginning, [`ASIDE_BYTES_MAX`] at the most.
    pub payload: Vec<u8>,
}

/// What must never happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A message came that is known already.
    Doubled(Said),
    /// A sender's next message came with one missing before it, or before its time.
    Skipped {
        /// The number that was due.
        due: u64,
        /// What came.
        came: Said,
    },
    /// A member heard another message than the others in this place: one is missing or out of order.
    OutOfPlace {
        /// What the others heard.
        due: Said,
        /// What came.
        came: Said,
    },
    /// A message that nobody said.
    NeverSaid(Said),
    /// A message without sender and number, or a frame that is none.
    Unreadable(String),
    /// A member has not heard everything although there was time.
    Missing {
        /// Messages heard.
        heard: u64,
        /// Messages said.
        said: u64,
    },
    /// The server ended a connection or refused what it should take.
    LetGo(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Doubled(said) => write!(f, "doubled: {said:?}"),
            Self::Skipped { due, came } => {
                write!(f, "missing or reordered: {came:?} where number {due} was due")
            }
            Self::OutOfPlace { due, came } => {
                write!(f, "missing or reordered: a member heard {came:?} where the others heard {due:?}")
            }
            Self::NeverSaid(said) => write!(f, "heard but never said: {said:?}"),
            Self::Unreadable(what) => write!(f, "unreadable: {what}"),
            Self::Missing { heard, said } => write!(f, "missing: a member heard {heard} of {said}"),
            Self::LetGo(why) => write!(f, "let go or refused: {why}"),
        }
    }
}

impl Order {
    /// Nothing said yet, by that many senders. `is_delivery` is asked once for each payload that is new.
    pub fn new(senders: usize, is_delivery: fn(&[u8]) -> bool) -> Self {
        Self {
            is_delivery,
            listeners: u32::try_from(senders).expect("a crowd has at most some thousand members"),
            said_at: vec![VecDeque::new(); senders],
            next_number: vec![0; senders],
            said: 0,
            stream: Vec::new(),
            stream_start: 0,
            deliveries: VecDeque::new(),
            first: 0,
            heard: 0,
        }
    }

    /// Who listens: all but those that never read.
    pub fn set_listeners(&mut self, listeners: u32) {
        self.listeners = listeners;
    }

    /// A member says their next message.
    pub fn say(&mut self, sender: u32, now: u64) -> Said {
        let waiting = &mut self.said_at[sender as usize];
        waiting.push_back(now);
        self.said += 1;
        Said { sender, number: self.next_number[sender as usize] + waiting.len() as u64 - 1 }
    }

    /// Takes the next bytes of one member's stream. Returns the places of what was heard whole by them.
    pub fn hear(
        &mut self,
        ear: &mut Ear,
        bytes: &[u8],
        asides: &mut Vec<Aside>,
    ) -> Result<Range<u64>, Fault> {
        let before = ear.heard;
        let left = if ear.rest.is_empty() { self.compare(ear, bytes) } else { bytes };
        if !left.is_empty() {
            self.parse(ear, left, asides)?;
        }
        self.heard += ear.heard - before;
        for place in before..ear.heard {
            self.deliveries[(place - self.first) as usize].heard_by += 1;
        }
        Ok(before..ear.heard)
    }

    /// The message in a place that was just heard.
    pub fn delivery(&self, place: u64) -> &Delivery {
        &self.deliveries[(place - self.first) as usize]
    }

    /// Lets go of what everybody has heard. To be called after each round of reading.
    pub fn forget_heard(&mut self) {
        let listeners = self.listeners;
        let mut end = self.stream_start;
        while let Some(delivery) = self.deliveries.pop_front_if(|delivery| delivery.heard_by >= listeners) {
            end = delivery.end;
            self.first += 1;
        }
        let forgotten = (end - self.stream_start) as usize;
        self.stream.drain(..forgotten);
        self.stream_start = end;
    }

    /// Messages that are said and not heard by everybody yet.
    pub fn outstanding(&self) -> u64 {
        self.said - self.first
    }

    /// Messages said so far.
    pub fn said(&self) -> u64 {
        self.said
    }

    /// Deliveries so far: messages times members.
    pub fn heard(&self) -> u64 {
        self.heard
    }

    /// Judges one listener at the end.
    pub fn verdict(&self, ear: &Ear) -> Result<(), Fault> {
        if ear.heard == self.said {
            Ok(())
        } else {
            Err(Fault::Missing { heard: ear.heard, said: self.said })
        }
    }

    /// Goes as far as the member's bytes are those of the stream. Returns what is left from the frame on that differs.
    fn compare<'a>(&self, ear: &mut Ear, bytes: &'a [u8]) -> &'a [u8] {
        let known = &self.stream[(ear.at - self.stream_start) as usize..];
        let both = known.len().min(bytes.len());
        if known[..both] == bytes[..both] {
            ear.at += both as u64;
            self.advance(ear);
            if both < bytes.len() {
                self.step_back(ear);
            }
            return &bytes[both..];
        }
        self.step_back(ear);
        bytes
    }

    fn advance(&self, ear: &mut Ear) {
        let unheard = self.deliveries.range((ear.heard - self.first) as usize..);
        ear.heard += unheard.take_while(|delivery| delivery.end <= ear.at).count() as u64;
    }

    /// What was heard of the next frame is taken from the stream, to be parsed with what follows.
    fn step_back(&self, ear: &mut Ear) {
        let boundary = self.boundary(ear.heard);
        let range = (boundary - self.stream_start) as usize..(ear.at - self.stream_start) as usize;
        ear.rest.extend_from_slice(&self.stream[range]);
        ear.at = boundary;
    }

    /// Where the bytes of a place begin.
    fn boundary(&self, place: u64) -> u64 {
        match place.checked_sub(self.first + 1) {
            Some(before) => self.deliveries[before as usize].end,
            None => self.stream_start,
        }
    }

    fn parse(&mut self, ear: &mut Ear, bytes: &[u8], asides: &mut Vec<Aside>) -> Result<(), Fault> {
        let mut waiting = std::mem::take(&mut ear.rest);
        waiting.extend_from_slice(bytes);
        let mut left = waiting.as_slice();
        while let Some(header) = Header::read(left).filter(|header| header.frame_bytes() <= left.len()) {
            let (frame, after) = left.split_at(header.frame_bytes());
            let payload = &frame[header.bytes..];
            if !header.is_final || header.mask.is_some() {
                return Err(Fault::Unreadable("a frame in pieces, or masked by a server".into()));
            }
            if header.opcode == framing::TEXT && (self.is_delivery)(payload) {
                self.place(ear, frame, payload)?;
            } else {
                let payload = payload[..payload.len().min(ASIDE_BYTES_MAX)].to_vec();
                asides.push(Aside { opcode: header.opcode, payload });
            }
            left = after;
        }
        let known = &self.stream[(ear.at - self.stream_start) as usize..];
        if known.starts_with(left) {
            ear.at += left.len() as u64;
        } else {
            ear.rest = left.to_vec();
        }
        Ok(())
    }

    fn place(&mut self, ear: &mut Ear, frame: &[u8], payload: &[u8]) -> Result<(), Fault> {
        let unreadable = || Fault::Unreadable(String::from_utf8_lossy(payload).chars().take(200).collect());
        let came = Said::find(payload).ok_or_else(unreadable)?;
        let next = self.next_number.get(came.sender as usize).copied().ok_or(Fault::NeverSaid(came))?;
        if let Some(delivery) = self.deliveries.get((ear.heard - self.first) as usize) {
            ear.at = delivery.end;
            let due = delivery.said;
            let known_before =
                || self.deliveries.range(..(ear.heard - self.first) as usize).any(|d| d.said == came);
            let forgotten = || came.number < next && !self.deliveries.iter().any(|d| d.said == came);
            match came == due {
                true => ear.heard += 1,
                false if known_before() || forgotten() => return Err(Fault::Doubled(came)),
                false => return Err(Fault::OutOfPlace { due, came }),
            }
            return Ok(());
        }
        if came.number < next {
            return Err(Fault::Doubled(came));
        }
        if came.number > next {
            return Err(Fault::Skipped { due: next, came });
        }
        let said_at = self.said_at[came.sender as usize].pop_front().ok_or(Fault::NeverSaid(came))?;
        self.next_number[came.sender as usize] += 1;
        self.stream.extend_from_slice(frame);
        let end = self.stream_start + self.stream.len() as u64;
        self.deliveries.push_back(Delivery { said: came, said_at, end, heard_by: 0 });
        ear.at = end;
        ear.heard += 1;
        Ok(())
    }
}

/// Enough to tell what it is and why.
const ASIDE_BYTES_MAX: usize = 256;

#[cfg(test)]
mod tests;
