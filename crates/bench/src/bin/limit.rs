//! The floor beneath every room on this machine: one loop over epoll that reads, frames once, and tries one non-blocking
//! write a socket with everything due. It knows no members, keeps nothing, checks nothing. With a number as its argument
//! each message is made that many bytes longer, as a room's own words around it would.

#[cfg(target_os = "linux")]
fn main() -> std::io::Result<()> {
    let longer_by = std::env::args().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0);
    sweep::Loop::open(longer_by)?.run()
}

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
mod sweep {
    use std::io::{self, ErrorKind, Read, Write};

    use maru_bench::framing::{self, Header};
    use mio::net::{TcpListener, TcpStream};
    use mio::{Events, Interest, Poll, Token};
    use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

    pub(crate) struct Loop {
        poll: Poll,
        listener: TcpListener,
        members: Vec<Option<Member>>,
        longer_by: usize,
        /// What is said to everybody, framed; each member has a position in it.
        feed: Vec<u8>,
        /// The position of its first byte.
        feed_start: u64,
        buffer: Vec<u8>,
    }

    struct Member {
        stream: TcpStream,
        /// What is not a whole frame, or a whole head, yet.
        rest: Vec<u8>,
        /// The position in the feed, once it is in.
        position: Option<u64>,
        /// Whether the last write would have blocked, so that the poll will tell.
        is_blocked: bool,
    }

    impl Loop {
        #[expect(clippy::print_stdout, reason = "its port is asked for there")]
        pub(crate) fn open(longer_by: usize) -> io::Result<Self> {
            let std_listener = std::net::TcpListener::bind("127.0.0.1:0")?;
            std_listener.set_nonblocking(true)?;
            println!("{{\"port\":{}}}", std_listener.local_addr()?.port());
            let mut listener = TcpListener::from_std(std_listener);
            let poll = Poll::new()?;
            poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
            let buffer = vec![0; READ_BYTES];
            Ok(Self {
                poll,
                listener,
                members: Vec::new(),
                longer_by,
                feed: Vec::new(),
                feed_start: 0,
                buffer,
            })
        }

        pub(crate) fn run(mut self) -> io::Result<()> {
            let mut events = Events::with_capacity(1024);
            loop {
                match self.poll.poll(&mut events, None) {
                    Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                    other => other?,
                }
                for event in &events {
                    if event.token() == LISTENER {
                        self.accept()?;
                        continue;
                    }
                    let seat = event.token().0;
                    if event.is_writable() {
                        self.unblock(seat);
                    }
                    if event.is_readable() && !self.read(seat) {
                        self.members[seat] = None;
                    }
                }
                self.sweep();
            }
        }

        fn accept(&mut self) -> io::Result<()> {
            loop {
                let mut stream = match self.listener.accept() {
                    Ok((stream, _)) => stream,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                    Err(error) => return Err(error),
                };
                stream.set_nodelay(true)?;
                let seat = Token(self.members.len());
                self.poll.registry().register(&mut stream, seat, Interest::READABLE | Interest::WRITABLE)?;
                self.members.push(Some(Member {
                    stream,
                    rest: Vec::new(),
                    position: None,
                    is_blocked: false,
                }));
            }
        }

        /// Returns whether the member is still there.
        fn read(&mut self, seat: usize) -> bool {
            let Some(member) = self.members[seat].as_mut() else { return true };
            loop {
                let count = match member.stream.read(&mut self.buffer) {
                    Ok(0) => return false,
                    Ok(count) => count,
                    Err(error) => return error.kind() == ErrorKind::WouldBlock,
                };
                let mut rest = std::mem::take(&mut member.rest);
                rest.extend_from_slice(&self.buffer[..count]);
                if member.position.is_none() && !upgrade(member, &mut rest) {
                    member.rest = rest;
                    return true;
                }
                if member.position == Some(NOT_YET) {
                    member.position = Some(self.feed_start + self.feed.len() as u64);
                }
                let Some(taken) = hear(&mut rest, self.longer_by, &mut self.feed) else { return false };
                rest.drain(..taken);
                member.rest = rest;
                // epoll(7): a short read has emptied a stream.
                if count < self.buffer.len() {
                    return true;
                }
            }
        }

        fn unblock(&mut self, seat: usize) {
            if let Some(member) = self.members[seat].as_mut() {
                member.is_blocked = false;
            }
        }

        fn sweep(&mut self) {
            let end = self.feed_start + self.feed.len() as u64;
            let mut slowest = end;
            for seat in &mut self.members {
                let Some(member) = seat else { continue };
                let Some(position) = member.position else { continue };
                if position < end && !member.is_blocked {
                    let due = &self.feed[(position - self.feed_start) as usize..];
                    match member.stream.write(due) {
                        Ok(count) => {
                            member.position = Some(position + count as u64);
                            member.is_blocked = count < due.len();
                        }
                        Err(error) if error.kind() == ErrorKind::WouldBlock => member.is_blocked = true,
                        Err(_) => *seat = None,
                    }
                }
                let Some(position) = seat.as_ref().and_then(|member| member.position) else { continue };
                if end - position > BEHIND_BYTES_MAX {
                    *seat = None;
                } else {
                    slowest = slowest.min(position);
                }
            }
            self.feed.drain(..(slowest - self.feed_start) as usize);
            self.feed_start = slowest;
        }
    }

    /// Answers the request for a WebSocket, once all of it is there. Returns whether it was.
    fn upgrade(member: &mut Member, rest: &mut Vec<u8>) -> bool {
        let head = String::from_utf8_lossy(rest);
        let Some(end) = head.find("\r\n\r\n") else { return false };
        let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap_or_default();
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\n\r\n",
            derive_accept_key(key.trim().as_bytes())
        );
        rest.drain(..end + 4);
        member.position = Some(NOT_YET);
        member.stream.write(answer.as_bytes()).is_ok_and(|count| count == answer.len())
    }

    /// Frames for everybody what is whole. Returns how much was taken; none where the member says good-bye.
    fn hear(rest: &mut [u8], longer_by: usize, feed: &mut Vec<u8>) -> Option<usize> {
        let mut taken = 0;
        while let Some(header) = Header::read(&rest[taken..]) {
            let frame = taken + header.bytes..taken + header.frame_bytes();
            if frame.end > rest.len() {
                break;
            }
            let payload = &mut rest[frame.clone()];
            framing::unmask(header.mask.unwrap_or_default(), payload);
            match header.opcode {
                framing::TEXT if longer_by == 0 => framing::frame(framing::TEXT, payload, feed),
                framing::TEXT => {
                    let mut longer = payload.to_vec();
                    longer.resize(payload.len() + longer_by, b' ');
                    framing::frame(framing::TEXT, &longer, feed);
                }
                framing::CLOSE => return None,
                _ => {}
            }
            taken = frame.end;
        }
        Some(taken)
    }

    const LISTENER: Token = Token(usize::MAX - 1);
    /// Upgraded, and heard from the next message on.
    const NOT_YET: u64 = u64::MAX;
    const READ_BYTES: usize = 64 * 1024;
    /// One that is so far behind does not read: as much as Maru keeps for readers that are behind.
    const BEHIND_BYTES_MAX: u64 = 8 * 1024 * 1024;
}
