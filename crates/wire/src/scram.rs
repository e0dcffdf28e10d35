//! How a passphrase is shown without being said: SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677), both
//! sides as pure computations. Chance, the connection's channel and the passphrase are arguments. Owns the texts
//! that travel in `authenticate`, `challenge` and `authenticated`, never a connection or a count of attempts.
//!
//! # Layout
//! - [`passphrase`]: [`Passphrase`], prepared as both sides must have it, and [`Salted`], what it is worth to one room.
//! - [`room`]: [`Verifier`], what a room keeps of it, and the room's side.
//! - [`member`]: the member's side.
//! - `attributes`: the texts taken apart.
//!
//! The channel binding is `tls-exporter` (RFC 9266). A room has one passphrase and no accounts: the name that SCRAM
//! wants is [`NAME`], and is not looked at.

mod attributes;
pub mod member;
pub mod passphrase;
pub mod room;

pub use member::{Asked, Binding, Opening, Promise};
pub use passphrase::{Passphrase, PassphraseError, Salted};
pub use room::{Awaited, Verifier};

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// With the TLS exporter of the connection: where member and room both see it.
pub const SHA_256_PLUS: &str = "SCRAM-SHA-256-PLUS";

/// Without: over plain http, and for a browser's page, which cannot see the exporter.
pub const SHA_256: &str = "SCRAM-SHA-256";

/// Whoever shows the passphrase, in SCRAM's own words.
pub const NAME: &str = "maru";

/// Bytes of what TLS exports for a channel binding (RFC 9266, section 2).
pub const EXPORTER_BYTES: usize = 32;

/// The mechanisms a room offers on a connection, the better first.
pub fn offered(sees_exporter: bool) -> Vec<String> {
    let plus = sees_exporter.then_some(SHA_256_PLUS);
    plus.into_iter().chain([SHA_256]).map(String::from).collect()
}

/// Why a text of the other side leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScramError {
    /// It is no message of SCRAM, or not the one that is due.
    Malformed,
    /// A mechanism, or an extension that must be understood, which is not.
    Unsupported,
    /// It is bound to another connection, or to none where it could be: somebody may stand in between.
    Channel,
    /// Iterations, salt or nonce are out of bounds; see `limits`.
    OutOfBounds,
    /// The proof is of another passphrase.
    Wrong,
}

impl fmt::Display for ScramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not the SCRAM message that is due (RFC 5802)",
            Self::Unsupported => "a mechanism or an extension that is not understood here",
            Self::Channel => "bound to another connection",
            Self::OutOfBounds => "iterations, salt or nonce out of bounds",
            Self::Wrong => "another passphrase",
        })
    }
}

impl std::error::Error for ScramError {}

/// What both sides sign: the whole conversation (RFC 5802, section 3).
fn conversation(first_bare: &str, challenge: &str, last_without_proof: &str) -> String {
    format!("{first_bare},{challenge},{last_without_proof}")
}

fn keyed(key: &[u8; 32], text: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text);
    mac.finalize().into_bytes().into()
}

fn hashed(bytes: &[u8; 32]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn xor(mut left: [u8; 32], right: &[u8; 32]) -> [u8; 32] {
    left.iter_mut().zip(right).for_each(|(left, right)| *left ^= right);
    left
}

#[cfg(test)]
mod tests;
