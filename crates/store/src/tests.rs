//! The log as its users meet it: written, reopened, read, trimmed, searched, copied, and on a disk that fails.

use std::fs;
use std::path::Path;

use maru_room::{Draft, Page, Restored, Written};
use maru_wire::{
    Entry, Epoch, Happening, Keeps, Member, MemberId, MessageId, MessageText, Nickname, RoomId, SearchWords,
    Seq,
};
use tempfile::TempDir;

use crate::{Reader, Store, StoreOptions, Tended};

mod copies;
mod faults;
mod fold;
mod keeping;
mod opening;
mod reading;
mod searching;
mod writing;

/// A room's folder that goes with the test.
struct Rig {
    folder: TempDir,
}

impl Rig {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn open(&self) -> (Store, Restored) {
        Store::open(self.path(), &options(Keeps::Everything)).unwrap()
    }

    fn open_keeping(&self, entries: u32) -> (Store, Restored) {
        Store::open(self.path(), &options(Keeps::Last { entries })).unwrap()
    }

    fn reader(&self) -> Reader {
        Reader::open(self.path(), &room()).unwrap()
    }

    /// Whether these bytes are anywhere in the room's files.
    fn holds(&self, text: &str) -> bool {
        fs::read_dir(self.path()).unwrap().any(|file| {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        })
    }
}

fn room() -> RoomId {
    RoomId::parse("room").unwrap()
}

fn options(keeps: Keeps) -> StoreOptions {
    let epoch = |text| Epoch::parse(text).unwrap();
    StoreOptions { room: room(), keeps, epoch_if_new: epoch("e1"), next_epoch: epoch("e2"), at: 1_000 }
}

fn member(id: &str, nickname: &str, number: u32) -> Member {
    let nickname = Nickname::parse(nickname).unwrap();
    Member { id: MemberId::parse(id).unwrap(), nickname, number, host: number == 0 }
}

fn minji() -> Member {
    member("a", "민지", 0)
}

fn say(by: Member, id: &str, text: &str) -> Draft {
    let what = Happening::Said { id: MessageId::parse(id).unwrap(), text: MessageText::parse(text).unwrap() };
    Draft { by, what, at: 5_000 }
}

/// Messages of 민지, `m1` to `m{count}`, going on where the log ends.
fn say_many(store: &mut Store, count: u64) {
    let head = store.head().seq.0;
    let drafts =
        (head + 1..=head + count).map(|i| say(minji(), &format!("m{i}"), &format!("말 {i}"))).collect();
    store.write(drafts).unwrap();
}

/// Writes one message and returns its entry.
fn said(store: &mut Store, id: &str, text: &str) -> Entry {
    match store.write(vec![say(minji(), id, text)]).unwrap().pop() {
        Some(Written::New(entry)) => entry,
        other => panic!("{other:?}"),
    }
}

/// Tends until there is nothing left to do, as after a quiet while.
fn tend_all(store: &mut Store) -> Option<Seq> {
    let mut trimmed = None;
    for round in 0..3 {
        loop {
            let tended: Tended = store.tend(round * 1_000_000).unwrap();
            trimmed = tended.trimmed.or(trimmed);
            if !tended.more {
                break;
            }
        }
    }
    trimmed
}

fn seqs(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.seq.0).collect()
}

fn found(reader: &Reader, words: &str) -> Vec<u64> {
    seqs(&reader.search(&SearchWords::parse(words).unwrap(), None).unwrap().entries)
}

fn all(reader: &Reader) -> Vec<Entry> {
    let (mut entries, mut place) = (Vec::new(), Seq(0));
    loop {
        let Page { entries: page, more } = reader.after(place).unwrap();
        place = page.last().map_or(place, |entry| entry.seq);
        entries.extend(page);
        if !more {
            return entries;
        }
    }
}
