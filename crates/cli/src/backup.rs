//! `maru backup`: a room hosted here, whole and as it is at one moment, in a file of its own.

use maru_home::HostedRooms;

use crate::arguments::BackupArguments;
use crate::disk::{self, DiskError};
use crate::ending::Ending;
use crate::person::Person;
use crate::words::{Word, Words};

/// Backs the room up. A file that is there already is never written over: it may be the last good one.
pub(crate) fn run(arguments: BackupArguments, person: &Person, words: Words) -> Ending {
    let Some(room) = HostedRooms::open(&person.folders().data).known(&arguments.room) else {
        return Ending::NoSuchRoom(arguments.room);
    };
    if arguments.file.exists() {
        let path = arguments.file.display().to_string();
        return Ending::Usage(words.with(Word::FileExists, &[("path", &path)]));
    }
    match disk::back_up(&room, &arguments.file) {
        Ok(()) => Ending::Done,
        Err(DiskError::NothingKept) => Ending::NothingKept,
        Err(DiskError::Io(error)) => Ending::NotWritten(Word::NotBackedUp, error.to_string()),
    }
}
