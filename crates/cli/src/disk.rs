//! What lies on disk of a room hosted here, read from outside. The only file that calls the store for it.

use std::io::{self, Write};
use std::path::Path;

use maru_home::HostedRoom;
use maru_store::{ExportError, ExportFormat, OpenError, Reader};

/// What an export looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// One JSON line an entry, for scripts.
    Jsonl,
    /// One page, for people.
    Html,
}

/// Why a room could not be read or written out.
#[derive(Debug)]
pub(crate) enum DiskError {
    /// Nothing of it is on disk.
    NothingKept,
    /// The system would not do it.
    Io(io::Error),
}

impl From<io::Error> for DiskError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Writes all that is kept of a room, in the order of its log.
pub(crate) fn export(room: &HostedRoom, format: Format, out: &mut impl Write) -> Result<(), DiskError> {
    let format = match format {
        Format::Jsonl => ExportFormat::Jsonl,
        Format::Html => ExportFormat::Html,
    };
    reader(room)?.export(format, &room.name, out).map(drop).map_err(|error| match error {
        ExportError::Write(error) => DiskError::Io(error),
        ExportError::Read(error) => DiskError::Io(io::Error::other(error)),
    })
}

/// Copies the room as it is at one moment into a file that is not there yet, also while it is hosted.
pub(crate) fn back_up(room: &HostedRoom, file: &Path) -> Result<(), DiskError> {
    reader(room)?.back_up(file).map_err(|error| DiskError::Io(io::Error::other(error)))
}

fn reader(room: &HostedRoom) -> Result<Reader, DiskError> {
    Reader::open(&room.folder, &room.id).map_err(|error| match error {
        OpenError::Missing | OpenError::KeepsNothing => DiskError::NothingKept,
        error => DiskError::Io(io::Error::other(error)),
    })
}
