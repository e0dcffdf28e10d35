//! Which certificate is the right one: a room's is the one that it showed first, or that its invite names.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use maru_wire::RoomId;

use crate::event::{Fault, Security};

/// The certificates that are known, each by the SHA-256 of its public key (SPKI) in base64url: its pin. The key under
/// which one is known is the room's identifier, or `host:port` of a server that is none of ours.
pub trait Trust: Send + Sync {
    /// The pin that is known.
    fn known(&self, key: &str) -> Option<String>;
    /// Keeps a pin, in place of one that was known before.
    fn remember(&self, key: &str, pin: &str);
    /// Forgets what was known.
    fn forget(&self, key: &str);
}

/// Judges the connection over which a room has told which one it is, before anything is said to it: a room whose
/// certificate is known is entered with that one alone, whatever the address promised. A certificate that is new is the
/// room's from here on, unless an authority vouches for the address; then it may change as it will.
pub(crate) fn settle(
    trust: &dyn Trust,
    room: &RoomId,
    pin: Option<&str>,
    security: Security,
    take_certificate: bool,
) -> Result<(), Fault> {
    let vouched = security == Security::Authority;
    match (trust.known(room.as_str()), pin) {
        (Some(known), Some(pin)) if known == pin => {}
        (Some(_), Some(_)) if take_certificate && vouched => trust.forget(room.as_str()),
        (Some(_), Some(pin)) if take_certificate => trust.remember(room.as_str(), pin),
        (Some(_), _) => return Err(Fault::CertificateChanged),
        (None, Some(pin)) if !vouched => trust.remember(room.as_str(), pin),
        (None, _) => {}
    }
    Ok(())
}

/// Knows certificates for as long as it is held.
#[derive(Debug, Default)]
pub struct FirstUse(Mutex<HashMap<String, String>>);

impl Trust for FirstUse {
    fn known(&self, key: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn remember(&self, key: &str, pin: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.into(), pin.into());
    }

    fn forget(&self, key: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_entered_with_its_own_certificate_alone_until_a_person_takes_another() {
        let room = RoomId::parse("r1").unwrap();
        let trust = FirstUse::default();
        let settled = |pin, security, take| settle(&trust, &room, pin, security, take);
        assert_eq!(settled(None, Security::Plain, false), Ok(()), "nothing is known of it");
        assert_eq!(settled(Some("a"), Security::FirstSeen, false), Ok(()));
        assert_eq!(settled(Some("a"), Security::Pinned, false), Ok(()));
        for (pin, security) in [
            (Some("b"), Security::FirstSeen),
            (Some("b"), Security::Pinned),
            (Some("b"), Security::Authority),
            (None, Security::Plain),
        ] {
            assert_eq!(settled(pin, security, false), Err(Fault::CertificateChanged), "{security:?}");
        }
        assert_eq!(
            settled(None, Security::Plain, true),
            Err(Fault::CertificateChanged),
            "there is none to take"
        );
        assert_eq!(trust.known("r1").as_deref(), Some("a"));
        assert_eq!(settled(Some("b"), Security::FirstSeen, true), Ok(()));
        assert_eq!(trust.known("r1").as_deref(), Some("b"));
        assert_eq!(settled(Some("c"), Security::Authority, true), Ok(()));
        assert_eq!(trust.known("r1"), None, "the authority's name is what is known of it now");
        assert_eq!(settled(Some("d"), Security::Authority, false), Ok(()));
        assert_eq!(trust.known("r1"), None);
    }
}
