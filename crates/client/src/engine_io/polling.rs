//! Engine.IO by long polling: one question waits for what the server has to say, another brings what we have. Every
//! question has a connection of its own, and both have bounds in size and time.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use data_encoding::BASE64;
use futures_util::{Sink, Stream};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::{GREETING_MAX, PATH, PAYLOAD_BYTES_MAX};
use crate::way::{Ask, Way};

type Asking = Pin<Box<dyn Future<Output = Result<Vec<u8>, Error>> + Send>>;

/// A session by long polling, as messages that come and go.
pub(super) struct Polling {
    way: Way,
    path: String,
    silence: Duration,
    /// What waits for the server to speak.
    hearing: Option<Asking>,
    heard: VecDeque<Message>,
    /// What brings it our packets.
    telling: Option<Asking>,
    to_tell: Vec<String>,
    /// Whether the server is still to be told that this is the end.
    closing: bool,
    over: bool,
}

impl Polling {
    /// Goes on with a session whose server speaks at least once within `silence`.
    pub(super) fn new(way: Way, sid: &str, silence: Duration) -> Self {
        let path = format!("{PATH}?EIO=4&transport=polling&sid={sid}");
        let (hearing, heard, telling, to_tell) = (None, VecDeque::new(), None, Vec::new());
        Self { way, path, silence, hearing, heard, telling, to_tell, closing: false, over: false }
    }

    fn ask(&self, body: Option<String>) -> Asking {
        let (way, path) = (self.way.clone(), self.path.clone());
        let patience = if body.is_some() { GREETING_MAX + self.silence } else { self.silence };
        Box::pin(async move {
            let asked = Ask { path: &path, body, bytes_max: PAYLOAD_BYTES_MAX, patience };
            match way.ask(asked).await {
                Ok((answer, _)) if answer.status.is_success() => Ok(answer.body),
                _ => Err(Error::Io(io::ErrorKind::ConnectionAborted.into())),
            }
        })
    }

    fn poll_telling(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            if let Some(telling) = &mut self.telling {
                let told = ready!(telling.as_mut().poll(cx));
                self.telling = None;
                told?;
            }
            let payload = match (self.to_tell.is_empty(), std::mem::take(&mut self.closing)) {
                (true, false) => return Poll::Ready(Ok(())),
                // By itself: a server drops what comes together with the end.
                (true, true) => CLOSE.into(),
                (false, closing) => {
                    self.closing = closing;
                    std::mem::take(&mut self.to_tell).join(SEPARATOR)
                }
            };
            self.telling = Some(self.ask(Some(payload)));
        }
    }
}

impl Stream for Polling {
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(message) = self.heard.pop_front() {
                return Poll::Ready(Some(Ok(message)));
            }
            if self.over {
                return Poll::Ready(None);
            }
            if self.hearing.is_none() {
                self.hearing = Some(self.ask(None));
            }
            let Some(hearing) = &mut self.hearing else { continue };
            let answer = ready!(hearing.as_mut().poll(cx));
            self.hearing = None;
            match answer.map(String::from_utf8) {
                Ok(Ok(payload)) => self.heard.extend(packets(&payload).filter_map(message)),
                Ok(Err(_)) | Err(_) => {
                    self.over = true;
                    return Poll::Ready(Some(Err(Error::ConnectionClosed)));
                }
            }
        }
    }
}

impl Sink<Message> for Polling {
    type Error = Error;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.to_tell.len() < TOGETHER_MAX { Poll::Ready(Ok(())) } else { self.poll_telling(cx) }
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        match message {
            Message::Text(packet) => self.to_tell.push(packet.as_str().to_owned()),
            Message::Close(_) => (self.closing, self.over) = (true, true),
            // Nothing of this travels so: the server alone pings, with packets.
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_telling(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_telling(cx)
    }
}

/// The packets of one payload.
pub(super) fn packets(payload: &str) -> impl Iterator<Item = &str> {
    payload.split(SEPARATOR).filter(|packet| !packet.is_empty())
}

/// A packet as it would come in a WebSocket; binary ones are written in base64 behind a `b`.
pub(super) fn message(packet: &str) -> Option<Message> {
    match packet.strip_prefix('b') {
        Some(bytes) => BASE64.decode(bytes.as_bytes()).ok().map(Message::binary),
        None => Some(Message::text(packet)),
    }
}

/// The packet that closes a session.
const CLOSE: &str = "1";

/// Between two packets.
const SEPARATOR: &str = "\u{1e}";

/// Packets that are brought together.
const TOGETHER_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_packets_and_those_of_bytes_are_read() {
        let payload = "42[\"message\",\"안녕\"]\u{1e}2\u{1e}bAQIDBA==";
        let messages: Vec<Message> = packets(payload).filter_map(message).collect();
        let expected = [
            Message::text("42[\"message\",\"안녕\"]"),
            Message::text("2"),
            Message::binary(vec![1, 2, 3, 4]),
        ];
        assert_eq!(messages, expected);
        assert_eq!(message("b###"), None);
    }
}
