//! A room that is open on this network, as others are shown it.

use maru_wire::RoomId;
use serde::Serialize;
use ts_rs::TS;

/// A room nearby, once however many addresses it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Nearby {
    /// The room.
    pub id: RoomId,
    /// What it is called, in the form of [`maru_wire::nickname::room_name`].
    pub name: String,
    /// How many members were there when it was heard of last; none where that was not told.
    pub members: Option<u32>,
    /// Whether TLS is spoken there.
    pub tls: bool,
    /// Whether a passphrase is asked for.
    pub passphrase: bool,
    /// `host:port` of each address, the likeliest first.
    pub addresses: Vec<String>,
    /// All of it as one link, which joins the room by whichever address answers.
    pub invite: String,
}
