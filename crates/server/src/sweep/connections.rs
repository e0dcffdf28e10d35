//! The connections of a sweep: what each turn touches of them lies densely together, the rest apart.

use std::io;

use mio::net::TcpStream;

use super::connection::Connection;
use super::feed::{Feed, Feeds};
use super::private::Place;
use super::{ConnectionId, Tongue};

/// What a sweep touches of a connection.
#[derive(Debug)]
pub(crate) struct Line {
    stream: Option<TcpStream>,
    /// How often this place was taken before.
    generation: u32,
    /// Where it stands in its feed.
    pub(crate) position: u64,
    /// Which feed is its own.
    pub(crate) tongue: Tongue,
    pub(crate) marks: Marks,
}

/// What is known of a line without looking at its connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Marks(u16);

impl Marks {
    /// Hears its feed.
    pub(crate) const LIVE: u16 = 1;
    /// Its socket takes nothing now, and will say when it does.
    pub(crate) const BLOCKED: u16 = 2;
    /// Something is due to it alone, or it ends: the feed is not all there is to it.
    pub(crate) const APART: u16 = 4;
    /// Its socket may have bytes.
    pub(crate) const READABLE: u16 = 8;
    /// Its peer has shut its side, so that every read counts until the end is read.
    pub(crate) const PEER_SHUT: u16 = 16;
    /// It is in the list of those to read.
    pub(crate) const IN_READS: u16 = 32;
    /// It is in the list of those to write.
    pub(crate) const IN_WRITES: u16 = 64;
    /// It was blocked, and has something due since.
    pub(crate) const STALLED: u16 = 128;
    /// TLS is spoken on it: what is written goes through its connection.
    pub(crate) const SEALED: u16 = 256;

    pub(crate) fn has(self, mark: u16) -> bool {
        self.0 & mark != 0
    }

    pub(crate) fn set(&mut self, mark: u16) {
        self.0 |= mark;
    }

    pub(crate) fn clear(&mut self, mark: u16) {
        self.0 &= !mark;
    }

    /// Whether the feed is all that it waits for.
    pub(crate) fn only_feed(self) -> bool {
        self.0 & (Self::LIVE | Self::BLOCKED | Self::APART | Self::SEALED) == Self::LIVE
    }

    /// Whether it waits for the feed, through TLS, and would be written to by nobody else.
    pub(crate) fn waits_for_sealed_feed(self) -> bool {
        self.0 & (Self::LIVE | Self::BLOCKED | Self::SEALED | Self::IN_WRITES) == Self::LIVE | Self::SEALED
    }

    /// Sets a mark, and says whether it is new.
    pub(crate) fn mark(&mut self, mark: u16) -> bool {
        let is_new = !self.has(mark);
        self.set(mark);
        is_new
    }
}

impl Line {
    /// The socket of a line that is taken.
    pub(crate) fn stream(&self) -> io::Result<&TcpStream> {
        self.stream.as_ref().ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    pub(crate) fn stream_mut(&mut self) -> Option<&mut TcpStream> {
        self.stream.as_mut()
    }

    /// The feed that it hears once it is live.
    pub(crate) fn feed<'a>(&self, feeds: &'a Feeds) -> &'a Feed {
        &feeds[self.tongue.index()]
    }

    /// After which position of its feed something is due that is said to it now: who is not live waits for none.
    pub(crate) fn due_after(&self, feeds: &Feeds) -> u64 {
        if self.marks.has(Marks::LIVE) { self.feed(feeds).end() } else { 0 }
    }

    /// Where it stands in its feed, and how far it may hear it.
    pub(crate) fn place(&self, connection: &Connection, feeds: &Feeds) -> Place {
        let live = self.marks.has(Marks::LIVE);
        let end = if connection.is_ending() { self.position } else { self.feed(feeds).end() };
        Place { position: self.position, live, end }
    }
}

/// All connections, by index.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    lines: Vec<Line>,
    behind: Vec<Option<Box<Connection>>>,
    free: Vec<u32>,
}

impl Connections {
    /// The name that the next connection will have.
    pub(crate) fn next_id(&self) -> ConnectionId {
        match self.free.last() {
            Some(&index) => ConnectionId::new(index, self.lines[index as usize].generation),
            None => ConnectionId::new(u32::try_from(self.lines.len()).unwrap_or(u32::MAX), 0),
        }
    }

    /// Takes in a connection under [`Connections::next_id`].
    pub(crate) fn insert(&mut self, stream: TcpStream, connection: Box<Connection>) -> u32 {
        let index = match self.free.pop() {
            Some(index) => index,
            None => {
                self.lines.push(Line {
                    stream: None,
                    generation: 0,
                    position: 0,
                    tongue: Tongue::default(),
                    marks: Marks::default(),
                });
                self.behind.push(None);
                (self.lines.len() - 1) as u32
            }
        };
        let line = &mut self.lines[index as usize];
        (line.stream, line.position, line.marks) = (Some(stream), 0, Marks::default());
        line.tongue = Tongue::default();
        self.behind[index as usize] = Some(connection);
        index
    }

    /// Lets a connection out, and drops nothing of it.
    pub(crate) fn remove(&mut self, index: u32) -> Option<(TcpStream, Box<Connection>)> {
        let line = self.lines.get_mut(index as usize)?;
        let connection = self.behind[index as usize].take()?;
        let stream = line.stream.take()?;
        line.generation = line.generation.wrapping_add(1);
        line.marks = Marks::default();
        self.free.push(index);
        Some((stream, connection))
    }

    /// A connection, in both its parts.
    pub(crate) fn get(&mut self, index: u32) -> Option<(&mut Line, &mut Connection)> {
        let connection = self.behind.get_mut(index as usize)?.as_deref_mut()?;
        Some((&mut self.lines[index as usize], connection))
    }

    /// The index of a connection that may be gone.
    pub(crate) fn index_of(&self, id: ConnectionId) -> Option<u32> {
        let index = id.index();
        let is_here = self.behind.get(index as usize)?.as_ref()?.id == id;
        is_here.then_some(index)
    }

    pub(crate) fn lines(&mut self) -> &mut [Line] {
        &mut self.lines
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.free.len() == self.lines.len()
    }
}
