//! What is seen of a connection by somebody who wants to know how it works: its handshake, every frame, its close. Kept
//! for as long as it is looked at, within bounds. Knows no socket.

use std::borrow::Cow;
use std::collections::VecDeque;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use tokio_tungstenite::tungstenite::Message;
use ts_rs::TS;

/// One thing that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Sight {
    /// Counts what was seen, from 1: where a number is missing, it was let go of to stay within the bounds.
    #[ts(type = "number")]
    pub nth: u64,
    /// When, in milliseconds since the Unix epoch.
    #[ts(type = "number")]
    pub at: u64,
    /// What.
    pub what: Seen,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum Seen {
    /// A request went out: the handshake of a WebSocket, or a question before it.
    Request {
        /// Where to.
        url: String,
        /// The request line.
        line: String,
        /// In their order.
        headers: Vec<Header>,
    },
    /// It was answered.
    Response {
        /// The status line.
        line: String,
        /// In their order.
        headers: Vec<Header>,
    },
    /// TLS was agreed on.
    Tls {
        /// Its version, such as `TLS 1.3`.
        version: String,
        /// The cipher suite, by its IANA name.
        cipher: String,
        /// The SHA-256 of the certificate's public key (SPKI), in base64url.
        pin: String,
    },
    /// A frame, or a message put together from several.
    Frame {
        /// Which way.
        direction: Direction,
        /// Its opcode (RFC 6455, section 5.2).
        opcode: Opcode,
        /// Bytes of its payload.
        bytes: u32,
        /// The payload, or its beginning; of one that is not text, in hexadecimal.
        text: String,
        /// Whether there is more than `text` shows.
        cut: bool,
    },
    /// The connection has ended.
    Closed {
        /// With this code; none where no close was said.
        code: Option<u16>,
        /// As it was given.
        reason: String,
    },
}

/// A header, as it stood on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Which way something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Direction {
    /// From us.
    Out,
    /// To us.
    In,
}

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Opcode {
    /// Text.
    Text,
    /// Anything.
    Binary,
    /// "Are you there?"
    Ping,
    /// "I am."
    Pong,
    /// The last frame.
    Close,
}

impl Seen {
    /// A message as one sees it; none where it is but a part of one.
    pub(crate) fn message(direction: Direction, message: &Message) -> Option<Self> {
        let (opcode, bytes, (text, cut)) = match message {
            Message::Text(text) => (Opcode::Text, text.len(), beginning(&without_secrets(text))),
            Message::Binary(bytes) => (Opcode::Binary, bytes.len(), hexadecimal(bytes)),
            Message::Ping(bytes) => (Opcode::Ping, bytes.len(), hexadecimal(bytes)),
            Message::Pong(bytes) => (Opcode::Pong, bytes.len(), hexadecimal(bytes)),
            Message::Close(None) => (Opcode::Close, 0, (String::new(), false)),
            Message::Close(Some(close)) => {
                let text = format!("{} {}", u16::from(close.code), close.reason);
                (Opcode::Close, CLOSE_CODE_BYTES + close.reason.len(), (text.trim_end().into(), false))
            }
            Message::Frame(_) => return None,
        };
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        Some(Self::Frame { direction, opcode, bytes, text, cut })
    }
}

fn beginning(text: &str) -> (String, bool) {
    let mut end = text.len().min(SIGHT_TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (text[..end].to_owned(), end < text.len())
}

fn hexadecimal(bytes: &[u8]) -> (String, bool) {
    let shown = bytes.len().min(SIGHT_TEXT_BYTES_MAX / 2);
    (HEXLOWER.encode(&bytes[..shown]), shown < bytes.len())
}

/// What proves a passphrase is left out: whoever copies what they see must not give others something to guess with.
fn without_secrets(text: &str) -> Cow<'_, str> {
    // Cheap for all others: the word stands in few of them.
    if !SECRET_FRAMES.iter().any(|secret| text.contains(secret)) {
        return text.into();
    }
    let Ok(serde_json::Value::Object(mut frame)) = serde_json::from_str(text) else { return text.into() };
    let kind = frame.get("type").and_then(serde_json::Value::as_str).unwrap_or_default();
    if !SECRET_FRAMES.contains(&kind) {
        return text.into();
    }
    for (field, value) in &mut frame {
        if field != "type" && field != "mechanism" {
            *value = "…".into();
        }
    }
    serde_json::Value::Object(frame).to_string().into()
}

/// What was seen of one room's connections, the latest within bounds.
#[derive(Debug, Default)]
pub struct Inspector {
    sights: VecDeque<Sight>,
    bytes: usize,
    last: u64,
}

impl Inspector {
    /// Notes what is seen at a time.
    pub fn see(&mut self, what: Seen, at: u64) {
        self.last += 1;
        self.bytes += size(&what);
        self.sights.push_back(Sight { nth: self.last, at, what });
        while self.sights.len() > SIGHTS_MAX || self.bytes > SIGHT_BYTES_MAX {
            let Some(oldest) = self.sights.pop_front() else { break };
            self.bytes -= size(&oldest.what);
        }
    }

    /// What was seen after a number, in order.
    pub fn after(&self, nth: u64) -> impl Iterator<Item = &Sight> {
        self.sights.iter().filter(move |sight| sight.nth > nth)
    }
}

fn size(what: &Seen) -> usize {
    let of_headers = |headers: &[Header]| -> usize {
        headers.iter().map(|header| header.name.len() + header.value.len()).sum()
    };
    SIGHT_BYTES
        + match what {
            Seen::Request { url, line, headers } => url.len() + line.len() + of_headers(headers),
            Seen::Response { line, headers } => line.len() + of_headers(headers),
            Seen::Tls { version, cipher, pin } => version.len() + cipher.len() + pin.len(),
            Seen::Frame { text, .. } => text.len(),
            Seen::Closed { reason, .. } => reason.len(),
        }
}

/// What was seen at most: some screens of it.
pub const SIGHTS_MAX: usize = 1_000;

/// Bytes of it.
pub const SIGHT_BYTES_MAX: usize = 1024 * 1024;

/// Bytes of a frame's payload that are shown: long enough for a page of history to be recognised.
pub const SIGHT_TEXT_BYTES_MAX: usize = 8 * 1024;

/// The frames by which a passphrase is shown.
const SECRET_FRAMES: [&str; 3] = ["authenticate", "challenge", "authenticated"];

/// Bytes of a close code before its reason (RFC 6455, section 5.5.1).
const CLOSE_CODE_BYTES: usize = 2;

/// What one takes besides its texts.
const SIGHT_BYTES: usize = 96;

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(text: &str) -> Seen {
        let (direction, opcode) = (Direction::In, Opcode::Text);
        Seen::Frame { direction, opcode, bytes: text.len() as u32, text: text.into(), cut: false }
    }

    #[test]
    fn what_proves_a_passphrase_is_not_seen() {
        let seen = |text: &str| match Seen::message(Direction::Out, &Message::text(text)) {
            Some(Seen::Frame { text, .. }) => text,
            other => panic!("{other:?}"),
        };
        let proof = r#"{"type":"authenticate","mechanism":"SCRAM-SHA-256","data":"c=biws,r=r0,p=s3cret"}"#;
        let shown = seen(proof);
        assert!(
            shown.contains("SCRAM-SHA-256") && shown.contains('…') && !shown.contains("s3cret"),
            "{shown}"
        );
        assert!(!seen(r#"{ "data" : "s3cret", "type" : "authenticate" }"#).contains("s3cret"));
        let said = r#"{"type":"say","id":"x1","text":"authenticate"}"#;
        assert_eq!(seen(said), said);
    }

    #[test]
    fn a_long_frame_is_cut_and_bytes_are_in_hexadecimal() {
        let long = Message::text("가".repeat(SIGHT_TEXT_BYTES_MAX));
        let Some(Seen::Frame { text, bytes, cut: true, .. }) = Seen::message(Direction::In, &long) else {
            panic!("it is cut");
        };
        assert!(text.len() <= SIGHT_TEXT_BYTES_MAX && bytes as usize == 3 * SIGHT_TEXT_BYTES_MAX);
        let bytes = Seen::message(Direction::In, &Message::binary(vec![0, 0xff]));
        assert!(matches!(bytes, Some(Seen::Frame { text, bytes: 2, cut: false, .. }) if text == "00ff"));
    }

    #[test]
    fn the_latest_stay_within_the_bounds_and_keep_their_numbers() {
        let mut inspector = Inspector::default();
        for n in 0..SIGHTS_MAX + 7 {
            inspector.see(frame("안녕"), n as u64);
        }
        assert_eq!(inspector.after(0).count(), SIGHTS_MAX);
        assert_eq!(inspector.after(0).next().unwrap().nth, 8);
        assert_eq!(inspector.after(SIGHTS_MAX as u64 + 6).count(), 1);
        for _ in 0..1_000 {
            inspector.see(frame(&"x".repeat(SIGHT_TEXT_BYTES_MAX)), 0);
            assert!(inspector.bytes <= SIGHT_BYTES_MAX);
        }
        assert_eq!(inspector.bytes, inspector.after(0).map(|sight| size(&sight.what)).sum::<usize>());
    }
}
