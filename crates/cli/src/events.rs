//! What happens, as a script reads it with `--json`: one JSON object a line, told apart by `event`. Fields may
//! be added; those that are here keep their meaning.

use maru_client::inspector::Sight;
use maru_client::{Fault, Link, NotebookFault, Security};
use maru_lan::{Nearby, Reach};
use maru_wire::{
    CaughtUp, ChainHash, Dialect, Entry, Happening, Keeps, Member, MessageId, MessageText, Nickname,
    RefusalCode, RoomId, Seq,
};
use serde::Serialize;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// A room is open here. The first line of `maru host`.
    Listening {
        /// Its page at the best address, which is what others are given.
        url: String,
        port: u16,
        /// The port that was to be used but is taken.
        asked_port: Option<u16>,
        room: RoomId,
        name: String,
        /// Its page at every address, the best first.
        addresses: Vec<String>,
        /// All of it in one link for the app.
        invite: String,
        /// Whether TLS is spoken on the same port.
        tls: bool,
        /// The SHA-256 of the public key it is spoken with, in base64url.
        pin: String,
        keeps: Keeps,
    },
    /// The addresses have changed: the network has. What was told with `listening` holds no more.
    Addresses { url: String, addresses: Vec<String>, invite: String },
    /// What is known of whether others reach the room, on every change of it.
    Reach {
        #[serde(flatten)]
        reach: Reach,
    },
    /// A room is open on this network, or what is known of it has changed.
    Nearby {
        #[serde(flatten)]
        room: Nearby,
    },
    /// A room is open there no more.
    Gone { id: RoomId },
    /// How many members are here now.
    Members { count: u32 },
    /// A connection is open, and this is how it is spoken on and what guards it.
    Connected { dialect: Dialect, security: Security },
    /// We are in the room, for the first time or again. Its entries follow one by one.
    Entered {
        room: RoomId,
        name: String,
        you: Member,
        count: u32,
        members: Vec<Member>,
        caught_up: CaughtUp,
        keeps: Keeps,
        entries: Vec<Entry>,
    },
    /// What was kept of the room here, before it has answered: its latest entries follow one by one.
    Kept { room: RoomId, name: String, you: Member, entries: Vec<Entry> },
    /// A message, ours too. Each comes once, those from before we came as well.
    Said { seq: Seq, at: u64, by: Member, id: MessageId, text: MessageText },
    /// A foreign server said something that is no text.
    Binary { at: u64, by: Member, bytes: u32 },
    /// Something went over the wire, for whoever asked to look (`--inspect`).
    Sight(Sight),
    /// A member goes by another name.
    Renamed { seq: Seq, at: u64, by: Member, from: Nickname },
    /// An entry of a kind that this version does not know.
    Unknown { seq: Seq, at: u64, by: Member },
    /// Somebody came.
    Joined { member: Member, count: u32 },
    /// Somebody went.
    Left { member: Member, count: u32 },
    /// How the connection is doing.
    Link {
        #[serde(flatten)]
        link: Link,
    },
    /// What was said meanwhile is missing here.
    Gap { why: GapCause },
    /// The host's disk takes nothing at the moment, so that what is said waits; or it takes it again.
    Disk { well: bool },
    /// A line of ours is on its way, by this name.
    Queued { id: MessageId, text: MessageText },
    /// A line of ours was not taken.
    Unsent {
        /// None for a line that was none: then `line` says which of the input it was, from 1.
        id: Option<MessageId>,
        line: Option<u64>,
        code: RefusalCode,
    },
    /// What is heard and said is not kept on this machine, or is again.
    Notebook { fault: Option<NotebookFault> },
    /// Something else of ours was not taken.
    Refused { code: RefusalCode, frame: Option<String> },
    /// The last line.
    Closed {
        #[serde(skip_serializing_if = "Option::is_none")]
        fault: Option<Fault>,
    },
}

/// Why there is a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GapCause {
    /// The room began anew.
    NewEpoch,
    /// The room does not keep it any more.
    Trimmed,
    /// The room was restored and moved on differently.
    Diverged,
    /// Whoever reads these lines was too slow for what is kept here.
    TooSlow,
}

impl From<Entry> for Event {
    fn from(entry: Entry) -> Self {
        let Entry { seq, at, by, what, hash: ChainHash(_) } = entry;
        match what {
            Happening::Said { id, text } => Self::Said { seq, at, by, id, text },
            Happening::Renamed { from } => Self::Renamed { seq, at, by, from },
            Happening::Unknown => Self::Unknown { seq, at, by },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(event: &Event) -> String {
        serde_json::to_string(event).unwrap()
    }

    #[test]
    fn the_lines_are_those_that_scripts_know() {
        let link = Link::Waiting { attempt: 1, retry_in_ms: 250, fault: Fault::Lost };
        assert_eq!(
            written(&Event::Link { link }),
            r#"{"event":"link","state":"waiting","attempt":1,"retry_in_ms":250,"fault":"lost"}"#
        );
        assert_eq!(written(&Event::Gap { why: GapCause::NewEpoch }), r#"{"event":"gap","why":"new_epoch"}"#);
        assert_eq!(
            written(&Event::Closed { fault: Some(Fault::RoomClosed) }),
            r#"{"event":"closed","fault":"room_closed"}"#
        );
        assert_eq!(written(&Event::Disk { well: false }), r#"{"event":"disk","well":false}"#);
        assert_eq!(written(&Event::Closed { fault: None }), r#"{"event":"closed"}"#);
        let member = Member {
            id: maru_wire::MemberId::parse("m1").unwrap(),
            nickname: Nickname::parse("민지").unwrap(),
            number: 3,
            host: false,
        };
        let said = Event::Said {
            seq: Seq(7),
            at: 1,
            by: member,
            id: MessageId::parse("x1").unwrap(),
            text: MessageText::parse("안녕").unwrap(),
        };
        assert_eq!(
            written(&said),
            r#"{"event":"said","seq":7,"at":1,"by":{"id":"m1","nickname":"민지","number":3},"id":"x1","text":"안녕"}"#
        );
    }
}
