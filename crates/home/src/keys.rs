//! Who this person is in each room: one Ed25519 key (RFC 8032) a room, made when it is first entered. The
//! secrets stay in one file; none is ever part of an error, a log line or a frame.

use std::fmt;
use std::path::{Path, PathBuf};

use data_encoding::BASE64URL_NOPAD;
pub use ed25519_dalek::SigningKey;
use ed25519_dalek::{SECRET_KEY_LENGTH, Signer};
use maru_wire::identity::hello_to_sign;
use maru_wire::{Nonce, RoomId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::kept::{self, Found};

/// The keys of this person. Several processes may use the same file.
#[derive(Debug)]
pub struct Keys {
    path: PathBuf,
    broken: Option<PathBuf>,
}

/// Why there is no key.
#[derive(Debug)]
pub enum KeyError {
    /// There is a file of keys that this program may not read; it was left alone.
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The new key could not be kept, or a broken file not be set aside.
    Unwritable {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The system gave no random bytes.
    NoRandom,
}

/// What a member shows in `hello` to prove who they are; both in base64url.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelloProof {
    /// The public key.
    pub key: String,
    /// The signature.
    pub signature: String,
}

/// Signs a `hello` for this room, nonce and channel (see [`maru_wire::identity`]).
pub fn sign_hello(key: &SigningKey, room: &RoomId, nonce: &Nonce, channel: &str) -> HelloProof {
    let signature = key.sign(&hello_to_sign(room, nonce, channel));
    HelloProof {
        key: BASE64URL_NOPAD.encode(key.verifying_key().as_bytes()),
        signature: BASE64URL_NOPAD.encode(&signature.to_bytes()),
    }
}

impl Keys {
    /// Opens the keys in a folder. A file that cannot be understood is set aside, see [`Self::broken`].
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, KeyError> {
        let mut keys = Self { path: folder.as_ref().join("keys.json"), broken: None };
        keys.broken = keys.read()?.1;
        Ok(keys)
    }

    /// The key for a room, made and kept if there is none yet. Of more than [`KEYS_MAX`] the one that was
    /// unused for longest is forgotten.
    pub fn key_for(&self, room: &RoomId) -> Result<SigningKey, KeyError> {
        let now = kept::unix_ms();
        // Most often there is one, and it can be used also where nothing can be written.
        if let Some(found) = self.read()?.0.rooms.iter().find(|kept| kept.room == *room) {
            let seed = found.seed.0;
            if now.saturating_sub(found.used_at) > USE_NOTED_AFTER_MS {
                let _ = self.note_use(room, now);
            }
            return Ok(SigningKey::from_bytes(&seed));
        }
        let _lock = kept::lock(&self.path).map_err(|source| self.unwritable(source))?;
        let (mut file, _) = self.read()?;
        // Another process may have made it meanwhile.
        if let Some(found) = file.rooms.iter().find(|kept| kept.room == *room) {
            return Ok(SigningKey::from_bytes(&found.seed.0));
        }
        let mut seed = [0; SECRET_KEY_LENGTH];
        getrandom::fill(&mut seed).map_err(|_| KeyError::NoRandom)?;
        file.rooms.push(RoomKey { room: room.clone(), seed: Seed(seed), used_at: now });
        // The new one stays, even where the clock was put back.
        file.rooms.sort_by_key(|kept| (kept.room != *room, std::cmp::Reverse(kept.used_at)));
        file.rooms.truncate(KEYS_MAX);
        self.write(&file)?;
        Ok(SigningKey::from_bytes(&seed))
    }

    /// Where a file of keys lies that could not be understood when they were opened. The person is a new
    /// member in each of its rooms, and should be told.
    pub fn broken(&self) -> Option<&Path> {
        self.broken.as_deref()
    }

    fn note_use(&self, room: &RoomId, now: u64) -> Result<(), KeyError> {
        let _lock = kept::lock(&self.path).map_err(|source| self.unwritable(source))?;
        let (mut file, _) = self.read()?;
        if let Some(found) = file.rooms.iter_mut().find(|kept| kept.room == *room) {
            found.used_at = now;
            self.write(&file)?;
        }
        Ok(())
    }

    fn read(&self) -> Result<(KeysFile, Option<PathBuf>), KeyError> {
        let found = kept::read(&self.path, KEYS_BYTES_MAX)
            .map_err(|source| KeyError::Unreadable { path: self.path.clone(), source })?;
        let file = match found {
            Found::Nothing => return Ok((KeysFile::default(), None)),
            Found::Text(text) => serde_json::from_str(&text).ok(),
            Found::Broken => None,
        };
        if let Some(file) = file {
            return Ok((file, None));
        }
        let aside = kept::set_aside(&self.path).map_err(|source| self.unwritable(source))?;
        tracing::warn!(set_aside = ?aside, "the keys could not be understood");
        Ok((KeysFile::default(), aside))
    }

    fn write(&self, file: &KeysFile) -> Result<(), KeyError> {
        let text = serde_json::to_vec_pretty(file).expect("keys are made of strings and numbers");
        kept::write(&self.path, &text).map_err(|source| self.unwritable(source))
    }

    fn unwritable(&self, source: std::io::Error) -> KeyError {
        KeyError::Unwritable { path: self.path.clone(), source }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, source } => {
                write!(f, "the keys in {} could not be read: {source}", path.display())
            }
            Self::Unwritable { path, source } => {
                write!(f, "the key could not be kept in {}: {source}", path.display())
            }
            Self::NoRandom => f.write_str("the system gave no random bytes for a key"),
        }
    }
}

impl std::error::Error for KeyError {}

#[derive(Serialize, Deserialize)]
struct KeysFile {
    version: u32,
    rooms: Vec<RoomKey>,
}

impl Default for KeysFile {
    fn default() -> Self {
        Self { version: 1, rooms: Vec::new() }
    }
}

#[derive(Serialize, Deserialize)]
struct RoomKey {
    room: RoomId,
    seed: Seed,
    /// When it was last asked for, in milliseconds since the Unix epoch, exact to a day.
    used_at: u64,
}

/// A secret. It has no `Debug`, so that nothing that holds it can be printed.
struct Seed([u8; SECRET_KEY_LENGTH]);

impl Serialize for Seed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Seed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| serde::de::Error::custom("a seed has 32 bytes in base64url"))
    }
}

/// Rooms whose key is kept: years of joining a new room each day.
pub const KEYS_MAX: usize = 1_000;

/// Bytes of a file of keys that is read at all: [`KEYS_MAX`] take about 150 KiB.
const KEYS_BYTES_MAX: u64 = 1024 * 1024;

/// How exactly the last use is known: a write a day is no burden on a disk.
const USE_NOTED_AFTER_MS: u64 = 24 * 60 * 60 * 1_000;

#[cfg(test)]
mod tests;
