//! Identifiers: what names a room, a member, a message, a hosting and a place in its log.
//! All are short ASCII text on the wire; a value of these types is well formed.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize, Serializer};
use ts_rs::TS;

use crate::limits::MESSAGE_ID_CHARS_MAX;
use crate::texts::travels_as_text;

/// Why a text is no identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdError {
    /// Empty or longer than this identifier may be.
    Length,
    /// A character other than A–Z, a–z, 0–9, `-` and `_`.
    Character,
}

impl std::fmt::Display for IdError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Length => "an identifier is neither empty nor this long",
            Self::Character => "an identifier has only letters, digits, '-' and '_'",
        })
    }
}

impl std::error::Error for IdError {}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $chars_max:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, TS)]
        #[ts(type = "string")]
        pub struct $name(Arc<str>);

        travels_as_text!($name);

        impl $name {
            /// Takes a text that is a well-formed identifier of this kind.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                if text.is_empty() || text.len() > $chars_max {
                    return Err(IdError::Length);
                }
                if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
                    return Err(IdError::Character);
                }
                Ok(Self(text.into()))
            }

            /// Makes one of 128 random bits, 22 characters of base64url (RFC 4648, section 5).
            pub fn from_random(bits: [u8; 16]) -> Self {
                Self(BASE64URL_NOPAD.encode(&bits).into())
            }

            /// The text as it travels.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::parse(&text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// A room, for as long as it exists: it stays the same when its host restarts or its address changes.
    RoomId,
    22
);
text_id!(
    /// A member of a room. With a key it is the key's fingerprint (see [`crate::identity`]) and stays;
    /// without one it is random and lasts as long as the connection.
    MemberId,
    22
);
text_id!(
    /// A message, named by its sender before it is sent. Saying the same id and text again is harmless.
    MessageId,
    MESSAGE_ID_CHARS_MAX
);
text_id!(
    /// One unbroken life of a room's log. Sequence numbers of two epochs have nothing to do with each other.
    Epoch,
    22
);
text_id!(
    /// A number used once: the room's challenge to one connection.
    Nonce,
    22
);

impl MessageId {
    /// Makes one of the time, in milliseconds since the Unix epoch, and 80 random bits: what is said at one time is
    /// in one place of an index. The layout is that of UUID version 7 (RFC 9562, section 5.7), without its marks.
    pub fn at(unix_ms: u64, random: [u8; 10]) -> Self {
        let mut bits = [0; 16];
        bits[..6].copy_from_slice(&unix_ms.to_be_bytes()[2..]);
        bits[6..].copy_from_slice(&random);
        Self::from_random(bits)
    }
}

/// The place of an entry in its epoch: 1, 2, 3 … without a hole. 0 is the place before the first.
/// Below 2^53, so that a page's numbers hold it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct Seq(pub u64);

impl Seq {
    /// The place after this one.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// SHA-256 (FIPS 180-4) over everything the log held up to an entry, cut to 128 bits. Two logs that agree
/// on it agree on all before; a restored backup that has moved on differently does not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(try_from = "String")]
#[ts(type = "string")]
pub struct ChainHash(pub [u8; 16]);

impl TryFrom<String> for ChainHash {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| IdError::Character)?;
        Ok(Self(bytes.try_into().map_err(|_| IdError::Length)?))
    }
}

impl From<ChainHash> for String {
    fn from(hash: ChainHash) -> String {
        BASE64URL_NOPAD.encode(&hash.0)
    }
}

impl Serialize for ChainHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = [0; 22];
        BASE64URL_NOPAD.encode_mut(&self.0, &mut text);
        serializer.serialize_str(std::str::from_utf8(&text).expect("base64url is ASCII"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_short_plain_ascii() {
        assert_eq!(MessageId::parse("a-b_C9").unwrap().as_str(), "a-b_C9");
        assert_eq!(MessageId::parse(""), Err(IdError::Length));
        assert_eq!(MessageId::parse(&"x".repeat(MESSAGE_ID_CHARS_MAX + 1)), Err(IdError::Length));
        assert!(MessageId::parse(&"x".repeat(MESSAGE_ID_CHARS_MAX)).is_ok());
        assert_eq!(MessageId::parse("a b"), Err(IdError::Character));
        assert_eq!(MessageId::parse("가"), Err(IdError::Character));
    }

    #[test]
    fn a_random_identifier_is_well_formed_and_uses_all_its_bits() {
        let id = RoomId::from_random([0xff; 16]);
        assert_eq!(RoomId::parse(id.as_str()), Ok(id.clone()));
        assert_ne!(id, RoomId::from_random([0xfe; 16]));
    }

    #[test]
    fn messages_of_one_time_have_names_with_one_beginning() {
        let at = |unix_ms, random| MessageId::at(unix_ms, random);
        assert_eq!(at(0x0102_0304_0506, [7; 10]).as_str(), "AQIDBAUGBwcHBwcHBwcHBw");
        assert_eq!(at(1, [0; 10]).as_str()[..8], at(1, [0xff; 10]).as_str()[..8]);
        assert_ne!(at(1, [0; 10]).as_str()[..8], at(2, [0; 10]).as_str()[..8]);
    }

    #[test]
    fn a_chain_hash_survives_the_wire() {
        let hash = ChainHash([7; 16]);
        let text = serde_json::to_string(&hash).unwrap();
        assert_eq!(text, r#""BwcHBwcHBwcHBwcHBwcHBw""#);
        assert_eq!(serde_json::from_str::<ChainHash>(&text).unwrap(), hash);
        assert!(serde_json::from_str::<ChainHash>(r#""BwcH""#).is_err());
    }
}
