//! What a room keeps of its passphrase, and how it lets itself be shown it.

use std::fmt;

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::attributes::{self, Attributes};
use super::{
    EXPORTER_BYTES, Passphrase, SHA_256, SHA_256_PLUS, ScramError, conversation, hashed, keyed, xor,
};

/// All that a room knows of its passphrase (RFC 5802, section 9): enough to be shown it and to prove itself in turn, not
/// enough to show it. Whoever has it can still try passphrases on it in peace: it is for the host's account alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Verifier {
    salt: Vec<u8>,
    iterations: u32,
    stored_key: [u8; 32],
    server_key: [u8; 32],
}

/// A conversation that waits for its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    first_bare: String,
    challenge: String,
    nonce: String,
    /// What the member has to say of the channel.
    channel: String,
}

impl Verifier {
    /// Derives it from a passphrase, with chance for a salt. Takes as long as a member takes to show it.
    pub fn derive(passphrase: &Passphrase, salt: [u8; 16], iterations: u32) -> Self {
        let salted = passphrase.salted(&salt, iterations);
        let stored_key = hashed(&keyed(&salted.key, b"Client Key"));
        let server_key = keyed(&salted.key, b"Server Key");
        Self { salt: salt.to_vec(), iterations, stored_key, server_key }
    }

    /// Whether it was derived from this passphrase. Takes as long as [`Verifier::derive`].
    pub fn is_of(&self, passphrase: &Passphrase) -> bool {
        let salted = passphrase.salted(&self.salt, self.iterations);
        hashed(&keyed(&salted.key, b"Client Key")).ct_eq(&self.stored_key).into()
    }

    /// Takes a member's first text, and answers with a challenge. `nonce` is chance of this connection, never used
    /// before; `exporter` is there where the room sees the connection's TLS, so that it offered [`SHA_256_PLUS`].
    pub fn challenge(
        &self,
        mechanism: &str,
        first: &str,
        nonce: &str,
        exporter: Option<&[u8; EXPORTER_BYTES]>,
    ) -> Result<(String, Awaited), ScramError> {
        let (flag, rest) = first.split_once(',').ok_or(ScramError::Malformed)?;
        let first_bare = rest.strip_prefix(',').ok_or(ScramError::Malformed)?;
        // RFC 5802, section 6. `y` says: "I could bind the channel, but you don't offer it."
        let bound = match (mechanism, flag) {
            (SHA_256_PLUS, PLUS_FLAG) => exporter.ok_or(ScramError::Unsupported)?.as_slice(),
            (SHA_256, "n") => &[],
            (SHA_256, "y") if exporter.is_none() => &[],
            (SHA_256_PLUS | SHA_256, _) => return Err(ScramError::Channel),
            _ => return Err(ScramError::Unsupported),
        };
        let mut attributes = Attributes::of(first_bare)?;
        attributes.next('n')?;
        let theirs = attributes::nonce(attributes.next('r')?)?;
        attributes.rest()?;
        let nonce = format!("{theirs}{nonce}");
        let challenge = format!("r={nonce},s={},i={}", BASE64.encode(&self.salt), self.iterations);
        let channel = BASE64.encode(&[flag.as_bytes(), b",,", bound].concat());
        let awaited =
            Awaited { first_bare: first_bare.to_owned(), challenge: challenge.clone(), nonce, channel };
        Ok((challenge, awaited))
    }

    /// Takes a member's last text. Where it proves that the member has the passphrase, the answer proves that the room
    /// has it too.
    pub fn verify(&self, awaited: &Awaited, last: &str) -> Result<String, ScramError> {
        let (without_proof, proof) = last.rsplit_once(",p=").ok_or(ScramError::Malformed)?;
        let proof = attributes::key(proof)?;
        let mut attributes = Attributes::of(without_proof)?;
        let (channel, nonce) = (attributes.next('c')?, attributes.next('r')?);
        attributes.rest()?;
        if channel != awaited.channel {
            return Err(ScramError::Channel);
        }
        if nonce != awaited.nonce {
            return Err(ScramError::Malformed);
        }
        let said = conversation(&awaited.first_bare, &awaited.challenge, without_proof);
        let client_key = xor(proof, &keyed(&self.stored_key, said.as_bytes()));
        if !bool::from(hashed(&client_key).ct_eq(&self.stored_key)) {
            return Err(ScramError::Wrong);
        }
        Ok(format!("v={}", BASE64.encode(&keyed(&self.server_key, said.as_bytes()))))
    }
}

/// It is written down in base64.
#[derive(Serialize, Deserialize)]
struct Written {
    salt: String,
    iterations: u32,
    stored_key: String,
    server_key: String,
}

impl From<Verifier> for Written {
    fn from(verifier: Verifier) -> Self {
        Self {
            salt: BASE64.encode(&verifier.salt),
            iterations: verifier.iterations,
            stored_key: BASE64.encode(&verifier.stored_key),
            server_key: BASE64.encode(&verifier.server_key),
        }
    }
}

impl TryFrom<Written> for Verifier {
    type Error = ScramError;

    fn try_from(written: Written) -> Result<Self, ScramError> {
        let salt = BASE64.decode(written.salt.as_bytes()).map_err(|_| ScramError::Malformed)?;
        attributes::check_work(&salt, written.iterations)?;
        Ok(Self {
            salt,
            iterations: written.iterations,
            stored_key: attributes::key(&written.stored_key)?,
            server_key: attributes::key(&written.server_key)?,
        })
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("iterations", &self.iterations).finish_non_exhaustive()
    }
}

const PLUS_FLAG: &str = "p=tls-exporter";
