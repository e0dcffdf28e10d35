//! The rooms that were ever hosted here: a folder for each, with its name and what its host keeps of it, so that a
//! room hosted again is the same room to those who come back. What was said there lies in the same folder and is
//! not read here.

use std::fmt;
use std::path::{Path, PathBuf};

use maru_wire::limits::{KEPT_ENTRIES_MAX, KEPT_ENTRIES_MIN};
use maru_wire::nickname::room_name;
use maru_wire::scram::Verifier;
use maru_wire::{Keeps, NicknameError, RoomId};
use serde::{Deserialize, Serialize};

use crate::kept::{self, Found};

/// The rooms hosted here. Several processes may use the same folder.
#[derive(Debug, Clone)]
pub struct HostedRooms {
    folder: PathBuf,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostedRoom {
    /// What it stays when it is hosted again.
    pub id: RoomId,
    /// What it is called, in the form of [`room_name`].
    pub name: String,
    /// What belongs to it lies here.
    pub folder: PathBuf,
    /// What its host has chosen to keep of what is said there.
    pub keeps: Keeps,
    /// What is known of its passphrase, where it has one: enough to be shown it, and never the passphrase itself.
    pub passphrase: Option<Verifier>,
}

/// Why no room was found or made.
#[derive(Debug)]
pub enum RoomsError {
    /// This is no name for a room.
    Name(NicknameError),
    /// There are [`HOSTED_ROOMS_MAX`] already, none of that name.
    Full {
        /// Where they are.
        folder: PathBuf,
    },
    /// The room's file could not be written.
    Unwritable {
        /// Where.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A program has the room open.
    InUse,
    /// The system gave no random bytes.
    NoRandom,
}

impl HostedRooms {
    /// Names the folder of all data; nothing need be there.
    pub fn open(data: impl AsRef<Path>) -> Self {
        Self { folder: data.as_ref().join("rooms") }
    }

    /// The room of that name, made if there was none. Of several with one name it is the oldest.
    pub fn room_named(&self, name: &str) -> Result<HostedRoom, RoomsError> {
        let name = room_name(name).map_err(RoomsError::Name)?;
        if let Some(room) = self.find(&name)? {
            return Ok(self.in_folder(room));
        }
        // Two windows that host the same name at once must not make two rooms of it.
        let _lock = self.lock()?;
        if let Some(room) = self.find(&name)? {
            return Ok(self.in_folder(room));
        }
        let mut bits = [0; 16];
        getrandom::fill(&mut bits).map_err(|_| RoomsError::NoRandom)?;
        let id = RoomId::from_random(bits);
        let file = RoomFile {
            version: 1,
            id,
            name,
            made_at: kept::unix_ms(),
            keeps: Keeps::default(),
            passphrase: None,
        };
        self.write(&file)?;
        Ok(self.in_folder(file))
    }

    /// The room that goes by this name or has this identifier; none where none was ever hosted here.
    pub fn known(&self, name_or_id: &str) -> Option<HostedRoom> {
        let by_id = RoomId::parse(name_or_id).ok().and_then(|id| self.with_id(&id));
        by_id.or_else(|| self.find(&room_name(name_or_id).ok()?).ok()?.map(|room| self.in_folder(room)))
    }

    /// The room with this identifier; none where it was never hosted here.
    pub fn with_id(&self, id: &RoomId) -> Option<HostedRoom> {
        self.read(id).map(|room| self.in_folder(room))
    }

    /// Remembers what the host keeps of this room from now on. A number out of bounds comes to the nearest within.
    pub fn keep_as(&self, room: HostedRoom, keeps: Keeps) -> Result<HostedRoom, RoomsError> {
        let keeps = within_bounds(keeps);
        let _lock = self.lock()?;
        // Its file as it is now, which may differ from the room as it was when it was found.
        if let Some(file) = self.read(&room.id).filter(|file| file.keeps != keeps) {
            self.write(&RoomFile { keeps, ..file })?;
        }
        Ok(HostedRoom { keeps, ..room })
    }

    /// Remembers which passphrase everybody has to show from now on, or that there is none any more.
    pub fn guard_with(
        &self,
        room: HostedRoom,
        passphrase: Option<Verifier>,
    ) -> Result<HostedRoom, RoomsError> {
        let _lock = self.lock()?;
        if let Some(file) = self.read(&room.id).filter(|file| file.passphrase != passphrase) {
            self.write(&RoomFile { passphrase: passphrase.clone(), ..file })?;
        }
        Ok(HostedRoom { passphrase, ..room })
    }

    /// Deletes a room with all that is kept of it, unless some program has it open.
    pub fn forget(&self, id: &RoomId) -> Result<(), RoomsError> {
        let folder = self.folder.join(id.as_str());
        if !folder.exists() {
            return Ok(());
        }
        let _lock = self.lock()?;
        kept::remove_unlocked(&folder, ROOM_FILE).map_err(|source| match source.kind() {
            std::io::ErrorKind::WouldBlock => RoomsError::InUse,
            _ => RoomsError::Unwritable { path: folder, source },
        })
    }

    fn find(&self, name: &str) -> Result<Option<RoomFile>, RoomsError> {
        let mut rooms = 0;
        let mut oldest: Option<RoomFile> = None;
        for id in kept::names_in(&self.folder).filter_map(|name| RoomId::parse(&name).ok()) {
            rooms += 1;
            let Some(room) = self.read(&id).filter(|room| room.name == name) else { continue };
            let age = |room: &RoomFile| (room.made_at, room.id.clone());
            if oldest.as_ref().is_none_or(|oldest| age(&room) < age(oldest)) {
                oldest = Some(room);
            }
        }
        if oldest.is_none() && rooms >= HOSTED_ROOMS_MAX {
            return Err(RoomsError::Full { folder: self.folder.clone() });
        }
        Ok(oldest)
    }

    fn lock(&self) -> Result<kept::Lock, RoomsError> {
        kept::lock(&self.folder)
            .map_err(|source| RoomsError::Unwritable { path: self.folder.clone(), source })
    }

    fn write(&self, file: &RoomFile) -> Result<(), RoomsError> {
        let text = serde_json::to_vec_pretty(file).expect("a room is made of strings and numbers");
        let path = self.folder.join(file.id.as_str()).join(ROOM_FILE);
        kept::write(&path, &text).map_err(|source| RoomsError::Unwritable { path, source })
    }

    fn in_folder(&self, room: RoomFile) -> HostedRoom {
        let folder = self.folder.join(room.id.as_str());
        let keeps = within_bounds(room.keeps);
        HostedRoom { id: room.id, name: room.name, folder, keeps, passphrase: room.passphrase }
    }

    /// The room in the folder of this name. A broken one is left where it is: what was said there may still be
    /// of use to its person.
    fn read(&self, id: &RoomId) -> Option<RoomFile> {
        let path = self.folder.join(id.as_str()).join(ROOM_FILE);
        let room = match kept::read(&path, ROOM_FILE_BYTES_MAX) {
            Ok(Found::Text(text)) => {
                serde_json::from_str::<RoomFile>(&text).ok().filter(|room| room.id == *id)
            }
            Ok(Found::Nothing) => return None,
            Ok(Found::Broken) | Err(_) => None,
        };
        if room.is_none() {
            tracing::warn!(room = %id, "a room hosted here could not be understood");
        }
        room
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct RoomFile {
    version: u32,
    id: RoomId,
    name: String,
    /// In milliseconds since the Unix epoch.
    made_at: u64,
    /// Rooms of before there was a choice were never kept at all; from now on they are.
    #[serde(default)]
    keeps: Keeps,
    /// One that cannot be understood makes the whole file so: a room must not open without it by accident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    passphrase: Option<Verifier>,
}

fn within_bounds(keeps: Keeps) -> Keeps {
    match keeps {
        Keeps::Last { entries } => Keeps::Last { entries: entries.clamp(KEPT_ENTRIES_MIN, KEPT_ENTRIES_MAX) },
        Keeps::Everything | Keeps::Nothing => keeps,
    }
}

impl fmt::Display for RoomsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(error) => write!(f, "this is no name for a room: {error}"),
            Self::Full { folder } => {
                write!(f, "{} has {HOSTED_ROOMS_MAX} rooms: delete some folders there", folder.display())
            }
            Self::Unwritable { path, source } => {
                write!(f, "the room could not be kept in {}: {source}", path.display())
            }
            Self::InUse => f.write_str("the room is open in another program: close it there first"),
            Self::NoRandom => f.write_str("the system gave no random bytes for a room's identifier"),
        }
    }
}

impl std::error::Error for RoomsError {}

/// Rooms that were hosted here: one for each occasion over years. Each costs a small read when hosting begins.
pub const HOSTED_ROOMS_MAX: usize = 1_000;

/// Bytes of a room's file that is read at all: a name takes at most a few KiB.
const ROOM_FILE_BYTES_MAX: u64 = 16 * 1024;

const ROOM_FILE: &str = "room.json";

#[cfg(test)]
mod tests;
