//! What lasts: the entries of a room's log, who made them, and the place where a member stands in it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ChainHash, Epoch, MemberId, MessageId, MessageText, Nickname, Seq};

/// Somebody in the room, as everybody sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Member {
    /// Who it is.
    pub id: MemberId,
    /// What they are called, at the moment this was said.
    pub nickname: Nickname,
    /// The how-manieth member of this room they are, from 0; it chooses their colour and survives a rename.
    pub number: u32,
    /// Whether they host the room.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub host: bool,
}

/// One lasting event of a room. It never changes its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Entry {
    /// Its place in the log.
    pub seq: Seq,
    /// When the room took it, in milliseconds since the Unix epoch. For reading only: order is by `seq`.
    #[ts(type = "number")]
    pub at: u64,
    /// The log up to and with this entry.
    pub hash: ChainHash,
    /// Whose doing it is, as they were called then.
    pub by: Member,
    /// What happened.
    #[serde(flatten)]
    pub what: Happening,
}

/// What an entry tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Happening {
    /// A message.
    Said {
        /// The sender's name for it.
        id: MessageId,
        /// What was said.
        text: MessageText,
    },
    /// A member goes by another name from here on; `by` carries the new one.
    Renamed {
        /// What they were called before.
        from: Nickname,
    },
    /// Something this version does not know. It keeps its place and shows as "needs a newer Maru".
    #[serde(other)]
    Unknown,
}

/// Where a member stands: the last entry they have, by all three of its names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Cursor {
    /// The life of the log the place belongs to.
    pub epoch: Epoch,
    /// The last entry they have; 0 for none yet.
    pub seq: Seq,
    /// That entry's hash.
    pub hash: ChainHash,
}
