//! The certificates by which rooms and servers are known: each by the SHA-256 of its public key, its pin. One file for
//! all of them, which several programs share.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::kept::{self, Found};

/// The pins that are known, under the identifier of a room or `host:port` of a server.
#[derive(Debug, Clone)]
pub struct Pins {
    path: PathBuf,
    broken: Option<PathBuf>,
}

/// Why a pin was not read or not kept.
#[derive(Debug)]
pub struct PinsError {
    /// Where.
    pub path: PathBuf,
    /// What the system says.
    pub source: io::Error,
}

impl Pins {
    /// Names the folder of all data; nothing need be there. A file that cannot be understood is set aside, and the person
    /// has to be told: what it knew counts as new.
    pub fn open(data: impl AsRef<Path>) -> Result<Self, PinsError> {
        let mut pins = Self { path: data.as_ref().join(FILE), broken: None };
        if let Look::Broken = pins.look()? {
            let _lock = kept::lock(&pins.path).map_err(|source| pins.failed(source))?;
            // Unless another program was faster.
            if let Look::Broken = pins.look()? {
                pins.broken = kept::set_aside(&pins.path).map_err(|source| pins.failed(source))?;
                tracing::warn!(set_aside = ?pins.broken, "the known certificates could not be understood");
            }
        }
        Ok(pins)
    }

    /// Where a file that could not be understood was set aside.
    pub fn broken(&self) -> Option<&Path> {
        self.broken.as_deref()
    }

    /// The pin that is known. An error is no reason to take a certificate for new: it is not known whether it is.
    pub fn known(&self, key: &str) -> Result<Option<String>, PinsError> {
        match self.look()? {
            Look::Nothing => Ok(None),
            Look::Whole(file) => Ok(file.pins.get(key).map(|known| known.pin.clone())),
            Look::Broken => Err(self.failed(io::ErrorKind::InvalidData.into())),
        }
    }

    /// Keeps a pin, in place of one that was known. Of more than [`PINS_MAX`] those go that were kept longest ago.
    pub fn remember(&self, key: &str, pin: &str) -> Result<(), PinsError> {
        self.change(|pins| {
            pins.insert(key.to_owned(), Known { pin: pin.to_owned(), at: kept::unix_ms() });
            while pins.len() > PINS_MAX {
                let oldest = pins.iter().filter(|(other, _)| *other != key).min_by_key(|(_, known)| known.at);
                let Some(oldest) = oldest.map(|(oldest, _)| oldest.clone()) else { break };
                pins.remove(&oldest);
            }
        })
    }

    /// Forgets a pin: whatever certificate comes next is new.
    pub fn forget(&self, key: &str) -> Result<(), PinsError> {
        if self.known(key)?.is_none() {
            return Ok(());
        }
        self.change(|pins| {
            pins.remove(key);
        })
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, Known>)) -> Result<(), PinsError> {
        let _lock = kept::lock(&self.path).map_err(|source| self.failed(source))?;
        let mut file = match self.look()? {
            Look::Nothing => File { version: VERSION, pins: BTreeMap::new() },
            Look::Whole(file) => file,
            Look::Broken => return Err(self.failed(io::ErrorKind::InvalidData.into())),
        };
        change(&mut file.pins);
        let text = serde_json::to_vec_pretty(&file).expect("pins are strings and numbers");
        kept::write(&self.path, &text).map_err(|source| self.failed(source))
    }

    fn look(&self) -> Result<Look, PinsError> {
        let found = kept::read(&self.path, FILE_BYTES_MAX).map_err(|source| self.failed(source))?;
        Ok(match found {
            Found::Nothing => Look::Nothing,
            Found::Broken => Look::Broken,
            Found::Text(text) => match serde_json::from_str::<File>(&text) {
                Ok(file) if file.version == VERSION => Look::Whole(file),
                _ => Look::Broken,
            },
        })
    }

    fn failed(&self, source: io::Error) -> PinsError {
        PinsError { path: self.path.clone(), source }
    }
}

impl std::fmt::Display for PinsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the known certificates in {} cannot be used: {}", self.path.display(), self.source)
    }
}

impl std::error::Error for PinsError {}

enum Look {
    Nothing,
    Whole(File),
    Broken,
}

#[derive(Debug, Serialize, Deserialize)]
struct File {
    version: u32,
    pins: BTreeMap<String, Known>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Known {
    pin: String,
    /// When it was kept, in milliseconds since the Unix epoch.
    at: u64,
}

const FILE: &str = "pins.json";
const VERSION: u32 = 1;

/// Certificates that are known: more rooms than anybody joins.
pub const PINS_MAX: usize = 4_096;

/// Bytes of the file that are read at all: so many pins under names of machines at their longest.
const FILE_BYTES_MAX: u64 = 2 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_pin_is_known_to_every_program_until_it_is_replaced_or_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let (here, there) = (Pins::open(folder.path()).unwrap(), Pins::open(folder.path()).unwrap());
        assert_eq!(here.known("r1").unwrap(), None);
        here.remember("r1", "a").unwrap();
        there.remember("10.0.0.2:4567", "b").unwrap();
        there.remember("r1", "c").unwrap();
        assert_eq!(here.known("r1").unwrap().as_deref(), Some("c"));
        assert_eq!(here.known("10.0.0.2:4567").unwrap().as_deref(), Some("b"));
        here.forget("r1").unwrap();
        here.forget("r2").unwrap();
        assert_eq!(there.known("r1").unwrap(), None);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_broken_file_is_set_aside_once_and_told_of_and_never_taken_for_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let before = Pins::open(folder.path()).unwrap();
        for broken in ["{", "{\"version\":2,\"pins\":{}}", "null"] {
            fs::write(folder.path().join(FILE), broken).unwrap();
            assert!(before.known("r1").is_err(), "{broken}");
            assert!(before.remember("r1", "a").is_err(), "{broken}");
            let pins = Pins::open(folder.path()).unwrap();
            assert_eq!(fs::read_to_string(pins.broken().unwrap()).unwrap(), broken);
            assert!(Pins::open(folder.path()).unwrap().broken().is_none(), "once");
            assert_eq!(before.known("r1").unwrap(), None);
        }
    }

    #[test]
    fn no_more_are_kept_than_may_be_and_the_latest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let pins = Pins::open(folder.path()).unwrap();
        let known = |at| Known { pin: "p".repeat(43), at };
        let longest = |n: usize| (format!("{n}.{}:65535", "x".repeat(253)), known(n as u64));
        let file = File { version: VERSION, pins: (0..PINS_MAX).map(longest).collect() };
        let text = serde_json::to_vec_pretty(&file).unwrap();
        assert!(text.len() as u64 + 1024 < FILE_BYTES_MAX, "{}", text.len());
        fs::write(folder.path().join(FILE), text).unwrap();
        pins.remember("r1", "a").unwrap();
        assert_eq!(pins.known("r1").unwrap().as_deref(), Some("a"));
        assert_eq!(pins.known(&longest(0).0).unwrap(), None, "the oldest has gone");
        assert!(pins.known(&longest(1).0).unwrap().is_some());
    }
}
