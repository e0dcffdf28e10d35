//! `maru export`: all that is kept of a room hosted here, as lines for a script or as a page for people.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use maru_home::{HostedRoom, HostedRooms};

use crate::arguments::ExportArguments;
use crate::disk::{self, DiskError, Format};
use crate::ending::Ending;
use crate::person::Person;
use crate::words::Word;

/// Writes to standard output, or to the file that was asked for.
pub(crate) fn run(arguments: ExportArguments, person: &Person) -> Ending {
    let Some(room) = HostedRooms::open(&person.folders().data).known(&arguments.room) else {
        return Ending::NoSuchRoom(arguments.room);
    };
    let written = match &arguments.output {
        Some(path) => {
            file(path).map_err(DiskError::from).and_then(|file| write(&room, arguments.format, file))
        }
        None => write(&room, arguments.format, io::stdout().lock()),
    };
    match written {
        Ok(()) => Ending::Done,
        Err(DiskError::NothingKept) => Ending::NothingKept,
        // Whoever read it and went away (`| head -1`) has what they wanted.
        Err(DiskError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ending::Done,
        Err(DiskError::Io(error)) => Ending::NotWritten(Word::NotExported, error.to_string()),
    }
}

fn write(room: &HostedRoom, format: Format, out: impl Write) -> Result<(), DiskError> {
    let mut out = BufWriter::new(out);
    disk::export(room, format, &mut out)?;
    Ok(out.flush()?)
}

/// For its owner's eyes only, as the room itself.
fn file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
