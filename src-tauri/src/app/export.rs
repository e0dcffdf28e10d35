//! A room as a file for its person: all that is kept of it where it was hosted here, otherwise what the page has.
//! Chooses the place and the name, and never writes over a file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use maru_home::HostedRoom;
use maru_store::{OpenError, Reader};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{App, lock};
use crate::error::CommandError;

/// What the page asks when it exports.
#[derive(Debug, Clone, Deserialize)]
pub struct ExportRequest {
    /// What the room is called there.
    pub name: String,
    /// What the file is to be.
    pub format: ExportFormat,
    /// What the page has of the room, in that format; none to ask for what is on this disk.
    pub loaded: Option<String>,
}

/// What an export looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ExportFormat {
    /// One JSON line an entry, for scripts.
    Jsonl,
    /// One page, for people.
    Html,
}

/// An export that is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Exported {
    /// Where it lies.
    pub path: String,
}

/// Why nothing was exported.
#[derive(Debug)]
enum ExportError {
    /// Nothing of the room is on this disk; the page has what there is.
    NotKeptHere,
    /// The file could not be written.
    Io(io::Error),
}

impl App {
    /// Writes a room out into the folder of exports.
    pub async fn export_room(&self, handle: &str, request: ExportRequest) -> Result<Exported, CommandError> {
        let id = lock(&self.0.rooms).get(handle).map(|room| room.id.clone());
        let hosted = id.and_then(|id| self.0.hosted_rooms.with_id(&id));
        let folder = self.exports().to_owned();
        let written = tauri::async_runtime::spawn_blocking(move || export(hosted, &request, &folder)).await;
        let path = written.map_err(|error| CommandError::new("data_unwritable", error))??;
        Ok(Exported { path: path.display().to_string() })
    }

    /// The folder where exports go.
    pub fn exports(&self) -> &Path {
        &self.0.settings.exports
    }
}

fn export(room: Option<HostedRoom>, request: &ExportRequest, folder: &Path) -> Result<PathBuf, ExportError> {
    let ExportRequest { name, format, loaded } = request;
    match (room, loaded) {
        (_, Some(text)) => written(folder, name, *format, |out| Ok(out.write_all(text.as_bytes())?)),
        (Some(room), None) => written(folder, &room.name, *format, |out| write_kept(&room, *format, out)),
        (None, None) => Err(ExportError::NotKeptHere),
    }
}

/// All that is kept of a room hosted here, in the order of its log.
fn write_kept(room: &HostedRoom, format: ExportFormat, out: &mut impl Write) -> Result<(), ExportError> {
    let reader = Reader::open(&room.folder, &room.id).map_err(|error| match error {
        OpenError::Missing | OpenError::KeepsNothing => ExportError::NotKeptHere,
        error => ExportError::Io(io::Error::other(error)),
    })?;
    let format = match format {
        ExportFormat::Jsonl => maru_store::ExportFormat::Jsonl,
        ExportFormat::Html => maru_store::ExportFormat::Html,
    };
    reader.export(format, &room.name, out).map(drop).map_err(|error| match error {
        maru_store::ExportError::Write(error) => ExportError::Io(error),
        maru_store::ExportError::Read(error) => ExportError::Io(io::Error::other(error)),
    })
}

/// A new file with what `write` puts into it; none where that fails.
fn written(
    folder: &Path,
    name: &str,
    format: ExportFormat,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), ExportError>,
) -> Result<PathBuf, ExportError> {
    fs::create_dir_all(folder)?;
    let (path, file) = new_file(folder, name, format)?;
    let mut out = BufWriter::new(file);
    let done = write(&mut out).and_then(|()| Ok(out.flush()?));
    if done.is_err() {
        // Half an export would pass for a whole one.
        let _ = fs::remove_file(&path);
    }
    done.map(|()| path)
}

/// The first name of `room-2026-07-03.html`, `room-2026-07-03-2.html` and so on that is free.
fn new_file(folder: &Path, name: &str, format: ExportFormat) -> io::Result<(PathBuf, File)> {
    let extension = match format {
        ExportFormat::Jsonl => "jsonl",
        ExportFormat::Html => "html",
    };
    let stem = format!("{}-{}", file_name(name), chrono::Local::now().format("%Y-%m-%d"));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    for nth in 1..=SAME_NAME_MAX {
        let nth = if nth == 1 { String::new() } else { format!("-{nth}") };
        let path = folder.join(format!("{stem}{nth}.{extension}"));
        match options.open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// A room's name as part of a file's on every system: a stranger may have chosen it.
fn file_name(room: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "-_()".contains(c) { c } else { ' ' };
    let words: String = room.chars().take(NAME_CHARS_MAX).map(plain).collect();
    let name = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() { "maru".into() } else { name }
}

impl From<io::Error> for ExportError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<ExportError> for CommandError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::NotKeptHere => Self::new("not_kept_here", "nothing of this room is on this disk"),
            ExportError::Io(error) => Self::new("data_unwritable", error),
        }
    }
}

/// Exports of one room on one day: whoever has more of them wants to look into the folder.
const SAME_NAME_MAX: u32 = 1_000;

/// Characters of a room's name in the name of a file. With three bytes each it stays below the 255 that most systems
/// allow.
const NAME_CHARS_MAX: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_part_of_a_file_name_and_nothing_else() {
        assert_eq!(file_name("점심 모임"), "점심 모임");
        assert_eq!(file_name("../../etc/passwd"), "etc passwd");
        assert_eq!(file_name("C:\\x|y?\u{202e}z"), "C x y z");
        assert_eq!(file_name(".."), "maru");
        assert_eq!(file_name(&"가".repeat(300)).chars().count(), NAME_CHARS_MAX);
    }

    #[test]
    fn what_fails_half_way_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let failed = written(folder.path(), "방", ExportFormat::Html, |out| {
            out.write_all(b"half")?;
            Err(ExportError::NotKeptHere)
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
