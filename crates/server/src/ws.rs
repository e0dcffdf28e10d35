//! One WebSocket connection, from after the handshake to the end: reading within limits, pings, the close, and
//! the outgoing side. What is heard and said is a [`Handler`]'s: a room's seat, or an echo.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use maru_wire::{ByeCode, limits};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use crate::frame_guard::{FrameCount, Guarded};

/// The bounds of one connection.
#[derive(Debug, Clone, Copy)]
pub struct WsLimits {
    /// Bytes in one message.
    pub message_bytes_max: usize,
    /// Frames in one message.
    pub frames_per_message_max: u32,
    /// Control frames between two messages, or within one ping interval.
    pub control_frames_max: u32,
    /// From one ping to the next.
    pub ping_interval: Duration,
    /// Unanswered pings after which the peer counts as gone.
    pub pings_missed_max: u32,
    /// How long one write may wait for the peer.
    pub write_stall_max: Duration,
    /// How long the peer may take to answer a close.
    pub close_max: Duration,
}

impl Default for WsLimits {
    fn default() -> Self {
        Self {
            message_bytes_max: limits::FRAME_BYTES_MAX,
            frames_per_message_max: limits::FRAMES_PER_MESSAGE_MAX,
            control_frames_max: limits::CONTROL_FRAMES_MAX,
            ping_interval: Duration::from_millis(limits::PING_INTERVAL_MS),
            pings_missed_max: limits::PINGS_MISSED_MAX,
            write_stall_max: Duration::from_millis(limits::WRITE_STALL_MS_MAX),
            close_max: Duration::from_millis(limits::CLOSE_MS_MAX),
        }
    }
}

/// A whole message of the peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Text, valid UTF-8.
    Text(Utf8Bytes),
    /// Anything else.
    Binary(Bytes),
}

/// What goes out next.
#[derive(Debug, Clone, PartialEq)]
pub enum Outgoing {
    /// Messages, written together.
    Messages(Vec<Message>),
    /// The end: perhaps a last message, then the close.
    Close {
        /// A last message.
        last: Option<Message>,
        /// The close code (RFC 6455, section 7.4).
        code: u16,
        /// Words beside it, at most 123 bytes.
        reason: &'static str,
    },
}

/// What hears and speaks on a connection.
pub trait Handler: Send {
    /// Waits until another message can be heard: until then nothing is read, and the peer has to wait. It may
    /// go on while something is written. Asked anew after each message.
    fn listens(&self) -> impl Future<Output = ()> + Send + 'static {
        std::future::ready(())
    }

    /// Takes a message.
    fn hear(&mut self, heard: Heard) -> impl Future<Output = ()> + Send;

    /// What to write next, once there is something. Called again after it is written; may be dropped at any
    /// await without losing anything.
    fn next(&mut self) -> impl Future<Output = Outgoing> + Send;

    /// How to say good-bye for a reason that the connection itself found.
    fn bye(&self, code: ByeCode) -> Outgoing {
        Outgoing::Close { last: None, code: code.close_code(), reason: "" }
    }

    /// The connection ends. Called once.
    fn gone(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// A connection after its handshake, of which `already_read` came along with it.
pub async fn open_ws<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    already_read: Bytes,
    limits: &WsLimits,
) -> WebSocketStream<Guarded<S>> {
    let count = FrameCount::new(limits.frames_per_message_max, limits.control_frames_max);
    let mut guarded = Guarded::new(stream, count);
    guarded.handle_read(&already_read);
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(2 * (limits.message_bytes_max + WRITE_BUFFER_BYTES))
        .max_message_size(Some(limits.message_bytes_max))
        .max_frame_size(Some(limits.message_bytes_max));
    WebSocketStream::from_partially_read(guarded, already_read.into(), Role::Server, Some(config)).await
}

/// Serves a connection until either side ends it.
pub async fn serve_ws<S, H>(mut socket: WebSocketStream<Guarded<S>>, limits: WsLimits, mut handler: H)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    H: Handler,
{
    let ending = pump(&mut socket, &limits, &mut handler).await;
    // The seat is free while the last words are still on their way.
    let last_words = timeout(limits.close_max, end(&mut socket, ending));
    let _ = tokio::join!(handler.gone(), last_words);
}

/// How a connection ends.
enum Ending {
    /// There is nobody to say anything to.
    Gone,
    /// The peer said that it closes.
    ByPeer,
    /// We say so.
    ByUs(Outgoing),
    /// We say so to a peer whose bytes make no sense any more.
    Broken(Outgoing),
}

async fn pump<S, H>(socket: &mut WebSocketStream<Guarded<S>>, limits: &WsLimits, handler: &mut H) -> Ending
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    H: Handler,
{
    let mut ping = interval_at(Instant::now() + limits.ping_interval, limits.ping_interval);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut unanswered = 0;
    // While something is being written, the moment by which it has to be.
    let mut written_by: Option<Instant> = None;
    loop {
        let listens = handler.listens();
        let outgoing = tokio::select! {
            passed = traffic(socket, listens, written_by.is_some()) => match passed {
                Traffic::Written(Ok(())) => {
                    written_by = None;
                    continue;
                }
                Traffic::Written(Err(_)) | Traffic::Read(None) => return Ending::Gone,
                Traffic::Read(Some(Ok(message))) => {
                    unanswered = 0;
                    match message {
                        Message::Text(text) => handler.hear(Heard::Text(text)).await,
                        Message::Binary(bytes) => handler.hear(Heard::Binary(bytes)).await,
                        Message::Close(_) => return Ending::ByPeer,
                        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
                    }
                    continue;
                }
                Traffic::Read(Some(Err(error))) => {
                    return answer_to(&error, socket.get_ref(), handler).map_or(Ending::Gone, Ending::Broken);
                }
            },
            outgoing = handler.next(), if written_by.is_none() => outgoing,
            () = sleep_until(written_by.unwrap_or_else(Instant::now)), if written_by.is_some() => {
                return Ending::Gone;
            }
            _ = ping.tick() => {
                socket.get_mut().handle_interval();
                if unanswered >= limits.pings_missed_max {
                    handler.bye(ByeCode::PingTimeout)
                } else {
                    unanswered += 1;
                    Outgoing::Messages(vec![Message::Ping(Bytes::new())])
                }
            }
        };
        let Outgoing::Messages(messages) = outgoing else { return Ending::ByUs(outgoing) };
        for message in messages {
            if socket.start_send_unpin(message).is_err() {
                return Ending::Gone;
            }
        }
        written_by.get_or_insert_with(|| Instant::now() + limits.write_stall_max);
    }
}

/// What passed over a connection.
enum Traffic {
    /// A message of the peer, or the end of them.
    Read(Option<Result<Message, Error>>),
    /// All that was to be written.
    Written(Result<(), Error>),
}

/// Writes, and reads meanwhile: two sides that write before they read must not wait for each other for ever.
async fn traffic<S>(
    socket: &mut WebSocketStream<Guarded<S>>,
    listens: impl Future<Output = ()>,
    writing: bool,
) -> Traffic
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut listens = std::pin::pin!(listens);
    let mut listening = false;
    poll_fn(|context| {
        if writing && let Poll::Ready(written) = socket.poll_flush_unpin(context) {
            return Poll::Ready(Traffic::Written(written));
        }
        listening = listening || listens.as_mut().poll(context).is_ready();
        if listening && let Poll::Ready(read) = socket.poll_next_unpin(context) {
            return Poll::Ready(Traffic::Read(read));
        }
        Poll::Pending
    })
    .await
}

/// Says the last words, hears the peer's (RFC 6455, section 7.1.1), and reads on without looking until the peer
/// has closed: a socket closed over unread bytes is reset, and the words would be lost with it.
async fn end<S>(socket: &mut WebSocketStream<Guarded<S>>, ending: Ending)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (last, understood) = match ending {
        Ending::Gone => return,
        // The answer goes out with the next read.
        Ending::ByPeer => (None, true),
        Ending::ByUs(outgoing) => (Some(outgoing), true),
        Ending::Broken(outgoing) => (Some(outgoing), false),
    };
    if let Some(last) = last
        && say_last(socket, last).await.is_err()
    {
        return;
    }
    while understood && matches!(socket.next().await, Some(Ok(_))) {}
    let stream = socket.get_mut().stream_mut();
    if stream.shutdown().await.is_err() {
        return;
    }
    let mut unread = [0; READ_BUFFER_BYTES];
    while matches!(stream.read(&mut unread).await, Ok(1..)) {}
}

async fn say_last<S>(socket: &mut WebSocketStream<S>, outgoing: Outgoing) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match outgoing {
        Outgoing::Messages(messages) => {
            for message in messages {
                socket.feed(message).await?;
            }
            socket.flush().await
        }
        Outgoing::Close { last, code, reason } => {
            if let Some(last) = last {
                socket.feed(last).await?;
            }
            socket.close(Some(CloseFrame { code: CloseCode::from(code), reason: reason.into() })).await
        }
    }
}

/// What to say to a peer that broke the rules; nothing to one that is simply gone.
fn answer_to<S, H: Handler>(error: &Error, stream: &Guarded<S>, handler: &H) -> Option<Outgoing> {
    let close = |code: CloseCode, reason| Outgoing::Close { last: None, code: code.into(), reason };
    match error {
        Error::Io(_) if stream.tripped() => Some(handler.bye(ByeCode::TooManyFrames)),
        Error::Capacity(_) => Some(close(CloseCode::Size, "message too large")),
        Error::Utf8(_) => Some(close(CloseCode::Invalid, "text that is not UTF-8")),
        Error::Protocol(_) => Some(close(CloseCode::Protocol, "broken framing")),
        _ => None,
    }
}

/// Held by every connection: small, since most are idle.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// What is gathered before a write; a flush writes it out in any case. What a peer does not read, answers to
/// its pings included, is gathered up to twice the largest message.
const WRITE_BUFFER_BYTES: usize = 16 * 1024;
