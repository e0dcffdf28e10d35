//! The certificates that this person knows, as a joined room asks for them.

use maru_client::Trust;
use maru_home::{Pins, PinsError};

/// Certificates kept on disk; none where they cannot be read.
#[derive(Debug)]
pub(crate) struct KnownPins(pub(crate) Option<Pins>);

impl Trust for KnownPins {
    fn known(&self, key: &str) -> Option<String> {
        let known = self.0.as_ref().map(|pins| pins.known(key).inspect_err(warn));
        // What cannot be read must not pass for new: no certificate has this pin.
        known.and_then(Result::ok).unwrap_or_else(|| Some(String::new()))
    }

    fn remember(&self, key: &str, pin: &str) {
        let _ = self.0.as_ref().map(|pins| pins.remember(key, pin).inspect_err(warn));
    }

    fn forget(&self, key: &str) {
        let _ = self.0.as_ref().map(|pins| pins.forget(key).inspect_err(warn));
    }
}

fn warn(error: &PinsError) {
    tracing::warn!(%error, "known certificates");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_lets_no_certificate_pass_for_new() {
        assert_eq!(KnownPins(None).known("room"), Some(String::new()));
        let data = tempfile::tempdir().unwrap();
        let pins = KnownPins(Some(Pins::open(data.path()).unwrap()));
        assert_eq!(pins.known("room"), None);
        pins.remember("room", "pin");
        assert_eq!(pins.known("room").as_deref(), Some("pin"));
        pins.forget("room");
        assert_eq!(pins.known("room"), None);
    }
}
