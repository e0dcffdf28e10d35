//! The certificates that this person knows, as a joined room asks for them.

use maru_client::Trust;
use maru_home::{Pins, PinsError};

/// Certificates kept on disk.
#[derive(Debug)]
pub(super) struct KnownPins(pub(super) Pins);

impl Trust for KnownPins {
    fn known(&self, key: &str) -> Option<String> {
        // What cannot be read must not pass for new: no certificate has this pin.
        self.0.known(key).inspect_err(warn).unwrap_or_else(|_| Some(String::new()))
    }

    fn remember(&self, key: &str, pin: &str) {
        let _ = self.0.remember(key, pin).inspect_err(warn);
    }

    fn forget(&self, key: &str) {
        let _ = self.0.forget(key).inspect_err(warn);
    }
}

fn warn(error: &PinsError) {
    tracing::warn!(%error, "known certificates");
}
