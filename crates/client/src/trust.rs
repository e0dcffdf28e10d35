//! Which certificate is the right one: a room's is the one that it showed first, or that its invite names.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

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
