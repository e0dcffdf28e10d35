//! The members that are played against a server: many sockets, one thread, one poll. It must cost less than the server
//! does, so a message is compared with what others heard and not parsed anew for each member.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::ops::Range;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::contestant::Contestant;
use crate::framing::{self, Header};
use crate::order::{Aside, Ear, Fault, Order};
use crate::sealed::Line;
use crate::tongue::{Greeting, Reaction, Tongue};

/// Members of one room, all of this process.
pub struct Crowd {
    poll: Poll,
    events: Events,
    tongue: Tongue,
    is_sealed: bool,
    address: SocketAddr,
    members: Vec<Member>,
    order: Order,
    present: usize,
    bytes_heard: u64,
    began: Instant,
    buffer: Vec<u8>,
    asides: Vec<Aside>,
    frame: Vec<u8>,
}

struct Member {
    line: Line,
    stage: Stage,
    /// What was heard before being in, not whole yet.
    rest: Vec<u8>,
    ear: Ear,
    /// What the socket did not take yet.
    unsent: Vec<u8>,
    is_deaf: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Upgrading,
    Greeting,
    Present,
}

/// What somebody has just heard.
pub struct Heard {
    /// Who.
    pub member: usize,
    /// The places of the messages, see [`Order::delivery`].
    pub places: Range<u64>,
    /// When, in nanoseconds since the crowd came together.
    pub at: u64,
}

impl Crowd {
    /// Room for that many members, nobody in yet.
    pub fn new(contestant: Contestant, port: u16, members: usize) -> io::Result<Self> {
        let tongue = contestant.tongue();
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(EVENTS_MAX),
            tongue,
            is_sealed: contestant.is_sealed(),
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            members: Vec::with_capacity(members),
            order: Order::new(members, tongue.is_delivery()),
            present: 0,
            bytes_heard: 0,
            began: Instant::now(),
            buffer: vec![0; READ_BYTES],
            asides: Vec::new(),
            frame: Vec::new(),
        })
    }

    /// Brings that many members in, some at a time, spread over a while where one is given.
    pub fn join(&mut self, count: usize, over: Option<Duration>) -> Result<(), Trouble> {
        let started = Instant::now();
        let due = |now: Instant| match over {
            Some(over) => (count as f64 * (now - started).as_secs_f64() / over.as_secs_f64()) as usize,
            None => count,
        };
        while self.present < count {
            let due = due(Instant::now()).min(count);
            while self.members.len() < due && self.members.len() - self.present < JOINING_MAX {
                self.dial()?;
            }
            self.poll(Some(POLL_AT_LEAST_EVERY), &mut |_, _| {})?;
            if started.elapsed() > over.unwrap_or_default() + JOIN_WITHIN {
                return Err(Trouble::NotIn { present: self.present, count });
            }
        }
        Ok(())
    }

    /// These members never read again, and nobody waits for them.
    pub fn deafen(&mut self, members: Range<usize>) -> io::Result<()> {
        for member in &mut self.members[members] {
            self.poll.registry().deregister(&mut member.line.socket)?;
            member.is_deaf = true;
        }
        let listeners = self.members.iter().filter(|member| !member.is_deaf).count();
        self.order
            .set_listeners(u32::try_from(listeners).expect("a crowd has at most some thousand members"));
        Ok(())
    }

    /// A member says their next message, which counts as said at that moment.
    pub fn say(&mut self, member: usize, text_bytes: usize, said_at: u64) -> Result<(), Trouble> {
        let said = self.order.say(u32::try_from(member).expect("see listeners"), said_at);
        let mut payload = Vec::with_capacity(text_bytes + 64);
        self.tongue.say(said, text_bytes, &mut payload);
        self.send(member, framing::TEXT, &payload)
    }

    /// Waits for at most that long (for ever without) and reads whatever has come.
    pub fn poll(
        &mut self,
        timeout: Option<Duration>,
        witness: &mut impl FnMut(&Order, Heard),
    ) -> Result<(), Trouble> {
        let mut events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        let polled = self.poll.poll(&mut events, timeout);
        let mut outcome = match polled {
            Err(error) if error.kind() != ErrorKind::Interrupted => Err(error.into()),
            _ => Ok(()),
        };
        for event in &events {
            let member = event.token().0;
            if outcome.is_ok() && event.is_writable() {
                outcome = self.flush(member);
            }
            if outcome.is_ok() && event.is_readable() {
                outcome = self.read(member, witness);
            }
        }
        self.events = events;
        self.order.forget_heard();
        outcome
    }

    /// Reads on for a while: what was set going comes to rest.
    pub fn settle(&mut self, time: Duration) -> Result<(), Trouble> {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.poll(Some(POLL_AT_LEAST_EVERY), &mut |_, _| {})?;
        }
        Ok(())
    }

    /// Waits until everybody has heard everything, or nobody has heard anything more for a while, and judges.
    pub fn conclude(&mut self, witness: &mut impl FnMut(&Order, Heard)) -> Result<(), Trouble> {
        let (mut heard, mut heard_at) = (self.order.heard(), Instant::now());
        while self.order.outstanding() > 0 && heard_at.elapsed() < SILENCE_MAX {
            self.poll(Some(POLL_AT_LEAST_EVERY), witness)?;
            if self.order.heard() > heard {
                (heard, heard_at) = (self.order.heard(), Instant::now());
            }
        }
        for member in self.members.iter().filter(|member| !member.is_deaf) {
            self.order.verdict(&member.ear)?;
        }
        Ok(())
    }

    /// What all have heard.
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// How many are in.
    pub fn present(&self) -> usize {
        self.present
    }

    /// Bytes heard by all together, the upgrades included.
    pub fn bytes_heard(&self) -> u64 {
        self.bytes_heard
    }

    /// Nanoseconds since the crowd came together.
    pub fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn dial(&mut self) -> Result<(), Trouble> {
        let std_stream = std::net::TcpStream::connect(self.address)?;
        std_stream.set_nodelay(true)?;
        std_stream.set_nonblocking(true)?;
        let socket = TcpStream::from_std(std_stream);
        let mut line = if self.is_sealed { Line::sealed(socket)? } else { Line::plain(socket) };
        line.write_all(self.tongue.upgrade(self.address.port()).as_bytes())?;
        let token = Token(self.members.len());
        self.poll.registry().register(&mut line.socket, token, Interest::READABLE | Interest::WRITABLE)?;
        self.members.push(Member {
            line,
            stage: Stage::Upgrading,
            rest: Vec::new(),
            ear: Ear::default(),
            unsent: Vec::new(),
            is_deaf: false,
        });
        Ok(())
    }

    fn read(&mut self, index: usize, witness: &mut impl FnMut(&Order, Heard)) -> Result<(), Trouble> {
        loop {
            let mut buffer = std::mem::take(&mut self.buffer);
            let outcome = self.members[index].line.read(&mut buffer);
            let taken = match outcome {
                Ok(0) => Err(Fault::LetGo("the server ended a connection".into()).into()),
                Ok(count) => self.take(index, &buffer[..count], witness).map(|()| count),
                Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
                Err(error) => Err(Fault::LetGo(error.to_string()).into()),
            };
            let full = buffer.len();
            self.buffer = buffer;
            // epoll(7): a short read has emptied a stream, and there will be an event for what comes after it.
            let taken = taken?;
            if taken == 0 || taken < full && !self.members[index].line.may_have_more() {
                return Ok(());
            }
        }
    }

    fn take(
        &mut self,
        index: usize,
        bytes: &[u8],
        witness: &mut impl FnMut(&Order, Heard),
    ) -> Result<(), Trouble> {
        self.bytes_heard += bytes.len() as u64;
        if self.members[index].stage != Stage::Present {
            return self.come_in(index, bytes);
        }
        let member = &mut self.members[index];
        let places = self.order.hear(&mut member.ear, bytes, &mut self.asides)?;
        if !places.is_empty() {
            let at = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
            witness(&self.order, Heard { member: index, places, at });
        }
        self.react(index)
    }

    fn react(&mut self, index: usize) -> Result<(), Trouble> {
        while let Some(aside) = self.asides.pop() {
            match aside.opcode {
                framing::PING => self.send(index, framing::PONG, &aside.payload)?,
                framing::CLOSE => return Err(Fault::LetGo("the server said good-bye".into()).into()),
                framing::TEXT => match self.tongue.react(&aside.payload) {
                    Reaction::Pass => {}
                    Reaction::Answer(answer) => self.send(index, framing::TEXT, answer.as_bytes())?,
                    Reaction::LetGo(why) => return Err(Fault::LetGo(why).into()),
                },
                _ => {}
            }
        }
        Ok(())
    }

    /// The upgrade and the greeting, up to being in. What follows belongs to the ear.
    fn come_in(&mut self, index: usize, bytes: &[u8]) -> Result<(), Trouble> {
        let mut rest = std::mem::take(&mut self.members[index].rest);
        rest.extend_from_slice(bytes);
        if self.members[index].stage == Stage::Upgrading {
            let Some(end) = rest.windows(4).position(|four| four == b"\r\n\r\n") else {
                self.members[index].rest = rest;
                return Ok(());
            };
            if !rest.starts_with(b"HTTP/1.1 101") {
                let head = String::from_utf8_lossy(&rest[..end]).into_owned();
                return Err(Fault::LetGo(head).into());
            }
            rest.drain(..end + 4);
            self.members[index].stage = Stage::Greeting;
            if self.tongue.is_present_at_once() {
                return self.is_in(index, &rest);
            }
        }
        while let Some(header) = Header::read(&rest).filter(|header| header.frame_bytes() <= rest.len()) {
            let payload = rest[header.bytes..header.frame_bytes()].to_vec();
            rest.drain(..header.frame_bytes());
            match (header.opcode, self.tongue.react(&payload)) {
                (framing::PING, _) => self.send(index, framing::PONG, &payload)?,
                (_, Reaction::LetGo(why)) => return Err(Fault::LetGo(why).into()),
                _ => match self.tongue.greet(&payload, &format!("m{index}")) {
                    Greeting::Wait => {}
                    Greeting::Answer(answer) => self.send(index, framing::TEXT, answer.as_bytes())?,
                    Greeting::Present => return self.is_in(index, &rest),
                },
            }
        }
        self.members[index].rest = rest;
        Ok(())
    }

    fn is_in(&mut self, index: usize, rest: &[u8]) -> Result<(), Trouble> {
        let member = &mut self.members[index];
        member.stage = Stage::Present;
        self.present += 1;
        self.order.hear(&mut member.ear, rest, &mut self.asides)?;
        self.react(index)
    }

    fn send(&mut self, index: usize, opcode: u8, payload: &[u8]) -> Result<(), Trouble> {
        self.frame.clear();
        framing::masked(opcode, payload, &mut self.frame);
        let member = &mut self.members[index];
        if !member.unsent.is_empty() {
            member.unsent.extend_from_slice(&self.frame);
            return Ok(());
        }
        let count = written(member.line.write(&self.frame))?;
        member.unsent.extend_from_slice(&self.frame[count..]);
        Ok(())
    }

    fn flush(&mut self, index: usize) -> Result<(), Trouble> {
        let member = &mut self.members[index];
        member.line.flush()?;
        if !member.unsent.is_empty() {
            let count = written(member.line.write(&member.unsent))?;
            member.unsent.drain(..count);
        }
        Ok(())
    }
}

fn written(outcome: io::Result<usize>) -> Result<usize, Trouble> {
    match outcome {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
        Err(error) => Err(Fault::LetGo(error.to_string()).into()),
        Ok(count) => Ok(count),
    }
}

/// Why a run was not finished.
#[derive(Debug)]
pub enum Trouble {
    /// What must never happen.
    Fault(Fault),
    /// Not all came in in time.
    NotIn {
        /// How many are in.
        present: usize,
        /// How many were to come.
        count: usize,
    },
    /// A server or a socket could not be had.
    Io(io::Error),
    /// A server did not start.
    NotStarted(crate::server::NotStarted),
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fault(fault) => write!(f, "{fault}"),
            Self::NotIn { present, count } => write!(f, "only {present} of {count} members came in"),
            Self::Io(error) => write!(f, "{error}"),
            Self::NotStarted(why) => write!(f, "{why}"),
        }
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<crate::server::NotStarted> for Trouble {
    fn from(why: crate::server::NotStarted) -> Self {
        Self::NotStarted(why)
    }
}

const EVENTS_MAX: usize = 1024;
/// More than a room writes to one member at once.
const READ_BYTES: usize = 256 * 1024;
/// Fewer than the backlog of any server here, so that no connection waits for a second SYN.
const JOINING_MAX: usize = 64;
const POLL_AT_LEAST_EVERY: Duration = Duration::from_millis(5);
const JOIN_WITHIN: Duration = Duration::from_secs(60);
/// A server that is behind goes on; one that says nothing for so long has lost something.
const SILENCE_MAX: Duration = Duration::from_secs(10);
