//! What a room says of itself to anybody who asks: the answer to `GET /room.json`, and nothing that is worth guarding.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::limits::CARD_BYTES_MAX;
use crate::{RoomId, SUBPROTOCOL};

/// A room's card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RoomCard {
    /// The subprotocols spoken there, [`SUBPROTOCOL`] among them.
    pub maru: Vec<String>,
    /// The room.
    pub id: RoomId,
    /// What it is called, as its host says: see [`crate::nickname::room_name`] for a name that may be shown.
    pub name: String,
    /// Whether TLS is spoken on the same port.
    #[serde(default)]
    pub tls: bool,
    /// Whether a passphrase is asked for.
    #[serde(default)]
    pub passphrase: bool,
}

impl RoomCard {
    /// Where [`RoomCard::parse`] finds it.
    pub const PATH: &str = "/room.json";

    /// The card of a room that speaks `maru.v1`.
    pub fn new(id: RoomId, name: String, tls: bool, passphrase: bool) -> Self {
        Self { maru: vec![SUBPROTOCOL.into()], id, name, tls, passphrase }
    }

    /// Reads an answer. None where it is no card of a room that speaks `maru.v1`, or longer than
    /// [`CARD_BYTES_MAX`].
    pub fn parse(answer: &[u8]) -> Option<Self> {
        if answer.len() > CARD_BYTES_MAX {
            return None;
        }
        let card: Self = serde_json::from_slice(answer).ok()?;
        card.maru.iter().any(|spoken| spoken == SUBPROTOCOL).then_some(card)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_of_before_tls_is_read_and_one_of_another_server_is_not() {
        let card = RoomCard::parse(br#"{"maru":["maru.v1"],"id":"r1","name":"x","new":1}"#).unwrap();
        assert_eq!(card, RoomCard::new(RoomId::parse("r1").unwrap(), "x".into(), false, false));
        for other in [
            &br#"{"maru":["maru.v2"],"id":"r1","name":"x"}"#[..],
            br#"{"maru":["maru.v1"],"name":"x"}"#,
            br#"{"maru":["maru.v1"],"id":"../x","name":"x"}"#,
            b"<!doctype html>",
            b"",
        ] {
            assert_eq!(RoomCard::parse(other), None, "{}", String::from_utf8_lossy(other));
        }
        let long = serde_json::to_vec(&RoomCard::new(
            RoomId::parse("r1").unwrap(),
            "x".repeat(CARD_BYTES_MAX),
            true,
            true,
        ));
        assert_eq!(RoomCard::parse(&long.unwrap()), None);
    }
}
