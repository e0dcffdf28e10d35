//! The reading side of one connection, without its socket: bytes in, messages out. Everything that knows how
//! frames are read is here, so that it can be replaced. Between two messages it holds no buffer.

use std::io::{self, Read, Write};

use bytes::Bytes;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig, WebSocketContext};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::WsLimits;
use super::encode::{FINAL, LENGTH_IN_EIGHT, LENGTH_IN_TWO, TEXT};
use crate::frame_guard::FrameCount;

/// A whole message of the peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Text, valid UTF-8.
    Text(Utf8Bytes),
    /// Anything else.
    Binary(Bytes),
}

/// What the bytes of a peer meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Message(Heard),
    Ping(Bytes),
    Pong,
    /// It closes; this is what it is answered.
    Close(Option<CloseFrame>),
}

/// Why a peer's bytes are read no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// A message, or the pause between two, of too many frames.
    TooManyFrames,
    /// A message above the bound.
    TooLarge,
    /// Text that is not UTF-8.
    NotUtf8,
    /// No frames as RFC 6455 has them.
    Framing,
}

/// What was read of one connection and is not yet a message.
#[derive(Debug)]
pub(crate) struct Reader {
    count: FrameCount,
    /// Only while there is a piece of a message in it.
    context: Option<Box<WebSocketContext>>,
    /// Bytes that came while nobody listened.
    unread: Vec<u8>,
    /// Whether the context may have another message in it already.
    unfinished: bool,
}

impl Reader {
    pub(crate) fn new(limits: &WsLimits) -> Self {
        Self {
            count: FrameCount::new(limits.frames_per_message_max, limits.control_frames_max),
            context: None,
            unread: Vec::new(),
            unfinished: false,
        }
    }

    /// Looks at bytes as they come from the socket, before anything is made of them.
    pub(crate) fn count(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        self.count.handle_bytes(bytes).map_err(|_| Broken::TooManyFrames)
    }

    /// Forgives the control frames so far: time has passed.
    pub(crate) fn handle_interval(&mut self) {
        self.count.handle_interval();
    }

    /// The next message in what was read before and in these bytes, which were counted and are consumed.
    pub(crate) fn next(&mut self, bytes: &mut &[u8], limits: &WsLimits) -> Result<Option<Piece>, Broken> {
        if bytes.is_empty() && !self.unfinished {
            return Ok(None);
        }
        if self.context.is_none()
            && let Some(text) = take_whole_text(bytes, limits.message_bytes_max)
        {
            let text = String::from_utf8(text).map_err(|_| Broken::NotUtf8)?;
            return Ok(Some(Piece::Message(Heard::Text(text.into()))));
        }
        let context = self.context.get_or_insert_with(|| {
            let buffer = bytes.len().clamp(READ_BUFFER_BYTES_MIN, READ_BUFFER_BYTES_MAX);
            Box::new(context(buffer, limits.message_bytes_max))
        });
        let mut source = Source(bytes);
        loop {
            let read = match context.read(&mut source) {
                Ok(Message::Text(text)) => Piece::Message(Heard::Text(text)),
                Ok(Message::Binary(bytes)) => Piece::Message(Heard::Binary(bytes)),
                Ok(Message::Ping(payload)) => Piece::Ping(payload),
                Ok(Message::Pong(_)) => Piece::Pong,
                Ok(Message::Close(close)) => Piece::Close(close),
                // Never given by a read that was not asked for single frames.
                Ok(Message::Frame(_)) => continue,
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.unfinished = false;
                    if self.count.is_between_messages() {
                        self.context = None;
                    }
                    return Ok(None);
                }
                Err(Error::Capacity(_)) => return Err(Broken::TooLarge),
                Err(Error::Utf8(_)) => return Err(Broken::NotUtf8),
                Err(_) => return Err(Broken::Framing),
            };
            self.unfinished = true;
            return Ok(Some(read));
        }
    }

    /// Keeps what nobody listens to now.
    pub(crate) fn keep(&mut self, bytes: &[u8]) {
        self.unread = bytes.to_vec();
    }

    /// Takes what was kept.
    pub(crate) fn take_kept(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.unread)
    }

    /// Whether there may be a message in what was read already.
    pub(crate) fn has_input(&self) -> bool {
        self.unfinished || !self.unread.is_empty()
    }

    /// Forgets everything: nothing more is made of what comes.
    pub(crate) fn stop(&mut self) {
        self.context = None;
        self.unread = Vec::new();
        self.unfinished = false;
    }
}

/// A message that came as nearly all do: whole, and in one short frame. Everything else is the library's.
fn take_whole_text(bytes: &mut &[u8], message_bytes_max: usize) -> Option<Vec<u8>> {
    let (&[first, second], rest) = bytes.split_first_chunk()?;
    if first != FINAL | TEXT || second & MASKED == 0 {
        return None;
    }
    let (length, rest) = match second & !MASKED {
        LENGTH_IN_TWO => {
            let (length, rest) = rest.split_first_chunk()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        LENGTH_IN_EIGHT => return None,
        short => (usize::from(short), rest),
    };
    let (mask, rest) = rest.split_first_chunk::<4>()?;
    if length > message_bytes_max || length > rest.len() {
        return None;
    }
    let (payload, rest) = rest.split_at(length);
    *bytes = rest;
    let mut text = payload.to_vec();
    text.iter_mut().enumerate().for_each(|(place, byte)| *byte ^= mask[place % 4]);
    Some(text)
}

fn context(buffer: usize, message_bytes_max: usize) -> WebSocketContext {
    let config = WebSocketConfig::default()
        .read_buffer_size(buffer)
        // Nothing is kept of what the library would answer.
        .write_buffer_size(0)
        .max_write_buffer_size(ANSWER_BYTES_MAX)
        .max_message_size(Some(message_bytes_max))
        .max_frame_size(Some(message_bytes_max));
    WebSocketContext::new(Role::Server, Some(config))
}

/// Bytes in place of a socket. Pongs and closes, which the library writes by itself, are written by us, at
/// their place among what else is written.
struct Source<'a, 'b>(&'a mut &'b [u8]);

impl Read for Source<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.0.read(buffer)
    }
}

impl Write for Source<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The bit of a frame whose payload is masked, as all of a peer are (RFC 6455, section 5.1).
const MASKED: u8 = 0x80;

/// The library fills this with zeros for each read: as small as what came, and never large.
const READ_BUFFER_BYTES_MIN: usize = 256;
const READ_BUFFER_BYTES_MAX: usize = 4 * 1024;

/// A control frame at a time, discarded at once.
const ANSWER_BYTES_MAX: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const MASK: [u8; 4] = [0x11, 0x22, 0x33, 0x44];

    fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first];
        match payload.len() {
            short @ 0..=125 => bytes.push(MASKED | short as u8),
            length @ 126..=0xffff => {
                bytes.push(MASKED | LENGTH_IN_TWO);
                bytes.extend((length as u16).to_be_bytes());
            }
            length => {
                bytes.push(MASKED | LENGTH_IN_EIGHT);
                bytes.extend((length as u64).to_be_bytes());
            }
        }
        bytes.extend(MASK);
        bytes.extend(payload.iter().enumerate().map(|(place, byte)| byte ^ MASK[place % 4]));
        bytes
    }

    /// What a reader makes of bytes that come in pieces of that length.
    fn read(bytes: &[u8], piece: usize, limits: &WsLimits) -> Result<Vec<Piece>, Broken> {
        let mut reader = Reader::new(limits);
        let mut pieces = Vec::new();
        for mut part in bytes.chunks(piece) {
            reader.count(part)?;
            while let Some(piece) = reader.next(&mut part, limits)? {
                pieces.push(piece);
            }
        }
        Ok(pieces)
    }

    #[test]
    fn a_message_is_the_same_in_whatever_pieces_it_comes() {
        let limits = WsLimits::default();
        let long = "가".repeat(30_000);
        let texts = ["", "a", "안녕", &"b".repeat(125), &"c".repeat(126), &"d".repeat(65_535), &long, "e"];
        let mut bytes = Vec::new();
        for text in texts {
            bytes.extend(masked(FINAL | TEXT, text.as_bytes()));
        }
        bytes.extend(masked(TEXT, "나뉜".as_bytes()));
        bytes.extend(masked(FINAL | super::super::encode::PING, b"p"));
        bytes.extend(masked(FINAL, " 말".as_bytes()));
        bytes.extend(masked(FINAL | TEXT, b"f"));
        let text = |text: &str| Piece::Message(Heard::Text(text.to_owned().into()));
        let mut expected: Vec<_> = texts.iter().map(|one| text(one)).collect();
        expected.extend([Piece::Ping(Bytes::from_static(b"p")), text("나뉜 말"), text("f")]);
        for piece in [1, 2, 5, 7, 1_000, 16 * 1024, usize::MAX] {
            assert_eq!(read(&bytes, piece, &limits).as_ref(), Ok(&expected), "{piece}");
        }
    }

    #[test]
    fn what_is_broken_is_named_the_same_in_whatever_pieces_it_comes() {
        let limits = WsLimits { message_bytes_max: 200, ..WsLimits::default() };
        let mut unmasked = masked(FINAL | TEXT, b"");
        unmasked[1] = 0;
        let broken = [
            (masked(FINAL | TEXT, b"\xff"), Broken::NotUtf8),
            (masked(FINAL | TEXT, &[b'a'; 201]), Broken::TooLarge),
            (masked(FINAL | 0x40 | TEXT, b"a"), Broken::Framing),
            (unmasked, Broken::Framing),
        ];
        for (bytes, broken) in broken {
            for piece in [1, 3, usize::MAX] {
                assert_eq!(read(&bytes, piece, &limits), Err(broken), "{bytes:?}");
            }
        }
    }
}
