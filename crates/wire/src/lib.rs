//! What is said between a Maru room and its members: the frames of the subprotocol `maru.v1`, the names
//! and identifiers inside them, every bound, and the close codes. Owns the words, never a socket, a clock
//! or a room. Past this crate a [`Nickname`] or a [`MessageText`] is valid: they are parsed at the door.
//!
//! # Layout
//! - [`frames`]: [`ClientFrame`] (what a member says) and [`RoomFrame`] (what the room says).
//! - [`entry`]: [`Entry`], one lasting event of the room, and [`Cursor`], where a member stands.
//! - [`ids`]: rooms, members, messages, epochs, chain hashes.
//! - [`nickname`], [`message_text`], [`search_words`]: text that a stranger typed, made safe to pass on. `texts`: how
//!   it travels.
//! - [`card`]: [`RoomCard`], what a room says of itself to anybody. [`dialect`]: the ways others speak.
//! - [`codes`]: [`RefusalCode`], [`ByeCode`] and the WebSocket close codes they travel as.
//! - [`identity`]: what a member signs to prove who they are.
//! - [`scram`]: how a passphrase is shown without being said.
//! - [`limits`]: every bound of the product, with its reason.
//!
//! `docs/PROTOCOL.md` describes all of it with literal frames.

pub mod card;
pub mod codes;
pub mod dialect;
pub mod entry;
pub mod frames;
pub mod identity;
pub mod ids;
pub mod limits;
pub mod message_text;
pub mod nickname;
pub mod scram;
pub mod search_words;
mod texts;

pub use card::RoomCard;
pub use codes::{ByeCode, RefusalCode, Then};
pub use dialect::Dialect;
pub use entry::{Cursor, Entry, Happening, Member};
pub use frames::{CaughtUp, ClientFrame, FrameError, Keeps, RoomFrame, StatedLimits};
pub use ids::{ChainHash, Epoch, IdError, MemberId, MessageId, Nonce, RoomId, Seq};
pub use message_text::{MessageText, MessageTextError};
pub use nickname::{Nickname, NicknameError};
pub use search_words::{SearchWords, SearchWordsError};

/// The WebSocket subprotocol (RFC 6455, section 1.9) of everything in this crate.
pub const SUBPROTOCOL: &str = "maru.v1";

/// The port a room is hosted on unless told otherwise; the next free one is taken when it is busy.
pub const PORT_DEFAULT: u16 = 4567;
