//! The ways in which chat servers and their clients speak. `maru.v1` is the room's own; the others are those that people
//! learn WebSocket with.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One way to speak.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Dialect {
    /// `maru.v1`: everything in docs/PROTOCOL.md.
    #[default]
    Maru,
    /// A client says `{"type":"nickname","payload":…}` and `{"type":"new_message","payload":…}`, a server `name: text`.
    NicknameJson,
    /// Any text is a message.
    Plain,
    /// Socket.IO v4 (Engine.IO 4): `message` events.
    SocketIo,
}

impl Dialect {
    /// All of them, as they are offered to a person.
    pub const ALL: [Self; 4] = [Self::Maru, Self::NicknameJson, Self::Plain, Self::SocketIo];

    /// How it is written on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Maru => "maru",
            Self::NicknameJson => "nickname-json",
            Self::Plain => "plain",
            Self::SocketIo => "socket.io",
        }
    }

    /// The one that is written so.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_by_its_name() {
        for dialect in Dialect::ALL {
            assert_eq!(Dialect::named(dialect.name()), Some(dialect));
        }
        assert_eq!(Dialect::named("morse"), None);
    }
}
