//! The rooms that were joined from here: a folder for each, with its name and the addresses it was found at, so that
//! it is found again, also while it is away. What was heard there lies in the same folder and is not read here.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use maru_wire::RoomId;
use maru_wire::limits::ADDRESS_CHARS_MAX;
use maru_wire::nickname::room_name;
use serde::{Deserialize, Serialize};

use crate::kept::{self, Found};

/// The rooms joined from here. Several processes may use the same folder.
#[derive(Debug, Clone)]
pub struct JoinedRooms {
    folder: PathBuf,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinedRoom {
    /// Which.
    pub id: RoomId,
    /// What it was called last.
    pub name: String,
    /// Where it was found, the latest first.
    pub addresses: Vec<String>,
    /// When it was entered last, in milliseconds since the Unix epoch.
    pub at: u64,
}

/// Why a room was not noted or not forgotten.
#[derive(Debug)]
pub struct JoinedError {
    /// Where.
    pub path: PathBuf,
    /// What the system says.
    pub source: std::io::Error,
}

impl JoinedRooms {
    /// Names the folder of all data; nothing need be there.
    pub fn open(data: impl AsRef<Path>) -> Self {
        Self { folder: data.as_ref().join("joined") }
    }

    /// Where the folders of the rooms lie, each named after its room.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The room that was found at this address last.
    pub fn at_address(&self, address: &str) -> Option<RoomId> {
        let found = self.list().into_iter().find(|room| room.addresses.iter().any(|at| at == address));
        found.map(|room| room.id)
    }

    /// All of them, the latest first.
    pub fn list(&self) -> Vec<JoinedRoom> {
        let ids = kept::names_in(&self.folder).filter_map(|name| RoomId::parse(&name).ok());
        let mut rooms: Vec<JoinedRoom> = ids.filter_map(|id| self.read(&id)).collect();
        rooms.sort_by_key(|room| std::cmp::Reverse(room.at));
        rooms
    }

    /// Notes that a room was entered at this address. Another room that was found there before is not any more.
    pub fn note(&self, id: &RoomId, name: &str, address: &str) -> Result<(), JoinedError> {
        let failed = |source| JoinedError { path: self.folder.clone(), source };
        if address.chars().nth(ADDRESS_CHARS_MAX).is_some() {
            return Ok(());
        }
        // Two windows that enter rooms at once must not lose each other's notes.
        let _lock = kept::lock(&self.folder).map_err(failed)?;
        let now = kept::unix_ms();
        for mut other in self.list() {
            let known = other.addresses.len();
            other.addresses.retain(|at| at != address);
            if other.id != *id && other.addresses.len() < known {
                self.write(&other)?;
            }
        }
        let mut addresses = self.read(id).map(|room| room.addresses).unwrap_or_default();
        addresses.retain(|at| at != address);
        addresses.insert(0, address.to_owned());
        addresses.truncate(ADDRESSES_MAX);
        // A stranger chose the name; one that is none must not hide how to get back there.
        let name = room_name(name).unwrap_or_else(|_| id.to_string());
        self.write(&JoinedRoom { id: id.clone(), name, addresses, at: now })
    }

    /// Forgets a room, once what was heard there is forgotten: a folder with anything else in it stays.
    pub fn forget(&self, id: &RoomId) -> Result<(), JoinedError> {
        let path = self.folder.join(id.as_str()).join(ROOM_FILE);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(JoinedError { path, source });
            }
            _ => {}
        }
        let _ = fs::remove_dir(self.folder.join(id.as_str()));
        Ok(())
    }

    fn read(&self, id: &RoomId) -> Option<JoinedRoom> {
        let path = self.folder.join(id.as_str()).join(ROOM_FILE);
        let Ok(Found::Text(text)) = kept::read(&path, ROOM_FILE_BYTES_MAX) else { return None };
        let file: RoomFile = serde_json::from_str(&text).ok().filter(|room: &RoomFile| room.id == *id)?;
        Some(JoinedRoom { id: file.id, name: file.name, addresses: file.addresses, at: file.at })
    }

    fn write(&self, room: &JoinedRoom) -> Result<(), JoinedError> {
        let JoinedRoom { id, name, addresses, at } = room.clone();
        let path = self.folder.join(id.as_str()).join(ROOM_FILE);
        let file = RoomFile { version: 1, id, name, addresses, at };
        let text = serde_json::to_vec_pretty(&file).expect("a room is made of strings and numbers");
        kept::write(&path, &text).map_err(|source| JoinedError { path, source })
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct RoomFile {
    version: u32,
    id: RoomId,
    name: String,
    addresses: Vec<String>,
    at: u64,
}

impl fmt::Display for JoinedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a joined room could not be noted in {}: {}", self.path.display(), self.source)
    }
}

impl std::error::Error for JoinedError {}

/// Addresses of one room that are remembered: those of a machine that wanders between networks.
const ADDRESSES_MAX: usize = 8;

/// Bytes of a room's file that is read at all: its name, and its addresses at their longest.
const ROOM_FILE_BYTES_MAX: u64 = 128 * 1024;

const ROOM_FILE: &str = "room.json";

#[cfg(test)]
mod tests;
