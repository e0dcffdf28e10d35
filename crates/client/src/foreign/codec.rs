//! The dialects: what is said in each, and what is heard. Each is small; what they have in common is here.

use std::time::Duration;

use maru_wire::{Dialect, Nickname};
use serde::Serialize;

use super::socket_io::SocketIo;
use crate::event::Fault;

/// What came in one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload<'a> {
    /// A text message, or a packet of Engine.IO.
    Text(&'a str),
    /// A binary message.
    Binary(&'a [u8]),
}

/// Who said something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum By {
    /// Nobody whom it names.
    Server,
    /// Somebody of that name.
    Named(Nickname),
}

/// What was told by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// We are in.
    LetIn,
    /// This is to be sent.
    Answer(String),
    /// Somebody said something.
    Line { by: By, text: String },
    /// Something that is no text.
    Binary { bytes: usize },
    /// The server lets us go, and does not want us back for that reason.
    Over(Fault),
    /// The connection is of no use any more.
    Broken,
}

/// One dialect.
#[derive(Debug)]
pub(super) enum Codec {
    /// `{"type":"nickname",…}` and `{"type":"new_message",…}`; heard are lines `name: text`.
    NicknameJson,
    /// Any text is a message.
    Plain,
    /// Socket.IO.
    SocketIo(Box<SocketIo>),
}

impl Codec {
    pub(super) fn new(dialect: Dialect, path: &str) -> Self {
        match dialect {
            Dialect::NicknameJson => Self::NicknameJson,
            // A room of ours is no foreign server. Whoever insists talks to it like `wscat` does.
            Dialect::Plain | Dialect::Maru => Self::Plain,
            Dialect::SocketIo => Self::SocketIo(Box::new(SocketIo::new(path))),
        }
    }

    /// The connection is open.
    pub(super) fn handle_connected(&mut self, nickname: &str, introduced: bool) -> Vec<Told> {
        match self {
            Self::NicknameJson if introduced => vec![Told::LetIn],
            Self::NicknameJson => vec![Told::Answer(introduction(nickname)), Told::LetIn],
            Self::Plain => vec![Told::LetIn],
            Self::SocketIo(socket_io) => {
                socket_io.handle_connected();
                Vec::new()
            }
        }
    }

    pub(super) fn handle_payload(&mut self, payload: Payload<'_>) -> Vec<Told> {
        let text = match (&mut *self, payload) {
            (Self::SocketIo(socket_io), payload) => return socket_io.handle_payload(payload),
            (_, Payload::Text(text)) => text,
            // Servers that pass on what they were given, as a buffer.
            (_, Payload::Binary(bytes)) => match std::str::from_utf8(bytes) {
                Ok(text) => text,
                Err(_) => return vec![Told::Binary { bytes: bytes.len() }],
            },
        };
        match self {
            Self::NicknameJson => vec![line(text)],
            Self::Plain | Self::SocketIo(_) => vec![Told::Line { by: By::Server, text: text.into() }],
        }
    }

    /// A line of ours, as it is sent.
    pub(super) fn say(&self, text: &str) -> String {
        match self {
            Self::NicknameJson => tagged("new_message", text),
            Self::Plain => text.into(),
            Self::SocketIo(socket_io) => socket_io.say(text),
        }
    }

    /// Another name of ours, where it can be told.
    pub(super) fn rename(&self, nickname: &str) -> Option<String> {
        match self {
            Self::NicknameJson => Some(introduction(nickname)),
            Self::Plain | Self::SocketIo(_) => None,
        }
    }

    /// What the server calls us, where it is the server that says so.
    pub(super) fn own_name(&self) -> Option<&str> {
        match self {
            Self::NicknameJson | Self::Plain => None,
            Self::SocketIo(socket_io) => socket_io.own_name(),
        }
    }

    /// Whether our own lines come back, told apart by our name.
    pub(super) fn echoes(&self) -> bool {
        !matches!(self, Self::Plain)
    }

    /// Whether we are to ping: elsewhere the server does, and answers no ping of ours.
    pub(super) fn pings(&self) -> bool {
        !matches!(self, Self::SocketIo(_))
    }

    /// The silence after which the server is gone, where the dialect says so.
    pub(super) fn silence_max(&self) -> Option<Duration> {
        match self {
            Self::NicknameJson | Self::Plain => None,
            Self::SocketIo(socket_io) => Some(socket_io.silence_max()),
        }
    }
}

/// How we say who we are to a server that speaks nickname JSON.
pub(crate) fn introduction(nickname: &str) -> String {
    tagged("nickname", nickname)
}

/// `type` stands first, as in the tutorials: some servers look no further than they have to.
fn tagged(kind: &str, payload: &str) -> String {
    #[derive(Serialize)]
    struct Tagged<'a> {
        r#type: &'a str,
        payload: &'a str,
    }
    serde_json::to_string(&Tagged { r#type: kind, payload }).expect("two strings are JSON")
}

/// A line, taken apart where somebody's name stands before it.
pub(super) fn line(text: &str) -> Told {
    match taken_apart(text) {
        Some((name, said)) => Told::Line { by: By::Named(name), text: said.into() },
        None => Told::Line { by: By::Server, text: text.into() },
    }
}

/// The name and the text of `name: text`, where that is a name and there is a text.
pub(crate) fn taken_apart(line: &str) -> Option<(Nickname, &str)> {
    let (name, text) = line.split_once(": ")?;
    let name = Nickname::parse(name).ok()?;
    (!text.trim().is_empty()).then_some((name, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart_at_the_first_colon_after_a_name() {
        let (name, text) = taken_apart("철수: 시간: 3시").unwrap();
        assert_eq!((name.as_str(), text), ("철수", "시간: 3시"));
        let long = format!("{}: x", "가".repeat(33));
        for whole in ["안녕하세요", "철수:안녕", ": 안녕", "철수: ", &long, "a\u{202e}b: x", ""]
        {
            assert_eq!(taken_apart(whole), None, "{whole}");
        }
    }

    #[test]
    fn what_is_said_is_what_the_tutorials_say() {
        let codec = Codec::new(Dialect::NicknameJson, "/");
        assert_eq!(codec.rename("철수").unwrap(), r#"{"type":"nickname","payload":"철수"}"#);
        assert_eq!(codec.say("안\"녕"), r#"{"type":"new_message","payload":"안\"녕"}"#);
        assert_eq!(Codec::new(Dialect::Plain, "/").say("안녕"), "안녕");
    }
}
