//! What a session tells whoever shows the room: a snapshot first, then what happens, in order. A browser
//! guest's session (`ui/src/bridge/browser`) tells the same, so that one fold serves both.

use maru_wire::{
    CaughtUp, Dialect, Entry, Keeps, Member, MemberId, MessageId, MessageText, RefusalCode, RoomId,
    SearchWords, StatedLimits,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One thing to show. Applied in order to an empty room, they make the room as it is heard here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
#[allow(clippy::large_enum_variant, reason = "events are passed on at once and never kept in lists")]
pub enum RoomEvent {
    /// How the connection is doing.
    Link {
        /// Its state from now on.
        link: Link,
    },
    /// A connection was opened, and this is how it is spoken on. Told before the room lets us in.
    Connected {
        /// In which dialect.
        dialect: Dialect,
        /// What guards it.
        security: Security,
    },
    /// The room let us in, for the first time or again.
    Entered {
        /// The room.
        room: RoomId,
        /// What it is called.
        name: String,
        /// Who we are here.
        you: Member,
        /// How `entries` relate to what was heard before: after `resumed` they follow it; otherwise they
        /// are the latest page, and what was heard before is separated by a gap.
        caught_up: CaughtUp,
        /// Entries in the order of the log.
        entries: Vec<Entry>,
        /// Whether there is older history to ask for, before what is shown now.
        older: bool,
        /// How many members are here.
        count: u32,
        /// The members known by name, by number; all of them in a small room.
        members: Vec<Member>,
        /// The bounds of this room.
        limits: StatedLimits,
        /// What this room can do.
        can: Vec<String>,
        /// What its host keeps of what is said.
        keeps: Keeps,
        /// Whether this is only what was kept here, and the room has not let us in yet.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[ts(as = "Option<bool>", optional)]
        kept: bool,
    },
    /// Entries that follow all heard before, without a hole. A message of ours from before a gap may come among
    /// them, out of order: it is only its acknowledgement.
    Entries {
        /// In the order of the log.
        entries: Vec<Entry>,
    },
    /// Older entries that precede the oldest heard, without a hole.
    History {
        /// In the order of the log.
        entries: Vec<Entry>,
        /// Whether there is more before them.
        older: bool,
    },
    /// A stretch of the log that was asked for, wherever it lies: to be shown apart from what is heard.
    Excerpt {
        /// In the order of the log.
        entries: Vec<Entry>,
        /// Whether there are newer ones.
        more: bool,
    },
    /// Messages that were looked for.
    Found {
        /// What was looked for.
        words: SearchWords,
        /// In the order of the log.
        entries: Vec<Entry>,
        /// Whether there are older ones.
        more: bool,
    },
    /// The host's disk takes nothing at the moment, so that what is said waits; or it takes it again.
    Disk {
        /// Whether it does.
        well: bool,
    },
    /// Whether what is heard and said here is kept on this machine: no fault means it is, if there is a place for it.
    Notebook {
        /// Why not.
        fault: Option<NotebookFault>,
    },
    /// A foreign server said something that is no text: shown in its place, in words of whoever shows it, and kept
    /// nowhere.
    Binary {
        /// Who.
        by: Member,
        /// When it was heard, in milliseconds since the Unix epoch.
        #[ts(type = "number")]
        at: u64,
        /// How many bytes it has.
        bytes: u32,
    },
    /// Further members known by name.
    Members {
        /// By number.
        members: Vec<Member>,
        /// Whether there are more to ask for.
        more: bool,
    },
    /// Who came and who went.
    Presence {
        /// Who came.
        joined: Vec<Member>,
        /// Who went.
        left: Vec<Member>,
        /// How many are here now, exactly.
        count: u32,
    },
    /// Somebody else is writing, or stopped.
    Typing {
        /// Who.
        member: MemberId,
        /// Whether they are.
        active: bool,
    },
    /// A message of ours is on its way: shown as pending until its entry comes, by the same id.
    Queued {
        /// Its name.
        id: MessageId,
        /// What it says.
        text: MessageText,
        /// When it was said here, in milliseconds since the Unix epoch.
        #[ts(type = "number")]
        at: u64,
    },
    /// A message of ours was refused for good. It can be said again, with the same id.
    Unsent {
        /// Its name.
        id: MessageId,
        /// Why.
        code: RefusalCode,
    },
    /// Something else of ours was refused, a rename above all.
    Refused {
        /// Why.
        code: RefusalCode,
        /// The type of the frame it was about.
        frame: Option<String>,
    },
}

/// What guards a connection against others on the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Security {
    /// Nothing: others on the network could read along.
    Plain,
    /// TLS, with the certificate that this room showed before or that its invite names.
    Pinned,
    /// TLS, with a certificate that was not seen before. From here on it is the room's.
    FirstSeen,
    /// TLS, with a certificate that a public authority vouches for.
    Authority,
}

/// How the connection to a room is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
#[ts(export)]
pub enum Link {
    /// Dialing, or waiting to be let in.
    Connecting {
        /// How many dials in a row failed before this one.
        attempt: u32,
    },
    /// In the room.
    Live,
    /// Waiting to dial again.
    Waiting {
        /// How many dials in a row failed.
        attempt: u32,
        /// Milliseconds until the next dial, from this event on.
        retry_in_ms: u32,
        /// What went wrong last.
        fault: Fault,
    },
    /// Over, until a person asks for it again.
    Ended {
        /// Why.
        fault: Fault,
    },
}

/// What keeps us out of a room. Each has words of its own, with what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Fault {
    /// The name of the host has no address.
    NotFound,
    /// Nothing listens there.
    Refused,
    /// No answer in time, or no way there.
    Timeout,
    /// Something answered that is no Maru room.
    NotARoom,
    /// It is another room than the one that was asked for.
    OtherRoom,
    /// The room does not let us in from here (an HTTP 403 or 421).
    Forbidden,
    /// The certificate is not valid.
    Tls,
    /// The certificate is another than the one that this room showed before, or that its invite names.
    CertificateChanged,
    /// The room asks for a passphrase.
    PassphraseNeeded,
    /// The passphrase is not that of the room.
    WrongPassphrase,
    /// Too many wrong passphrases from our address: not before some minutes.
    TooManyAttempts,
    /// The room asks for a passphrase and speaks no TLS: we do not show it there.
    PassphraseUnguarded,
    /// No seat is free.
    RoomFull,
    /// Too many connections from our address.
    AddressFull,
    /// The nickname is not valid.
    BadNickname,
    /// Somebody there has the nickname.
    NicknameTaken,
    /// The connection was lost.
    Lost,
    /// The host closed the room.
    RoomClosed,
    /// We sent what the room would not take, or too fast.
    Rejected,
    /// We left.
    Left,
}

/// Why what is heard and said in a room is not kept on this machine, or was not until now. It is lost when the
/// program ends, unless the room has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum NotebookFault {
    /// Another window or program keeps it.
    InUse,
    /// A newer version has kept it in a form that this one does not know. It was left alone.
    Newer,
    /// As many rooms are kept as may be: forget one.
    Full,
    /// What was kept could not be understood and was set aside; from here on it is kept anew.
    SetAside,
    /// The disk is full, or may not be written.
    Unwritable,
}
