//! How a member shows a room its passphrase, and learns whether the room has it too.

use std::fmt;

use data_encoding::BASE64;
use subtle::ConstantTimeEq;

use super::attributes::{self, Attributes};
use super::{
    EXPORTER_BYTES, NAME, SHA_256, SHA_256_PLUS, Salted, ScramError, conversation, hashed, keyed, xor,
};
use crate::limits::SCRAM_BYTES_MAX;

/// What the conversation is bound to (RFC 5802, section 6).
#[derive(Clone, PartialEq, Eq)]
pub enum Binding {
    /// Nothing: we see no exporter.
    None,
    /// Nothing, since the room does not offer it, though we could.
    NotOffered,
    /// What the connection's TLS exports (RFC 9266): whoever stands in between has another one.
    Exporter([u8; EXPORTER_BYTES]),
}

/// A conversation that waits for its challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    binding: Binding,
    nonce: String,
}

/// A conversation that waits for the salted passphrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub(super) mechanism: &'static str,
    pub(super) first_bare: String,
    pub(super) challenge: String,
    pub(super) last_without_proof: String,
    pub(super) salt: Vec<u8>,
    pub(super) iterations: u32,
}

/// What a room that has the passphrase will answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Promise([u8; 32]);

impl Opening {
    /// Begins a conversation, with chance for a nonce.
    pub fn new(binding: Binding, nonce: [u8; 16]) -> Self {
        Self { binding, nonce: BASE64.encode(&nonce) }
    }

    /// The mechanism it is.
    pub fn mechanism(&self) -> &'static str {
        match self.binding {
            Binding::None | Binding::NotOffered => SHA_256,
            Binding::Exporter(_) => SHA_256_PLUS,
        }
    }

    /// The first text.
    pub fn first(&self) -> String {
        format!("{}{}", self.binding.header(), self.first_bare())
    }

    /// Takes the room's challenge. One that asks for too much work is refused: a hostile room must not keep a phone
    /// busy; and so is one that asks for too little, which would be easy to guess from.
    pub fn challenged(self, challenge: &str) -> Result<Asked, ScramError> {
        let mut attributes = Attributes::of(challenge)?;
        let nonce = attributes::nonce(attributes.next('r')?)?;
        let salt = BASE64.decode(attributes.next('s')?.as_bytes()).map_err(|_| ScramError::Malformed)?;
        let iterations = attributes.next('i')?.parse().map_err(|_| ScramError::Malformed)?;
        attributes.rest()?;
        if !nonce.starts_with(&self.nonce) || nonce.len() == self.nonce.len() {
            return Err(ScramError::Malformed);
        }
        attributes::check_work(&salt, iterations)?;
        let bound = match &self.binding {
            Binding::None | Binding::NotOffered => &[][..],
            Binding::Exporter(exporter) => exporter,
        };
        let channel = BASE64.encode(&[self.binding.header().as_bytes(), bound].concat());
        Ok(Asked {
            mechanism: self.mechanism(),
            first_bare: self.first_bare(),
            challenge: challenge.to_owned(),
            last_without_proof: format!("c={channel},r={nonce}"),
            salt,
            iterations,
        })
    }

    fn first_bare(&self) -> String {
        format!("n={NAME},r={}", self.nonce)
    }
}

impl Asked {
    /// The mechanism it is.
    pub fn mechanism(&self) -> &'static str {
        self.mechanism
    }

    /// The room's salt.
    pub fn salt(&self) -> &[u8] {
        &self.salt
    }

    /// How often the passphrase is to be hashed, within bounds.
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// The last text, which proves that we have the passphrase, and what the room has to answer.
    pub fn answer(self, salted: &Salted) -> (String, Promise) {
        let said = conversation(&self.first_bare, &self.challenge, &self.last_without_proof);
        let client_key = keyed(&salted.key, b"Client Key");
        let proof = xor(client_key, &keyed(&hashed(&client_key), said.as_bytes()));
        let promise = keyed(&keyed(&salted.key, b"Server Key"), said.as_bytes());
        (format!("{},p={}", self.last_without_proof, BASE64.encode(&proof)), Promise(promise))
    }
}

impl Promise {
    /// Whether the room's answer shows that it has the passphrase itself.
    pub fn is_kept(&self, answer: &str) -> bool {
        let signature = answer.strip_prefix("v=").filter(|_| answer.len() <= SCRAM_BYTES_MAX);
        let signature = signature.and_then(|rest| rest.split(',').next());
        let signature = signature.and_then(|text| attributes::key(text).ok());
        signature.is_some_and(|signature| signature.ct_eq(&self.0).into())
    }
}

impl Binding {
    fn header(&self) -> &'static str {
        match self {
            Self::None => "n,,",
            Self::NotOffered => "y,,",
            Self::Exporter(_) => "p=tls-exporter,,",
        }
    }
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.header())
    }
}

impl fmt::Debug for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Promise")
    }
}
