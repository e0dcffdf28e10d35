//! The frames of `maru.v1`: JSON objects in WebSocket text messages, one frame one thing, told apart by
//! `type`. Fields a reader does not know are ignored; a type it does not know is an error with a name.

mod reading;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::limits;
use crate::{
    ByeCode, Cursor, Entry, Member, MemberId, MessageId, MessageText, Nickname, Nonce, RefusalCode, RoomId,
    SearchWords, Seq, Then,
};

/// What a member says to the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum ClientFrame {
    /// "I know the passphrase." Twice before `hello`, where the room asks for it: SCRAM's first text and its last. See
    /// [`crate::scram`].
    Authenticate {
        /// One of those the room offers.
        mechanism: String,
        /// The text.
        data: String,
    },
    /// "I am here." The first frame of a member, once.
    Hello {
        /// What to be called.
        nickname: Nickname,
        /// The Ed25519 public key, 32 bytes in base64url. Without one, a member is nobody in particular.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        key: Option<String>,
        /// The signature over [`crate::identity::hello_to_sign`], 64 bytes in base64url; due with `key`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        signature: Option<String>,
        /// Where they stood, to hear what was missed since.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        cursor: Option<Cursor>,
    },
    /// A message. Its own `entry` is the acknowledgement.
    Say {
        /// The sender's name for it.
        id: MessageId,
        /// What to say.
        text: MessageText,
    },
    /// "Call me that from now on."
    Rename {
        /// The new nickname.
        nickname: Nickname,
    },
    /// "I am writing", or not any more.
    Typing {
        /// Whether they are.
        active: bool,
    },
    /// "Show me what was said before." Answered by a `page` of history.
    History {
        /// The oldest entry that is known already.
        before: Seq,
    },
    /// "Show me the log from there on", wherever that is. Answered by a `page` of an excerpt.
    Excerpt {
        /// The place of its first entry.
        from: Seq,
    },
    /// "Who said that?" Answered by `found`.
    Search {
        /// What to look for: each of the words has to be in the message.
        words: SearchWords,
        /// The oldest entry that was found already.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        before: Option<Seq>,
    },
    /// "Show me who else is here." Answered by a `roster`.
    Roster {
        /// The number of the last member that is known already.
        after: u32,
    },
    /// "I am going." Answered by `bye`.
    Leave,
}

/// What the room says to a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
#[allow(clippy::large_enum_variant, reason = "frames are encoded at once and never kept in lists")]
pub enum RoomFrame {
    /// The first frame on a connection: which room this is.
    Room {
        /// The room.
        id: RoomId,
        /// What it is called.
        name: String,
        /// What to sign in `hello`.
        nonce: Nonce,
        /// How to show the passphrase, the best way first; none where there is none to show.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[ts(as = "Option<Vec<String>>", optional)]
        mechanisms: Vec<String>,
    },
    /// The answer to the first `authenticate`: what the proof has to be made of.
    Challenge {
        /// SCRAM's text.
        data: String,
    },
    /// The answer to the last `authenticate`: the passphrase is right, and the room has it too. `hello` is due.
    Authenticated {
        /// SCRAM's text, which proves it.
        data: String,
    },
    /// The answer to `hello`: the member is in the room from here on.
    Welcome {
        /// Who they are now.
        you: Member,
        /// What the room is called.
        name: String,
        /// The last entry of the log at this moment; what is announced live comes after it.
        head: Cursor,
        /// How the entries below relate to the cursor of the `hello`.
        caught_up: CaughtUp,
        /// What was missed, or the latest page.
        entries: Vec<Entry>,
        /// With `resumed`: more of what was missed follows in `page` frames by itself. Otherwise: there is
        /// older history to ask for.
        more: bool,
        /// How many members are here.
        count: u32,
        /// The first page of them, by number.
        members: Vec<Member>,
        /// The bounds of this room.
        limits: StatedLimits,
        /// What this room can do: `history`, `roster`, `typing`, `excerpt`, `search`.
        can: Vec<String>,
        /// What the host keeps of what is said.
        keeps: Keeps,
    },
    /// Something lasting happened.
    Entry(Entry),
    /// Entries from the log: a further page of what was missed, or the answer to `history`.
    Page {
        /// Which of the two.
        of: PageOf,
        /// In the order of the log.
        entries: Vec<Entry>,
        /// Whether there is more in that direction.
        more: bool,
    },
    /// The answer to `search`.
    Found {
        /// What was looked for.
        words: SearchWords,
        /// Messages that have all of the words, in the order of the log.
        entries: Vec<Entry>,
        /// Whether there are older ones.
        more: bool,
    },
    /// The host's disk takes nothing at the moment, so that nothing can be said; or it takes it again.
    Disk {
        /// Whether it does.
        well: bool,
    },
    /// The answer to `roster`.
    Roster {
        /// Members by number.
        members: Vec<Member>,
        /// Whether more follow.
        more: bool,
    },
    /// Somebody came. Heard, not kept.
    Joined {
        /// Who.
        member: Member,
        /// How many are here now.
        count: u32,
        /// The entry it followed.
        after: Seq,
    },
    /// Somebody went. Heard, not kept.
    Left {
        /// Who.
        member: Member,
        /// How many are here now.
        count: u32,
        /// The entry it followed.
        after: Seq,
    },
    /// In a large room: who came and went in the last second, as far as it fits, and the exact count.
    Presence {
        /// How many are here now.
        count: u32,
        /// Some of those who came.
        joined: Vec<Member>,
        /// Some of those who went.
        left: Vec<Member>,
        /// The entry it followed.
        after: Seq,
    },
    /// Somebody is writing, or stopped. Heard, not kept; it lapses by itself.
    Typing {
        /// Who.
        member: MemberId,
        /// Whether they are.
        active: bool,
        /// The entry it followed.
        after: Seq,
    },
    /// A frame was not taken. The connection goes on.
    Refused {
        /// Why.
        code: RefusalCode,
        /// The `type` of the frame, as far as it could be read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        frame: Option<String>,
        /// The message it was about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        id: Option<MessageId>,
        /// The same in English, for whoever reads frames.
        message: String,
    },
    /// The last frame; the close follows.
    Bye {
        /// Why.
        code: ByeCode,
        /// What to do then.
        then: Then,
        /// The same in English, for whoever reads frames.
        message: String,
    },
}

/// What a message of that many bytes takes of its sender's rate.
pub fn say_cost(bytes: usize) -> u32 {
    1 + u32::try_from(bytes / 1024).unwrap_or(u32::MAX - 1)
}

/// How the entries of a `welcome` relate to the cursor that was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CaughtUp {
    /// They follow the cursor without a hole.
    Resumed,
    /// No cursor was shown: they are the latest.
    First,
    /// The room has begun a new log: what was heard before is of another life of it.
    NewEpoch,
    /// What follows the cursor is not kept any more: there is a gap.
    Trimmed,
    /// The log has moved on differently since (a restored backup): there is a gap.
    Diverged,
}

/// Which entries a `page` holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PageOf {
    /// What was missed; live frames follow the last such page.
    Missed,
    /// What came before the place asked about.
    History,
    /// What begins at the place asked about.
    Excerpt,
}

/// What the host of a room keeps of what is said there. Its choice, shown to everybody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum Keeps {
    /// All of it, on disk.
    #[default]
    Everything,
    /// The latest entries, on disk.
    Last {
        /// How many.
        entries: u32,
    },
    /// Nothing: it is in memory for latecomers, within bounds, and gone when the room closes.
    Nothing,
}

/// The bounds a room tells its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StatedLimits {
    /// Bytes of UTF-8 in a message.
    pub message_bytes: u32,
    /// Graphemes in a nickname.
    pub nickname_graphemes: u32,
    /// Messages a second, over time.
    pub rate_per_second: u32,
    /// Messages at once.
    pub rate_burst: u32,
    /// Members at once.
    pub members: u32,
}

/// Why a text is no frame: what a `refused` answers to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameError {
    /// Why.
    pub code: RefusalCode,
    /// Its `type`, as far as it could be read.
    pub frame: Option<String>,
    /// The message it was about, as far as it could be read.
    pub id: Option<MessageId>,
    /// The same in English.
    pub message: String,
}

impl From<FrameError> for RoomFrame {
    fn from(error: FrameError) -> Self {
        Self::Refused { code: error.code, frame: error.frame, id: error.id, message: error.message }
    }
}

impl ClientFrame {
    /// What it takes of its sender's rate, of which `rate_per_second` come in each second: a message one and one
    /// more for each KiB of it; what makes the room work hard, or everybody remember it, a fixed part of a
    /// second's worth.
    pub fn cost(&self, rate_per_second: u32) -> u32 {
        let part = |of: u32| (rate_per_second / of).max(1);
        match self {
            Self::Say { text, .. } => say_cost(text.as_str().len()),
            Self::Rename { .. } => part(limits::RENAMES_PER_SECOND_MAX),
            Self::Hello { .. } | Self::Authenticate { .. } => part(limits::HELLOS_PER_SECOND_MAX),
            Self::History { .. } | Self::Excerpt { .. } | Self::Roster { .. } => {
                part(limits::PAGES_PER_SECOND_MAX)
            }
            Self::Search { .. } => part(limits::SEARCHES_PER_SECOND_MAX),
            Self::Typing { .. } | Self::Leave => 1,
        }
    }

    /// The text that travels.
    pub fn encode(&self) -> String {
        serde_json::to_string(self).expect("a frame is made of strings and numbers")
    }
}

impl RoomFrame {
    /// The text that travels.
    pub fn encode(&self) -> String {
        serde_json::to_string(self).expect("a frame is made of strings and numbers")
    }
}

impl StatedLimits {
    /// The bounds of a room with this rate and this many seats.
    pub fn new(rate_per_second: u32, members: usize) -> Self {
        Self {
            message_bytes: limits::MESSAGE_BYTES_MAX as u32,
            nickname_graphemes: limits::NICKNAME_GRAPHEMES_MAX as u32,
            rate_per_second,
            rate_burst: rate_per_second.saturating_mul(limits::RATE_BURST_SECONDS),
            members: u32::try_from(members).unwrap_or(u32::MAX),
        }
    }
}

#[cfg(test)]
mod tests;
