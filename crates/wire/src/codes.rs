//! Why the room did not take something, and why it says good-bye. A program branches on the code; the words
//! a person reads are chosen where they are shown, in that person's language.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why one frame was not taken. The connection goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// Not a JSON object with a `type`.
    NotJson,
    /// A binary message where text is due.
    NotText,
    /// A `type` this room does not know; it is named in `message`.
    UnknownType,
    /// A known type whose fields are missing or wrong.
    BadFrame,
    /// Said before `hello`.
    HelloFirst,
    /// A second `hello`.
    AlreadyHere,
    /// The nickname is not valid.
    BadNickname,
    /// Somebody here has that nickname, or one that looks like it.
    NicknameTaken,
    /// The signature does not fit the key, the room or this connection.
    BadSignature,
    /// The message is empty.
    Empty,
    /// The message is longer than `limits.message_bytes`.
    TooLong,
    /// The same message id came with another text.
    IdReused,
    /// More messages a second than `limits.rate_per_second`; wait and say it again.
    TooFast,
    /// The room could not keep it: try again later.
    Unavailable,
    /// The room asks for a passphrase before anything else.
    PassphraseFirst,
    /// The passphrase is not that of the room.
    WrongPassphrase,
    /// A code this version does not know.
    #[serde(other)]
    Unknown,
}

/// Why the connection ends. It travels in a `bye` frame and as the WebSocket close code beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ByeCode {
    /// The reader fell too far behind: come back and resume.
    TooSlow,
    /// Pings went unanswered.
    PingTimeout,
    /// The host restarts or moves: come back.
    Restarting,
    /// No seat is free.
    RoomFull,
    /// Too many connections from this address.
    AddressFull,
    /// The host closed the room.
    RoomClosed,
    /// No `hello` in time.
    HelloTimeout,
    /// The peer went on sending too fast after being refused for it.
    TooFast,
    /// The peer sent one thing after another that could not be understood.
    TooManyErrors,
    /// A message in more frames, or more control frames, than the room reads.
    TooManyFrames,
    /// The member said `leave`.
    Left,
    /// No passphrase was shown, and this room asks for one.
    PassphraseNeeded,
    /// The passphrase shown is not that of the room.
    WrongPassphrase,
    /// Too many wrong passphrases from this address: a person may try again in some minutes.
    TooManyAttempts,
    /// A code this version does not know.
    #[serde(other)]
    Unknown,
}

/// What to do after a `bye`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// Come back after a while; what was missed is told then.
    Retry,
    /// Stay away until a person asks for it again.
    Stop,
}

impl ByeCode {
    /// The WebSocket close code (RFC 6455, section 7.4.2: 4000–4999 are private use). Below 4500 a client
    /// retries, from there on it stops; so a client that knows no code does right by its number alone.
    pub fn close_code(self) -> u16 {
        match self {
            Self::TooSlow => 4000,
            Self::PingTimeout => 4001,
            Self::Restarting => 4002,
            Self::RoomFull => 4003,
            Self::AddressFull => 4004,
            Self::Unknown => 4499,
            Self::RoomClosed => 4500,
            Self::HelloTimeout => 4501,
            Self::TooFast => 4502,
            Self::TooManyErrors => 4503,
            Self::TooManyFrames => 4504,
            Self::Left => 4505,
            Self::PassphraseNeeded => 4506,
            Self::WrongPassphrase => 4507,
            Self::TooManyAttempts => 4508,
        }
    }

    /// The code that travels as this close code, if it is one of ours.
    pub fn from_close_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|bye| bye.close_code() == code)
    }

    /// Whether to come back.
    pub fn then(self) -> Then {
        then(self.close_code())
    }

    /// Every code that is ever sent.
    pub const ALL: [Self; 14] = [
        Self::TooSlow,
        Self::PingTimeout,
        Self::Restarting,
        Self::RoomFull,
        Self::AddressFull,
        Self::RoomClosed,
        Self::HelloTimeout,
        Self::TooFast,
        Self::TooManyErrors,
        Self::TooManyFrames,
        Self::Left,
        Self::PassphraseNeeded,
        Self::WrongPassphrase,
        Self::TooManyAttempts,
    ];
}

/// What any WebSocket close code asks of a client: the private range from 4500 on, and the codes that say
/// the peer misbehaved (RFC 6455, section 7.4.1: 1002, 1003, 1007–1010), mean stop.
pub fn then(close_code: u16) -> Then {
    match close_code {
        4500..=4999 | 1002 | 1003 | 1007..=1010 => Then::Stop,
        _ => Then::Retry,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bye_has_a_close_code_of_its_own_that_says_retry_or_stop() {
        for code in ByeCode::ALL {
            assert_eq!(ByeCode::from_close_code(code.close_code()), Some(code));
        }
        assert_eq!(ByeCode::TooSlow.then(), Then::Retry);
        assert_eq!(ByeCode::RoomClosed.then(), Then::Stop);
        assert_eq!(then(1006), Then::Retry);
        assert_eq!(then(1009), Then::Stop);
    }

    #[test]
    fn a_code_from_a_newer_room_is_kept_as_unknown() {
        assert_eq!(serde_json::from_str::<RefusalCode>(r#""moonlight""#).unwrap(), RefusalCode::Unknown);
        assert_eq!(serde_json::from_str::<ByeCode>(r#""moonlight""#).unwrap(), ByeCode::Unknown);
    }
}
