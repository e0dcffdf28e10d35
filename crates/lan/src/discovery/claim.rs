//! What is said of a room on the network, written as TXT records (RFC 6763, section 6) and read again. Whoever writes
//! them may be anybody: reading gives values within bounds, or nothing.

use maru_wire::nickname::room_name;
use maru_wire::{RoomId, SUBPROTOCOL};

/// What is said of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    pub id: RoomId,
    /// In the form of [`room_name`].
    pub name: String,
    pub tls: bool,
    pub passphrase: bool,
    pub members: Option<u32>,
}

impl Claim {
    /// The keys and values, within 255 bytes each and 700 together.
    pub(super) fn written(&self) -> Vec<(&'static str, String)> {
        let mut pairs = vec![
            // The one that tells whether the others are understood comes first.
            (VERSION, SUBPROTOCOL.into()),
            (ID, self.id.to_string()),
            (NAME, first_bytes(&self.name, VALUE_BYTES_MAX).into()),
        ];
        pairs.extend(self.members.map(|count| (MEMBERS, count.to_string())));
        pairs.extend(self.tls.then(|| (TLS, YES.into())));
        pairs.extend(self.passphrase.then(|| (PASSPHRASE, YES.into())));
        pairs
    }

    /// Reads what `value` gives for each key. None where it is no room that this version can join. A room without a
    /// name that may be shown goes by its identifier.
    pub(super) fn read<'a>(value: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let spoken = value(VERSION)?;
        if !spoken.split(',').any(|version| version == SUBPROTOCOL) {
            return None;
        }
        let id = RoomId::parse(value(ID)?).ok()?;
        let name = value(NAME).and_then(|name| room_name(name).ok()).unwrap_or_else(|| id.to_string());
        let is = |key| value(key) == Some(YES);
        let members = value(MEMBERS).and_then(|count| count.parse().ok());
        Some(Self { id, name, tls: is(TLS), passphrase: is(PASSPHRASE), members })
    }

    /// What the room is called among the services of the network: its name, and a piece of its identifier, so that two
    /// rooms of one name are two services. One label, 63 bytes at most (RFC 1035, section 2.3.4).
    pub(super) fn instance(&self) -> String {
        let mark: String = self.id.to_string().chars().take(MARK_CHARS).collect();
        let name = first_bytes(&self.name, LABEL_BYTES_MAX - CONFLICT_BYTES - mark.len() - 3);
        format!("{} ({mark})", name.trim_end())
    }
}

/// As much of the beginning as fits, without cutting a character in two.
fn first_bytes(text: &str, bytes_max: usize) -> &str {
    let mut end = bytes_max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The versions of our protocol spoken there, separated by commas.
const VERSION: &str = "v";
const ID: &str = "id";
const NAME: &str = "name";
const MEMBERS: &str = "members";
const TLS: &str = "tls";
const PASSPHRASE: &str = "pass";
const YES: &str = "1";

/// A string of a TXT record has 255 bytes (RFC 6763, section 6.1), the longest key and `=` among them.
const VALUE_BYTES_MAX: usize = 240;
const LABEL_BYTES_MAX: usize = 63;
/// Room for ` (99)`, which a responder adds where two services have one name (RFC 6762, section 9).
const CONFLICT_BYTES: usize = 5;
/// Of an identifier in its text form: 36 bits.
const MARK_CHARS: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(name: &str) -> Claim {
        Claim {
            id: RoomId::parse("cs1uhCLEB_ttCYaQ8RMLfQ").unwrap(),
            name: name.into(),
            tls: true,
            passphrase: false,
            members: Some(3),
        }
    }

    fn read(pairs: &[(&str, &str)]) -> Option<Claim> {
        Claim::read(|key| pairs.iter().find(|(known, _)| *known == key).map(|(_, value)| *value))
    }

    #[test]
    fn what_is_written_is_read_again() {
        for claim in [claim("점심 모임"), Claim { tls: false, passphrase: true, members: None, ..claim("x") }]
        {
            let written = claim.written();
            let pairs: Vec<_> = written.iter().map(|(key, value)| (*key, value.as_str())).collect();
            assert_eq!(read(&pairs), Some(claim));
        }
        assert_eq!(
            claim("Lunch").written(),
            [
                ("v", "maru.v1"),
                ("id", "cs1uhCLEB_ttCYaQ8RMLfQ"),
                ("name", "Lunch"),
                ("members", "3"),
                ("tls", "1")
            ]
            .map(|(key, value)| (key, value.to_owned()))
        );
    }

    #[test]
    fn what_a_stranger_writes_is_a_name_or_none() {
        let named = |name| read(&[("v", "maru.v1"), ("id", "r1"), ("name", name)]).unwrap().name;
        assert_eq!(named("  Lunch   room "), "Lunch room");
        for name in ["\u{1b}[2J", "a\u{202e}b", "", "\u{200b}"] {
            assert_eq!(named(name), "r1", "{name:?}");
        }
        assert_eq!(named(&"가".repeat(65)), "r1");
    }

    #[test]
    fn what_is_no_room_of_ours_is_none() {
        for pairs in [
            &[("id", "r1"), ("name", "x")][..],
            &[("v", "maru.v2"), ("id", "r1"), ("name", "x")],
            &[("v", "maru.v1"), ("name", "x")],
            &[("v", "maru.v1"), ("id", "../../x"), ("name", "x")],
        ] {
            assert_eq!(read(pairs), None, "{pairs:?}");
        }
        let newer = read(&[("v", "maru.v2,maru.v1"), ("id", "r1"), ("members", "-1")]).unwrap();
        assert_eq!((newer.name.as_str(), newer.members), ("r1", None), "a newer one that speaks ours too");
    }

    #[test]
    fn every_part_fits_where_it_has_to() {
        for name in ["가".repeat(64), "👨‍👩‍👧‍👦".repeat(40), "Lunch".into()] {
            let claim = claim(&name);
            assert!(claim.instance().len() <= 63 - 5, "{}", claim.instance());
            assert!(claim.instance().ends_with(" (cs1uhC)"), "{}", claim.instance());
            for (key, value) in claim.written() {
                assert!(key.len() + 1 + value.len() <= 255, "{key}: {}", value.len());
            }
        }
    }
}
